"""The values that a function reads and also changes itself: what they were before the functions at work changed them.

Such a value, a list of messages or the balance of an account, decides the result. Yet it is another one after each
call, so that a run that is taken up in the same process would find none as it was. What calls at work do to it does
not count; what anybody else does to it counts.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Changing", "Slot", "slot_of"]

_MOST = 256
"""Values that are followed at most; those that were asked for longest ago are forgotten."""


class Slot:
    """A value that calls change.

    Attributes:
        first: The digest of what it was before the calls.
        last: The digest of what the calls left.
        at_work: The calls that are at work and may change it.

    """

    __slots__ = ("_owner", "at_work", "first", "last")

    def __init__(self, owner: object, digest: bytes) -> None:
        self.first = self.last = digest
        self.at_work = 0
        try:
            self._owner: Callable[[], Any] = weakref.ref(owner)
        except TypeError:  # lists and dicts have no weak references
            self._owner = lambda: owner

    def is_of(self, owner: object) -> bool:
        """Return whether this is the value of an object, and not of a former one at the same address."""
        return self._owner() is owner


Changing: TypeAlias = "tuple[Slot, Callable[[], bytes]]"
"""A value that a call may change, and the function that returns its digest."""

_slots: OrderedDict[tuple[int, str], Slot] = OrderedDict()
_lock = threading.Lock()


def slot_of(owner: object, name: str, digest: bytes) -> Slot:
    """Return the slot of an object's value. A value that was changed while no call was at work is a new one."""
    key = id(owner), name
    with _lock:
        slot = _slots.get(key)
        if slot is None or not slot.is_of(owner):
            slot = _slots[key] = Slot(owner, digest)
        elif not slot.at_work and digest != slot.last:
            slot.first = slot.last = digest
        _slots.move_to_end(key)
        while len(_slots) > _MOST:
            _slots.popitem(last=False)
    return slot
