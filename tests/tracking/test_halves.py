"""Characters that come in two pieces: content, partial and result have them whole."""

import itertools
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.events import ContentEvent
from tests.tracking.helpers import at_work

HIGH, LOW = "\ud83d", "\ude00"


def written(tracker: ProgressTracker) -> str:
    """Join what the content events say."""
    return "".join(event.delta or "" for event in tracker.log if isinstance(event, ContentEvent))


@pytest.mark.parametrize(("kind", "before", "after"), [("text", "a", "b"), ("json", '{"a": "', '"}')])
@pytest.mark.parametrize("pause", [0.0, 1.0])
def test_a_pair_in_two_pieces(kind: Literal["text", "json"], before: str, after: str, pause: float) -> None:
    """A pair of halves is one character, however much time and however many events lie between them."""
    tracker, stage, clock = at_work()
    stage.write(before + HIGH, kind=kind)
    assert stage.partial in (before, {"a": ""})
    clock.advance(pause)
    stage.write(LOW + after, kind=kind)
    assert stage.partial in ("a😀b", {"a": "😀"})
    stage.finish()
    assert tracker.state.partial == stage.partial
    assert written(tracker) == before + "😀" + after


@pytest.mark.parametrize("end", ["finish", "cancel", "done"])
def test_a_half_alone(end: str) -> None:
    """A half whose other half never comes is one replacement character when the stage or the run ends."""
    tracker, stage, clock = at_work()
    stage.write("a" + HIGH)
    clock.advance(1)
    assert written(tracker) == "a"
    if end == "done":
        tracker.done()
    else:
        getattr(stage, end)()
    assert written(tracker) == tracker.state.partial == "a\ufffd"


def test_a_reset_drops_a_half() -> None:
    """What starts over begins without the half of what was before."""
    tracker, stage, _ = at_work()
    stage.write("a" + HIGH)
    stage.write(LOW, reset=True)
    stage.finish()
    assert tracker.state.partial == "\ufffd"


@pytest.mark.parametrize("again", ["retry", "fall_back"])
def test_a_half_before_another_attempt(again: str) -> None:
    """A half ends with the attempt that wrote it: it never joins the half with which the next attempt begins."""
    tracker, stage, _ = at_work()
    stage.write("a" + HIGH)
    if again == "retry":
        stage.retry(2, 3, "the line is down")
    else:
        stage.fall_back("the line is down")
    assert written(tracker) == "a\ufffd"
    stage.write(LOW + "b")
    stage.finish()
    assert written(tracker) == tracker.state.partial == "a\ufffd\ufffdb"


@given(st.text(st.sampled_from(["a", "é", "😀"])), st.lists(st.integers(0, 40)))
def test_any_cut(text: str, cuts: list[int]) -> None:
    """Text that is cut anywhere, inside characters too, is the same text again."""
    units = text.encode("utf-16-le")
    halves = [units[at : at + 2].decode("utf-16-le", "surrogatepass") for at in range(0, len(units), 2)]
    tracker, stage, _ = at_work()
    places = [0, *sorted(min(cut, len(halves)) for cut in cuts), len(halves)]
    for start, end in itertools.pairwise(places):
        stage.write("".join(halves[start:end]))
        assert text.startswith(stage.partial or "")
    stage.finish()
    assert (tracker.state.partial or "") == written(tracker) == text
