"""Rows and corners of the panel in Chromium: names whole, lines uncut, buttons where they are looked for."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.harness import Harness, fixtures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

Tree = dict[str, Any]
WIDTHS = [400, 700, 1200]

# How many pixels of a line of the answer are cut off at the top of its box.
_CUT = """() => {
    const box = document.querySelector(".answer > .box");
    const top = box.getBoundingClientRect().top;
    const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    let cut = 0;
    while (texts.nextNode()) {
        range.selectNodeContents(texts.currentNode);
        for (const line of range.getClientRects())
            if (line.top < top - 2 && line.bottom > top + 2) cut = Math.max(cut, line.bottom - top);
    }
    return cut;
}"""


@pytest.fixture
def harness(browser: Browser) -> Iterator[Harness]:
    """Open a page on which nothing may go wrong: no error, no word on the console."""
    harness = Harness(browser)
    yield harness
    harness.close()


def many(status: str, text: str = "The tide turns twice a day.") -> Tree:
    """Return a panel of many runs, of which the first is open and has an answer."""
    tree = copy.deepcopy(fixtures()["group_mixed"])
    run = copy.deepcopy(fixtures()["markdown_live" if status == "running" else "finished"]["runs"][0])
    row = tree["rows"][0]
    block = {"key": "m0", "type": "md", "open": status == "running", "nodes": [["p", text]]}
    run.update(key=row["key"], status=status, controls=["stop", "enough"] if status == "running" else [])
    run["answer"].update(blocks=[block], height="tall", open=status == "running", above="", below="")
    row.update(run=run, open=True, status=status)
    tree["key"] = f"{status} {len(text)}"
    if status == "running":
        tree["totals"].update(status="running", controls=["stop"])
        tree["totals"].pop("results")
    return tree


def box_of(page: Page, name: str) -> dict[str, float]:
    """Return where the first element of a selector is that is seen."""
    box = page.locator(name).first.bounding_box()
    assert box, name
    return {**box, "right": box["x"] + box["width"]}  # type: ignore[dict-item]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_of_a_text_at_work_is_cut_in_two(harness: Harness, width: int) -> None:
    """While the end of a text is followed, a line at the top is whole or gone, and what is gone is counted."""
    page = harness.open(width=width)
    tree = copy.deepcopy(fixtures()["markdown_live"])
    run = tree["runs"][0]
    run["answer"].update(height="tall", open=True)
    blocks = [{"key": "h", "type": "md", "nodes": [["h1", "Tides"]]}]
    paragraph = {"key": "p", "type": "md", "open": True, "nodes": [["p", ""]]}
    run["answer"]["blocks"] = [*blocks, paragraph]
    for words in range(0, 220, 5):
        paragraph["nodes"] = [["p", "the tide turns twice a day and " * (words // 3 + 1)]]
        harness.show(tree) if words == 0 else harness.paint(tree)
        assert page.evaluate(_CUT) <= 2
        hidden = page.evaluate("(b => b.scrollTop)(document.querySelector('.box'))")
        assert bool(page.locator("button.top").inner_text()) == (hidden > 4)
    assert "above" in page.locator("button.top").inner_text()
    # Nor is one at the end, before the answer is shown from its beginning; then nothing is left over.
    run.update(status="finished", controls=[], trace_open=False)
    run["answer"]["open"] = paragraph["open"] = False
    harness.paint(tree)
    assert page.evaluate(_CUT) <= 2
    page.wait_for_function("() => !document.querySelector('.box').scrollTop")
    assert page.locator(".box").evaluate("box => box.style.getPropertyValue('--snap')") == ""


def test_an_open_run_among_many_begins_small(harness: Harness) -> None:
    """Its box has room for a few lines and grows with the text up to that of a run alone; nothing is reserved below."""
    page = harness.open()
    heights: list[float] = []
    for count in (1, 8, 40, 200):
        tree = many("running", "The tide turns twice a day. " * count)
        tree["key"] = "growing"
        (harness.show if count == 1 else harness.paint)(tree)
        heights.append(box_of(page, ".members .answer > .box")["height"])
    assert heights[0] < 80
    assert heights == sorted(heights)
    assert 150 < heights[-1] <= 16 * 14 - 24 + 1
    harness.show({**many("running"), "key": "closed"})
    page.locator(".members > .row > .fold > summary").first.click()
    spare = """() => { const list = document.querySelector(".members"), last = list.lastElementChild;
        return list.getBoundingClientRect().bottom - last.getBoundingClientRect().bottom < 2 }"""
    page.wait_for_function(spare)


@pytest.mark.parametrize("width", WIDTHS)
def test_all_results_can_be_copied_from_the_head_and_one_from_its_run(harness: Harness, width: int) -> None:
    """Copy is seen without the pointer at every width, in the head of many runs and in an open run, over no text."""
    page = harness.open(width=width)
    harness.show(many("finished"))
    for place in (".group > .head", ".members .run"):
        copying = page.locator(f"{place} button.copy").first
        assert copying.evaluate("button => getComputedStyle(button.parentNode).opacity") == "1"
        assert copying.bounding_box()
    times = page.locator(".members > .row > .fold > .line > .time").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect().right)"
    )
    last = ".group > .head .tools > button:visible >> nth=-1"
    assert abs(box_of(page, last)["right"] - times[-1]) <= 6
    assert box_of(page, ".group > .head .tools")["x"] >= box_of(page, ".group > .head > .elapsed")["right"]
    page.locator(".group > .head button.copy").click()
    assert harness.sent()[-1] == {"kind": "data", "run": "finished 27"}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_outer_stop_says_all(harness: Harness, width: int) -> None:
    """Two buttons beneath each other don't look alike, and neither covers a text."""
    page = harness.open(width=width)
    harness.show(many("running"))
    labels = page.locator("button.stop").all_inner_texts()
    assert labels == ["Stop all", "Stop"]
    outer = box_of(page, ".group > .head button.stop")
    assert outer["x"] >= box_of(page, ".group > .head > .elapsed")["right"]
    assert page.locator(".group > .head button.stop").evaluate("each => each.scrollWidth <= each.clientWidth")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_name_of_what_waits_is_whole(harness: Harness, width: int) -> None:
    """The call that somebody must decide about is never cut, and the prompt gives way to it with its dot."""
    page = harness.open(width=width)
    tree = copy.deepcopy(fixtures()["waiting"])
    row = tree["runs"][0]["trace"][0]["children"][0]
    row.update(title="delete_records_of_the_gauges", hint='"a long first argument of the call"')
    tree["runs"][0]["header"].update(asks="waiting for approval · delete_records_of_the_gauges", subject='"clean up"')
    harness.show(tree)
    cut = "each => each.scrollWidth - each.clientWidth"
    assert page.locator(".row.waiting > .fold > .line > .label > .title").evaluate(cut) <= 0
    assert page.locator(".row.waiting > .fold > .line > .label").evaluate(cut) <= 0
    assert not page.locator(".head > .name").inner_text().rstrip().endswith("·")
    approve, deny, word = (box_of(page, f".ask {name}") for name in (".approve", ".deny", ".word"))
    assert approve["right"] <= deny["x"]
    assert deny["right"] <= word["x"] or deny["y"] < word["y"]
    looks = [
        page.locator(f".ask .{name}").evaluate("b => getComputedStyle(b).color + getComputedStyle(b).backgroundColor")
        for name in ("approve", "deny")
    ]
    assert looks[0] == looks[1]


def test_show_all_ends_at_the_edge(harness: Harness) -> None:
    """What stands at the right ends where the bar ends."""
    page = harness.open()
    tree = copy.deepcopy(fixtures()["finished"])
    tree["runs"][0]["answer"]["blocks"] = [{"key": "t", "type": "text", "text": "The tide turns. " * 400}]
    harness.show(tree)
    assert abs(box_of(page, ".foot > .whole")["right"] - box_of(page, ".bar")["right"]) <= 1


def test_a_cancelled_bar_shows_how_far_it_was(harness: Harness) -> None:
    """What was done is darker than the rest."""
    page = harness.open()
    tree = copy.deepcopy(fixtures()["cancelled"])
    tree["runs"][0]["segments"] = [{"key": "a", "title": "A", "status": "cancelled", "share": 1, "percent": 57.0}]
    harness.show(tree)
    done, rest = box_of(page, ".seg > b"), box_of(page, ".seg")
    assert abs(done["width"] / rest["width"] - 0.57) < 0.01
    shade = "each => Number(getComputedStyle(each).backgroundColor.match(/[\\d.]+\\)$/)[0].slice(0, -1))"
    assert page.locator(".seg > b").evaluate(shade) > 3 * page.locator(".seg").evaluate(shade)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_of_a_long_answer_is_cut_in_two_at_its_end(harness: Harness, width: int) -> None:
    """The last line that is seen of an answer is whole: one that the box cuts is covered, and no other one is."""
    page = harness.open(width=width)
    tree = copy.deepcopy(fixtures()["finished"])
    row = ["tr", ["td", "Cuxhaven"], ["td", "2.97 m"]]
    table = ["table", ["thead", ["tr", ["th", "Station"], ["th", "Range"]]], ["tbody", *[row] * 20]]
    for words in range(3, 60, 4):
        tree["runs"][0]["answer"]["blocks"] = [
            {"key": "p", "type": "md", "nodes": [["p", "the tide turns twice " * words]]},
            {"key": "t", "type": "md", "nodes": [table]},
        ]
        harness.show(tree)
        seen = page.evaluate("""() => {
            const answer = document.querySelector(".answer"), box = answer.querySelector(".box");
            const { bottom } = box.getBoundingClientRect(), cover = getComputedStyle(answer, "::after").height;
            const edge = bottom - parseFloat(cover), range = document.createRange(), lines = [];
            const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
            while (texts.nextNode()) {
                range.selectNodeContents(texts.currentNode);
                lines.push(...range.getClientRects());
            }
            return { cut: lines.filter((each) => each.top < edge - 1 && each.bottom > edge + 1.5).length };
        }""")
        assert seen == {"cut": 0}
