"""The loops over bars that go on in this task or thread, and the stage that code in the body of one belongs to."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol
from weakref import ref

if TYPE_CHECKING:
    from progressnb.tracking import ProgressTracker, StageHandle

__all__ = ["LoopOfBar", "enter_loop", "place_of_loops"]


class LoopOfBar(Protocol):
    """The stage of a bar, as its loop is looked for."""

    run: ProgressTracker
    stage: StageHandle

    @property
    def is_in_loop(self) -> bool:
        """Whether the bar's loop goes on."""
        ...


# The innermost last.
_loops: ContextVar[tuple[ref[LoopOfBar], ...]] = ContextVar("progressnb_bars", default=())


def enter_loop(loop: LoopOfBar) -> None:
    """Take note that the calling code is in a loop; those that are over are forgotten."""
    alive = tuple(each for each in _loops.get() if (stage := each()) is not None and stage.is_in_loop)
    _loops.set((*alive, ref(loop)))


def place_of_loops() -> tuple[ProgressTracker, StageHandle] | None:
    """Return the run and the stage of the innermost bar in whose loop the calling code is, or None."""
    for each in reversed(_loops.get()):
        stage = each()
        if stage is not None and stage.is_in_loop:
            return stage.run, stage.stage
    return None
