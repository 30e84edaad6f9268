"""Charts that shrink with the cell that they are in, and grow back to their own size."""

from __future__ import annotations

from typing import Any

__all__ = ["shrinking"]

_LEAST = 240
"""Pixels that a chart keeps, however narrow its cell is."""

_SIDE = 60
"""Pixels of an axis beside the drawing, about, and of a legend."""

_LEGEND = 110
_ROOM = "progressnb_room"  # a signal that does nothing: the list of signals must be there for the patch


def shrinking(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a drawing, of one view, that is as wide with its axes as its cell at most.

    Vega-Lite's own `"width": "container"` is 0 in JupyterLab, whose box of a chart is as wide as what is in it. So the
    width is a signal that looks four times a second whether that box has become narrower than the chart.
    """
    if not {"layer", "mark"} & spec.keys() or {"row", "column", "facet"} & spec.get("encoding", {}).keys():
        return spec
    if not isinstance(spec.get("width"), int | float) or {"autosize", "params"} & spec.keys():
        return spec
    legend = any("color" in view.get("encoding", {}) for view in (spec, *spec.get("layer", [])))
    wide = spec["width"] + _SIDE + _LEGEND * legend
    narrower = f"containerSize()[0] > 0 && containerSize()[0] < width ? max({_LEAST}, containerSize()[0]) : width"
    signal = {
        "name": "width",
        "on": [
            {"events": {"source": "window", "type": "resize"}, "update": str(wide)},
            {"events": {"type": "timer", "throttle": 250}, "update": narrower},
        ],
    }
    patch = [{"op": "add", "path": "/signals/-", "value": signal}]
    return {
        **spec,
        "width": wide,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "params": [{"name": _ROOM, "value": 0}],
        "usermeta": {"embedOptions": {"patch": patch}},
    }
