"""The rules that stand in for a model: one case that creates, reads, updates and deletes a resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.proposals import Proposals, ProposedCase, ProposedStep, Saved, Used
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
    pointers = {requests.created(endpoint, each.of("path")[0]) for each, _ in items.values()}
    pointer = pointers.pop()
    if pointer is None or pointers:  # all must take the same field of the answer
        return Proposals(cases=[])
    try:
        steps, name = _lifetime(endpoint, items, pointer, requests)
    except NoValueError:
        return Proposals(cases=[])
    why = "What was made can be read until it is removed."
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


def _lifetime(
    endpoint: Endpoint, items: dict[str, _Item], pointer: str, requests: Requests
) -> tuple[list[ProposedStep], str]:
    """Return the steps from the creation of a thing to its deletion, and the name of the case."""
    create = _step(endpoint, requests, expected.succeeded(endpoint))
    create.save = [Saved(variable="made", pointer=pointer)]
    steps = [create, _item(items["GET"], requests)]
    name = "create, read"
    for method in ("PUT", "PATCH"):
        if method in items:
            steps += [_item(items[method], requests, full=True), _item(items["GET"], requests)]
            name = "create, read, update"
    if "DELETE" in items:
        gone = _item(items["GET"], requests)
        gone.expected = expected.not_found(items["GET"][0])
        steps += [_item(items["DELETE"], requests), gone]
        name += ", delete, read again"
    return steps, name


def _step(endpoint: Endpoint, requests: Requests, statuses: list[str], *, full: bool = False) -> ProposedStep:
    request = requests.valid(endpoint, "full" if full else "minimal")
    query: dict[str, Any] = dict(request.query)
    return ProposedStep(
        endpoint=endpoint.name, query=query, headers=request.headers, body=request.body, expected=statuses
    )


def _item(target: _Item, requests: Requests, *, full: bool = False) -> ProposedStep:
    endpoint, parameter = target
    step = _step(endpoint, requests, expected.succeeded(endpoint), full=full)
    step.use = [Used(variable="made", place="path", name=parameter)]
    return step
