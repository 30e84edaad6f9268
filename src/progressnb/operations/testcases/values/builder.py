"""Values that fit a schema, with required parts only or with all parts: built part by part, then checked."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

from progressnb.operations.testcases.spec.plain import is_list, is_object, list_at, object_at
from progressnb.operations.testcases.values.checking import Checker
from progressnb.operations.testcases.values.merging import merged
from progressnb.operations.testcases.values.scalars import NoValueError, Scalars, text_of, types_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from progressnb.operations.testcases.spec.json_schema import AnySchema, Schema

__all__ = ["Size", "Values"]

Size = Literal["minimal", "full"]
"""The size of a value: its required parts alone, or all of its parts."""

_DEEPEST = 12
"""Levels of a value."""

_DEEPEST_OPTIONAL = 4
"""Levels down to which optional parts are made."""

_MOST_PARTS = 1_500
"""Parts of a value."""

_PARTS_AFTER_FAILURE = 50
"""Parts that are left after an optional part has used up all of them."""

_BRANCHES = 5
"""Branches of a `oneOf` or `anyOf` that are tried."""

_EXAMPLES = 5
"""Examples of a schema that are tried."""

_MOST_CHARACTERS = 100_000_000
"""Characters of all bodies of a suite: a large example is repeated for its variants and for its endpoints."""


class Values:
    """A maker of values for schemas that share their definitions."""

    def __init__(self, definitions: Mapping[str, AnySchema]) -> None:
        self._definitions = definitions
        self._scalars = Scalars()
        self._checker = Checker(definitions)
        self._room = _MOST_CHARACTERS
        self._left = 0

    def warm_up(self) -> None:
        """Load the library that checks values, which takes half a second."""
        self.fits({"type": "string"}, "")

    def fits(self, schema: AnySchema, value: object) -> bool:
        """Tell whether a value fits a schema, see `Checker.fits`."""
        return self._checker.fits(schema, value)

    def fits_as_sent(self, schema: AnySchema, example: object) -> bool:
        """Tell whether an example fits a schema, without the properties that only the server writes."""
        return self._checker.fits(schema, example, read_only=False)

    @property
    def is_full(self) -> bool:
        """Whether the bodies of the suite have reached the limit of their length."""
        return self._room < 0

    def weigh(self, body: object) -> int:
        """Return the length of a case's body in characters, and count it for `is_full`."""
        size = len(json.dumps(body))
        self._room -= size
        return size

    def make(self, schema: AnySchema, size: Size, tag: str) -> Any:  # noqa: ANN401 - plain data
        """Return a value that fits. Raises `NoValueError` where none was found."""
        self._left = _MOST_PARTS
        try:
            value = self._build(schema, size, tag, 0)
        except RecursionError as error:
            raise NoValueError("a schema that ends somewhere") from error
        if not self.fits(schema, value):
            raise NoValueError("a value that fits all parts of the schema")
        return value

    def shape(self, schema: AnySchema) -> AnySchema:
        """Return a schema with its own references and `allOf` resolved; schemas inside it stay as they are."""
        for _ in range(_DEEPEST):
            if isinstance(schema, bool):
                return schema
            if isinstance(reference := schema.get("$ref"), str):
                rest = {key: value for key, value in schema.items() if key != "$ref"}
                schema = merged(self._definitions[reference.removeprefix("#/$defs/")], rest)
            elif is_list(parts := schema.get("allOf")):
                joined: AnySchema = {key: value for key, value in schema.items() if key != "allOf"}
                for part in parts:
                    joined = merged(joined, self.shape(part))
                schema = joined
            else:
                return schema
        raise NoValueError("a schema that ends somewhere")

    def _build(self, schema: AnySchema, size: Size, tag: str, depth: int) -> Any:  # noqa: ANN401
        self._left -= 1
        if depth > _DEEPEST:
            raise NoValueError("a value that ends: a required part may contain itself")
        if self._left < 0:
            raise NoValueError("a value of a size that can be sent")
        shape = self.shape(schema)
        if shape is False:
            raise NoValueError("a value where the schema allows none")
        if shape is True:
            return tag
        branches = next((key for key in ("oneOf", "anyOf") if is_list(shape.get(key))), None)
        if branches is not None:
            return self._branch(shape, branches, size, tag, depth)
        listed = [shape["const"]] if "const" in shape else list_at(shape, "enum")
        if listed:
            return listed[0 if size == "minimal" or listed[-1] is None else -1]
        kind = types_for(shape)[0]
        if kind == "object":
            return self._object(shape, size, tag, depth)
        return self._array(shape, size, tag, depth) if kind == "array" else self._scalar(shape, kind, tag)

    def _scalar(self, shape: Schema, kind: str, tag: str) -> Any:  # noqa: ANN401
        shown = (shape.get("example"), *list_at(shape, "examples")[:_EXAMPLES], shape.get("default"))
        for example in (*shown, text_of(shape) if "pattern" in shape else None):
            if isinstance(example, str | int | float) and self.fits(shape, example):
                return example
        return self._scalars.make(shape, kind, tag)

    def _branch(self, shape: Schema, key: str, size: Size, tag: str, depth: int) -> Any:  # noqa: ANN401
        rest = {name: each for name, each in shape.items() if name != key}
        sizes: list[Size] = [size] if size == "full" else [size, "full"]  # an empty list may fit two branches
        for branch, each in product(shape[key][:_BRANCHES], sizes):
            try:
                value = self._build(merged(rest, self.shape(branch)), each, tag, depth + 1)
                if self.fits(shape, value):
                    return value
            except NoValueError:
                if self._left < 0:
                    raise
        raise NoValueError(f"a value of any branch of {key}")

    def _object(self, shape: Schema, size: Size, tag: str, depth: int) -> dict[str, Any]:
        properties = object_at(shape, "properties")
        required = [name for name in list_at(shape, "required") if isinstance(name, str)]
        other: AnySchema = shape.get("additionalProperties", True)
        made: dict[str, Any] = {}
        for name in required:
            made[name] = self._build(properties.get(name, other), size, _tag(tag, name), depth + 1)
        most = shape.get("maxProperties", len(properties) + len(required))
        wanted = list(properties) if size == "full" and depth < _DEEPEST_OPTIONAL else []
        least = shape.get("minProperties", 0)
        for name in [*wanted, *(properties if len(made) < least else ())]:
            if name in made or len(made) >= most:
                continue
            try:
                made[name] = self._build(properties[name], size, _tag(tag, name), depth + 1)
            except NoValueError:
                if self._left < 0:
                    self._left = _PARTS_AFTER_FAILURE  # an optional part may be left out, the required ones not
        while len(made) < least and len(made) < _MOST_PARTS:
            name = f"key{len(made)}"
            made[name] = self._build(other, size, _tag(tag, name), depth + 1)
        order = [*properties, *required]
        return {name: made[name] for name in dict.fromkeys([*order, *made]) if name in made}

    def _array(self, shape: Schema, size: Size, tag: str, depth: int) -> list[Any]:
        first = list_at(shape, "prefixItems")
        rest: Any = shape.get("items", shape.get("contains", True))
        least = shape.get("minItems", 1 if "contains" in shape else 0)
        wanted = max(least, len(first), 1) if size == "full" and depth < _DEEPEST_OPTIONAL else least
        count = min(wanted, shape.get("maxItems", wanted))
        made: list[Any] = []
        for index in range(int(count)):
            schema: Any = first[index] if index < len(first) else rest
            try:
                value = self._build(schema, size, tag if not index else _tag(tag, str(index + 1)), depth + 1)
            except NoValueError:
                if index < least:
                    raise
                break
            if shape.get("uniqueItems") and value in made:
                value = self._other(schema, value, made)
            made.append(value)
        return made

    def _other(self, schema: AnySchema, value: Any, made: list[Any]) -> Any:  # noqa: ANN401
        """Return a value of the schema that differs from those that were made."""
        shape = self.shape(schema)
        numbers = range(1, len(made) + 2)
        options: Iterator[Any] = iter(())
        if is_object(shape) and is_list(shape.get("enum")):
            options = iter(shape["enum"])
        elif isinstance(value, int | float) and not isinstance(value, bool):
            step = (shape.get("multipleOf", 1) if is_object(shape) else 1) or 1
            options = (value + sign * step * number for number in numbers for sign in (1, -1))
        for option in options:
            if option not in made and self.fits(schema, option):
                return option
        raise NoValueError("items that differ")


def _tag(tag: str, name: str) -> str:
    """Return the tag of a part: the names on the way to it, as far as there is room."""
    return f"{tag}-{name}"[-60:]
