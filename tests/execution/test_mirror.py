"""An operation called in a stage: a run of its own, mirrored as one stage."""

import asyncio

import pytest

from progressnb.errors import RunCancelled
from progressnb.execution.operation import operation
from progressnb.execution.run import Run
from progressnb.tracking.current import current_stage
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.events import Parent, ProgressEvent
from tests.execution.helpers import report, started


def test_child_run() -> None:
    """An operation called in a stage has its own id and log, knows its parent, and is one stage there."""
    children: list[Run[str]] = []

    @operation
    async def outer(tracker: ProgressTracker) -> str:
        async with tracker.stage("part", weight=1) as stage:
            stage.expect(2)
            children.extend([report("a"), report("b")])
            return "".join(await asyncio.gather(*children))

    run = outer()
    assert run.wait() == "ab"
    part = run.state.stages[0]
    assert [(s.path, s.status, s.percent, s.partial) for s in part.children] == [
        ("part/report", "finished", 100, "a"),
        ("part/report#2", "finished", 100, "b"),
    ]
    assert [started(child).parent for child in children] == [
        Parent(run_id=run.id, stage=stage.path) for stage in part.children
    ]
    assert len({run.id, *(child.id for child in children)}) == 3
    assert {event.run_id for event in run.log} == {run.id}
    told = [event for event in run.log if isinstance(event, ProgressEvent) and event.stage == "part/report"]
    assert [event.status for event in told][:: len(told) - 1] == ["running", "finished"]


@pytest.mark.parametrize("how", ["fails", "cancelled", "parent cancelled"])
def test_child_that_does_not_finish(how: str) -> None:
    """A child's failure or cancellation is its stage's; what the parent makes of it is the parent's business."""

    @operation
    async def child(tracker: ProgressTracker) -> None:
        async with tracker.stage("deep"):
            if how == "fails":
                raise ValueError("no such row")
            await asyncio.Event().wait()

    children: list[Run[None]] = []

    @operation
    async def outer(tracker: ProgressTracker) -> str:
        async with tracker.stage("part"):
            children.append(child())
            try:
                await children[0]
            except (ValueError, RunCancelled) as error:
                return type(error).__name__
        return ""

    async def main() -> None:
        run = outer()
        while not children or children[0].state.find("deep") is None:
            await asyncio.sleep(0)
        if how != "fails":
            (children[0] if how == "cancelled" else run).cancel()
        if how == "parent cancelled":
            with pytest.raises(RunCancelled):
                await run
        else:
            assert await run == {"fails": "ValueError", "cancelled": "RunCancelled"}[how]
        stage = run.state.find("part/child")
        assert stage is not None
        assert stage.status == {"fails": "failed"}.get(how, "cancelled")
        assert children[0].status == {"fails": "failed"}.get(how, "cancelled")
        if how == "fails":
            assert stage.message == "no such row"

    asyncio.run(main())


def test_errors_name_both_stages() -> None:
    """An error that passes through a child and its parent has a note for each."""

    @operation
    async def child(tracker: ProgressTracker) -> None:
        async with tracker.stage("deep"):
            raise ValueError("no such row")

    @operation
    async def outer(tracker: ProgressTracker) -> None:
        async with tracker.stage("part"):
            await child()

    run = outer()
    with pytest.raises(ValueError, match="no such row") as caught:
        run.wait()
    assert caught.value.__notes__ == ["in stage 'deep' of 'child'", "in stage 'part' of 'outer'"]
    assert run.state.error_stage == "part"


def test_child_that_outlives_its_parent(caplog: pytest.LogCaptureFixture) -> None:
    """A child that nobody awaited goes on when its parent has ended, without disturbing it."""

    @operation
    async def outer(tracker: ProgressTracker) -> Run[str]:
        async with tracker.stage("part"):
            return report("a")

    async def main() -> None:
        run = outer()
        child = await run
        assert await child == "a"
        assert len(run.log) == run.state.last_seq + 1
        assert [stage.status for _, stage in run.state.walk()][:1] == ["finished"]
        assert caplog.records == []

    asyncio.run(main())


def test_in_a_thread_of_a_stage() -> None:
    """Sync code in a thread of a stage calls an operation and waits: it is part of that stage, too."""

    def tool() -> str:
        assert current_stage() is not None
        return report("a").wait()

    @operation
    async def outer(tracker: ProgressTracker) -> str:
        async with tracker.stage("part"):
            return await asyncio.to_thread(tool)

    run = outer()
    assert run.wait() == "a"
    assert [stage.path for _, stage in run.state.walk()] == ["part", "part/report"]
