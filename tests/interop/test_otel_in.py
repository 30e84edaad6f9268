"""OpenTelemetry in: the spans of instrumented libraries are stages while they go on."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import context, trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags
from pydantic_ai import Agent
from pydantic_ai.capabilities import Instrumentation
from pydantic_ai.models.instrumented import InstrumentationSettings

import progressnb as pnb
from progressnb.errors import InputError, RunCancelled
from progressnb.execution.driven import DrivenRun
from progressnb.folds.view import RunView
from progressnb.interop import OtelExport
from progressnb.interop.langchain import install as install_langchain
from progressnb.interop.otel import install
from progressnb.interop.pieces import MOST_STAGES
from progressnb.testing import scripted_model, tool_call
from tests.interop.watching import data, reported, stages, text, written

provider = TracerProvider()
exporter = InMemorySpanExporter()
provider.add_span_processor(SimpleSpanProcessor(exporter))
tracer = provider.get_tracer("shop")


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[DrivenRun]]:
    """Watch the spans of a provider and collect the runs that begin."""
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    exporter.clear()
    seen: list[Any] = []
    pnb.configure(screen=seen.append)
    uninstall = install()
    yield seen
    uninstall()


def test_a_root_span_is_a_run_with_stages(begun: list[DrivenRun]) -> None:
    """Outside any run a root span begins one; spans below are stages, live."""
    with tracer.start_as_current_span("order"):
        with tracer.start_as_current_span("pay"):
            assert stages(begun[0]) == {"order": "running", "order/pay": "running"}
        assert stages(begun[0])["order/pay"] == "finished"
    (run,) = begun
    assert (run.status, stages(run)) == ("finished", {"order": "finished", "order/pay": "finished"})
    assert run.state.find("order/pay").percent == 100  # type: ignore[union-attr]


def test_no_percent_is_told_of_spans_that_nobody_counted(begun: list[DrivenRun]) -> None:
    """Spans that have ended give those above no percent: how many come is not known."""
    seen: list[Any] = []
    with tracer.start_as_current_span("order"):
        for name in ("look", "pay", "send"):
            with tracer.start_as_current_span(name), tracer.start_as_current_span("wait"):
                pass
            tree = RunView().tree(begun[0].state, 1.0)
            seen.append((tree["header"]["percent"], begun[0].state.stages[0].percent))
    assert seen == [(None, None)] * 3
    assert begun[0].state.overall_progress == 100


async def test_inside_a_stage_a_span_is_a_stage_of_it(begun: list[DrivenRun]) -> None:
    """In an operation no run begins; what reports in a span stands below the span's stage."""

    @pnb.operation(stages=["work"])
    async def work(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("work") as stage:
            with tracer.start_as_current_span("look"):
                for _ in pnb.track([1], "pages"):
                    pass
                with pnb.current_stage().stage("mine"):  # type: ignore[union-attr]
                    pass
            assert pnb.current_stage() is stage

    run = work.using(show=False)()
    await run
    assert begun == []
    assert list(stages(run)) == ["work", "work/look", "work/look/pages", "work/look/mine"]


def test_models_and_tools_are_known_by_their_names(begun: list[DrivenRun]) -> None:
    """The conventions for generative AI give title, model, tokens, cost, arguments, results and the text."""
    with tracer.start_as_current_span("ask"):
        chat = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5"}
        with tracer.start_as_current_span("chat gpt-5", attributes=chat) as span:
            stage = begun[0].state.find("ask/gpt-5")
            assert stage is not None
            assert (stage.data["model"], stage.message) == ("gpt-5", "its text and tokens come at the end")
            message = '[{"role":"assistant","parts":[{"type":"text","content":"Sunny."}]}]'
            span.set_attributes({"gen_ai.usage.input_tokens": 30, "gen_ai.usage.output_tokens": 2})
            span.set_attributes({"operation.cost": 0.5, "gen_ai.output.messages": message})
        tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "look"}
        with tracer.start_as_current_span("execute_tool look", attributes=tool) as span:
            span.set_attributes({"gen_ai.tool.call.arguments": '{"city":"Rome"}', "gen_ai.tool.call.result": "sun"})
    assert begun[0].state.usage == {"input_tokens": 30, "output_tokens": 2, "cost": 0.5}
    assert text(begun[0], "ask/gpt-5") == "Sunny."
    assert data(begun[0], "ask/look") == {"arguments": {"city": "Rome"}, "result": "sun"}


@pytest.mark.parametrize(
    "names",
    [
        {"openinference.span.kind": "LLM", "llm.model_name": "m", "llm.token_count.prompt": 3},
        {"llm.request.type": "chat", "gen_ai.request.model": "m", "gen_ai.usage.prompt_tokens": 3},
    ],
)
def test_other_conventions_are_known(begun: list[DrivenRun], names: dict[str, Any]) -> None:
    """The names of OpenInference and of older instrumentations count as well."""
    with tracer.start_as_current_span("llm", attributes=names):
        pass
    assert (begun[0].operation, begun[0].state.usage) == ("m", {"input_tokens": 3})


def test_totals_of_an_agent_are_not_counted_again(begun: list[DrivenRun]) -> None:
    """An agent's span repeats the tokens of its requests: they count once, however deep."""
    usage = {"gen_ai.usage.input_tokens": 30}
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "helper"}
    with tracer.start_as_current_span("team") as team:
        with tracer.start_as_current_span("invoke_agent helper", attributes=agent) as span:
            chat: Any = {"gen_ai.operation.name": "chat", **usage}
            with tracer.start_as_current_span("step"), tracer.start_as_current_span("chat", attributes=chat):
                pass
            span.set_attributes(usage)
        team.set_attributes(usage)
    assert begun[0].state.usage == {"input_tokens": 30}
    assert "team/helper/step/chat" in stages(begun[0])


def test_errors_are_told_with_their_type(begun: list[DrivenRun]) -> None:
    """A span that ends with an exception fails its stage and its run, by the exception's own name, once."""
    with pytest.raises(KeyError), tracer.start_as_current_span("order"), tracer.start_as_current_span("pay"):
        raise KeyError("card")
    state = begun[0].state
    assert (state.status, state.error, state.error_type, state.error_stage) == (
        "failed",
        "'card'",
        "KeyError",
        "order/pay",
    )
    assert [event.type for event in begun[0].log].count("error") == 2
    with tracer.start_as_current_span("order") as span:
        span.set_status(trace.Status(trace.StatusCode.ERROR, "no stock"))
    assert (begun[1].state.error, begun[1].state.error_type) == ("no stock", "Error")


def test_spans_in_other_threads_are_placed_by_their_parents(begun: list[DrivenRun]) -> None:
    """A thread that was given the context, or only the parent, reports below it, and may end what another began."""
    with tracer.start_as_current_span("order") as order:
        above = context.get_current()
        inner = tracer.start_span("packed elsewhere")

        def pack() -> None:
            tracer.start_span("pack", context=above).end()
            inner.end()

        thread = threading.Thread(target=pack)
        thread.start()
        thread.join()
        assert order.is_recording()
    assert list(stages(begun[0])) == ["order", "order/packed elsewhere", "order/pack"]


def test_a_parent_in_another_process_begins_a_run_here(begun: list[DrivenRun]) -> None:
    """A span whose parent is remote, or began before the watch, is outermost here."""
    remote = SpanContext(1, 2, is_remote=True, trace_flags=TraceFlags(1))
    with tracer.start_as_current_span("serve", context=trace.set_span_in_context(NonRecordingSpan(remote))):
        pass
    assert stages(begun[0]) == {"serve": "finished"}


def test_attributes_are_contents_but_numbers_are_not(begun: list[DrivenRun]) -> None:
    """Attributes are data of the stage; without contents only numbers are, and no text of the span is written."""
    attributes: Any = {"http.response.status_code": 200, "user": "secret", "gen_ai.input.messages": "secret"}
    with tracer.start_as_current_span("GET", attributes=attributes):
        pass
    assert data(begun[0], "GET") == {"attributes": {"http.response.status_code": 200, "user": "secret"}}
    uninstall = install(contents=False)
    tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.call.result": "secret", "tool_arguments": "secret"}
    with tracer.start_as_current_span("GET", attributes=attributes), tracer.start_as_current_span("t", attributes=tool):
        pass
    uninstall()
    assert "secret" not in written(begun[1])
    assert data(begun[1], "GET") == {"attributes": {"http.response.status_code": 200}}


async def test_our_own_spans_do_not_come_back(begun: list[DrivenRun]) -> None:
    """With runs going out as spans and spans coming in as stages, nothing is seen twice."""
    pnb.configure(otel=OtelExport(provider))

    @pnb.operation
    async def work(tracker: pnb.ProgressTracker) -> None:
        with tracer.start_as_current_span("look"), tracker.stage("own"):
            pass

    run = work()
    await run
    assert list(stages(run)) == ["look", "own"]
    with tracer.start_as_current_span("order"):
        pass
    assert [each.operation for each in begun] == ["work", "order"]
    assert sorted(span.name for span in exporter.get_finished_spans()) == sorted(
        ["look", "order", "invoke_workflow work", "look", "own", "invoke_workflow order", "order"]
    )


async def look(city: str) -> str:
    """Look, in a span of its own."""
    with tracer.start_as_current_span("fetch"):
        return f"sun in {city}"


def helper(*capabilities: Any) -> Agent[None, str]:
    """Return an instrumented agent with a tool."""
    return Agent(
        scripted_model(tool_call("look", city="Rome"), "Sunny."),
        name="helper",
        tools=[look],
        capabilities=[*capabilities, Instrumentation(InstrumentationSettings(tracer_provider=provider))],
    )


async def test_an_agent_that_reports_is_not_seen_twice(begun: list[DrivenRun]) -> None:
    """Spans of an agent with `ReportProgress` are left out, in a run and outside; spans in its tools are not."""
    expected = ["helper", "helper/look", "helper/look/fetch"]
    await helper(pnb.ReportProgress()).run("?")
    assert [list(stages(run)) for run in begun] == [expected]

    @pnb.operation(stages=["ask"])
    async def ask(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("ask"):
            await helper(pnb.ReportProgress()).run("?")

    run = ask()
    await run
    assert list(stages(run)) == ["ask", "ask/look", "ask/look/fetch"]

    @pnb.operation
    async def bare(_: pnb.ProgressTracker) -> None:
        await helper(pnb.ReportProgress()).run("?")

    run = bare()
    await run
    assert list(stages(run)) == expected


async def test_an_agent_that_does_not_report_is_seen_by_its_spans(begun: list[DrivenRun]) -> None:
    """An instrumented agent without `ReportProgress` shows its requests and its tools; its tokens count once."""
    result = await helper().run("?")
    assert len(begun) == 1
    names = [path.rpartition("/")[2] for path in stages(begun[0])]
    assert "fetch" in names
    assert "look" in names
    assert begun[0].operation == "helper"
    assert begun[0].state.usage["input_tokens"] == result.usage.input_tokens
    assert begun[0].status == "finished"


def test_chains_that_report_are_not_seen_twice(begun: list[DrivenRun]) -> None:
    """Spans of an instrumentation of LangChain are left out while LangChain is watched by its own hook."""
    theirs = provider.get_tracer("opentelemetry.instrumentation.langchain")
    uninstall = install_langchain()
    with theirs.start_as_current_span("chain"):
        pass
    assert begun == []
    uninstall()
    with theirs.start_as_current_span("chain"):
        pass
    assert len(begun) == 1


def test_very_many_spans_are_bounded(begun: list[DrivenRun]) -> None:
    """However many spans a run has, its stages are bounded, and what is left out is counted."""
    with tracer.start_as_current_span("order"):
        for _ in range(MOST_STAGES + 7):
            tracer.start_span("item").end()
    assert reported(begun[0]) == MOST_STAGES + 1
    assert data(begun[0], "order")["left_out"] == 7


async def test_very_many_spans_of_an_operation_are_bounded(begun: list[DrivenRun]) -> None:
    """So are the outermost spans of a run of another kind."""

    @pnb.operation
    async def work(_: pnb.ProgressTracker) -> None:
        for _number in range(MOST_STAGES + 7):
            tracer.start_span("item").end()

    run = work.using(show=False)()
    await run
    assert MOST_STAGES <= reported(run) <= MOST_STAGES + 1
    assert begun == []


async def test_stop_ends_the_work(begun: list[DrivenRun]) -> None:
    """Stop cancels the task of a root span; code that does not wait gets `RunCancelled` at its next span."""
    started = asyncio.Event()

    async def work() -> None:
        with tracer.start_as_current_span("order"):
            started.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await started.wait()
    begun[0].cancel("enough")
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (begun[0].status, begun[0].state.reason) == ("cancelled", "enough")

    def sync() -> None:
        with tracer.start_as_current_span("order"):
            begun[1].cancel("enough")
            with tracer.start_as_current_span("pay"):
                raise AssertionError

    with pytest.raises(RunCancelled, match="enough"):
        await asyncio.to_thread(sync)
    assert begun[1].status == "cancelled"


def test_uninstalled_it_is_inert_and_adds_no_second_processor(begun: list[DrivenRun]) -> None:
    """After the undo nothing reports; installing again and again adds one processor."""
    for _ in range(3):
        install()()
    with tracer.start_as_current_span("order"):
        pass
    assert begun == []
    active: Any = provider._active_span_processor
    assert len([each for each in active._span_processors if type(each).__module__.startswith("progressnb")]) == 1
    uninstall = install()
    span = tracer.start_span("order")
    uninstall()
    span.end()
    assert [run.status for run in begun] == ["cancelled"]


def test_without_a_provider_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody has set a TracerProvider there are no spans: the error says how to set one."""
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)
    monkeypatch.delenv("OTEL_PYTHON_TRACER_PROVIDER", raising=False)
    with pytest.raises(InputError, match="set_tracer_provider"):
        install()


def test_a_report_that_fails_breaks_no_span(
    begun: list[DrivenRun], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Errors of ours are logged, and the instrumented code goes on."""

    def broken(*_: object, **__: object) -> None:
        raise OSError("full")

    monkeypatch.setattr("progressnb.interop.pieces.Pieces.begin", broken)
    with tracer.start_as_current_span("order"):
        pass
    assert "could not report a span" in caplog.text
    assert begun == []
