"""What a server asks of a run that another process has: done and answered truly, or refused with the reason."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

import progressnb as pnb
from progressnb.history import holders
from progressnb.history.hearing import Hearing
from progressnb.web.server import followed
from tests.web.conftest import Sse
from tests.web.test_workers import two

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.conftest import Serve

NOTEBOOK = """
import asyncio, sys
import progressnb as pnb

async def main():
    pnb.use_history(sys.argv[1], contents=True)
    try:
        async with pnb.ProgressTracker("cell", ["Wait"]) as tracker:
            async with tracker.stage("Wait"):
                print(tracker.id, flush=True)
                await asyncio.sleep(600)
    except (asyncio.CancelledError, pnb.errors.RunCancelled) as error:
        print(tracker.state.reason, flush=True)

asyncio.run(main())
"""


async def test_a_run_of_a_notebook_hears_a_worker(serve: Serve, tmp_path: Path) -> None:
    """A run that is silent in a process that serves nothing is stopped by a server on the same history."""
    path = tmp_path / "runs.db"
    command = [sys.executable, "-c", NOTEBOOK, str(path)]
    notebook = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    async with AsyncExitStack() as stack:
        try:
            assert notebook.stdout is not None
            run_id = (await notebook.stdout.readline()).decode().strip()
            served = await serve(history=stack.enter_context(pnb.History(path, contents=True)))
            answer = await served.client.post(f"/runs/{run_id}/cancel", json={"reason": "the shop closes"})
            while answer.status_code == 404:  # its first events are written a tenth of a second later
                answer = await served.client.post(f"/runs/{run_id}/cancel", json={"reason": "the shop closes"})
            assert answer.status_code == 202, answer.text
            assert (await notebook.stdout.readline()).strip() == b"the shop closes"
        finally:
            notebook.kill()
            await notebook.wait()


async def test_a_refusal_is_told(serve: Serve, tmp_path: Path) -> None:
    """What the run can't do now is refused with its own words, as the worker that has it would."""
    async with AsyncExitStack() as stack:
        first, second = await two(serve, tmp_path / "runs.db", stack, contents=True)
        run_id = await first.begin("waiting")
        for body in (
            {"kind": "say", "text": "shorter"},
            {"kind": "enough"},
            {"kind": "approve", "stage": "waiting"},
            {"kind": "deny", "stage": "no such stage", "text": "no"},
        ):
            there = await first.client.post(f"/runs/{run_id}/act", json=body)
            here = await second.client.post(f"/runs/{run_id}/act", json=body)
            assert (here.status_code, here.json()) == (there.status_code, there.json())
            assert here.status_code == 409
        first.gates.opened.set()
        await second.ended(run_id)
        assert (await second.client.post(f"/runs/{run_id}/act", json={"kind": "stop"})).status_code == 409
        assert _kept_wishes(second) == []


@pytest.mark.parametrize("is_heard", [False, True])
async def test_a_process_that_does_not_answer(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_heard: bool
) -> None:
    """Without an answer a client gets 504 with the process's name, the wish is withdrawn, and nothing is deleted."""
    monkeypatch.setattr(followed, "PATIENCE", 0.3)
    monkeypatch.setattr(holders, "is_here", lambda _holder: False)
    async with AsyncExitStack() as stack:
        first, second = await two(serve, tmp_path / "runs.db", stack, contents=True)
        run_id = await first.begin("waiting")
        monkeypatch.setattr(Hearing, "hear", _hears_only if is_heard else lambda _: None)
        for request in (
            second.client.post(f"/runs/{run_id}/cancel", json={}),
            second.client.post(f"/runs/{run_id}/act", json={"kind": "say", "text": "shorter"}),
            second.client.delete(f"/runs/{run_id}"),
        ):
            answer = await request
            assert answer.status_code == 504
            assert "within 0.3 s" in answer.json()["detail"]
        assert _kept_wishes(second) == []
        assert (await first.client.get(f"/runs/{run_id}")).json()["status"] == "running"
        first.gates.opened.set()


def _hears_only(hearing: Any) -> None:
    if hearing._runs:
        hearing._elsewhere.asked(list(hearing._runs))


async def test_a_run_beside_a_server_is_not_said_to_be_stopped(serve: Serve, tmp_path: Path) -> None:
    """A run that was begun beside a server, whose history keeps no contents, is followed, and takes no act."""
    async with AsyncExitStack() as stack:
        history = stack.enter_context(pnb.History(tmp_path / "runs.db", create=True))
        served = await serve(history=history)

        @pnb.operation
        async def waits(tracker: pnb.ProgressTracker) -> None:
            async with tracker.stage("wait"):
                await served.gates.opened.wait()

        with pnb.configure.local(history=history, show=False):
            run = waits()
        while not len(run.log):
            await asyncio.sleep(0)
        await asyncio.to_thread(history.elsewhere.settle)
        answers = [
            await served.client.post(f"/runs/{run.id}/cancel", json={}),
            await served.client.post(f"/runs/{run.id}/act", json={"kind": "stop"}),
            await served.client.delete(f"/runs/{run.id}"),
        ]
        assert [(each.status_code, "server.add(run)" in each.text) for each in answers] == [(501, True)] * 3
        assert (await served.client.get(f"/runs/{run.id}")).json()["status"] == "running"
        served.gates.opened.set()
        await run
        async with asyncio.timeout(30):
            assert Sse.of((await served.client.get(f"/runs/{run.id}/events")).content).types[-1] == "done"
        assert (await served.client.get(f"/runs/{run.id}")).json()["status"] == "finished"


def _kept_wishes(served: Any) -> list[Any]:
    with served.server.service.registry._history._store.reading() as connection:
        found: list[Any] = connection.execute("SELECT * FROM wishes").fetchall()
    return found
