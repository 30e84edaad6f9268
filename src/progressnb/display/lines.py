"""Plain lines for pipes, logs, and terminals that another display has.

One for each change of a stage's status, and one now and then that says how far the run is. Of many stages of a kind, as
the inner loops of a loop are, the first ones are told, and those that fail.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, cast

from rich.text import Text

from progressnb.display.terminal import LINE_LIMIT, Pen
from progressnb.folds.batch_words import batch_ending, reason_text, totals_text
from progressnb.folds.facts import LEFT, answer_end_text, cost_text, ending_text, is_left, is_lost, model_text
from progressnb.folds.guesses import is_guess
from progressnb.folds.state import RunState
from progressnb.folds.words import clock_text, duration_text, loop_text, percent_text, short_text
from progressnb.wire.buffer import OutputLength
from progressnb.wire.events import ItemEvent, ProgressEvent

if TYPE_CHECKING:
    from rich.console import Console

    from progressnb.folds.state import StageState
    from progressnb.tracking.protocols import Watchable
    from progressnb.wire.events import Event

__all__ = ["Lines"]

_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 300.0  # seconds without a line, each time twice as many
_STEP, _STEP_PAUSE = 10.0, 2.0  # percent that are worth a line, and the seconds since the last one
_OF_A_KIND = 3  # stages of a kind that are told
_AT_ONCE = 1.0  # seconds; the only stage of a run begins with it, and has no line for that


class Lines:
    """Write a run as lines: what changed in its state between two events.

    The state is folded here once more, event by event: between two paints of a screen several changes may lie.
    """

    def __init__(self, run: Watchable, console: Console, *, compact: bool) -> None:
        self._run, self._console, self._compact = run, console, compact
        self._pen = Pen(console, LINE_LIMIT)
        self._state = RunState(buffer=OutputLength)
        self._next = 0
        self._trouble = ""
        self._said = 0.0  # when the last line was written, in seconds of the run
        self._pause = _FIRST_PAUSE
        self._percent = 0.0
        self._kinds: Counter[str] = Counter()
        self._folded: dict[str, bool] = {}  # by path
        self._held: tuple[str, float] | None = None  # the end of the only stage, and when; the run's end says it, too

    def write(self) -> None:
        """Write the changes since the last time."""
        name = self._pen.one_line(self._run.operation)
        trouble = getattr(self._run, "trouble", "")  # of a run that is served elsewhere
        if trouble and trouble != self._trouble:
            self._print(f"{name}: {self._pen.one_line(trouble)}")
        self._trouble = trouble
        log = self._run.log
        for event, _ in log.read(self._next - 1):
            self._next = event.seq + 1
            if line := self._line(cast("Event", event)):
                self._print_held(name)
                only = None if self._state.ended else self._namesake(event.stage)
                if only is not None and only.ended:
                    self._held = line, self._state.elapsed
                elif only is None or only.status != "running" or self._state.elapsed >= _AT_ONCE:
                    self._print_change(name, line, self._state.elapsed)
        if not self._state.ended and self._is_due(self._run.elapsed) and (line := self._progress()):
            self._print_held(name)
            self._print_change(name, line, self._run.elapsed)

    def _print_held(self, name: str) -> None:
        held, self._held = self._held, None
        if held is not None and not self._state.ended:
            self._print_change(name, *held)

    def _namesake(self, path: str | None) -> StageState | None:
        """Return the stage of an agent's or a loop's own run: alone at the top, with the run's name."""
        state = self._state
        only = state.stages[0] if len(state.stages) == 1 else None
        return only if only is not None and only.path == path and only.name == state.operation else None

    def _print_change(self, name: str, line: str, elapsed: float) -> None:
        percent = self._state.counted_progress
        self._said, self._percent = elapsed, percent or 0.0
        shown = percent_text(percent, guess=is_guess(self._state))
        self._print(f"{name} {shown:>5} {clock_text(elapsed):>5}  {line}")

    def _is_due(self, elapsed: float) -> bool:
        since = elapsed - self._said
        if since >= self._pause:
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
            return True
        percent = self._state.overall_progress or 0.0
        return since >= _STEP_PAUSE and percent // _STEP > self._percent // _STEP

    def _progress(self) -> str:
        """Return what the outermost loop, or else the stage at work, says of itself."""
        state, pen = self._state, self._pen
        if state.batch is not None:
            return pen.words(totals_text(state, state.batch, self._run.elapsed))
        at_work = [stage for stage in state.stages if not stage.ended and stage.status != "pending"]
        if not at_work:
            return ""
        stage = next((stage for stage in at_work if stage.data.get("done") is not None), at_work[-1])
        text = loop_text(stage, self._run.elapsed) or stage.message or stage.status
        return f"{_place(state, stage.path, pen)}: {pen.words(text)}"

    def _print(self, line: str) -> None:
        self._console.print(Text(line), soft_wrap=True)

    def _line(self, event: Event) -> str:
        if isinstance(event, ProgressEvent) and event.data.get("silence"):
            return ""  # a notice of silence says nothing new about a stage
        state, path = self._state, event.stage
        status = state.status
        before = _look(state.find(path) if path else None)
        state.apply(event)
        if state.status != status:
            return self._end() if state.ended else self._start()
        if isinstance(event, ItemEvent):
            return self._failed_item(event)
        stage = state.find(path) if path else None
        if stage is None or (self._compact and "/" in stage.path) or self._is_folded(stage):
            line = ""
        else:
            line = self._change(stage, before)
        if stage is not None and stage.ended:
            self._folded.pop(stage.path, None)  # one entry a stage of a long loop would be too many
        return line

    def _is_folded(self, stage: StageState) -> bool:
        """Return whether a stage, or one above it, is one of many of its kind; one that fails is told all the same."""
        return self._folds(stage.path) and stage.status != "failed"

    def _folds(self, path: str) -> bool:
        if (known := self._folded.get(path)) is not None:
            return known
        above, _, name = path.rpartition("/")
        folded = bool(above) and self._folds(above)
        if not folded:
            kind = f"{above}/{name.partition('#')[0]}"
            self._kinds[kind] += 1
            folded = self._kinds[kind] > _OF_A_KIND
        self._folded[path] = folded
        return folded

    def _failed_item(self, event: ItemEvent) -> str:
        """Tell the first failed item of each reason."""
        kinds = self._state.batch.failures if self._state.batch is not None and event.status == "failed" else []
        kind = next((each for each in kinds if each.index == event.index), None)
        if kind is None or kind.count > 1 or self._compact:
            return ""
        title = f" {kind.title}" if kind.title else ""
        error = f": {kind.error}" if kind.error else ""
        return self._pen.one_line(f"item {kind.index:,}{title} failed, {reason_text(kind)}{error}")

    def _start(self) -> str:
        return f"started, model {self._pen.one_line(self._state.model)}" if self._state.model else "started"

    def _end(self) -> str:
        state, pen = self._state, self._pen
        lasted = duration_text(state.elapsed if state.duration is None else state.duration)
        if state.status == "finished":
            usage = pen.one_line(
                pen.signs(" · ".join(filter(None, [model_text(state), cost_text(state.usage.get("cost"))])))
            )
            early = pen.words(ending_text(state))
            only = self._namesake(state.stages[0].path) if state.stages else None
            short = short_text(only) if only is not None else ""
            if state.batch is not None:
                short = pen.words(totals_text(state, state.batch, state.elapsed))
            return ", ".join(filter(None, [f"finished in {lasted}{short and f': {short}'}", early, usage]))
        after = "" if state.started is None else f" after {lasted}"  # nothing came of a run elsewhere that has no begin
        if state.status == "cancelled":
            reason = "" if state.reason in (None, "cancelled") else f": {pen.one_line(state.reason)}"
            if state.batch is not None:
                counts = totals_text(state, state.batch, state.elapsed)
                reason = f": {pen.words(' · '.join(filter(None, [batch_ending(state) or state.reason, counts])))}"
            return f"{LEFT}{after}" if is_left(state) else f"cancelled{after}{reason}"
        if is_lost(state):
            return f"lost{after}: {ending_text(state)} ({pen.one_line(state.error)})"
        where = _place(state, state.error_stage, pen)
        error = f"{pen.one_line(state.error_type)}: {pen.one_line(state.error)}"
        return f"failed{after}{f' in {where}' if where else ''}: {error}"

    def _change(self, stage: StageState, before: tuple[str, str]) -> str:
        status, message = stage.status, self._pen.one_line(stage.message or "")
        same = _look(stage) == before if status == "retrying" else status == before[0]
        if same or status == "pending" or (status == "running" and before[0] != "pending"):
            return ""
        text = {"running": "started", "retrying": message, "waiting": message}.get(status) or status
        if stage.ended and stage.duration is not None:
            text += f" {'in' if status == 'finished' else 'after'} {duration_text(stage.duration)}"
        if message and status in ("failed", "skipped", "fallback"):
            text += f": {message}"
        elif status == "finished" and (short := short_text(stage) or answer_end_text(stage.data)):
            text += f": {short}"
        return f"{_place(self._state, stage.path, self._pen)}: {text}"


def _place(state: RunState, path: str | None, pen: Pen) -> str:
    """Return the place of a path in words: the titles of its stages from the top down."""
    titles: list[str] = []
    while path:
        stage = state.find(path)
        titles.insert(0, pen.one_line(stage.title if stage is not None else path))
        path = path.rpartition("/")[0]
    return " / ".join(titles)


def _look(stage: StageState | None) -> tuple[str, str]:
    return (stage.status, stage.message or "") if stage is not None else ("pending", "")
