"""The share of an output that is written, by what was expected of it and by what has come."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from progressnb.tracking.expected import MOST, UNKNOWN, Expected

if TYPE_CHECKING:
    from progressnb.tracking.expected import Extent
    from progressnb.tracking.parts import TextLength
    from progressnb.wire.buffer import OutputBuffer

__all__ = ["OutputMeasure"]

_STEP = 0.1  # the most by which a share grows at once
_CREEP = 0.25  # the pace of an output that is behind its share, relative to the expected one
_MAX_FACTOR = 3.0  # by which the fields so far change what is expected of those to come


class OutputMeasure:
    """The share of one output that is written, 0–1, from its length and its structure while it comes."""

    def __init__(self, expected: Expected | None = None) -> None:
        self._expected = expected or Expected()
        self._characters = 0  # when it was measured last
        self._closed = 0
        self._names: dict[str, int] = {}  # complete fields with their lengths
        self._items: tuple[str | None, int, float] = None, 0, 0.0  # of which list how many are complete, and as long

    def share(self, buffer: OutputBuffer | TextLength, before: float) -> float:
        """Return the share that is written; `before` is the share at the last time.

        It grows with every character and by a tenth at most, until the last brace has come.
        """
        written = len(buffer)
        added, self._characters = written - self._characters, written
        if added <= 0:
            return before
        if buffer.kind == "json" and buffer.open_path is None and buffer.extent[1]:
            return 1.0  # its last brace has come: only the validation is left
        left = self._left(buffer)
        goal = min(MOST, written / (written + left))
        # An output that is longer than was expected goes on slowly.
        slowly = (1 - before) * (1 - math.exp(-_CREEP * added / max(1.0, left)))
        grown = goal - before if goal > before else slowly
        return before + min(grown, _STEP, (1 - before) / 2)

    def _left(self, buffer: OutputBuffer | TextLength) -> float:
        """Return the expected number of characters that are still to come."""
        written, expected = len(buffer), self._expected
        if buffer.kind == "text":
            return expected.whole.whole(written) - written
        path = buffer.open_path
        opened = buffer.open_length
        if not expected.fields:
            return self._open(None, expected.whole, written, path[0] if path else 0) - written
        if buffer.fields_completed != self._closed:
            self._closed = buffer.fields_completed
            self._names = {str(path[0]): length for path, length in buffer.completed.items() if len(path) == 1}
        name = str(path[0]) if path else None
        to_come = [known for known in expected.fields if known not in self._names and known != name]
        left = self._factor() * math.fsum(expected.fields[known].usual for known in to_come)
        if name is not None and name not in self._names:
            extent = expected.fields.get(name, UNKNOWN)
            left += self._open(name, extent, opened, path[1] if path and len(path) > 1 else 0) - opened
        return max(1.0, left)

    def _open(self, name: str | None, extent: Extent, opened: float, items: str | int) -> float:
        """Return the expected length of the open value; complete items of a list say how long one is."""
        found = self._expected.lists.get(name)
        if found is not None:
            listed = found.extent(self._item(name, found.item, opened, items))
            extent = listed if found.bounded else listed.at_most(extent.high)
        return max(opened + 1.0, extent.whole(opened))

    def _item(self, name: str | None, item: Extent, opened: float, items: str | int) -> float:
        """Return the length of an item: the mean of those that are complete, else what is expected of the first."""
        if not isinstance(items, int) or not items:
            self._items = name, 0, 0.0
            return item.whole(opened)
        if self._items[:2] != (name, items):
            self._items = name, items, opened
        return self._items[2] / items

    def _factor(self) -> float:
        """Return by how much the fields to come will be longer than usual, as those so far were (shrunk to 1)."""
        fields = self._expected.fields
        logs = [
            math.log(max(1, length) / fields[name].usual)
            for name, length in self._names.items()
            if name in fields and fields[name].low < fields[name].high
        ]
        if not logs:
            return 1.0
        mean = math.fsum(logs) / (len(logs) + 1)
        return min(_MAX_FACTOR, max(1 / _MAX_FACTOR, math.exp(mean)))
