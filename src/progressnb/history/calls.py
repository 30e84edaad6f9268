"""The identity of a call: digests of the function's code, of what it reads from outside, of its arguments and files.

Two calls of equal digests give the same result, as far as can be known. The code is the compiled one, so that comments
and line breaks make no difference and a file that was edited after it was loaded does not count before it is.
Functions and classes of the user's own files are read into; those of installed packages count by their names.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, cast, get_args, get_origin

from progressnb.history.codes import code_digest, hashed, is_own, is_own_object, name_of_type, unwrapped, written_by
from progressnb.history.exact import NotExactError, encode_exact
from progressnb.history.files import file_digest
from progressnb.history.objects import field_values
from progressnb.history.reads import Attribute, attributes_read, names_read

__all__ = ["Call", "identify"]

KEY = "_progressnb_key_"
"""The attribute of a function that says what its result depends on, in place of its code and closure."""

_DEPTH = 60
_MOST = 200_000
_NAMES = 1_000
_NUMBERS: frozenset[type] = frozenset((int, float, bool, type(None)))
_SIMPLE = _NUMBERS | {str}
_PLAIN = (str, int, float, bool, type(None), bytes)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a stage.

    `code` is the digest of the function, `arguments` that of what it was given; None where something in them can't
    be compared, and `fault` names it. `paths` are the files that the arguments name.
    """

    code: str
    arguments: str | None
    fault: str | None
    paths: tuple[str, ...]

    def files(self) -> dict[str, str | None]:
        """Return the digests of the files as they are now, None for one that is not there."""
        return {path: file_digest(path) for path in self.paths}


def identify(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Call:
    """Return the identity of a call that is about to be made."""
    walk = _Walk()
    try:
        code = walk.digest(function).hex()
    except _NotComparableError as error:
        return Call("", None, f"of {error}", ())
    given = _Walk(strict=True)
    fault, arguments = None, None
    try:
        arguments = given.digest(_bound(function, args, kwargs)).hex()
    except _NotComparableError as error:
        fault = f"of {error} among its arguments"
    return Call(code, arguments, fault, tuple(sorted(walk.paths | given.paths)))


class _NotComparableError(TypeError):
    """A value that nothing is known of but its type."""


def _bound(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> object:
    """Return the arguments by the names of their parameters, without those that are the defaults."""
    try:
        bound = inspect.signature(function).bind(*args, **kwargs)
    except (TypeError, ValueError):  # some functions in C have no signature; a wrong call fails where it is made
        return args, dict(kwargs)
    parameters = bound.signature.parameters
    # A default counts as part of the function.
    return {name: value for name, value in bound.arguments.items() if value is not parameters[name].default}


class _Walk:
    """The digests of values. In a strict one a value that can't be compared is an error, else it counts by its type."""

    def __init__(self, *, strict: bool = False) -> None:
        self.paths: set[str] = set()
        self._strict = strict
        self._above: list[int] = []
        self._known: dict[int, tuple[object, bytes]] = {}

    def digest(self, value: object) -> bytes:
        """Return the digest of any value."""
        if isinstance(value, _PLAIN):
            return self._digest(value)
        if (known := self._known.get(id(value))) is not None:
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
        self._known[id(value)] = value, made
        return made

    def _digest(self, value: object) -> bytes:  # noqa: C901, PLR0911 - each kind of value has its answer
        kind = type(value)
        if value is None or kind in (bool, int, float, complex, bytes):
            return hashed(kind.__name__, repr(value).encode())
        if isinstance(value, str | os.PathLike):
            path = cast("os.PathLike[str]", value)
            self._note(path)
            return hashed(name_of_type(kind), os.fspath(path).encode("utf-8", "surrogatepass"))
        if kind in (list, tuple):
            kinds = {*map(type, cast("list[object]", value))}
            if kinds <= _NUMBERS or (kinds <= _SIMPLE and len(cast("list[object]", value)) > _NAMES):
                return hashed(f"{kind.__name__} of data", repr(value).encode("utf-8", "surrogatepass"))
            return hashed(kind.__name__, *map(self.digest, cast("list[object]", value)))
        if isinstance(value, set | frozenset):
            return hashed(name_of_type(kind), *sorted(map(self.digest, cast("set[object]", value))))
        if isinstance(value, Mapping):
            items = cast("Mapping[object, object]", value).items()
            return hashed(
                name_of_type(kind), *sorted(hashed("", self.digest(key), self.digest(each)) for key, each in items)
            )
        if isinstance(value, FunctionType) and KEY in vars(value):
            return self._argument(vars(value)[KEY])
        if callable(value) and (made := self._callable(value)) is not None:
            return made
        if isinstance(value, ModuleType):
            return hashed("module", value.__name__.encode())
        if get_origin(value) is not None:
            return hashed("type", *map(self.digest, (get_origin(value), *get_args(value))))
        return self._object(value)

    def _with(self, outer: _Walk, key: object) -> bytes:
        made = self.digest(key)
        outer.paths |= self.paths
        return made

    def _note(self, value: object) -> None:
        path: object = os.fspath(cast("os.PathLike[Any]", value))
        if isinstance(path, str) and file_digest(path, exists=True, is_path=not isinstance(value, str)) is not None:
            self.paths.add(path)

    def _callable(self, value: Any) -> bytes | None:  # noqa: ANN401, PLR0911 - each kind of function has its answer
        kind: Any = type(cast("object", value))
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, FunctionType):
            return self._leniently(self._function, value)
        if issubclass(kind, functools.partial):
            return hashed("partial", self.digest(value.func), *map(self._argument, (value.args, value.keywords)))
        if isinstance(value, MethodType):
            return self._leniently(self._method, value)
        if isinstance(value, BuiltinFunctionType):
            owner: object = value.__self__
            return hashed("builtin", value.__qualname__.encode(), self.digest(owner))
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
        cells = dict(zip(code.co_freevars, function.__closure__ or (), strict=True))
        if not is_own(code.co_filename):
            values = [cell.cell_contents for cell in cells.values() if _is_filled(cell)]
            where = f"{function.__module__}.{function.__qualname__}".encode()
            return hashed("installed", where, *map(self.digest, values))
        parts = [self.digest(function.__defaults__), self.digest(function.__kwdefaults__), code_digest(code)]
        for name, keys in names_read(code):
            if name in cells:
                if _is_filled(cells[name]):
                    parts.append(self._read(name, cells[name].cell_contents, keys))
            elif name in function.__globals__:
                parts.append(self._read(name, function.__globals__[name], keys))
        return hashed("function", *parts)

    def _read(self, name: str, value: object, keys: tuple[object, ...]) -> bytes:
        attributes = [key.name for key in keys if isinstance(key, Attribute)]
        if keys and not attributes and type(value) in (dict, list, tuple):
            return hashed("read", name.encode(), *(self.digest((key, _item(value, key))) for key in keys))
        if attributes and len(attributes) == len(keys) and (isinstance(value, ModuleType) or is_own_object(value)):
            return hashed("read", name.encode(), *(self._attribute(value, each) for each in attributes))
        return hashed("read", name.encode(), self.digest(value))

    def _method(self, method: MethodType) -> bytes:
        owner, function = method.__self__, method.__func__
        if not isinstance(function, FunctionType) or not is_own_object(owner):
            return hashed("method", self.digest(function), self.digest(owner))
        names, _ = attributes_read(function.__code__)
        if names is None:
            return hashed("method", self.digest(function), self.digest(owner))
        written = written_by(cast("Any", type(owner)))
        parts = [self._attribute(owner, name) for name in sorted(names - written)]
        return hashed("method", self.digest(function), name_of_type(type(owner)).encode(), *parts)

    def _attribute(self, owner: object, name: str) -> bytes:
        """Return the digest of an attribute; no code of a property or of `__getattr__` is run for it."""
        if name in (values := vars(owner)):
            return hashed("", name.encode(), self.digest(values[name]))
        found = inspect.getattr_static(owner, name, None)
        found = getattr(found, "fget", found)  # a property
        if isinstance(found, FunctionType):
            return hashed("", name.encode(), self.digest(MethodType(found, owner)))
        return hashed("", name.encode(), self.digest(getattr(found, "__func__", found)))

    def _class(self, kind: type) -> bytes:
        module = sys.modules.get(kind.__module__)
        if not is_own(getattr(module, "__file__", None) or ("" if kind.__module__ == "__main__" else "<builtin>")):
            return hashed("class", name_of_type(kind).encode())
        code = [
            hashed("", name.encode(), code_digest(each.__code__))
            for name, each in sorted(
                ((name, unwrapped(each)) for name, each in vars(kind).items()), key=lambda item: item[0]
            )
            if isinstance(each, FunctionType) and each.__code__.co_filename != "<string>"  # as dataclasses make
        ]
        fields = repr(sorted((name, repr(each)) for name, each in getattr(kind, "__annotations__", {}).items()))
        bases = [self.digest(base) for base in kind.__bases__ if base is not object]
        return hashed("class", kind.__qualname__.encode(), fields.encode(), *code, *bases)

    def _object(self, value: object) -> bytes:
        kind = type(value)
        if (fields := field_values(value)) is not None:
            return hashed("object", self.digest(kind), self.digest(fields))
        try:
            return hashed("exact", encode_exact(value))
        except NotExactError:
            pass
        if is_own_object(value):
            written = written_by(cast("Any", kind))
            data = {name: each for name, each in vars(value).items() if name not in written}
            return hashed("object", self.digest(kind), self.digest(data))
        if self._strict and not kind.__module__.startswith("progressnb."):
            raise _NotComparableError(f"{'an' if kind.__name__[0] in 'AEIOU' else 'a'} {name_of_type(kind)}")
        return hashed("kind", name_of_type(kind).encode())


def _is_filled(cell: Any) -> bool:  # noqa: ANN401 - a cell
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True


def _item(values: Any, key: object) -> object:  # noqa: ANN401 - a dict or a list
    try:
        return values[key]
    except (LookupError, TypeError):
        return ...
