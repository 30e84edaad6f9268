"""A plain cell: an agent outside any run begins a run of its own, whichever way it is run and however it ends."""

import asyncio
import functools
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_ai import Agent
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.exceptions import ModelHTTPError, RunTimedOut
from pydantic_ai.exceptions import RunCancelled as AgentCancelled
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.tools import RunContext

import progressnb
from progressnb import ProgressTracker, ReportProgress, Run, configure, current_stage, operation, runs, track
from progressnb.agents.own import AgentRun, first_words
from progressnb.errors import InputError, RunCancelled
from progressnb.history import History
from progressnb.testing import ManualClock, scripted_model, tool_call
from progressnb.tracking import current_run
from progressnb.wire.events import StartedEvent
from tests.agents.helpers import Answer, Plain, paths, whole


@pytest.fixture
def shown() -> list[Any]:
    """Collect the runs that are shown."""
    seen: list[Any] = []
    configure(screen=seen.append)
    return seen


@pytest.fixture
def script() -> Iterator[None]:
    """Give the test an event loop as a script has one, which pydantic-ai's sync methods use; close it."""
    with asyncio.Runner() as runner:
        asyncio.set_event_loop(runner.get_loop())
        yield
    asyncio.set_event_loop(None)


class Endless:
    """A model that writes words for ever, and tells when the first is written."""

    def __init__(self) -> None:
        self.writing = asyncio.Event()
        self.stopped = False

    def model(self) -> FunctionModel:
        """Return the model."""
        return FunctionModel(stream_function=self._write)

    async def _write(self, _messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        try:
            while True:
                yield "word "
                self.writing.set()
                await asyncio.sleep(0)
        finally:
            self.stopped = True


def teller(model: Any, **options: Any) -> Agent[None, Any]:
    """Return an agent called "teller" that reports."""
    return Agent(model, name="teller", capabilities=[ReportProgress()], **options)


def summary(run: Any) -> tuple[str, list[tuple[str, str]]]:
    """Show how a run and its stages ended."""
    return run.status, [(stage.path, stage.status) for _, stage in run.state.walk()]


# --- begun, shown, recorded --------------------------------------------------------------------------


async def test_the_readme_s_one_word(shown: list[Any]) -> None:
    """One word on an agent shows a run: named after the agent, with its prompt, its model, its output and result."""
    answer = await Agent(scripted_model("The moon."), capabilities=[ReportProgress()]).run("tides")
    (run,) = shown
    assert answer.output == run.result == run.state.result == run.partial == "The moon."
    assert (run.operation, run.state.subject, run.state.model) == ("agent", "tides", "scripted")
    assert summary(run) == ("finished", [("agent", "finished")])
    assert run.shown
    assert isinstance(run, Run)
    assert await run == "The moon."


async def test_named_after_the_agent(shown: list[Any]) -> None:
    """The run bears the name of the agent, also the one that pydantic-ai finds in the variable."""
    tide_teller = Agent(scripted_model("a", "b"), capabilities=[ReportProgress()])
    await tide_teller.run("go")
    await teller(scripted_model("a")).run("go")
    await Agent(scripted_model("a"), name="  ", capabilities=[ReportProgress()]).run("go")
    assert [run.operation for run in shown] == ["tide_teller", "teller", "agent"]
    assert paths(shown[1]) == ["teller"]


async def test_the_model_of_several(shown: list[Any]) -> None:
    """Of a model that falls back to others the run names the one that answered."""
    broken = whole(ModelHTTPError(503, "first"))
    await teller(FallbackModel(broken, Plain(TextPart("Done."), name="second"))).run("go")
    assert shown[0].state.model == "second"


async def test_given_to_the_run_alone(shown: list[Any]) -> None:
    """The capability of one run of an agent begins a run; the agent without it does not. Twice is once."""
    agent = Agent(scripted_model("a", "b", "c"))
    await agent.run("go")
    await agent.run("go", capabilities=[ReportProgress()])
    await Agent(scripted_model("c"), capabilities=[ReportProgress()]).run("go", capabilities=[ReportProgress()])
    assert len(shown) == 2


async def test_the_percent_is_the_agents(shown: list[Any]) -> None:
    """The agent fills the whole percent of its run: no half is left for stages that never come."""
    await teller(scripted_model("The moon.")).run("go")
    (run,) = shown
    before = [event for event in run.log if event.type == "progress" and event.stage == "teller"]
    assert before[-1].stage_progress == 100
    assert before[-2].stage_progress == 100  # validated, before the stage ends


async def test_structured_output(shown: list[Any]) -> None:
    """The result of the run is the agent's output, an object; its event has the plain data."""
    result = await teller(scripted_model({"text": "a", "count": 3}), output_type=Answer).run("go")
    assert shown[0].result is result.output
    assert shown[0].state.result == {"text": "a", "count": 3}


async def test_models_that_cannot_stream(shown: list[Any]) -> None:
    """A model without streaming is reported when its answer is there."""
    await teller(whole(TextPart("Done."))).run("go")
    await teller(Plain(TextPart("Done."))).run("go")
    assert [(run.result, run.partial) for run in shown] == [("Done.", "Done.")] * 2


async def test_a_model_with_both_functions(shown: list[Any]) -> None:
    """A model with a function for each way is asked to stream, and `run` gives the streamed output."""

    def answer(_messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=[TextPart("whole")])

    async def stream(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        yield "stre"
        yield "amed"

    result = await teller(FunctionModel(answer, stream_function=stream)).run("go")
    assert result.output == shown[0].partial == "streamed"


async def test_listed_while_it_goes_on() -> None:
    """The run is in `runs()` until the agent has ended."""
    seen: list[list[Run[Any]]] = []

    async def look() -> str:
        seen.append(runs())
        return "x"

    await teller(scripted_model(tool_call("look"), "Done."), tools=[look]).run("go", capabilities=[])
    ((run,),) = seen
    assert (run.operation, run.status) == ("teller", "finished")
    assert runs() == []


async def test_not_shown(shown: list[Any]) -> None:
    """`show=False` of the capability and of the session turn the panel off, and nothing else."""
    began: list[Any] = []

    class Kept:
        def record(self, run: Any) -> None:
            began.append(run)

        def estimate(self, _run: Any) -> None: ...

    configure(history=Kept())
    agent = Agent(scripted_model("a", "b", "c"), capabilities=[ReportProgress(show=False)])
    assert (await agent.run("go")).output == "a"
    assert (shown, len(began)) == ([], 1)
    configure(show=False)
    await teller(scripted_model("a")).run("go")
    assert (shown, len(began)) == ([], 2)
    await Agent(scripted_model("a"), capabilities=[ReportProgress(show=True)]).run("go")
    assert (len(shown), len(began)) == (1, 3)


def test_options() -> None:
    """A wrong option is refused where it is written: contents left on by mistake would be seen too late."""
    wrong: list[dict[str, Any]] = [{"show": "no"}, {"contents": None}, {"contents": "off"}]
    for options in wrong:
        with pytest.raises(InputError, match="as True"):
            ReportProgress(**options)


async def test_recorded(tmp_path: Path) -> None:
    """The session's history has the run, with its stages, and with the prompt where it keeps contents."""
    with History(tmp_path / "runs.db", contents=True) as history, configure.local(history=history, show=False):
        await teller(scripted_model("Done.")).run("/dev/zero")
        (run_id,) = history.runs()["run_id"]
        assert history.runs()["operation"].tolist() == ["teller"]
        assert history.inputs(run_id) == {"prompt": {"value": "/dev/zero", "text": True}}  # never opened as a file
        assert "Done." in str(history.log(run_id))


async def test_no_word_in_a_history_without_contents(tmp_path: Path) -> None:
    """A history without contents has the agent's name and times; no word of the prompt, of tools, or of the output."""

    def look(place: str) -> str:
        return f"SECRET seen in {place}"

    path = tmp_path / "runs.db"
    with History(path) as history, configure.local(history=history, show=False):
        script = scripted_model(tool_call("look", place="SECRET place"), "SECRET output")
        await teller(script, tools=[look]).run("SECRET prompt")
        (run_id,) = history.runs()["run_id"]
        log = history.log(run_id)
        assert [event.stage for event in log if event.type == "progress"][-2:] == ["teller", "teller"]
        assert not any("SECRET" in event.model_dump_json() for event in log)
    assert b"SECRET" not in path.read_bytes()


# --- ways to run an agent ----------------------------------------------------------------------------


async def test_iter(shown: list[Any]) -> None:
    """`iter` begins a run that ends with the agent; code in its block works for that run."""
    places: list[Any] = []
    async with teller(scripted_model("Done.")).iter("go") as agent_run:
        places += [current_stage() async for _ in agent_run]
        for _ in track(range(2), "counting"):
            pass
    assert {place.path for place in places if place is not None} == {"teller"}
    assert summary(shown[0]) == ("finished", [("teller", "finished"), ("teller/counting", "finished")])
    assert (current_run(), current_stage()) == (None, None)


async def test_stream(shown: list[Any]) -> None:
    """`run_stream` begins a run that finishes when the stream is read to its end."""
    async with teller(scripted_model("The moon.")).run_stream("go") as result:
        texts = [text async for text in result.stream_text(delta=True, debounce_by=None)]
        assert shown[0].status == "running"
    assert "".join(texts) == shown[0].result == "The moon."
    assert summary(shown[0]) == ("finished", [("teller", "finished")])


async def test_stream_of_events(shown: list[Any]) -> None:
    """`run_stream_events` begins a run that finishes with the last event."""
    async with teller(scripted_model("The moon.")).run_stream_events("go") as events:
        kinds = [event.event_kind async for event in events]
    assert kinds[-1] == "agent_run_result"
    assert (shown[0].result, shown[0].status) == ("The moon.", "finished")


@pytest.mark.usefixtures("script")
def test_sync(shown: list[Any]) -> None:
    """`run_sync` and `run_stream_sync` begin a run in a script; an agent may be used again."""
    agent = teller(scripted_model("one", "two", "three"))
    assert agent.run_sync("go").output == "one"
    with agent.run_stream_sync("go") as result:
        assert list(result.stream_text(debounce_by=None))[-1] == "two"
    assert agent.run_sync("go").output == "three"
    assert [(run.result, run.status) for run in shown] == [(word, "finished") for word in ("one", "two", "three")]
    assert current_run() is None


async def test_side_by_side(shown: list[Any]) -> None:
    """Each agent of a `gather` has a run of its own, told apart by its subject."""
    agent = teller(scripted_model(*"abc"))
    answers = await asyncio.gather(*(agent.run(topic) for topic in ("tides", "moon", "sun")))
    assert sorted(answer.output for answer in answers) == ["a", "b", "c"]
    assert [(run.state.subject, run.status) for run in shown] == [
        ("tides", "finished"),
        ("moon", "finished"),
        ("sun", "finished"),
    ]
    assert [run.result for run in shown] == [answer.output for answer in answers]


async def test_agents_of_tools(shown: list[Any]) -> None:
    """An agent that a tool calls reports below that tool; the two are one run, even where both have one name."""
    inner = Agent(scripted_model("deep"), name="teller", capabilities=[ReportProgress()])

    async def ask() -> str:
        return str((await inner.run("go")).output)

    await teller(scripted_model(tool_call("ask"), "Done."), tools=[ask]).run("go")
    (run,) = shown
    assert summary(run) == ("finished", [("teller", "finished"), ("teller/ask", "finished")])
    assert run.state.find("teller/ask").partial == "deep"
    assert run.partial == "Done."


async def test_agents_of_output_validators(shown: list[Any]) -> None:
    """An agent called by a validator of the output is a stage below, and takes nothing from the agent above."""
    agent = teller(scripted_model("Done."))
    judge = Agent(scripted_model("good"), name="judge", capabilities=[ReportProgress()])

    @agent.output_validator
    async def check(output: str) -> str:
        return output if (await judge.run(output)).output == "good" else ""

    assert (await agent.run("go")).output == "Done."
    (run,) = shown
    assert summary(run) == ("finished", [("teller", "finished"), ("teller/judge", "finished")])
    assert run.state.stages[0].partial == "Done."


async def test_operations_of_tools(shown: list[Any]) -> None:
    """An operation that a tool calls is a part of the agent's run."""

    @operation(clock=ManualClock())
    async def count(_tracker: ProgressTracker) -> int:
        return 2

    async def tool() -> int:
        return await count()

    await teller(scripted_model(tool_call("tool"), "Done."), tools=[tool]).run("go")
    assert paths(shown[0]) == ["teller", "teller/tool", "teller/tool/count"]
    assert len(shown) == 1


async def test_inside_a_run_nothing_is_begun(shown: list[Any]) -> None:
    """In an operation, in a tracker's block and in a loop the agent reports there; when those have ended, nowhere."""
    agent = teller(scripted_model(*"abcde"))

    async with ProgressTracker("block", clock=ManualClock()):
        await agent.run("go")
    for _ in track(range(1), "loop"):
        await agent.run("go")

    @operation(stages=["work"], clock=ManualClock())
    async def late(tracker: ProgressTracker) -> None:
        async with tracker.stage("work") as stage:
            stage.finish()
            await agent.run("go")

    await late()
    assert [run.operation for run in shown] == ["block", "loop", "late"]
    await agent.run("go")
    assert shown[-1].operation == "teller"


async def test_beside_hooks_of_others(shown: list[Any]) -> None:
    """A subclass and other capabilities keep their hooks; an error that one puts in the place is the run's."""
    calls: list[str] = []

    class Mine(ReportProgress[Any]):
        async def before_run(self, ctx: RunContext[Any]) -> None:
            calls.append(f"before {ctx.prompt}")

    class Recover(AbstractCapability[Any]):
        async def on_run_error(self, ctx: RunContext[Any], *, error: BaseException) -> Any:  # noqa: ARG002
            calls.append(type(error).__name__)
            raise KeyError("another") from error

    assert (await Agent(scripted_model("a"), capabilities=[Mine()]).run("go")).output == "a"
    with pytest.raises(KeyError, match="another"):
        await Agent(whole(ValueError("bad")), capabilities=[Recover(), ReportProgress()]).run("go")
    assert calls == ["before go", "ValueError"]
    assert [run.status for run in shown] == ["finished", "failed"]
    assert shown[1].state.error_type == "KeyError"


# --- ends ------------------------------------------------------------------------------------------------


async def test_an_error_of_the_agent(shown: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    """The agent's own error is raised, the same object with its own traceback, and the run failed with it."""
    boom = ValueError("boom")

    def bad() -> str:
        raise boom

    with pytest.raises(ValueError, match="boom") as caught:
        await teller(scripted_model(tool_call("bad"), "x"), tools=[bad]).run("go")
    assert caught.value is boom
    assert caught.traceback[-1].name == "bad"
    assert not any("own.py" in str(entry.path) for entry in caught.traceback)
    (run,) = shown
    assert summary(run) == ("failed", [("teller", "failed"), ("teller/bad", "failed")])
    assert (run.state.error, run.state.error_stage, run.exception) == ("boom", "teller/bad", boom)
    assert not caplog.records
    assert runs() == []


async def test_an_error_of_the_model_is_told_in_words(shown: list[Any]) -> None:
    """A model's error stands in the run as one line with the model's name."""
    with pytest.raises(Exception, match="retries"):
        await teller(scripted_model("no", "no"), output_type=int, retries=1).run("go")
    assert shown[0].state.error.startswith("test:scripted gave no usable answer") or "scripted" in shown[0].state.error


async def test_an_error_of_the_block(shown: list[Any]) -> None:
    """An error of the code in a block of `iter` is raised, and the run failed with it."""
    with pytest.raises(KeyError):
        async with teller(scripted_model("Done.")).iter("go"):
            raise KeyError("mine")
    assert summary(shown[0]) == ("failed", [("teller", "failed")])


async def stop_here(run: Any) -> None:
    """Stop a run as code of its own loop does."""
    run.cancel("enough")


async def stop_elsewhere(run: Any) -> None:
    """Stop a run as the thread of a panel does."""
    thread = threading.Thread(target=run.cancel, args=("enough",))
    thread.start()
    await asyncio.to_thread(thread.join)


@pytest.mark.parametrize("stop", [stop_here, stop_elsewhere])
async def test_stop(shown: list[Any], stop: Callable[[Any], Any]) -> None:
    """`cancel` of the run, from any thread, ends the agent's request; whoever awaits the agent gets `RunCancelled`."""
    endless = Endless()
    task = asyncio.create_task(teller(endless.model()).run("go"))
    await endless.writing.wait()
    await stop(shown[0])
    with pytest.raises(RunCancelled, match="teller was cancelled: enough") as caught:
        await task
    assert "run." not in str(caught.value)  # a name that the cell does not have
    assert task.cancelling() == 0
    (run,) = shown
    assert summary(run) == ("cancelled", [("teller", "cancelled")])
    assert (run.state.reason, endless.stopped) == ("enough", True)
    assert run.partial.startswith("word")
    with pytest.raises(RunCancelled):
        await run


async def test_stop_leaves_the_task_usable(shown: list[Any]) -> None:
    """After Stop the code that awaited the agent goes on, in the same task, with other waits and other agents."""
    endless = Endless()
    asyncio.get_running_loop().create_task(endless.writing.wait()).add_done_callback(lambda _: shown[0].cancel())
    with pytest.raises(RunCancelled):
        await teller(endless.model()).run("go")
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        assert (await teller(scripted_model("Done.")).run("go")).output == "Done."
    assert [run.status for run in shown] == ["cancelled", "finished"]


async def test_stop_in_a_block(shown: list[Any]) -> None:
    """Stop ends a block of `run_stream`, of `iter` and of `run_stream_events` too."""

    async def stream(agent: Agent[None, Any]) -> None:
        async with agent.run_stream("go") as result:
            async for _ in result.stream_text(delta=True, debounce_by=None):
                pass

    async def steps(agent: Agent[None, Any]) -> None:
        async with agent.iter("go") as agent_run:
            async for _ in agent_run:
                pass

    async def events(agent: Agent[None, Any]) -> None:
        async with agent.run_stream_events("go") as stream:
            async for _ in stream:
                pass

    for block in (stream, steps, events):
        endless = Endless()
        task = asyncio.create_task(block(teller(endless.model())))
        await endless.writing.wait()
        shown[-1].cancel()
        with pytest.raises(RunCancelled, match=r"^teller was cancelled$"):
            await task
        assert summary(shown[-1]) == ("cancelled", [("teller", "cancelled")])
    assert len(shown) == 3


async def test_stop_before_the_first_event() -> None:
    """A run that is stopped as soon as it is shown never asks the model."""
    asked: list[int] = []

    def model(_messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        asked.append(1)
        return ModelResponse(parts=[TextPart("x")])

    for stop in (lambda run: run.cancel("no"), lambda run: _in_thread(functools.partial(run.cancel, "no"))):
        configure(screen=stop)
        with pytest.raises(RunCancelled, match="no"):
            await teller(FunctionModel(model)).run("go")
    assert (asked, runs()) == ([], [])


def _in_thread(function: Callable[[], object]) -> None:
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


async def test_stop_in_a_tool(shown: list[Any]) -> None:
    """Stop reaches a tool that waits, and the stages end as cancelled."""
    began = asyncio.Event()

    async def wait() -> str:
        began.set()
        await asyncio.Event().wait()
        return "never"

    task = asyncio.create_task(teller(scripted_model(tool_call("wait"), "x"), tools=[wait]).run("go"))
    await began.wait()
    shown[0].cancel()
    with pytest.raises(RunCancelled):
        await task
    assert summary(shown[0]) == ("cancelled", [("teller", "cancelled"), ("teller/wait", "cancelled")])


async def test_stop_after_the_end(shown: list[Any]) -> None:
    """A click on Stop that comes too late changes nothing."""
    await teller(scripted_model("Done.")).run("go")
    shown[0].cancel("late")
    assert (shown[0].status, shown[0].result) == ("finished", "Done.")


async def test_interrupt(shown: list[Any]) -> None:
    """Cancelling the task that awaits the agent, as a kernel's Interrupt does, cancels the run and stays what it is."""
    endless = Endless()
    task = asyncio.create_task(teller(endless.model()).run("go"))
    await endless.writing.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()
    assert summary(shown[0]) == ("cancelled", [("teller", "cancelled")])
    assert endless.stopped


async def test_an_interrupt_has_one_reason(shown: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The line of an interrupted cell gives the reason of the panel, and names what was written if anything was."""
    monkeypatch.setattr(sys.modules["__main__"], "get_ipython", None, raising=False)
    monkeypatch.setattr(sys.modules["__main__"], "notebook", progressnb, raising=False)

    async def silent(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        silence.set()
        await asyncio.Event().wait()
        yield "never"

    async def run_cell_async(model: FunctionModel) -> None:
        await teller(model).run("go")

    async def main(model: FunctionModel) -> None:
        await teller(model).run("go")

    for cell, reason in ((run_cell_async, "interrupted"), (main, "its task was cancelled")):
        endless, silence = Endless(), asyncio.Event()
        for model, begun in (
            (FunctionModel(stream_function=silent), silence),
            (endless.model(), endless.writing),
        ):
            task = asyncio.create_task(cell(model))
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            assert shown[-1].state.reason == reason
            (line,) = caught.value._render_traceback_()  # type: ignore[attr-defined]
            written = " What it had written is in notebook.last_run.partial." if shown[-1].partial else ""
            full_stop = "." if written else ""
            assert line == f"CancelledError: teller was cancelled: {reason}{full_stop}{written}"


async def test_scopes_of_others(shown: list[Any]) -> None:
    """`asyncio.timeout` and a scope of anyio end the run as cancelled and get their own cancellation back."""

    async def work(endless: Endless, stop: Callable[[], object]) -> None:
        asyncio.get_running_loop().create_task(endless.writing.wait()).add_done_callback(lambda _: stop())
        await teller(endless.model()).run("go")

    with anyio.CancelScope() as scope:
        await work(Endless(), scope.cancel)
    assert scope.cancelled_caught
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(None) as limit:
            await work(Endless(), lambda: limit.reschedule(0))
    assert [run.status for run in shown] == ["cancelled", "cancelled"]


async def test_the_agents_own_timeout(shown: list[Any]) -> None:
    """An agent that is out of its time raises pydantic-ai's error, and its run failed."""
    with pytest.raises(RunTimedOut):
        await teller(Endless().model()).run("go", timeout=0.01)
    (run,) = shown
    assert (run.status, run.state.error) == ("failed", "teller took longer than its timeout")


async def test_cancelled_by_a_tool(shown: list[Any]) -> None:
    """An agent that cancels itself raises pydantic-ai's error, and its run is cancelled."""

    async def give_up(ctx: RunContext[Any]) -> str:
        ctx.cancel()
        await asyncio.sleep(0)
        return "never"

    with pytest.raises(AgentCancelled):
        await teller(scripted_model(tool_call("give_up"), "x"), tools=[give_up]).run("go")
    assert shown[0].status == "cancelled"


async def test_blocks_left_early(shown: list[Any]) -> None:
    """A block that is left before the agent's end cancels the run, which keeps what it had; nothing is raised."""
    async with teller(Endless().model()).run_stream("go") as result:
        async for _ in result.stream_text(delta=True, debounce_by=None):
            break
    async with teller(scripted_model("Done.")).iter("go") as agent_run:
        async for _ in agent_run:
            break
    async with teller(Endless().model()).run_stream_events("go") as events:
        async for _ in events:
            break
    assert [run.status for run in shown] == ["cancelled"] * 3
    assert {run.state.reason for run in shown[:2]} == {"its block was left before the agent's end"}
    assert shown[0].partial.startswith("word")
    assert (current_run(), runs()) == (None, [])


@pytest.mark.usefixtures("script")
def test_interrupted_in_a_script(shown: list[Any]) -> None:
    """Ctrl-C in `run_sync` leaves no run behind: it is cancelled before the interrupt is raised."""

    async def interrupt(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        yield "word"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        teller(FunctionModel(stream_function=interrupt)).run_sync("go")
    assert (shown[0].status, shown[0].state.reason) == ("cancelled", "interrupted")
    assert runs() == []


@pytest.mark.usefixtures("script")
def test_a_stop_from_a_thread_in_a_script(shown: list[Any]) -> None:
    """Another thread stops an agent of `run_sync`."""

    async def write(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        yield "word"
        threading.Thread(target=shown[0].cancel).start()
        await asyncio.Event().wait()

    with pytest.raises(RunCancelled):
        teller(FunctionModel(stream_function=write)).run_sync("go")
    assert (shown[0].status, shown[0].partial) == ("cancelled", "word")


# --- in hand -----------------------------------------------------------------------------------------------


async def test_enough(shown: list[Any]) -> None:
    """A person ends the output of a plain agent: its caller gets what is complete, and the run finished with it."""
    endless = Endless()
    task = asyncio.create_task(teller(endless.model()).run("go"))
    await endless.writing.wait()
    (run,) = shown
    assert "enough" in run.controls
    run.enough()
    result = await task
    assert result.output.startswith("word")
    assert (run.status, run.result, endless.stopped) == ("finished", result.output, True)


# --- the subject -------------------------------------------------------------------------------------------


@given(st.text() | st.lists(st.text() | st.integers()) | st.none() | st.integers())
def test_first_words(prompt: Any) -> None:
    """The subject of any prompt is one line of at most 60 characters that begins as the prompt does, or nothing."""
    words = first_words(prompt)
    if words is None:
        assert not isinstance(prompt, str) or not prompt.split()
        return
    assert 0 < len(words) <= 60
    assert words.split() == words.split(" ")
    words.encode()


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("  Why are\nthere tides? ", "Why are there tides?"),
        ("word " * 30, "word word word word word word word word word word word word…"),
        ("x" * 100, "x" * 59 + "…"),
        ([b"picture", "What is this?"], "What is this?"),
        ("", None),
        (None, None),
    ],
)
def test_first_words_of(prompt: Any, words: str | None) -> None:
    """Whole words where they fit, of the first text of several contents."""
    assert first_words(prompt) == words


async def test_a_run_without_a_prompt(shown: list[Any]) -> None:
    """An agent that goes on from its messages has no subject."""
    first = await teller(scripted_model("a")).run("tides")
    await teller(scripted_model("b")).run(message_history=first.all_messages())
    assert isinstance(shown[1].log[0], StartedEvent)
    assert [run.state.subject for run in shown] == ["tides", None]
    assert isinstance(shown[1], AgentRun)
