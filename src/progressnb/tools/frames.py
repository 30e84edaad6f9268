"""The frames of generators, each held once: the count of its references then says whether a generator still has it.

A generator that was closed stands at its last `yield`, as one does that waits. Python has no way from a frame to its
generator. But a generator that lives holds its frame.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["HeldFrame", "hold"]

_OURS = 2  # references to a frame that nobody else has: the holder's, and that of the call that counts


class HeldFrame:
    """The one holder of a frame.

    Attributes:
        frame: The frame.

    """

    __slots__ = ("__weakref__", "frame")

    def __init__(self, frame: FrameType) -> None:
        self.frame = frame

    def is_left_alone(self, *, others: int = 0) -> bool:
        """Return whether no generator has the frame any more; `others` are further references that are known."""
        return sys.getrefcount(self.frame) <= _OURS + others


_held: WeakValueDictionary[int, HeldFrame] = WeakValueDictionary()  # by the id of the frame


def hold(frame: FrameType) -> HeldFrame:
    """Return the holder of a frame."""
    found = _held.get(id(frame))
    if found is None or found.frame is not frame:
        found = _held[id(frame)] = HeldFrame(frame)
    return found
