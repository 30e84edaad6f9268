"""Acts that come as data: what is nonsense is refused, in one line, and does nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.errors import InvalidProgressError, ProgressError, RunCancelled
from progressnb.execution.acts import act
from progressnb.execution.replay import replay
from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.events import ProgressEvent
from tests.execution.helpers import begin, forever, turns


@pytest.mark.parametrize(
    "message",
    [
        None,
        "stop",
        [("kind", "stop")],
        {},
        {"kind": "explode"},
        {"kind": ["stop"]},
        {"kind": "stop", "at": "once"},
        {"kind": "say"},
        {"kind": "say", "text": 3},
        {"kind": "say", "text": "x" * 20_000},
        {"kind": "approve"},
        {"kind": "deny", "text": "no"},
        {"kind": "approve", "stage": 3},
        {"kind": "approve", "stage": "x" * 200_000},
        {"kind": "approve", "stage": "s"},
        {"kind": "enough"},
        {"kind": "enough", "stage": "s"},
    ],
)
async def test_nonsense_is_refused(message: object) -> None:
    """A message of another shape, and an act that nobody can do now, change nothing and leave no event."""
    run = begin(forever)
    await turns(3)
    count = len(run.log)
    with pytest.raises(ProgressError):
        act(run, message)
    assert (len(run.log), run.status) == (count, "running")
    run.cancel()
    await run.log.wait_ended()


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3),
    max_leaves=5,
)
messages = plain | st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["enough", "say", "approve", "deny", "x"]) | plain,
        "stage": plain,
        "text": plain,
    },
)


@given(messages)
def test_any_data_is_refused_as_an_error_of_ours(message: Any) -> None:
    """Whatever a page sends: without an agent at work it is an error of progressnb, and nothing else."""
    tracker = ProgressTracker("op")
    tracker.start()
    with pytest.raises(ProgressError):
        act(tracker, message)
    assert not any(isinstance(event, ProgressEvent) for event in tracker.log)


async def test_stop() -> None:
    """The act stop cancels, with its text as the reason, whatever kind of run it is."""
    run = begin(forever)
    await turns(3)
    act(run, {"kind": "stop", "stage": None, "text": "no more"}, by="panel")
    with pytest.raises(RunCancelled, match="no more"):
        await run


async def test_a_run_that_is_only_watched() -> None:
    """A replay can be stopped and nothing else."""
    clock = ManualClock()
    tracker = ProgressTracker("op", clock=clock)
    tracker.start()
    clock.advance(60)
    tracker.done()
    again = replay(list(tracker.log), speed=1, show=False, clock=clock)
    assert again.controls == {"stop"}
    with pytest.raises(InvalidProgressError, match="a run of this process"):
        act(again, {"kind": "say", "text": "shorter"})
    act(again, {"kind": "stop"})
    assert again.status == "cancelled"
    assert again.controls == frozenset()
