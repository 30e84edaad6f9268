"""The loops at work that are runs of their own: they end with their cell or with the program, if they were left."""

from __future__ import annotations

import atexit
import functools
import sys
from typing import TYPE_CHECKING, Protocol

from progressnb.tracking.session import door, present
from progressnb.tracking.unmade import make_all
from progressnb.wire.forks import after_fork

if TYPE_CHECKING:
    from progressnb.execution.driven import DrivenRun

__all__ = ["Left", "follow_ends", "forget_left", "show_own", "uncaught"]

_own: dict[Left, None] = {}  # loops at work that are runs of their own, the oldest first


class Left(Protocol):
    """A loop that is a run of its own, whose body may be left without a word to its iterator."""

    def settle(self, error: BaseException | None) -> None:
        """End the loop if its body was left; `error` ends what is around the loop."""
        ...

    def end_at_exit(self, error: BaseException | None) -> None:
        """End the loop: nothing goes on any more."""
        ...


def uncaught() -> BaseException | None:
    """Return the error that ends this program, or ended the latest line that was typed."""
    error = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    return error if isinstance(error, BaseException) else None


def show_own(loop: Left, run: DrivenRun, *, show: bool | None) -> None:
    """Show the run that a loop is, which ends with its cell or with the program if its body was left until then."""
    _own[loop] = None
    run.shown = present(run, show=show)
    follow_ends()


def forget_left(loop: Left) -> None:
    """Forget a loop that has ended."""
    _own.pop(loop, None)


def follow_ends() -> None:
    """Let the end of a notebook's cell, and that of the program, end the loops that were left."""
    if "IPython" in sys.modules:
        door("follow_cells")(_end_left)
    _end_at_exit()


def _end_left(error: BaseException | None) -> None:
    make_all()
    for row in [*_own]:
        row.settle(error)


@functools.cache
def _end_at_exit() -> None:
    # Registered after the screen's: it is called before.
    atexit.register(_end_all)


def _end_all() -> None:
    make_all()
    for row in [*_own]:
        row.end_at_exit(uncaught())


after_fork(_own.clear)
