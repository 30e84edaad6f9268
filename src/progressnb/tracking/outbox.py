"""When a stage's events are written: at most ten progress and ten content events a second.

The latest state wins and content is joined, so a loop of a million updates is a few events and nobody
has to merge later. Everything here happens under the run's lock.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, cast

from progressnb.folds.state import ENDED
from progressnb.tracking.percent import checked_percent
from progressnb.tracking.recorder import INTERVAL, Recorder
from progressnb.tracking.stage import Stage
from progressnb.wire.buffer import OutputBuffer
from progressnb.wire.events import ContentEvent, ProgressEvent, StageStatus
from progressnb.wire.plain import TextJoiner

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.tracking.handle import StageHandle
    from progressnb.tracking.percent import Work

__all__ = ["ThinnedStage"]

SILENCE = 10.0
"""Seconds without a word after which a stage says how long it has been silent."""

SILENCE_GROWTH = 1.1
"""By how much a silence grows before it is told again: a long one is few events."""

_logger = logging.getLogger("progressnb")


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
        options: Stage | None = None,
    ) -> None:
        self.path = path
        self.options = options or Stage(path)
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
        self._joiners: dict[str, TextJoiner] = {}  # of parts that are not plain ASCII
        self._moved = False
        self._last_write = float("-inf")
        self._timer = False
        self._began = 0.0
        self._restored: float | None = None  # how long it took in the run that it was taken from
        self._computing = False
        self._silence_told = 0.0
        self.awaits: str | None = None  # what it waits for, in a word

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
        self._recorder.open[self.path] = self

    def _append(self, delta: str, part: str, kind: Literal["text", "json"], *, reset: bool) -> None:
        buffer = self.outputs.get(part)
        if buffer is None:
            buffer = self.outputs[part] = OutputBuffer(kind)
        if reset or buffer.kind != kind:
            self._joiners.pop(part, None)
        if not delta.isascii() or part in self._joiners:
            delta = self._joiners.setdefault(part, TextJoiner()).clean(delta)
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
        if now or self._is_due():
            self._flush()

    def _is_due(self) -> bool:
        """Tell whether it is time to write; if not, a timer is set that will."""
        wait = self._last_write + INTERVAL - self._recorder.clock.monotonic()
        if wait > 0 and not self._timer:
            self._timer = True
            self._recorder.clock.call_later(wait, self._on_timer)
        return wait <= 0

    def _on_timer(self) -> None:
        with self._log.lock:
            self._timer = False
            if not self._log.ended:
                self._flush()

    def _compute(self) -> None:
        percent = self.options.percent
        if percent is None or self._computing:
            return
        self._computing = True  # it may look at the stage, and even report
        try:
            value = percent(cast("StageHandle", self))
            if value is not None:
                self.work.raise_floor(checked_percent(value))
        except Exception:
            self.options = replace(self.options, percent=None)
            _logger.warning("detached the percent of stage %r, which raised", self.path, exc_info=True)
        finally:
            self._computing = False

    def flush(self, *, last: bool = False) -> None:
        """Write what waits for its turn; `last` says that nothing more will come."""
        with self._log.lock:
            if last:
                self._end_text()
            self._flush()

    def _end_text(self) -> None:
        # Halves of characters whose other half never came.
        joiners, self._joiners = self._joiners, {}
        for part, joiner in joiners.items():
            if rest := joiner.end():
                self._append(rest, part, self.outputs[part].kind, reset=False)

    def tick(self) -> bool:
        """Write, under the lock, what time alone has changed: a computed percent, a long silence."""
        before = self.percent
        self._compute()
        if self.percent != before:
            self._moved = True
            self._write(now=False)
            return True
        silence = self._recorder.clock.monotonic() - self._last_write
        if silence < SILENCE or silence < self._silence_told * SILENCE_GROWTH or self._has_open_parts():
            return False
        self._silence_told = silence
        said = f"no {self.awaits} for {silence:.0f} s" if self.awaits else f"silent for {silence:.0f} s"
        if (longest := self._recorder.longest_silence(self.path, silence)) is not None:
            said += f", never before longer than {max(1.0, longest):.0f} s"
        self._recorder.record(
            ProgressEvent,
            self.path,
            status=self.status,
            stage_progress=self.percent,
            message=f"{self._message} ({said})" if self._message else said,
            data={"silence": silence},
        )
        return True

    def _has_open_parts(self) -> bool:
        return any(path.startswith(f"{self.path}/") for path in self._recorder.open)

    def _flush(self) -> None:
        if self._pending or self._moved:
            self._flush_own()
            self._tell_above()

    def _flush_own(self) -> None:
        if self._joiners and self.ended:
            self._end_text()
        self._last_write = self._recorder.clock.monotonic()
        if self.measure is not None and self._pending:
            self.measure()
        self._compute()
        if self._silence_told:  # what was said of the silence no longer holds
            self._silence_told = 0.0
            self._moved = True
        for part, pending in self._pending.items():
            joiner = self._joiners.get(part)
            if joiner is not None and joiner.is_waiting and not pending.deltas and not pending.reset:
                continue
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
                lasted = self._recorder.elapsed - self._began
                fields["duration"] = lasted if self._restored is None else self._restored
                self._recorder.open.pop(self.path, None)
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

    def _tell_above(self) -> None:
        # Readers don't compute: what a part moved above it is written there. In a loop, for trees of any depth.
        stage = self._above
        while stage is not None:
            if stage.status != "pending" and not stage.ended:
                if stage.percent == stage._told:  # noqa: SLF001 - of this class
                    return
                stage._moved = True  # noqa: SLF001
                if not stage._is_due():  # noqa: SLF001
                    return
                stage._flush_own()  # noqa: SLF001
            stage = stage._above  # noqa: SLF001
