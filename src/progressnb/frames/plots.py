"""Charts of time: the stages of one run on a time axis, and the durations of stages over many runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.folds.timings import Timings
from progressnb.folds.words import STATUSES, duration_text
from progressnb.frames.vega import load_altair, shown
from progressnb.wire.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from progressnb.folds.timings import StageTiming
    from progressnb.frames.vega import ShownChart
    from progressnb.wire.events import Event

__all__ = ["stages_chart", "timeline_chart"]

WIDTH = 480
ROW = 24
NAMES = 190
_NAME = 47
_INDENT = "\u2003"
_KEPT = "\u200b"  # Vega trims a text, but not of this
_TEXT = "background && luminance(background) < 0.4 ? '#e6e6e6' : '#222222'"
"""The colour of text: JupyterLab's dark theme darkens a chart's background, and leaves its marks as they are."""


def timeline_chart(events: Iterable[Event]) -> ShownChart:
    """Return a Gantt chart of a run's stages, indented by depth; a bar's colour and label say how it went.

    Raises `MissingExtraError` without the extra `plots`.
    """
    alt: Any = load_altair()
    timings = Timings.of(events)
    rows = [_bar(depth, row, timings.elapsed) for depth, row in timings.rows()]
    end = max([1e-3, timings.elapsed, *(row["end"] for row in rows)])
    for row in rows:
        row["end"] = max(row["end"], row["begin"] + end / 300)  # what took no time is seen all the same
    order = [row["stage"] for row in rows]
    state = timings.state
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("stage:N", sort=order, axis=None),
        tooltip=[
            alt.Tooltip("stage:N"),
            alt.Tooltip("status:N"),
            alt.Tooltip("duration:Q", title="seconds", format=".3f"),
        ],
    )
    # Room to the right for the label of a bar that ends last.
    x = alt.X("begin:Q", title="seconds", scale=alt.Scale(domain=[0, end * 1.3], nice=False))
    colours = [look.colour for look in STATUSES.values()]
    colour = alt.Color("status:N", legend=None, scale=alt.Scale(domain=list(STATUSES), range=colours))
    bars = base.mark_bar(height=ROW * 0.6).encode(x=x, x2="end:Q", color=colour)
    labels = base.mark_text(**_text(alt), dx=6).encode(x="end:Q", text="label:N")
    summary = f"{state.operation}: {state.status}, {_seconds(state.duration if state.ended else timings.elapsed)}"
    chart = (bars + labels + _names(alt, base)).properties(
        width=WIDTH,
        height=alt.Step(ROW),
        title=one_line(summary, _NAME),
        description=f"Timeline of the stages of {one_line(summary, _NAME)}",
    )
    text = [summary, *(f"{row['name']}  {row['label']}" for row in rows)]
    return shown(chart, text="\n".join(text).replace(_INDENT, "  ").replace(_KEPT, ""))


def stages_chart(timings: pd.DataFrame) -> ShownChart:
    """Return a chart of how long each stage takes, from a history's timings.

    A tick at the median, a bar over the middle half of the runs, a line over the middle four fifths; its size does not
    grow with the number of runs. Raises `MissingExtraError` without the extra `plots`.
    """
    alt: Any = load_altair()
    several = len(set(timings["operation"])) > 1
    rows: list[dict[str, Any]] = []
    for (operation, stage), durations in timings.groupby(["operation", "stage"], sort=False, observed=True)["duration"]:
        known = durations.dropna()
        if len(known):
            low, lower, median, upper, high = (float(value) for value in known.quantile([0.1, 0.25, 0.5, 0.75, 0.9]))
            name = f"{operation}: {stage}" if several else str(stage)
            rows.append(
                {
                    "stage": name,
                    "name": one_line(name, _NAME),
                    "count": len(known),
                    "p10": low,
                    "p25": lower,
                    "median": median,
                    "p75": upper,
                    "p90": high,
                }
            )
            rows[-1]["label"] = f"{_seconds(median)} ({len(known)})"
    fields = ("p10", "p25", "median", "p75", "p90")
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("stage:N", sort=[row["stage"] for row in rows], axis=None),
        tooltip=[
            alt.Tooltip("stage:N"),
            alt.Tooltip("count:Q", title="runs"),
            *(alt.Tooltip(f"{field}:Q", format=".3f") for field in fields),
        ],
    )
    end = max([1e-3, *(row["p90"] for row in rows)])
    x = alt.Scale(domain=[0, end * 1.3], nice=False)
    colour = STATUSES["running"].colour
    span = base.mark_rule(color=colour).encode(x=alt.X("p10:Q", title="seconds", scale=x), x2="p90:Q")
    half = base.mark_bar(color=colour, opacity=0.5, height=ROW * 0.5).encode(x="p25:Q", x2="p75:Q")
    middle = base.mark_tick(color=colour, thickness=3, height=ROW * 0.7).encode(x="median:Q")
    labels = base.mark_text(**_text(alt), dx=6).encode(x="p90:Q", text="label:N")
    chart = (span + half + middle + labels + _names(alt, base)).properties(
        width=WIDTH,
        height=alt.Step(ROW),
        title="Duration of stages: median (runs), middle half, p10–p90",
        description="Distribution of the durations of stages over runs",
    )
    lines = [
        f"{row['name']}  median {row['label']}, p10–p90 {_seconds(row['p10'])}–{_seconds(row['p90'])}" for row in rows
    ]
    return shown(chart, text="\n".join(lines) or "no stage has ended yet")


def _bar(depth: int, row: StageTiming, elapsed: float) -> dict[str, Any]:
    begin = row.offset if row.offset is not None else 0.0
    # A stage that was taken over from an earlier run brings that one's duration along.
    taken = row.source == "restored" or row.offset is None
    end = begin if taken else min(begin + row.duration if row.duration is not None else elapsed, elapsed)
    words = [row.status, *([_seconds(row.duration)] if row.duration is not None else [])]
    return {
        "stage": row.stage,
        "name": _KEPT + _INDENT * depth + one_line(row.title, _NAME),
        "status": row.status,
        "begin": begin,
        "end": max(begin, end),
        "duration": row.duration,
        "label": ", ".join([*words, *(["restored"] if row.source == "restored" else [])]),
    }


def _names(alt: Any, base: Any) -> Any:  # noqa: ANN401 - Altair's own
    # Marks and not an axis, whose labels can't be two alike or indented without an expression made of hostile names.
    return base.mark_text(**_text(alt), limit=NAMES - 8).encode(x={"value": -NAMES}, text="name:N", tooltip="stage:N")


def _text(alt: Any) -> dict[str, Any]:  # noqa: ANN401 - Altair's own
    return {"align": "left", "baseline": "middle", "color": alt.expr(_TEXT)}


def _seconds(seconds: float | None) -> str:
    return duration_text(seconds, finest="milliseconds") or "–"
