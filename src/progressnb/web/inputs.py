"""What a client may give to an operation: plain data that fits its signature, and never a path, a model or a file."""

from __future__ import annotations

import collections.abc
import inspect
import os
import pathlib
import re
import types
import typing
from typing import TYPE_CHECKING, Any, Union, cast, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError

from progressnb.errors import InputError, OperationError
from progressnb.events import jsonable
from progressnb.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from progressnb.operation import Operation

__all__ = ["Inputs"]

DECIDED = frozenset({"allow_refs", "model", "on_event", "out", "show", "timeout"})
"""Inputs that the server decides, whatever an operation takes them for."""

_FILE_NAME = re.compile(r"(?:.*_)?(?:path|file|filename|directory|folder)s?")
_FILE_VALUE = re.compile(
    r"""(?: [/\\~] | \.{1,2}[/\\] | [A-Za-z]:[/\\] | [A-Za-z][A-Za-z0-9+.-]*:// | file: ) .*
      | \S+
      | .* \. (?: json|md|markdown|txt|pdf|docx?|docm|dotx|odt|rtf|pages|html?|ya?ml|csv|tsv|parquet|pq|xlsx?|db|zip )""",
    re.VERBOSE | re.IGNORECASE,
)


class Inputs:
    """Check what clients send against an operation's signature."""

    def __init__(self, operation: Operation[..., Any], given: Mapping[str, object]) -> None:
        self.operation = operation.name
        self._taken: dict[str, _Parameter] = {}
        self._given: dict[str, object] = {}
        resolve = _resolver(operation.function)
        for parameter in list(inspect.signature(operation.function).parameters.values())[1:]:
            name = parameter.name
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            if name in given:
                self._given[name] = given[name]
            elif (taken := _taken(parameter, resolve(parameter.annotation))) is not None:
                self._taken[name] = taken
            elif parameter.default is parameter.empty:
                raise OperationError(
                    f"an operation that clients can give all inputs of, as plain data, in {operation.name}",
                    f"{name}: {inspect.formatannotation(parameter.annotation)}",
                    f"Give it a default, decide it here with given={{{name!r}: …}}, or annotate it with progressnb.Text.",
                )

    def checked(self, inputs: Mapping[str, object]) -> dict[str, object]:
        """Return the inputs of a run. Raises `InputError` that says which one does not fit, and how."""
        takes = ", ".join(self._taken) or "none"
        if unknown := [name for name in inputs if name not in self._taken]:
            name = unknown[0]
            what = "which the server decides" if name in DECIDED or name in self._given else "which it does not take"
            raise InputError(f"the inputs of {self.operation}: {takes}", f"{name!r}, {what}", "Leave it out.")
        missing = [name for name, each in self._taken.items() if each.required and name not in inputs]
        if missing:
            raise InputError(f"{missing[0]} among the inputs of {self.operation}: {takes}", "none", "Send it.")
        return {**self._given, **{name: self._taken[name].checked(value) for name, value in inputs.items()}}

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the inputs."""
        return {
            "type": "object",
            "title": self.operation,
            "properties": {name: each.schema() for name, each in self._taken.items()},
            "required": [name for name, each in self._taken.items() if each.required],
            "additionalProperties": False,
        }


class _Parameter:
    """One input: its type without what a wire can't carry."""

    def __init__(self, name: str, annotation: Any, *, required: bool, document: bool, default: object) -> None:  # noqa: ANN401
        self.name, self.required, self._document, self._default = name, required, document, default
        self._adapter = _adapter(annotation)

    def checked(self, value: object) -> object:
        if self._adapter is not None:
            try:
                value = self._adapter.validate_python(value)
            except ValidationError as error:
                faults = error.errors(include_url=False, include_input=False, include_context=False)
                first = faults[-1] if len({len(fault["loc"]) for fault in faults}) == 1 else faults[0]
                raise InputError(f"{self.name} to fit: {first['msg'].lower()}", _shown(value)) from None
        if not isinstance(value, str):
            return value
        if self._document and "\n" not in value.strip() and _FILE_VALUE.fullmatch(value.strip()):
            raise InputError(
                f"{self.name} as the text itself or as an object",
                f"{value[:80]!r}, which looks like the name of a file",
                "Send what is in it: nothing is read from the server's disk.",
            )
        return Text(value)

    def schema(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self._adapter is not None:
            try:
                found = self._adapter.json_schema()
            except PydanticUserError:  # a type of the user's that says no schema
                found = {}
        return found if self.required else {**found, "default": jsonable(self._default)}


def _shown(value: object) -> str:
    return f"{type(value).__name__} {value!r}" if len(repr(value)) < 100 else type(value).__name__  # noqa: PLR2004


def _taken(parameter: inspect.Parameter, annotation: Any) -> _Parameter | None:  # noqa: ANN401
    """Return how a parameter is read from a wire, or None if the server decides it."""
    default = parameter.default
    if parameter.name in DECIDED or _FILE_NAME.fullmatch(parameter.name):
        return None
    if default is not parameter.empty and not _is_plain(default):
        return None
    members = _members(annotation)
    names_files = any(_names_files(member) for member in members)
    kept = [member for member in members if not _names_files(member) and not _is_unknown(member)]
    knows_text = any(isinstance(member, type) and issubclass(member, Text) for member in kept)
    kept = [str if isinstance(member, type) and issubclass(member, Text) else member for member in kept]
    if names_files and not knows_text:
        # It would take a string for a path.
        kept = [member for member in kept if member not in (str, bytes, Any, object)]
    if not [member for member in kept if member is not type(None)]:
        return None
    return _Parameter(
        parameter.name,
        Union[tuple(dict.fromkeys(kept))],  # noqa: UP007 - made at run time
        required=default is parameter.empty,
        document=knows_text,
        default=default,
    )


def _adapter(annotation: Any) -> TypeAdapter[Any] | None:  # noqa: ANN401
    try:
        return TypeAdapter(annotation)
    except (PydanticSchemaGenerationError, PydanticUserError) as error:
        raise OperationError("inputs of types that JSON can carry", str(error).splitlines()[0]) from None


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_is_plain, cast("collections.abc.Iterable[object]", value)))
    if isinstance(value, dict):
        return all(map(_is_plain, cast("dict[object, object]", value).values()))
    return value is None or isinstance(value, str | int | float | bool)


# --- annotations ---------------------------------------------------------------------------------------


class _Meta(type):
    """Makes names that only a type checker knows work as types."""

    def __getattr__(cls, name: str) -> _Meta:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Meta(name, (_Unknown,), {})

    def __getitem__(cls, _: object) -> _Meta:
        return cls


class _Unknown(metaclass=_Meta):
    """A type that is not known at run time, and so none that JSON can carry."""


class _Names(dict[str, Any]):
    def __missing__(self, name: str) -> Any:  # noqa: ANN401
        if hasattr(__import__("builtins"), name):
            raise KeyError(name)
        return _Meta(name, (_Unknown,), {})


def _resolver(function: Callable[..., Any]) -> Callable[[Any], Any]:
    inner = inspect.unwrap(function)
    known = {name: getattr(typing, name) for name in typing.__all__}
    known |= {name: getattr(collections.abc, name) for name in collections.abc.__all__}
    known |= {"os": os, "pathlib": pathlib, "Path": pathlib.Path, "PathLike": os.PathLike, "typing": typing}
    names = _Names({**known, "Text": Text, **getattr(inner, "__globals__", {})})

    def resolve(annotation: Any) -> Any:  # noqa: ANN401
        if annotation is inspect.Parameter.empty:
            return Any
        for _ in range(3):  # an alias may be a string too
            if isinstance(annotation, typing.ForwardRef):
                annotation = annotation.__forward_arg__
            if not isinstance(annotation, str):
                break
            try:
                annotation = eval(annotation, {}, names)  # noqa: S307 - the operation's own source
            except Exception:  # noqa: BLE001 - whatever an annotation does that only a type checker reads
                return _Unknown
        return annotation

    return resolve


def _members(annotation: Any) -> list[Any]:  # noqa: ANN401
    origin = get_origin(annotation)
    if origin is typing.Annotated:
        inner = _members(get_args(annotation)[0])
        return [annotation] if len(inner) == 1 else inner
    if origin in (Union, types.UnionType):
        return [each for member in get_args(annotation) for each in _members(member)]
    return [annotation]


def _names_files(annotation: Any) -> bool:  # noqa: ANN401
    """Tell whether a type, or one inside it, is a path or an open file."""
    return any(
        isinstance(each, type) and issubclass(each, os.PathLike | typing.IO)
        for each in (annotation, *_inside(annotation))
    )


def _is_unknown(annotation: Any) -> bool:  # noqa: ANN401
    callables = (collections.abc.Callable, type)
    return any(
        (isinstance(each, type) and issubclass(each, _Unknown)) or each in callables or get_origin(each) in callables
        for each in (annotation, *_inside(annotation))
    )


def _inside(annotation: Any) -> list[Any]:  # noqa: ANN401
    found: list[Any] = []
    waiting = [annotation]
    while waiting and len(found) < 1000:  # noqa: PLR2004 - far more than anybody writes
        each = waiting.pop()
        origin = get_origin(each)
        if origin is typing.Literal:
            continue
        found += [origin] if isinstance(origin, type) else []
        inner = [argument for argument in get_args(each) if not isinstance(argument, str)]
        found += inner
        waiting += inner
    return found
