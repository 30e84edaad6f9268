"""A batch as every other run: attached, replayed and stored it is seen as where it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import progressnb as pnb
from progressnb.display.html import panel_html
from progressnb.display.items import run_of_item
from progressnb.display.looks import tree_of
from progressnb.display.text import panel_text
from progressnb.folds.group import panel_tree
from progressnb.folds.state import RunState
from progressnb.web.streams.looks import Look
from progressnb.wire.batch import WorkerNow
from tests.display.test_batch import frame_of
from tests.folds.batches import in_full_swing

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


async def test_what_holds_it_back_is_said_alike_on_every_screen(tmp_path: Path) -> None:
    """Panel, plain text, page, terminal, a record and who attaches name gate, workers and the longest at work alike."""
    batch = in_full_swing()
    batch.gates = [batch.gates[0].model_copy(update={"provider": None, "until": None})]
    batch.tell(workers=[WorkerNow(number=0, threads=4), WorkerNow(number=1, threads=4)], deaths=1)
    oldest = min(batch.at_work, key=lambda each: (each[2], each[1]))[1]
    record = tmp_path / "batch.jsonl"
    record.write_bytes(b"".join(line + b"\n" for line in batch.run.log.encoded()))
    replayed: Any = pnb.replay(record, speed=None, show=False)
    replayed.begin()
    await replayed.log.wait_ended()
    async with await pnb.serve() as server:
        run: Any = batch.run
        url = server.add(run)
        attached = pnb.attach(url.partition("/view")[0], show=False)
        async for event in attached:
            if event.seq == len(batch.run.log) - 1:
                break
        panels = [panel_tree([tree_of(each)], key="panel") for each in (batch.run, attached)]
        screens = [show(panel) for panel in (*panels, Look(batch.run).panel()) for show in (panel_html, panel_text)]
        batch.run.done({"total": 200})
        await attached
    terminal = "\n".join(frame_of(in_full_swing_behind(batch.gates), 120))
    for screen in (*screens, terminal):
        assert "8 of 20: the provider asked for 12 s" in screen
    for screen in screens:
        assert "2 workers · 8 threads · 1 lost" in screen
        assert "Longest at work" in screen
        assert f"mail {oldest}" in screen
    assert batch.run.state.batch is not None
    assert replayed.state.batch.now == batch.run.state.batch.now


def in_full_swing_behind(gates: list[Any]) -> Any:
    """Return a batch at work that these gates hold back."""
    batch = in_full_swing()
    batch.gates = gates
    batch.tell()
    return batch
