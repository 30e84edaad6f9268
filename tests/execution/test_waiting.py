"""`run.wait()`: results for code that is not async, wherever the run lives."""

import asyncio
import subprocess
import sys
import threading
from contextvars import ContextVar
from typing import Any

import pytest

from progressnb.errors import RunCancelled
from progressnb.execution.run import Run, runs
from progressnb.tracking.current import current_stage
from progressnb.tracking.tracker import ProgressTracker
from tests.execution.helpers import begin


async def where(tracker: ProgressTracker) -> int:
    """Say in which thread it runs."""
    await tracker.update("s", 50)
    await asyncio.sleep(0)
    return threading.get_ident()


async def fails(_: ProgressTracker) -> None:
    """Fail."""
    raise ValueError("no such row")


async def forever(tracker: ProgressTracker) -> None:
    """Wait for a cancellation."""
    tracker.update("s", 5)
    await asyncio.Event().wait()


def in_thread(run: Run[Any]) -> tuple[threading.Thread, list[Any]]:
    """Wait for a run in another thread."""
    got: list[Any] = []

    def wait() -> None:
        try:
            got.append(run.wait())
        except BaseException as error:  # noqa: BLE001 - kept
            got.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread, got


def test_no_loop() -> None:
    """Where no loop is, a loop in a background thread runs it; waiting again gives the result again."""
    heard: list[Any] = []
    run = begin(where, on_event=heard.append)
    assert run.wait() != threading.get_ident()
    assert run.wait() == run.result
    assert heard == list(run.log)
    assert runs() == []


def test_it_waits_before_it_begins(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that fails before its caller goes on is waited for all the same: nothing says that nobody awaits it."""

    class AtOnce(threading.Thread):
        def start(self) -> None:
            super().start()
            self.join()  # the caller's thread gets its turn only when all is over

    monkeypatch.setattr(threading, "Thread", AtOnce)
    with pytest.raises(ValueError, match="no such row"):
        begin(fails).wait()
    assert caplog.records == []


def test_failure_and_timeout() -> None:
    """Waiting raises what awaiting would raise."""
    run = begin(fails)
    with pytest.raises(ValueError, match="no such row") as caught:
        run.wait()
    assert caught.value is run.exception
    with pytest.raises(TimeoutError, match=r"^op took longer than its timeout of 0 s$"):
        begin(forever, timeout=0).wait()


def test_inside_a_running_loop() -> None:
    """In a notebook's cell, on a run that has just been made, it goes to a background thread and blocks the cell."""

    async def main() -> None:
        run = begin(where)
        assert run.wait() != threading.get_ident()
        await asyncio.sleep(0)
        assert await run == run.result
        assert len(run.log) == run.state.last_seq + 1

    asyncio.run(main())


def test_from_another_thread() -> None:
    """A run that lives on a loop can be waited for in any thread, by any number of them."""

    async def main() -> None:
        run = begin(where)
        while run.status == "pending":
            await asyncio.sleep(0)
        waiting = [in_thread(run) for _ in range(3)]
        assert await run == threading.get_ident()
        for thread, got in waiting:
            thread.join()
            assert got == [run.result]

    asyncio.run(main())


def test_from_another_thread_before_it_began() -> None:
    """A thread that waits before the loop has begun the run takes it, and the loop is not disturbed."""
    faults: list[Any] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
        for _ in range(20):
            run = begin(where)
            thread, got = in_thread(run)
            while not run.log.ended:
                await asyncio.sleep(0)
            thread.join()
            assert got == [await run]

    asyncio.run(main())
    assert faults == []


@pytest.mark.parametrize("here", [True, False], ids=["on this loop", "in its thread"])
def test_cancelled(here: bool) -> None:
    """A run that is cancelled while somebody waits raises RunCancelled there."""

    async def main() -> None:
        run = begin(forever)
        if here:
            await asyncio.sleep(0)
        thread, got = in_thread(run)
        while run.state.find("s") is None:
            await asyncio.sleep(0)
        run.cancel("enough")
        while thread.is_alive():
            await asyncio.sleep(0)
        assert isinstance(got[0], RunCancelled)
        assert run.state.reason == "enough"

    asyncio.run(main())


def test_loop_that_stands_still() -> None:
    """A run begun on a loop of this thread that is not running now is waited for by running it again."""
    loop = asyncio.new_event_loop()

    async def main() -> Run[Any]:
        run = begin(where)
        await asyncio.sleep(0)
        return run

    run = loop.run_until_complete(main())
    assert run.status == "running" or not run.log.ended
    assert run.wait() == threading.get_ident()
    loop.close()


def test_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt while waiting cancels the run, waits for its end, and goes on up."""
    run = begin(forever)
    real = __import__("concurrent.futures").futures.wait

    def interrupted(futures: Any, timeout: float | None = None) -> Any:
        if timeout is None:
            return real(futures)
        while run.state.find("s") is None:
            real(futures, timeout=0.001)
        raise KeyboardInterrupt

    monkeypatch.setattr("concurrent.futures.wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.wait()
    assert (run.status, run.state.reason) == ("cancelled", "interrupted")


def test_an_interrupt_while_the_thread_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """`Thread.start` waits for its thread: an interrupt there cancels the run, which is at work by then."""
    run = begin(forever)
    real = threading.Thread.start

    def interrupted(thread: threading.Thread) -> None:
        real(thread)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.wait()
    assert (run.status, run.state.reason) == ("cancelled", "interrupted")


def test_context() -> None:
    """A run sees the context variables of whoever made it, also in its thread, and has no stage of its own yet."""
    user: ContextVar[str] = ContextVar("user", default="nobody")

    async def body(_: ProgressTracker) -> tuple[str, object]:
        seen = user.get()
        user.set("changed in the run")
        return seen, current_stage()

    user.set("anna")
    run = begin(body)
    user.set("ben")
    assert run.wait() == ("anna", None)
    assert user.get() == "ben"


@pytest.mark.integration
def test_on_the_kernels_loop() -> None:
    """A run that has begun on this thread's own loop is waited for by running that loop further."""
    script = """
import asyncio
from progressnb import operation
@operation
async def op(tracker, error=None):
    for _ in range(5):
        await asyncio.sleep(0)
    if error:
        raise error
    return "result"
async def main():
    run, broken = op(show=False), op(KeyError("x"), show=False)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert run.status == broken.status == "running"
    assert run.wait() == "result"
    try:
        broken.wait()
    except KeyError:
        print("raised")
    assert await run == run.wait() == "result"
asyncio.run(main())
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "raised\n"), ran.stderr
    assert "Traceback" not in ran.stderr
