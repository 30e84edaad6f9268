"""The progress that MCP servers report of a call, in the stage of the call."""

from __future__ import annotations

import functools
import inspect
import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeGuard

from progressnb.errors import ProgressError
from progressnb.tracking import current_stage, internals
from progressnb.wire.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pydantic_ai.tools import RunContext

    from progressnb.tracking import StageHandle

__all__ = ["from_mcp", "let_report"]

_FULL = 100.0
_MESSAGE = 500  # characters of a message
_MARK = "_progressnb_reports"


def from_mcp(stage: StageHandle | None = None) -> Callable[[float, float | None, str | None], Awaitable[None]]:
    """Return a progress handler for a client of MCP, which reports into a stage what a server reports of a call.

    An agent with `ReportProgress` or below `pnb.watch()` needs none: calls of its `MCPToolset` report by themselves.

    Args:
        stage: The stage; None takes the current one, as it is when this is called.

    Returns:
        An async function of the progress, the total or None, and a message or None. What comes after the end of the
        stage is dropped, and so are numbers that are none.

    Raises:
        ProgressError: There is no current stage.

    Example:
        ::

            async with tracker.stage("dig"):
                handler = pnb.interop.from_mcp()  # await session.call_tool("dig", {"n": 4}, progress_callback=handler)
                await handler(1, 4, "the first spade")  # as the client calls it

    """
    stage = stage if stage is not None else current_stage()
    if stage is None:
        raise ProgressError("a stage to report to", "none", "Call it in a stage, or pass the stage.")
    return functools.partial(_report, stage)


def let_report(ctx: RunContext[Any], tool_name: str) -> None:
    """Let the server of a tool report into the stage that is current where the tool is called, where it has one."""
    client = _client_of(ctx, tool_name)
    call_tool = getattr(client, "call_tool", None)
    if call_tool is None or getattr(call_tool, _MARK, False):
        return

    @functools.wraps(call_tool)
    async def reporting(*args: Any, progress_handler: Any = None, **options: Any) -> Any:  # noqa: ANN401 - as the client's own
        stage = current_stage()
        if stage is not None and not stage.ended:
            users = progress_handler or getattr(client, "_progress_handler", None)
            progress_handler = functools.partial(_report_beside, stage, users)
        if progress_handler is not None:
            options["progress_handler"] = progress_handler
        return await call_tool(*args, **options)

    setattr(reporting, _MARK, True)
    with suppress(AttributeError, TypeError):  # a client of another make may refuse it
        client.call_tool = reporting


def _client_of(ctx: RunContext[Any], tool_name: str) -> Any:  # noqa: ANN401 - of a package that need not be there
    """Return the client of the server that a tool belongs to; None for a tool of another kind."""
    tools = ctx.tool_manager.tools if ctx.tool_manager is not None else None
    tool: object = (tools or {}).get(tool_name)
    while (inner := getattr(tool, "source_tool", None)) is not None:
        tool = inner
    toolset = getattr(tool, "toolset", None)
    while (wrapped := getattr(toolset, "wrapped", None)) is not None:
        toolset = wrapped
    kinds = {f"{each.__module__}.{each.__name__}" for each in type(toolset).__mro__}
    return getattr(toolset, "client", None) if "pydantic_ai.mcp.MCPToolset" in kinds else None


async def _report_beside(
    stage: StageHandle,
    users: Callable[..., object] | None,
    progress: float,
    total: float | None,
    message: str | None,
) -> None:
    await _report(stage, progress, total, message)
    if users is not None:
        outcome = users(progress, total, message)
        if inspect.isawaitable(outcome):
            await outcome


async def _report(stage: StageHandle, progress: float, total: float | None = None, message: str | None = None) -> None:
    percent = None
    if _is_amount(progress) and _is_amount(total) and total:
        percent = min(_FULL, _FULL * progress / total)
    text = one_line(message, _MESSAGE) if isinstance(message, str) and internals(stage).contents else None
    with suppress(ProgressError):  # the stage may have ended meanwhile
        if not stage.ended and (percent is not None or text):
            stage.update(percent, text or None)


def _is_amount(value: object) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and value >= 0
