"""The tail of a log: the models of its latest events, for the readers that are there.

A log keeps bytes. Whoever asks for an event gets a model that is made of them. The models of the latest event and of
some large ones are kept; while somebody follows the log, those of the latest thousand are, so that none is made again
for each reader. Of what only a history keeps the facts are there, and models are made of them when it reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.wire.codec import decode_any
from progressnb.wire.making import made
from progressnb.wire.pieces import OpenPiece

if TYPE_CHECKING:
    from progressnb.wire.events import Event, UnknownEvent
    from progressnb.wire.making import ContentFacts, ProgressFacts
    from progressnb.wire.pieces import Piece

    _Kept = Event | UnknownEvent | ProgressFacts | ContentFacts
    """A model, or the facts of which it is to be made."""

    _Models = tuple[int, list[_Kept]]
    """The seq of the first, and the models."""

__all__ = ["LARGE", "Tail"]

_KEPT = 1_000
"""Models that are kept; up to twice as many are there before the older half goes."""

LARGE = 64_000
"""Bytes of an event whose model is kept: to make it again takes as much memory."""

_MOST_LARGE = 8
"""Large events whose models are kept."""

_AT_ONCE = 100
"""Models that are made at once."""


class Tail:
    """The models of successive events: of the latest, and of those that were read last.

    Written under the log's lock, read without it. So a run of models is replaced as a whole, or grows at its end.
    """

    __slots__ = ("_has_facts", "_large", "_latest", "_made")

    def __init__(self) -> None:
        self._large: dict[int, Event | UnknownEvent] = {}  # by seq: to read them again takes as much memory
        self.clear()

    def clear(self) -> None:
        """Forget the models, but for those of large events."""
        self._has_facts = False  # whether there may be some: to look costs each reader as much as the rest
        self._latest: _Models = 0, []
        self._made: _Models = 0, []

    def add(self, seq: int, event: Event | UnknownEvent, size: int, *, followed: bool) -> None:
        """Keep the model of the event that is appended now, beside those before it where somebody follows."""
        if size > LARGE:
            self._large = {**dict([*self._large.items()][1 - _MOST_LARGE :]), seq: event}
        self._append(seq, event, followed=followed)

    def keep(self, seq: int, facts: ProgressFacts | ContentFacts) -> None:
        """Keep the facts of the event that is appended now, which is not large, for those who read it later."""
        self._has_facts = True
        self._append(seq, facts, followed=True)

    def _append(self, seq: int, event: _Kept, *, followed: bool) -> None:
        first, models = self._latest
        if not followed or first + len(models) != seq:
            self._latest = seq, [event]
        elif len(models) < 2 * _KEPT:
            models.append(event)
        else:
            self._latest = first + _KEPT, [*models[_KEPT:], event]

    def events(self, piece: Piece, first: int, end: int) -> list[Event | UnknownEvent]:
        """Return the models of a piece's events from one index up to another, or of the first of them."""
        seq = piece.first + first
        latest = self._latest
        for start, models in (latest, self._made):
            if start <= seq < start + len(models):
                some: list[Any] = models[seq - start : seq - start + end - first]
                return _made_of(models, seq - start, some) if self._has_facts else some
        if isinstance(piece, OpenPiece):  # another is unpacked as a whole
            end = min(end, first + _AT_ONCE)
        if latest[1] and seq < latest[0]:
            end = min(end, latest[0] - piece.first)
        large = self._large
        read = [large.get(at) or decode_any(line) for at, line in enumerate(piece.lines(first, end), seq)]
        if len(read) > 1:
            self._made = seq, [*read]
        return read


def _made_of(models: list[_Kept], first: int, some: list[_Kept]) -> list[Event | UnknownEvent]:
    """Return some of the models, from an index on, and keep those that are made of facts in the place of these."""
    found: list[Event | UnknownEvent] = []
    for at, each in enumerate(some, first):
        if isinstance(each, dict):
            models[at] = event = made(each)
            found.append(event)
        else:
            found.append(each)
    return found
