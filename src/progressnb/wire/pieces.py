"""Pieces of a log: successive events, as they came or as compressed lines."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from progressnb.wire.codec import decode_any

if TYPE_CHECKING:
    from progressnb.wire.events import Event, UnknownEvent

__all__ = ["OpenPiece", "PackedPiece", "Piece"]


class OpenPiece:
    """Successive events with their lines; it may grow.

    Attributes:
        first: The seq of the first event.
        size: Bytes of the lines.

    """

    __slots__ = ("_events", "_lines", "first", "size")

    def __init__(self, first: int) -> None:
        self.first = first
        self.size = 0
        self._events: list[Event | UnknownEvent] = []
        self._lines: list[bytes] = []

    def __len__(self) -> int:
        """Count the events."""
        return len(self._events)

    def add(self, event: Event | UnknownEvent, line: bytes) -> None:
        """Add an event at the end. The line comes first: a reader that sees the event may ask for its bytes."""
        self._lines.append(line)
        self._events.append(event)
        self.size += len(line)

    def lines(self, first: int = 0, end: int | None = None) -> list[bytes]:
        """Return the lines, or some of them by their indices."""
        return self._lines[first:end]

    def events(self, first: int = 0, end: int | None = None) -> list[Event | UnknownEvent]:
        """Return the events, or some of them by their indices."""
        return self._events[first:end]

    def __getitem__(self, index: int) -> Event | UnknownEvent:
        """Return the event of an index."""
        return self._events[index]

    def packed(self) -> PackedPiece:
        """Return the same events in a twentieth of the memory."""
        return PackedPiece(self.first, self.size, zlib.compress(b"\n".join(self._lines), 1))


class PackedPiece:
    """Successive events as compressed lines. They are read again each time."""

    __slots__ = ("_data", "first", "size")

    def __init__(self, first: int, size: int, data: bytes) -> None:
        self.first, self.size, self._data = first, size, data

    def lines(self, first: int = 0, end: int | None = None) -> list[bytes]:
        """Return the lines, or some of them by their indices."""
        return zlib.decompress(self._data).split(b"\n")[first:end]

    def events(self, first: int = 0, end: int | None = None) -> list[Event | UnknownEvent]:
        """Return the events, or some of them by their indices."""
        return [decode_any(line) for line in self.lines(first, end)]


Piece = OpenPiece | PackedPiece
