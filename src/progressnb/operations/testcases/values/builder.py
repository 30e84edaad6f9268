"""Values that fit a schema: minimal ones and full ones, built part by part and checked as a whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, cast

from progressnb.operations.testcases.spec.patterns import Matcher
from progressnb.operations.testcases.spec.plain import is_list, is_object, list_at, object_at
from progressnb.operations.testcases.values.merging import merged
from progressnb.operations.testcases.values.scalars import NoValueError, Scalars, types_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from progressnb.operations.testcases.spec.json_schema import AnySchema, Schema

__all__ = ["Size", "Values"]

Size = Literal["minimal", "full"]

_DEEPEST = 12
_DEEPEST_OPTIONAL = 4
_MOST_PARTS = 1_500
_BRANCHES = 5
_EXAMPLES = 5
_MOST_CHARACTERS = 100_000_000
"""Characters of the bodies of a suite: one large example, times its variants, times its endpoints, is far too much."""
_FEW = 200


class Values:
    """Make values of schemas that share their definitions, and tell which values fit."""

    def __init__(self, definitions: Mapping[str, AnySchema]) -> None:
        self._definitions = definitions
        self._scalars = Scalars()
        self._validators: dict[str, Any] = {}
        self._matcher = Matcher()
        self._kind: Any = None
        self._room = _MOST_CHARACTERS
        self._left = 0

    def warm_up(self) -> None:
        """Load the libraries that make and check values, which takes a second or two."""
        self._scalars.make({"pattern": "^a$"}, "string", "")
        self.fits({"type": "string"}, "")

    def fits(self, schema: AnySchema, value: object) -> bool:
        """Tell whether a value fits a schema, formats apart; raise `NoValueError` for a schema in circles."""
        if isinstance(schema, bool):
            return schema
        if self._kind is None:
            self._kind = _validator_with(self._matcher)
        key = json.dumps(schema, sort_keys=True)
        validator: Any = self._validators.get(key)
        if validator is None:
            if len(self._validators) > _MOST_PARTS:  # memory stays bounded, whatever the specification
                self._validators.clear()
            validator = self._kind({**schema, "$defs": self._definitions})
            self._validators[key] = validator
        try:
            return bool(validator.is_valid(value))
        except (RecursionError, TypeError, ValueError, OverflowError) as error:
            raise NoValueError(f"a schema that can be checked ({type(error).__name__})") from error

    @property
    def is_full(self) -> bool:
        """Whether the bodies that were weighed are as much as a suite may hold."""
        return self._room < 0

    def weigh(self, body: object) -> int:
        """Return the characters of a case's body, and count them."""
        size = len(json.dumps(body))
        self._room -= size
        return size

    def make(self, schema: AnySchema, size: Size, tag: str) -> Any:  # noqa: ANN401 - plain data
        """Return a value that fits; raise `NoValueError` where none was found."""
        self._left = _MOST_PARTS
        try:
            value = self._build(schema, size, tag, 0)
        except RecursionError as error:
            raise NoValueError("a schema that ends somewhere") from error
        if not self.fits(schema, value):
            raise NoValueError("a value that fits all parts of the schema")
        return value

    def shape(self, schema: AnySchema) -> AnySchema:
        """Return a schema with its references and `allOf` joined, one level deep."""
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
            raise NoValueError("a value that ends: what is required may contain itself")
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
        for said in (shape.get("example"), *list_at(shape, "examples")[:_EXAMPLES], shape.get("default")):
            if isinstance(said, str | int | float) and self.fits(shape, said):
                return said
        return self._scalars.make(shape, kind, tag)

    def _branch(self, shape: Schema, key: str, size: Size, tag: str, depth: int) -> Any:  # noqa: ANN401
        rest = {name: each for name, each in shape.items() if name != key}
        for branch in shape[key][:_BRANCHES]:
            try:
                value = self._build(merged(rest, self.shape(branch)), size, tag, depth + 1)
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
                    self._left = 50  # what is optional may be left out; what is required is made all the same
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
        """Return another value of the schema than those that were made."""
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


def _validator_with(matcher: Matcher) -> Any:  # noqa: ANN401 - a class that is made here
    """Return a validator that matches and compares no longer than it has to."""
    from jsonschema import Draft202012Validator, ValidationError, validators

    def pattern(_: object, pattern: str, instance: object, __: object) -> Iterator[ValidationError]:
        if isinstance(instance, str) and not matcher.fits(pattern, instance):
            yield ValidationError("another pattern")

    def unique(validator: object, stated: object, instance: object, schema: object) -> Iterator[ValidationError]:
        if not is_list(instance) or len(instance) <= _FEW:
            yield from keywords["uniqueItems"](validator, stated, instance, schema)
        # The library compares each item with each other.
        elif stated and len({json.dumps(each, sort_keys=True) for each in instance}) < len(instance):
            yield ValidationError("an item twice")

    keywords: Any = Draft202012Validator.VALIDATORS
    return cast("Any", validators).extend(Draft202012Validator, {"pattern": pattern, "uniqueItems": unique})


def _tag(tag: str, name: str) -> str:
    return f"{tag}-{name}"[-60:]
