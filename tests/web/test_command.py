"""`progressnb serve`: what it serves, where, and what it says when it can't."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from typer.testing import CliRunner

import progressnb as pnb
from progressnb.cli import app
from progressnb.cli.serve import load
from progressnb.web.uvicorn import command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

TOKEN = "a-token-of-these-tests"  # noqa: S105 - of these tests alone
OWN = """
import progressnb as pnb

@pnb.operation
async def report(tracker: pnb.ProgressTracker, topic: str, *, model: str | None = None) -> str:
    return f"{topic} by {model}"

number = 3
"""


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a directory with a module of the user's own, and without a token."""
    (tmp_path / "own_reports.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "own_reports", raising=False)
    monkeypatch.delenv(command.TOKEN, raising=False)


def refused(*arguments: str) -> str:
    """Run the command that is refused; return the one line that it says."""
    result = CliRunner().invoke(app, ["serve", "--port", "0", *arguments])
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("progressnb: expected ")
    return line


def served(monkeypatch: pytest.MonkeyPatch, ask: Callable[[str], Any], *arguments: str) -> tuple[Result, Any]:
    """Run the command, ask it something in a thread when it says that it is ready, and stop it as Ctrl-C does."""
    answers: list[Any] = []
    thread: list[threading.Thread] = []
    serve = command.serve_until_stopped

    async def listened(*given: Any, say: Callable[[str], None], **options: Any) -> None:
        said: list[str] = []

        def work() -> None:
            try:
                answers.append(ask(re.findall(r"http://\S+:\d+", said[0])[0]))
            except Exception as error:  # noqa: BLE001 - told by the test's own thread
                answers.append(error)
            finally:
                os.kill(os.getpid(), signal.SIGINT)

        def heard(line: str) -> None:
            say(line)
            said.append(line)
            if "Ctrl-C" in line:
                thread.append(threading.Thread(target=work))
                thread[0].start()

        await serve(*given, say=heard, **options)

    monkeypatch.setattr(command, "serve_until_stopped", listened)
    result = CliRunner().invoke(app, ["serve", "--port", "0", *arguments])
    assert thread, result.output
    thread[0].join(30)
    (answer,) = answers
    assert not isinstance(answer, Exception), answer
    return result, answer


def test_what_is_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without names all that is shipped is served, on this machine alone; stderr says what, where and how to watch."""

    def ask(url: str) -> Any:
        begun = httpx.post(
            f"{url}/runs?wait=1",
            json={"operation": "chart", "inputs": {"question": "total b by a", "data": [{"a": "x", "b": 1}]}},
            timeout=30,
            trust_env=False,
        )
        return begun.json()

    result, said = served(monkeypatch, ask, "--model", "offline")
    assert result.exit_code == 0, result.output
    assert said["result"]["data"] == [{"a": "x", "total b": 1.0}]
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert re.fullmatch(r"Serving chart, customize, generate, generate_tests on http://127\.0\.0\.1:\d+", lines[0])
    assert lines[1] == "Not served, since clients can't send calls: run_tools"
    assert "Only this machine is answered" in result.stderr
    assert "PROGRESSNB_TOKEN" in result.stderr
    assert re.search(r"POST http://127\.0\.0\.1:\d+/runs begins a run", result.stderr)
    assert lines[-1] == "Ctrl-C stops it."


def test_own_operation_model_history_and_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A name is module:operation, the token is required and never printed, and --history names the file of the runs."""
    monkeypatch.setenv(command.TOKEN, TOKEN)

    def ask(url: str) -> Any:
        body = {"operation": "report", "inputs": {"topic": "tides"}}
        stranger = httpx.post(f"{url}/runs", json=body, trust_env=False)
        bearer = {"authorization": f"Bearer {TOKEN}"}
        known = httpx.post(f"{url}/runs?wait=1", json=body, headers=bearer, timeout=30, trust_env=False)
        return stranger.status_code, known.json()

    arguments = ("own_reports:report", "--model", "offline", "--history", "runs.db", "--contents")
    result, (stranger, said) = served(monkeypatch, ask, *arguments)
    assert result.exit_code == 0, result.output
    assert (stranger, said["result"]) == (401, "tides by offline")
    assert TOKEN not in result.output
    assert "Clients send the token" in result.stderr
    with pnb.History(tmp_path / "runs.db") as history:
        assert list(history.runs()["status"]) == ["finished"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("customise", "chart, customize, generate, generate_tests"),
        ("own_reports:none", "own_reports:none"),
        ("own_reports:number", "own_reports:number"),
        ("no_such_module:report", "no_such_module"),
        (":report", ":report"),
        ("own_reports:", "own_reports:"),
    ],
)
def test_unknown_operation(name: str, said: str) -> None:
    """A name that is not an operation's is one line with the form of a name, and exit code 2."""
    line = refused(name)
    assert said in line
    assert "package.module:report" in line


def test_shipped_by_name() -> None:
    """Shipped operations may be named by their short names, beside others."""
    names = [operation.name for operation in load(["chart", "own_reports:report"])]
    assert names == ["chart", "report"]


def test_port_that_is_taken() -> None:
    """A port that is taken is one line that names it and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = refused("--port", port)
    assert f"127.0.0.1:{port}" in line
    assert "Choose another port" in line


@pytest.mark.parametrize("token", [None, ""])
def test_strangers_need_a_token(monkeypatch: pytest.MonkeyPatch, token: str | None) -> None:
    """A host that others can reach is refused without a token, with the variable that holds it."""
    if token is not None:
        monkeypatch.setenv(command.TOKEN, token)
    assert "PROGRESSNB_TOKEN" in refused("--host", "0.0.0.0")  # noqa: S104 - it is refused


def test_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the line is the command that installs it."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "fastapi" or "progressnb.web" in name]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "fastapi", None)
    assert 'pip install "progressnb[web]"' in refused()
