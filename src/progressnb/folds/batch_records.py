"""The state of a batch as the record of a snapshot, and back."""

from __future__ import annotations

from collections import Counter, deque
from typing import cast

from progressnb.folds.batches import LATEST_ENDS, BatchState, FailureKind, LongItem, SlowItem
from progressnb.folds.expectations import Figures, Sum
from progressnb.wire.items import (
    BatchRecord,
    FailureRecord,
    FiguresRecord,
    ItemStatus,
    LongRecord,
    SlowRecord,
    SumRecord,
)

__all__ = ["batch_of", "record_of"]


def record_of(batch: BatchState) -> BatchRecord:
    """Return the record of the state of a batch."""
    return BatchRecord(
        plan=batch.plan,
        total=batch.total,
        counts=cast("dict[ItemStatus, int]", dict(batch.counts)),
        reused=batch.reused,
        sums={
            name: SumRecord(count=each.count, total=each.total, squares=each.squares)
            for name, each in batch.sums.items()
        },
        earlier=dict(batch.earlier),
        failures=[_failure(each) for each in batch.failures],
        other_failures=batch.other_failures,
        slowest=[_slow(each) for each in batch.slowest],
        ends=[*batch.ends],
        now=batch.now,
        now_at=batch.now_at,
        longest=[_long(each) for each in batch.longest],
        items=[*batch.items.values()],
        titles=dict(batch.titles),
        workers=dict(batch.workers),
        figured=batch.figured,
        figures=FiguresRecord(**batch.figures._asdict()),
    )


def batch_of(record: BatchRecord) -> BatchState:
    """Return the state of a batch that a record tells."""
    figures = record.figures
    return BatchState(
        plan=record.plan,
        total=record.total,
        counts=Counter({str(status): count for status, count in record.counts.items()}),
        reused=record.reused,
        sums={name: Sum(each.count, each.total, each.squares) for name, each in record.sums.items()},
        earlier=dict(record.earlier),
        failures=[
            FailureKind(
                each.error_type, each.status_code, each.error_stage, each.count, each.index, each.title, each.error
            )
            for each in record.failures
        ],
        other_failures=record.other_failures,
        slowest=[
            SlowItem(each.index, each.status, each.duration, each.attempts, each.title) for each in record.slowest
        ],
        ends=deque(record.ends, LATEST_ENDS),
        now=record.now,
        now_at=record.now_at,
        longest=[
            LongItem(each.index, each.began, each.attempt, each.title, each.status, each.duration)
            for each in record.longest
        ],
        items={each.index: each for each in record.items},
        titles=dict(record.titles),
        workers=dict(record.workers),
        figured=record.figured,
        told=Figures() if figures is None else Figures(**{name: getattr(figures, name) for name in Figures._fields}),
    )


def _failure(kind: FailureKind) -> FailureRecord:
    return FailureRecord(
        error_type=kind.error_type,
        status_code=kind.status_code,
        error_stage=kind.error_stage,
        count=kind.count,
        index=kind.index,
        title=kind.title,
        error=kind.error,
    )


def _long(item: LongItem) -> LongRecord:
    return LongRecord.model_validate(
        {
            "index": item.index,
            "began": item.began,
            "attempt": item.attempt,
            "title": item.title,
            "status": item.status,
            "duration": item.duration,
        }
    )


def _slow(item: SlowItem) -> SlowRecord:
    return SlowRecord(
        index=item.index, status=item.status, duration=item.duration, attempts=item.attempts, title=item.title
    )
