"""The field of an answer whose value belongs into a path: its name is right, and the path takes all of its values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.json_schema import types_but_null, types_of
from progressnb.operations.testcases.spec.plain import is_list, is_object
from progressnb.operations.testcases.values.scalars import NoValueError

if TYPE_CHECKING:
    from progressnb.operations.testcases.spec.endpoints import Parameter
    from progressnb.operations.testcases.spec.json_schema import AnySchema, Schema
    from progressnb.operations.testcases.values.builder import Values

__all__ = ["fits_path", "names_of"]

# The ends of a path parameter's name that are names of fields.
_WORDS = ("uuid", "guid", "slug", "name", "key", "id")
_IDS = ("id", "uuid", "key")
_NUMBERS = ("integer", "number")
_DEEPEST = 4
"""Levels of branches in each other."""

_DIGITS = 10
"""Digits of a whole number without limits."""

_LARGEST = 2**31 - 1
"""The largest whole number without limits."""

_MANY = 1000
"""A path that takes this many numbers takes those of an answer without a limit: a server has not more things yet."""


def names_of(parameter: str, *, by_name: bool = False) -> list[str]:
    """Return the fields whose value a path parameter may take, the likeliest first.

    The parameter of `/users/{userName}` takes no id, and that of `/users/{userId}` no name. That of `/users/{user}`
    takes a name `by_name`: where its caller chose that.
    """
    word = next((word for word in _WORDS if parameter.casefold().endswith(word)), "")
    ids = _IDS if word in ("", *_IDS, "guid") else ()
    return list(dict.fromkeys([parameter, *filter(None, [word or ("name" if by_name else "")]), *ids]))


def fits_path(field: AnySchema, parameter: Parameter, values: Values) -> bool:
    """Tell whether a path takes every value that a field of an answer may have, except null.

    A field without a type never fits: a wrong guess would make a case fail on a correct server.
    """
    if parameter.style != "simple" or parameter.as_json:
        return False  # a value of an answer is put into the path as it is
    sources, targets = _branches(field, values), _branches(parameter.schema, values)
    return bool(sources) and all(any(_within(source, target) for target in targets) for source in sources)


def _branches(schema: AnySchema, values: Values, depth: int = 0) -> list[Schema]:
    """Return the schemas of single types that a value may have, without null."""
    try:
        shape = values.shape(schema)
    except (NoValueError, RecursionError):
        return []
    if not is_object(shape) or depth > _DEEPEST:
        return [{}]
    parts = next((shape[key] for key in ("anyOf", "oneOf") if is_list(shape.get(key))), None)
    if parts is not None:
        return [each for part in parts for each in _branches(part, values, depth + 1)]
    kinds = types_but_null(shape)
    return [{**shape, "type": kind} for kind in kinds] if kinds else [] if types_of(shape) else [shape]


def _within(source: Schema, target: Schema) -> bool:
    """Tell whether every value of one schema fits another."""
    listed = _listed(source)
    if (allowed := _listed(target)) is not None:
        return listed is not None and all(each in allowed for each in listed)
    kind, wanted = source.get("type"), target.get("type")
    if kind == wanted == "boolean":
        return True
    if kind in _NUMBERS and wanted in _NUMBERS:
        return (kind == "integer" or wanted == "number") and _numbers_within(source, target)
    if wanted in ("string", None) and kind in ("string", "integer"):
        return _texts_within(source, target)
    return False


def _listed(schema: Schema) -> list[str] | None:
    """Return the values of an enum or const as texts, or None for a schema without them."""
    listed = [schema["const"]] if "const" in schema else schema.get("enum")
    return [str(each) for each in listed if each is not None] if is_list(listed) else None


def _numbers_within(source: Schema, target: Schema) -> bool:
    # Numbers that identify things begin at 1 unless the schema says otherwise.
    least, most = _range(target, -math.inf, math.inf)
    low, high = _range(source, 1, most if _MANY <= most < _LARGEST else _LARGEST)
    return least <= low and high <= most and target.get("multipleOf") in (None, 1, source.get("multipleOf"))


def _range(schema: Schema, low: float, high: float) -> tuple[float, float]:
    step = 1 if schema.get("type") == "integer" else 0.001
    lows = [schema.get("minimum"), _moved(schema.get("exclusiveMinimum"), step)]
    highs = [schema.get("maximum"), _moved(schema.get("exclusiveMaximum"), -step)]
    return (
        max((each for each in lows if isinstance(each, int | float)), default=low),
        min((each for each in highs if isinstance(each, int | float)), default=high),
    )


def _moved(edge: Any, step: float) -> float | None:  # noqa: ANN401 - any data of the schema
    return edge + step if isinstance(edge, int | float) else None


def _texts_within(source: Schema, target: Schema) -> bool:
    for key in ("format", "pattern"):
        if key in target and (source.get(key) != target[key] or source.get("type") != "string"):
            return False
    # Equal formats have equal lengths. A text without limits is not empty, and a number has at most ten digits.
    form_known = "format" in target or "pattern" in target
    longest = _DIGITS if source.get("type") == "integer" else math.inf
    low, high = _length(source, "minLength", 1), _length(source, "maxLength", longest)
    return form_known or (_length(target, "minLength", 0) <= low and high <= _length(target, "maxLength", math.inf))


def _length(schema: Schema, key: str, otherwise: float) -> Any:  # noqa: ANN401 - a number
    found = schema.get(key)
    return found if isinstance(found, int) else otherwise
