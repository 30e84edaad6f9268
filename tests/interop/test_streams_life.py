"""The life of a stream that is reported: where it reports, and how it ends."""

from __future__ import annotations

import asyncio
import collections.abc
import contextlib
import copy
import gc
import threading
import types
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from pydantic_ai import Agent

import progressnb as pnb
from progressnb.errors import InputError, RunCancelled
from progressnb.folds.view import RunView
from progressnb.interop.streams.writer import StreamWriter
from progressnb.testing import scripted_model
from progressnb.tracking import ProgressTracker, internals
from tests.interop import recordings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
    from pathlib import Path

TEXTS = ["The ", "moon ", "pulls ", "the ", "sea."]
SECRET = "swordfish"  # noqa: S105 - a word that no event may have


@pytest.fixture(autouse=True)
def unseen() -> None:
    """Show nothing."""
    pnb.configure(show=False)


class Texts:
    """A stream with a `close`, as clients have them."""

    def __init__(self, texts: list[str] = TEXTS, error: BaseException | None = None) -> None:
        self.closed = 0
        self.texts = iter(texts)
        self.error = error

    def __iter__(self) -> Iterator[dict[str, str]]:
        """Yield the rest of the texts."""
        for text in self.texts:
            yield {"text": text}
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        """Count."""
        self.closed += 1


class AsyncTexts:
    """An async stream with a `close`, as clients have them."""

    def __init__(self, wait: bool = False) -> None:  # noqa: FBT002 - a helper
        self.closed = 0
        self.wait = wait

    async def __aiter__(self) -> AsyncIterator[dict[str, str]]:
        """Yield the texts, and perhaps wait for ever."""
        for text in TEXTS:
            yield {"text": text}
        if self.wait:
            await asyncio.Event().wait()

    async def close(self) -> None:
        """Count."""
        self.closed += 1


# --- a run of its own ------------------------------------------------------------------------------


def test_outside_any_run_it_is_a_run() -> None:
    """The run is listed while it goes on, and it is the last run; its result is the text."""
    for number, _ in enumerate(pnb.stream(Texts(), title="tides")):
        if number == 1:
            assert [run.operation for run in pnb.runs()] == ["tides"]
            assert recordings.last().partial == "The moon "
    assert pnb.runs() == []
    assert recordings.last().wait() == "".join(TEXTS)
    assert recordings.last().timings().loc["tides", "characters"] == len("".join(TEXTS))


async def test_the_run_can_be_awaited() -> None:
    """Whoever holds the run can await it, whatever thread reads the stream."""
    begun = threading.Event()

    def work() -> None:
        for _ in pnb.stream(Texts(), title="in a thread"):
            begun.set()

    reading = asyncio.create_task(asyncio.to_thread(work))
    await asyncio.to_thread(begun.wait)
    assert await recordings.last() == "".join(TEXTS)
    await reading


def test_nothing_is_begun_before_it_is_read() -> None:
    """A stream that nobody reads is no run."""
    before = recordings.last()
    pnb.stream(Texts(), title="never read")
    assert recordings.last() is before


async def test_rows_of_a_loop_have_their_prompts() -> None:
    """In a tracked loop each stream's row has its question, and the run's model is the one that was asked."""

    @pnb.operation
    async def asks(tracker: ProgressTracker, contents: bool) -> None:  # noqa: ARG001 - an input
        for _ in pnb.track(range(2), description="asking"):
            list(pnb.stream(recordings.begin("openai-chat-text"), contents=contents))

    run = asks(True)  # noqa: FBT003
    await run
    assert run.state.model == "gpt-test"
    rows = [stage for _, stage in run.state.walk() if stage.title == "gpt-test"]
    assert [row.data["arguments"] for row in rows] == [{"prompt": recordings.QUESTION}] * 2
    run = asks(False)  # noqa: FBT003
    await run
    assert recordings.QUESTION not in "".join(map(str, run.log.encoded()))


def test_no_percent_is_said_where_nothing_was_counted() -> None:
    """An answer of unknown length that is left ends without a percent, its bar where it stood."""
    for length, has_percent in ((None, False), (2000.0, True)):
        for read, _ in enumerate(pnb.stream(Texts(["word " * 40] * 4), expected_length=length)):
            if read == 2:
                break
        run = recordings.last()
        tree = RunView().tree(run.state, run.elapsed)
        assert (tree["header"]["percent"] is not None) == has_percent
        (segment,) = tree["segments"]
        assert segment["percent"] == round(run.state.overall_progress, 1) > 0
        assert ("%" in repr(run)) == has_percent


def test_the_line_names_the_calls_that_are_written() -> None:
    """Beside an open call a second one is counted."""

    def begin(index: int, name: str) -> dict[str, Any]:
        call = {"index": index, "id": name, "function": {"name": name, "arguments": "{}"}}
        return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}

    chunks = pnb.stream(iter([begin(0, "ports"), begin(1, "search")]))
    said: list[object] = []
    for _ in chunks:
        run = recordings.last()
        said += [internals(run.tracker.stage(run.operation)).message]
    assert said == ["calling ports", "calling 2 tools"]


def test_a_history_records_it(tmp_path: Path) -> None:
    """The session's history has the run, with its question."""
    history = pnb.use_history(tmp_path / "runs.db")
    list(pnb.stream(recordings.begin("openai-chat-text")))
    row = history.runs().iloc[0]
    assert (row["operation"], row["status"]) == ("gpt-test", "finished")
    history.close()


# --- ends ------------------------------------------------------------------------------------------


def test_a_break_is_told() -> None:
    """A loop that is left early ends the run as cancelled and says why; the stream stays open, as without us."""
    stream = Texts()
    for _ in pnb.stream(stream):
        break
    assert (recordings.last().status, recordings.last().state.reason) == ("cancelled", "stopped reading")
    assert recordings.last().partial == "The "
    assert stream.closed == 0


def test_whoever_comes_back_reads_on() -> None:
    """After a break, a peek at the first chunk, or an error in the middle the rest comes, as without us."""
    whole = list(Texts())
    named = pnb.stream(Texts())
    got: list[Any] = []
    for chunk in named:
        got.append(chunk)
        break
    assert [*got, *named] == whole
    peeked = pnb.stream(Texts())
    assert [next(iter(peeked)), *peeked] == whole

    class Flaky:
        number = 0

        def __iter__(self) -> Flaky:
            return self

        def __next__(self) -> str:
            self.number += 1
            if self.number == 2:
                raise TimeoutError
            if self.number > 3:
                raise StopIteration
            return str(self.number)

    flaky, numbers = pnb.stream(Flaky()), list[str]()
    for _ in range(4):
        with contextlib.suppress(TimeoutError, StopIteration):
            numbers.append(next(flaky))
    assert numbers == ["1", "3"]
    assert (recordings.last().status, recordings.last().state.error_type) == ("failed", "TimeoutError")


def test_a_generator_gives_its_value() -> None:
    """`yield from` gets what the generator returns."""

    def source() -> Generator[str, None, int]:
        yield "a"
        return 7

    def reader() -> Generator[str, None, int]:
        return (yield from pnb.stream(source()))

    generator = reader()
    assert next(generator) == "a"
    with pytest.raises(StopIteration) as ended:
        next(generator)
    assert ended.value.value == 7


async def test_streams_one_after_another_in_a_stage() -> None:
    """The stage's output is that of the latest stream, not all of them in one text."""
    async with ProgressTracker("op", ["write"], show=False) as tracker, tracker.stage("write") as stage:
        for text in ("first answer", "second answer"):
            for _ in pnb.stream(iter([text])):
                pass
        assert stage.partial == "second answer"


def test_an_abandoned_iterator_is_told() -> None:
    """An iterator that is dropped is a loop that was left."""
    iterator = iter(pnb.stream(Texts()))
    next(iterator)
    assert recordings.last().status == "running"
    del iterator
    assert recordings.last().status == "cancelled"


def test_the_collector_waits_for_no_lock() -> None:
    """A stream that the garbage collector finds is told later: what the collector interrupts may hold any lock."""
    iterator: Any = iter(pnb.stream(Texts()))
    next(iterator)
    run = recordings.last()
    knot: list[Any] = [iterator]
    knot.append(knot)
    collected = threading.Event()

    def collect() -> None:
        gc.collect()
        collected.set()

    with run.log.lock:
        del iterator, knot
        threading.Thread(target=collect, daemon=True).start()
        assert collected.wait(60)
    with pytest.raises(RunCancelled, match="stopped reading"):
        run.wait()


async def test_an_async_break_is_told_at_once() -> None:
    """Of an async stream the break is told at once, and whoever comes back reads on."""

    async def texts() -> AsyncIterator[str]:
        for text in ("a", "b", "c"):
            yield text

    named, got = pnb.stream(texts()), list[str]()
    async for text in named:
        got.append(text)
        break
    assert recordings.last().status == "cancelled"
    got += [text async for text in named]
    assert got == ["a", "b", "c"]


def test_in_a_block_a_loop_can_go_on() -> None:
    """In a block the end of the block tells how it ended, so that a second loop reads on."""
    with pnb.stream(recordings.begin("openai-chat-text")) as answer:
        for _ in answer:
            break
        assert recordings.last().status == "running"
        assert len(list(answer)) == 10
    assert recordings.last().status == "finished"
    with pnb.stream(recordings.begin("openai-chat-text")) as answer:
        next(answer)
    assert recordings.last().state.reason == "stopped reading"
    assert answer.response.is_closed


def test_an_error_of_the_block_is_the_runs() -> None:
    """An error in a block around the stream fails the run, and comes through."""

    def work() -> None:
        with pnb.stream(recordings.begin("openai-chat-text")) as answer:
            next(answer)
            raise ValueError("of my own")

    with pytest.raises(ValueError, match="of my own") as caught:
        work()
    assert (recordings.last().status, recordings.last().exception) == ("failed", caught.value)


def test_an_error_comes_through() -> None:
    """The very error of the stream is raised; the run failed with it."""
    error = OSError("the line broke")
    with pytest.raises(OSError, match="the line broke") as caught:
        list(pnb.stream(Texts(error=error)))
    assert caught.value is error
    assert recordings.last().exception is error
    assert (recordings.last().status, recordings.last().state.error) == ("failed", "the line broke")


def test_an_error_that_is_a_chunk_fails_the_run() -> None:
    """A provider's error that comes as a chunk passes, and fails the run."""
    chunks = [{"choices": [], "error": {"message": "overloaded"}}]
    assert list(pnb.stream(iter(chunks))) == chunks
    assert recordings.last().status == "failed"
    assert "overloaded" in (recordings.last().state.error or "")


def test_an_interrupt_is_no_failure() -> None:
    """An interrupt comes through, and the run was cancelled."""
    with pytest.raises(KeyboardInterrupt):
        list(pnb.stream(Texts(error=KeyboardInterrupt())))
    assert recordings.last().status == "cancelled"


def test_iterated_twice() -> None:
    """A list that is iterated a second time gives its items again, without a second run."""
    through = pnb.stream([{"text": "a"}])
    assert list(through) == [{"text": "a"}]
    first = recordings.last()
    assert list(through) == [{"text": "a"}]
    assert recordings.last() is first
    through = pnb.stream(recordings.begin("openai-chat-text"))
    assert (len(list(through)), len(list(through))) == (11, 0)


# --- Stop ------------------------------------------------------------------------------------------


def test_stop_ends_the_reading() -> None:
    """Stop ends the loop at the next chunk with `RunCancelled`, and closes the stream."""
    stream = Texts()
    with pytest.raises(RunCancelled, match="enough"):  # noqa: PT012 - the loop raises
        for _ in pnb.stream(stream):
            recordings.last().cancel("enough")
    assert (recordings.last().status, recordings.last().state.reason, stream.closed) == ("cancelled", "enough", 1)


async def test_stop_ends_the_wait_of_an_async_stream() -> None:
    """Stop ends the wait for a chunk at once; the caller's task goes on uncancelled."""
    stream = AsyncTexts(wait=True)
    count = 0
    with pytest.raises(RunCancelled, match="enough"):  # noqa: PT012 - the loop raises
        async for _ in pnb.stream(stream):
            count += 1
            if count == len(TEXTS):
                threading.Timer(0.01, recordings.last().cancel, ["enough"]).start()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    assert (recordings.last().status, stream.closed) == ("cancelled", 1)


async def test_cancelling_the_callers_task() -> None:
    """A cancellation of the task that reads stays one."""

    async def work() -> None:
        async for _ in pnb.stream(AsyncTexts(wait=True)):
            pass

    task = asyncio.create_task(work())
    for _ in range(20):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert recordings.last().status == "cancelled"


# --- in a stage ------------------------------------------------------------------------------------


async def test_in_a_stage_it_reports_into_the_stage() -> None:
    """The current stage gets the text, and shows its own message again afterwards."""

    @pnb.operation(stages=["answer"])
    async def answer(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("answer") as stage:
            stage.update(message="asking")
            texts = [chunk["text"] for chunk in pnb.stream(Texts())]
            assert stage.partial == "".join(texts)
        return "".join(texts)

    run = answer()
    assert await run == "".join(TEXTS)
    stages = {stage.path: stage for _, stage in run.state.walk()}
    assert set(stages) == {"answer"}
    assert stages["answer"].message == "asking"
    assert recordings.last() is run


async def test_streams_side_by_side_get_stages_of_their_own() -> None:
    """A second stream in a stage, an agent beside it, and the streams of a loop are stages below."""

    @pnb.operation(stages=["answer"])
    async def answer(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("answer"):
            for _ in zip(pnb.stream(Texts(), title="one"), pnb.stream(Texts(), title="two"), strict=True):
                pass
            for _ in pnb.stream(Texts(), title="three"):
                await Agent(scripted_model("yes"), name="judge", capabilities=[pnb.ReportProgress()]).run("?")
                break
            for _ in pnb.track(range(2), "questions"):
                list(pnb.stream(Texts(), title="each"))

    run = answer()
    await run
    paths = [stage.path for _, stage in run.state.walk()]
    assert "answer/two" in paths
    assert "answer/judge" in paths
    assert {"answer/questions/each", "answer/questions/each#2"} <= set(paths)


async def test_in_a_run_without_a_stage_it_gets_one() -> None:
    """In a run, and in no stage of it, the stream is a stage of the run."""

    @pnb.operation
    async def answer(tracker: pnb.ProgressTracker) -> None:  # noqa: ARG001 - operations have one
        async for _ in pnb.stream(AsyncTexts(), title="tides"):
            pass

    run = answer()
    await run
    assert [(stage.path, stage.status) for _, stage in run.state.walk()] == [("tides", "finished")]


async def test_a_break_in_a_stage_is_its_message() -> None:
    """A loop that is left early in a caller's stage is told there, and the stage goes on."""

    @pnb.operation(stages=["answer"])
    async def answer(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("answer") as stage:
            for _ in pnb.stream(Texts()):
                break
            return stage.status

    run = answer()
    assert await run == "running"
    assert next(run.state.walk())[1].message == "stopped reading"


def test_a_stream_that_outlives_its_run_goes_on() -> None:
    """After the end of the run the chunks still come, unreported."""
    kept: list[Any] = []

    @pnb.operation(stages=["answer"])
    async def answer(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("answer"):
            kept.append(iter(pnb.stream(Texts())))
            next(kept[0])

    answer().wait()
    assert [chunk["text"] for chunk in kept[0]] == TEXTS[1:]


# --- contents, percent, types ----------------------------------------------------------------------


def test_without_contents_no_word_is_in_the_events() -> None:
    """Neither the question nor the answer, the thinking or the arguments of tools are in any event."""
    call = {"index": 0, "function": {"name": "look", "arguments": f'{{"word": "{SECRET}"}}'}}
    chunks: list[Any] = [
        {"model": "m", "choices": [{"index": 0, "delta": {"content": SECRET, "reasoning_content": SECRET}}]},
        {"choices": [{"index": 1, "delta": {"content": SECRET, "tool_calls": [call]}, "finish_reason": f"{SECRET} 1"}]},
        {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 7}},
    ]
    list(pnb.stream(iter(chunks), contents=False))
    run = recordings.last()
    assert SECRET not in b"\n".join(run.log.encoded()).decode()
    assert run.result == SECRET  # of this process alone
    stage = next(stage for _, stage in run.state.walk())
    assert stage.data["output_tokens"] == 7
    list(pnb.stream(recordings.begin("openai-chat-text"), contents=False))
    assert recordings.QUESTION not in b"\n".join(recordings.last().log.encoded()).decode()


def test_a_known_length_is_what_the_percent_is_measured_against() -> None:
    """With `expected_length` the percent is the share that is written."""
    seen: list[float] = []
    for _ in pnb.stream(Texts(["x" * 100] * 10), expected_length=1000):
        recordings.last().log  # noqa: B018 - as a reader
        seen.append(recordings.last().state.overall_progress)
    assert seen == sorted(seen)
    assert recordings.last().state.overall_progress == 100


def test_usage_that_grows_is_counted_once() -> None:
    """Counts of all so far are not added up; those of LangChain's chunks are."""
    grows = [{"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": number}} for number in (1, 5, 9)]
    list(pnb.stream(iter(grows)))
    assert next(recordings.last().state.walk())[1].data["output_tokens"] == 9


@pytest.mark.parametrize(
    "value", ["text", b"bytes", {"stream": 1}, 3, None, object(), str, {1}, pytest.param(1.5, id="float")]
)
def test_what_is_no_stream_is_refused(value: object) -> None:
    """Anything that can't be a stream is refused at once, with the remedy."""
    with pytest.raises(InputError, match="stream=True"):
        pnb.stream(value)


def test_a_whole_answer_is_refused() -> None:
    """An answer without `stream=True` could be iterated, field by field: it is refused."""
    final = recordings.anthropic_client(recordings.body("anthropic-tool")).messages
    with final.stream(model="m", max_tokens=9, messages=recordings.MESSAGES) as answer:
        message = answer.get_final_message()
    with pytest.raises(InputError, match="stream=True"):
        pnb.stream(message)


@pytest.mark.parametrize("options", [{"title": 3}, {"expected_length": 0}, {"contents": 1}, {"show": "yes"}])
def test_options_are_checked(options: dict[str, Any]) -> None:
    """Any other option is refused."""
    with pytest.raises(InputError):
        pnb.stream(Texts(), **options)


def test_it_can_do_what_the_stream_can() -> None:
    """A stand-in has the methods that its stream has, and those alone."""
    sync, later = pnb.stream(Texts()), pnb.stream(AsyncTexts())
    assert hasattr(sync, "__iter__")
    assert not hasattr(sync, "__aiter__")
    assert hasattr(later, "__aiter__")
    assert not hasattr(later, "__iter__")
    assert sync.closed == 0
    assert not hasattr(sync, "missing")
    with pytest.raises(AttributeError):
        _ = getattr(copy.copy(object.__new__(type(sync))), "_source")  # noqa: B009 - types don't know it
    assert repr(sync).startswith("<pnb.stream of ")


def test_closing_is_leaving() -> None:
    """`close` closes the stream, and tells that the reading stopped."""
    stream = Texts()
    through = pnb.stream(stream)
    for _ in through:
        through.close()
        break
    assert (recordings.last().status, stream.closed) == ("cancelled", 1)


def test_next_works_on_it() -> None:
    """`next` gives the chunks one by one."""
    through = pnb.stream(iter([{"text": "x"}, {"text": "y"}]))
    assert (next(through), next(through), next(through, None)) == ({"text": "x"}, {"text": "y"}, None)
    assert recordings.last().result == "xy"


# --- what the bare object allows ---------------------------------------------------------------------


def _talk(log: list[str]) -> Generator[str, str | None, str]:
    heard: str | None = None
    try:
        while heard != "end":
            try:
                heard = yield f"heard {heard}"
            except ValueError as error:
                heard = yield f"caught {error}"
        return "value"
    finally:
        log.append("closed")


async def _talk_later(log: list[str]) -> AsyncGenerator[str, str | None]:
    heard: str | None = None
    try:
        while heard != "end":
            try:
                heard = yield f"heard {heard}"
            except ValueError as error:
                heard = yield f"caught {error}"
    finally:
        log.append("closed")


def _delegate(source: Generator[str, Any, str]) -> Generator[str, Any, str]:
    return (yield from source)


@pytest.mark.parametrize("wrap", [lambda source: source, _delegate], ids=["itself", "yield from"])
def test_a_generator_is_talked_to(wrap: Callable[[Any], Any]) -> None:
    """`send` and `throw` reach the generator and give what it gives, which is reported; so does its value."""
    log: list[str] = []
    source = pnb.stream(_talk(log))
    assert isinstance(source, collections.abc.Generator)
    talk = wrap(source)
    got = [next(talk), talk.send("x"), talk.throw(ValueError("v")), talk.send("y")]
    assert got == ["heard None", "heard x", "caught v", "heard y"]
    with pytest.raises(StopIteration) as ended:
        talk.send("end")
    assert (ended.value.value, log) == ("value", ["closed"])
    assert (recordings.last().status, recordings.last().result) == ("finished", "".join(got))


@pytest.mark.parametrize("wrap", [lambda source: source, _delegate], ids=["itself", "yield from"])
def test_a_generator_is_closed(wrap: Callable[[Any], Any]) -> None:
    """`close` reaches the generator at once, and an error that it does not catch comes back and is told."""
    log: list[str] = []
    talk = wrap(pnb.stream(_talk(log)))
    next(talk)
    talk.close()
    assert (log, list(talk), recordings.last().state.reason) == (["closed"], [], "stopped reading")
    talk = wrap(pnb.stream(_talk(log)))
    next(talk)
    with pytest.raises(KeyError):
        talk.throw(KeyError("k"))
    assert recordings.last().state.error_type == "KeyError"


async def test_an_async_generator_is_talked_to() -> None:
    """`asend`, `athrow` and `aclose` reach an async generator, as without us."""
    log: list[str] = []
    talk: Any = pnb.stream(_talk_later(log))
    assert isinstance(talk, collections.abc.AsyncGenerator)
    got = [await anext(talk), await talk.asend("x"), await talk.athrow(ValueError("v"))]
    assert got == ["heard None", "heard x", "caught v"]
    with pytest.raises(StopAsyncIteration):
        await talk.asend("end")
    assert (recordings.last().status, recordings.last().result) == ("finished", "".join(got))
    async with contextlib.aclosing(pnb.stream(_talk_later(log))) as talk:
        async for _ in talk:
            break
    assert log == ["closed", "closed"]
    assert recordings.last().state.reason == "stopped reading"


async def _in_group(source: Any) -> Any:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(source, name="ask")
    return task.result()


async def _gathered(source: Any) -> Any:
    return (await asyncio.gather(source, asyncio.sleep(0)))[0]


async def _in_thread(source: Any) -> Any:
    future = asyncio.run_coroutine_threadsafe(source, asyncio.get_running_loop())
    return await asyncio.wrap_future(future)


@pytest.mark.parametrize(
    "ask",
    [
        asyncio.create_task,
        asyncio.ensure_future,
        asyncio.shield,
        lambda source: asyncio.wait_for(source, 60),
        lambda source: source,
        _in_group,
        _gathered,
        _in_thread,
    ],
)
async def test_a_coroutine_stays_one(ask: Callable[[Any], Any]) -> None:
    """What takes a coroutine takes one that is reported, and gives the stream that it gives."""

    async def create() -> AsyncIterator[str]:
        return (text async for text in _later(TEXTS))

    stream = await ask(pnb.stream(create()))
    assert [text async for text in stream] == TEXTS
    assert (recordings.last().status, recordings.last().result) == ("finished", "".join(TEXTS))


async def _later(texts: list[str]) -> AsyncIterator[str]:
    for text in texts:
        yield text


@types.coroutine
def _of_a_generator() -> Generator[Any, Any, AsyncIterator[str]]:
    yield from asyncio.sleep(0).__await__()
    return _later(TEXTS)


@pytest.mark.parametrize("create", [_of_a_generator, lambda: pnb.stream(_of_a_generator())])
async def test_other_coroutines_stay_ones(create: Callable[[], Any]) -> None:
    """A coroutine made of a generator, and one that is reported already, are awaited all the same."""
    assert [text async for text in await pnb.stream(create())] == TEXTS
    assert [text async for text in await asyncio.create_task(pnb.stream(create()))] == TEXTS
    assert recordings.last().result == "".join(TEXTS)


def test_a_coroutine_is_run_or_closed() -> None:
    """`asyncio.run` takes it; one that is closed before it began never runs, and nobody is warned of it."""

    async def create() -> AsyncIterator[str]:
        return _later(TEXTS)

    async def collect(texts: AsyncIterator[str]) -> list[str]:
        return [text async for text in texts]

    assert asyncio.run(collect(asyncio.run(pnb.stream(create())))) == TEXTS
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pnb.stream(create()).close()
        gc.collect()


async def test_a_cancelled_request_is_cancelled() -> None:
    """A task around a coroutine that is reported is cancelled like one around the coroutine itself."""
    cancelled: list[bool] = []

    async def create() -> AsyncIterator[str]:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
        return _later(TEXTS)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(pnb.stream(create()), 0.001)
    task = asyncio.create_task(pnb.stream(create()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cancelled == [True, True]


def test_a_container_stays_one() -> None:
    """What else a stream can do the stand-in does too: its length, its items, its attributes."""
    texts = pnb.stream([*TEXTS])
    assert (len(texts), texts[1], [*reversed(texts)], "sea." in texts) == (5, TEXTS[1], TEXTS[::-1], True)
    assert not pnb.stream([])
    source: Any = Texts()
    stream: Any = pnb.stream(source)
    stream.closed = 5
    assert source.closed == 5


@pytest.mark.parametrize("message", ["asking", None])
async def test_a_caught_error_leaves_no_message(message: str | None) -> None:
    """A stage that goes on after a stream of it failed, and ends well, does not end with that error as its message."""

    @pnb.operation(stages=["answer"])
    async def answer(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("answer") as stage:
            if message is not None:
                stage.update(message=message)
            with contextlib.suppress(OSError):
                list(pnb.stream(Texts(error=OSError("the line broke"))))

    run = answer()
    await run
    stage = next(run.state.walk())[1]
    assert (stage.status, stage.message or None) == ("finished", message)


def test_a_fault_of_the_report_leaves_no_run_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the end of a stream can't be reported, the chunks come and the run ends all the same."""

    def broken(*_: object, **__: object) -> None:
        raise LookupError("a fault of ours")

    monkeypatch.setattr(StreamWriter, "end", broken)
    assert list(pnb.stream(iter(["a", "b"]))) == ["a", "b"]
    assert pnb.last_run is not None
    assert pnb.last_run.status == "cancelled"
    assert pnb.current_stage() is None
