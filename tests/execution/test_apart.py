"""Runs apart: in a copy of a context, in which no run and no stage is current."""

import asyncio
from contextvars import ContextVar, copy_context

from progressnb.execution.apart import begin_apart
from progressnb.execution.latest import latest_run
from progressnb.execution.operation import operation
from progressnb.execution.run import Run
from progressnb.tracking import current_run, current_stage
from progressnb.tracking.current import place_by
from progressnb.tracking.session import configure, current_session
from progressnb.tracking.tracker import ProgressTracker

word: ContextVar[str] = ContextVar("word", default="none")


@operation(stages=["work"])
async def item(tracker: ProgressTracker, said: str) -> tuple[str, object]:
    """Say a word and return that of the caller, with the display of the session."""
    async with tracker.stage("work"):
        await asyncio.sleep(0)
    before = word.get()
    word.set(said)
    return before, current_session().display


def begin(said: str) -> Run[tuple[str, object]]:
    """Begin a run of the operation."""
    return item.begin({"said": said}, show=False)


async def test_none_is_current() -> None:
    """In a stage of a run it begins a run without a parent, and the caller's stage has none below it."""
    async with ProgressTracker("outer", stages=["many"], show=False) as tracker, tracker.stage("many") as stage:
        run = begin_apart(lambda: (begin("a"), current_run(), current_stage()))
        assert run[1:] == (None, None)
        await run[0]
        assert current_stage() is stage
        assert current_run() is tracker
    assert run[0].state.parent is None
    assert [each.path for _, each in tracker.state.walk()] == ["many"]


async def test_other_libraries_say_nothing() -> None:
    """A guide of another library, which knows a stage of the caller, does not take the run in."""
    async with ProgressTracker("outer", stages=["many"], show=False) as tracker, tracker.stage("many") as stage:
        forget = place_by(lambda: (tracker, stage))
        try:
            run = begin_apart(lambda: begin("a"))
            await run
        finally:
            forget()
    assert run.state.parent is None
    assert [each.path for _, each in tracker.state.walk()] == ["many"]


async def test_the_context_is_that_of_the_caller() -> None:
    """Variables and the session are those of a context that was taken before, and each run has a copy of its own."""
    word.set("outer")
    with configure.local(display="text"):
        context = copy_context()
    word.set("later")
    results = [await begin_apart(lambda: begin("inner"), context) for _ in range(2)]
    assert results == [("outer", "text")] * 2
    assert word.get() == "later"
    assert context[word] == "outer"


async def test_the_latest_run() -> None:
    """It is not the latest run of the session: that is of whoever began it."""
    run = begin("first")
    await run
    await begin_apart(lambda: begin("a"))
    assert latest_run() is run


async def test_runs_below() -> None:
    """Runs that it calls are below its own stages."""

    @operation
    async def outer(tracker: ProgressTracker) -> None:
        async with tracker.stage("all"):
            await begin("below")

    run = begin_apart(lambda: outer.begin({}, show=False))
    await run
    assert [each.path for _, each in run.state.walk()][:2] == ["all", "all/item"]
