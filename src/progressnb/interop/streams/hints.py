"""Advice that is said once a session: a request that would tell more."""

from __future__ import annotations

import threading

__all__ = ["USAGE", "of_usage"]

USAGE = 'stream_options={"include_usage": True} in the request gives its tokens and cost'

said = threading.Event()


def of_usage() -> str:
    """Return how to get the tokens of chat completions, the first time; later an empty text."""
    if said.is_set():
        return ""
    said.set()
    return USAGE
