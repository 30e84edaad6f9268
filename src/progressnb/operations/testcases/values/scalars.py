"""Values for schemas of strings, numbers and other scalars, drawn by hypothesis-jsonschema.

The simplest example of a schema is taken. Hypothesis gives it first, and it depends on no random numbers, so the same
schema always gives the same value. Strings without a pattern or format are made here, because the simplest one is
empty, and servers often refuse two records of the same name.
"""

from __future__ import annotations

import json
import math
import re
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from progressnb.operations.testcases.spec.json_schema import types_but_null, types_of
from progressnb.operations.testcases.values.formats import INTEGERS
from progressnb.wire import grammar_later

if TYPE_CHECKING:
    from collections.abc import Generator

    from progressnb.operations.testcases.spec.json_schema import Schema

__all__ = ["LONGEST", "NoValueError", "Scalars", "quiet_hypothesis", "text_of", "types_for"]

LONGEST = 5_000
"""Characters of the longest string that is made."""

_LONGEST_MATCHED = 200
"""The greatest `minLength` of a string with a pattern: longer ones are found by chance only."""

_MOST_FAILURES = 100
"""Schemas without a value. It takes a second to find out that a schema has none."""

_KEYWORDS = (
    *("type", "enum", "const", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
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


@contextmanager
def quiet_hypothesis() -> Generator[None]:
    """Have Hypothesis write its caches into a temporary directory, not into the current one."""
    from hypothesis.configuration import set_hypothesis_home_dir, storage_directory

    before = Path(storage_directory(intent_to_write=False).path)
    with tempfile.TemporaryDirectory(prefix="progressnb-", ignore_cleanup_errors=True) as directory:
        set_hypothesis_home_dir(directory)
        try:
            yield
        finally:
            set_hypothesis_home_dir(before)


class Scalars:
    """A maker of values for scalar schemas, which remembers them by schema."""

    def __init__(self) -> None:
        self._drawn: dict[str, Any] = {}
        self._failures = 0

    def make(self, schema: Schema, kind: str, tag: str) -> Any:  # noqa: ANN401 - a scalar
        """Return a value of one type. A string without a pattern or format is made of the `tag`, so that it differs."""
        if kind in ("null", "boolean"):
            return kind == "boolean" or None
        own: dict[str, Any] = {key: schema[key] for key in _KEYWORDS if key in schema} | {"type": kind}
        if own.get("minLength", 0) > (_LONGEST_MATCHED if "pattern" in own else LONGEST):
            raise NoValueError("a string that long")
        if kind == "string" and "pattern" not in own:
            return _text(own, tag)
        if kind != "string":
            _make_usual(own)
        text = json.dumps(own, sort_keys=True)
        if text not in self._drawn:
            if self._failures >= _MOST_FAILURES:
                raise NoValueError("a value of a schema like many before, of which none was found")
            self._drawn[text] = _drawn(own)
            self._failures += isinstance(self._drawn[text], NoValueError)
        value = self._drawn[text]
        if isinstance(value, NoValueError):
            raise value
        return value


def _make_usual(schema: Schema) -> None:
    """Change a schema so that its simplest number looks like one in use: not zero, not at a limit."""
    if schema["type"] == "integer" and schema.get("format") in INTEGERS:
        low, high = INTEGERS[schema["format"]]
        schema["maximum"] = min(high, schema.get("maximum", high))
        if schema.get("minimum", low) <= low:
            schema.pop("minimum", None)
    if "multipleOf" in schema or "minimum" in schema:
        return
    edge: Any = schema.get("exclusiveMinimum")
    least = 1 if edge is None else math.floor(edge) + 1
    if least <= schema.get("maximum", least) and least < schema.get("exclusiveMaximum", least + 1):
        schema["minimum"] = least


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


def _drawn(schema: Schema) -> Any:  # noqa: ANN401 - a scalar
    with grammar_later():
        import hypothesis_jsonschema  # loads jsonschema
    from hypothesis import HealthCheck, Phase, given, seed, settings

    drawn: list[Any] = []
    known = {key: value for key, value in schema.items() if key != "format" or value in _TEXTS}

    def take(value: object) -> None:
        drawn.append(value)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about keywords that it ignores: the value is checked afterwards
            strategy = cast("Any", hypothesis_jsonschema).from_schema(known, allow_x00=False, codec="ascii")
            options = settings(
                max_examples=1,
                phases=[Phase.generate],
                database=None,
                deadline=None,
                suppress_health_check=list(cast("Any", HealthCheck)),
            )
            seed(0)(options(given(strategy)(take)))()  # type: ignore[no-untyped-call] # as Hypothesis makes it
    except Exception as error:  # noqa: BLE001 - the library raises errors of many kinds for schemas without a value
        failure = NoValueError(f"a value of {json.dumps(schema)[:100]}")
        failure.__cause__ = error
        return failure
    return drawn[-1] if drawn else NoValueError(f"a value of {json.dumps(schema)[:100]}")


def types_for(schema: Schema) -> list[str]:
    """Return the types to try, in order; a string where the schema does not suggest one."""
    return types_but_null(schema) or types_of(schema) or ["string"]
