"""The names of events in server-sent events, where a browser gives one of our types a meaning of its own."""

from __future__ import annotations

__all__ = ["event_name"]


def event_name(kind: bytes) -> bytes:
    """Return the text of the line `event:` for a type of event.

    An event of the name `error` would call the `onerror` of a browser's `EventSource`, as a lost connection does.
    """
    return b"problem" if kind == b"error" else kind
