"""The translation of OpenAPI's schemas to JSON Schema 2020-12, separately for requests and for responses."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from progressnb.operations.testcases.spec.flaws import FlawError, shown
from progressnb.operations.testcases.spec.keywords import TYPES, readable
from progressnb.operations.testcases.spec.patterns import is_safe_for_names, is_safe_pattern
from progressnb.operations.testcases.spec.plain import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.operations.testcases.spec.discriminators import Discriminators
    from progressnb.operations.testcases.spec.references import Documents

__all__ = [
    "NULL_AT_FIRST",
    "READ_ONLY",
    "TOLD",
    "AnySchema",
    "Direction",
    "Follow",
    "Schema",
    "Translator",
    "types_but_null",
    "types_of",
]

Schema: TypeAlias = dict[str, Any]
AnySchema: TypeAlias = dict[str, Any] | bool
Direction = Literal["request", "response"]

_MAPS = ("properties", "patternProperties", "dependentSchemas")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE = (
    *("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"),
    *("unevaluatedItems", "unevaluatedProperties"),
)
# Keywords that are copied as they are.
_KEPT = (
    *("type", "enum", "const", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("minLength", "maxLength", "pattern", "format", "minItems", "maxItems", "uniqueItems", "minContains"),
    *("maxContains", "minProperties", "maxProperties", "required", "dependentRequired", "default", "example"),
    *("examples", "readOnly", "writeOnly"),
)
# Keywords that a schema without a type has for one type alone.
_GUESSES = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "prefixItems"},
    "string": {"pattern", "minLength", "maxLength", "format"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
}
READ_ONLY = "x-read-only"
"""The keyword of ours for the properties that a request leaves out: an example may have them all the same."""

NULL_AT_FIRST = "x-null-at-first"
"""The keyword of ours for what is null at first, as words tell: "null until it is returned"."""

_NULL_AT_FIRST = re.compile(
    r"\bnull (?:until|before|without|while|as long as|unless|(?:if|when) (?:not|no|nobody|none|never))\b", re.IGNORECASE
)
TOLD = "x-told"
"""The keyword of ours for what is told of a field, where that may be a rule: "required if the kind is `other`"."""

_TOLD = re.compile(
    r"\b(?:(?:required|needed|mandatory|present|set|only|null|none|empty|ignored|absent|out) "
    r"(?:if|when|where|for|with|unless|except)|"
    r"today|now|future|past|positive|(?:greater|more|higher|larger) than|above|"
    r"unique|no (?:two|other)|in use|already taken|used twice|not count|number of)\b",
    re.IGNORECASE,
)
_MOST_REFERENCES = 10
"""References from a property to the schema with its flag."""

_MOST_PATTERNS = 3_000
"""Patterns of a specification: analysing one takes longer than reading it."""

_MOST_OF_NAMES = 50
"""Patterns for the names of one object. Each of them is matched with each name."""

_OLD = ("2.0", "3.0")
"""The versions in which nothing beside a `$ref` counts."""


class Follow(Protocol):
    """A writer of references: returns one to the definition of what an object with `$ref` points to.

    With `is_base` it stands in an `allOf`, where the base of other schemas is itself alone.
    """

    def __call__(self, node: Schema, direction: Direction, *, is_base: bool = False) -> Schema: ...  # noqa: D102


class Translator:
    """Translate single schemas of a specification to JSON Schema."""

    def __init__(self, documents: Documents, discriminators: Discriminators, follow: Follow) -> None:
        self._documents = documents
        self._discriminators = discriminators
        self._follow = follow
        self._patterns: set[object] = set()
        self._left_out = 0

    def written(self, parent: Any, key: str | int, direction: Direction) -> AnySchema:  # noqa: ANN401 - plain data
        """Return the schema under a key of an object or list. Raises `FlawError` for one that can't be read."""
        schema = parent.get(str(key)) if is_object(parent) else parent[key]
        if schema is None or isinstance(schema, bool):
            return schema is not False
        if not is_object(schema):
            raise FlawError(parent, key, f"{shown(schema)} is no schema")
        return self.one(schema, direction)

    def one(self, schema: Schema, direction: Direction, *, is_base: bool = False) -> Schema:
        """Return a schema that is an object."""
        if not isinstance(schema.get("$ref"), str):
            return self._keywords(schema, direction)
        target = self._follow(schema, direction, is_base=is_base)
        siblings = {name: value for name, value in schema.items() if name != "$ref"}
        if not siblings or self._documents.version in _OLD:
            return target
        self._documents.places.derive(siblings, schema)
        rest = self._keywords(siblings, direction)
        return {"allOf": [target, rest]} if rest else target

    def _keywords(self, stated: Schema, direction: Direction) -> Schema:
        schema = readable(stated, self._documents)
        out: Schema = {key: schema[key] for key in _KEPT if key in schema}
        if "pattern" in out and not self._is_usable(out["pattern"], is_safe_pattern):
            del out["pattern"]
            self._left_out += 1
            self._documents.notes.add(
                "A pattern was left out: Python can't compile it, or matching it may take for ever."
            )
        for key in _MAPS:
            if key in schema:
                out[key] = {name: self.written(schema[key], name, direction) for name in schema[key]}
        if "patternProperties" in out:
            out["patternProperties"] = self._safe_names(out["patternProperties"])
        self._fill(out, stated, direction)
        if "$dynamicRef" in schema:
            self._documents.notes.add("$dynamicRef is not followed: any value is taken there.")
        self._hide(out, schema, direction)
        told = str(schema.get("description", ""))
        if _NULL_AT_FIRST.search(told):
            out[NULL_AT_FIRST] = True
        if _TOLD.search(told):
            out[TOLD] = told
        return _nullable(out, schema)

    def _fill(self, out: Schema, schema: Schema, direction: Direction) -> None:
        """Translate the schemas inside a schema. Where one lost a pattern, relax what would now forbid more."""
        for key in (*_LISTS, *_SINGLE):
            part, before = schema.get(key), self._left_out
            if key in _SINGLE and part is not None:
                out[key] = self.written(schema, key, direction)
            elif is_list(part) and part:
                out[key] = [self._part(schema, key, at, direction) for at in range(len(part))]
            if self._left_out > before and key == "oneOf":
                out["allOf"] = [*out.get("allOf", ()), {"anyOf": out.pop(key)}]
            elif self._left_out > before and key in ("not", "if"):
                del out[key]

    def _part(self, schema: Schema, key: str, at: int, direction: Direction) -> AnySchema:
        """Translate one of several schemas that apply to the same value."""
        part = schema[key][at]
        if key == "allOf" and is_object(part):
            return self.one(part, direction, is_base=True)
        found = self.written(schema[key], at, direction)
        if direction == "response" or key not in ("oneOf", "anyOf"):
            return found
        more = self._discriminators.branch(schema, part)
        return {"allOf": [found, more]} if more is not None else found

    def _is_usable(self, pattern: object, is_safe: Callable[[object], bool]) -> bool:
        if not isinstance(pattern, str) or (pattern not in self._patterns and len(self._patterns) >= _MOST_PATTERNS):
            return False
        self._patterns.add(pattern)
        return is_safe(pattern)

    def _safe_names(self, patterns: Schema) -> Schema:
        """Return the patterns of names that are safe. If one is left out, a pattern for all names takes its place."""
        kept = {each: patterns[each] for each in patterns if self._is_usable(each, is_safe_for_names)}
        kept = dict(islice(kept.items(), _MOST_OF_NAMES))
        if len(kept) == len(patterns):
            return kept
        self._left_out += 1
        self._documents.notes.add(
            "A pattern of names was left out: Python can't compile it, or matching it may take too long."
        )
        return {**kept, "^": True}

    def _hide(self, out: Schema, schema: Schema, direction: Direction) -> None:
        """Remove the properties that only the other side sends."""
        flag = "readOnly" if direction == "request" else "writeOnly"
        properties = schema.get("properties")
        if not is_object(properties):
            return
        hidden = {name for name, each in properties.items() if self._has(each, flag)}
        if hidden and is_list(out.get("required")):
            out["required"] = [name for name in out["required"] if name not in hidden]
        if direction == "request":
            if hidden:
                out[READ_ONLY] = sorted(hidden)
            out["properties"] = {name: each for name, each in out["properties"].items() if name not in hidden}

    def _has(self, schema: Any, flag: str) -> bool:  # noqa: ANN401
        for _ in range(_MOST_REFERENCES):
            if not is_object(schema):
                return False
            if schema.get(flag) is True:
                return True
            if not isinstance(schema.get("$ref"), str):
                return False
            try:
                schema = self._documents.pointed(schema)
            except FlawError:
                return False  # told where the property itself is read
        return False


def _nullable(out: Schema, schema: Schema) -> Schema:
    """Return a schema that also takes null where OpenAPI 3.0 says so."""
    if schema.get("nullable") is not True and schema.get("x-nullable") is not True:
        return out
    kind = out.get("type")
    if isinstance(kind, str):
        out["type"] = [kind, "null"]
        if is_list(out.get("enum")) and None not in out["enum"]:
            out["enum"] = [*out["enum"], None]
        return out
    return {"anyOf": [out, {"type": "null"}]}


def types_of(schema: Schema) -> list[str]:
    """Return the types that a schema states, or the one that its keywords suggest."""
    kind = schema.get("type")
    if isinstance(kind, str):
        return [kind]
    if is_list(kind):
        return [each for each in kind if each in TYPES]
    return [guess for guess, keywords in _GUESSES.items() if keywords & schema.keys()][:1]


def types_but_null(schema: Schema) -> list[str]:
    """Return the types of a schema, see `types_of`, without null."""
    return [each for each in types_of(schema) if each != "null"]
