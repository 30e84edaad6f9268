"""Fingerprints of operations: a run is taken up again only by code that is equal to the code that began it."""

from __future__ import annotations

import functools
import hashlib
import inspect
from types import CodeType
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.tracking.stage import Stage

__all__ = ["fingerprint_of", "qualified_name"]


def fingerprint_of(function: Callable[..., object], stages: list[Stage]) -> str:
    """Return a digest of a function's source and of its stages."""
    inner = inspect.unwrap(function)
    while isinstance(inner, functools.partial):
        inner = inspect.unwrap(inner.func)
    try:
        source = inspect.getsource(inner)
    except (OSError, TypeError):  # a function typed into a shell, or one not written in Python
        code = getattr(inner, "__code__", None)
        source = repr(_facts(code)) if code is not None else repr(type(cast("object", inner)))
    declared = [_declaration(stage) for stage in stages]
    return hashlib.sha256(f"{source}\n{declared}".encode("utf-8", "replace")).hexdigest()


def _facts(code: CodeType) -> tuple[object, ...]:
    """Return what compiled code does, with its constants and the code inside it, and without its place."""
    constants = [_constant(each) for each in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, code.co_freevars, constants


def _constant(value: object) -> object:
    if isinstance(value, frozenset):  # in the order of the seed of the process
        return "frozenset", sorted(map(repr, cast("frozenset[object]", value)))
    return _facts(value) if isinstance(value, CodeType) else value


def _declaration(stage: Stage) -> tuple[object, ...]:
    declared = (stage.name, stage.weight, stage.retries, stage.fallback is not None)
    if (retry := stage.retry) is None:  # as in the fingerprints that histories have from before there was `Retry`
        return declared
    kinds = retry.on if isinstance(retry.on, tuple) else (retry.on,)
    wait = qualified_name(retry.wait) if callable(retry.wait) else retry.wait
    return (*declared, retry.attempts, wait, *map(qualified_name, kinds))


def qualified_name(value: object) -> str:
    """Return the module and the name of a function or a class, or of an object's class."""
    named = value if hasattr(value, "__qualname__") else type(value)  # a callable object has none
    return f"{getattr(named, '__module__', '?')}.{getattr(named, '__qualname__', '?')}"
