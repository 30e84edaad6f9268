"""The endpoints of a specification: what they take, what they answer, what they ask of who calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from progressnb.errors import InputError
from progressnb.operations.testcases.schemas import Scheme
from progressnb.operations.testcases.spec.file_parts import file_parts
from progressnb.operations.testcases.spec.json_schema import AnySchema, Schema, SchemaBook
from progressnb.operations.testcases.spec.plain import is_object, list_at, object_at
from progressnb.operations.testcases.spec.references import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from progressnb.operations.testcases.schemas import BodyKind
    from progressnb.operations.testcases.spec.validation import Version

__all__ = ["METHODS", "Api", "Body", "Endpoint", "Parameter", "read_api"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_IGNORED_HEADERS = {"accept", "content-type", "authorization"}
Location = Literal["path", "query", "header", "cookie"]


@dataclass(frozen=True)
class Parameter:
    """One parameter; `style` says how lists and objects are written."""

    name: str
    location: Location
    required: bool
    schema: AnySchema
    style: str
    explode: bool
    example: Any = None
    as_json: bool = False


@dataclass(frozen=True)
class Body:
    """One media type of a request body."""

    media_type: str
    kind: BodyKind
    schema: AnySchema
    example: Any = None
    files: dict[str, str] = field(default_factory=dict[str, str])
    """The content type of each field of a multipart form that is a file."""


@dataclass(frozen=True)
class Endpoint:
    """One operation of the specification; its name is such as `POST /pets`."""

    name: str
    method: str
    path: str
    operation_id: str
    summary: str
    parameters: tuple[Parameter, ...]
    bodies: tuple[Body, ...]
    body_required: bool
    responses: dict[str, dict[str, AnySchema]]
    security: tuple[str, ...]
    """The ids of the schemes that a caller must satisfy; empty if none need be."""
    notes: list[str] = field(default_factory=list[str])

    def of(self, location: Location) -> list[Parameter]:
        """Return the parameters in one place."""
        return [each for each in self.parameters if each.location == location]


@dataclass(frozen=True)
class Api:
    """A specification as far as cases need it."""

    title: str
    version: str
    endpoints: tuple[Endpoint, ...]
    """Those that cases are wanted for."""
    known: dict[str, Endpoint]
    """All of the specification, by name: what a path names is made by another endpoint."""
    schemes: tuple[Scheme, ...]
    book: SchemaBook

    def find(self, method: str, path: str) -> Endpoint | None:
        """Return the endpoint of this method and path, or None."""
        return self.known.get(f"{method.upper()} {path}")


def read_api(document: dict[str, Any], version: Version, wanted: Sequence[str] | None) -> Api:
    """Return the endpoints, or those `wanted`: `"POST /pets"`, or `"/pets"` for all of a path."""
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
        raise _none(document, known)
    title, version_of_api = str(info.get("title", "")), str(info.get("version", ""))
    return Api(title, version_of_api, endpoints, known, reader.schemes, reader.book)


def _none(document: Schema, known: dict[str, Endpoint]) -> InputError:
    if known:
        return InputError("endpoints to test", "none of them", "Name some in endpoints=[…], or leave it out for all.")
    if object_at(document, "webhooks"):
        remedy = "Webhooks are requests that the API itself sends; cases call an API, so add what it takes under paths."
        return InputError("endpoints to test", "webhooks alone, no paths", remedy)
    return InputError("endpoints to test", "none", "Add operations, such as get or post, under paths.")


class _Reader:
    def __init__(self, document: dict[str, Any], version: Version) -> None:
        self._document = document
        self.book = SchemaBook(document, version)
        stated: dict[str, Any] = object_at(object_at(document, "components"), "securitySchemes")
        self._schemes = {
            name: _scheme(number, name, self._resolved(each)) for number, (name, each) in enumerate(stated.items(), 1)
        }
        self.schemes = tuple(self._schemes.values())

    def _resolved(self, value: Any) -> Any:  # noqa: ANN401 - plain data
        return resolve(self._document, value)

    def endpoints(self) -> Iterator[Endpoint]:
        for path, stated in object_at(self._document, "paths").items():
            if not path.startswith("/"):
                continue  # an extension
            item = self._resolved(stated)
            for method in METHODS:
                if method not in item:
                    continue
                yield self._endpoint(f"{method.upper()} {path}", method, path, item, item[method])

    def _endpoint(self, name: str, method: str, path: str, item: Schema, operation: Schema) -> Endpoint:
        notes: list[str] = []
        parameters = {
            (each["in"], each["name"]): each
            for each in map(self._resolved, [*list_at(item, "parameters"), *list_at(operation, "parameters")])
        }
        stated = self._resolved(object_at(operation, "requestBody"))
        bodies = [self._body(media, each, notes) for media, each in object_at(stated, "content").items()]
        return Endpoint(
            name=name,
            method=method.upper(),
            path=path,
            operation_id=str(operation.get("operationId", "")),
            summary=str(operation.get("summary") or operation.get("description") or "")[:500],
            parameters=tuple(
                self._parameter(each)
                for (place, own), each in parameters.items()
                if not (place == "header" and own.casefold() in _IGNORED_HEADERS)
            ),
            bodies=tuple(body for body in bodies if body is not None),
            body_required=stated.get("required") is True,
            responses=dict(self._responses(object_at(operation, "responses"))),
            security=self._security(operation, notes),
            notes=notes,
        )

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
            yield (
                status.upper() if status != "default" else status,
                {
                    media: self.book.written(one.get("schema", True), "response") if kind_of(media) == "json" else True
                    for media, one in content.items()
                },
            )

    def _security(self, operation: Schema, notes: list[str]) -> tuple[str, ...]:
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


def _scheme(number: int, name: str, stated: Schema) -> Scheme:
    kind = stated.get("type")
    scheme = str(stated.get("scheme", "")).casefold()
    place = str(stated.get("in", ""))
    known: Any = "other"
    if kind == "apiKey" and place in ("header", "query", "cookie"):
        known = place
    elif kind in ("oauth2", "openIdConnect") or (kind == "http" and scheme == "bearer"):
        known = "bearer"
    elif kind == "http" and scheme == "basic":
        known = "basic"
    parameter = str(stated.get("name", "")) if known in ("header", "query", "cookie") else ""
    return Scheme(id=f"scheme-{number}", name=name, kind=known, parameter=parameter, variable=f"API_AUTH_{number}")


def kind_of(media: str) -> BodyKind | None:
    """Return how a body of a media type is made, or None where no rule makes it."""
    media = media.partition(";")[0].strip().casefold()
    if media == "application/json" or media.endswith("+json") or media == "*/*":
        return "json"
    if media == "application/x-www-form-urlencoded":
        return "form"
    if media == "multipart/form-data":
        return "multipart"
    if media.startswith("text/") and media != "text/xml":
        return "text"
    if media == "application/octet-stream" or media.startswith(("image/", "audio/", "video/")):
        return "bytes"
    return None


def _example(resolved: Any, stated: Schema) -> Any:  # noqa: ANN401 - plain data
    if "example" in stated:
        return stated["example"]
    examples = stated.get("examples")
    first = next(iter(examples.values()), None) if is_object(examples) else None
    return resolved(first).get("value") if is_object(first) else None
