"""Forms of older versions of Vega-Lite, which models still write, in today's words."""

from __future__ import annotations

from typing import Any, cast

__all__ = ["modern"]

_UNITS = {
    "monthyear": "yearmonth",
    "quarteryear": "yearquarter",
    "weekdays": "day",
    "hour": "hours",
    "minute": "minutes",
}
_STEPS = {"x": "width", "y": "height"}


def modern(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a drawing with older names in today's words: time units, steps of a scale, rows that are counted."""
    spec = {key: _modern_part(each) for key, each in spec.items()}
    encoding: Any = spec.get("encoding")
    for name, channel in cast("dict[str, Any]", encoding).items() if isinstance(encoding, dict) else ():
        scale: Any = cast("dict[str, Any]", channel).get("scale") if isinstance(channel, dict) else None
        if isinstance(scale, dict) and "rangeStep" in scale:
            step = cast("dict[str, Any]", scale).pop("rangeStep")
            if name in _STEPS and isinstance(step, int | float):
                spec.setdefault(_STEPS[name], {"step": step})
    return spec


def _modern_part(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, list) and depth < _DEEPEST:
        return [_modern_part(each, depth + 1) for each in cast("Any", value)]
    if not isinstance(value, dict) or depth >= _DEEPEST:
        return cast("Any", value)
    given = cast("dict[str, Any]", value)
    if {"mark", "layer"} & set(given):
        return modern(given)
    rest = {key: _modern_part(each, depth + 1) for key, each in given.items()}
    if isinstance(unit := rest.get("timeUnit"), str):
        rest["timeUnit"] = _UNITS.get(unit, unit)
    if rest.get("field") == "*" and rest.get("aggregate") == "count":
        del rest["field"]
    return rest


_DEEPEST = 40
