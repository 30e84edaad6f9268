"""The fields of a body and what is told of them: which are there with some values of others, what they may not be."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.told_fields import Need, told_need, told_past, told_positive
from progressnb.operations.testcases.schemas import Case, Step
from progressnb.operations.testcases.spec.json_schema import types_but_null
from progressnb.operations.testcases.spec.plain import is_object
from progressnb.operations.testcases.values.scalars import NoValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.cases.creators import Creators
    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.schemas import Category
    from progressnb.operations.testcases.spec.endpoints import Body, Endpoint
    from progressnb.operations.testcases.spec.json_schema import AnySchema, Schema
    from progressnb.operations.testcases.values.builder import Values

__all__ = ["Fields", "field_cases"]

_FUTURE = {"date": "2999-12-31", "date-time": "2999-12-31T00:00:00Z"}
_ZEROS = ("0.00", "0.0", "0")


class Fields:
    """Read the fields of bodies."""

    def __init__(self, creators: Creators, values: Values) -> None:
        self._creators = creators
        self._values = values

    def options(self, schema: AnySchema) -> dict[str, list[Any]]:
        """Return the values of the fields that have listed ones, or are true or false."""
        found: dict[str, list[Any]] = {}
        for name, each in self._creators.fields(schema).items():
            is_flag = self._creators.types(each) == ["boolean"]
            found[name] = [True, False] if is_flag else self._creators.listed(each)
        return {name: values for name, values in found.items() if values}

    def needs(self, schema: AnySchema, answered: Schema | None = None) -> dict[str, Need]:
        """Return when fields of a body, or of the answer to it, are there: by the values of others in the body."""
        told = {name: self._creators.told(each) for name, each in (answered or self._creators.fields(schema)).items()}
        options = self.options(schema) if any(told.values()) else {}
        found = {name: told_need(text, options) for name, text in told.items() if text and options}
        return {name: need for name, need in found.items() if need is not None}

    def completed(self, body: Body, value: Any) -> Any:  # noqa: ANN401 - plain data
        """Return a value for a body with the fields that are needed with its others, as far as they can be made."""
        for name, need in self.needs(body.schema).items() if is_object(value) else ():
            if need.must and name not in value and need.holds(value):
                with suppress(NoValueError):
                    value = {**value, name: self._values.make(self._creators.fields(body.schema)[name], "full", name)}
        return value


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
