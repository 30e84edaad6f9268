"""Looks of a mark, and the size of a drawing, by how much is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pandas.api.types import is_numeric_dtype

from progressnb.operations.chart.specs.names import label_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["HEIGHT", "SMALL", "WIDTH", "column_of", "mark_looks", "mark_type", "size_of", "zero_looks"]

WIDTH, HEIGHT = 480, 280
"""The size of a chart in pixels."""

SMALL = {"width": 200, "height": 150}
"""The size of each of several drawings in pixels."""

_ROW = 24
"""The height of a horizontal bar with its gap in pixels; of one of several side by side it is less."""

_THIN, _THINNEST, _TALL = 14, 5, 640
_BAR = 72
"""The width of a vertical bar with its gap in pixels, at most."""

_MOST_ROWS = 40
_LEAST = 240
_NUMBER = {"width": 320, "height": 70}
_NEAR = 0.6
"""The share of its largest value that a line keeps above, where zero would press it flat."""

_COMPOSITE = frozenset({"boxplot", "errorbar", "errorband"})  # of several marks, which have tooltips of their own
_FEW_POINTS = 30
"""Points of a line that are drawn as dots too."""

_OPACITIES = ((100, 0.85, 50), (500, 0.65, 36), (2_000, 0.45, 24))
"""The opacity and the size in square pixels of points, by their number at most."""

_MANY = (0.25, 14)


def mark_type(mark: Any) -> str:  # noqa: ANN401 - a mark: its name, or its settings
    """Return the name of a mark."""
    return str(cast("dict[str, Any]", mark)["type"] if isinstance(mark, dict) else mark)


def column_of(channel: Any, table: pd.DataFrame) -> pd.Series[Any] | None:  # noqa: ANN401 - any JSON
    """Return the column that a channel draws, or None."""
    field = cast("dict[str, Any]", channel).get("field") if isinstance(channel, dict) else None
    label = label_of(field, table.columns) if isinstance(field, str) else None
    return None if label is None else table[label]


def mark_looks(mark: Any, encoding: dict[str, Any], table: pd.DataFrame, *, alone: bool) -> dict[str, Any]:  # noqa: ANN401 - a mark
    """Return a mark with looks below what it says itself; `alone` where it is no part of several."""
    given: dict[str, Any] = cast("dict[str, Any]", mark) if isinstance(mark, dict) else {"type": mark}
    kind = given["type"]
    looks: dict[str, Any] = {} if kind in _COMPOSITE else {"tooltip": True}
    if kind == "line":
        looks["strokeJoin"] = "round"  # a mitred join would be drawn beyond the value
        along = column_of(encoding.get("x"), table)
        if alone and (along is None or along.nunique() <= _FEW_POINTS):
            looks["point"] = True
    if kind in ("point", "circle", "square") and not {"opacity", "fillOpacity", "size"} & (
        encoding.keys() | given.keys()
    ):
        opacity, size = next(((each[1:]) for each in _OPACITIES if len(table) <= each[0]), _MANY)
        looks |= {"opacity": opacity, "size": size, **({"filled": True} if kind == "point" else {})}
    if kind == "text" and alone and not {"x", "y"} & encoding.keys():
        looks["fontSize"] = 40
    if kind == "text" and alone and "x" not in encoding:
        looks["fontSize"] = looks.get("fontSize", 22)
    return {**looks, **given}


def size_of(spec: dict[str, Any], table: pd.DataFrame) -> dict[str, int]:
    """Return the width and height of a drawing that says none: a bar takes its room, and no more."""
    encoding: dict[str, Any] = spec.get("encoding", {})
    if {"row", "column", "facet"} & encoding.keys():
        return dict(SMALL)
    if mark_type(spec.get("mark", "")) == "text" and not {"x", "y"} & encoding.keys():
        return dict(_NUMBER)
    size = {"width": WIDTH, "height": HEIGHT}
    names, beside = _count(encoding, "y", table), _count(encoding, "yOffset", table) or 1
    if names:
        bar = max(_THINNEST, min(_THIN, _TALL // (names * beside)))
        row = _ROW if beside == 1 else bar * beside + bar // 2 + 3
        size["height"] = max(2 * _ROW, min(names, _MOST_ROWS) * row)
    columns, beside = _count(encoding, "x", table), _count(encoding, "xOffset", table) or 1
    if columns and not names and mark_type(spec.get("mark", "")) not in ("line", "area"):
        size["width"] = max(_LEAST, min(WIDTH, columns * beside * _BAR))
    return size


def _count(encoding: dict[str, Any], name: str, table: pd.DataFrame) -> int:
    channel: Any = encoding.get(name, {})
    column = column_of(channel, table)
    if column is None or cast("dict[str, Any]", channel).get("type") not in ("nominal", "ordinal"):
        return 0
    return 0 if cast("dict[str, Any]", channel).get("timeUnit") else max(1, int(column.nunique()))


def zero_looks(mark: str, name: str, channel: dict[str, Any], table: pd.DataFrame) -> dict[str, Any]:
    """Return the scale of a position that need not begin at zero: points and lines that zero would press flat."""
    column = column_of(channel, table)
    free = mark in ("point", "circle", "square", "tick", "boxplot") or (mark == "line" and name == "y")
    told = {"scale", "bin", "aggregate", "stack"} & channel.keys()
    if not free or told or channel.get("type") != "quantitative" or column is None:
        return {}
    if not is_numeric_dtype(column.dtype):
        return {}
    values: Any = column.dropna().astype(float).abs()
    same_sign = bool((column.dropna() > 0).all() or (column.dropna() < 0).all())
    near = mark != "line" or (len(values) > 0 and same_sign and float(values.min()) > _NEAR * float(values.max()))
    return {"scale": {"zero": False}} if near else {}
