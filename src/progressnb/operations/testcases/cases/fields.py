"""The fields of a body, and which of them are there with some values of others, as their descriptions tell."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases.told_fields import Need, told_need
from progressnb.operations.testcases.spec.plain import is_object
from progressnb.operations.testcases.values.scalars import NoValueError

if TYPE_CHECKING:
    from progressnb.operations.testcases.cases.creators import Creators
    from progressnb.operations.testcases.spec.endpoints import Body
    from progressnb.operations.testcases.spec.json_schema import AnySchema, Schema
    from progressnb.operations.testcases.values.builder import Values

__all__ = ["Fields"]


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
