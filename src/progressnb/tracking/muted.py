"""A stage whose output is measured and not written: its percent moves, and no event has a word of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from progressnb.tracking.current import internals
from progressnb.tracking.handle import StageHandle
from progressnb.tracking.stage_work import StageWork
from progressnb.wire.buffer import OutputBuffer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from progressnb.tracking.clock import Pause

__all__ = ["mute"]


def mute(stage: StageHandle) -> StageHandle:
    """Return a second handle of a stage: what is written by it moves the percent alone.

    Stages that are begun below it write no arguments and no results. Other handles of the stage write as before.
    """
    return StageHandle(_Muted(internals(stage)))


class _Muted(StageWork):
    """The machinery of a stage, with the output in a place of its own."""

    __slots__ = ("_unwritten",)

    def __init__(self, stage: StageWork) -> None:  # pyright: ignore[reportMissingSuperCall] # it shares everything
        for name in StageWork.__slots__:
            setattr(self, name, getattr(stage, name))
        self.contents = False
        self._unwritten: dict[str, OutputBuffer] = {}

    @property
    def outputs(self) -> Mapping[str, OutputBuffer]:
        """The parts of the output so far."""
        return self._unwritten

    def measured(self, part: str) -> OutputBuffer | None:
        """Return a part of the output so far."""
        return self._unwritten.get(part)

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output so far as plain data; None before anything is written."""
        buffer = self._unwritten.get("output")
        return buffer.value if buffer is not None else None

    def write(self, delta: str, part: str, kind: Literal["text", "json"], *, reset: bool) -> Pause:
        """Add characters to the output that is measured."""
        with self._log.lock:
            if self.life.open():
                buffer = self._unwritten.get(part)
                if buffer is None:
                    buffer = self._unwritten[part] = OutputBuffer(kind)
                elif reset or buffer.kind != kind:
                    buffer.reset(kind)
                buffer.append(delta)
                if self.measure is not None:
                    self.measure()
                self._box.moved = True
                self._box.write()
        return self.pause
