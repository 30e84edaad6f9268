"""`replay`: a run's events once more, from its record alone."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from progressnb import History, ProgressTracker, Run, operation, replay, use_history
from progressnb.errors import InputError, InvalidProgressError, RunCancelled, RunFailed
from progressnb.testing import ManualClock
from progressnb.wire.codec import encode
from progressnb.wire.events import CancelledEvent


@operation(stages=["read", "write"])
async def report(tracker: ProgressTracker, clock: ManualClock, *, fail: bool = False) -> dict[str, int]:
    """Do a little, four seconds long."""
    async with tracker.stage("read") as stage:
        clock.advance(1)
        stage.update(50, "half", page=1)
        clock.advance(1)
    async with tracker.stage("write") as stage:
        stage.write("some ")
        clock.advance(1)
        stage.write("text")
        if fail:
            raise ValueError("no more paper")
        clock.advance(1)
    return {"pages": 2}


async def recorded(**options: Any) -> Run[dict[str, int]]:
    """Make a run that lasted four seconds."""
    clock = ManualClock()
    run = report.__class__(report.function, stages=["read", "write"], clock=clock)(clock, **options)
    await asyncio.wait([asyncio.ensure_future(run.log.wait_ended())])
    return run


async def test_at_once() -> None:
    """With no speed the whole run is there at once: the same events, state and result."""
    run = await recorded()
    again = replay(run, speed=None)
    assert again.log.encoded() == run.log.encoded()
    assert (again.id, again.operation, again.status) == (run.id, "report", "finished")
    told = [(stage.path, stage.status, stage.percent, stage.duration, stage.partial) for _, stage in run.state.walk()]
    assert [(s.path, s.status, s.percent, s.duration, s.partial) for _, s in again.state.walk()] == told
    assert await again == {"pages": 2}
    assert again.elapsed == run.elapsed
    assert again.partial == "some text"


async def test_at_a_speed() -> None:
    """Events come when they came, divided by the speed; elapsed is the run's own time."""
    run, clock = await recorded(), ManualClock()
    again = replay(run, speed=2, clock=clock)
    await asyncio.sleep(0)
    assert [event.type for event in again.log] == [event.type for event in run.log if event.elapsed == 0]
    clock.advance(0.75)
    assert again.elapsed == pytest.approx(1.5)
    assert again.state.stages[0].message == "half"
    assert again.status == "running"
    clock.advance(1.25)
    assert again.state.ended
    assert again.log.encoded() == run.log.encoded()


async def test_events_can_be_followed() -> None:
    """A replay is iterated as a run is."""
    run = await recorded()
    assert [event.seq async for event in replay(run, speed=None)] == list(range(len(run.log)))


def test_without_a_loop() -> None:
    """Sync code may wait for a replay."""
    run = asyncio.run(recorded())
    assert replay(run, speed=1e9).wait() == {"pages": 2}


async def test_a_failed_run() -> None:
    """A run that failed raises `RunFailed`, which says where and with what."""
    run = await recorded(fail=True)
    again = replay(run, speed=None)
    with pytest.raises(RunFailed, match="in stage 'write' with ValueError: no more paper"):
        await again
    assert isinstance(again.exception, RunFailed)


async def test_stopping_a_replay() -> None:
    """Cancelling a replay ends it as cancelled, and leaves the run as it was."""
    run, clock = await recorded(), ManualClock()
    again = replay(run, speed=1, clock=clock)
    again.cancel()
    with pytest.raises(RunCancelled, match="the replay was stopped"):
        await again
    assert run.status == "finished"
    clock.advance(100)
    assert isinstance(again.log[-1], CancelledEvent)


async def test_a_record_without_an_end() -> None:
    """The record of a run that was killed ends as cancelled, and says so."""
    run = await recorded()
    again = replay(list(run.log)[:-2], speed=None)
    with pytest.raises(RunCancelled, match="its record ends here"):
        await again


async def test_from_a_file_and_a_history(tmp_path: Path) -> None:
    """A file of JSON Lines and a run's id in a history replay the same events."""
    with History(contents=True) as history:
        use_history(history)
        try:
            run = await recorded()
            other = await recorded()
        finally:
            use_history(None)
        file = history.export_jsonl(tmp_path / "runs.jsonl", run_id=run.id)
        assert replay(file, speed=None).log.encoded() == run.log.encoded()
        assert replay(str(file), speed=None).id == run.id
        assert replay(run.id, history=history, speed=None).log.encoded() == run.log.encoded()
        both = history.export_jsonl(tmp_path / "both.jsonl")
        with pytest.raises(InputError, match="2 runs"):
            replay(both)
        assert replay(both, run_id=other.id, speed=None).id == other.id


async def test_events_of_a_newer_version(tmp_path: Path) -> None:
    """Events of a type that only a newer version knows are left out; the rest is replayed."""
    run = await recorded()
    lines = run.log.encoded()
    newer = lines[1].replace(b'"type":"progress"', b'"type":"hologram"')
    file = tmp_path / "newer.jsonl"
    file.write_bytes(b"\n".join([lines[0], newer, *lines[2:]]))
    assert await replay(file, speed=None) == {"pages": 2}


async def test_a_damaged_record() -> None:
    """A record that lacks an event, or mixes runs, is refused."""
    run = await recorded()
    events = list(run.log)
    with pytest.raises(ValueError, match="event 1 of"):
        replay([events[0], *events[2:]], speed=None)


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf"), "fast", True])
async def test_bad_speed(speed: Any) -> None:
    """A speed that is none is refused."""
    with pytest.raises(InvalidProgressError, match="speed"):
        replay(await recorded(), speed=speed)


@pytest.mark.parametrize("source", [[], 3, ["a"], None, Path("nothing.jsonl")], ids=str)
def test_bad_source(source: Any) -> None:
    """What is no record is refused in one line."""
    with pytest.raises(InputError):
        replay(source)


async def test_encoding_survives() -> None:
    """What is read back and written again has the same bytes."""
    run = await recorded()
    assert [encode(event) for event in replay(run, speed=None).log] == run.log.encoded()
