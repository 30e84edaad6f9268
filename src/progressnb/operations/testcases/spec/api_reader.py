"""The reader of endpoints: a valid document becomes an `Api`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.errors import InputError
from progressnb.operations.testcases.spec.endpoints import Api, Body, Endpoint, Parameter
from progressnb.operations.testcases.spec.file_parts import file_parts
from progressnb.operations.testcases.spec.json_schema import AnySchema, Schema, SchemaBook
from progressnb.operations.testcases.spec.kinds import kind_of, read_scheme
from progressnb.operations.testcases.spec.plain import is_object, list_at, object_at
from progressnb.operations.testcases.spec.references import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from progressnb.operations.testcases.spec.validation import Version

__all__ = ["read_api"]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# OpenAPI says that header parameters of these names are ignored.
_IGNORED_HEADERS = {"accept", "content-type", "authorization"}

_SUMMARY_LIMIT = 500
"""Characters of an endpoint's summary."""


def read_api(document: dict[str, Any], version: Version, wanted: Sequence[str] | None) -> Api:
    """Return the API of a valid document.

    Args:
        document: The document with all references inside.
        version: Its version of OpenAPI.
        wanted: The endpoints to make cases for: `"POST /pets"`, or `"/pets"` for all of a path; None for all.

    Raises:
        InputError: An endpoint of `wanted` is not there, or no endpoint is left.

    """
    reader = _Reader(document, version)
    info = object_at(document, "info")
    known = {each.name: each for each in reader.endpoints()}
    endpoints = tuple(known.values())
    if wanted is not None:
        names = {name for each in endpoints for name in (each.name, each.path)}
        missing = [name for name in wanted if name not in names]
        if missing:
            shown = ", ".join(list(known)[:20])
            raise InputError("endpoints of the specification", repr(missing[0][:100]), f"There are: {shown[:600]}")
        endpoints = tuple(each for each in endpoints if {each.name, each.path} & set(wanted))
    if object_at(document, "webhooks"):
        reader.book.notes.add("Webhooks have no cases: the API sends them itself.")
    if not endpoints:
        raise _no_endpoint(document, known)
    title, version_of_api = str(info.get("title", "")), str(info.get("version", ""))
    return Api(title, version_of_api, endpoints, known, reader.schemes, reader.book)


def _no_endpoint(document: Schema, known: dict[str, Endpoint]) -> InputError:
    if known:
        return InputError("endpoints to test", "none of them", "Name some in endpoints=[…], or leave it out for all.")
    if object_at(document, "webhooks"):
        remedy = "Webhooks are requests that the API itself sends; cases call an API, so add what it takes under paths."
        return InputError("endpoints to test", "webhooks alone, no paths", remedy)
    return InputError("endpoints to test", "none", "Add operations, such as get or post, under paths.")


class _Reader:
    """Read the endpoints of one document."""

    def __init__(self, document: dict[str, Any], version: Version) -> None:
        self._document = document
        self.book = SchemaBook(document, version)
        stated: dict[str, Any] = object_at(object_at(document, "components"), "securitySchemes")
        self._schemes = {name: read_scheme(name, self._resolved(each), stated) for name, each in stated.items()}
        self.schemes = tuple(self._schemes.values())

    def _resolved(self, value: Any) -> Any:  # noqa: ANN401 - plain data
        return resolve(self._document, value)

    def endpoints(self) -> Iterator[Endpoint]:
        for path, stated in object_at(self._document, "paths").items():
            if not path.startswith("/"):
                continue  # the key of an extension
            item = self._resolved(stated)
            for method in _METHODS:
                if method not in item:
                    continue
                yield self._endpoint(f"{method.upper()} {path}", method, path, item, item[method])

    def _endpoint(self, name: str, method: str, path: str, item: Schema, operation: Schema) -> Endpoint:
        notes: list[str] = []
        stated = self._resolved(object_at(operation, "requestBody"))
        bodies = [self._body(media, each, notes) for media, each in object_at(stated, "content").items()]
        return Endpoint(
            name=name,
            method=method.upper(),
            path=path,
            operation_id=str(operation.get("operationId", "")),
            summary=str(operation.get("summary") or operation.get("description") or "")[:_SUMMARY_LIMIT],
            parameters=tuple(self._parameters(item, operation)),
            bodies=tuple(body for body in bodies if body is not None),
            body_required=stated.get("required") is True,
            responses=dict(self._responses(object_at(operation, "responses"))),
            security=self._security(operation, notes),
            notes=notes,
        )

    def _parameters(self, item: Schema, operation: Schema) -> Iterator[Parameter]:
        """Yield the parameters of an operation, which replace those of its path with the same place and name."""
        stated = [*list_at(item, "parameters"), *list_at(operation, "parameters")]
        unique = {(each["in"], each["name"]): each for each in map(self._resolved, stated)}
        for (place, name), each in unique.items():
            if not (place == "header" and name.casefold() in _IGNORED_HEADERS):
                yield self._parameter(each)

    def _parameter(self, stated: Schema) -> Parameter:
        location = stated["in"]
        content = object_at(stated, "content")
        media: str = next(iter(content), "")
        inner: Schema = content.get(media, stated)
        style = stated.get("style") or ("form" if location in ("query", "cookie") else "simple")
        return Parameter(
            name=stated["name"],
            location=location,
            required=stated.get("required") is True or location == "path",
            schema=self.book.written(inner.get("schema", True), "request"),
            style=style,
            explode=stated.get("explode", style == "form") is True,
            example=_example(self._resolved, inner),
            as_json=kind_of(media) == "json",
        )

    def _body(self, media: str, stated: Schema, notes: list[str]) -> Body | None:
        kind = kind_of(media)
        example = _example(self._resolved, stated)
        if kind is None:
            if not isinstance(example, str):
                notes.append(f"No cases for bodies of {media[:80]}: no rule makes them, and there is no example.")
                return None
            kind = "text"
        files = file_parts(stated, self._resolved) if kind == "multipart" else {}
        return Body(media, kind, self.book.written(stated.get("schema", True), "request"), example, files)

    def _responses(self, stated: Schema) -> Iterator[tuple[str, dict[str, AnySchema]]]:
        for status, each in stated.items():
            if status.startswith("x-"):
                continue
            content = object_at(self._resolved(each), "content")
            schemas = {
                media: self.book.written(one.get("schema", True), "response") if kind_of(media) == "json" else True
                for media, one in content.items()
            }
            yield status.upper() if status != "default" else status, schemas

    def _security(self, operation: Schema, notes: list[str]) -> tuple[str, ...]:
        """Return the schemes of the first alternative that a request can satisfy."""
        of = operation if "security" in operation else self._document
        ways: list[list[str]] = [list(each) for each in list_at(of, "security")]
        if not ways or [] in ways:
            return ()
        for way in ways:
            schemes = [self._schemes.get(name) for name in way]
            if all(scheme is not None and scheme.kind != "other" for scheme in schemes):
                return tuple(scheme.id for scheme in schemes if scheme is not None)
        notes.append("No cases for its security: no scheme of it can be sent in a request.")
        return ()


def _example(resolved: Any, stated: Schema) -> Any:  # noqa: ANN401 - plain data
    if "example" in stated:
        return stated["example"]
    examples = stated.get("examples")
    first = next(iter(examples.values()), None) if is_object(examples) else None
    return resolved(first).get("value") if is_object(first) else None
