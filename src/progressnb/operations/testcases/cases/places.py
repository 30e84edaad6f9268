"""The places that a schema knows: whether an answer may have something at a pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.json_schema import READ_ONLY
from progressnb.operations.testcases.spec.plain import is_list, is_object, list_at, object_at, pointer_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from progressnb.operations.testcases.spec.endpoints import Endpoint
    from progressnb.operations.testcases.spec.json_schema import AnySchema

__all__ = ["Places"]

_BRANCHES = ("allOf", "anyOf", "oneOf")
_DEEPEST = 30


class Places:
    """Look for places in schemas that share their definitions."""

    def __init__(self, definitions: Mapping[str, AnySchema]) -> None:
        self._definitions = definitions

    def answers(self, endpoint: Endpoint, statuses: list[str]) -> list[AnySchema]:
        """Return the schemas of the answers of some statuses; none where one of them is not described."""
        found: list[AnySchema] = []
        for status, contents in endpoint.responses.items():
            if status in statuses or f"{status[0]}XX" in statuses:
                found += contents.values()
        return found

    def know(self, schemas: list[AnySchema], pointer: str) -> bool:
        """Tell whether one of some schemas may have something at a pointer; those that say nothing may have all."""
        return not schemas or any(self._may_have(each, pointer_keys(pointer), 0) for each in schemas)

    def fields(self, schema: AnySchema) -> set[str] | None:
        """Return the names of the fields that an object of a schema may have, or None where it may have any."""
        shapes = list(self._shapes(schema, 0))
        named = {name for each in shapes for name in (*object_at(each, "properties"), *list_at(each, READ_ONLY))}
        is_open = any(each.get("additionalProperties") not in (None, False) for each in shapes)
        return None if is_open or not named or any("patternProperties" in each for each in shapes) else named

    def items(self, schemas: list[AnySchema], pointer: str) -> list[AnySchema]:
        """Return the schemas of the things of a list at a pointer, or of the one list of the object there."""
        found: list[AnySchema] = []
        for shape in (each for schema in schemas for each in self._at(schema, pointer_keys(pointer), 0)):
            if "items" in shape:
                found.append(shape["items"])
            inner = [each for one in object_at(shape, "properties").values() for each in self._shapes(one, 0)]
            found += [each["items"] for each in inner if "items" in each]
        return found

    def _may_have(self, schema: AnySchema, keys: list[str], depth: int) -> bool:
        return next(iter(self._at(schema, keys, depth)), None) is not None

    def _at(self, schema: AnySchema, keys: list[str], depth: int) -> Iterator[dict[str, Any]]:
        """Yield what is known of the values at a place."""
        if not keys or schema is True or depth > _DEEPEST:
            yield from self._shapes(schema, 0)
            return
        shapes = list(self._shapes(schema, 0))
        fields = self.fields(schema)
        for shape in shapes:
            properties = object_at(shape, "properties")
            if keys[0] in properties:
                yield from self._at(properties[keys[0]], keys[1:], depth + 1)
            elif keys[0].isdecimal() and "items" in shape:
                yield from self._at(shape["items"], keys[1:], depth + 1)
            elif fields is None and "items" not in shape and "object" in _types(shape):
                yield {}

    def _shapes(self, schema: Any, depth: int) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - plain data
        """Yield a schema and the branches that it is made of, without references."""
        if not is_object(schema):
            if schema is True:
                yield {}
            return
        reference = schema.get("$ref")
        if isinstance(reference, str) and depth < _DEEPEST:
            yield from self._shapes(self._definitions.get(reference.rpartition("/")[2], True), depth + 1)
        rest = {key: each for key, each in schema.items() if key not in ("$ref", *_BRANCHES)}
        if rest or not (is_list(schema.get("allOf")) or "$ref" in schema or "anyOf" in schema or "oneOf" in schema):
            yield rest
        if depth < _DEEPEST:
            for key in _BRANCHES:
                for each in list_at(schema, key):
                    yield from self._shapes(each, depth + 1)


def _types(shape: dict[str, Any]) -> list[Any]:
    stated = shape.get("type", "object")
    return stated if is_list(stated) else [stated]
