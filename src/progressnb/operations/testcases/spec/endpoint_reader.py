"""The reader of one endpoint: its parameters, bodies, answers and security."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.addresses import address_of
from progressnb.operations.testcases.spec.endpoints import Body, Endpoint, Parameter
from progressnb.operations.testcases.spec.file_parts import file_parts
from progressnb.operations.testcases.spec.flaws import FlawError, UnreadError, shown
from progressnb.operations.testcases.spec.kinds import OF_CLIENTS, is_secret, kind_of
from progressnb.operations.testcases.spec.media import Media
from progressnb.operations.testcases.spec.plain import is_list, is_object, list_at
from progressnb.operations.testcases.spec.swagger import operation_of_swagger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.schemas import Scheme
    from progressnb.operations.testcases.spec.book import SchemaBook
    from progressnb.operations.testcases.spec.json_schema import AnySchema, Schema
    from progressnb.operations.testcases.spec.references import Documents

__all__ = ["EndpointReader"]

_LOCATIONS = ("path", "query", "header", "cookie", "querystring")
_KINDS = ("json", "form", "multipart", "text", "bytes")
"""The kinds of bodies; most cases are made of the first one that an endpoint takes."""

_IN_PATH = re.compile(r"\{([^{}]+)\}")
_STATUS = re.compile(r"[1-5](?:\d\d|XX)|default", re.IGNORECASE)

_SUMMARY_LIMIT = 500
"""Characters of an endpoint's summary."""

_PATH_LIMIT = 4_000
"""Characters of a path; servers take addresses of about 8,000."""


class EndpointReader:
    """Read the endpoints of one document."""

    def __init__(self, documents: Documents, book: SchemaBook, schemes: dict[str, Scheme]) -> None:
        self._documents = documents
        self._book = book
        self._schemes = schemes
        self._media = Media(documents)

    def endpoint(self, name: str, method: str, path: str, item: Schema, parent: Any, key: str) -> Endpoint:  # noqa: ANN401, PLR0917 - where it stands
        """Return an endpoint. Raises `FlawError` where a part of it can't be read."""
        if len(path) > _PATH_LIMIT:
            raise FlawError(parent, None, f"a path of {len(path):,} characters; {_PATH_LIMIT:,} are the most")
        operation = self._object(parent, key, "no operation")
        if self._documents.version == "2.0":
            operation, item = operation_of_swagger(self._documents, item, operation), {}
        notes: list[str] = []
        ways = self._ways(operation, notes)
        stated = self._object(operation, "requestBody", "no body")
        parameters = tuple(self._parameters(item, operation, path))
        parameters += tuple(self._undescribed(path, parameters, operation))
        return Endpoint(
            name=name,
            method=method,
            path=path,
            operation_id=str(operation.get("operationId") or ""),
            summary=str(operation.get("summary") or operation.get("description") or "")[:_SUMMARY_LIMIT],
            parameters=parameters,
            bodies=tuple(sorted(self._bodies(stated, notes), key=lambda body: _KINDS.index(body.kind))),
            body_required=stated.get("required") is True,
            responses=dict(self._responses(operation)),
            security=ways[0] if ways else (),
            ways=ways if len(ways) > 1 else (),
            server=address_of(operation) or address_of(item),
            notes=notes,
        )

    def _object(self, parent: Any, key: str | int, what: str) -> Schema:  # noqa: ANN401 - an object or list
        """Return the object under a key, after its references; an empty one where there is none."""
        stated = parent.get(str(key)) if is_object(parent) else parent[key]
        found = self._documents.resolved(stated)
        if found is None:
            return {}
        if not is_object(found):
            raise FlawError(parent, key, f"{shown(found)} is {what}")
        return found

    # --- parameters --------------------------------------------------------------------------------

    def _parameters(self, item: Schema, operation: Schema, path: str) -> Iterator[Parameter]:
        """Yield the parameters of an operation, which replace those of its path with the same place and name."""
        unique: dict[tuple[str, str], Schema] = {}
        for where in (item, operation):
            stated = where.get("parameters")
            if stated is not None and not is_list(stated):
                raise FlawError(where, "parameters", f"{shown(stated)} is no list of parameters")
            for at in range(len(stated or ())):
                try:
                    each = self._object(stated, at, "no parameter")
                except UnreadError as error:
                    self._documents.pass_over(error.node, error.key, f"{error.what}, so the parameter was left out")
                    continue
                place, name = each.get("in"), each.get("name")
                if not isinstance(name, str) or not name:
                    raise FlawError(stated, at, "a parameter without a name")
                if place not in _LOCATIONS:
                    raise FlawError(each, "in", f"{shown(place)} is no place of a parameter")
                unique[place, name] = each
        for (place, name), each in unique.items():
            is_read = not is_secret(self._schemes.values(), place, name)
            if place == "path" and f"{{{name}}}" not in path:
                self._documents.pass_over(each, "name", f"{shown(name)} is no part of the path, so it was ignored")
            elif is_read and not (place == "header" and name.casefold() in OF_CLIENTS):
                yield self._parameter(each)

    def _undescribed(self, path: str, parameters: tuple[Parameter, ...], operation: Schema) -> Iterator[Parameter]:
        """Yield the parameters that a path has, and nothing describes: each is a text."""
        described = {each.name for each in parameters if each.location == "path"}
        for name in dict.fromkeys(_IN_PATH.findall(path)):
            if name not in described:
                what = f"the path parameter {shown(name)} is not described, and was read as a text"
                self._documents.pass_over(operation, "parameters" if "parameters" in operation else None, what)
                yield Parameter.of_path(name, {"type": "string"})

    def _parameter(self, stated: Schema) -> Parameter:
        location = stated["in"]
        content = self._object(stated, "content", "no object of media types")
        media = next(iter(content), "")
        inner: Schema = self._object(content, media, "no media type") if content else self._with_schema(stated)
        kind = kind_of(media) if content else None
        if location == "querystring":
            if kind != "form":
                raise FlawError(stated, "content", "a whole query of another form than fields is not supported")
            location = "query"
        style = stated.get("style") or ("form" if location in ("query", "cookie") else "simple")
        schema = self._book.written(inner, "schema", "request")
        example, named = self._media.examples(inner)
        return Parameter(
            name=stated["name"],
            location=location,
            required=stated.get("required") is True or location == "path",
            schema=schema,
            style=str(style),
            explode=stated.get("explode", style == "form") is True,
            example=example,
            as_json=kind == "json",
            examples=named,
        )

    def _with_schema(self, stated: Schema) -> Schema:
        """Return a parameter that has a schema; one that states a type itself, as in Swagger 2.0, gets one of it."""
        if "schema" in stated or "type" not in stated:
            return stated
        self._documents.pass_over(stated, "type", "the type of a parameter belongs into its schema, and was read there")
        schema = {
            key: each for key, each in stated.items() if key not in ("name", "in", "required", "style", "explode")
        }
        self._documents.places.derive(schema, stated)
        written = {**stated, "schema": schema}
        self._documents.places.derive(written, stated)
        return written

    # --- bodies and answers ------------------------------------------------------------------------

    def _bodies(self, stated: Schema, notes: list[str]) -> Iterator[Body]:
        content = self._object(stated, "content", "no object of media types")
        for media in content:
            one = self._object(content, media, "no media type")
            schema = self._book.written(one, "schema", "request")
            example, named = self._media.examples(one)
            kind = kind_of(media)
            if kind is None:
                if not isinstance(example, str):
                    notes.append(f"No cases for bodies of {media[:80]}: no rule makes them, and there is no example.")
                    continue
                kind = "text"
            encoding = self._media.encoding(one)
            files = file_parts(one.get("schema"), encoding, self._documents.resolved) if kind == "multipart" else {}
            styles = dict(self._media.styles(encoding)) if kind == "form" else {}
            yield Body(media, kind, schema, example, files, styles, named)

    def _responses(self, operation: Schema) -> Iterator[tuple[str, dict[str, AnySchema]]]:
        stated = self._object(operation, "responses", "no object of answers")
        for status in stated:
            if status.startswith("x-"):
                continue
            if not _STATUS.fullmatch(status):
                self._documents.pass_over(stated, status, "no status of HTTP, so it was ignored")
                continue
            schemas: dict[str, AnySchema] = {}
            try:
                content = self._object(self._object(stated, status, "no answer"), "content", "no object of media types")
                for media in content:
                    one = self._object(content, media, "no media type")
                    schemas[media] = self._book.written(one, "schema", "response") if kind_of(media) == "json" else True
            except UnreadError as error:
                schemas.clear()
                self._documents.pass_over(error.node, error.key, f"{error.what}, so the answer may have any body")
            yield status.upper() if status.casefold() != "default" else "default", schemas

    # --- security ----------------------------------------------------------------------------------

    def _ways(self, operation: Schema, notes: list[str]) -> tuple[tuple[str, ...], ...]:
        """Return the schemes of each alternative that a request can satisfy."""
        of = operation if operation.get("security") is not None else self._documents.main
        ways = list_at(of, "security")
        for at, way in enumerate(ways):
            if not is_object(way):
                raise FlawError(ways, at, f"{shown(way)} is no object of security schemes")
        if not ways or {} in ways:
            return ()
        known: list[tuple[str, ...]] = []
        for way in ways:
            schemes = [self._schemes.get(name) for name in way]
            if all(scheme is not None and scheme.kind != "other" for scheme in schemes):
                known.append(tuple(scheme.id for scheme in schemes if scheme is not None))
        if not known:
            notes.append("No cases for its security: no scheme of it can be sent in a request.")
        return tuple(known)
