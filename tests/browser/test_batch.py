"""A batch in a notebook and on its page: totals, an item by its index, failures by reason, and what the file keeps."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

import progressnb as pnb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.browser.host import Host
    from tests.browser.lab import Notebook

SETUP = """
import asyncio
import progressnb as pnb
pnb.use_history("mails.db", contents=True)

@pnb.operation(stages=["ask"])
async def label(tracker, mail, seconds=600):
    async with tracker.stage("ask") as stage:
        await stage.update(50, f"reading {mail}")
        await asyncio.sleep(seconds)
        if mail.endswith("7"):
            raise ValueError(f"no label for {mail}")
    return "spam"
"""
MANY = "[{'mail': f'mail {number}', 'seconds': 0.01 if number < 30 else 600} for number in range(40)]"


def test_an_item_opens_live_and_from_the_history(
    open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]
) -> None:
    """While the batch goes on an item at work opens live by its index, one that has ended from the history."""
    begin = f"batch = pnb.batch(label, {MANY}, limit=4, retries=0, return_errors=True)"
    notebook = open_notebook(SETUP, begin, "1")
    notebook.run(0, 1)
    panel = notebook.panel(1)
    expect(panel).to_contain_text("30 of 40 · 3 failed · 4 running")
    expect(panel).to_contain_text("3 × ValueError in ask")
    word = panel.locator(".find .word")
    word.fill("31")
    word.press("Enter")
    row = panel.locator(".items .row[data-key$='/31']")
    expect(row.locator(".run .trace")).to_contain_text("reading mail 31")
    word.fill("4")
    panel.get_by_role("button", name="Open", exact=True).click()
    expect(panel.locator(".items .row[data-key$='/4'] .run.finished")).to_contain_text("spam")
    word.fill("39")
    word.press("Enter")
    expect(panel.locator(".run > .refused").first).to_contain_text("39")
    notebook.picture(1, screenshot())
    panel.get_by_role("button", name="Stop all").click()
    expect(panel).to_contain_text("4 cancelled · 6 not begun")


def test_an_example_opens_and_one_that_is_gone_says_why(open_notebook: Callable[..., Notebook]) -> None:
    """Of more failures than are kept the example that is named opens; where its run is gone its row keeps its words."""
    mails = "[f'mail {number}7' for number in range(30)]"
    options = "given={'seconds': 0}, limit=4, retries=0, return_errors=True"
    begin = f"batch = pnb.batch(label, {mails}, {options})\nerrors = await batch"
    gone = "for item in batch.items:\n    item.run = None"
    notebook = open_notebook(SETUP.replace("pnb.use_history", "# pnb.use_history"), begin, f"{begin}\n{gone}")
    notebook.run(0, 1, 2)
    for index in (1, 2):
        row = notebook.panel(index).locator(".items .row.failed").first
        expect(row).to_contain_text("30 × ValueError in ask")
        row.hover()
        row.locator("summary.line").first.click()
        if index == 1:
            expect(row.locator(".run .fail")).to_contain_text("no label for mail 07")
            expect(row.locator(".message").first).to_be_hidden()
        else:
            expect(notebook.panel(index).locator(".refused").first).to_contain_text("item 0 is not kept")
            expect(row.locator(".message").first).to_be_visible()


def test_the_file_keeps_the_end(open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]) -> None:
    """The end is HTML with totals, failures and the slowest, and a row of it opens when a hand is on it."""
    mails = "[f'mail {number}' for number in range(20)]"
    options = "given={'seconds': 0.2}, retries=0, return_errors=True"
    notebook = open_notebook(SETUP, f"done = await pnb.batch(label, {mails}, {options})")
    notebook.run(0, 1)
    panel = notebook.panel(1)
    expect(panel).to_contain_text("20 items · 18 finished · 2 failed")
    expect(panel).to_contain_text("Took longest")
    expect(notebook.live(1)).to_have_count(0)
    failed = panel.locator(".items .row.failed").first
    failed.hover()
    failed.locator("summary").first.click()
    expect(failed.locator(".run .fail")).to_contain_text("no label for mail 7")
    notebook.picture(1, screenshot())


@pytest.mark.parametrize("total", [100, 1_000, 10_000])
def test_the_traffic_is_the_same_for_any_number_of_items(
    open_notebook: Callable[..., Notebook], record_property: Callable[[str, object], None], total: int
) -> None:
    """A panel sends at most 13 messages and 7 KB a second, of 100 items and of 10,000."""
    quick = f"""
import asyncio, time
import progressnb as pnb

@pnb.operation(stages=["ask"])
async def label(tracker, number):
    async with tracker.stage("ask"):
        await asyncio.sleep({100 / total})
"""
    run = f"await pnb.batch(label, list(range({total})), limit=20)"
    work = f"began = time.monotonic()\n{run}\nprint(time.monotonic() - began)"
    notebook = open_notebook(quick, work)
    notebook.run(0)
    before = len(notebook.messages)
    notebook.run(1)
    expect(notebook.panel(1)).to_contain_text(f"{total:,} items")
    seconds = float(notebook.output(1).inner_text().split()[-1])
    sent = [message.size for message in notebook.messages[before:] if message.type == "comm_msg"]
    a_second, size = len(sent) / seconds, sum(sent) / seconds
    figures = f"{total:,} items in {seconds:.1f} s: {a_second:.1f} messages/s, {size:,.0f} B/s"
    record_property("traffic", figures)
    print(figures)  # noqa: T201 - a figure worth seeing with -s
    assert a_second <= 13
    assert size <= 7_000


# --- the page --------------------------------------------------------------------------------------


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page in which nothing may go wrong."""
    context = browser.new_context(viewport={"width": 900, "height": 900})
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if "load resource" not in message.text else None)
    yield page
    context.close()
    assert wrong == []


def test_the_page_of_a_batch(host: Host, page: Page, screenshot: Callable[..., Path]) -> None:
    """The page has what the panel has, and opens an item at work by its index."""
    opened = asyncio.Event()

    @pnb.operation(stages=["ask"])
    async def label(tracker: pnb.ProgressTracker, mail: str) -> str:
        async with tracker.stage("ask") as stage:
            await stage.update(50, f"reading {mail}")
            if mail.endswith("7"):
                raise ValueError(f"no label for {mail}")
            if not mail.startswith("mail 1"):
                await opened.wait()
        return "spam"

    def begin() -> Any:
        mails = [f"mail {number}" for number in range(10, 30)]
        return pnb.batch(label, mails, limit=4, retries=0, return_errors=True, show=False)

    _, url = host.begin(begin)
    page.goto(url)
    expect(page.locator(".batch > .totals")).to_contain_text("10 of 20 · 1 failed · 4 running")
    page.locator(".find .word").fill("10")
    page.locator(".find .word").press("Enter")
    row = page.locator(".items .row[data-key$='/10']")
    expect(row.locator(".run .trace")).to_contain_text("reading mail 20")
    page.screenshot(path=screenshot("live"))
    page.locator(".find .word").fill("19")
    page.locator(".find .word").press("Enter")
    expect(page.locator(".run > .refused").first).to_contain_text("19")
    page.get_by_role("button", name="Stop all").click()
    expect(page.locator(".batch > .totals")).to_contain_text("not begun")
