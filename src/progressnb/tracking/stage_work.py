"""The machinery of a stage: the part that users see is `StageHandle`, bridges to other libraries need the rest."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

from progressnb.tracking.budget import USAGE_NAMES, Usage
from progressnb.tracking.counted import CountedWork
from progressnb.tracking.lifecycle import Life
from progressnb.tracking.outbox import Outbox
from progressnb.tracking.percent import FULL, checked_percent
from progressnb.tracking.reported import check_text, plain_data
from progressnb.tracking.stage import Stage
from progressnb.tracking.stage_view import ViewOfStage
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping

    from progressnb.tracking.clock import Clock, Pause
    from progressnb.tracking.controls import Controls
    from progressnb.tracking.parts import TextLength
    from progressnb.tracking.protocols import CalledTool, KeptResults, OpenLoop
    from progressnb.tracking.recorder import Recorder
    from progressnb.tracking.stage import StageSpec
    from progressnb.tracking.work import Work
    from progressnb.wire.buffer import OutputBuffer
    from progressnb.wire.events import StageStatus

__all__ = ["StageWork"]


class StageWork:
    """The machinery of one stage, for packages that bridge other libraries: `tracking.internals(stage)` returns it.

    Attributes:
        name: The name.
        path: The path in the run.
        options: The declaration of the stage.
        above: The stage above, or None.
        life: How the stage begins, starts over and ends.
        pause: The optional turn of the event loop that every report returns.
        agents: The agents at work in this stage. An agent alone in a stage reports into it, others get stages below.
        tool_call: The call of a tool that the stage stands for, or None.
        billed: Whether the usage that the stage reports counts for the run's budget. That of a run below does not: it
            was counted as it came.
        loop: The loop that the stage stands for, or None.
        contents: Whether arguments, results and outputs of agents and tools, and the texts of errors, may be written.
            The stages below follow.

    """

    __slots__ = (
        "_box",
        "_log",
        "_names",
        "_recorder",
        "_usage",
        "above",
        "agents",
        "billed",
        "contents",
        "life",
        "loop",
        "name",
        "options",
        "path",
        "pause",
        "tool_call",
    )

    def __init__(
        self,
        recorder: Recorder,
        pause: Pause,
        name: str,
        path: str,
        work: Work,
        *,
        announce: tuple[float | None, str] | None = None,
        above: StageWork | None = None,
        options: Stage | None = None,
    ) -> None:
        self.name = name
        self.path = path
        self.options = options or Stage(path)
        self.above = above
        self.pause = pause
        self.agents: set[object] = set()
        self.tool_call: CalledTool | None = None
        self.loop: OpenLoop | None = None
        self.contents: bool = above is None or above.contents
        self._recorder = recorder
        self._log = recorder.log
        box_above = above._box if above is not None else None  # noqa: SLF001 - of this class
        self._box: Outbox = Outbox(recorder, path, work, announce=announce, above=box_above)
        self.life = Life(recorder, self._box, contents=self.contents)
        self._names: Counter[str] = Counter()
        self._usage = Usage()
        self.billed = True
        if (percent := self.options.percent) is not None:
            view = ViewOfStage(self)
            self._box.compute = lambda: percent(view)

    # --- to read -----------------------------------------------------------------------------------

    @property
    def status(self) -> StageStatus:
        """The status."""
        return self._box.status

    @property
    def percent(self) -> float | None:
        """The percent, 0–100, or None while nothing is known."""
        return self._box.percent

    @property
    def ended(self) -> bool:
        """Whether the stage or its run has ended, well or not."""
        return self._box.ended

    @property
    def message(self) -> str | None:
        """The message, or None before the first one."""
        return self._box.message

    @property
    def outputs(self) -> Mapping[str, OutputBuffer]:
        """The parts of the output so far, with what no event carries yet."""
        return self._box.outputs()

    def measured(self, part: str) -> OutputBuffer | TextLength | None:
        """Return a part of the output so far for those who measure it; of a text only the length."""
        return self._box.measured(part)

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output so far as plain data, with what no event carries yet; None before anything is written."""
        buffer = self._box.output("output")
        return buffer.value if buffer is not None else None

    @property
    def kind(self) -> tuple[str, str]:
        """What this stage has in common with those of other runs: the operation, and the path without counts."""
        return self._recorder.operation, "/".join(name.partition("#")[0] for name in self.path.split("/"))

    @property
    def run_id(self) -> str:
        """The id of the run that the stage belongs to."""
        return self._recorder.run_id

    @property
    def clock(self) -> Clock:
        """The clock that stamps the events."""
        return self._recorder.clock

    @property
    def lock(self) -> threading.RLock:
        """The lock of the run that the stage belongs to."""
        return self._log.lock

    @property
    def controls(self) -> Controls:
        """The controls of the run that the stage belongs to."""
        return self._recorder.controls

    @property
    def kept(self) -> KeptResults | None:
        """The results that an earlier run of this one kept, or None."""
        return self._recorder.kept

    @property
    def restored(self) -> bool:
        """Whether the stage's result came from an earlier run."""
        return self._box.restored

    @property
    def stopped(self) -> bool:
        """Whether the run was cancelled, this stage, or one above it."""
        stage: StageWork | None = self
        while stage is not None and stage.status != "cancelled":
            stage = stage.above
        return stage is not None or self._recorder.state.status == "cancelled"

    @property
    def waits_for_a_person(self) -> bool:
        """Whether a stage below this one waits for an approval or an answer."""
        return self._recorder.waits.is_waiting(self.path)

    # --- to set ------------------------------------------------------------------------------------

    @property
    def work(self) -> Work:
        """The piece of work whose percent the stage shows; another one may take its place before the stage begins."""
        return self._box.work

    @work.setter
    def work(self, work: Work) -> None:
        self._box.work = work

    @property
    def measure(self) -> Callable[[], None] | None:
        """A function that brings the percent up to date before content is written, or None."""
        return self._box.measure

    @measure.setter
    def measure(self, measure: Callable[[], None] | None) -> None:
        self._box.measure = measure

    @property
    def awaits(self) -> str | None:
        """The thing that the stage waits for while it is silent, in one word such as "token", or None."""
        return self._box.awaits

    @awaits.setter
    def awaits(self, awaits: str | None) -> None:
        self._box.awaits = awaits

    # --- a loop --------------------------------------------------------------------------------------

    def begin_loop(self, loop: OpenLoop) -> None:
        """Let the stage stand for a loop, which ends it."""
        self.loop = self._recorder.loops[self.path] = loop

    def end_loop(self) -> None:
        """Forget the loop where it has ended."""
        self._recorder.loops.pop(self.path, None)

    def settle_loops(self, error: BaseException | None) -> None:
        """End the loops below this stage whose bodies were left, before an error ends the stage."""
        self._recorder.settle_loops(error, self.path)

    # --- reporting ---------------------------------------------------------------------------------

    def update(self, percent: float | None, message: str | None, data: Mapping[str, Any]) -> Pause:
        """Do what `StageHandle.update` does. A loop shows what its body reports behind its count."""
        if self.loop is not None and not self.ended and (message is not None or data):
            message, data = None, self.loop.take(message, data)
            if percent is None and not data:
                return self.pause
        if not data or USAGE_NAMES.isdisjoint(data):  # nearly always
            return self.report(percent, message, data)
        with self._log.lock:
            return self.report(percent, message, self._usage.summed(data))

    def report(
        self, percent: float | None, message: str | None, data: Mapping[str, Any], *, hold: bool = False
    ) -> Pause:
        """Write a percent, a message and data of any keys; `hold` leaves it to the next event, which is the end's."""
        floor = None if percent is None else checked_percent(percent)
        plain = plain_data(data) if data else None
        box = self._box
        with self._log.lock:
            if (box.status == "running" and not self._log.ended) or self.life.open():
                if floor is not None:
                    box.work.raise_floor(floor)
                    if floor == FULL:
                        self.life.stand_complete()
                if message is not None:
                    box.message = clean_text(str(message))
                if plain:
                    box.data.update(plain)
                if not hold:
                    box.moved = True
                    (box.flush if data else box.write)()
            if data and self.billed and not USAGE_NAMES.isdisjoint(data) and self._recorder.controls.counts:
                self._bill(data)
        return self.pause

    def _bill(self, data: Mapping[str, Any]) -> None:
        if amounts := self._usage.bill(data):
            self.controls.spend(amounts)

    def write(self, delta: str, part: str, kind: Literal["text", "json"], *, reset: bool) -> Pause:
        """Do what `StageHandle.write` does."""
        check_text(delta, part)
        box = self._box
        with self._log.lock:
            if (box.status == "running" and not self._log.ended) or self.life.open():
                box.append(delta, part if part.isascii() else clean_text(part), kind, reset=reset)
                box.write()
        return self.pause

    def carry(self, **data: Any) -> None:  # noqa: ANN401 - any data
        """Let the next event of the stage carry data; nothing is written for them alone."""
        with self._log.lock:
            self._box.data.update(data)

    def add_usage(self, model: str | None, news: Mapping[str, float]) -> None:
        """Add to the stage's tokens and cost; an amount below 0 corrects what a provider told too high before.

        What is told after the end of the stage was spent all the same.
        """
        with self._log.lock:
            if self.ended and self._add_late(news):
                return
            if self._log.ended and self._recorder.is_orphan():
                self.controls.spend_late(news, self.path)
                return
            told = self._usage.add(news)
            self.report(None, None, {**told, "model": model} if model else told)

    def carry_usage(self, amounts: Mapping[str, float]) -> None:
        """Add to the tokens and the cost of the stage, which its next event carries; of an ended stage at once."""
        with self._log.lock:
            if self.ended:
                if not self._add_late(amounts):
                    self.controls.spend_late(amounts)
                return
            self._box.data.update(self._usage.add(amounts))
            self._box.moved = True

    def _add_late(self, amounts: Mapping[str, float]) -> bool:
        """Write what an ended stage has spent; return False where the run has ended too, and no event can be written.

        A stage that readers have folded into a sum tells nothing any more: then the stage above it does.
        """
        if self._log.ended:
            return False
        stage: StageWork | None = self
        while stage is not None and self._recorder.state.find(stage.path) is None:
            stage = stage.above
        if stage is None:
            return False
        box, usage = stage._box, stage._usage.add(amounts)  # noqa: SLF001 - of this class
        self._recorder.progress(box.path, box.status, box.percent, box.message, {**usage})
        if self.billed and self.controls.counts:
            stage._bill(usage)  # noqa: SLF001
        return True

    def expect(self, count: int) -> None:
        """Declare how many parts are to come."""
        with self._log.lock:
            self.work.expect(count)

    def start_over(self, attempt: int, attempts: int, error: BaseException, pause: float = 0.0) -> None:
        """Report that the work starts over after an error, in `pause` seconds; the percent falls."""
        self.life.start_over(attempt, attempts, error, pause)

    def keep_usage(self) -> None:
        """Let what was spent so far stay, where a function is called again and tells anew what it spends."""
        with self._log.lock:
            self._usage.keep()

    def resume(self) -> None:
        """Report that a retry is at work again; a stage that works as a fallback goes on as one."""
        self.life.resume()

    def flush(self) -> None:
        """Write what no event carries yet."""
        with self._log.lock:
            self._box.flush()

    def part(self, spec: StageSpec, work: Work | None = None) -> StageWork:
        """Make a stage below this one; `work` puts it under another piece of work of this stage."""
        with self._log.lock:
            self._names[spec.encoded] += 1
            path, recorder, pause = spec.path(self._names[spec.encoded], self.path), self._recorder, self.pause
            below = (work or self.work).part(spec.share)
            told = below.span / FULL, spec.title
            stage = StageWork(recorder, pause, spec.name, path, below, announce=told, above=self, options=spec.options)
            if isinstance(self.work, CountedWork) and (item := self.work.item) is not None:
                stage._box.data["item"] = item
            return stage
