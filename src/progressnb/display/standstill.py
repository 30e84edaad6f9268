"""Loops that give no turns, since code that runs on them does not await: `time.sleep` in an async function.

Whoever paints asks the loops of its runs for a turn, from a thread of its own, and paints there where none comes.
Without it the bar would stand still with no word, and a click on Stop would do nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import weakref
from functools import partial
from typing import TYPE_CHECKING

from progressnb.folds.words import duration_text
from progressnb.tracking.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from progressnb.tracking.protocols import Watchable

__all__ = ["Lookout", "standstill_of"]

BEAT = 1.0
"""Seconds between two looks."""

LONG = 3.0
"""Seconds without a turn of the loop, and without an event of the run, after which a screen says so."""

_asked: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, float] = weakref.WeakKeyDictionary()
"""The times at which loops were asked for a turn that they still owe, in seconds of `time.monotonic`."""


class Lookout:
    """Looks each second whether the loops of runs give turns, and paints where one has given none for long."""

    def __init__(self, runs: Callable[[], Iterable[Watchable]], paint: Callable[[Watchable], None]) -> None:
        """Take the function that returns the runs at work, and the one that paints; both are called on a thread."""
        self._runs = runs
        self._paint = paint
        self._looking = False

    def begin(self, run: Watchable) -> None:
        """Look until no run is at work; at runs with clocks of their own there is nothing to see."""
        if not self._looking and isinstance(run.clock, SystemClock):
            self._looking = True
            self._look_later()

    def _look_later(self) -> None:
        # Not held by the timer: what it paints for may go.
        SystemClock().call_later(BEAT, partial(_look, weakref.ref(self)))

    def look(self) -> None:
        """Ask each loop for a turn, and paint the runs of those that owe one for long."""
        runs = [run for run in self._runs() if not run.log.ended]
        for run in runs:
            _ask_for_turn(run)
        blocked = next((run for run in runs if standstill_of(run)), None)
        if blocked is not None:
            self._paint(blocked)
        self._looking = bool(runs)
        if runs:
            self._look_later()


def _look(lookout: weakref.ref[Lookout]) -> None:
    if (found := lookout()) is not None:
        found.look()


def standstill_of(run: Watchable) -> str:
    """Return for how long code has kept a run from its turns, in words; empty where that is not for long."""
    loop = _loop_of(run)
    since = None if loop is None else _asked.get(loop)
    # Whose code reports without awaiting is at work, and is painted as it reports.
    if since is None or run.log.ended or run.elapsed - run.state.elapsed < LONG:
        return ""
    seconds = time.monotonic() - since
    return f"its code has not awaited for {duration_text(seconds, finest='seconds')}" if seconds >= LONG else ""


def _ask_for_turn(run: Watchable) -> None:
    loop = _loop_of(run)
    if loop is not None and loop not in _asked:
        _asked[loop] = time.monotonic()
        with contextlib.suppress(RuntimeError):  # it was closed meanwhile
            loop.call_soon_threadsafe(_asked.pop, loop, None)


def _loop_of(run: Watchable) -> asyncio.AbstractEventLoop | None:
    """Return the loop on which the task of a run is at work."""
    task = getattr(run, "task", None)
    return task.get_loop() if isinstance(task, asyncio.Task) and not task.done() else None
