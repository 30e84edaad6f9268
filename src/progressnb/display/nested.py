"""A word below the traceback of an agent that was to run an event loop in a cell, which runs in one already."""

from __future__ import annotations

import sys
import traceback

__all__ = ["tell_nested"]

_IS_RUNNING = ("event loop is already running", "from a running event loop")
_REMEDY = (
    "progressnb: a cell runs in an event loop already, so write `await agent.run(…)` in place of `agent.run_sync(…)`; "
    "in code that is not yours, `await asyncio.to_thread(…)` around it."
)


def tell_nested(error: BaseException | None) -> None:
    """Say what to write where a cell ended because pydantic-ai could not run its loop within the kernel's."""
    if isinstance(error, RuntimeError) and any(text in str(error) for text in _IS_RUNNING) and _is_of_agent(error):
        sys.stderr.write(f"{_REMEDY}\n")


def _is_of_agent(error: BaseException) -> bool:
    frames = traceback.walk_tb(error.__traceback__)
    return any(str(frame.f_globals.get("__name__")).startswith("pydantic_ai.") for frame, _ in frames)
