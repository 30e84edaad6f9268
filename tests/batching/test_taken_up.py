"""A batch and its history: results are committed before they are told, and the same call goes on after a stop."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import progressnb as pnb
from progressnb.batching import Batch
from progressnb.errors import BatchFailed, BatchStopped
from progressnb.history import History, ItemDone
from progressnb.history.store import Store
from progressnb.tracking.tracker import ProgressTracker

calls: Counter[object] = Counter()
broken: set[object] = set()
most: list[int] = []  # calls that may end; later ones wait until they are cancelled


@pnb.operation
async def double(tracker: ProgressTracker, number: int, by: int = 2) -> int:
    """Double a number, and count that it was asked."""
    calls[number] += 1
    if most and calls.total() > most[-1]:
        await asyncio.Event().wait()
    async with tracker.stage("work") as stage:
        stage.add_usage("m", input_tokens=10, output_tokens=5, cost=0.01)
        await asyncio.sleep(0)
    if number in broken:
        raise ValueError(f"{number} is broken")
    return number * by


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Count anew."""
    calls.clear()
    broken.clear()
    most.clear()


async def stop_after(batch: Batch[Any], count: int) -> list[int]:
    """Stop a batch when exactly so many items have ended; return those that have finished."""
    most.append(calls.total() + count)
    seen = 0
    async for _ in batch:
        seen += 1
        if seen == count:
            batch.cancel("for today")
    with pytest.raises(BatchStopped, match="Make the same call again to go on"):
        await batch
    most.clear()
    return [item.index for item in batch.items if item.status == "finished"]


async def test_the_same_call_goes_on(history: History) -> None:
    """What was committed is not paid again, its results are in their places, and its cost is not of this call."""
    done = await stop_after(pnb.batch(double, range(20), limit=2), 7)
    paid = sum(calls.values())
    assert 7 <= len(done) <= paid <= len(done) + 2
    again = pnb.batch(double, range(20), limit=2)
    assert await again == [2 * number for number in range(20)]
    assert [item.index for item in again.items if item.reused] == done
    assert sum(calls.values()) == paid + 20 - len(done)
    assert [again[index].attempts for index in done] == [0] * len(done)
    assert all(again[index].cost == 0.01 for index in done)
    events = [event for event in again.log if event.type == "item"]
    assert [event.index for event in events if event.reused] == done
    assert again.cost == pytest.approx(0.01 * (20 - len(done)))
    assert history.runs()["resumed_from"].notna().sum() == 1


async def test_a_finished_batch_runs_anew(history: History) -> None:
    """A batch that went to its end runs anew, unless its results are to be reused."""
    assert await pnb.batch(double, range(4)) == [0, 2, 4, 6]
    assert await pnb.batch(double, range(4)) == [0, 2, 4, 6]
    assert set(calls.values()) == {2}
    reused = pnb.batch(double, range(5), reuse=True)
    assert await reused == [0, 2, 4, 6, 8]
    assert [calls[number] for number in range(5)] == [2, 2, 2, 2, 1]
    assert history.runs(operation="batch_double")["status"].tolist() == ["finished"] * 3


async def test_failed_items_alone_run_again(history: History) -> None:
    """After failures `reuse=True` runs what failed, and nothing else."""
    broken.add(2)
    with pytest.raises(BatchFailed, match="reuse=True"):
        await pnb.batch(double, range(4))
    broken.clear()
    assert await pnb.batch(double, range(4), reuse=True) == [0, 2, 4, 6]
    assert calls == {0: 1, 1: 1, 2: 2, 3: 1}
    assert history is not None


@pytest.mark.parametrize(
    ("items", "options"),
    [
        (range(8), {"given": {"by": 3}}),
        (range(8), {"name": "autumn"}),
        (range(100, 108), {}),
    ],
)
async def test_another_call_begins_anew(history: History, items: range, options: dict[str, Any]) -> None:
    """Other arguments, another name and other items are another batch."""
    await stop_after(pnb.batch(double, range(8), limit=1), 4)
    other = pnb.batch(double, items, limit=1, **options)
    await other
    assert not any(item.reused for item in other.items)
    first = pnb.batch(double, range(8), limit=1)
    await first
    assert sum(item.reused for item in first.items) == 4
    assert history is not None


async def test_more_items_than_before(history: History) -> None:
    """A longer list takes up what was done of a shorter one, and equal items are two."""
    await stop_after(pnb.batch(double, [1, 1, 2, 3], limit=1), 3)
    longer = pnb.batch(double, [5, 1, 1, 1, 2, 3], limit=1)
    assert await longer == [10, 2, 2, 2, 4, 6]
    assert [item.reused for item in longer.items] == [False, True, True, False, True, False]
    assert history is not None


async def test_a_part_of_the_items(history: History) -> None:
    """A call of some items takes what is theirs of a stopped batch, and the rest stays for the next call."""
    assert await stop_after(pnb.batch(double, range(6), limit=1), 4) == [0, 1, 2, 3]
    part = pnb.batch(double, [0, 7], limit=1)
    await part
    assert [item.reused for item in part.items] == [True, False]
    again = pnb.batch(double, range(6), limit=1)
    assert await again == [0, 2, 4, 6, 8, 10]
    assert [item.reused for item in again.items] == [False, True, True, True, False, False]
    anew = pnb.batch(double, range(6), limit=1)
    await anew
    assert not any(item.reused for item in anew.items)
    assert history is not None


async def test_two_at_once_take_what_is_theirs(history: History) -> None:
    """Two calls of different items that begin at once each take what was committed for theirs."""
    await stop_after(pnb.batch(double, range(6), limit=1), 4)
    one, two = pnb.batch(double, [0, 1, 4]), pnb.batch(double, [2, 3, 5])
    await asyncio.gather(one, two)
    assert [[item.reused for item in each.items] for each in (one, two)] == [[True, True, False]] * 2
    assert {number: calls[number] for number in range(4)} == dict.fromkeys(range(4), 1)
    assert history is not None


async def test_results_of_several_stopped_batches(history: History) -> None:
    """A call takes what was committed for its items in each batch that was stopped."""
    await stop_after(pnb.batch(double, range(4), limit=1), 2)
    await stop_after(pnb.batch(double, range(10, 14), limit=1), 2)
    both = pnb.batch(double, [*range(4), *range(10, 14)], limit=1)
    await both
    assert [item.reused for item in both.items] == [True, True, False, False] * 2
    anew = pnb.batch(double, range(4), limit=1)
    await anew
    assert not any(item.reused for item in anew.items)
    assert history is not None


async def test_a_part_of_what_has_ended(history: History) -> None:
    """`reuse=True` for some items of a batch that has ended leaves its results to it."""
    await pnb.batch(double, range(4))
    for items in ([0], range(4), [0, 1], range(4)):
        again = pnb.batch(double, items, reuse=True)
        await again
        assert all(item.reused for item in again.items)
    assert history is not None


async def test_items_of_an_iterator(history: History) -> None:
    """Items that come one by one are found again as they come."""
    await stop_after(pnb.batch(double, iter(range(8)), limit=1, total=8), 4)
    again = pnb.batch(double, iter(range(8)), limit=1)
    assert await again == [2 * number for number in range(8)]
    assert sum(item.reused for item in again.items) == 4
    assert history is not None


@pytest.mark.parametrize("is_async", [False, True])
async def test_an_iterator_of_other_items(history: History, is_async: bool) -> None:
    """Items that come one by one take what is theirs of stopped batches, and leave the rest to the next call."""
    done = await stop_after(pnb.batch(double, range(8), limit=1), 4)
    source = [100, 1, 101, 2]

    async def come() -> AsyncIterator[int]:
        for number in source:
            yield number

    other = pnb.batch(double, come() if is_async else iter(source), limit=1)
    assert await other == [200, 2, 202, 4]
    assert [item.reused for item in other.items] == [False, True, False, True]
    again = pnb.batch(double, range(8), limit=1)
    assert await again == [2 * number for number in range(8)]
    assert [item.index for item in again.items if item.reused] == [index for index in done if index not in (1, 2)]
    assert history is not None


async def test_an_iterator_that_is_stopped_again_and_again(history: History) -> None:
    """Each call of the same items goes on where the ones before it stopped, and pays for nothing twice."""
    for _ in range(3):
        await stop_after(pnb.batch(double, iter(range(60)), limit=1), 3 + sum(calls.values()))
    last = pnb.batch(double, iter(range(60)), limit=1)
    assert await last == [2 * number for number in range(60)]
    assert sum(calls.values()) <= 60 + 3
    anew = pnb.batch(double, iter(range(60)), limit=1)
    await anew
    assert not any(item.reused for item in anew.items)
    reused = pnb.batch(double, iter(range(61)), reuse=True)
    await reused
    assert [item.reused for item in reused.items] == [True] * 60 + [False]
    assert history is not None


async def test_a_batch_at_work_is_left_alone(history: History) -> None:
    """While a batch is at work, the same call is a batch of its own."""
    first = pnb.batch(double, range(6), limit=1)
    async for _ in first:
        break
    second = pnb.batch(double, range(6), limit=1)
    assert await second == await first
    assert not any(item.reused for item in second.items)
    assert history is not None


async def test_stopped_by_its_budget(history: History) -> None:
    """A batch that its budget stopped goes on with the budget of the next call."""
    results: list[int] = []
    for _ in range(3):
        try:
            results = await pnb.batch(double, range(10), limit=3, budget=pnb.Budget(cost=0.04))
        except BatchStopped:
            continue
    assert results == [2 * number for number in range(10)]
    assert set(calls.values()) == {1}
    assert history is not None


async def test_told_after_its_commit(history: History) -> None:
    """When somebody hears of a result, another connection finds it in the file."""
    assert history.path is not None
    other = Store(history.path)
    async for item in pnb.batch(double, range(10), limit=3):
        with other.reading() as connection:
            rows = connection.execute("SELECT count(*) FROM items WHERE key = ?", (item.key,)).fetchone()
        assert rows == (1,)
    other.close()


async def test_the_first_result_wins(history: History) -> None:
    """A result that another process committed first is the result, and the second one is counted as paid twice."""
    batch = pnb.batch(double, range(3), limit=1)
    assert batch._ends.results is not None
    commit = batch._ends.results.commit

    def later(done: list[ItemDone]) -> list[bool]:
        commit([ItemDone(key=each.key, position=each.position, result=-1) for each in done if each.position == 1])
        return commit(done)

    batch._ends.results.commit = later  # type: ignore[method-assign, assignment]
    assert await batch == [0, -1, 4]
    assert batch.repeated == 1
    assert batch.state.result["repeated"] == 1
    assert history is not None


async def test_without_a_history_it_says_so(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """A batch whose results nobody keeps says so at its start, with the remedy."""
    batch = pnb.batch(double, range(2))
    await batch
    assert 'use_history("runs.db", contents=True)' in caplog.text
    assert batch.state.data.get("batch") is None
    assert batch.log[1].data["batch"]["resumable"] is False  # type: ignore[union-attr]
    caplog.clear()
    with pnb.use_history(tmp_path / "runs.db"):
        await pnb.batch(double, range(2))
    assert "not kept" in caplog.text


async def test_results_that_cannot_be_kept(history: History, caplog: pytest.LogCaptureFixture) -> None:
    """An object that no file can hold is given all the same, and computed again by the next call."""

    @pnb.operation
    async def opened(_tracker: ProgressTracker, number: int) -> object:
        calls[number] += 1
        return object()

    batch = pnb.batch(opened, range(2))
    assert len(await batch) == 2
    assert "is not kept" in caplog.text
    await pnb.batch(opened, range(2), reuse=True)
    assert set(calls.values()) == {2}
    assert history is not None


async def test_contents_stay_out(tmp_path: Path) -> None:
    """A history without contents has no title, no key and no error's text in the log of a batch, and no result."""
    secret = "4111-1111-1111-1111"  # noqa: S105 - what must not be found

    @pnb.operation
    async def read(_tracker: ProgressTracker, text: str) -> str:
        if text.startswith("4"):
            raise ValueError(f"can't read {text}")
        return text

    with pnb.use_history(tmp_path / "runs.db") as history:
        batch = pnb.batch(read, [secret, "0" + secret], return_errors=True)
        await batch
        assert secret.encode() not in history.export_jsonl(run_id=batch.id)
        assert batch[0].key is not None
        with history._store.reading() as connection:
            assert connection.execute("SELECT count(*) FROM items").fetchone() == (0,)


async def test_opened_from_the_history(history: History) -> None:
    """An item whose run was let go is opened from the history, also one that an earlier call has run."""
    batch = pnb.batch(double, range(30), limit=4)
    await batch
    gone = next(item for item in batch.items if item.run is None)
    opened: Any = batch.open_item(gone.index)
    assert opened.state.run_id == gone.run_id
    assert opened.state.status == "finished"
    again = pnb.batch(double, range(30), reuse=True)
    await again
    earlier: Any = again.open_item(3)
    assert earlier.state.result == 6
    assert history is not None


async def test_runs_of_items_are_of_the_batch(history: History) -> None:
    """The history lists the batch with the cost of its items, these as its children, and deletes them with it."""
    batch = pnb.batch(double, range(5))
    await batch
    runs = history.runs()
    assert runs["operation"].tolist() == ["batch_double"]
    assert runs["cost"].tolist() == pytest.approx([0.05])
    assert len(history.runs(children=True)) == 6
    assert history.delete(batch.id) == 6
    with history._store.reading() as connection:
        assert connection.execute("SELECT count(*) FROM items").fetchone() == (0,)


async def test_a_batch_is_no_run_to_resume(history: History) -> None:
    """`resume_run` refuses a batch, by itself, by its id and by the beginning of that, and says what to call."""
    batch = pnb.batch(double, range(3), budget=pnb.Budget(cost=0.01), limit=1)
    with pytest.raises(BatchStopped):
        await batch
    assert batch.id in set(history.runs()["run_id"])
    wrong: Any = batch
    for given in (wrong, batch.id, batch.id[:24]):
        with pytest.raises(pnb.errors.ResumeError, match=r"Call pnb\.batch again with the same operation and items"):
            pnb.resume_run(given)


async def test_timings_of_reused_items(history: History) -> None:
    """Items whose results were there before have their stages in `timings`, from the history."""
    first = pnb.batch(double, range(3))
    await first
    assert len(history.runs(children=True)) == 4
    again = pnb.batch(double, range(3), reuse=True)
    await again
    assert all(item.reused for item in again.items)
    frame = again.timings()
    assert list(frame.index) == list(first.timings().index) == [(0, "work"), (1, "work"), (2, "work")]
    assert set(frame["cost"]) == {0.01}


@pytest.mark.parametrize("turns_before", [0, 3, 6])
def test_a_loop_that_ends_while_results_are_committed(history: History, turns_before: int) -> None:
    """A program that ends in the midst of a batch ends: nothing waits for a commit that was cancelled."""
    begun: list[Any] = []

    async def program() -> None:
        batch = pnb.batch(double, range(40), limit=4, show=False)
        begun.append(batch)
        waiter = asyncio.ensure_future(asyncio.gather(batch, return_exceptions=True))
        while not batch._ends.uncommitted:
            assert not waiter.done(), waiter.result()
            await asyncio.sleep(0)
        for _ in range(turns_before):
            await asyncio.sleep(0)
        assert not waiter.done()

    asyncio.run(program())
    (batch,) = begun
    assert batch.status == "cancelled"
    assert {item.status for item in batch.items} <= {"finished", "cancelled", "not begun"}
    assert history is not None
