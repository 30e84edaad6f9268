"""Values for schemas of strings, numbers and other scalars: the simplest that looks like one in use.

The same schema always gives the same value, but for strings without a pattern or format: the simplest one is empty, and
servers often refuse two records of the same name.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.json_schema import types_but_null, types_of
from progressnb.operations.testcases.spec.patterns import Matcher
from progressnb.operations.testcases.values.formats import INTEGERS, fits_format
from progressnb.operations.testcases.values.numbers import number_of
from progressnb.operations.testcases.values.texts import texts_of

if TYPE_CHECKING:
    from progressnb.operations.testcases.spec.json_schema import Schema

__all__ = ["LONGEST", "NoValueError", "Scalars", "text_of", "types_for"]

LONGEST = 5_000
"""Characters of the longest string that is made."""

_MOST_FAILURES = 100
"""Schemas without a value. It takes a while to find out that a schema has none."""

_KEYWORDS = (
    *("type", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("minLength", "maxLength", "pattern", "format"),
)
# A text for each format that is known.
_TEXTS = {
    "uuid": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "byte": "cHJvZ3Jlc3M=",
    "email": "ada@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uriref": "https://example.com/",
    "hostname": "example.com",
    "date-time": "2026-01-15T12:00:00Z",
    "date": "2026-01-15",
    "time": "12:00:00Z",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "duration": "P1D",
}


class NoValueError(Exception):
    """A schema that no value could be made for. The message names the kind of value, as after "for want of"."""


class Scalars:
    """A maker of values for scalar schemas, which remembers them by schema."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}
        self._failures = 0
        self._matcher = Matcher()

    def make(self, schema: Schema, kind: str, tag: str) -> Any:  # noqa: ANN401 - a scalar
        """Return a value of one type. A string without a pattern or format is made of the `tag`, so that it differs."""
        if kind in ("null", "boolean"):
            return kind == "boolean" or None
        own: dict[str, Any] = {key: schema[key] for key in _KEYWORDS if key in schema} | {"type": kind}
        if own.get("minLength", 0) > LONGEST:
            raise NoValueError("a string that long")
        if kind == "string" and "pattern" not in own:
            return _text(own, tag)
        text = json.dumps(own, sort_keys=True)
        if text not in self._made:
            if self._failures >= _MOST_FAILURES:
                raise NoValueError("a value of a schema like many before, of which none was found")
            self._made[text] = self._matching(own) if kind == "string" else number_of(_usual(own))
            self._failures += self._made[text] is None
        if self._made[text] is None:
            raise NoValueError(f"a value of {text[:100]}")
        return self._made[text]

    def _matching(self, schema: Schema) -> str | None:
        """Return a text that fits the pattern of a schema, and its format if that is known."""
        pattern, form = schema["pattern"], schema.get("format")
        texts = texts_of(pattern, int(schema.get("minLength", 0)), int(min(schema.get("maxLength", LONGEST), LONGEST)))
        return next((each for each in texts if fits_format(each, form) and self._matcher.fits(pattern, each)), None)


def _usual(schema: Schema) -> Schema:
    """Return a schema whose simplest number looks like one in use: not zero, not at a limit."""
    schema = dict(schema)
    if schema["type"] == "integer" and schema.get("format") in INTEGERS:
        low, high = INTEGERS[schema["format"]]
        schema["maximum"] = min(high, schema.get("maximum", high))
        if schema.get("minimum", low) <= low:
            schema.pop("minimum", None)
    if "multipleOf" not in schema and "minimum" not in schema:
        edge: Any = schema.get("exclusiveMinimum")
        least = 1 if edge is None else math.floor(edge) + 1
        if least <= schema.get("maximum", least) and least < schema.get("exclusiveMaximum", least + 1):
            schema["minimum"] = least
    return schema


def text_of(schema: Schema) -> str | None:
    """Return the usual text of a schema's format, or None for a format that is not known."""
    form = schema.get("format")
    return _TEXTS.get(form) if isinstance(form, str) else None


def _text(schema: Schema, tag: str) -> str:
    if (known := text_of(schema)) is not None:
        return known
    low, high = schema.get("minLength", 0), schema.get("maxLength", LONGEST)
    word = re.sub(r"[^a-z0-9]+", "-", tag.casefold()).strip("-")[-40:].lstrip("-") or "text"
    return word.ljust(int(low), "x")[: max(int(low), min(int(high), 60))] if high else ""


def types_for(schema: Schema) -> list[str]:
    """Return the types to try, in order; a string where the schema does not suggest one."""
    return types_but_null(schema) or types_of(schema) or ["string"]
