"""The items of a batch on its page: the run of one by its index, with the access rules of all other routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker
from progressnb.web.streams.looks import Look
from tests.folds.batches import in_full_swing
from tests.web.conftest import TOKEN

if TYPE_CHECKING:
    from tests.web.conftest import Serve

HOSTILE = "<b>\x1b[31mred\u202e</b>"


def item(index: int) -> ProgressTracker:
    """Return the run of an item, or say why there is none."""
    if index > 150:
        raise LookupError(f"item {index:,} has not begun")
    clock = ManualClock()
    run = ProgressTracker("classify", ["ask"], subject=HOSTILE, clock=clock, show=False)
    run.start()
    run.update("ask", 40, "asking")
    clock.advance(1)
    return run


async def test_an_item_is_shown_by_its_index(serve: Serve) -> None:
    """The row has the item's run as it is now; what can't be shown is answered with the batch's own sentence."""
    served = await serve()
    run_id = await served.begin("waiting")
    run: Any = await served.server.service.registry.find(run_id)
    answer = await served.client.get(f"/runs/{run_id}/items/17")
    assert (answer.status_code, answer.json()["detail"]) == (404, "item 17 has no end in this record")
    run.open_item = item
    answer = await served.client.get(f"/runs/{run_id}/items/17")
    assert answer.headers["cache-control"] == "no-store"
    row = answer.json()
    assert (row["key"], row["title"], row["open"]) == (f"{run_id}/17", "item 17", True)
    assert (row["run"]["key"], row["run"]["header"]["percent"]) == (f"{run_id}/17", 40.0)
    assert "\x1b" not in answer.text
    answer = await served.client.get(f"/runs/{run_id}/items/151")
    assert (answer.status_code, answer.json()["detail"]) == (404, "item 151 has not begun")
    served.gates.opened.set()
    await served.ended(run_id)


@pytest.mark.parametrize("index", ["-1", "x", "1.5", "1000000000", "1e3"])
async def test_nonsense_is_no_index(serve: Serve, index: str) -> None:
    """What is no index of an item is refused and reaches no run."""
    served = await serve()
    run_id = await served.begin("waiting")
    run: Any = await served.server.service.registry.find(run_id)
    run.open_item = lambda _: pytest.fail("it was asked")
    assert (await served.client.get(f"/runs/{run_id}/items/{index}")).status_code == 422
    served.gates.opened.set()
    await served.ended(run_id)


async def test_items_need_the_token(serve: Serve) -> None:
    """Who has no token sees no item, and not whether there is one."""
    served = await serve(token=TOKEN)
    async with httpx.AsyncClient(base_url=served.client.base_url) as stranger:
        assert (await stranger.get("/runs/any/items/1")).status_code == 401


def test_the_view_of_a_served_batch() -> None:
    """A page gets what a panel has: totals, facts and lists, and a field for an index where items can be opened."""
    batch: Any = in_full_swing()
    (tree,) = Look(batch.run).panel()["runs"]
    assert tree["batch"]["text"].startswith("142 of 200")
    assert tree["batch"]["find"] == ""
    batch.run.open_item = item
    assert Look(batch.run).panel()["runs"][0]["batch"]["find"] == "0–199"
