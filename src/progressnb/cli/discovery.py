"""The commands of installed packages: written by hand, or made of the signature of an operation.

A package gets a command for each operation of its entry-point group `progressnb.operations`. With the group
`progressnb.commands` it brings one that is written by hand, as a function for typer or a `typer.Typer`::

    [project.entry-points."progressnb.commands"]
    report = "my_package.commands:report"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

try:
    from typer._click.shell_completion import CompletionItem
except ImportError:  # a typer that does not bring click's parts along
    from click.shell_completion import CompletionItem  # type: ignore[assignment]

from progressnb.execution.discovery import (
    find_entry_points,
    find_operations,
    load_entry_point,
    load_operation,
    package_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["COMMANDS", "CONTEXT", "Commands", "make_command"]

COMMANDS = "progressnb.commands"
"""The entry-point group of commands that are written by hand."""

CONTEXT: dict[str, Any] = {"help_option_names": ["-h", "--help"]}
"""Settings of every command."""


class Commands(TyperGroup):
    """The built-in commands and those of installed packages; an operation is imported when its command is used."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride] # typer's own context has no public name
        """Return the names of the commands that are written by hand."""
        return sorted({*super().list_commands(ctx), *find_entry_points(COMMANDS)})

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override] # noqa: ANN401 # pyright: ignore[reportIncompatibleMethodOverride]
        """Return a command: a built-in one, one written by hand, or that of an operation."""
        if (built_in := super().get_command(ctx, cmd_name)) is not None:
            return built_in
        if (point := find_entry_points(COMMANDS).get(cmd_name)) and (found := load_entry_point(point)) is not None:
            return make_command(cmd_name, found)
        operation = load_operation(cmd_name)
        if operation is None:
            return None
        from progressnb.cli.generated import function_of

        return make_command(cmd_name, function_of(operation))

    def shell_complete(self, ctx: typer.Context, incomplete: str) -> list[Any]:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        """Return the names of commands and operations that begin so; no package is loaded to describe its own."""
        names = sorted({*self.list_commands(ctx), *find_operations()})
        found = [CompletionItem(name) for name in names if name.startswith(incomplete)]
        return [*found, *super(TyperGroup, self).shell_complete(ctx, incomplete)]

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override] # noqa: ANN401 # pyright: ignore[reportIncompatibleMethodOverride]
        """Write the help of the commands, then the names of the other operations by package."""
        super().format_commands(ctx, formatter)
        others: dict[str, list[str]] = {}
        for name, point in find_operations().items():
            if name not in self.list_commands(ctx):
                others.setdefault(package_of(point), []).append(name)
        if others:
            with formatter.section("Operations, called as in Python (progressnb NAME --help says more)"):
                formatter.write_dl([(", ".join(names), f"from {package}") for package, names in others.items()])


def make_command(name: str, found: Callable[..., object] | object) -> Any:  # noqa: ANN401 - typer's commands have no public type
    """Return the command of a function or of a `typer.Typer`."""
    if isinstance(found, typer.Typer):
        return typer.main.get_command(found)
    single = typer.Typer(
        add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, context_settings=CONTEXT
    )
    single.command(name)(found)  # type: ignore[type-var] # pyright: ignore[reportArgumentType] # what is no function fails here
    return typer.main.get_command(single)
