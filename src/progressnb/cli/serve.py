"""`progressnb serve`: operations over HTTP, found by their names."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional, cast

import typer

from progressnb.cli.exits import REFUSED, run, stop
from progressnb.cli.options import ModelName  # noqa: TC001 - typer reads it at run time
from progressnb.cli.outputs import say
from progressnb.errors import InputError, OperationError, needs_extra

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from progressnb.execution.operation import Operation

__all__ = ["load", "serve"]


def serve(
    operations: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Argument(help="What to serve, such as package.module:report or chart. Default: all that are installed."),
    ] = None,
    *,
    host: Annotated[str, typer.Option(help="Where to listen. Others than this machine need a token.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 is a free one.")] = 8000,
    model: ModelName = None,
    history: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Keep what runs did in this SQLite file, also beyond a restart."),
    ] = None,
    contents: Annotated[bool, typer.Option("--contents", help="Keep inputs, outputs and results there too.")] = False,
) -> None:
    """Serve operations over HTTP. $PROGRESSNB_TOKEN is what clients send; without it only this machine is answered."""
    if contents and history is None:
        stop("expected --history with --contents, got none. Add a file for it: --history runs.db --contents.", REFUSED)

    async def work() -> None:
        with needs_extra("web", "FastAPI and uvicorn to serve runs"):
            from progressnb.web.uvicorn.command import serve_until_stopped
        from progressnb.agents.models import resolve_model

        resolve_model(model)  # an unknown model is refused now, not by the first run
        given = {} if model is None else {"model": model}
        served, left_out = (load(operations), {}) if operations else installed(given)
        waiting = [f"Not served, since clients can't send {why}: {name}" for name, why in left_out.items()]

        def tell(line: str) -> None:
            say(line, err=True)
            while waiting:  # behind the first line, which says where
                say(waiting.pop(0), err=True)

        await serve_until_stopped(
            served, host=host, port=port, given=given, history=history, contents=contents, say=tell
        )

    run(work)


def installed(given: Mapping[str, object]) -> tuple[list[Operation[..., Any]], dict[str, str]]:
    """Return the installed operations whose inputs clients can send, and for each of the others an input they can't."""
    from progressnb.execution.discovery import find_operations, load_operation
    from progressnb.web.server.inputs import Inputs

    served: list[Operation[..., Any]] = []
    left_out: dict[str, str] = {}
    for operation in filter(None, map(load_operation, find_operations())):
        try:
            Inputs(operation, given)
        except OperationError as error:
            left_out[operation.name] = error.got.partition(":")[0]
        else:
            served.append(operation)
    return served, left_out


def load(names: Sequence[str]) -> list[Operation[..., Any]]:
    """Return the operations of names such as `package.module:report`, or `chart` for one that is installed.

    Without names, return the installed operations whose inputs clients can send. Raises `InputError` for a name that is
    not an operation's.
    """
    if not names:
        return installed({})[0]
    if str(Path.cwd()) not in sys.path:  # as `python -m` does
        sys.path.insert(0, str(Path.cwd()))
    return [_loaded(name) for name in names]


def _loaded(name: str) -> Operation[..., Any]:
    from progressnb.execution.discovery import find_operations, load_operation
    from progressnb.execution.operation import Operation

    if (known := load_operation(name)) is not None:
        return known
    module, _, attribute = name.partition(":")
    remedy = f"Write package.module:report, or one of {', '.join(find_operations())}."
    try:
        found = getattr(importlib.import_module(module), attribute) if attribute else None
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise InputError("the name of an operation", f"{name} ({error})", remedy) from None
    if not isinstance(found, Operation):
        raise InputError("the name of an operation", name, remedy)
    return cast("Operation[..., Any]", found)
