"""`Limits`: the sizes, numbers and times that bound a server."""

from __future__ import annotations

from dataclasses import dataclass, fields

from progressnb.errors import InputError
from progressnb.tracking.percent import is_number
from progressnb.web.streams.sse import HEARTBEAT
from progressnb.web.streams.stalls import STALL

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The sizes, numbers and times that bound a server.

    Attributes:
        body: The largest size of a request in bytes.
        values: The largest number of values in the JSON of a request: texts, numbers, lists and objects.
        depth: The largest number of lists and objects in the JSON of a request that lie in each other.
        runs: The largest number of runs that go on at a time. Further ones are refused with 429.
        clients: The largest number of streams and sockets at a time. Further ones are refused with 503.
        kept: The largest number of ended runs that are kept.
        kept_bytes: The largest size of the ended runs that are kept, in bytes. The latest one is kept in any case.
        kept_for: Seconds for which an ended run is kept.
        timeout: Seconds that a run may take, or None for no limit.
        patience: Seconds within which a client that is not known yet must have sent a whole request.
        stall: Seconds without taking or sending any bytes after which a connection is dropped.
        heartbeat: Seconds of silence after which a stream sends a comment.

    Raises:
        InputError: For a limit that is not a number above 0. `kept`, `kept_bytes` and `kept_for` may be 0.

    Example:
        ::

            server = await pnb.serve([report], limits=pnb.web.Limits(runs=4, timeout=600))

    """

    body: int = 4_000_000
    values: int = 20_000
    depth: int = 64
    runs: int = 16
    clients: int = 2_000
    kept: int = 100
    kept_bytes: int = 256_000_000
    kept_for: float = 3_600.0
    timeout: float | None = 3_600.0
    patience: float = 10.0
    stall: float = STALL
    heartbeat: float = HEARTBEAT

    def __post_init__(self) -> None:
        """Check the limits. Raises `InputError`."""
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name == "timeout" and value is None:
                continue
            if not is_number(value) or not value >= (0 if each.name.startswith("kept") else 1e-3):
                raise InputError(f"a number above 0 as {each.name}", repr(value))
