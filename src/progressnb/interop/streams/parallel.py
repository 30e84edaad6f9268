"""The messages of one stream: one after another they take each other's place, side by side each has its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

__all__ = ["Messages"]

_KEPT = 16  # messages whose text is kept, in case that more of it comes


class Messages:
    """The messages of a stream, by their ids. A message to which the stream comes back is written beside another one.

    Attributes:
        place: The place of the message that is written now: 0, or a number of its own.

    """

    def __init__(self) -> None:
        self.place = 0
        self._places: dict[Hashable, int | None] = {}  # None: its text was replaced by that of a later message
        self._texts: dict[Hashable, dict[str, list[str]]] = {}
        self._current: Hashable = None
        self._count = 0
        self._has_moved = False

    def begin(self, key: Hashable) -> bool:
        """Go on with a message; return whether it takes the place of the one before it."""
        self._has_moved = False
        is_new, is_first = key not in self._places, not self._places
        if is_new:
            self._places = {each: place or None for each, place in self._places.items()}
            self._places[key] = 0
            self._texts[key] = {}
            if len(self._texts) > _KEPT:
                del self._texts[next(iter(self._texts))]
        elif self._places[key] is None:
            self._count += 1
            self._places[key] = self._count
            self._has_moved = True
        self._current, self.place = key, self._places[key] or 0
        return is_new and not is_first

    def note(self, name: str, delta: str) -> None:
        """Keep what is written of the message."""
        if (texts := self._texts.get(self._current)) is not None:
            texts.setdefault(name, []).append(delta)

    def moved(self) -> Iterator[tuple[str, str]]:
        """Yield the names and the texts of a message that has just got a place of its own."""
        if self._has_moved:
            for name, pieces in self._texts.get(self._current, {}).items():
                yield name, "".join(pieces)
