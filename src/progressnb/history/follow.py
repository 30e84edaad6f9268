"""The values that a path of keys and attributes leads to, without running the code of any object."""

from __future__ import annotations

import contextlib
import inspect
import os
from argparse import Namespace
from collections import ChainMap, OrderedDict, UserDict, UserList, defaultdict
from collections.abc import Mapping
from types import FunctionType, MappingProxyType, ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from progressnb.history.codes import is_own, is_own_class, is_own_object, values_of
from progressnb.history.writes import Attribute, Called

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["declared_fields", "follow", "is_class_value", "is_helper", "is_open", "setter_of"]

_CONTAINERS = (dict, list, tuple, OrderedDict, UserDict, UserList, ChainMap, MappingProxyType, type(os.environ))

_TYPES = ("annotation", "type", "metadata_type")
"""What a field says of its type: its class has it among its annotations."""


def follow(  # noqa: PLR0911 - each kind of step has its answer
    value: object, path: tuple[object, ...]
) -> tuple[object, str | None]:
    """Return the value at the end of a path, as far as it can be followed, and the attribute of it that is next."""
    for place, step in enumerate(path):
        later = path[place + 1] if place + 1 < len(path) else None
        if isinstance(step, Called):
            return (os.environ.get(str(step.argument)), None) if value is os.getenv else (value, None)
        if not isinstance(step, Attribute):
            if type(value) not in (*_CONTAINERS, defaultdict):
                return value, None
            value = _item(value, step)
        elif step.name == "get" and isinstance(later, Called) and _is_mapping(value):
            return _item(value, later.argument), None
        elif not is_open(value):
            return value, step.name
        elif isinstance(value, type):
            if not is_class_value(step.name, inner := _of_class(value, step.name)):
                return value, step.name
            value = inner
        elif step.name in (values := _names_of(value, step.name)):
            value = values[step.name]
        else:
            return value, step.name
    return value, None


def _names_of(value: object, name: str) -> dict[str, object]:
    """Return the attributes of a module or an object. A module that loads names when they are used loads this one."""
    if not isinstance(value, ModuleType):
        return values_of(value)
    if name not in vars(value) and "__getattr__" in vars(value) and not is_own(getattr(value, "__file__", None)):
        with contextlib.suppress(Exception):  # the function meets the same error
            getattr(value, name)
            if name not in vars(value):
                return {name: getattr(value, name)}
    return vars(value)


def is_class_value(name: str, value: object) -> bool:
    """Return whether an attribute of a class is data that its author wrote, or a class in it."""
    if name.startswith(("__", "_abc_")) or value is None:
        return False
    return isinstance(value, type) or not (callable(value) or hasattr(type(value), "__get__"))


def is_helper(name: str, value: object) -> bool:
    """Return whether an attribute of a class is something else that its author wrote, such as a descriptor."""
    if name.startswith(("__", "_abc_", "_pydantic", "model_")) or value is None:
        return False
    if type(value).__module__ in ("builtins", "abc", "enum", "_abc", "dataclasses", "typing", "weakref", "_weakref"):
        return False
    return not type(value).__module__.startswith("pydantic")


def declared_fields(kind: type) -> Iterator[object]:
    """Give what the fields of a dataclass or of a pydantic model declare: defaults, aliases, constraints."""
    for name in ("__pydantic_fields__", "__dataclass_fields__"):
        fields: object = vars(kind).get(name)
        for each in cast("dict[str, object]", fields).values() if isinstance(fields, dict) else ():
            slots: Iterable[str] = getattr(type(each), "__slots__", ())
            # A factory is compared by its code, and missing values by their type.
            yield {slot: getattr(each, slot, None) for slot in slots if not slot.startswith("_") and slot not in _TYPES}


def setter_of(kind: type, name: str) -> object:
    """Return the code that assigns to an attribute of an object, or None."""
    found: object = inspect.getattr_static(kind, name, None)
    setter: object = getattr(found, "fset", None) or inspect.getattr_static(type(found), "__set__", None)
    own = vars(kind).get("__setattr__")
    return [each for each in (setter, own) if isinstance(each, FunctionType)]


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping) and type(cast("object", value)) in (*_CONTAINERS, defaultdict)


def is_open(value: object) -> bool:
    """Return whether attributes of a value can be read one by one."""
    if isinstance(value, type):
        return is_own_class(value)
    return isinstance(value, ModuleType | SimpleNamespace | Namespace) or is_own_object(value)


def _of_class(kind: type, name: str) -> object:
    return next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)


def _item(values: Any, key: object) -> object:  # noqa: ANN401 - a dict or a list
    is_there = not hasattr(values, "keys") or key in values
    try:
        found: object = values[key] if is_there else ...
    except (LookupError, TypeError):
        return ...
    return found
