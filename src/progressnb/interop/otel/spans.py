"""A run as spans: a fold of its events, which ends each span when its stage ends.

The span of the run is parented under the span that was current when the run began, that of a child run under the stage
that called it. Times are those of the events. Without a TracerProvider spans go nowhere.
"""

from __future__ import annotations

import functools
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakValueDictionary

from opentelemetry import context as otel_context
from opentelemetry import trace

from progressnb.errors import InputError
from progressnb.folds.state import RunState
from progressnb.interop.otel.names import SCOPE, bounded, run_attributes, run_name, stage_attributes, stage_name
from progressnb.wire.buffer import OutputBuffer, OutputLength
from progressnb.wire.events import BaseEvent, ErrorEvent, StartedEvent, is_last
from progressnb.wire.log import EventLog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from opentelemetry.context import Context
    from opentelemetry.trace import Span, Tracer, TracerProvider

    from progressnb.folds.state import StageState
    from progressnb.tracking.protocols import Recordable, Watchable
    from progressnb.wire.events import Event

__all__ = ["OtelExport", "SpanFold", "to_otel"]

_logger = logging.getLogger("progressnb")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_live: WeakValueDictionary[str, SpanFold] = WeakValueDictionary()
"""The folds of runs that go on, by run."""


class OtelExport:
    """An exporter of runs as spans of OpenTelemetry, for `pnb.configure(otel=…)`.

    A run is a span `invoke_workflow`, each stage one below it: `chat` and `invoke_agent` with their model and tokens,
    `execute_tool`, or a plain one. A span ends when its stage ends, with its status, its percent and its error.

    Args:
        tracer_provider: The provider that gets the spans; None is the one that is set for the process.
        contents: Whether spans carry texts: arguments, results, outputs, messages, titles. Error messages they always
            carry. A text has 100,000 characters at most.

    Example:
        ::

            pnb.configure(otel=pnb.interop.OtelExport(contents=True))

    """

    def __init__(self, tracer_provider: TracerProvider | None = None, *, contents: bool = False) -> None:
        if not isinstance(contents, bool):  # pyright: ignore[reportUnnecessaryIsInstance] # callers may be untyped
            raise InputError("contents as True or False", repr(contents))
        self._provider = tracer_provider
        self._contents = contents

    def export(self, run: Recordable | Watchable) -> None:
        """Turn the events of a run into spans: those that it has and those to come."""
        with run.log.lock:
            fresh = len(run.log) == 0
            fold = self.fold(run.state if fresh else None)
            for event in run.log:
                fold.apply(event)
            if not run.log.ended:
                run.log.subscribe(fold.apply)

    def fold(self, state: RunState | None = None) -> SpanFold:
        """Return a fold that makes spans; with a state that somebody else folds before each event."""
        provider = self._provider or trace.get_tracer_provider()
        if isinstance(provider, trace.ProxyTracerProvider):
            _warn_of_no_provider()
        return SpanFold(provider.get_tracer(SCOPE), state, contents=self._contents)


def to_otel(
    run: Watchable | Iterable[Event], *, tracer_provider: TracerProvider | None = None, contents: bool = False
) -> None:
    """Send a run to OpenTelemetry as spans: those of a past run at once, those of a live one as its stages end.

    Args:
        run: A run, of this process, replayed or attached; or the events of one run, in order.
        tracer_provider: The provider that gets the spans; None is the one that is set for the process.
        contents: Whether spans carry texts: arguments, results, outputs, messages, titles.

    Raises:
        InputError: For anything else.

    Example:
        ::

            pnb.interop.to_otel(run)
            pnb.interop.to_otel(list(run.log))

    """
    export = OtelExport(tracer_provider, contents=contents)
    if isinstance(getattr(run, "log", None), EventLog):
        export.export(cast("Watchable", run))
        return
    events = list(cast("Iterable[Any]", run)) if hasattr(run, "__iter__") else [None]
    if not all(isinstance(event, BaseEvent) for event in events):
        raise InputError("a run or its events", repr(run), "Of a past run: pnb.replay(run_id, speed=None, show=False).")
    fold = export.fold()
    for event in cast("list[Event]", events):
        fold.apply(event)


class SpanFold:
    """The spans of one run. `state` is folded here, unless it is passed: then it is up to date at each event."""

    def __init__(self, tracer: Tracer, state: RunState | None = None, *, contents: bool = False) -> None:
        self._tracer = tracer
        self._folds = state is None
        self._state = state or RunState(buffer=OutputBuffer if contents else OutputLength)
        self._contents = contents
        self._above: Context = otel_context.get_current()
        self._root: Span | None = None
        self._contexts: dict[str | None, Context] = {}
        self._open: dict[str | None, tuple[Span, int]] = {}  # with the time of the begin, in nanoseconds
        self._began = 0
        self._mirrors: set[str] = set()
        self._ended = False

    def apply(self, event: Event) -> None:
        """Take in the next event: begin and end spans."""
        if self._ended:
            return
        if self._folds:
            self._state.apply(event)
        root = self._root or self._begin(event)
        if event.stage is not None:
            self._follow(event.stage)
        if isinstance(event, ErrorEvent):
            self._record(event, root)
        if is_last(event):
            self._end(root)

    def context_of(self, path: str) -> Context | None:
        """Return the context of a stage's span, below which a child run has its own; None without one."""
        self._mirrors.add(path)
        return self._contexts.get(path) or self._contexts.get(None)

    def _begin(self, event: Event) -> Span:
        parent = event.parent if isinstance(event, StartedEvent) else None
        above = _live.get(parent.run_id) if parent is not None else None
        context = above.context_of(parent.stage) if above is not None and parent is not None else None
        context = context or self._above
        self._began = _nanoseconds(self._state.started or event.timestamp)
        self._root = root = self._tracer.start_span(run_name(self._state), context=context, start_time=self._began)
        self._contexts[None] = trace.set_span_in_context(root, context)
        _live[event.run_id] = self
        return root

    def _follow(self, path: str) -> None:
        """Begin the span of a stage that has begun, and end that of one that has ended."""
        stage = self._state.find(path)
        if stage is None or stage.started is None:
            return
        if path not in self._contexts:
            above = path.rpartition("/")[0]
            while above and above not in self._contexts:
                above = above.rpartition("/")[0]
            context = self._contexts[above or None]
            if stage.data.get("traced") == "tool":  # pydantic-ai has made a span of it
                self._contexts[path] = context
                return
            span = self._tracer.start_span(
                stage_name(stage),
                context=context,
                start_time=_nanoseconds(stage.started),
                attributes={"progressnb.stage": path},
            )
            self._open[path] = span, _nanoseconds(stage.started)
            self._contexts[path] = trace.set_span_in_context(span, context)
        if stage.ended and path in self._open:
            self._close(stage)

    def _close(self, stage: StageState) -> None:
        span, begun = self._open.pop(stage.path)
        span.update_name(stage_name(stage))
        span.set_attributes(stage_attributes(stage, contents=self._contents, mirrors=stage.path in self._mirrors))
        if stage.status == "failed":
            span.set_status(trace.Status(trace.StatusCode.ERROR, bounded(stage.error or stage.message or "failed")))
        span.end(begun + _duration(stage.duration))

    def _record(self, event: ErrorEvent, root: Span) -> None:
        stage = self._state.find(event.stage) if event.stage is not None else None
        if stage is not None and stage.data.get("traced") == "tool" and stage.path not in self._open:
            return
        span = self._open[event.stage][0] if event.stage in self._open else root
        attributes = {"exception.type": event.error_type, "exception.message": bounded(event.message)}
        span.add_event("exception", attributes, _nanoseconds(event.timestamp))
        span.set_attribute("error.type", event.error_type)

    def _end(self, root: Span) -> None:
        self._ended, state = True, self._state
        for _, stage in state.walk():
            if stage.path in self._open:
                self._close(stage)
        root.set_attributes(run_attributes(state, contents=self._contents))
        if state.status == "failed":
            root.set_status(trace.Status(trace.StatusCode.ERROR, bounded(state.error or "failed")))
        root.end(self._began + _duration(state.duration))
        _live.pop(state.run_id, None)


def _nanoseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def _duration(seconds: float | None) -> int:
    return round((seconds or 0.0) * 1e9)


@functools.cache
def _warn_of_no_provider() -> None:
    _logger.warning(
        "no TracerProvider is set, so that spans go nowhere: install opentelemetry-sdk and call"
        " opentelemetry.trace.set_tracer_provider(TracerProvider()), or logfire.configure()"
    )
