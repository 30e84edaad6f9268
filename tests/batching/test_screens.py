"""A batch as every other run: attached, replayed and stored it is seen as where it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import progressnb as pnb
from progressnb.display.items import run_of_item
from progressnb.display.looks import tree_of
from progressnb.folds.state import RunState

if TYPE_CHECKING:
    from pathlib import Path


@pnb.operation(stages=["ask"])
async def label(tracker: pnb.ProgressTracker, mail: str) -> str:
    """Label a mail."""
    async with tracker.stage("ask") as stage:
        await stage.update(50, cost=0.25, input_tokens=100, output_tokens=10)
        if mail.endswith("7"):
            raise ValueError(f"no label for {mail}")
    return "spam"


def begun(**options: Any) -> Any:
    """Begin a batch of thirty mails."""
    mails = [f"mail {number}" for number in range(30)]
    return pnb.batch(label, mails, limit=4, retries=0, return_errors=True, show=False, **options)


@pytest.mark.parametrize("transport", ["sse", "websocket"])
async def test_an_attached_batch_is_seen_as_here(transport: Any) -> None:
    """Who attaches gets each item's end, and the same totals, facts and failures."""
    batch = begun()
    async with await pnb.serve() as server:
        url = server.add(batch)
        attached = pnb.attach(url.partition("/view")[0], transport=transport, show=False)
        await batch
        result: Any = await attached
        assert result["finished"] == 27
        assert attached.state.batch == batch.state.batch
        assert (
            tree_of(attached)["batch"]["text"]
            == tree_of(batch)["batch"]["text"]
            == ("30 items · 27 finished · 3 failed")
        )


async def test_a_stored_batch_is_seen_as_here(tmp_path: Path) -> None:
    """What a history keeps folds to the same state, is replayed, and has one row an item."""
    history = pnb.use_history(tmp_path / "runs.db", contents=True)
    batch = begun()
    await batch
    assert RunState.of(history.log(batch.id)).batch == batch.state.batch
    replayed: Any = pnb.replay(batch.id, speed=None, show=False)
    await replayed
    assert replayed.state.batch == batch.state.batch
    items = history.items(batch.id)
    assert len(items) == 30
    assert items["cost"].sum() == pytest.approx(batch.state.usage["cost"]) == pytest.approx(7.5)
    row = run_of_item(replayed, 7)
    assert not isinstance(row, str)
    assert row.state.error == "no label for mail 7"
    assert run_of_item(replayed, 30) == "item 30 has no end in this record"
    run = batch.open_item(7)
    assert run.state.error == "no label for mail 7"
    assert items.loc[7, "item_run_id"] == run.state.run_id


async def test_a_history_without_contents_keeps_no_words_of_items(tmp_path: Path) -> None:
    """No title, key or text of an error of an item is in the file, and all counts are."""
    history = pnb.use_history(tmp_path / "runs.db", contents=False)
    batch = begun()
    await batch
    lines = b"".join(history.lines(batch.id))
    assert b"mail 3" not in lines
    assert b"no label" not in lines
    kept = RunState.of(history.log(batch.id)).batch
    assert kept is not None
    assert kept.counts == {"finished": 27, "failed": 3}
    assert [(each.reason, each.count, each.error) for each in kept.failures] == [(("ValueError", None, "ask"), 3, None)]
