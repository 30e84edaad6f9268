"""The identity of a call: digests of the function's code, of what it reads from outside, of its arguments and files.

Two calls of equal digests give the same result, as far as can be known. The code is the compiled one, so that comments
and line breaks make no difference and a file that was edited after it was loaded does not count before it is.
Functions and classes of the user's own files are read into; those of installed packages count by their names.
"""

from __future__ import annotations

import functools
import inspect
import os
from argparse import Namespace
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, cast, get_args, get_origin

from progressnb.history.bound import bound_arguments
from progressnb.history.codes import (
    code_digest,
    hashed,
    is_own,
    is_own_class,
    is_intercepting,
    is_own_object,
    name_of_type,
    unwrapped,
    values_of,
    version_of_package,
    written_by,
)
from progressnb.history.exact import NotExactError, pack_exact
from progressnb.history.files import file_digest, is_file_name
from progressnb.history.follow import declared_fields, follow, is_class_value, is_helper, is_open, setter_of
from progressnb.history.grown import slot_of
from progressnb.history.objects import field_values
from progressnb.history.opened import noting
from progressnb.history.outside import Outside, acting, changed_by, function_at, held, is_container, is_filled, value_imported
from progressnb.history.plans import Plan, plan_of, plans
from progressnb.history.reads import attributes_read, names_read, writes_in
from progressnb.history.states import public_values, state_of
from progressnb.history.writes import Attribute

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from progressnb.history.grown import Changing
    from progressnb.history.reads import Read, Reads

__all__ = ["Call", "identify"]

KEY = "_progressnb_key_"
"""The attribute of a function that says what its result depends on, in place of its code and closure."""

_DEPTH = 60
_MOST = 200_000
_NAMES = 1_000
_HUGE = 1_024
"""Bits of an integer that is written as hexadecimal digits: of thousands of decimal ones Python writes none."""

_OF_FOLDER = ("Path.cwd", "abspath", "realpath")
"""Functions whose result depends on the folder in which the process is."""

_VOLATILE = ("COLUMNS", "JPY_", "LINES", "OLDPWD", "PWD", "PYTEST_", "SHLVL", "SSH_", "TERM", "VSCODE_", "WINDOWID", "_")

_NUMBERS: frozenset[type] = frozenset((int, float, bool, type(None)))
_SIMPLE = _NUMBERS | {str}
_PLAIN = (str, int, float, bool, type(None), bytes)


@dataclass(slots=True)
class Call:
    """One call of a stage.

    `code` is the digest of the function, `arguments` that of what it was given; None where something in them can't
    be compared, and `fault` names it. `paths` are the files that code and arguments name, and those that were read.
    `changing` are the values that it reads and may change itself.
    """

    code: str
    arguments: str | None
    fault: str | None
    paths: tuple[str, ...]
    changing: tuple[Changing, ...] = ()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Take note of the files that the call reads, and of the values that it changes, while it is made."""
        for slot, _ in self.changing:
            slot.at_work += 1
        with noting() as opened:
            try:
                yield
            finally:
                for slot, digest in self.changing:
                    slot.at_work -= 1
                    with suppress(Exception):  # attributes of the user's objects may raise anything
                        slot.last = digest()
        named = {path for path in self.paths if os.path.abspath(path) not in opened.appended}  # noqa: PTH100 - a text
        self.paths = tuple(sorted(named | {*opened.paths}))
        if opened.is_over:
            self.fault = f"of more than {opened.MOST:,} files that it reads"

    def files(self) -> dict[str, str | None]:
        """Return the digests of the files as they are now, None for one that is not there."""
        return {path: file_digest(path) for path in self.paths}


def identify(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Call:
    """Return the identity of a call that is about to be made."""
    walk = _Walk()
    if (plan := plan_of(function)) is not None:
        code = plan.code
        walk.paths.update(plan.files())
    else:
        try:
            code = walk.digest(function).hex()
        except _NotComparableError as error:
            return Call("", None, f"of {error}", ())
        if walk.plan.holds and isinstance(function, FunctionType):
            plans[function] = walk.plan
            walk.plan.code = code
    given = _Walk(strict=True)
    fault, arguments = None, None
    try:
        arguments = given.arguments(*bound_arguments(function, args, kwargs)).hex()
    except _NotComparableError as error:
        fault = f"of {error} among its arguments"
    return Call(code, arguments, fault, tuple(sorted(walk.paths | given.paths)), (*walk.changing, *given.changing))


class _NotComparableError(TypeError):
    """A value that nothing is known of but its type."""


class _Walk:
    """The digests of values. In a strict one a value that can't be compared is an error, else it counts by its type."""

    def __init__(self, *, strict: bool = False) -> None:
        self.paths: set[str] = set()
        self.changing: list[Changing] = []
        self.plan = Plan()
        self._strict = strict
        self._above: list[int] = []
        self._known: dict[tuple[object, ...], tuple[object, bytes]] = {}
        self._used: frozenset[str] = frozenset()  # names that callers read, which a function may change
        self._caught = False  # whether the errors of functions count

    def digest(self, value: object) -> bytes:
        """Return the digest of any value."""
        self.plan.meet(value) if not isinstance(value, type) or is_own_class(value) else None
        if isinstance(value, _PLAIN):
            return self._digest(value)
        if (known := self._known.get((id(value), self._caught, self._used))) is not None:
            return known[1]
        if id(value) in self._above:
            return hashed("again", str(self._above.index(id(value))).encode())
        if len(self._above) > _DEPTH or len(self._known) > _MOST:
            raise _NotComparableError("values nested too deep, or too many")
        self._above.append(id(value))
        try:
            made = self._digest(value)
        finally:
            self._above.pop()
        self._known[id(value), self._caught, self._used] = value, made
        return made

    def arguments(self, args: tuple[object, ...], named: Mapping[str, object]) -> bytes:
        """Return the digest of arguments. The names of parameters are no names of files."""
        parts = (part for name, each in named.items() for part in (name.encode(), self.digest(each)))
        return hashed("arguments", *map(self.digest, args), *parts)

    def _digest(self, value: object) -> bytes:  # noqa: C901, PLR0911 - each kind of value has its answer
        kind = type(value)
        if value is None or kind in (bool, int, float, complex, bytes):
            text = hex(cast("int", value)) if _is_huge(value) else repr(value)
            return hashed(kind.__name__, text.encode())
        if isinstance(value, str | os.PathLike):
            path = cast("os.PathLike[str]", value)
            self._note(path)
            return hashed(name_of_type(kind), os.fspath(path).encode("utf-8", "surrogatepass"), *self._beside(value))
        if kind in (list, tuple):
            kinds = {*map(type, cast("list[object]", value))}
            is_plain = kinds <= _NUMBERS or (kinds <= _SIMPLE and len(cast("list[object]", value)) > _NAMES)
            if is_plain and not (int in kinds and any(map(_is_huge, cast("list[object]", value)))):
                return hashed(f"{kind.__name__} of data", repr(value).encode("utf-8", "surrogatepass"))
            return hashed(kind.__name__, *map(self.digest, cast("list[object]", value)))
        if isinstance(value, set | frozenset):
            members = sorted(map(self.digest, cast("set[object]", value)))
            return hashed(name_of_type(kind), *members, *self._beside(value))
        if isinstance(value, Mapping):
            items = _variables() if value is os.environ else cast("Mapping[object, object]", value).items()
            pairs = sorted(hashed("", self.digest(key), self.digest(each)) for key, each in items)
            return hashed(name_of_type(kind), *pairs, *self._beside(value))
        if isinstance(value, FunctionType) and KEY in vars(value):
            self.plan.holds = False
            return self._argument(vars(value)[KEY])
        if callable(value) and (made := self._callable(value)) is not None:
            return made
        if isinstance(value, ModuleType):
            return hashed("module", value.__name__.encode(), *self._of_module(value))
        if get_origin(value) is not None:
            return hashed("type", *map(self.digest, (get_origin(value), *get_args(value))))
        return self._object(value)

    def _with(self, outer: _Walk, key: object) -> bytes:
        made = self.digest(key)
        outer.paths |= self.paths
        outer.changing += self.changing
        return made

    def _note(self, value: object, *, may_come: bool = False) -> None:
        path: object = os.fspath(cast("os.PathLike[Any]", value))
        is_path = not isinstance(value, str) or (may_come and is_file_name(value))
        if isinstance(path, str) and "\n" not in path:
            self.plan.add_text(path, is_path=is_path)
        if isinstance(path, str) and file_digest(path, exists=True, is_path=is_path) is not None:
            self.paths.add(path)

    def _callable(self, value: Any) -> bytes | None:  # noqa: ANN401, PLR0911 - each kind of function has its answer
        kind: Any = type(cast("object", value))
        if isinstance(value, type):
            return self._leniently(self._class, value)
        if isinstance(value, FunctionType):
            return self._leniently(self._function, value)
        if issubclass(kind, functools.partial):
            return hashed("partial", self.digest(value.func), *map(self._argument, (value.args, value.keywords)))
        if isinstance(value, MethodType):
            return self._leniently(self._method, value)
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

    def _leniently(self, digest: Callable[[Any], bytes], value: object) -> bytes:
        strict, self._strict = self._strict, False
        try:
            return digest(value)
        finally:
            self._strict = strict

    def _argument(self, value: object) -> bytes:
        """Return the digest of an argument that the function holds already."""
        return _Walk(strict=True)._with(self, value)  # noqa: SLF001 - of this class

    def _function(self, function: FunctionType) -> bytes:
        code = function.__code__
        if not is_own(code.co_filename):
            cells = function.__closure__ or ()
            values = [cell.cell_contents for cell in cells if is_filled(cell)]
            where = f"{function.__module__}.{function.__qualname__} {version_of_package(function.__module__)}"
            if isinstance(registry := getattr(function, "registry", None), Mapping):  # of `singledispatch`
                values = [dict(cast("Mapping[object, object]", registry))]
            if function.__qualname__ in _OF_FOLDER:
                values.append(os.getcwd())  # noqa: PTH109 - a text
            if function in (os.getenv, os.path.expandvars):
                values.append(dict(_variables()))
            self.plan.holds &= not values
            return hashed("installed", where.encode(), *map(self.digest, values))
        outside = Outside(function)
        reads = names_read(code, caught=self._caught)
        if reads.unknown is not None:
            raise _NotComparableError(f"{reads.unknown} in its code")
        self.plan.add_function(function)
        named = tuple(sorted((function.__kwdefaults__ or {}).items()))
        parts = [self.digest(function.__defaults__), self.digest(named), code_digest(code)]
        changed: set[str] = set()
        used = reads.used | self._used
        for name, path, given in reads.effects:
            self.plan.add_read(outside, name, path)
            if name in outside:
                called, names = acting(outside[name], path, used, is_used=name in used)
                changed |= {each or name for each in names}
                if called is not None:
                    parts += [self._acting(called, used), *self._reads(outside, given)]
        changed |= self._changed_inside(outside, reads)
        kept = [each for each in reads.names if each[0] not in changed]
        parts += self._reads(outside, kept, caught=reads.caught)
        parts += self._changed(outside, reads.changed)
        for read in reads.names:
            if read[0] in changed and read[0] in outside:
                parts.append(self._slot(function.__globals__, str(read), functools.partial(_read_anew, outside, read)))
        self.plan.holds &= not reads.imports and not reads.changed and "__class__" not in code.co_freevars
        for imported, paths in reads.imports:
            found = value_imported(imported, function.__globals__)
            parts += [self._attribute(*follow(found, path)) for path in paths]
        for name, key in writes_in(code):
            if isinstance(key, Attribute) and name in outside and is_own_object(value := outside[name]):
                parts.append(self.digest(setter_of(type(value), key.name)))
        for text in reads.files:
            self._note(text, may_come=True)
        if "__class__" in code.co_freevars and "__class__" in outside:  # for `super()`
            parts.append(self.digest(outside["__class__"].__bases__))
        return hashed("function", *parts)

    def _reads(
        self, outside: Outside, reads: Iterable[Read], *, caught: frozenset[str] = frozenset()
    ) -> Iterator[bytes]:
        before = self._caught
        for name, paths in reads:
            for path in paths or ((),):
                self.plan.add_read(outside, name, path)
            if name in outside and isinstance(value := outside[name], defaultdict):  # to read a key may make it
                yield self._slot(value, name, lambda value=value: _Walk().digest(value))
            elif name in outside:
                self._caught = before or name in caught
                values = (follow(outside[name], path) for path in paths or ((),))
                yield hashed("read", name.encode(), *(self._attribute(*each) for each in values))
        self._caught = before

    def _acting(self, called: object, used: frozenset[str]) -> bytes:
        before, self._used = self._used, used
        try:
            return self.digest(called)
        finally:
            self._used = before

    def _changed_inside(self, outside: Outside, reads: Reads) -> set[str]:
        """Return the names whose values are changed by functions that the code calls."""
        found: set[str] = set()
        for name, paths in reads.names:
            for path in (paths or ((),)) if name in outside else ():
                called = function_at(outside[name], path)
                if isinstance(called, FunctionType) and is_own(called.__code__.co_filename):
                    found |= changed_by(called, reads.used) or frozenset()
        return found

    def _changed(self, outside: Outside, reads: Iterable[Read]) -> Iterator[bytes]:
        """Give the digests of what a function reads and changes itself. Numbers that it counts are left out."""
        for name, paths in reads:
            if name not in outside:
                continue
            value = outside[name]
            if is_container(value):
                yield self._slot(value, name, lambda value=value: _Walk().digest(value))
            elif isinstance(value, os.PathLike):
                yield os.fsencode(cast("os.PathLike[str]", value))  # a file that it writes is no input
            elif not isinstance(value, _PLAIN):
                yield from self._reads(outside, [(name, paths)])

    def _slot(self, owner: object, name: str, digest: Callable[[], bytes]) -> bytes:
        self.plan.holds = False
        slot = slot_of(owner, name, digest())
        self.changing.append((slot, digest))
        return hashed("changing", name.encode(), slot.first)

    def _of_module(self, module: ModuleType) -> Iterator[bytes]:
        """Give the digests of what a module of the user's own holds."""
        if not is_own(getattr(module, "__file__", None)):
            return
        self.plan.holds = False
        found = {name: each for name, each in vars(module).items() if not name.startswith("__")}
        codes = [each.__code__ for each in found.values() if isinstance(each, FunctionType)]
        written = {name for code in codes for name, _ in writes_in(code)}
        for name, each in sorted(found.items()):
            if name not in written and not isinstance(each, ModuleType):
                yield hashed("", name.encode(), self._leniently(self.digest, each))

    def _method(self, method: MethodType) -> bytes:
        owner, function = method.__self__, method.__func__
        if not isinstance(function, FunctionType) or not is_own_object(owner):
            return hashed("method", self.digest(function), self.digest(owner))
        names, _ = attributes_read(function.__code__)
        if names is None:
            return hashed("method", self.digest(function), self.digest(owner))
        written = written_by(cast("Any", type(owner)), function.__name__)
        parts = [self._attribute(owner, name) for name in sorted(names - written)]
        values = values_of(owner)
        for name in sorted(names & written & values.keys()):
            if is_container(values[name]):
                parts.append(self._slot(values[name], name, lambda value=values[name]: _Walk().digest(value)))
        return hashed("method", self.digest(function), name_of_type(type(owner)).encode(), *parts)

    def _attribute(self, owner: object, name: str | None) -> bytes:
        """Return the digest of an attribute; no code of a property or of `__getattr__` is run for it."""
        if name is None:
            return self.digest(owner)
        if not isinstance(owner, type) and name in (values := values_of(owner)):
            inside = self.digest(values[name])
            return hashed("", name.encode(), inside, *(() if is_open(owner) else (self.digest(owner),)))
        found = inspect.getattr_static(owner, name, None)
        if isinstance(getattr(found, "fget", None), FunctionType) and not isinstance(owner, type):
            parts = [*self._property(owner, cast("Any", found).fget)]
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
        return hashed("", name.encode(), self.digest(getattr(found, "__func__", found)))

    def _property(self, owner: object, function: FunctionType) -> Iterator[bytes]:
        """Give the digests of what a property reads; of one of an installed class the attributes that it reads."""
        if is_own(function.__code__.co_filename):
            yield self.digest(MethodType(function, owner))
            return
        names, _ = attributes_read(function.__code__)
        values = values_of(owner)
        yield self.digest({name: values[name] for name in (names or frozenset[str]()) & values.keys()})

    def _class(self, kind: type) -> bytes:
        if not is_own_class(kind):
            return hashed("class", f"{name_of_type(kind)} {version_of_package(kind.__module__)}".encode())
        found = {name: unwrapped(each) for name, each in vars(kind).items()}
        methods = {name: each for name, each in found.items() if isinstance(each, FunctionType)}
        written = {
            name.name
            for each in methods.values()
            for base, name in writes_in(each.__code__)
            if isinstance(name, Attribute) and base in (kind.__name__, *each.__code__.co_varnames[:1])
        }
        parts = [
            hashed("", name.encode(), self.digest(each))
            for name, each in sorted(found.items(), key=lambda item: item[0])
            if (name in methods and methods[name].__code__.co_filename != "<string>")  # as dataclasses make
            or (is_class_value(name, each) and name not in written)
            or (is_helper(name, each) and name not in written)
        ]
        if (maker := type(kind)) is not type:
            parts.append(self.digest(maker))
        parts += [self.digest(each) for each in declared_fields(kind)]
        annotations: Any = vars(kind).get("__annotations__", {})
        parts += [hashed("", name.encode(), self.digest(each)) for name, each in sorted(annotations.items())]
        bases = [self.digest(base) for base in kind.__bases__ if base is not object]
        return hashed("class", kind.__qualname__.encode(), *parts, *bases)

    def _object(self, value: object) -> bytes:
        kind = type(value)
        if (fields := field_values(value)) is not None:
            return hashed("object", self.digest(kind), self.digest(fields))
        try:
            return hashed("exact", pack_exact(value))
        except NotExactError:
            pass
        if is_own_object(value):
            written, values = written_by(cast("Any", kind)), values_of(value)
            data = {name: each for name, each in values.items() if name not in written}
            parts = [self.digest(kind), self.digest(data), *self._payload(value)]
            if written:
                strict = self._strict
                parts.append(self._slot(value, "", lambda: _Walk(strict=strict).digest(_picked(value, written))))
            return hashed("object", *parts)
        if isinstance(value, SimpleNamespace | Namespace):
            return hashed("object", name_of_type(kind).encode(), self.digest(vars(value)))
        if isinstance(value, ContextVar):
            return hashed("variable", value.name.encode(), self.digest(held(cast("Any", value))))
        if not (ours := kind.__module__.startswith("progressnb.")) and (state := state_of(value, is_given=self._strict)) is not None:
            return hashed("state", name_of_type(kind).encode(), self.digest(state))
        if self._strict and not ours:
            raise _NotComparableError(f"{'an' if kind.__name__[0] in 'AEIOU' else 'a'} {name_of_type(kind)}")
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
                yield self.digest(base(value) if base is not deque else [*cast("deque[object]", value)])  # type: ignore[arg-type, call-overload]
                return


def _read_anew(outside: Outside, read: Read) -> bytes:
    return hashed("", *_Walk()._reads(outside, [read]))  # noqa: SLF001 - of this module


def _variables() -> Iterable[tuple[str, str]]:
    """Return the variables of the environment but those that are others in each process."""
    return [(name, value) for name, value in os.environ.items() if not name.startswith(_VOLATILE)]


def _picked(value: object, names: Iterable[str]) -> dict[str, object]:
    values = values_of(value)
    return {name: values.get(name) for name in sorted(names)}


def _is_huge(value: object) -> bool:
    return type(value) is int and value.bit_length() > _HUGE
