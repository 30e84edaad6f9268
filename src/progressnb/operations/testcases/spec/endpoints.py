"""The endpoints of a specification as data: parameters, bodies, answers, security."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

    from progressnb.operations.testcases.schemas import BodyKind, Scheme
    from progressnb.operations.testcases.spec.book import SchemaBook
    from progressnb.operations.testcases.spec.json_schema import AnySchema

__all__ = ["Api", "Body", "Endpoint", "Location", "Parameter"]

Location = Literal["path", "query", "header", "cookie"]


@dataclass(frozen=True)
class Parameter:
    """One parameter. OpenAPI's `style` and `explode` say how lists and objects are written."""

    name: str
    location: Location
    required: bool
    schema: AnySchema
    style: str
    explode: bool
    example: Any = None
    as_json: bool = False
    examples: tuple[tuple[str, Any], ...] = ()
    """The named examples."""

    @classmethod
    def of_path(cls, name: str, schema: AnySchema) -> Self:
        """Return a parameter of a path, written as most are."""
        return cls(name, "path", required=True, schema=schema, style="simple", explode=False)


@dataclass(frozen=True)
class Body:
    """One media type of a request body."""

    media_type: str
    kind: BodyKind
    schema: AnySchema
    example: Any = None
    files: dict[str, str] = field(default_factory=dict[str, str])
    """The content type of each field of a multipart form that is a file."""
    styles: dict[str, tuple[str, bool]] = field(default_factory=dict[str, tuple[str, bool]])
    """The style and explode of each field of a form that states one."""
    examples: tuple[tuple[str, Any], ...] = ()
    """The named examples."""


@dataclass(frozen=True)
class Endpoint:
    """One operation of the specification. Its name is its method and path, such as `POST /pets`."""

    name: str
    method: str
    path: str
    operation_id: str
    summary: str
    parameters: tuple[Parameter, ...]
    bodies: tuple[Body, ...]
    body_required: bool
    responses: dict[str, dict[str, AnySchema]]
    """The schemas of answers by status and media type."""
    security: tuple[str, ...]
    """The ids of the schemes that a caller must satisfy; empty where everybody may call."""
    ways: tuple[tuple[str, ...], ...] = ()
    """The alternatives of `security`, where there are several, which is the first of them."""
    server: str = ""
    """The address of its own server, or that of its path; empty where it has none but that of the document."""
    notes: list[str] = field(default_factory=list[str])
    """The parts that no case is made of, in sentences."""

    @property
    def json_body(self) -> Body | None:
        """The body that most cases are made of, where it is JSON."""
        body = self.bodies[0] if self.bodies else None
        return body if body is not None and body.kind == "json" else None

    def of(self, location: Location) -> list[Parameter]:
        """Return the parameters of one location."""
        return [each for each in self.parameters if each.location == location]


@dataclass(frozen=True)
class Api:
    """The parts of a specification that cases are made of."""

    title: str
    version: str
    endpoints: tuple[Endpoint, ...]
    """The endpoints that cases are wanted for."""
    known: Mapping[str, Endpoint]
    """All endpoints by name. One that is not wanted may create what the path of another names, and is read then."""
    names: tuple[str, ...]
    """The names of all endpoints, also of those that turn out not to be readable."""
    schemes: tuple[Scheme, ...]
    book: SchemaBook
    server: str
    """The address of the document's server, or nothing."""
    unread: dict[str, str] = field(default_factory=dict[str, str])
    """The wanted endpoints that can't be read, and why, with the place. One without a method is a whole path."""
    operations: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """All operations as the specification states them, by the names of the endpoints."""

    def find(self, method: str, path: str) -> Endpoint | None:
        """Return the endpoint of this method and path, or None."""
        return self.known.get(f"{method.upper()} {path}")
