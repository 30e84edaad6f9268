"""The cases of one endpoint that follow from its specification alone: the same specification, the same cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.identifiers import looks_like_id
from progressnb.operations.testcases.cases.requests import path_pointer
from progressnb.operations.testcases.schemas import Case, Step
from progressnb.operations.testcases.spec.plain import is_object
from progressnb.operations.testcases.values.scalars import NoValueError
from progressnb.operations.testcases.values.serialization import fill, is_sendable, place
from progressnb.operations.testcases.values.variants import variants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.schemas import Category, Request
    from progressnb.operations.testcases.spec.endpoints import Body, Endpoint, Parameter

__all__ = ["MOST_CASES", "foundation_cases"]

MOST_CASES = 150
"""Cases of one endpoint."""

_LARGEST = 2_000_000
"""Characters of the bodies of one endpoint's cases."""

_NOWHERE = {"integer": 2_000_000_011, "string": "no-such-thing-7f3a", "uuid": "00000000-0000-4000-8000-000000000000"}


def foundation_cases(endpoint: Endpoint, requests: Requests, notes: list[str]) -> list[Case]:
    """Return the foundation cases of an endpoint, and say in `notes` what none could be made of.

    Their ids are empty: they are given when all are there. Raises `NoValueError` where no request fits at all.
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


class _Foundation:
    def __init__(self, endpoint: Endpoint, requests: Requests, notes: list[str]) -> None:
        self._endpoint = endpoint
        self._requests = requests
        self._notes = notes

    def cases(self) -> Iterator[Case]:
        endpoint = self._endpoint
        minimal = self._requests.valid(endpoint, "minimal")
        yield self._valid(minimal, "valid, minimal", "Only what is required.")
        try:
            full = self._requests.valid(endpoint, "full")
        except NoValueError as error:
            self._notes.append(f"{endpoint.name}: no full request for want of {error}.")
            full = minimal
        if full != minimal:
            yield self._valid(full, "valid, full", "Everything that is optional, too.")
        yield from self._other_bodies()
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
        use = {target: variable for target, variable in setup.use.items() if target != own_path}
        step = Step(request=request, expected=statuses, use=use)
        steps = [*_needed(setup.steps, step), step]
        return Case(
            id="", name=name, category=category, endpoint=self._endpoint.name, steps=steps, why=why, source="foundation"
        )

    def _valid(
        self, request: Request, name: str, why: str, category: Category = "valid", *, own_path: str = ""
    ) -> Case:
        known = self._requests.setup(self._endpoint).complete and not own_path
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

    def _auth(self, minimal: Request) -> Iterator[Case]:
        if not self._endpoint.security:
            return
        statuses = expected.unauthorized(self._endpoint)
        missing = minimal.model_copy(update={"auth": "missing"})
        yield self._case(missing, "without credentials", "auth", statuses, "The specification asks for them.")
        wrong = minimal.model_copy(update={"auth": "wrong"})
        yield self._case(wrong, "with wrong credentials", "auth", statuses, "They are nobody's.")

    def _not_found(self, minimal: Request) -> Iterator[Case]:
        documented = expected.documents_absence(self._endpoint)
        for parameter in reversed(self._endpoint.of("path")):
            if not documented and not looks_like_id(parameter, self._requests.values):
                continue  # a text to echo, or a path to list: nothing need be missing
            value = self._nowhere(parameter)
            if value is None:
                continue
            request = minimal.model_copy(deep=True)
            place(request, parameter, value)
            why = f"There is no {parameter.name} of this value."
            statuses = expected.absent(self._endpoint)
            pointer = path_pointer(parameter.name)
            yield self._case(request, f"not found: {parameter.name}", "not_found", statuses, why, own_path=pointer)
            return

    def _nowhere(self, parameter: Parameter) -> Any:  # noqa: ANN401 - a scalar
        for value in _NOWHERE.values():
            try:
                shape = self._requests.values.shape(parameter.schema)
                # What a list of values, or the form of the only ones, allows may well be there.
                open_ended = is_object(shape) and not {"enum", "const", "pattern"} & shape.keys()
                is_uuid = is_object(shape) and shape.get("format") == "uuid"
                if (
                    open_ended
                    and (not is_uuid or value == _NOWHERE["uuid"])
                    and self._requests.values.fits(parameter.schema, value)
                ):
                    return value
            except NoValueError:
                return None
        return None

    # --- what breaks the schema --------------------------------------------------------------------

    def _parameter(self, parameter: Parameter, minimal: Request) -> Iterator[Case]:
        endpoint, in_path = self._endpoint, parameter.location == "path"
        where = f"{parameter.location} parameter {parameter.name}"
        if parameter.required and not in_path:
            request = minimal.model_copy(deep=True)
            for values in (request.query, request.headers, request.cookies):
                for name in [
                    name for name in values if name == parameter.name or name.startswith(f"{parameter.name}[")
                ]:
                    del values[name]
            why = "It is required."
            yield self._case(request, f"{where}: missing", "required", expected.refused(endpoint), why)
        try:
            value = self._requests.value(parameter, "full")
        except NoValueError:
            return
        for variant in variants(parameter.schema, value, self._requests.values, textual=not parameter.as_json):
            if variant.category == "required" or variant.value in (None, "", []):
                continue  # as texts these can't be told from what is missing
            request = minimal.model_copy(deep=True)
            place(request, parameter, variant.value)
            if not is_sendable(request):
                continue
            name = f"{where}{variant.where and f' at {variant.where}'}: {variant.what}"
            own_path = path_pointer(parameter.name) if in_path else ""
            if variant.fits:
                yield self._valid(request, name, "It is allowed.", variant.category, own_path=own_path)
            else:
                statuses = expected.refused(endpoint, in_path=in_path)
                yield self._case(request, name, variant.category, statuses, "The schema forbids it.", own_path=own_path)

    def _body(self, body: Body, minimal: Request, full: Request) -> Iterator[Case]:
        endpoint, requests = self._endpoint, self._requests
        refused = expected.refused(endpoint)
        if endpoint.body_required:
            empty = minimal.model_copy(update={"body": None, "body_kind": None, "media_type": None})
            yield self._case(empty, "body: missing", "required", refused, "It is required.")
        if body.kind == "json":
            update = {
                "body": '{"this is": not JSON',
                "body_kind": "text",
                "media_type": full.media_type or body.media_type,
            }
            yield self._case(full.model_copy(update=update), "body: no JSON", "structure", refused, "It can't be read.")
        if body.kind in ("text", "bytes"):
            return
        unknown = all(each.media_type != "application/x-unknown" for each in endpoint.bodies)
        # A text may be what a body of any kind is taken for.
        if endpoint.body_required and unknown and not requests.values.fits(body.schema, "some text"):
            update = {"body": "some text", "body_kind": "text", "media_type": "application/x-unknown"}
            why = "The specification does not take this media type."
            statuses = expected.unsupported(endpoint)
            yield self._case(full.model_copy(update=update), "body: another media type", "media_type", statuses, why)
        try:
            value = requests.body(body, "full")
        except NoValueError:
            return
        for variant in variants(body.schema, value, requests.values, textual=body.kind != "json"):
            if body.kind != "json" and (not is_object(variant.value) or None in variant.value.values()):
                continue  # a form has fields, and an empty one is a text
            if variant.value is None and not endpoint.body_required:
                continue
            request = full.model_copy(deep=True)
            fill(request, body, variant.value)
            name = f"body{variant.where and f' at {variant.where}'}: {variant.what}"
            if variant.fits:
                yield self._valid(request, name, "It is allowed.", variant.category)
            else:
                yield self._case(request, name, variant.category, refused, "The schema forbids it.")


def _needed(setup: tuple[Step, ...], step: Step) -> list[Step]:
    """Return the steps whose values are used, from the last to the first."""
    wanted = set(step.use.values())
    kept: list[Step] = []
    for each in reversed(setup):
        if wanted & each.save.keys():
            kept.insert(0, each)
            wanted |= set(each.use.values())
    return kept
