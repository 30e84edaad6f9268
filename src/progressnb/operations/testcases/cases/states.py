"""The state of a thing: what words refuse in a state is refused once the thing is in it, however it came there."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.below import told_in_use
from progressnb.operations.testcases.cases.creators import NUMBERS
from progressnb.operations.testcases.cases.makers import cases_of
from progressnb.operations.testcases.cases.things import MADE, Life
from progressnb.operations.testcases.cases.told_states import refused_states, told_final, told_first, told_flag
from progressnb.operations.testcases.schemas import Check, Step
from progressnb.operations.testcases.spec.plain import is_object, pointer_part
from progressnb.operations.testcases.values.scalars import NoValueError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.cases.things import Thing
    from progressnb.operations.testcases.schemas import Case
    from progressnb.operations.testcases.spec.endpoints import Api, Endpoint
    from progressnb.operations.testcases.spec.json_schema import AnySchema

__all__ = ["state_cases", "way_to"]

_MOST = 6
"""Cases of one endpoint that is refused."""

_FEWEST, _LARGEST = 2, 12
"""Values of a field that has the state of a thing."""


def state_cases(thing: Thing, requests: Requests, api: Api) -> Iterator[Case]:
    """Yield the cases of one thing that can be read."""
    if "GET" in thing.items:
        states = _States(thing, requests, api)
        yield from cases_of(states.refused, states.skipped)


def way_to(endpoint: Endpoint, things: Iterable[Thing], requests: Requests, api: Api) -> list[Endpoint]:
    """Return the endpoint that brings a new thing into a state in which another one is not refused, or none."""
    about = [each for each in things if "GET" in each.items]
    about = [each for each in about if endpoint.path.startswith(each.items["GET"].path.rstrip("/"))]
    return [*islice(filter(None, (_States(each, requests, api).way_to(endpoint) for each in about)), 1)]


class _States(Life):
    """Make the cases of one thing."""

    def __init__(self, thing: Thing, requests: Requests, api: Api) -> None:
        super().__init__(thing, requests)
        self._api = api
        self._base, self._fields = self.answer_of(thing.items["GET"])
        self._place = thing.items["GET"].path.rstrip("/")

    def refused(self) -> Iterator[Case]:
        """Bring the thing into a state by one endpoint, and do what is refused then."""
        for endpoint in self._about():
            conditions = list(self._conditions(endpoint))
            if "409" in endpoint.responses and conditions:
                yield from islice(self._refused(endpoint, conditions), _MOST)
        delete = self.thing.items.get("DELETE")
        told = self.requests.promises.told(delete.name) if delete is not None else ""
        for name, moves in self._users() if told else ():
            if told_in_use(told, name, self.requests, self._api.known[name]):
                steps = [*self.create(), *moves, self.item("DELETE", expected=["409"])]
                yield self.case("DELETE", f"after {name}", steps, "Words say that it is refused then, with 409.")

    def _about(self) -> list[Endpoint]:
        """Return the endpoints that change the thing, or are one word below it: `/orders/{id}/cancel`."""
        own = [each for method, each in self.thing.items.items() if method != "GET"]
        return own + [
            each
            for each in self._api.endpoints
            if each.method != "GET" and re.fullmatch(rf"{re.escape(self._place)}/[^/]*[^/}}]/?", each.path)
        ]

    def _refused(self, endpoint: Endpoint, conditions: list[Check]) -> Iterator[Case]:
        for needed in conditions:
            for name, moves in (("its creation", []), *self._moves()):
                try:
                    last = self._step(endpoint, ["409"])
                except NoValueError:
                    continue
                steps = [*self.create(), *moves, self.item("GET", checks=[needed]), last]
                yield self.case(endpoint, f"after {name}", steps, "Words say that it is refused then, with 409.")

    def _step(self, endpoint: Endpoint, expects: list[str] | None = None) -> Step:
        """Return the step of an endpoint about the thing."""
        statuses = expects or expected.succeeded(endpoint)
        for method, each in self.thing.items.items():
            if each is endpoint:
                return self.item(method, expected=statuses)
        return self.below(endpoint).model_copy(update={"expected": statuses})

    # --- ways into a state --------------------------------------------------------------------------------

    def _moves(self) -> Iterator[tuple[str, list[Step]]]:
        """Yield the ways to change the state of the thing, each with its name: whether it did so is seen then."""
        for endpoint in self._about():
            if endpoint.method == "DELETE":
                continue
            try:
                step = self._step(endpoint)
            except NoValueError:
                continue
            values = list(self._values(endpoint))
            for value in values:
                yield f"{endpoint.name}, {value}", [self._with(step, endpoint, value)]
            if len(values) > 1:  # one after the other, as the specification lists them
                yield f"{endpoint.name}, each in turn", [self._with(step, endpoint, value) for value in values[:2]]
            if not values and endpoint.method in ("POST", "PUT") and endpoint not in self.thing.items.values():
                yield endpoint.name, [self._tolerant(step)]
        yield from self._users()

    def _users(self) -> Iterator[tuple[str, list[Step]]]:
        """Yield the endpoints that create something with the thing in its body, such as a loan of a tool."""
        for endpoint in self._api.endpoints:
            if endpoint.method != "POST" or endpoint is self.thing.creator or self._place in endpoint.path:
                continue
            request = self.requests.valid(endpoint, "minimal")
            setup = self.requests.setup(endpoint)
            theirs = [
                pointer
                for pointer, creator, _ in self.requests.creators.references(endpoint)
                if creator is self.thing.creator
            ]
            use = self.requests.uses(endpoint, request)
            if theirs and theirs[0] in use and len(self.path_use()) == 1:
                step = Step(request=request, expected=["2XX", "409"], use={**use, theirs[0]: MADE})
                others = {name for pointer, name in step.use.items() if pointer != theirs[0]}
                before = [each for each in setup.steps if others & each.save.keys()]
                yield endpoint.name, [*before, step]

    def _tolerant(self, step: Step) -> Step:
        return step.model_copy(update={"expected": ["2XX", "409"]})

    def _with(self, step: Step, endpoint: Endpoint, value: str) -> Step:
        body = {**step.request.body, self._state(): value} if is_object(step.request.body) else {}
        stated = endpoint.json_body
        if stated is None or not self.values.fits(stated.schema, body):
            raise NoValueError("a body with this state")
        return self._tolerant(self.with_body(step, body))

    def _values(self, endpoint: Endpoint) -> Iterator[str]:
        """Yield the states that a body may name, in the order in which the specification lists them."""
        known, field = self._states(), self.written(endpoint).get(self._state())
        if field is not None:
            yield from (each for each in self.requests.creators.listed(field) if each in known)

    # --- states that words name ---------------------------------------------------------------------------

    def _state(self) -> str:
        """Return the field with the state of the thing: the one with listed words that a caller can't send at first."""
        written = self.written(self.thing.creator)
        listed = [name for name, schema in self._fields.items() if self._listed(schema)]
        return next((name for name in listed if name not in written), listed[0] if listed else "")

    def _listed(self, schema: AnySchema) -> list[str]:
        texts = [each for each in self.requests.creators.listed(schema) if isinstance(each, str)]
        return texts if _FEWEST <= len(texts) <= _LARGEST else []

    def _states(self) -> list[str]:
        return self._listed(self._fields.get(self._state(), True))

    def _conditions(self, endpoint: Endpoint) -> Iterator[Check]:
        """Yield what the thing must be like for an endpoint to be refused, as words tell."""
        promises = self.requests.promises
        answer = promises.conflict(endpoint.name)
        told = promises.described.get(endpoint.name, "")
        refused, name = self._refusing(endpoint), self._state()
        if refused and len(refused) < len(self._states()):
            yield self._needs(name, sorted(refused))
        for name, schema in self._fields.items():
            kinds = self.requests.creators.types(schema)
            if kinds == ["boolean"] or kinds in NUMBERS:
                flag = told_flag(told, answer, name, is_number=kinds in NUMBERS)
                if flag is not None:
                    yield self._needs(name, flag)

    def _needs(self, name: str, values: Iterable[Any]) -> Check:
        return Check(kind="needs", pointer=f"{self._base}/{pointer_part(name)}", value=[*values])

    def _refusing(self, endpoint: Endpoint) -> set[str]:
        """Return the states in which words refuse an endpoint."""
        promises, states = self.requests.promises, self._states()
        answer, told = promises.conflict(endpoint.name), promises.described.get(endpoint.name, "")
        verb = not endpoint.bodies and endpoint.name in promises.by_state
        refused = refused_states(told, answer, states)
        is_final = not refused and (verb or list(self._values(endpoint)))
        return told_final(promises.general, states) if is_final else refused

    def way_to(self, endpoint: Endpoint) -> Endpoint | None:
        """Return the endpoint whose name is that of a state in which another one works, which a new thing is not in."""
        states, refused, about = self._states(), self._refusing(endpoint), self._about()
        if endpoint not in about or not {*states[:1]} & refused:
            return None
        for each in about:
            word = each.path.rstrip("/").rpartition("/")[2].removesuffix("e")
            leads = word and any(state.startswith(word) for state in states if state not in refused)
            if leads and each.method == "POST" and not each.body_required:
                return each
        return None

    def skipped(self) -> Iterator[Case]:
        """Go from the first state that words name to one that is not next to it."""
        order = told_first(self.requests.promises.general, self._states())
        for endpoint in self._about():
            for value in self._values(endpoint) if "409" in endpoint.responses else ():
                if value in {each for group in order[2:] for each in group}:
                    first = self._needs(self._state(), order[0])
                    step = self._with(self._step(endpoint), endpoint, value).model_copy(update={"expected": ["409"]})
                    steps = [*self.create(), self.item("GET", checks=[first]), step]
                    yield self.case(endpoint, f"to {value} at once", steps, "Words name a state between them.")
