"""Several workers: with a history that all share and that keeps contents, any of them answers for any run."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import subprocess
import sys
from contextlib import AsyncExitStack
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import progressnb as pnb
from progressnb.history import elsewhere
from progressnb.web import create_app
from progressnb.web.server import workers
from progressnb.web.server.workers import number_of_workers
from tests.web.conftest import TOKEN, Sse, call
from tests.web.test_auth import socket_says

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.conftest import Serve

BEARER = {"authorization": f"Bearer {TOKEN}"}

APP = """
import asyncio, os
import progressnb as pnb

@pnb.operation(stages=["Wait"])
async def wait(tracker: pnb.ProgressTracker) -> None:
    async with tracker.stage("Wait"):
        await asyncio.sleep(3600)

path = os.environ.get("SHARED")
history = pnb.History(path, contents=True, create=True) if path else None
app = pnb.web.create_app([wait], token="{token}", history=history)
"""


@pytest.mark.parametrize(
    ("arguments", "environment", "number"),
    [
        (["uvicorn", "module:app"], {}, 1),
        (["uvicorn", "module:app", "--workers", "2"], {}, 2),
        (["uvicorn", "module:app", "--workers=3"], {}, 3),
        (["gunicorn", "-w", "4", "module:app"], {}, 4),
        (["gunicorn", "-w5", "module:app"], {}, 5),
        (["uvicorn", "module:app"], {"WEB_CONCURRENCY": "6"}, 6),
        (["uvicorn", "module:app", "--workers"], {}, 1),
        (["program", "-w", "many"], {"WEB_CONCURRENCY": "none"}, 1),
    ],
)
def test_the_number_of_workers(arguments: list[str], environment: dict[str, str], number: int) -> None:
    """It is what the command line or the environment of uvicorn or gunicorn says."""
    assert number_of_workers(arguments, environment, SimpleNamespace()) == number


def test_a_number_that_was_given_in_code() -> None:
    """`uvicorn.run(workers=2)` gives each worker its settings, and these count."""
    process = SimpleNamespace(_kwargs={"config": SimpleNamespace(workers=2)})
    assert number_of_workers(["program"], {"WEB_CONCURRENCY": "4"}, process) == 2


async def two(serve: Serve, path: Path, stack: AsyncExitStack, **options: Any) -> list[Any]:
    """Return two servers, each with a history of its own in the same file."""
    histories = [stack.enter_context(pnb.History(path, create=True, **options)) for _ in range(2)]
    return [await serve(history=history) for history in histories]


async def test_any_worker_answers_for_any_run(serve: Serve, tmp_path: Path) -> None:
    """A run that was just begun is found, followed to its end and read by the other worker, byte by byte."""
    async with AsyncExitStack() as stack:
        first, second = await two(serve, tmp_path / "runs.db", stack, contents=True)
        run_id = await first.begin("waiting")
        state = (await second.client.get(f"/runs/{run_id}")).json()
        assert (state["run_id"], state["status"]) == (run_id, "running")
        assert run_id in {each["run_id"] for each in (await second.client.get("/runs")).json()["runs"]}
        reading = asyncio.ensure_future(second.client.get(f"/runs/{run_id}/events"))
        told = asyncio.ensure_future(socket_says(second, run_id, None, authorization=f"Bearer {TOKEN}"))
        first.gates.opened.set()
        await first.ended(run_id)
        async with asyncio.timeout(30):
            assert Sse.of((await reading).content).data == first.lines(run_id)
            assert await told == ([line.decode() for line in first.lines(run_id)], 1000)
        state = (await second.client.get(f"/runs/{run_id}")).json()
        assert (state["status"], state["result"]) == ("finished", "let through")


async def test_any_worker_cancels_any_run(serve: Serve, tmp_path: Path) -> None:
    """A cancellation goes through the history to the worker that has the run, with its reason."""
    async with AsyncExitStack() as stack:
        first, second = await two(serve, tmp_path / "runs.db", stack, contents=True)
        for path, body in (("cancel", {"reason": "too slow"}), ("act", {"kind": "stop", "text": "too slow"})):
            run_id = await first.begin("waiting")
            assert (await second.client.post(f"/runs/{run_id}/{path}", json=body)).status_code == 202
            async with asyncio.timeout(30):
                await first.ended(run_id)
                state = (await first.client.get(f"/runs/{run_id}")).json()
                assert (state["status"], state["reason"]) == ("cancelled", "too slow")
                await second.ended(run_id)
        run_id = await first.begin("waiting")
        assert (await second.client.delete(f"/runs/{run_id}")).status_code == 204
        async with asyncio.timeout(30):
            await first.ended(run_id)


async def test_runs_of_others_take_no_room(serve: Serve, tmp_path: Path) -> None:
    """The runs that a worker follows don't count as its own."""
    async with AsyncExitStack() as stack:
        histories = [stack.enter_context(pnb.History(tmp_path / "runs.db", create=True, contents=True)) for _ in "ab"]
        first = await serve(history=histories[0])
        second = await serve(history=histories[1], limits=pnb.web.Limits(runs=1))
        run_id = await first.begin("waiting")
        assert (await second.client.get(f"/runs/{run_id}")).status_code == 200
        await second.begin("waiting")


async def test_a_client_that_is_ahead_of_the_history(serve: Serve, tmp_path: Path) -> None:
    """Whoever has read the last events from the other worker, before the history had them, misses none here."""
    async with AsyncExitStack() as stack:
        first, second = await two(serve, tmp_path / "runs.db", stack, contents=True)
        run_id = await first.begin("waiting")
        assert (await second.client.get(f"/runs/{run_id}")).status_code == 200
        run = first.server.service.registry._runs[run_id]
        first.gates.opened.set()
        await run.log.wait_ended()
        last = len(run.log) - 2
        async with asyncio.timeout(30):
            answer = await second.client.get(f"/runs/{run_id}/events", headers={"last-event-id": str(last)})
        assert Sse.of(answer.content).data == run.log.encoded(last)


async def test_without_contents_the_other_worker_says_what_is_needed(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that goes on in another process, of which the history keeps no contents, is not cut off: it is a 409."""
    monkeypatch.setattr(elsewhere, "is_here", lambda _holder: False)  # both are in this process
    async with AsyncExitStack() as stack:
        first, second = await two(serve, tmp_path / "runs.db", stack)
        run_id = await first.begin("waiting")
        await asyncio.to_thread(first.server.service.history.elsewhere.settle)
        for path in ("", "/events", "/answer", "/act", "/view?at=1"):
            answer = await second.client.get(f"/runs/{run_id}{path}")
            assert answer.status_code == 409
            assert "contents=True" in answer.json()["detail"]
        assert (await socket_says(second, run_id, None, authorization=f"Bearer {TOKEN}"))[1] == 4409
        first.gates.opened.set()
        await first.ended(run_id)
        await asyncio.to_thread(first.server.service.history.elsewhere.settle)
        assert (await second.client.get(f"/runs/{run_id}")).json()["status"] == "finished"


@pytest.mark.parametrize("contents", [None, False])
async def test_a_worker_tells_the_remedy(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path, *, contents: bool | None
) -> None:
    """One of several workers without what they need says so at its start, and for each run that it does not have."""
    monkeypatch.setattr(sys, "argv", ["uvicorn", "module:app", "--workers", "2"])
    async with AsyncExitStack() as stack:
        history = None
        if contents is not None:
            history = stack.enter_context(pnb.History(tmp_path / "runs.db", contents=contents, create=True))
        app = create_app([], token=TOKEN, history=history)
        with caplog.at_level(logging.WARNING, "progressnb"):
            async with app.router.lifespan_context(app):
                answer = await call(app, f"/runs/{'0' * 32}", headers=BEARER)
        assert (answer.status, workers.REMEDY in answer.body.decode().replace('\\"', '"')) == (409, True)
        assert workers.REMEDY in caplog.text


async def test_one_worker_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """A single worker knows all runs: one that it does not have does not exist."""
    app = create_app([], token=TOKEN)
    async with app.router.lifespan_context(app):
        assert (await call(app, f"/runs/{'0' * 32}", headers=BEARER)).status == 404
    assert not caplog.records


@pytest.mark.parametrize("shared", [True, False])
def test_two_real_workers(tmp_path: Path, *, shared: bool) -> None:
    """Under `uvicorn --workers 2`, each request for a run just begun is answered by any worker: 200, or else 409."""
    (tmp_path / "served.py").write_text(APP.replace("{token}", TOKEN), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, **({"SHARED": str(tmp_path / "runs.db")} if shared else {})}
    command = [sys.executable, "-m", "uvicorn", "served:app", "--workers", "2", "--port", str(port)]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        while (tmp_path / "log").read_text("utf-8").count("Application startup complete") < 2:
            assert server.poll() is None
        answer = httpx.post(f"{url}/runs", json={"operation": "wait"}, headers=BEARER, timeout=60, trust_env=False)
        run_id = answer.json()["run_id"]
        asked = [
            httpx.get(f"{url}/runs/{run_id}", headers=BEARER, timeout=60, trust_env=False).status_code
            for _ in range(24)
        ]
        assert {*asked} <= ({200} if shared else {200, 409})
        if not shared:
            assert "Give create_app a history" in (tmp_path / "log").read_text("utf-8")
    finally:
        server.terminate()
        server.wait(60)
