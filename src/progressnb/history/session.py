"""The history of the session: `use_history` sets it, and readers without a history of their own use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from progressnb.errors import HistoryError
from progressnb.history.history import History
from progressnb.tracking.session import configure, current_session

if TYPE_CHECKING:
    import os

__all__ = ["the_history", "use_history"]


@overload
def use_history(history: None, *, contents: bool = False) -> None: ...
@overload
def use_history(history: str | os.PathLike[str] | History, *, contents: bool = False) -> History: ...
def use_history(history: str | os.PathLike[str] | History | None, *, contents: bool = False) -> History | None:
    """Record every run from now on.

    Inside a `with pnb.configure.local(…)` block this holds for the block, else for the process. A run that is recorded
    already stays with its history.

    Args:
        history: The path of a file, which is made if it is missing; an open history; or None to record no more.
        contents: With a path: keep what people and models write too: inputs, outputs, results, messages, texts of
            errors. They are often personal data. `resume_run` and `replay` of results need them.

    Returns:
        The history, or None for None.

    Raises:
        HistoryError: For a file that can't be used.

    Example:
        ::

            history = pnb.use_history("runs.db")
            await report("tides")
            history.runs()

    """
    if history is None:
        configure(history=None)
        return None
    used = history if isinstance(history, History) else History(history, contents=contents, create=True)
    configure(history=used)
    return used


def the_history(history: History | None = None) -> History:
    """Return the given history, or else that of the session. Raises `HistoryError` where there is none."""
    used = history or current_session().history
    if not isinstance(used, History):
        raise HistoryError("a history", "none", 'Call pnb.use_history("runs.db") first, or pass history=.')
    return used
