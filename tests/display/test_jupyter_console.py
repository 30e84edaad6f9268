"""`jupyter console`, a front end of text: a run is told in plain lines, and its end is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.cli.terminals import Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("jupyter_console", reason="the dev extra has it")
pytestmark = pytest.mark.integration

CONSOLE = """
import warnings
warnings.simplefilter("ignore")
from jupyter_console.app import ZMQTerminalIPythonApp
ZMQTerminalIPythonApp.launch_instance(argv=[])
"""

SETUP = """
import asyncio, time
import progressnb as pnb

@pnb.operation
async def read(tracker, pages):
    async with tracker.stage("reading") as stage:
        for page in range(1, pages + 1):
            await stage.update(100 * page / pages, f"page {page}")
            await asyncio.sleep(0.2)
    return "all is read"
"""


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Open a console, as a person does."""
    folder: Path = tmp_path_factory.mktemp("console")
    (folder / "setup.py").write_text(SETUP, encoding="utf-8")
    with Program(folder, CONSOLE) as program:
        program.until(lambda: "In [1]" in program.text())
        enter(program, "%run -i setup.py")
        yield program


def enter(program: Program, line: str) -> str:
    """Type a line; return what stands between it and the next prompt."""
    number = int(re.findall(r"^In \[(\d+)\]", program.text(), re.MULTILINE)[-1])
    program.type(f"{line}\r")
    program.until(lambda: f"In [{number + 1}]:" in program.text())
    return program.text().rpartition(f"In [{number}]:")[2].partition(f"In [{number + 1}]:")[0]


@pytest.mark.parametrize(
    "line",
    [
        "[time.sleep(0.2) for _ in pnb.track(range(20), 'reading')];",
        "await read(20)",
        "await read(20) # once more, when it is known what the front end is",
    ],
    ids=["a loop that blocks", "awaited", "awaited again"],
)
def test_lines_and_an_end(console: Program, line: str) -> None:
    """Each line says how far the run is, later ones say more, the last one is its end, and no sign of a begin stays."""
    text = enter(console, line)
    percents = [int(found) for found in re.findall(r"(\d+) %", text)]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert any(0 < percent < 100 for percent in percents)
    assert "finished in" in text
    assert "●" not in text
    assert "▸" not in text
    assert "○" not in text


def test_an_end_in_a_later_line(console: Program) -> None:
    """A run that one line begins and a later one waits for has its end in that later one."""
    enter(console, "run = read(12)")
    text = enter(console, "run.wait()")
    assert "finished in" in text
    assert "●" not in text


def test_a_failure(console: Program) -> None:
    """An error ends the lines with its text."""
    text = enter(console, "[1 / (5 - i) for i in pnb.track(range(10), 'dividing') if not time.sleep(0.3)]")
    assert re.search(r"failed .*|✗", text)
    assert "division by zero" in text
