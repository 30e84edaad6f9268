"""The methods that a path does not have: each is answered with 405, HEAD as GET is, and OPTIONS somehow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.schemas import Case, Request, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.spec.endpoints import Api, Endpoint

__all__ = ["method_cases"]

_METHODS = ("POST", "PUT", "PATCH", "DELETE", "GET")
_MOST = 3
"""Methods of a path that are tried."""


def method_cases(endpoint: Endpoint, api: Api, requests: Requests) -> Iterator[Case]:
    """Yield the cases of a path's undocumented methods, for the first endpoint of the path."""
    named = [each.partition(" ") for each in api.names]  # also those that can't be read: they are there
    there = {method for method, _, path in named if path == endpoint.path}
    first = next(each for each in api.endpoints if each.path == endpoint.path)
    usual = requests.valid(endpoint, "minimal")
    if first is endpoint:
        wanted = [each for each in _METHODS if each not in there and not _elsewhere(each, endpoint, usual, api)]
        for method in wanted[:_MOST]:
            step = Step(request=_bare(usual, method), expected=["405", "501"])
            yield _case(endpoint, step, f"{method} is not documented", "The path has no such method.")
        if "OPTIONS" not in there:
            why = "A server may say what a path has, or that it does not; it does not fail."
            step = Step(request=_bare(usual, "OPTIONS"), expected=["2XX", "3XX", "4XX", "501"])
            yield _case(endpoint, step, "OPTIONS", why)
    if endpoint.method == "GET" and "HEAD" not in there and requests.setup(endpoint).complete:
        request = usual.model_copy(update={"method": "HEAD"})
        statuses = [*expected.succeeded(endpoint), "405", "501"]
        step = Step(request=request, expected=statuses, use=requests.uses(endpoint, request))
        why = "HEAD is GET without a body (RFC 9110), or not there."
        yield _case(endpoint, step, "HEAD", why, requests.setup(endpoint).steps)


def _bare(usual: Request, method: str) -> Request:
    return Request(
        endpoint=usual.endpoint, method=method, path=usual.path, path_values=usual.path_values, security=usual.security
    )


def _case(endpoint: Endpoint, step: Step, name: str, why: str, setup: Sequence[Step] = ()) -> Case:
    return Case(name=name, category="method", endpoint=endpoint.name, steps=[*setup, step], why=why)


def _elsewhere(method: str, endpoint: Endpoint, usual: Request, api: Api) -> bool:
    """Tell whether another path of the specification, with this method, takes the same address."""
    address = endpoint.path
    for name, value in usual.path_values.items():
        address = address.replace("{" + name + "}", value)
    for name in api.names:
        theirs, _, path = name.partition(" ")
        if theirs == method and path != endpoint.path:
            pattern = re.sub(r"\\\{[^{}]*\\\}", "[^/]+", re.escape(path))
            if re.fullmatch(pattern, address):
                return True
    return False
