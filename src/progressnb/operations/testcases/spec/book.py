"""The book of schemas: all that endpoints refer to, as JSON Schema, and which of them can't be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from progressnb.operations.testcases.spec.discriminators import Discriminators
from progressnb.operations.testcases.spec.flaws import FlawError, shown
from progressnb.operations.testcases.spec.json_schema import Translator
from progressnb.operations.testcases.spec.plain import is_object
from progressnb.operations.testcases.spec.recursion import Recursion

if TYPE_CHECKING:
    from progressnb.operations.testcases.spec.json_schema import AnySchema, Direction, Schema
    from progressnb.operations.testcases.spec.references import Documents

__all__ = ["SchemaBook"]

_ROOT = ""
"""The name of the schema that is asked for, among those of the definitions."""


class _Target(NamedTuple):
    """The source of a definition: an object with `$ref`, and the one form of that reference."""

    node: Schema
    reference: str
    direction: Direction
    is_base: bool


class SchemaBook:
    """Translate the schemas of a specification to JSON Schema.

    Attributes:
        definitions: The schemas that are referred to, under names such as `request3`.
        notes: The parts of the specification that were left out or put right, in sentences.

    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._discriminators = Discriminators(documents)
        self._recursion = Recursion(documents)
        self._translator = Translator(documents, self._discriminators, self._reference)
        self._names: dict[tuple[str, Direction, bool], str] = {}
        self._waiting: list[tuple[_Target, str]] = []
        self._owner = _ROOT
        self._users: dict[str, set[str]] = {}
        self._flaws: dict[str, FlawError] = {}
        self.definitions: dict[str, AnySchema] = {}
        self.notes = documents.notes

    def written(self, parent: Any, key: str, direction: Direction) -> AnySchema:  # noqa: ANN401 - plain data
        """Return a schema as JSON Schema: one for requests is without the properties that only the server writes.

        Args:
            parent: The object that the schema is in.
            key: Its key there. Where there is none, any value fits.
            direction: Who sends the value.

        Raises:
            FlawError: The schema can't be read, or one that it refers to.

        """
        self._flaws.pop(_ROOT, None)
        self._owner = _ROOT
        try:
            found = self._translator.written(parent, key, direction)
        finally:
            self._drain()
        if _ROOT in self._flaws:
            raise self._flaws[_ROOT]
        return found

    def _drain(self) -> None:
        """Write the schemas that are referred to: in a loop, since they may refer to each other in any length."""
        while self._waiting:
            target, name = self._waiting.pop()
            self._owner = name
            try:
                self.definitions[name] = self._definition(target)
            except FlawError as error:
                self._flawed(name, error)

    def _flawed(self, name: str, flaw: FlawError) -> None:
        """Keep a flaw for a definition and for all that use it."""
        waiting = [name]
        while waiting:
            each = waiting.pop()
            if each not in self._flaws:
                self._flaws[each] = flaw
                waiting.extend(self._users.get(each, ()))

    def _definition(self, target: _Target) -> AnySchema:
        node, reference, direction, is_base = target
        own = self._documents.pointed(node)
        if own is None or isinstance(own, bool):
            return own is not False
        if not is_object(own):
            raise FlawError(node, "$ref", f"{shown(node['$ref'])} points to {shown(own)}, which is no schema")
        if direction == "response" or is_base:
            return self._translator.one(own, direction)
        if children := self._discriminators.children(reference, own):
            # In the allOf of a child the base is the plain one, so that this ends.
            itself = [self._reference(node, direction, is_base=True), self._discriminators.itself(reference, own)]
            parts = [self._reference({"$ref": each}, direction) for each in children]
            return {"anyOf": [*parts, {"allOf": [each for each in itself if each is not None]}]}
        plain = self._translator.one(own, direction)
        more = self._discriminators.own(reference, own)
        return {"allOf": [plain, *more]} if more else plain

    def _reference(self, node: Schema, direction: Direction, *, is_base: bool = False) -> Schema:
        """Return a reference to the definition of what an object with `$ref` points to."""
        reference = self._documents.key_of(node["$ref"])
        self._recursion.check(node)
        is_base = is_base and direction == "request" and self._discriminators.tell(reference, node)
        name = self._names.get((reference, direction, is_base))
        if name is None:
            name = self._names[reference, direction, is_base] = f"{direction}{len(self._names)}"
            self.definitions[name] = True
            self._waiting.append((_Target(node, reference, direction, is_base), name))
        self._users.setdefault(name, set()).add(self._owner)
        if name in self._flaws:
            self._flawed(self._owner, self._flaws[name])
        return {"$ref": f"#/$defs/{name}"}
