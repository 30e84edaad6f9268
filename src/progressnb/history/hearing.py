"""Wishes of other processes for runs of this one: heard by the history that records them, done, and answered truly.

So a run of a notebook is stopped by any server on the same history, and a worker needs no ears of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from progressnb.errors import ProgressError
from progressnb.history.elsewhere import Elsewhere

if TYPE_CHECKING:
    from collections.abc import Mapping

    from progressnb.history.store import Store
    from progressnb.tracking.protocols import Recordable

__all__ = ["Hearing"]


class Hearing:
    """The runs of this process that one history records, and what other processes ask of them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._elsewhere = Elsewhere(store, lambda: None)
        self._runs: WeakValueDictionary[str, Recordable] = WeakValueDictionary()
        self._seen: object = None

    def add(self, run: Recordable) -> None:
        """Hear what is asked of a run from now on."""
        if self._elsewhere.is_shared:
            self._runs[run.id] = run

    def forget(self, run_id: str) -> None:
        """Hear no more of a run that has ended."""
        self._runs.pop(run_id, None)

    def __bool__(self) -> bool:
        """Tell whether there are runs of which something may be asked."""
        return bool(self._runs)

    def hear(self) -> None:
        """Do what is asked, and answer. Raises `HistoryError` for a file that can't be used."""
        if not self._runs or (version := self._store.version(wait=False)) is None or version == self._seen:
            return
        self._seen = version  # it is read first: what is asked meanwhile is another version
        runs = dict(self._runs)
        for wish, message in self._elsewhere.asked(list(runs)):
            self._elsewhere.answer(wish, _do(runs[wish.run_id], message))


def _do(run: Recordable, message: dict[str, Any]) -> Mapping[str, str]:
    """Do to a run what a message asks, and return the parts of its refusal, none where it was done."""
    by = message.pop("by", "code")
    if run.log.ended:
        return {"kind": "RunEndedError", "expected": "a run that goes on", "got": "one that has ended"}
    act, cancel = getattr(run, "act", None), getattr(run, "cancel", None)
    try:
        if callable(act):
            act(message, by=by)
        elif callable(cancel) and message.get("kind") == "stop":
            cancel(message.get("text"))
        else:
            got = f"a {type(run).__name__}"
            return {"kind": "UnsupportedError", "expected": f"a run that takes {message.get('kind')!r}", "got": got}
    except ProgressError as error:
        kind = type(error).__name__
        return {"kind": kind, "expected": error.expected, "got": error.got, "remedy": error.remedy}
    except Exception as error:  # noqa: BLE001 - of the user's code; whoever asked is told
        return {"kind": "ProgressError", "expected": "a run that does it", "got": type(error).__name__}
    return {}
