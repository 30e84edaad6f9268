"""The requests that create what other endpoints need: with little, and with what a thing is known by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.plain import is_object
from progressnb.operations.testcases.values.serialization import fill

if TYPE_CHECKING:
    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.schemas import Request
    from progressnb.operations.testcases.spec.endpoints import Endpoint

__all__ = ["creation"]


def creation(creator: Endpoint, names: list[str], requests: Requests, *, roomy: bool) -> Request:
    """Return a minimal request that creates a thing, which others know by the fields with some names.

    A `roomy` one has the numbers of an example: a hall with one seat is full after one booking. Raises `NoValueError`
    where no value can be made for a required part.
    """
    request, stated = requests.valid(creator, "minimal"), creator.json_body
    if request.body_kind is None and creator.bodies:  # a body that may be left out says what to make
        fill(request, creator.bodies[0], requests.for_body(creator.bodies[0], "minimal"))
    if stated is None or not is_object(request.body):
        return request
    body: dict[str, Any] = dict(request.body)
    if roomy and is_object(stated.example):
        numbers = (name for name in stated.example if name in body and _is_number(stated.example[name]))
        larger = {**body, **{name: stated.example[name] for name in numbers}}
        body = larger if requests.values.fits(stated.schema, larger) else body
    fields = requests.creators.fields(stated.schema)
    for name in names:  # it is null if nobody says it
        if name in fields and name not in body and requests.values.fits(fields[name], None):
            body[name] = requests.values.make(fields[name], "full", name)
    return request.model_copy(update={"body": body})


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
