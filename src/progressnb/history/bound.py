"""The arguments of a call by the names of their parameters."""

from __future__ import annotations

import inspect
from types import FunctionType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["bound_arguments"]

_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_SIGNATURES: WeakKeyDictionary[Callable[..., Any], inspect.Signature] = WeakKeyDictionary()


def bound_arguments(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[tuple[object, ...], dict[str, object]]:
    """Return the arguments by the names of their parameters, without those that are the defaults."""
    try:
        signature = _signature(function)
        parameters = signature.parameters
        if not kwargs and len(args) == len(parameters) and all(each.kind in _BY_PLACE for each in parameters.values()):
            given = dict(zip(parameters, args, strict=True))  # nearly always, in a tenth of the time
        else:
            given = signature.bind(*args, **kwargs).arguments
    except (TypeError, ValueError):  # some functions in C have no signature; a wrong call fails where it is made
        return args, dict(kwargs)
    # A default counts as part of the function.
    return (), {name: value for name, value in given.items() if value is not parameters[name].default}


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    try:
        found = _SIGNATURES.get(function)
    except TypeError:  # it has no weak references, or no hash
        return inspect.signature(function)
    if found is None:
        found = inspect.signature(function)
        if isinstance(function, FunctionType):
            _SIGNATURES[function] = found
    return found
