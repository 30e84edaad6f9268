"""The digest of a function: its compiled code, and the values outside of it that its result depends on."""

from __future__ import annotations

import functools
import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any, Protocol, cast

from progressnb.history.codes import code_digest, hashed, is_own, is_own_object, version_of_package
from progressnb.history.follow import follow, setter_of
from progressnb.history.outside import (
    Outside,
    acting,
    changed_by,
    function_at,
    is_container,
    is_filled,
    value_imported,
    variables,
)
from progressnb.history.reads import names_read, writes_in
from progressnb.history.writes import Attribute

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from progressnb.history.plans import Plan
    from progressnb.history.reads import Read, Reads

__all__ = ["NotComparableError", "Walker", "function_digest"]

_OF_FOLDER = ("Path.cwd", "abspath", "realpath")
"""Functions whose result depends on the folder in which the process is."""

_PLAIN = (str, int, float, bool, type(None), bytes)


class NotComparableError(TypeError):
    """A value that nothing is known of but its type."""


class Walker(Protocol):
    """The digests of the values that a function leads to.

    Attributes:
        plan: What the digest is made of.
        caught: Whether the errors of functions count.
        used: The names that callers read, which a function may change.

    """

    plan: Plan
    caught: bool
    used: frozenset[str]

    def anew(self) -> Walker:
        """Return another one, which knows nothing yet."""
        ...

    def digest(self, value: object) -> bytes:
        """Return the digest of any value."""
        ...

    def digest_anew(self, value: object) -> bytes:
        """Return the digest that a value has now."""
        ...

    def attribute(self, owner: object, name: str | None) -> bytes:
        """Return the digest of an attribute, or of the whole object."""
        ...

    def slot(self, owner: object, name: str, digest: Callable[[], bytes]) -> bytes:
        """Return the digest of a value that calls change, as it was before them."""
        ...

    def leniently(self, digest: Callable[[Any], bytes], value: object) -> bytes:
        """Return the digest of what is no argument, so that unknown objects count by their types."""
        ...

    def note(self, value: object, *, may_come: bool = False) -> None:
        """Take note of a text or a path that may name a file."""
        ...


def function_digest(walk: Walker, function: FunctionType) -> bytes:
    """Return the digest of a function: its code, and what it reads from outside."""
    code = function.__code__
    if not is_own(code.co_filename):
        return _installed(walk, function)
    outside = Outside(function)
    reads = names_read(code, caught=walk.caught)
    if reads.unknown is not None:
        raise NotComparableError(f"{reads.unknown} in its code")
    walk.plan.add_function(function)
    walk.plan.holds &= not reads.imports and not reads.changed and "__class__" not in code.co_freevars
    named = tuple(sorted((function.__kwdefaults__ or {}).items()))
    parts = [walk.digest(function.__defaults__), walk.digest(named), code_digest(code)]
    changed, acted = _effects(walk, outside, reads)
    changed |= _changed_inside(outside, reads)
    parts += acted
    parts += _reads(walk, outside, [each for each in reads.names if each[0] not in changed], caught=reads.caught)
    parts += _changed(walk, outside, reads.changed)
    for read in reads.names:
        if read[0] in changed and read[0] in outside:
            parts.append(walk.slot(function.__globals__, str(read), functools.partial(_read_anew, walk, outside, read)))
    for imported, paths in reads.imports:
        found = value_imported(imported, function.__globals__)
        parts += [walk.attribute(*follow(found, path)) for path in paths]
    parts += _classes(walk, outside, function)
    for text in reads.files:
        walk.note(text, may_come=True)
    return hashed("function", *parts)


def _installed(walk: Walker, function: FunctionType) -> bytes:
    values: list[object] = [cell.cell_contents for cell in function.__closure__ or () if is_filled(cell)]
    if isinstance(registry := getattr(function, "registry", None), Mapping):  # of `singledispatch`
        values = [dict(cast("Mapping[object, object]", registry))]
    if function.__qualname__ in _OF_FOLDER:
        values.append(os.getcwd())  # noqa: PTH109 - a text
    if function in (os.getenv, os.path.expandvars):
        values.append(dict(variables()))
    walk.plan.holds &= not values
    where = f"{function.__module__}.{function.__qualname__} {version_of_package(function.__module__)}"
    return hashed("installed", where.encode(), *map(walk.digest, values))


def _effects(walk: Walker, outside: Outside, reads: Reads) -> tuple[set[str], list[bytes]]:
    """Return the names that calls change whose values are not used, and the digests of these calls."""
    changed: set[str] = set()
    parts: list[bytes] = []
    used = reads.used | walk.used
    for name, path, given in reads.effects:
        walk.plan.add_read(outside, name, path)
        if name in outside:
            called, names = acting(outside[name], path, used, is_used=name in used)
            changed |= {each or name for each in names}
            if called is not None:
                parts += [_acting(walk, called, used), *_reads(walk, outside, given)]
    return changed, parts


def _classes(walk: Walker, outside: Outside, function: FunctionType) -> Iterator[bytes]:
    """Give the digests of code that assigns to attributes of objects, and of what `super()` leads to."""
    for name, key in sorted(writes_in(function.__code__), key=repr):
        if isinstance(key, Attribute) and name in outside and is_own_object(value := cast("object", outside[name])):
            yield walk.digest(setter_of(type(value), key.name))
    if "__class__" in function.__code__.co_freevars and "__class__" in outside:
        yield walk.digest(outside["__class__"].__bases__)


def _reads(
    walk: Walker, outside: Outside, reads: Iterable[Read], *, caught: frozenset[str] = frozenset()
) -> Iterator[bytes]:
    before = walk.caught
    for name, paths in reads:
        for path in paths or ((),):
            walk.plan.add_read(outside, name, path)
        if name in outside and isinstance(value := cast("object", outside[name]), defaultdict):  # a read may make a key
            yield walk.slot(cast("object", value), name, functools.partial(walk.digest_anew, cast("object", value)))
        elif name in outside:
            walk.caught = before or name in caught
            values = (follow(outside[name], path) for path in paths or ((),))
            yield hashed("read", name.encode(), *(walk.attribute(*each) for each in values))
    walk.caught = before


def _acting(walk: Walker, called: object, used: frozenset[str]) -> bytes:
    before, walk.used = walk.used, used
    try:
        return walk.digest(called)
    finally:
        walk.used = before


def _changed_inside(outside: Outside, reads: Reads) -> set[str]:
    """Return the names whose values are changed by functions that the code calls."""
    found: set[str] = set()
    for name, paths in reads.names:
        for path in (paths or ((),)) if name in outside else ():
            called = function_at(outside[name], path)
            if isinstance(called, FunctionType) and is_own(called.__code__.co_filename):
                found |= changed_by(called, reads.used) or frozenset()
    return found


def _changed(walk: Walker, outside: Outside, reads: Iterable[Read]) -> Iterator[bytes]:
    """Give the digests of what a function reads and changes itself. Numbers that it counts are left out."""
    for name, paths in reads:
        if name not in outside:
            continue
        value = outside[name]
        if is_container(value):
            yield walk.slot(value, name, functools.partial(walk.digest_anew, value))
        elif isinstance(value, os.PathLike):
            yield os.fsencode(cast("os.PathLike[str]", value))  # a file that it writes is no input
        elif not isinstance(value, _PLAIN):
            yield from _reads(walk, outside, [(name, paths)])


def _read_anew(walk: Walker, outside: Outside, read: Read) -> bytes:
    return hashed("", *_reads(walk.anew(), outside, [read]))
