"""The digests of values of any kind: data, functions, classes and objects."""

from __future__ import annotations

import functools
import inspect
import os
from argparse import Namespace
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from random import Random
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, cast, get_args, get_origin

from progressnb.history.classes import class_digest, module_digests
from progressnb.history.codes import (
    hashed,
    is_intercepting,
    is_own,
    is_own_class,
    is_own_object,
    name_of_type,
    values_of,
    written_by,
)
from progressnb.history.exact import NotExactError, pack_exact
from progressnb.history.files import file_digest, is_file_name
from progressnb.history.follow import is_open
from progressnb.history.functions import NotComparableError, function_digest
from progressnb.history.grown import slot_of
from progressnb.history.objects import field_values, is_changing, is_huge
from progressnb.history.outside import held, is_container, variables
from progressnb.history.plans import Plan
from progressnb.history.reads import attributes_read
from progressnb.history.states import public_values, state_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from progressnb.history.grown import Changing

__all__ = ["Walk"]

KEY = "_progressnb_key_"
"""The attribute of a function that says what its result depends on, in place of its code and closure."""

_DEPTH = 60
_MOST = 200_000
_NAMES = 1_000
_NUMBERS: frozenset[type] = frozenset((int, float, bool, type(None)))
_SIMPLE = _NUMBERS | {str}
_PLAIN = (str, int, float, bool, type(None), bytes)


class Walk:
    """The digests of values. In a strict one a value that can't be compared is an error, else it counts by its type."""

    def __init__(self, *, strict: bool = False, chance: bool = True) -> None:
        self._chance = chance  # whether states of random generators count
        self.paths: set[str] = set()
        self.changing: list[Changing] = []
        self.plan = Plan(holds=not strict)  # nobody keeps that of arguments
        self._strict = strict
        self._above: list[int] = []
        self._known: dict[tuple[object, ...], tuple[object, bytes]] = {}
        self.used: frozenset[str] = frozenset()  # names that callers read, which a function may change
        self.caught = False  # whether the errors of functions count

    def digest(self, value: object) -> bytes:
        """Return the digest of any value."""
        self.plan.meet(value) if not isinstance(value, type) or is_own_class(value) else None
        if isinstance(value, _PLAIN):
            return self._digest(value)
        if (known := self._known.get((id(value), self.caught, self.used))) is not None:
            return known[1]
        if id(value) in self._above:
            return hashed("again", str(self._above.index(id(value))).encode())
        if len(self._above) > _DEPTH or len(self._known) > _MOST:
            raise NotComparableError("values nested too deep, or too many")
        self._above.append(id(value))
        try:
            made = self._digest(value)
        finally:
            self._above.pop()
        self._known[id(value), self.caught, self.used] = value, made
        return made

    def anew(self) -> Walk:
        """Return another one, which knows nothing yet."""
        return Walk(chance=self._chance)

    def digest_anew(self, value: object) -> bytes:
        """Return the digest that a value has now."""
        return Walk(strict=self._strict, chance=self._chance).digest(value)

    def arguments(self, args: tuple[object, ...], named: Mapping[str, object]) -> bytes:
        """Return the digest of arguments. The names of parameters are no names of files."""
        parts = (part for name, each in named.items() for part in (name.encode(), self.digest(each)))
        return hashed("arguments", *map(self.digest, args), *parts)

    def _digest(self, value: object) -> bytes:  # noqa: C901, PLR0911 - each kind of value has its answer
        kind = type(value)
        if value is None or kind in (bool, int, float, complex, bytes):
            text = hex(cast("int", value)) if is_huge(value) else repr(value)
            return hashed(kind.__name__, text.encode())
        if isinstance(value, str | os.PathLike):
            path = cast("os.PathLike[str]", value)
            self.note(path)
            text = os.fspath(path)
            more = self._beside(cast("object", value))
            return hashed(name_of_type(kind), text.encode("utf-8", "surrogatepass"), *more)
        if kind in (list, tuple):
            kinds = {*map(type, cast("list[object]", value))}
            is_plain = kinds <= _NUMBERS or (kinds <= _SIMPLE and len(cast("list[object]", value)) > _NAMES)
            if is_plain and not (int in kinds and any(map(is_huge, cast("list[object]", value)))):
                return hashed(f"{kind.__name__} of data", repr(value).encode("utf-8", "surrogatepass"))
            return hashed(kind.__name__, *map(self.digest, cast("list[object]", value)))
        if isinstance(value, set | frozenset):
            members = sorted(map(self.digest, cast("set[object]", value)))
            return hashed(name_of_type(kind), *members, *self._beside(cast("object", value)))
        if isinstance(value, Mapping):
            items = variables() if value is os.environ else cast("Mapping[object, object]", value).items()
            pairs = sorted(hashed("", self.digest(key), self.digest(each)) for key, each in items)
            return hashed(name_of_type(kind), *pairs, *self._beside(cast("object", value)))
        if isinstance(value, FunctionType) and KEY in vars(value):
            self.plan.holds = False
            return self._argument(vars(value)[KEY])
        if callable(value) and (made := self._callable(value)) is not None:
            return made
        if isinstance(value, ModuleType):
            return hashed("module", value.__name__.encode(), *module_digests(self, value))
        if get_origin(value) is not None:
            return hashed("type", *map(self.digest, (get_origin(value), *get_args(value))))
        return self._object(value)

    def _with(self, outer: Walk, key: object) -> bytes:
        made = self.digest(key)
        outer.paths |= self.paths
        outer.changing += self.changing
        return made

    def note(self, value: object, *, may_come: bool = False) -> None:
        """Take note of a text or a path that may name a file; with `may_come` one that is still to be made, too."""
        path: object = os.fspath(cast("os.PathLike[Any]", value))
        is_path = not isinstance(value, str) or (may_come and is_file_name(value))
        if isinstance(path, str) and "\n" not in path:
            self.plan.add_text(path, is_path=is_path)
        if isinstance(path, str) and file_digest(path, exists=True, is_path=is_path) is not None:
            self.paths.add(path)

    def _callable(self, value: Any) -> bytes | None:  # noqa: ANN401, PLR0911 - each kind of function has its answer
        kind: Any = type(cast("object", value))
        if isinstance(value, type):
            return self.leniently(functools.partial(class_digest, self), value)
        if isinstance(value, FunctionType):
            return self.leniently(functools.partial(function_digest, self), value)
        if issubclass(kind, functools.partial):
            return hashed("partial", self.digest(value.func), *map(self._argument, (value.args, value.keywords)))
        if isinstance(value, MethodType):
            return self.leniently(self._method, value)
        if isinstance(value, BuiltinFunctionType):
            owner: object = value.__self__
            self.plan.holds &= value is not os.getcwd
            folder = os.getcwd() if value is os.getcwd else ""  # noqa: PTH109 - a text
            return hashed("builtin", value.__qualname__.encode(), self.digest(owner), folder.encode())
        ours = kind.__module__.startswith("progressnb.")
        inner = getattr(value, "function" if ours else "__wrapped__", None)
        if isinstance(inner, FunctionType) and not field_values(value):
            return hashed(name_of_type(kind), self.digest(inner))  # an operation, a tool, a cached function
        return None

    def leniently(self, digest: Callable[[Any], bytes], value: object) -> bytes:
        """Return the digest of what is no argument, so that unknown objects count by their types."""
        strict, self._strict = self._strict, False
        try:
            return digest(value)
        finally:
            self._strict = strict

    def _argument(self, value: object) -> bytes:
        """Return the digest of an argument that the function holds already."""
        return Walk(strict=True, chance=self._chance)._with(self, value)  # noqa: SLF001 - of this class

    def slot(self, owner: object, name: str, digest: Callable[[], bytes]) -> bytes:
        """Return the digest of a value that calls change, as it was before them."""
        self.plan.holds = False
        found = slot_of(owner, name, digest())
        self.changing.append((found, digest))
        return hashed("changing", name.encode(), found.first)

    def _method(self, method: MethodType) -> bytes:
        owner, function = method.__self__, method.__func__
        if not isinstance(function, FunctionType) or not is_own_object(owner):
            return hashed("method", self.digest(function), self.digest(owner))
        names, _ = attributes_read(function.__code__)
        if names is None:
            return hashed("method", self.digest(function), self.digest(owner))
        written = written_by(cast("Any", type(owner)), function.__name__)
        parts = [self.attribute(owner, name) for name in sorted(names - written)]
        values = values_of(owner)
        changed = {name: values[name] for name in sorted(names & written & values.keys()) if is_container(values[name])}
        parts += [self.slot(each, name, functools.partial(self.digest_anew, each)) for name, each in changed.items()]
        return hashed("method", self.digest(function), name_of_type(type(owner)).encode(), *parts)

    def attribute(self, owner: object, name: str | None) -> bytes:  # noqa: PLR0911 - each kind has its answer
        """Return the digest of an attribute; no code of a property or of `__getattr__` is run for it."""
        if name is None:
            return self.digest(owner)
        if not isinstance(owner, type) and name in (values := values_of(owner)):
            inside = self.digest(values[name])
            return hashed("", name.encode(), inside, *(() if is_open(owner) else (self.digest(owner),)))
        found: Any = inspect.getattr_static(owner, name, None)
        if isinstance(getattr(found, "fget", None), FunctionType) and not isinstance(owner, type):
            parts = [*self._property(owner, found.fget)]
            return hashed("", name.encode(), *parts, *(() if is_open(owner) else (self.digest(owner),)))
        if isinstance(found, FunctionType) and not isinstance(owner, type | ModuleType):
            return hashed("", name.encode(), self.digest(MethodType(found, owner)))
        if not is_open(owner) and not isinstance(owner, type):
            return self.digest(owner)
        found = getattr(found, "fget", found)  # a property of a metaclass
        if (found is None and hasattr(type(owner), "__getattr__")) or is_intercepting(owner):
            return hashed("", name.encode(), self.digest(owner))
        if isinstance(found, classmethod):
            return hashed("", name.encode(), self.digest(cast("Any", found).__func__), self.digest(owner))
        parts = [self.digest(getattr(found, "__func__", found))]
        reader: object = getattr(cast("type", type(found)), "__get__", None)
        if (
            reader is not None and type(found) is not staticmethod and not isinstance(owner, type | ModuleType)
        ):  # it reads the object
            parts.append(self.digest(owner))
        return hashed("", name.encode(), *parts)

    def _property(self, owner: object, function: FunctionType) -> Iterator[bytes]:
        """Give the digests of what a property reads; of one of an installed class the attributes that it reads."""
        if is_own(function.__code__.co_filename):
            yield self.digest(MethodType(function, owner))
            return
        names, _ = attributes_read(function.__code__)
        values = values_of(owner)
        yield self.digest({name: values[name] for name in (names or frozenset[str]()) & values.keys()})

    def _object(self, value: object) -> bytes:  # noqa: C901, PLR0911 - each kind of object has its answer
        kind = type(value)
        if not self._chance and (isinstance(value, Random) or kind.__module__.startswith("numpy.random")):
            return hashed("chance", name_of_type(kind).encode())
        if (fields := field_values(value)) is not None:
            if is_own_class(kind) or not is_changing(value):
                return hashed("object", self.digest(kind), self.digest(fields))
            # An agent, or a model: it takes note of its last request, and of the name that it was found by.
            return hashed("object", self.slot(value, "", lambda: self.digest_anew(field_values(value))))
        try:
            return hashed("exact", pack_exact(value))
        except NotExactError:
            pass
        if is_own_object(value):
            written, values = written_by(cast("Any", kind)), values_of(value)
            data = {name: each for name, each in values.items() if name not in written}
            parts = [self.digest(kind), self.digest(data), *self._payload(value)]
            if written:
                parts.append(self.slot(value, "", lambda: self.digest_anew(_picked(value, written))))
            return hashed("object", *parts)
        if isinstance(value, SimpleNamespace | Namespace):
            return hashed("object", name_of_type(kind).encode(), self.digest(vars(value)))
        if isinstance(value, ContextVar):
            return hashed("variable", value.name.encode(), self.digest(held(cast("Any", value))))
        if (
            not (ours := kind.__module__.startswith("progressnb."))
            and (state := state_of(value, is_given=self._strict)) is not None
        ):
            return hashed("state", name_of_type(kind).encode(), self.digest(state))
        if self._strict and not ours:
            raise NotComparableError(f"{'an' if kind.__name__[0] in 'AEIOU' else 'a'} {name_of_type(kind)}")
        return hashed("kind", name_of_type(kind).encode(), self.digest(public_values(value)))

    def _beside(self, value: object) -> Iterator[bytes]:
        """Give the digests of what a container or a text of the user's own class has beside its items."""
        if isinstance(value, defaultdict):
            yield self.digest(value.default_factory)
        elif type(value).__module__ != "builtins" and is_own_object(value):
            written = written_by(cast("Any", type(value)))
            yield self.digest(type(value))
            yield self.digest({name: each for name, each in values_of(value).items() if name not in written})

    def _payload(self, value: object) -> Iterator[bytes]:
        """Give the digest of what an object of a class that extends a builtin one holds as such."""
        for base in (int, float, complex, bytes, bytearray, list, tuple, deque):
            if isinstance(value, base):
                yield self.digest(base(value) if base is not deque else [*cast("deque[object]", value)])  # type: ignore[arg-type]
                return


def _picked(value: object, names: Iterable[str]) -> dict[str, object]:
    values = values_of(value)
    return {name: values.get(name) for name in sorted(names)}
