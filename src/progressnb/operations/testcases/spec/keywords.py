"""The check of the keywords of one schema: each has a value that can be read, or is a flaw with its place.

A flaw whose meaning is clear, and one that changes no case, is put right: it is noted and costs nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.flaws import FlawError, shown
from progressnb.operations.testcases.spec.plain import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.operations.testcases.spec.references import Documents

__all__ = ["TYPES", "readable"]

TYPES = {"null", "boolean", "object", "array", "number", "string", "integer"}
_ANY = {"default", "example", "examples", "const"}
_COUNTS = {
    *("minLength", "maxLength", "minItems", "maxItems", "minContains", "maxContains", "minProperties", "maxProperties"),
}
_NUMBERS = {"minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"}
_EXCLUSIVE = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
_DIGITS = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_NOUNS = {"boolean": "boolean", "null": "null", "integer": "whole number"}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_WORDS = {
    **dict.fromkeys(("int", "int32", "int64", "long"), "integer"),
    **dict.fromkeys(("float", "double"), "number"),
    "bool": "boolean",
    "str": "string",
    "dict": "object",
    "list": "array",
}
"""Types as languages name them."""


def _is_names(value: object) -> bool:
    return is_list(value) and all(isinstance(each, str) for each in value)


def _is_type(value: object) -> bool:
    stated = value if is_list(value) else [value]
    return bool(stated) and all(isinstance(each, str) and each in TYPES for each in stated)


# The check of each keyword, and what it has to be.
_CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "type": (_is_type, "no type of JSON, such as string"),
    "enum": (lambda value: is_list(value) and bool(value), "no list of values"),
    "required": (_is_names, "no list of names"),
    "format": (lambda value: isinstance(value, str), "no name of a format"),
    "uniqueItems": (lambda value: isinstance(value, bool), "neither true nor false"),
    "dependentRequired": (
        lambda value: is_object(value) and all(map(_is_names, value.values())),
        "no object of lists of names",
    ),
    "properties": (is_object, "no object of schemas"),
    "patternProperties": (is_object, "no object of schemas"),
    "dependentSchemas": (is_object, "no object of schemas"),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), (is_list, "no list of schemas")),
    **dict.fromkeys(_NUMBERS, (_is_number, "no number")),
    **dict.fromkeys(
        _COUNTS, (lambda value: _is_number(value) and value >= 0 and value % 1 == 0, "no whole number of at least 0")
    ),
}


def readable(schema: dict[str, Any], documents: Documents) -> dict[str, Any]:
    """Return a schema with keywords that can be read. Raises `FlawError` for one that can't."""
    # A keyword without a value is what some generators write for none.
    found = {key: value for key, value in schema.items() if value is not None or key in _ANY}
    _mend(found, schema, documents)
    for key, value in found.items():
        if key in _CHECKS and not _CHECKS[key][0](value):
            raise FlawError(schema, key, f"{shown(value)} is {_CHECKS[key][1]}")
    step: Any = found.get("multipleOf", 1)
    if step <= 0:
        raise FlawError(schema, "multipleOf", f"{shown(step)} is not greater than 0")
    _drop_default(found, schema, documents)
    return found


def _mend(found: dict[str, Any], schema: dict[str, Any], documents: Documents) -> None:
    """Put right what OpenAPI 3.0, 3.1 and Swagger 2.0 write in different ways, and common slips of clear meaning."""
    if found.get("type") == "file":
        found.update(type="string", format="binary")
    word = found["type"].casefold() if isinstance(found.get("type"), str) else ""
    known = _WORDS.get(word, word)
    if known in TYPES and known != found["type"]:
        documents.pass_over(schema, "type", f"{shown(found['type'])} was read as {known}")
        found["type"] = known
    for key, limit in _EXCLUSIVE.items():
        if isinstance(found.get(key), bool):
            # So OpenAPI 3.0 writes it; 3.1 writes the number itself.
            flag = found.pop(key)
            if flag and _is_number(found.get(limit)):
                found[key] = found.pop(limit)
    for key in sorted((_NUMBERS | _COUNTS) & found.keys()):
        if isinstance(found[key], str) and _DIGITS.fullmatch(found[key]):
            documents.pass_over(schema, key, f"{shown(found[key])} is a text, and was read as a number")
            found[key] = float(found[key]) if "." in found[key] else int(found[key])
    required = found.get("required")
    if isinstance(required, bool):
        documents.pass_over(schema, "required", "true or false belongs to a parameter, so it was ignored")
        del found["required"]
    elif _is_names(required) and len(set(schema["required"])) < len(schema["required"]):
        documents.pass_over(schema, "required", "a name stands there twice")
        found["required"] = list(dict.fromkeys(schema["required"]))


def _drop_default(found: dict[str, Any], schema: dict[str, Any], documents: Documents) -> None:
    """Take out a default value of another type, or one that is not listed. Null is none unless it is a value."""
    if "default" not in found:
        return
    value, stated = found["default"], found.get("type")
    if value is None:
        if schema.get("nullable") is not True and not (is_list(stated) and "null" in stated):
            del found["default"]
        return
    types = [stated] if isinstance(stated, str) else stated or sorted(TYPES)
    what = ""
    if not any(_is_of(value, kind) for kind in types):
        what = f"{shown(value)} is no {' or '.join(_NOUNS.get(kind, kind) for kind in types)}"
    elif is_list(found.get("enum")) and value not in found["enum"]:
        what = f"{shown(value)} is not listed in enum"
    if what:
        documents.pass_over(schema, "default", f"{what}, so it was ignored")
        del found["default"]


def _is_of(value: object, kind: str) -> bool:
    """Tell whether a value is of a type of JSON Schema."""
    checks: dict[str, bool] = {
        "null": value is None,
        "boolean": isinstance(value, bool),
        "object": is_object(value),
        "array": is_list(value),
        "string": isinstance(value, str),
        "number": _is_number(value),
        "integer": _is_number(value) and value % 1 == 0,  # type: ignore[operator]
    }
    return checks[kind]
