"""What is said when only time passes: once a second at most, one event of one stage or of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import ref

if TYPE_CHECKING:
    from progressnb.tracking.recorder import Recorder

__all__ = ["start_ticking"]

TICK = 1.0
"""Seconds between two looks."""


def start_ticking(recorder: Recorder) -> None:
    """Look once a second, while a run goes on, whether a stage has something to say."""
    # A run that nobody holds any more must not be kept alive by its ticker.
    weak = ref(recorder)

    def tick() -> None:
        alive = weak()
        if alive is None:
            return
        with alive.log.lock:
            if alive.log.ended:
                return
            # The innermost and latest first: that is where the run stands still.
            for stage in reversed(tuple(alive.open.values())):
                if stage.tick():
                    break
            else:
                alive.tell_remaining()
        alive.clock.call_later(TICK, tick)

    recorder.clock.call_later(TICK, tick)
