"""The rules that stand in for a model: one case of two things, one of which is deleted or changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.proposals import Proposals, ProposedCase, ProposedStep
from progressnb.operations.testcases.schemas import OF_REQUEST
from progressnb.operations.testcases.values.scalars import NoValueError

if TYPE_CHECKING:
    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.spec.endpoints import Api, Endpoint

__all__ = ["sequences"]


_Item = tuple["Endpoint", str]
"""An endpoint for one thing of a collection, and the parameter of its path, such as `GET /pets/{id}` and `id`."""


def sequences(endpoint: Endpoint, api: Api, requests: Requests) -> Proposals:
    """Return the sequence that begins with an endpoint that creates things; nothing for other endpoints."""
    items = _items(endpoint, api)
    if "GET" not in items or len(items) < 2 or "{" in endpoint.path:  # noqa: PLR2004 - reading alone is no sequence
        return Proposals(cases=[])
    if any(len(each.of("path")) != 1 for each, _ in items.values()):
        return Proposals(cases=[])
    if requests.setup(endpoint).steps:
        return Proposals(cases=[])  # it needs other things first
    pointers = {requests.creators.created(endpoint, each.of("path")[0]) for each, _ in items.values()}
    pointer = pointers.pop()
    if pointer is None or pointers or pointer.startswith(OF_REQUEST):  # all must take the same field of the answer
        return Proposals(cases=[])
    try:
        steps, name = _two(endpoint, items, pointer, requests)
    except NoValueError:
        return Proposals(cases=[])
    why = "What happens to one thing changes no other."
    return Proposals(cases=[ProposedCase(name=name, category="sequence", steps=steps, why=why)])


def _items(endpoint: Endpoint, api: Api) -> dict[str, _Item]:
    """Return the endpoints for one thing that a POST endpoint creates, by method."""
    if endpoint.method != "POST":
        return {}
    prefix = f"{endpoint.path}/"
    found: dict[str, _Item] = {}
    for name in api.names:
        method, _, path = name.partition(" ")
        last = path.removeprefix(prefix)
        if last != path and last.startswith("{") and last.endswith("}") and "/" not in last:
            item = api.known.get(name)
            if item is not None:
                found[method] = item, last[1:-1]
    return found


def _two(
    endpoint: Endpoint, items: dict[str, _Item], pointer: str, requests: Requests
) -> tuple[list[ProposedStep], str]:
    """Return the steps of two things, of which one is deleted or changed, and the name of the case."""
    steps: list[ProposedStep] = []
    for variable in ("made", "other"):
        create = _step(endpoint, requests, expected.succeeded(endpoint))
        create.save = {variable: pointer}
        steps.append(create)
    method = next((each for each in ("DELETE", "PUT", "PATCH") if each in items), "GET")
    steps += [_item(items[method], requests, "made"), _item(items["GET"], requests, "other")]
    verb = {"DELETE": "delete", "GET": "read"}.get(method, "change")
    return steps, f"{verb} one of two, read the other"


def _step(endpoint: Endpoint, requests: Requests, statuses: list[str]) -> ProposedStep:
    request = requests.valid(endpoint, "minimal")
    query: dict[str, Any] = dict(request.query)
    return ProposedStep(
        endpoint=endpoint.name, query=query, headers=request.headers, body=request.body, expected=statuses
    )


def _item(target: _Item, requests: Requests, variable: str) -> ProposedStep:
    endpoint, parameter = target
    step = _step(endpoint, requests, expected.succeeded(endpoint))
    step.path = {parameter: f"{{{variable}}}"}
    return step
