"""Heads, signs and bars of the panel in Chromium: what is done is said, and no bar says more than is known."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.harness import Harness, fixtures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture
def harness(browser: Browser) -> Iterator[Harness]:
    """Open a page on which nothing may go wrong: no error, no word on the console."""
    harness = Harness(browser)
    yield harness
    harness.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [700, 1200])
def test_the_head_says_what_is_done(harness: Harness, width: int, theme: str) -> None:
    """It stands behind title and subject, whole, and keeps its place while other words come."""
    page = harness.open(width=width, theme=theme)
    tree = copy.deepcopy(fixtures()["several_at_work"])
    tree["runs"][0]["controls"] = ["stop", "enough", "say"]
    tree["runs"][0]["header"]["facts"] = ["about 12,300 tokens"]
    harness.show(tree)
    doing = page.locator(".head .doing > bdi")
    expect(doing).to_have_text("read_page × 3")
    name = page.locator(".head > .name")
    assert name.evaluate("name => name.scrollWidth <= name.clientWidth")
    before = doing.bounding_box()
    tree = copy.deepcopy(tree)
    tree["runs"][0]["header"]["doing"] = "writing"
    harness.paint(tree)
    expect(doing).to_have_text("writing")
    after = doing.bounding_box()
    assert before
    assert after
    assert (after["x"], after["y"]) == (before["x"], before["y"])


def test_a_narrow_head_leaves_it_to_the_rows(harness: Harness) -> None:
    """In a cell 400 px wide title and subject have the room; the rows below say what is done."""
    page = harness.open(width=400)
    harness.show(fixtures()["several_at_work"])
    expect(page.locator(".head .doing")).to_be_hidden()
    expect(page.locator(".head .subject")).to_be_visible()


@pytest.mark.parametrize("how", ["show", "still"])
def test_a_sign_has_the_colour_of_its_bar(harness: Harness, how: str) -> None:
    """An end in part is amber in its sign, its words and its part of the bar, and in the line of its stage."""
    page = harness.open(width=700)
    harness.show(fixtures()["in_part"], how=how)
    colour = "each => getComputedStyle(each).color"
    sign = page.locator(".head > .sign")
    assert sign.inner_text() == "◐"
    assert sign.evaluate(colour) == page.locator(".head .ended").evaluate(colour)
    expect(page.locator(".seg.mixed")).to_have_count(1)
    expect(page.locator(".trace .row.mixed .sign")).to_have_text("◐")
    assert page.locator(".trace .row.mixed .sign").evaluate(colour) == sign.evaluate(colour)


def test_an_unknown_number_of_runs_shows_what_has_ended(harness: Harness) -> None:
    """The bar has parts for what finished and failed; its last part is as wide as what may come, and moves alone."""
    page = harness.open(width=700)
    harness.show(fixtures()["group_open"])
    bar = page.get_by_role("progressbar").first
    assert bar.get_attribute("aria-valuenow") is None
    widths = page.locator(".group > .bar > .seg").evaluate_all(
        "all => all.map(seg => [seg.className, Math.round(100 * seg.offsetWidth / seg.parentNode.offsetWidth)])"
    )
    assert [name for name, _ in widths] == ["seg finished", "seg failed", "seg running unknown"]
    assert 70 <= widths[0][1] <= 80
    assert widths[2][1] >= 15


def test_a_bar_that_becomes_known_begins_at_its_percent(harness: Harness) -> None:
    """It does not glide back from the whole width that a bar without a percent has."""
    page = harness.open(width=700)
    tree: Any = copy.deepcopy(fixtures()["track"])
    (segment,) = tree["runs"][0]["segments"]
    segment["percent"] = None
    harness.show(tree)
    tree = copy.deepcopy(tree)
    tree["runs"][0]["segments"][0]["percent"] = 4.0
    harness.paint(tree)
    share = page.locator(".seg > b").evaluate("b => b.offsetWidth / b.parentNode.offsetWidth")
    assert share == pytest.approx(0.04, abs=0.01)


@pytest.mark.parametrize("width", [400, 700])
def test_an_open_row_says_its_whole_error(harness: Harness, width: int) -> None:
    """The message of a row that has ended and is open is broken into lines, and its bar stays as tall as the others."""
    page = harness.open(width=width)
    tree: Any = copy.deepcopy(fixtures()["tools_folded"])
    rows = [row for row in tree["runs"][0]["trace"][0]["children"] if row["status"] == "failed"]
    rows[0]["message"] = "failed: " + "the server of the gauges has given no answer within ten seconds, " * 3
    harness.show(tree)
    failed = page.locator(".trace .row.failed").first
    assert failed.locator(".fold[open]").count() == 1
    message = failed.locator(".message").first
    assert message.evaluate("each => each.scrollWidth <= each.clientWidth")
    heights = page.locator(".trace .row .line > .track > i").evaluate_all("all => all.map(i => i.offsetHeight)")
    assert max(heights) <= 8


@pytest.mark.parametrize("width", [400, 700, 1200])
def test_failures_for_a_reason_open_to_an_example(harness: Harness, width: int) -> None:
    """Many failures are a line a reason, with their number; the line opens to the first of them."""
    page = harness.open(width=width)
    harness.show(fixtures()["group_reasons"])
    rows = page.locator(".members > .row")
    assert rows.count() == len(fixtures()["group_reasons"]["rows"])
    expect(rows.first.locator(".title").first).to_have_text("5 × TimeoutError in Ask")
    expect(rows.last).to_contain_text("failed as above")
    rows.first.locator("summary").first.click()
    expect(rows.first.locator(".run .fail")).to_contain_text("no answer to mail 3 within 5 s")
