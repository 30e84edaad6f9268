"""Acts on an attached run: they go to its server, which does them or says why not; links lead to its page."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest

import progressnb as pnb
from progressnb.web.client.acts import SEEN_FOR, Hand
from progressnb.web.client.address import Address
from tests.web.test_looking import Actor

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.web.client.remote import RemoteRun
    from tests.web.conftest import Serve, Served


async def until(condition: Callable[[], object]) -> None:
    """Wait for what another thread does."""
    while not condition():
        await asyncio.sleep(0.005)


async def attached(serve: Serve) -> tuple[Served, str, RemoteRun, Actor]:
    """Begin a run, attach to it, and note the acts that reach it."""
    served = await serve()
    run_id = await served.begin("waiting")
    actor = Actor(await served.server.service.registry.find(run_id))
    seen = pnb.attach(served.server.page(run_id), show=False)
    await until(lambda: seen.connection == "connected" and len(seen.log) > 1)
    return served, run_id, seen, actor


async def test_acts_go_to_the_server(serve: Serve) -> None:
    """All methods of a run in hand work on an attached one, and tell who acts: code here, or its panel."""
    served, run_id, seen, actor = await attached(serve)
    seen.say("shorter, please")
    await until(lambda: len(actor.asked) == 1)
    seen.enough("waiting", by="panel")
    await until(lambda: len(actor.asked) == 2)
    seen.approve("waiting/pay")
    await until(lambda: len(actor.asked) == 3)
    seen.deny("waiting/pay", "too dear")
    await until(lambda: len(actor.asked) == 4)
    assert actor.asked == [
        ({"kind": "say", "stage": None, "text": "shorter, please"}, "code"),
        ({"kind": "enough", "stage": "waiting", "text": ""}, "panel"),
        ({"kind": "approve", "stage": "waiting/pay", "text": ""}, "code"),
        ({"kind": "deny", "stage": "waiting/pay", "text": "too dear"}, "code"),
    ]
    served.gates.opened.set()
    await served.ended(run_id)
    await seen
    with pytest.raises(pnb.errors.RunEndedError):
        seen.say("too late")
    assert seen.controls == frozenset()


async def test_a_panel_stops_it(serve: Serve) -> None:
    """Stop in an attached panel is told as such."""
    _, _, seen, _ = await attached(serve)
    seen.act({"kind": "stop"}, by="panel")
    with pytest.raises(pnb.errors.RunCancelled, match="the Stop button of its panel"):
        await seen


async def test_a_refusal_is_seen(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """The server's reason is logged and, for some seconds, the trouble of the run, which its panel shows."""
    caplog.set_level(logging.WARNING, "progressnb")
    served, run_id, seen, _ = await attached(serve)
    told: list[str] = []
    seen.on_trouble(lambda: told.append(seen.trouble))
    seen.say("refuse")
    await until(lambda: told)
    assert told == ["expected an agent at work, got <b>none</b>. Wait for one."]
    assert "the server did not say: expected an agent at work" in caplog.text
    seen.say("all right")
    await until(lambda: len(told) == 2)
    assert told[1] == ""
    served.gates.opened.set()
    await served.ended(run_id)


@pytest.mark.parametrize("message", [{}, {"kind": "delete"}, {"kind": "say", "text": 1}, {"kind": "deny", "stage": []}])
async def test_nonsense_stays_here(serve: Serve, message: dict[str, Any]) -> None:
    """What is no act is refused without asking the server."""
    served, run_id, seen, actor = await attached(serve)
    with pytest.raises(pnb.errors.InputError):
        seen.act(message)
    assert actor.asked == []
    served.gates.opened.set()
    await served.ended(run_id)


async def test_the_server_tells_what_is_possible(serve: Serve) -> None:
    """`controls` is what the server says, asked for when somebody looks."""
    served, run_id, seen, _ = await attached(serve)
    run: Any = await served.server.service.registry.find(run_id)
    kind = type(run)
    run.__class__ = type("Agentic", (kind,), {"controls": frozenset({"stop", "enough", "say"})})
    assert "stop" in seen.controls
    await until(lambda: seen.controls == {"stop", "enough", "say"})
    run.__class__ = kind
    served.gates.opened.set()
    await served.ended(run_id)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = 0.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.time


async def test_where_there_is_no_server() -> None:
    """An act that does not arrive is a refusal too, and is not sent again; it is seen for some seconds."""
    told, clock = asyncio.Event(), Clock()
    loop = asyncio.get_running_loop()
    hand = Hand(Address("http://127.0.0.1:9/runs/x"), clock, lambda: loop.call_soon_threadsafe(told.set))  # type: ignore[arg-type]
    hand.act({"kind": "say", "text": "hello"}, "code")
    await told.wait()
    assert hand.refusal
    clock.time = SEEN_FOR + 1
    assert hand.refusal == ""


async def test_a_served_run_has_a_link(serve: Serve) -> None:
    """A run that is served knows its page, without the token; when the server stops, it does not any more."""
    served = await serve()
    run_id = await served.begin("waiting")
    run = await served.server.service.registry.find(run_id)
    assert run.link == ""
    page = served.server.add(run)
    assert run.link == page.partition("#")[0]
    assert "token" not in run.link
    assert pnb.attach(page, show=False).link == run.link
    served.gates.opened.set()
    await served.ended(run_id)
    await served.server.stop()
    assert run.link == ""
