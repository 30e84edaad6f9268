"""A run as HTML: how its rows fit, what is said of skipped stages and of failures, and whose text is shown."""

from __future__ import annotations

import asyncio
import re
from types import SimpleNamespace
from typing import Any, cast

import pytest

import progressnb
from progressnb import ProgressTracker, Stage
from progressnb.display import advice
from progressnb.display.parts import final_html, final_text, stages_html
from progressnb.display.parts_theme import STYLE
from progressnb.execution.run import Run
from progressnb.testing import ManualClock

ADVICE = "Await the run to see where in the code it was raised."


def begun(*stages: str | Stage) -> ProgressTracker:
    """Begin a run."""
    tracker = ProgressTracker("op", stages, clock=ManualClock())
    tracker.start()
    return tracker


def rows(html: str) -> list[str]:
    """Return the rows of stages."""
    return re.findall(r'<div class="\w+" role="listitem">.*?</div>', html)


# --- rows ----------------------------------------------------------------------------------------


def test_what_was_skipped_shows_no_percent() -> None:
    """A skipped stage has an empty bar, no percent and its reason, live, kept and as text; its share counts as done."""
    run = begun(Stage("a", 0.4), Stage("b", 0.6))
    run.stage("a").skip("nothing to do")
    assert (run.state.stages[0].percent, run.state.overall_progress) == (100, 40)
    run.stage("b").finish()
    for html in (stages_html(run.state, 1.0), _ended(run)):
        skipped, finished = rows(html)
        assert 'aria-valuenow="0"' in skipped
        assert "width:0%" in skipped
        assert " %" not in skipped
        assert "skipped: nothing to do" in skipped
        assert "100 %" in finished
    text = final_text(run).splitlines()
    assert text[1].split() == ["–", "A", "░" * 10, "0.0", "s", "skipped"]
    assert "100 %" in text[2]


def _ended(run: ProgressTracker) -> str:
    run.done()
    return final_html(run)


def test_a_long_name_leaves_room() -> None:
    """The column of names is bounded, and a message shows three lines; what is kept has more of it in its tooltip."""
    assert "grid-template-columns:fit-content(40%) " in STYLE
    message = re.search(r"\.pnb \.m\{([^}]*)\}", STYLE)
    assert message is not None
    assert "-webkit-line-clamp:3" in message[1]
    said = "<i>" + "word " * 100
    run = begun("stage " * 12)
    run.update("stage " * 12, 50, said)
    assert "title=" not in rows(stages_html(run.state, 1.0))[0].partition('class="m"')[2]
    run.cancelled()
    (row,) = rows(final_html(run))
    shown = row.partition('class="m" title="')[2]
    assert shown.startswith("&lt;i&gt;word word")
    assert shown.partition('"')[0].count("word") == 100


def test_a_short_message_needs_no_tooltip() -> None:
    """What fits is not said twice."""
    run = begun("a")
    run.update("a", 50, "half way")
    run.cancelled()
    assert 'class="m">cancelled: half way<' in rows(final_html(run))[0]


# --- failures ------------------------------------------------------------------------------------


async def fails(_: ProgressTracker) -> None:
    """Fail."""
    raise ZeroDivisionError("division by zero")


def test_advice_to_await_is_for_who_does_not() -> None:
    """Only a run that nobody awaits says how to see the traceback; else it stands right below."""

    async def main() -> tuple[Run[Any], Run[Any]]:
        awaited = Run(ProgressTracker("op", clock=ManualClock()), fails)
        with pytest.raises(ZeroDivisionError):
            await awaited
        left = Run(ProgressTracker("op", clock=ManualClock()), fails)
        await left.log.wait_ended()
        return awaited, left

    awaited, left = asyncio.run(main())
    for draw in (final_html, final_text):
        assert ADVICE not in draw(awaited)
        assert ADVICE in draw(left)
        assert ADVICE not in draw(progressnb.replay(left, speed=None, show=False))  # there is none


def test_other_advice_is_for_all() -> None:
    """What to do about a failure is said whoever awaits."""
    run = begun("a")
    run.fail(TimeoutError())
    assert advice.advice_text(run).startswith("Give it more time")


@pytest.mark.parametrize(
    ("code", "text"),
    [(401, "key"), (429, "limits the rate"), (503, "run the cell again later"), (418, ""), ("401", "")],
)
def test_advice_by_the_status_of_a_server(code: object, text: str) -> None:
    """The status code that a model's server gave is read from the facts of the error, never out of its text."""
    run = begun("a")
    run.fail(RuntimeError("HTTP error 429, status_code: 401"))
    assert advice.advice_text(run) == ""
    facts = SimpleNamespace(error_type="ModelHTTPError", error_data={"status_code": code})
    said = advice.advice_text(cast("Any", SimpleNamespace(state=facts)))
    assert text in said
    assert bool(said) == bool(text)
