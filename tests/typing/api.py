"""The public API as users write it: type-checked by mypy and pyright, never run."""

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping
from datetime import datetime
from typing import Any, assert_type

from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput

import progressnb as pnb
from progressnb.operations.resume import Customization
from progressnb.operations.toolrun import ToolResults
from progressnb.testing import ManualClock
from progressnb.wire.events import DoneEvent, Event


@pnb.operation(stages={"research": 0.7, "write": 0.3})
async def report(tracker: pnb.ProgressTracker, topic: str, *, words: int = 100) -> str:
    """Use a tracker in an operation."""
    async with tracker.stage("research") as stage:
        assert_type(stage, pnb.StageHandle)
        await stage.update(30, "reading", pages=3)
        stage.update(40)
        stage.write("delta", part="thinking")
        stage.expect(3)
        async with stage.stage("search", weight=0.5, title="Searching") as below:
            assert_type(below.percent, float | None)
            below.retry(2, 3)
    await tracker.update("write", 50, "half way", state="drafting")
    assert_type(pnb.current_stage(), pnb.StageHandle | None)
    return topic * words


@pnb.operation
async def bare(tracker: pnb.ProgressTracker) -> list[int]:
    """Make an operation without stages."""
    return [len(tracker.id)]


@pnb.operation(stages=[pnb.Stage("read", weight=0.7, title="Reading"), "write"], name="named", clock=ManualClock())
async def no_result(tracker: pnb.ProgressTracker, /, *topics: str, **options: int) -> None:
    """Make an operation of any arguments and no result."""


async def on_event(event: Event) -> None:
    """Hear of an event."""
    assert_type(event.seq, int)
    if isinstance(event, DoneEvent):
        assert_type(event.duration, float)


async def use() -> None:
    """Call operations and use their runs."""
    run = report("tides", words=200)
    assert_type(run, pnb.Run[str])
    assert_type(await run, str)
    assert_type(run.wait(), str)
    assert_type(run.result, str | None)
    assert_type(run.exception, BaseException | None)
    async for event in run:
        assert_type(event, Event)
    assert_type(run.__aiter__(), AsyncIterator[Event])
    assert_type(run.state.overall_progress, float)
    assert_type([(stage.name, stage.percent) for stage in run.state.stages], list[tuple[str, float | None]])
    run.cancel("enough")

    assert_type(await bare(), list[int])
    assert_type(no_result("a", "b", more=1), pnb.Run[None])
    assert_type(report.using(show=False)("tides"), pnb.Run[str])
    assert_type(report.using(timeout=60)("tides"), pnb.Run[str])
    assert_type(report.using(on_event=print)("tides"), pnb.Run[str])
    assert_type(report.using(show=None, timeout=1.5, on_event=on_event)("tides", words=3), pnb.Run[str])
    assert_type(bare.using(show=True)(), pnb.Run[list[int]])

    report()  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    report(3)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    report("tides", wrods=3)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    report("tides", shwo=False)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    report("tides", show=False)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    report("tides", 3, timeout=3)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    report.using(show="no")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    report.using(shwo=False)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]

    assert_type(pnb.runs(), list[pnb.Run[Any]])
    assert_type(pnb.cancel_all(), int)

    async with pnb.ProgressTracker("etl", stages={"extract": 0.3, "load": 0.7}) as tracker:
        assert_type(tracker, pnb.ProgressTracker)
        await tracker.update("extract", 50, "half way")


async def fetched(name: str) -> bytes:
    """Fetch."""
    return name.encode()


def counted(name: str, *, twice: bool = False) -> int:
    """Count."""
    return len(name) * (1 + twice)


async def work_as_a_stage(stage: pnb.StageHandle) -> None:
    """Run functions as stages: the result has their type, and their arguments are checked."""
    assert_type(await stage.run(fetched, "tides"), bytes)
    assert_type(await stage.run(counted, "tides", twice=True), int)
    await stage.run(fetched, 3)  # type: ignore[call-overload] # pyright: ignore[reportCallIssue, reportArgumentType]


class Report(pnb.StreamingOperation[str]):
    """Write an operation as a class."""

    operation_name = "report"

    async def execute(self, tracker: pnb.ProgressTracker) -> str:
        """Do it."""
        return tracker.id


async def class_form() -> None:
    """Run a class."""
    assert_type(await Report().run(timeout=3), str)


@pnb.progress
def resize(files: list[str], *, small: bool = False) -> Generator[dict[str, object], None, int]:
    """Resize."""
    for number, file in enumerate(files, 1):
        yield {"progress": number / len(files), "status": file, "small": small}
    return len(files)


def plain(count: int) -> Generator[float, None, bytes]:
    """Count."""
    yield 0.5
    return bytes(count)


@pnb.progress
async def fetch(url: str) -> AsyncGenerator[dict[str, object] | pnb.Result, None]:
    """Fetch."""
    yield {"progress": 0.5, "status": url}
    yield pnb.Result(3)


async def generator_tools() -> None:
    """Call generator tools: their results have the generator's type, and their arguments are checked."""
    assert_type(resize(["a.png"], small=True), int)
    assert_type(await fetch("/"), Any)
    resize(3)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    Agent("test", tools=[resize, fetch])

    stream = pnb.ProgressStream(resize, ["a.png"], small=True)
    assert_type(stream, pnb.ProgressStream[int])
    for event in stream:
        assert_type(event.progress, float | None)
        assert_type(event.status, str | None)
        assert_type(event.timestamp, datetime)
    assert_type(stream.result, int)
    assert_type(pnb.ProgressStream(plain, 3).result, bytes)
    async for event in pnb.ProgressStream(fetch, "/"):
        assert_type(event.data, Mapping[str, Any])
    pnb.ProgressStream(resize, 3)  # type: ignore[call-overload] # pyright: ignore[reportCallIssue, reportArgumentType]


class Invoice(BaseModel):
    """An invoice."""

    total: float


async def text_and_data() -> None:
    """Generate: the result has the type that was asked for."""
    assert_type(pnb.generate("p"), pnb.Run[str])
    assert_type(pnb.generate("p", output_type=str, expected_length=300), pnb.Run[str])
    assert_type(await pnb.generate("p", output_type=Invoice, timeout=60, show=False), Invoice)
    assert_type(await pnb.generate("p", output_type=list[Invoice], on_event=print), list[Invoice])
    assert_type(pnb.generate("p", output_type=int, instructions="count", model="offline"), pnb.Run[int])
    assert_type(pnb.generate("p", output_type=(Invoice, str)), pnb.Run[Any])
    assert_type(pnb.generate("p", output_type=Invoice | int), pnb.Run[Any])
    assert_type(pnb.generate("p", output_type=NativeOutput(Invoice)), pnb.Run[Any])
    begin = pnb.generate.using(show=False, title="An invoice")
    assert_type(begin("p"), pnb.Run[str])
    assert_type(begin("p", output_type=Invoice, expected_length=300), pnb.Run[Invoice])
    assert_type(begin("p", output_type=[Invoice, str]), pnb.Run[Any])
    begin("p", show=True)  # type: ignore[call-overload] # pyright: ignore[reportCallIssue]
    pnb.generate()  # type: ignore[call-overload] # pyright: ignore[reportCallIssue]
    pnb.generate("p", output=Invoice)  # type: ignore[call-overload] # pyright: ignore[reportCallIssue]


async def options() -> None:
    """Give a run options: the call takes exactly what the function takes, and gives a run of its type."""
    begin = report.using(title="The sea", budget=pnb.Budget(cost=0.1), stop_if=lambda partial: not partial, timeout=9)
    assert_type(begin("tides"), pnb.Run[str])
    begin(3)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    begin("tides", show=False)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    report.using(title=3)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    if pnb.last_run is not None:
        assert_type(pnb.last_run.controls, frozenset[str])


async def shipped() -> None:
    """Call the operations that are shipped: each gives a run of its result, the demo too."""
    run = pnb.demo(pace=0)
    assert_type(run, pnb.Run[Customization])
    assert_type(await run, Customization)
    assert_type(run.result, Customization | None)
    run.cancel()
    assert_type(pnb.customize.using(show=False)("resume", "job", strict=True), pnb.Run[Customization])
    pnb.customize("resume", "job", srtict=True)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    pnb.customize("resume", 3)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    pnb.demo(pase=0)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]


async def questions(stage: pnb.StageHandle) -> None:
    """Ask a model: the answer has the type that was asked for, text without one."""
    assert_type(await stage.ask("p"), str)
    assert_type(await stage.ask(Invoice, "p", model="offline", by_rules=lambda: Invoice(total=1.0)), Invoice)
    assert_type(await stage.ask(list[Invoice], "p", fallback="offline", tools=[fetched]), list[Invoice])
    assert_type(await stage.ask(Invoice | int, "p", instructions="count", expected_length=300), Any)
    stage.retry(2, 3, "no total")
    await stage.ask(Invoice, 3)  # type: ignore[call-overload] # pyright: ignore[reportCallIssue, reportArgumentType]


async def several_tools() -> None:
    """Run tools side by side, in both forms."""
    run = pnb.run_tools([(counted, {"name": "tides"}), (fetched, {"name": "moon"}), lambda: 3], concurrency=2)
    assert_type(run, pnb.Run[ToolResults])
    found = await run
    assert_type(found.results, dict[str, Any])
    assert_type(found.errors, dict[str, BaseException])
    assert_type(list(found), list[str])
    await pnb.run_tools.using(show=False)({"first": lambda: 1, "second": (fetched, {"name": "moon"})})
    pnb.run_tools([3])  # type: ignore[list-item] # pyright: ignore[reportArgumentType, reportCallIssue]


@pnb.operation  # type: ignore[arg-type] # pyright: ignore[reportArgumentType, reportCallIssue, reportUntypedFunctionDecorator]
def sync(tracker: pnb.ProgressTracker) -> None:
    """Refuse what is not async."""


def catch(error: pnb.ProgressError) -> tuple[str, str, str]:
    """Use the error tree."""
    assert_type(pnb.errors.UnknownStageError("a stage", "x").got, str)
    return error.expected, error.got, error.remedy
