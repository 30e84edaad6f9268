"""Without contents the text of an error, which may quote anything, is in no event and no file: its type is."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import tool as langchain_tool
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from pydantic_ai import Agent, ModelRetry
from pydantic_ai.exceptions import ModelHTTPError, UnexpectedModelBehavior
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, FunctionModel

import progressnb as pnb
from progressnb.errors import RunCancelled
from progressnb.execution.base import BaseRun
from progressnb.testing import scripted_model, tool_call
from progressnb.tracking.failures import error_text, hush_error
from tests.interop.watching import written

SECRET = "salary_of_bob"  # noqa: S105 - a word to look for


class Kept:
    """What a session keeps: the runs that began in it, and the file of its history."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.runs: list[Any] = []
        self.history = pnb.History(path, contents=True)

    def everything(self) -> str:
        """Return all events of all runs and all that the database holds, as one text."""
        self.history.close()
        with closing(sqlite3.connect(self.path)) as database:
            dump = "\n".join(database.iterdump())
        files = b"".join(file.read_bytes() for file in self.path.parent.glob(f"{self.path.name}*"))
        return "\n".join([*map(written, self.runs), dump, files.decode(errors="replace")])


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """Watch everything without contents; at the end nothing may have kept the secret."""
    seen = Kept(tmp_path / "runs.db")
    pnb.configure(screen=seen.runs.append)
    pnb.use_history(seen.history)
    with pnb.watch("pydantic-ai", "langchain", contents=False):
        yield seen
    everything = seen.everything()
    assert seen.runs
    assert everything.count(seen.runs[0].state.run_id) > len(seen.runs[0].log)  # the file has them too
    assert SECRET not in everything


def failing(kind: Callable[[str], Exception] = FileNotFoundError) -> Callable[[], str]:
    """Return a tool that fails with the secret in its error."""

    def read() -> str:
        """Read a file."""
        raise kind(f"no such file: '/nonexistent/{SECRET}.txt'")

    return read


def messages(run: BaseRun[Any]) -> set[str]:
    """Return the messages of the errors and of the stages that failed or started over."""
    return {
        str(getattr(event, "message", None))
        for event in run.log
        if event.type == "error" or getattr(event, "status", None) in ("failed", "retrying", "fallback")
    }


# --- agents ----------------------------------------------------------------------------------------


async def test_an_error_of_a_tool(kept: Kept) -> None:
    """The run, the tool's stage and the error events have the type alone; the caller gets the error as it is."""
    agent = Agent(scripted_model(tool_call("read"), "done"), name="reader", tools=[failing()])
    with pytest.raises(FileNotFoundError, match=SECRET):
        await agent.run(SECRET)
    assert messages(kept.runs[0]) == {"FileNotFoundError"}
    assert {event.error_type for event in kept.runs[0].log if event.type == "error"} == {"FileNotFoundError"}


@pytest.mark.parametrize("cause", [KeyError(SECRET), ExceptionGroup(SECRET, [OSError(SECRET), ValueError(SECRET)])])
@pytest.mark.usefixtures("kept")
async def test_causes_and_groups(cause: Exception) -> None:
    """What an error was raised from, and the errors of a group, are as silent."""

    def read() -> str:
        raise RuntimeError from cause

    def both() -> str:
        raise ExceptionGroup(SECRET, [cause, TypeError(SECRET)])

    for each in (read, both):
        with pytest.raises(Exception):  # noqa: B017, PT011 - any
            await Agent(scripted_model(tool_call(each.__name__)), name="reader", tools=[each]).run("go")


async def test_retries_of_a_tool(kept: Kept) -> None:
    """A tool that asks the model to try again is told by its type, each time and at the end."""
    calls = [tool_call("read")] * 3
    agent = Agent(scripted_model(*calls), name="reader", tools=[failing(ModelRetry)], retries=1)
    with pytest.raises(UnexpectedModelBehavior):
        await agent.run("go")
    assert kept.runs[0].status == "failed"


async def test_retries_of_the_output(kept: Kept) -> None:
    """So are an output function and an output validator that refuse an output."""

    def take(text: str) -> str:
        """Take the output."""
        raise ModelRetry(f"{SECRET}: {text}")

    by_function = Agent(
        scripted_model(tool_call("final_result", text="x"), tool_call("final_result", text="y")),
        name="one",
        output_type=take,
        retries=1,
    )
    by_validator = Agent(scripted_model("x", "y"), name="two", retries=1)
    by_validator.output_validator(take)
    for agent in (by_function, by_validator):
        with pytest.raises(UnexpectedModelBehavior):
            await agent.run("go")
    assert [run.status for run in kept.runs] == ["failed", "failed"]


async def test_an_error_of_the_model(kept: Kept) -> None:
    """A server's answer may quote the prompt: its status stays, and its text does not."""

    async def refuse(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        if SECRET:
            raise ModelHTTPError(400, "gpt-x", {"message": f"can't answer {SECRET}"})
        yield ""

    with pytest.raises(ModelHTTPError):
        await Agent(FunctionModel(stream_function=refuse), name="asker").run("go")
    (error,) = {event.data["status_code"] for event in kept.runs[0].log if event.type == "error"}
    assert error == 400


async def test_inside_an_operation(kept: Kept) -> None:
    """In a run that keeps its contents the agent's error is silent too, where the operation lets it pass."""

    @pnb.operation(stages=["work"])
    async def work(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("work"):
            await Agent(scripted_model(tool_call("read")), name="reader", tools=[failing()]).run("go")

    with pytest.raises(FileNotFoundError):
        await work()
    assert messages(kept.runs[0]) == {"FileNotFoundError"}


async def test_what_works_below_a_tool(kept: Kept) -> None:
    """Stages of a tool, their retries and fallbacks, loops and agents below it are as silent as the agent."""

    async def deep() -> str:
        """Work in stages."""
        stage = pnb.current_stage()
        assert stage is not None
        again = stage.stage(pnb.Stage("again", retry=pnb.Retry(attempts=2, wait=0, jitter=0), fallback=lambda: "well"))
        assert await again.run(failing()) == "well"
        for _ in pnb.track([1], "loop"):
            with pytest.raises(OSError, match=SECRET), stage.stage("block"):
                failing()()
        inner = Agent(
            scripted_model(tool_call("read")), name="inner", tools=[failing()], capabilities=[pnb.ReportProgress()]
        )
        with pytest.raises(FileNotFoundError):
            await inner.run("go")
        return "done"

    agent = Agent(scripted_model(tool_call("deep"), "done"), name="outer", tools=[deep])
    await agent.run("go")
    assert any(text.startswith("retrying, 2 of 2") for text in messages(kept.runs[0]))


# --- LangChain -------------------------------------------------------------------------------------


def test_nodes_and_tools_of_langchain(kept: Kept) -> None:
    """A node and a tool that fail are told by the type of their error, also in an operation that they end."""

    @langchain_tool
    def look(place: str) -> str:
        """Look somewhere."""
        raise ValueError(f"{SECRET} in {place}")

    def node(_: str) -> str:
        return str(look.invoke({"place": SECRET}))

    with pytest.raises(ValueError, match=SECRET):
        RunnableLambda(node).invoke("go")
    assert messages(kept.runs[0]) == {"ValueError"}

    @pnb.operation
    async def work(tracker: pnb.ProgressTracker) -> None:
        with tracker.stage("work"):
            RunnableLambda(node).invoke("go")

    with pytest.raises(ValueError, match=SECRET):
        work().wait()


def test_fallbacks_and_retries_of_langchain(kept: Kept) -> None:
    """The reason of a fallback and of a retry is a type."""
    tries: list[int] = []

    def fail(_: str) -> str:
        tries.append(1)
        raise OSError(SECRET)

    chain = RunnableLambda(fail).with_retry(stop_after_attempt=2, wait_exponential_jitter=False)
    assert chain.with_fallbacks([RunnableLambda(lambda _: "well")]).invoke("go") == "well"
    assert len(tries) == 2
    assert any("OSError" in text for text in messages(kept.runs[0]))


def test_a_cancellation_of_langchain(kept: Kept) -> None:
    """The reason of a cancelled run that came from an exception is its type."""

    def stop(_: str) -> str:
        raise RunCancelled(SECRET)

    with pytest.raises(RunCancelled):
        RunnableLambda(stop).invoke("go")
    assert kept.runs[0].status == "cancelled"


# --- streams and spans -----------------------------------------------------------------------------


def chunks(last: object) -> Iterator[object]:
    """Yield chunks as of a server with the interface of OpenAI, then raise an error or give one as a chunk."""
    delta = SimpleNamespace(content="Tides", role="assistant", tool_calls=None)
    choice = SimpleNamespace(delta=delta, index=0, finish_reason=None)
    yield SimpleNamespace(object="chat.completion.chunk", model="m", choices=[choice], usage=None, id="1")
    if isinstance(last, Exception):
        raise last
    yield last


@pytest.mark.parametrize("where", ["alone", "stage"])
@pytest.mark.parametrize(
    "last",
    [ConnectionError(SECRET), {"type": "error", "error": {"type": "overloaded", "message": SECRET}}],
    ids=["raised", "chunk"],
)
def test_streams(kept: Kept, last: object, where: str) -> None:
    """A stream that breaks, and one that ends with an error as a chunk, in a run of its own and in a stage."""

    def read() -> None:
        for _ in pnb.stream(chunks(last), contents=False):
            pass

    @pnb.operation
    async def work(tracker: pnb.ProgressTracker) -> None:
        with tracker.stage("work"):
            read()

    try:
        if where == "alone":
            read()
        else:
            work().wait()
    except ConnectionError:
        pass
    if where == "alone":
        assert kept.runs[0].status == "failed"


class Source:
    """A stream that is a context manager too."""

    def __init__(self) -> None:
        self._chunks = chunks(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self) -> "Source":
        return self

    def __next__(self) -> object:
        return next(self._chunks)


def test_a_block_that_reads_a_stream(kept: Kept) -> None:
    """An error of the block that reads is silent as well."""

    def read() -> None:
        with pnb.stream(Source(), contents=False) as stream:
            for _ in stream:
                raise ValueError(SECRET)

    with pytest.raises(ValueError, match=SECRET):
        read()
    assert kept.runs[0].status == "failed"


def test_spans(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exceptions that spans have recorded are told by their types."""
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider := TracerProvider())
    tracer = provider.get_tracer("shop")
    with (
        pnb.watch("otel", contents=False),
        pytest.raises(KeyError),
        tracer.start_as_current_span("order"),
        tracer.start_as_current_span("pay"),
    ):
        raise KeyError(SECRET)
    assert messages(kept.runs[0]) == {"KeyError"}


# --- the error itself ------------------------------------------------------------------------------


def test_an_error_that_refuses_attributes() -> None:
    """An error with slots, or with setters of its own, is silent all the same, and unchanged for its readers."""

    class SternError(ValueError):
        __slots__ = ()

        def __setattr__(self, name: str, value: object) -> None:
            raise AttributeError(name)

    error = SternError(SECRET)
    hush_error(error)
    assert error_text(error) == "SternError"
    assert str(error) == SECRET


def test_a_circle_of_causes() -> None:
    """An error that is its own cause ends the search; a group is told by the types in it."""
    error = OSError(SECRET)
    error.__cause__ = error
    hush_error(group := ExceptionGroup(SECRET, [error, KeyError(SECRET)]))
    assert error_text(group) == "OSError; KeyError"


async def test_errors_of_watched_work_get_few_notes() -> None:
    """A stream adds no note to an error, and an agent one at most, of its tool: they never pile up."""
    error = ValueError("one for all")
    agent = Agent(scripted_model(*[tool_call("look")] * 3), name="a")

    @agent.tool_plain
    def look() -> str:
        raise error

    def chunks() -> Iterator[str]:
        yield "a"
        raise error

    pnb.configure(show=False)
    with pnb.watch():
        for _ in range(2):
            with pytest.raises(ValueError, match="one for all"):
                await agent.run("go")
            assert pnb.last_run is not None
            assert pnb.last_run.status == "failed"
    for _ in range(2):
        with pytest.raises(ValueError, match="one for all"):
            list(pnb.stream(chunks()))
    assert error.__notes__ == ["in the tool 'look' of 'a'"]


async def test_a_tool_that_a_model_has_made_up_is_named_nowhere() -> None:
    """The name in a call of a tool that does not exist is the model's text: without contents no event has it."""
    agent = Agent(scripted_model(tool_call(SECRET), tool_call("look"), "done"), name="a")

    @agent.tool_plain
    def look() -> str:
        return "seen"

    seen: list[Any] = []
    pnb.configure(screen=seen.append)
    with pnb.watch(contents=False):
        await agent.run("go")
    events = "\n".join(map(written, seen))
    assert SECRET not in events
    assert '"a/look"' in events
    assert "a/unknown tool" in events.replace("%20", " ")
