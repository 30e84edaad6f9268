"""The steps of a tool as custom events in pydantic-ai's stream, which AG-UI and Vercel front ends show."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio.from_thread
from pydantic_ai import CustomEvent
from pydantic_ai.exceptions import UserError

from progressnb.tools.steps import Step
from progressnb.tracking import internals, running_loop
from progressnb.tracking.recorder import INTERVAL
from progressnb.wire.plain import jsonable

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator

    from pydantic_ai.tools import RunContext

    from progressnb.tracking import StageHandle
    from progressnb.tracking.protocols import CalledTool

__all__ = ["Listener", "ToolProgressEvent", "listening", "own_function"]

_listened_to: ContextVar[object] = ContextVar("progressnb_listened_to", default=None)


@dataclass(kw_only=True)
class ToolProgressEvent(CustomEvent, name="progressnb.progress"):
    """A step of a tool: `progress` 0–1 or None, a `status` text or None, and other `details`."""

    progress: float | None = None
    status: str | None = None
    details: dict[str, Any] = field(default_factory=dict[str, Any])


class Listener:
    """Emit the steps of a tool into its agent's stream: at most ten a second; steps with data at once."""

    def __init__(self, context: RunContext[Any], call: CalledTool | None, loop: asyncio.AbstractEventLoop) -> None:
        self._context = context
        self._call = call
        self._loop = loop
        self._lock = threading.Lock()
        self._resting = False  # the last step is less than a tenth of a second old
        self._timer = False
        self._waiting: Step | None = None

    def report(self, step: Step) -> None:
        """Emit a step, from any thread."""
        if self._due(step):
            self._send(step)

    async def report_async(self, step: Step) -> None:
        """Emit a step."""
        if self._due(step):
            await self._emit(step)

    def end(self) -> None:
        """Emit a step that still waits, from any thread; it comes before the tool's result."""
        if (step := self._take()) is not None:
            self._send(step)

    async def end_async(self) -> None:
        """Emit a step that still waits."""
        if (step := self._take()) is not None:
            await self._emit(step)

    def _due(self, step: Step) -> bool:
        with self._lock:
            if self._resting and not step.data:
                before = self._waiting.status if self._waiting is not None else None
                self._waiting = Step(step.progress, before if step.status is None else step.status)
                return False
            self._resting, self._waiting = True, None
            return True

    def _take(self) -> Step | None:
        with self._lock:
            step, self._waiting = self._waiting, None
            return step

    def _send(self, step: Step) -> None:
        emitting: Coroutine[Any, Any, None] = self._emit(step)
        try:
            asyncio.run_coroutine_threadsafe(emitting, self._loop)
        except RuntimeError:  # the loop is closed, and its stream with it
            emitting.close()

    async def _emit(self, step: Step) -> None:
        event = ToolProgressEvent(progress=step.progress, status=step.status, details=jsonable(dict(step.data)))
        if self._call is not None:
            event.tool_call_id, event.tool_name = self._call.call_id, self._call.tool_name
        try:
            await self._context.emit(event)
        except UserError:  # this run has no stream of events: emit nothing more
            return
        if not self._timer:
            self._timer = True
            self._loop.call_later(INTERVAL, self._wake)

    def _wake(self) -> None:
        with self._lock:
            step, self._waiting = self._waiting, None
            self._timer, self._resting = False, step is not None
        if step is not None:
            self._send(step)


@contextmanager
def listening(stage: StageHandle | None) -> Generator[Listener | None]:
    """Return the listener to the tool that is at work; None outside an agent's run and below another tool."""
    context, loop = _current_context(), _loop()
    if context is None or loop is None or _listened_to.get() is context:
        yield None
        return
    token = _listened_to.set(context)
    try:
        yield Listener(context, _call_above(stage), loop)
    finally:
        _listened_to.reset(token)


def own_function(context: RunContext[Any], tool_name: str) -> object:
    """Return the function behind a tool, whatever the tool's name; None where it is unknown."""
    tools = context.tool_manager.tools if context.tool_manager is not None else None
    tool: object = (tools or {}).get(tool_name)
    while (inner := getattr(tool, "source_tool", None)) is not None:
        tool = inner
    schema = getattr(getattr(tool, "call_func", None), "__self__", None)
    return getattr(schema, "function", None)


def _call_above(stage: StageHandle | None) -> CalledTool | None:
    above = internals(stage) if stage is not None else None
    while above is not None and (above.tool_call is None or above.tool_call.call_id is None):
        above = above.above
    return above.tool_call if above is not None else None


def _current_context() -> RunContext[Any] | None:
    try:
        # The context of a capability's hooks refuses custom events, and a tool need not take a context.
        from pydantic_ai._run_context import get_current_run_context
    except ImportError:
        return None
    return get_current_run_context()


def _loop() -> asyncio.AbstractEventLoop | None:
    if (loop := running_loop()) is not None:
        return loop
    try:
        return anyio.from_thread.run_sync(asyncio.get_running_loop)
    except RuntimeError:  # a thread that pydantic-ai did not begin has no way to the loop
        return None
