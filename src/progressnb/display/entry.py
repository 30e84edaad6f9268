"""One run of a panel: its latest tree, and what the panel keeps of it when it has ended."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, cast

from progressnb.folds.view import RunView

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.folds.state import RunState
    from progressnb.folds.tree import RunTree
    from progressnb.tracking.protocols import Watchable

__all__ = ["Entry"]

LOCK = 0.05
"""Seconds to wait for a run's lock: another thread may hold it and wait for a paint."""


class Entry:
    """A run in a panel. It is held strongly until it has ended, then weakly: its user decides how long it lives.

    Attributes:
        key: The key of the run in its panel.
        tree: The latest tree.
        ended: Whether the tree is that of the end.

    """

    def __init__(self, run: Watchable, key: str, *, compact: bool, stops: bool) -> None:
        self.key = key
        self.ended = False
        self._run: Watchable | None = run
        self._reference = weakref.ref(run)
        self._compact = compact
        self._stops = stops
        self._view = RunView()
        self.tree = self._draw(run)

    @property
    def run(self) -> Watchable | None:
        """The run, or None if it has ended and nobody holds it any more."""
        return self._run or self._reference()

    def refresh(self, *, ended_too: bool = False) -> None:
        """Bring the tree up to date. One that is locked by another thread keeps its tree until the next paint."""
        run = self.run
        if run is None or (self.ended and not ended_too) or not run.log.lock.acquire(timeout=LOCK):
            return
        try:
            self.tree, self.ended = self._draw(run), run.log.ended
        finally:
            run.log.lock.release()
        if self.ended:
            self._run = None

    def slim(self) -> None:
        """Keep of a run that has ended and is not open only what its row says."""
        if self.ended and self.tree["answer"] is not None:
            self.tree = cast("RunTree", {**self.tree, "answer": None, "trace": [], "thinking": ""})

    def at(self, seconds: float, state: RunState) -> RunTree | None:
        """Return the tree of an earlier moment, whose state is given."""
        run = self.run
        return None if run is None else self._draw(run, state=state, at=seconds)

    def _draw(self, run: Watchable, *, state: RunState | None = None, at: float | None = None) -> RunTree:
        tree = self._view.tree(
            state or run.state,
            run.elapsed if at is None else at,
            controls=() if at is not None or run.log.ended else self._controls(run),
            trouble=getattr(run, "trouble", "") or "",
            awaited=getattr(run, "awaited", True) is not False,
            at=at,
        )
        tree["key"] = self.key
        if self._compact:
            tree.update({"answer": None, "thinking": "", "trace": [], "notes": []})
        return tree

    def _controls(self, run: Watchable) -> list[str]:
        more = cast("Any", getattr(run, "controls", ()))
        return [*(["stop"] if self._stops else []), *more]
