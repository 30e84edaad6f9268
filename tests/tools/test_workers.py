"""`workers`: what worker processes do is seen below the current stage, and a worker that is killed is no hang."""

import asyncio
import contextlib
import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

import progressnb as pnb
from progressnb.errors import RunCancelled
from progressnb.tracking import internals
from progressnb.tracking.tracker import ProgressTracker
from tests.tools import working
from tests.tools.working import WAIT

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]

METHODS = multiprocessing.get_all_start_methods()


@pytest.fixture
def runs() -> list[Any]:
    """Collect the runs that are shown."""
    shown: list[Any] = []
    pnb.configure(screen=shown.append, show=True)
    return shown


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """Kill the workers of a test that hangs, so that it fails."""

    def kill() -> None:
        for child in multiprocessing.active_children():
            child.kill()

    timer = threading.Timer(3 * WAIT, kill)
    timer.start()
    yield
    timer.cancel()


def pool(method: str = METHODS[0], size: int = 1, **options: Any) -> ProcessPoolExecutor:
    """Make an executor."""
    return ProcessPoolExecutor(size, mp_context=multiprocessing.get_context(method), **options)


def told(run: Any) -> dict[str, tuple[str, str | None]]:
    """Return the status and the message of each stage, by its path."""
    return {stage.path: (stage.status, stage.message) for _, stage in run.state.walk()}


def until(condition: Callable[[], object]) -> None:
    """Wait for a condition."""
    end = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


@pytest.mark.parametrize("method", METHODS)
def test_executors(runs: list[Any], method: str) -> None:
    """However processes begin, their stages are below the block's, beside the loop that counts."""
    with pnb.workers(), pool(method) as executor:
        results = executor.map(working.count, range(2), timeout=WAIT)
        assert list(pnb.track(results, "numbers", total=2)) == [0, 1]
    (run,) = runs
    assert run.state.status == "finished"
    assert told(run) == {
        "workers": ("finished", None),
        "workers/numbers": ("finished", "2 of 2"),
        "workers/worker": ("finished", "number 1"),
        "workers/worker/steps": ("finished", "2 of 2"),
        "workers/worker/steps/deep": ("finished", None),
        "workers/worker/steps/deep#2": ("finished", None),
        "workers/worker/steps#2": ("finished", "2 of 2"),
        "workers/worker/steps#2/deep": ("finished", None),
        "workers/worker/steps#2/deep#2": ("finished", None),
    }
    assert run.state.find("workers/worker/steps/deep").partial == "words"
    assert run.state.find("workers/worker/steps").data["total"] == 2
    assert run.state.find("workers/worker").title == "worker 1"


async def test_below_the_current_stage(runs: list[Any], tmp_path: Path) -> None:
    """In a run they are below its current stage, while they work, and move no percent; operations are stages too."""
    file = tmp_path / "go"
    async with ProgressTracker("op", show=False) as tracker:
        with tracker.stage("crunch") as stage, pnb.workers(), pool() as executor:
            assert executor.submit(working.call, 1).result(WAIT) == 1
            future = executor.submit(working.wait_for, str(file))
            until(lambda: told(tracker).get("crunch/worker/waiting", ("",))[0] == "running")
            assert not stage.percent
            file.touch()
            future.result(WAIT)
        assert pnb.current_stage() is None
    assert runs == []
    assert told(tracker) == {
        "crunch": ("finished", None),
        "crunch/worker": ("finished", told(tracker)["crunch/worker"][1]),
        "crunch/worker/calls": ("finished", "1 of 1"),
        "crunch/worker/calls/operation": ("finished", "half"),
        "crunch/worker/waiting": ("finished", "1 of 1"),
    }


async def test_in_an_executor_of_the_loop() -> None:
    """`run_in_executor` with processes is seen too, side by side."""
    async with ProgressTracker("op", show=False) as tracker:
        with pnb.workers(), pool(size=2) as executor:
            loop = asyncio.get_running_loop()
            calls = [loop.run_in_executor(executor, working.count, number) for number in range(4)]
            assert await pnb.atrack.gather(*calls) == [0, 1, 2, 3]
    stages = [stage for _, stage in tracker.state.walk()]
    assert sum(stage.path.endswith("/deep") for stage in stages) == 4
    assert {stage.status for stage in stages} == {"finished"}


@pytest.mark.parametrize("method", METHODS)
def test_pools(runs: list[Any], method: str) -> None:
    """`multiprocessing.Pool`, which terminates its workers at its end."""
    with pnb.workers(), multiprocessing.get_context(method).Pool(1) as workers:
        assert workers.map_async(working.count, range(2)).get(WAIT) == [0, 1]
        workers.close()
        workers.join()
    with pnb.workers(), multiprocessing.get_context(method).Pool(1) as workers:
        workers.apply_async(working.count, (1,)).get(WAIT)
    assert told(runs[0])["workers/worker"] == ("finished", "number 1")
    assert told(runs[1])["workers/worker"][0] == "finished"


def test_processes(runs: list[Any]) -> None:
    """A plain `Process`."""
    with pnb.workers():
        process = multiprocessing.Process(target=working.count, args=(7,))
        process.start()
        process.join(WAIT)
    assert told(runs[0])["workers/worker"] == ("finished", "number 7")


def test_joblib(runs: list[Any]) -> None:
    """Joblib's loky, whose workers stay: a wrapped function lets them report to each block."""
    joblib: Any = importlib.import_module("joblib")
    for _ in range(2):
        with pnb.workers() as workers:
            calls = [joblib.delayed(workers.wrap(working.count))(number) for number in range(2)]
            assert joblib.Parallel(2, timeout=WAIT)(calls) == [0, 1]
    for run in runs:
        stages = told(run)
        assert {status for status, _ in stages.values()} == {"finished"}
        assert sum(path.endswith("/deep") for path in stages) == 2


def test_pools_from_before(runs: list[Any]) -> None:
    """Workers that were begun before the block, and in it by an initializer; after it they report no more."""
    with pool() as executor:
        assert executor.submit(working.nothing).result(WAIT) is None
        with pnb.workers() as workers:
            assert executor.submit(workers.wrap(working.count), 1).result(WAIT) == 1
            with pool(initializer=workers.initializer) as other:
                assert other.submit(working.count, 2).result(WAIT) == 2
        assert executor.submit(working.nothing).result(WAIT) is None
        with pnb.workers() as workers:
            assert executor.submit(workers.wrap(working.count), 3).result(WAIT) == 3
        assert workers.wrap(abs)(-1) == 1  # in this process
    first, second = map(told, runs)
    assert first["workers/worker"] == ("finished", "number 1")
    assert first["workers/worker#2"] == ("finished", "number 2")
    assert second["workers/worker"] == ("finished", "number 3")


def test_without_a_block() -> None:
    """Workers have no current stage and draw nothing; a block that has ended changes nothing for later ones."""
    with pnb.workers(show=False):
        pass
    with pool() as executor:
        assert executor.submit(working.nothing).result(WAIT) is None


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("kill in a loop", "the process was killed (SIGKILL)"),
        ("kill", "the process was killed (SIGKILL)"),
        ("exit in a loop", "the process ended with code 3"),
        ("exit", "the process ended with code 3"),
    ],
)
def test_a_killed_worker(runs: list[Any], how: str, text: str) -> None:
    """A worker that is killed is a failed stage with the reason, and so is what it was at."""
    with pytest.raises(BrokenProcessPool), pnb.workers(), pool() as executor:
        executor.submit(working.die, how).result(WAIT)
    stages = told(runs[0])
    assert stages["workers/worker"] == ("failed", text)
    if "loop" in how:
        assert stages["workers/worker/dies"] == ("failed", text)
    assert runs[0].state.status == "failed"


def test_a_worker_that_another_process_kills(runs: list[Any], tmp_path: Path) -> None:
    """A worker of a `Process`, killed from outside, fails; the block ends well and soon."""
    with pnb.workers():
        process = multiprocessing.Process(target=working.wait_for, args=(str(tmp_path / "never"),))
        process.start()
        until(lambda: told(runs[0]).get("workers/worker/waiting", ("",))[0] == "running")
        os.kill(int(process.pid or 0), signal.SIGKILL)
        until(lambda: told(runs[0])["workers/worker"][0] == "failed")
        process.join(WAIT)
    assert told(runs[0])["workers/worker/waiting"] == ("failed", "the process was killed (SIGKILL)")
    assert runs[0].state.status == "finished"


def test_work_that_goes_on(runs: list[Any], tmp_path: Path) -> None:
    """Work that goes on behind the block does its work, and its stage ends with the block."""
    file = tmp_path / "go"
    with pool() as executor:
        with pnb.workers() as workers:
            future = executor.submit(workers.wrap(working.wait_for), str(file))
            until(lambda: "workers/worker/waiting" in told(runs[0]))
        assert runs[0].state.status == "finished"
        assert told(runs[0])["workers/worker"] == ("cancelled", "it was still at work when its block ended")
        file.touch()
        assert future.result(WAIT) == str(file)


def test_errors(runs: list[Any]) -> None:
    """An error of a worker comes back as ever, and its loop does not stay at work: a wrapped one has failed."""
    with pnb.workers() as workers, pool() as executor:
        with pytest.raises(ValueError, match="bad 1"):
            executor.submit(workers.wrap(working.fail), 1).result(WAIT)
        with pytest.raises(ValueError, match="bad 2"):
            executor.submit(working.fail, 2).result(WAIT)
    stages = told(runs[0])
    assert stages["workers/worker/fails"] == ("failed", "bad 1")
    assert stages["workers/worker/fails#2"][0] in ("finished", "cancelled")  # nobody knows who catches the error
    assert stages["workers/worker"][0] == "finished"


def test_cancel(runs: list[Any], tmp_path: Path) -> None:
    """Cancel of the block's run ends the loops of its workers, and work that has not begun."""
    file = tmp_path / "begun"

    def work() -> None:
        with pnb.workers() as workers, pool() as executor:
            calls = [executor.submit(workers.wrap(working.endless), str(file)) for _ in range(3)]
            working.until(file)
            runs[0].cancel("enough")
            for call in calls:
                with contextlib.suppress(RunCancelled):
                    call.result(WAIT)
            calls[-1].result(WAIT)

    with pytest.raises(RunCancelled, match="enough"):
        work()
    assert runs[0].state.status == "cancelled"
    assert told(runs[0])["workers/worker/endless"][0] == "cancelled"


async def test_cancel_of_a_run_above(tmp_path: Path) -> None:
    """Cancel of the run that the block is in reaches the workers."""
    file = tmp_path / "begun"

    @pnb.operation
    async def crunch(_tracker: ProgressTracker) -> None:
        with pnb.workers(), pool() as executor:
            call = asyncio.get_running_loop().run_in_executor(executor, working.endless, str(file))
            await call

    run = crunch()
    task = asyncio.ensure_future(run)
    while not file.exists():
        await asyncio.sleep(0.01)
    run.cancel("no more")
    with pytest.raises(RunCancelled, match="no more"):
        await task
    assert run.state.status == "cancelled"


async def test_usage_and_contents() -> None:
    """Cost of workers is cost of the run, once; a stage without contents has workers without contents."""
    for contents in (True, False):
        async with ProgressTracker("op", show=False) as tracker:
            with tracker.stage("s") as stage:
                internals(stage).contents = contents
                with pnb.workers(), pool() as executor:
                    assert executor.submit(working.use, 0.25).result(WAIT) is contents
                    executor.submit(working.use, 0.5).result(WAIT)
        assert tracker.state.usage["cost"] == 0.75


def test_traffic_is_bounded(runs: list[Any]) -> None:
    """A flood of reports is a few events; stages that nobody could see are counted."""
    with pnb.workers(), pool() as executor:
        executor.submit(working.flood, 1).result(WAIT)
    worker = runs[0].state.find("workers/worker")
    assert worker.data["each"] == 4_999
    assert worker.message == "4999"
    seen = sum(stage.path.startswith("workers/worker/short") for _, stage in runs[0].state.walk())
    assert seen + worker.data.get("left_out", 0) == 300
    assert len(runs[0].log) < 2_000


def test_strangers(runs: list[Any]) -> None:
    """Who does not know the key is not let in, and does not disturb."""
    from multiprocessing.connection import Client

    with pnb.workers() as workers:
        with pytest.raises((EOFError, OSError, multiprocessing.AuthenticationError)):
            Client(workers.offer.address, authkey=b"wrong")
        with pool() as executor:
            assert executor.submit(working.count, 1).result(WAIT) == 1
    assert told(runs[0])["workers/worker"][0] == "finished"


def test_nothing_is_loaded_before() -> None:
    """Nothing of multiprocessing is loaded by `import progressnb` and a loop."""
    code = (
        "import sys, progressnb; progressnb.configure(show=False); list(progressnb.track([1]));"
        "sys.exit('multiprocessing.connection' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=WAIT).returncode == 0
