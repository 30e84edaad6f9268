"""The theme: one for a light and a dark page, with colours that colour-blind people tell apart.

Colours of groups are those of Okabe and Ito, "Color Universal Design" (2008, https://jfly.uni-koeln.de/color/); black,
which a dark page hides, is grey. Colours of amounts are viridis, by Smith and van der Walt (matplotlib, 2015).
"""

from __future__ import annotations

from typing import Any, cast

__all__ = ["COLORS", "themed"]

COLORS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442", "#999999")
"""Colours of groups: blue, orange, green, vermilion, sky, purple, yellow, grey."""

_DARK = (
    "background && luminance(background) < 0.4"  # of Vega: JupyterLab's dark theme darkens only a chart's background
)
_MAIN = {"expr": f"{_DARK} ? '{COLORS[4]}' : '{COLORS[0]}'"}
_TEXT = {"expr": f"{_DARK} ? '#e6e6e6' : '#333333'"}
"""The colour of text."""

_SOFT = {"expr": f"{_DARK} ? '#bdbdbd' : '#666666'"}
_LINE = {"expr": f"{_DARK} ? '#777777' : '#999999'"}
_GRID = {"expr": f"{_DARK} ? '#4d4d4d' : '#e3e3e3'"}
_AMOUNTS = {"scheme": "viridis"}

_CONFIG: dict[str, Any] = {
    "range": {"category": list(COLORS), "heatmap": _AMOUNTS, "ramp": _AMOUNTS, "ordinal": _AMOUNTS},
    "view": {"stroke": None},
    "title": {
        "anchor": "start",
        "frame": "bounds",
        "fontSize": 14,
        "fontWeight": 600,
        "color": _TEXT,
        "subtitleColor": _SOFT,
        "subtitleFontSize": 11,
        "subtitlePadding": 4,
        "offset": 12,
    },
    "axis": {
        "labelColor": _SOFT,
        "titleColor": _TEXT,
        "titleFontWeight": "normal",
        "titlePadding": 8,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "domainColor": _LINE,
        "tickColor": _LINE,
        "gridColor": _GRID,
        "labelLimit": 180,
        "tickSize": 4,
    },
    "axisQuantitative": {"tickCount": 5, "domain": False, "ticks": False},
    "axisTemporal": {"grid": False, "tickCount": 8},
    "axisBand": {"ticks": False, "grid": False, "domain": False},
    "legend": {
        "labelColor": _SOFT,
        "titleColor": _TEXT,
        "titleFontWeight": "normal",
        "labelFontSize": 11,
        "titleFontSize": 11,
        "labelLimit": 180,
        "symbolOpacity": 1,
        "symbolSize": 60,
    },
    "header": {"labelColor": _SOFT, "titleColor": _TEXT, "titleFontWeight": "normal"},
    "scale": {"barBandPaddingInner": 0.2, "rectBandPaddingInner": 0.03},
    "facet": {"spacing": 24},
    "mark": {"color": _MAIN},
    "text": {"color": _TEXT},
    "rule": {"color": _LINE},
    "line": {"strokeWidth": 2},
    "arc": {"stroke": {"expr": "background || 'white'"}, "strokeWidth": 1},
    "boxplot": {"median": {"color": "white"}, "rule": {"color": _LINE}, "ticks": False},
}


def themed(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a drawing with the theme, below what its own `config` says."""
    return {**spec, "config": _merged(_CONFIG, spec.get("config", {}))}


def _merged(base: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return nested settings with those of `given` on top."""
    merged = {**base, **given}
    for key, each in base.items():
        own: Any = given.get(key)
        if isinstance(own, dict) and isinstance(each, dict) and "expr" not in each and "scheme" not in each:
            merged[key] = _merged(cast("dict[str, Any]", each), cast("dict[str, Any]", own))
    return merged
