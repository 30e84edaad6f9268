"""The records that people pay and decide by: what a run cost, what it reuses, whose it is, what its bars show.

Each test is one public complaint about earlier versions, in public names alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import progressnb as pnb
from progressnb.testing import ManualClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

broken: list[str] = []
fetched: list[str] = []
CFG = {"year": 2026}


@pytest.fixture(autouse=True)
def history() -> Iterator[pnb.History]:
    """Record with contents, from nothing."""
    broken.clear()
    fetched.clear()
    with pnb.History(contents=True) as used:
        pnb.use_history(used)
        yield used
        pnb.use_history(None)


async def ended(run: pnb.Run[Any]) -> BaseException | None:
    """Wait for the end of a run for ten seconds; return its error."""
    try:
        await asyncio.wait_for(run, 10)
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - whatever the run raises
        return error
    return None


async def fetch(name: str) -> str:
    """Fetch a page in the time of a network."""
    await asyncio.sleep(random.random() / 200)  # noqa: S311 - a latency
    if name in broken:
        raise ConnectionError(name)
    fetched.append(name)
    return f"page of {name}"


@pnb.operation
async def record_pages(tracker: pnb.ProgressTracker, names: list[str]) -> dict[str, str]:
    """Fetch all pages at once."""
    async with tracker.stage("crawl") as stage:

        async def one(name: str) -> tuple[str, str]:
            await asyncio.sleep(random.random() / 200)  # noqa: S311 - a latency
            return name, await stage.stage("page").run(fetch, name)

        return dict(await asyncio.gather(*map(one, names)))


@pnb.operation
async def record_costs(tracker: pnb.ProgressTracker, fails: bool) -> None:
    """Spend a dollar, then fail where it is told to."""
    async with tracker.stage("work") as stage:
        stage.add_usage("m", cost=1.0)
        await asyncio.sleep(0)
        if fails:
            raise ConnectionError


async def test_cost_of_two_children_of_which_one_fails(history: pnb.History) -> None:
    """Both children have been paid, also the one that spends after its caller has failed."""
    late: list[pnb.Run[Any]] = []

    @pnb.operation
    async def slow(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("work") as stage:
            await asyncio.sleep(0.05)
            stage.add_usage("m", cost=1.0)

    @pnb.operation
    async def record_parent(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("both"):
            late.append(slow())
            await asyncio.gather(late[0], record_costs(fails=True))

    assert isinstance(await ended(record_parent()), ConnectionError)
    await ended(late[0])
    assert history.runs()["cost"].sum() == 2.0


async def test_cost_of_many_children_of_which_some_fail(history: pnb.History) -> None:
    """Twenty children spend a dollar each, ten of them fail, and their caller goes on: it cost 20 dollars."""

    @pnb.operation
    async def record_parent(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("all"):
            for number in range(20):
                with contextlib.suppress(ConnectionError):
                    await record_costs(fails=number % 2 == 0)

    assert await ended(record_parent()) is None
    assert history.runs()["cost"].sum() == 20.0


@pytest.mark.parametrize("wrong", [{"cost": 0.01, "tokens": 5}, {"input_token": 7}])
async def test_unknown_amounts(wrong: dict[str, Any]) -> None:
    """Amounts of unknown names are errors."""

    @pnb.operation
    async def bill(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("work") as stage:
            stage.add_usage("m", **wrong)

    assert isinstance(await ended(bill()), pnb.errors.ProgressError)


async def test_a_gather_is_taken_up() -> None:
    """Whatever the latencies are, each name has its own page, and only what was not kept is fetched."""
    names = list("abcdefgh")
    for _ in range(3):
        fetched.clear()
        broken[:] = random.sample(names, 3)
        run = record_pages(names)
        assert await ended(run)
        broken.clear()
        random.shuffle(names)
        assert await pnb.resume_run(run.id) == {name: f"page of {name}" for name in names}


async def test_what_changed_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that shrank, an argument, a value that the code reads and the code itself are no old result."""
    work: dict[str, Any] = {"names": ["a", "b", "c"], "function": lambda name: f"{name} {CFG['year']}"}

    @pnb.operation
    async def record_job(tracker: pnb.ProgressTracker) -> list[str]:
        found = [await tracker.stage("page").run(work["function"], name) for name in work["names"]]
        if broken:
            raise ConnectionError
        return found

    async def failed() -> str:
        broken[:] = ["end"]
        run = record_job()
        await ended(run)
        broken.clear()
        return run.id

    run_id = await failed()
    work["names"] = ["b", "c"]
    assert await pnb.resume_run(run_id) == ["b 2026", "c 2026"]
    run_id = await failed()
    work["names"] = ["b", "d"]
    assert await pnb.resume_run(run_id) == ["b 2026", "d 2026"]
    run_id = await failed()
    monkeypatch.setitem(CFG, "year", 2027)
    assert await pnb.resume_run(run_id) == ["b 2027", "d 2027"]
    run_id = await failed()
    work["function"] = lambda name: f"new {name}"
    assert await pnb.resume_run(run_id) == ["new b", "new d"]


@dataclass
class Point:
    """A type of the user's own."""

    x: int


RESULTS: dict[str, Callable[[], Any]] = {
    "frame": lambda: pd.DataFrame({"a": [1, 2], "b": ["x", None]}),
    "array": lambda: np.arange(3),
    "bytes": lambda: b"\x00\xff",
    "dataclass": lambda: Point(1),
    "nan": lambda: {"x": float("nan")},
    "keys": lambda: {1: "a"},
    "datetime": lambda: datetime(2026, 1, 1, tzinfo=UTC),
}


@pytest.mark.parametrize("kind", RESULTS)
async def test_results_come_back_as_they_were(kind: str) -> None:
    """A result is the very value, or the stage runs again; both ways the run has it."""

    @pnb.operation
    async def record_job(tracker: pnb.ProgressTracker) -> Any:
        result = await tracker.stage("load").run(RESULTS[kind])
        if broken:
            raise ConnectionError
        return result

    broken[:] = ["end"]
    run = record_job()
    await ended(run)
    broken.clear()
    result, expected = await pnb.resume_run(run.id), RESULTS[kind]()
    assert type(result) is type(expected)
    if kind == "frame":
        pd.testing.assert_frame_equal(result, expected)
    else:
        assert repr(result) == repr(expected)


async def test_one_at_a_time(history: pnb.History) -> None:
    """A run is not taken up twice at once, and `resumed_from` keeps the whole id."""
    broken[:] = ["a"]
    run = record_pages(["a", "b"])
    await ended(run)
    broken.clear()
    first = pnb.resume_run(run.id[:10])
    with pytest.raises(pnb.errors.ResumeError):
        pnb.resume_run(run.id)
    await first
    assert history.runs().set_index("run_id")["resumed_from"][first.id] == run.id


ALIVE = """
import asyncio, sys, progressnb as pnb
pnb.use_history(sys.argv[1], contents=True)
@pnb.operation
async def record_job(tracker):
    await tracker.stage("one").run(lambda: 1)
    async with tracker.stage("two"):
        print("ready", flush=True)
        await asyncio.sleep(60)
record_job(show=False).wait()
"""


@pytest.mark.integration
async def test_a_run_of_another_process(tmp_path: Path) -> None:
    """A run at work elsewhere is refused; one whose process was killed is lost, and no copy lacks what it did."""

    @pnb.operation
    async def record_job(tracker: pnb.ProgressTracker) -> None:
        await tracker.stage("one").run(lambda: 1)
        async with tracker.stage("two"):
            pass

    path = tmp_path / "runs.db"
    command = [sys.executable, "-c", ALIVE, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: ASYNC220 - it has begun
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            history = pnb.use_history(path, contents=True)
            for _ in range(100):
                if len(history.runs()):
                    break
                await asyncio.sleep(0.1)
            run_id = str(history.runs()["run_id"].iloc[0])
            with pytest.raises(pnb.errors.ResumeError):
                pnb.resume_run(run_id, allow_changes=True)
        finally:
            process.kill()
    assert history.runs()["status"].tolist() == ["lost"]
    pnb.use_history(None)


def test_a_copy_has_all_runs(tmp_path: Path) -> None:
    """A file that is copied while its kernel lives and is idle has the runs that ended."""
    path = tmp_path / "runs.db"
    history = pnb.use_history(path, contents=True)
    for _ in range(3):
        record_costs(fails=False).wait()
    found = 0
    for _ in range(100):  # half a second after the last run
        with contextlib.suppress(OSError, sqlite3.Error):
            shutil.copy(path, tmp_path / "copy.db")
            with contextlib.closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
                found = copy.execute("SELECT count(*) FROM runs WHERE status = 'finished'").fetchone()[0]
        if found == 3:
            break
        asyncio.run(asyncio.sleep(0.1))
    assert found == 3
    del history
    pnb.use_history(None)


async def test_a_coroutine_is_no_reason_to_fall_back() -> None:
    """A wrong call and a programming error fail the stage; they are not hidden by its fallback."""

    def wrong() -> int:
        return len(5)  # type: ignore[arg-type]

    for call in (lambda: fetch("a"), lambda: wrong):

        @pnb.operation(stages=[pnb.Stage("load", fallback=lambda *_: "cached")])
        async def record_job(tracker: pnb.ProgressTracker, call: Any = call) -> Any:
            return await tracker.stage("load").run(call())

        assert isinstance(await ended(record_job()), (TypeError, pnb.errors.ProgressError))


async def test_a_loop_below_a_stage_fills_it() -> None:
    """A stage whose work is a loop is half full half-way and nearly full at the last item, whatever the body begins."""
    clock = ManualClock()
    seen: dict[int, float] = {}
    async with pnb.ProgressTracker("job", clock=clock) as tracker, tracker.stage("read") as stage:
        for number in pnb.track(range(50)):
            clock.advance(1.0)
            async with stage.stage("row"):
                pass
            state = tracker.state.find("read")
            seen[number + 1] = (state.percent if state is not None else None) or 0
    assert 45 <= seen[25] <= 55
    assert seen[50] > 90


async def test_a_child_outside_a_stage_is_a_child(history: pnb.History) -> None:
    """A run that is begun in another run, in none of its stages, has a parent; its cost is the caller's, too."""

    @pnb.operation
    async def record_parent(tracker: pnb.ProgressTracker) -> None:
        del tracker
        await record_costs(fails=False)

    run = record_parent()
    await run
    rows = history.runs(children=True).set_index("operation")
    assert rows["parent"]["record_costs"] == run.id
    assert rows["cost"]["record_parent"] == 1.0


async def test_cancel_inside() -> None:
    """`tracker.cancel()` in an operation cancels it, and the status says "cancelling" until it is done."""
    statuses: list[str] = []
    runs: list[pnb.Run[Any]] = []

    @pnb.operation
    async def record_job(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("work"):
            tracker.cancel()
            statuses.append(runs[0].status)
            await asyncio.sleep(30)

    runs.append(record_job())
    assert isinstance(await ended(runs[0]), (asyncio.CancelledError, pnb.errors.ProgressError))
    assert statuses == ["cancelling"]
    assert runs[0].status == "cancelled"


def test_an_operation_without_a_tracker() -> None:
    """A function that takes no tracker is refused where it is decorated."""
    with pytest.raises(pnb.errors.ProgressError, match="tracker"):

        @pnb.operation  # type: ignore[arg-type]
        async def ask(topic: str) -> str:
            return topic


async def test_partials_have_all_agents() -> None:
    """`run.partials` has the output of each stage by name."""
    seen: dict[str, Any] = {}
    runs: list[pnb.Run[Any]] = []

    @pnb.operation
    async def record_job(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("one") as one, tracker.stage("two") as two:
            one.write("first")
            two.write("second")
            seen.update(runs[0].partials)

    runs.append(record_job())
    assert await ended(runs[0]) is None
    assert seen == {"one": "first", "two": "second"}


def test_a_history_with_a_typing_error(tmp_path: Path) -> None:
    """A file that is to be read and is not there is told, and none is made."""
    path = tmp_path / "typo.db"
    with pytest.raises(pnb.errors.HistoryError):
        pnb.History(path).runs()
    assert not path.exists()


async def test_questions_by_days(history: pnb.History) -> None:
    """Days are days; both kinds of timings are indexed alike; unknown operations are told; times go to local days."""
    run = record_pages(["a"])
    await run
    today = datetime.now().astimezone().date()
    assert len(history.runs(since=today, until=str(today))) == 1
    assert history.compare(str(today), today)["ratio"].eq(1).all()
    assert list(history.timings().index) == ["crawl", "crawl/page"]
    assert list(history.timings().index) == list(run.timings().index)
    assert history.runs(local=True)["started"].dt.date.tolist() == [today]
    with pytest.raises(pnb.errors.InputError, match="no runs of operation 'nosuch'"):
        history.runs(operation="nosuch")
