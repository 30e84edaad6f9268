"""The endpoints that create what others name, in a path, a query or a body: by links, by paths, and by names."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases.identifiers import fits_path, names_of
from progressnb.operations.testcases.schemas import OF_REQUEST
from progressnb.operations.testcases.spec.endpoints import Parameter
from progressnb.operations.testcases.spec.json_schema import TOLD, types_but_null, types_of
from progressnb.operations.testcases.spec.plain import (
    collection_of,
    is_list,
    is_object,
    list_at,
    object_at,
    plain_word,
    pointer_part,
    thing_of,
)
from progressnb.operations.testcases.values.scalars import NoValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.cases.promises import Promises
    from progressnb.operations.testcases.spec.endpoints import Api, Endpoint
    from progressnb.operations.testcases.spec.json_schema import AnySchema, Schema
    from progressnb.operations.testcases.values.builder import Values

__all__ = ["NUMBERS", "Creators"]

NUMBERS = (["integer"], ["number"])
"""The types of fields that are numbers."""

_REFERENCE = re.compile(r"(.+?)[_-]?(?:id|ids|uuid|key)$", re.IGNORECASE)
_WRAPPERS = 1
"""Levels of objects around the thing of an answer, such as `{"data": {…}}`."""

_DEEPEST = 3
"""Levels of a body in which ids of other things are looked for."""


class Creators:
    """Find the endpoint, and the field of its answer, that another one takes a value from."""

    def __init__(self, api: Api, promises: Promises, values: Values) -> None:
        self._known = api.known
        self._names = api.names
        self._links = promises.links
        self._located = promises.located
        self._values = values
        self._created: dict[str, str | None] = {}
        self._by_thing: dict[str, list[str]] = {}
        for name in api.names:
            method, _, path = name.partition(" ")
            if method == "POST" and not path.rstrip("/").endswith("}"):
                self._by_thing.setdefault(thing_of(path), []).append(name)

    def of_path(self, endpoint: Endpoint, name: str) -> tuple[Endpoint, str] | None:
        """Return the creator of what a path parameter names, and where its answer has the id."""
        parameter = next((each for each in endpoint.of("path") if each.name == name), None)
        if parameter is None:
            return None
        linked = self._links.get((endpoint.name, name))
        if linked is not None and linked[0] in self._known and linked[0] != endpoint.name:
            creator = self._known[linked[0]]
            if creator.method == "POST":
                return creator, linked[1]
        before, found, _ = endpoint.path.partition(f"/{{{name}}}")
        collections = (f"POST {before}", f"POST {before}/") if found and before else ()
        creator_or_none = next((self._known[each] for each in collections if each in self._known), None)
        if creator_or_none is None:
            stem = _REFERENCE.fullmatch(name)
            thing = plain_word(stem[1]) if stem else thing_of(before)
            creator_or_none = self._maker(thing)
        made = self._if_fits(creator_or_none, endpoint, parameter)
        for each in (self._known.get(f"{method} {before}{found}") for method in ("PUT", "POST") if made is None):
            if each is not None and each is not endpoint and self.named_by(each) is not None:
                return each, f"{OF_REQUEST}/path_values/{pointer_part(name)}"
        return made

    def named_by(self, endpoint: Endpoint) -> Parameter | None:
        """Return the last part of a path whose sender names what it creates: the name of `PUT /tags/{name}`."""
        if endpoint.method not in ("PUT", "POST") or "201" not in endpoint.responses or not self.listing(endpoint):
            return None
        named = (each for each in endpoint.of("path") if endpoint.path.endswith(f"/{{{each.name}}}"))
        return next((each for each in named if self.is_text(each.schema)), None)

    def id_of(self, endpoint: Endpoint, parameter: Parameter) -> AnySchema:
        """Return the schema of what a path parameter takes: that of the field that is known to have it, or its own."""
        creator, pointer = self.of_path(endpoint, parameter.name) or (endpoint, "")
        fields = ((f"{base}/{name}", each) for base, found in self.answered(creator) for name, each in found.items())
        return next((each for place, each in fields if place == pointer), parameter.schema)

    def references(self, endpoint: Endpoint) -> Iterator[tuple[str, Endpoint, str]]:
        """Yield where queries and the first body of an endpoint name other things: JSON Pointer, creator, its field."""
        for parameter in endpoint.of("query"):
            found = self._by_name(parameter.name, parameter.schema, endpoint)
            if found is not None:
                yield f"/query/{pointer_part(parameter.name)}", *found
        body = endpoint.json_body
        if body is not None:
            found_in_body = list(self._in_body(body.schema, "/body", endpoint, 0))
            yield from found_in_body or self._by_kind(body.schema, endpoint)

    def _in_body(
        self, schema: AnySchema, where: str, endpoint: Endpoint, depth: int
    ) -> Iterator[tuple[str, Endpoint, str]]:
        for name, each in self.fields(schema).items():
            pointer = f"{where}/{pointer_part(name)}"
            found = self._by_name(name, each, endpoint)
            if found is not None:
                yield pointer, *found
            elif depth < _DEEPEST:
                inner = self.shape(each)
                if is_object(inner.get("properties")):
                    yield from self._in_body(inner, pointer, endpoint, depth + 1)
                elif is_object(inner.get("items")):
                    listed = self._by_name(name, inner["items"], endpoint)
                    if listed is not None:
                        yield f"{pointer}/0", *listed
                    else:
                        yield from self._in_body(inner["items"], f"{pointer}/0", endpoint, depth + 1)

    def _by_kind(self, schema: AnySchema, endpoint: Endpoint) -> Iterator[tuple[str, Endpoint, str]]:
        """Yield the fields that are UUIDs of things, where 404 is documented and only one other endpoint makes some."""
        if "404" not in endpoint.responses or endpoint.method != "POST":
            return
        uuid = {"type": "string", "format": "uuid"}
        target = Parameter.of_path("id", uuid)
        makers = filter(None, map(self._maker, self._by_thing))
        collections = [each for each in makers if each is not endpoint and "{" not in each.path]
        others = [each for each in collections if self.created(each, target)]
        if len(others) != 1:
            return
        twins = [properties for _, properties in self.answered(endpoint)]
        for name, stated in self.fields(schema).items():
            shapes = map(self.shape, (stated, *(twin[name] for twin in twins if name in twin)))
            if any(each.get("format") == "uuid" for each in shapes):
                yield f"/body/{pointer_part(name)}", others[0], str(self.created(others[0], target))

    def _by_name(self, name: str, schema: AnySchema, endpoint: Endpoint) -> tuple[Endpoint, str] | None:
        stem = _REFERENCE.fullmatch(name)
        if stem is None:
            return None
        word = plain_word(stem[1])
        thing = next(
            (each for each in sorted(self._by_thing, key=len, reverse=True) if each and word.endswith(each)), None
        )
        creator = self._maker(thing) if thing else None
        if creator is None and word in ("parent", "root", "original", "previous"):
            creator, name = self._maker(thing_of(endpoint.path)), "id"
        named = Parameter.of_path(name, schema)
        return self._if_fits(creator, endpoint, named)

    def _maker(self, thing: str) -> Endpoint | None:
        """Return the first endpoint that makes such a thing, of those that can be read."""
        return next((self._known[each] for each in self._by_thing.get(thing, ()) if each in self._known), None)

    def _if_fits(
        self, creator: Endpoint | None, endpoint: Endpoint, parameter: Parameter
    ) -> tuple[Endpoint, str] | None:
        if creator is None or (creator is endpoint and f"{{{parameter.name}}}" in endpoint.path):
            return None
        pointer = self.created(creator, parameter)
        return None if pointer is None else (creator, pointer)

    def created(self, creator: Endpoint, parameter: Parameter) -> str | None:
        """Return where a creator's answer has the value that a path parameter takes: a pointer, `@Location` or None."""
        key = json.dumps([creator.name, parameter.name, parameter.schema, parameter.style, parameter.as_json])
        if key not in self._created:
            located = ["@Location"] if creator.name in self._located and parameter.style == "simple" else []
            found = (*self._pointers(creator, parameter), *located, *self._chosen(creator, parameter))
            self._created[key] = next(iter(found), None)
        return self._created[key]

    def _chosen(self, creator: Endpoint, parameter: Parameter) -> Iterator[str]:
        """Yield where the body of a creator must have the name that a path takes, which no answer need repeat."""
        stated = creator.json_body
        shape = self.shape(stated.schema) if stated is not None else {}
        properties = object_at(shape, "properties")
        for name in names_of(parameter.name, by_name=plain_word(parameter.name) == thing_of(creator.path)):
            required = name in properties and name in list_at(shape, "required")
            if required and fits_path(properties[name], parameter, self._values):
                yield f"{OF_REQUEST}/body/{pointer_part(name)}"

    def _pointers(self, creator: Endpoint, parameter: Parameter) -> Iterator[str]:
        for base, properties in self.answered(creator):
            for name in names_of(parameter.name):
                if name in properties and fits_path(properties[name], parameter, self._values):
                    yield f"{base}/{pointer_part(name)}"

    def beside(self, endpoint: Endpoint) -> Iterator[tuple[Endpoint, str]]:
        """Yield the endpoints that add to the thing that another one acts on, each with the word for what it adds."""
        above, _, own = endpoint.path.rstrip("/").rpartition("/")
        if endpoint.method == "POST" and above.endswith("}") and not own.endswith("}"):
            pattern = re.compile(rf"POST {re.escape(above)}/[^/{{}}]+/?")
            for name in filter(pattern.fullmatch, self._names):
                if name in self._known and name != endpoint.name:
                    yield self._known[name], thing_of(self._known[name].path)

    def below(self, creator: Endpoint) -> Iterator[Endpoint]:
        """Yield the endpoints that add to one thing that was created: `POST /accounts/{id}/deposits`."""
        pattern = re.compile(rf"POST {re.escape(collection_of(creator.path))}/\{{[^/]*\}}/[^/{{}}]+/?")
        yield from (self._known[name] for name in self._names if pattern.fullmatch(name) and name in self._known)

    def listing(self, creator: Endpoint) -> Endpoint | None:
        """Return the endpoint that lists what another one creates."""
        place = collection_of(creator.path)
        return self._known.get(f"GET {place}", self._known.get(f"GET {place}/"))

    def answers(self, endpoint: Endpoint) -> Iterator[AnySchema]:
        """Yield the schemas of the good answers of an endpoint."""
        for status, contents in endpoint.responses.items():
            if status[:1] == "2":
                yield from contents.values()

    def answered(self, endpoint: Endpoint) -> Iterator[tuple[str, Schema]]:
        """Yield the properties of good answers, and of the one object that each wraps, each with where they are."""
        for properties in map(self.fields, self.answers(endpoint)):
            yield "", properties
            inner = [(name, self.fields(each)) for name, each in properties.items()]
            wrapped = [(name, each) for name, each in inner if each]
            if len(wrapped) == _WRAPPERS:
                yield f"/{pointer_part(wrapped[0][0])}", wrapped[0][1]

    def object_of(self, schema: AnySchema) -> AnySchema:
        """Return a schema with its references resolved; of several branches, the first that is no null."""
        try:
            shape = self._values.shape(schema)
            for key in ("anyOf", "oneOf"):
                if is_object(shape) and is_list(shape.get(key)):
                    branches = [self._values.shape(each) for each in shape[key]]
                    shape = next((each for each in branches if is_object(each) and each.get("type") != "null"), True)
        except (NoValueError, RecursionError, KeyError):
            return True
        return shape

    def shape(self, schema: AnySchema) -> Schema:
        """Return a schema as `object_of` does; nothing for one that is true or false."""
        shape = self.object_of(schema)
        return shape if is_object(shape) else {}

    def types(self, schema: AnySchema) -> list[str]:
        """Return the types that a schema names, without null; none where it says nothing of its own."""
        return types_but_null(self.shape(schema))

    def listed(self, schema: AnySchema) -> list[Any]:
        """Return the values of a schema's `enum`, or none."""
        return list_at(self.shape(schema), "enum")

    def told(self, schema: AnySchema) -> str:
        """Return what is told of a field that may be a rule, at the place itself or where it is defined."""
        return next(
            (str(each[TOLD]) for each in (schema, self.object_of(schema)) if is_object(each) and TOLD in each), ""
        )

    def fields(self, schema: AnySchema) -> Schema:
        """Return the properties of an object's schema, with its references resolved."""
        return object_at(self.shape(schema), "properties")

    def is_text(self, schema: AnySchema, *, or_null: bool = False) -> bool:
        """Tell whether a schema is that of a text of any letters."""
        shape = self.shape(schema)
        kinds = types_but_null(shape) if or_null else types_of(shape)
        return kinds == ["string"] and not {"format", "enum", "const"} & shape.keys()
