"""The cases that check more than one answer by its schema: values, lists, methods and robustness."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from progressnb.operations.testcases.cases.agreement import agreement_cases
from progressnb.operations.testcases.cases.alike import alike
from progressnb.operations.testcases.cases.amounts import amount_cases
from progressnb.operations.testcases.cases.below import below_cases
from progressnb.operations.testcases.cases.bounds import bound_cases
from progressnb.operations.testcases.cases.conditional import conditional_cases
from progressnb.operations.testcases.cases.field_rules import field_cases
from progressnb.operations.testcases.cases.foundation import needed, room_left
from progressnb.operations.testcases.cases.fresh import Freshness
from progressnb.operations.testcases.cases.lifetimes import lifetime_cases
from progressnb.operations.testcases.cases.lists import list_cases
from progressnb.operations.testcases.cases.methods import method_cases
from progressnb.operations.testcases.cases.preconditions import Preconditions
from progressnb.operations.testcases.cases.queries import query_cases
from progressnb.operations.testcases.cases.refusals import (
    expired_cases,
    own_cases,
    reader_cases,
    refusal_cases,
    unknown_cases,
)
from progressnb.operations.testcases.cases.robustness import robust_cases
from progressnb.operations.testcases.cases.states import state_cases, way_to
from progressnb.operations.testcases.cases.things import Life, Thing, things
from progressnb.operations.testcases.cases.told_refusals import told_refusals
from progressnb.operations.testcases.schemas import Removal
from progressnb.operations.testcases.values.scalars import NoValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.schemas import Case
    from progressnb.operations.testcases.spec.endpoints import Api, Endpoint
    from progressnb.operations.testcases.spec.json_schema import AnySchema

__all__ = ["Checks"]

MOST_CASES = 100
"""Cases of one endpoint, beyond those of its schemas."""


class Checks:
    """Make the cases of the endpoints of one API that follow from what they do together."""

    def __init__(self, api: Api, requests: Requests) -> None:
        self._api = api
        self._requests = requests
        self._fresh = Freshness(api, requests)
        paths = {each.path.rstrip("/") for each in api.endpoints}
        self._things = things(requests, api, lambda path: _is_near(path.rstrip("/"), paths))
        self._lifetimes: dict[str, list[Case]] = {}
        self._preconditions = Preconditions(
            requests, lambda endpoint: way_to(endpoint, self._things.values(), requests, api)
        )

    def cases(self, endpoint: Endpoint, foundation: list[Case], notes: list[str]) -> list[Case]:
        """Return the cases of an endpoint beside those of its foundation."""
        cases: list[Case] = []
        self._compare(endpoint, foundation)
        room, values = room_left(foundation), self._requests.values
        with suppress(NoValueError):
            for case in self._all(endpoint):
                if len(cases) >= MOST_CASES:
                    notes.append(f"{endpoint.name}: only the first {MOST_CASES} cases of values and lists were made.")
                    break
                room -= sum(values.weigh(step.request.body) for step in case.steps)
                if room < 0 or values.is_full:
                    notes.append(f"{endpoint.name}: only the first cases were made, since their bodies are large.")
                    break
                case.steps = [*needed(case.steps[:-1], case.steps[-1]), case.steps[-1]]
                cases.append(case)
        endpoints = {each.name: each for each in self._api.endpoints}
        for case in (*foundation, *cases):
            case.steps = self._preconditions.met(case.steps, endpoints)
        with suppress(NoValueError):
            cases += self._preconditions.unmet(endpoint)
        return cases

    def _compare(self, endpoint: Endpoint, foundation: list[Case]) -> None:
        """Let the cases of valid bodies look at what comes back, such as the least value of a field."""
        about = [each for each in self._things.values() if endpoint in (each.creator, *each.items.values())]
        if not about and endpoint.method == "POST" and "201" in endpoint.responses:
            about = [Thing(endpoint, "", {}, "")]  # it can't be read, and is answered all the same
        for thing in about:
            life = Life(thing, self._requests)
            for case in foundation:
                step = case.steps[-1]
                if case.category in ("valid", "boundary") and step.request.body_kind == "json" and not step.checks:
                    with suppress(NoValueError):
                        step.checks = life.sent(endpoint, step.request.body)
                        step.record = "new" if step.checks else ""

    def freshen(self, cases: list[Case]) -> None:
        """Mark the values that are new in each run."""
        for case in cases:
            self._fresh.add_to(case)
            if case.source == "model":
                alike(case)

    def headers(self, endpoint: Endpoint) -> dict[str, dict[str, AnySchema]]:
        """Return the headers that the answers of an endpoint must have, by status."""
        return self._requests.promises.headers.get(endpoint.name, {})

    def refusals(self, endpoint: Endpoint) -> dict[str, str]:
        """Return the sentences that tell when a valid request to an endpoint is refused, by status."""
        promises = self._requests.promises
        texts = f"{endpoint.summary}\n\n{promises.described.get(endpoint.name, '')}"
        return told_refusals(texts, promises.refused.get(endpoint.name, {}), has_body=bool(endpoint.bodies))

    def removal(self, endpoint: Endpoint) -> Removal | None:
        """Return the request that removes what an endpoint creates."""
        thing = self._things.get(endpoint.name)
        if thing is None and endpoint not in self._api.endpoints:  # what another endpoint needs first
            own = endpoint.path.rstrip("/")
            thing = things(self._requests, self._api, lambda path: _above(path) == own).get(endpoint.name)
        delete = thing.items.get("DELETE") if thing is not None else None
        if thing is None or delete is None:
            return None
        try:
            request = self._requests.valid(delete, "minimal")
        except NoValueError:
            return None
        request.path_values = {}
        return Removal(request=request, parameter=thing.parameter, pointer=thing.pointer)

    def _all(self, endpoint: Endpoint) -> Iterator[Case]:
        """Yield the cases of an endpoint: each belongs to the endpoint that it tests."""
        for thing in self._things.values():
            if self._belongs(endpoint, thing):
                yield from (each for each in self._lifetime(thing) if each.endpoint == endpoint.name)
            if endpoint is self._requests.creators.listing(thing.creator):
                yield from list_cases(thing, endpoint, self._requests)
                yield from query_cases(thing, endpoint, self._requests)
        if endpoint.method == "POST" and endpoint.name not in self._things:
            yield from amount_cases(Thing(endpoint, "", {}, ""), self._requests, self._things)
        yield from bound_cases(endpoint, self._requests)
        yield from field_cases(endpoint, self._requests)
        yield from expired_cases(endpoint, self._api, self._requests)
        yield from own_cases(endpoint, self._requests)
        yield from reader_cases(endpoint, self._requests)
        yield from unknown_cases(endpoint, self._requests)
        yield from method_cases(endpoint, self._api, self._requests)
        yield from robust_cases(endpoint, self._requests)

    def _belongs(self, endpoint: Endpoint, thing: Thing) -> bool:
        """Tell whether an endpoint creates a thing, is for one, or is below that: `/orders/{id}/payment`."""
        paths = {each.path.rstrip("/") for each in thing.items.values()}
        below = any(endpoint.path.startswith(f"{path}/") for path in paths)
        return below or endpoint is thing.creator or endpoint in thing.items.values()

    def _lifetime(self, thing: Thing) -> list[Case]:
        """Return the cases of all endpoints of a thing, which are made once."""
        name = thing.creator.name
        if name not in self._lifetimes:
            self._lifetimes[name] = [
                *lifetime_cases(thing, self._requests),
                *agreement_cases(thing, self._requests, self._api),
                *below_cases(thing, self._requests, self._api),
                *conditional_cases(thing, self._requests),
                *refusal_cases(thing, self._requests),
                *state_cases(thing, self._requests, self._api),
                *amount_cases(thing, self._requests, self._things),
            ]
        return self._lifetimes[name]


def _is_near(path: str, wanted: set[str]) -> bool:
    """Tell whether a path is a wanted one, or for one thing of it or around it: of others no endpoint is read."""
    return not wanted.isdisjoint((path, _above(path))) or any(each.startswith(f"{path}/") for each in wanted)


def _above(path: str) -> str:
    return path.rstrip("/").rpartition("/")[0]
