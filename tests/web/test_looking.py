"""The routes of the page: a run as it was, its answer, and acts on it, with the access rules of all other routes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

import progressnb as pnb
from progressnb.errors import InputError
from progressnb.execution.replay import Replay

if TYPE_CHECKING:
    from tests.web.conftest import Serve, Served


class Actor:
    """The acts that a run is asked for."""

    def __init__(self, run: Any) -> None:
        self.asked: list[tuple[dict[str, Any], str]] = []
        run.act = self

    def __call__(self, message: dict[str, Any], *, by: str) -> None:
        """Note an act, or refuse it."""
        if message["text"] == "refuse":
            raise InputError("an agent at work", "<b>none</b>", "Wait for one.")
        self.asked.append((message, by))


@dataclass
class Begun:
    """A run that goes on, on a server."""

    served: Served
    id: str
    run: Any

    async def act(self, **body: object) -> tuple[int, str]:
        """Ask for an act; return the status and the detail of a refusal."""
        answer = await self.served.client.post(f"/runs/{self.id}/act", json=body)
        return answer.status_code, answer.json().get("detail", "")

    async def end(self) -> None:
        """Let it end."""
        self.served.gates.opened.set()
        await self.served.ended(self.id)


async def begin(serve: Serve) -> Begun:
    """Begin a run."""
    served = await serve()
    run_id = await served.begin("waiting")
    return Begun(served, run_id, await served.server.service.registry.find(run_id))


async def test_acts_reach_the_run(serve: Serve) -> None:
    """`enough`, `say`, `approve` and `deny` are handed to the run, cleaned, with the place where somebody acts."""
    begun = await begin(serve)
    actor = Actor(begun.run)
    assert await begun.act(kind="enough") == (202, "")
    assert await begun.act(kind="say", text="shorter, please", run=begun.id) == (202, "")
    assert await begun.act(kind="deny", stage="waiting/pay#2", text="too dear\x00", by="panel") == (202, "")
    assert actor.asked == [
        ({"kind": "enough", "stage": None, "text": ""}, "page"),
        ({"kind": "say", "stage": None, "text": "shorter, please"}, "page"),
        ({"kind": "deny", "stage": "waiting/pay#2", "text": actor.asked[-1][0]["text"]}, "panel"),
    ]
    await begun.end()


async def test_stop_says_who_stopped_it(serve: Serve) -> None:
    """`stop` cancels the run, with the place of the button as the reason, or with a reason of one's own."""
    for body, reason in (({}, "the Stop button of its page"), ({"text": "seen\nenough"}, "seen enough")):
        begun = await begin(serve)
        assert await begun.act(kind="stop", **body) == (202, "")
        await begun.served.ended(begun.id)
        assert (begun.run.status, begun.run.state.reason) == ("cancelled", reason)


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "delete"},
        {},
        {"kind": "say", "text": "x" * 10_001},
        {"kind": "say", "text": ["x"]},
        {"kind": "deny", "stage": "x" * 10_001},
        {"kind": "enough", "by": "the owner"},
        {"kind": "enough", "cost": 0},
        ["enough"],
    ],
)
async def test_nonsense_is_refused(serve: Serve, body: Any) -> None:
    """What is no act is answered with 422 and reaches no run."""
    begun = await begin(serve)
    actor = Actor(begun.run)
    assert (await begun.served.client.post(f"/runs/{begun.id}/act", json=body)).status_code == 422
    assert actor.asked == []
    await begun.end()


async def test_a_run_may_refuse(serve: Serve) -> None:
    """Our own error says why a run can't take an act now, after its end, or ever."""
    begun = await begin(serve)
    Actor(begun.run)
    assert await begun.act(kind="say", text="refuse") == (
        409,
        "expected an agent at work, got <b>none</b>. Wait for one.",
    )
    await begun.end()
    status, detail = await begun.act(kind="stop")
    assert (status, detail.partition(",")[0]) == (409, "expected a run that goes on")
    record = Replay([(begun.run.log[seq], line) for seq, line in enumerate(begun.run.log.encoded()[:-1])], 1)
    begun.served.server.add(record)
    status, detail = await begun.act(kind="enough")
    assert (status, detail.partition(",")[0]) == (501, "expected a run that takes 'enough'")
    record.cancel()
    begun.id = "none"
    assert await begun.act(kind="enough") == (404, "there is no such run")


@pytest.mark.parametrize("query", ["at=0", "at=1&x=2", "%61t=3", "at", "at=", "x=1&at=0", "at=0&token=wrong"])
async def test_the_past_needs_the_token(serve: Serve, query: str) -> None:
    """The page needs no token, but its path with `?at=`, however it is written, holds what the run holds."""
    begun = await begin(serve)
    answer = await begun.served.client.get(f"/runs/{begun.id}/view?{query}", headers={"authorization": ""})
    assert answer.status_code == 401
    for path in ("answer", "act"):
        answer = await begun.served.client.get(f"/runs/{begun.id}/{path}", headers={"authorization": ""})
        assert answer.status_code == 401
    await begun.end()


async def test_acts_need_the_token_and_the_same_origin(serve: Serve) -> None:
    """Acts are changes: without the token they are answered with 401, from another page with 403."""
    begun = await begin(serve)
    actor = Actor(begun.run)
    body = {"kind": "enough"}
    path, client = f"/runs/{begun.id}/act", begun.served.client
    assert (await client.post(path, json=body, headers={"authorization": ""})).status_code == 401
    assert (await client.post(path, json=body, headers={"origin": "https://evil.example"})).status_code == 403
    assert (await client.post(path, json=body, headers={"origin": begun.served.server.url})).status_code == 202
    assert len(actor.asked) == 1
    await begun.end()


async def test_a_run_as_it_was(serve: Serve) -> None:
    """`?at=` returns the tree of a moment: when a stage had just begun, later, and as it is for all that is to come."""
    begun = await begin(serve)
    await begun.end()
    events = [
        event.model_copy(update={"elapsed": seq + 0.004, "duration": 9.0}) for seq, event in enumerate(begun.run.log)
    ]
    begun.served.server.add(pnb.replay(events, speed=None, show=False))
    client, last = begun.served.client, events[-1].elapsed
    moments = [0.0, 1.0, 2.0, 1e9]
    trees = [(await client.get(f"/runs/{begun.id}/view", params={"at": at})).json() for at in moments]
    assert [tree["status"] for tree in trees] == ["running", "running", "running", "finished"]
    assert [tree["trace"][0]["status"] for tree in trees] == ["pending", "running", "running", "finished"]
    assert [tree["trace"][0]["message"] for tree in trees][:3] == ["", "", "holding"]
    assert [tree["at"] for tree in trees] == [0.0, 1.0, 2.0, max(last, 9.0)]
    assert all(tree["key"] == begun.id and tree["controls"] == [] for tree in trees)
    for at in ("-1", "nan", "inf", "x", "1e999"):
        assert (await client.get(f"/runs/{begun.id}/view", params={"at": at})).status_code == 422, at
    assert (await client.get("/runs/none/view?at=1")).status_code == 404


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("# Tides\n\n$2", "# Tides\n\n$2"),
        ({"markdown": "# A", "score": 1}, "# A"),
        ({"score": 12345678901234567890}, '{\n  "score": 12345678901234567890\n}'),
        (["ü"], '[\n  "ü"\n]'),
    ],
)
async def test_the_answer_to_take_along(serve: Serve, result: Any, text: str) -> None:
    """`/answer` has the answer as people paste it, as JSON to the last digit, and a name for a file."""

    @pnb.operation
    async def report(tracker: pnb.ProgressTracker) -> Any:
        assert tracker.id
        return result

    served, run = await serve(), report.using(show=False)()
    served.server.add(run)
    await run
    answer = (await served.client.get(f"/runs/{run.id}/answer")).json()
    assert answer["text"] == text
    assert answer["name"] == "report.json"
    assert json.loads(answer["json"]) == result
