"""A run as HTML without scripts, and as text: the parts of a live panel, and what stays when the run has ended.

Every text of a model, a file or an exception is escaped. Bars are drawn twice, as boxes and as characters, so that they
can be read where a viewer removes every `style`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from progressnb.display.advice import advice_text
from progressnb.display.escape import safe
from progressnb.display.outline import tail
from progressnb.display.parts_theme import STYLE
from progressnb.display.renderers import lines_html, result_html
from progressnb.folds.rows import fold
from progressnb.folds.words import (
    STATUSES,
    bar_text,
    duration_text,
    percent_text,
    remaining_text,
    shown_percent,
    spent_seconds,
    status_text,
    usage_text,
)
from progressnb.wire.plain import clean_text, shorten

if TYPE_CHECKING:
    from progressnb.folds.state import RunState, StageState
    from progressnb.tracking.protocols import Watchable
    from progressnb.wire.scanner import Path

__all__ = [
    "announcement_html",
    "final_html",
    "final_text",
    "heading_html",
    "heading_text",
    "output_html",
    "stages_html",
    "usage_html",
]

OUTPUT_LIMIT = 1_500
"""Characters of output that a live panel shows: the end, where the writing is."""

MESSAGE_LIMIT, TOOLTIP_LIMIT, ALWAYS_SHOWN = 300, 1_000, 60
"""Characters of a message in its row, in its tooltip, and below which no tooltip is needed."""

LIVE_ROWS = 30
"""Stages that a live panel draws, so that a paint is small enough to come once a second."""

FINAL_ROWS = 200
"""Stages that stay in the notebook when the run has ended."""


def heading_text(run: Watchable) -> str:
    """Return the operation and its status in one line."""
    state = run.state
    name = run.operation.replace("_", " ")
    sign, took = STATUSES[state.status].sign, duration_text(run.elapsed)
    if state.status == "finished":
        return f"{sign} {name} finished in {took}"
    if state.status == "failed":
        return f"{sign} {name} failed after {took}"
    if state.status == "cancelled":
        return f"{sign} {name} cancelled after {took}"
    connection = getattr(run, "connection", "connected")  # only a run that is served elsewhere has one
    if state.status == "pending":
        trouble = getattr(run, "trouble", "") or f"{connection}…"
        return f"{sign} {name} begins" if connection == "connected" else f"{sign} {name} · {trouble}"
    if connection == "reconnecting":
        return f"{sign} {name} · {percent_text(state.overall_progress)} · {took} · reconnecting…"
    left = remaining_text(state, run.elapsed)
    return f"{sign} {name} · {percent_text(state.overall_progress)} · {took}{' · ' if left else ''}{left}"


def heading_html(run: Watchable) -> str:
    """Draw the overall bar, and the heading beside it."""
    label = safe(run.operation.replace("_", " "))
    now = f"{run.state.overall_progress:.0f}"
    return (
        f'<div class="pnb"><div class="h"><span class="b" role="progressbar" aria-label="{label}, overall" '
        f'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{now}"><i style="width:{now}%"></i></span>'
        f"<span>{safe(heading_text(run))}</span></div></div>"
    )


def announcement_html(state: RunState) -> str:
    """Draw the stage at work for screen readers alone, in words that change only when the stage does."""
    stage = state.current
    text = f"{stage.title}: {stage.status}" if stage is not None else state.status
    return f'<div class="pnb"><span class="t" role="status" aria-live="polite">{safe(text)}</span></div>'


def stages_html(state: RunState, elapsed: float, *, limit: int = LIVE_ROWS, tooltips: bool = False) -> str:
    """Draw a row for each stage, with its tools and sub-stages below it; of a large tree the stages that matter now.

    The style shows three lines of a message. `tooltips` hold more of it, which is too much for a live panel.
    """
    rows = "".join(
        _remark_row(row, depth) if isinstance(row, str) else _row(row, depth, elapsed, tooltip=tooltips)
        for depth, row in fold(state.stages, limit)
    )
    return f'<div class="w"><div class="g" role="list">{rows}</div></div>' if rows else ""


def _row(stage: StageState, depth: int, elapsed: float, *, tooltip: bool) -> str:
    duration = spent_seconds(stage, elapsed)
    title, percent, more = safe(stage.title), shown_percent(stage), _tooltip(stage) if tooltip else ""
    indent = f' style="padding-left:{1.3 * (depth + 1):.1f}em"' if depth else ""
    now = f"{percent or 0:.0f}"
    unknown = " x" if percent is None and stage.status not in ("pending", "skipped") and not stage.ended else ""
    # The characters are for viewers without style; with style only the box is seen.
    return (
        f'<div class="{stage.status}" role="listitem">'
        f'<span{indent}><span class="s" title="{stage.status}">{STATUSES[stage.status].sign} </span>{title} </span>'
        f'<span class="b{unknown}" role="progressbar" aria-label="{title}" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{now}"><i style="width:{now}%"><span class="t">{bar_text(percent)} </span></i></span>'
        f'<span class="n">{percent_text(percent)} </span><span class="n">{duration_text(duration)} </span>'
        f'<span class="m"{more}>{safe(shorten(status_text(stage), MESSAGE_LIMIT))}</span></div>'
    )


def _remark_row(remark: str, depth: int) -> str:
    return (
        f'<div class="pending" role="listitem"><span style="grid-column:1/-1;padding-left:{1.3 * depth:.1f}em">'
        f"{safe(remark)} </span></div>"
    )


def _tooltip(stage: StageState) -> str:
    message = stage.message or ""
    return f' title="{safe(shorten(message, TOOLTIP_LIMIT))}"' if len(message) > ALWAYS_SHOWN else ""


def output_html(value: Any, open_path: Path | None = None) -> str:  # noqa: ANN401 - plain JSON data
    """Draw the end of the output that is being written, clipped to a window."""
    if value is None or value in ({}, []):
        return ""
    if isinstance(value, str):
        end = safe(shorten(value, OUTPUT_LIMIT, keep="end"))
        return f'<div class="o"><div><p>{end}<span class="c"></span></p></div></div>'
    return f'<div class="o"><div>{lines_html(tail(value, open_path, OUTPUT_LIMIT))}</div></div>'


def final_html(run: Watchable, *, compact: bool = False) -> str:
    """Draw a run that has ended, to be kept in the notebook: heading, stages, error, result, usage."""
    state = run.state
    body = [
        stages_html(state, run.elapsed, limit=FINAL_ROWS, tooltips=True),
        _failure_html(run),
        _result_html(run),
        usage_html(state),
    ]
    if compact:
        body = [_failure_html(run)]
    return f'{STYLE}<div class="pnb"><div><b>{safe(heading_text(run))}</b></div>{"".join(body)}</div>'


def final_text(run: Watchable) -> str:
    """Return the heading, stages, error and usage of `final_html` as plain text."""
    state = run.state
    lines = [heading_text(run)]
    for depth, stage in fold(state.stages, FINAL_ROWS):
        if isinstance(stage, str):
            lines.append(f"{'  ' * depth}{stage}")
            continue
        percent = shown_percent(stage)
        line = "  ".join(
            part
            for part in (
                f"{'  ' * depth}{STATUSES[stage.status].sign} {stage.title}",
                bar_text(percent),
                percent_text(percent),
                duration_text(stage.duration),
                stage.status if stage.status in ("failed", "cancelled", "skipped") else "",
            )
            if part
        )
        lines.append(line)
    if state.error:
        where = state.find(state.error_stage) if state.error_stage else None
        lines.append(f"{state.error_type}{f' in {where.title}' if where else ''}: {state.error}")
        lines += [advice] if (advice := advice_text(run)) else []
    if usage := usage_text(state):
        lines.append(usage)
    return clean_text("\n".join(lines))


def _failure_html(run: Watchable) -> str:
    state = run.state
    if state.status != "failed":
        return ""
    where = state.find(state.error_stage) if state.error_stage else None
    place = f" in <b>{safe(where.title)}</b>" if where is not None else ""
    return (
        f'<div class="e" role="alert">{safe(state.error_type or "Error")}{place}: '
        f"{safe(shorten(state.error or '', 2000))}</div>"
        + (f"<div>{safe(advice)}</div>" if (advice := advice_text(run)) else "")
    )


def _result_html(run: Watchable) -> str:
    if run.state.status == "finished":
        return result_html(run.state.result, run.state.view)
    return result_html(run.partial, label="Written until then")


def usage_html(state: RunState) -> str:
    """Draw the model, its tokens and cost, and the `note` of a result that has one: what its owner should know."""
    usage = usage_text(state)
    result = state.result
    note = cast("dict[str, Any]", result).get("note") if isinstance(result, dict) else None
    text = " · ".join(part for part in (usage, note) if isinstance(part, str) and part)
    return f'<div class="u">{safe(text)}</div>' if text else ""
