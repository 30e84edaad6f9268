"""One run of a panel: its latest tree, and what the panel keeps of it when it has ended."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, cast

from progressnb.display.items import Items, opens_items
from progressnb.display.looks import tree_of
from progressnb.display.past import remember
from progressnb.display.standstill import standstill_of
from progressnb.folds.batch_view import item_key, with_items
from progressnb.folds.view import RunView, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from progressnb.display.past import Past
    from progressnb.folds.state import RunState
    from progressnb.folds.tree import RunTree
    from progressnb.tracking.protocols import Watchable

__all__ = ["Entry"]

LOCK = 0.05
"""Seconds to wait for a run's lock: another thread may hold it and wait for a paint."""

INTERRUPT = "interrupt the kernel to stop"
"""The words in the place of Stop where the kernel hears no click while a cell awaits."""

WAITS = "Stop and Interrupt are heard at its next await; what takes long without one can await asyncio.to_thread(…)"
"""The advice where code keeps the loop: a kernel's Interrupt cancels the task of the cell, at its next await too."""

LIVE_ROWS, FINAL_ROWS = 30, 200
"""Stages of the trace: while the run goes on, so that a paint is small, and in what stays of it."""


class Entry:
    """A run in a panel. It is held strongly until it has ended, then weakly: its user decides how long it lives.

    Its events are remembered longer (`past.py`).

    Attributes:
        key: The key of the run in its panel.
        ended: Whether the tree is that of the end.
        items: The items of a batch that somebody has opened.

    """

    def __init__(self, run: Watchable, key: str, *, compact: bool, stops: Callable[[], bool]) -> None:
        """Take in a run; `stops` tells whether a click on Stop is heard now."""
        self.key = key
        self.ended = False
        self._run: Watchable | None = run
        self._reference = weakref.ref(run)
        self._past: weakref.ref[Past] | None = None
        self._compact = compact
        self._stops = stops
        self._view = RunView(key, run.operation)
        self._tree: RunTree | None = None
        self.items: Items[Entry] = Items(
            lambda index, item: Entry(item, item_key(key, index), compact=False, stops=stops)
        )

    @property
    def tree(self) -> RunTree:
        """The latest tree. The first is drawn when somebody asks for it: of short runs nobody does before the end."""
        if self._tree is None:
            run = cast("Watchable", self.run)  # held until a tree of its end was drawn
            self._tree = self._draw(run, controls=self._controls(run))
        return self._tree

    @property
    def waits(self) -> bool:
        """Whether the run waited for somebody when its tree was drawn."""
        return self._tree is not None and self._tree["header"]["status"] == "waiting"

    @property
    def run(self) -> Watchable | None:
        """The run or what is remembered of it; None if it has ended and nobody holds it any more."""
        return self._run or self._reference() or (self._past() if self._past is not None else None)

    @property
    def at_work(self) -> bool:
        """Whether the run goes on."""
        run = self._run  # read once: another thread may let go of it
        return run is not None and not run.log.ended

    def refresh(self, *, whole: bool = True, ended_too: bool = False) -> None:
        """Bring the tree up to date. One that is locked by another thread keeps its tree until the next paint.

        A tree that is not `whole` has what a row of a group says.
        """
        if (self.ended and not ended_too) or (run := self.run) is None:
            return
        self.items.refresh()  # without the lock of this run
        controls = self._controls(run)  # likewise: a run that is served elsewhere asks its server
        if not run.log.lock.acquire(timeout=LOCK):
            return
        try:
            self._tree, self.ended = self._draw(run, controls=controls, whole=whole), run.log.ended
        finally:
            run.log.lock.release()
        if self.ended and self._run is not None:
            self._past = weakref.ref(remember(run))
            self._run = None
            self._view = RunView(self.key, run.operation)  # without what it kept of long texts

    def slim(self) -> None:
        """Keep of a run that has ended and is not open only what its row says."""
        if self.ended and self.tree["trace"]:
            self._tree = {**self.tree, "answer": None, "trace": [], "thinking": ""}

    def at(self, seconds: float) -> RunTree | None:
        """Return the tree of an earlier moment, in seconds since the run began; None if the run is gone."""
        run = self.run
        if run is None:
            return None
        return self._draw(run, state=moment(run.log, seconds), at=seconds)

    def _draw(
        self,
        run: Watchable,
        *,
        controls: Iterable[str] = (),
        state: RunState | None = None,
        whole: bool = True,
        at: float | None = None,
    ) -> RunTree:
        state = run.state if state is None else state
        rows = FINAL_ROWS if run.log.ended and whole else LIVE_ROWS
        tree = tree_of(run, self._view, state=state, controls=controls, rows=rows, whole=whole, at=at)
        if link := getattr(run, "link", ""):
            tree["link"] = link
        if self._compact:
            bare: Any = {"answer": None, "thinking": "", "trace": [], "notes": []}
            tree.update(bare)
        if "batch" in tree:
            tree = with_items(tree, self.items.trees, hears=self._stops() and opens_items(run))
        if standstill_of(run):
            tree["notes"] = [WAITS, *tree["notes"]]
        elif not state.ended and not self._stops():
            tree["notes"] = [INTERRUPT, *tree["notes"]]
        return tree

    def _controls(self, run: Watchable) -> set[str]:
        # Where no click is heard, no act of the page arrives either.
        return {"stop", *getattr(run, "controls", ())} if self._stops() else set()
