"""The address of a served run, and the meaning of a server's refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

import httpx

from progressnb.errors import AttachError, InputError, ProgressError, UnknownRunError
from progressnb.web.access import checked_token, is_loopback

__all__ = ["OPENING", "Address", "GatheredError", "LostError"]

OPENING = 10.0
"""Seconds within which a server must answer."""

_TAILS = ("/view", "/events", "/ws")
_RETRIED = frozenset({408, 425, 429})
_GONE = frozenset({404, 410})


class LostError(Exception):
    """A connection that ended before the run. Another attempt follows."""


class GatheredError(LostError):
    """A stream whose first line did not follow its head: something on the way gathers what it sends."""


@dataclass(frozen=True, slots=True)
class Address:
    """The URL of a served run, and the token, which `repr` does not show. A ticket is a token for a minute."""

    url: str
    token: str | None = field(default=None, repr=False)
    is_ticket: bool = False

    @classmethod
    def of(cls, url: str, token: str | None = None) -> tuple[Address, bool]:
        """Read the URL of a run or of its page. Return the address, and whether the URL asks for a WebSocket.

        Raises `InputError` for another URL, without showing it, since it may hold a token.
        """
        remedy = "It looks like http://127.0.0.1:8000/runs/0f3a…; the server's answer to POST /runs has it."
        try:
            parts = urlsplit(url.strip())
            has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except (ValueError, AttributeError):
            raise InputError("the URL of a served run", "text that is no URL", remedy) from None
        if parts.scheme not in ("http", "https", "ws", "wss"):
            got = f"one of {parts.scheme!r}" if parts.scheme else "one that does not begin with any of them"
            raise InputError("a URL of http, https, ws or wss", got, remedy)
        if not has_host:
            raise InputError("the URL of a served run", "one without a host", remedy)
        if parts.username is not None or parts.password is not None:
            raise InputError(
                "a URL without a user and a password", "one with them", "Pass a token: attach(url, token=…)."
            )
        path = parts.path.rstrip("/")
        for tail in _TAILS:
            path = path.removesuffix(tail)
        before, _, run_id = path.rpartition("/")
        if not run_id or not before.endswith("/runs"):
            got = repr(parts.path) if parts.path.strip("/") else f"that of {parts.hostname} without a run"
            raise InputError("the URL of a served run", got, remedy)
        is_ticket = False
        if token is None:
            given = parse_qs(parts.query) | parse_qs(parts.fragment)
            name = next((name for name in ("token", "ticket") if name in given), None)
            token, is_ticket = (given[name][-1] if name else None), name == "ticket"
        checked_token(token)
        scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
        address = cls(urlunsplit((scheme, parts.netloc, path, "", "")), token, is_ticket)
        return address, parts.scheme.startswith("ws")

    @property
    def run_id(self) -> str:
        """The run's id."""
        return unquote(self.url.rpartition("/")[2])

    @property
    def root(self) -> str:
        """The address below which the server has its routes."""
        return self.url.rpartition("/runs/")[0]

    @property
    def headers(self) -> dict[str, str]:
        """The headers of each request."""
        return {"Authorization": f"Bearer {self.token}"} if self.token is not None else {}

    @property
    def is_near(self) -> bool:
        """Whether the server is this machine, which is reached without a proxy."""
        return is_loopback(urlsplit(self.url).hostname or "")

    def client(self, silence: float) -> httpx.AsyncClient:
        """Return an HTTP client that follows no redirects, which might carry the token to another server."""
        return httpx.AsyncClient(
            timeout=httpx.Timeout(OPENING, read=silence),
            headers=self.headers,
            trust_env=not self.is_near,
            verify=self.url.startswith("https"),  # reading certificates takes time, and plain HTTP needs none
        )

    def refusal(self, status: int) -> ProgressError | LostError:
        """Return the error that a server's status code means."""
        if status == 204:  # noqa: PLR2004 - the stream is complete, but the last event is missing
            got = f"nothing more from {self.url}"
            return AttachError("the run's last event", got, "Its record lacks the end: the server was killed.")
        if status in _GONE:
            return UnknownRunError("a run that the server has", f"none at {self.url}", "It was deleted, or is too old.")
        if status in (401, 403):
            what = "the ticket, which lets in for a minute" if self.is_ticket else "the token"
            got = "a refusal" if self.token is None else f"a refusal of {what}"
            remedy = "Pass the server's own token: attach(url, token=…)."
            return AttachError("to be let in", f"{got} from {self.url} ({status})", remedy)
        if status in _RETRIED or status >= 500:  # noqa: PLR2004 - a fault of the server
            return LostError(f"status {status}")
        if status == 409:  # noqa: PLR2004 - a seq that the server has not reached
            got = f"a refusal ({status}) from {self.url}"
            return AttachError(
                "a server that has all of the run",
                got,
                "It knows less than was seen here, or another of its workers has the run: attach anew.",
            )
        return AttachError("a stream of events", f"status {status} from {self.url}", "Is that a progressnb server?")
