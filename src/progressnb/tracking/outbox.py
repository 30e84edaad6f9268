"""The outbox of a stage: what it has reported and no event carries yet, written at most ten times a second.

The latest state wins and content is joined. A loop of a million updates is a few events, and no reader has to
merge them. Everything here happens under the run's lock.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Literal

from progressnb.folds.state import ENDED
from progressnb.tracking.parts import Part, TextLength
from progressnb.tracking.percent import checked_percent
from progressnb.tracking.recorder import INTERVAL

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.folds.state import RunState
    from progressnb.tracking.recorder import Recorder
    from progressnb.tracking.work import Work
    from progressnb.wire.buffer import OutputBuffer
    from progressnb.wire.events import StageStatus

__all__ = ["Outbox"]

SILENCE = 10.0
"""Seconds without a report after which a stage writes how long it has been silent."""

SILENCE_GROWTH = 1.1
"""The factor by which a silence grows before it is written again: a long silence is few events."""

_logger = logging.getLogger("progressnb")


class Outbox:
    """The state of one stage as its next event will carry it.

    `announce` is the weight (0–1) and the title of a stage that was not declared; its first event carries them.
    `above` is the outbox of the stage above, or None, which moves when this one does. `measure` and `compute` bring the
    percent up to date before an event is written: the length of the output, and a `Stage(percent=f)`.
    """

    __slots__ = (
        "_announce",
        "_computing",
        "_last_write",
        "_log",
        "_monotonic",
        "_parts",
        "_pending",
        "_recorder",
        "_silence_written",
        "_timer",
        "_written",
        "above",
        "awaits",
        "began",
        "compute",
        "data",
        "lasted",
        "measure",
        "message",
        "moved",
        "path",
        "restored",
        "status",
        "work",
    )

    def __init__(
        self,
        recorder: Recorder,
        path: str,
        work: Work,
        *,
        announce: tuple[float | None, str] | None = None,
        above: Outbox | None = None,
    ) -> None:
        self.path = path
        self.work = work
        self.measure: Callable[[], None] | None = None
        self.compute: Callable[[], float | None] | None = None
        self.status: StageStatus = "pending"
        self.message: str | None = None
        self.data: dict[str, Any] = {}
        self.moved = False
        self.restored = False  # whether the result was taken from an earlier run
        self.lasted: float | None = None  # seconds that the work took, where its event comes later or earlier
        self.awaits: str | None = None  # the thing that a silent stage waits for, in one word
        self._recorder = recorder
        self._log = recorder.log
        self._monotonic = recorder.clock.monotonic
        self._announce = announce
        self.above = above
        self._written: float | None = None  # the percent that the last event has
        self._parts: dict[str, Part] = {}  # by name
        self._pending: dict[str, Part] = {}  # those that an event must tell of
        self._last_write = float("-inf")
        self.began = 0.0
        self._timer = self._computing = False
        self._silence_written = 0.0

    @property
    def percent(self) -> float | None:
        """The stage's percent, 0–100, or None while nothing is known."""
        work = self.work
        if work.is_late:
            with self._log.lock:
                return work.percent
        return work.percent

    @property
    def ended(self) -> bool:
        """Whether the stage or its run has ended, well or not."""
        return self.status in ENDED or self._log.ended

    def begin(self) -> None:
        """Let the stage begin now: its duration is counted from here."""
        self.began = self._recorder.elapsed
        self._recorder.open[self.path] = self

    def append(self, delta: str, part: str, kind: Literal["text", "json"], *, reset: bool) -> None:
        """Add characters to a part of the output, or start the part over with them."""
        text = self._pending.get(part)
        if text is None:
            text = self._pending[part] = self._parts.get(part) or self._parts.setdefault(part, Part(kind))
        if reset or text.kind != kind:
            text.start_over(kind)
        if text.append(delta) and part == "output":
            self._recorder.last_writer = self

    def output(self, part: str) -> OutputBuffer | None:
        """Return a part of the output, with what no event carries yet; None before anything is written.

        The text is in the run's state, which has what the events have. What is pending is read behind it.
        """
        with self._log.lock:
            written, text = self._find(part)
            return written if text is None else text.behind(written)

    def _find(self, part: str) -> tuple[OutputBuffer | None, Part | None]:
        """Return what events carry of a part of the output, and what is behind it."""
        stage = self._recorder.state.find(self.path)
        return (stage.outputs.get(part) if stage is not None else None), self._parts.get(part)

    def measured(self, part: str) -> OutputBuffer | TextLength | None:
        """Return a part of the output as `output` does; of a text only the length, which takes no copy of it."""
        with self._log.lock:
            written, text = self._find(part)
            if text is None or text.kind != "text":
                return written if text is None else text.behind(written)
            length = text.length + (0 if written is None or text.reset else len(written))
            return TextLength(length) if length else None

    def outputs(self) -> dict[str, OutputBuffer]:
        """Return the parts of the output by name, as `output` returns each."""
        return {part: buffer for part in self._parts if (buffer := self.output(part)) is not None}

    def write(self) -> None:
        """Write what is pending when the stage's next turn has come."""
        wait = self._last_write + INTERVAL - self._monotonic()
        if wait <= 0:
            self.flush()
        elif not self._timer:
            self._set_timer(wait)

    def flush(self, *, whole: bool = False) -> None:
        """Write what is pending now; the stages above follow in their own turns.

        A half of a character waits for its other half, unless the text is `whole`: then nothing of it will follow.
        """
        if whole:
            self._end_text()
        if self._pending or self.moved:
            self._flush_own()
            if self.above is not None:
                self._move_above()

    def show(self, state: RunState) -> None:
        """Show in a state, under the lock, what the next event will say of this stage and of those above."""
        if not self.moved or self.ended or (stage := state.find(self.path)) is None:
            return
        stage.message = self.message
        box: Outbox | None = self
        while box is not None and (stage := state.find(box.path)) is not None and stage.at_work:
            stage.percent, box = box.work.percent, box.above

    def tick(self) -> bool:
        """Write what time alone has changed: a computed percent, a long silence. Return whether anything was."""
        before = self.percent
        self._compute()
        if self.percent != before:
            self.moved = True
            self.write()
            return True
        if self.status == "waiting":  # for a person: that is no silence
            return False
        silence = self._monotonic() - self._last_write
        if silence < SILENCE or silence < self._silence_written * SILENCE_GROWTH or self._has_open_parts():
            return False
        self._silence_written = silence
        text = f"no {self.awaits} for {silence:.0f} s" if self.awaits else f"silent for {silence:.0f} s"
        if (longest := self._recorder.longest_silence(self.path, silence)) is not None:
            text += f", never before longer than {max(1.0, longest):.0f} s"
        message = f"{self.message} ({text})" if self.message else text
        self._recorder.progress(self.path, self.status, self.percent, message, {"silence": silence})
        return True

    def _set_timer(self, wait: float) -> None:
        self._timer = True
        self._recorder.late[self.path] = self
        self._recorder.clock.call_later(wait, self._on_timer)

    def _on_timer(self) -> None:
        with self._log.lock:
            self._timer = False
            self._recorder.late.pop(self.path, None)
            if not self._log.ended:
                self.flush()

    def _compute(self) -> None:
        if self.compute is None or self._computing:
            return
        self._computing = True  # the function may report into this very stage
        try:
            percent = self.compute()
            if percent is not None:
                self.work.raise_floor(checked_percent(percent))
        except Exception:
            self.compute = None
            _logger.warning("detached the percent of stage %r, which raised", self.path, exc_info=True)
        finally:
            self._computing = False

    def _has_open_parts(self) -> bool:
        return any(path.startswith(f"{self.path}/") for path in self._recorder.open)

    def _end_text(self) -> None:
        # Halves of characters whose other half never came.
        for part, text in self._parts.items():
            if rest := text.end():
                self.append(rest, part, text.kind, reset=False)

    def _flush_own(self) -> None:
        if self._parts and self.ended:
            self._end_text()
        self._last_write = self._monotonic()
        if self._pending and self.measure is not None:
            self.measure()
        if self.compute is not None:
            self._compute()
        if self._silence_written:  # the silence is over: the message without it is written again
            self._silence_written = 0.0
            self.moved = True
        if self._pending:
            self._record_contents()
        if self.moved:
            self._record_progress()

    def _record_contents(self) -> None:
        for part, text in self._pending.items():
            if text.is_half:
                continue
            self._written = percent = self.work.percent
            self._recorder.content(self.path, text, part, percent)
        self._pending.clear()

    def _record_progress(self) -> None:
        self.moved = False
        weight = title = duration = None
        if self._announce is not None:
            weight, title = self._announce
            self._announce = None
        if self.status in ENDED or self._log.ended:
            duration = self._recorder.since(self.began) if self.lasted is None else self.lasted
            self._recorder.open.pop(self.path, None)
            self._recorder.late.pop(self.path, None)
            for text in self._parts.values():
                text.forget_front()
        data, self.data = self.data, {}
        self._written = percent = self.work.percent
        if (news := self.work.guess_news(self.status)) is not None:
            data |= news
        self._recorder.progress(self.path, self.status, percent, self.message, data, weight, title, duration)

    def _move_above(self) -> None:
        # Readers compute no percent, so the stages above are written too. In a loop, for trees of any depth.
        stage = self.above
        while stage is not None:
            if stage.status != "pending" and not stage.ended:
                if stage.percent == stage._written:  # noqa: SLF001 - of this class
                    return
                stage.moved = True
                wait = stage._last_write + INTERVAL - self._monotonic()  # noqa: SLF001
                if wait > 0:
                    if not stage._timer:  # noqa: SLF001
                        stage._set_timer(wait)  # noqa: SLF001
                    return
                stage._flush_own()  # noqa: SLF001
            stage = stage.above
