"""Apps and their histories: a run that a client begins is recorded by its own app's history, and by no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import progressnb as pnb

if TYPE_CHECKING:
    from tests.web.conftest import Serve


def recorded(history: pnb.History) -> list[str]:
    """Return the ids of the runs that a history has, those below others included."""
    frame = history.runs(children=True).reset_index()
    return [str(run_id) for run_id in frame["run_id"]]


async def test_apps_do_not_share_a_history(serve: Serve) -> None:
    """Each of two apps records its own clients' runs, once, also where the process has a history of its own."""
    with pnb.History() as common, pnb.History() as first, pnb.History() as second:
        pnb.use_history(common)
        one, other = await serve(history=first), await serve(history=second)
        runs = [await one.begin("report", topic="x"), await other.begin("report", topic="y")]
        for served, run_id in zip((one, other), runs, strict=True):
            await served.ended(run_id)
        assert (recorded(first), recorded(second), recorded(common)) == ([runs[0]], [runs[1]], [])


async def test_an_app_without_a_history_uses_the_process_one(serve: Serve) -> None:
    """`use_history` records what clients of an app without a history begin."""
    with pnb.History() as common:
        pnb.use_history(common)
        served = await serve()
        run_id = await served.begin("report", topic="x")
        await served.ended(run_id)
        assert recorded(common) == [run_id]


async def test_runs_below_a_served_run_belong_to_its_app(serve: Serve) -> None:
    """A run that a served operation begins is recorded by the app's history too, and shown nowhere."""
    seen: list[Any] = []

    @pnb.operation
    async def inner(tracker: pnb.ProgressTracker) -> str:
        return tracker.id

    @pnb.operation
    async def outer(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("inner"):
            return await inner()

    pnb.configure(screen=seen.append)
    with pnb.History() as common, pnb.History() as own:
        pnb.use_history(common)
        served = await serve(outer, history=own)
        run_id = await served.begin("outer")
        await served.ended(run_id)
        assert (len(recorded(own)), recorded(common), seen) == (2, [], [])


async def test_a_run_begun_elsewhere_is_recorded_too(serve: Serve) -> None:
    """A run that is added to a server is recorded by the server's history and by its own session's."""
    with pnb.History() as common, pnb.History() as own:
        pnb.use_history(common)
        served = await serve(history=own)

        @pnb.operation
        async def mine(tracker: pnb.ProgressTracker) -> str:
            return tracker.id

        run = mine.using(show=False)()
        served.server.add(run)
        await run
        assert (recorded(own), recorded(common)) == ([run.id], [run.id])
