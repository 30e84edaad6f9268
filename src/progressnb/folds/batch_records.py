"""The state of a batch as the record of a snapshot, and back: fields of one name have one value in both."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar, cast

from progressnb.folds.batches import LATEST_ENDS, BatchState, FailureKind, LongItem, SlowItem
from progressnb.folds.durations import rungs_of
from progressnb.folds.expectations import Figures, Sum
from progressnb.wire.batch import BatchRecord, FailureRecord, FiguresRecord, LongRecord, SlowRecord, SumRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["batch_of", "record_of"]

_PLAIN = ("plan", "total", "reused", "other_failures", "now", "figured")
_COPIED = ("counts", "durations", "earlier", "titles", "workers")

_T = TypeVar("_T")


def record_of(batch: BatchState) -> BatchRecord:
    """Return the record of the state of a batch."""
    copied: dict[str, Any] = {name: dict(getattr(batch, name)) for name in _COPIED}
    return BatchRecord(
        **_values(batch, _PLAIN),
        **copied,
        sums={name: _as(SumRecord, each) for name, each in batch.sums.items()},
        failures=[_as(FailureRecord, each) for each in batch.failures],
        slowest=[_as(SlowRecord, each) for each in batch.slowest],
        longest=[_as(LongRecord, each) for each in batch.longest],
        ends=[*batch.ends],
        items=[*batch.items.values()],
        figures=FiguresRecord(**batch.figures._asdict()),
    )


def batch_of(record: BatchRecord) -> BatchState:
    """Return the state of a batch that a record tells."""
    figures = record.figures
    return BatchState(
        **_values(record, _PLAIN),
        counts=Counter({str(status): count for status, count in record.counts.items()}),
        durations=Counter(rungs_of(record.durations)),
        earlier=dict(record.earlier),
        titles=dict(record.titles),
        workers=dict(record.workers),
        sums={name: _back(Sum, each) for name, each in record.sums.items()},
        failures=[_back(FailureKind, each) for each in record.failures],
        slowest=[_back(SlowItem, each) for each in record.slowest],
        longest=[_back(LongItem, each) for each in record.longest],
        ends=deque(record.ends, LATEST_ENDS),
        items={each.index: each for each in record.items},
        told=Figures() if figures is None else Figures(**_values(figures, Figures._fields)),
    )


def _values(source: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(source, name) for name in names}


def _as(kind: type[_T], value: Any) -> _T:  # noqa: ANN401 - a dataclass of the same fields
    return kind(**_values(value, [each.name for each in fields(value)]))


def _back(kind: type[_T], record: object) -> _T:
    return kind(**_values(record, [each.name for each in fields(cast("Any", kind))]))
