"""Batches: successive events of a log, about 64 KB of them, whose bytes all readers at the same place share."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from progressnb.web.streams.names import event_name
from progressnb.wire.codec import escape_line_breaks, type_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from progressnb.wire.log import EventLog

__all__ = ["BATCH", "Batch", "Batches", "LineOf", "frames_of"]

BATCH = 65_536
"""The bytes of events that are joined for all readers at the same place; a larger event is a piece of its own."""

SHARED = 16 * BATCH
"""The bytes of batches that are kept of a run for other readers at the same places."""

READ = 4
"""Places behind which lines are kept that were read with those before them."""


LineOf: TypeAlias = "Callable[[int, bytes], bytes]"
"""A function that makes the line to send out of an event's index in the log and its JSON."""


def frames_of(first: int, lines: Sequence[bytes]) -> list[bytes]:
    """Return the JSON of events from a seq on as server-sent events, in pieces that are sent one after the other.

    Small events are joined into one piece. The JSON of a large event is a piece of its own, so that all connections
    that wait to send it hold the same bytes. A line from another writer may have a raw U+2028, U+2029 or U+0085, at
    which some readers of lines end a line; it is sent as the same JSON with these escaped.
    """
    pieces: list[bytes] = []
    small: list[bytes] = []
    for seq, stored in enumerate(lines, first):
        line = stored if stored.isascii() else escape_line_breaks(stored)
        name = event_name(type_of(line))
        if len(line) > BATCH:
            pieces += b"".join((*small, b"id: %d\nevent: %s\ndata: " % (seq, name))), line
            small = [b"\n\n"]
        else:
            small.append(b"id: %d\nevent: %s\ndata: %s\n\n" % (seq, name, line))
    return [*pieces, b"".join(small)] if small else pieces


class Batch:
    """Successive events.

    Attributes:
        lines: Their JSON.
        end: The seq behind the last event.
        size: The bytes of the lines.
        is_last: Whether there were no more events then.

    """

    def __init__(self, first: int, lines: list[bytes], end: int, size: int, *, is_last: bool) -> None:
        self._first = first
        self.lines, self.end, self.size, self.is_last = lines, end, size, is_last

    @cached_property
    def frames(self) -> list[bytes]:
        """The events as `frames_of` returns them, made once for all readers."""
        return frames_of(self._first, self.lines)


class Batches:
    """The latest batches of a log that were read, for other readers at the same places."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._kept: dict[tuple[int, bool], Batch] = {}
        self._size = 0
        self._read: dict[int, list[bytes]] = {}  # lines that lie together and so were read together, by the next seq

    def at(self, position: int, line_of: LineOf | None) -> Batch:
        """Return the events from a position on, an empty batch behind the last one."""
        key = position, line_of is None
        batch = self._kept.get(key)
        if batch is None or (batch.is_last and batch.end < len(self._log)):
            batch = self._make(position, line_of)
            self._keep(key, batch)
        return batch

    def _make(self, position: int, line_of: LineOf | None) -> Batch:
        length, size, taken = len(self._log), 0, list[bytes]()
        first, lines = position, self._read.pop(position, [])
        if not lines:
            first, lines = self._log.lines(position)
        for seq, stored in enumerate(lines, first):
            line = stored if line_of is None else line_of(seq, stored)
            taken.append(line)
            size += len(line)
            if size >= BATCH:
                break
        end = first + len(taken) if taken else position
        if rest := lines[len(taken) :]:
            self._read[end] = rest
            if len(self._read) > READ:
                del self._read[next(iter(self._read))]
        return Batch(first, taken, end, size, is_last=end >= length)

    def _keep(self, key: tuple[int, bool], batch: Batch) -> None:
        before = self._kept.pop(key, None)
        self._size += batch.size - (before.size if before is not None else 0)
        self._kept[key] = batch
        while self._size > SHARED and len(self._kept) > 1:
            self._size -= self._kept.pop(next(iter(self._kept))).size
