"""Properties that hold for any run: do anything in any order, and look after each step."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from progressnb.errors import ProgressError
from progressnb.folds.state import ENDED, RunState, StageState
from progressnb.testing import ManualClock
from progressnb.tracking.current import internals
from progressnb.tracking.handle import StageHandle
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.buffer import OutputBuffer
from progressnb.wire.codec import decode


def told(state: Any) -> Any:
    """Show all that a state tells as plain data, its outputs as their texts."""
    if isinstance(state, OutputBuffer):
        return state.kind, state.text
    if isinstance(state, RunState | StageState):
        return {
            each.name: told(getattr(state, each.name))
            for each in fields(state)
            if each.name[0] != "_" and each.name != "last_output"
        }
    if isinstance(state, list):
        return [told(item) for item in state]
    if isinstance(state, dict):
        return {key: told(value) for key, value in state.items()}
    return state


def state_of(tracker: ProgressTracker, stage: StageHandle) -> str:
    """Return the status that the fold has for a stage."""
    found = tracker.state.find(stage.path)
    return found.status if found is not None else "pending"


class Overall(RuleBasedStateMachine):
    """Do anything to a run: the overall percent never falls and is 100 only at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.begin()

    def begin(self) -> None:
        """Begin a run."""
        self.clock = ManualClock()
        self.tracker = ProgressTracker("op", {"a": 1, "b": 3, "c": 0}, clock=self.clock)
        self.tracker.start()
        self.handles: list[StageHandle] = [self.tracker.stage(name) for name in "abc"]

    def pick(self, at: int) -> StageHandle:
        """Choose a stage."""
        return self.handles[at % len(self.handles)]

    @rule(at=st.integers(0, 20), percent=st.none() | st.floats(0, 100), data=st.booleans())
    def update(self, at: int, percent: float | None, data: bool) -> None:
        """Say how far a stage is."""
        if not (stage := self.pick(at)).ended:
            stage.update(percent, "m", **({"x": at} if data else {}))

    @rule(at=st.integers(0, 20), text=st.text(max_size=5), reset=st.booleans(), fraction=st.floats(0, 1))
    def write(self, at: int, text: str, reset: bool, fraction: float) -> None:
        """Write output, or start it over."""
        if not (stage := self.pick(at)).ended:
            internals(stage).work.write_output(0 if reset else fraction)
            stage.write(text, reset=reset)

    @rule(at=st.integers(0, 20), weight=st.none() | st.floats(0, 1))
    def child(self, at: int, weight: float | None) -> None:
        """Begin a stage below another, or beside."""
        above = self.pick(at)
        before = above.percent or 0.0
        self.handles.append(self.tracker.stage("new", title="New") if at == 0 else above.stage("child", weight=weight))
        assert (above.percent or 0.0) == pytest.approx(max(before, above.percent or 0.0)), "a part takes nothing back"

    @rule(at=st.integers(0, 20), count=st.integers(0, 5))
    def expect(self, at: int, count: int) -> None:
        """Declare parts."""
        self.pick(at).expect(count)

    @rule(at=st.integers(0, 20), how=st.sampled_from(["finish", "fail", "skip", "cancel", "retry", "start"]))
    def status(self, at: int, how: str) -> None:
        """Change a stage's status."""
        stage = self.pick(at)
        if not stage.ended:
            before, args = stage.percent, {"fail": ("broken",), "retry": (2, 3)}.get(how, ())
            getattr(stage, how)(*args)
            assert stage.percent == (100 if how in ("finish", "skip") else before)

    @rule(seconds=st.floats(0, 0.3))
    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(seconds)

    @precondition(lambda self: len(self.tracker.log) > 10)
    @rule(how=st.sampled_from(["done", "fail", "cancelled"]))
    def end(self, how: str) -> None:
        """End the run and begin another."""
        self.settle()
        tracker = self.tracker
        getattr(tracker, how)(*([ProgressError("x")] if how == "fail" else []))
        assert tracker.log[len(tracker.log) - 1].type == {"fail": "error"}.get(how, how)
        assert (tracker.state.overall_progress == 100) == (how == "done")
        for stage in self.handles:
            assert state_of(self.tracker, stage) in ("pending", *ENDED)
        self.check()
        self.begin()

    @rule()
    def settle(self) -> None:
        """Flush all: then the log tells what the live handles have, and decoded it tells the same."""
        for stage in self.handles:
            if not stage.ended:
                internals(stage).flush()
            found = self.tracker.state.find(stage.path)
            live = {part: (buffer.kind, buffer.text) for part, buffer in internals(stage).outputs.items()}
            assert live == ({} if found is None else {k: (b.kind, b.text) for k, b in found.outputs.items()})
            assert stage.status == ("pending" if found is None else found.status)
        read = [decode(line) for line in self.tracker.log.encoded()]
        self.compare(RunState.of(event for event in read if event is not None))
        self.clock.advance(1)
        for stage in self.handles:
            found = self.tracker.state.find(stage.path)
            if found is not None and stage.status != "pending" and not stage.ended:
                assert (found.percent or 0) == pytest.approx(stage.percent or 0), "as its parts moved"

    @invariant()
    def check(self) -> None:
        """Overall never falls, stays below its cap before the end, and the fold agrees with the live state."""
        percents = [getattr(event, "overall_progress", None) for event in self.tracker.log]
        known = [percent for percent in percents if percent is not None]
        assert known == sorted(known)
        before = known[:-1] if self.tracker.state.status == "finished" else known
        assert all(0 <= percent <= 99.9 for percent in before)
        self.compare(RunState.of(self.tracker.log))

    def compare(self, fold: RunState) -> None:
        """Compare a fold with the live state, which may have, of stages at work, what no event carries yet."""
        state = self.tracker.state
        for stage in self.handles:
            found, shown = fold.find(stage.path), state.find(stage.path)
            if found is not None and shown is not None and not stage.ended:
                assert shown.percent in (found.percent, stage.percent)
                assert shown.message in (found.message, internals(stage).message)
                found.percent, found.message = shown.percent, shown.message
        assert state.overall_progress >= fold.overall_progress
        fold.overall_progress = state.overall_progress
        assert told(fold) == told(state)


TestOverall = Overall.TestCase
TestOverall.settings = settings(stateful_step_count=40)
