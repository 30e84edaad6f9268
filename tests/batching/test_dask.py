"""Batches on a Dask cluster of two processes with four threads each."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import pytest

import progressnb as pnb
from progressnb.display.looks import tree_of
from progressnb.display.text import panel_text
from progressnb.errors import BatchFailed, BatchStopped, OperationError
from progressnb.folds.group import panel_tree
from progressnb.web.streams.looks import Look

distributed = pytest.importorskip("distributed")

from progressnb.batching.shipping import check_arguments, load, shipped  # noqa: E402
from progressnb.folds.batch_words import facts_of  # noqa: E402
from tests.batching.cluster_work import Door, at_work, in_two, pay, poison, process, refused, write  # noqa: E402
from tests.batching.test_stopped import SETUP, check_goes_on, paid  # noqa: E402
from tests.execution.test_cells import Kernel  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from progressnb.batching import Batch

pytestmark = [
    pytest.mark.integration,
    pytest.mark.xdist_group("dask"),
    pytest.mark.filterwarnings("ignore"),  # of dask, tornado and sockets that a killed worker leaves
]

TURNS = 3_000


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Start one cluster for all tests, on ports of its own."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=4, processes=True, dashboard_address=None, scheduler_port=0
    ) as made:
        yield made


@pytest.fixture
def client(cluster: Any) -> Iterator[Any]:
    """Return a client of it, once both workers are there."""
    with distributed.Client(cluster) as made:
        made.wait_for_workers(2)
        yield made


async def until(condition: Callable[[], object]) -> None:
    """Wait for a condition."""
    for _ in range(TURNS):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come")


async def workers_at_work(client: Any) -> int:
    """Return how many attempts are at work on all workers."""
    return sum((await asyncio.to_thread(client.run, at_work)).values())


async def ended(batch: Batch[Any]) -> None:
    """Wait for the end of a batch."""
    await batch.log.wait_ended()


async def test_results_in_order(client: Any) -> None:
    """Items run in both processes, and their results come in the order of the inputs, with what they cost."""
    batch = pnb.batch(pay, [*range(30), -1], limit=8, on=client, return_errors=True)
    results = await batch
    assert [result[0] for result in results[:30]] == list(range(30))
    assert len({result[1] for result in results[:30]} - {os.getpid()}) == 2
    assert isinstance(results[30], ValueError)
    assert batch.cost == pytest.approx(0.31)
    assert batch[30].status == "failed"
    assert batch.state.batch is not None


async def test_a_client_of_this_loop(cluster: Any) -> None:
    """An asynchronous client does as well."""
    async with distributed.Client(cluster.scheduler_address, asynchronous=True) as client:
        assert [number for number, _ in await pnb.batch(pay, range(5), on=client)] == list(range(5))


async def test_cancelled_items_end_on_the_workers(client: Any) -> None:
    """After `cancel` nothing is at work on any worker."""
    batch = pnb.batch(pay, [(number, 600.0) for number in range(30)], limit=8, on=client)
    await until(lambda: len(batch._driver.at_work) == 8)
    while await workers_at_work(client) < 8:
        await asyncio.sleep(0.02)
    batch.cancel("enough")
    with pytest.raises(BatchStopped, match="enough"):
        await batch
    assert [item.status for item in batch.items] == ["cancelled"] * 8 + ["not begun"] * 22
    assert await workers_at_work(client) == 0


async def test_a_worker_that_is_killed(client: Any) -> None:
    """What was at work on a worker that is gone runs again, and nothing else does."""
    batch = pnb.batch(pay, [(number, 0.3) for number in range(24)], limit=8, on=client)
    await until(lambda: len(batch._roll.ended) >= 2)
    pids = await asyncio.to_thread(client.run, process)
    os.kill(next(iter(pids.values())), signal.SIGKILL)
    results = await batch
    assert [number for number, _ in results] == list(range(24))
    assert 24 <= sum(item.attempts for item in batch.items) <= 24 + 4
    assert {item.attempts for item in batch.items} <= {1, 2}


async def test_an_item_that_kills_its_worker(client: Any) -> None:
    """It fails after a second try alone, and no other item does."""
    batch = pnb.batch(poison, range(8), limit=4, on=client)
    with pytest.raises(BatchFailed, match="got 1 failed, first item 3: WorkerLostError"):
        await batch
    assert [item.status for item in batch.items] == [*["finished"] * 3, "failed", *["finished"] * 4]
    assert batch[3].attempts == 2
    assert batch._engine is not None
    assert batch._engine.deaths == 2


async def test_a_client_that_is_closed(cluster: Any) -> None:
    """The batch stops and may be taken up: its items have their ends."""
    client = await asyncio.to_thread(distributed.Client, cluster)
    await asyncio.to_thread(client.wait_for_workers, 2)
    batch = pnb.batch(pay, [(number, 600.0) for number in range(20)], limit=4, on=client, orphan_after=1.0)
    await until(lambda: len(batch._driver.at_work) == 4)
    await asyncio.to_thread(client.close)
    with pytest.raises(BatchStopped, match="client was closed"):
        await batch
    assert batch.state.data["ended_early"] == {"kind": "engine"}
    assert {item.status for item in batch.items} == {"cancelled", "not begun"}
    # Nobody would receive what goes on there: the workers end it.
    with await asyncio.to_thread(distributed.Client, cluster) as other:
        while await workers_at_work(other) > 0:
            await asyncio.sleep(0.05)


async def test_a_scheduler_that_is_killed(tmp_path: Any) -> None:
    """A scheduler that is killed, not closed, stops the batch, and the same call goes on elsewhere."""
    pnb.use_history(tmp_path / "runs.db", contents=True)
    place = tmp_path / "scheduler.json"
    scheduler = begin_process("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(place))
    await until(place.exists)
    worker = begin_process(
        "worker",
        "--scheduler-file",
        str(place),
        "--nthreads",
        "2",
        "--no-dashboard",
        "--no-nanny",
        "--death-timeout",
        "5",
    )
    try:
        client = await asyncio.to_thread(distributed.Client, scheduler_file=str(place), timeout=60)
        await asyncio.to_thread(client.wait_for_workers, 1)
        items: list[Any] = [*range(4), *((number, 600.0) for number in range(4, 8))]
        batch = pnb.batch(pay, items, limit=2, on=client)
        await until(lambda: batch._roll.counts["finished"] == 4 and len(batch._driver.at_work) == 2)
        os.kill(scheduler.pid, signal.SIGKILL)
        with pytest.raises(BatchStopped, match="Make the same call again to go on"):
            await batch
        assert batch.state.data["ended_early"] == {"kind": "engine"}
        assert [item.status for item in batch.items] == ["finished"] * 4 + ["cancelled"] * 2 + ["not begun"] * 2
        await asyncio.to_thread(client.close, 1)
        again = pnb.batch(pay, items, limit=2)
        await until(lambda: len(again._driver.at_work) == 2)
        assert [item.reused for item in again.items] == [True] * 4 + [False] * 4
        again.cancel()
        await ended(again)
    finally:
        for process_ in (scheduler, worker):
            process_.kill()
            process_.wait()


def begin_process(kind: str, *options: str) -> subprocess.Popen[bytes]:
    """Begin a scheduler or a worker as a process of its own."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *options]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


async def test_a_scheduler_that_is_gone(tmp_path: Any) -> None:
    """The batch stops, and the same call goes on elsewhere."""
    pnb.use_history(tmp_path / "runs.db", contents=True)
    made = await asyncio.to_thread(
        lambda: distributed.LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None, scheduler_port=0)
    )
    client = await asyncio.to_thread(distributed.Client, made)
    batch = pnb.batch(pay, [*range(4), *((number, 600.0) for number in range(4, 8))], limit=2, on=client)
    await until(lambda: batch._roll.counts["finished"] == 4)
    await asyncio.to_thread(made.close)
    with pytest.raises(BatchStopped, match="Make the same call again to go on"):
        await batch
    await asyncio.to_thread(client.close)
    again = pnb.batch(pay, [*range(4), *((number, 600.0) for number in range(4, 8))], limit=2)
    await until(lambda: len(again._driver.at_work) == 2)
    assert [item.reused for item in again.items] == [True] * 4 + [False] * 4
    again.cancel()
    await ended(again)


@pytest.mark.parametrize("contents", [False, True])
async def test_items_at_work_are_seen_live(client: Any, contents: bool) -> None:
    """The run of an item at work is opened here; what it writes goes to the scheduler with contents alone."""
    batch = pnb.batch(write, range(8), limit=8, on=client, contents=contents)

    def told(index: int) -> Any:
        run = batch._engine.run_of(index) if batch._engine is not None else None
        stage = run.state.find("write") if run is not None else None
        return stage is not None and stage.percent == 40 and run is not None and len(run.log) >= 4

    await until(lambda: all(told(index) for index in range(8)))
    opened: Any = batch.open_item(3)
    assert opened.status == "running"
    await until(lambda: batch.state.batch is not None and batch.state.batch.now is not None)
    topics = await asyncio.to_thread(client.get_events, f"progressnb-{batch.id}")
    assert (b"lighthouse" in repr(topics).encode()) is contents
    assert (opened.partial == "the lighthouse 3") is contents
    opened.cancel("enough of it")
    await until(lambda: batch[3].ended)
    await until(lambda: opened.log.ended)
    assert (batch[3].status, opened.status) == ("cancelled", "cancelled")
    batch.cancel()
    with pytest.raises(BatchStopped):
        await batch


async def test_a_stage_that_is_refused_on_a_worker(client: Any) -> None:
    """A stage that is refused with HTTP 429 and tries again by itself holds back the items that have not begun."""
    batch = pnb.batch(refused, range(6), limit=1, on=client)
    assert await batch == list(range(6))
    gates = [
        gate["reason"]
        for event in batch.log
        if event.type == "progress"
        for gate in event.data.get("batch_now", {}).get("gates", [])
    ]
    assert "refused" in gates
    assert {item.attempts for item in batch.items} == {1}


async def test_the_workers_are_told(client: Any) -> None:
    """The panel of a batch says how many workers and threads there are, and the log what each is doing."""
    batch = pnb.batch(pay, [(number, 600.0) for number in range(6)], limit=6, on=client)

    def busy() -> bool:
        now = batch.state.batch.now if batch.state.batch is not None else None
        return now is not None and sum(each.at_work for each in now.workers or []) == 6

    await until(busy)
    state = batch.state
    await until(lambda: state.batch is not None and state.batch.longest)  # those of a second are not told
    assert state.batch is not None
    assert ("workers", "Workers", "2 workers · 8 threads") in facts_of(state, state.batch, state.elapsed)
    for screen in (panel_text(panel_tree([tree_of(batch)], key="panel")), panel_text(Look(batch).panel())):
        assert "2 workers · 8 threads" in screen
        assert "Longest at work" in screen
    assert len(state.batch.workers) == 2
    assert all(name.startswith("tcp://") for name in state.batch.workers.values())
    batch.cancel()
    await ended(batch)


@pytest.fixture
async def scaled(cluster: Any, client: Any) -> AsyncIterator[Callable[[int], Any]]:
    """Return a function that changes the number of workers, which is two again after the test."""

    async def scale(count: int) -> None:
        await asyncio.to_thread(cluster.scale, count)

    yield scale
    await scale(2)
    await until(lambda: len(client.scheduler_info(n_workers=-1)["workers"]) == 2)


def through(door: Door) -> Any:
    """Return an operation that a process can load only through a door."""

    @pnb.operation
    async def enter(tracker: pnb.ProgressTracker, number: int) -> tuple[int, int]:
        async with tracker.stage("work"):
            await asyncio.sleep(0.5 if door.path.name else 0.0)
        return number, os.getpid()

    return enter


def places(batch: Batch[Any]) -> set[int]:
    """Return the processes in which items of `through` have ended well."""
    results: list[Any] = [item.result for item in batch.items if item.status == "finished"]
    return {result[1] for result in results}


async def test_a_worker_that_comes_later(client: Any, tmp_path: Path, scaled: Callable[[int], Any]) -> None:
    """A worker that comes while a batch is at work loads the operation first; it is told as starting until then."""
    door = Door(tmp_path / "open", waits=True)
    door.path.touch()
    batch = pnb.batch(through(door), range(400), limit=20, on=client)

    def workers() -> str:
        state = batch.state
        facts = facts_of(state, state.batch, state.elapsed) if state.batch is not None else []
        return next((text for name, _, text in facts if name == "workers"), "")

    await until(lambda: len(batch._driver.at_work) == 8)
    door.path.unlink()
    await scaled(3)
    await until(lambda: workers() == "3 workers · 12 threads · 1 starting")
    assert len(batch._driver.at_work) <= 8
    door.path.touch()
    await until(lambda: len(places(batch)) == 3)
    await until(lambda: workers() == "3 workers · 12 threads")
    batch.cancel()
    await ended(batch)


async def test_a_worker_that_cannot_load_the_operation(
    client: Any, tmp_path: Path, scaled: Callable[[int], Any], caplog: pytest.LogCaptureFixture
) -> None:
    """A worker that comes later and can't load the operation gets no items, and the log says why."""
    door = Door(tmp_path / "open", waits=False)
    door.path.touch()
    batch = pnb.batch(through(door), range(400), limit=20, on=client)
    await until(lambda: len(batch._driver.at_work) == 8)
    door.path.unlink()
    await scaled(3)
    await until(lambda: "gets no items, since it can't load enter: ImportError: the door is shut" in caplog.text)
    assert len(places(batch)) <= 2
    batch.cancel()
    await ended(batch)


async def test_items_are_in_the_history(client: Any, tmp_path: Any) -> None:
    """The history has the runs of the items, by which an item is opened."""
    history = pnb.use_history(tmp_path / "runs.db", contents=True)
    batch = pnb.batch(pay, range(5), on=client)
    await batch
    opened: Any = batch.open_item(3)
    assert opened.state.result[0] == 3
    assert len(history.runs(children=True)) == 6
    assert history.runs()["cost"].tolist() == pytest.approx([0.05])


async def test_more_than_there_are_threads(client: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A limit above the threads of the workers is told with the remedy, and never more run."""
    batch = pnb.batch(pay, range(20), limit=50, on=client)
    await batch
    assert "the workers have 8 threads" in caplog.text
    assert "nthreads" in caplog.text


def test_operations_go_by_name() -> None:
    """An operation of a module goes by its name alone, one of a notebook as a whole."""
    assert len(shipped(pay)) < 1_000
    assert load(shipped(pay)) is pay
    factor = 3

    @pnb.operation(stages=["work"])
    async def local(_tracker: pnb.ProgressTracker, number: int) -> int:
        return factor * number

    again = load(shipped(local))
    assert again.begin({"number": 2}, show=False).wait() == 6
    assert [stage.name for stage in again.stages] == ["work"]


def test_what_cannot_be_sent() -> None:
    """An operation that refers to what can't be sent is refused with the remedy, and so is a model object."""
    from pydantic_ai.models.test import TestModel

    held = ContextVar("held", default="")

    @pnb.operation
    async def reads(_tracker: pnb.ProgressTracker) -> str:
        return held.get()

    with pytest.raises(OperationError, match="inside the function"):
        shipped(reads)
    with pytest.raises(OperationError, match="the workers make it with their own keys"):
        check_arguments(0, {"model": TestModel()})
    check_arguments(0, {"model": "openai:gpt-5"})


def test_the_core_loads_no_dask() -> None:
    """Importing batches, and running one here, loads nothing of Dask."""
    code = """
import sys
import progressnb as pnb
@pnb.operation
async def double(tracker, number):
    return 2 * number
assert pnb.batch(double, [1, 2], show=False).wait() == [2, 4]
print({"dask", "distributed", "cloudpickle"} & {*sys.modules})
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("keeps", [True, False])
async def test_finished_stages_are_reused(client: Any, tmp_path: Path, keeps: bool) -> None:
    """Where a history keeps contents a further attempt does not do again what the one before has finished."""
    with pnb.use_history(tmp_path / "runs.db", contents=keeps) as history:
        batch = pnb.batch(in_two, [(number, str(tmp_path)) for number in range(4)], retries=1, on=client)
        assert await batch == [0, 10, 20, 30]
        loaded = Counter((tmp_path / "loaded").read_text().split())
        assert loaded == dict.fromkeys("0123", 1 if keeps else 2)
        assert history.runs(children=True)["resumed_from"].notna().sum() == (4 if keeps else 0)


async def test_finished_stages_of_a_worker_that_died(
    client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `contents=True` the stages that an item had finished on a worker that died are not done again."""
    monkeypatch.setattr("progressnb.batching.dask.BEAT", 0.1)
    with pnb.use_history(tmp_path / "runs.db", contents=True):
        item = {"number": 7, "folder": str(tmp_path), "dies": True}
        batch = pnb.batch(in_two, [item], on=client, contents=True)
        await until(lambda: batch._engine is not None and batch._engine._stages.of(0))  # type: ignore[attr-defined]
        (tmp_path / "die").touch()
        assert await batch == [70]
        assert (tmp_path / "loaded").read_text().split() == ["7"]
        assert batch.items[0].attempts == 2


IN_A_KERNEL = """
import distributed
client = distributed.Client({address!r})
"""
CELL = """
batch = pnb.batch(pay, range(40), limit=4, on=client)
batch.log.subscribe(lambda event: event.type == "item" and print("ended", flush=True))
results = await batch
"""


def test_a_cell_that_is_interrupted(cluster: Any, client: Any, tmp_path: Path) -> None:
    """After the Stop of the notebook nothing is left at work on the workers, and the same cell goes on."""
    kernel = Kernel()
    try:
        kernel.run(SETUP.format(folder=str(tmp_path)) + IN_A_KERNEL.format(address=cluster.scheduler_address))
        kernel.run(CELL, interrupt=True)
        assert kernel.error("await batch").startswith("BatchStopped")
        asyncio.run(until(lambda: sum(client.run(at_work).values()) == 0))  # else more is paid while we count
        assert len(paid(tmp_path)) < 40
        check_goes_on(kernel, tmp_path, CELL)
    finally:
        kernel.stop()
