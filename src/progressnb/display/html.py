"""A run's state as HTML and as text, without a script: what a live panel shows and what it leaves behind.

Everything that a model, a file or an exception says is escaped. Bars are drawn twice, as boxes and as
characters, so that they read where a viewer removes every `style`.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, cast

from progressnb.display.advice import advice_text
from progressnb.display.outline import Line, outline
from progressnb.display.renderers import lines_html, result_html, safe
from progressnb.folds.rows import fold
from progressnb.folds.words import (
    SIGNS,
    bar_text,
    duration_text,
    percent_text,
    remaining_text,
    shown_percent,
    usage_text,
)
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    from progressnb.folds.state import RunState, StageState
    from progressnb.tracking.protocols import Watchable
    from progressnb.wire.scanner import Path

__all__ = [
    "STYLE",
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

LIVE_ROWS = 30
"""Stages that a live panel draws: a paint is small enough to come once a second."""

FINAL_ROWS = 200
"""Stages that stay in the notebook when the run has ended."""

STYLE = """<style>
.pnb{font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:13px;line-height:1.5;
 color:var(--jp-ui-font-color1,inherit);max-width:62em;padding:2px 0;overflow-wrap:anywhere;
 --blue:color-mix(in srgb,#2563eb 75%,currentColor);--green:color-mix(in srgb,#16a34a 70%,currentColor);
 --red:color-mix(in srgb,#dc2626 75%,currentColor);--amber:color-mix(in srgb,#d97706 65%,currentColor)}
.pnb .h{display:flex;flex-wrap:wrap;align-items:center;gap:2px 10px}
.pnb .h .b{width:220px;height:9px}
.pnb .w{container-type:inline-size}
.pnb .g{display:grid;grid-template-columns:fit-content(40%) auto auto auto minmax(9em,1fr);column-gap:10px;
 align-items:baseline}
.pnb .g>div{display:contents}
.pnb .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.pnb .m{opacity:.75;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden}
.pnb .b{display:inline-block;width:110px;height:7px;border-radius:5px;overflow:hidden;
 background:color-mix(in srgb,currentColor 15%,transparent)}
.pnb .b i{display:block;height:100%;background:#3b82f6;border-radius:5px}
@keyframes pnb-x{from{background-position:220px 0}to{background-position:0 0}}
.pnb .x{background-image:linear-gradient(90deg,transparent 30%,#3b82f688 50%,transparent 70%);background-size:110px;
 animation:pnb-x 3s linear infinite}@media(prefers-reduced-motion:reduce){.pnb .x{animation:none}}
.pnb .finished .b i{background:#16a34a}.pnb .failed .b i{background:#dc2626}
.pnb .retrying .b i,.pnb .fallback .b i{background:#d97706}
.pnb .cancelled .b i{background:#8b8b8b}.pnb .skipped .b{background:repeating-linear-gradient(135deg,
 color-mix(in srgb,currentColor 22%,transparent) 0 2px,transparent 2px 6px)}
.pnb .g span:first-child:has(>.s){padding-left:1.3em;text-indent:-1.3em}
.pnb .s{display:inline-block;width:1.3em;font-weight:600;text-indent:0}
.pnb .finished .s{color:var(--green)}.pnb .failed .s,.pnb .e{color:var(--red)}.pnb .running .s{color:var(--blue)}
.pnb .retrying .s{color:var(--amber)}.pnb .pending>*{opacity:.7}
.pnb .t{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.pnb .o{max-height:15em;overflow:auto;display:flex;flex-direction:column-reverse;margin:8px 0 4px;padding:2px 12px;
 border-left:3px solid color-mix(in srgb,currentColor 18%,transparent)}
.pnb .o p,.pnb .r p{margin:0;white-space:pre-wrap}
.pnb .l{opacity:.7;margin-right:.5em}
.pnb .c{border-right:2px solid #3b82f6;margin-left:1px}
.pnb .u{opacity:.7;font-size:12px}
.pnb summary{cursor:pointer}
.pnb details{margin:2px 0;padding-left:1.1em}.pnb details[open]{padding-bottom:6px}.pnb summary{margin-left:-1.1em}
.pnb h1,.pnb h2,.pnb h3{font-size:1.15em;line-height:1.3;margin:.7em 0 .2em;font-weight:600}.pnb h1{font-size:1.35em}
.pnb .d{margin:6px 0;padding-left:8px;border-left:2px solid color-mix(in srgb,currentColor 18%,transparent)}
.pnb .a{display:grid;grid-template-columns:1fr 1fr;gap:0 16px}
.pnb del{color:var(--red);background:color-mix(in srgb,#dc2626 12%,transparent)}
.pnb ins{color:var(--green);background:color-mix(in srgb,#16a34a 14%,transparent);text-decoration:none}
.pnb .r,.pnb .d{container-type:inline-size}
@container(max-width:640px){.pnb .a{grid-template-columns:1fr}
 .pnb .g{grid-template-columns:minmax(0,1fr) auto auto auto}.pnb .g .b{width:60px}
 .pnb .m{grid-column:1/-1;padding-left:1.3em}.pnb .m:empty{display:none}}
</style>"""


def heading_text(run: Watchable) -> str:
    """Say in one line which operation this is and how it stands."""
    state = run.state
    name = run.operation.replace("_", " ")
    took = duration_text(run.elapsed)
    if state.status == "finished":
        return f"✓ {name} finished in {took}"
    if state.status == "failed":
        return f"✗ {name} failed after {took}"
    if state.status == "cancelled":
        return f"■ {name} cancelled after {took}"
    connection = getattr(run, "connection", "connected")  # only a run that is served elsewhere has one
    if state.status == "pending":
        trouble = getattr(run, "trouble", "") or f"{connection}…"
        return f"○ {name} begins" if connection == "connected" else f"○ {name} · {trouble}"
    if connection == "reconnecting":
        return f"▸ {name} · {percent_text(state.overall_progress)} · {took} · reconnecting…"
    left = remaining_text(state, run.elapsed)
    return f"▸ {name} · {percent_text(state.overall_progress)} · {took}{' · ' if left else ''}{left}"


def heading_html(run: Watchable) -> str:
    """Draw the overall bar and say how the run stands."""
    label = safe(run.operation.replace("_", " "))
    now = f"{run.state.overall_progress:.0f}"
    return (
        f'<div class="pnb"><div class="h"><span class="b" role="progressbar" aria-label="{label}, overall" '
        f'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{now}"><i style="width:{now}%"></i></span>'
        f"<span>{safe(heading_text(run))}</span></div></div>"
    )


def announcement_html(state: RunState) -> str:
    """Say for a screen reader which stage is at work, in words that change only when the stage does."""
    stage = state.current
    said = f"{stage.title}: {stage.status}" if stage is not None else state.status
    return f'<div class="pnb"><span class="t" role="status" aria-live="polite">{safe(said)}</span></div>'


def stages_html(state: RunState, elapsed: float, *, limit: int = LIVE_ROWS, tooltips: bool = False) -> str:
    """Draw a row a stage, and rows below it for its tools and sub-stages; of a large tree what matters now.

    The style shows three lines of a message; `tooltips` have more of it, which a live panel can't afford.
    """
    rows = "".join(
        _remark_row(row, depth) if isinstance(row, str) else _row(row, depth, elapsed, tooltip=tooltips)
        for depth, row in fold(state.stages, limit)
    )
    return f'<div class="w"><div class="g" role="list">{rows}</div></div>' if rows else ""


def _row(stage: StageState, depth: int, elapsed: float, *, tooltip: bool) -> str:
    duration = stage.duration
    if duration is None and stage.started_elapsed is not None:
        duration = max(0.0, elapsed - stage.started_elapsed)
    title, percent, more = safe(stage.title), shown_percent(stage), _tooltip(stage) if tooltip else ""
    indent = f' style="padding-left:{1.3 * (depth + 1):.1f}em"' if depth else ""
    now = f"{percent or 0:.0f}"
    unknown = " x" if percent is None and stage.status not in ("pending", "skipped") and not stage.ended else ""
    # The characters are for readers without style; where style works only the box is seen.
    return (
        f'<div class="{stage.status}" role="listitem">'
        f'<span{indent}><span class="s" title="{stage.status}">{SIGNS[stage.status]} </span>{title} </span>'
        f'<span class="b{unknown}" role="progressbar" aria-label="{title}" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{now}"><i style="width:{now}%"><span class="t">{bar_text(percent)} </span></i></span>'
        f'<span class="n">{percent_text(percent)} </span><span class="n">{duration_text(duration)} </span>'
        f'<span class="m"{more}>{safe(_said(stage))}</span></div>'
    )


def _remark_row(remark: str, depth: int) -> str:
    return (
        f'<div class="pending" role="listitem"><span style="grid-column:1/-1;padding-left:{1.3 * depth:.1f}em">'
        f"{safe(remark)} </span></div>"
    )


def _tooltip(stage: StageState) -> str:
    message = stage.message or ""
    return f' title="{safe(_cut(message, TOOLTIP_LIMIT))}"' if len(message) > ALWAYS_SHOWN else ""


def _said(stage: StageState) -> str:
    message = _cut(stage.message or "", MESSAGE_LIMIT)
    if stage.status in ("pending", "running", "finished") or message.startswith(stage.status):
        return message
    return f"{stage.status}: {message}" if message else stage.status


def output_html(value: Any, open_path: Path | None = None) -> str:  # noqa: ANN401 - plain JSON data
    """Draw the output as it is being written, followed at its end and clipped to a window."""
    if value is None or value in ({}, []):
        return ""
    if isinstance(value, str):
        text = clean_text(value)
        clipped = ("…" if len(text) > OUTPUT_LIMIT else "") + text[-OUTPUT_LIMIT:]
        return f'<div class="o"><div><p>{escape(clipped)}<span class="c"></span></p></div></div>'
    lines = _tail(list(outline(value, open_path)), OUTPUT_LIMIT)
    return f'<div class="o"><div>{lines_html(lines)}</div></div>'


def final_html(run: Watchable, *, compact: bool = False) -> str:
    """Draw a run that has ended, to be kept: heading, stages, what failed, result, usage."""
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
    """Say what `final_html` draws, in plain text."""
    state = run.state
    lines = [heading_text(run)]
    for depth, stage in fold(state.stages, FINAL_ROWS):
        if isinstance(stage, str):
            lines.append(f"{'  ' * depth}{stage}")
            continue
        percent = shown_percent(stage)
        said = "  ".join(
            part
            for part in (
                f"{'  ' * depth}{SIGNS[stage.status]} {stage.title}",
                bar_text(percent),
                percent_text(percent),
                duration_text(stage.duration),
                stage.status if stage.status in ("failed", "cancelled", "skipped") else "",
            )
            if part
        )
        lines.append(said)
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
        f"{safe(_cut(state.error or '', 2000))}</div>"
        + (f"<div>{safe(advice)}</div>" if (advice := advice_text(run)) else "")
    )


def _result_html(run: Watchable) -> str:
    if run.state.status == "finished":
        return result_html(run.state.result)
    return result_html(run.partial, "Written until then")


def usage_html(state: RunState) -> str:
    """Say which model worked and what it used, and what its owner should know."""
    usage = usage_text(state)
    result = state.result
    note = cast("dict[str, Any]", result).get("note") if isinstance(result, dict) else None
    said = " · ".join(part for part in (usage, note) if isinstance(part, str) and part)
    return f'<div class="u">{safe(said)}</div>' if said else ""


def _tail(lines: list[Line], limit: int) -> list[Line]:
    kept: list[Line] = []
    for line in reversed(lines):
        text = line.text if len(line.text) <= limit else "…" + line.text[-limit:]
        limit -= len(text) + len(line.label) + 8
        kept.append(Line(line.depth, line.label, text, line.item, line.open))
        if limit <= 0:
            break
    return kept[::-1]


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit] + "…"
