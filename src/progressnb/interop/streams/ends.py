"""The reasons for which a stream is read no further."""

from __future__ import annotations

import asyncio

from progressnb.execution.outcome import interrupt_reason

__all__ = ["CANCELLED", "LEFT_BY_ERROR", "LEFT_EARLY", "cancelled_reason"]

LEFT_EARLY = "stopped reading"
LEFT_BY_ERROR = "an error ended the loop that read it"
CANCELLED = "its task was cancelled"


def cancelled_reason() -> str:
    """Return why a run ends whose reader's task is being cancelled."""
    return interrupt_reason(asyncio.CancelledError(), CANCELLED)
