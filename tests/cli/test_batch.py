"""`progressnb batch`: what it reads and writes, what it refuses, and how the same line goes on after a stop."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

import progressnb as pnb
from progressnb.cli import app

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

calls: Counter[str] = Counter()


@pnb.operation
async def write(tracker: pnb.ProgressTracker, topic: str, words: int = 3, *, shout: bool = False) -> str:
    """Write some words."""
    calls[topic] += 1
    async with tracker.stage("write") as stage:
        stage.add_usage("m", output_tokens=1, cost=0.01)
    if topic == "bad":
        raise ValueError("no such topic")
    text = " ".join([topic] * words)
    return text.upper() if shout else text


@pytest.fixture(autouse=True)
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the command find the operation, as if it were installed."""
    monkeypatch.setattr("progressnb.cli.batch.load_operation", {"write": write}.get)
    monkeypatch.chdir(tmp_path)
    calls.clear()


def invoke(*arguments: object) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, ["batch", *map(str, arguments)], prog_name="progressnb")


def lines(text: str) -> list[dict[str, Any]]:
    """Read lines of JSON."""
    return [json.loads(line) for line in text.splitlines()]


def test_rows_of_csv(tmp_path: Path) -> None:
    """A row is an item, cells become what the parameters take, and an empty one leaves the default."""
    (tmp_path / "in.csv").write_text('topic,words,shout\n"tides, high",2,true\nmoon,,\n5,1,false\n')
    done = invoke("write", "in.csv", "--limit", 2)
    assert done.exit_code == 0, done.stderr
    found = lines(done.stdout)
    assert [each["result"] for each in found] == ["TIDES, HIGH TIDES, HIGH", "moon moon moon", "5"]
    assert [each["item"] for each in found] == [0, 1, 2]
    assert {each["cost"] for each in found} == {0.01}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("in.jsonl", '{"topic": "a"}\n["b", 2]\n\n"c"\n'),
        ("in.json", '[{"topic": "a"}, ["b", 2], "c"]'),
    ],
)
def test_items_of_json(tmp_path: Path, name: str, text: str) -> None:
    """Items are objects, lists of arguments, or single values; `--given` holds for all."""
    (tmp_path / name).write_text(text)
    done = invoke("write", name, "--given", "shout=true")
    assert [each["result"] for each in lines(done.stdout)] == ["A A A", "B B", "C C C"]


def test_the_same_line_goes_on(tmp_path: Path) -> None:
    """A batch that its budget stopped goes on with the next call, which pays for nothing again."""
    (tmp_path / "in.csv").write_text("topic\n" + "".join(f"t{number}\n" for number in range(6)))
    line = ("write", "in.csv", "--budget", 0.02, "-o", "out/results.jsonl", "--limit", 1)
    codes = [invoke(*line).exit_code for _ in range(3)]
    assert codes == [1, 1, 0]
    assert set(calls.values()) == {1}
    found = lines((tmp_path / "out" / "results.jsonl").read_text())
    assert [each["result"] for each in found] == [f"t{number} t{number} t{number}" for number in range(6)]
    assert (tmp_path / "out" / "results.db").exists()


def test_failures_are_told(tmp_path: Path) -> None:
    """What failed is in the file, with the error, and the exit code says so."""
    (tmp_path / "in.csv").write_text("topic\ngood\nbad\n")
    done = invoke("write", "in.csv", "-o", "results.jsonl")
    assert done.exit_code == 1
    assert "1 failed" in done.stderr
    found = lines((tmp_path / "results.jsonl").read_text())
    assert [each["status"] for each in found] == ["finished", "failed"]
    assert (found[1]["error"], found[1]["error_type"]) == ("no such topic", "ValueError")


@pytest.mark.parametrize(
    ("name", "text", "options", "says"),
    [
        ("in.csv", "subject\na\n", (), "columns that are parameters of write(topic, words=…, shout=…)"),
        ("in.csv", "", (), "no header"),
        ("in.csv", "topic,words\na,many\n", (), "words to fit"),
        ("in.csv", "topic\na,b\n", (), "a cell a column"),
        ("in.jsonl", "{\n", (), "items as JSON"),
        ("in.json", "5", (), "a list of items"),
        ("in.jsonl", '{"words": 1}\n', (), "item 0 as the arguments"),
        ("in.csv", "topic\na\n", ("--given", "shout"), "NAME=VALUE"),
        ("in.csv", "topic\na\n", ("--max-failures", "all"), "a number or a share"),
        ("in.csv", "topic\na\n", ("-o", "in.csv"), "a new file for --out"),
    ],
)
def test_what_is_refused(tmp_path: Path, name: str, text: str, options: tuple[str, ...], says: str) -> None:
    """What can't be worked on is refused in one line before anything is paid."""
    (tmp_path / name).write_text(text)
    done = invoke("write", name, *options)
    assert done.exit_code == 2
    assert says in done.stderr
    assert calls == {}


def test_an_unknown_operation(tmp_path: Path) -> None:
    """An operation that is not there is refused."""
    (tmp_path / "in.csv").write_text("topic\na\n")
    done = invoke("nothing", "in.csv")
    assert done.exit_code == 2
    assert "the name of an operation" in done.stderr


def test_an_operation_of_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation of one's own is named by its module, as for `progressnb serve`; the current folder has it."""
    (tmp_path / "in.csv").write_text("topic\na\n")
    (tmp_path / "my_work_for_batch.py").write_text(
        "import progressnb as pnb\n\n"
        "@pnb.operation\nasync def shout(tracker: pnb.ProgressTracker, topic: str) -> str:\n    return topic.upper()\n"
    )
    monkeypatch.setattr(sys, "path", [*sys.path])
    done = invoke("my_work_for_batch:shout", "in.csv")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["result"] == "A"


PROGRAM = """
import asyncio, sys
import progressnb as pnb
import progressnb.cli.batch
from progressnb.cli import main

@pnb.operation
async def slow(tracker: pnb.ProgressTracker, number: int) -> int:
    await asyncio.sleep(0.02)
    return number

progressnb.cli.batch.load_operation = {"slow": slow}.get
sys.argv = ["progressnb", "batch", "slow", "in.csv", "--limit", "2", "-o", "out.jsonl"]
main()
"""


def test_ctrl_c(tmp_path: Path) -> None:
    """Ctrl-C stops cleanly, with what was done in the file, and the same line goes on."""
    (tmp_path / "in.csv").write_text("number\n" + "".join(f"{number}\n" for number in range(300)))
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, "program.py"]
    with subprocess.Popen(command, cwd=tmp_path, env={**os.environ}, stderr=subprocess.PIPE, text=True) as process:
        while committed(tmp_path / "out.db") < 3:
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert process.returncode == 130, errors
    assert "Traceback" not in errors, errors
    first = lines((tmp_path / "out.jsonl").read_text())
    assert len(first) == 300
    done = [each["item"] for each in first if each["status"] == "finished"]
    assert len(done) >= 3
    assert "not begun" in {each["status"] for each in first}
    again = subprocess.run(command, cwd=tmp_path, env={**os.environ}, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    second = lines((tmp_path / "out.jsonl").read_text())
    assert [each["result"] for each in second] == list(range(300))
    assert [each["run_id"] for each in second if each["item"] in done] == [first[item]["run_id"] for item in done]


def committed(path: Path) -> int:
    """Return how many results a history has."""
    if not path.exists():
        return 0
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("SELECT count(*) FROM items").fetchone()[0])
    except sqlite3.Error:
        return 0
    finally:
        connection.close()
