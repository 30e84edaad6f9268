"""Batches on a server: begun by one request, and followed as any run is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import progressnb as pnb

if TYPE_CHECKING:
    from tests.web.conftest import Serve


def body(*topics: str, **options: Any) -> dict[str, Any]:
    """Return the body of a request."""
    return {"operation": "report", "items": [{"topic": topic} for topic in topics], **options}


async def test_a_batch_is_a_run(serve: Serve) -> None:
    """It answers at once with links, and its state, its items and its events are read as those of a run."""
    served = await serve()
    answer = await served.client.post("/batches", json=body("tides", "moon", "sea", limit=2, name="autumn"))
    assert answer.status_code == 202, answer.text
    begun = answer.json()
    assert (begun["operation"], begun["items"]) == ("batch_report", 3)
    assert answer.headers["location"] == f"/runs/{begun['run_id']}"
    await served.ended(begun["run_id"])
    state = (await served.client.get(begun["links"]["items"])).json()
    assert state["status"] == "finished"
    assert state["result"]["finished"] == 3
    assert [item["index"] for item in state["items"]] == [0, 1, 2]
    assert {item["status"] for item in state["items"]} == {"finished"}
    assert all(item["result"] for item in state["items"])
    events = (await served.client.get(begun["links"]["events"])).text
    assert events.count("event: item") == 3
    assert "items" not in (await served.client.get(begun["links"]["self"])).json()


async def test_it_is_attached_and_replayed(serve: Serve) -> None:
    """An attached batch has the same events and the same sums, and so has its replay."""
    served = await serve()
    run_id = (await served.client.post("/batches", json=body("tides", "moon"))).json()["run_id"]
    attached = pnb.attach(f"{served.server.url}/runs/{run_id}", token="a-token-of-the-tests", show=False)  # noqa: S106
    await attached
    assert attached.log.encoded() == served.lines(run_id)
    replayed = pnb.replay(attached, speed=None, show=False)
    assert replayed.log.encoded() == served.lines(run_id)
    assert replayed.state.batch is not None
    assert replayed.state.batch == attached.state.batch


async def test_it_is_cancelled(serve: Serve) -> None:
    """Cancelling it cancels its items."""
    served = await serve()
    wanted = {"operation": "waiting", "items": [{}, {}], "limit": 1}
    run_id = (await served.client.post("/batches", json=wanted)).json()["run_id"]
    await asyncio.sleep(0)
    await served.client.post(f"/runs/{run_id}/cancel", json={"reason": "enough"})
    await served.ended(run_id)
    state = (await served.client.get(f"/runs/{run_id}?items_after=-1")).json()
    assert (state["status"], state["reason"]) == ("cancelled", "enough")
    assert state["items"][1]["status"] == "not begun"
    assert state["items"][0]["status"] in ("cancelled", "not begun")


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"operation": "nothing", "items": [{}]}, "operation: expected one of"),
        ({"operation": "report", "items": []}, "items"),
        ({"operation": "report", "items": [{"topic": "a"}, {"subject": "b"}]}, "item 1"),
        ({"operation": "report", "items": [{"topic": "a"}], "limit": 0}, "limit"),
        ({"operation": "report", "items": [{"topic": "a"}], "budget": {"cost": -1}}, "cost of a budget"),
        ({"operation": "report", "items": [{"topic": "a"}], "given": {"model": "x"}}, "given"),
        ({"operation": "report", "items": ["a"]}, "items"),
    ],
)
async def test_what_is_refused(serve: Serve, wanted: dict[str, Any], says: str) -> None:
    """Items that the operation does not take, and options of another kind, are refused in words."""
    answer = await (await serve()).client.post("/batches", json=wanted)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


async def test_batches_count_as_runs(serve: Serve) -> None:
    """A batch counts as one run, and has no more items at work than the server has runs."""
    served = await serve(limits=pnb.web.Limits(runs=1))
    wanted = {"operation": "waiting", "items": [{}] * 3, "limit": 50}
    run_id = (await served.client.post("/batches", json=wanted)).json()["run_id"]
    assert (await served.client.post("/batches", json=wanted)).status_code == 429
    batch: Any = await served.server.service.registry.find(run_id)
    assert batch.plan.limit == 1
    batch.cancel()
    await served.ended(run_id)
