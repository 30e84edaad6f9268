"""`progressnb serve`: what it serves, where, until a signal, and what it refuses in one line."""

from __future__ import annotations

import asyncio
import builtins
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from typer.testing import CliRunner

import progressnb as pnb
from progressnb.cli import app
from progressnb.web.command import load, serve_until_stopped

if TYPE_CHECKING:
    from pathlib import Path

REFUSED = 2
NAMED = '''
import progressnb as pnb

@pnb.operation(stages=["writing"])
async def report(tracker: pnb.ProgressTracker, topic: str) -> str:
    """Write about a topic."""
    async with tracker.stage("writing") as stage:
        stage.write(topic)
    return topic
'''


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Write a module with an operation, where `python -m` would find it."""
    (tmp_path / "own_operations.py").write_text(NAMED)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "own_operations", raising=False)
    return "own_operations"


def serve(*arguments: object) -> tuple[int, str]:
    """Run the command; return its exit code and what it printed."""
    result = CliRunner().invoke(app, ["serve", *map(str, arguments)])
    return result.exit_code, result.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_until_a_signal(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """It says what it serves and where, answers those who send the token, keeps a history, and a signal ends it."""
    monkeypatch.setenv("PROGRESSNB_TOKEN", "from-the-environment")
    said: list[str] = []
    ready = asyncio.Event()

    def say(line: str) -> None:
        said.append(line)
        if "Ctrl-C" in line:
            ready.set()

    history = tmp_path / "runs.db"
    serving = asyncio.create_task(
        serve_until_stopped(
            [f"{module}:report"], host="127.0.0.1", port=0, model=None, history=history, contents=False, say=say
        )
    )
    await asyncio.wait([serving, asyncio.create_task(ready.wait())], return_when=asyncio.FIRST_COMPLETED)
    url = said[0].rpartition(" ")[2]
    assert said[0].startswith("Serving report on http://127.0.0.1:")
    assert "from-the-environment" not in "".join(said)
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        begin: dict[str, Any] = {"url": "/runs?wait=1", "json": {"operation": "report", "inputs": {"topic": "tides"}}}
        assert (await client.post(**begin)).status_code == 401
        answer = await client.post(**begin, headers={"authorization": "Bearer from-the-environment"})
        assert answer.json()["result"] == "tides"
    signal.raise_signal(number)
    await asyncio.wait_for(serving, 30)
    with pnb.History(history) as kept:
        assert list(kept.runs()["operation"]) == ["report"]


def test_what_is_served_by_itself() -> None:
    """Without a name all that is shipped is served, and each can be asked over a wire."""
    shipped = load([])
    assert [operation.name for operation in shipped] == ["customize", "generate", "chart", "generate_tests"]
    assert list(pnb.web.create_app(shipped).state.service.operations) == [each.name for each in shipped]


@pytest.mark.parametrize(
    "name",
    [
        "",
        ":",
        "report",
        "own_operations",
        "own_operations:",
        "own_operations:nothing",
        "own_operations:pnb",
        "no.such:x",
    ],
)
def test_names_of_nothing(module: str, name: str) -> None:
    """A name that leads to no operation is refused in one line that says how names look."""
    assert module
    code, output = serve(name, "--port", 0)
    assert code == REFUSED
    assert "package.module:report" in " ".join(output.split())


def test_what_cant_be_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that is taken, strangers without a token, and an unknown model are told before anybody can come."""
    monkeypatch.delenv("PROGRESSNB_TOKEN", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, output = serve("--port", taken.getsockname()[1])
    assert (code, "Choose another port" in " ".join(output.split())) == (REFUSED, True)
    code, output = serve("--host", "0.0.0.0")  # noqa: S104 - it is refused
    assert (code, "a token for a host that others can reach" in " ".join(output.split())) == (REFUSED, True)
    code, output = serve("--port", 0, "--model", "no-such-model")
    assert (code, "no-such-model" in output) == (REFUSED, True)
    monkeypatch.setenv("PROGRESSNB_TOKEN", "")
    assert serve("--port", 0)[0] == REFUSED


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra it says which one to install, and so does `pnb.serve`."""
    real = builtins.__import__

    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name.partition(".")[0] in ("fastapi", "uvicorn"):
            raise ImportError(name)
        return real(name, *arguments, **options)

    for name in [name for name in sys.modules if name == "progressnb.web" or name.startswith("progressnb.web.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    code, output = serve("--port", 0)
    assert (code, 'pip install "progressnb[web]"' in " ".join(output.split())) == (REFUSED, True)
    with pytest.raises(pnb.MissingExtraError):
        _ = pnb.serve
