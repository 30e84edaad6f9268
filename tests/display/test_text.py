"""A panel as plain text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from progressnb import ProgressTracker, Stage
from progressnb.display.html import panel_html
from progressnb.display.text import panel_text
from progressnb.testing import ManualClock
from progressnb.tracking import internals
from tests.display.panels import FIXTURES, HOSTILE, panel_of, report, stored

if TYPE_CHECKING:
    from pathlib import Path

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def test_a_finished_run_reads_as_text() -> None:
    """The heading in the words that stored notebooks have, the answer, the stages on one axis of time."""
    assert panel_text(panel_of(report({"title": "Tides", "rows": [{"gauge": "Esbjerg", "range": 1.5}]}))).split(
        "\n"
    ) == [
        "✓ report finished in 4.5 s",
        "  Title: Tides",
        "  Rows:",
        "    Gauge    Range",
        "    Esbjerg    1.5",
        "  ✓ Stage 0  ███░░░░░░░  1.5 s",
        "  ✓ Stage 1  ░░░████░░░  1.5 s",
        "  ✓ Stage 2  ░░░░░░████  1.5 s",
    ]


def test_runs_that_end_otherwise() -> None:
    """Failed and cancelled runs say so in the first line, then the error with its stage, and what to do."""
    runs = []
    for _ in range(2):
        run = ProgressTracker("report", ["ask"], clock=ManualClock(), show=False)
        run.start()
        run.stage("ask").start()
        runs.append(run)
    error = TimeoutError("silent")
    runs[0].stage("ask").fail(error)
    runs[0].fail(error)
    runs[1].cancelled("the Stop button")
    lines = panel_text(panel_of(*runs)).split("\n")
    assert lines[:3] == [
        "✗ report failed after 0.0 s",
        "  Ask: TimeoutError: silent",
        "  Give it more time with timeout=, or see above which stage took it.",
    ]
    assert "■ report cancelled after 0.0 s" in lines
    assert "  reason: the Stop button" in lines


def test_a_run_that_was_ended_early_says_so() -> None:
    """Text and static HTML have the words in their first line, also as a row of many runs."""
    run = ProgressTracker("report", ["ask"], clock=ManualClock(), show=False)
    run.start()
    stage = internals(run.stage("ask"))
    stage.controls.note("stop_if", "code", stage)
    run.done("Twice a day.")
    words = "ended early by stop_if"
    assert panel_text(panel_of(run)).split("\n")[0] == f"◐ report finished in 0.0 s · {words}"
    assert panel_html(panel_of(run)).count(words) == 2  # the head, and the stage's line
    assert panel_text(panel_of(*[run] * 4)).count(words) == 4


def test_a_run_at_work_reads_as_text() -> None:
    """Before its first event a run begins; then there are its percent and its age."""
    clock = ManualClock()
    run = ProgressTracker("report", [Stage("ask", 1)], clock=clock, show=False)
    assert panel_text(panel_of(run)) == "○ report begins"
    run.start()
    run.update("ask", 30, "asking")
    clock.advance(1)
    assert panel_text(panel_of(run)).split("\n")[0] == "● report · 30 % · 1 s"


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_every_panel_has_a_text(path: Path) -> None:
    """Whatever a panel shows, its text has the title, no control characters and no empty beginning."""
    tree = stored(path)
    text = panel_text(tree)
    assert not CONTROL.search(text)
    assert text.split("\n")[0][0] in "✓✗■●○?◐"
    assert len(text) < 20_000


def test_hostile_text_is_only_text() -> None:
    """Nothing of a title, an error or an answer is a sequence or a character that turns a line around."""
    run = ProgressTracker(HOSTILE, [Stage("a", title=HOSTILE)], clock=ManualClock(), show=False)
    run.start()
    run.stage("a").write(HOSTILE)
    run.fail(ValueError(HOSTILE))
    assert not CONTROL.search(panel_text(panel_of(run)))


def test_a_long_answer_is_cut() -> None:
    """The text beside the HTML has the first lines of an answer."""
    lines = panel_text(panel_of(report([f"item {number}" for number in range(200)]))).split("\n")
    assert "  … 160 more lines" in lines
    assert len(lines) < 60


def test_a_run_that_its_budget_ended_was_not_cancelled_by_anybody() -> None:
    """The text of a run that a bound of its own stopped says so, and by which bound."""
    tree = panel_of(report())
    run = tree["runs"][0]
    run["status"], run["header"]["status"] = "cancelled", "cancelled"
    run["header"]["ended"] = "cancelled"
    assert panel_text(tree).startswith("✓ report cancelled after 4.5 s\n")
    run["header"]["ended"] = "ended early: its budget of $5.00 is spent"
    assert panel_text(tree).startswith("✓ report stopped after 4.5 s · ended early: its budget of $5.00 is spent\n")
