"""OpenTelemetry in: how spans end that outlive their parents, are cancelled, or never end; what counts once."""

import asyncio
import gc
import threading
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from pydantic_ai import Agent
from pydantic_ai.direct import model_request
from pydantic_ai.messages import ModelRequest
from pydantic_ai.models.instrumented import InstrumentationSettings, InstrumentedModel

import progressnb as pnb
from progressnb.errors import RunCancelled
from progressnb.execution.driven import DrivenRun
from progressnb.interop.otel import install
from progressnb.interop.otel import stages as otel_stages
from progressnb.testing import scripted_model
from progressnb.tracking.clock import SystemClock
from tests.interop.watching import stages

provider = TracerProvider()
tracer = provider.get_tracer("shop")


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[DrivenRun]]:
    """Watch the spans of a provider and collect the runs that begin."""
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    seen: list[Any] = []
    pnb.configure(screen=seen.append)
    uninstall = install()
    yield seen
    uninstall()


def below(span: trace.Span, name: str, **attributes: Any) -> trace.Span:
    """Begin a span below another one."""
    context = trace.set_span_in_context(span)
    return tracer.start_span(
        name, context=context, attributes={f"gen_ai.{key}": each for key, each in attributes.items()}
    )


def test_a_parent_ends_with_the_last_span_below_it(begun: list[DrivenRun]) -> None:
    """Work that goes on after its parent's end is shown to its own end, and its tokens count."""
    order = tracer.start_span("order")
    step = below(order, "step")
    chat = below(step, "chat", **{"operation.name": "chat", "request.model": "m"})
    order.end()
    step.end()
    (run,) = begun
    assert stages(run) == dict.fromkeys(("order", "order/step", "order/step/m"), "running")
    late = below(order, "late")
    late.end()
    chat.set_attribute("gen_ai.usage.input_tokens", 7)
    chat.end()
    assert (run.status, {*stages(run).values()}, run.state.usage) == ("finished", {"finished"}, {"input_tokens": 7})


def test_a_span_below_one_that_has_ended_stands_in_its_run(begun: list[DrivenRun]) -> None:
    """What begins late, below a span that has ended, belongs to the nearest span above that goes on."""
    with tracer.start_as_current_span("order") as order:
        step = below(order, "step")
        step.end()
        below(step, "late").end()
    assert [stages(run) for run in begun] == [dict.fromkeys(("order", "order/step", "order/late"), "finished")]


async def test_stop_cancels_no_task_that_has_gone_on(begun: list[DrivenRun]) -> None:
    """Once a root span has ended, its task does something else: Stop ends what goes on below the span alone."""
    order = tracer.start_span("order")
    held = below(order, "held")
    order.end()
    begun[0].cancel()
    await asyncio.sleep(0)
    with pytest.raises(RunCancelled):
        below(held, "more")
    held.end()
    assert begun[0].status == "cancelled"


def test_a_parent_waits_for_a_while_only(begun: list[DrivenRun], monkeypatch: pytest.MonkeyPatch) -> None:
    """A span that never ends, though somebody holds it, does not keep its run open for ever."""
    monkeypatch.setattr(otel_stages, "PATIENCE", 0.0)
    order = tracer.start_span("order")
    held = below(order, "held")
    order.end()
    begun[0].wait()
    assert stages(begun[0]) == {"order": "finished", "order/held": "cancelled"}
    held.end()


def test_a_parent_that_fails_ends_all_at_once(begun: list[DrivenRun]) -> None:
    """An error is told when it happens, whatever goes on below."""
    order = tracer.start_span("order")
    held = below(order, "held")
    with pytest.raises(KeyError), trace.use_span(order, end_on_exit=True):
        raise KeyError("x")
    assert (begun[0].status, begun[0].state.error_type) == ("failed", "KeyError")
    held.end()


@pytest.mark.parametrize("way", ["block", "by hand"])
async def test_a_cancelled_task_cancels_its_spans(begun: list[DrivenRun], way: str) -> None:
    """The SDK marks a span for errors alone; a cancellation is told all the same."""

    async def work(reached: asyncio.Event) -> None:
        if way == "by hand":
            span = tracer.start_span("work")
            try:
                reached.set()
                await asyncio.Event().wait()
            finally:
                span.end()
        with tracer.start_as_current_span("work"), tracer.start_as_current_span("inner"):
            try:
                reached.set()
                await asyncio.Event().wait()
            finally:
                with tracer.start_as_current_span("tidy"):
                    pass

    reached = asyncio.Event()
    task = asyncio.create_task(work(reached))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (begun[0].status, begun[0].state.reason) == ("cancelled", "its task was cancelled")
    found = stages(begun[0])
    assert found.pop("work/inner/tidy", "finished") == "finished"
    assert {*found.values()} == {"cancelled"}


async def test_a_timeout_that_is_caught_cancels_what_it_ended(begun: list[DrivenRun]) -> None:
    """A span around a timeout that was handled ends well; the one that it cut is cancelled."""
    with tracer.start_as_current_span("order"):
        try:
            async with asyncio.timeout(0):
                with tracer.start_as_current_span("slow"):
                    await asyncio.Event().wait()
        except TimeoutError:
            with tracer.start_as_current_span("other way"):
                pass
    assert stages(begun[0]) == {"order": "finished", "order/slow": "cancelled", "order/other way": "finished"}


def test_a_generator_that_is_closed_leaves_its_span(begun: list[DrivenRun]) -> None:
    """A span in a generator that is left early reads so."""

    def pages() -> Generator[int]:
        with tracer.start_as_current_span("pages"):
            yield 1
            yield 2

    reader = pages()
    next(reader)
    reader.close()
    assert (begun[0].status, begun[0].state.reason) == ("cancelled", "it was left before its end")


def test_a_span_that_nobody_holds_ends(begun: list[DrivenRun]) -> None:
    """A span that was dropped without an end never ends by itself: it and its run are told as left."""

    def forget() -> None:
        order = tracer.start_span("order")
        below(order, "pay")

    forget()
    gc.collect()
    with pytest.raises(RunCancelled, match="it was left before its end"):
        begun[0].wait()


def test_the_collector_waits_for_no_lock(begun: list[DrivenRun]) -> None:
    """A span that the garbage collector finds is told later: what the collector interrupts may hold any lock."""
    knot: list[Any] = [tracer.start_span("order")]
    knot.append(knot)
    collected = threading.Event()
    with begun[0].log.lock:
        del knot

        def collect() -> None:
            gc.collect()
            collected.set()

        threading.Thread(target=collect, daemon=True).start()
        assert collected.wait(60)
    with pytest.raises(RunCancelled):
        begun[0].wait()


def instrumented(layers: int) -> InstrumentedModel:
    """Return a model in layers of instrumentation."""
    settings = InstrumentationSettings(tracer_provider=provider)
    model = InstrumentedModel(scripted_model("The moon."), settings)
    for _ in range(layers - 1):
        model = InstrumentedModel(model, settings)
    return model


@pytest.mark.parametrize("layers", [1, 2, 3])
async def test_layers_of_instrumentation_count_once(begun: list[DrivenRun], layers: int) -> None:
    """A request that several spans tell of, each in the other, has used its tokens once."""
    await model_request(instrumented(layers), [ModelRequest.user_text_prompt("Why are there tides?")])
    used = begun[0].state.usage
    begun.clear()
    await Agent(instrumented(layers)).run("Why are there tides?")
    await model_request(instrumented(1), [ModelRequest.user_text_prompt("Why are there tides?")])
    assert used == begun[-1].state.usage == begun[0].state.usage
    assert used["output_tokens"] > 0


def test_what_only_the_total_tells_counts(begun: list[DrivenRun]) -> None:
    """Tokens that an agent's total has and no request below it has told are counted, and no others."""
    agent: Any = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.usage.input_tokens": 15,
        "gen_ai.usage.output_tokens": 4,
    }
    with tracer.start_as_current_span("team"), tracer.start_as_current_span("agent", attributes=agent) as span:
        for tokens in (6, 4):
            below(span, "chat", **{"operation.name": "chat", "usage.input_tokens": tokens}).end()
    assert begun[0].state.usage == {"input_tokens": 15, "output_tokens": 4}


def test_a_span_that_has_ended_waits_for_those_below_it_though_nobody_holds_it(begun: list[DrivenRun]) -> None:
    """Whoever drops a root span after its end changes nothing: the run ends well, with the last span below."""

    def begin() -> trace.Span:
        order = tracer.start_span("order")
        step = below(order, "step")
        order.end()
        return step

    step = begin()
    gc.collect()
    _wait_for_timers()
    (run,) = begun
    assert stages(run) == {"order": "running", "order/step": "running"}
    step.end()
    assert (run.status, stages(run)) == ("finished", {"order": "finished", "order/step": "finished"})


def test_a_body_that_is_read_after_its_request_ends_it(begun: list[DrivenRun]) -> None:
    """A streaming answer: the block of the request is over, and its body ends the last span."""

    def body(span: trace.Span) -> Generator[int]:
        try:
            yield from range(3)
        finally:
            span.end()

    def view() -> Generator[int]:
        with tracer.start_as_current_span("GET"):
            return body(tracer.start_span("stream"))

    for _ in view():
        _wait_for_timers()
    assert (begun[0].status, {*stages(begun[0]).values()}) == ("finished", {"finished"})


def _wait_for_timers() -> None:
    """Wait until the callbacks that are due by now were called."""
    called = threading.Event()
    SystemClock().call_later(0.0, called.set)
    assert called.wait(20)
