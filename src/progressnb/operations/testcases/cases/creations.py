"""The requests that create what other endpoints need: with little, and with what a thing is known by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.plain import is_object

if TYPE_CHECKING:
    from progressnb.operations.testcases.schemas import Request
    from progressnb.operations.testcases.spec.endpoints import Body
    from progressnb.operations.testcases.spec.json_schema import Schema
    from progressnb.operations.testcases.values.builder import Values

__all__ = ["as_needed"]


def as_needed(
    request: Request, stated: Body | None, fields: Schema, values: Values, names: list[str], *, roomy: bool
) -> Request:
    """Return a minimal request for a thing that others know by the fields with some names.

    A `roomy` one has the numbers of an example: a hall with one seat is full after one booking. Raises `NoValueError`
    where no value can be made for such a field.
    """
    if stated is None or not is_object(request.body):
        return request
    body: dict[str, Any] = dict(request.body)
    if roomy and is_object(stated.example):
        numbers = (name for name in stated.example if name in body and _is_number(stated.example[name]))
        larger = {**body, **{name: stated.example[name] for name in numbers}}
        body = larger if values.fits(stated.schema, larger) else body
    for name in names:  # it is null if nobody says it
        if name in fields and name not in body and values.fits(fields[name], None):
            body[name] = values.make(fields[name], "full", name)
    return request.model_copy(update={"body": body})


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
