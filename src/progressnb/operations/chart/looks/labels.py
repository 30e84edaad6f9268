"""The values of few bars, written beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from progressnb.operations.chart.looks.axes import number_text
from progressnb.operations.chart.looks.marks import column_of, mark_type

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["with_labels"]

_MOST = 15
"""Bars that get their values."""

_MOST_UPRIGHT = 10
"""Bars that stand upright leave less room to what is written above them."""


def with_labels(spec: dict[str, Any], table: pd.DataFrame) -> dict[str, Any]:
    """Return a drawing of few bars with the value of each at its end, or the drawing as it is."""
    encoding: dict[str, Any] = spec.get("encoding", {})
    if (
        not isinstance(spec.get("mark"), dict)
        or mark_type(spec["mark"]) != "bar"
        or spec.keys() & {"transform", "params"}
    ):
        return spec
    for along, across, offset in (("x", "y", "yOffset"), ("y", "x", "xOffset")):
        value, names = encoding.get(along, {}), encoding.get(across, {})
        numbers, groups = column_of(value, table), column_of(names, table)
        if numbers is None or groups is None or value.get("type") != "quantitative":
            continue
        if names.get("type") not in ("nominal", "ordinal") or not _is_plain(encoding, (along, across, offset), table):
            return spec
        most = _MOST if along == "x" else _MOST_UPRIGHT
        if len(table) > most or not _is_drawable(numbers):
            return spec
        return _layered(spec, along, number_text(numbers))
    return spec


def _is_plain(encoding: dict[str, Any], channels: tuple[str, str, str], table: pd.DataFrame) -> bool:
    """Tell whether each row is a bar of its own: nothing is added up, stacked or split."""
    along, across, offset = channels
    value, names = encoding[along], encoding[across]
    told = {"aggregate", "bin", "timeUnit"} & (value.keys() | names.keys())
    scale: Any = value.get("scale", {})
    split = {"row", "column", "facet", "x2", "y2", "text"} & encoding.keys()
    keys = [column for name in (offset, across) if (column := column_of(encoding.get(name), table)) is not None]
    alone = not table.duplicated([str(column.name) for column in keys]).any()
    return (
        not told
        and not split
        and alone
        and not (isinstance(scale, dict) and {"type", "domain"} & cast("dict[str, Any]", scale).keys())
    )


def _is_drawable(numbers: pd.Series[Any]) -> bool:
    if numbers.dtype.kind not in "iuf" or numbers.isna().any():
        return False
    return bool((numbers >= 0).all()) and bool((numbers < float("inf")).all())


def _layered(spec: dict[str, Any], along: str, text: str) -> dict[str, Any]:
    place = {"align": "left", "baseline": "middle", "dx": 4} if along == "x" else {"baseline": "bottom", "dy": -3}
    encoding = dict(spec["encoding"])
    own = {name: encoding.pop(name) for name in ("color", "fill", "opacity", "tooltip") if name in encoding}
    bars = {"mark": spec["mark"], **({"encoding": own} if own else {})}
    labels = {"mark": {"type": "text", "fontSize": 10, "tooltip": False, "text": {"expr": text}, **place}}
    rest = {key: each for key, each in spec.items() if key not in ("mark", "encoding")}
    return {**rest, "layer": [bars, labels], "encoding": encoding}
