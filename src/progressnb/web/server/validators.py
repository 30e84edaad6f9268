"""Validators that stop at the first fault of a list, since each fault of thousands costs as much as a check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydantic_core import SchemaError, SchemaValidator

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["first_faults"]

_LISTS = frozenset({"list", "tuple", "set", "frozenset"})


def first_faults(adapter: TypeAdapter[Any]) -> TypeAdapter[Any] | SchemaValidator:
    """Return the validator of an adapter that ends lists, tuples and sets at their first fault (`FailFast`)."""
    try:
        return SchemaValidator(_failing_fast(adapter.core_schema))
    except SchemaError:  # a schema that only its own model can build
        return adapter


def _failing_fast(schema: object) -> Any:  # noqa: ANN401 - a schema of pydantic-core
    if isinstance(schema, list):
        return [_failing_fast(each) for each in cast("list[object]", schema)]
    if isinstance(schema, tuple):  # a choice of a union with its label
        return tuple(_failing_fast(each) for each in cast("tuple[object, ...]", schema))
    if not isinstance(schema, dict):
        return schema
    known = cast("dict[str, object]", schema)
    if "type" not in known:
        return {key: _failing_fast(each) for key, each in known.items()}
    kept = {key: each if key in ("metadata", "serialization") else _failing_fast(each) for key, each in known.items()}
    return {**kept, "fail_fast": True} if known["type"] in _LISTS else kept
