"""The command `progressnb` itself: progress goes to stderr, results to stdout.

Exit codes: 0, 1 for a run that failed, 2 for inputs that can't be worked on, 130 for Ctrl-C.
"""

from __future__ import annotations

from typing import Annotated

import typer

import progressnb
from progressnb.cli.batch import batch
from progressnb.cli.discovery import CONTEXT, Commands
from progressnb.cli.serve import serve

__all__ = ["app", "main"]

app = typer.Typer(
    name="progressnb",
    cls=Commands,
    help="Long AI work that you can see and stop: run an operation here, run it for many items, or serve it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings=CONTEXT,
)
app.command()(batch)
app.command()(serve)


def main() -> None:
    """Run the command."""
    app(prog_name="progressnb")


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer's callback
    if wanted:
        typer.echo(f"progressnb {progressnb.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    _ = version  # its callback has done it
