"""Where a run is served, and what it means when a server refuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

import httpx

from progressnb.errors import AttachError, InputError, ProgressError, UnknownRunError
from progressnb.web.access import checked_token, is_loopback

__all__ = ["OPENING", "Address", "LostError"]

OPENING = 10.0
"""Seconds that a server has to answer."""

_TAILS = ("/view", "/events", "/ws")
_RETRIED = frozenset({408, 425, 429})
_GONE = frozenset({404, 410})


class LostError(Exception):
    """A connection that ended before the run did: to be tried again."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a run is served, and the token, which no text of this object has."""

    url: str
    token: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str, token: str | None = None) -> tuple[Address, bool]:
        """Read the URL of a run or of its page; return it, and whether it asks for a WebSocket.

        Raises `InputError` for one that is no run's. No text says what was passed: it may hold a token.
        """
        remedy = "It looks like http://127.0.0.1:8000/runs/0f3a…; the server's answer to POST /runs has it."
        try:
            parts = urlsplit(url.strip())
            has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except (ValueError, AttributeError):
            raise InputError("the URL of a served run", "text that is no URL", remedy) from None
        if parts.scheme not in ("http", "https", "ws", "wss") or not has_host:
            raise InputError("a URL of http, https, ws or wss", f"one of {parts.scheme or 'no scheme'!r}", remedy)
        if parts.username is not None or parts.password is not None:
            raise InputError(
                "a URL without a user and a password", "one with them", "Pass a token: attach(url, token=…)."
            )
        path = parts.path.rstrip("/")
        for tail in _TAILS:
            path = path.removesuffix(tail)
        before, _, run_id = path.rpartition("/")
        if not run_id or not before.endswith("/runs"):
            raise InputError("the URL of a served run", repr(parts.path), remedy)
        if token is None:
            said = parse_qs(parts.fragment).get("token") or parse_qs(parts.query).get("token")
            token = said[-1] if said else None
        checked_token(token)
        scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
        address = cls(urlunsplit((scheme, parts.netloc, path, "", "")), token)
        return address, parts.scheme.startswith("ws")

    @property
    def run_id(self) -> str:
        """The run's id."""
        return unquote(self.url.rpartition("/")[2])

    @property
    def headers(self) -> dict[str, str]:
        """What is sent along with each request."""
        return {"Authorization": f"Bearer {self.token}"} if self.token is not None else {}

    @property
    def is_near(self) -> bool:
        """Whether the server is this machine, which no proxy stands before."""
        return is_loopback(urlsplit(self.url).hostname or "")

    def client(self, silence: float) -> httpx.AsyncClient:
        """Return a client that follows no redirect: who knows where it would carry the token."""
        return httpx.AsyncClient(
            timeout=httpx.Timeout(OPENING, read=silence),
            headers=self.headers,
            trust_env=not self.is_near,
            verify=self.url.startswith("https"),  # for the other it would read certificates for nothing
        )

    def refusal(self, status: int) -> ProgressError | LostError:
        """Return what a server's refusal means."""
        if status == 204:  # noqa: PLR2004 - nothing more will come, and the last event has not
            got = f"nothing more from {self.url}"
            return AttachError("the run's last event", got, "Its record lacks the end: the server was killed.")
        if status in _GONE:
            return UnknownRunError("a run that the server has", f"none at {self.url}", "It was deleted, or is too old.")
        if status in (401, 403):
            got = "a refusal" if self.token is None else "a refusal of the token"
            return AttachError(
                "to be let in", f"{got} from {self.url} ({status})", "Pass the server's: attach(url, token=…)."
            )
        if status in _RETRIED or status >= 500:  # noqa: PLR2004 - a server's own fault
            return LostError(f"status {status}")
        if status == 409:  # noqa: PLR2004 - a seq beyond what it has
            got = f"a refusal ({status}) from {self.url}"
            return AttachError(
                "a server that has all of the run", got, "It knows less than was seen here: attach anew."
            )
        return AttachError("a stream of events", f"status {status} from {self.url}", "Is that a progressnb server?")
