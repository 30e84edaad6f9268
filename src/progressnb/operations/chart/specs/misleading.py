"""Warnings of drawings that mislead, each a sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from progressnb.operations.chart.specs.fitting import PARTS
from progressnb.operations.chart.specs.names import label_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

__all__ = ["misleading"]

_SLICES = 8
_COLORS = 10
"""Colours of most schemes; without one of its own a drawing of more groups gets twice as many."""

_FILLED = frozenset({"bar", "area"})
_LEVELS = frozenset({"mean", "average", "median", "min", "max", "stdev", "variance", "q1", "q3"})
_GROUPS = (
    "x",
    "y",
    "xOffset",
    "yOffset",
    "color",
    "fill",
    "stroke",
    "detail",
    "row",
    "column",
    "facet",
    "shape",
    "opacity",
)
_LEVEL_IN_SQL = (
    r"\b(avg|mean|median|min|max|quantile\w*|stddev\w*)\s*\([^()]*(\([^()]*\)[^()]*)*\)\s*(as\s+)?\"?{}\"?(?!\w)"
)


def misleading(spec: dict[str, Any], table: pd.DataFrame, query: str) -> list[str]:
    """Return a sentence for each way in which a fitted drawing of a query's rows may mislead."""
    found: list[str] = []
    for view, encoding in _views(spec, {}):
        found += _Look(view, encoding, table, query).warnings()
    return list(dict.fromkeys(found))


def _views(spec: dict[str, Any], above: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    encoding = {**above, **spec.get("encoding", {})}
    if "mark" in spec:
        yield spec, encoding
    for part in PARTS:
        for each in spec.get(part, []):
            yield from _views(each, encoding)
    if isinstance(spec.get("spec"), dict):
        facet: Any = spec.get("facet")
        parts: dict[str, Any] = cast("dict[str, Any]", facet) if isinstance(facet, dict) else {}
        extra = {"facet": parts} if "field" in parts else parts
        yield from _views(spec["spec"], {**encoding, **extra})


class _Look:
    """One mark with its channels."""

    def __init__(self, view: dict[str, Any], encoding: dict[str, Any], table: pd.DataFrame, query: str) -> None:
        mark: Any = view["mark"]
        self._mark = str(cast("dict[str, Any]", mark)["type"] if isinstance(mark, dict) else mark)
        self._encoding = encoding
        self._table = table
        self._query = query
        self._plain = not view.get("transform")  # of what a transform makes nothing is known

    def warnings(self) -> list[str]:
        """Return the warnings of this mark."""
        found: list[str] = []
        if self._mark in _FILLED:
            found += self._not_from_zero() + self._stacked()
        if self._mark == "arc":
            found += self._pie()
        if self._mark in ("line", "area", "trail"):
            found += self._line()
        return found + self._colors()

    def _channel(self, name: str) -> dict[str, Any]:
        channel: Any = self._encoding.get(name)
        return cast("dict[str, Any]", channel) if isinstance(channel, dict) else {}

    def _column(self, name: str) -> pd.Series[Any] | None:
        field = self._channel(name).get("field")
        label = label_of(field, self._table.columns) if isinstance(field, str) else None
        return self._table[label] if label is not None and self._plain else None

    def _measure(self) -> str:
        """Return the channel along which bars grow: the one that is quantitative and no bin."""
        for name in ("y", "x"):
            channel = self._channel(name)
            if channel.get("type") == "quantitative" and not channel.get("bin") and f"{name}2" not in self._encoding:
                return name
        return ""

    def _not_from_zero(self) -> list[str]:
        channel = self._channel(self._measure())
        scale: Any = channel.get("scale")
        if not isinstance(scale, dict):
            return []
        given = cast("dict[str, Any]", scale)
        domain: Any = given.get("domain")
        ends = (
            [each for each in cast("Any", domain) if isinstance(each, int | float)] if isinstance(domain, list) else []
        )
        starts = [end for end in (given.get("domainMin"), given.get("domainMax")) if isinstance(end, int | float)]
        away = (len(ends) > 1 and not min(ends) <= 0 <= max(ends)) or (
            given.get("domainMin") in starts and starts[0] > 0
        )
        if away or (given.get("zero") is False and not ends):
            return ["The bars don't begin at zero, so their lengths can't be compared."]
        return (
            ["The lengths of the bars are not in proportion, on a logarithmic scale."]
            if given.get("type") == "log"
            else []
        )

    def _stacked(self) -> list[str]:
        measure = self._measure()
        channel = self._channel(measure)
        if not measure or channel.get("stack", "zero") in (None, False) or self._side(measure):
            return []
        field = str(channel.get("field", ""))
        level = channel.get("aggregate") in _LEVELS or (
            bool(field) and re.search(_LEVEL_IN_SQL.format(re.escape(field)), self._query, re.IGNORECASE) is not None
        )
        along = [self._channel(name).get("field") for name in ("x", "y")]
        groups = [self._channel(name).get("field") for name in ("color", "fill", "detail")]
        colored = any(group is not None and group not in along for group in groups)
        if level and colored:
            return [f"Values of {field!r} stand on each other, which are no parts of a sum."]
        return self._silently(measure, field) if "aggregate" not in channel else []

    def _side(self, measure: str) -> bool:
        return ("xOffset" if measure == "y" else "yOffset") in self._encoding

    def _silently(self, measure: str, field: str) -> list[str]:
        """Warn where several rows make one bar, since a column of the query is not drawn."""
        groups: list[str] = []
        for name in _GROUPS:
            if name == measure or not (channel := self._channel(name)).get("field"):
                continue
            column = self._column(name)
            if column is None or channel.get("timeUnit") or channel.get("bin"):
                return []
            groups.append(str(column.name))
        if not groups or not self._plain or not self._table.duplicated(groups).any():
            return []
        hidden = [label for label in self._table.columns if label not in (*groups, field)]
        names = f", of {' and '.join(map(repr, hidden[:3]))}" if hidden else ""
        return [f"Several rows stand on each other in one bar{names}."]

    def _pie(self) -> list[str]:
        values = self._column("theta")
        found: list[str] = []
        if values is not None and values.dtype.kind in "if" and bool((values < 0).any()):
            found.append("A pie can't show the negative values.")
        parts = self._column("color")
        if parts is not None and (count := int(parts.nunique())) > _SLICES:
            found.append(f"{count} slices of a pie are hard to compare.")
        return found

    def _line(self) -> list[str]:
        along = self._channel("x")
        column = self._column("x")
        if column is None or along.get("type") != "nominal" or along.get("timeUnit"):
            return []
        named = isinstance(along.get("sort"), list) or any(letter.isdigit() for letter in str(column.dropna().iloc[0]))
        return [] if named else [f"The line joins names, {column.name!r}, which have no order."]

    def _colors(self) -> list[str]:
        channel = self._channel("color")
        column = self._column("color")
        scale: Any = channel.get("scale")
        given: dict[str, Any] = cast("dict[str, Any]", scale) if isinstance(scale, dict) else {}
        if column is None or channel.get("type") != "nominal":
            return []
        colors: Any = given.get("range")
        usual = _COLORS if given and "20" not in str(given.get("scheme")) else 2 * _COLORS
        most = len(cast("Any", colors)) if isinstance(colors, list) else usual
        count = int(column.nunique())
        return [f"{count} groups share {most} colours, so that colours repeat."] if count > most else []
