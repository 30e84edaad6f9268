"""Recorded answers of providers, through their real clients without a network: for the rows of streams."""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.interop import recordings

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("openai-chat-text", "zai-thinking", "openai-responses-text", "anthropic-thinking", "google-usage")
MANY = 40
"""How often the chunks of a recording come: a longer answer, so that the run around it counts for less."""


def longer(name: str) -> bytes:
    """Return a recorded body whose middle event comes many times."""
    events = recordings.body(name).replace(b"\r\n", b"\n").split(b"\n\n")
    middle = len(events) // 2
    return b"\n\n".join(events[:middle] + events[middle : middle + 1] * MANY * len(events) + events[middle:])


def timed(stream: Any, report: Callable[[Any], Any]) -> tuple[float, int]:  # noqa: ANN401 - any stream
    """Read a stream to its end; return the seconds and the number of its chunks."""
    gc.collect()
    began = time.process_time()
    count = sum(1 for _ in report(stream))
    return time.process_time() - began, count
