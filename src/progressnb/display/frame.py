"""One frame of a run for a terminal: bars, stages, the end of what is being written, and what remains."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, TypeAlias

from rich.cells import cell_len
from rich.text import Text

from progressnb.display.terminal import INDENT, Outline, Pen
from progressnb.folds.words import duration_text, percent_text, remaining_seconds, shown_percent, usage_text
from progressnb.wire.paths import stage_title

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from progressnb.folds.state import RunState, StageState
    from progressnb.tracking.protocols import Watchable


__all__ = ["Frame", "clock_text", "titles"]

_NARROW, _SMALL = 72, 50  # columns below which the message, and below which the bars, give way
_WINDOW = 14  # lines of output at most
_CHILDREN = 4  # children of one stage that are shown
_FINAL_ROWS = 20  # stages that stay in the scrollback
_TIME = 10  # columns of "3 min 05 s"

_Rows: TypeAlias = "list[tuple[bool, Callable[[], Text]]]"
"""Rows that are drawn only if they are seen, each with whether its stage is at work."""


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
        rows = _around(self._stages(self._state.stages, 0), height - 2, self._pen)
        lines = [self._overall(""), *rows]
        lines += self._window(min(_WINDOW, height - len(lines) - 2))
        if facts := self._facts():
            lines.append(Text(f" {self._pen.fit(facts, self._pen.width - 1).rstrip()}", "dim"))
        return lines[:height]

    def final(self, *, compact: bool) -> list[Text]:
        """Draw how the run ended: short, since it stays in the scrollback."""
        state, pen = self._state, self._pen
        self._names = min(self._widest, pen.width - _TIME - 4)
        sign, colour = pen.sign(state.status)
        after = "in" if state.status == "finished" else "after"
        head = f"{self._title} {state.status} {after} {duration_text(self._run.elapsed)}"
        if state.status != "finished":
            head += f", at {percent_text(state.overall_progress)}"
        if state.reason and state.reason != "cancelled":
            head += f": {pen.one_line(state.reason)}"
        lines = pen.wrap(Text.assemble((f"{sign} ", colour), (head, "bold")), pen.width)
        if not compact:
            stages = state.stages
            if len(stages) > _FINAL_ROWS:
                stages = [stage for stage in stages if stage.status not in ("finished", "pending")][:_FINAL_ROWS]
            lines += [self._ended(depth, stage) for stage in stages for depth, stage in _failed_below(stage)]
            if left := len(state.stages) - len(stages):
                lines.append(Text(pen.ours(f"  … {left:,} more stages"), "dim"))
        if state.status == "failed":
            where = titles(state, state.error_stage, pen)
            what = f"{where}: {self._error()}" if where else self._error()
            lines += [Text("  ").append_text(line) for line in pen.wrap(Text(what, "red"), pen.width - 2)[:6]]
        if not compact and (facts := self._facts()):
            lines += [Text("  ").append_text(line) for line in pen.wrap(Text(facts, "dim"), pen.width - 2)]
        return lines

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

    def _stages(self, stages: Sequence[StageState], depth: int) -> _Rows:
        rows: _Rows = []
        shown = [*stages]
        if depth and len(stages) > _CHILDREN:
            going = [stage for stage in stages if not stage.ended]
            failed = [stage for stage in stages if stage.status == "failed"]
            chosen = {id(stage) for stage in (*failed[-1:], *stages[-1:], *going)[: _CHILDREN - 1]}
            shown = [stage for stage in stages if id(stage) in chosen]
            ended = sum(stage.ended for stage in stages)
            count = f"{ended:,} of {len(stages):,} ended"
            rows.append((False, functools.partial(self._remark, depth, self._pen.ours("… ") + count)))
        for stage in shown:
            active = stage.status != "pending" and not stage.ended
            rows.append((active, functools.partial(self._row, depth, stage)))
            if active and stage.message and self._pen.width < _NARROW and not stage.children:
                rows.append((False, functools.partial(self._remark, depth + 1, self._pen.one_line(stage.message))))
            if not stage.ended:
                rows += self._stages(stage.children, depth + 1)
        return rows

    def _remark(self, depth: int, text: str) -> Text:
        return Text(self._pen.fit(" " * (1 + INDENT * depth) + text, self._pen.width).rstrip(), "dim")

    def _name(self, depth: int, stage: StageState) -> Text:
        sign, colour = self._pen.sign(stage.status)
        title = self._pen.fit(self._pen.one_line(stage.title), max(self._names - 3 - INDENT * depth, 4))
        style = "dim" if stage.status in ("pending", "skipped") else ""
        return Text.assemble(" " * (1 + INDENT * depth), (sign, colour), " ", (title, style))

    def _row(self, depth: int, stage: StageState) -> Text:
        pen = self._pen
        row = self._name(depth, stage)
        done = shown_percent(stage)
        percent = f"{percent_text(done) if stage.status != 'pending' else '':>5}"
        time = f"{self._spent(stage):>{_TIME}}"
        space = pen.width - self._names - len(percent) - len(time) - 3
        if pen.width >= _SMALL:
            width = space - 2 if pen.width < _NARROW else max(space * 2 // 5, 8)
            _, colour = pen.sign(stage.status)
            bar = pen.bar(done, width, colour) if stage.status != "pending" else Text(" " * width)
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
        if stage.duration is None and stage.started_elapsed is not None:
            return duration_text(max(0.0, self._run.elapsed - stage.started_elapsed))
        return duration_text(stage.duration)

    def _window(self, height: int) -> list[Text]:
        stage = self._state.last_output
        # Not the run's, which is ahead of the events: the heading would be another stage's.
        partial = stage.partial if stage is not None else None
        if height < 3 or stage is None or partial is None:  # noqa: PLR2004 - a rule and two lines
            return []
        pen = self._pen
        title = f" ── {pen.fit(pen.one_line(stage.title), pen.width - 12).rstrip()} "
        rule = pen.ours(title + "─" * (pen.width - cell_len(title) - 1))
        tail = Outline(pen, pen.width - 4, height - 1).tail(partial, caret=not stage.ended)
        return [Text(rule, "dim"), *(Text("   ").append_text(line) for line in tail)]

    def _facts(self) -> str:
        return self._pen.one_line(self._pen.ours(usage_text(self._state)))


def _around(rows: _Rows, height: int, pen: Pen) -> list[Text]:
    """Draw the rows around the last one at work, with a mark where others are left out."""
    at = max((index for index, (active, _) in enumerate(rows) if active), default=0)
    first = max(min(at - height // 2, len(rows) - height), 0)
    below = len(rows) - first - height
    shown = [draw() for _, draw in rows[first : first + height]]
    if first:
        shown[0] = Text(pen.ours(f" ⋮ {first + 1:,} above"), "dim")
    if below > 0:
        shown[-1] = Text(pen.ours(f" ⋮ {below + 1:,} below"), "dim")
    return shown


def _failed_below(stage: StageState) -> list[tuple[int, StageState]]:
    failed = [(depth, each) for depth, each in stage.walk() if depth and each.status == "failed"]
    return [(0, stage), *failed[-_CHILDREN:]]


def titles(state: RunState, path: str | None, pen: Pen) -> str:
    """Return where a path is, in titles from the top down."""
    titles: list[str] = []
    while path:
        stage = state.find(path)
        titles.insert(0, pen.one_line(stage.title if stage is not None else path))
        path = path.rpartition("/")[0]
    return " / ".join(titles)


def clock_text(seconds: float) -> str:
    """Say a duration as a clock does: `0:15`, `1:02:03`."""
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
