"""The records of a batch: its plan, what is at work now, and the sums of a snapshot. They load where a batch is met.

A batch is one run with one log. Its plan comes once as `data.batch` of the run, the end of an item as an event of its
own (`items`), and about once a second `data.batch_now` tells what is at work. Titles of items and names of workers are
contents, so they travel apart, as `data.batch_words`.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from progressnb.wire.items import Amount, Count, Finite, ItemStatus

__all__ = [
    "BATCH_DATA",
    "BatchNow",
    "BatchPlan",
    "BatchRecord",
    "Budget",
    "FailureRecord",
    "FiguresRecord",
    "Gate",
    "Hold",
    "ItemAtWork",
    "LongRecord",
    "SlowRecord",
    "SumRecord",
    "WorkerNow",
    "hide_unknown",
    "read_now",
    "read_plan",
]


class _Record(BaseModel):
    # Unknown fields come from a newer version: kept, so that forwarding loses nothing.
    model_config = ConfigDict(frozen=True, extra="allow")


class Budget(_Record):
    """The most that a batch may take: dollars, tokens, seconds; None for no limit."""

    cost: Amount | None = None
    tokens: Amount | None = None
    seconds: Amount | None = None


class BatchPlan(_Record):
    """The task of a batch.

    Attributes:
        operation: The operation of its items.
        total: How many items there are; None while nobody knows.
        limit: Items that may be at work at a time.
        retries: Attempts that an item may have beyond its first.
        max_failures: The failed items beyond which the batch stops: a number, or a share below 1; None for no bound.
        budget: The most that it may take, or None.
        engine: Where its items run.
        resumable: Whether a history keeps its results, so that the same call goes on after a stop.

    """

    operation: str
    total: Count | None = None
    limit: Count = 1
    retries: Count = 0
    max_failures: Amount | None = None
    budget: Budget | None = None
    engine: Literal["local", "dask"] = "local"
    resumable: bool = True


class ItemAtWork(_Record):
    """An item at work: its index, when it began in seconds since the batch began, its attempt from 1, its worker."""

    index: Count
    began: Amount
    attempt: Count = 1
    worker: Count | None = None


class Gate(_Record):
    """The bound on requests to one model of one provider.

    Attributes:
        provider: The provider's name, or None.
        model: The model's name, or None.
        limit: Items that may be at work now.
        of: Items that may be at work without it.
        reason: `asked`: the provider asked to wait for `seconds`. `refused`: it refused and named no time.
            `growing`: nothing was refused lately, and the limit comes back.
        seconds: The time for which the provider asked, or None.
        until: When the gate opens, in seconds since the batch began; None where it is open.

    """

    provider: str | None = None
    model: str | None = None
    limit: Count
    of: Count
    reason: Literal["asked", "refused", "growing"]
    seconds: Amount | None = None
    until: Amount | None = None


class Hold(_Record):
    """Why nothing new begins: the budget, the source of items, a stop, or no worker."""

    kind: Literal["budget", "source", "stopping", "workers"]


class WorkerNow(_Record):
    """A worker of a cluster: its number, its threads, its items at work, its state."""

    number: Count
    threads: Count | None = None
    at_work: Count = 0
    state: Literal["working", "starting", "suspect", "lost"] = "working"


class BatchNow(_Record):
    """The state of a batch's work now.

    Attributes:
        total: How many items there are, as far as that is known now.
        limit: Items that may be at work now.
        at_work: Items at work.
        retrying: Of these, how many pause before another attempt.
        items: Those that have been at work longest, 30 at most, the oldest first.
        begins: When others began, in seconds since the batch began: ten at most, evenly chosen, the oldest first.
        gates: What holds back requests now.
        holds: Why nothing new begins, or None.
        workers: The workers of a cluster; None on this loop.
        deaths: Workers that were lost so far.
        repeated: Results that came a second time and were dropped: what was paid twice.
        retried: Attempts beyond the first ones so far.
        reserved_cost: Dollars that are set aside for the items at work, or None.

    """

    total: Count | None = None
    limit: Count = 0
    at_work: Count = 0
    retrying: Count = 0
    items: list[ItemAtWork] = []
    begins: list[Amount] = []
    gates: list[Gate] = []
    holds: Hold | None = None
    workers: list[WorkerNow] | None = None
    deaths: Count = 0
    repeated: Count = 0
    retried: Count = 0
    reserved_cost: Amount | None = None


class FailureRecord(_Record):
    """Failed items of one reason in a snapshot, with the example of the lowest index."""

    error_type: str | None = None
    status_code: int | None = None
    error_stage: str | None = None
    count: Count = 0
    index: Count = 0
    title: str | None = None
    error: str | None = None


class SlowRecord(_Record):
    """One of the items that took longest, in a snapshot."""

    index: Count
    status: ItemStatus
    duration: Amount
    attempts: Count = 1
    title: str | None = None


class SumRecord(_Record):
    """The sum of a figure of the items in a snapshot: how many have it, their sum, and the sum of its squares."""

    count: Count = 0
    total: Finite = 0.0
    squares: Finite = 0.0


Range: TypeAlias = tuple[Amount, Amount, Amount]


class FiguresRecord(_Record):
    """The expectations of a batch in a snapshot, with the fields of `Figures` in `progressnb.folds`."""

    rate: Amount | None = None
    left: Range | None = None
    cost: Range | None = None
    tokens: Range | None = None
    usual: Amount | None = None
    spent: Amount | None = None
    used: Amount | None = None


class LongRecord(_Record):
    """One of the items that have been at work longest, in a snapshot; `duration` where it has ended since."""

    index: Count
    began: Amount
    attempt: Count = 1
    title: str | None = None
    status: Literal["running", "finished", "failed", "cancelled"] = "running"
    duration: Amount | None = None


class BatchRecord(_Record):
    """The state of a batch in a snapshot, with the fields of `BatchState` in `progressnb.folds`."""

    plan: BatchPlan | None = None
    total: Count | None = None
    counts: dict[ItemStatus, Count] = {}
    reused: Count = 0
    sums: dict[str, SumRecord] = {}
    durations: dict[int, Count] = {}
    earlier: dict[str, Finite] = {}
    failures: list[FailureRecord] = []
    other_failures: Count = 0
    slowest: list[SlowRecord] = []
    ends: list[Amount] = []
    now: BatchNow | None = None
    longest: list[LongRecord] = []
    items: list[ItemAtWork] = []
    titles: dict[int, str] = {}
    workers: dict[int, str] = {}
    figured: Amount = 0.0
    figures: FiguresRecord | None = None


BATCH_DATA: dict[str, type[_Record]] = {"batch": BatchPlan, "batch_now": BatchNow}
"""The data of a batch's run that are facts, by key."""

_Made = TypeVar("_Made", bound=_Record)


def read_plan(value: object) -> BatchPlan | None:
    """Return the plan of a batch from data of its run; None for what is none, as a stranger's record may hold."""
    return _read(BatchPlan, value)


def read_now(value: object) -> BatchNow | None:
    """Return what a batch does now from data of its run; None for what is none."""
    return _read(BatchNow, value)


def _read(kind: type[_Made], value: object) -> _Made | None:
    try:
        return kind.model_validate(value)
    except ValidationError:
        return None


def hide_unknown(key: str, value: object) -> object:
    """Return data of a batch without the fields that only a newer version knows; None for what is no such data."""
    known = _read(BATCH_DATA[key], value)
    return None if known is None else _known(known)


def _known(value: object) -> object:
    if isinstance(value, list):
        return [_known(each) for each in cast("list[object]", value)]
    if not isinstance(value, _Record):
        return value
    given = value.model_fields_set & type(value).model_fields.keys()
    return {name: _known(getattr(value, name)) for name in type(value).model_fields if name in given}
