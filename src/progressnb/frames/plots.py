"""Charts of durations: the stages of one run on a time axis, and each stage's durations over many runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

from progressnb.folds.timings import Timings
from progressnb.folds.words import STATUSES, duration_text
from progressnb.frames.tracks import Span, Track, tracks_html
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
_KEPT = "\u200b"  # Vega trims spaces at the begin of a text, unless a zero-width space comes first
_TEXT = "background && luminance(background) < 0.4 ? '#e6e6e6' : '#222222'"
"""The colour of text, as a Vega expression: JupyterLab's dark theme darkens a chart's background, but not its marks."""
_QUANTILES = {"p10": 0.1, "p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9}
_QUANTILES_TITLE = "Duration of stages: median (runs), middle half, p10–p90"
_SHORTEST = 1e-3  # seconds: an axis needs a length
_THINNEST = 300  # a bar is at least this fraction of the axis, so that a stage without duration can be seen
_TICKS = 6  # more would stand label to label, as 0.00, 0.05, …
_ROOM = 1.3  # for the label to the right of the bar that ends last


def timeline_chart(events: Iterable[Event]) -> ShownChart:
    """Return a Gantt chart of a run's stages over seconds, indented by depth; a bar's colour and label are its status.

    Raises `MissingExtraError` without the extra `plots`.
    """
    alt: Any = load_altair()
    timings = Timings.of(events)
    rows = [_bar(depth, row, timings.elapsed) for depth, row in timings.rows()]
    end = max([_SHORTEST, timings.elapsed, *(row["end"] for row in rows)])
    for row in rows:
        row["end"] = max(row["end"], row["begin"] + end / _THINNEST)
    state = timings.state
    base = _base(alt, rows, [alt.Tooltip("status:N"), alt.Tooltip("duration:Q", title="seconds", format=".3f")])
    x = alt.X("begin:Q", axis=_axis(alt), scale=_scale(alt, end))
    colours = [look.colour for look in STATUSES.values()]
    colour = alt.Color("status:N", legend=None, scale=alt.Scale(domain=list(STATUSES), range=colours))
    bars = base.mark_bar(height=ROW * 0.6).encode(x=x, x2="end:Q", color=colour)
    labels = base.mark_text(**_text_style(alt), dx=6).encode(x="end:Q", text="label:N")
    headline = f"{state.operation}: {state.status}, {_seconds(state.duration if state.ended else timings.elapsed)}"
    chart = (bars + labels + _names(alt, base)).properties(
        width=WIDTH,
        height=alt.Step(ROW),
        title=one_line(headline, _NAME),
        description=f"Timeline of the stages of {one_line(headline, _NAME)}",
    )
    lines = [headline, *(f"{row['name']}  {row['label']}" for row in rows)]
    return shown(
        chart,
        text="\n".join(lines).replace(_INDENT, "  ").replace(_KEPT, ""),
        html=tracks_html(headline, map(_track, rows), end),
    )


def stages_chart(timings: pd.DataFrame, by: Literal["model", "day"] | None = None) -> ShownChart:
    """Return a box plot of the seconds that each stage takes, from a history's timings; `by` model or day, if given.

    A tick marks the median, a bar the quartiles, a line the 10 % and 90 % quantiles. The size of the chart does not
    grow with the number of runs. Raises `MissingExtraError` without the extra `plots`.
    """
    alt: Any = load_altair()
    rows = _quantile_rows(timings, by)
    tooltips = [
        alt.Tooltip("count:Q", title="runs"),
        *(alt.Tooltip(f"{field}:Q", format=".3f") for field in _QUANTILES),
    ]
    base = _base(alt, rows, tooltips)
    scale = _scale(alt, max([_SHORTEST, *(row["p90"] for row in rows)]))
    colour = STATUSES["running"].colour
    span = base.mark_rule(color=colour).encode(x=alt.X("p10:Q", axis=_axis(alt), scale=scale), x2="p90:Q")
    half = base.mark_bar(color=colour, opacity=0.5, height=ROW * 0.5).encode(x="p25:Q", x2="p75:Q")
    middle = base.mark_tick(color=colour, thickness=3, height=ROW * 0.7).encode(x="median:Q")
    labels = base.mark_text(**_text_style(alt), dx=6).encode(x="p90:Q", text="label:N")
    chart = (span + half + middle + labels + _names(alt, base)).properties(
        width=WIDTH,
        height=alt.Step(ROW),
        title=_QUANTILES_TITLE,
        description="Distribution of the durations of stages over runs",
    )
    lines = [
        f"{row['name']}  median {row['label']}, p10–p90 {_seconds(row['p10'])}–{_seconds(row['p90'])}" for row in rows
    ]
    longest = max([_SHORTEST, *(row["p90"] for row in rows)])
    return shown(
        chart,
        text="\n".join(lines) or "no stage has ended yet",
        html=tracks_html(_QUANTILES_TITLE, [_quantile_track(row, longest) for row in rows], longest),
    )


def _quantile_rows(timings: pd.DataFrame, by: Literal["model", "day"] | None) -> list[dict[str, Any]]:
    several = len(set(timings["operation"])) > 1
    rows: list[dict[str, Any]] = []
    for (operation, stage), of_stage in timings.groupby(["operation", "stage"], sort=False, observed=True):
        name = f"{operation}: {stage}" if several else str(stage)
        for group, durations in _groups(of_stage, by):
            known = durations.dropna()
            if not len(known):
                continue
            quantiles = dict(zip(_QUANTILES, map(float, known.quantile([*_QUANTILES.values()])), strict=True))
            whole = f"{name} · {group}" if group else name
            label = f"{_seconds(quantiles['median'])} ({len(known)})"
            rows.append(
                {"stage": whole, "name": one_line(whole, _NAME), "count": len(known), **quantiles, "label": label}
            )
    return rows


def _groups(rows: pd.DataFrame, by: Literal["model", "day"] | None) -> list[tuple[str, pd.Series[float]]]:
    if by is None:
        return [("", rows["duration"])]
    keys = rows["started"].dt.date if by == "day" else rows["model"].astype(object).where(rows["model"].notna(), "none")
    grouped = cast("Iterable[tuple[object, pd.Series[float]]]", rows["duration"].groupby(keys.to_numpy()))
    return sorted(((str(key), durations) for key, durations in grouped), key=lambda each: each[0])


def _bar(depth: int, row: StageTiming, elapsed: float) -> dict[str, Any]:
    begin = row.offset if row.offset is not None else 0.0
    # A restored stage has the duration that it had in an earlier run.
    restored = row.source == "restored" or row.offset is None
    end = begin if restored else min(begin + row.duration if row.duration is not None else elapsed, elapsed)
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


def _track(row: dict[str, Any]) -> Track:
    name = str(row["name"]).removeprefix(_KEPT)
    title = name.lstrip(_INDENT)
    bar = Span(row["begin"], row["end"], STATUSES[row["status"]].colour)
    return Track(title, len(name) - len(title), [bar], row["label"])


def _quantile_track(row: dict[str, Any], longest: float) -> Track:
    colour, half = STATUSES["running"].colour, longest / _THINNEST
    spans = [
        Span(row["p10"], row["p90"], colour, 0.25),
        Span(row["p25"], row["p75"], colour, 0.5),
        Span(row["median"] - half, row["median"] + half, colour),
    ]
    return Track(row["name"], 0, spans, row["label"])


def _base(alt: Any, rows: list[dict[str, Any]], tooltips: list[Any]) -> Any:  # noqa: ANN401 - Altair's own
    order = [row["stage"] for row in rows]
    return alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("stage:N", sort=order, axis=None), tooltip=[alt.Tooltip("stage:N"), *tooltips]
    )


def _scale(alt: Any, end: float) -> Any:  # noqa: ANN401 - Altair's own
    return alt.Scale(domain=[0, end * _ROOM], nice=False)


def _axis(alt: Any) -> Any:  # noqa: ANN401 - Altair's own
    return alt.Axis(title="seconds", tickCount=_TICKS, labelFlush=False, labelOverlap="greedy", labelSeparation=6)


def _names(alt: Any, base: Any) -> Any:  # noqa: ANN401 - Altair's own
    # Text marks in place of an axis: its labels must differ, and indenting them takes an expression of hostile names.
    return base.mark_text(**_text_style(alt), limit=NAMES - 8).encode(
        x={"value": -NAMES}, text="name:N", tooltip="stage:N"
    )


def _text_style(alt: Any) -> dict[str, Any]:  # noqa: ANN401 - Altair's own
    return {"align": "left", "baseline": "middle", "color": alt.expr(_TEXT)}


def _seconds(seconds: float | None) -> str:
    return duration_text(seconds, finest="milliseconds") or "–"
