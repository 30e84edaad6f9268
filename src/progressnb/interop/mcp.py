"""Events as the parameters of MCP's `notifications/progress`: plain JSON data, without the package `mcp`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.folds.texts import brief
from progressnb.wire.events import DoneEvent, ProgressEvent
from progressnb.wire.paths import name_of, stage_title

if TYPE_CHECKING:
    from progressnb.wire.events import Event

__all__ = ["to_mcp"]

TOTAL = 100.0

_LONGEST = 500  # characters of a message

_STEP_UP = 1e-9  # points of percent; 100 million events stay below what is left for `done`


def to_mcp(event: Event, token: str | int) -> dict[str, Any] | None:
    """Convert an event to the parameters of MCP's `notifications/progress`.

    The message is one line of up to 500 characters, in which nothing hides: programs show it in a terminal.

    Args:
        event: An event of a run.
        token: The `progressToken` of the request.

    Returns:
        A dict of JSON data, or None for an event that moves nothing. `progress` is the overall percent, of a `total` of
        100. It rises with each event of a run, as MCP demands: by a billionth where the percent stands still.

    Example:
        ::

            async for event in run:
                if (parameters := pnb.interop.to_mcp(event, token)) is not None:
                    await session.send_progress_notification(**parameters)

    """
    percent = getattr(event, "overall_progress", None)
    if percent is None:
        return None
    progress = TOTAL if isinstance(event, DoneEvent) else percent + event.seq * _STEP_UP
    parameters: dict[str, Any] = {"progressToken": token, "progress": progress, "total": TOTAL}
    if message := brief(_message(event), _LONGEST):
        parameters["message"] = message
    return parameters


def _message(event: Event) -> str:
    where = " / ".join(stage_title(name_of(step)) for step in event.stage.split("/")) if event.stage else ""
    if isinstance(event, DoneEvent):
        return "finished"
    what = (event.message or event.status) if isinstance(event, ProgressEvent) else ""
    return ": ".join(part for part in (where, what) if part)
