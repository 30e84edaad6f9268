"""The token of a server, and signed words that stand for it for a time: tickets for addresses, sessions for pages.

A signed word is its end in seconds since 1970 and a mark that only somebody with the token can make. So nothing is
kept: every worker, and a server that was started again with the same token, reads the words of the others.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from functools import cached_property
from typing import TYPE_CHECKING

from progressnb.tracking.clock import SystemClock

if TYPE_CHECKING:
    from progressnb.tracking.clock import Clock

__all__ = ["SESSION", "TICKET", "Keys"]

TICKET = 60
"""Seconds for which a ticket lets in. It may stand in an address, which histories and logs keep."""

SESSION = 12 * 3600
"""Seconds for which a session lets in. Browsers keep it for one tab."""

ROUNDS = 20_000
"""Rounds of the derivation, so that a weak token is not guessed from a ticket that was left somewhere."""

_SIGNED = re.compile(r"([0-9a-f]{8,10})\.([A-Za-z0-9_-]{43})")


class Keys:
    """The keys that let clients in: the token, and what is signed with it. Without a token everybody is let in."""

    def __init__(self, token: str | None, clock: Clock | None = None) -> None:
        self._token = token.encode() if token is not None else None
        self._clock = clock or SystemClock()

    @property
    def is_open(self) -> bool:
        """Whether no token is asked for."""
        return self._token is None

    def opens(self, value: str) -> bool:
        """Tell whether a client that sends this text is let in."""
        if self._token is None:
            return True
        return hmac.compare_digest(value.encode("utf-8", "replace"), self._token) or self._is_signed(value, SESSION)

    def opens_ticket(self, value: str) -> bool:
        """Tell whether a client with this text in its address is let in: a ticket, and neither token nor session."""
        return self._token is None or self._is_signed(value, TICKET)

    def _is_signed(self, value: str, longest: int) -> bool:
        found = _SIGNED.fullmatch(value)
        left = int(found[1], 16) - self._now() if found is not None else 0
        return found is not None and 0 < left <= longest and hmac.compare_digest(found[2], self._mark(found[1]))

    def signed(self, seconds: int) -> str:
        """Return a word that lets in for so many seconds; an empty one where no token is asked for."""
        if self._token is None:
            return ""
        end = f"{self._now() + seconds:08x}"
        return f"{end}.{self._mark(end)}"

    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    def _mark(self, end: str) -> str:
        digest = hmac.digest(self._secret, end.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    @cached_property
    def _secret(self) -> bytes:
        return hashlib.pbkdf2_hmac("sha256", self._token or b"", b"progressnb tickets", ROUNDS)
