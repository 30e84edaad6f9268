"""The drawing of a chart: Vega-Lite that a model wrote, reduced to its harmless parts, with the rows of the query."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from progressnb.errors import QueryError
from progressnb.frames import ShownChart, load_altair, shown
from progressnb.operations.chart.looks.axes import Drawn, channel_looks
from progressnb.operations.chart.looks.gaps import with_missing_periods
from progressnb.operations.chart.looks.histograms import cut_outliers
from progressnb.operations.chart.looks.labels import with_labels
from progressnb.operations.chart.looks.marks import SMALL, column_of, mark_looks, mark_type, size_of, zero_looks
from progressnb.operations.chart.looks.orders import is_arranged
from progressnb.operations.chart.looks.shrinking import shrinking
from progressnb.operations.chart.looks.theme import themed
from progressnb.operations.chart.specs.cleaning import cleaned
from progressnb.operations.chart.specs.faults import DraftError
from progressnb.operations.chart.specs.fitting import PARTS
from progressnb.operations.chart.specs.names import label_of
from progressnb.operations.chart.specs.older import modern
from progressnb.operations.chart.specs.telling import below_title
from progressnb.operations.chart.specs.validating import schema_faults
from progressnb.operations.chart.tables import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

__all__ = ["checked_spec", "draw"]

_LIMIT = 200
"""Characters of a title, or of Altair's own words in an error."""

_LINE = 66
"""Characters of a line of a title; one below it holds more."""


def checked_spec(spec: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a drawing without what can act or reach out, and the places of what was taken out.

    Raises `QueryError` with every fault that Vega-Lite's own schema finds, or where nothing is left to draw.
    """
    rest, left_out = cleaned(dict(spec))
    rest = modern(rest)
    if isinstance(rest.get("title"), str):
        rest["title"] = rest["title"][:_LIMIT]
    if faults := schema_faults(rest):
        raise DraftError("a drawing that Vega-Lite's schema allows", faults=faults)
    return rest, left_out


def draw(spec: Mapping[str, Any], table: pd.DataFrame, text: str, query: str = "") -> ShownChart:
    """Return the chart of a fitted drawing and its rows, with our looks where it says nothing.

    Args:
        spec: The drawing.
        table: The rows of the query.
        text: Text for viewers that can't draw.
        query: The query, which says whether rows are counted: a period without rows is then zero, else a gap.

    Raises:
        QueryError: Altair refuses the drawing.

    """
    alt: Any = load_altair("chart")
    drawing = dict(spec)
    cut = cut_outliers(drawing, table)
    filled = with_missing_periods(drawing, cut.table, query)
    table = filled.table
    looked = _looked(drawing, table, _Around({}))
    looked = below_title(looked, [remark for remark in (cut.remark, filled.remark) if remark])
    looked = with_labels(_titled(looked), table)
    if "layer" in looked or "mark" in looked:
        sized = {**size_of(drawing, table), **looked}
        looked = sized if "width" in looked else shrinking(sized)
    looked = themed(looked)
    try:
        chart = alt.Chart.from_dict({**looked, "data": {"values": []}})
    except Exception as error:  # noqa: BLE001 - Altair raises several kinds
        lines = str(error).splitlines() or [type(error).__name__]
        raise QueryError("a drawing that Vega-Lite allows", lines[0][:_LIMIT]) from None
    chart.data = {"values": _records(spec, table)}  # set here: Altair would take seconds to validate 5,000 rows
    return shown(chart, text=text)


def _records(spec: Mapping[str, Any], table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as JSON has them: times as text, and neither infinity nor what is no number."""
    plain = table.copy()
    for label in _times(spec, table):
        plain[label] = plain[label].map(str, na_action="ignore").str.replace(r"^(\d{4})$", r"\1-01-01", regex=True)
        plain[label] = plain[label].map(_with_time, na_action="ignore")
    for label in plain.columns:
        if kind_of(plain[label]) == "time":
            plain[label] = plain[label].map(lambda value: value.isoformat(), na_action="ignore")
    finite = plain.notna() & ~plain.isin([float("inf"), float("-inf")])
    return cast("list[dict[str, Any]]", plain.astype(object).where(finite, None).to_dict(orient="records"))


class _Around(NamedTuple):
    """The channels that a part of a drawing has from the parts that it is in."""

    encoding: dict[str, Any]
    is_part: bool = False


class _View(NamedTuple):
    """One mark with its channels and its rows."""

    mark: str
    encoding: dict[str, Any]
    drawn: Drawn


def _looked(spec: dict[str, Any], table: pd.DataFrame, around: _Around) -> dict[str, Any]:
    """Return a drawing, or a part of one, with our looks where it says nothing of its own."""
    own: dict[str, Any] = spec.get("encoding", {})
    whole = {**around.encoding, **own}
    mark = mark_type(spec.get("mark", ""))
    if own:
        view = _View(mark, whole, Drawn(table, size_of(spec, table)["width"]))
        spec = {**spec, "encoding": {name: _channel(name, each, view) for name, each in own.items()}}
    if "mark" in spec:
        alone = not around.is_part and "layer" not in spec
        spec = {**spec, "mark": mark_looks(spec["mark"], whole, table, alone=alone)}
    below = _Around(whole, is_part=True)
    for part in PARTS:
        if part in spec:
            spec = {**spec, part: [_looked(each, table, below) for each in spec[part]]}
    if isinstance(spec.get("spec"), dict):
        inner = _looked(spec["spec"], table, below)
        spec = {**spec, "spec": {**(SMALL if {"mark", "layer"} & set(inner) else {}), **inner}}
    return spec


def _channel(name: str, given: Any, view: _View) -> Any:  # noqa: ANN401 - a channel, or a list of them
    if not isinstance(given, dict) or not isinstance(cast("dict[str, Any]", given).get("field"), str):
        return cast("Any", given)
    channel = cast("dict[str, Any]", given)
    looked = channel_looks(name, channel, view.drawn)
    if name in ("x", "y"):
        looked = {**zero_looks(view.mark, name, channel, view.drawn.table), **looked}
        if view.mark == "bar" and "sort" not in looked and _is_arranged(name, channel, view):
            looked["sort"] = None  # as the query has put them in order
    if name == "color" and "legend" not in channel:
        axes = [column_of(view.encoding.get(side), view.drawn.table) for side in ("x", "y")]
        colored = column_of(channel, view.drawn.table)
        if colored is not None and any(axis is not None and axis.name == colored.name for axis in axes):
            looked["legend"] = None  # the axis says it
    return looked


def _is_arranged(name: str, channel: dict[str, Any], view: _View) -> bool:
    table = view.drawn.table
    names, values = column_of(channel, table), column_of(view.encoding.get("y" if name == "x" else "x"), table)
    named = channel.get("type") == "nominal" and names is not None and kind_of(names) == "text"
    return named and names is not None and values is not None and is_arranged(names, values)


def _titled(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a drawing whose title is as wide as the chart at most: lines, of the same words."""
    title: Any = spec.get("title")
    parts: dict[str, Any] | None = cast("dict[str, Any]", title) if isinstance(title, dict) else None
    text = cast("Any", title if parts is None else parts.get("text"))
    if not isinstance(text, str) or len(text) <= _LINE:
        return spec
    lines = textwrap.wrap(text, _LINE, max_lines=4, placeholder=" …") or [text]
    return {**spec, "title": lines if parts is None else {**parts, "text": lines}}


def _times(spec: Any, table: pd.DataFrame) -> set[str]:  # noqa: ANN401 - any JSON
    """Return the columns of years or of dates as text that are drawn as times."""
    found: set[str] = set()
    for channel in _channels(spec):
        label = label_of(str(channel.get("field")), table.columns)
        drawn = channel.get("type") == "temporal" or channel.get("timeUnit")
        if label is not None and drawn and kind_of(table[label]) in ("number", "text"):
            found.add(label)
    return found


def _channels(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        if "field" in fields:
            yield fields
        value = list(fields.values())
    below: list[Any] = cast("Any", value) if isinstance(value, list) else []
    for each in below:
        yield from _channels(each)


def _with_time(text: str) -> str:
    """Return a date with a time: Vega reads a date alone as one in Greenwich, and shows it in local time."""
    text = text.removesuffix(".0")
    days = text + "-01" * (2 - text.count("-")) if ":" not in text else text
    return f"{days}T00:00:00" if ":" not in days else days
