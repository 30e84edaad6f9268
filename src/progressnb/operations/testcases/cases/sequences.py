"""What rules add where no language model is: a resource made, read, changed and removed, in one case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.proposals import Proposals, ProposedCase, ProposedStep, Saved, Used
from progressnb.operations.testcases.values.scalars import NoValueError

if TYPE_CHECKING:
    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.spec.endpoints import Api, Endpoint

__all__ = ["has_sequence", "sequences"]


def has_sequence(endpoint: Endpoint, api: Api, requests: Requests) -> bool:
    """Tell whether rules know a sequence that begins at an endpoint."""
    return bool(sequences(endpoint, api, requests).cases)


def sequences(endpoint: Endpoint, api: Api, requests: Requests) -> Proposals:
    """Return the sequence of a resource for the endpoint that makes one, nothing for all others."""
    items = [
        (each, each.path.removeprefix(f"{endpoint.path}/")[1:-1])
        for each in api.known.values()
        if endpoint.method == "POST"
        and each.path.startswith(f"{endpoint.path}/{{")
        and each.path.endswith("}")
        and "/" not in each.path.removeprefix(f"{endpoint.path}/")
    ]
    methods = {each.method: (each, name) for each, name in items}
    if "GET" not in methods or len(methods) < 2 or "{" in endpoint.path:  # noqa: PLR2004 - reading alone is no sequence
        return Proposals(cases=[])
    if any(len(each.of("path")) != 1 for each, _ in items):
        return Proposals(cases=[])
    pointers = {requests.created(endpoint, each.of("path")[0]) for each, _ in items}
    pointer = pointers.pop()
    if pointer is None or pointers:  # each takes the same field of the answer
        return Proposals(cases=[])
    try:
        create = _step(endpoint, requests, expected.succeeded(endpoint))
        create.save = [Saved(variable="made", pointer=pointer)]
        steps = [create, _item(methods["GET"], requests)]
        for method in ("PUT", "PATCH"):
            if method in methods:
                steps += [_item(methods[method], requests, full=True), _item(methods["GET"], requests)]
        done = "create, read" + ", update" * (len(steps) > 2)  # noqa: PLR2004
        if "DELETE" in methods:
            gone = _item(methods["GET"], requests)
            gone.expected = expected.not_found(methods["GET"][0])
            steps += [_item(methods["DELETE"], requests), gone]
            done += ", delete, read again"
    except NoValueError:
        return Proposals(cases=[])
    why = "What was made can be read until it is removed."
    return Proposals(cases=[ProposedCase(name=done, category="sequence", steps=steps, why=why)])


def _step(endpoint: Endpoint, requests: Requests, statuses: list[str], *, full: bool = False) -> ProposedStep:
    request = requests.valid(endpoint, "full" if full else "minimal")
    query: dict[str, Any] = dict(request.query)
    return ProposedStep(
        endpoint=endpoint.name, query=query, headers=request.headers, body=request.body, expected=statuses
    )


def _item(target: tuple[Endpoint, str], requests: Requests, *, full: bool = False) -> ProposedStep:
    endpoint, parameter = target
    step = _step(endpoint, requests, expected.succeeded(endpoint), full=full)
    step.use = [Used(variable="made", place="path", name=parameter)]
    return step
