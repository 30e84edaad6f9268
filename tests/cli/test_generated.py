"""The commands of operations: made of a signature, with texts, numbers, choices, lists, JSON, and a result."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

import progressnb as pnb
from progressnb.cli import app

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pydantic_ai.models import Model
    from typer.testing import Result


class Colour(enum.Enum):
    """A choice."""

    RED = "red"
    BLUE = "blue"


class Limits(BaseModel):
    """What JSON is checked against."""

    most: int


@dataclass
class Saved:
    """A result that saves itself."""

    text: str

    def save(self, path: Path) -> None:
        """Write it in its own way."""
        path.write_text(f"saved {self.text}")


def invoke(operation: pnb.Operation[..., Any], *arguments: object) -> Result:
    """Run the command of an operation, as if it were installed, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("progressnb.cli.discovery.load_operation", {operation.name: operation}.get)
        return CliRunner().invoke(app, [operation.name, *map(str, arguments)])


@pnb.operation
async def everything(
    tracker: pnb.ProgressTracker,
    topic: str,
    count: int,
    /,
    *,
    share: float = 0.5,
    loud: bool = False,
    source: Path | None = None,
    colour: Colour = Colour.RED,
    size: Literal["s", "m"] = "s",
    names: Sequence[str] = (),
    sizes: list[int] | None = None,
    limits: Limits | None = None,
    model: Model | str | None = None,
    hook: Callable[[], None] | None = None,
    kind: Any = str,
) -> list[str]:
    """Return what was given.

    More about it.
    """
    assert tracker.id
    given = (topic, count, share, loud, source, colour, size, names, sizes, limits, model, hook, kind)
    return [repr(each) for each in given]


def test_defaults_are_the_operations_own() -> None:
    """Without options an operation gets its arguments and nothing else; the result is JSON on stdout."""
    done = invoke(everything, "tides", "3")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == [
        *("'tides'", "3", "0.5", "False", "None", repr(Colour.RED), "'s'", "()", "None", "None", "None", "None"),
        "<class 'str'>",
    ]


def test_every_kind_of_input_arrives(tmp_path: Path) -> None:
    """Numbers, flags, paths, choices, repeated options and JSON become what the signature says."""
    source = tmp_path / "in.txt"
    options = ["--share", "0.25", "--loud", "--source", source, "--colour", "blue", "--size", "m", "--names", "a"]
    options += ["--names", "b", "--sizes", "1", "--sizes", "2", "--limits", '{"most": 4}', "--model", "test"]
    done = invoke(everything, "tides", "3", *options)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)[:11] == [
        *("'tides'", "3", "0.25", "True", repr(source), repr(Colour.BLUE), "'m'", "['a', 'b']", "[1, 2]"),
        *("Limits(most=4)", "'test'"),
    ]


def test_help_says_what_there_is() -> None:
    """Help is the first paragraph of the docstring; what no text can be is no option."""
    done = invoke(everything, "--help")
    assert "Return what was given." in done.stdout
    assert "More about it" not in done.stdout
    assert "--limits" in done.stdout
    assert "--hook" not in done.stdout
    assert "--kind" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["a", "x"], "count"),
        (["a", "1", "--colour", "green"], "green"),
        (["a", "1", "--limits", "{"], "expected limits as JSON"),
        (["a", "1", "--limits", "{}"], "expected limits to fit"),
        (["a"], "count"),
    ],
)
def test_wrong_inputs_are_refused(arguments: list[str], text: str) -> None:
    """An input that does not fit is exit code 2, and stderr names it."""
    done = invoke(everything, *arguments)
    assert done.exit_code == 2
    assert text in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("plain ä", "plain ä\n"),
        (Limits(most=3), '{\n  "most": 3\n}\n'),
        (pd.DataFrame({"a": [1]}), "a\n1\n"),
        (None, "null\n"),
    ],
)
def test_results_are_printed(tmp_path: Path, result: object, text: str) -> None:
    """A text is printed as it is, a table as CSV, all else as JSON; `--out` writes the same."""

    @pnb.operation
    async def give(tracker: pnb.ProgressTracker) -> object:
        assert tracker.id
        return result

    assert invoke(give).stdout == text
    out = tmp_path / "deep" / "out.txt"
    done = invoke(give, "--out", out)
    assert done.stdout == f"The result is in {out}.\n"
    assert out.read_text(encoding="utf-8") == text


def test_a_result_saves_itself(tmp_path: Path) -> None:
    """A result with `save(path)` writes the file; where that fails, the result is printed and the exit code is 1."""

    @pnb.operation
    async def give(tracker: pnb.ProgressTracker) -> Saved:
        assert tracker.id
        return Saved("text")

    assert invoke(give, "--out", tmp_path / "out").exit_code == 0
    assert (tmp_path / "out").read_text() == "saved text"
    with pytest.MonkeyPatch.context() as patch:

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        patch.setattr(Saved, "save", full)
        done = invoke(give, "--out", tmp_path / "out")
    assert (done.exit_code, json.loads(done.stdout)) == (1, {"text": "text"})
    assert "No space left on device" in done.stderr


def test_an_operation_that_needs_code() -> None:
    """An operation with an input that no text can be is refused with the input's name."""

    @pnb.operation
    async def call(tracker: pnb.ProgressTracker, function: Callable[[], None]) -> str:
        function()
        return tracker.id

    done = invoke(call)
    assert done.exit_code == 2
    assert "Call it from Python, where function can be given." in done.stderr


def test_an_operation_that_writes_by_itself(tmp_path: Path) -> None:
    """An operation with a parameter `out` gets what `--out` says; nothing is written for it."""

    @pnb.operation
    async def write(tracker: pnb.ProgressTracker, *, out: Path | None = None) -> str:
        assert tracker.id
        return str(out)

    assert invoke(write, "--out", tmp_path / "a.txt").stdout == f"{tmp_path / 'a.txt'}\n"
    assert list(tmp_path.iterdir()) == []
