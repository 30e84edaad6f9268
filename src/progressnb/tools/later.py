"""A loop outside any run that no history keeps and no panel shows: its run is made when somebody asks for it.

Most loops of a program last a moment, and nobody asks. In a terminal only their ends are drawn. Such a loop notes when
it began and ended. Its run is made with these times: by `pnb.runs()`, `pnb.last_run`, `pnb.current_stage()`, by
whatever reports in its body, by an error, by `break`, and by a look ten times a second.
"""

from __future__ import annotations

import threading
from contextvars import copy_context
from typing import TYPE_CHECKING, Protocol

from progressnb.execution.latest import begun
from progressnb.tools.ends import follow_ends
from progressnb.tools.rows import Counting, Row
from progressnb.tools.threads import follow_thread
from progressnb.tracking.blocks import current
from progressnb.tracking.clock import LateClock
from progressnb.tracking.current import is_apart, set_stage, stand_apart
from progressnb.tracking.session import current_session, keep_place, keep_session, shows
from progressnb.tracking.unmade import Unmade

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from progressnb.execution.driven import DrivenRun
    from progressnb.tools.bodies import Reader
    from progressnb.tracking.tracker import RunContext

__all__ = ["Later", "begin_later"]


class Waiting(Counting, Protocol):
    """The loop, as it is seen here."""

    def begin_row(self, row: Row, done: float, *, show: bool | None = None) -> None:
        """Begin a row that is made late; so many items were done before it."""
        ...

    def finish_row(self, row: Row) -> None:
        """End a row well: there are no more items."""
        ...

    def likeness(self) -> Hashable:
        """Return what tells how the loop looks that has ended well, besides its time; None where nobody knows."""
        ...


class Place(Protocol):
    """A place in a terminal that is kept for the loop."""

    def drop(self) -> None:
        """Give the place up."""
        ...

    def leave(self, likeness: Hashable, seconds: float, run: Callable[[], object]) -> None:
        """Draw how the loop has ended, as one that looks the same was drawn, or by its run."""
        ...


def begin_later(loop: Waiting, reader: Reader | None, done: float, *, show: bool | None) -> Later | None:
    """Begin a loop whose run need not be made yet, or return None.

    Args:
        loop: The loop.
        reader: The frame that iterates, or None where nobody knows it.
        done: The number of items that were done before.
        show: Whether the loop is shown; None does as the session says.

    """
    session = current_session()
    if session.history is not None or session.otel is not None:
        return None
    if not (shows() if show is None else show):
        return Later(loop, reader, done, show, None)
    place: Place | None = keep_place()
    return None if place is None else Later(loop, reader, done, show, place)


class Later(Unmade):
    """A loop that has begun here and whose run is not made yet."""

    def __init__(
        self,
        loop: Waiting,
        reader: Reader | None,
        done: float,
        show: bool | None,  # noqa: FBT001 - by one caller alone
        place: Place | None,
    ) -> None:
        self._loop, self._reader, self._done, self._show, self._place = loop, reader, done, show, place
        self._clock = LateClock()
        self._began = self._clock.moment()
        self._ended: LateClock.Moment | None = None
        self._context = copy_context()  # without this object in it
        self._session = current_session()
        self._row: Row | None = None
        self._lock = threading.RLock()
        if not is_apart():
            begun(self)
        current.set(self)
        follow_thread(self)
        follow_ends()
        self.wait()

    def finish(self) -> bool:
        """Take note that the loop has ended well; return False if its row is made, which is to be told then."""
        with self._lock:
            if self._row is not None:
                return False
            self._ended, self._reader = self._clock.moment(), None
        self.forget()
        if current.get() is self:
            set_stage(None)
        if self._place is not None:
            seconds = self._ended.monotonic - self._began.monotonic
            self._place.leave(self._loop.likeness(), seconds, self.run)
        return True

    def place(self) -> RunContext:
        """Return the run's tracker and the stage, made now; None in their places if the loop is over."""
        if self._ended is not None:
            return None, None
        row = self.row()
        return row.own.tracker if row.own is not None else None, row.stage

    def run(self) -> DrivenRun | None:
        """Return the run, made now, also of a loop that is over."""
        return self.row().own

    def row(self) -> Row:
        """Return the row, made now."""
        with self._lock:
            if self._row is None:
                self.forget()
                self._row = self._context.copy().run(self._make)
                self._reader = None
            return self._row

    def look(self) -> None:
        """Make the row of a loop that is still at work, and report how far it is."""
        with self._lock:
            if self._ended is None:
                self._loop.look(self.row())

    def settle(self, error: BaseException | None) -> None:
        """End the loop if its body was left; `error` ends what is around the loop."""
        if self._ended is None:
            self.row().settle(error)

    def renew(self) -> None:
        """Replace the lock in a forked child."""
        self._lock = threading.RLock()

    def _make(self) -> Row:
        stand_apart()
        keep_session(self._session)
        with self._clock.at(self._began):
            row = Row(self._loop, self._reader, (None, None), late=(self, self._clock))
            self._loop.begin_row(row, self._done, show=self._show if self._ended is None else False)
        if self._ended is not None:
            with self._clock.at(self._ended):
                self._loop.finish_row(row)
            if row.own is not None:
                row.own.shown = self._place is not None
        elif self._place is not None:
            self._place.drop()
        return row
