"""The rules of fields that words tell: one is needed with a value of another, a time is past, a number more than 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.told_fields import told_past, told_positive
from progressnb.operations.testcases.schemas import Case, Step
from progressnb.operations.testcases.spec.json_schema import types_but_null
from progressnb.operations.testcases.spec.plain import is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.schemas import Category
    from progressnb.operations.testcases.spec.endpoints import Body, Endpoint

__all__ = ["field_cases"]

_FUTURE = {"date": "2999-12-31", "date-time": "2999-12-31T00:00:00Z"}
_ZEROS = ("0.00", "0.0", "0")


def field_cases(endpoint: Endpoint, requests: Requests) -> Iterator[Case]:
    """Yield the cases of bodies that fit their schema, and break what is told of a field."""
    usual, setup, stated = requests.valid(endpoint, "full"), requests.setup(endpoint), endpoint.json_body
    if stated is None or not is_object(usual.body) or not setup.complete:
        return
    for name, category, body in _broken(stated, usual.body, requests):
        if requests.values.fits(stated.schema, body):
            request = usual.model_copy(update={"body": body})
            step = Step(request=request, expected=expected.refused(endpoint), use=requests.uses(endpoint, usual))
            steps, why = [*setup.steps, step], "The description of the field forbids it."
            yield Case(name=f"body at /{name}", category=category, endpoint=endpoint.name, steps=steps, why=why)


def _broken(stated: Body, usual: dict[str, Any], requests: Requests) -> Iterator[tuple[str, Category, dict[str, Any]]]:
    """Yield the place and what is wrong there, and the body."""
    for name, need in requests.fields.needs(stated.schema).items():
        others = [each for each in requests.fields.options(stated.schema)[need.field] if each != need.value]
        for value in ([need.value] if need.equal else others[:1]) if need.must else ():
            body = requests.fields.completed(stated, {**usual, need.field: value})
            yield f"{name}: missing with {need.field} {value}", "required", {k: v for k, v in body.items() if k != name}
    for name, schema in requests.creators.fields(stated.schema).items():
        if name not in usual:
            continue
        shape, told = requests.creators.shape(schema), requests.creators.told(schema)
        if shape.get("format") in _FUTURE and told_past(told):
            yield f"{name}: in the future", "boundary", {**usual, name: _FUTURE[shape["format"]]}
        if types_but_null(shape) == ["string"] and told_positive(told):
            zero = next((each for each in _ZEROS if requests.values.fits(schema, each)), None)
            if zero is not None:
                yield f"{name}: zero", "boundary", {**usual, name: zero}
