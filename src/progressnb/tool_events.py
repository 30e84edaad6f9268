"""What a tool yields, as pydantic-ai's own events: AG-UI and Vercel front ends show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio.from_thread
from pydantic_ai import CustomEvent
from pydantic_ai._run_context import get_current_run_context  # no public door leads to a tool without a RunContext
from pydantic_ai.exceptions import UserError

from progressnb.events import jsonable

if TYPE_CHECKING:
    from pydantic_ai.tools import RunContext

    from progressnb.handle import StageHandle
    from progressnb.tools import Step

__all__ = ["ToolProgressEvent", "listener"]


@dataclass(kw_only=True)
class ToolProgressEvent(CustomEvent, name="progressnb.progress"):
    """How far a tool is: `progress` 0–1 or None, a `status` text or None, and any other `details`."""

    progress: float | None = None
    status: str | None = None
    details: dict[str, Any] = field(default_factory=dict[str, Any])


class _Listener:
    """Emit steps into the stream of the agent whose tool is at work."""

    def __init__(self, context: RunContext[Any], stage: StageHandle | None) -> None:
        self._context: RunContext[Any] | None = context
        self._call = stage.tool_call if stage is not None else None

    def tell(self, step: Step) -> None:
        """Emit a step from the worker thread of a sync tool."""
        try:
            anyio.from_thread.run(self._emit, step)
        except RuntimeError:  # not in a worker thread of pydantic-ai's: nobody there can hear of it
            self._context = None

    async def tell_async(self, step: Step) -> None:
        """Emit a step."""
        await self._emit(step)

    async def _emit(self, step: Step) -> None:
        if self._context is None:
            return
        event = ToolProgressEvent(progress=step.progress, status=step.status, details=jsonable(dict(step.data)))
        if self._call is not None:
            event.tool_call_id, event.tool_name = self._call.call_id, self._call.tool_name
        try:
            await self._context.emit(event)
        except UserError:  # this run has no stream of events
            self._context = None


def listener(stage: StageHandle | None) -> _Listener | None:
    """Return what hears of the steps of the tool that is at work, or None outside an agent's run."""
    context = get_current_run_context()
    return None if context is None else _Listener(context, stage)
