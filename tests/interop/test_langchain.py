"""LangChain: chains, tools, retrievers and models report, and nothing of them is changed."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from langchain_core.documents import Document
from langchain_core.language_models.fake import FakeListLLM
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableGenerator, RunnableLambda, RunnableParallel
from langchain_core.tools import BaseTool, tool
from pydantic_ai import Agent

import progressnb as pnb
from progressnb.errors import RunCancelled
from progressnb.execution.driven import DrivenRun
from progressnb.folds.view import RunView
from progressnb.interop.langchain import install
from progressnb.interop.langchain.answer import Answer
from progressnb.interop.pieces import MOST_STAGES
from progressnb.testing import ManualClock, scripted_model
from tests.interop.watching import data, reported, stages, text, written


def usage(read: int, wrote: int) -> Any:
    """Return usage as models report it."""
    return {"input_tokens": read, "output_tokens": wrote, "total_tokens": read + wrote}


def model(*answers: str | BaseMessage) -> GenericFakeChatModel:
    """Return a chat model that gives these answers, with usage."""
    given = [AIMessage(each, usage_metadata=usage(3, 2)) if isinstance(each, str) else each for each in answers]
    return GenericFakeChatModel(messages=iter(given))


def told(answer: str = "hello dear world") -> Runnable[Any, str]:
    """Return a chain of a prompt, a model and a parser."""
    return ChatPromptTemplate.from_template("tell {x}") | model(*[answer] * 9) | StrOutputParser()


@tool
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


class Chunks(GenericFakeChatModel):
    """A model that streams these chunks."""

    chunks: list[AIMessageChunk]

    def _stream(self, *_: Any, run_manager: Any = None, **__: Any) -> Iterator[ChatGenerationChunk]:
        for chunk in self.chunks:
            each = ChatGenerationChunk(message=chunk)
            if run_manager is not None:
                run_manager.on_llm_new_token(str(chunk.text), chunk=each)
            yield each


MODEL = "RunnableSequence/GenericFakeChatModel"


def test_a_chain_is_a_run_with_its_model_as_a_stage(begun: list[DrivenRun]) -> None:
    """Outside any run a chain begins one; prompts and parsers are glue; tokens are counted and cost nothing."""
    assert told().invoke({"x": "tides"}) == "hello dear world"
    (run,) = begun
    assert (run.status, run.result, run.state.subject) == ("finished", "hello dear world", "tides")
    assert stages(run) == {"RunnableSequence": "finished", MODEL: "finished"}
    assert text(run, MODEL) == "hello dear world"
    assert run.state.usage == {"input_tokens": 3, "output_tokens": 2}
    assert pnb.last_run is run


def test_a_stream_is_written_while_it_comes(begun: list[DrivenRun]) -> None:
    """The consumer of a stream sees the run with what was written, and no context variable leaks into its code."""
    seen: list[Any] = []
    for chunk in told().stream({"x": "tides"}):
        seen.append((chunk, begun[0].partial))
        assert pnb.current_stage() is None
    assert "".join(chunk for chunk, _ in seen) == "hello dear world"
    assert seen[0][1] == "hello"
    assert "first_token" in data(begun[0], MODEL)
    assert begun[0].result == "hello dear world"


def test_no_percent_is_told_of_parts_that_nobody_counted(begun: list[DrivenRun]) -> None:
    """Steps of a chain that have ended give it no percent, since nobody knows how many there are."""
    seen: list[Any] = []

    def look(value: int) -> int:
        run = begun[0]
        seen.append((RunView().tree(run.state, 1.0)["header"]["percent"], run.state.stages[0].percent))
        return value

    step = RunnableLambda(look)
    (step | step | step).invoke(1)
    assert seen == [(None, None)] * 3
    assert begun[0].state.overall_progress == 100


def test_an_answer_moves_its_stage() -> None:
    """The percent follows the text while it is written, short of its end."""
    clock = ManualClock()
    tracker = pnb.ProgressTracker("op", show=False, clock=clock)
    tracker.start()
    stage = tracker.stage("model")
    answer = Answer(stage, "m", structured=False, shared=False, max_tokens=100)
    answer.add(None, "word " * 20)
    clock.advance(0.2)
    assert 0 < (stage.percent or 0) < 90


async def test_async_streams_and_calls_report_alike(begun: list[DrivenRun]) -> None:
    """`ainvoke`, `astream` and `astream_events` give the same stages as `invoke`, and leak no context."""
    await told().ainvoke({"x": "tides"})
    async for _ in told().astream({"x": "tides"}):
        assert pnb.current_stage() is None
    async for _ in told().astream_events({"x": "tides"}):
        pass
    assert pnb.current_stage() is None
    assert [stages(run) for run in begun] == [{"RunnableSequence": "finished", MODEL: "finished"}] * 3
    assert [run.result for run in begun] == ["hello dear world"] * 3


def test_a_batch_is_a_run_each(begun: list[DrivenRun]) -> None:
    """Each input of a batch, which works in a thread, begins a run; a cell shows them together."""
    told().batch([{"x": "a"}, {"x": "b"}])
    assert sorted(str(run.state.subject) for run in begun) == ["a", "b"]
    assert {run.status for run in begun} == {"finished"}


async def test_inside_a_stage_no_run_begins(begun: list[DrivenRun]) -> None:
    """In an operation the chain is a stage of the current stage, sync and async, and counts for the run."""

    @pnb.operation(stages=["tell"])
    async def tell(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("tell") as stage:
            await told().ainvoke({"x": 1})
            assert pnb.current_stage() is stage
            await asyncio.to_thread(told().invoke, {"x": 1})
            return str(told().invoke({"x": 1}))

    run = tell.using(show=False)()
    await run
    assert begun == []
    assert sorted(stages(run)) == sorted(
        [
            "tell",
            *(
                f"tell/{name}{part}"
                for name in ("RunnableSequence", "RunnableSequence#2", "RunnableSequence#3")
                for part in ("", "/GenericFakeChatModel")
            ),
        ]
    )
    assert run.state.usage == {"input_tokens": 9, "output_tokens": 6}


def test_branches_have_the_names_of_their_keys(begun: list[DrivenRun]) -> None:
    """The branches of a parallel chain are stages side by side, named after their keys."""
    RunnableParallel(joke=told(), length=RunnableLambda(len)).invoke({"x": 1})
    name = begun[0].operation
    assert {path.removeprefix(f"{begun[0].state.stages[0].path}/") for path in stages(begun[0])} >= {"joke", "length"}
    assert name == "RunnableParallel<joke,length>"


def test_a_tool_has_its_arguments_and_its_result(begun: list[DrivenRun]) -> None:
    """A tool is a stage with what it was given and what it gave; a failed one has its error, which is raised."""
    chain = RunnableLambda(lambda _: add.invoke({"a": 1, "b": 2})).with_config(run_name="agent")
    assert chain.invoke("go") == 3
    assert data(begun[0], "agent/add") == {"arguments": {"a": 1, "b": 2}, "result": 3}

    @tool
    def broken(x: int) -> int:
        """Break."""
        raise ValueError(f"no {x}")

    with pytest.raises(ValueError, match="no 1"):
        broken.invoke({"x": 1})
    assert (begun[1].status, begun[1].state.error, stages(begun[1])) == ("failed", "no 1", {"broken": "failed"})


def test_a_tool_with_steps_moves_its_own_stage(begun: list[DrivenRun]) -> None:
    """A `@progress` generator as a tool reports into the stage of its call."""

    @pnb.progress
    def count(n: int) -> Any:
        """Count."""
        for i in range(n):
            yield {"progress": (i + 1) / n, "status": f"{i}"}
        return n

    counted: BaseTool = tool(count)
    counted.invoke({"n": 2})
    assert list(stages(begun[0])) == ["count"]
    assert begun[0].state.stages[0].message == "1"


class Shelf(BaseRetriever):
    """A retriever of one document."""

    def _get_relevant_documents(self, query: str, *, run_manager: Any) -> list[Document]:  # noqa: ARG002
        return [Document(f"about {query}")]


def test_a_retriever_has_its_query_and_its_documents(begun: list[DrivenRun]) -> None:
    """A search is a stage with its query; documents are their texts."""
    (RunnableLambda(str) | Shelf()).invoke("tides")
    assert data(begun[0], "RunnableSequence/Shelf") == {"arguments": {"query": "tides"}, "result": ["about tides"]}


def test_retries_and_fallbacks_are_told(begun: list[DrivenRun]) -> None:
    """Each attempt is a stage with its number; a chain that falls back says why."""
    tries: list[int] = []

    def flaky(x: int) -> int:
        tries.append(x)
        if len(tries) < 3:
            raise ValueError("not yet")
        return x

    RunnableLambda(flaky).with_retry(stop_after_attempt=3, wait_exponential_jitter=False).invoke(1)
    assert stages(begun[0]) == {
        "flaky": "finished",
        "flaky/flaky": "failed",
        "flaky/flaky#2": "failed",
        "flaky/flaky#3": "finished",
    }
    assert (data(begun[0], "flaky")["attempt"], data(begun[0], "flaky/flaky#3")["attempt"]) == (3, 3)

    def bad(_: int) -> int:
        raise ValueError("bad")

    assert RunnableLambda(bad).with_fallbacks([RunnableLambda(lambda x: x)]).invoke(1) == 1
    assert begun[1].status == "finished"
    assert [getattr(event, "status", None) for event in begun[1].log].count("fallback") == 1
    assert begun[1].state.stages[0].message == "bad"


def test_errors_are_raised_as_they_are(begun: list[DrivenRun]) -> None:
    """A chain's error is the same object with and without us, and ends the run as failed."""
    error = ValueError("mine")

    def fail(_: object) -> None:
        raise error

    with pytest.raises(ValueError, match="mine") as raised:
        RunnableLambda(fail).invoke(1)
    assert raised.value is error
    assert (begun[0].status, begun[0].exception) == ("failed", error)


def test_agents_and_loops_inside_report_below_their_node(begun: list[DrivenRun]) -> None:
    """`current_stage` in a node is the node's stage: what reports there stands below it, in threads and generators."""
    agent = Agent(scripted_model("moon", "moon"), name="writer", capabilities=[pnb.ReportProgress()])

    async def ask(_: object) -> str:
        return (await agent.run("why?")).output

    def loop(_: object) -> int:
        return sum(pnb.track([1, 2], "adding"))

    def spoken(items: Iterator[Any]) -> Iterator[Any]:
        stage = pnb.current_stage()
        assert stage is not None
        for item in items:
            stage.update(message="spoken")
            yield item

    asyncio.run(RunnableLambda(ask).with_config(run_name="ask").ainvoke(1))
    RunnableLambda(loop).invoke(1)
    list(RunnableGenerator(spoken).with_config(run_name="speak").stream("x"))
    assert len(begun) == 3
    assert begun[0].partial == "moon"
    assert "loop/adding" in stages(begun[1])
    assert begun[2].state.stages[0].message == "spoken"
    assert pnb.current_stage() is None


def test_threads_of_their_own_are_watched(begun: list[DrivenRun]) -> None:
    """A thread that copies no context is watched too."""
    thread = threading.Thread(target=lambda: told().invoke({"x": 1}))
    thread.start()
    thread.join()
    assert stages(begun[0])[MODEL] == "finished"


def test_stop_ends_a_sync_chain_at_its_next_report(begun: list[DrivenRun]) -> None:
    """Stop raises `RunCancelled` in the chain; the run ends as cancelled, with the reason."""

    def stop(_: object) -> object:
        begun[0].cancel("enough")
        return {"x": 1}

    chain = RunnableLambda(stop) | told()
    with pytest.raises(RunCancelled, match="enough"):
        chain.invoke(1)
    assert (begun[0].status, begun[0].state.reason) == ("cancelled", "enough")
    assert "running" not in stages(begun[0]).values()


@pytest.mark.parametrize("make", [RunnableLambda, lambda wait: RunnableLambda(wait) | RunnableLambda(str)])
async def test_stop_cancels_an_async_chain(begun: list[DrivenRun], make: Callable[[Any], Runnable[Any, Any]]) -> None:
    """Stop ends a wait at once; the awaiting code gets `RunCancelled`, and its task is not left cancelled."""
    started = asyncio.Event()

    async def wait(_: object) -> None:
        started.set()
        await asyncio.Event().wait()

    async def work() -> str:
        try:
            await make(wait).ainvoke(1)
        except RunCancelled as error:
            await asyncio.sleep(0)
            return str(error)
        return "not stopped"

    task = asyncio.create_task(work())
    await started.wait()
    begun[0].cancel("enough")
    assert "enough" in await task
    assert begun[0].status == "cancelled"


async def test_a_cancelled_task_ends_its_run(begun: list[DrivenRun]) -> None:
    """A model whose task is cancelled calls nobody back: the run ends with the task."""
    started = asyncio.Event()

    class Slow(GenericFakeChatModel):
        async def _agenerate(self, *_: Any, **__: Any) -> Any:
            started.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(Slow(messages=iter([])).ainvoke("x"))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert begun[0].status == "cancelled"


def test_a_stream_that_is_left_early_is_told(begun: list[DrivenRun]) -> None:
    """A `break` ends the run as cancelled, with its reason."""
    for _ in told().stream({"x": 1}):
        break
    assert (begun[0].status, begun[0].state.reason) == ("cancelled", "it was left before its end")


async def test_an_async_stream_that_is_left_early_is_told(begun: list[DrivenRun]) -> None:
    """So does one of an async stream, once its generator is closed."""
    stream = told().astream({"x": 1})
    async for _ in stream:
        break
    await stream.aclose()  # type: ignore[attr-defined] # an async generator
    await begun[0].log.wait_ended()  # the loop closes the generators inside
    assert (begun[0].status, begun[0].state.reason) == ("cancelled", "it was left before its end")


def test_thinking_calls_and_structured_outputs_have_their_parts(begun: list[DrivenRun]) -> None:
    """Thinking is a part of its own; a call is a message; the arguments of a structured output are the output."""
    call = {"name": "City", "args": '{"name": "Par', "id": "1", "index": 0, "type": "tool_call_chunk"}
    chunks = [
        AIMessageChunk(content=[{"type": "thinking", "thinking": "hm", "index": 0}]),
        AIMessageChunk(content=[{"type": "text", "text": "Look: ", "index": 1}]),
        AIMessageChunk(content="", tool_call_chunks=[call]),
    ]
    list(Chunks(messages=iter([]), chunks=chunks).stream("x"))
    stage = begun[0].state.stages[0]
    assert {part: buffer.text for part, buffer in stage.outputs.items()} == {"thinking": "hm", "output": "Look: "}
    assert stage.message == "calling City"
    structured = Chunks(messages=iter([]), chunks=chunks[2:]).bind(
        ls_structured_output_format={"kwargs": {}, "schema": {"title": "City", "type": "object", "properties": {}}}
    )
    list(structured.stream("x"))
    assert begun[1].partial == {"name": "Par"}


def test_completion_models_report_too(begun: list[DrivenRun]) -> None:
    """A model of the older kind, text in and text out, writes its answer."""
    assert FakeListLLM(responses=["moon"]).invoke("why?") == "moon"
    assert (begun[0].partial, begun[0].state.subject) == ("moon", "why?")


def test_without_contents_no_text_is_written(begun: list[DrivenRun]) -> None:
    """`contents=False` leaves inputs, outputs, arguments and results out of all events."""
    uninstall = install(contents=False)
    chain = RunnableLambda(lambda secret: add.invoke({"a": 41, "b": 1}) and secret) | told("the secret")
    chain.invoke({"x": "secret"})
    uninstall()
    assert "secret" not in written(begun[-1])
    assert "41" not in str([stage.data for _, stage in begun[-1].state.walk()])
    assert begun[-1].status == "finished"


def test_uninstalled_it_is_inert(begun: list[DrivenRun]) -> None:
    """After the undo nothing reports, and work that goes on is ended; installed again it works."""
    install()()
    told().invoke({"x": 1})
    assert begun == []
    uninstall = install()

    def leave(x: object) -> object:
        uninstall()
        return x

    (RunnableLambda(leave) | told()).invoke({"x": 1})
    assert [run.status for run in begun] == ["cancelled"]


def test_a_report_that_fails_breaks_no_chain(
    begun: list[DrivenRun], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Errors of ours are logged, and the chain goes on."""

    def broken(*_: object, **__: object) -> None:
        raise OSError("full")

    monkeypatch.setattr("progressnb.interop.pieces.Pieces.begin", broken)
    assert told().invoke({"x": 1}) == "hello dear world"
    assert "could not report" in caplog.text
    assert begun == []


def test_recursion_and_numbers_are_bounded(begun: list[DrivenRun]) -> None:
    """A chain that calls itself, or very many parts, stays a bounded number of stages; what is left out is counted."""
    step = RunnableLambda(lambda x: x).with_config(run_name="step")

    def many(_: object) -> None:
        for number in range(MOST_STAGES + 5):
            step.invoke(number)

    RunnableLambda(many).invoke(1)
    assert reported(begun[0]) == MOST_STAGES + 1
    assert data(begun[0], "many")["left_out"] == 5

    def deep(n: int) -> int:
        return n if n == 0 else int(RunnableLambda(deep).invoke(n - 1))

    RunnableLambda(deep).invoke(80, {"recursion_limit": 1000})
    assert begun[1].status == "finished"
    assert len(stages(begun[1])) <= 52


async def test_it_does_not_change_what_a_chain_gives(begun: list[DrivenRun]) -> None:
    """Results, chunks and events are those of an unwatched chain."""

    async def all_of(stream: AsyncIterator[Any]) -> list[Any]:
        return [each async for each in stream]

    watched = await all_of(told().astream({"x": 1}))
    kinds = [each["event"] for each in await all_of(told().astream_events({"x": 1}))]
    install()()
    assert watched == await all_of(told().astream({"x": 1}))
    assert kinds == [each["event"] for each in await all_of(told().astream_events({"x": 1}))]
    assert len(begun) == 2
