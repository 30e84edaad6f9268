"""The drawing of a chart: Vega-Lite that a model wrote, reduced to its harmless parts, with the rows of the query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pandas.api.types import is_integer_dtype

from progressnb.errors import QueryError
from progressnb.frames import ShownChart, load_altair, shown
from progressnb.operations.chart.rules.lexicon import MONTHS, WEEKDAYS
from progressnb.operations.chart.specs.cleaning import cleaned
from progressnb.operations.chart.specs.faults import DraftError
from progressnb.operations.chart.specs.fitting import PARTS
from progressnb.operations.chart.specs.names import label_of
from progressnb.operations.chart.specs.older import modern
from progressnb.operations.chart.specs.validating import schema_faults
from progressnb.operations.chart.tables import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

__all__ = ["checked_spec", "draw"]

_LOOKS: dict[str, dict[str, Any]] = {
    "line": {"point": True, "strokeJoin": "round"},  # a mitred join would be drawn beyond the value
    "text": {"fontSize": 32},
}
_COMPOSITE = frozenset({"boxplot", "errorbar", "errorband"})  # of several marks, which have tooltips of their own
_LIMIT = 200
"""Characters of a title, or of Altair's own words in an error."""

WIDTH, HEIGHT = 480, 280
"""The size of a chart in pixels."""

_COLORS = 10
"""Colours of Vega's usual scheme; with more groups they would repeat."""

_ROW = 20
"""The height of a horizontal bar in pixels."""

_SMALL = {"width": 200, "height": 150}
"""The size of each of several drawings in pixels."""


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


def draw(spec: Mapping[str, Any], table: pd.DataFrame, text: str) -> ShownChart:
    """Return the chart of a fitted drawing and its rows. Raises `QueryError` where Altair refuses it."""
    alt: Any = load_altair("chart")
    plain = table.copy()
    for label in _times(spec, table):
        plain[label] = plain[label].map(str, na_action="ignore").str.replace(r"^(\d{4})$", r"\1-01-01", regex=True)
        plain[label] = plain[label].map(_with_time, na_action="ignore")
    for label in plain.columns:
        if kind_of(plain[label]) == "time":
            plain[label] = plain[label].map(lambda value: value.isoformat(), na_action="ignore")
    finite = plain.notna() & ~plain.isin([float("inf"), float("-inf")])  # JSON has no other numbers
    records = plain.astype(object).where(finite, None).to_dict(orient="records")
    looked = _looked(dict(spec), table)
    if "layer" in looked or "mark" in looked:
        faceted = {"row", "column", "facet"} & set(looked.get("encoding", {}))
        looked = {**(_SMALL if faceted else _size(looked, table)), **looked}
    try:
        chart = alt.Chart.from_dict({**looked, "data": {"values": []}})
    except Exception as error:  # noqa: BLE001 - Altair raises several kinds
        lines = str(error).splitlines() or [type(error).__name__]
        raise QueryError("a drawing that Vega-Lite allows", lines[0][:_LIMIT]) from None
    chart.data = {"values": records}  # set here: Altair would take seconds to validate 5,000 rows
    return shown(chart, text=text)


def _looked(spec: dict[str, Any], table: pd.DataFrame) -> dict[str, Any]:
    """Return a drawing, or a part of one, with our looks where it says nothing of its own."""
    if "mark" in spec:
        mark: Any = spec["mark"]
        given: dict[str, Any] = cast("dict[str, Any]", mark) if isinstance(mark, dict) else {"type": mark}
        looks = {} if "layer" in spec or _is_part(spec) else _LOOKS.get(given["type"], {})
        tooltip = {} if given["type"] in _COMPOSITE else {"tooltip": True}
        spec = {**spec, "mark": {**tooltip, **looks, **given}}
    if "encoding" in spec:
        spec = {**spec, "encoding": {name: _with_axis(name, each, table) for name, each in spec["encoding"].items()}}
    for part in PARTS:
        if part in spec:
            spec = {**spec, part: [_looked({_PART: True, **each}, table) for each in spec[part]]}
    if isinstance(spec.get("spec"), dict):
        inner = _looked({_PART: True, **spec["spec"]}, table)
        spec = {**spec, "spec": {**(_SMALL if {"mark", "layer"} & set(inner) else {}), **inner}}
    return {key: value for key, value in spec.items() if key != _PART}


_PART = "is part"


def _is_part(spec: Mapping[str, Any]) -> bool:
    return _PART in spec


def _size(spec: dict[str, Any], table: pd.DataFrame) -> dict[str, int]:
    given: Any = spec.get("encoding", {}).get("y", {})
    y: dict[str, Any] = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    label = label_of(str(y.get("field")), table.columns)
    height = HEIGHT
    if label is not None and y.get("type") in ("nominal", "ordinal"):
        height = max(60, min(table[label].nunique(), 40) * _ROW)
    return {"width": WIDTH, "height": height}


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


def _with_axis(name: str, channel: Any, table: pd.DataFrame) -> Any:  # noqa: ANN401 - a channel, or a list of them
    """Return a channel with looks of ours where it has none of its own: axis, order, format, colours."""
    if not isinstance(channel, dict) or not isinstance(cast("dict[str, Any]", channel).get("field"), str):
        return cast("Any", channel)
    given = cast("dict[str, Any]", channel)
    label = label_of(given["field"], table.columns)
    if label is None:
        return given
    column = table[label]
    if name == "color" and given.get("type") == "nominal" and column.nunique() > _COLORS:
        return {"scale": {"scheme": "tableau20"}, **given}
    if name == "text" and kind_of(column) == "number" and "aggregate" not in given:
        return {"format": ",.6~g", **given}
    if name not in ("x", "y") or given.get("bin") or given.get("timeUnit"):
        return given
    looks = _looks_of_axis(name, given, column)
    own: Any = given.get("axis", {})
    merged = {**looks.get("axis", {}), **cast("dict[str, Any]", own)} if isinstance(own, dict) else own
    return {**looks, **given, **({"axis": merged} if "axis" in looks else {})}


def _looks_of_axis(name: str, channel: dict[str, Any], column: pd.Series[Any]) -> dict[str, Any]:
    """Return an axis whose labels don't overlap and which has no fractions of whole numbers, and an order of names."""
    if channel.get("type") == "quantitative":
        whole = is_integer_dtype(column.dtype) and channel.get("aggregate") in (None, "sum", "min", "max")
        return {"axis": {"tickMinStep": 1}} if whole else {}
    if channel.get("type") not in ("nominal", "ordinal"):
        return {}
    order = _order(column)
    sort: dict[str, Any] = {"sort": order} if order else {}
    upright = {"labelAngle": 0} if kind_of(column) == "number" else {}
    return sort if name == "y" else {**sort, "axis": {"labelOverlap": "greedy", **upright}}


def _order(column: pd.Series[Any]) -> list[str] | None:
    """Return names of weekdays or months in their order, or None for other names."""
    values = [str(each) for each in column.dropna().unique()]
    for names in (WEEKDAYS, MONTHS):
        for length in (3, None):
            places = [name[:length].casefold() for name in names]
            found = [each.casefold() for each in values]
            if found and set(found) <= set(places):
                return [values[found.index(place)] for place in places if place in found]
    return None
