"""Percents that are guesses read "~63 %"; those that are counted or declared read "63 %"."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from pydantic_ai import Agent

from progressnb.agents.capability import ReportProgress
from progressnb.display.html import panel_html
from progressnb.display.text import panel_text
from progressnb.folds.group import panel_tree
from progressnb.folds.snapshot import snapshot_of
from progressnb.folds.state import RunState
from progressnb.folds.view import RunView
from progressnb.folds.words import percent_text
from progressnb.testing import ManualClock, scripted_model, tool_call
from progressnb.tracking import internals
from progressnb.tracking.tracker import ProgressTracker
from progressnb.tracking.work import Work

if TYPE_CHECKING:
    from progressnb.wire.events import Event


def begun(*stages: str, **weights: float) -> ProgressTracker:
    """Begin a run on a clock that stands still."""
    tracker = ProgressTracker("report", weights or list(stages), clock=ManualClock(), show=False)
    tracker.start()
    return tracker


def tree(tracker: ProgressTracker) -> Any:
    """Return what is to be seen of a run in a moment."""
    tracker.clock.advance(1)  # type: ignore[attr-defined]
    return RunView().tree(tracker.state, tracker.clock.monotonic())


def texts(tracker: ProgressTracker) -> tuple[str, list[str]]:
    """Return the percents of the header and of the rows."""
    seen = tree(tracker)
    return seen["header"]["percent_text"], [row["percent_text"] for row in seen["trace"]]


def test_the_sign_of_a_guess() -> None:
    """Nothing is said of what is not known."""
    assert [percent_text(each, guess=True) for each in (None, 0.0, 62.99)] == ["", "~0 %", "~62 %"]
    assert percent_text(62.99) == "62 %"


def test_what_code_declares_is_no_guess() -> None:
    """A percent that code reports is as it says, whoever writes in that stage, and so is that of declared stages."""
    tracker = begun(read=1, write=1)
    stage = tracker.stage("read")
    stage.start()
    stage.write("half of it")
    stage.update(50)
    assert texts(tracker) == ("25 %", ["50 %", ""])


def test_how_much_of_an_answer_is_written_is_a_guess() -> None:
    """The stage and all above it say so; where code then reports a percent itself, they say so no longer."""
    tracker = begun(read=1, write=1)
    above = tracker.stage("read")
    above.start()
    stage = above.stage("agent")
    stage.start()
    internals(stage).work.reserve(0.5)
    internals(stage).work.write_output(0.4)
    stage.update(message="writing")
    seen = tree(tracker)
    assert seen["header"]["percent_text"].startswith("~")
    assert seen["header"]["guess"]
    (inner,) = seen["trace"][0]["children"]
    assert [row["percent_text"][0] for row in (seen["trace"][0], inner)] == ["~", "~"]
    assert "guessed" not in tracker.state.stages[0].children[0].data  # it is of the percent alone
    stage.update(90)
    assert texts(tracker)[0] == "45 %"
    assert "guess" not in tree(tracker)["header"]
    stage.finish()
    assert "~" not in str(tree(tracker))


def test_a_guess_of_nothing_says_nothing() -> None:
    """A row whose answer has not begun has no percent, as its header."""
    tracker = begun("write")
    stage = tracker.stage("write")
    stage.start()
    internals(stage).work.write_output(0.001)
    stage.update(message="asking")
    assert texts(tracker)[1] == [""]


@pytest.mark.parametrize("is_measured", [True, False])
def test_a_length_that_is_known_is_counted(is_measured: bool) -> None:
    """Characters of an output whose length is known are counted."""
    work = Work()
    work.reserve(0.5)
    assert work.is_rough
    work.write_output(0.5, is_measured=is_measured)
    assert work.is_rough == (not is_measured)
    work.finish()
    assert not work.is_rough


def test_a_loop_is_counted() -> None:
    """The agents in a loop's body don't make its count a guess."""
    tracker = begun("loop")
    loop = tracker.stage("loop")
    loop.start()
    loop.update(70, done=7, total=10, rate=1.0)
    agent = loop.stage("agent")
    agent.start()
    internals(agent).work.write_output(0.4)
    agent.update(message="writing")
    head, rows = texts(tracker)
    assert "~" not in head + rows[0]
    assert tree(tracker)["trace"][0]["children"][0]["percent_text"].startswith("~")


@pytest.mark.parametrize("data", [{"expected": {"read": 9.0}}, {"remaining": [1.0, 2.0, 3.0]}])
def test_what_past_runs_let_expect_is_a_guess(data: dict[str, Any]) -> None:
    """Where past runs tell the percent of the run, it is one; that of a stage is as the stage says."""
    tracker = begun("read")
    stage = tracker.stage("read")
    stage.start()
    stage.update(50)
    tracker.state.data |= data
    head, rows = texts(tracker)
    assert (head[0], rows) == ("~", ["50 %"])


def test_all_screens_and_a_row_among_many_say_so() -> None:
    """Static HTML, text and the rows of a group have the same words."""
    tracker = begun("write")
    stage = tracker.stage("write")
    stage.start()
    internals(stage).work.write_output(0.4)
    stage.update(message="writing")
    seen = tree(tracker)
    shown = seen["header"]["percent_text"]
    assert shown.startswith("~")
    four: list[Any] = [{**seen, "key": str(number)} for number in range(4)]
    alone, many = panel_tree([seen], key="p"), panel_tree(four, key="p")
    for panel in (alone, many):
        assert shown in panel_html(panel)
        assert shown in panel_text(panel)


def test_a_snapshot_keeps_it() -> None:
    """Who reads a snapshot in the place of the events sees the same percents."""
    tracker = begun("write")
    stage = tracker.stage("write")
    stage.start()
    internals(stage).work.write_output(0.4)
    stage.update(message="writing")
    tree(tracker)
    events: list[Event] = [event for event, _ in tracker.log.read(-1)]  # type: ignore[misc]
    other = RunState()
    other.apply(snapshot_of(tracker.state, events[-1]))
    assert other.stages[0].guess
    assert other.stages[0].data == tracker.state.stages[0].data


def test_an_agent_with_tools_guesses_until_its_end() -> None:
    """From its first tool on nobody knows how much is to come; at the end nothing is a guess."""
    seen: list[str] = []

    def look(_query: str) -> str:
        return "twenty pages"

    async def main() -> None:
        agent = Agent(
            scripted_model(tool_call("look", _query="tides"), "Twice a day. " * 30, chunk=10),
            tools=[look],
            capabilities=[ReportProgress(show=False)],
        )
        tracker = ProgressTracker("report", ["write"], show=False)
        tracker.start()
        view = RunView()
        tracker.log.subscribe(lambda _event: seen.append(view.tree(tracker.state, 1.0)["header"]["percent_text"]))
        async with tracker.stage("write"):
            await agent.run("tides")
        tracker.done("x")

    asyncio.run(main())
    moving = [text for text in seen if text not in ("", "0 %", "~0 %")]
    assert moving
    assert {text[0] for text in moving[:-2]} == {"~"}
    assert seen[-1] == ""
