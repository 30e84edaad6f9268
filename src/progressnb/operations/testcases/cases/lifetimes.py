"""The life of a thing: what was sent comes back, an update is seen, what was deleted is gone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.creators import NUMBERS
from progressnb.operations.testcases.cases.foundation import needed
from progressnb.operations.testcases.cases.makers import cases_of
from progressnb.operations.testcases.cases.robustness import in_other_letters
from progressnb.operations.testcases.cases.things import MADE, Life
from progressnb.operations.testcases.cases.told import CREATED, NAMES, told_any_case
from progressnb.operations.testcases.schemas import Check, Request
from progressnb.operations.testcases.spec.json_schema import NULL_AT_FIRST, types_but_null
from progressnb.operations.testcases.spec.plain import is_object, pointer_part, snake
from progressnb.operations.testcases.values.serialization import fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.cases.things import Thing
    from progressnb.operations.testcases.schemas import Case, Step
    from progressnb.operations.testcases.spec.endpoints import Endpoint
    from progressnb.operations.testcases.spec.json_schema import Schema

__all__ = ["lifetime_cases"]

_UNIQUE = "409 is documented for what is there already."
_ODD_NUMBER = 987_654
_CHANGED = re.compile(r"(last_?)?(updated|modified|changed)(_?(at|on|time))?|last_?(update|change)", re.IGNORECASE)
_MOST_LISTED = 12
"""Values of an enum that are tried."""


def lifetime_cases(thing: Thing, requests: Requests) -> Iterator[Case]:
    """Yield the cases about the values of a thing. What no value can be made for is left out."""
    life = _Lifetimes(thing, requests)
    yield from cases_of(
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
        life.taken,
    )


class _Lifetimes(Life):
    """Make the cases about the values of one thing."""

    def read(self) -> Iterator[Case]:
        """Create, and read: each value that was sent comes back."""
        if "GET" in self.thing.items:
            made = self.create(changes=1)
            checks = self.sent(self.thing.items["GET"], made[-1].request.body)
            steps = [*made, self.item("GET", checks=checks)]
            yield self.case("GET", "what was created can be read", steps, "What was sent comes back.")
            made = self.create()
            body = in_other_letters(made[-1].request.body, self.thing.creator, self.requests)
            if body is not None:
                made[-1].request.body = body
                steps = [*made, self.item("GET", checks=self.sent(self.thing.items["GET"], body))]
                yield self.case("GET", "other letters can be read", steps, "What was sent comes back.")
        made = self.create(setup=False)
        made[-1].checks = self.sent(self.thing.creator, made[-1].request.body)
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
        times = {"created": CREATED, "changed": _CHANGED}
        there = [name for name, schema in properties.items() if not self.values.fits(schema, None)]
        kept = ((key, name) for key, words in times.items() for name in there if words.fullmatch(snake(name)))
        return self.item("GET", save={key: f"{base}/{pointer_part(name)}" for key, name in kept})

    def _unmoved(self, read: Step) -> Step:
        """Return a step that reads a thing after it was changed: it was created when it was, and changed later."""
        for key, pointer in self._seen().save.items():
            kind, name = ("equals", "") if key == "created" else ("differs", "a time")
            read.checks = [*read.checks, Check(kind=kind, pointer=pointer, variable=key, name=name)]
        return read

    def _put(self) -> list[Step]:
        endpoint = self.thing.items["PUT"]
        request = self.changed(endpoint, self.requests.valid(endpoint, "full"))
        change = self.item("PUT", request, record="new", checks=self.sent(endpoint, request.body))
        return [change, self.item("GET", checks=self.sent(self.thing.items["GET"], request.body))]

    def put_twice(self) -> Iterator[Case]:
        if {"PUT", "GET"} <= self.thing.items.keys():
            made = self.create()
            change, read = self._put()
            again = change.model_copy(update={"same": 1})
            why = "PUT is idempotent: the second time changes nothing more."
            yield self.case("PUT", "the same update twice", [*made, change, again, read], why)

    def patch(self) -> Iterator[Case]:
        """Change one field: it is seen, and the others stay."""
        if not {"PATCH", "GET"} <= self.thing.items.keys():
            return
        endpoint, made = self.thing.items["PATCH"], self.create()
        for name, value in self._one_by_one(endpoint, made[-1].request.body):
            request = self.requests.valid(endpoint, "minimal")
            fill(request, endpoint.bodies[0], {name: value})
            whole = {**made[-1].request.body, name: value} if is_object(made[-1].request.body) else {name: value}
            checks = self.sent(endpoint, whole)
            change = self.item("PATCH", request, record="part", checks=checks)
            read = self.item("GET", checks=self.sent(self.thing.items["GET"], whole))
            why = "What was changed is read then, and all else is as it was."
            steps = [*made, self._seen(), change, self._unmoved(read)]
            title = f"{name} alone is changed" if value is not None else f"{name} alone becomes null"
            yield self.case("PATCH", title, steps, why)

    def _one_by_one(self, endpoint: Endpoint, body: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
        """Yield fields that PATCH can change alone, each with another value, and with null where it may be that."""
        stated = endpoint.json_body
        if stated is None or not is_object(body):
            return
        properties = self.properties(stated.schema)
        others = {self.own_id, *(pointer for pointer, _, _ in self.requests.creators.references(endpoint))}
        for name, value in body.items():
            if name in properties and f"/body/{pointer_part(name)}" not in others:
                new = self.other(properties[name], value)
                for each in (new, None) if value is not None else (new,):
                    if self.values.fits(stated.schema, {name: each}):
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
            endpoint = self.endpoint(method)
            answered = endpoint if method == "POST" else self.thing.items.get("GET")
            if endpoint is None or answered is None or endpoint.json_body is None:
                continue
            base, properties = self.answer_with(answered, endpoint.json_body.schema)
            own = self._own_values(properties)
            request = self.requests.valid(endpoint, "minimal" if method == "PATCH" else "full")
            if not own or not is_object(request.body):
                continue
            request.body = {**request.body, **own}
            checks = [
                Check(kind="differs", pointer=f"{base}/{pointer_part(name)}", value=each) for name, each in own.items()
            ]
            statuses = [*expected.succeeded(endpoint), "400", "422", "4XX"]
            if method == "POST":
                steps = self.create(setup=False)
                steps[-1] = self.last(steps[-1], request=request, expected=statuses, checks=checks)
            else:
                write = self.item(method, request, expected=statuses)
                steps = [*self.create(), write, self.item("GET", checks=checks)]
            yield self.case(method, "what only the server writes", steps, "It is marked as readOnly.")

    def _own_values(self, properties: Schema) -> dict[str, Any]:
        """Return values of readOnly fields that no server gives by itself."""
        own: dict[str, Any] = {}
        for name, schema in properties.items():
            shape = self.requests.creators.shape(schema)
            if not any(is_object(each) and each.get("readOnly") for each in (shape, schema)):
                continue
            kinds, form = types_but_null(shape), shape.get("format")
            values: dict[Any, Any] = {
                "uuid": "00000000-0000-4000-8000-000000000001",
                "date-time": "2001-02-03T04:05:06Z",
            }
            value = values.get(form, "of-the-caller" if form is None else None) if kinds == ["string"] else None
            value = _ODD_NUMBER if kinds in NUMBERS else value
            if value is not None and self.values.fits(schema, value) and "enum" not in shape:
                own[name] = value
        return own

    def defaults(self) -> Iterator[Case]:
        """Leave out what has a default: the answer has it."""
        creator, stated = self.thing.creator, self.thing.creator.json_body
        steps = self.create(size="minimal", setup=False)
        body = steps[-1].request.body
        if stated is None or not is_object(body):
            return
        base, answered = self.answer_with(creator, stated.schema)
        for name, schema in self.properties(stated.schema).items():
            default = self.requests.creators.shape(schema).get("default")
            if name not in body and name in answered and default not in (None, [], {}):
                steps[-1].checks.append(Check(kind="equals", pointer=f"{base}/{pointer_part(name)}", value=default))
        for name, schema in answered.items():
            if name not in body and is_object(schema) and NULL_AT_FIRST in schema:
                steps[-1].checks.append(Check(kind="equals", pointer=f"{base}/{pointer_part(name)}"))
        if steps[-1].checks:
            yield self.case("POST", "defaults", steps, "The specification says what is taken where nothing is sent.")

    def listed(self) -> Iterator[Case]:
        """Send each value that an enum lists, and null where a field may be that: it comes back."""
        creator, stated = self.thing.creator, self.thing.creator.json_body
        steps = self.create(setup=False)
        body = steps[-1].request.body
        if stated is None or not is_object(body):
            return
        for name, schema in self.properties(stated.schema).items():
            listed = self.requests.creators.listed(schema)[:_MOST_LISTED]
            for value in [*listed, *([None] if None not in listed else [])]:
                changed = self.requests.fields.completed(stated, {**body, name: value})
                if value == body.get(name) or not self.values.fits(stated.schema, changed):
                    continue
                made = self.with_body(steps[-1], changed, checks=self.sent(creator, changed))
                word = "null" if value is None else value
                why = "It may be null." if value is None else "It is listed."
                yield self.case("POST", f"body at /{name}: {word}", [*steps[:-1], made], why)

    def unique(self) -> Iterator[Case]:
        if self.thing.creator.name in self.requests.promises.unique:
            steps = self.create()
            steps.append(self.last(steps[-1], same=1, expected=["409"]))
            yield self.case("POST", "the same thing twice", steps, _UNIQUE)

    def taken(self) -> Iterator[Case]:
        """Give a thing what another one has, where that must be unique: by a change, or in other letters."""
        unique, creator = self.requests.promises.unique, self.thing.creator
        for method in ("PUT", "PATCH") if creator.name in unique else ():
            endpoint = self.thing.items.get(method)
            by_state = endpoint is not None and endpoint.name in self.requests.promises.by_state
            if endpoint is not None and endpoint.name in unique and endpoint.json_body is not None and not by_state:
                first, second = self.create(name="first"), self.create(again=True)
                known = self.written(endpoint)
                body = first[-1].request.body
                request = self.requests.valid(endpoint, "minimal")
                request.body = {name: each for name, each in body.items() if name in known} if is_object(body) else {}
                if self.values.fits(endpoint.json_body.schema, request.body):
                    change = self.item(method, request, expected=["409"])
                    steps = needed([*first, *second], change)  # how far the values are away depends on what stays
                    change.same = len(steps) - next(at for at, each in enumerate(steps) if each is first[-1])
                    yield self.case(method, "to what another one has", [*steps, change], _UNIQUE)
        if creator.name in unique and told_any_case(self.requests.promises.told(creator.name)):
            yield from self._in_capitals()

    def _in_capitals(self) -> Iterator[Case]:
        base, answered = self.answer_of(self.thing.creator)
        steps = self.create()
        body = steps[-1].request.body
        for name in (each for each in NAMES if is_object(body) and each in body and each in answered):
            steps[-1].save["taken"] = f"{base}/{pointer_part(name)}|upper"
            again = self.last(steps[-1], expected=["409"])
            again.use = {**again.use, f"/body/{pointer_part(name)}": "taken"}
            yield self.case("POST", f"the same {name} in capital letters", [*steps, again], _UNIQUE)
            return
