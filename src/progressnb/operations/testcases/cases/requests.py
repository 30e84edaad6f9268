"""Valid requests to an endpoint, and the steps that first create the things that its path names."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.creations import as_needed
from progressnb.operations.testcases.cases.creators import Creators
from progressnb.operations.testcases.cases.fields import Fields
from progressnb.operations.testcases.cases.pairs import in_order
from progressnb.operations.testcases.cases.promises import Promises
from progressnb.operations.testcases.cases.told import AMOUNTS, told_scarce
from progressnb.operations.testcases.schemas import OF_REQUEST, Request, Step
from progressnb.operations.testcases.spec.plain import (
    at_pointer,
    collection_of,
    is_object,
    pointer_keys,
    pointer_part,
    snake,
)
from progressnb.operations.testcases.values.scalars import NoValueError
from progressnb.operations.testcases.values.serialization import fill, is_sendable, place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.spec.endpoints import Api, Body, Endpoint, Parameter
    from progressnb.operations.testcases.spec.json_schema import Schema
    from progressnb.operations.testcases.values.builder import Size, Values

__all__ = ["OPAQUE", "PATH_VALUES", "Requests", "Setup", "path_pointer"]

PATH_VALUES = "/path_values/"
"""The beginning of each JSON Pointer to a value of the path of a request."""

_PARAMETER = re.compile(r"\{([^{}]+)\}")
OPAQUE = re.compile(
    r"(.*_)?(cursor|bookmark)|marker|(.*_)?(page[_-]?token|next[_-]?token|continuation(_?token)?)|(start|end)ing_?(after|before)|"
    r"if-(none-)?match|if-(un)?modified-since|range|if-range",
    re.IGNORECASE,
)
"""Parameters whose values only the server makes."""

_FORMS = frozenset({"enum", "const", "format", "pattern", "default", "example", "examples", "minLength", "maxLength"})
"""Parts of a schema that say more of a text than that it is one."""

_OUTER = "^"
"""The mark of a variable that belongs to the steps around a setup."""

_NOTHING = object()
_MOST_STEPS = 6
"""Steps of a setup, from which on no further thing is created for a query or a body."""

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

    def __init__(self, api: Api, values: Values, promises: Promises | None = None) -> None:
        self.promises = promises or Promises()
        self.creators = Creators(api, self.promises, values)
        self.fields = Fields(self.creators, values)
        self.values = values
        self._setups: dict[str, Setup] = {}
        self._usual: dict[str, list[Request]] = {}

    def valid(self, endpoint: Endpoint, size: Size, body: Body | None = None) -> Request:
        """Return a valid request with the required parts only, or with all parts.

        Raises `NoValueError` where no value can be made for a required part.
        """
        request = self._empty(endpoint)
        for parameter in endpoint.parameters:
            if parameter.required or (size == "full" and self._may_be_sent(parameter)):
                try:
                    place(request, parameter, self.value(parameter, size))
                except NoValueError as error:
                    if parameter.required:
                        where = f"the {parameter.location} parameter {parameter.name[:60]!r}"
                        raise NoValueError(f"{error} for {where}") from error
        request.query = in_order(request.query, lambda _: True)
        body = body or (endpoint.bodies[0] if endpoint.bodies else None)
        if body is None and endpoint.body_required:
            raise NoValueError("a body of its media types: no rule makes them, and there is no example")
        if body is not None and (endpoint.body_required or size == "full"):
            fill(request, body, self._for_body(body, size))
        if not is_sendable(request):
            raise NoValueError("a request that HTTP can carry")
        return request

    def step(self, endpoint: Endpoint, size: Size = "minimal", **more: Any) -> Step:  # noqa: ANN401
        """Return the step of a valid request, which should succeed."""
        return Step(request=self.valid(endpoint, size), expected=expected.succeeded(endpoint), **more)

    def _empty(self, endpoint: Endpoint) -> Request:
        # Where nobody does so to a thing of their own, another user does.
        others = bool(endpoint.security) and "{" in endpoint.path and endpoint.name in self.promises.not_own
        return Request(
            endpoint=endpoint.name,
            method=endpoint.method,
            path=endpoint.path,
            security=list(endpoint.security),
            auth="other" if others else "valid",
        )

    def _may_be_sent(self, parameter: Parameter) -> bool:
        """Tell whether an optional parameter may have a value of ours: a header of any text has a form in words."""
        if OPAQUE.fullmatch(parameter.name):
            return False
        if parameter.location != "header" or parameter.example is not None:
            return True
        shape = self.creators.object_of(parameter.schema)
        return not is_object(shape) or shape.get("type") != "string" or not _FORMS.isdisjoint(shape)

    def value(self, parameter: Parameter, size: Size) -> Any:  # noqa: ANN401 - plain data
        """Return a value for a parameter; its example, if that fits."""
        if parameter.location == "header" and parameter.name.casefold() == "if-match":
            return "*"  # whatever is there
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
        if body.kind == "json":
            return in_order(self.fields.completed(body, value), lambda changed: self.values.fits(body.schema, changed))
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

    # --- the things that a request names -----------------------------------------------------------

    def setup(self, endpoint: Endpoint) -> Setup:
        """Return the steps that create the things that the path, the queries and the body of an endpoint name."""
        if endpoint.name not in self._setups:
            self._setups[endpoint.name] = self._setup(endpoint, 0, {})
        return self._setups[endpoint.name]

    def _setup(self, endpoint: Endpoint, depth: int, given: dict[str, str]) -> Setup:
        """Return the steps for an endpoint; `given` are the variables of path parameters that are made already."""
        steps: list[Step] = []
        use: dict[str, str] = {}
        complete = True
        here = dict(given)
        for name in _PARAMETER.findall(endpoint.path):
            if name in given:
                use[path_pointer(name)] = given[name]
                continue
            named = self.creators.named_by(endpoint)
            if named is not None and named.name == name:
                continue  # what is sent is its name from then on
            found = self.creators.of_path(endpoint, name)
            made = self._made(found, f"made{len(steps) + 1}", depth, here, roomy="409" in endpoint.responses)
            if found is None or made is None:
                complete = False
                continue
            # A student that was made is in no course yet.
            before = endpoint.path.partition(f"/{{{name}}}")[0]
            complete = complete and ("{" not in before or collection_of(found[0].path) == before)
            more, variable, whole = made
            steps += more
            use[path_pointer(name)] = here[name] = variable
            # Of what was sent, a path may take another part than the name that it does not speak of.
            sent = pointer_keys(found[1])[-1].casefold() if found[1].startswith(OF_REQUEST) else ""
            complete = complete and whole and name.casefold().endswith(sent)
        # The nearest first: of a body with many, there is room for some.
        references = sorted(self.creators.references(endpoint), key=lambda found: found[0].count("/"))
        for pointer, creator, field in references:
            made = self._made((creator, field), f"other{len(steps) + 1}", depth, {})
            if made is not None and len(steps) < _MOST_STEPS:
                steps += [*made[0], *self._filled(endpoint, creator, made[1])]
                use[pointer] = made[1]
        # Where 404 is documented without anything in the path, a body names what is not known here.
        unknown = "404" in endpoint.responses and "{" not in endpoint.path and not use and bool(endpoint.bodies)
        return Setup(tuple(steps), use, complete and not unknown)

    def _filled(self, endpoint: Endpoint, creator: Endpoint, variable: str) -> Iterator[Step]:
        """Yield the step that puts much into what was made, where an endpoint may find too little in it."""
        taken = self.amounts(endpoint) if told_scarce(self.promises.told(endpoint.name)) else {}
        for filler in self.creators.below(creator) if taken else ():
            given = self.amounts(filler)
            name = next((each for each in given if each in taken), None)
            with suppress(NoValueError):
                use = {path_pointer(each.name): variable for each in filler.of("path")}
                step = self.step(filler, use=use, setup=True)
                most = given[name].get("maximum") if name is not None else None
                if name is not None and is_object(step.request.body) and most is not None:
                    step.request.body = {**step.request.body, name: most}
                    yield step
                    return

    def amounts(self, endpoint: Endpoint) -> dict[str, Schema]:
        """Return the whole numbers of a body that say how much."""
        stated = endpoint.json_body
        fields = self.creators.fields(stated.schema) if stated is not None else {}
        shapes = {name: self.creators.shape(each) for name, each in fields.items() if AMOUNTS.fullmatch(snake(name))}
        return {name: shape for name, shape in shapes.items() if shape and "enum" not in shape}

    def uses(self, endpoint: Endpoint, request: Request) -> dict[str, str]:
        """Return the kept values of the setup that a request takes: those in whose place it has what it always has."""
        return {
            pointer: variable
            for pointer, variable in self.setup(endpoint).use.items()
            if pointer.startswith(PATH_VALUES)
            or any(_at(request, pointer) == _at(each, pointer) != _NOTHING for each in self._usual_of(endpoint))
        }

    def _usual_of(self, endpoint: Endpoint) -> list[Request]:
        """Return the valid requests of both sizes, as far as there are any."""
        if endpoint.name not in self._usual:
            self._usual[endpoint.name] = []
            for size in ("minimal", "full"):
                with suppress(NoValueError):
                    self._usual[endpoint.name].append(self.valid(endpoint, size))
        return self._usual[endpoint.name]

    def _made(
        self,
        found: tuple[Endpoint, str] | None,
        variable: str,
        depth: int,
        given: dict[str, str],
        *,
        roomy: bool = False,
    ) -> tuple[list[Step], str, bool] | None:
        if found is None or depth >= _DEEPEST_SETUP:
            return None
        creator, pointer = found
        try:
            request = self.valid(creator, "minimal")
            if request.body_kind is None and creator.bodies:  # a body that may be left out says what to make
                fill(request, creator.bodies[0], self._for_body(creator.bodies[0], "minimal"))
            fields = self.creators.fields(creator.json_body.schema) if creator.json_body is not None else {}
            request = as_needed(
                request, creator.json_body, fields, self.values, pointer_keys(pointer)[-1:], roomy=roomy
            )
        except NoValueError:
            return None
        # What is in a thing that was made belongs to that one: a toy of this pet, and not of another.
        before = self._setup(creator, depth + 1, {name: f"{_OUTER}{each}" for name, each in given.items()})

        def renamed(names: dict[str, str]) -> dict[str, str]:
            return {
                target: each.removeprefix(_OUTER) if each.startswith(_OUTER) else f"{variable}-{each}"
                for target, each in names.items()
            }

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
        use = {target: name for target, name in before.use.items() if _at(request, target) != _NOTHING}
        steps.append(Step(request=request, expected=statuses, save={variable: pointer}, use=renamed(use), setup=True))
        return steps, variable, before.complete


def path_pointer(name: str) -> str:
    """Return the JSON Pointer to the value of a path parameter in a request."""
    return f"{PATH_VALUES}{pointer_part(name)}"


def _at(request: Request, pointer: str) -> Any:  # noqa: ANN401 - plain data
    """Return what a request has at a JSON Pointer."""
    part, slash, rest = pointer[1:].partition("/")
    return at_pointer(getattr(request, part), slash + rest, _NOTHING)
