"""`ProgressTracker` and its stages as users write them: blocks, updates, threads, hostile names."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from progressnb.errors import InvalidProgressError, InvalidStagesError, RunEndedError, UnknownStageError
from progressnb.testing import ManualClock
from progressnb.tracking.current import current_stage
from progressnb.tracking.session import configure
from progressnb.tracking.tracker import ProgressTracker, current_run
from progressnb.wire.events import ErrorEvent
from tests.tracking.helpers import STAGES, started, types


def statuses(tracker: ProgressTracker) -> dict[str, str]:
    """Show the status of each stage."""
    return {stage.path: stage.status for _, stage in tracker.state.walk()}


def orphan(work: Callable[[], object]) -> None:
    """Do work in another thread, to its end."""
    wrong: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised below
            wrong.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if wrong:
        raise wrong[0]


# --- as a block ------------------------------------------------------------------------------------


def test_success() -> None:
    """Leaving the block ends the run well: open stages are finished, those that never began are skipped."""

    async def main() -> ProgressTracker:
        async with ProgressTracker("etl", {"extract": 1, "load": 3, "check": 1}, show=False) as tracker:
            await tracker.update("extract", 50, "half way")
            async with tracker.stage("load") as stage:
                assert current_stage() is stage
                assert current_run() is tracker
        assert current_stage() is None
        assert current_run() is None
        return tracker

    tracker = asyncio.run(main())
    assert (tracker.state.status, tracker.state.overall_progress) == ("finished", 100)
    assert statuses(tracker) == {"extract": "finished", "load": "finished", "check": "skipped"}
    assert types(tracker)[0] == "None:started"
    assert types(tracker)[-1] == "None:done"


def test_failure() -> None:
    """An error leaves the block as it is, with a note; the log names the innermost stage and keeps percents."""
    error = ValueError("no\ud800 such row")

    async def main(tracker: ProgressTracker) -> None:
        async with tracker, tracker.stage("extract") as stage:
            stage.update(40)
            async with stage.stage("rows"):
                raise error

    tracker = ProgressTracker("etl", STAGES, show=False)
    with pytest.raises(ValueError, match="no") as caught:
        asyncio.run(main(tracker))
    assert caught.value is error
    assert error.__notes__ == ["in stage 'extract/rows' of 'etl'"]
    errors = [event for event in tracker.log if isinstance(event, ErrorEvent)]
    assert [(event.stage, event.fatal, event.error_type) for event in errors] == [
        ("extract/rows", False, "ValueError"),
        ("extract/rows", True, "ValueError"),
    ]
    assert errors[1].message == "no\ufffd such row"
    assert tracker.log[len(tracker.log) - 1] is errors[1]
    assert statuses(tracker) == {"extract": "failed", "extract/rows": "failed", "load": "pending"}
    assert (tracker.state.error_stage, tracker.state.stages[0].percent) == ("extract/rows", 40)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), GeneratorExit(), asyncio.CancelledError()])
def test_interrupted(error: BaseException) -> None:
    """What is no Exception, such as the kernel's interrupt, cancels the run and goes on up."""

    async def main(tracker: ProgressTracker) -> None:
        async with tracker, tracker.stage("load"):
            raise error

    tracker = ProgressTracker("etl", STAGES, show=False)
    with pytest.raises(type(error)):
        asyncio.run(main(tracker))
    assert tracker.state.status == "cancelled"
    assert statuses(tracker)["load"] == "cancelled"
    assert types(tracker)[-1] == "None:cancelled"


@pytest.mark.parametrize("how", ["leaves", "swallows", "raises"])
def test_cancel(how: str) -> None:
    """After `cancel()`, from any thread, the block ends as cancelled whatever its code does about it."""

    async def main(tracker: ProgressTracker) -> None:
        async with tracker:
            try:
                orphan(lambda: tracker.cancel("enough"))
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if how == "leaves":
                    raise
                if how == "raises":
                    raise ZeroDivisionError from None

    tracker = ProgressTracker("etl", STAGES, show=False)
    tracker.cancel("too early: nothing to cancel")
    if how == "swallows":
        asyncio.run(main(tracker))
    else:
        with pytest.raises(asyncio.CancelledError if how == "leaves" else ZeroDivisionError):
            asyncio.run(main(tracker))
    tracker.cancel("too late")
    assert (tracker.state.status, tracker.state.reason) == ("cancelled", "enough")


def test_nested_blocks() -> None:
    """A block inside a stage of another run has its own log; what was current before is current again."""

    async def main() -> None:
        async with ProgressTracker("outer", show=False) as outer, outer.stage("a") as stage:
            async with ProgressTracker("inner", show=False) as inner:
                assert current_run() is inner
                assert current_stage() is None
            assert current_run() is outer
            assert current_stage() is stage
            with stage.stage("b") as below:
                assert current_stage() is below
                with stage:  # the same handle again
                    assert current_stage() is stage
                assert current_stage() is below
        assert outer.id != inner.id
        assert current_stage() is None

    asyncio.run(main())


def test_a_presenter_that_raises(caplog: pytest.LogCaptureFixture) -> None:
    """A screen that can't show a run is the screen's problem: the run goes on."""

    async def main() -> str:
        async with ProgressTracker("op", show=True) as tracker:
            pass
        return tracker.state.status

    configure(screen=lambda _: 1 // 0)
    assert asyncio.run(main()) == "finished"
    assert len(caplog.records) == 1


# --- what is refused -------------------------------------------------------------------------------


def test_unknown_stage() -> None:
    """A stage that was not declared is refused with the names that were; a weight or a title makes it new."""
    tracker, _ = started()
    for call in (lambda: tracker.stage("laod"), lambda: tracker.update("laod", 5), lambda: tracker.stage("")):
        with pytest.raises(UnknownStageError, match=r"expected one of 'extract', 'load', got .*\. Declare"):
            call()
    assert tracker.stage("more", title="More").path == "more"
    assert len(tracker.log) == 1


@pytest.mark.parametrize("percent", [-1, 101, float("nan"), float("inf"), True, "50", 10**400])
def test_bad_percent(percent: Any) -> None:
    """A percent out of range is refused before anything is written."""
    tracker, _ = started()
    with pytest.raises(InvalidProgressError, match="expected a percent"):
        tracker.update("load", percent)
    with pytest.raises(InvalidProgressError, match="expected a percent"):
        tracker.stage("load").update(percent)
    assert len(tracker.log) == 1


@pytest.mark.parametrize("weight", [-0.1, 1.5, float("nan"), True, "1"])
def test_bad_weight(weight: Any) -> None:
    """A weight that is no share is refused, for a stage of the run and for one below, and takes no name."""
    tracker, _ = started()
    load = tracker.stage("load")
    for make in (tracker.stage, load.stage):
        with pytest.raises(InvalidStagesError, match="expected a weight from 0 to 1"):
            make("x", weight=weight)
        assert make("x", weight=0.5).path.endswith("x")


def test_before_the_start() -> None:
    """An update before the run began is refused: its first event is always `started`."""
    tracker = ProgressTracker("etl", STAGES, clock=ManualClock())
    with pytest.raises(InvalidProgressError, match="expected a run that has begun"):
        tracker.update("load", 5)
    tracker.start()
    tracker.update("load", 5)
    assert types(tracker) == ["None:started", "load:running"]


def test_after_the_end() -> None:
    """An update after the end is an error; one from a thread that outlived the run is dropped and counted."""
    tracker, _ = started()
    stage = tracker.stage("load")
    stage.start()
    tracker.done()
    events = len(tracker.log)
    late: list[Callable[[], object]] = [
        lambda: stage.update(5),
        lambda: stage.write("x"),
        stage.finish,
        lambda: stage.fail(ValueError("x")),
        lambda: tracker.update("extract", 5),
        lambda: stage.stage("new").start(),
    ]
    for work in late:
        with pytest.raises(RunEndedError, match=r"expected a run that still goes on, got .*finished\. Await"):
            work()
        orphan(work)
    assert tracker.dropped == len(late)
    assert len(tracker.log) == events


def test_after_the_stage() -> None:
    """An update of a stage that has ended is an error that names it."""
    tracker, _ = started()
    tracker.stage("load").finish()
    with pytest.raises(RunEndedError, match=r"expected a stage 'load' that still goes on, got .* finished\. Await"):
        tracker.update("load", 5)


# --- 100 % -----------------------------------------------------------------------------------------


def by_name(tracker: ProgressTracker, name: str, *args: Any) -> None:
    """Report by the tracker."""
    tracker.update(name, *args)


def by_handle(tracker: ProgressTracker, name: str, *args: Any) -> None:
    """Report by the stage's handle."""
    tracker.stage(name).update(*args)


Update: TypeAlias = Callable[..., None]
both = pytest.mark.parametrize("update", [by_name, by_handle])


@both
def test_complete_until_the_next(update: Update) -> None:
    """A stage that is no block stays open at 100 % until the next one begins, and ends then with its last report."""
    tracker, clock = started()
    update(tracker, "extract", 50, "half way")
    update(tracker, "extract", 100, "20,000 rows")
    clock.advance(5)
    update(tracker, "extract", 100, "20,000 rows, checked")
    assert statuses(tracker)["extract"] == "running"
    clock.advance(5)
    handle = tracker.stage("extract")
    update(tracker, "load", 1)
    extract = tracker.state.stages[0]
    assert (extract.status, extract.message, extract.duration) == ("finished", "20,000 rows, checked", 10)
    with pytest.raises(RunEndedError, match=r"'extract'.*finished\. A stage at 100 % ends when the next one begins"):
        handle.update(100, "again")


@both
@pytest.mark.parametrize("end", ["done", "fail", "cancelled"])
def test_complete_at_the_end_of_the_run(update: Update, end: str) -> None:
    """However the run ends, a stage that stands at 100 % has ended well; one below it, too."""
    tracker, _ = started()
    update(tracker, "load", 100, "written")
    tracker.stage("load").stage("part").update(100)
    tracker.stage("extract").start()
    getattr(tracker, end)(*([ValueError("x")] if end == "fail" else []))
    assert (statuses(tracker)["load"], statuses(tracker)["load/part"]) == ("finished", "finished")
    assert tracker.state.stages[1].message == "written"
    assert statuses(tracker)["extract"] == ("finished" if end == "done" else "cancelled")


@both
def test_complete_in_a_block(update: Update) -> None:
    """A block at 100 % goes on reporting, also while other stages begin, and ends with the block."""
    tracker, clock = started()
    with tracker.stage("load"):
        update(tracker, "load", 100)
        tracker.update("extract", 10)
        update(tracker, "load", 100, "and counted")
        clock.advance(1)
        assert statuses(tracker)["load"] == "running"
    assert (statuses(tracker)["load"], tracker.state.stages[1].message) == ("finished", "and counted")


def test_complete_and_then_something_else() -> None:
    """A stage at 100 % can still fail, be entered as a block, start over, and have stages below it."""
    tracker, _ = started(["a", "b", "c", "d", "e"])
    handles = {name: tracker.stage(name) for name in "abcd"}
    for handle in handles.values():
        handle.start() if handle.name == "a" else handle.stage("first").start()
    handles["b"].update(100)
    handles["b"].stage("second").start()
    assert handles["b"].status == "running"
    handles["b"].fail("not saved")
    handles["c"].update(100)
    handles["c"].fall_back("no network")
    handles["d"].update(100)
    with handles["d"]:
        tracker.update("e", 5)
        assert (handles["c"].status, handles["d"].status) == ("fallback", "running")
    tracker.done()
    assert statuses(tracker)["b"] == "failed"


def test_readme() -> None:
    """The three lines of the README end both stages well, in the order of their reports."""

    async def main() -> ProgressTracker:
        async with ProgressTracker("etl", {"extract": 0.3, "load": 0.7}, show=False) as tracker:
            await tracker.update("extract", 50, "half way")
            await tracker.update("extract", 100, "20,000 rows")
            await tracker.update("load", 100, "written")
        return tracker

    tracker = asyncio.run(main())
    ends = [item for item in types(tracker) if item.endswith("finished")]
    assert ends == ["extract:finished", "load:finished"]
    assert [stage.message for stage in tracker.state.stages] == ["20,000 rows", "written"]
