"""The sum of the events that a log of hours has let go, for those that read it later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.folds.snapshot import snapshot_of
from progressnb.folds.state import RunState
from progressnb.wire.buffer import OutputLength
from progressnb.wire.events import UnknownEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.wire.events import Event, SnapshotEvent

__all__ = ["TEXT", "RollUp"]

TEXT = 16_000_000
"""Characters of a text that are kept of a stage whose events have gone: its end."""


class RollUp:
    """The state of a run behind the events that its log has let go.

    Args:
        live: The state of the run now. It forgets what stages wrote that ended before.

    """

    def __init__(self, live: RunState) -> None:
        self._live = live
        self._kept: RunState | None = None  # once events have gone, which most runs never see
        self._last: tuple[Event | UnknownEvent, Event | None] | None = None

    @property
    def _state(self) -> RunState:
        if self._kept is None:
            self._kept = RunState()
        return self._kept

    def fold(self, events: Sequence[Event | UnknownEvent]) -> None:
        """Add the next events."""
        known = self._last[1] if self._last is not None else None
        for event in events:
            if not isinstance(event, UnknownEvent):
                self._state.apply(event)
                known = event
        self._last = events[-1], known
        self._shed()

    def _shed(self) -> None:
        ended: list[str] = []
        for _, stage in self._state.walk():
            if stage.ended and any(not isinstance(buffer, OutputLength) for buffer in stage.outputs.values()):
                ended.append(stage.path)
            elif stage.outputs and not stage.ended:
                live = self._live.find(stage.path)
                for each in (stage, *([live] if live is not None else [])):
                    for buffer in tuple(each.outputs.values()):
                        buffer.forget_before(TEXT)
        for state in (self._state, self._live):
            _shed(state, ended)

    def snapshot(self) -> SnapshotEvent:
        """Return the sum as one event, with the seq of the last event that it stands for."""
        last, known = self._last or (None, None)
        if last is None or known is None:
            raise LookupError("no event has gone")
        return snapshot_of(self._state, known).model_copy(update={"seq": last.seq})


def _shed(state: RunState, paths: Sequence[str]) -> None:
    """Forget what stages wrote that have ended, but for the answer: the log has it no longer. Lengths stay."""
    for path in paths:
        stage = state.find(path)
        if stage is not None and stage.ended and stage is not state.last_output:
            for part, buffer in stage.outputs.items():
                stage.outputs[part] = length = OutputLength(buffer.kind)
                length.restore("", len(buffer))
