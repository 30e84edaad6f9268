"""The parameters that a client sends with a stream: where to begin, snapshots or not, and why it cancels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from pydantic_core import from_json

from progressnb.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Scope

    from progressnb.wire.log import EventLog

__all__ = ["BeyondError", "begin_after", "last_event_id", "object_of", "reason_of", "wants_snapshots", "wants_view"]

LONGEST_QUERY = 100
"""The largest number of parameters in a query."""

LONGEST_REASON = 200
"""The number of characters that are kept of a client's reason to cancel."""

_SEQ = re.compile(r"-1|[0-9]{1,18}")


class BeyondError(InputError):
    """A seq that the run has not reached: the server knows less of the run than the client, or it is another run."""


def last_event_id(scope: Scope) -> bytes | None:
    """Return the header `Last-Event-ID` of a client that connects again, or None."""
    return next((value for name, value in scope["headers"] if name == b"last-event-id"), None)


def begin_after(log: EventLog, scope: Scope, after: int | None = None) -> int:
    """Return the seq of the last event that a client has, -1 for no event.

    The first of these that is given counts, and the others are ignored: the argument `after`, the header
    `Last-Event-ID`, the parameter `?after=`. Raises `InputError` for text that is not a seq, and `BeyondError` for a
    seq that the run has not reached.
    """
    if after is None:
        header = last_event_id(scope)
        text = header.decode("latin-1") if header else _query_of(scope).get("after", "-1")
        if not _SEQ.fullmatch(text):
            raise InputError("the seq of an event, or -1, as Last-Event-ID or after", "something else")
        after = int(text)
    last = len(log) - 1
    if after > last:
        raise BeyondError(f"a seq up to {last}, the run's last", str(after))
    return max(-1, after)


def wants_snapshots(scope: Scope) -> bool:
    """Tell whether a client asks for `?snapshots=1`. Raises `InputError` for too many parameters."""
    return _query_of(scope).get("snapshots") in ("1", "true")


def wants_view(scope: Scope) -> bool:
    """Tell whether a client asks for `?view=1`. Raises `InputError` for too many parameters."""
    return _query_of(scope).get("view") in ("1", "true")


def _query_of(scope: Scope) -> dict[str, str]:
    query = bytes(scope.get("query_string", b"")).decode("latin-1")
    try:
        return dict(parse_qsl(query, keep_blank_values=True, max_num_fields=LONGEST_QUERY))
    except ValueError:
        raise InputError(f"{LONGEST_QUERY} parameters at most", "more") from None


def object_of(text: str) -> dict[str, Any]:
    """Return the JSON object in a text frame, or an empty one for any other text."""
    try:
        value: object = from_json(text)
    except ValueError:
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def reason_of(message: Mapping[str, object]) -> str:
    """Return a client's reason to cancel on one line of limited length, or a default without one."""
    reason = message.get("reason")
    printable = "".join(each if each.isprintable() else " " for each in reason) if isinstance(reason, str) else ""
    line = " ".join(printable.split())[:LONGEST_REASON]
    return line or "cancelled by a client"
