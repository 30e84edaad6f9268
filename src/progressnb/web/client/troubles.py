"""Reasons why there is no connection, in fixed words: messages of libraries and servers may be hostile."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.web.client.address import LostError

__all__ = ["Trouble", "trouble_of"]

_PLAIN = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE"})
_SILENT = ("ConnectTimeout", "ReadTimeout", "PoolTimeout", "TimeoutError")


class Trouble(NamedTuple):
    """A reason for the user, and a remedy where another attempt can't help."""

    words: str
    remedy: str | None = None


def trouble_of(error: LostError, place: str) -> Trouble:
    """Return the reason why there is no connection with a place such as `127.0.0.1:8000`."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Trouble(f"no certificate for {place} that can be trusted", "Is that the address?")
        if isinstance(cause, ssl.SSLError) and getattr(cause, "reason", None) in _PLAIN:
            return Trouble(f"a server at {place} that does not speak TLS", "Write http:// or ws:// if that is so.")
        if isinstance(cause, socket.gaierror):
            return Trouble(f"no host of the name {place} yet")
    if any(type(cause).__name__ in _SILENT for cause in causes):
        return Trouble(f"no answer from {place} yet")
    if any(isinstance(cause, OSError) for cause in causes):
        return Trouble(f"no server at {place} yet")
    return Trouble(f"no stream of events from {place} yet")


def _causes(error: BaseException) -> Iterator[BaseException]:
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__]
        if isinstance(cause, BaseExceptionGroup):
            waiting += cast("BaseExceptionGroup[BaseException]", cause).exceptions
