"""The end of a run in JupyterLab: what stays where it was, what is kept, and what can be taken away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.lab import until
from tests.browser.puppet import BEGIN, PUPPET, tell
from tests.browser.test_answer import PERMISSIONS, clipboard, tool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator

    from tests.browser.lab import Notebook

PARAGRAPHS = "\n\n".join(f"Paragraph {number} of many." for number in range(40))
WRITTEN = f"return {PARAGRAPHS!r}"


def top_of(box: Locator) -> float:
    """Return how far a box is scrolled."""
    scrolled: float = box.evaluate("box => box.scrollTop")
    return scrolled


def place(notebook: Notebook, index: int) -> float:
    """Return where a cell begins, in pixels from the top of the notebook."""
    top: float = notebook.cell(index).evaluate("cell => cell.offsetTop")
    return top


def quiet(notebook: Notebook) -> None:
    """Wait until the page takes no hand to be on it: it remembers the last move of one for 3 s."""
    notebook.page.evaluate("() => new Promise(done => setTimeout(done, 3200))")


def followed(open_notebook: Callable[..., Notebook]) -> Notebook:
    """Return a notebook of 44 cells whose second one writes a long text, which its reader follows."""
    notebook = open_notebook(
        PUPPET.replace('return {"answer": 42}', WRITTEN),
        BEGIN,
        tell("next", f"write({PARAGRAPHS!r})"),
        tell("next"),
        *["1"] * 40,
    )
    notebook.run(0, 1, 2)
    box = notebook.answer(1)
    until(lambda: top_of(box) > 200, "a text that is followed")
    return notebook


def test_a_followed_answer_stays_and_says_what_is_above(open_notebook: Callable[..., Notebook]) -> None:
    """Who followed the text to its end stays there and reads how much is above; once out of view it is at its start."""
    notebook = followed(open_notebook)
    box = notebook.answer(1)
    tail = top_of(box)
    box.hover()
    box.hover(position={"x": 40, "y": 40})  # its reader is there, with a pointer that moves
    notebook.run(3)
    notebook.ended(1)
    quiet(notebook)
    until(lambda: abs(top_of(box) - tail) <= 2, "the place where the reader was")
    above = notebook.shown(1).get_by_role("button", name="lines above")
    expect(above).to_be_visible()
    above.click()
    until(lambda: top_of(box) == 0, "the beginning")
    expect(above).to_have_count(0)
    box.evaluate("box => { box.scrollTop = 60; }")
    notebook.cell(43).scroll_into_view_if_needed()
    expect(box).not_to_be_in_viewport()
    notebook.cell(1).scroll_into_view_if_needed()
    assert top_of(box) == 60  # a place that its reader has chosen


HANDS = {
    "nobody": "() => {}",
    "a selection": """() => {
        const range = document.createRange();
        range.selectNodeContents([...document.querySelectorAll('.answer > .box p')].at(-1));
        window.getSelection().removeAllRanges();
        window.getSelection().addRange(range);
    }""",
    "the focus": "() => [...document.querySelectorAll('.answer > .box')].at(-1).focus()",
    "a scroll": "() => { const box = [...document.querySelectorAll('.answer > .box')].at(-1); box.scrollTop -= 40; }",
}


@pytest.mark.parametrize("hand", HANDS)
def test_a_followed_answer_that_nobody_touches_is_at_its_beginning(
    open_notebook: Callable[..., Notebook], hand: str
) -> None:
    """Three seconds after the end the answer is shown from its beginning, once; where a hand is, it stays.

    The box keeps its height.
    """
    notebook = followed(open_notebook)
    box = notebook.answer(1)
    notebook.page.mouse.move(1, 1)
    before, tail = box.bounding_box(), top_of(box)
    notebook.run(3)
    notebook.ended(1)
    notebook.page.evaluate(HANDS[hand])
    if hand == "nobody":
        until(lambda: top_of(box) == 0, "the beginning of the answer")
        box.evaluate("box => { box.scrollTop = box.scrollHeight; }")
    quiet(notebook)
    quiet(notebook)
    assert top_of(box) >= tail - 42
    after = box.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["height"] - after["height"]) <= 2


SHORT, SOME = "Twice a day.", "\n\n".join(f"Paragraph {number} of a few." for number in range(8))


@pytest.mark.parametrize("end", ["finished", "cancelled"])
@pytest.mark.parametrize("text", [SHORT, SOME], ids=["short", "some lines more"])
def test_a_box_fits_its_text_when_no_hand_is_there(
    open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path], text: str, end: str
) -> None:
    """Nothing moves at the end, nor while somebody types below; 3 s later no room is empty, and no line hidden."""
    source = PUPPET.replace('return {"answer": 42}', f"return {text!r}")
    how = tell("next") if end == "finished" else "run.cancel()"
    notebook = open_notebook(source, BEGIN, tell("next", f"write({text!r})"), how, "below = 1")
    notebook.run(0, 1, 2)
    box = notebook.answer(1)
    expect(box).to_contain_text(text[-12:])
    height = box.evaluate("box => box.offsetHeight")
    notebook.run(3)
    notebook.ended(1, end)
    notebook.page.mouse.move(1, 1)
    notebook.cell(4).locator(".cm-content").click()
    below = place(notebook, 2)
    for _ in range(25):  # a hand that goes on for more than 3 s
        notebook.page.keyboard.press("End")
        notebook.page.evaluate("() => new Promise(done => setTimeout(done, 200))")
        assert abs(box.evaluate("box => box.offsetHeight") - height) <= 2
    assert abs(place(notebook, 2) - below) <= 2 or place(notebook, 2) < below  # a trace that folds
    fits = "box => box.scrollHeight <= box.clientHeight + 4"
    until(lambda: box.evaluate("box => box.offsetHeight") != height, "another height of the box")
    until(lambda: not box.evaluate("box => box.getAnimations().length"), "the end of its glide")
    assert box.evaluate(fits)
    assert box.evaluate("box => box.offsetHeight - box.firstElementChild.offsetHeight") <= 12  # its padding
    assert box.evaluate("box => box.scrollTop") == 0
    notebook.picture(1, screenshot("fits"))


def test_a_box_fits_its_text_under_a_hand_that_nothing_moves_away_from(
    open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]
) -> None:
    """A pointer that goes on moving over the text of a short answer keeps no empty room below it."""
    source = PUPPET.replace('return {"answer": 42}', f"return {SHORT!r}")
    notebook = open_notebook(source, BEGIN, tell("next", f"write({SHORT!r})"), tell("next"), "below = 1")
    notebook.run(0, 1, 2)
    box = notebook.answer(1)
    expect(box).to_contain_text(SHORT)
    height: float = box.evaluate("box => box.offsetHeight")
    notebook.run(3)
    notebook.ended(1)
    across = iter(range(1000))

    def fits() -> bool:
        box.hover(position={"x": 20 + next(across) % 30, "y": 8})
        return float(box.evaluate("box => box.offsetHeight")) < height / 2

    until(fits, "a box without empty room, under a pointer")
    notebook.picture(1, screenshot("under_a_hand"))


def test_a_cancelled_answer_stays_where_it_was(
    open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]
) -> None:
    """Who stops a text that is followed reads on at its end: it does not go to its beginning."""
    notebook = open_notebook(PUPPET, BEGIN, tell("next", f"write({PARAGRAPHS!r})"), "run.cancel()")
    notebook.run(0, 1, 2)
    box = notebook.answer(1)
    until(lambda: top_of(box) > 200, "a text that is followed")
    notebook.page.mouse.move(1, 1)
    notebook.run(3)
    notebook.ended(1, "cancelled")
    quiet(notebook)
    quiet(notebook)
    assert box.evaluate("box => box.scrollHeight - box.scrollTop - box.clientHeight") <= 2
    notebook.picture(1, screenshot("cancelled"))


def test_a_box_keeps_its_height_while_another_run_is_at_work(open_notebook: Callable[..., Notebook]) -> None:
    """Whoever reads what is written below an answer that has ended sees nothing move."""
    source = PUPPET.replace('return {"answer": 42}', "return 'Twice a day.'")
    notebook = open_notebook(
        source,
        BEGIN,
        tell("next", "write('Twice a day.')"),
        tell("next"),
        BEGIN,
        tell("next", "write('Twice a day.')"),
        tell("next"),
    )
    notebook.run(0, 1, 2)
    height = notebook.answer(1).evaluate("box => box.offsetHeight")
    notebook.run(3)
    notebook.ended(1)
    notebook.run(4, 5)
    notebook.page.mouse.move(1, 1)
    quiet(notebook)
    quiet(notebook)
    assert abs(notebook.answer(1).evaluate("box => box.offsetHeight") - height) <= 2
    notebook.run(6)
    notebook.ended(4)
    until(lambda: notebook.answer(1).evaluate("box => box.offsetHeight") < height - 50, "a box that fits")


def test_a_followed_answer_that_nobody_sees_is_at_its_beginning(open_notebook: Callable[..., Notebook]) -> None:
    """Who left while it was written, and comes back after the end, sees the beginning."""
    notebook = followed(open_notebook)
    box = notebook.answer(1)
    notebook.cell(43).scroll_into_view_if_needed()
    expect(box).not_to_be_in_viewport()
    notebook.page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.scrollToItem = async () => {}; }")
    notebook.run(3)
    notebook.ended(1)
    until(lambda: top_of(box) == 0, "the beginning of the answer")


AGENT = """
import json, os, asyncio
from typing import Literal
import progressnb as pnb
from pydantic import BaseModel
from pydantic_ai import Agent, PromptedOutput
from progressnb.testing import scripted_model
class Verdict(BaseModel):
    relevant: bool
    grade: Literal["a", "b"]
"""


@pytest.mark.parametrize(
    ("kind", "lines"), [("bool", 1), ("Verdict", 2), ("str", None)], ids=["a bool", "two short fields", "text"]
)
def test_a_box_has_the_room_that_its_type_needs(
    open_notebook: Callable[..., Notebook], kind: str, lines: int | None
) -> None:
    """Of a value that needs a line or two the box is as tall; that of a text is not, and fits it once it is kept."""
    answer = {"bool": {"response": True}, "Verdict": {"relevant": True, "grade": "b"}, "str": "Twice a day."}[kind]
    model = f"scripted_model({answer!r}, chunk=4, pace=0.2)"
    notebook = open_notebook(
        AGENT,
        f"await Agent({model}, output_type={kind}, name='a', capabilities=[pnb.ReportProgress()]).run('tides')",
    )
    notebook.run(0)
    notebook.start(1)
    box = notebook.answer(1)
    found: list[Any] = []

    def is_there() -> bool:
        found.append(box.bounding_box())
        return found[-1] is not None

    until(is_there, "a box")
    height = found[-1]
    notebook.wait_done(1)
    notebook.ended(1)
    after = box.bounding_box()
    assert height is not None
    assert after is not None
    assert abs(height["height"] - after["height"]) <= 2
    if lines is not None:
        assert after["height"] < (45 if lines == 1 else 90)
        expect(box).to_have_js_property("scrollTop", 0)
    else:
        assert after["height"] > 150
    assert not notebook.shown(1).locator(".answer[data-more]").count()
    notebook.save()
    notebook.reload()
    kept = box.bounding_box()
    assert kept is not None
    assert kept["height"] < 90


@pytest.mark.parametrize("hand", ["below", "above", "at rest"])
def test_nothing_below_moves_under_the_hand(open_notebook: Callable[..., Notebook], hand: str) -> None:
    """The trace folds; while a hand is on what is below the panel keeps the room; else this glides up."""
    notebook = open_notebook(
        PUPPET,
        BEGIN,
        tell("write('Twice a day.')", *(f"stage('s{n}').start()" for n in range(5))),
        tell("next", "next"),
    )
    notebook.run(0, 1, 2)
    expect(notebook.line(1, "S4")).to_be_visible()
    before = place(notebook, 2)
    quiet(notebook)
    if hand != "at rest":
        notebook.page.evaluate(
            """hand => {
                const clientY = hand === 'below' ? window.innerHeight : 0;
                const event = () => new PointerEvent('pointermove', {bubbles: true, clientY});
                const move = () => document.body.dispatchEvent(event());
                move();
                window.hand = setInterval(move, 100);
            }""",
            hand,
        )
    notebook.run(3)
    notebook.ended(1)
    expect(notebook.shown(1).locator("details.gantt")).not_to_have_attribute("open", "")
    if hand == "below":
        quiet(notebook)
        assert abs(place(notebook, 2) - before) <= 2
        notebook.page.evaluate("clearInterval(window.hand)")
    until(lambda: place(notebook, 2) < before - 60, "cells that have moved up")


FAILING = (
    PUPPET.replace("order(stage)", "order(stage) if callable(order) else fail(order)")
    + """
def fail(text):
    raise ValueError(text)
"""
)


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_what_a_run_left_is_taken_away(open_notebook: Callable[..., Notebook], end: str) -> None:
    """Of a run that failed or was cancelled what was written is copied and saved, and the whole error, by keyboard."""
    long = "no table " * 200
    how = f"orders.put_nowait({long!r})" if end == "failed" else "run.cancel()"
    notebook = open_notebook(FAILING, BEGIN, tell("write('Twice a day.')"), how, **PERMISSIONS)
    notebook.run(0, 1, 2)
    expect(notebook.answer(1)).to_have_text("Twice a day.")
    notebook.run(3)
    notebook.ended(1, end)
    tool(notebook, 1, "Copy").click()
    until(lambda: clipboard(notebook) == "Twice a day.", "a copy of what was written")
    tool(notebook, 1, "Copy as JSON").focus()
    notebook.page.keyboard.press("Enter")
    until(lambda: clipboard(notebook) == json.dumps("Twice a day."), "a copy of it as JSON")
    with notebook.page.expect_download() as download:
        tool(notebook, 1, "Download").click()
    assert json.loads(download.value.path().read_text()) == "Twice a day."
    assert all(tool(notebook, 1, name).get_attribute("title") for name in ("Copy", "Copy as JSON", "Download"))
    error = notebook.shown(1).get_by_role("button", name="Copy error")
    expect(error).to_have_count(1 if end == "failed" else 0)
    if end == "failed":
        error.focus()
        notebook.page.keyboard.press("Enter")
        until(lambda: clipboard(notebook) == f"ValueError: {long}\nin stage Reading of puppet", "a copy of the error")
        notebook.restart_kernel()
        error.click()
        until(lambda: clipboard(notebook).startswith("Reading: ValueError: no table"), "a copy of what is seen of it")


def test_show_all_hides_nothing(open_notebook: Callable[..., Notebook]) -> None:
    """The button is in a line of its own below the text and above the rule, at work, at the end and opened."""
    notebook = open_notebook(
        PUPPET.replace('return {"answer": 42}', WRITTEN), BEGIN, tell("next", f"write({PARAGRAPHS!r})"), tell("next")
    )
    notebook.run(0, 1, 2)
    answer, button = notebook.shown(1).locator(".answer"), notebook.shown(1).locator("button.whole")

    def check() -> None:
        notebook.answer(1).hover()
        expect(button).to_be_visible()
        whole, box, own = (each.bounding_box() for each in (answer, notebook.answer(1), button))
        assert whole is not None
        assert box is not None
        assert own is not None
        assert box["y"] + box["height"] <= own["y"]
        assert own["y"] + own["height"] < whole["y"] + whole["height"]

    check()
    notebook.run(3)
    notebook.ended(1)
    check()
    button.click()
    expect(button).to_have_text("Show less")
    expect(notebook.answer(1).get_by_text("Paragraph 39 of many.")).to_be_visible()
    check()
    button.click()
    notebook.save()
    notebook.reload()
    check()
