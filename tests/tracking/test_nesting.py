"""Stages below stages: names, paths, repeats, the current stage, hostile text."""

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from progressnb.folds.state import RunState
from progressnb.tracking.current import current_stage, internals
from progressnb.tracking.handle import StageHandle
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.codec import decode
from progressnb.wire.events import ContentEvent, ProgressEvent
from tests.tracking.helpers import started, types


def test_repeats() -> None:
    """A name that comes again is numbered, whether or not the one before has ended."""
    tracker, _ = started(None)
    first, second = tracker.stage("search"), tracker.stage("search")
    assert (first.path, second.path) == ("search", "search#2")
    with first, second:
        assert [first.stage("x").path for _ in range(3)] == ["search/x", "search/x#2", "search/x#3"]
    assert tracker.stage("search").path == "search#3"
    assert tracker.stage("search#2").path == "search%232"
    tracker, _ = started()
    with tracker.stage("load") as load:
        assert tracker.stage("load") is load
    assert [tracker.stage("load").path for _ in range(2)] == ["load#2", "load#3"]


@given(st.lists(st.text(st.characters(exclude_categories=())), min_size=1, max_size=4))
def test_hostile_names(names: list[str]) -> None:
    """Any name makes a stage with a path of its own, below the right stage, also when read back."""
    tracker, _ = started(None)
    above: StageHandle | ProgressTracker = tracker
    made: list[StageHandle] = []
    for name in names:
        above = above.stage(name)
        made += [above, above.stage(name)]
        for stage in made[-2:]:
            stage.start()
    read = [event for line in tracker.log.encoded() if (event := decode(line)) is not None]
    state = RunState.of(read)
    depths = {stage.path: depth for depth, stage in state.walk()}
    assert len(depths) == len(made)
    for index, stage in enumerate(made):
        assert depths[stage.path] == stage.path.count("/") == (index + 1) // 2


@given(st.dictionaries(st.text(), st.text(st.characters(exclude_categories=())) | st.floats() | st.binary()), st.text())
def test_hostile_data(data: dict[str, Any], message: str) -> None:
    """Any data is carried key by key: what is no JSON is described and spoils nothing else."""
    data = {key: value for key, value in data.items() if key not in ("self", "percent", "message")}
    tracker, _ = started()
    tracker.stage("load").update(5, message, **data, good=[1])
    event = decode(tracker.log.encoded()[-1])
    assert isinstance(event, ProgressEvent)
    assert event.data["good"] == [1]
    assert set(event.data) == {*data, "good"}
    assert event.message == message


def test_current_stage_follows_the_code() -> None:
    """The current stage follows into child tasks and into threads, each with its own, and is restored after."""

    async def work(stage: StageHandle) -> list[StageHandle | None]:
        async with stage:
            await asyncio.sleep(0)
            return [current_stage(), await asyncio.to_thread(current_stage)]

    async def main() -> None:
        async with ProgressTracker("op", show=False) as tracker, tracker.stage("all") as above:
            parts = [above.stage("part") for _ in range(3)]
            seen = await asyncio.gather(*map(work, parts))
            assert seen == [[part, part] for part in parts]
            assert current_stage() is above

    asyncio.run(main())


def test_stage_events() -> None:
    """Retrying, resuming, skipping and failing are told at once, with message, attempt and duration."""
    tracker, clock = started()
    load = tracker.stage("load")
    with load:
        load.retry(2, 3)
        internals(load).resume()
        internals(load).resume()
        clock.advance(2)
    tracker.stage("extract").skip("nothing new")
    other = tracker.stage("other", title="Other")
    other.update(30)
    other.fail("it broke")
    told = [event for event in tracker.log if isinstance(event, ProgressEvent)]
    assert [(event.stage, event.status) for event in told] == [
        ("load", "running"),
        ("load", "retrying"),
        ("load", "running"),
        ("load", "finished"),
        ("extract", "skipped"),
        ("other", "running"),
        ("other", "running"),  # the 30 that waited
        ("other", "failed"),
    ]
    assert (told[1].message, told[1].data) == ("retrying, 2 of 3", {"attempt": 2})
    assert (told[3].duration, told[3].stage_progress) == (2, 100)
    assert (told[7].message, told[7].stage_progress) == ("it broke", 30)
    assert (told[5].weight, told[5].title, told[6].title) == (0, "Other", None)


def test_what_waits_is_flushed_before_the_end() -> None:
    """However a run ends, all text that was written is in its log before the last event."""
    for end in ("done", "cancelled"):
        tracker, _ = started()
        load = tracker.stage("load")
        for text in "abc":
            load.write(text)
        getattr(tracker, end)()
        assert "".join(event.delta or "" for event in tracker.log if isinstance(event, ContentEvent)) == "abc"
        assert types(tracker)[-1] == f"None:{end}"
