"""Pieces of a log: the lines of successive events, as they came or compressed, and the sum of those that it let go."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.wire.events import Event, SnapshotEvent, UnknownEvent

__all__ = ["Base", "OpenPiece", "PackedPiece", "Piece", "with_oldest_packed"]


class Base(Protocol):
    """The sum of the events that a log has let go."""

    def fold(self, events: Sequence[Event | UnknownEvent]) -> None:
        """Add the next events. Called under the run's lock."""
        ...

    def snapshot(self) -> SnapshotEvent:
        """Return the sum as one event, with the seq of the last event that it stands for."""
        ...


class OpenPiece:
    """The lines of successive events; the log that it belongs to lets it grow.

    Attributes:
        first: The seq of the first event.
        size: Bytes of the lines.
        all: The lines.

    """

    __slots__ = ("all", "first", "size")

    def __init__(self, first: int) -> None:
        self.first = first
        self.size = 0
        self.all: list[bytes] = []

    def lines(self, first: int = 0, end: int | None = None) -> list[bytes]:
        """Return the lines, or some of them by their indices."""
        return self.all[first:end]

    def packed(self) -> PackedPiece:
        """Return the same events in a twentieth of the memory."""
        return PackedPiece(self.first, self.size, zlib.compress(b"\n".join(self.all), 1))


class PackedPiece:
    """Successive events as compressed lines. They are unpacked each time."""

    __slots__ = ("_data", "first", "size")

    def __init__(self, first: int, size: int, data: bytes) -> None:
        self.first, self.size, self._data = first, size, data

    def lines(self, first: int = 0, end: int | None = None) -> list[bytes]:
        """Return the lines, or some of them by their indices."""
        return zlib.decompress(self._data).split(b"\n")[first:end]


def with_oldest_packed(pieces: list[Piece], count: int, *, but: int) -> list[Piece]:
    """Return pieces of which the oldest are packed, so many more of them, but none of the last few."""
    if len(pieces) <= but or isinstance(pieces[-1 - but], PackedPiece):  # nearly always
        return pieces
    old = [at for at, piece in enumerate(pieces[:-but]) if isinstance(piece, OpenPiece)][:count]
    return [piece.packed() if at in old and isinstance(piece, OpenPiece) else piece for at, piece in enumerate(pieces)]


Piece = OpenPiece | PackedPiece
