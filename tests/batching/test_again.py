"""Further attempts at items: what the attempt before has finished is not done again, and slow items are begun once."""

from collections import Counter
from typing import Any

import pytest

import progressnb as pnb
from progressnb.history import History
from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker
from tests.batching.helpers import Bench, pass_time
from tests.execution.helpers import turns

calls: Counter[tuple[str, int]] = Counter()


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Count anew."""
    calls.clear()


def load(number: int) -> int:
    """Count that it was called."""
    calls["load", number] += 1
    return number


def write(number: int) -> int:
    """Fail twice for odd numbers."""
    calls["write", number] += 1
    if number % 2 and calls["write", number] < 3:
        raise OSError("the line is dead")
    return 10 * number


@pnb.operation(clock=ManualClock())
async def two(tracker: ProgressTracker, number: int) -> int:
    """Load and write."""
    loaded = await tracker.stage("load").run(load, number)
    return int(await tracker.stage("write").run(write, loaded))


async def retried(clock: ManualClock, **options: Any) -> pnb.Run[Any]:
    """Run four items, of which two need three attempts."""
    two._clock = clock
    batch = pnb.batch(two, range(4), retries=2, clock=clock, **options)
    await pass_time(batch, clock)
    return batch


@pytest.mark.parametrize("limit", [1, 4])
async def test_finished_stages_are_reused(history: History, clock: ManualClock, limit: int) -> None:
    """A further attempt does not do again what the attempt before it, or an earlier one, has finished."""
    batch: Any = await retried(clock, limit=limit)
    assert await batch == [0, 10, 20, 30]
    assert [calls["load", number] for number in range(4)] == [1, 1, 1, 1]
    assert [calls["write", number] for number in range(4)] == [1, 3, 1, 3]
    assert [item.attempts for item in batch.items] == [1, 3, 1, 3]
    assert batch[1].run.reused == {"load": "reused"}
    assert batch[0].run.reused == {}
    runs = history.runs(children=True)
    assert runs["resumed_from"].notna().sum() == 4


async def test_without_contents_all_is_done_again(clock: ManualClock) -> None:
    """A history without contents keeps no results, so that each attempt does everything."""
    with pnb.use_history(pnb.History()):
        batch: Any = await retried(clock)
    assert await batch == [0, 10, 20, 30]
    assert [calls["load", number] for number in range(4)] == [1, 3, 1, 3]


@pytest.mark.parametrize("retries", [0, 3])
async def test_slow_items_are_begun_once(clock: ManualClock, retries: int) -> None:
    """An item that takes a thousand times as long as the others is begun once, with places free beside it."""
    bench = Bench(clock)
    items = [("slow", 1_000.0), *((number, 1.0) for number in range(20))]
    batch = pnb.batch(bench.operation, items, limit=5, retries=retries, clock=clock)
    for _ in range(400):
        await turns()
        clock.advance(2.0)
    assert batch.state.counted_progress is not None
    assert [item.status for item in batch.items] == ["running", *["finished"] * 20]
    assert bench.at_work == 1
    await pass_time(batch, clock)
    assert await batch == ["slow", *range(20)]
    assert set(bench.calls.values()) == {1}
    assert {item.attempts for item in batch.items} == {1}
