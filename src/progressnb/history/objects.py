"""Objects of the user's types as data: pydantic models, dataclasses, named tuples and members of enumerations."""

from __future__ import annotations

import dataclasses
import functools
import sys
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from progressnb.tracking.annotations import parts_of, type_hints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Types", "field_values", "is_changing", "is_huge", "object_node", "restored_object"]

_HUGE = 1_024
"""Bits of an integer that is written as hexadecimal digits: of thousands of decimal ones Python writes none."""


class Types:
    """The types that a value may have: those that its annotation names, then those that are loaded."""

    def __init__(self, annotation: object) -> None:
        self._annotation = annotation
        self._named: dict[str, type] | None = None

    def find(self, name: str) -> type | None:
        """Return the type of a name such as `module:Class`; nothing is imported for it."""
        if self._named is None:
            self._named = {_reference(kind): kind for kind in _reached(self._annotation)}
        if (kind := self._named.get(name)) is not None:
            return kind
        module, _, path = name.partition(":")
        found: Any = sys.modules.get(module)
        for part in path.split("."):
            inside: Mapping[str, Any] = getattr(found, "__dict__", {})
            found = inside.get(part)
        return found if isinstance(found, type) and _reference(found) == name and _is_data(found) else None


def object_node(value: object, inside: Callable[[object], Any]) -> dict[str, Any] | None:
    """Return the node of an object, or None for one that is no data."""
    kind: Any = type(value)
    name = _reference(kind)
    if isinstance(value, Enum):
        is_member = kind.__members__.get(value.name) is value  # and no union of flags
        return {"enum": [name, value.name if is_member else None, inside(value.value)]}
    if isinstance(value, BaseModel):
        fields = {key: each for key, each in value.__dict__.items() if key in kind.model_fields}
        private = dict(value.__pydantic_private__ or {})
        parts = (fields, value.__pydantic_extra__ or {}, private)
        return {"model": [name, sorted(value.model_fields_set), *(_pairs(part, inside) for part in parts)]}
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        others = {*getattr(value, "__dict__", {})} - {*names}
        cached = all(isinstance(getattr(kind, each, None), functools.cached_property) for each in others)
        if not cached or not all(hasattr(value, each) for each in names):
            return None
        return {"dataclass": [name, _pairs({each: getattr(value, each) for each in names}, inside)]}
    if hasattr(kind, "_fields") and not getattr(value, "__dict__", None) and isinstance(value, tuple):
        return {"namedtuple": [name, [inside(each) for each in cast("tuple[object, ...]", value)]]}
    return None


def restored_object(tag: str, content: Any, types: Types, read: Callable[[Any], Any]) -> tuple[bool, Any]:  # noqa: ANN401 - JSON, a value
    """Return whether a node is that of an object, and the object."""
    if tag not in ("enum", "model", "dataclass", "namedtuple"):
        return False, None
    kind: Any = types.find(content[0])
    if kind is None:
        raise LookupError(content[0])
    if tag == "enum":
        return True, kind(read(content[2])) if content[1] is None else kind[content[1]]
    if tag == "namedtuple":
        return True, kind._make(read(each) for each in content[1])
    if tag == "dataclass":
        return True, _dataclass(kind, {key: read(each) for key, each in content[1]})
    return True, _model(kind, content, read)


def field_values(value: object) -> dict[str, object] | None:
    """Return the fields of an object whose fields are its data, or None for any other."""
    if isinstance(value, BaseModel):
        return {**value.__dict__, **(value.__pydantic_extra__ or {}), **(value.__pydantic_private__ or {})}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: getattr(value, name, None) for name in names} | {**getattr(value, "__dict__", {})}
    parts: Any = getattr(type(value), "_fields", None)
    if parts is not None and isinstance(value, tuple):
        return dict(zip(parts, cast("tuple[object, ...]", value), strict=True))
    return None


def is_changing(value: object) -> bool:
    """Return whether the fields of an object may be others later."""
    frozen: Any = getattr(type(value), "__dataclass_params__", None)
    return frozen is not None and not frozen.frozen


def _dataclass(kind: Any, values: dict[str, Any]) -> Any:  # noqa: ANN401 - a class and its object
    fields = dataclasses.fields(kind)
    made = kind(**{field.name: values[field.name] for field in fields if field.init})
    for field in fields:
        if not field.init and getattr(made, field.name, dataclasses.MISSING) is not values[field.name]:
            object.__setattr__(made, field.name, values[field.name])
    return made


def _model(kind: Any, content: Any, read: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - a class and its object
    _, given, *parts = content
    fields, extra, private = ({key: read(each) for key, each in part} for part in parts)
    if kind.__pydantic_root_model__:
        made = kind.model_validate(fields["root"])
    else:
        made = kind.model_validate({**fields, **extra}, by_name=True, by_alias=False)
    object.__setattr__(made, "__pydantic_fields_set__", {*given})
    for key, each in private.items():
        made.__pydantic_private__[key] = each
    return made


def _pairs(values: dict[str, Any], inside: Callable[[object], Any]) -> list[Any]:
    return [[key, inside(each)] for key, each in values.items()]


def _reference(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _is_data(kind: Any) -> bool:  # noqa: ANN401 - a class
    return issubclass(kind, BaseModel | Enum) or dataclasses.is_dataclass(kind) or hasattr(kind, "_fields")


def _reached(annotation: object) -> Iterator[type]:
    """Go through the types that an annotation names, and those that the fields of these name."""
    waiting: list[object] = [annotation]
    seen: set[type] = set()
    while waiting:
        for part in parts_of(waiting.pop()):
            if isinstance(part, type) and part not in seen and _is_data(part):
                seen.add(part)
                yield part
                waiting += list(type_hints(cast("Any", part)).values())
                if issubclass(part, BaseModel):
                    waiting += [field.annotation for field in part.model_fields.values()]


def is_huge(value: object) -> bool:
    """Return whether a value is an integer of very many digits."""
    return type(value) is int and value.bit_length() > _HUGE
