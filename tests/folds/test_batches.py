"""The fold of a batch: exact whoever looks and when, bounded for any number of items, and the same as a snapshot."""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.folds.batches import KINDS, SLOWEST
from progressnb.folds.patch import apply, diff
from progressnb.folds.snapshot import snapshot_of
from progressnb.folds.state import RunState
from progressnb.folds.view import RunView
from progressnb.wire.batch import BatchNow, Gate, Hold, ItemAtWork, WorkerNow
from progressnb.wire.codec import decode, encode
from progressnb.wire.events import CancelledEvent, DoneEvent, Event, ItemEvent, ProgressEvent, StartedEvent
from progressnb.wire.items import ItemEnd
from tests.folds.batches import ScriptedBatch, in_full_swing

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
amounts = st.none() | st.floats(0, 50).map(lambda value: round(value, 3))
counts = st.none() | st.integers(0, 5_000)
names = st.none() | st.sampled_from(["RateLimitError", "ValueError", "TimeoutError"])


def event_of(kind: Any, seq: int, elapsed: float, **fields: Any) -> Any:
    """Make one event of a batch's run."""
    at = BEGAN + timedelta(seconds=elapsed)
    return kind(run_id="b", seq=seq, timestamp=at, elapsed=elapsed, operation="batch_x", **fields)


@st.composite
def item_ends(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return the ends of items, in any order."""
    total = draw(st.integers(1, 40))
    order = draw(st.permutations(range(total)))[: draw(st.integers(0, total))]
    ends: list[dict[str, Any]] = []
    for index in order:
        status = draw(st.sampled_from(["finished", "finished", "failed", "cancelled"]))
        failed: dict[str, Any] = {}
        if status == "failed":
            failed = {
                "error_type": draw(names),
                "status_code": draw(st.none() | st.sampled_from([429, 500])),
                "error": "it broke",
            }
        ends.append(
            {
                "index": index,
                "status": status,
                "title": draw(st.none() | st.just(f"mail {index}")),
                "attempts": draw(st.integers(0, 3)),
                "began": draw(amounts),
                "duration": draw(amounts),
                "cost": draw(amounts),
                "input_tokens": draw(counts),
                "output_tokens": draw(counts),
                "reused": draw(st.sampled_from([False, False, True])),
                **failed,
            }
        )
    return ends


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    """Write the log of a batch in which ends and what is at work come in any order."""
    ends = draw(item_ends())
    elapsed = 0.0
    plan = {"operation": "x", "total": draw(st.none() | st.just(40)), "limit": 4}
    events: list[Any] = [
        event_of(StartedEvent, 0, 0.0),
        event_of(ProgressEvent, 1, 0.0, status="running", data={"batch": plan}),
    ]
    for end in ends:
        elapsed = round(elapsed + draw(st.floats(0, 2)), 3)
        if draw(st.booleans()):
            now = BatchNow(
                limit=draw(st.integers(0, 4)),
                at_work=draw(st.integers(0, 4)),
                items=[ItemAtWork(index=end["index"], began=elapsed / 2)],
                gates=draw(
                    st.sampled_from([[], [Gate(limit=1, of=4, reason="asked", seconds=12, until=elapsed + 12)]])
                ),
                holds=draw(st.sampled_from([None, Hold(kind="budget")])),
                workers=draw(st.sampled_from([None, [WorkerNow(number=0, threads=4)]])),
            )
            words = {"items": {str(end["index"]): "mail"}, "workers": {"0": "tcp://here"}}
            data = {"batch_now": now.model_dump(mode="json"), "batch_words": words}
            events.append(event_of(ProgressEvent, len(events), elapsed, status="running", data=data))
        events.append(event_of(ItemEvent, len(events), elapsed, overall_progress=len(events) / 2, **end))
    last = draw(st.sampled_from([None, DoneEvent, CancelledEvent]))
    if last is not None:
        events.append(event_of(last, len(events), elapsed + 1, duration=elapsed + 1))
    return events


@given(logs())
def test_who_looks_does_not_matter(log: list[Event]) -> None:
    """A reader who looks after each event and one who looks once see the same batch; patches lead to it."""
    state, watching = RunState(), RunView()
    seen: Any = None
    for event in log:
        state.apply(event)
        tree = watching.tree(state, state.elapsed)
        if seen is not None:
            assert apply(seen, json.loads(json.dumps(diff(seen, tree)))) == tree
        seen = tree
    once = RunState.of(log)
    assert state == once
    assert seen == RunView().tree(once, once.elapsed)


@given(logs(), st.data())
def test_a_snapshot_in_between_changes_nothing(log: list[Event], data: st.DataObject) -> None:
    """Whoever comes behind a snapshot folds on to the same state, figure by figure."""
    at = data.draw(st.integers(2, len(log)))
    before, after = log[:at], log[at:]
    state = RunState.of(before)
    if not state.ended:
        restored = RunState()
        restored.apply(decode(encode(snapshot_of(state, before[-1]))) or before[-1])
        for event in after:
            state.apply(event)
            restored.apply(event)
        assert restored.batch == state.batch
        assert restored.batch.figures == state.batch.figures if restored.batch and state.batch else True
        assert (restored.overall_progress, restored.usage) == (state.overall_progress, state.usage)


@given(logs())
def test_a_replay_gives_the_same(log: list[Event]) -> None:
    """Events that went over the wire give the state of those that did not."""
    replayed = RunState.of([decode(encode(event)) or event for event in log])
    assert replayed.batch == RunState.of(log).batch


@given(item_ends(), st.randoms(use_true_random=False))
def test_the_order_of_ends_does_not_matter(ends: list[dict[str, Any]], random: Any) -> None:
    """Counts, reasons with their examples, the slowest and the sums are those of the items, whatever ended first."""

    def told(order: list[dict[str, Any]]) -> Any:
        events = [event_of(ItemEvent, seq, float(seq), **end) for seq, end in enumerate(order)]
        batch = RunState.of(events).batch
        if batch is None:
            return None
        failures = sorted((str(each.reason), each.count, each.index, each.error) for each in batch.failures)
        slowest = [(each.index, each.duration) for each in batch.slowest]
        sums = {name: (each.count, pytest.approx(each.total)) for name, each in batch.sums.items()}
        return batch.counts, batch.reused, failures, slowest, sums

    shuffled = [*ends]
    random.shuffle(shuffled)
    assert told(ends) == told(shuffled)


@given(item_ends())
def test_all_items_are_counted(ends: list[dict[str, Any]]) -> None:
    """Each item has one end, and failed ones have a reason each."""
    batch = RunState.of([event_of(ItemEvent, seq, float(seq), **end) for seq, end in enumerate(ends)]).batch
    counted = batch.counts if batch is not None else Counter[str]()
    assert counted == Counter(end["status"] for end in ends)
    assert sum(each.count for each in batch.failures) == counted["failed"] if batch is not None else True


def parts_of(value: Any, seen: set[int]) -> Iterator[Any]:
    """Go through an object and all that it holds."""
    if id(value) in seen or isinstance(value, type):
        return
    seen.add(id(value))
    yield value
    if isinstance(value, dict):
        inside: list[Any] = [*value, *value.values()]
    elif isinstance(value, list | tuple | set | frozenset) or type(value).__name__ == "deque":
        inside = [*value]
    else:
        names = [name for each in type(value).__mro__ for name in getattr(each, "__slots__", ())]
        inside = [getattr(value, name) for name in names if name != "__weakref__" and hasattr(value, name)]
        inside += [*getattr(value, "__dict__", {}).values()]
    for each in inside:
        yield from parts_of(each, seen)


def size_of(value: Any) -> int:
    """Return the bytes that an object holds."""
    return sum(map(sys.getsizeof, parts_of(value, set())))


def test_memory_is_bounded() -> None:
    """The state of 10,000 items takes no more than that of 1,000, of as many reasons of failures as there are items."""

    def size(total: int) -> int:
        state = RunState()
        for seq in range(total):
            end = {"index": seq, "status": "failed", "error_type": f"Error{seq}", "error": "x" * 5_000, "duration": 1.0}
            state.apply(event_of(ItemEvent, seq, seq / 10, **end))
        assert state.batch is not None
        assert len(state.batch.failures) == KINDS
        assert state.batch.other_failures == total - KINDS
        assert len(state.batch.slowest) == SLOWEST
        return size_of(state)

    few, many = size(1_000), size(10_000)
    assert many < few * 1.05
    assert many < 150_000


def test_a_bounded_log_tells_the_same() -> None:
    """A log that has let its first events go gives a reader who comes late the state that all others have."""
    batch = ScriptedBatch(2_000, limit=50)
    batch.run.log.limit = 200_000
    batch.go_on(1_900)
    log = batch.run.log
    assert log.first > 500
    late, lines = RunState.of(log), log.encoded()
    assert late.batch == batch.run.state.batch
    assert RunState.of(decode(line) or log[0] for line in lines).batch == late.batch
    batch.go_on(100)
    batch.run.done({"total": 2_000})
    for event in log.read(late.last_seq):
        late.apply(event[0])  # type: ignore[arg-type]
    assert late.batch == batch.run.state.batch
    assert late.batch is not None
    assert late.batch.counts == {"finished": 1_950, "failed": 50}


def test_the_slowest_and_the_examples() -> None:
    """The five slowest come slowest first, and the example of a reason is the item of the lowest index."""
    ends = [(5, 3.0), (2, 9.0), (7, 1.0), (1, 9.0), (0, 0.5), (9, 4.0), (3, 2.0)]
    events = [
        event_of(ItemEvent, seq, float(seq), index=index, status="failed", duration=duration, error=f"error {index}")
        for seq, (index, duration) in enumerate(ends)
    ]
    batch = RunState.of(events).batch
    assert batch is not None
    assert [each.index for each in batch.slowest] == [1, 2, 9, 5, 3]
    assert [(each.count, each.index, each.error) for each in batch.failures] == [(7, 0, "error 0")]


def test_figures_are_honest() -> None:
    """Half way the time left and the cost in all are right to a fifth, and their ranges hold what comes most times."""
    inside = 0
    for seed in range(20):
        batch = ScriptedBatch(200, seed=seed)
        batch.go_on(100)
        batch.tell()
        figures = batch.run.state.batch.figures  # type: ignore[union-attr]
        told_at = batch.clock.monotonic()
        batch.go_on(100)
        state = batch.run.state
        left, cost = batch.clock.monotonic() - told_at, state.usage["cost"]
        assert figures.left is not None
        assert figures.cost is not None
        assert left == pytest.approx(figures.left[1], rel=0.2)
        assert cost == pytest.approx(figures.cost[1], rel=0.05)
        inside += (figures.left[0] <= left <= figures.left[2]) + (figures.cost[0] <= cost <= figures.cost[2])
    assert inside >= 24  # of 40


def test_a_few_long_items_are_foreseen() -> None:
    """Where few items take many times as long as most, the time left does not forget that the last ones may be such."""
    errors: list[float] = []
    for seed in range(12):
        batch = ScriptedBatch(200, seed=seed, spread=0.8)
        batch.go_on(100)
        batch.tell()
        state, told_at = batch.run.state.batch, batch.clock.monotonic()
        assert state is not None
        assert state.figures.left is not None
        expected = state.figures.left[1]
        batch.go_on(100)
        left = batch.clock.monotonic() - told_at
        errors.append((expected - left) / left)
    assert abs(median(errors)) < 0.3


def test_nothing_is_expected_without_ground() -> None:
    """Before three items have ended there is no speed, no time left and no cost in all, and never without a total."""
    batch = ScriptedBatch(200)
    batch.go_on(2)
    batch.go_to(10.0)
    batch.tell()
    figures = batch.run.state.batch.figures  # type: ignore[union-attr]
    assert (figures.rate, figures.left, figures.cost, figures.tokens) == (None, None, None, None)
    events = [event_of(ItemEvent, seq, float(seq), index=seq, status="finished", duration=1.0) for seq in range(50)]
    unknown = RunState.of(events).batch
    assert unknown is not None
    assert unknown.figures.left is None
    assert unknown.figures.rate == pytest.approx(1.0, rel=0.1)


def test_items_unlike_those_that_are_done_give_no_ground() -> None:
    """Where most items at work have outlasted all that are done, nobody knows when they end."""
    batch = ScriptedBatch(40, limit=4, seconds=1.0)
    batch.go_on(20)
    batch.tell()
    state = batch.run.state.batch
    assert state is not None
    assert state.figures.left is not None
    batch.go_to(batch.clock.monotonic() + 10)
    batch.tell()
    assert state.figures.left is None


def test_reused_items_cost_nothing_now() -> None:
    """Items that an earlier run had done count as ended; what they cost then is told apart."""
    batch = ScriptedBatch(10, limit=1)
    for index in range(5):
        batch.log.item(ItemEnd(index=index, status="finished", reused=True, attempts=0, cost=1.0, duration=100.0))
    state = batch.run.state
    assert state.batch is not None
    assert (state.batch.ended, state.batch.reused, state.batch.earlier) == (5, 5, {"cost": 5.0})
    assert state.usage == {}
    assert state.batch.slowest == []
    assert state.overall_progress == 50.0


def test_a_strangers_record_changes_nothing() -> None:
    """Data that are no plan and tell nothing of a batch are passed over."""
    state = RunState()
    for seq, data in enumerate([{"batch": 3}, {"batch_now": {"limit": "many"}}, {"batch": {}, "batch_words": [1]}]):
        state.apply(event_of(ProgressEvent, seq, 0.0, status="running", data=data))
    assert state.batch is not None
    assert (state.batch.plan, state.batch.now, state.batch.total) == (None, None, None)
    assert RunView().tree(state, 1.0)["batch"]["text"] == "0 ended"


def test_a_record_without_measure_breaks_nothing() -> None:
    """Numbers that no item can have are counted as an end and added to nothing."""
    state = RunState()
    data = {
        "batch": {"operation": "x", "total": 50, "limit": 10**30},
        "batch_now": {"at_work": 10**30, "limit": 10**30},
    }
    state.apply(event_of(ProgressEvent, 0, 0.0, status="running", data=data))
    for seq in range(1, 20):
        wild = {"duration": 1e308, "cost": 1e308, "input_tokens": 10**400, "began": 1e300, "reused": seq % 2 == 0}
        fields = wild if seq % 3 else {"duration": 0.0, "cost": 0.0, "input_tokens": 0}
        state.apply(event_of(ItemEvent, seq, seq * 5.0, index=seq, status="finished", attempts=10**30, **fields))
    assert state.batch is not None
    assert state.batch.ended == 19
    assert state.usage["cost"] == 0
    restored = RunState()
    last = event_of(ItemEvent, 19, 95.0, index=19, status="finished")
    restored.apply(decode(encode(snapshot_of(state, last))) or last)
    assert restored.batch == state.batch
    assert "19 of 50" in RunView().tree(state, 95.0)["batch"]["text"]


# --- what is to be seen -----------------------------------------------------------------------------


def view_of(batch: ScriptedBatch) -> Any:
    """Return what is to be seen of a scripted batch."""
    state = batch.run.state
    return RunView("run").tree(state, batch.clock.monotonic() if not state.ended else state.elapsed)


def facts_of(tree: Any) -> dict[str, str]:
    """Return the facts of a batch by label."""
    return {fact["label"]: fact["text"] for fact in tree["batch"]["facts"]}


def test_the_line_of_totals() -> None:
    """It counts the ends, the failed ones and those at work, and tells the time left with its range."""
    tree = view_of(in_full_swing())
    assert tree["batch"]["text"].startswith("142 of 200 · 4 failed · 18 running · 2 paused · about ")
    assert tree["batch"]["text"].endswith("s)")
    assert tree["answer"] is None
    assert tree["trace"] == []
    shares = {segment["title"]: segment["share"] for segment in tree["segments"]}
    assert shares == {"finished": 0.69, "failed": 0.02, "running": 0.1, "not begun": 0.19}


def test_the_gate_in_words() -> None:
    """A gate says how many may be at work, of how many, and what the provider asked for."""
    batch = in_full_swing()
    named = batch.gates[0]
    now = batch.clock.monotonic()
    assert facts_of(view_of(batch))["Gate"] == "8 of 20: openai asked for 12 s · goes on in 11 s"
    for change, text in (
        ({"provider": None, "until": None}, "8 of 20: the provider asked for 12 s"),
        ({"reason": "refused", "seconds": None, "until": None}, "8 of 20: openai refused requests"),
        ({"reason": "growing", "until": now + 60}, "8 of 20: growing again"),
    ):
        batch.gates = [named.model_copy(update=change)]
        batch.tell()
        assert facts_of(view_of(batch))["Gate"] == text
    batch.gates = []
    batch.tell()
    assert "Gate" not in facts_of(view_of(batch))


def test_why_nothing_begins() -> None:
    """What keeps new items from beginning is said, and workers are counted."""
    batch = in_full_swing()
    workers = [WorkerNow(number=0, threads=4), WorkerNow(number=1, threads=4, state="suspect")]
    batch.tell(holds=Hold(kind="budget"), workers=workers, deaths=1, repeated=2)
    facts = facts_of(view_of(batch))
    assert facts["Hold"] == "nothing new begins: the budget is set aside for the items at work"
    assert facts["Workers"] == "2 workers · 8 threads · 1 under suspicion · 1 lost"
    assert facts["Tried again"] == "2 results came twice and was paid twice"


def test_a_budget_of_cost_that_nothing_counts_for_says_so() -> None:
    """Where items end and none has told a cost, the budget holds nothing back: that is said, at work and at the end."""
    batch = ScriptedBatch(20, plan={"budget": {"cost": 5.0}})
    assert facts_of(view_of(batch)).get("Cost") == "budget $5.00"
    batch.end(0, batch.clock.monotonic(), cost=None)
    assert facts_of(view_of(batch))["Cost"] == "budget $5.00 · no item has told a cost"
    batch.end(1, batch.clock.monotonic(), cost=0.5)
    assert "no item" not in facts_of(view_of(batch))["Cost"]


def test_the_end_says_what_was_done() -> None:
    """At the end all items are counted by how they ended, and the slowest are listed."""
    batch = ScriptedBatch(60)
    batch.go_on(60)
    batch.run.done({"total": 60})
    tree = view_of(batch)
    assert tree["batch"]["text"] == "60 items · 58 finished · 2 failed"
    assert tree["header"]["sign"] == "◐"
    titles = [each["title"] for each in tree["batch"]["lists"]]
    assert titles == ["Failures", "Took longest"]
    assert len(tree["batch"]["lists"][1]["rows"]) == SLOWEST


@pytest.mark.parametrize(
    ("kind", "limit", "text"),
    [
        ("budget", {"cost": 5.0}, "ended early: its budget of $5.00 is spent"),
        ("budget", {"tokens": 2000}, "ended early: its budget of 2,000 tokens is spent"),
        ("budget", {"seconds": 90}, "ended early: its budget of 1 min 30 s is spent"),
        ("max_failures", {"share": 0.1}, "ended early: more than 10 % of the items failed"),
        ("engine", None, "ended early: its cluster is gone"),
    ],
)
def test_an_early_end_says_why(kind: str, limit: dict[str, Any] | None, text: str) -> None:
    """A batch that was stopped by its budget or by failures says so, and how many items never began."""
    batch = ScriptedBatch(60, plan={"budget": {"cost": 5.0}, "max_failures": 0.1})
    batch.go_on(20)
    batch.log.ended_early(kind, limit)
    for _, index, began in batch.at_work:
        batch.end(index, began, status="cancelled")
    batch.run.cancelled("stopped")
    tree = view_of(batch)
    assert tree["header"]["ended"] == text
    assert tree["batch"]["text"] == "60 items · 19 finished · 1 failed · 20 cancelled · 20 not begun"
