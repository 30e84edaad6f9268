"""Batches on a server: begun by one request, and followed as any run is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import progressnb as pnb
from progressnb.web.server import items

if TYPE_CHECKING:
    from pathlib import Path

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


async def test_items_come_in_pages(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page has 100 items at most, and no more than so many bytes; `links.next` leads on until there are no more."""
    served = await serve()
    wanted = {"operation": "waiting", "items": [{}] * 105, "limit": 1}
    begun = (await served.client.post("/batches", json=wanted)).json()
    served.gates.opened.set()
    await served.ended(begun["run_id"])

    async def pages(after: int) -> list[list[int]]:
        found, there = list[list[int]](), f"{begun['links']['self']}?items_after={after}"
        while there:
            state = (await served.client.get(there)).json()
            found.append([item["index"] for item in state["items"]])
            there = state["links"].get("next", "")
        return found

    assert await pages(-1) == [[*range(100)], [*range(100, 105)]]
    assert await pages(4) == [[*range(5, 105)]]
    assert await pages(104) == [[]]
    monkeypatch.setattr(items, "BYTES", 1)
    assert await pages(101) == [[102], [103], [104]]


async def test_a_batch_of_an_earlier_server(serve: Serve, tmp_path: Path) -> None:
    """A batch that only the history has tells its items, with their results, as the server did that ran it."""
    with pnb.History(tmp_path / "runs.db", contents=True) as history:
        served = await serve(history=history)
        begun = (await served.client.post("/batches", json=body("tides", "moon", "sea"))).json()
        await served.ended(begun["run_id"])
        here = (await served.client.get(begun["links"]["items"])).json()["items"]
        again = (await (await serve(history=history)).client.get(begun["links"]["items"])).json()
        assert again["status"] == "finished"
        assert [{**item, "duration": None} for item in again["items"]] == [{**item, "duration": None} for item in here]
        assert all(item["result"] for item in here)
        assert len(history.items(begun["run_id"])) == 3


async def test_a_batch_of_a_history_without_contents(serve: Serve, tmp_path: Path) -> None:
    """Without contents the items of a record have their facts, and no results."""
    with pnb.History(tmp_path / "runs.db") as history:
        served = await serve(history=history)
        begun = (await served.client.post("/batches", json=body("tides"))).json()
        await served.ended(begun["run_id"])
        (item,) = (await (await serve(history=history)).client.get(begun["links"]["items"])).json()["items"]
        assert (item["status"], item["result"]) == ("finished", None)


async def test_its_results_count_as_memory(serve: Serve) -> None:
    """The results of a batch count among the bytes of what is kept, though its log does not have them."""
    served = await serve()
    run_id = (await served.client.post("/batches", json=body("tides"))).json()["run_id"]
    await served.ended(run_id)
    batch: Any = await served.server.service.registry.find(run_id)
    batch.items[0].result = "a" * 1_000_000
    assert items.size_of_results(batch) > 1_000_000
    begun = served.server.service.registry._begun
    assert begun[run_id] > len(str(body("tides")).encode()) // 2


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


@pytest.mark.parametrize("at_work", [False, True])
async def test_it_is_cancelled(serve: Serve, at_work: bool) -> None:
    """Cancelling it cancels its items, before the first has begun and while it is at work."""
    served = await serve()
    wanted = {"operation": "waiting", "items": [{}, {}], "limit": 1}
    run_id = (await served.client.post("/batches", json=wanted)).json()["run_id"]
    batch: Any = await served.server.service.registry.find(run_id)
    while at_work and batch[0].status != "running":
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
        ({"operation": "nothing", "items": [{}]}, "expected one of report"),
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
