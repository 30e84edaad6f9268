"""Requests that are refused though they fit their schemas: unknown things, others' things, other credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.foundation import nowhere
from progressnb.operations.testcases.cases.makers import cases_of
from progressnb.operations.testcases.cases.things import MADE, Life
from progressnb.operations.testcases.schemas import Case, Check, Step
from progressnb.operations.testcases.spec.plain import is_object, pointer_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.cases.things import Thing
    from progressnb.operations.testcases.schemas import Category
    from progressnb.operations.testcases.spec.endpoints import Api, Endpoint

__all__ = ["expired_cases", "other_list", "own_cases", "reader_cases", "refusal_cases", "unknown_cases"]


def refusal_cases(thing: Thing, requests: Requests) -> Iterator[Case]:
    """Yield the cases of one thing."""
    refusals = _Refusals(thing, requests)
    yield from cases_of(refusals.elsewhere, refusals.anothers)


class _Refusals(Life):
    """Make the cases of one thing."""

    def elsewhere(self) -> Iterator[Case]:
        """Read and delete a thing by the path of another parent: it is not there."""
        for method in ("GET", "DELETE"):
            endpoint = self.thing.items.get(method)
            if endpoint is None or "404" not in endpoint.responses:
                continue
            if endpoint.path.startswith(self.thing.creator.path.rstrip("/")):
                for pointer, parent in self.another_parent():
                    step = self.item(method, expected=expected.not_found(endpoint))
                    step.use[pointer] = "elsewhere"
                    steps = [*self.create(), parent, step]
                    yield self.case(method, "of another parent", steps, "It is not in this one.", "not_found")

    def anothers(self) -> Iterator[Case]:
        """Read, change, delete and list with the credentials of another user, where words say whose things they are."""
        creator, promises = self.thing.creator, self.requests.promises
        names = {
            creator.name,
            f"GET {creator.path}",
            *(each.name for each in self.thing.items.values() if each.method == "GET"),
        }
        private = not promises.owned.isdisjoint(names)
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            endpoint = self.thing.items.get(method)
            # What only its owner may change, others may read.
            if endpoint is None or not (private or endpoint.name in promises.owned):
                continue
            if not creator.security or not endpoint.security:
                continue
            statuses = [each for each in endpoint.responses if each in ("403", "404")] or ["403", "404"]
            step = self.item(method, expected=statuses)
            step.request = step.request.model_copy(update={"auth": "other"})
            yield self.case(method, "of another user", [*self.create(), step], "It belongs to who made it.", "auth")


def other_list(life: Life, step: Step) -> Iterator[Case]:
    """Yield the case that a list lacks what another user made; `step` lists."""
    if life.thing.creator.security and step.request.endpoint in life.requests.promises.owned:
        step.request = step.request.model_copy(update={"auth": "other"})
        step.checks = [Check(kind="lacks", name=life.thing.id_field, variable=MADE)]
        if step.use:  # what it is in is not theirs, either
            step.expected = list(dict.fromkeys([*step.expected, "403", "404"]))
        yield life.case("LIST", "lacks what another user made", [*life.create(), step], "It is not theirs.", "auth")


def own_cases(endpoint: Endpoint, requests: Requests) -> Iterator[Case]:
    """Yield the case of what nobody may do to a thing of their own, as words tell."""
    usual = requests.valid(endpoint, "full")
    setup = requests.setup(endpoint)
    if usual.auth == "other" and setup.complete:
        statuses = [each for each in ("403", "409") if each in endpoint.responses]
        for who, title in (("valid", "of an own thing"), ("other", "of an own thing, by another user")):
            step = Step(request=usual, expected=statuses, use=requests.uses(endpoint, usual))
            steps = [
                each.model_copy(update={"request": each.request.model_copy(update={"auth": who})})
                for each in (*setup.steps, step)
            ]
            yield _case(endpoint, title, steps, "The specification says so in words.", "auth")


def reader_cases(endpoint: Endpoint, requests: Requests) -> Iterator[Case]:
    """Yield the case of a write by one who may only read, where words tell of such, and 403 is documented."""
    if endpoint.security and endpoint.method not in ("GET", "HEAD") and endpoint.name in requests.promises.roles:
        usual = requests.valid(endpoint, "full")
        request = usual.model_copy(update={"auth": "reader"})
        step = Step(request=request, expected=["403"], use=requests.uses(endpoint, usual))
        steps = [*requests.setup(endpoint).steps, step]
        yield _case(endpoint, "by one who may only read", steps, "403 is documented for them.", "auth")


def expired_cases(endpoint: Endpoint, api: Api, requests: Requests) -> Iterator[Case]:
    """Yield the cases of credentials that have expired, and of odd ones, for the first endpoint that needs any."""
    secured = [each for each in api.endpoints if each.security == endpoint.security]
    plain = [each for each in secured if each.method == "GET" and "{" not in each.path]
    if endpoint.security and endpoint is (plain or secured)[0]:
        near = "They are nearly right, and so wrong."
        for way, title, why, more in (
            ("expired", "with expired credentials", "They were valid once.", []),
            ("odd", "with odd credentials", "They are refused, and no fault of the server.", ["400"]),
            ("letters", "with credentials in other letters", near, []),
            ("cut", "with credentials without their last character", near, []),
        ):
            request = requests.valid(endpoint, "minimal").model_copy(update={"auth": way})
            step = Step(request=request, expected=[*expected.unauthorized(endpoint), *more])
            yield _case(endpoint, title, [step], why, "auth")


def unknown_cases(endpoint: Endpoint, requests: Requests) -> Iterator[Case]:
    """Yield the cases of a body that names a thing which is not there."""
    body = endpoint.json_body
    # Where the path names nothing, 404 is the answer for what the body names.
    if body is None or "404" not in endpoint.responses or "{" in endpoint.path:
        return
    statuses = [*expected.not_found(endpoint), *expected.refused(endpoint)]
    usual = requests.valid(endpoint, "full")
    use = requests.uses(endpoint, usual)
    for pointer, _, _ in requests.creators.references(endpoint):
        keys = pointer_keys(pointer)
        if pointer not in use or keys[0] != "body" or len(keys) != 2 or not is_object(usual.body):  # noqa: PLR2004
            continue
        schema = requests.creators.fields(body.schema).get(keys[1], True)
        value = nowhere(schema, requests)
        if value is None:
            continue
        request = usual.model_copy(update={"body": {**usual.body, keys[1]: value}})
        others = {each: name for each, name in use.items() if each != pointer}
        steps = [*requests.setup(endpoint).steps, Step(request=request, expected=statuses, use=others)]
        yield _case(endpoint, f"not found: {keys[1]}", steps, f"There is no {keys[1]} of this value.", "not_found")


def _case(endpoint: Endpoint, name: str, steps: list[Step], why: str, category: Category) -> Case:
    return Case(name=name, category=category, endpoint=endpoint.name, steps=steps, why=why)
