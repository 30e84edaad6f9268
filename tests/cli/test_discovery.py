"""The commands of packages: which ones there are, and which one a name means."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

import progressnb as pnb
from progressnb.cli import app
from progressnb.cli.discovery import COMMANDS
from progressnb.execution import discovery

if TYPE_CHECKING:
    from typer.testing import Result


def by_hand(name: str) -> None:
    """Greet by hand."""
    typer.echo(f"by hand: {name}")


by_typer = typer.Typer(help="Greet by typer.")
by_typer.command()(by_hand)


@pnb.operation
async def greet(tracker: pnb.ProgressTracker, name: str) -> str:
    """Greet somebody."""
    assert tracker.id
    return f"by signature: {name}"


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> list[EntryPoint]:
    """Install a package with this module's names."""
    module = ModuleType("strangers")
    vars(module).update({"by_hand": by_hand, "by_typer": by_typer, "greet": greet})
    monkeypatch.setitem(sys.modules, "strangers", module)
    points = [
        EntryPoint("greet", "strangers:greet", discovery.OPERATIONS),
        EntryPoint("wave", "strangers:by_typer", COMMANDS),
        EntryPoint("serve", "strangers:by_hand", COMMANDS),
    ]
    monkeypatch.setattr(discovery, "_warned", set())
    monkeypatch.setattr(discovery, "entry_points", lambda group: [each for each in points if each.group == group])
    return points


def run(*arguments: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, arguments, prog_name="progressnb")


def test_an_operation_gets_a_command() -> None:
    """An operation runs by its name, and help lists it by its package."""
    assert run("greet", "Ada").stdout == "by signature: Ada\n"
    assert "greet  from an unknown package" in run("--help").stdout


def test_a_command_by_hand_comes_first(installed: list[EntryPoint]) -> None:
    """A command that a package brings, as a function or a `typer.Typer`, takes the place of the generated one."""
    assert run("wave", "Ada").stdout == "by hand: Ada\n"
    installed.append(EntryPoint("greet", "strangers:by_hand", COMMANDS))
    assert run("greet", "Ada").stdout == "by hand: Ada\n"
    assert "Greet by hand." in run("--help").stdout
    assert "from an unknown package" not in run("--help").stdout


def test_a_broken_command_leaves_the_generated_one(installed: list[EntryPoint]) -> None:
    """A command that can't be imported costs a warning; its operation still has the generated one."""
    installed.append(EntryPoint("greet", "strangers:nothing", COMMANDS))
    assert run("greet", "Ada").stdout == "by signature: Ada\n"
    assert run("--help").exit_code == 0


def test_built_in_commands_stay() -> None:
    """No package takes the name of a built-in command; an unknown name is exit code 2."""
    assert "Serve operations over HTTP" in run("serve", "--help").stdout
    done = run("nothing")
    assert done.exit_code == 2
    assert "nothing" in done.stderr
