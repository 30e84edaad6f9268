"""The translation of OpenAPI's schemas to JSON Schema 2020-12, separately for requests and for responses."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from progressnb.errors import InputError
from progressnb.operations.testcases.spec.patterns import is_safe_for_names, is_safe_pattern
from progressnb.operations.testcases.spec.plain import is_list, is_object
from progressnb.operations.testcases.spec.references import pointed

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.operations.testcases.spec.validation import Version

__all__ = ["AnySchema", "Direction", "Schema", "SchemaBook", "types_of"]

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
_TYPES = {"null", "boolean", "object", "array", "number", "string", "integer"}
# Keywords that a schema without a type has for one type alone.
_GUESSES = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "prefixItems"},
    "string": {"pattern", "minLength", "maxLength", "format"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
}
_MOST_REFERENCES = 10
"""References from a property to the schema with its flag."""

_MOST_PATTERNS = 3_000
"""Patterns of a specification: analysing one takes longer than reading it."""

_MOST_OF_NAMES = 50
"""Patterns for the names of one object. Each of them is matched with each name."""


class SchemaBook:
    """Translate the schemas of a specification to JSON Schema.

    Attributes:
        definitions: The schemas that are referred to, under names such as `request3`.
        notes: The parts of schemas that were left out, in sentences.

    """

    def __init__(self, document: dict[str, Any], version: Version) -> None:
        self._document = document
        self._old = version == "3.0"
        self._names: dict[tuple[str, Direction], str] = {}
        self._waiting: list[tuple[str, Direction, str]] = []
        self._patterns: set[object] = set()
        self._left_out = 0
        self.definitions: dict[str, AnySchema] = {}
        self.notes: set[str] = set()

    def written(self, schema: Any, direction: Direction) -> AnySchema:  # noqa: ANN401 - plain data
        """Return a schema as JSON Schema: one for requests is without the properties that only the server writes."""
        found = self._written(schema, direction)
        # In a loop, not by recursion: components may refer to each other in a chain of any length.
        while self._waiting:
            reference, which, name = self._waiting.pop()
            try:
                self.definitions[name] = self._written(pointed(self._document, reference), which)
            except InputError as error:
                self.notes.add(f"A reference was not followed: {error.got}.")
        return found

    def _written(self, schema: Any, direction: Direction) -> AnySchema:  # noqa: ANN401 - plain data
        if isinstance(schema, bool):
            return schema
        if not is_object(schema):
            return True
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return self._one(schema, direction)
        target = self._reference(reference, direction)
        siblings = {key: value for key, value in schema.items() if key != "$ref"}
        rest = {} if self._old else self._one(siblings, direction)
        return {"allOf": [target, rest]} if rest else target

    def _reference(self, reference: str, direction: Direction) -> Schema:
        name = self._names.get((reference, direction))
        if name is None:
            name = self._names[reference, direction] = f"{direction}{len(self._names)}"
            self.definitions[name] = True
            self._waiting.append((reference, direction, name))
        return {"$ref": f"#/$defs/{name}"}

    def _one(self, schema: Schema, direction: Direction) -> Schema:
        out: Schema = {key: schema[key] for key in _KEPT if key in schema}
        if "pattern" in out and not self._is_usable(out["pattern"], is_safe_pattern):
            del out["pattern"]
            self._left_out += 1
            self.notes.add("A pattern was left out: Python can't compile it, or matching it may take for ever.")
        for key in _MAPS:
            if is_object(schema.get(key)):
                out[key] = {name: self._written(each, direction) for name, each in schema[key].items()}
        if "patternProperties" in out:
            out["patternProperties"] = self._safe_names(out["patternProperties"])
        self._fill(out, schema, direction)
        if "$dynamicRef" in schema:
            self.notes.add("$dynamicRef is not followed: any value is taken there.")
        self._hide(out, schema, direction)
        return self._modern(out, schema) if self._old else out

    def _fill(self, out: Schema, schema: Schema, direction: Direction) -> None:
        """Translate the schemas inside a schema. Where one lost a pattern, relax what would now forbid more."""
        for key in (*_LISTS, *_SINGLE):
            part, before = schema.get(key), self._left_out
            if key in _SINGLE and key in schema:
                out[key] = self._written(part, direction)
            elif is_list(part) and part:
                out[key] = [self._written(each, direction) for each in part]
            if self._left_out > before and key == "oneOf":
                out["allOf"] = [*out.get("allOf", ()), {"anyOf": out.pop(key)}]
            elif self._left_out > before and key in ("not", "if"):
                del out[key]

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
        self.notes.add("A pattern of names was left out: Python can't compile it, or matching it may take too long.")
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
                schema = pointed(self._document, schema["$ref"])
            except InputError:
                return False
        return False

    def _modern(self, out: Schema, schema: Schema) -> Schema:
        """Return a schema of OpenAPI 3.0 with `nullable` and boolean limits written as JSON Schema 2020-12 does."""
        for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            flag = out.pop(exclusive, None)
            if flag is True and limit in out:
                out[exclusive] = out.pop(limit)
        if schema.get("nullable") is not True:
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
        return [each for each in kind if each in _TYPES]
    return [guess for guess, keywords in _GUESSES.items() if keywords & schema.keys()][:1]
