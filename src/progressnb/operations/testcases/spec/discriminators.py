"""Discriminators: the values of a property that tell which of several schemas an object has.

OpenAPI knows two forms. A `oneOf` or `anyOf` lists the schemas; or the schemas refer to a base in their `allOf`, and
only the base is named where the object is used. A value names a schema by `mapping`, else by the schema's own name.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from progressnb.operations.testcases.spec.flaws import FlawError
from progressnb.operations.testcases.spec.plain import is_list, is_object, list_at, object_at, pointer_part, unescaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.spec.references import Documents

__all__ = ["Discriminators"]

_HOMES = (("components", "schemas"), ("definitions",))
_MOST_CHILDREN = 100
"""Schemas that a base stands for: each value is held against all of them."""

_DEEPEST = 8
"""Levels of `allOf` and of references that are searched."""


class _Stated(NamedTuple):
    """A discriminator: its property, and the values of it for each schema in its mapping, by reference."""

    name: str
    names: dict[str, list[str]]


class Discriminators:
    """The discriminators of a specification."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._children: dict[str, list[str]] | None = None
        self._stated: dict[int, _Stated] = {}
        self._told: dict[str, bool] = {}

    def branch(self, schema: dict[str, Any], branch: Any) -> dict[str, Any] | None:  # noqa: ANN401 - plain data
        """Return what a branch of a `oneOf` or `anyOf` also has to fit, or None for nothing more."""
        reference = branch.get("$ref") if is_object(branch) else None
        stated = self._of(schema)
        if stated is None or not isinstance(reference, str):
            return None
        return self._constraint(stated, branch, self._documents.key_of(reference))

    def tell(self, reference: str, node: dict[str, Any]) -> bool:
        """Tell whether a schema is a base, or has one, so that it differs in the `allOf` of another."""
        if reference not in self._told:
            schema = self._documents.pointed(node)
            self._told[reference] = bool(self.children(reference, schema) or self.own(reference, schema))
        return self._told[reference]

    def own(self, reference: str, schema: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - plain data
        """Return what a schema that refers to bases also has to fit, one a base."""
        node = {"$ref": reference}
        found = [self._constraint(stated, node, reference) for stated in self._bases(schema, 0)]
        return [each for each in found if each is not None]

    def children(self, reference: str, schema: Any) -> list[str]:  # noqa: ANN401 - plain data
        """Return the references to the schemas that a base stands for; none for a schema that is no base."""
        stated = self._of(schema)
        if stated is None or is_list(schema.get("oneOf")) or is_list(schema.get("anyOf")):
            return []
        known = [*stated.names, *self._known().get(reference, [])]
        found = (each for each in dict.fromkeys(known) if each != reference and self._is_there(each))
        return list(islice(found, _MOST_CHILDREN))

    def itself(self, reference: str, schema: Any) -> dict[str, Any] | None:  # noqa: ANN401 - plain data
        """Return what an object of the base itself has to fit."""
        stated = self._of(schema)
        return self._constraint(stated, {"$ref": reference}, reference) if stated is not None else None

    def _of(self, schema: Any) -> _Stated | None:  # noqa: ANN401 - plain data
        """Return the discriminator of a schema; Swagger 2.0 states the property alone."""
        stated = schema.get("discriminator") if is_object(schema) else None
        if isinstance(stated, str):
            return _Stated(stated, {})
        if not is_object(stated) or not isinstance(stated.get("propertyName"), str) or "defaultMapping" in stated:
            return None
        if id(stated) not in self._stated:
            names: dict[str, list[str]] = {}
            for value, target in object_at(stated, "mapping").items():
                if isinstance(target, str):
                    names.setdefault(self._target(target), []).append(value)
            self._stated[id(stated)] = _Stated(stated["propertyName"], names)
        return self._stated[id(stated)]

    def _constraint(self, stated: _Stated, node: Any, key: str) -> dict[str, Any] | None:  # noqa: ANN401 - plain data
        names = stated.names.get(key) or [unescaped(key.rpartition("/")[2])]
        own = self._own_values(node, stated.name, 0)
        if own is not None and not any(each in own for each in names):
            return None  # the schema itself says which value it has
        return {"type": "object", "required": [stated.name], "properties": {stated.name: {"enum": names}}}

    def _target(self, value: str) -> str:
        """Return the reference that a value of `mapping` stands for: it is the name of a schema, or a reference."""
        for home, schemas in self._homes():
            if value in schemas:
                return f"{home}/{pointer_part(value)}"
        return self._documents.key_of(value)

    def _homes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the objects of named schemas, each with its reference."""
        for home in _HOMES:
            schemas = self._documents.main
            for key in home:
                schemas = object_at(schemas, key)
            yield f"#/{'/'.join(home)}", schemas

    def _is_there(self, reference: str) -> bool:
        try:
            self._documents.pointed({"$ref": reference})
        except FlawError:
            return False
        return True

    def _own_values(self, schema: Any, name: str, depth: int) -> list[Any] | None:  # noqa: ANN401 - plain data
        """Return the values that a schema allows for a property, or None for any."""
        schema = self._documents.object_of(schema)
        if depth > _DEEPEST:
            return None
        own = self._documents.object_of(object_at(schema, "properties").get(name))
        if listed := [own["const"]] if "const" in own else list_at(own, "enum"):
            return listed
        parts = (self._own_values(part, name, depth + 1) for part in list_at(schema, "allOf"))
        return next((each for each in parts if each is not None), None)

    def _bases(self, schema: Any, depth: int) -> Iterator[_Stated]:  # noqa: ANN401 - plain data
        for part in list_at(schema, "allOf") if is_object(schema) and depth < _DEEPEST else ():
            base = self._documents.object_of(part)
            if base and not is_list(base.get("oneOf")) and not is_list(base.get("anyOf")):
                if (stated := self._of(base)) is not None:
                    yield stated
                yield from self._bases(base, depth + 1)

    def _known(self) -> dict[str, list[str]]:
        """Return the schemas that have each base, directly or through others."""
        if self._children is None:
            direct: dict[str, list[str]] = {}
            for home, schemas in self._homes():
                for name, schema in schemas.items():
                    for part in list_at(schema, "allOf") if is_object(schema) else ():
                        if is_object(part) and isinstance(part.get("$ref"), str):
                            own = f"{home}/{pointer_part(name)}"
                            direct.setdefault(self._documents.key_of(part["$ref"]), []).append(own)
            self._children = {base: list(_all_below(base, direct)) for base in direct}
        return self._children


def _all_below(base: str, direct: dict[str, list[str]]) -> dict[str, None]:
    found: dict[str, None] = {}
    waiting = deque([base])
    while waiting and len(found) < _MOST_CHILDREN:
        for child in direct.get(waiting.popleft(), ()):
            if child not in found:
                found[child] = None
                waiting.append(child)
    return found
