"""The foundation cases of an endpoint. They follow from the specification alone, and are the same each time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.requests import OPAQUE, path_pointer
from progressnb.operations.testcases.cases.seen import is_seen, seen_of, without
from progressnb.operations.testcases.schemas import Case, Step
from progressnb.operations.testcases.spec.plain import is_object
from progressnb.operations.testcases.values.scalars import NoValueError
from progressnb.operations.testcases.values.serialization import fill, is_sendable, is_spread, place
from progressnb.operations.testcases.values.variants import variants

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.schemas import Category, Request
    from progressnb.operations.testcases.spec.endpoints import Body, Endpoint, Parameter
    from progressnb.operations.testcases.spec.json_schema import AnySchema

__all__ = ["MOST_CASES", "foundation_cases", "needed", "nowhere", "room_left"]

MOST_CASES = 150
"""Cases of one endpoint."""

_LARGEST = 2_000_000
"""Characters of the bodies of one endpoint's cases."""

_UNKNOWN = "application/x-unknown"
"""A media type that no specification documents."""

_CLIENTS = {"user-agent"}
"""Headers that every client sends: they can't be missing, and what they say is no matter of the API."""

# Values of ids that no server has.
_NOWHERE = {"integer": 2_000_000_011, "string": "no-such-thing-7f3a", "uuid": "00000000-0000-4000-8000-000000000000"}


def foundation_cases(endpoint: Endpoint, requests: Requests, notes: list[str]) -> list[Case]:
    """Return the foundation cases of an endpoint, without ids, and add to `notes` the parts that have no case.

    Raises `NoValueError` where no valid request can be made at all.
    """
    cases: list[Case] = []
    size = 0
    for case in _Foundation(endpoint, requests, notes).cases():
        if len(cases) >= MOST_CASES:
            notes.append(f"{endpoint.name}: only the first {MOST_CASES} cases were made.")
            break
        size += requests.values.weigh(case.request.body)
        if requests.values.is_full and not cases:
            raise NoValueError("room: the bodies of the suite are large enough")
        if cases and (requests.values.is_full or size > _LARGEST):
            notes.append(f"{endpoint.name}: only the first {len(cases)} cases were made, since their bodies are large.")
            break
        cases.append(case)
    return cases


def room_left(cases: list[Case]) -> int:
    """Return the characters of bodies that an endpoint may still have beside those of its cases."""
    return _LARGEST - sum(len(json.dumps(case.request.body)) for case in cases)


class _Foundation:
    """Make the cases of one endpoint."""

    def __init__(self, endpoint: Endpoint, requests: Requests, notes: list[str]) -> None:
        self._endpoint = endpoint
        self._requests = requests
        self._notes = notes

    def cases(self) -> Iterator[Case]:
        endpoint = self._endpoint
        minimal = self._requests.valid(endpoint, "minimal")
        yield self._valid(minimal, "valid, minimal", "The request is valid: it has only what is required.")
        try:
            full = self._requests.valid(endpoint, "full")
        except NoValueError as error:
            self._notes.append(f"{endpoint.name}: no full request for want of {error}.")
            full = minimal
        if full != minimal:
            yield self._valid(full, "valid, full", "The request is valid: it has everything that is optional, too.")
        yield from self._other_bodies()
        yield from self._named_examples(minimal, full)
        yield from self._auth(minimal)
        yield from self._not_found(minimal)
        for parameter in endpoint.parameters:
            yield from self._parameter(parameter, minimal)
        if endpoint.bodies:
            yield from self._body(endpoint.bodies[0], minimal, full)

    def _case(
        self, request: Request, name: str, category: Category, statuses: list[str], why: str, *, own_path: str = ""
    ) -> Case:
        setup = self._requests.setup(self._endpoint)
        use = self._requests.uses(self._endpoint, request)
        use.pop(own_path, None)
        step = Step(request=request, expected=statuses, use=use)
        steps = [*needed(setup.steps, step), step]
        return Case(name=name, category=category, endpoint=self._endpoint.name, steps=steps, why=why)

    def _valid(
        self, request: Request, name: str, why: str, category: Category = "valid", *, own_path: str = ""
    ) -> Case:
        of_server = any(each.required and OPAQUE.fullmatch(each.name) for each in self._endpoint.parameters)
        known = self._requests.setup(self._endpoint).complete and not own_path and not of_server
        more = "" if known else " It may not be found: nothing can be made first that its path names."
        statuses = expected.succeeded(self._endpoint, known=known)
        return self._case(request, name, category, statuses, why + more, own_path=own_path)

    def _other_bodies(self) -> Iterator[Case]:
        endpoint = self._endpoint
        for body in endpoint.bodies[1:]:
            try:
                request = self._requests.valid(endpoint, "full", body)
            except NoValueError as error:
                self._notes.append(f"{endpoint.name}: nothing of {body.media_type[:80]} for want of {error}.")
                continue
            yield self._valid(request, f"valid, as {body.media_type}", "The specification takes this media type, too.")

    def _named_examples(self, minimal: Request, full: Request) -> Iterator[Case]:
        """Yield a case for each example that has a name, but for one that is sent in the full request."""
        endpoint, values, why = self._endpoint, self._requests.values, "The specification shows it."
        for body in (each for each in endpoint.bodies if each.kind != "bytes"):
            for name, value in body.examples:
                if not values.fits_as_sent(body.schema, value) or not self._requests.is_body(body, value):
                    self._note_example(f"{name[:60]!r} of the body")
                    continue
                request = full.model_copy(deep=True)
                fill(request, body, value)
                if request != full:
                    yield self._valid(request, f"valid, the example {name[:60]!r} of the body", why)
        for parameter in endpoint.parameters:
            for name, value in parameter.examples:
                request = minimal.model_copy(deep=True)
                place(request, parameter, value)
                if not values.fits_as_sent(parameter.schema, value):
                    self._note_example(f"{name[:60]!r} of the parameter {parameter.name[:60]!r}")
                elif request != minimal and is_sendable(request):
                    what = f"valid, the example {name[:60]!r} of the {parameter.location} parameter {parameter.name}"
                    pointer = path_pointer(parameter.name) if parameter.location == "path" else ""
                    yield self._valid(request, what, why, own_path=pointer)

    def _note_example(self, which: str) -> None:
        self._notes.append(f"{self._endpoint.name}: the example {which} does not fit and is not sent.")

    def _auth(self, minimal: Request) -> Iterator[Case]:
        if not self._endpoint.security:
            return
        statuses = expected.unauthorized(self._endpoint)
        missing = minimal.model_copy(update={"auth": "missing"})
        yield self._case(missing, "without credentials", "auth", statuses, "The specification asks for them.")
        wrong = minimal.model_copy(update={"auth": "wrong"})
        yield self._case(wrong, "with wrong credentials", "auth", statuses, "They are nobody's.")

    def _not_found(self, minimal: Request) -> Iterator[Case]:
        if not expected.documents_absence(self._endpoint):
            return  # any value may be found, such as a text to echo
        is_put = self._endpoint.method == "PUT" and "201" in self._endpoint.responses
        if is_put or self._requests.creators.named_by(self._endpoint) is not None:
            return  # what is not there is made
        for parameter in reversed(self._endpoint.of("path")):
            value = nowhere(self._requests.creators.id_of(self._endpoint, parameter), self._requests)
            if value is None:
                continue
            request = minimal.model_copy(deep=True)
            place(request, parameter, value)
            why = f"There is no {parameter.name} of this value."
            statuses = expected.not_found(self._endpoint)
            if _is_any_text(parameter.schema, self._requests):
                # A server may know by its form that this is no id of its own.
                statuses += [
                    each for each in ("400", "422") if each in self._endpoint.responses and "4XX" not in statuses
                ]
            pointer = path_pointer(parameter.name)
            yield self._case(request, f"not found: {parameter.name}", "not_found", statuses, why, own_path=pointer)
            return

    # --- values that break the schema, and values at a limit ----------------------------------------

    def _parameter(self, parameter: Parameter, minimal: Request) -> Iterator[Case]:
        if parameter.location == "header" and parameter.name.casefold() in _CLIENTS:
            return
        in_path = parameter.location == "path"
        where = f"{parameter.location} parameter {parameter.name}"
        refused = expected.refused(self._endpoint, in_path=in_path)
        try:
            value = self._requests.value(parameter, "full")
        except NoValueError:
            return
        spread = is_object(value) and not parameter.as_json and is_spread(parameter.style, parameter.explode)
        if parameter.required and not in_path and not (spread and self._requests.values.fits(parameter.schema, {})):
            request = without(minimal, parameter, self._requests.value(parameter, "minimal"))
            yield self._case(request, f"{where}: missing", "required", refused, "What is missing is required.")
        textual = not parameter.as_json
        for variant in variants(parameter.schema, value, self._requests.values, textual=textual, seen=seen_of(())):
            if not is_seen(variant, parameter, value) or (variant.fits and OPAQUE.fullmatch(parameter.name)):
                continue  # of what only the server makes, none that fits its schema need be right
            request = without(minimal, parameter, value)
            place(request, parameter, variant.value)
            if not is_sendable(request):
                continue
            name = f"{where}{variant.where and f' at {variant.where}'}: {variant.what}"
            own_path = path_pointer(parameter.name) if in_path else ""
            if variant.fits:
                yield self._valid(request, name, "The schema allows it.", variant.category, own_path=own_path)
            else:
                yield self._case(request, name, variant.category, refused, "The schema forbids it.", own_path=own_path)

    def _body(self, body: Body, minimal: Request, full: Request) -> Iterator[Case]:
        yield from self._unreadable(body, minimal, full)
        if body.kind not in ("text", "bytes"):
            yield from self._other_media_type(body, full)
            yield from self._body_variants(body, full)

    def _unreadable(self, body: Body, minimal: Request, full: Request) -> Iterator[Case]:
        """Yield the cases without a body, and with one that can't be read."""
        refused = expected.refused(self._endpoint)
        if self._endpoint.body_required:
            empty = minimal.model_copy(update={"body": None, "body_kind": None, "media_type": None})
            # Nothing is of no media type, so that a server may also complain of that.
            statuses = expected.unsupported(self._endpoint)
            yield self._case(empty, "body: missing", "required", statuses, "A body is required.")
        if body.kind == "json":
            media_type = full.media_type or body.media_type
            update = {"body": '{"this is": not JSON', "body_kind": "text", "media_type": media_type}
            yield self._case(full.model_copy(update=update), "body: no JSON", "structure", refused, "It can't be read.")

    def _other_media_type(self, body: Body, full: Request) -> Iterator[Case]:
        """Yield the case with a media type that is not documented."""
        endpoint = self._endpoint
        unknown = all(each.media_type != _UNKNOWN and "*" not in each.media_type for each in endpoint.bodies)
        # A server may accept a text where the schema of the body does.
        if endpoint.body_required and unknown and not self._requests.values.fits(body.schema, "some text"):
            update = {"body": "some text", "body_kind": "text", "media_type": _UNKNOWN}
            why = "The specification does not take this media type."
            statuses = expected.unsupported(endpoint)
            yield self._case(full.model_copy(update=update), "body: another media type", "media_type", statuses, why)

    def _body_variants(self, body: Body, full: Request) -> Iterator[Case]:
        """Yield the cases with a body that is changed in one place."""
        refused, values = expected.refused(self._endpoint), self._requests.values
        try:
            value = self._requests.body(body, "full")
        except NoValueError:
            return
        is_form = body.kind != "json"
        spread = {name for name, style in body.styles.items() if is_spread(*style)}
        for variant in variants(body.schema, value, values, textual=is_form, seen=seen_of(spread)):
            if is_form and (not is_object(variant.value) or None in variant.value.values()):
                continue  # a form has fields, and a null in it would be a text
            if is_form and any(
                is_object(value.get(each)) and not is_object(variant.value.get(each, {})) for each in spread
            ):
                continue  # a text in the place of an object is an unknown field
            if variant.value in (None, {}) and not self._endpoint.body_required and (is_form or variant.value is None):
                continue  # that would be no body at all
            request = full.model_copy(deep=True)
            fill(request, body, self._requests.fields.completed(body, variant.value) if variant.fits else variant.value)
            name = f"body{variant.where and f' at {variant.where}'}: {variant.what}"
            if variant.fits:
                yield self._valid(request, name, "The schema allows it.", variant.category)
            else:
                yield self._case(request, name, variant.category, refused, "The schema forbids it.")


def needed(setup: Sequence[Step], step: Step) -> list[Step]:
    """Return the steps of a setup whose values are used, by the step itself or by one another."""
    wanted = {*step.use.values(), *(check.variable for check in step.checks)}
    kept: list[Step] = []
    for each in reversed(setup):
        if not each.setup or each.record or not each.save or wanted & each.save.keys():
            kept.insert(0, each)
            wanted |= set(each.use.values())
    return kept


def _is_any_text(schema: AnySchema, requests: Requests) -> bool:
    """Tell whether a schema is of texts, and says nothing of their form."""
    try:
        shape = requests.values.shape(schema)
    except NoValueError:
        return False
    return is_object(shape) and shape.get("type") == "string" and not {"format", "pattern"} & shape.keys()


def nowhere(schema: AnySchema, requests: Requests) -> Any:  # noqa: ANN401 - a scalar
    """Return an id that no server has, or None where every value may be there."""
    for value in _NOWHERE.values():
        try:
            shape = requests.values.shape(schema)
            # A value of a list, or one of a narrow pattern, may well exist.
            open_ended = is_object(shape) and not {"enum", "const", "pattern"} & shape.keys()
            is_uuid = is_object(shape) and shape.get("format") == "uuid"
            if open_ended and (not is_uuid or value == _NOWHERE["uuid"]) and requests.values.fits(schema, value):
                return value
        except NoValueError:
            return None
    return None
