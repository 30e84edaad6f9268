"""The life of a thing: what was sent comes back, an update is seen, what was deleted is gone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.pairs import in_order
from progressnb.operations.testcases.cases.requests import path_pointer
from progressnb.operations.testcases.cases.robustness import in_other_letters
from progressnb.operations.testcases.schemas import Case, Check, Request, Step
from progressnb.operations.testcases.spec.json_schema import types_of
from progressnb.operations.testcases.spec.plain import is_list, is_object, list_at, pointer_part
from progressnb.operations.testcases.values.scalars import NoValueError
from progressnb.operations.testcases.values.serialization import fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.schemas import Category
    from progressnb.operations.testcases.spec.endpoints import Endpoint
    from progressnb.operations.testcases.spec.json_schema import AnySchema, Schema

__all__ = ["MADE", "Thing", "lifetime_cases", "things"]

MADE = "made"
"""The variable with the id of what a case made."""

_OTHER_TEXTS = {"date": "2031-05-06", "date-time": "2031-05-06T07:08:09Z", "time": "07:08:09Z"}
_ODD_NUMBER = 987_654
_CREATED = re.compile(r"created(_?(at|on|date|time))?|creation_?(date|time)|date_?created", re.IGNORECASE)
_MOST_LISTED = 12
"""Values of an enum that are tried."""


@dataclass(frozen=True)
class Thing:
    """What an endpoint creates, and the endpoints for one such thing.

    Attributes:
        creator: The endpoint that creates it.
        pointer: The place of its id in the answer of the creator.
        items: The endpoints for one, by method.
        parameter: The path parameter of those that takes the id.

    """

    creator: Endpoint
    pointer: str
    items: dict[str, Endpoint]
    parameter: str

    @property
    def id_field(self) -> str:
        """The name of the field that is the id."""
        return self.pointer.rpartition("/")[2] if self.pointer.startswith("/") else "id"


def things(requests: Requests, endpoints: dict[str, Endpoint]) -> dict[str, Thing]:
    """Return what the endpoints of an API create, by the names of the creators."""
    found: dict[str, Thing] = {}
    for endpoint in endpoints.values():
        *_, last = endpoint.path.rstrip("/").rsplit("/", 1)
        if not (last.startswith("{") and last.endswith("}")) or endpoint.method not in (
            "GET",
            "PUT",
            "PATCH",
            "DELETE",
        ):
            continue
        made = requests.creators.of_path(endpoint, last[1:-1])
        if made is None:
            continue
        creator, pointer = made
        thing = found.setdefault(creator.name, Thing(creator, pointer, {}, last[1:-1]))
        if (thing.pointer, thing.parameter) == (pointer, last[1:-1]):
            thing.items.setdefault(endpoint.method, endpoint)
    return found


def lifetime_cases(thing: Thing, requests: Requests) -> Iterator[Case]:
    """Yield the cases about the values of a thing. What no value can be made for is left out."""
    life = Life(thing, requests)
    for cases in (
        life.read,
        life.located,
        life.put,
        life.put_twice,
        life.patch,
        life.delete,
        life.kept,
        life.defaults,
        life.listed,
        life.unique,
    ):
        try:
            yield from cases()
        except NoValueError:
            continue


class Life:
    """Make the cases of one thing."""

    def __init__(self, thing: Thing, requests: Requests) -> None:
        self.thing = thing
        self._requests = requests
        self._values = requests.values

    # --- steps ------------------------------------------------------------------------------------------

    def create(self, *, size: Any = "full", changes: int = 0, name: str = MADE, setup: bool = True) -> list[Step]:  # noqa: ANN401
        """Return the steps that create a thing; one with `changes` differs from one without."""
        creator = self.thing.creator
        request = self._requests.valid(creator, size)
        for _ in range(changes):
            request = self._changed(creator, request)
        before = self._requests.setup(creator)
        step = Step(
            request=request,
            expected=expected.succeeded(creator, known=before.complete),
            save={name: self.thing.pointer},
            use=self._requests.uses(creator, request),
            setup=setup,
            record="new",
        )
        return [*before.steps, step]

    def item(self, method: str, request: Request | None = None, **more: Any) -> Step:  # noqa: ANN401
        """Return the step of an endpoint for the thing that was made."""
        endpoint = self.thing.items[method]
        request = request or self._requests.valid(endpoint, "minimal")
        use = {path_pointer(self.thing.parameter): MADE}
        theirs = self._requests.setup(self.thing.creator).use
        for pointer in self._requests.uses(endpoint, request):
            if pointer not in use and pointer in theirs:
                use[pointer] = theirs[pointer]
            elif pointer not in use:
                raise NoValueError("what else the request names")
        for parameter in endpoint.of("path"):
            if path_pointer(parameter.name) not in use:
                raise NoValueError("all that the path names")
        return Step(request=request, expected=more.pop("expected", expected.succeeded(endpoint)), use=use, **more)

    def read(self) -> Iterator[Case]:
        """Create, and read: each value that was sent comes back."""
        if "GET" in self.thing.items:
            made = self.create(changes=1)
            checks = self._sent(self.thing.items["GET"], made[-1].request.body)
            steps = [*made, self.item("GET", checks=checks)]
            yield self.case("GET", "what was created can be read", steps, "What was sent comes back.")
            made = self.create()
            body = in_other_letters(made[-1].request.body, self.thing.creator, self._requests)
            if body is not None:
                made[-1].request.body = body
                steps = [*made, self.item("GET", checks=self._sent(self.thing.items["GET"], body))]
                yield self.case("GET", "other letters can be read", steps, "What was sent comes back.")
        made = self.create(setup=False)
        made[-1].checks = self._sent(self.thing.creator, made[-1].request.body)
        if made[-1].checks:
            yield self.case("POST", "creation answers what was sent", made, "What was sent comes back.")

    def located(self) -> Iterator[Case]:
        if "GET" in self.thing.items and self.thing.pointer.startswith("/"):
            made = self.create(setup=False)
            get = self.thing.items["GET"]
            follow = Request(endpoint=get.name, method="GET", path="", security=list(get.security)).model_dump()
            made[-1].checks = [Check(kind="located", pointer=self.thing.pointer, variable=MADE, value=follow)]
            yield self.case("POST", "Location leads to what was created", made, "The header says where it is.")

    def put(self) -> Iterator[Case]:
        if {"PUT", "GET"} <= self.thing.items.keys():
            # It is read before, too: an answer may be kept for later.
            change, read = self._put()
            steps = [*self.create(), self._seen(), change, self._unmoved(read)]
            yield self.case("PUT", "an update is seen", steps, "What was changed is read then.")

    def _seen(self) -> Step:
        """Return the step that reads a thing before it is changed, and keeps when it was created."""
        base, properties = self.answer_of(self.thing.items["GET"])
        made = next((name for name in properties if _CREATED.fullmatch(name)), None)
        return self.item("GET", save={"created": f"{base}/{pointer_part(made)}"} if made is not None else {})

    def _unmoved(self, read: Step) -> Step:
        """Return a step that reads a thing after it was changed: it was created when it was."""
        for pointer in self._seen().save.values():
            read.checks = [*read.checks, Check(kind="equals", pointer=pointer, variable="created")]
        return read

    def _put(self) -> list[Step]:
        endpoint = self.thing.items["PUT"]
        request = self._changed(endpoint, self._requests.valid(endpoint, "full"))
        change = self.item("PUT", request, record="new", checks=self._sent(endpoint, request.body))
        return [change, self.item("GET", checks=self._sent(self.thing.items["GET"], request.body))]

    def put_twice(self) -> Iterator[Case]:
        if {"PUT", "GET"} <= self.thing.items.keys():
            made = self.create()
            change, read = self._put()
            again = change.model_copy(update={"same": len(made)})
            why = "PUT is idempotent: the second time changes nothing more."
            yield self.case("PUT", "the same update twice", [*made, change, again, read], why)

    def patch(self) -> Iterator[Case]:
        """Change one field: it is seen, and the others stay."""
        if not {"PATCH", "GET"} <= self.thing.items.keys():
            return
        endpoint, made = self.thing.items["PATCH"], self.create()
        for name, value in self._one_by_one(endpoint, made[-1].request.body):
            request = self._requests.valid(endpoint, "minimal")
            fill(request, endpoint.bodies[0], {name: value})
            whole = {**made[-1].request.body, name: value} if is_object(made[-1].request.body) else {name: value}
            checks = self._sent(endpoint, whole)
            change = self.item("PATCH", request, record="part", checks=checks)
            read = self.item("GET", checks=self._sent(self.thing.items["GET"], whole))
            why = "What was changed is read then, and all else is as it was."
            steps = [*made, self._seen(), change, self._unmoved(read)]
            title = f"{name} alone is changed" if value is not None else f"{name} alone becomes null"
            yield self.case("PATCH", title, steps, why)

    def _one_by_one(self, endpoint: Endpoint, body: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
        """Yield fields that PATCH can change alone, each with another value, and with null where it may be that."""
        stated = endpoint.bodies[0] if endpoint.bodies else None
        if stated is None or stated.kind != "json" or not is_object(body):
            return
        properties = self._properties(stated.schema)
        others = {pointer for pointer, _, _ in self._requests.creators.references(endpoint)}
        for name, value in body.items():
            if name in properties and f"/body/{pointer_part(name)}" not in others:
                new = self._other(properties[name], value)
                for each in (new, None) if value is not None else (new,):
                    if self._values.fits(stated.schema, {name: each}):
                        yield name, each

    def delete(self) -> Iterator[Case]:
        if "DELETE" not in self.thing.items or expected.succeeded(self.thing.items["DELETE"]) == ["202"]:
            return
        if "GET" in self.thing.items:
            gone = self.item("GET", expected=expected.not_found(self.thing.items["GET"]))
            steps = [*self.create(), self.item("DELETE"), gone]
            yield self.case("DELETE", "what was deleted is gone", steps, "It can't be read any more.")
        endpoint = self.thing.items["DELETE"]
        statuses = [*expected.not_found(endpoint), *expected.succeeded(endpoint)]
        statuses = statuses if "4XX" in statuses else [*statuses, "404", "410"]
        steps = [*self.create(), self.item("DELETE"), self.item("DELETE", expected=list(dict.fromkeys(statuses)))]
        yield self.case(
            "DELETE", "deleted twice", steps, "The second time it is not there; that is no fault of the server."
        )

    def kept(self) -> Iterator[Case]:
        """Send what only the server writes: it is refused or ignored."""
        for method in ("POST", "PUT", "PATCH"):
            endpoint = self.thing.creator if method == "POST" else self.thing.items.get(method)
            answered = endpoint if method == "POST" else self.thing.items.get("GET")
            if endpoint is None or answered is None or not endpoint.bodies or endpoint.bodies[0].kind != "json":
                continue
            base, properties = self._answer(answered, endpoint.bodies[0].schema)
            own = self._own_values(properties)
            request = self._requests.valid(endpoint, "minimal" if method == "PATCH" else "full")
            if not own or not is_object(request.body):
                continue
            request.body = {**request.body, **own}
            checks = [
                Check(kind="differs", pointer=f"{base}/{pointer_part(name)}", value=each) for name, each in own.items()
            ]
            statuses = [*expected.succeeded(endpoint), "400", "422", "4XX"]
            if method == "POST":
                steps = self.create(setup=False)
                steps[-1] = steps[-1].model_copy(
                    update={"request": request, "expected": statuses, "save": {}, "checks": checks}
                )
            else:
                write = self.item(method, request, expected=statuses)
                steps = [*self.create(), write, self.item("GET", checks=checks)]
            yield self.case(method, "what only the server writes", steps, "It is marked as readOnly.")

    def _own_values(self, properties: Schema) -> dict[str, Any]:
        """Return values of readOnly fields that no server gives by itself."""
        own: dict[str, Any] = {}
        for name, schema in properties.items():
            shape = self._requests.creators.object_of(schema)
            if not is_object(shape) or not (shape.get("readOnly") or (is_object(schema) and schema.get("readOnly"))):
                continue
            kinds, form = [each for each in types_of(shape) if each != "null"], shape.get("format")
            values: dict[Any, Any] = {
                "uuid": "00000000-0000-4000-8000-000000000001",
                "date-time": "2001-02-03T04:05:06Z",
            }
            value = values.get(form, "of-the-caller" if form is None else None) if kinds == ["string"] else None
            value = _ODD_NUMBER if kinds in (["integer"], ["number"]) else value
            if value is not None and self._values.fits(schema, value) and "enum" not in shape:
                own[name] = value
        return own

    def defaults(self) -> Iterator[Case]:
        """Leave out what has a default: the answer has it."""
        creator = self.thing.creator
        steps = self.create(size="minimal", setup=False)
        body = steps[-1].request.body
        if not creator.bodies or creator.bodies[0].kind != "json" or not is_object(body):
            return
        base, answered = self._answer(creator, creator.bodies[0].schema)
        for name, schema in self._properties(creator.bodies[0].schema).items():
            shape = self._requests.creators.object_of(schema)
            default = shape.get("default") if is_object(shape) else None
            if name not in body and name in answered and default not in (None, [], {}):
                steps[-1].checks.append(Check(kind="equals", pointer=f"{base}/{pointer_part(name)}", value=default))
        if steps[-1].checks:
            yield self.case("POST", "defaults", steps, "The specification says what is taken where nothing is sent.")

    def listed(self) -> Iterator[Case]:
        """Send each value that an enum lists: it comes back."""
        creator = self.thing.creator
        steps = self.create(setup=False)
        body = steps[-1].request.body
        if not creator.bodies or creator.bodies[0].kind != "json" or not is_object(body):
            return
        for name, schema in self._properties(creator.bodies[0].schema).items():
            shape = self._requests.creators.object_of(schema)
            for value in (list_at(shape, "enum") if is_object(shape) else [])[:_MOST_LISTED]:
                changed = {**body, name: value}
                if value == body.get(name) or not self._values.fits(creator.bodies[0].schema, changed):
                    continue
                request = steps[-1].request.model_copy(update={"body": changed})
                made = steps[-1].model_copy(update={"request": request, "checks": self._sent(creator, changed)})
                yield self.case("POST", f"body at /{name}: {value}", [*steps[:-1], made], "It is listed.")

    def unique(self) -> Iterator[Case]:
        if self.thing.creator.name in self._requests.promises.unique:
            steps = self.create()
            again = steps[-1].model_copy(
                update={"same": len(steps) - 1, "expected": ["409"], "save": {}, "setup": False}
            )
            why = "409 is documented for what is there already."
            yield self.case("POST", "the same thing twice", [*steps, again], why)

    # --- values -----------------------------------------------------------------------------------------

    def case(self, method: str, name: str, steps: list[Step], why: str, category: Category = "values") -> Case:
        """Return a case of an endpoint of the thing; `LIST` is the endpoint of its last step."""
        endpoint = self.thing.creator if method == "POST" else self.thing.items.get(method)
        named = endpoint.name if endpoint is not None else steps[-1].request.endpoint
        return Case(id="", name=name, category=category, endpoint=named, steps=steps, why=why, source="foundation")

    def _properties(self, schema: AnySchema) -> Schema:
        return self._requests.creators.properties(self._requests.creators.object_of(schema))

    def _answer(self, endpoint: Endpoint, body: AnySchema) -> tuple[str, Schema]:
        """Return where an answer has the thing, and its fields: the object with most of the fields of a body."""
        sent = self._properties(body).keys()
        objects = [
            each
            for schema in self._requests.creators.answers(endpoint)
            for each in self._requests.creators.objects(schema)
        ]
        return max(objects, key=lambda each: len(sent & each[1].keys()), default=("", {}))

    def answer_of(self, endpoint: Endpoint) -> tuple[str, Schema]:
        """Return where an answer has the thing, and its fields, by the body that creates it."""
        bodies = self.thing.creator.bodies
        return self._answer(endpoint, bodies[0].schema if bodies else True)

    def _sent(self, endpoint: Endpoint, body: Any) -> list[Check]:  # noqa: ANN401
        """Return the check that an answer has the fields of a body, those that it documents in the same form."""
        stated = self.thing.creator.bodies[0] if self.thing.creator.bodies else None
        if stated is None or stated.kind != "json" or not is_object(body):
            return []
        base, properties = self.answer_of(endpoint)
        fields = [
            name for name, value in body.items() if name in properties and self._comes_back(properties[name], value)
        ]
        return [Check(kind="sent", pointer=base, fields=fields)] if fields else []

    def _comes_back(self, schema: AnySchema, value: Any) -> bool:  # noqa: ANN401
        shape = self._requests.creators.object_of(schema)
        hidden = any(is_object(each) and (each.get("writeOnly") or each.get("readOnly")) for each in (shape, schema))
        return not hidden and self._values.fits(schema, value)

    def _changed(self, endpoint: Endpoint, request: Request) -> Request:
        """Return a request with other values in its body, as far as its schema has others."""
        stated = next((each for each in endpoint.bodies if each.kind == request.body_kind), None)
        if stated is None or not is_object(request.body):
            return request
        body: dict[str, Any] = dict(request.body)
        named = self._requests.uses(endpoint, request)
        for name, schema in self._properties(stated.schema).items():
            if name in body and f"/body/{pointer_part(name)}" not in named:
                changed = {**body, name: self._other(schema, body[name])}
                if self._values.fits(stated.schema, changed):
                    body = changed
        return request.model_copy(update={"body": in_order(body, lambda each: self._values.fits(stated.schema, each))})

    def _other(self, schema: AnySchema, value: Any) -> Any:  # noqa: ANN401 - plain data
        """Return another value that fits, or the same."""
        shape = self._requests.creators.object_of(schema)
        options: list[Any] = list_at(shape, "enum") if is_object(shape) else []
        if is_list(value) and value and is_object(shape):
            options = [[self._other(shape.get("items", True), value[0]), *value[1:]]]
        if isinstance(value, bool):
            options = [not value]
        elif not options and isinstance(value, int | float):
            options = (
                [value + 1, value - 1, value + 0.25, value - 0.25]
                if types_of(shape) != ["integer"]
                else [value + 1, value - 1]
            )
            options = [12.34, *options] if types_of(shape) == ["number"] and value != 12.34 else options  # noqa: PLR2004
            step = shape.get("multipleOf")
            options += [value + step, value - step] if step else []
        elif not options and isinstance(value, str) and is_object(shape):
            form = shape.get("format")
            options = [_OTHER_TEXTS[form]] if form in _OTHER_TEXTS else [] if form else [f"{value} B", f"{value}b", f"{value[:-1]}b", f"{value}2"]
        return next((each for each in options if each != value and self._values.fits(schema, each)), value)
