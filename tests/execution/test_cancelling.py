"""A run that is cancelled from within, its status until its code has stopped, outputs by name, missing trackers."""

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pytest
from pydantic import BaseModel

import progressnb as pnb
from progressnb.display.looks import tree_of
from progressnb.errors import OperationError, RunCancelled
from progressnb.tracking.tracker import ProgressTracker


async def test_an_operation_cancels_itself_by_its_tracker() -> None:
    """`tracker.cancel()` in an operation stops it where it awaits next, with its reason."""
    after: list[str] = []

    @pnb.operation
    async def check(tracker: ProgressTracker) -> str:
        with tracker.stage("look"):
            tracker.cancel("nothing is new")
            after.append("until the next await")
            await asyncio.sleep(0)
            after.append("never")
        return "done"

    run = check()
    with pytest.raises(RunCancelled, match="nothing is new"):
        await run
    assert after == ["until the next await"]
    assert (run.status, run.state.reason) == ("cancelled", "nothing is new")
    assert run.state.stages[0].status == "cancelled"


def test_a_thread_cancels_an_operation_by_its_tracker() -> None:
    """`tracker.cancel()` works from the thread of a plain function, and in code that is not async."""

    @pnb.operation
    async def check(tracker: ProgressTracker) -> None:
        await tracker.stage("look").run(tracker.cancel, "from a thread")
        await asyncio.Event().wait()

    with pytest.raises(RunCancelled, match="from a thread"):
        check().wait()


async def test_an_operation_that_cancels_itself_last_is_cancelled() -> None:
    """Without a further await the operation returns, and the run is cancelled all the same."""

    @pnb.operation
    async def check(tracker: ProgressTracker) -> str:
        tracker.cancel()
        return "done"

    run = check()
    with pytest.raises(RunCancelled):
        await run
    assert run.result is None


async def test_a_run_is_cancelling_until_its_code_has_stopped() -> None:
    """The status says that a run was told to stop while a `finally` is at work; its events never do."""
    begun, may_end = asyncio.Event(), asyncio.Event()

    @pnb.operation
    async def slow(_: ProgressTracker) -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            await may_end.wait()

    run = slow()
    await begun.wait()
    assert run.status == "running"
    run.cancel()
    for _ in range(5):
        await asyncio.sleep(0)
        assert (run.status, run.state.status) == ("cancelling", "running")
        assert tree_of(run)["header"]["trouble"] == "stopping…"
        assert "cancelling" in repr(run)
    may_end.set()
    with pytest.raises(RunCancelled):
        await run
    assert (run.status, run.state.status) == ("cancelled", "cancelled")


async def test_every_output_has_a_name() -> None:
    """`run.partials` has the outputs of stages side by side, with what no event carries yet, live and at the end."""
    seen: list[dict[str, Any]] = []

    @pnb.operation
    async def team(tracker: ProgressTracker) -> None:
        with tracker.stage("draft"):
            pass
        with tracker.stage("work") as work, tracker.stage("check") as check:
            for name, text in (("writer", "Tides "), ("critic", '{"score": 4, "why": "sh'), ("writer", "Moon")):
                stage = work.stage(name)
                kind: Literal["json", "text"] = "json" if name == "critic" else "text"
                stage.write(text, kind=kind)
                stage.write("follow" if kind == "text" else 'ort"}', kind=kind)
            check.stage("a/b").write("x")
            seen.append(run.partials)
            check.stage("writer").write("third")
            seen.append(run.partials)

    run = team()
    await run
    critic = {"score": 4, "why": "short"}
    named = {"critic": critic, "a/b": "x"}
    assert seen[0] == {"writer": "Tides follow", "writer#2": "Moonfollow", **named}
    both = {"work/writer": "Tides follow", "check/writer": "third", "writer#2": "Moonfollow"}
    assert seen[1] == run.partials == {**both, **named}


class Question(BaseModel):
    """An input."""

    text: str


@dataclass
class Order:
    """An input."""

    text: str


async def _ask(topic):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    return topic


async def _look(query, limit=5):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    return query, limit


async def _model(question: Question) -> None: ...


async def _order(order: Order | None) -> None: ...


async def _day(day: date) -> None: ...


@pytest.mark.parametrize("function", [_ask, _look, _model, _order, _day])
def test_a_function_without_a_tracker_is_refused_when_it_is_decorated(function: Any) -> None:
    """The error comes where the mistake is, names the parameter, and says what to write."""
    with pytest.raises(OperationError, match="the tracker as the first parameter of _") as refused:
        pnb.operation(function)
    assert "(tracker, " in str(refused.value)


async def test_a_tracker_of_any_name_is_taken() -> None:
    """An annotation, the name, or an underscore say that the first parameter is the tracker."""

    @pnb.operation
    async def one(work: ProgressTracker, topic: str) -> str:
        return f"{work.operation} {topic}"

    @pnb.operation
    async def two(tracker, topic):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        return f"{tracker.operation} {topic}"

    @pnb.operation
    async def three(_, topic):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        return topic

    @pnb.operation
    async def four(anything: Any, topic: str) -> str:
        return f"{anything.operation} {topic}"

    assert [await each("x") for each in (one, two, three, four)] == ["one x", "two x", "x", "four x"]
