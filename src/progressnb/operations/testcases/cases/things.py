"""The thing that an endpoint creates, the endpoints for one such thing, and steps that create, change and read it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.identifiers import fits_path
from progressnb.operations.testcases.cases.pairs import in_order
from progressnb.operations.testcases.cases.requests import PATH_VALUES, path_pointer
from progressnb.operations.testcases.cases.told_fields import told_past
from progressnb.operations.testcases.schemas import Case, Check, Step
from progressnb.operations.testcases.spec.endpoints import Parameter
from progressnb.operations.testcases.spec.json_schema import types_of
from progressnb.operations.testcases.spec.plain import is_list, is_object, pointer_keys, pointer_part, snake
from progressnb.operations.testcases.values.scalars import NoValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.schemas import Category, Request
    from progressnb.operations.testcases.spec.endpoints import Api, Endpoint
    from progressnb.operations.testcases.spec.json_schema import AnySchema, Schema

__all__ = ["MADE", "Life", "Thing", "things", "versions"]

MADE = "made"
"""The variable with the id of what a case made."""

_IN_PATH = re.compile(r"made\d")
"""The variables of what the path of a creator names."""

_METHODS = ("GET", "PUT", "PATCH", "DELETE")
_VERSION = re.compile(r"(?:.*_)?(?:version|revision|rev)(?:_?(?:no|number))?", re.IGNORECASE)
_NO_ANSWER: tuple[str, dict[str, Any]] = ("", {})
_OTHER_TEXTS = {"date": "2031-05-06", "date-time": "2031-05-06T07:08:09Z", "time": "07:08:09Z"}


@dataclass(frozen=True)
class Thing:
    """A kind of thing that an endpoint creates, with the endpoints for one of them.

    Attributes:
        creator: The endpoint that creates it.
        pointer: The place of its id in the answer of the creator.
        items: The endpoints for one, by method.
        parameter: The path parameter of those that takes the id.
        by_text: Whether there is no id, and the place is that of a text, which tells things in one list apart.

    """

    creator: Endpoint
    pointer: str
    items: dict[str, Endpoint]
    parameter: str
    by_text: bool = False

    @property
    def id_field(self) -> str:
        """The name of the field that is the id."""
        return pointer_keys(self.pointer)[-1] if "/" in self.pointer else "id"


def things(requests: Requests, api: Api, is_wanted: Callable[[str], bool]) -> dict[str, Thing]:
    """Return what the endpoints of an API create, by the names of the creators, for the paths that are wanted."""
    found: dict[str, Thing] = {}
    for name in api.names:
        method, _, path = name.partition(" ")
        last = path.rstrip("/").rpartition("/")[2]
        if not (last.startswith("{") and last.endswith("}")) or method not in _METHODS or not is_wanted(path):
            continue
        endpoint = api.known.get(name)
        made = requests.creators.of_path(endpoint, last[1:-1]) if endpoint is not None else None
        if endpoint is None or made is None:
            continue
        creator, pointer = made
        thing = found.setdefault(creator.name, Thing(creator, pointer, {}, last[1:-1]))
        if (thing.pointer, thing.parameter) == (pointer, last[1:-1]):
            thing.items.setdefault(endpoint.method, endpoint)
    for name in api.names:
        method, _, path = name.partition(" ")
        if method == "POST" and name not in found and f"GET {path}" in api.names and is_wanted(path):
            listed = _listed_alone(requests, api.known.get(name))
            if listed is not None:
                found[name] = listed
    return found


def _listed_alone(requests: Requests, creator: Endpoint | None) -> Thing | None:
    """Return the thing of an endpoint that creates what can be listed, and not be read alone, such as comments."""
    if creator is None or "201" not in creator.responses:
        return None
    named = Parameter.of_path("id", True)  # noqa: FBT003 - a schema
    for base, properties in requests.creators.answered(creator):
        field = next((each for each in ("id", "uuid", "key") if each in properties), None)
        if field is not None and fits_path(properties[field], named, requests.values):
            return Thing(creator, f"{base}/{field}", {}, "")
    return _known_by_text(requests, creator) if "{" in creator.path else None


def _known_by_text(requests: Requests, creator: Endpoint) -> Thing | None:
    """Return the thing of an endpoint that answers with no id: in one that is new, a text tells it apart."""
    body, creators = creator.json_body, requests.creators
    written = creators.fields(body.schema) if body is not None else {}
    for base, fields in creators.answered(creator):
        for name, schema in written.items():
            if name in fields and creators.is_text(schema):
                return Thing(creator, f"{base}/{pointer_part(name)}", {}, "", by_text=True)
    return None


def versions(endpoint: Endpoint, requests: Requests) -> list[str]:
    """Return the fields of an update with the version that the caller has seen: the answer has the next one."""
    stated = endpoint.json_body if endpoint.method in ("PUT", "PATCH") else None
    fields = requests.creators.fields(stated.schema) if stated is not None else {}
    versions = [name for name in fields if _VERSION.fullmatch(snake(name))]
    return [name for name in versions if types_of(requests.creators.shape(fields[name])) == ["integer"]]


class Life:
    """Make the cases of one thing."""

    def __init__(self, thing: Thing, requests: Requests) -> None:
        self.thing = thing
        self.requests = requests
        self.values = requests.values
        self.own_id = f"/body/{pointer_part(thing.id_field)}"

    # --- steps ------------------------------------------------------------------------------------------

    def create(
        self,
        *,
        size: Any = "full",  # noqa: ANN401 - a size of values
        changes: int = 0,
        name: str = MADE,
        setup: bool = True,
        again: bool = False,
    ) -> list[Step]:
        """Return the steps that create a thing; one with `changes` differs from one without.

        With `again` it is one more in the same place, so what its path names is there already.
        """
        creator = self.thing.creator
        size = "minimal" if self.thing.by_text else size
        request = self._little(creator, self.requests.valid(creator, size))
        for _ in range(changes):
            request = self.changed(creator, request)
        before = self.requests.setup(creator)
        step = Step(
            request=request,
            expected=expected.succeeded(creator, known=before.complete),
            save={name: self.thing.pointer},
            use=self.requests.uses(creator, request),
            setup=setup,
            record="new",
        )
        first = [each for each in before.steps if not (again and each.save and all(map(_IN_PATH.match, each.save)))]
        return [*first, step]

    def _little(self, creator: Endpoint, request: Request) -> Request:
        """Return a request that takes little, where something had to be filled for it: it may be sent several times."""
        amounts = self.requests.amounts(creator)
        least = self.requests.valid(creator, "minimal").body
        if not is_object(request.body) or all(step.save for step in self.requests.setup(creator).steps):
            return request
        little = {name: value for name, value in least.items() if name in amounts} if is_object(least) else {}
        return request.model_copy(update={"body": {**request.body, **little}})

    def several(self, *names: str, changes: Sequence[int] = ()) -> list[Step]:
        """Return the steps that create some things in the same place; those with `changes` differ from the others."""
        counts = [*changes, *([0] * len(names))]
        return [
            step for at, name in enumerate(names) for step in self.create(name=name, changes=counts[at], again=at > 0)
        ]

    def item(self, method: str, request: Request | None = None, **more: Any) -> Step:  # noqa: ANN401
        """Return the step of an endpoint for the thing that was made."""
        endpoint = self.thing.items[method]
        request = request or self.requests.valid(endpoint, "minimal")
        use = {path_pointer(self.thing.parameter): MADE}
        if is_object(request.body) and self.thing.id_field in request.body:
            use[self.own_id] = MADE  # else it would have another one from then on
        theirs = self.requests.setup(self.thing.creator).use
        for pointer in self.requests.uses(endpoint, request):
            if pointer not in use and pointer in theirs:
                use[pointer] = theirs[pointer]
            elif pointer not in use:
                raise NoValueError("what else the request names")
        for parameter in endpoint.of("path"):
            if path_pointer(parameter.name) not in use:
                raise NoValueError("all that the path names")
        return Step(request=request, expected=more.pop("expected", expected.succeeded(endpoint)), use=use, **more)

    def below(self, endpoint: Endpoint) -> Step:
        """Return the step of an endpoint below the thing that was made. Raises `NoValueError` if it names more."""
        step = self.requests.step(endpoint, use=self.path_use())
        if any(pointer not in step.use for pointer in self.requests.uses(endpoint, step.request)):
            raise NoValueError("all that it names")
        return step

    @staticmethod
    def last(step: Step, **more: Any) -> Step:  # noqa: ANN401
        """Return a creation as what is tried, of which nothing is needed later, with other values of its fields."""
        return step.model_copy(update={"save": {}, "setup": False, **more})

    @staticmethod
    def with_body(step: Step, body: Any, **more: Any) -> Step:  # noqa: ANN401
        """Return a step with another body, and with other values of its fields."""
        return step.model_copy(update={"request": step.request.model_copy(update={"body": body}), **more})

    def another_parent(self) -> Iterator[tuple[str, Step]]:
        """Yield where a path names what the thing is in, and the step that creates another one: `elsewhere`."""
        theirs = self.requests.setup(self.thing.creator)
        own = [each for each in theirs.use.items() if each[0].startswith(PATH_VALUES)]
        parents = [step for step in theirs.steps if len(own) == 1 and own[0][1] in step.save and not step.use]
        if len(parents) == 1:
            pointer, variable = own[0]
            yield pointer, parents[0].model_copy(update={"save": {"elsewhere": parents[0].save[variable]}})

    def path_use(self) -> dict[str, str]:
        """Return the kept values that the path of the thing takes, for an endpoint below it."""
        return {pointer: name for pointer, name in self.item("GET").use.items() if pointer.startswith(PATH_VALUES)}

    def case(self, of: str | Endpoint, name: str, steps: list[Step], why: str, category: Category = "values") -> Case:
        """Return a case of an endpoint, or of that for the thing with a method; `LIST` is that of its last step."""
        endpoint = self.endpoint(of) if isinstance(of, str) else of
        named = endpoint.name if endpoint is not None else steps[-1].request.endpoint
        return Case(name=name, category=category, endpoint=named, steps=steps, why=why)

    def endpoint(self, method: str) -> Endpoint | None:
        """Return the endpoint that creates the thing, `POST`, or another one for it."""
        return self.thing.creator if method == "POST" else self.thing.items.get(method)

    def written(self, endpoint: Endpoint) -> Schema:
        """Return the fields of the JSON that an endpoint takes."""
        return self.properties(endpoint.json_body.schema) if endpoint.json_body is not None else {}

    def properties(self, schema: AnySchema) -> Schema:
        """Return the properties of an object's schema."""
        return self.requests.creators.fields(schema)

    def answer_with(self, endpoint: Endpoint, body: AnySchema) -> tuple[str, Schema]:
        """Return where an answer has the thing, and its fields: the object with most of the fields of a body."""
        sent = self.properties(body).keys()
        objects = self.requests.creators.answered(endpoint)
        return max(objects, key=lambda each: len(sent & each[1].keys()), default=_NO_ANSWER)

    def answer_of(self, endpoint: Endpoint) -> tuple[str, Schema]:
        """Return where an answer has the thing, and its fields, by the body that creates it."""
        bodies = self.thing.creator.bodies
        return self.answer_with(endpoint, bodies[0].schema if bodies else True)

    def sent(self, endpoint: Endpoint, body: Any) -> list[Check]:  # noqa: ANN401
        """Return the check that an answer has the fields of a body, those that it documents in the same form."""
        if self.thing.creator.json_body is None or not is_object(body):
            return []
        base, properties = self.answer_of(endpoint)
        own = self.thing.creator.json_body.schema
        needs = {**self.requests.fields.needs(own, properties), **self.requests.fields.needs(own)}
        counted = {name for each in self.thing.items.values() for name in versions(each, self.requests)}
        fields = [
            name
            for name, value in body.items()
            if name in properties
            and name not in counted
            and (name not in needs or needs[name].holds(body))
            and self._comes_back(properties[name], value)
        ]
        return [Check(kind="sent", pointer=base, fields=fields)] if fields else []

    def _comes_back(self, schema: AnySchema, value: Any) -> bool:  # noqa: ANN401
        shape = self.requests.creators.object_of(schema)
        hidden = any(is_object(each) and (each.get("writeOnly") or each.get("readOnly")) for each in (shape, schema))
        return not hidden and self.values.fits(schema, value)

    def changed(self, endpoint: Endpoint, request: Request) -> Request:
        """Return a request with other values in its body, as far as its schema has others."""
        stated = next((each for each in endpoint.bodies if each.kind == request.body_kind), None)
        if stated is None or not is_object(request.body):
            return request
        body: dict[str, Any] = dict(request.body)
        named = self.requests.uses(endpoint, request)
        for name, schema in self.properties(stated.schema).items():
            kept = (self.thing.by_text and name != self.thing.id_field) or name in versions(endpoint, self.requests)
            if name in body and not kept and f"/body/{pointer_part(name)}" not in named:
                changed = {**body, name: self.other(schema, body[name])}
                if self.values.fits(stated.schema, changed):
                    body = changed
        return request.model_copy(update={"body": in_order(body, lambda each: self.values.fits(stated.schema, each))})

    def other(self, schema: AnySchema, value: Any) -> Any:  # noqa: ANN401 - plain data
        """Return another value that fits, or the same."""
        shape = self.requests.creators.object_of(schema)
        options = self.requests.creators.listed(schema)
        if is_list(value) and value and is_object(shape):
            options = [[self.other(shape.get("items", True), value[0]), *value[1:]]]
        if isinstance(value, bool):
            options = [not value]
        elif not options and isinstance(value, int | float) and is_object(shape):
            step = shape.get("multipleOf", 1)
            options = [12.34] if types_of(shape) == ["number"] else []
            options += [value + step, value - step]
        elif not options and isinstance(value, str) and is_object(shape):
            form = shape.get("format")
            past = told_past(self.requests.creators.told(schema))
            options = (
                [_OTHER_TEXTS[form].replace("2031-", "2021-" if past else "2031-")]
                if form in _OTHER_TEXTS
                else []
                if form
                else [f"{value} B", f"{value}b", f"{value[:-1]}b", f"{value}2"]
            )
        return next((each for each in options if each != value and self.values.fits(schema, each)), value)
