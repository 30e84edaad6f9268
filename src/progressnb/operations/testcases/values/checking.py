"""The check whether a value fits a schema, in bounded time and memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from progressnb.operations.testcases.spec.json_schema import READ_ONLY
from progressnb.operations.testcases.spec.patterns import Matcher
from progressnb.operations.testcases.spec.plain import is_list, is_object
from progressnb.operations.testcases.values.formats import fits_format
from progressnb.operations.testcases.values.scalars import NoValueError
from progressnb.wire import grammar_later

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from progressnb.operations.testcases.spec.json_schema import AnySchema

__all__ = ["Checker"]

_REMEMBERED = 1_500
"""Validators that are kept."""

_FEW = 200
"""Items of a list that jsonschema compares, each with each. More items are compared as JSON text."""


class Checker:
    """A validator for schemas that share their definitions."""

    def __init__(self, definitions: Mapping[str, AnySchema]) -> None:
        self._definitions = definitions
        self._validators: dict[str, Any] = {}
        self._matcher = Matcher()
        self._classes: dict[bool, Any] = {}

    def fits(self, schema: AnySchema, value: object, *, read_only: bool = True) -> bool:
        """Tell whether a value fits a schema, and the formats in it that are known.

        With `read_only=False` it has no property that only the server writes. Raises `NoValueError` for a schema that
        can't be checked, such as one that refers to itself without end.
        """
        if isinstance(schema, bool):
            return schema
        if not self._classes:
            self._classes = {each: _validator_class(self._matcher, read_only=each) for each in (True, False)}
        key = f"{read_only}{json.dumps(schema, sort_keys=True)}"
        validator: Any = self._validators.get(key)
        if validator is None:
            if len(self._validators) > _REMEMBERED:  # memory stays bounded, whatever the specification
                self._validators.clear()
            validator = self._classes[read_only]({**schema, "$defs": self._definitions})
            self._validators[key] = validator
        try:
            return bool(validator.is_valid(value))
        except (RecursionError, TypeError, ValueError, OverflowError) as error:
            raise NoValueError(f"a schema that can be checked ({type(error).__name__})") from error


def _validator_class(matcher: Matcher, *, read_only: bool) -> Any:  # noqa: ANN401 - a class that is made here
    """Return a class of validators that match patterns and compare items in bounded time."""
    with grammar_later():
        from jsonschema import Draft202012Validator, ValidationError, validators

    def pattern(_: object, pattern: str, instance: object, __: object) -> Iterator[ValidationError]:
        if isinstance(instance, str) and not matcher.fits(pattern, instance):
            yield ValidationError("another pattern")

    def unique(validator: object, stated: object, instance: object, schema: object) -> Iterator[ValidationError]:
        if not is_list(instance) or len(instance) <= _FEW:
            yield from keywords["uniqueItems"](validator, stated, instance, schema)
        elif stated and len({json.dumps(each, sort_keys=True) for each in instance}) < len(instance):
            yield ValidationError("an item twice")

    def form(_: object, stated: object, instance: object, __: object) -> Iterator[ValidationError]:
        if not fits_format(instance, stated):
            yield ValidationError("another format")

    keywords: Any = Draft202012Validator.VALIDATORS
    own: dict[str, Any] = {"pattern": pattern, "uniqueItems": unique, "format": form}
    if not read_only:
        own[READ_ONLY] = _hidden
    return cast("Any", validators).extend(Draft202012Validator, own)


def _hidden(_: object, stated: list[str], instance: object, __: object) -> Iterator[Any]:
    from jsonschema import ValidationError

    if is_object(instance) and not instance.keys().isdisjoint(stated):
        yield ValidationError("a property that only the server writes")
