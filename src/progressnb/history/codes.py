"""The digests of compiled code, and which code is the user's own."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import sys
import sysconfig
from pathlib import Path
from types import CodeType, FunctionType, MemberDescriptorType
from typing import Any, cast

from progressnb.history.reads import attributes_read, is_setter

__all__ = [
    "code_digest",
    "hashed",
    "is_intercepting",
    "is_own",
    "is_own_class",
    "is_own_object",
    "name_of_type",
    "unwrapped",
    "values_of",
    "version_of_package",
    "written_by",
]

_MAKERS = ("__init__", "__new__", "__post_init__", "model_post_init")
_INSTALLED = tuple(
    {
        os.path.realpath(path) + os.sep
        for name in ("stdlib", "platstdlib", "purelib", "platlib")
        if (path := sysconfig.get_path(name))
    }
    | {os.path.realpath(Path(__file__).parents[1]) + os.sep}
)


def is_own_object(value: object) -> bool:
    """Return whether a value is an object of a class of the user's own code."""
    kind = type(value)
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    is_known = kind.__module__ == "__main__" or (file is not None and is_own(file))
    return is_known and not isinstance(value, type | FunctionType)


def is_own_class(kind: type) -> bool:
    """Return whether a class is of the user's own code."""
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return is_own(file or ("" if kind.__module__ == "__main__" else "<builtin>"))


def is_intercepting(value: object) -> bool:
    """Return whether code of the user's own decides what each attribute of an object is."""
    return isinstance(getattr(type(value), "__getattribute__", None), FunctionType)


def values_of(value: object) -> dict[str, object]:
    """Return the attributes that an object holds itself; no code of it is run."""
    found: dict[str, object] = {}
    for kind in type(value).__mro__:
        for name, each in vars(kind).items():
            if isinstance(each, MemberDescriptorType) and not name.startswith("__"):
                with contextlib.suppress(AttributeError):
                    found[name] = each.__get__(value)
    with contextlib.suppress(AttributeError):
        found |= cast("dict[str, object]", object.__getattribute__(value, "__dict__"))
    return found


def version_of_package(module: str) -> str:
    """Return the version of an installed package, which counts as its code; an empty text where it says none."""
    version = getattr(sys.modules.get(module.partition(".")[0]), "__version__", None)
    return version if isinstance(version, str) else ""


@functools.lru_cache(1024)
def written_by(kind: type, method: str | None = None) -> frozenset[str]:
    """Return the attributes that the methods of a class write to once it is made: counters, caches, logs of calls.

    Of a method those that it writes to itself, or by others that it calls. Without one: of all methods but setters.
    """
    methods = {
        name: each.__code__
        for base in reversed(kind.__mro__)
        for name, each in ((name, unwrapped(each)) for name, each in vars(base).items())
        if isinstance(each, FunctionType) and name not in _MAKERS and is_own(each.__code__.co_filename)
    }
    if method is None:
        counted = [code for code in methods.values() if not is_setter(code)]
    else:
        waiting, found = [method], {method}
        while waiting:
            code = methods.get(waiting.pop())
            called = attributes_read(code)[0] if code is not None else frozenset[str]()
            new = {*methods} - found if called is None else (called & {*methods}) - found
            found |= new
            waiting += new
        counted = [methods[name] for name in found if name in methods]
    return frozenset(name for code in counted for name in attributes_read(code)[1])


def unwrapped(value: Any) -> object:  # noqa: ANN401 - an attribute of a class
    """Return the function of a class method, a static method or a property; any other value itself."""
    if isinstance(value, functools.cached_property | functools.partialmethod):
        return cast("object", value.func)
    return getattr(value, "__func__", None) or getattr(value, "fget", None) or value


@functools.cache
def is_own(file: str | None) -> bool:
    """Return whether code of a file is the user's: of a project, a notebook or a shell, and not an installed one."""
    if file is None or file.startswith(("<frozen", "<builtin")):
        return False
    return not os.path.realpath(file).startswith(_INSTALLED)


@functools.lru_cache(4096)
def code_digest(code: CodeType) -> bytes:
    """Return the digest of compiled code, without its place and its annotations."""
    constants = [_constant(each) for each in code.co_consts]
    names = repr((code.co_names, code.co_varnames, code.co_freevars, code.co_argcount, code.co_kwonlyargcount))
    return hashed("code", code.co_code, names.encode(), *constants, str(code.co_flags).encode())


def _constant(value: object) -> bytes:
    if isinstance(value, CodeType):
        return code_digest(value)
    if isinstance(value, frozenset):
        return hashed("frozenset", *sorted(map(_constant, cast("frozenset[object]", value))))
    return hashed(type(value).__name__, repr(value).encode("utf-8", "surrogatepass"))


def hashed(kind: str, *parts: bytes) -> bytes:
    """Return the digest of parts, of which none runs into the next."""
    made = hashlib.sha256(kind.encode())
    for part in parts:
        made.update(len(part).to_bytes(8, "big"))
        made.update(part)
    return made.digest()


def name_of_type(kind: type) -> str:
    """Return the full name of a type; builtin types have none of a module."""
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
