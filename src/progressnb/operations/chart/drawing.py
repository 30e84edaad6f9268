"""The drawing of a chart: Vega-Lite that a model wrote, reduced to its harmless parts, with the rows of the query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pandas.api.types import is_integer_dtype

from progressnb.errors import QueryError
from progressnb.frames import ShownChart, load_altair, shown
from progressnb.operations.chart.tables import kind_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pandas as pd

__all__ = ["check_types", "checked_spec", "draw"]

_MARKS = frozenset({"bar", "line", "area", "point", "circle", "square", "tick", "rect", "arc", "text"})
_ENDS = frozenset({"x2", "y2"})  # the other end of a bin on x or y, which has the type of that channel
_CHANNELS = frozenset(
    {"x", "y", *_ENDS, "color", "size", "theta", "opacity", "detail", "tooltip", "order", "text", "xOffset", "yOffset"}
)
_TYPES = frozenset({"quantitative", "temporal", "ordinal", "nominal"})
_OPTIONS = frozenset({"field", "type", "title", "sort", "stack", "bin", "scale", "axis"})
_SORTS = frozenset({"ascending", "descending", "x", "y", "-x", "-y"})
_FITS = {
    "number": {"quantitative", "ordinal", "nominal"},
    "time": {"temporal", "ordinal", "nominal"},
    "flag": {"nominal", "ordinal"},
    "text": {"nominal", "ordinal"},
}
_LOOKS: dict[str, dict[str, Any]] = {
    "line": {"point": True, "strokeJoin": "round"},  # a mitred join would be drawn beyond the value
    "text": {"fontSize": 32},
}
_LIMIT = 200
"""Characters of a title, or of Altair's own words in an error."""

WIDTH, HEIGHT = 480, 280
"""The size of a chart in pixels."""

_ROW = 20
"""The height of a horizontal bar in pixels."""


def checked_spec(spec: Mapping[str, Any], columns: Collection[str]) -> dict[str, Any]:
    """Return the parts of a specification that only draw. Raises `QueryError` for anything else in it.

    So no data, address, transform, expression or image gets through, whoever has talked the model into writing it.
    """
    extra = sorted(set(spec) - {"$schema", "title", "mark", "encoding", "width", "height", "description"})
    if extra:
        raise QueryError("a Vega-Lite specification of title, mark and encoding", f"also {', '.join(extra)}")
    mark = spec.get("mark")
    kind = cast("dict[str, Any]", mark).get("type") if isinstance(mark, dict) else mark
    if not isinstance(kind, str) or kind not in _MARKS:
        raise QueryError(f"a mark of {', '.join(sorted(_MARKS))}", repr(kind))
    encoding = spec.get("encoding")
    given: Any = encoding  # a model may write any JSON here
    if not isinstance(encoding, dict) or not encoding:
        raise QueryError("an encoding of at least one channel", repr(given))
    channels = {str(name): _channel(str(name), value, columns) for name, value in given.items()}
    if not {"x", "y", "theta", "text"} & set(channels):
        raise QueryError("a channel x, y, theta or text", ", ".join(channels))
    title = spec.get("title")
    return {
        "mark": {"type": kind, "tooltip": True, **_LOOKS.get(kind, {})},
        "encoding": channels,
        **({"title": _text(title)} if isinstance(title, str) else {}),
    }


def _channel(name: str, value: object, columns: Collection[str]) -> dict[str, Any]:
    if name not in _CHANNELS or not isinstance(value, dict):
        raise QueryError(f"the channels {', '.join(sorted(_CHANNELS))}, each an object", repr(name))
    given = cast("dict[str, Any]", value)
    if extra := sorted(set(map(str, given)) - _OPTIONS):
        raise QueryError(f"the options {', '.join(sorted(_OPTIONS))} of channel {name}", ", ".join(extra))
    field = _field(given, columns)
    if name in _ENDS:
        return {"field": field}
    if not isinstance(given.get("type"), str) or given["type"] not in _TYPES:
        raise QueryError(f"a type of {', '.join(sorted(_TYPES))} for channel {name}", repr(given.get("type")))
    channel: dict[str, Any] = {
        "field": field,
        "type": given["type"],
        "title": _text(given.get("title") or given["field"]),
    }
    if (sort := given.get("sort")) is not None:
        by_name = isinstance(sort, list) and given["type"] in ("nominal", "ordinal")
        names: list[Any] = list(cast("Any", sort)) if by_name else []  # the values in their order
        if not all(isinstance(each, str) for each in names) or (not names and sort not in list(_SORTS)):
            raise QueryError(f"a sort of {', '.join(sorted(_SORTS))} for channel {name}", repr(cast("object", sort)))
        channel["sort"] = sort
    if isinstance(given.get("bin"), bool) or given.get("bin") == "binned":
        channel["bin"] = given["bin"]
    if isinstance(given.get("scale"), dict) and isinstance(given["scale"].get("zero"), bool):
        channel["scale"] = {"zero": given["scale"]["zero"]}
    if given.get("stack") in ["zero", "normalize", False, None] and "stack" in given:
        channel["stack"] = given["stack"] or None
    return channel


def _field(given: Mapping[str, Any], columns: Collection[str]) -> str:
    if not isinstance(given.get("field"), str) or given["field"] not in columns:
        raise QueryError(f"a field of the query's columns {', '.join(columns)}", repr(given.get("field")))
    return _escaped(str(given["field"]))


def check_types(spec: Mapping[str, Any], table: pd.DataFrame) -> None:
    """Raise `QueryError` for a channel whose type does not fit its column, and for a column without values."""
    for name, channel in spec["encoding"].items():
        label = _label_of(channel, table)
        column = table[label]
        if column.isna().all():
            raise QueryError(f"values in the column {label!r}", "none")
        if name not in _ENDS and channel["type"] not in _FITS[kind_of(column)]:
            raise QueryError(f"a type that fits {label!r}, a {kind_of(column)}", f"{channel['type']} for {name}")


def _escaped(name: str) -> str:
    """Return a field's name as Vega takes it: a dot, bracket or quote in it would be read as a path."""
    name = name.replace("\\", "\\\\")
    for mark in ".[]'\"":
        name = name.replace(mark, f"\\{mark}")
    return name


def _label_of(channel: Mapping[str, Any], table: pd.DataFrame) -> str:
    return next(label for label in table.columns if _escaped(label) == channel["field"])


def draw(spec: Mapping[str, Any], table: pd.DataFrame, text: str) -> ShownChart:
    """Return the chart of a checked specification and its rows. Raises `QueryError` where Altair refuses it."""
    alt: Any = load_altair("chart")
    plain = table.copy()
    for label in plain.columns:
        if kind_of(plain[label]) == "time":
            plain[label] = plain[label].map(lambda value: value.isoformat(), na_action="ignore")
    finite = plain.notna() & ~plain.isin([float("inf"), float("-inf")])  # JSON has no other numbers
    records = plain.astype(object).where(finite, None).to_dict(orient="records")
    y = spec["encoding"].get("y", {})
    height = HEIGHT
    if y.get("type") in ("nominal", "ordinal"):
        height = max(60, min(table[_label_of(y, table)].nunique(), 40) * _ROW)
    size = {"width": WIDTH, "height": height}
    encoding = {name: _with_axis(name, channel, table) for name, channel in spec["encoding"].items()}
    try:
        chart = alt.Chart.from_dict({**spec, **size, "encoding": encoding, "data": {"values": []}})
    except Exception as error:  # noqa: BLE001 - Altair raises several kinds
        lines = str(error).splitlines() or [type(error).__name__]
        raise QueryError("a drawing that Vega-Lite allows", lines[0][:_LIMIT]) from None
    chart.data = {"values": records}  # set here: Altair would take seconds to validate 5,000 rows
    return shown(chart, text=text)


def _with_axis(name: str, channel: dict[str, Any], table: pd.DataFrame) -> dict[str, Any]:
    """Return a channel with an axis whose labels don't overlap, and which has no fractions of whole numbers."""
    label = _label_of(channel, table)
    if name == "text" and kind_of(table[label]) == "number":
        return {**channel, "format": ",.6~g"}
    if name in ("x", "y") and channel["type"] == "quantitative" and is_integer_dtype(table[label].dtype):
        return {**channel, "axis": {"tickMinStep": 1}}
    if name != "x" or channel["type"] not in ("nominal", "ordinal"):
        return channel
    upright = {"labelAngle": 0} if kind_of(table[label]) == "number" else {}
    return {**channel, "axis": {"labelOverlap": "greedy", **upright}}


def _text(value: object) -> str:
    return str(value)[:_LIMIT]
