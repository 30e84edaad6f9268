"""The intersection of two schemas, as far as it is needed to make values, which are checked afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.json_schema import READ_ONLY
from progressnb.operations.testcases.spec.plain import is_object

if TYPE_CHECKING:
    from progressnb.operations.testcases.spec.json_schema import AnySchema

__all__ = ["merged"]

_LIMITS_FROM_BELOW = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_LIMITS_FROM_ABOVE = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")

_FEW = 1_000_000
"""Comparisons between two lists of values. Longer lists are compared as JSON text, which takes linear time."""


def merged(one: AnySchema, other: AnySchema) -> AnySchema:
    """Return a schema for the values that fit both. Keywords that can't be combined are those of the second."""
    if one is False or other is False:
        return False
    if not is_object(one) or not is_object(other):
        return other if one is True else one
    out = {**one, **other}
    for key in one.keys() & other.keys():
        out[key] = _joined(key, one[key], other[key])
    return out


def _joined(key: str, mine: Any, others: Any) -> Any:  # noqa: ANN401, PLR0911 - plain data; one line a keyword
    if key in ("properties", "patternProperties"):
        return {**mine, **{name: merged(mine[name], each) if name in mine else each for name, each in others.items()}}
    if key in ("required", READ_ONLY):
        return list(dict.fromkeys([*mine, *others]))
    if key == "allOf":
        return [*mine, *others]
    if key in ("items", "additionalProperties"):
        return merged(mine, others)
    if key in _LIMITS_FROM_BELOW:
        return max(mine, others)
    if key in _LIMITS_FROM_ABOVE:
        return min(mine, others)
    if key == "enum":
        if len(mine) * len(others) <= _FEW:
            return [each for each in mine if each in others]
        known = {json.dumps(each, sort_keys=True) for each in others}
        return [each for each in mine if json.dumps(each, sort_keys=True) in known]
    if key == "type":
        mine, others = ([each] if isinstance(each, str) else each for each in (mine, others))
        both = [each for each in mine if each in others or (each == "integer" and "number" in others)]
        return both or [each for each in others if each == "integer" and "number" in mine]
    return others
