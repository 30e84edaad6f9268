"""`EventLog`: the events of a run, append-only, thread-safe and gapless, for any number of readers."""

from __future__ import annotations

import threading
from bisect import bisect_right
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, NoReturn, TypeAlias, TypeVar, cast

from progressnb.errors import EventFormatError, RunEndedError
from progressnb.wire.codec import decode_any, encode, encode_facts, on_one_line
from progressnb.wire.events import LAST_TYPES, Event, SnapshotEvent, UnknownEvent, is_last
from progressnb.wire.forks import renew_after_fork
from progressnb.wire.loops import asyncio_loop
from progressnb.wire.making import ContentFacts, ProgressFacts, made
from progressnb.wire.pieces import Base, OpenPiece, Piece, with_oldest_packed
from progressnb.wire.subscribers import Subscribers
from progressnb.wire.tail import LARGE, Tail
from progressnb.wire.waiters import Waiters

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

__all__ = ["LIMIT", "Base", "EventLog"]

LIMIT = 64_000_000
"""Bytes of events that a log keeps; older ones are told by one snapshot."""

PATIENCE = 4
"""Times the limit that a log holds for those that keep its events and have not got all of them."""

_PIECE, _PIECE_SIZE = 500, 256_000  # events and bytes of a piece, at most
_OPEN = 2  # pieces that are never packed while the run goes on
_MOST_OPEN = 64  # pieces that wait for `tidy`: compressing them takes as long as writing their events
_AT_ONCE = 4  # pieces that `tidy` packs, in some ten milliseconds
_Part = TypeVar("_Part")
_Parts: TypeAlias = "Callable[[Piece, int, int], Sequence[_Part]]"
_PartOf: TypeAlias = "Callable[[tuple[SnapshotEvent, bytes]], _Part]"


class EventLog:
    """Keep a run's events in order and let any number of readers follow them.

    A reader is a position, not a queue: it sees every event from the seq that it asks for, in order, none twice,
    however late it comes, and never holds up the writer. Each event is encoded once, when it is appended, and has its
    seq as its position. An event of a type that only a newer version knows keeps its position and its bytes, and
    iterating passes over it.

    A log of hours is bounded. Past `limit` bytes the oldest events go, and one snapshot stands for them. A reader that
    has not passed the seq of the snapshot gets it first, then every later event.

    Args:
        base: The sum of the events that go. None keeps all.
        limit: Bytes of events that are kept.

    Attributes:
        lock: The run's one lock.
        length: The number of events so far, which the next one has as its seq.
        ended: Whether the run's last event is there.

    Example:
        ::

            for event in run.log:  # the events that are there now
                print(event)
            async for event in run.log.follow(after=41):  # from event 42 on, until the run ends
                print(event)

    """

    def __init__(self, base: Base | None = None, *, limit: int = LIMIT) -> None:
        self.limit = limit
        self._base = base
        self.lock = threading.RLock()
        self._run_id: str | None = None  # of the events that were read
        self.length = 0
        self._closed = 0  # bytes of all pieces but the open one
        # Replaced as a whole, so that readers need no lock. The last one grows.
        self._pieces: list[Piece] = [OpenPiece(0)]
        self._open = cast("OpenPiece", self._pieces[-1])
        self._snapshot: tuple[SnapshotEvent, bytes] | None = None
        self._keepers: list[Callable[[], float]] = []
        self.ended = False
        self._tail = Tail()
        self._followers = 0
        self._wakers = Waiters()
        self._subscribers = Subscribers()
        renew_after_fork(self)

    def renew(self) -> None:
        """Forget the readers, and a writer at work: in a forked process they are the parent's."""
        self.lock = threading.RLock()
        self._followers, self._wakers, self._subscribers = 0, Waiters(), Subscribers()
        self._keepers.clear()

    @property
    def first(self) -> int:
        """The seq of the first event that is kept; above 0 a snapshot stands for those before."""
        return self._pieces[0].first

    @property
    def size(self) -> int:
        """Bytes of the events that are kept."""
        return self._closed + self._open.size

    @property
    def is_own(self) -> bool:
        """Whether this version laid out all lines: none was read."""
        return self._run_id is None

    def __len__(self) -> int:
        """Count the events so far; the next one has this seq."""
        return self.length

    def __getitem__(self, seq: int) -> Event:
        """Return the event of a seq, or the snapshot that stands for it; an unknown type is an `UnknownEvent`."""
        at = seq + self.length if seq < 0 else seq
        if not 0 <= at < self.length:
            raise IndexError(seq)
        return cast("Event", next(self._events(at, at + 1)))

    def __iter__(self) -> Iterator[Event]:
        """Go through the events that are there now, without waiting."""
        return (event for event in self._events(0, self.length) if not isinstance(event, UnknownEvent))

    def encoded(self, after: int = -1, count: int | None = None) -> list[bytes]:
        """Return the bytes of the events after a seq, of so many at most, as they were encoded when appended."""
        return [*self._walk(*self._range(after, count), _lines_of, itemgetter(1))]

    def read(self, after: int = -1, count: int | None = None) -> list[tuple[Event | UnknownEvent, bytes]]:
        """Return the events after a seq with their bytes, of so many at most."""
        some = [*self._walk(*self._range(after, count), self._with_lines, lambda snapshot: snapshot)]
        if self.ended and not self._followers and some and some[-1][0].seq == self.length - 1:
            self._tail.clear()
        return some

    def lines(self, seq: int) -> tuple[int, list[bytes]]:
        """Return the bytes of the events from a seq on, as many as lie together, and the seq of the first of them.

        Where the log no longer has the event, that is the snapshot which stands for it. Behind the last event there are
        none. No event is made of the bytes: this is for those who pass them on.
        """
        some, after = self._step(seq, self.length, _lines_of, itemgetter(1))
        return after - len(some), [*some]

    def _range(self, after: int, count: int | None) -> tuple[int, int]:
        first, end = max(0, after + 1), self.length
        return first, end if count is None else min(end, first + count)

    def _events(self, first: int, end: int) -> Iterator[Event | UnknownEvent]:
        return self._walk(first, end, self._tail.events, itemgetter(0))

    def _with_lines(self, piece: Piece, first: int, end: int) -> list[tuple[Event | UnknownEvent, bytes]]:
        lines = piece.lines(first, end)
        return [*zip(self._tail.events(piece, first, first + len(lines)), lines, strict=False)]

    def _walk(self, position: int, end: int, parts: _Parts[_Part], part_of: _PartOf[_Part]) -> Iterator[_Part]:
        """Go through events, their bytes or both, from a seq up to another; see `_step`."""
        while position < end:
            some, position = self._step(position, end, parts, part_of)
            yield from some

    def _step(
        self, position: int, end: int, parts: _Parts[_Part], part_of: _PartOf[_Part]
    ) -> tuple[Sequence[_Part], int]:
        """Return some that lie together, or the snapshot that stands for what is gone, and the seq that follows."""
        pieces = self._pieces
        if position < pieces[0].first:
            snapshot = self._snapshot_now()
            return [part_of(snapshot)], snapshot[0].seq + 1
        piece = pieces[bisect_right(pieces, position, key=attrgetter("first")) - 1]
        some = parts(piece, position - piece.first, end - piece.first)
        return some, position + len(some)

    def _snapshot_now(self) -> tuple[SnapshotEvent, bytes]:
        with self.lock:
            if self._base is not None and (self._snapshot is None or self._snapshot[0].seq + 1 < self.first):
                event = self._base.snapshot()
                self._snapshot = event, encode(event)
            return cast("tuple[SnapshotEvent, bytes]", self._snapshot)

    def append(self, make: Callable[[int], Event]) -> Event:
        """Append the event that `make(seq)` builds under the run's lock. Never waits for a reader.

        Args:
            make: A function that gets the seq and returns the event.

        Returns:
            The event.

        Raises:
            RunEndedError: The run has had its last event.

        """
        with self.lock:
            if self.ended:
                self.refuse()
            event = make(self.length)
            self.add(event)
            return event

    def add(self, event: Event) -> None:
        """Append the next event, under the lock, to a log that has not ended."""
        self._add(event, encode(event))

    def append_encoded(
        self,
        line: bytes,
        event: Event | UnknownEvent | None = None,
        *,
        fold: Callable[[Event], object] | None = None,
    ) -> Event:
        """Append an event that was read, with the very bytes that were read. Never waits for a reader.

        Args:
            line: The event as one line of JSON.
            event: The decoded line, for callers that have it.
            fold: A function that gets the event under the run's lock before any reader does, such as the state's
                `apply`. It does not get an event of an unknown type.

        Returns:
            The event; of a type that only a newer version knows it is an `UnknownEvent`.

        Raises:
            EventFormatError: The line is no event, or not the next of its run.
            RunEndedError: The run has had its last event.

        """
        event = decode_any(line) if event is None else event
        with self.lock:
            if self.ended:
                self.refuse()
            is_next = event.seq == self.length or (isinstance(event, SnapshotEvent) and event.seq > self.length)
            run_id = self._run_id or (self[-1].run_id if self.length else event.run_id)
            if not is_next or event.run_id != run_id:
                raise EventFormatError(
                    f"event {self.length} of {run_id}",
                    f"event {event.seq} of {event.run_id}",
                    "The record lacks a part, or mixes runs.",
                )
            self._run_id = run_id
            if fold is not None and not isinstance(event, UnknownEvent):
                fold(event)
            self._add(cast("Event", event), on_one_line(line))
        return cast("Event", event)

    def refuse(self) -> NoReturn:
        """Raise the error of an event after the last one."""
        raise RunEndedError(
            "a run that still goes on",
            f"an update after its {self[-1].type!r} event",
            "Await all work that reports before the run's function returns.",
        )

    def add_facts(self, facts: ProgressFacts | ContentFacts) -> None:
        """Do what `add` does with an event that is not made unless somebody looks."""
        line = encode_facts(facts)
        if self._followers or self._subscribers.callbacks or len(line) > LARGE:
            self._add(made(facts), line)
        else:
            if self._keepers:
                self._tail.keep(self.length, facts)
            self._keep(line)  # who waits follows

    def _add(self, event: Event, line: bytes) -> None:
        if type(event) is SnapshotEvent:
            self._restart(event, line)
        else:
            self._tail.add(self.length, event, len(line), followed=bool(self._followers or self._keepers))
            self._keep(line)
            if event.type in LAST_TYPES and is_last(event):
                self.ended = True
                if not (self._followers or self._keepers):
                    self._tail.clear()
                self._keepers.clear()
        self._wakers.wake()
        if self._subscribers.callbacks:
            self._subscribers.tell(event)

    def _keep(self, line: bytes) -> None:
        piece, lines = self._open, self._open.all
        lines.append(line)
        piece.size = size = piece.size + len(line)
        self.length += 1
        if len(lines) >= _PIECE or size >= _PIECE_SIZE or 4 * size >= self.limit:
            self._turn()

    def _turn(self) -> None:
        """Begin another piece, and let the oldest go that are too much."""
        self._closed += self._open.size
        self._open = OpenPiece(self.length)
        pieces = [*self._pieces, self._open]
        if len(pieces) > _MOST_OPEN and isinstance(old := pieces[-1 - _MOST_OPEN], OpenPiece):
            pieces[-1 - _MOST_OPEN] = old.packed()
        # The latest piece stays: readers may lack its events, and one of them may be the run's last.
        base = self._base
        while base is not None and self._closed > self.limit and len(pieces) > _OPEN and self._may_go(pieces[1].first):
            gone = pieces.pop(0)
            self._closed -= gone.size
            base.fold([decode_any(line) for line in gone.lines()])
        self._pieces = pieces

    def _may_go(self, end: int) -> bool:
        """Tell whether everybody who keeps the events has those before a seq, or has made too many wait."""
        return self._closed > PATIENCE * self.limit or all(kept() >= end - 1 for kept in self._keepers)

    def tidy(self) -> None:
        """Pack the oldest pieces that are not packed, a few at a time. The run does this once a second."""
        with self.lock:
            self._pieces = with_oldest_packed(self._pieces, _AT_ONCE, but=_OPEN)

    def pack(self) -> None:
        """Keep the events of a run that has ended as compressed lines, which are read again each time."""
        with self.lock:
            if self.ended:
                pieces = [piece.packed() if isinstance(piece, OpenPiece) else piece for piece in self._pieces]
                self._tail = Tail()
                self._closed = self.size
                self._open = OpenPiece(self.length)
                self._pieces = [*(piece for piece in pieces if piece.size), self._open]

    def hold(self, kept: Callable[[], float]) -> None:
        """Let no event go that a reader lacks which keeps them all; `kept` returns the seq of the last that it has.

        This holds up to four times the limit: a file that can't be written must not take the memory.
        """
        with self.lock:
            self._keepers.append(kept)

    def _restart(self, snapshot: SnapshotEvent, line: bytes) -> None:
        """Begin anew behind a snapshot that came from another log."""
        if self._base is not None:
            self._base.fold([snapshot])
        self._snapshot = snapshot, line
        self._tail.clear()
        self.length, self._closed = snapshot.seq + 1, 0
        self._open = OpenPiece(self.length)
        self._pieces = [self._open]

    def subscribe(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Call a function with each event that is appended from now on.

        Args:
            callback: Called at once, on the writer's thread, under the run's lock: only for work of microseconds.
                One that raises is detached with a logged warning.

        Returns:
            A function that detaches the callback.

        """
        with self.lock:
            return self._subscribers.add(callback)

    async def follow(self, after: int = -1) -> AsyncIterator[Event]:
        """Yield each event after a seq, waiting for new ones, until the last event of the run.

        May be used any number of times, at any time, from any loop. Closing it cancels nothing.

        Args:
            after: The seq of the last event that the reader has; -1 for none.

        """
        position = max(0, after + 1)
        loop = asyncio_loop()
        with self.lock:
            self._followers += 1
        try:
            while True:
                while position < (end := self.length):
                    some, position = self._step(position, end, self._tail.events, itemgetter(0))
                    for event in some:
                        if type(event) is not UnknownEvent:
                            yield cast("Event", event)
                if self.ended and position >= self.length:
                    return
                await self._wakers.wait(loop, self, position)
        finally:
            with self.lock:
                self._followers -= 1
                if self._followers <= 0 and not self._keepers:
                    self._tail.clear()

    async def wait_ended(self) -> None:
        """Wait until the run's last event is there."""
        async for _ in self.follow(self.length - 1):
            pass


def _lines_of(piece: Piece, first: int, end: int) -> list[bytes]:
    return piece.lines(first, end)
