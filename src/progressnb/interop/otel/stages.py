"""Spans as stages: what an instrumented library tells OpenTelemetry is shown while it happens.

A span is a stage of the current run; without one a root span begins a run. A span tells nothing before its end but its
name: no percent is known, and the tokens and the text of a model come with the end. Spans of agents that report anyway,
and our own, are left out. A processor can't be taken from a provider: `install` returns a function that makes it inert.
"""

from __future__ import annotations

import functools
import logging
import sys
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

from opentelemetry import trace

from progressnb.errors import InputError, RunCancelled
from progressnb.interop.otel.names import SCOPE
from progressnb.interop.otel.reading import Facts
from progressnb.interop.pieces import Piece, Pieces, current_task
from progressnb.tracking import internals, note_arguments, note_result
from progressnb.tracking.clock import SystemClock
from progressnb.tracking.current import current_work, place_by
from progressnb.wire.garbage import is_finalizing

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping

    from opentelemetry.context import Context
    from opentelemetry.trace import SpanContext

    from progressnb.tracking import ProgressTracker, StageHandle

__all__ = ["install"]

_logger = logging.getLogger("progressnb")

_AGENTS = "pydantic-ai"  # the scope of its spans
_CHAINS = "progressnb.interop.langchain"

_ROUNDING = 1e-9
_REMEMBERED = 1000  # spans that have ended

_Key = tuple[int, int]

PATIENCE = 60.0
"""Seconds for which a span that has ended waits for those below it, while none of them begins or ends."""


def install(*, show: bool | None = None, contents: bool = True) -> Callable[[], None]:
    """Show the spans of the process's TracerProvider as stages, until the returned function is called.

    Args:
        show: Whether a run that a root span begins is shown; None follows the session.
        contents: False keeps texts out of all events: of a span's attributes only numbers are taken.

    Returns:
        A function that ends this. Spans that go on then end without further reports.

    Raises:
        InputError: Where no TracerProvider is set, since then there are no spans.

    """
    provider: Any = trace.get_tracer_provider()
    if not hasattr(provider, "add_span_processor"):
        raise InputError(
            "a TracerProvider that is set",
            "none",
            "Set one first: trace.set_tracer_provider(TracerProvider()) of opentelemetry-sdk "
            '(pip install "progressnb[otel]"), or logfire.configure().',
        )
    processor = _processors.get(provider)
    if processor is None:
        processor = _processors[provider] = _Processor()
        provider.add_span_processor(processor)
    watch = processor.watch = _Watch(Pieces(show=show, contents=contents), contents=contents)
    forget = place_by(functools.partial(_place, watch.pieces))

    def uninstall() -> None:
        forget()
        if processor.watch is watch:
            processor.watch = None
        watch.pieces.end_all()

    return uninstall


def _place(pieces: Pieces) -> tuple[ProgressTracker, StageHandle] | None:
    """Return the run and the stage of the current span, or None."""
    return pieces.place(_key_of(trace.get_current_span().get_span_context()))


def _key_of(context: SpanContext) -> _Key:
    return context.trace_id, context.span_id


class _Processor:
    """The one `SpanProcessor` of a provider; without a watch it is inert. It needs nothing of the SDK."""

    def __init__(self) -> None:
        self.watch: _Watch | None = None

    def on_start(self, span: Any, parent_context: Context | None = None) -> None:  # noqa: ANN401, ARG002 - a span of the SDK
        """Begin a span."""
        self._tell(_Watch.begin, span)

    def on_end(self, span: Any) -> None:  # noqa: ANN401 - a span of the SDK
        """End a span."""
        self._tell(_Watch.end, span)

    def _on_ending(self, span: Any) -> None:  # noqa: ANN401 - a span of the SDK
        """Do nothing: the SDK asks every processor."""

    def shutdown(self) -> None:
        """Do nothing: there is nothing to close."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:  # noqa: ARG002 - of the protocol
        """Do nothing: nothing is held back."""
        return True

    def _tell(self, method: Callable[[_Watch, Any], None], span: Any) -> None:  # noqa: ANN401 - a span of the SDK
        if (watch := self.watch) is None or is_finalizing():  # runs have ended when Python ends
            return
        try:
            method(watch, span)
        except RunCancelled:  # of Stop: the code that begins the span ends here
            raise
        except Exception:
            _logger.warning("could not report a span; it goes on", exc_info=True)


_processors: WeakKeyDictionary[Any, _Processor] = WeakKeyDictionary()


class _Watch:
    """The spans that go on. Those of agents wait for their first child: only then is it known whether they report."""

    def __init__(self, pieces: Pieces, *, contents: bool) -> None:
        self.pieces = pieces
        self._contents = contents
        self._lock = threading.Lock()
        self._held: dict[_Key, tuple[Any, asyncio.Task[Any] | None]] = {}  # the span, and the task that began it
        self._silent: set[_Key] = set()
        self._gone: dict[_Key, _Key] = {}  # the spans above those that have ended, for those that begin late below them
        self._changes = 0  # spans that have begun or ended

    def begin(self, span: Any) -> None:  # noqa: ANN401 - a span of the SDK
        """Begin a span as a stage, unless something else reports what it does."""
        scope = str(getattr(span.instrumentation_scope, "name", ""))
        if scope == SCOPE or ("langchain" in scope.lower() and _chains_report()):
            return
        self._changes += 1
        key, above = _key_of(span.get_span_context()), _parent_of(span)
        if scope == _AGENTS:
            if above in self._silent:
                self._keep_silent(key)
                return
            if Facts(span).kind == "agent":
                with self._lock:
                    self._held[key] = span, current_task()
                return
        if above in self._held and not self._resolve(above) and scope == _AGENTS:
            self._keep_silent(key)
            return
        self._begin(key, above, span, current_task())

    def end(self, span: Any) -> None:  # noqa: ANN401 - a span of the SDK
        """End the stage of a span."""
        self._changes += 1
        key = _key_of(span.get_span_context())
        if key in self._held:
            self._resolve(key)
        with self._lock:
            self._silent.discard(key)
        piece = self.pieces.get(key)
        if piece is None:
            return
        facts = Facts(span)
        if piece.visible and not piece.stage.ended:
            self._report(piece, facts)
        above = piece.above
        error = facts.error(piece.facts.get("error")) or _interruption(piece)
        if error is not None and above is not None:
            above.facts["error"] = error
        if above is not None:
            with self._lock:
                self._gone[key] = cast("_Key", above.key)
                if len(self._gone) > _REMEMBERED:
                    del self._gone[next(iter(self._gone))]
        result = piece.facts.get("result")
        if error is not None:
            self.pieces.end(key, error, result)
        elif self.pieces.end_after_those_below(key, result) is not None and piece.below:
            self._wait_for_those_below(piece)

    def _wait_for_those_below(self, piece: Piece) -> None:
        """Let a piece end at the latest when for some time nothing has happened below it."""
        known = self._changes

        def look() -> None:
            if self.pieces.get(piece.key) is piece:
                if self._changes == known:
                    self.pieces.end(piece.key, result=piece.facts.get("result"))
                else:
                    self._wait_for_those_below(piece)

        SystemClock().call_later(PATIENCE, look)

    def _begin(self, key: _Key, above: _Key | None, span: Any, task: asyncio.Task[Any] | None) -> None:  # noqa: ANN401
        def lose() -> None:
            if self.pieces.get(key) is piece and "outlived" not in piece.facts:  # else it waits for those below it
                self.pieces.end(key, GeneratorExit())  # nobody holds the span any more, so it never ends by itself

        def lose_soon(_: object, _is_finalizing: Callable[[], bool] = is_finalizing) -> None:
            if not _is_finalizing():
                SystemClock().call_later(0.0, lose)

        while above in self._gone and self.pieces.get(above) is None:
            above = self._gone[above]
        facts = Facts(span)
        piece = self.pieces.begin(
            key,
            above,
            facts.title,
            kind=facts.kind or "span",
            model=facts.model,
            arguments=facts.arguments if self._contents else None,
            task=task,
        )
        piece.facts["handled"] = sys.exc_info()[1]
        with suppress(TypeError):  # a span of a class of its own
            piece.facts["held"] = weakref.ref(span, lose_soon)
        if facts.kind == "model" and piece.visible:
            internals(piece.stage).report(None, "its text and tokens come at the end", facts.about_model())

    def _resolve(self, key: _Key) -> bool:
        """Begin a span of an agent that waited, or keep silent of it; return whether it is shown."""
        with self._lock:
            held = self._held.pop(key, None)
        if held is None:
            return key not in self._silent
        span, task = held
        if _agent_reports():
            self._keep_silent(key)
            return False
        self._begin(key, _parent_of(span), span, task)
        return True

    def _count(self, piece: Piece, used: Mapping[str, float]) -> dict[str, float]:
        """Return what a span has used beyond what those below it told: an agent's total repeats its requests'."""
        with self._lock:
            below: dict[str, float] = piece.facts.get("used", {})
            whole = {key: max(used.get(key, 0), below.get(key, 0)) for key in (*used, *below)}
            if piece.above is not None:
                told = piece.above.facts.setdefault("used", {})
                told |= {key: told.get(key, 0) + amount for key, amount in whole.items()}
        rest = {key: amount - below.get(key, 0) for key, amount in used.items()}
        return {key: amount for key, amount in rest.items() if amount > _ROUNDING * used[key] or not below}

    def _keep_silent(self, key: _Key) -> None:
        with self._lock:
            self._silent.add(key)

    def _report(self, piece: Piece, facts: Facts) -> None:
        """Write what a span has told at its end."""
        stage = piece.stage
        if facts.kind == "model":
            stage.update(message="")
        if amounts := self._count(piece, facts.usage):
            stage.add_usage(facts.model, **amounts)
        if self._contents:
            if facts.arguments is not None:
                note_arguments(stage, facts.arguments)
            if (result := facts.result) is not None:
                note_result(stage, result)
                piece.facts["result"] = result
            if text := facts.text:
                stage.write(text)
                piece.facts["result"] = text
        if others := facts.others(contents=self._contents):
            internals(stage).carry(attributes=others)


def _interruption(piece: Piece) -> BaseException | None:
    """Return the cancellation, or the closing of a generator, by which a span ends, or None.

    The SDK marks a span for errors alone, and none of these is an `Exception`. What was handled where the span began is
    not what ends it.
    """
    error = sys.exc_info()[1]
    ends = error is not None and not isinstance(error, Exception) and error is not piece.facts.get("handled")
    return error if ends else None


def _parent_of(span: Any) -> _Key | None:  # noqa: ANN401 - a span of the SDK
    parent: SpanContext | None = span.parent
    return _key_of(parent) if parent is not None else None


def _agent_reports() -> bool:
    """Return whether the agent that works here reports by itself."""
    run, stage = current_work()
    if stage is not None:
        return bool(internals(stage).agents)
    return run is not None and not run.log.ended and bool(run.controls_of_run.agents())


def _chains_report() -> bool:
    """Return whether LangChain is watched by its own hook."""
    module = sys.modules.get(_CHAINS)
    return module is not None and module.is_installed()
