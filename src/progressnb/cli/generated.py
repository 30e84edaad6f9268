"""The command of an operation, made of its signature, for packages that bring no command of their own."""

from __future__ import annotations

import inspect
import json
import types
from collections.abc import Callable, Collection, Iterable, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Optional, Union, cast, get_args, get_origin

import typer

from progressnb.cli.exits import REFUSED, run, stop
from progressnb.cli.options import MODEL_HELP
from progressnb.cli.outputs import check_out, print_text, result_text, save, say
from progressnb.errors import InputError
from progressnb.tracking.annotations import is_unknown, parts_of, type_hints

if TYPE_CHECKING:
    import os

    from progressnb.execution.operation import Operation

__all__ = ["function_of"]

_PLAIN = (bool, int, float, str)
_LISTS = (list, tuple, set, frozenset, Sequence, Iterable, Collection)
_JSON = "as JSON"


class _Input(NamedTuple):
    """A parameter of an operation on the command line: the type that typer reads, and the type it becomes."""

    parameter: inspect.Parameter
    taken: Any
    becomes: Any = None  # for JSON: what the text must fit


def function_of(operation: Operation[..., Any]) -> Callable[..., None]:
    """Return a function for typer that runs an operation.

    Parameters without a default become arguments, the others options. Texts, numbers, flags, paths, choices and lists
    of them are given as they are, all else as JSON. The result goes to stdout, or by `--out` into a file: through its
    own `save(path)` if it has one.
    """
    inputs = _inputs(operation)
    parameters = [_for_typer(each) for each in inputs.values() if each is not None]
    writes = "out" not in inputs  # else the operation writes by itself
    if writes:
        help_text = "Write the result there; its suffix may choose a format."
        out = Annotated[Optional[Path], typer.Option("--out", "-o", help=help_text)]  # noqa: UP045
        parameters.append(inspect.Parameter("out", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=out))

    def command(**given: Any) -> None:  # noqa: ANN401 - typer's values
        if missing := [name for name, each in inputs.items() if each is None]:
            remedy = f"Call it from Python, where {missing[0]} can be given."
            stop(f"expected an operation whose inputs can be written as text, got {operation.name}. {remedy}", REFUSED)
        target = given.pop("out") if writes else None
        check_out(target, *(value for value in given.values() if isinstance(value, Path)))
        result = run(lambda: _begin(operation, inputs, given), printed=target is None)
        text = result_text(result)
        if target is None:
            print_text(text)
            return
        save(lambda: _write(result, target, text), target, text, name="the result is")
        say(f"The result is in {target}.")

    command.__name__ = operation.name
    command.__doc__ = _summary(operation)
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # where `inspect` looks
    return command


async def _begin(operation: Operation[..., Any], inputs: dict[str, _Input | None], given: dict[str, Any]) -> object:
    values = {name: _value(each, given[name]) for name, each in inputs.items() if each is not None}
    # An option that was not given keeps the operation's own default.
    return await operation.begin({name: value for name, value in values.items() if value is not None})


def _inputs(operation: Operation[..., Any]) -> dict[str, _Input | None]:
    """Return the inputs by name; None for one that is needed and can't be written as text."""
    hints = type_hints(operation.function, keep_unknown=True)
    found: dict[str, _Input | None] = {}
    for parameter in list(inspect.signature(operation.function).parameters.values())[1:]:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        known = _input(parameter, hints.get(parameter.name, Any))
        if known is not None or parameter.default is parameter.empty:
            found[parameter.name] = known
    return found


def _input(parameter: inspect.Parameter, hint: Any) -> _Input | None:  # noqa: ANN401 - a type
    if parameter.default is not parameter.empty and not _is_plain(parameter.default):
        return None
    types_of = (str, None) if parameter.name == "model" else _types_of(hint)  # a model is given by its name
    return _Input(parameter, *types_of) if types_of is not None else None


def _types_of(hint: Any) -> tuple[Any, Any] | None:  # noqa: ANN401 - a type
    """Return the type that typer reads, and the type it becomes if that differs; None if no text can be either."""
    members = [member for member in _members(hint) if member is not type(None)]
    if any(map(_is_text, members)):
        return str, None
    members = [member for member in members if not is_unknown(member) and not _is_code(member)]
    if not members:
        return None
    if any(map(_is_path, members)):
        return Path, None
    (first, *others) = members
    if not others and _is_simple(first):
        return first, None
    if not others and get_origin(first) in _LISTS and len({*get_args(first)} - {...}) == 1:
        item: Any = get_args(first)[0]
        if _is_simple(item) or _is_path(item):
            return cast("Any", list)[item], first
    return _JSON, hint


def _members(hint: Any) -> list[Any]:  # noqa: ANN401 - a type
    if get_origin(hint) is Annotated:
        return _members(get_args(hint)[0])
    if get_origin(hint) in (Union, types.UnionType):
        return [each for member in get_args(hint) for each in _members(member)]
    return [hint]


def _is_plain(default: object) -> bool:
    return default is None or isinstance(default, (*_PLAIN, Path, Enum, list, tuple, dict))


def _is_text(member: Any) -> bool:  # noqa: ANN401 - a type
    text = isinstance(member, type) and issubclass(member, str) and not issubclass(member, Enum)
    return text or member in (Any, object)


def _is_simple(member: Any) -> bool:  # noqa: ANN401 - a type
    if get_origin(member) is Literal:
        return all(isinstance(value, str) for value in get_args(member))
    return member in _PLAIN or (isinstance(member, type) and issubclass(member, Enum))


def _is_path(member: Any) -> bool:  # noqa: ANN401 - a type
    kind = get_origin(member) or member
    return isinstance(kind, type) and hasattr(kind, "__fspath__")


def _is_code(member: Any) -> bool:  # noqa: ANN401 - a type
    return any(part is Callable or part is type for part in parts_of(member))


def _for_typer(each: _Input) -> inspect.Parameter:
    parameter, needed = each.parameter, each.parameter.default is inspect.Parameter.empty
    taken = str if each.taken is _JSON else each.taken
    info = typer.Argument(help=_help(each)) if needed else typer.Option(help=_help(each))
    annotation: Any = Annotated[taken if needed else taken | None, info]
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD if needed else inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(
        parameter.name, kind, annotation=annotation, default=inspect.Parameter.empty if needed else None
    )


def _help(each: _Input) -> str:
    if each.parameter.name == "model":
        return MODEL_HELP
    default = each.parameter.default
    parts = ["As JSON."] if each.taken is _JSON else []
    parts += [f"Default: {default}."] if isinstance(default, str | int | float) and default != "" else []
    return " ".join(parts)


def _value(each: _Input, value: Any) -> Any:  # noqa: ANN401 - typer's value
    if value is None or each.becomes is None:
        return value
    if each.taken is not _JSON:
        kind: Any = get_origin(each.becomes)
        return (cast("Any", kind)(value) if kind in (tuple, set, frozenset) else value) or None
    from pydantic import TypeAdapter
    from pydantic.errors import PydanticUserError

    name = each.parameter.name
    try:
        data = json.loads(value)
    except ValueError as error:
        raise InputError(f"{name} as JSON", f"{value!r} ({error})") from None
    try:
        return TypeAdapter(each.becomes).validate_python(data)
    except PydanticUserError:  # a type that no data can be checked against
        return data
    except ValueError as error:
        raise InputError(f"{name} to fit", str(error)) from None


def _write(result: object, target: Path, text: str) -> None:
    from progressnb.wire import csv_bytes, write_atomically

    write: Callable[[str | os.PathLike[str]], object] | None = getattr(result, "save", None)
    if callable(write):
        write(target)
    else:
        whole = text.rstrip("\n") + "\n"
        write_atomically(target, csv_bytes(whole) if target.suffix.lower() == ".csv" else whole.encode())


def _summary(operation: Operation[..., Any]) -> str:
    text = inspect.getdoc(operation.function) or f"Run the operation {operation.name}."
    return text.partition("\n\n")[0]
