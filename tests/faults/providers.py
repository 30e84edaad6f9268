"""Faults of providers, over the real SDKs and three APIs: each run ends as it is promised, and none hangs."""

from __future__ import annotations

import asyncio
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Literal
from unittest.mock import patch

from tests.faults.campaign import Outcome, fault
from tests.providers.dialects import DIALECTS, KEY, Dialect
from tests.providers.server import Answer, WireServer
from tests.providers.work import CALLS, customized

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

SOON = {"retry-after-ms": "10"}
PATIENCE = 60.0
GOES_ON = "it is asked again, and the run has its result"
FAILS = "the run fails in words, with what had come"


@contextmanager
def wire() -> Generator[WireServer]:
    """Start a server and lead all providers to it."""
    with WireServer() as server:
        places = {one.variables[0]: server.url + one.base for one in DIALECTS}
        keys = {one.variables[1]: KEY for one in DIALECTS}
        kept = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
        with patch.dict(os.environ, kept | places | keys, clear=True):
            yield server


async def _tried(
    times: int, script: Callable[[Dialect], Sequence[Answer]], status: str, timeout: float | None = None
) -> Outcome:
    """Let each API answer by a script, and count the runs that end with a status."""
    survived = lost = 0
    for number in range(times):
        dialect = DIALECTS[number % len(DIALECTS)]
        answers = script(dialect)
        with wire() as server:
            server.script(*answers)
            try:
                async with asyncio.timeout(PATIENCE):
                    run = await customized(dialect, timeout=timeout)
            except (AssertionError, TimeoutError):
                continue
            with suppress(Exception):
                await run
            survived += run.status == status
            lost += any(answer.end != "complete" for answer in answers) and not run.partial
    return Outcome(times, survived, lost)


def whole(dialect: Dialect, piece: int = 509) -> list[Answer]:
    """Return the answers of a run in which nothing goes wrong."""
    return [Answer(dialect.stream(call), piece=piece) for call in CALLS]


def begun(dialect: Dialect, end: Literal["cut", "silent"]) -> Answer:
    """Return the first half of an answer."""
    return Answer(dialect.begun(CALLS[0], '"Žofie writes Pyth'), end=end)


def refusal(dialect: Dialect, status: int) -> Answer:
    """Return a refusal that asks to come again soon."""
    return Answer(dialect.error(status, "not now"), status, "application/json", SOON)


@fault("a provider answers 429, then well", GOES_ON, times=60, part=3)
async def too_many(times: int) -> Outcome:
    """Refuse the first request."""
    return await _tried(times, lambda dialect: [refusal(dialect, 429), *whole(dialect)], "finished")


@fault("a provider answers 500, then well", GOES_ON, times=60, part=3)
async def broken(times: int) -> Outcome:
    """Fail at the first request."""
    return await _tried(times, lambda dialect: [refusal(dialect, 500), *whole(dialect)], "finished")


@fault("a provider's stream drips byte by byte", "the run has its result", times=30, part=3)
async def drips(times: int) -> Outcome:
    """Send each byte on its own."""
    return await _tried(times, lambda dialect: whole(dialect, 1), "finished")


@fault("a provider's stream is cut each time", FAILS, times=60, part=3)
async def cut(times: int) -> Outcome:
    """Close the connection in the middle of the answer, however often it is asked."""
    return await _tried(times, lambda dialect: [begun(dialect, "cut")] * 8, "failed")


@fault("a provider's stream is garbage", "the run fails in words", times=60, part=3)
async def garbage(times: int) -> Outcome:
    """Send bytes that are no events."""
    return await _tried(times, lambda _: [Answer(bytes(range(256)) * 8 + b"\n\ndata: {\n\n")] * 8, "failed")


@fault("a provider falls silent in its stream", "the timeout ends the run, with what had come", times=30, part=3)
async def silent(times: int) -> Outcome:
    """Say nothing more after the first half."""
    return await _tried(times, lambda dialect: [begun(dialect, "silent")], "failed", timeout=1.0)
