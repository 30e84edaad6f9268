"""Looks of a channel: title, format, order, angle of labels."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from pandas.api.types import is_integer_dtype, is_numeric_dtype

from progressnb.operations.chart.headings import headed, shortened, split_unit, words
from progressnb.operations.chart.looks.orders import order_of, whole_range
from progressnb.operations.chart.looks.theme import COLORS
from progressnb.operations.chart.rules.times import natural_unit
from progressnb.operations.chart.specs.names import label_of
from progressnb.operations.chart.tables import kind_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Drawn", "channel_looks", "is_year", "number_text"]

_POSITIONS = ("x", "y")
_GUIDES = {"x": "axis", "y": "axis", "row": "header", "column": "header", "facet": "header"}
_LEGENDS = ("color", "fill", "stroke", "size", "shape", "opacity", "strokeDash")
_TITLED = (*_POSITIONS, *_LEGENDS, "row", "column", "facet", "theta", "tooltip", "text", "detail")
_YEAR = re.compile(r"\b(?:year|yr|jahr)\b", re.IGNORECASE)
_YEARS = (1500, 2500)
_LETTER = 6.5
"""The width of a letter of a label in pixels, about."""

_LONG = 110
"""The height in pixels that slanted labels may take."""

_FEW_NUMBERS = 24
"""Numbers that an axis of groups shows all."""

_MILLION = 1e6
_HUGE = 1e15
_TINY = 1e-4


class Drawn(NamedTuple):
    """The rows and the room that a channel is drawn with.

    Attributes:
        table: The rows.
        width: Pixels that the labels of an axis x have.

    """

    table: pd.DataFrame
    width: float


def channel_looks(name: str, given: dict[str, Any], drawn: Drawn) -> dict[str, Any]:
    """Return a channel, such as `x`, with looks where it says nothing of its own."""
    label = label_of(str(given["field"]), drawn.table.columns)
    if label is None:
        return given
    column = drawn.table[label]
    guide = _GUIDES.get(name, "legend" if name in _LEGENDS else "")
    own: Any = given.get(guide, {}) if guide else {}
    if own is None or not isinstance(own, dict):  # no axis at all
        return {**_order(given, column), **given}
    settings = cast("dict[str, Any]", own)
    text, unit = split_unit(label)
    looks = _order(given, column)
    summed = {"aggregate", "bin", "timeUnit"} & {key for key in given if given[key] not in (None, False, "binned")}
    if name in _TITLED and "title" not in given and "title" not in settings and not summed:
        looks["title"] = _title(text, unit if given.get("type") == "quantitative" else "")
    if guide == "axis":
        axis = (
            _numbers(given, column, unit) if given.get("type") == "quantitative" else _axis(name, given, column, drawn)
        )
        if axis or settings:
            looks["axis"] = {**axis, **settings}
    elif name == "text" and is_numeric_dtype(column.dtype) and not {"aggregate", "format"} & given.keys():
        looks["format"] = "d" if is_year(label, column) else number_format(column)
    if name == "color" and given.get("type") == "nominal":
        looks |= _colors(given, column)
    ordinal = name in _POSITIONS and given.get("type") == "ordinal" and not {"scale", "sort"} & given.keys()
    if ordinal and is_numeric_dtype(column.dtype) and (numbers := whole_range(label, column)):
        looks["scale"] = {"domain": numbers}
    return {**looks, **{key: each for key, each in given.items() if key != "axis" or "axis" not in looks}}


def _order(given: dict[str, Any], column: pd.Series[Any]) -> dict[str, Any]:
    if given.get("type") not in ("nominal", "ordinal") or "sort" in given or kind_of(column) != "text":
        return {}
    order = order_of(column)
    return {"sort": order} if order else {}


def _title(text: str, unit: str) -> str:
    return headed(shortened(text)) + (f" ({unit})" if unit and unit not in ("$", "%") else "")


def _colors(given: dict[str, Any], column: pd.Series[Any]) -> dict[str, Any]:
    scale: Any = given.get("scale", {})
    if column.nunique() <= len(COLORS) or not isinstance(scale, dict) or {"scheme", "range"} & scale.keys():
        return {}
    return {"scale": {"scheme": "tableau20", **cast("dict[str, Any]", scale)}}


def _axis(name: str, given: dict[str, Any], column: pd.Series[Any], drawn: Drawn) -> dict[str, Any]:
    if given.get("timeUnit") or given.get("bin"):
        return {}
    if given.get("type") == "temporal":
        return _times(column)
    return _names(column, drawn.width) if name == "x" else {}


def is_year(label: str, column: pd.Series[Any]) -> bool:
    """Tell whether numbers are years, by the name of their column and their values."""
    if not is_numeric_dtype(column.dtype) or not _YEAR.search(words(label)):
        return False
    values: Any = column.dropna()
    return bool(len(values)) and bool(((values % 1 == 0) & values.between(*_YEARS)).all())


def _numbers(given: dict[str, Any], column: pd.Series[Any], unit: str) -> dict[str, Any]:
    if given.get("aggregate") in ("count", "distinct", "valid", "missing") or not is_numeric_dtype(column.dtype):
        return {}
    label = str(column.name)
    whole = is_integer_dtype(column.dtype) and given.get("aggregate") in (None, "sum", "min", "max")
    looks: dict[str, Any] = {"tickMinStep": 1} if whole else {}
    if is_year(label, column):
        return {"format": "d", "tickMinStep": 1}
    largest = _largest(column)
    text = "datum.label"
    before, after = _signs(label, unit)
    if largest >= _HUGE or 0 < largest < _TINY:
        looks["format"] = ".2~e"
    elif largest >= _MILLION and not given.get("aggregate"):
        looks["format"] = ".3~s"
        text = "replace(datum.label, 'G', 'B')"  # a thousand millions is a billion in English
    text = _signed(text, "datum.value", before, after)
    return {**looks, **({"labelExpr": text} if text != "datum.label" else {})}


def _signs(label: str, unit: str) -> tuple[str, str]:
    """Return what stands before and after each number: a currency, or the sign of percents."""
    percent = unit == "%" or re.match(r"(?:percent|pct)\b", words(label), re.IGNORECASE) is not None
    return (unit if unit in ("$", "£", "€") else ""), (" %" if percent else "")


def _signed(text: str, value: str, before: str, after: str) -> str:
    """Return an expression for a number with its signs; the minus stands before a currency."""
    if before:
        text = f"({value} < 0 ? '\u2212{before}' : '{before}') + replace({text}, '\u2212', '')"
    return f"{text} + '{after}'" if after else text


def _largest(column: pd.Series[Any]) -> float:
    values: Any = column.dropna().astype(float).abs()
    values = values[values < float("inf")]
    return float(values.max()) if len(values) else 0.0


def _times(column: pd.Series[Any]) -> dict[str, Any]:
    """Return ticks that are periods of the column: no months between yearly values."""
    if kind_of(column) != "time" or not column.notna().any():
        return {}
    unit = natural_unit(column)
    count = int(column.nunique())
    if unit == "year":
        return {"format": "%Y", "tickCount": "year" if count <= 12 else 8}  # noqa: PLR2004
    if unit in ("quarter", "month"):
        few = {"tickCount": "month"} if count <= 12 else {}  # noqa: PLR2004
        return {**few, "labelExpr": "timeFormat(datum.value, month(datum.value) == 0 ? '%Y' : '%b')"}
    return {}


def _names(column: pd.Series[Any], width: float) -> dict[str, Any]:
    texts = [str(each) for each in column.dropna().unique()]
    room = width / max(1, len(texts))
    longest = max(map(len, texts), default=0) * _LETTER
    if kind_of(column) == "number":
        return {"labelOverlap": "greedy", "labelAngle": 0, **_round_values(column)}
    if longest <= room:
        return {"labelOverlap": "greedy", "labelAngle": 0}
    crowded = {"labelOverlap": "greedy"} if room < 2 * _LETTER else {"labelOverlap": False}
    return {**crowded, "labelAngle": -40, "labelLimit": _LONG}


def _round_values(column: pd.Series[Any]) -> dict[str, Any]:
    """Return labels at round numbers only, of many whole ones such as years."""
    values: Any = column.dropna().unique()
    if len(values) <= _FEW_NUMBERS or not bool((values % 1 == 0).all()) or abs(values).max() > _MILLION:
        return {}
    shown: list[int] = []
    for step in (2, 5, 10, 20, 50, 100):
        shown = sorted(int(each) for each in values if each % step == 0)
        if len(shown) <= _FEW_NUMBERS // 2:
            break
    return {"values": shown} if 1 < len(shown) <= _FEW_NUMBERS else {}


def number_text(column: pd.Series[Any]) -> str:
    """Return a Vega expression for the text of a row's number."""
    value = f"datum[{json.dumps(str(column.name))}]"
    text = f"replace(format({value}, '{number_format(column)}'), 'G', 'B')"
    return _signed(text, value, *_signs(str(column.name), split_unit(str(column.name))[1]))


def number_format(column: pd.Series[Any]) -> str:
    """Return the format of numbers that stand beside marks: three or four digits that count."""
    largest = _largest(column)
    if largest >= _HUGE or 0 < largest < _TINY:
        return ".3~e"
    if largest >= _MILLION:
        return ".3~s"
    whole = bool((column.dropna().astype(float) % 1 == 0).all())
    if whole or largest >= 1_000:  # noqa: PLR2004
        return ",.0f"
    return ",.3~g" if largest < 1 else ",.2f" if largest < 10 else ",.1f"  # noqa: PLR2004
