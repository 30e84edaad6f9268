"""Changes of one value in one place, by its type: to invalid values, and to valid ones at a limit."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.json_schema import Schema, types_of
from progressnb.operations.testcases.spec.patterns import lengths_of
from progressnb.operations.testcases.spec.plain import is_list, is_object, list_at
from progressnb.operations.testcases.values.formats import INTEGERS
from progressnb.operations.testcases.values.scalars import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.schemas import Category

__all__ = ["GONE", "Change", "Path", "changes_of"]

Path = tuple[str | int, ...]
Change = tuple[Path, "Category", str, Any, bool]
"""The place of a change, its category, its description, the new value, and whether the result should fit."""

GONE = object()
"""The new value of a property that is removed."""


_LARGEST = 500_000
"""Characters of a list that is made longer than its limit."""

_MOST_FIELDS = 100
"""The greatest `maxProperties` that is tested."""

# Values of other types, for each type.
_OTHER: dict[str, tuple[Any, ...]] = {
    "string": (12345, {"not": "a string"}),
    "integer": ("not-a-number", 1.5),
    "number": ("not-a-number", {"not": "a number"}),
    "boolean": ("maybe", 7),
    "array": ({"not": "a list"}, "not-a-list"),
    "object": (["not an object"], "not-an-object"),
}
_NOUNS = {kind: f"an {kind}" if kind[0] in "aio" else f"a {kind}" for kind in _OTHER}
_NOT_THIS = "not-of-this-form!"

# An invalid text for each format.
_FORMATS = {
    "date": "2026-02-30",
    "date-time": "2026-02-30T25:61:00Z",
    "time": "25:61:00",
    "email": "no-at-sign.example.com",
    "uuid": "not-a-uuid",
    "ipv4": "999.1.1.1",
    "ipv6": "12345::g",
    "uri": "no scheme here",
    "url": "no scheme here",
    "hostname": "-not a host-",
}
# Many servers accept a number for these, such as the seconds since 1970.
_ALSO_NUMBERS = {"date", "date-time", "time", "duration", "ipv4", "ipv6", "binary"}
_ANY_TEXT = {None, "password", "binary"}


def changes_of(shape: Schema, value: object, path: Path) -> Iterator[Change]:
    """Yield the changes of a value at a path, by its schema without references."""
    yield from _type_changes(shape, path)
    if isinstance(value, str):
        yield from _string_changes(shape, value, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number_changes(shape, path)
    elif is_list(value):
        yield from _list_changes(shape, value, path)
    elif is_object(value):
        yield from _object_changes(shape, value, path)


def _type_changes(shape: Schema, path: Path) -> Iterator[Change]:
    kinds = types_of(shape)
    for kind in kinds[:1]:
        for wrong in _OTHER.get(kind, ()):
            if kind == "string" and isinstance(wrong, int) and shape.get("format") in _ALSO_NUMBERS:
                continue
            yield path, "type", f"{json.dumps(wrong)} instead of {_NOUNS[kind]}", wrong, False
    if kinds and "null" not in kinds:
        yield path, "type", f"null instead of {_NOUNS.get(kinds[0], kinds[0])}", None, False
    if is_list(shape.get("enum")) or "const" in shape:
        yield path, "enum", "a value that is not listed", "not-one-of-these", False


def _string_changes(shape: Schema, value: str, path: Path) -> Iterator[Change]:
    low, high = shape.get("minLength"), shape.get("maxLength")
    form = shape.get("format")
    free = form in _ANY_TEXT  # in any other format a text that is cut or filled is invalid
    if "pattern" in shape:
        yield path, "format", "text of another pattern", _filled(_NOT_THIS, low, high), False
        if form is None:
            yield from _lengths(str(shape["pattern"]), high, value, path)
    elif not shape.get("enum"):
        if isinstance(low, int) and 0 < low <= LONGEST:
            yield path, "boundary", f"one character less than {low}", "x" * (low - 1), False
            if free:
                yield path, "boundary", f"the least length, {low}", (value + "x" * low)[:low], True
        if isinstance(high, int) and 0 <= high < LONGEST:
            yield path, "boundary", f"one character more than {high}", "x" * (high + 1), False
            if free:
                yield path, "boundary", f"the greatest length, {high}", "x" * high, True
    if isinstance(form, str) and form in _FORMATS:
        yield path, "format", f"text that is no {form}", _FORMATS[form], False


def _lengths(pattern: str, most: Any, value: str, path: Path) -> Iterator[Change]:  # noqa: ANN401 - any data
    """Yield texts of the greatest length that a pattern takes, and longer ones: those of one letter more or again."""
    widths = lengths_of(pattern)
    high = min(widths[1], most if isinstance(most, int) else LONGEST) if widths is not None else LONGEST
    if not value or high >= LONGEST:
        return
    for length, what, fits in (
        (high, f"the greatest length, {high}", True),
        (high + 1, f"one character more than {high}", False),
    ):
        more = length - len(value)
        for text in dict.fromkeys((value + value[-1] * more, value[0] * more + value)):
            if len(text) == length and (not fits or re.search(pattern, text)):
                yield path, "boundary", what, text, fits
                break


def _filled(text: str, low: Any, high: Any) -> str:  # noqa: ANN401 - any data of the schema
    text = text.ljust(low, "!") if isinstance(low, int) and low <= LONGEST else text
    return text[:high] if isinstance(high, int) else text


def _number_changes(shape: Schema, path: Path) -> Iterator[Change]:
    step = shape.get("multipleOf") or (1 if types_of(shape)[:1] == ["integer"] else 0.5)
    for limit, sign, word in (("minimum", -1, "least"), ("maximum", 1, "greatest")):
        if isinstance(edge := shape.get(limit), int | float):
            yield path, "boundary", f"beyond the {word}, {edge:g}", edge + sign * step, False
            yield path, "boundary", f"the {word} itself, {edge:g}", edge, True
        exclusive = f"exclusive{limit.capitalize()}"
        if isinstance(edge := shape.get(exclusive), int | float) and not isinstance(edge, bool):
            yield path, "boundary", f"the limit {edge:g}, which is not allowed itself", edge, False
    if isinstance(shape.get("multipleOf"), int) and shape["multipleOf"] > 1:
        yield path, "boundary", f"no multiple of {shape['multipleOf']}", shape["multipleOf"] * 3 + 1, False
    form = shape.get("format")
    if isinstance(form, str) and form in INTEGERS and "maximum" not in shape:
        yield path, "format", f"a number that {form} can't hold", INTEGERS[form][1] + 1, False


def _list_changes(shape: Schema, value: list[Any], path: Path) -> Iterator[Change]:
    low, high = shape.get("minItems"), shape.get("maxItems")
    if isinstance(low, int) and 0 < low <= len(value):
        yield path, "boundary", f"one item less than {low}", value[: low - 1], False
    if isinstance(high, int) and value and high < LONGEST and len(json.dumps(value[0])) * (high + 1) < _LARGEST:
        yield path, "boundary", f"one item more than {high}", [value[0]] * (high + 1), False
    if shape.get("uniqueItems") and value and (not isinstance(high, int) or len(value) < high):
        yield path, "boundary", "the same item twice", [*value, value[0]], False


def _object_changes(shape: Schema, value: dict[str, Any], path: Path) -> Iterator[Change]:
    for name in list_at(shape, "required"):
        if name in value:
            yield (*path, name), "required", f"without {name!r}, which is required", GONE, False
    if shape.get("additionalProperties") is False:
        yield (*path, "not-in-the-schema"), "structure", "a field that is not allowed", "x", False
    high = shape.get("maxProperties")
    if isinstance(high, int) and high < _MOST_FIELDS:
        yield path, "boundary", f"more than {high} fields", {f"key{at}": "x" for at in range(high + 1)}, False
