"""Valid requests to an endpoint, and the steps that first create the things that its path names."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.identifiers import fits_path, names_of
from progressnb.operations.testcases.schemas import Request, Step
from progressnb.operations.testcases.spec.plain import is_object, pointer_part
from progressnb.operations.testcases.values.scalars import NoValueError
from progressnb.operations.testcases.values.serialization import fill, is_sendable, place

if TYPE_CHECKING:
    from progressnb.operations.testcases.spec.endpoints import Api, Body, Endpoint, Parameter
    from progressnb.operations.testcases.spec.json_schema import AnySchema, Schema
    from progressnb.operations.testcases.values.builder import Size, Values

__all__ = ["Requests", "Setup", "path_pointer"]

_PARAMETER = re.compile(r"\{([^{}]+)\}")
_DEEPEST_SETUP = 3
"""Things that are created in each other, such as a project, a task in it, and a comment on that."""


@dataclass(frozen=True)
class Setup:
    """The steps before a request.

    Attributes:
        steps: The steps that create things.
        use: The kept values that the request takes: names of variables, by JSON Pointers into it.
        complete: Whether all things that its path names are created.

    """

    steps: tuple[Step, ...]
    use: dict[str, str]
    complete: bool


class Requests:
    """A maker of valid requests for the endpoints of one API."""

    def __init__(self, api: Api, values: Values) -> None:
        self._endpoints = api.known
        self.values = values
        self._setups: dict[str, Setup] = {}
        self._created: dict[str, str | None] = {}

    def valid(self, endpoint: Endpoint, size: Size, body: Body | None = None) -> Request:
        """Return a valid request with the required parts only, or with all parts.

        Raises `NoValueError` where no value can be made for a required part.
        """
        request = self._empty(endpoint)
        for parameter in endpoint.parameters:
            if parameter.required or size == "full":
                try:
                    place(request, parameter, self.value(parameter, size))
                except NoValueError as error:
                    if parameter.required:
                        where = f"the {parameter.location} parameter {parameter.name[:60]!r}"
                        raise NoValueError(f"{error} for {where}") from error
        body = body or (endpoint.bodies[0] if endpoint.bodies else None)
        if body is None and endpoint.body_required:
            raise NoValueError("a body of its media types: no rule makes them, and there is no example")
        if body is not None and (endpoint.body_required or size == "full"):
            fill(request, body, self._for_body(body, size))
        if not is_sendable(request):
            raise NoValueError("a request that HTTP can carry")
        return request

    def _empty(self, endpoint: Endpoint) -> Request:
        return Request(
            endpoint=endpoint.name, method=endpoint.method, path=endpoint.path, security=list(endpoint.security)
        )

    def value(self, parameter: Parameter, size: Size) -> Any:  # noqa: ANN401 - plain data
        """Return a value for a parameter; its example, if that fits."""
        if parameter.example is not None and self.values.fits_as_sent(parameter.schema, parameter.example):
            return parameter.example
        value = self.values.make(parameter.schema, size, parameter.name)
        if value in ([], {}) and not parameter.as_json:
            # An empty list or object would not be sent at all.
            return self.values.make(parameter.schema, "full", parameter.name)
        return value

    def is_body(self, body: Body, value: object) -> bool:
        """Tell whether a value can be written as a body: a form has fields, a text is a string."""
        if body.kind == "json":
            return True
        return is_object(value) if body.kind in ("form", "multipart") else isinstance(value, str)

    def body(self, body: Body, size: Size) -> Any:  # noqa: ANN401 - plain data
        """Return a value for a body. A full one is the example, if that fits."""
        if body.kind == "text":
            return body.example if isinstance(body.example, str) else "some text"
        if body.kind == "bytes":
            return "cHJvZ3Jlc3NuYg=="
        known = size == "full" and body.example is not None and self.is_body(body, body.example)
        if known and self.values.fits_as_sent(body.schema, body.example):
            return body.example
        value = self.values.make(body.schema, size, size if size == "full" else "x")
        if body.kind in ("form", "multipart"):
            if not is_object(value):
                raise NoValueError("a form with fields")
            if not value or [] in value.values():  # neither no field nor an empty list would be sent
                full = self.values.make(body.schema, "full", "full")
                value = {name: full.get(name, each) if each == [] else each for name, each in (value or full).items()}
        return value

    def _for_body(self, body: Body, size: Size) -> Any:  # noqa: ANN401 - plain data
        try:
            return self.body(body, size)
        except NoValueError as error:
            raise NoValueError(f"{error} for the body") from error

    # --- the things that a path names --------------------------------------------------------------

    def setup(self, endpoint: Endpoint, depth: int = 0) -> Setup:
        """Return the steps that create the things that the path of an endpoint names."""
        if depth == 0 and endpoint.name in self._setups:
            return self._setups[endpoint.name]
        steps: list[Step] = []
        use: dict[str, str] = {}
        complete = True
        for name in _PARAMETER.findall(endpoint.path):
            made = self._made(endpoint, name, f"made{len(steps) + 1}", depth)
            if made is None:
                complete = False
                continue
            more, variable, whole = made
            steps += more
            use[path_pointer(name)] = variable
            complete = complete and whole
        setup = Setup(tuple(steps), use, complete)
        if depth == 0:
            self._setups[endpoint.name] = setup
        return setup

    def _made(self, endpoint: Endpoint, name: str, variable: str, depth: int) -> tuple[list[Step], str, bool] | None:
        creator = self.creator(endpoint, name)
        parameter = next((each for each in endpoint.of("path") if each.name == name), None)
        pointer = self.created(creator, parameter) if creator is not None and parameter is not None else None
        if creator is None or pointer is None or depth >= _DEEPEST_SETUP:
            return None
        try:
            request = self.valid(creator, "minimal")
        except NoValueError:
            return None
        before = self.setup(creator, depth + 1)

        def renamed(names: dict[str, str]) -> dict[str, str]:
            return {target: f"{variable}-{each}" for target, each in names.items()}

        # The variables of its own setup get a prefix: names must not occur twice in a case.
        steps = [
            step.model_copy(
                update={
                    "save": {f"{variable}-{each}": where for each, where in step.save.items()},
                    "use": renamed(step.use),
                }
            )
            for step in before.steps
        ]
        statuses = expected.succeeded(creator)
        steps.append(Step(request=request, expected=statuses, save={variable: pointer}, use=renamed(before.use)))
        return steps, variable, before.complete

    def creator(self, endpoint: Endpoint, parameter: str) -> Endpoint | None:
        """Return the endpoint that creates the thing of a path parameter: a POST to the path before it."""
        before, found, _ = endpoint.path.partition(f"/{{{parameter}}}")
        creator = self._endpoints.get(f"POST {before}") if found and before else None
        return creator if creator is not endpoint else None

    def created(self, creator: Endpoint, parameter: Parameter) -> str | None:
        """Return the JSON Pointer to the field of a creator's answer that the path parameter takes, or None."""
        key = json.dumps([creator.name, parameter.name, parameter.schema, parameter.style, parameter.as_json])
        if key not in self._created:
            self._created[key] = next(self._pointers(creator, parameter), None)
        return self._created[key]

    def _pointers(self, creator: Endpoint, parameter: Parameter) -> Any:  # noqa: ANN401 - an iterator
        for status, contents in creator.responses.items():
            if status[:1] != "2":
                continue
            for schema in contents.values():
                properties = self._properties(schema)
                for name in names_of(parameter.name):
                    if name in properties and fits_path(properties[name], parameter, self.values):
                        yield f"/{pointer_part(name)}"

    def _properties(self, schema: AnySchema) -> Schema:
        try:
            shape = self.values.shape(schema)
        except (NoValueError, RecursionError):
            return {}
        properties = shape.get("properties") if is_object(shape) else None
        return properties if is_object(properties) else {}


def path_pointer(name: str) -> str:
    """Return the JSON Pointer to the value of a path parameter in a request."""
    return f"/path_values/{pointer_part(name)}"
