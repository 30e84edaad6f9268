"""`run_tools`: tools side by side, whatever one of them does."""

import asyncio
import functools
import re
import threading
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from progressnb import current_stage, progress, run_tools
from progressnb.errors import InputError, RunCancelled
from progressnb.wire.events import ErrorEvent, ProgressEvent
from progressnb.wire.plain import jsonable


def search(query: str = "tides") -> str:
    """Search."""
    return f"found {query}"


async def fetch(url: str = "here") -> str:
    """Fetch."""
    return f"got {url}"


def broken() -> None:
    """Fail."""
    raise ConnectionError("the line is down")


@progress
def count(to: int = 2) -> Generator[float, None, int]:
    """Count."""
    for number in range(to):
        yield (number + 1) / to
    return to


def states(run: Any, path: str) -> list[str]:
    """List what a stage's events say in `data.state`."""
    return [e.data["state"] for e in run.log if isinstance(e, ProgressEvent) and e.stage == path and "state" in e.data]


async def test_the_panel_of_results() -> None:
    """The panel has the errors first, then each result by the name of its tool; what is no text as JSON."""
    run = run_tools.using(show=False)([search, broken, count])
    await run
    assert run.state.view == [
        {"type": "text", "text": "broken: the line is down", "tone": "bad"},
        {
            "type": "list",
            "items": [{"label": "search", "text": "found tides"}, {"label": "count", "text": "2"}],
            "bullets": False,
        },
    ]


async def test_results_in_the_order_of_the_calls() -> None:
    """Sync and async tools give their results by name, in the order of the calls; repeats are numbered."""
    run = run_tools.using(show=False)([fetch, (search, {"query": "moon"}), functools.partial(search, "sun"), count])
    found = await run
    assert list(found) == ["fetch", "search", "search#2", "count"]
    assert found.results == {"fetch": "got here", "search": "found moon", "search#2": "found sun", "count": 2}
    assert found.errors == {}
    assert repr(found) == "<ToolResults: 4 of 4>"
    assert (found["search"], len(found)) == ("found moon", 4)
    assert {stage.path for stage in run.state.stages} == set(found)


async def test_arguments_and_results() -> None:
    """Each stage has what its tool was given, by the names of the parameters, and what it gave; bounded."""
    calls: list[Any] = [fetch, (search, {"query": "moon"}), functools.partial(search, "sun"), (count, {"to": 3})]
    calls.append(broken)
    run = run_tools.using(show=False)([*calls, (search, {"query": "x" * 9_000})])
    found = await run
    data = {stage.path: stage.data for stage in run.state.stages}
    assert [data[name].get("arguments") for name in found][:5] == [
        {},
        {"query": "moon"},
        {"query": "sun"},
        {"to": 3},
        {},
    ]
    assert [data[name].get("result") for name in found][:5] == ["got here", "found moon", "found sun", 3, None]
    assert "result" not in data["broken"]
    long = data["search#3"]
    assert all(len(to_json(long[key]).decode()) <= 2_000 for key in ("arguments", "result"))
    assert len(found["search#3"]) > 9_000  # the results themselves are whole


async def test_a_mapping_names_the_calls() -> None:
    """A mapping gives the names, which may be any text."""
    run = run_tools.using(show=False)({"a/b#1": search, "": fetch, "third": (search, {"query": "moon"})})
    assert (await run).results == {"a/b#1": "found tides", "": "got here", "third": "found moon"}
    assert states(run, "a%2Fb%231") == ["executing_a/b#1", "completed_a/b#1"]
    assert len(run.state.stages) == 3


@given(st.lists(st.sampled_from(["a", "a#2", "a#3", "a#2#2", "b"]), min_size=1, max_size=12))
def test_no_call_is_lost(names: list[str]) -> None:
    """However tools are called, every call has a name of its own and keeps its result."""

    def make(number: int, name: str) -> Any:
        def tool() -> int:
            return number

        tool.__name__ = name
        return tool

    found = run_tools.using(show=False)([make(number, name) for number, name in enumerate(names)]).wait()
    assert [found[name] for name in found] == list(range(len(names)))


async def test_states() -> None:
    """Each tool says that it is executed, and then how it ended."""
    run = run_tools.using(show=False)([search, broken])
    await run
    assert states(run, "search") == ["executing_search", "completed_search"]
    assert states(run, "broken") == ["executing_broken", "failed_broken"]


async def test_one_that_fails() -> None:
    """A tool that fails loses nothing of the others; its error is kept, and the run goes on."""
    run = run_tools.using(show=False)([broken, search, count])
    found = await run
    assert found.results == {"search": "found tides", "count": 2}
    assert isinstance(found.errors["broken"], ConnectionError)
    assert repr(found) == "<ToolResults: 2 of 3, broken failed: the line is down>"
    with pytest.raises(ConnectionError):
        _ = found["broken"]
    assert (run.status, run.state.overall_progress) == ("finished", 100)
    assert [stage.status for stage in run.state.stages] == ["failed", "finished", "finished"]
    assert [event.fatal for event in run.log if isinstance(event, ErrorEvent)] == [False]


class Odd(BaseException):
    """An error that is no Exception."""


def by_itself(error: BaseException) -> Any:
    """Make a sync tool that raises this."""

    def tool() -> None:
        raise error

    return tool


def by_itself_async(error: BaseException) -> Any:
    """Make an async tool that raises this."""

    async def tool() -> None:
        raise error

    return tool


@pytest.mark.parametrize("make", [by_itself, by_itself_async])
@pytest.mark.parametrize("error", [Odd("x"), SystemExit(3), asyncio.CancelledError("x"), StopIteration(3)], ids=repr)
async def test_whatever_a_tool_raises(make: Any, error: BaseException) -> None:
    """Not even what ends loops and programs stops the other tools, or is lost."""
    run = run_tools.using(show=False)({"odd": make(error), "search": search})
    found = await asyncio.wait_for(run, 10)
    assert found.results == {"search": "found tides"}
    # Python itself makes a RuntimeError of a coroutine's StopIteration.
    assert error in (found.errors["odd"], found.errors["odd"].__cause__)
    assert states(run, "odd") == ["executing_odd", "failed_odd"]
    assert run.state.stages[0].status == "failed"


async def test_a_tool_that_cancels_itself() -> None:
    """A tool that cancels its own task is one that failed."""

    async def tool() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)

    run = run_tools.using(show=False)([tool, search])
    found = await run
    assert found.results == {"search": "found tides"}
    assert isinstance(found.errors["tool"], asyncio.CancelledError)


async def test_a_wrong_call() -> None:
    """Arguments that a tool does not take are that tool's error."""
    found = await run_tools.using(show=False)([(fetch, {"link": "x"}), (search, {"link": "x"}), count])
    assert found.results == {"count": 2}
    assert {name: type(error) for name, error in found.errors.items()} == {"fetch": TypeError, "search": TypeError}


async def test_a_tool_that_ends_its_stage() -> None:
    """What a tool said of its own end stays."""

    def tool() -> int:
        stage = current_stage()
        assert stage is not None
        stage.skip("nothing to do")
        return 3

    run = run_tools.using(show=False)([tool, search])
    assert (await run).results == {"tool": 3, "search": "found tides"}
    assert run.state.stages[0].status == "skipped"


async def test_the_result_is_plain_data_in_the_log() -> None:
    """The run's last event has the results, and the errors as text."""
    found = await run_tools.using(show=False)([search, broken])
    plain = jsonable(found)
    assert plain["results"] == {"search": "found tides"}
    assert "the line is down" in plain["errors"]["broken"]["repr"]


@pytest.mark.parametrize("concurrency", [1, 2, 5])
async def test_concurrency(concurrency: int) -> None:
    """No more tools are at work at a time than was said, and no fewer where there are enough."""
    at_work, most = 0, 0

    async def tool() -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        for _ in range(5):
            await asyncio.sleep(0)
        at_work -= 1

    await run_tools.using(show=False)([tool] * 7, concurrency=concurrency)
    assert most == concurrency


async def test_threads_for_all() -> None:
    """As many sync tools are at work as was said, however few threads the loop has."""
    everybody = threading.Barrier(40)

    def tool() -> None:
        everybody.wait(10)

    found = await run_tools.using(show=False)([tool] * 40, concurrency=40)
    assert found.errors == {}


async def test_overall_by_tools_that_ended() -> None:
    """Each of four tools is a quarter of the whole, whether it ended well or not."""
    run = run_tools.using(show=False)([search, broken, fetch, count], concurrency=1)
    await run
    ends = [
        event.overall_progress
        for event in run.log
        if isinstance(event, ProgressEvent) and event.status in ("finished", "failed")
    ]
    assert ends == [pytest.approx(25), pytest.approx(25), pytest.approx(50), pytest.approx(75)]


async def test_a_tool_knows_its_stage() -> None:
    """Tools report into the stage of their call, in threads too; a `@progress` tool has no stage below it."""
    stages: list[str] = []

    def tool() -> None:
        stage = current_stage()
        assert stage is not None
        stages.append(stage.path)
        assert threading.current_thread() is not threading.main_thread()

    run = run_tools.using(show=False)([tool, count, tool])
    await run
    assert sorted(stages) == ["tool", "tool#2"]
    assert [stage.path for _, stage in run.state.walk() if "/" in stage.path] == []


async def test_cancelling() -> None:
    """Cancelling the run cancels the tools that are at work, and begins no other."""
    started, begun = asyncio.Event(), list[str]()

    async def endless() -> None:
        begun.append("endless")
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            begun.append("closed")

    async def later() -> None:
        begun.append("later")

    run = run_tools.using(show=False)([endless, later], concurrency=1)
    await started.wait()
    run.cancel()
    with pytest.raises(RunCancelled):
        await run
    assert begun == ["endless", "closed"]


async def test_cancelling_threads() -> None:
    """A run ends at once when it is cancelled, though a thread can't be stopped; a `@progress` tool there stops."""
    started, go_on, closed = threading.Event(), threading.Event(), threading.Event()

    @progress
    def tool() -> Generator[float, None, None]:
        started.set()
        try:
            go_on.wait(10)
            yield 0.5
            raise AssertionError("it went on")
        finally:
            closed.set()

    run = run_tools.using(show=False)([tool])
    await asyncio.to_thread(started.wait, 10)
    run.cancel()
    with pytest.raises(RunCancelled):
        await run
    assert not closed.is_set()
    go_on.set()
    assert await asyncio.to_thread(closed.wait, 10)


@pytest.mark.parametrize(
    "calls",
    [[], {}, [3], "search", None, [(search, 3)], {"a": 3}, 7],
    ids=lambda value: re.sub(r" at 0x\w+", "", str(value)),
)
async def test_bad_calls(calls: Any) -> None:
    """What can't be called is refused before anything is."""
    with pytest.raises(InputError):
        await run_tools.using(show=False)(calls)


async def test_generators_and_coroutines_are_refused() -> None:
    """A bare generator function would not run, and a coroutine can't be called: both are refused, with what to do."""
    with pytest.raises(InputError, match=r"generator function plain.*@pnb\.progress"):
        await run_tools.using(show=False)([plain_generator])
    with pytest.raises(InputError, match=r"Pass the function itself"):
        await run_tools.using(show=False)({"a": fetch()})  # type: ignore[dict-item]


def plain_generator() -> Generator[float, None, int]:
    """Count, without the decorator."""
    yield 0.5
    return 3


@pytest.mark.parametrize("concurrency", [0, -1, True, 1.5, "4", None])
async def test_bad_concurrency(concurrency: Any) -> None:
    """A bound that lets nothing run is refused."""
    with pytest.raises(InputError, match="concurrency"):
        await run_tools.using(show=False)([search], concurrency=concurrency)
