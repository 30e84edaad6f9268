"""`watch`: the agents of a session report by themselves, whoever made them, and it can be taken back whole."""

import ast
import asyncio
import functools
import importlib
import inspect
import logging
import re
import subprocess
import sys
import textwrap
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic_ai import Agent, InstrumentationSettings
from pydantic_ai.agent import WrapperAgent
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import ModelResponse, TextPart
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.function import AgentInfo, DeltaToolCalls, FunctionModel
from pydantic_ai.models.test import TestModel

import progressnb as pnb
from progressnb import ReportProgress
from progressnb.agents import watching as instrument
from progressnb.errors import InputError, MissingExtraError, RunCancelled
from progressnb.interop.langchain import is_installed
from progressnb.testing import scripted_model, tool_call

DOCUMENT = Path(__file__).parents[2] / "docs" / "watch.md"
ORIGINAL = Agent.__dict__["iter"]


def unwatch() -> Any:
    """Take everything back."""
    return pnb.watch(False)  # noqa: FBT003 - as users write it


def on_a_loop(work: Callable[[], Any]) -> Any:
    """Call code that is not async, such as `run_sync`, on a loop that is closed afterwards."""
    with asyncio.Runner() as runner:
        asyncio.set_event_loop(runner.get_loop())
        return work()


@pytest.fixture
def runs() -> Iterator[list[Any]]:
    """Collect the runs that are shown, in their order."""
    shown: list[Any] = []
    pnb.configure(screen=shown.append)
    yield shown
    Agent.iter = ORIGINAL  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def unwatched() -> Iterator[None]:
    """Leave nothing watched behind."""
    yield
    unwatch()
    assert Agent.__dict__["iter"] is ORIGINAL


def outcome(shown: list[Any]) -> list[tuple[str, str, Any]]:
    """Return what each run was, how it ended, and with which result."""
    return [(run.operation, run.status, run.result) for run in shown]


# --- every way to run an agent ---------------------------------------------------------------------------


async def by_run(agent: Any) -> Any:
    """Await the agent."""
    return (await agent.run("tides")).output


async def by_run_sync(agent: Any) -> Any:
    """Run it in a thread of its own."""
    return (await asyncio.to_thread(on_a_loop, lambda: agent.run_sync("tides"))).output


async def by_run_stream(agent: Any) -> Any:
    """Stream its output."""
    async with agent.run_stream("tides") as stream:
        return await stream.get_output()


async def by_run_stream_sync(agent: Any) -> Any:
    """Stream its output in a thread."""

    def read() -> Any:
        with agent.run_stream_sync("tides") as stream:
            return stream.get_output()

    return await asyncio.to_thread(on_a_loop, read)


async def by_run_stream_events(agent: Any) -> Any:
    """Stream its events."""
    async with agent.run_stream_events("tides") as events:
        return [event async for event in events][-1].result.output


async def by_iter(agent: Any) -> Any:
    """Go from node to node."""
    async with agent.iter("tides") as nodes:
        async for _ in nodes:
            pass
    return nodes.result.output


WAYS = [by_run, by_run_sync, by_run_stream, by_run_stream_sync, by_run_stream_events, by_iter]


class Own(Agent[Any, Any]):
    """A subclass with an `iter` of its own."""

    def iter(self, *args: Any, **options: Any) -> Any:
        """Do what the class does."""
        return super().iter(*args, **options)


KINDS: dict[str, Callable[[Any], Any]] = {
    "Agent": lambda model: Agent(model, name="writer"),
    "subclass": lambda model: Own(model, name="writer"),
    "wrapper": lambda model: WrapperAgent(Agent(model, name="writer")),
    "wrapper of a wrapper": lambda model: WrapperAgent(WrapperAgent(Own(model, name="writer"))),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
async def test_every_way(way: Callable[[Any], Awaitable[Any]], kind: str, runs: list[Any]) -> None:
    """An agent has a run of its own, however it is run, and whether it was made before or after."""
    before = KINDS[kind](scripted_model("The moon."))
    pnb.watch()
    after = KINDS[kind](scripted_model("The sun."))
    assert await way(before) == "The moon."
    assert await way(after) == "The sun."
    assert outcome(runs) == [("writer", "finished", "The moon."), ("writer", "finished", "The sun.")]
    unwatch()
    assert await way(KINDS[kind](scripted_model("Nobody."))) == "Nobody."
    assert len(runs) == 2


async def test_a_model_of_the_moment(runs: list[Any]) -> None:
    """An agent reports with the model, the name and the instructions of `override`."""
    agent: Agent[None, str] = Agent(name="writer")
    pnb.watch()
    with agent.override(model=scripted_model("The moon."), name="poet", instructions="Rhyme."):
        await agent.run("tides")
    assert outcome(runs) == [("poet", "finished", "The moon.")]


async def test_a_model_that_can_not_stream(runs: list[Any]) -> None:
    """An agent whose model gives its answer in one piece reports too."""
    pnb.watch()
    model = FunctionModel(lambda _messages, _info: ModelResponse(parts=[TextPart("The moon.")]))
    await Agent(model, name="writer").run("tides")
    assert outcome(runs) == [("writer", "finished", "The moon.")]


async def test_what_runs_in_a_stage_reports_there(runs: list[Any]) -> None:
    """An agent in a run begins none of its own, and its output is that of the stage that calls it."""
    agent = Agent(scripted_model("The moon."), name="writer")

    @pnb.operation(stages=["research"])
    async def research(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("research"):
            return (await agent.run("tides")).output

    pnb.watch()
    run = research()
    assert await run == "The moon."
    assert [each.operation for each in runs] == ["research"]
    stage = run.state.find("research")
    assert stage is not None
    assert stage.outputs["output"].text == "The moon."


async def test_agents_that_call_agents(runs: list[Any]) -> None:
    """An agent that a tool calls is a part of the run of the agent that has the tool."""
    inner = Agent(scripted_model("The moon."), name="inner")

    async def ask() -> str:
        return (await inner.run("why?")).output

    pnb.watch()
    await Agent(scripted_model(tool_call("ask"), "Because of the moon."), tools=[ask], name="outer").run("tides")
    (run,) = runs
    assert [stage.path for _, stage in run.state.walk()] == ["outer", "outer/ask"]
    assert run.state.find("outer/ask").outputs["output"].text == "The moon."


async def test_agents_side_by_side(runs: list[Any]) -> None:
    """Agents that are gathered, and agents in threads with loops of their own, have a run each."""
    agents = [Agent(scripted_model(str(number)), name=f"a{number}") for number in range(8)]
    pnb.watch()
    await asyncio.gather(*(agent.run("?") for agent in agents[:4]), *(by_run_sync(agent) for agent in agents[4:]))
    assert sorted(outcome(runs)) == [(f"a{number}", "finished", str(number)) for number in range(8)]


# --- what pydantic-ai and others see ---------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
async def test_the_name_that_is_inferred(way: Callable[[Any], Awaitable[Any]], runs: list[Any]) -> None:
    """pydantic-ai names an agent without a name as it does without us; a run has that name."""
    plain: Agent[None, str] = Agent(scripted_model("The moon."))
    await way(plain)
    pnb.watch()
    watched: Agent[None, str] = Agent(scripted_model("The moon."))
    await way(watched)
    assert watched.name == plain.name
    assert [run.operation for run in runs] == [plain.name or "agent"]


async def test_the_name_of_a_variable(runs: list[Any]) -> None:
    """Where pydantic-ai infers no name, as for `iter`, the run has that of the variable which holds the agent."""
    pnb.watch()
    poet: Agent[None, str] = Agent(scripted_model("The moon."))
    async with poet.iter("tides") as nodes:
        async for _ in nodes:
            pass
    _hidden = Own(scripted_model("The moon."))
    async with _hidden.iter("tides") as nodes:
        async for _ in nodes:
            pass
    assert poet.name is None
    assert [run.operation for run in runs] == ["poet", "agent"]


def spans(*steps: str) -> list[tuple[Any, ...]]:
    """Instrument and watch in this order, run agents, and return what was traced, without ids and times."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    for step in steps:
        if step == "watch":
            pnb.watch()
        else:
            Agent.instrument_all(InstrumentationSettings(tracer_provider=provider))

    def search(query: str) -> str:
        return f"found {query}"

    async def failing(_messages: Any, _info: AgentInfo) -> AsyncIterator[str]:
        yield "The"
        raise ModelHTTPError(500, "m")

    async def refusing(_messages: Any, _info: AgentInfo) -> Any:
        raise ModelHTTPError(500, "m")

    async def work() -> None:
        handler = functools.partial(asyncio.sleep, 0)
        agent = Agent(scripted_model(tool_call("search", query="x"), "The moon."), tools=[search], name="first")
        await agent.run("tides", event_stream_handler=lambda _context, _events: handler())
        async with Agent(TestModel(), tools=[search], name="second").run_stream("tides") as stream:
            await stream.get_output()
        with pytest.raises(ModelHTTPError):
            async with Agent(FunctionModel(stream_function=failing), name="third").run_stream_events("tides") as events:
                assert [event async for event in events]
        chain = FallbackModel(FunctionModel(refusing, stream_function=failing), TestModel())
        await Agent(chain, name="fourth").run("tides")

    try:
        asyncio.run(work())
    finally:
        unwatch()
        Agent.instrument_all(instrument=False)
    return _comparable(exporter.get_finished_spans())


def _comparable(finished: tuple[ReadableSpan, ...]) -> list[tuple[Any, ...]]:
    names = {span.context.span_id: span.name for span in finished if span.context is not None}
    varies = ("gen_ai.agent.call.id", "gen_ai.conversation.id", "gen_ai.client.operation.time_to_first_chunk")
    traced: list[tuple[Any, ...]] = []
    for span in finished:
        kept = {key: value for key, value in (span.attributes or {}).items() if key not in varies}
        calls = {key for key in kept if "messages" in key or "tool.call.id" in key}  # calls have random ids
        plain = {key: "" if key in calls else value for key, value in kept.items()}
        events = [event.name for event in span.events]
        traced.append(
            (span.name, names.get(span.parent.span_id) if span.parent else None, plain, events, span.status.status_code)
        )
    return traced


def test_traces_are_the_same(runs: list[Any]) -> None:
    """pydantic-ai's own spans are the same with us and without, whether it was instrumented before or after."""
    plain = spans("instrument")
    assert len(plain) >= 10
    assert spans("watch", "instrument") == plain
    assert spans("instrument", "watch") == plain
    assert len(runs) == 8


def test_the_signature_stays() -> None:
    """Whoever inspects the method that we watch by finds what pydantic-ai declares."""
    declared = inspect.signature(ORIGINAL)
    pnb.watch()
    assert inspect.signature(Agent.iter) == declared
    assert Agent.iter.__qualname__ == "Agent.iter"


# --- agents that report already --------------------------------------------------------------------------


class Chatty(ReportProgress[Any]):
    """A subclass of the capability."""


OWN: dict[str, tuple[Any, Any]] = {
    "on the agent": ([ReportProgress(contents=False)], None),
    "on the run": (None, [ReportProgress(contents=False)]),
    "subclass": ([Chatty(contents=False)], None),
    "by a function": ([lambda _context: ReportProgress(contents=False)], None),
    "by a function of the run": (None, [lambda _context: ReportProgress(contents=False)]),
    "on both": ([ReportProgress(show=False)], [ReportProgress(contents=False)]),
}


@pytest.mark.parametrize("where", OWN)
async def test_its_own_options_stay(where: str, runs: list[Any]) -> None:
    """An agent that has a `ReportProgress`, however it got it, reports once and with the options of that."""
    of_agent, of_run = OWN[where]
    pnb.watch()
    agent = Agent(scripted_model("The moon."), name="writer", capabilities=of_agent)
    await agent.run("tides", capabilities=of_run)
    assert [(run.operation, run.status) for run in runs] == [("writer", "finished")]
    assert runs[0].partial is None
    assert runs[0].returned is None


async def test_one_that_is_not_shown(runs: list[Any]) -> None:
    """`ReportProgress(show=False)` keeps an agent out of sight, and `watch(show=False)` all others."""
    pnb.watch()
    await Agent(scripted_model("The moon."), capabilities=[ReportProgress(show=False)]).run("tides")
    assert runs == []
    pnb.watch(show=False)
    await Agent(scripted_model("The moon."), name="hidden").run("tides")
    assert runs == []
    assert pnb.last_run is not None
    assert pnb.last_run.operation == "hidden"
    await Agent(scripted_model("The moon."), capabilities=[ReportProgress(show=True)]).run("tides")
    assert len(runs) == 1


async def test_contents_are_left_out(runs: list[Any]) -> None:
    """`watch(contents=False)` leaves what agents and tools read and write out of all events."""
    pnb.watch(contents=False)
    agent = Agent(scripted_model(tool_call("look", where="secret place"), "secret answer"), name="writer")

    @agent.tool_plain
    def look(where: str) -> str:
        return f"secret of {where}"

    await agent.run("secret question")
    assert runs[0].status == "finished"
    assert "secret" not in "".join(event.model_dump_json() for event in runs[0].log)


# --- taken back ------------------------------------------------------------------------------------------


async def test_taken_back_below_another_method(runs: list[Any]) -> None:
    """Where somebody wrapped the method after us, theirs stays and ours does nothing, until it is asked again."""
    calls: list[str] = []
    pnb.watch()
    ours = Agent.__dict__["iter"]

    def theirs(self: Any, *args: Any, **options: Any) -> Any:
        calls.append("theirs")
        return ours(self, *args, **options)

    Agent.iter = theirs  # type: ignore[method-assign]
    unwatch()
    assert Agent.__dict__["iter"] is theirs
    await Agent(scripted_model("The moon.")).run("tides")
    assert (calls, runs) == (["theirs"], [])
    pnb.watch()
    await Agent(scripted_model("The moon.")).run("tides")
    unwatch()
    assert Agent.__dict__["iter"] is theirs
    assert (calls, len(runs)) == (["theirs"] * 2, 1)
    Agent.iter = ours  # type: ignore[method-assign] # they leave, and ours does nothing
    await Agent(scripted_model("The moon.")).run("tides")
    assert len(runs) == 1
    pnb.watch()
    unwatch()
    assert Agent.__dict__["iter"] is ORIGINAL


async def test_below_a_method_that_names_ours(runs: list[Any]) -> None:
    """Where another method says what it wraps, ours below it is turned on again, and none is laid on top."""
    pnb.watch()
    ours = Agent.__dict__["iter"]

    @functools.wraps(ours)
    def theirs(self: Any, *args: Any, **options: Any) -> Any:
        return ours(self, *args, **options)

    Agent.iter = theirs  # type: ignore[method-assign]
    unwatch()
    pnb.watch()
    assert Agent.__dict__["iter"] is theirs
    await Agent(scripted_model("The moon.")).run("tides")
    assert len(runs) == 1
    Agent.iter = ours  # type: ignore[method-assign]


async def test_twice_is_once(runs: list[Any]) -> None:
    """A further call changes the options and nothing else; an agent reports once."""
    pnb.watch()
    pnb.watch(show=False)
    pnb.watch("pydantic-ai", True)  # noqa: FBT003 - as users write it
    pnb.watch("Pydantic_AI")
    await Agent(scripted_model("The moon.")).run("tides")
    assert len(runs) == 1
    assert Agent.__dict__["iter"].__wrapped__ is ORIGINAL


async def test_another_instrument_put_the_original_back(runs: list[Any]) -> None:
    """A further call watches again where somebody took our method away without a word."""
    pnb.watch()
    Agent.iter = ORIGINAL  # type: ignore[method-assign]
    pnb.watch()
    await Agent(scripted_model("The moon.")).run("tides")
    assert len(runs) == 1


def test_in_threads(runs: list[Any]) -> None:
    """Calls from many threads leave one method of ours, or none."""

    def work() -> None:
        for _ in range(10):
            pnb.watch()
            on_a_loop(lambda: Agent(scripted_model("The moon."), name="writer").run_sync("tides"))
            unwatch()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Agent.__dict__["iter"] is ORIGINAL
    assert {run.status for run in runs} == {"finished"}


async def test_after_a_reload(runs: list[Any]) -> None:
    """`importlib.reload` of our modules, as autoreload does it, neither doubles nor loses what is watched."""
    module = importlib.import_module("progressnb.interop.watch")
    pnb.watch()
    importlib.reload(instrument)
    importlib.reload(module)
    module.watch()
    await Agent(scripted_model("The moon.")).run("tides")
    assert len(runs) == 1
    unwatch()
    assert Agent.__dict__["iter"] is ORIGINAL
    pnb.watch()
    module.watch(*[False])
    assert Agent.__dict__["iter"] is ORIGINAL


async def test_a_block(runs: list[Any]) -> None:
    """`with watch():` ends with its block, and a block in a watched session leaves it watched as before."""
    agent = Agent(scripted_model(*["The moon."] * 5), name="writer")
    with pnb.watch() as watching:
        assert repr(watching) == "<watching pydantic-ai>"
        await agent.run("tides")
        assert len(runs) == 1
        with pnb.watch(show=False):
            await agent.run("tides")
        assert len(runs) == 1
        await agent.run("tides")
        assert len(runs) == 2
        with unwatch():
            await agent.run("tides")
        assert len(runs) == 2
    await agent.run("tides")
    assert len(runs) == 2
    with pytest.raises(ZeroDivisionError), pnb.watch():
        _ = 1 / 0
    assert Agent.__dict__["iter"] is ORIGINAL


def test_the_extension(runs: list[Any]) -> None:
    """`%load_ext progressnb` watches, `%unload_ext` takes it back, and each may be done again."""
    for _ in range(2):
        pnb.load_ipython_extension(None)
    asyncio.run(by_run(Agent(scripted_model("The moon."))))
    assert len(runs) == 1
    for _ in range(2):
        pnb.unload_ipython_extension(None)
        assert Agent.__dict__["iter"] is ORIGINAL


@pytest.mark.integration
def test_nothing_before_the_call() -> None:
    """Neither the import nor the name changes or loads anything."""
    heavy = {"pydantic_ai", "langchain_core", "opentelemetry", "IPython"}
    code = f"import sys, progressnb; progressnb.watch; print(*({heavy} & {{*sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


EXAMPLES = re.findall(r"(<!-- compiled only -->\n)? *```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)


@pytest.mark.parametrize(("is_compiled_only", "code"), EXAMPLES)
async def test_the_document(is_compiled_only: str, code: str, runs: list[Any]) -> None:
    """The examples of docs/watch.md run as they are written."""
    code = textwrap.dedent(code if code.startswith(" ") else f"\n{code}")
    if not is_compiled_only and "agent." in code and "watch" not in code:
        pnb.watch()

    async def to_thread(work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.to_thread(on_a_loop, functools.partial(work, *arguments))

    given = {"pnb": pnb, "Agent": Agent, "search": lambda query: query, "topics": ["moon", "sun"]}
    given["asyncio"] = SimpleNamespace(gather=asyncio.gather, to_thread=to_thread)
    given["model"] = TestModel(call_tools=[])
    given["agent"] = Agent(TestModel())
    compiled = compile(code, str(DOCUMENT), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if is_compiled_only:
        return
    if (awaited := eval(compiled, given)) is not None:  # noqa: S307 - our own document
        await awaited
    expected = {"gather": 3, "agent.": 1}
    assert len(runs) == next((count for word, count in expected.items() if word in code), 0)


# --- never in the agent's way ----------------------------------------------------------------------------


class Workflow(AbstractCapability[Any]):
    """A durable workflow: it refuses the capabilities of a run."""

    in_durable_context = True

    def _validate_runtime_capabilities(self, ctx: Any, capabilities: Any) -> None:  # noqa: ARG002
        assert not (self.in_durable_context and capabilities)


async def test_in_a_durable_workflow(runs: list[Any]) -> None:
    """The code of a durable workflow gets no capability, which it would refuse; outside it the agent reports."""
    pnb.watch()
    workflow = Workflow()
    agent = Agent(scripted_model("The moon.", "The moon."), capabilities=[workflow])
    await agent.run("tides")
    assert runs == []
    workflow.in_durable_context = False
    await agent.run("tides")
    assert len(runs) == 1


async def test_in_a_workflow_of_temporal(monkeypatch: pytest.MonkeyPatch, runs: list[Any]) -> None:
    """Code that Temporal replays begins no run, whatever its agent has; outside it the agent reports."""
    inside = [True, False]
    monkeypatch.setitem(sys.modules, "temporalio.workflow", SimpleNamespace(in_workflow=lambda: inside[0]))
    pnb.watch()
    agent = Agent(scripted_model("The moon.", "The moon."))
    await agent.run("tides")
    assert runs == []
    inside.pop(0)
    await agent.run("tides")
    assert len(runs) == 1


def fail(*_args: Any, **_options: Any) -> Any:
    """Be a fault of ours."""
    raise RuntimeError("a fault of progressnb")


FAULTS = {
    "the choice of an agent": "watching:may_report",
    "the prompt": "capability:first_words",
    "its run": "capability:AgentRun",
    "the form of an output": "output:OutputForm.of",
    "a request": "requests:Requests.begin",
    "the end of a request": "requests:Requests.end",
    "an event": "output:OutputWriter.add",
    "the beginning of a part": "output:OutputWriter.start",
    "the place": "place:Place.output",
    "the beginning of an agent": "place:Place.enter",
    "the end of an agent": "place:Place.end",
    "a call": "calls:Calls.stage",
    "what a call gave": "calls:note_result",
    "the end of an output": "output:OutputWriter.validated",
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("way", [by_run, by_run_stream, by_iter])
async def test_a_fault_of_ours(
    fault: str,
    way: Callable[[Any], Awaitable[Any]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    runs: list[Any],
) -> None:
    """An agent goes on whatever goes wrong in our reporting: that is logged once, and what was begun ends."""
    monkeypatch.setattr("progressnb.agents." + FAULTS[fault].replace(":", "."), fail)
    pnb.watch()
    agent = Agent(scripted_model(tool_call("look"), "The moon."), name="writer")

    @agent.tool_plain
    def look() -> str:
        return "up"

    with caplog.at_level(logging.WARNING, "progressnb"):
        assert await way(agent) == "The moon."
    assert [record.exc_text is not None or record.exc_info is not None for record in caplog.records] == [True]
    assert {run.status for run in runs} <= {"finished"}


async def test_an_error_of_the_agent_stays_its_own(runs: list[Any]) -> None:
    """What the agent raises is raised, and not what went wrong while it was reported."""

    async def failing(_messages: Any, _info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        yield "The"
        raise ModelHTTPError(500, "m")

    pnb.watch()
    with pytest.raises(ModelHTTPError):
        await Agent(FunctionModel(stream_function=failing), name="writer").run("tides")
    assert [run.status for run in runs] == ["failed"]


async def test_stop_in_a_thread(runs: list[Any]) -> None:
    """An agent that `run_sync` runs in a thread is stopped from here, and its caller gets `RunCancelled`."""

    async def endless(_messages: Any, _info: AgentInfo) -> AsyncIterator[str]:
        while True:
            yield "on and "
            await asyncio.sleep(0)

    pnb.watch()
    work = asyncio.ensure_future(by_run_sync(Agent(FunctionModel(stream_function=endless), name="writer")))
    while not (runs and runs[0].partial):
        await asyncio.sleep(0)
    runs[0].cancel()
    with pytest.raises(RunCancelled):
        await work
    assert runs[0].status == "cancelled"


async def test_a_watched_agent_asks_for_a_stream(runs: list[Any]) -> None:
    """A model that can only stream answers while it is watched; then pydantic-ai asks for the whole answer again."""

    async def stream(_messages: Any, _info: AgentInfo) -> AsyncIterator[str]:
        yield "The moon."

    writer = Agent(FunctionModel(stream_function=stream))
    with pnb.watch():
        assert (await writer.run("Why?")).output == "The moon."
    with pytest.raises(AssertionError, match="non-streamed"):
        await writer.run("Why?")
    assert [run.status for run in runs] == ["finished"]


# --- what can be watched ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("what", "meant"), [("langchian", "langchain"), ("pydantic", "pydantic-ai"), ("tqmd", "tqdm")])
def test_a_name_that_is_near(what: str, meant: str) -> None:
    """A misspelt name is refused with the one that is near it."""
    with pytest.raises(InputError, match=f'Did you mean "{meant}"'):
        pnb.watch(what)


@pytest.mark.parametrize("what", ["crewai", "", 1, None, ["otel"]])
def test_what_can_not_be_watched(what: Any) -> None:
    """Another name is refused with those that there are, and changes nothing."""
    with pytest.raises(InputError, match='There are "pydantic-ai", "langchain", "otel"'):
        pnb.watch("pydantic-ai", what)
    assert Agent.__dict__["iter"] is ORIGINAL


@pytest.mark.parametrize("client", ["openai", "anthropic", "google-genai", "google_genai", "LiteLLM"])
def test_clients_are_shown_by_stream(client: str) -> None:
    """The name of a client of models is refused with the function that shows its answers."""
    with pytest.raises(InputError, match=r"pnb\.stream"):
        pnb.watch(client)


def test_langgraph_is_another_name_of_langchain() -> None:
    """LangGraph is watched by its own name, and taken back by either one."""
    assert repr(pnb.watch("langgraph")) == "<watching langchain>"
    pnb.watch("langgraph", "langchain")
    assert is_installed()
    pnb.watch("langgraph", False)  # noqa: FBT003 - as users write it
    assert not is_installed()


@pytest.mark.parametrize("options", [{"show": "yes"}, {"show": 1}, {"contents": None}, {"contents": 0}])
def test_options_that_are_none(options: Any) -> None:
    """Options that `ReportProgress` refuses are refused at once."""
    with pytest.raises(InputError, match=f"{next(iter(options))} as True"):
        pnb.watch(**options)
    assert Agent.__dict__["iter"] is ORIGINAL


def test_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that is not installed is named with its install line, and nothing of the call is done."""
    monkeypatch.setitem(sys.modules, "langchain_core", None)
    with pytest.raises(MissingExtraError, match="Install it: pip install langchain-core"):
        pnb.watch("pydantic-ai", "langchain")
    assert Agent.__dict__["iter"] is ORIGINAL


class Library:
    """A library that can be watched, which notes what it is asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.calls: list[object] = []
        self.fails = False

    def install(self, **options: Any) -> Callable[[], None]:
        """Begin, unless it shall fail."""
        if self.fails:
            raise ValueError(self.name)
        self.calls.append(options)
        return lambda: self.calls.append("undone")


@pytest.fixture
def libraries(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Library, Library]]:
    """Have two libraries more that can be watched."""
    pair = Library("one"), Library("two")
    module = importlib.import_module("progressnb.interop.watch")
    for library in pair:
        monkeypatch.setitem(sys.modules, f"library_{library.name}", library)
        instruments, name = module._INSTRUMENTS, f"library_{library.name}"
        monkeypatch.setitem(instruments, library.name, module._Instrument(name, "json", "json"))
    yield pair
    unwatch()


def test_several_at_once(libraries: tuple[Library, Library]) -> None:
    """Each library that is named gets the options; one can be taken back alone, and False takes back all."""
    one, two = libraries
    default = {"show": None, "contents": True}
    pnb.watch("one", "two", "one")
    assert (one.calls, two.calls) == ([default], [default])
    pnb.watch("one", False)  # noqa: FBT003 - as users write it
    assert (one.calls, two.calls) == ([default, "undone"], [default])
    pnb.watch("one", show=False, contents=False)
    assert one.calls[2:] == [{"show": False, "contents": False}]
    assert Agent.__dict__["iter"] is ORIGINAL
    unwatch()
    unwatch()
    assert (one.calls[3:], two.calls[1:]) == (["undone"], ["undone"])


def test_one_that_fails(libraries: tuple[Library, Library]) -> None:
    """Where a library can't be watched after all, those that came before it are as they were."""
    one, two = libraries
    pnb.watch("one", show=True)
    two.fails = True
    with pytest.raises(ValueError, match="two"):
        pnb.watch("one", "pydantic-ai", "two")
    assert one.calls[-1] == {"show": True, "contents": True}
    assert Agent.__dict__["iter"] is ORIGINAL
    with pytest.raises(ValueError, match="two"), pnb.watch("two"):
        pass
