"""OpenTelemetry out: a run's spans say what its state says."""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic_ai import Agent, ModelRetry
from pydantic_ai.capabilities import Instrumentation
from pydantic_ai.models.instrumented import InstrumentationSettings

import progressnb as pnb
from progressnb.errors import InputError, InvalidProgressError, RunCancelled
from progressnb.folds.state import RunState
from progressnb.interop import OtelExport, to_otel
from progressnb.interop.otel import spans
from progressnb.testing import ManualClock, scripted_model, tool_call
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.events import ErrorEvent


class Traced:
    """A provider and the spans that came to its end."""

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))

    def __init__(self) -> None:
        self.exporter.clear()

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        """The spans that have ended."""
        return self.exporter.get_finished_spans()

    def by_stage(self) -> dict[str | None, ReadableSpan]:
        """Return the spans by the path of their stage; that of the run under None."""
        found = {_attribute(span, "progressnb.stage"): span for span in self.spans}
        assert len(found) == len(self.spans), "no stage has two spans"
        return found


def _attribute(span: ReadableSpan, name: str) -> Any:
    return (span.attributes or {}).get(name)


@pytest.fixture
def traced() -> Traced:
    """Return a provider of the test's own, to which every run is sent."""
    made = Traced()
    pnb.configure(otel=OtelExport(made.provider), show=False)
    return made


def nanoseconds(moment: Any) -> int:
    """Return a time as spans have it."""
    return int(moment.timestamp() * 1_000_000 + 0.5) * 1000


def begins(log: Iterable[Any]) -> list[str]:
    """List the stages in the order in which they began."""
    return [*dict.fromkeys(e.stage for e in log if getattr(e, "status", "pending") not in ("pending", "skipped"))]


def check_equal(traced: Traced, state: RunState, log: Iterable[Any]) -> None:
    """Compare spans with the state of their run: stages, statuses, times, tokens, errors, the tree."""
    found, order = traced.by_stage(), begins(log)
    begun = {stage.path: stage for _, stage in state.walk() if stage.started is not None}
    assert {*found} == {None, *begun}
    root = found[None]
    assert _attribute(root, "progressnb.status") == state.status
    assert _attribute(root, "progressnb.run_id") == state.run_id
    assert root.start_time == nanoseconds(state.started)
    assert root.end_time == root.start_time + round((state.duration or 0) * 1e9)
    for key in ("input_tokens", "output_tokens"):
        assert _attribute(root, f"gen_ai.aggregated_usage.{key}") == state.usage.get(key)
    assert (root.status.status_code is trace.StatusCode.ERROR) == (state.status == "failed")
    for path, stage in begun.items():
        span = found[path]
        assert _attribute(span, "progressnb.status") == stage.status
        assert span.start_time == nanoseconds(stage.started)
        assert span.end_time == span.start_time + round((stage.duration or 0) * 1e9)
        assert _attribute(span, "progressnb.percent") == stage.percent
        assert (span.status.status_code is trace.StatusCode.ERROR) == (stage.status == "failed")
        for key in ("input_tokens", "output_tokens"):
            assert _attribute(span, f"gen_ai.usage.{key}") == stage.data.get(key)
        before = order[: order.index(path)]  # a part may begin before what it is a part of
        above = path.rpartition("/")[0]
        while above and above not in before:
            above = above.rpartition("/")[0]
        parent, context = span.parent, found[above or None].context
        assert parent is not None
        assert context is not None
        assert parent.span_id == context.span_id


ACTS = st.lists(
    st.tuples(
        st.integers(0, 20),
        st.sampled_from(
            ["child", "update", "write", "use", "finish", "fail", "raise", "skip", "cancel", "retry", "start", "wait"]
        ),
        st.floats(0, 5),
    ),
    max_size=30,
)


@given(acts=ACTS, end=st.sampled_from(["done", "fail", "cancelled"]), late=st.booleans())
def test_spans_equal_the_state(acts: list[tuple[int, str, float]], end: str, late: bool) -> None:
    """Whatever a run does, its spans tell its stages, statuses, times, tokens and tree; live and from its record."""
    traced, clock = Traced(), ManualClock()
    tracker = ProgressTracker("op", {"a": 1, "b": 3}, clock=clock, show=False)
    if not late:
        OtelExport(traced.provider).export(tracker)
    tracker.start()
    handles = [tracker.stage("a"), tracker.stage("b")]
    does: dict[str, Callable[[Any], object]] = {
        "child": lambda stage: handles.append(stage.stage("part")),
        "update": lambda stage: stage.update(30, "x", pages=3),
        "write": lambda stage: stage.write("words "),
        "use": lambda stage: stage.add_usage("m", input_tokens=3, output_tokens=1, cost=0.5),
        "finish": lambda stage: stage.finish(),
        "fail": lambda stage: stage.fail("no"),
        "raise": lambda stage: stage.fail(ValueError("no")),
        "skip": lambda stage: stage.skip(),
        "cancel": lambda stage: stage.cancel(),
        "retry": lambda stage: stage.retry(2, 3, "again"),
        "start": lambda stage: stage.start(),
        "wait": lambda _: None,
    }
    for at, act, seconds in acts:
        clock.advance(seconds)
        stage = handles[at % len(handles)]
        if not stage.ended:
            does[act](stage)
    getattr(tracker, end)(*([ValueError("broken")] if end == "fail" else []))
    if late:
        to_otel(list(tracker.log), tracer_provider=traced.provider)
    check_equal(traced, tracker.state, tracker.log)


async def test_every_run_is_sent_once_it_is_configured(traced: Traced) -> None:
    """An operation, with an agent and its tool: names and attributes of the conventions for generative AI."""

    async def look(city: str) -> str:
        return f"sun in {city}"

    agent = Agent(
        scripted_model(tool_call("look", city="Rome"), "Sunny."),
        name="helper",
        tools=[look],
        capabilities=[pnb.ReportProgress()],
    )

    @pnb.operation(stages=["ask"])
    async def answer(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("ask"):
            return (await agent.run("How is Rome?")).output

    run = answer()
    await run
    check_equal(traced, run.state, run.log)
    found = traced.by_stage()
    ask, tool, root = found["ask"], found["ask/look"], found[None]
    assert root.name == "invoke_workflow answer"
    assert (ask.name, _attribute(ask, "gen_ai.operation.name")) == ("invoke_agent ask", "invoke_agent")
    assert _attribute(ask, "gen_ai.request.model") == run.state.model
    assert _attribute(ask, "gen_ai.usage.input_tokens") > 0
    assert (tool.name, _attribute(tool, "gen_ai.operation.name")) == ("execute_tool look", "execute_tool")
    assert _attribute(tool, "gen_ai.tool.name") == "look"
    assert root.instrumentation_scope is not None
    assert root.instrumentation_scope.name == "progressnb"


@pytest.mark.parametrize("how", ["all", "capability"])
@pytest.mark.parametrize("where", ["alone", "operation"])
async def test_what_pydantic_ai_traces_is_counted_once(traced: Traced, how: str, where: str) -> None:
    """Where pydantic-ai makes spans of an agent, ours have no tokens of it, and its tools have one span each."""
    settings = InstrumentationSettings(tracer_provider=traced.provider)

    @pnb.operation
    async def below(tracker: pnb.ProgressTracker) -> None:
        with tracker.stage("below"):
            pass

    async def look(city: str) -> str:
        await below()
        if city == "Oslo":
            raise ModelRetry("another city")
        return f"sun in {city}"

    model = scripted_model(tool_call("look", city="Oslo"), tool_call("look", city="Rome"), "Sunny.")
    capabilities: list[Any] = [pnb.ReportProgress()]
    if how == "capability":
        capabilities.append(Instrumentation(settings))
    agent = Agent(
        model,
        name="helper",
        tools=[look],
        capabilities=capabilities,
    )
    if how == "all":
        Agent.instrument_all(settings)

    @pnb.operation(stages=["ask"])
    async def answer(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("ask"):
            return (await agent.run("How is Rome?")).output

    try:
        result = await agent.run("How is Rome?") if where == "alone" else await answer()
    finally:
        Agent.instrument_all(False)  # noqa: FBT003 - as pydantic-ai has it
    assert result
    assert pnb.last_run is not None
    ours = [span for span in traced.spans if getattr(span.instrumentation_scope, "name", "") == "progressnb"]
    theirs = [span for span in traced.spans if span not in ours]
    assert not any(name.startswith("gen_ai.usage.") for span in ours for name in span.attributes or {})
    chats = [span for span in theirs if _attribute(span, "gen_ai.operation.name") == "chat"]
    counted = sum(_attribute(span, "gen_ai.usage.output_tokens") for span in chats)
    assert counted == pnb.last_run.state.usage["output_tokens"] > 0
    assert len([span for span in traced.spans if _attribute(span, "gen_ai.operation.name") == "execute_tool"]) == 2
    assert len([span for span in ours if span.name == "invoke_workflow below"]) == 2


async def test_contents_are_sent_only_if_asked(traced: Traced) -> None:
    """Texts, arguments, results, titles and messages stay at home; with `contents` they go."""

    @pnb.operation
    async def tell(tracker: pnb.ProgressTracker, secret: str) -> str:
        with tracker.stage("tell") as stage:
            stage.update(message=f"telling {secret}", secret=secret)
            stage.write(f"the {secret}")
        return secret

    await tell.using(title="the sauce")("sauce")
    assert "sauce" not in "".join(span.to_json() for span in traced.spans)
    pnb.configure(otel=OtelExport(traced.provider, contents=True))
    traced.exporter.clear()
    await tell.using(title="the sauce")("sauce")
    span = traced.by_stage()["tell"]
    assert "the sauce" in _attribute(span, "gen_ai.output.messages")
    assert _attribute(traced.by_stage()[None], "progressnb.result") == '"sauce"'


async def test_errors_are_recorded(traced: Traced) -> None:
    """A failed stage has its error as an exception event, its type and an error status; so has the run."""

    @pnb.operation
    async def fail(tracker: pnb.ProgressTracker) -> None:
        with tracker.stage("work"):
            raise ValueError("no paper")

    with pytest.raises(ValueError, match="no paper"):
        await fail()
    for span in traced.by_stage().values():
        assert (span.status.status_code, span.status.description) == (trace.StatusCode.ERROR, "no paper")
        assert [_attribute(event, "exception.type") for event in span.events] == ["ValueError"]  # type: ignore[arg-type]
        assert _attribute(span, "error.type") == "ValueError"


async def test_a_run_stands_below_the_current_span(traced: Traced) -> None:
    """A run that begins in a span is its child; a run that a stage calls is the child of that stage's span."""

    @pnb.operation
    async def inner(tracker: pnb.ProgressTracker) -> None:
        tracker.stage("deep").add_usage("m", input_tokens=3)

    @pnb.operation
    async def outer(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("call"):
            await inner()

    with traced.provider.get_tracer("mine").start_as_current_span("mine") as mine:
        await outer()
    by_name = {span.name: span for span in traced.spans}
    assert by_name["invoke_workflow outer"].parent == mine.get_span_context()
    inside = by_name["invoke_workflow inner"].parent
    assert inside is not None
    caller = next(span for span in traced.spans if span.context is not None and span.context.span_id == inside.span_id)
    assert _attribute(caller, "progressnb.stage") == "call/inner"
    assert len({span.context.trace_id for span in traced.spans if span.context is not None}) == 1
    counted = [_attribute(span, "gen_ai.usage.input_tokens") for span in traced.spans]
    assert [number for number in counted if number is not None] == [3], "no token is counted twice"


async def test_spans_end_as_their_stages_end(traced: Traced) -> None:
    """A live run sends each stage when it ends, not only at its own end."""

    @pnb.operation
    async def work(tracker: pnb.ProgressTracker) -> int:
        with tracker.stage("one"):
            pass
        return len(traced.spans)

    assert await work() == 1


async def test_a_cancelled_run_is_no_error(traced: Traced) -> None:
    """Stop ends the spans, with the status `cancelled` and no error."""

    @pnb.operation
    async def wait(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("wait"):
            run.cancel("enough")
            await pnb.atrack.gather()
            import asyncio

            await asyncio.Event().wait()

    run = wait()
    with pytest.raises(RunCancelled):
        await run
    assert {_attribute(span, "progressnb.status") for span in traced.by_stage().values()} >= {"cancelled"}
    assert {span.status.status_code for span in traced.spans} == {trace.StatusCode.UNSET}


async def test_a_past_run_of_a_history_is_sent(tmp_path: Any) -> None:
    """`to_otel(pnb.replay(id, …))` sends a run that a history keeps."""
    history = pnb.History(tmp_path / "runs.db")
    pnb.configure(show=False, history=history)

    @pnb.operation
    async def work(tracker: pnb.ProgressTracker) -> None:
        tracker.stage("one").add_usage("m", input_tokens=3)

    run = work()
    await run
    traced = Traced()
    to_otel(pnb.replay(run.id, speed=None, show=False, history=history), tracer_provider=traced.provider)
    check_equal(traced, run.state, run.log)
    history.close()


def test_off_it_costs_nothing_and_faults_are_told(caplog: pytest.LogCaptureFixture) -> None:
    """Switched off no span is made; a wrong option says what is right; a provider that fails leaves the run alone."""
    pnb.configure(otel=True)
    pnb.configure(otel=False)
    assert pnb.tracking.session.current_session().otel is None
    with pytest.raises(InvalidProgressError, match="OtelExport"):
        pnb.configure(otel="yes")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="a run or its events"):
        to_otel(3)  # type: ignore[arg-type]

    class Broken:
        def export(self, run: Any) -> None:
            raise OSError(run.operation)

    with pnb.configure.local(otel=Broken()), caplog.at_level(logging.WARNING):
        tracker = ProgressTracker("op", show=False)
        tracker.start()
        tracker.done()
    assert "could not send op" in caplog.text


def test_no_provider_is_told_once(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody has set a provider a warning says what to do; runs go on."""
    spans._warn_of_no_provider.cache_clear()
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)
    monkeypatch.delenv("OTEL_PYTHON_TRACER_PROVIDER", raising=False)
    for _ in range(2):
        tracker = ProgressTracker("op", show=False)
        OtelExport().export(tracker)
        tracker.start()
        tracker.done()
    assert caplog.text.count("no TracerProvider is set") == 1


@pytest.mark.parametrize("contents", [False, True])
def test_no_text_of_a_span_is_endless(contents: bool) -> None:
    """A text of megabytes is cut: a collector would refuse it with all spans that come beside it."""
    traced, big = Traced(), "x\x1b" * 2_000_000
    tracker = ProgressTracker("op", show=False, title=big)
    tracker.start()
    with suppress(ValueError), tracker.stage("a\x1b") as stage:
        stage.update(5, message=big, arguments={"a": big}, result=big, model=big)
        stage.write(big)
        raise ValueError(big)
    tracker.done(big)
    to_otel(tracker, tracer_provider=traced.provider, contents=contents)
    for span in traced.spans:
        texts = [*(span.attributes or {}).values(), span.status.description, *_told(span)]
        assert max(len(text) for text in texts if isinstance(text, str)) <= 100_001
        assert len(span.name) <= 201
        assert span.name.isprintable()


def _told(span: ReadableSpan) -> list[Any]:
    return [value for event in span.events for value in (event.attributes or {}).values()]


def test_a_record_without_its_begin_is_sent_all_the_same() -> None:
    """Events that begin in the middle, as of a damaged record, make spans and no error."""
    clock, traced = ManualClock(), Traced()
    event = ErrorEvent(run_id="r", seq=3, timestamp=clock.now(), elapsed=3, operation="op", stage="a", message="no",
                       error_type="E", duration=3)  # fmt: skip
    to_otel([event], tracer_provider=traced.provider)
    assert [span.name for span in traced.spans] == ["invoke_workflow op"]
