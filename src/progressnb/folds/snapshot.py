"""Snapshots: the state of a run as one event, in the place of the events that a log no longer has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.wire.events import FoldedRecord, OutputRecord, SnapshotEvent, StageRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    from progressnb.folds.batches import BatchState
    from progressnb.folds.stages import FoldedStages, StageState
    from progressnb.folds.state import RunState
    from progressnb.wire.batch import BatchRecord
    from progressnb.wire.buffer import OutputBuffer
    from progressnb.wire.events import Event

__all__ = ["snapshot_of"]


def snapshot_of(state: RunState, last: Event) -> SnapshotEvent:
    """Return the state of a run as an event; `last` is the last of the events that it stands for."""
    return SnapshotEvent(
        run_id=last.run_id,
        seq=last.seq,
        timestamp=last.timestamp,
        elapsed=last.elapsed,
        operation=last.operation,
        started=state.started,
        model=state.model,
        parent=state.parent,
        resumed_from=state.resumed_from,
        title=state.title,
        subject=state.subject,
        overall_progress=state.overall_progress,
        data=dict(state.data),
        stages=[_record(stage) for _, stage in state.walk()],
        folded=_folded(state.folded),
        last_output=state.last_output.path if state.last_output is not None else None,
        most_tokens=state.most_tokens,
        uncounted=state.uncounted,
        batch=_batch(state.batch),
    )


def _batch(batch: BatchState | None) -> BatchRecord | None:
    if batch is None:
        return None
    from progressnb.folds.batch_records import record_of  # few programs have batches

    return record_of(batch)


def _record(stage: StageState) -> StageRecord:
    return StageRecord(
        path=stage.path,
        title=stage.title,
        status=stage.status,
        weight=stage.weight,
        percent=stage.percent,
        message=stage.message,
        started=stage.started,
        started_elapsed=stage.started_elapsed,
        duration=stage.duration,
        silence=stage.silence,
        error=stage.error,
        data={**stage.data, **({"guessed": True} if stage.guess and not stage.ended else {})},
        waits=[*stage.waits],
        wrote=stage.wrote,
        step=stage.step,
        uncounted=stage.uncounted,
        outputs={part: _output(each) for part, each in stage.outputs.items()},
        folded=_folded(stage.folded),
    )


def _output(buffer: OutputBuffer) -> OutputRecord:
    return OutputRecord(kind=buffer.kind, text=buffer.text, length=len(buffer))


def _folded(folded: Mapping[str, FoldedStages]) -> list[FoldedRecord]:
    return [
        FoldedRecord(
            name=each.name,
            title=each.title,
            counts=dict(each.counts),
            items=each.items,
            started=each.started,
            began=each.began,
            ended=each.ended,
            seconds=each.seconds,
            shortest=each.shortest,
            longest=each.longest,
            usage=dict(each.usage),
            characters=each.characters,
            item=each.item,
        )
        for each in folded.values()
    ]
