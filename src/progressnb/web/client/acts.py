"""Acts on a served run: requests to its server, which does them or refuses."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any, get_args

from pydantic_core import from_json

from progressnb.errors import InputError, ProgressError, RunEndedError
from progressnb.tracking.acts import Kind
from progressnb.web.client.address import OPENING, LostError
from progressnb.web.client.transports import answering, explained
from progressnb.wire.plain import clean_text, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from progressnb.tracking.clock import Clock
    from progressnb.tracking.controls import By
    from progressnb.web.client.address import Address

__all__ = ["KINDS", "Hand", "in_thread"]

KINDS = get_args(Kind)
"""The acts that a server takes."""

LONGEST_TEXT = 10_000
"""The largest number of characters of a text that is sent."""

LONGEST_ANSWER = 4_000
"""Bytes of an answer that are read."""

SEEN_FOR = 8.0
"""Seconds for which a refusal is seen."""

ASKED_EVERY = 2.0
"""Seconds between two questions for the acts that are possible."""

_FAULTS = range(500, 600)
_NOT_THERE = 501
_logger = logging.getLogger("progressnb")


class Hand:
    """The acts on one served run. Requests are made in threads; a refusal is logged and seen for some seconds."""

    def __init__(self, address: Address, clock: Clock, told: Callable[[], None]) -> None:
        self.address, self._clock, self._told = address, clock, told
        self._refusal, self._refused_at = "", 0.0
        self._possible = frozenset({"stop"})
        self._asked_at = float("-inf")

    @property
    def refusal(self) -> str:
        """The reason why the server refused the last act; empty when it was long ago or done."""
        return self._refusal if self._clock.monotonic() - self._refused_at < SEEN_FOR else ""

    def possible(self) -> frozenset[str]:
        """Return the acts that are possible, as the server told last. It is asked again behind the call."""
        now = self._clock.monotonic()
        if now - self._asked_at >= ASKED_EVERY:
            self._asked_at = now
            in_thread(self._ask(), "progressnb-acts")
        return self._possible

    def act(self, message: Mapping[str, object], by: By) -> None:
        """Send an act. Raises `InputError` for a message that is no act."""
        kind, stage, text = message.get("kind"), message.get("stage"), message.get("text")
        if kind not in KINDS:
            raise InputError(f"an act of {', '.join(KINDS)}", repr(kind))
        body: dict[str, object] = {"kind": kind, "by": by}
        for name, value in (("stage", stage), ("text", text)):
            if value is not None and not isinstance(value, str):
                raise InputError(f"{name} as text, or none", repr(value))
            if value:
                body[name] = clean_text(value)[:LONGEST_TEXT]
        in_thread(self._send(body), "progressnb-act")

    async def _send(self, body: dict[str, object]) -> None:
        # Once: a word that is sent again after a lost answer might be said twice.
        try:
            status, answer = await self._request("POST", body)
            refusal = "" if status < 300 else str(answer.get("detail") or f"status {status}")  # noqa: PLR2004
        except (LostError, ProgressError) as error:
            refusal = str(error)
        self._refusal, self._refused_at = one_line(refusal, 300), self._clock.monotonic()
        if refusal:
            _logger.warning("the server did not %s: %s", body["kind"], self._refusal)
        self._told()

    async def _ask(self) -> None:
        try:
            status, answer = await self._request("GET", None)
        except (LostError, ProgressError):
            return  # the stream of events reports what is wrong with the server
        controls = answer.get("controls")
        if status < 300 and isinstance(controls, list):  # noqa: PLR2004 - a server of an older version has no such route
            self._possible = frozenset(each for each in KINDS if each in controls)

    async def _request(self, method: str, body: object) -> tuple[int, dict[str, Any]]:
        content = bytearray()
        with explained(self.address):
            async with (
                answering(),
                self.address.client(OPENING) as client,
                client.stream(method, f"{self.address.url}/act", json=body) as answer,
            ):
                status = answer.status_code
                if status in (401, 403, 404) or (status in _FAULTS and status != _NOT_THERE):
                    raise self.address.refusal(status)
                async for chunk in answer.aiter_bytes():
                    content += chunk
                    if len(content) > LONGEST_ANSWER:
                        break
        try:
            data: object = from_json(bytes(content))
        except ValueError:
            data = None
        return status, {**data} if isinstance(data, dict) else {}


class RemoteActs:
    """The acts of `Run` on a run that is served elsewhere. They return at once, and the server does them."""

    _hand: Hand

    def act(self, message: Mapping[str, object], *, by: By = "code") -> None:
        """Ask the server to act on the run, from any thread.

        Args:
            message: A mapping with `kind` (`"stop"`, `"enough"`, `"say"`, `"approve"` or `"deny"`), `stage` (a path)
                and `text` (the word to the agent, or the reason).
            by: Who acts: `"code"`, `"panel"` or `"page"`.

        Raises:
            InputError: For a message of another shape.
            RunEndedError: After the end of the run.

        """
        if self._is_over():
            raise RunEndedError("a run that goes on", "one that has ended")
        self._hand.act(message, by)

    def enough(self, stage: str | None = None, *, by: By = "code") -> None:
        """Ask the server to end the output that is being written, or that of one stage, with what is complete of it."""
        self.act({"kind": "enough", "stage": stage}, by=by)

    def say(self, text: str, stage: str | None = None, *, by: By = "code") -> None:
        """Ask the server to say a word to the agent at work."""
        self.act({"kind": "say", "text": text, "stage": stage}, by=by)

    def approve(self, stage: str, *, by: By = "code") -> None:
        """Ask the server to let the call of a tool go ahead that waits in a stage."""
        self.act({"kind": "approve", "stage": stage}, by=by)

    def deny(self, stage: str, reason: str | None = None, *, by: By = "code") -> None:
        """Ask the server to refuse the call of a tool that waits in a stage."""
        self.act({"kind": "deny", "stage": stage, "text": reason}, by=by)

    def _is_over(self) -> bool:
        raise NotImplementedError


def in_thread(work: Coroutine[Any, Any, None], name: str) -> None:
    """Run a coroutine in a thread of its own, which does not keep the program from ending."""
    threading.Thread(target=asyncio.run, args=(work,), name=name, daemon=True).start()
