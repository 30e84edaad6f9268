"""What a stage promises of its work: its time, its attempts, its fallback, a percent of the user's own."""

import asyncio
import contextlib
import inspect
import re
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, cast

import pytest
from pydantic import BaseModel

from progressnb import ProgressTracker, Retry, Stage, StageHandle, current_stage
from progressnb.errors import InvalidProgressError, InvalidStagesError
from progressnb.testing import ManualClock
from progressnb.tracking import internals
from progressnb.tracking.protocols import StageView
from progressnb.wire.events import ErrorEvent, ProgressEvent
from tests.tracking.helpers import tracker_of


def messages(tracker: ProgressTracker, path: str) -> list[tuple[str, str | None]]:
    """List status and message of a stage's events."""
    return [
        (event.status, event.message)
        for event in tracker.log
        if isinstance(event, ProgressEvent) and event.stage == path
    ]


async def driven(tracker: ProgressTracker, work: Coroutine[Any, Any, Any]) -> Any:
    """Do work while the tracker's clock goes on, so that pauses pass without a wait."""
    task = asyncio.ensure_future(work)
    while not task.done():
        await asyncio.sleep(0)
        cast("ManualClock", tracker.clock).advance(0.5)
    return task.result()


async def test_run_gives_the_result_and_finishes() -> None:
    """`stage.run` gives what the function returns; the function works in the stage, and after it nothing does."""
    seen: list[StageHandle | None] = []

    async def work(x: int, *, y: int) -> int:
        seen.append(current_stage())
        return x + y

    async with tracker_of(Stage("a")) as tracker:
        stage = tracker.stage("a")
        assert await stage.run(work, 1, y=2) == 3
        assert seen == [stage]
        assert current_stage() is None
    assert messages(tracker, "a")[-1] == ("finished", None)


async def test_run_refuses_what_is_no_function() -> None:
    """A coroutine is refused with the call to write instead, and closed without a warning; the stage can still run."""

    async def work(x: int) -> int:
        return x

    async with tracker_of(Stage("a")) as tracker:
        stage = tracker.stage("a")
        coroutine: Any = work(3)
        with pytest.raises(InvalidProgressError, match=r"a function and its arguments, got a coroutine.*run\(work, …"):
            await stage.run(coroutine)
        assert inspect.getcoroutinestate(coroutine) == inspect.CORO_CLOSED
        with pytest.raises(InvalidProgressError, match="a function and its arguments, got 3"):
            await stage.run(cast("Any", 3))
        assert await stage.run(work, 3) == 3


async def test_a_plain_function_runs_in_a_thread() -> None:
    """A function that is not async leaves the loop free, and still reports into its stage."""
    threads: list[int] = []

    def work() -> str:
        threads.append(threading.get_ident())
        stage = current_stage()
        assert stage is not None
        stage.update(40, "half")
        return "ok"

    async with tracker_of(Stage("a")) as tracker:
        assert await tracker.stage("a").run(work) == "ok"
    assert threads != [threading.get_ident()]
    assert ("running", "half") in messages(tracker, "a")


async def test_retries() -> None:
    """After an error the work starts over, its percent too; each error is kept, and the run goes on."""
    percents: list[float | None] = []

    async def work() -> str:
        stage = current_stage()
        assert stage is not None
        percents.append(stage.percent)
        stage.update(50)
        if len(percents) < 3:
            raise ConnectionError(f"lost {len(percents)}")
        return "ok"

    async with tracker_of(Stage("a", retry=Retry(jitter=0))) as tracker:
        assert await driven(tracker, tracker.stage("a").run(work)) == "ok"
    assert percents == [None, None, None]
    told = messages(tracker, "a")
    assert ("retrying", "retrying, 2 of 3, in 0.5 s: lost 1") in told
    assert ("retrying", "retrying, 2 of 3: lost 1") in told
    assert ("retrying", "retrying, 3 of 3, in 1.0 s: lost 2") in told
    assert told[-1] == ("finished", "")
    errors = [event for event in tracker.log if isinstance(event, ErrorEvent)]
    assert [(error.message, error.fatal, error.stage) for error in errors] == [
        ("lost 1", False, "a"),
        ("lost 2", False, "a"),
    ]
    assert tracker.state.status == "finished"


async def test_overall_holds_while_a_stage_starts_over() -> None:
    """A retry lets the stage's own percent fall; the overall percent never does."""
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        stage = current_stage()
        assert stage is not None
        stage.update(80 if tries == 1 else 10, tried=tries)
        if tries == 1:
            raise ConnectionError

    async with tracker_of(Stage("a", retries=1), Stage("b")) as tracker:
        await driven(tracker, tracker.stage("a").run(work))
    overall = [event.overall_progress or 0 for event in tracker.log if isinstance(event, ProgressEvent)]
    assert overall == sorted(overall)
    own = [event.stage_progress for event in tracker.log if isinstance(event, ProgressEvent) and "tried" in event.data]
    assert own == [80, 10]


async def test_the_last_error_is_raised() -> None:
    """When every attempt failed the stage and the run fail with the last error."""
    errors = [ConnectionError("one"), ConnectionError("two")]
    left = iter(errors)

    async def work() -> None:
        raise next(left)

    tracker = tracker_of(Stage("a", retries=1))
    with pytest.raises(ConnectionError, match="two") as caught:
        async with tracker:
            await driven(tracker, tracker.stage("a").run(work))
    assert caught.value is errors[1]
    assert (tracker.state.status, tracker.state.error_stage) == ("failed", "a")
    assert tracker.state.stages[0].status == "failed"


async def test_an_error_of_ours_is_not_tried_again() -> None:
    """A wrong call stays wrong: an error of progressnb's own tree is raised at once."""
    calls = 0

    async def work() -> None:
        nonlocal calls
        calls += 1
        stage = current_stage()
        assert stage is not None
        stage.update(101)

    tracker = tracker_of(Stage("a", retries=5, fallback=lambda: None))
    with pytest.raises(ValueError, match="0 to 100"):
        async with tracker:
            await tracker.stage("a").run(work)
    assert calls == 1


async def test_fallback() -> None:
    """A fallback gets the same arguments; its result is marked with its source, and the error is kept."""

    async def work(x: int) -> str:
        raise ConnectionError(f"no {x}")

    async def instead(x: int) -> str:
        return f"instead of {x}"

    async with tracker_of(Stage("a", fallback=instead)) as tracker:
        assert await tracker.stage("a").run(work, 7) == "instead of 7"
    stage = tracker.state.stages[0]
    assert (stage.status, stage.data["source"], stage.error) == ("finished", "fallback", "no 7")
    assert ("fallback", "no 7") in messages(tracker, "a")


async def _wrong_call() -> None:
    len(5)  # type: ignore[arg-type]


async def _unknown_name() -> None:
    raise NameError("pages")


async def _local_name() -> None:
    with contextlib.suppress(KeyError):
        pages = {"first": 1}["second"]
    print(pages)  # noqa: T201 - never reached


def _attribute() -> None:
    "text".append("more")  # type: ignore[attr-defined]


async def _group() -> None:
    raise ExceptionGroup("both", [TypeError("a"), ExceptionGroup("in", [NameError("b")])])


async def _awaits_a_result() -> None:
    result: Any = len("12345")
    await result


def _endless(depth: int = 0) -> int:
    return _endless(depth + 1)


def _asserts() -> None:
    assert _local_name is None, "never"


def _disguised() -> None:
    try:
        _attribute()
    except AttributeError as error:
        raise RuntimeError("it failed") from error


_FAULTS = [
    _wrong_call,
    _unknown_name,
    _local_name,
    _attribute,
    _group,
    _awaits_a_result,
    _endless,
    _asserts,
    _disguised,
]


@pytest.mark.parametrize("work", _FAULTS)
@pytest.mark.parametrize("retry", [None, Retry(attempts=3, wait=0, jitter=0)])
async def test_a_programming_error_is_no_reason_to_fall_back(work: Callable[[], Any], retry: Retry | None) -> None:
    """A fault of the code fails its stage at the first attempt, and no cached result hides it."""
    fallen: list[int] = []
    tracker = tracker_of(Stage("a", retry=retry, fallback=lambda: fallen.append(1)))
    kinds = (TypeError, NameError, AttributeError, ExceptionGroup, AssertionError, RuntimeError)
    with pytest.raises(kinds):
        async with tracker:
            await tracker.stage("a").run(work)
    assert fallen == []
    assert tracker.state.status == tracker.state.stages[0].status == "failed"
    assert "retrying" not in [status for status, _ in messages(tracker, "a")]


async def test_a_fallback_is_for_the_errors_that_retry_names() -> None:
    """Named errors, programming errors too, lead to the fallback; others fail the stage."""
    for error, falls in ((TypeError("a"), True), (OSError("b"), True), (ValueError("c"), False)):

        def work(error: Exception = error) -> str:
            raise error

        retry = Retry(attempts=2, wait=0, jitter=0, on=(TypeError, OSError))
        tracker = tracker_of(Stage("a", retry=retry, fallback=lambda: "instead"))
        if falls:
            async with tracker:
                assert await tracker.stage("a").run(work) == "instead"
        else:
            with pytest.raises(ValueError, match="c"):
                async with tracker:
                    await tracker.stage("a").run(work)


async def test_the_call_of_a_function_is_refused_also_with_a_fallback() -> None:
    """`run(fetch(n))` is no function: the error names the function, and neither fallback nor retries hide it."""

    async def fetch(page: int) -> int:
        return page

    async def pages() -> Any:
        yield 1

    fallen: list[int] = []
    for call in (lambda: fetch(1), pages, lambda: (page for page in (1,)), lambda: 5):
        tracker = tracker_of(Stage("a", retries=2, fallback=lambda: fallen.append(1)))
        with pytest.raises(
            InvalidProgressError, match=r"a function and its arguments, got .*Write `await stage\.run\("
        ):
            async with tracker:
                await cast("Any", tracker.stage("a")).run(call())
        assert tracker.state.status == "failed"
    assert fallen == []


async def test_a_fallback_that_fails() -> None:
    """A fallback that fails too fails the stage with its own error."""

    def instead() -> None:
        raise LookupError("nor that")

    async def work() -> None:
        raise ConnectionError

    tracker = tracker_of(Stage("a", fallback=instead))
    with pytest.raises(LookupError, match="nor that"):
        async with tracker:
            await tracker.stage("a").run(work)
    assert tracker.state.error == "nor that"


@pytest.mark.parametrize("block", [True, False])
async def test_timeout(block: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage whose time is over fails with a TimeoutError that says how long it was given."""
    limits: list[asyncio.Timeout] = []

    def timeout(delay: float) -> asyncio.Timeout:
        limits.append(asyncio.Timeout(asyncio.get_running_loop().time() + delay))
        return limits[-1]

    async def work() -> None:
        limits[-1].reschedule(asyncio.get_running_loop().time())  # its hour is over
        await asyncio.Event().wait()

    tracker = tracker_of(Stage("a", timeout=3600))
    monkeypatch.setattr(asyncio, "timeout", timeout)

    async def main() -> None:
        async with tracker:
            if not block:
                await tracker.stage("a").run(work)
            async with tracker.stage("a"):
                await work()

    with pytest.raises(TimeoutError):
        await main()
    assert tracker.state.error == "took longer than its timeout of 3600 s"
    assert (tracker.state.stages[0].status, tracker.state.error_stage) == ("failed", "a")


async def test_cancelling_is_not_tried_again() -> None:
    """A cancellation ends the stage, however many attempts it has left."""
    started, calls = asyncio.Event(), 0

    async def work() -> None:
        nonlocal calls
        calls += 1
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise ConnectionError("torn")  # as some clients do when they are cancelled

    tracker = tracker_of(Stage("a", retries=3))

    async def main() -> None:
        async with tracker:
            await tracker.stage("a").run(work)

    task = asyncio.create_task(main())
    await started.wait()
    task.cancel()
    with pytest.raises(ConnectionError):
        await task
    assert calls == 1


@pytest.mark.parametrize(
    "options",
    [
        {"timeout": 0},
        {"timeout": -1},
        {"timeout": float("nan")},
        {"timeout": "5"},
        {"retries": -1},
        {"retries": 1.5},
        {"retries": True},
        {"fallback": "offline"},
        {"percent": 50},
        {"retry": 3},
        {"retry": Retry(), "retries": 2},
    ],
    ids=str,
)
def test_bad_options(options: dict[str, Any]) -> None:
    """Options that can't be are refused when the stage is declared or begun, and the stage is named."""
    bad: Any = Stage("a", **options)
    with pytest.raises(InvalidStagesError, match="'a'"):
        tracker_of(bad)
    with pytest.raises(InvalidStagesError, match="'a'"):
        tracker_of().stage(bad)


async def test_a_block_cant_be_repeated() -> None:
    """A block of a stage with retries or a fallback, and a plain block of one with a timeout, are refused."""
    async with tracker_of(Stage("a", retries=1), Stage("b", fallback=print), Stage("c", timeout=5)) as tracker:
        for name in "ab":
            with pytest.raises(InvalidStagesError, match=r"stage\.run"):
                async with tracker.stage(name):
                    pytest.fail("was entered")
        with pytest.raises(InvalidStagesError, match="async with"), tracker.stage("c"):
            pytest.fail("was entered")


async def test_a_nested_stage_has_options_too() -> None:
    """A `Stage` below another keeps its options, its title and its share."""

    async def work() -> str:
        raise ConnectionError("gone")

    async with tracker_of() as tracker, tracker.stage(Stage("outer", title="Out")) as outer:
        inner = outer.stage(Stage("in", weight=0.5, fallback=lambda: "instead"))
        assert await inner.run(work) == "instead"
        assert outer.percent == 50
    assert [(stage.path, stage.title) for _, stage in tracker.state.walk()] == [("outer", "Out"), ("outer/in", "In")]


async def test_percent_of_the_users_own() -> None:
    """`percent` is asked at each report and once a second; its answer is a floor, None is unknown."""
    clock, done = ManualClock(), [0.0]
    asked: list[str] = []

    def percent(stage: StageView) -> float | None:
        asked.append(stage.path)
        return done[-1] or None

    async with tracker_of(Stage("a", percent=percent), clock=clock) as tracker, tracker.stage("a") as stage:
        assert [stage.percent] == [None]
        done.append(30)
        clock.advance(1)
        assert [stage.percent, tracker.state.stages[0].percent] == [30, 30]
        done.append(20)
        clock.advance(1)
        assert [stage.percent] == [30]
        stage.update(60, "more")
        assert [stage.percent] == [60]
    assert set(asked) == {"a"}


@pytest.mark.parametrize("answer", [101, -1, float("nan"), "half", ZeroDivisionError()], ids=str)
async def test_a_percent_that_is_wrong(answer: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A `percent` that raises or gives no percent is detached with one warning, and the work goes on."""

    def percent(_stage: StageView) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with tracker_of(Stage("a", percent=percent)) as tracker, tracker.stage("a") as stage:
        for number in range(5):
            stage.update(message=str(number), number=number)
    assert tracker.state.status == "finished"
    assert [record.getMessage() for record in caplog.records] == ["detached the percent of stage 'a', which raised"]


async def test_a_percent_may_report() -> None:
    """A `percent` that reports into its own stage does not go round in circles."""

    def percent(_stage: StageView) -> float:
        stage.update(message="asked", asked=True)
        return 10

    tracker = tracker_of(Stage("a", percent=percent))
    stage = tracker.stage("a")
    async with tracker, stage:
        assert stage.percent == 10


async def test_silence_is_told() -> None:
    """A stage that says nothing says so after ten seconds, ever more rarely, and no longer once it goes on."""
    clock = ManualClock()
    async with tracker_of(clock=clock) as tracker, tracker.stage("a") as stage:
        stage.update(message="reading", page=1)
        clock.advance(9.5)
        assert messages(tracker, "a")[-1] == ("running", "reading")
        clock.advance(2.5)
        assert messages(tracker, "a")[-1] == ("running", "reading (silent for 11 s)")
        clock.advance(3600)
        told = messages(tracker, "a")
        assert re.fullmatch(r"reading \(silent for [23]\d{3} s\)", told[-1][1] or "")
        assert len(told) < 80
        stage.write("text")
        internals(stage).flush()
        assert messages(tracker, "a")[-1] == ("running", "reading")
        internals(stage).awaits = "token"
        clock.advance(12)
        assert messages(tracker, "a")[-1] == ("running", "reading (no token for 11 s)")
    silences = [
        event.data["silence"] for event in tracker.log if isinstance(event, ProgressEvent) and "silence" in event.data
    ]
    assert (silences[0], silences[-1]) == (10, 11)
    assert max(silences) > 2000


async def test_only_the_innermost_is_silent() -> None:
    """Of stages in each other the innermost says that it is silent, of several at most one a second."""
    clock = ManualClock()
    async with tracker_of(clock=clock) as tracker, tracker.stage("a") as above, above.stage("x"), above.stage("y"):
        before = len(tracker.log)
        clock.advance(30)
        later = list(tracker.log)[before:]
        told = [event for event in later if isinstance(event, ProgressEvent) and "silent" in (event.message or "")]
        assert {event.stage for event in told} == {"a/x", "a/y"}
        seconds = [int(event.elapsed) for event in told]
        assert len(seconds) == len(set(seconds))


async def test_no_ticks_after_the_end() -> None:
    """A run that has ended writes nothing more, however much time passes."""
    clock = ManualClock()
    async with tracker_of(clock=clock) as tracker, tracker.stage("a"):
        clock.advance(1)
    length = len(tracker.log)
    clock.advance(100)
    assert len(tracker.log) == length


class Page(BaseModel):
    """What a stage may give."""

    number: int


@dataclass
class Kept:
    """A kept result."""

    duration: float = 12.5
    reason: str | None = None


class Store:
    """What keeps results, and has one."""

    def identify(self, *_: object) -> object:
        """Tell no calls apart."""
        return None

    def at_work(self, *_: object) -> contextlib.AbstractContextManager[None]:
        """Note nothing."""
        return contextlib.nullcontext()

    def keep(self, *_: object, **_facts: object) -> str | None:
        """Keep all."""
        return None

    def take(self, *_: object) -> tuple[Kept, Page, None]:
        """Give a page."""
        return Kept(), Page(number=7), None

    def below(self, *_: object) -> None:
        """Have nothing for called operations."""


async def test_a_stage_that_was_kept() -> None:
    """A stage that an earlier run finished is not run again: its result comes back typed, with its old duration."""

    async def work() -> Page:
        raise AssertionError("was run again")

    tracker = tracker_of(Stage("a"))
    tracker.restore(Store())
    async with tracker:
        assert await tracker.stage("a").run(work) == Page(number=7)
    stage = tracker.state.stages[0]
    assert [stage.status, stage.data["source"]] == ["finished", "restored"]
    assert [stage.duration, stage.percent] == [12.5, 100]


@pytest.mark.parametrize("keep", [True, False])
async def test_results_of_stages_are_kept_on_demand(keep: bool) -> None:
    """A stage's result is in its last event only where a store asked for it."""

    async def work() -> Page:
        return Page(number=7)

    tracker = tracker_of(Stage("a"))
    if keep:
        tracker.keep_results(Store())
    async with tracker:
        await tracker.stage("a").run(work)
    assert tracker.state.stages[0].data == ({"result": {"number": 7}} if keep else {})


class _Exhausted(StopIteration):
    """An error of a user's own that is a `StopIteration`."""


@pytest.mark.parametrize("kind", [StopIteration, _Exhausted, GeneratorExit])
@pytest.mark.parametrize("has_retry", [False, True])
async def test_an_exhausted_iterator_fails_the_stage(kind: type[BaseException], *, has_retry: bool) -> None:
    """A plain function that raises what no future takes fails with a `RuntimeError`, as PEP 479 has it, and at once."""

    def first() -> Any:
        raise kind("no rows")

    retry = Retry(attempts=2, wait=0, jitter=0) if has_retry else None
    tracker = tracker_of(Stage("a", retry=retry))
    with pytest.raises(RuntimeError, match=f"first raised {kind.__name__}") as raised:
        async with tracker:
            await asyncio.wait_for(driven(tracker, tracker.stage("a").run(first)), 30)
    assert isinstance(raised.value.__cause__, kind)
    assert [stage.status for _, stage in tracker.state.walk()] == ["failed"]
    assert tracker.state.status == "failed"


async def test_a_fallback_that_exhausts_an_iterator_fails() -> None:
    """A fallback, too, fails with a `RuntimeError` where it raises a `StopIteration`."""

    def fetch() -> str:
        raise ConnectionError("lost")

    with pytest.raises(RuntimeError, match="raised StopIteration"):
        async with tracker_of(Stage("a", fallback=lambda: next(iter(())))) as tracker:
            await asyncio.wait_for(tracker.stage("a").run(fetch), 30)
