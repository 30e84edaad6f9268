"""Forked processes: locks, screens, histories and the current run stay with the parent."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from typing import TYPE_CHECKING

import pytest

import progressnb as pnb
from progressnb.display.window import Window
from progressnb.testing import ManualClock
from progressnb.tracking.session import configure, current_session, shows
from progressnb.tracking.tracker import ProgressTracker, current_run
from tests.display.screens import File

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
    # Python's own warning is right: this is what is tried here.
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]

WAIT = 30.0  # seconds until a child counts as hanging


def in_a_child(work: Callable[[], object]) -> str:
    """Run a function in a forked child; return its result or its error in words, or "hangs"."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            text = repr(work())
        except BaseException as error:  # noqa: BLE001 - told to the parent
            text = f"{type(error).__name__}: {error}"
        os.write(write, text.encode())
        os._exit(0)
    os.close(write)
    ended: list[str] = []

    def listen() -> None:
        with os.fdopen(read, "rb") as file:
            ended.append(file.read().decode())

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    thread.join(WAIT)
    if not ended:
        os.kill(child, 9)
    os.waitpid(child, 0)
    return ended[0] if ended else "hangs"


def held(*locks: threading.RLock) -> Callable[[], None]:
    """Hold locks in another thread; return a function that lets them go."""
    has, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        for lock in locks:
            lock.acquire()
        has.set()
        may_go.wait()
        for lock in locks:
            lock.release()

    thread = threading.Thread(target=hold)
    thread.start()
    has.wait()

    def let_go() -> None:
        may_go.set()
        thread.join()

    return let_go


async def test_locks_that_other_threads_hold_at_the_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child tracks, writes into what it knows of the parent's run and ends, whatever was locked at the fork."""
    monkeypatch.setattr(sys, "stderr", File())
    monkeypatch.setenv("TERM", "xterm")
    configure(show=True)
    try:
        async with ProgressTracker("parent", ["a"], clock=(clock := ManualClock())) as tracker:
            stage = tracker.stage("a")
            stage.start()
            stage.write("some text")
            clock.advance(0.3)
            assert Window.active
            output = tracker.state.stages[0].output
            assert output is not None
            let_go = held(tracker.log.lock, Window.lock, output._lock)

            def work() -> list[int]:
                configure(show=True)
                stage.write("of the child")
                assert tracker.partial == "some textof the child"
                return list(pnb.track(range(3), "child"))

            try:
                assert in_a_child(work) == "[0, 1, 2]"
            finally:
                let_go()
            assert tracker.partial == "some text"
    finally:
        configure(show=False)


async def test_nothing_of_the_parent_is_current(tmp_path: Path) -> None:
    """A child has no current run or stage, no runs, no screen, no last run, no history; streams are the real ones."""
    with configure.local(history=pnb.History(tmp_path / "runs.db"), show=True, screen=lambda _run: None):
        async with ProgressTracker("parent", ["a"], clock=ManualClock()) as tracker, tracker.stage("a"):
            assert current_run() is tracker

            def work() -> object:
                for _ in pnb.track(range(2)):
                    pass
                session = current_session()
                return [current_run(), pnb.current_stage(), pnb.runs(), session.history, session.screen, shows()]

            assert in_a_child(work) == "[None, None, [], None, None, False]"
        children = [stage.path for stage in tracker.state.stages]
        assert children == ["a"]
        current_session().history.close()  # type: ignore[union-attr]


async def test_a_screen_is_given_back_in_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a child prints goes to its own stdout, and nothing is drawn into the parent's bars."""
    file = File()
    monkeypatch.setattr(sys, "stderr", file)
    monkeypatch.setenv("TERM", "xterm")
    with configure.local(show=True):
        async with ProgressTracker("parent", ["a"], clock=(clock := ManualClock())) as tracker:
            tracker.update("a", 50)
            clock.advance(0.3)
            assert sys.stderr is not file

            def work() -> object:
                return [type(sys.stderr).__name__, input.__module__, Window.active]

            assert in_a_child(work) == "['File', 'builtins', []]"


def draw(_number: int) -> tuple[bool, int]:
    """Track in a worker; return whether it would be shown."""
    return shows(), sum(pnb.track(range(3)))


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_workers_draw_nothing(method: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Workers by fork, spawn and forkserver track in silence, as long as nobody asks for more."""
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert pool.map_async(draw, range(2)).get(WAIT) == [(False, 3)] * 2
    assert capfd.readouterr().err == ""
