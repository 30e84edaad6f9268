"""Preconditions that words tell: a report without lines can't be submitted, so that one is added first."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from progressnb.operations.testcases.cases.requests import PATH_VALUES, path_pointer
from progressnb.operations.testcases.cases.told_refusals import told_lacking
from progressnb.operations.testcases.schemas import Case, Step
from progressnb.operations.testcases.values.scalars import NoValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.spec.endpoints import Endpoint

__all__ = ["Preconditions"]

_DEEPEST = 3
_LOOKED_AT = ("400", "403", "422")
"""Statuses that a state hides, beside those of success."""


class Preconditions:
    """Add what is needed before the steps of an API's endpoints."""

    def __init__(self, requests: Requests, way_to: Callable[[Endpoint], list[Endpoint]]) -> None:
        self._requests = requests
        self._way_to = way_to
        self._ways: dict[str, list[Endpoint]] = {}
        self._known: dict[str, list[tuple[Endpoint, list[str]]]] = {}

    def met(self, steps: list[Step], endpoints: dict[str, Endpoint]) -> list[Step]:
        """Return the steps of a case with what they need before them, once for each thing."""
        found: list[Step] = []
        places: list[int] = []  # where the steps are now: one may refer to another by the distance
        there: set[tuple[str, str]] = set()
        whose = {step.request.auth for step in steps}
        for at, step in enumerate(steps):
            endpoint = endpoints.get(step.request.endpoint)
            for add in self._before(endpoint, step) if endpoint is not None else ():
                key = (add.request.endpoint, str(sorted(add.use.items())))
                if key not in there:
                    there.add(key)
                    add.request.auth = "other" if whose == {"other"} else add.request.auth
                    found.append(add)
            used = {each: name for each, name in step.use.items() if each.startswith(PATH_VALUES)}
            there.add((step.request.endpoint, str(sorted(used.items()))))
            places.append(len(found))
            same = len(found) - places[at - step.same] if step.same else step.same
            found.append(step if same == step.same else step.model_copy(update={"same": same}))
        return found

    def _before(self, endpoint: Endpoint, step: Step, depth: int = 0) -> Iterator[Step]:
        """Yield the steps that an endpoint needs before it: what adds something, and what leads into a state."""
        if endpoint.name not in self._ways:
            self._ways[endpoint.name] = self._way_to(endpoint)
        done = any(each[0] == "2" or each in _LOOKED_AT for each in step.expected)
        for filler in (*(each for each, _ in self._needed(endpoint)), *(self._ways[endpoint.name] if done else ())):
            add = self._step(filler, step)
            if add is not None and depth < _DEEPEST:
                yield from self._before(filler, add, depth + 1)
                yield add

    def unmet(self, endpoint: Endpoint) -> Iterator[Case]:
        """Yield the cases without what words say is needed."""
        setup = self._requests.setup(endpoint)
        for filler, statuses in self._needed(endpoint) if setup.complete else ():
            request = self._requests.valid(endpoint, "minimal")
            step = Step(request=request, expected=statuses, use=self._requests.uses(endpoint, request))
            title, why = f"without {filler.path.rstrip('/').rpartition('/')[2]}", "Words say that it is refused then."
            yield Case(name=title, category="sequence", endpoint=endpoint.name, steps=[*setup.steps, step], why=why)

    def _needed(self, endpoint: Endpoint) -> list[tuple[Endpoint, list[str]]]:
        """Return the endpoints that add what an endpoint needs, each with the statuses of the answer without it."""
        if endpoint.name not in self._known:
            promises = self._requests.promises
            told, answers = promises.described.get(endpoint.name, ""), promises.refused.get(endpoint.name, {})
            pairs = [
                (each, told_lacking(told, answers, word)) for each, word in self._requests.creators.beside(endpoint)
            ]
            self._known[endpoint.name] = [pair for pair in pairs if pair[1]]
        return self._known[endpoint.name]

    def _step(self, filler: Endpoint, before: Step) -> Step | None:
        """Return the step that adds something to the thing that another step is about."""
        use = {path_pointer(each.name): before.use.get(path_pointer(each.name), "") for each in filler.of("path")}
        with suppress(NoValueError):
            add = self._requests.step(filler, use=use, setup=True)
            if all(use.values()) and self._requests.uses(filler, add.request).keys() <= use.keys():
                return add
        return None
