"""When a stage's events are written: at most ten progress and ten content events a second.

The latest state wins and content is joined, so a loop of a million updates is a few events and nobody
has to merge later. Everything here happens under the run's lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from progressnb.events import ContentEvent, ProgressEvent, StageStatus
from progressnb.partial import OutputBuffer
from progressnb.recorder import INTERVAL, Recorder
from progressnb.state import ENDED

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.percent import Work

__all__ = ["ThinnedStage"]


class _Pending:
    """The text of one part that no event carries yet."""

    __slots__ = ("deltas", "kind", "reset")

    def __init__(self, kind: Literal["text", "json"]) -> None:
        self.kind: Literal["text", "json"] = kind
        self.deltas: list[str] = []
        self.reset = False


class ThinnedStage:
    """What a stage has to say, and what of it no event carries yet."""

    def __init__(
        self,
        recorder: Recorder,
        path: str,
        work: Work,
        *,
        announce: tuple[float | None, str] | None = None,
        above: ThinnedStage | None = None,
    ) -> None:
        self.path = path
        self.work = work
        self.outputs: dict[str, OutputBuffer] = {}
        self.measure: Callable[[], None] | None = None
        self.status: StageStatus = "pending"
        self._recorder = recorder
        self._log = recorder.log
        self._announce = announce
        self._above = above
        self._told: float | None = None  # the percent that the events have
        self._message: str | None = None
        self._data: dict[str, Any] = {}
        self._pending: dict[str, _Pending] = {}
        self._moved = False
        self._last_write = float("-inf")
        self._timer = False
        self._began = 0.0

    @property
    def percent(self) -> float | None:
        """The stage's percent, 0–100, or None while nothing is known."""
        return self.work.percent

    @property
    def ended(self) -> bool:
        """Whether the stage or its run has ended, well or not."""
        return self.status in ENDED or self._log.ended

    def _begin(self) -> None:
        self._began = self._recorder.elapsed
        self._recorder.before_end.append(self._flush)

    def _append(self, delta: str, part: str, kind: Literal["text", "json"], *, reset: bool) -> None:
        buffer = self.outputs.get(part)
        if buffer is None:
            buffer = self.outputs[part] = OutputBuffer(kind)
        pending = self._pending.get(part)
        if pending is None:
            pending = self._pending[part] = _Pending(kind)
        if reset or buffer.kind != kind:
            buffer.reset(kind)
            pending.deltas.clear()
            pending.kind, pending.reset = kind, True
        if delta:
            buffer.append(delta)
            if part == "output":
                self._recorder.output = buffer
            pending.deltas.append(delta)

    def _write(self, *, now: bool) -> None:
        wait = self._last_write + INTERVAL - self._recorder.clock.monotonic()
        if now or wait <= 0:
            self._flush()
        elif not self._timer:
            self._timer = True
            self._recorder.clock.call_later(wait, self._on_timer)

    def _on_timer(self) -> None:
        with self._log.lock:
            self._timer = False
            if not self._log.ended:
                self._flush()

    def _flush(self) -> None:
        if not self._pending and not self._moved:
            return
        self._last_write = self._recorder.clock.monotonic()
        if self.measure is not None and self._pending:
            self.measure()
        for part, pending in self._pending.items():
            self._recorder.record(
                ContentEvent,
                self.path,
                kind=pending.kind,
                part=part,
                delta="".join(pending.deltas),
                reset=pending.reset,
                stage_progress=self.percent,
            )
        self._pending.clear()
        if self._moved:
            self._moved = False
            fields: dict[str, Any] = {}
            if self._announce is not None:
                fields["weight"], fields["title"] = self._announce
                self._announce = None
            if self.ended:
                fields["duration"] = self._recorder.elapsed - self._began
            data, self._data = self._data, {}
            self._recorder.record(
                ProgressEvent,
                self.path,
                status=self.status,
                stage_progress=self.percent,
                message=self._message,
                data=data,
                **fields,
            )
        self._told = self.percent
        if self._above is not None:
            self._above.tell_of_parts()

    def tell_of_parts(self) -> None:
        """Write, under the lock, what parts changed in the percent: readers don't compute."""
        if self.status == "pending" or self.ended:
            if self._above is not None:
                self._above.tell_of_parts()
        elif self.percent != self._told:
            self._moved = True
            self._write(now=False)
