"""What a server takes and keeps at most."""

from __future__ import annotations

from dataclasses import dataclass, fields

from progressnb.errors import InputError
from progressnb.tracking.percent import is_number
from progressnb.web.streams.sse import HEARTBEAT
from progressnb.web.streams.stalls import STALL

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a server takes and keeps at most.

    `body`: bytes of a request. `runs`: runs that go on at a time. `clients`: streams and sockets at a time. `kept` and
    `kept_for`: how many runs that have ended are kept, and for how many seconds. `timeout`: seconds that a run may
    take. `stall`: seconds that a connection may take nothing. `heartbeat`: seconds of silence before a comment is sent.
    """

    body: int = 4_000_000
    runs: int = 16
    clients: int = 2_000
    kept: int = 100
    kept_for: float = 3_600.0
    timeout: float | None = 3_600.0
    stall: float = STALL
    heartbeat: float = HEARTBEAT

    def __post_init__(self) -> None:
        """Refuse a limit that lets nothing through. Raises `InputError`."""
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name == "timeout" and value is None:
                continue
            if not is_number(value) or not value >= (0 if each.name.startswith("kept") else 1e-3):
                raise InputError(f"a number above 0 as {each.name}", repr(value))
