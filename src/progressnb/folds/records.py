"""Records of a snapshot, read back as the states of stages, the sums of others, and the state of a batch.

What a batch is made of loads where one is met: few programs have any.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from progressnb.folds.stages import FoldedStages, StageState, Step

if TYPE_CHECKING:
    from progressnb.folds.batches import BatchState
    from progressnb.wire.batch import BatchRecord
    from progressnb.wire.buffer import OutputBuffer
    from progressnb.wire.events import FoldedRecord, StageRecord

__all__ = ["batch_of", "begun_batch", "folded_of", "stage_of"]


def stage_of(record: StageRecord, stage: StageState, buffer: type[OutputBuffer]) -> None:
    """Give a stage what its record tells."""
    stage.title, stage.status, stage.weight = record.title, record.status, record.weight
    stage.percent, stage.message, stage.error = record.percent, record.message, record.error
    stage.started, stage.started_elapsed = record.started, record.started_elapsed
    stage.duration, stage.silence = record.duration, record.silence
    stage.data = dict(record.data)
    stage.guess = not stage.ended and stage.data.pop("guessed", None) is True
    stage.waits, stage.wrote, stage.uncounted = [*record.waits], record.wrote, record.uncounted
    stage.step = Step(*record.step) if record.step is not None else None
    stage.folded = {each.name: folded_of(each) for each in record.folded}
    for part, each in record.outputs.items():
        stage.outputs[part] = buffer(each.kind)
        stage.outputs[part].restore(each.text or "", each.length)


def folded_of(record: FoldedRecord) -> FoldedStages:
    """Return the sums that a record tells."""
    return FoldedStages(
        name=record.name,
        title=record.title,
        counts=Counter(record.counts),
        items=record.items,
        started=record.started,
        began=record.began,
        ended=record.ended,
        seconds=record.seconds,
        shortest=record.shortest,
        longest=record.longest,
        usage=dict(record.usage),
        characters=record.characters,
        item=record.item,
    )


def begun_batch() -> BatchState:
    """Return the state of a batch that begins."""
    from progressnb.folds.batches import BatchState

    return BatchState()


def batch_of(record: BatchRecord | None) -> BatchState | None:
    """Return the state of a batch that a record tells, or None where there is none."""
    if record is None:
        return None
    from progressnb.folds import batch_records

    return batch_records.batch_of(record)
