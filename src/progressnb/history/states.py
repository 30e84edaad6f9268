"""The data of objects of installed classes: what makes a pattern, a template, a zone or a generator of numbers."""

from __future__ import annotations

import copyreg
import sys
from collections.abc import Callable, Iterator, Mapping
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, cast
from weakref import WeakKeyDictionary

__all__ = ["public_values", "state_of"]

_LIBRARY = sys.stdlib_module_names
_PLAIN = (str, int, float, bool, bytes, type(None))
_DATA = (*_PLAIN, list, tuple, dict, set, frozenset, FunctionType, MethodType, BuiltinFunctionType)
_AT_WORK = frozenset(
    [
        "_asyncio",
        "_contextvars",
        "_ctypes",
        "_socket",
        "_sqlite3",
        "_ssl",
        "_thread",
        "_weakref",
        "_weakrefset",
        "asyncio",
        "concurrent",
        "contextlib",
        "ctypes",
        "gc",
        "http",
        "inspect",
        "logging",
        "multiprocessing",
        "sched",
        "selectors",
        "signal",
        "socket",
        "socketserver",
        "sqlite3",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "traceback",
        "urllib",
        "weakref",
    ]
)
"""The modules of the standard library whose objects are at work: locks, tasks, files. Their state is no value."""

_RANDOM = 1 << 64
"""The seed of a generator that nobody gave one is random, and mostly larger."""

_FIRST: WeakKeyDictionary[Any, object] = WeakKeyDictionary()
"""The states in which generators of random numbers were first seen: each number that is drawn changes them."""


def state_of(value: object, *, is_given: bool = False) -> object:
    """Return what an object of an installed class holds, or None where that is not known or no value.

    Of a generator of random numbers it is the seed; one that is given as an argument counts by where it stands, which
    nobody knows. It is what the object would be pickled as. No code of the user's classes is run for it.
    """
    kind = type(value)
    top = kind.__module__.partition(".")[0]
    if is_given and (top == "random" or kind.__module__.startswith("numpy.random")):
        return None
    if (read := _READ.get(f"{kind.__module__}.{kind.__qualname__}")) is not None:
        return read(value)
    if isinstance(value, Iterator) or top in _AT_WORK or kind is object:
        return None
    if top in ("numpy", "pandas", "builtins") or top in _LIBRARY:
        return _reduced(value)
    # Of other packages, those that are equal by what they hold are values: an address, a secret, an amount.
    is_value = kind.__eq__ is not object.__eq__ or kind.__reduce__ is not object.__reduce__
    return _reduced(value) if is_value else None


def public_values(value: object) -> dict[str, object]:
    """Return the attributes that an object of a library shows and that are data, such as an address or a limit."""
    values: object = getattr(value, "__dict__", None)
    found = cast("dict[str, object]", values) if isinstance(values, dict) else {}
    return {name: each for name, each in found.items() if not name.startswith("_") and _is_data(each)}


def _is_data(value: object) -> bool:
    kind = type(value)
    return kind in _DATA or kind.__module__ in ("numpy", "pandas", "datetime", "pathlib", "decimal")


def _reduced(value: object) -> object:
    kind = type(value)
    known: Any = copyreg.dispatch_table.get(kind)
    try:
        made: Any = known(value) if known is not None else value.__reduce_ex__(4)
    except Exception:  # noqa: BLE001 - of any library: it can't be pickled
        return None
    if not isinstance(made, tuple):
        return made
    parts: list[object] = [*made]
    # Items of sequences and mappings come from iterators.
    items = [list(cast("Iterator[object]", part)) if isinstance(part, Iterator) else part for part in parts[1:]]
    return getattr(parts[0], "__qualname__", ""), items


def _seed(value: Any) -> object:  # noqa: ANN401 - a generator of numpy
    """Return the seed that somebody gave, with the number of the branch."""
    source = getattr(value, "bit_generator", value)
    sequence = getattr(source, "seed_seq", None)
    entropy = getattr(sequence, "entropy", None)
    if isinstance(entropy, int) and entropy > _RANDOM:
        return None
    return type(source).__name__, entropy, getattr(sequence, "spawn_key", None)


def _first(value: Any) -> object:  # noqa: ANN401 - a generator of random numbers
    if value not in _FIRST:
        state: Any = value.get_state() if hasattr(value, "get_state") else value.getstate()
        _FIRST[value] = repr(state)
    return _FIRST[value]


_READ: Mapping[str, Callable[[Any], object]] = {
    "_io.BytesIO": lambda value: None if value.closed else value.getvalue(),
    "_io.StringIO": lambda value: None if value.closed else value.getvalue(),
    "_struct.Struct": lambda value: value.format,
    "builtins.memoryview": lambda value: (value.format, value.shape, value.tobytes()),
    "decimal.Context": lambda value: (
        (value.prec, value.rounding, value.Emin, value.Emax, value.capitals, value.clamp),
        sorted(kind.__name__ for kind, is_on in value.traps.items() if is_on),
    ),
    "numpy.random._generator.Generator": _seed,
    "numpy.random.mtrand.RandomState": _first,
    "random.Random": _first,
    "pydantic.type_adapter.TypeAdapter": lambda value: (value._type, value._config),  # noqa: SLF001 - no public name
    "xml.etree.ElementTree.ElementTree": lambda value: value.getroot(),
}
