"""Test suites of users, each run by a pytest of its own, with plugins that freeze time or bring another event loop.

Warnings are errors in all of them.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMON = """
import asyncio, datetime, sys
import pytest
import progressnb as pnb


@pnb.operation(stages=["research", "write"])
async def report(tracker, topic: str) -> str:
    async with tracker.stage("research") as stage:
        await stage.update(50, "reading")
        await asyncio.sleep(0)
    async with tracker.stage("write") as stage:
        stage.write(topic)
    return topic
"""


def run_suite(folder: Path, suite: str, *options: str, settings: str = "") -> str:
    """Run a suite by a new pytest, with the plugins that the options name; return what it prints."""
    (folder / "pytest.ini").write_text(f"[pytest]\nfilterwarnings = error\n{settings}\n", encoding="utf-8")
    (folder / "test_suite.py").write_text(suite, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    env = kept | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PROGRESSNB_DISPLAY": "none", "PROGRESSNB_MODEL": "offline"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_frozen_time_by_freezegun(tmp_path: Path) -> None:
    """A suite that imports progressnb freezes time: its scan loads nothing of ours, whenever the import comes."""
    suite = """
import datetime, sys
from freezegun import freeze_time
HEAVY = {"pandas", "pydantic", "pydantic_ai", "fastapi"}

def test_imported_while_time_stands_still():
    with freeze_time("2020-01-01"):
        import progressnb
        assert datetime.datetime.now().year == 2020
    assert not HEAVY & {*sys.modules}

@freeze_time("2020-01-01")
def test_imported_before():
    import progressnb
    assert datetime.datetime.now().year == 2020
    assert not HEAVY & {*sys.modules}

def test_moved_again_and_again():
    import progressnb
    progressnb.web, progressnb.samples
    with freeze_time("2020-01-01") as clock:
        with freeze_time("2021-01-01", tick=True):
            pass
        clock.tick(60)
    assert not (HEAVY - {"pydantic"}) & {*sys.modules}

def test_first_use_while_time_stands_still():
    import progressnb as pnb
    with freeze_time("2020-01-01"):
        @pnb.operation(stages=["a"])
        async def report(tracker, topic: str) -> str:
            async with tracker.stage("a") as stage:
                await stage.update(50, "reading")
            return topic
        run = report("tides")
        assert run.wait() == "tides"
        assert [event.timestamp.year for event in run.log] == [2020] * len(run.log)
        assert list(pnb.track([1, 2])) == [1, 2]

def test_runs_afterwards():
    import progressnb as pnb
    assert pnb.demo(pace=0).wait().model
    assert len(pnb.last_run.timings()) == 4

@freeze_time("2020-01-01")
def test_all_of_it_while_time_stands_still():
    import progressnb as pnb
    assert pnb.demo(pace=0).wait().model
    assert len(pnb.last_run.timings()) == 4
"""
    assert "6 passed" in run_suite(tmp_path, suite)


def test_moved_time_by_time_machine(tmp_path: Path) -> None:
    """Under time-machine everything runs, and events have the time that the suite chose."""
    suite = (
        COMMON
        + """
import time_machine

@time_machine.travel("2020-01-01", tick=False)
def test_events_have_that_time():
    run = report("tides")
    assert run.wait() == "tides"
    assert [event.timestamp.year for event in run.log] == [2020] * len(run.log)

def test_by_its_fixture(time_machine):
    time_machine.move_to("2021-01-01", tick=False)
    run = pnb.demo(pace=0)
    assert run.wait().model
    assert run.timings()["started"].iloc[0].year == 2021
"""
    )
    assert "2 passed" in run_suite(tmp_path, suite, "-p", "time_machine")


@pytest.mark.parametrize("mode", ["strict", "auto"])
def test_pytest_asyncio(mode: str, tmp_path: Path) -> None:
    """Tests and fixtures of pytest-asyncio await runs, iterate over them and cancel them, in both of its modes."""
    suite = (
        COMMON
        + """
import pytest_asyncio

@pytest_asyncio.fixture
async def written():
    return await report("tides")

@pytest.mark.asyncio
async def test_awaits(written):
    assert written == await report("tides")

@pytest.mark.asyncio
async def test_iterates():
    run = report("tides")
    assert [event.type async for event in run][-1] == "done"

@pytest.mark.asyncio
async def test_cancels():
    run = report("tides")
    run.cancel("enough")
    with pytest.raises(pnb.errors.RunCancelled):
        await run

def test_in_sync_code():
    assert report("tides").wait() == "tides"
"""
    )
    settings = f"asyncio_mode = {mode}\nasyncio_default_fixture_loop_scope = function"
    assert "4 passed" in run_suite(tmp_path, suite, "-p", "pytest_asyncio.plugin", settings=settings)


def test_anyio_with_trio(tmp_path: Path) -> None:
    """Below trio whoever awaits a run learns in a sentence what is missing and what to write, and that works."""
    suite = (
        COMMON
        + """
import anyio, trio

pytestmark = pytest.mark.anyio
SENTENCE = "expected the event loop of asyncio, got that of trio. .*trio.to_thread.run_sync"

@pytest.fixture
def anyio_backend():
    return "trio"

async def iterate():
    async for _ in report("tides"):
        pass

async def track():
    async with pnb.ProgressTracker("etl"):
        pass

async def replayed():
    run = report("tides")
    await trio.to_thread.run_sync(run.wait)
    await pnb.replay(run, speed=None)

async def alone():
    await report("tides")

@pytest.mark.parametrize("work", [alone, iterate, track, replayed, pnb.demo, lambda: pnb.run_tools([print]), pnb.serve])
async def test_says_what_is_missing(work):
    with pytest.raises(RuntimeError, match=SENTENCE) as caught:
        await work()
    assert isinstance(caught.value, pnb.ProgressError)

async def test_a_thread_waits():
    assert await trio.to_thread.run_sync(report("tides").wait) == "tides"
    assert report("tides").wait() == "tides"

async def test_the_same_run_goes_on_in_a_thread():
    run = report("tides")
    with pytest.raises(RuntimeError):
        await run
    assert await anyio.to_thread.run_sync(run.wait) == "tides"

async def test_loops_report():
    assert list(pnb.track([1, 2])) == [1, 2]
    assert [each async for each in pnb.atrack([1, 2])] == [1, 2]
"""
    )
    assert "10 passed" in run_suite(tmp_path, suite, "-p", "anyio.pytest_plugin")


def test_without_any_loop(tmp_path: Path) -> None:
    """A coroutine that is driven by hand gets the sentence too, without a library's name."""
    suite = (
        COMMON
        + """
def test_driven_by_hand():
    async def work():
        await report("tides")
    with pytest.raises(RuntimeError, match="expected the event loop of asyncio, got none. .*wait"):
        work().send(None)
"""
    )
    assert "1 passed" in run_suite(tmp_path, suite)


def test_doctests_and_collection(tmp_path: Path) -> None:
    """Pytest collects doctests of a module that has our names, and no test from what it imports."""
    suite = '''
"""A module with an example.

>>> report.using(show=False)("tides").wait()
'tides'
"""
from progressnb import *
import progressnb as pnb

@operation
async def report(tracker, topic: str) -> str:
    return topic

def test_one():
    assert pnb.track
'''
    assert "2 passed" in run_suite(tmp_path, suite, "--doctest-modules")
