"""The state of a batch: the fold of the ends of its items, in bounded memory whatever their number.

Counts by status, sums, failed items by reason with one example each, the slowest ones, and what is at work now. No list
of items is kept. What the batch lets expect (`expectations.py`) is computed once a second of the log's time, so that
it does not flicker, and the same log gives the same figures whoever looks and when.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from progressnb.folds.durations import rung_of
from progressnb.folds.expectations import Figures, Ground, Sum, figures_of
from progressnb.folds.shapes import added, is_dict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from progressnb.wire.batch import BatchNow, BatchPlan, ItemAtWork
    from progressnb.wire.items import ItemEnd, ItemStatus

__all__ = [
    "KINDS",
    "LATEST_ENDS",
    "LONGEST",
    "SLOWEST",
    "BatchState",
    "FailureKind",
    "LongItem",
    "SlowItem",
]

KINDS = 20
"""Reasons of failures that are told apart; failed items of any other are counted."""

SLOWEST = 5
"""Items that took longest, of those that are done."""

LONGEST = 5
"""Items at work that are told one by one: those that have been at work longest."""

MOST = 1e12
"""Dollars, tokens and seconds of an item that are believed; more is a stranger's record."""

WORTH_A_LOOK = 2.0
"""Seconds for which an item must have been at work: a list of shorter ones would be another one with each look."""

WORDS, ERROR = 200, 2_000
"""Characters that are kept of a title or a name, and of the text of an error."""

TOLD = 1_000
"""Items at work that are kept one by one; a batch tells 30."""

LATEST_ENDS = 100
"""Ends of items whose times tell the throughput."""

_EVERY = 1.0
"""Seconds of the log's time after which the figures are computed anew."""

_SUMMED = ("cost", "input_tokens", "output_tokens")


@dataclass(slots=True)
class FailureKind:
    """Failed items of one reason, with the example of the lowest index."""

    error_type: str | None
    status_code: int | None
    error_stage: str | None
    count: int
    index: int
    title: str | None
    error: str | None

    @property
    def reason(self) -> tuple[str | None, int | None, str | None]:
        """The mark of this reason: class of the error, HTTP status, stage."""
        return self.error_type, self.status_code, self.error_stage


@dataclass(slots=True)
class SlowItem:
    """One of the items that took longest."""

    index: int
    status: ItemStatus
    duration: float
    attempts: int
    title: str | None


@dataclass(slots=True)
class LongItem:
    """One of the items that had been at work longest when the figures were computed; it may have ended since."""

    index: int
    began: float
    attempt: int
    title: str | None
    status: str = "running"
    duration: float | None = None


@dataclass(slots=True)
class BatchState:
    """The state of a batch.

    Attributes:
        plan: What it was asked to do; None in a log that lacks it.
        total: How many items there are, or None.
        counts: Items that have ended, by status, with those that were reused.
        reused: Items that an earlier run of the batch had done.
        sums: Cost, tokens and seconds of the items that were paid for now, by name.
        durations: How many of these took how long, by the rung of their duration (`durations.py`).
        earlier: Cost and tokens of the reused items, by name.
        failures: Failed items by reason, in the order in which the reasons came.
        other_failures: Failed items of reasons beyond the first 20.
        slowest: The items that took longest, the slowest first.
        ends: When the latest items ended, in seconds since the batch began.
        now: What the batch said last of what it does, without its items, or None.
        items: The items at work that are known one by one, by index; those that have ended since are left out.
        longest: Those of them that had been at work longest when the figures were computed.
        titles: Their titles, by index.
        workers: The names of workers, by number.
        figured: When the ground of the figures was taken, in seconds since the batch began.
        ground: What the figures rest on, as it was then.
        told: The figures, once somebody has asked for them.

    """

    plan: BatchPlan | None = None
    total: int | None = None
    counts: Counter[str] = field(default_factory=Counter[str])
    reused: int = 0
    sums: dict[str, Sum] = field(default_factory=dict[str, Sum])
    durations: Counter[int] = field(default_factory=Counter[int])
    earlier: dict[str, float] = field(default_factory=dict[str, float])
    failures: list[FailureKind] = field(default_factory=list[FailureKind])
    other_failures: int = 0
    slowest: list[SlowItem] = field(default_factory=list[SlowItem])
    ends: deque[float] = field(default_factory=lambda: deque[float](maxlen=LATEST_ENDS))
    now: BatchNow | None = None
    items: dict[int, ItemAtWork] = field(default_factory=dict[int, "ItemAtWork"])
    longest: list[LongItem] = field(default_factory=list[LongItem])
    titles: dict[int, str] = field(default_factory=dict[int, str])
    workers: dict[int, str] = field(default_factory=dict[int, str])
    figured: float = 0.0
    ground: Ground | None = field(default=None, repr=False, compare=False)
    told: Figures | None = field(default=None, repr=False, compare=False)

    @property
    def figures(self) -> Figures:
        """The expectations of the batch, computed when somebody asks first."""
        if self.told is None:
            self.told = figures_of(self.ground) if self.ground is not None else Figures()
        return self.told

    @property
    def ended(self) -> int:
        """Items that have ended."""
        return self.counts.total()

    @property
    def rest(self) -> int | None:
        """Items that have not ended, or None while nobody knows how many there are."""
        return None if self.total is None else max(0, self.total - self.ended)

    @property
    def at_work(self) -> int:
        """Items at work, as the batch said last."""
        told = self.now.at_work if self.now is not None else 0
        return told if self.rest is None else min(told, self.rest)

    @property
    def paused(self) -> int:
        """Of these, the items that pause before another attempt."""
        return min(self.now.retrying, self.at_work) if self.now is not None else 0

    @property
    def running(self) -> int:
        """The other ones, of which there are never more than the limit."""
        return self.at_work - self.paused

    @property
    def usage(self) -> dict[str, float]:
        """Tokens and cost of the items that were paid for now, as far as they are known."""
        return {name: self.sums[name].total for name in _SUMMED if name in self.sums}

    def end(self, item: ItemEnd, elapsed: float) -> None:
        """Take in the end of an item."""
        self.counts[item.status] += 1
        self.items.pop(item.index, None)
        title = _cut(item.title, WORDS) if item.title is not None else self.titles.get(item.index)
        self.titles.pop(item.index, None)
        for long in self.longest:
            if long.index == item.index:
                long.status, long.duration = item.status, max(0.0, elapsed - long.began)
        if item.reused:
            self._reuse(item)
        else:
            self._pay(item, elapsed, title)
        if item.status == "failed":
            self._fail(item, title)
        self._figure(elapsed)

    def tell(self, data: Mapping[str, object], elapsed: float) -> None:
        """Take in what the batch says of itself. What is no such data, as in a stranger's record, changes nothing."""
        from progressnb.wire.batch import read_now, read_plan  # few programs have batches

        if (plan := read_plan(data.get("batch"))) is not None:
            self.plan = plan
            self.total = plan.total if plan.total is not None else self.total
        if (now := read_now(data.get("batch_now"))) is None:
            return
        self.now = now.model_copy(update={"items": []})
        self.total = now.total if now.total is not None else self.total
        self.items = {each.index: each for each in now.items[:TOLD]}
        words = data.get("batch_words")
        self.titles = _texts(words, "items", self.items.keys())
        self.workers = _texts(words, "workers", {each.number for each in now.workers or []})
        self._figure(elapsed)

    def close(self, elapsed: float) -> None:
        """Take in the end of the batch: nothing is at work any more."""
        self.items, self.titles, self.longest = {}, {}, []
        if self.now is not None:
            idle: dict[str, object] = {"at_work": 0, "retrying": 0, "begins": [], "gates": [], "holds": None}
            idle |= {"reserved_cost": None}
            self.now = self.now.model_copy(update=idle)
        self._take_ground(elapsed)

    def _reuse(self, item: ItemEnd) -> None:
        self.reused += 1
        for name in _SUMMED:
            if (value := getattr(item, name)) is not None and value <= MOST:
                self.earlier[name] = added(self.earlier.get(name, 0), value)

    def _pay(self, item: ItemEnd, elapsed: float, title: str | None) -> None:
        self.ends.append(elapsed)
        read, written = item.input_tokens, item.output_tokens
        tokens = None if read is None and written is None else (read or 0) + (written or 0)
        values = {**{name: getattr(item, name) for name in _SUMMED}, "tokens": tokens, "duration": item.duration}
        for name, value in values.items():
            if value is not None and value <= MOST:
                self.sums.setdefault(name, Sum()).add(value)
                if name == "duration":
                    self.durations[rung_of(value)] += 1
        if item.duration is not None and item.duration <= MOST:
            self.slowest.append(SlowItem(item.index, item.status, item.duration, item.attempts, title))
            self.slowest.sort(key=lambda each: (-each.duration, each.index))
            del self.slowest[SLOWEST:]

    def _fail(self, item: ItemEnd, title: str | None) -> None:
        name, stage, error = _cut(item.error_type, WORDS), _cut(item.error_stage, WORDS), _cut(item.error, ERROR)
        kind = FailureKind(name, item.status_code, stage, 1, item.index, title, error)
        known = next((each for each in self.failures if each.reason == kind.reason), None)
        if known is None and len(self.failures) < KINDS:
            self.failures.append(kind)
        elif known is None:
            self.other_failures += 1
        else:
            known.count += 1
            if kind.index < known.index:
                known.index, known.title, known.error = kind.index, kind.title, kind.error

    def _take_ground(self, elapsed: float) -> None:
        self.figured, self.ground, self.told = elapsed, _ground(self, elapsed), None

    def _figure(self, elapsed: float) -> None:
        if elapsed - self.figured >= _EVERY or not self.figured:
            self._take_ground(elapsed)
            slow = [each for each in self.items.values() if elapsed - each.began >= WORTH_A_LOOK]
            at_work = sorted(slow, key=lambda each: (each.began, each.index))[:LONGEST]
            self.longest = [
                LongItem(each.index, each.began, each.attempt, self.titles.get(each.index)) for each in at_work
            ]


def _ground(batch: BatchState, elapsed: float) -> Ground:
    at_work, now, ends = batch.at_work, batch.now, batch.ends
    gates = [gate.until for gate in now.gates if gate.until is not None] if now is not None else []
    return Ground(
        at=elapsed,
        paid=batch.ended - batch.reused,
        rest=batch.rest,
        at_work=at_work,
        limit=now.limit if now is not None else 0,
        ages=tuple(max(0.0, elapsed - each.began) for each in batch.items.values())[:at_work],
        others=tuple(max(0.0, elapsed - each) for each in now.begins[:TOLD]) if now is not None else (),
        longest=batch.slowest[0].duration if batch.slowest else 0.0,
        ends=(ends[0], ends[-1], len(ends)) if ends else (0.0, 0.0, 0),
        opens=min(gates, default=None),
        sums={name: replace(each) for name, each in batch.sums.items()},
        durations=dict(batch.durations),
    )


def _texts(words: object, name: str, known: Iterable[int]) -> dict[int, str]:
    """Return texts by number, of the numbers that are known."""
    texts = words.get(name) if is_dict(words) else None
    if not is_dict(texts):
        return {}
    return {number: _cut(text, WORDS) for number in known if isinstance(text := texts.get(str(number)), str)}


def _cut(text: str | None, limit: int) -> Any:  # noqa: ANN401 - a text, or None for none
    """Return the beginning of a text, so that a state stays small."""
    return text if text is None or len(text) <= limit else f"{text[:limit]}…"
