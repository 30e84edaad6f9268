"""The items of a batch in a history: one row an item, and what a history without contents keeps of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.folds.snapshot import snapshot_of
from progressnb.folds.state import RunState
from progressnb.folds.view import RunView
from progressnb.history.history import History
from progressnb.history.redaction import redact
from progressnb.interop import to_agui
from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.batch import BatchNow, ItemAtWork, WorkerNow
from progressnb.wire.codec import decode, encode
from progressnb.wire.events import ItemEvent, ProgressEvent
from progressnb.wire.items import ItemEnd
from tests.folds.batches import ScriptedBatch, in_full_swing

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "tcp://secret"


def secret_batch() -> ScriptedBatch:
    """Return a batch whose titles, errors, keys and names of workers have a secret."""
    batch = ScriptedBatch(40, words="secret")
    batch.go_on(30)
    batch.end(38, 1.0, status="failed", error="secret", error_type="ValueError", key="secret")
    batch.log.now(_now(), items={1: "secret"}, workers={0: ADDRESS})
    return batch


def _now() -> BatchNow:
    return BatchNow(limit=2, at_work=1, items=[ItemAtWork(index=1, began=0.5)], workers=[WorkerNow(number=0)])


def test_contents_never_stay() -> None:
    """Without contents no title, key, text of an error or name of a worker stays, and all facts do."""
    batch = secret_batch()
    events = [*batch.run.log]
    lines = [*map(encode, events), encode(snapshot_of(RunState.of(events), events[-1]))]
    redacted = [redact(line) for line in lines]
    assert b"secret" in b"".join(lines)
    assert b"secret" not in b"".join(redacted)
    kept, whole = (RunState.of(decode(line) or events[0] for line in some[:-1]) for some in (redacted, lines))
    assert kept.batch is not None
    assert whole.batch is not None
    for name in ("plan", "total", "counts", "sums", "ends", "figures", "now", "items"):
        assert getattr(kept.batch, name) == getattr(whole.batch, name)
    snapshot = RunState.of([decode(redacted[-1]) or events[0]])
    assert snapshot.batch == kept.batch
    assert RunView().tree(kept, 60.0)["batch"]["text"] == RunView().tree(whole, 60.0)["batch"]["text"]


def test_a_batch_of_somebody_is_contents() -> None:
    """Code may report data named "batch" in a stage, as loops that train models do: they are nulled as all others."""
    common: dict[str, Any] = {"run_id": "r", "seq": 1, "timestamp": datetime(2026, 1, 1, tzinfo=UTC), "elapsed": 0}
    data = {"batch": {"operation": "secret"}, "batch_now": 3}
    line = redact(encode(ProgressEvent(operation="op", stage="train", status="running", data=data, **common)))
    assert json.loads(line)["data"] == {"batch": None, "batch_now": None}


json_values = st.recursive(
    st.none() | st.integers(-5, 5) | st.just("secret"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "items", "limit"]), inner),
    max_leaves=6,
)


@given(st.sampled_from(["batch", "batch_now", "batch_words"]), json_values, st.booleans())
def test_what_a_newer_version_tells_never_stays(key: str, value: Any, inside: bool) -> None:
    """Fields that nobody knows here may hold contents, at any depth of what a batch tells of itself."""
    gate: dict[str, Any] = {"limit": 1, "of": 2, "reason": "asked"}
    facts = {"operation": "x", "limit": 3, "thought": value, "gates": [gate]}
    common: dict[str, Any] = {"run_id": "r", "seq": 1, "timestamp": datetime(2026, 1, 1, tzinfo=UTC), "elapsed": 0}
    if inside:
        gate["thought"] = value
    data = {key: facts if inside else value}
    line = redact(encode(ProgressEvent(operation="op", status="running", data=data, **common)))
    assert b"secret" not in line
    if inside and key == "batch_now":
        assert json.loads(line)["data"]["batch_now"]["gates"] == [{"limit": 1, "of": 2, "reason": "asked"}]


@pytest.mark.parametrize("contents", [True, False])
def test_items_as_a_frame(tmp_path: Path, contents: bool) -> None:
    """One row an item that has ended, in the order of the inputs, with the fields of its event."""
    batch = ScriptedBatch(60)
    with History(tmp_path / "h.pnb", contents=contents) as history:
        history.record(batch.run)
        batch.go_on(50)
        batch.run.cancelled("stopped")
        frame = history.items(batch.run.id)
        assert [*frame.index] == sorted(event.index for event in batch.run.log if isinstance(event, ItemEvent))
        assert {*frame.columns, "index"} >= {*ItemEnd.model_fields}
        assert frame.loc[7, "status"] == "failed"
        assert frame.loc[7, "status_code"] == 429
        assert frame["cost"].sum() == pytest.approx(batch.run.state.usage["cost"])
        assert frame["reused"].sum() == 0
        assert frame["title"].notna().all() == contents
        assert frame["error"].notna().sum() == (2 if contents else 0)
        assert frame["began"].notna().all()
        replayed = RunState.of(history.log(batch.run.id))
        assert replayed.batch is not None
        assert batch.run.state.batch is not None
        assert replayed.batch.counts == batch.run.state.batch.counts


def test_a_run_that_is_no_batch_has_no_items(tmp_path: Path) -> None:
    """Its frame has the same columns and no rows."""
    with History(tmp_path / "h.pnb") as history:
        run = ProgressTracker("op", ["one"], clock=ManualClock(), show=False)
        history.record(run)
        run.start()
        run.done('{"type":"item"}')
        frame = history.items(run.id)
        assert len(frame) == 0
        assert "status" in frame.columns


def test_agui_gets_each_item() -> None:
    """An item is a custom event, and moves the percent of the activity; it never ends the run."""
    batch = in_full_swing()
    events = [event for event in batch.run.log if isinstance(event, ItemEvent)]
    converted = [each for event in events[:3] for each in to_agui(event)]
    assert [each["type"] for each in converted] == ["ACTIVITY_DELTA", "CUSTOM"] * 3
    assert converted[1]["name"] == "progressnb.item"
    assert converted[1]["value"]["index"] == events[0].index
