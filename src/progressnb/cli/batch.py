"""`progressnb batch`: an operation for each row of a file, with a budget; the same line goes on after a stop."""

from __future__ import annotations

import csv
import inspect
import io
import json
from collections import Counter
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated, Any, Optional, cast

import typer

from progressnb.cli.exits import REFUSED, run, stop
from progressnb.cli.options import ModelName  # noqa: TC001 - typer reads it
from progressnb.cli.outputs import check_out, print_text, save, say
from progressnb.cli.serve import load
from progressnb.errors import BatchFailed, BatchStopped, InputError, InvalidProgressError
from progressnb.execution.discovery import load_operation
from progressnb.tracking.annotations import type_hints

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pydantic import TypeAdapter

    from progressnb.batching import Batch, BatchItem
    from progressnb.execution.operation import Operation

__all__ = ["batch", "read_items"]

_FORMS = "An item is an object of arguments by name, a list of arguments, or one argument."
_LINES = (".jsonl", ".ndjson")


def batch(
    operation: Annotated[str, typer.Argument(help="What to run, such as package.module:report or customize.")],
    inputs: Annotated[
        Path, typer.Argument(help="A file of items: .csv with a column a parameter, .jsonl or .json.", dir_okay=False)
    ],
    *,
    limit: Annotated[int, typer.Option(min=1, help="Items at work at a time.")] = 10,
    retries: Annotated[int, typer.Option(min=0, help="Further attempts at an item that failed.")] = 0,
    budget: Annotated[Optional[float], typer.Option(help="The most that it may spend, in US dollars.")] = None,  # noqa: UP045
    tokens: Annotated[Optional[int], typer.Option(help="The most that it may spend, in tokens.")] = None,  # noqa: UP045
    seconds: Annotated[Optional[float], typer.Option(help="The longest that it may take, in seconds.")] = None,  # noqa: UP045
    max_failures: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Failed items beyond which it stops: a number such as 20, or a share such as 0.1."),
    ] = None,
    name: Annotated[Optional[str], typer.Option(help="The name of the batch.")] = None,  # noqa: UP045
    given: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(help="An argument for every item, as NAME=VALUE; may be given several times."),
    ] = None,
    model: ModelName = None,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--out", "-o", help="Write a line of JSON an item there; without it they go to stdout."),
    ] = None,
    history: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="The file that keeps results and inputs. Default: beside --out, with the suffix .db."),
    ] = None,
    reuse: Annotated[bool, typer.Option("--reuse", help="Take the results of a batch that has ended, too.")] = False,
) -> None:
    """Run an operation for each row of a file.

    Results are kept as they come. After Ctrl-C, or a stop by the budget, the same line goes on where it was.
    """
    check_out(out, inputs)
    kept = history if history is not None or out is None else out.with_suffix(".db")
    options = {"limit": limit, "retries": retries, "name": name, "reuse": reuse, "max_failures": _bound(max_failures)}
    limits = {"cost": budget, "tokens": tokens, "seconds": seconds}
    shared = [*(given or []), *([f"model={model}"] if model is not None else [])]

    async def work() -> str:
        return await _run(operation, inputs, out, history=kept, given=shared, limits=limits, **options)

    text = run(work)
    if out is None:
        print_text(text)
    else:
        say(f"The results are in {out}.")


async def _run(
    wanted: str,
    inputs: Path,
    out: Path | None,
    *,
    history: Path | None,
    given: list[str],
    limits: Mapping[str, Any],
    **options: Any,  # noqa: ANN401 - as `batch` takes them
) -> str:
    import progressnb as pnb

    operation = load_operation(wanted) or load([wanted])[0]
    items = read_items(operation, inputs)
    common = _common(operation, given)
    if history is not None:
        pnb.use_history(history, contents=True)
    try:
        budget = pnb.Budget(**limits) if any(each is not None for each in limits.values()) else None
        batch = pnb.batch(operation, items, given=common, budget=budget, **options)
    except (InputError, InvalidProgressError) as error:  # their remedies are those of Python
        remedy = _FORMS if error.expected.startswith("item ") else ""
        raise InputError(error.expected, error.got, remedy) from error
    try:
        await batch
    except (BatchFailed, BatchStopped) as error:
        raise type(error)(error.expected, error.got, _remedy(error, out, history), batch=batch) from error
    finally:  # what was done is there after a stop, too
        text = _lines(batch)
        if out is not None:
            save(lambda: _write(out, text), out, text, name="the results are")
    return text


def _remedy(error: BatchFailed | BatchStopped, out: Path | None, history: Path | None) -> str:
    """Return what to do in the words of the command, where the error of a batch has those of Python."""
    if history is None:
        return "Write --out results.jsonl to keep results, so that the same line goes on."
    where = f"Results are in {history if out is None else out}."
    if isinstance(error, BatchFailed):
        return f"{where} The same line with --reuse runs the failed ones alone again."
    return f"{where} The same line goes on."


def read_items(operation: Operation[..., Any], path: Path) -> list[object]:
    """Return the items of a file: rows of CSV by the names of their columns, or values of JSON.

    Raises `InputError` for a file that can't be read, and for a cell that does not fit its parameter.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise InputError("a file of items", f"{path} ({error})", "Write .csv, .jsonl or .json.") from None
    suffix = path.suffix.lower()
    if suffix in _LINES:
        rows = enumerate(text.split("\n"), start=1)  # other breaks may be within a text of JSON
        return [_item(_loaded(line, f"{path}, line {number}")) for number, line in rows if line.strip()]
    if suffix == ".json":
        values = _loaded(text, str(path))
        if not isinstance(values, list):
            raise InputError("a list of items", f"{path} with one value")
        return [_item(value) for value in cast("list[object]", values)]
    return _rows(operation, text, path)


def _loaded(text: str, where: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_object)
    except InputError as error:
        raise InputError(error.expected, f"{error.got} in {where}") from None
    except json.JSONDecodeError as error:
        at = f"column {error.colno}" if "line" in where.rpartition(",")[2] else f"line {error.lineno}"
        raise InputError("items as JSON", f"{where} ({error.msg}, {at})") from None
    except (ValueError, RecursionError) as error:
        raise InputError("items as JSON", f"{where} ({error})") from None


def _once(names: list[str], expected: str) -> None:
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise InputError(expected, f"{', '.join(map(repr, twice))} several times")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object of JSON, whose names are each there once: of several values one would be lost."""
    _once([name for name, _ in pairs], "each name of an object once")
    return dict(pairs)


def _item(value: object) -> object:
    return tuple(cast("list[object]", value)) if isinstance(value, list) else value


def _rows(operation: Operation[..., Any], text: str, path: Path) -> list[object]:
    parameters, hints = operation.taken.parameters, type_hints(operation.function)
    try:
        head, *rows = _table(text, parameters) or [[]]
    except csv.Error as error:
        raise InputError("rows of CSV", f"{path} ({error})") from None
    names = [name.strip() for name in head]
    _once(names, f"each column of {path} once")
    unknown = [name for name in names if name not in parameters]
    if unknown or not names:
        from progressnb.batching import call_of

        got = ", ".join(map(repr, unknown)) or "no header"
        raise InputError(f"columns that are parameters of {call_of(operation)}", got)
    if odd := [number for number, row in enumerate(rows, start=1) if len(row) != len(names)]:
        raise InputError("a cell a column", f"others in row {odd[0]} of {path}", "Put texts with commas into quotes.")
    adapters = {name: _adapter(hints.get(name, Any), name) for name in names}
    return [
        {
            name: _value(adapters[name], cell, name, f" in row {number}")
            for name, cell in zip(names, row, strict=True)
            if cell or parameters[name].default is inspect.Parameter.empty
        }
        for number, row in enumerate(rows, start=1)
    ]


def _table(text: str, parameters: Collection[str]) -> list[list[str]]:
    """Return the lines of CSV that have cells, the names of the columns first. Cells may have any length.

    Between them are commas, or what spreadsheets write in their place, where that makes the names those of parameters.
    """
    first = text.lstrip("\r\n").partition("\n")[0]
    heads = {each: [name.strip() for line in csv.reader([first], delimiter=each) for name in line] for each in ",;\t"}
    delimiter = next((each for each, names in heads.items() if names and set(names) <= set(parameters)), ",")
    before = csv.field_size_limit(len(text) + 1)
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [line for line in lines if line]
    finally:
        csv.field_size_limit(before)


def _adapter(hint: Any, name: str) -> TypeAdapter[Any] | None:  # noqa: ANN401 - a type
    """Return the checks of a parameter; None for a type that no text can be checked against."""
    from pydantic import TypeAdapter
    from pydantic.errors import PydanticUserError

    if name == "model":
        return None
    try:
        return TypeAdapter(hint)
    except PydanticUserError:
        return None


def _value(adapter: TypeAdapter[Any] | None, text: str, name: str, where: str = "") -> object:
    """Return a cell as its parameter takes it: text where it may be text, else what the text says."""
    if adapter is None:
        return text
    try:
        return adapter.validate_python(text)
    except ValueError as error:
        try:
            return adapter.validate_json(text)
        except ValueError:
            raise InputError(f"{name} to fit", f"{text!r}{where} ({_first(error)})") from None


def _first(error: ValueError) -> str:
    return str(error).splitlines()[-1].strip()


def _common(operation: Operation[..., Any], shared: list[str]) -> dict[str, object]:
    hints = type_hints(operation.function)
    found: dict[str, object] = {}
    for each in shared:
        name, sign, text = each.partition("=")
        if not sign:
            raise InputError("--given as NAME=VALUE", repr(each))
        _once([*found, name], "each argument that is given once")
        found[name] = _value(_adapter(hints.get(name, Any), name), text, name)
    return found


def _bound(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        stop(f"expected --max-failures as a number or a share, got {text!r}. Write 20, or 0.1.", REFUSED)


def _lines(batch: Batch[Any]) -> str:
    return "".join(_line(item) for item in batch.items)


def _line(item: BatchItem[Any]) -> str:
    from progressnb.tracking.failures import error_text, error_type
    from progressnb.wire.plain import jsonable

    fields = {"item": item.index, "status": item.status, "result": jsonable(item.result)}
    if item.error is not None:
        fields |= {"error": error_text(item.error), "error_type": error_type(item.error)}
    fields |= {"attempts": item.attempts, "cost": item.cost, "duration": item.duration, "run_id": item.run_id}
    return json.dumps(fields, ensure_ascii=False) + "\n"


def _write(out: Path, text: str) -> None:
    from progressnb.wire import write_atomically

    write_atomically(out, text.encode("utf-8", "replace"))
