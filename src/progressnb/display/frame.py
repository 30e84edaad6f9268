"""One frame of a run for a terminal: bars, stages, the end of its output, and the report that stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from progressnb.display.terminal import INDENT, Outline, Pen
from progressnb.folds.rows import fold
from progressnb.folds.words import (
    clock_text,
    duration_text,
    percent_text,
    remaining_seconds,
    shown_percent,
    spent_seconds,
    usage_text,
)
from progressnb.wire.paths import stage_title

if TYPE_CHECKING:
    from progressnb.folds.state import RunState, StageState
    from progressnb.tracking.protocols import Watchable

__all__ = ["Frame", "titles"]

_NARROW, _SMALL = 72, 50  # columns below which the message, and below which the bars, give way
_WINDOW = 14  # lines of output at most
_FINAL_ROWS = 20  # stages that stay in the scrollback
_TIME = 10  # columns of "3 min 05 s"


class Frame:
    """Draw one run as lines that fit the window."""

    def __init__(self, run: Watchable, pen: Pen) -> None:
        self._run, self._state, self._pen = run, run.state, pen
        self._title = pen.one_line(stage_title(run.operation))
        widest = max((INDENT * depth + cell_len(stage.title[:60]) for depth, stage in run.state.walk()), default=0)
        share = pen.width * 36 // 100 if pen.width >= _SMALL else pen.width - _TIME - 8
        self._widest = widest + 3
        self._names = min(self._widest, share)

    def live(self, height: int, *, compact: bool) -> list[Text]:
        """Draw the run at work: never taller than `height`."""
        if trouble := getattr(self._run, "trouble", ""):  # a run that is served elsewhere, and not reached yet
            return [Text(self._pen.fit(f"{self._title}: {self._pen.one_line(trouble)}", self._pen.width).rstrip())]
        if compact or height < 5:  # noqa: PLR2004 - a bar, two stages and a line of output
            return [self._overall(self._doing())]
        room = height - 2
        output = self._state.last_output is not None
        rows = self._stages(max(room - _WINDOW, room // 2) if output else room)
        lines = [self._overall(""), *rows]
        lines += self._window(min(_WINDOW, height - len(lines) - 1))
        if facts := self._facts():
            lines.append(Text(f" {self._pen.fit(facts, self._pen.width - 1).rstrip()}", "dim"))
        return lines[:height]

    def final(self, *, compact: bool) -> list[Text]:
        """Draw how the run ended: short, since it stays in the scrollback."""
        state, pen = self._state, self._pen
        self._names = min(self._widest, pen.width - _TIME - 4)
        lines = pen.wrap(self._outcome(), pen.width)
        if not compact:
            for depth, row in fold(state.stages, _FINAL_ROWS, collapse=True):
                lines.append(self._remark(depth + 0.5, row) if isinstance(row, str) else self._ended(depth, row))
        if state.status == "failed":
            where = titles(state, state.error_stage, pen)
            what = f"{where}: {self._error()}" if where else self._error()
            lines += [Text("  ").append_text(line) for line in pen.wrap(Text(what, "red"), pen.width - 2)[:6]]
        if not compact and (facts := self._facts()):
            lines += [Text("  ").append_text(line) for line in pen.wrap(Text(facts, "dim"), pen.width - 2)]
        return lines

    def _outcome(self) -> Text:
        state, pen = self._state, self._pen
        sign, style = pen.sign(state.status)
        after = "in" if state.status == "finished" else "after"
        text = f"{self._title} {state.status} {after} {duration_text(self._run.elapsed)}"
        if state.status != "finished":
            text += f", at {percent_text(state.overall_progress)}"
        if state.reason and state.reason != "cancelled":
            text += f": {pen.one_line(state.reason)}"
        return Text.assemble((f"{sign} ", style), (text, "bold"))

    def _error(self) -> str:
        return f"{self._pen.one_line(self._state.error_type or 'Error')}: {self._pen.one_line(self._state.error or '')}"

    def _overall(self, doing: str) -> Text:
        state, pen = self._state, self._pen
        numbers = f" {percent_text(state.overall_progress):>5}  {clock_text(self._run.elapsed)}"
        remaining = remaining_seconds(state, self._run.elapsed)
        if remaining is not None and pen.width >= _SMALL:
            numbers += f"  about {clock_text(remaining)} left"
        space = pen.width - cell_len(numbers)
        title = pen.fit(self._title, min(cell_len(self._title), max(space // 3, 8)))
        doing = pen.fit(f"  {doing}", min(cell_len(doing) + 2, space // 2)).rstrip()
        bar = pen.bar(state.overall_progress, max(space - cell_len(title) - 1 - cell_len(doing), 3), "cyan")
        return Text.assemble((title, "bold"), " ", bar, numbers, (doing, "dim"))

    def _doing(self) -> str:
        stage = self._state.current
        if stage is None:
            return ""
        title = self._pen.one_line(stage.title)
        return f"{title}: {self._pen.one_line(stage.message)}" if stage.message else title

    def _stages(self, height: int) -> list[Text]:
        """Draw as many rows as fit; remarks and messages of their own line take the room of stages."""
        limit = height
        while True:
            rows = list(fold(self._state.stages, limit, collapse=True))
            lines = [line for depth, row in rows for line in self._lines(depth, row)]
            if len(lines) <= height or limit <= 1:
                return lines[:height]
            limit = max(limit - (len(lines) - height), 1)

    def _lines(self, depth: int, row: StageState | str) -> list[Text]:
        if isinstance(row, str):
            return [self._remark(depth, row)]
        active = row.status != "pending" and not row.ended
        if active and row.message and self._pen.width < _NARROW and not row.children:
            return [self._row(depth, row), self._remark(depth + 1, self._pen.one_line(row.message))]
        return [self._row(depth, row)]

    def _remark(self, depth: float, text: str) -> Text:
        indent = " " * int(1 + INDENT * depth)
        return Text(self._pen.fit(indent + self._pen.signs(text), self._pen.width).rstrip(), "dim")

    def _name(self, depth: int, stage: StageState) -> Text:
        sign, style = self._pen.sign(stage.status)
        title = self._pen.fit(self._pen.one_line(stage.title), max(self._names - 3 - INDENT * depth, 4))
        quiet = "dim" if stage.status in ("pending", "skipped") else ""
        return Text.assemble(" " * (1 + INDENT * depth), (sign, style), " ", (title, quiet))

    def _row(self, depth: int, stage: StageState) -> Text:
        pen = self._pen
        row = self._name(depth, stage)
        done = shown_percent(stage)
        percent = f"{percent_text(done) if stage.status != 'pending' else '':>5}"
        time = f"{self._spent(stage):>{_TIME}}"
        space = pen.width - self._names - len(percent) - len(time) - 3
        if pen.width >= _SMALL:
            width = space - 2 if pen.width < _NARROW else max(space * 2 // 5, 8)
            _, style = pen.sign(stage.status)
            bar = pen.bar(done, width, style) if stage.status != "pending" else Text(" " * width)
            row.append("  ").append_text(bar)
            space -= width + 2
        row.append(f" {percent}")
        if pen.width >= _NARROW:
            message = pen.one_line(stage.message or "") if stage.status not in ("finished", "pending") else ""
            row.append("  " + pen.fit(message, space), "dim")
        else:
            row.append("  ")
        return row.append(time)

    def _ended(self, depth: int, stage: StageState) -> Text:
        name = self._name(depth, stage).append("  ")
        name.pad_left(1)
        return name.append(f"{self._spent(stage):>{_TIME}}".rstrip())

    def _spent(self, stage: StageState) -> str:
        return duration_text(spent_seconds(stage, self._run.elapsed))

    def _window(self, height: int) -> list[Text]:
        stage = self._state.last_output
        # Not the run's own partial, which is ahead of the events: the heading would be another stage's.
        partial = stage.partial if stage is not None else None
        if height < 3 or stage is None or partial is None:  # noqa: PLR2004 - a rule and two lines
            return []
        pen = self._pen
        title = f" ── {pen.fit(pen.one_line(stage.title), pen.width - 12).rstrip()} "
        rule = pen.signs(title + "─" * (pen.width - cell_len(title) - 1))
        tail = Outline(pen, pen.width - 4, height - 1).tail(partial, caret=not stage.ended)
        return [Text(rule, "dim"), *(Text("   ").append_text(line) for line in tail)]

    def _facts(self) -> str:
        return self._pen.one_line(self._pen.signs(usage_text(self._state)))


def titles(state: RunState, path: str | None, pen: Pen) -> str:
    """Return the place of a path in words: the titles of its stages from the top down."""
    titles: list[str] = []
    while path:
        stage = state.find(path)
        titles.insert(0, pen.one_line(stage.title if stage is not None else path))
        path = path.rpartition("/")[0]
    return " / ".join(titles)
