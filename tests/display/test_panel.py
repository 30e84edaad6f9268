"""The panel of a cell: which runs share it, when it is drawn, and what is left of it."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import threading
from contextvars import copy_context
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import progressnb as pnb
from progressnb import ProgressTracker
from progressnb.display import cells
from progressnb.display.front import front
from progressnb.display.looks import tree_of
from progressnb.display.panel import OPEN_AFTER, PATIENCE, show_panel
from progressnb.display.widget import open_loader
from progressnb.execution.run import Run
from progressnb.folds.group import WHOLE
from progressnb.testing import ManualClock
from progressnb.tracking import internals
from tests.display.frontend import VIEW, FrontEnd, install

if TYPE_CHECKING:
    from progressnb.folds.tree import RunTree
    from progressnb.folds.view import RunView
    from progressnb.tracking.protocols import Watchable


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> FrontEnd:
    """Return a page without any history."""
    return install(monkeypatch)


def begun(clock: ManualClock, name: str = "op") -> ProgressTracker:
    """Begin a run and show it in the current cell."""
    tracker = ProgressTracker(name, ["one", "two"], clock=clock)
    show_panel(tracker)
    tracker.start()
    tracker.update("one", 10)
    return tracker


def live(page: FrontEnd, clock: ManualClock) -> ProgressTracker:
    """Begin a run and let it last until its panel is live."""
    tracker = begun(clock)
    clock.advance(PATIENCE + 0.2)
    assert VIEW in page.published[-1][1]
    return tracker


# --- when it is drawn ----------------------------------------------------------------------------


def test_a_short_run_is_drawn_once_without_a_comm(page: FrontEnd) -> None:
    """A run that ends within 0.3 s takes its place at once and shows its end in it; no widget is made."""
    clock = ManualClock()
    run = begun(clock)
    clock.advance(PATIENCE - 0.01)
    assert [bundle["text/html"] for _, bundle in page.published] == [""]
    run.done({"answer": 42})
    assert [update for update, _ in page.published] == [False, True]
    assert "42" in page.html
    page.end_cell()
    clock.advance(5)
    assert (len(page.published), page.opened) == (2, [])


def test_a_longer_run_costs_one_comm_and_one_message_a_paint(page: FrontEnd) -> None:
    """Beside the loader one comm is opened for a panel; each paint is one message with the next patch."""
    clock = ManualClock()
    front.heard = True
    run = live(page, clock)
    assert len(page.opened) == 2
    assert len(json.dumps(page.opened[1])) - len(json.dumps(page.tree)) < 1_100
    for percent in range(20, 30):
        before = len(page.sent)
        run.update("one", percent)
        clock.advance(0.2)
        assert len(page.sent) == before + 1
        assert page.tree["runs"][0]["trace"][0]["percent"] == percent
    assert len(page.published) == 2


def test_the_end_is_painted_before_anybody_hears_of_it(page: FrontEnd) -> None:
    """The widget has the last state as soon as the last event is written; at the end of the cell HTML replaces it."""
    clock = ManualClock()
    front.heard = True
    run = live(page, clock)
    run.done("text")
    assert page.tree["runs"][0]["status"] == "finished"
    assert len(page.published) == 2
    page.end_cell()
    update, bundle = page.published[-1]
    assert update
    assert VIEW not in bundle
    assert "text" in bundle["text/html"]
    assert page.sent[-1][1]["ended"]
    assert page.closed == []


def test_a_run_that_outlives_its_cell_ends_as_html(page: FrontEnd) -> None:
    """The panel of a run that goes on after its cell stays live and is replaced as the run ends."""
    clock = ManualClock()
    run = live(page, clock)
    page.end_cell()
    page.begin_cell()
    run.update("one", 60)
    clock.advance(0.2)
    assert page.tree["runs"][0]["trace"][0]["percent"] == 60
    run.done()
    assert VIEW not in page.published[-1][1]


def test_time_passes_once_a_second(page: FrontEnd) -> None:
    """A run that reports nothing is painted once a second."""
    clock = ManualClock()
    live(page, clock)
    clock.advance(2)
    before = len(page.sent)
    clock.advance(10)
    assert 8 <= len(page.sent) - before <= 11


def test_widgets_are_closed_when_the_page_says_so(page: FrontEnd) -> None:
    """The widget of an ended panel lives on for pages that were loaded anew, until the page has the HTML."""
    clock = ManualClock()
    run = live(page, clock)
    run.done()
    page.end_cell()
    (stub,) = page.stubs
    page.say(stub, {"kind": "html"})
    assert page.sent[-1][1]["model_id"] == stub
    assert page.sent[-1][1]["data"] == page.published[-1][1]
    assert page.closed == []
    page.say(stub, {"kind": "gone"})
    assert page.closed == []  # another window of the notebook may ask for the HTML yet
    clock.advance(10)
    assert page.closed == [stub]


def test_at_most_twenty_ended_panels_keep_their_widgets(page: FrontEnd) -> None:
    """The oldest widget is closed when there are more than twenty."""
    clock = ManualClock()
    for _ in range(25):
        run = live(page, clock)
        run.done()
        page.end_cell()
        page.begin_cell()
    assert len(page.stubs) == 25
    assert 5 <= len(page.closed) <= 25
    assert page.stubs[-1] not in page.closed


# --- which runs share it -------------------------------------------------------------------------


def test_runs_of_a_cell_share_a_panel(page: FrontEnd) -> None:
    """Three runs of a cell are drawn whole, from the fourth on there is a row each, in one place and one widget."""
    clock = ManualClock()
    runs = [begun(clock) for _ in range(3)]
    clock.advance(0.6)
    assert [run["key"] for run in page.tree["runs"]] == ["r1", "r2", "r3"]
    runs += [begun(clock) for _ in range(3)]
    clock.advance(0.6)
    assert page.tree["runs"] == []
    assert len(page.tree["rows"]) == 6
    for run in runs:
        run.done()
    page.end_cell()
    assert len(page.stubs) == 1
    assert len(page.outputs) == 1


def test_runs_of_another_cell_have_another_panel(page: FrontEnd) -> None:
    """A cell does not add to what an earlier cell shows; the same run is shown once a cell."""
    clock = ManualClock()
    run = live(page, clock)
    show_panel(run)
    page.end_cell()
    page.begin_cell()
    show_panel(run)
    clock.advance(1)
    assert len(page.outputs) == len(page.stubs) == 2
    run.done()
    page.end_cell()
    assert all(VIEW not in bundle for bundle in page.outputs.values())


def test_two_hundred_short_runs_cost_one_widget(page: FrontEnd, monkeypatch: pytest.MonkeyPatch) -> None:
    """200 runs of 10 ms one after the other: one stub, four messages a second, all runs in the end, as rows alone."""
    drawn: list[bool] = []

    def note(run: Watchable, view: RunView | None, *, whole: bool, **given: Any) -> RunTree:
        drawn.append(whole)
        return tree_of(run, view, whole=whole, **given)

    monkeypatch.setattr("progressnb.display.entry.tree_of", note)
    clock = ManualClock()
    for _ in range(200):
        run = begun(clock)
        clock.advance(0.01)
        run.done()
    assert len(page.stubs) == 1
    page.end_cell()
    assert len(page.sent) + len(page.published) <= 4 * 2 + 5
    assert len(drawn) >= 200
    assert not any(drawn[WHOLE:])
    assert "200" in page.html
    assert clock.monotonic() < 3


def test_a_later_run_of_the_cell_makes_an_ended_panel_live_again(page: FrontEnd) -> None:
    """A task of a cell that is over begins another run: it is drawn in the same place."""
    clock = ManualClock()
    first = live(page, clock)
    cell = page.request
    first.done()
    page.end_cell()
    page.request = cell  # the task keeps the context of its cell
    second = begun(clock)
    clock.advance(0.6)
    assert VIEW in page.published[-1][1]
    assert [run["status"] for run in page.tree["runs"]] == ["finished", "running"]
    second.done()
    assert VIEW not in page.published[-1][1]
    assert len(page.outputs) == 1


# --- what the page asks --------------------------------------------------------------------------


def test_stop_cancels_the_run(page: FrontEnd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop of one run cancels that one, Stop of the panel all that are at work."""
    clock = ManualClock()
    runs = [begun(clock) for _ in range(4)]
    stopped: list[str] = []

    def stop(number: int, reason: str) -> None:
        stopped.append(f"{number} {reason}")

    for number, run in enumerate(runs):
        monkeypatch.setattr(run, "cancel", partial(stop, number))
    clock.advance(0.6)
    (stub,) = page.stubs
    page.say(stub, {"kind": "stop", "run": "r2"})
    assert stopped == ["1 the Stop button"]
    page.say(stub, {"kind": "stop", "run": page.tree["key"]})
    assert [text[0] for text in stopped] == ["1", "0", "1", "2", "3"]


def test_rewind_answers_with_an_earlier_moment(page: FrontEnd) -> None:
    """A moment of a run is shown as it was then, live and when it has ended, through the widget and the loader."""
    clock = ManualClock()
    run = begun(clock)
    clock.advance(1)
    run.update("one", 80)
    clock.advance(1)
    stub = page.stubs[-1]
    page.say(stub, {"kind": "rewind", "run": "r1", "at": 0.5})
    answer = page.sent[-1][1]
    assert (answer["kind"], answer["at"], answer["tree"]["at"]) == ("rewind", 0.5, 0.5)
    assert answer["tree"]["trace"][0]["percent"] == 10
    run.done("the answer")
    page.end_cell()
    (loader,) = [key for key in page.comms if key not in page.stubs]
    page.say(loader, {"kind": "rewind", "run": "r1", "at": 1.5, "panel": page.tree["key"]})
    assert page.sent[-1][0] == loader
    assert page.sent[-1][1]["panel"] == page.tree["key"]
    assert page.sent[-1][1]["tree"]["trace"][0]["percent"] == 80


def test_data_are_json_and_text(page: FrontEnd) -> None:
    """Copy, JSON and Download get the answer as JSON and as text, and a file's name that is no path."""
    clock = ManualClock()
    run = ProgressTracker("../op of mine", clock=clock)
    show_panel(run)
    run.start()
    clock.advance(0.6)
    run.done({"depth": 3, "name": "Ems"})
    page.say(page.stubs[-1], {"kind": "data", "run": "r1"})
    answer = page.sent[-1][1]
    assert json.loads(answer["json"]) == {"depth": 3, "name": "Ems"}
    assert answer["name"] == "___op_of_mine.json"


def test_the_data_of_a_panel_are_those_of_all_its_runs(page: FrontEnd) -> None:
    """A group's head gives all results, and the errors, in the order in which the runs began."""
    clock = ManualClock()
    runs = [begun(clock, f"op{number}") for number in range(4)]
    clock.advance(0.6)
    for number, run in enumerate(runs):
        if number == 2:
            run.fail(ValueError("no label"))
        else:
            run.done({"label": number} if number else "spam")
    page.say(page.stubs[-1], {"kind": "data", "run": [*page.outputs][-1]})
    answer = page.sent[-1][1]
    rows = json.loads(answer["json"])
    assert [(row["title"], row["status"]) for row in rows] == [
        ("op0", "finished"),
        ("op1", "finished"),
        ("op2", "failed"),
        ("op3", "finished"),
    ]
    assert [row["result"] for row in rows] == ["spam", {"label": 1}, None, {"label": 3}]
    assert [("no label" in row.get("error", "")) for row in rows] == [False, False, True, False]
    assert answer["text"].startswith("op0\nspam\n\nop1\n{")
    assert answer["name"].endswith(".json")


def test_an_ended_run_that_nobody_holds_is_remembered(page: FrontEnd) -> None:
    """What was only awaited can be copied and rewound in its panel, also if it was too short for a widget."""
    clock = ManualClock()
    open_loader()
    run = begun(clock)
    panel = [*page.outputs][-1]
    clock.advance(0.204)
    run.done({"answer": 42})
    page.end_cell()
    del run
    gc.collect()
    loader = next(iter(page.comms))
    page.say(loader, {"kind": "data", "run": "r1", "panel": panel})
    assert json.loads(page.sent[-1][1]["json"]) == {"answer": 42}
    page.say(loader, {"kind": "rewind", "run": "r1", "panel": panel, "at": 0.1})
    assert page.sent[-1][1]["tree"]["status"] == "running"
    # The end of the axis, which is rounded, is the end of the run.
    page.say(loader, {"kind": "rewind", "run": "r1", "panel": panel, "at": 0.2})
    assert page.sent[-1][1]["tree"]["status"] == "finished"


def test_what_is_not_possible_is_refused(page: FrontEnd, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word to a run that takes none, and anything asked of a run that is gone, is refused with a sentence."""
    monkeypatch.setattr("progressnb.display.past.BYTES", 0)
    clock = ManualClock()
    run = live(page, clock)
    stub = page.stubs[-1]
    page.say(stub, {"kind": "say", "run": "r1", "text": "shorter"})
    assert page.sent[-1][1]["kind"] == "refused"
    run.done()
    page.end_cell()
    del run
    clock.advance(10)
    gc.collect()
    page.say(stub, {"kind": "data", "run": "r1"})
    assert page.sent[-1][1] == {"kind": "refused", "run": "r1", "text": "This run is no longer in the kernel's memory."}


def test_words_are_passed_on_to_the_run(page: FrontEnd) -> None:
    """Enough, a word, approvals and denials reach `run.act`; what it raises is answered as its text."""
    clock = ManualClock()
    run: Any = live(page, clock)
    acts: list[tuple[dict[str, Any], str]] = []

    def act(message: dict[str, Any], *, by: str) -> None:
        acts.append((message, by))
        if message["kind"] == "enough":
            raise ValueError("nothing is being written")

    run.act = act
    page.say(page.stubs[-1], {"kind": "deny", "run": "r1", "stage": "one", "text": "no"})
    assert acts == [({"kind": "deny", "stage": "one", "text": "no"}, "panel")]
    page.say(page.stubs[-1], {"kind": "enough", "run": "r1"})
    assert page.sent[-1][1]["text"] == "nothing is being written"


def test_a_page_that_missed_a_patch_gets_the_tree(page: FrontEnd) -> None:
    """A page that asks gets the whole tree with its number; one that is opened later gets it as state."""
    clock = ManualClock()
    run = live(page, clock)
    run.update("one", 55)
    clock.advance(0.2)
    stub = page.stubs[-1]
    page.say(stub, {"kind": "tree"})
    assert page.sent[-1][1] == {"n": page.numbers[stub], "tree": page.tree, "ended": False}


def test_open_rows_are_drawn_with_their_run(page: FrontEnd) -> None:
    """A row of a large panel that somebody opens has the run in it, also when the run has ended."""
    clock = ManualClock()
    runs = [begun(clock) for _ in range(5)]
    clock.advance(0.6)
    runs[0].done("the first")
    stub = page.stubs[-1]
    page.say(stub, {"kind": "open", "run": "r1"})
    clock.advance(0.2)
    row = next(row for row in page.tree["rows"] if row["key"] == "r1")
    assert row["open"]
    assert "the first" in json.dumps(row["run"]["answer"])
    page.say(stub, {"kind": "close", "run": "r1"})
    clock.advance(0.2)
    assert all(row["key"] != "r1" or row["run"] is None for row in page.tree["rows"])


def test_failures_are_one_line_each(page: FrontEnd) -> None:
    """Of many runs those that failed say their error in their line, and open for somebody who wants more."""
    clock = ManualClock()
    runs = [begun(clock) for _ in range(5)]
    clock.advance(0.6)
    runs[3].fail(ValueError("no such page"))
    clock.advance(0.2)
    assert not any(row["open"] for row in page.tree["rows"])
    assert page.tree["rows"][3]["message"] == "ValueError: no such page"
    page.say(page.stubs[-1], {"kind": "open", "run": "r4"})
    clock.advance(0.2)
    assert [row["open"] for row in page.tree["rows"]] == [False, False, False, True, False]


def test_whoever_touches_a_panel_sees_the_answer(page: FrontEnd) -> None:
    """A message of a page comes from somebody: only the request for a cell may be that of a program."""
    page.begin_cell(notebook=False, stdin=False)
    assert cells.is_unattended()
    page.request = {"header": {"msg_id": "1", "msg_type": "comm_msg"}, "metadata": {}, "content": {"comm_id": "one"}}
    assert not cells.is_unattended()


def test_a_run_that_waits_for_somebody_is_open_and_on_top(page: FrontEnd) -> None:
    """Among many runs the one that waits has the first row, open, with its question; so it stays when it goes on."""
    clock = ManualClock()
    runs = [begun(clock) for _ in range(20)]
    clock.advance(0.6)
    runs[2].fail(ValueError("no such page"))
    call = runs[14].stage("two")
    call.start()
    internals(call).life.set_status("waiting", "waits for approval", waiting_for="approval")
    clock.advance(0.3)
    first = page.tree["rows"][0]
    assert (first["key"], first["status"], first["open"]) == ("r15", "waiting", True)
    assert "Let the agent call Two?" in json.dumps(first["run"])
    assert page.tree["totals"]["text"].startswith("1 of 20 · 1 waits for approval · 1 failed · 18 running")
    internals(call).life.set_status("running", "", waiting_for=None)
    clock.advance(0.3)
    (row,) = (row for row in page.tree["rows"] if row["key"] == "r15")
    assert (row["status"], row["open"]) == ("running", True)


def test_the_run_of_a_loop_that_has_its_turn_is_open(page: FrontEnd) -> None:
    """From the fourth on its row opens after a second, with its trace, until the next one has lasted as long.

    At the end the last one stays open. Of runs that are at work side by side none is opened.
    """
    front.heard = True
    clock = ManualClock()

    def is_open() -> list[bool]:
        return [row["open"] for row in page.tree["rows"]]

    live(page, clock).done("one")
    for number in range(2, 6):
        run = begun(clock)
        clock.advance(OPEN_AFTER - 0.2)
        if number == 5:
            assert is_open() == [False, False, False, True, False]
            assert page.tree["rows"][3]["run"]["trace_open"]
        clock.advance(0.4)
        if number < 5:
            run.done(f"answer {number}")
    assert is_open() == [False, False, False, False, True]
    run.done("the last answer")
    page.end_cell()
    assert page.html.count("<details class=fold open>") + page.html.count('<details class="fold" open') == 1
    page.begin_cell()
    live(page, clock)
    for _ in range(4):
        begun(clock)
    clock.advance(3)
    assert is_open() == [False] * 5


def test_a_loop_that_outlives_its_cell_counts_all_its_time(page: FrontEnd) -> None:
    """The time beside the totals is that of all runs, without the pauses between them when the cell is over."""
    clock = ManualClock()
    live(page, clock).done()
    page.end_cell()
    for _ in range(4):
        run = begun(clock)
        clock.advance(2)
        run.done()
        clock.advance(60)
    assert re.search(r'class="?elapsed"?>(8\.[0-9]) s<', page.html)


def test_the_row_that_counts_opens(page: FrontEnd) -> None:
    """The row that stands for finished runs shows them when somebody opens it; a row that nobody knows does nothing."""
    clock = ManualClock()
    runs = [begun(clock) for _ in range(20)]
    clock.advance(0.6)
    for run in runs[:15]:
        run.done()
    clock.advance(0.2)
    assert [row["key"] for row in page.tree["rows"]][5:] == ["…"]
    page.say(page.stubs[-1], {"kind": "open", "run": "r99"})
    page.say(page.stubs[-1], {"kind": "open", "run": "…"})
    clock.advance(0.2)
    assert len(page.tree["rows"]) == 21


# --- in an ipywidgets.Output ---------------------------------------------------------------------


def test_an_output_widget_gets_the_panel_at_once(page: FrontEnd, monkeypatch: pytest.MonkeyPatch) -> None:
    """`with out:` takes what is displayed and drops updates: the widget is drawn at once, and stays to the end."""
    monkeypatch.setattr("progressnb.display.panel.capturing", lambda _cell: ("out",))
    monkeypatch.setattr(front, "heard", True)
    clock = ManualClock()
    run = begun(clock)
    assert VIEW in page.published[0][1]
    clock.advance(0.5)
    run.done("the answer")
    page.end_cell()
    assert [update for update, _ in page.published] == [False]
    assert "the answer" in json.dumps(page.tree)
    assert page.sent[-1][1]["ended"]
    assert not page.closed


def test_each_output_widget_has_a_panel_of_its_own(page: FrontEnd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of one cell that are begun in two output widgets are seen in both."""
    monkeypatch.setattr(front, "heard", True)
    clock = ManualClock()
    for name in ("left", "right"):
        monkeypatch.setattr("progressnb.display.panel.capturing", lambda _cell, name=name: (name,))
        begun(clock)
    assert [VIEW in bundle for _, bundle in page.published] == [True, True]
    assert [len(tree["runs"]) for tree in page.trees.values()] == [1, 1]


def test_answers_of_a_few_runs_are_kept(page: FrontEnd) -> None:
    """A file has the answers of up to twelve runs, each in its closed row; of more it has those that are open."""
    clock = ManualClock()
    runs = [begun(clock) for _ in range(5)]
    for number, run in enumerate(runs):
        run.done(f"answer {number}")
    clock.advance(0.6)
    page.end_cell()
    assert all(f"answer {number}" in page.html for number in range(5))
    page.begin_cell()
    for _ in range(13):
        begun(clock).done("not kept")
    clock.advance(0.6)
    page.end_cell()
    assert "not kept" not in page.html


def test_threads_that_begin_at_once_have_one_panel(page: FrontEnd) -> None:
    """Runs that several threads of a cell begin at once are published in one place."""
    gate = threading.Barrier(8)

    def work() -> None:
        gate.wait()
        begun(ManualClock()).done("x")

    threads = [threading.Thread(target=copy_context().run, args=(work,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    page.end_cell()
    assert [update for update, _ in page.published].count(False) == 1


# --- settings ------------------------------------------------------------------------------------


def test_compact_is_one_line(page: FrontEnd) -> None:
    """`detail="compact"` draws neither answer nor trace."""
    clock = ManualClock()
    with pnb.configure.local(detail="compact"):
        run = live(page, clock)
        run.done("a long answer")
        page.end_cell()
    assert page.tree["runs"][0]["trace"] == []
    assert "a long answer" not in page.html


def test_html_is_drawn_at_the_end_alone(page: FrontEnd) -> None:
    """`display="html"` publishes nothing before the end, and no widget."""
    clock = ManualClock()
    run = ProgressTracker("op", clock=clock)
    show_panel(run, live=False)
    run.start()
    clock.advance(3)
    assert page.published == []
    run.done()
    assert [update for update, _ in page.published] == [False]
    assert page.opened == []


def test_a_run_that_has_ended_is_drawn_at_once(page: FrontEnd) -> None:
    """A run that has ended is shown as HTML, without a widget."""
    clock = ManualClock()
    run = ProgressTracker("op", clock=clock)
    run.start()
    run.done("text")
    show_panel(run)
    assert len(page.published) == 1
    assert "text" in page.html
    assert page.opened == []


# --- results -------------------------------------------------------------------------------------


def _run(result: object) -> Any:
    """Run an operation with this result in the current cell."""

    async def main() -> Any:
        async def body(_tracker: ProgressTracker) -> object:
            return result

        run: Run[Any] = Run(ProgressTracker("op", clock=ManualClock()), body)
        show_panel(run)
        return await run

    return asyncio.run(main())


def test_a_result_that_the_panel_shows_is_not_printed_again(page: FrontEnd) -> None:
    """The object that the run gave is formatted as nothing in its cell; an equal one, and the next cell, print."""
    result = _run({"answer": 42})
    assert page.shell.displayhook.compute_format_data(result) == ({}, {})
    assert page.shell.displayhook.compute_format_data({"answer": 42}) != ({}, {})
    page.end_cell()
    page.begin_cell()
    assert page.shell.displayhook.compute_format_data(result) != ({}, {})
    assert "compute_format_data" not in vars(page.shell.displayhook)


@pytest.mark.parametrize("result", ["text", 7, 1.5, True])
@pytest.mark.parametrize(
    ("cell", "is_printed"),
    [
        ("await report('tides')", False),
        ("x = 1\nawait asyncio.gather(a, b)  # both", False),
        ("run = report('tides')\nawait run\n7", True),
        ("value", True),
        ("await report('tides');print(7)", True),
        ("%time await report('tides')", True),
        ("", True),
    ],
)
def test_strings_and_numbers_are_quiet_where_the_cell_awaits_them(
    page: FrontEnd, result: object, cell: str, *, is_printed: bool
) -> None:
    """One short string or number may come from many places: it is held back as the value of an `await` alone."""
    page.shell.user_ns["In"] = ["", cell]
    shown = _run(result)  # before its hook is looked up
    assert (page.shell.displayhook.compute_format_data(shown) != ({}, {})) == is_printed


def test_a_cell_that_leaves_no_history_is_quiet_too(page: FrontEnd) -> None:
    """A client may run a cell without storing it in `In`: its code stands in the request."""
    page.request["content"] = {"code": "await report('tides')"}
    page.shell.user_ns["In"] = ["", "an earlier cell"]
    result = _run(7)
    assert page.shell.displayhook.compute_format_data(result) == ({}, {})


def test_a_result_with_a_look_of_its_own_is_printed(page: FrontEnd) -> None:
    """An object that draws itself, such as a chart, is drawn below the panel, which shows no more than its data."""
    chart = _run(SimpleNamespace(picture="…"))
    assert "image/png" in page.shell.displayhook.compute_format_data(chart)[0]


def test_a_compact_panel_holds_nothing_back(page: FrontEnd) -> None:
    """Where the panel does not show the answer, the cell prints it."""
    with pnb.configure.local(detail="compact"):
        result = _run({"answer": 42})
    assert page.shell.displayhook.compute_format_data(result) != ({}, {})
