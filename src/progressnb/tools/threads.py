"""The errors that end threads: the loops that one leaves there fail by it, as those of a script do."""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

from progressnb.wire.forks import after_fork

if TYPE_CHECKING:
    from typing import Any

__all__ = ["follow_thread"]


class Left(Protocol):
    """A loop whose body may be left without a word to its iterator."""

    def settle(self, error: BaseException | None) -> None:
        """End the loop if its body was left; `error` ends what is around the loop."""
        ...


_loops: WeakKeyDictionary[Left, int] = WeakKeyDictionary()  # with the thread of each
_lock = threading.Lock()


def follow_thread(loop: Left) -> None:
    """Let an error that ends this thread fail a loop that it leaves; the main thread's ends the program or a cell."""
    if threading.current_thread() is threading.main_thread():
        return
    with _lock:
        _loops[loop] = threading.get_ident()
        _follow_all()


@functools.cache
def _follow_all() -> None:
    """Look at each error that ends a thread, before it is printed."""
    before = threading.excepthook

    def settle(ended: Any, /) -> None:  # noqa: ANN401 - the arguments that Python gives, in one object
        with _lock:
            loops = [loop for loop, thread in _loops.items() if thread == threading.get_ident()]
        try:
            for loop in loops:
                loop.settle(ended.exc_value)
        finally:
            before(ended)

    threading.excepthook = settle


def _forget() -> None:
    global _lock  # noqa: PLW0603 - the process's one
    _lock = threading.Lock()
    _loops.clear()


after_fork(_forget)
