"""The answer in JupyterLab: read, selected and scrolled while it is written, and taken away and rewound at the end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.lab import until
from tests.browser.puppet import BEGIN, PUPPET, tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from tests.browser.lab import Notebook

WRITER = """
import asyncio
import progressnb as pnb

@pnb.operation(stages=["write"])
async def writer(tracker, begin, pause, paragraph=40):
    async with tracker.stage("write") as stage:
        stage.write(begin, kind="text")
        text, number = begin, 0
        while not enough.is_set():
            number += 1
            piece = f"word{number} " if number % paragraph else f"word{number}\\n\\n"
            text += piece
            stage.write(piece)
            await asyncio.sleep(pause)
        return text

enough = asyncio.Event()
"""

SELECT = """element => {
    const text = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode();
    document.getSelection().setBaseAndExtent(text, 0, text, 8);
    return document.getSelection().toString();
}"""

NOTE = """(output) => {
    // The place of each part, in pixels from the top of the output, as it is drawn: one look a frame.
    const places = (window.places = {});
    const note = (name, element, top) => {
        const box = element?.getBoundingClientRect();
        if (!box) return;
        const range = (places[name] ??= [Infinity, -Infinity, Infinity, -Infinity]);
        range[0] = Math.min(range[0], box.height);
        range[1] = Math.max(range[1], box.height);
        range[2] = Math.min(range[2], box.top - top);
        range[3] = Math.max(range[3], box.top - top);
    };
    const look = () => {
        const top = output.getBoundingClientRect().top;
        const box = output.querySelector(".pnb .answer > .box");
        if (box?.textContent) {
            note("box", box, top);
            note("head", output.querySelector(".pnb .head"), top);
            note("bar", output.querySelector(".pnb .bar"), top);
            note("output", output, top);
            if (output.querySelector("[data-pnb-live]")) window.live = (window.live ?? 0) + 1;
        }
        requestAnimationFrame(look);
    };
    look();
}"""

ANSWER = {"title": "Tides", "findings": [{"place": "Cuxhaven", "metres": 3.1}, {"place": "Borkum", "metres": 2.4}]}


def words(notebook: Notebook, index: int) -> int:
    """Return the number of the last word that an answer shows."""
    last: int = notebook.answer(index).evaluate(
        "box => Math.max(0, ...[...box.textContent.matchAll(/word([0-9]+)/g)].map(found => Number(found[1])))"
    )
    return last


def more_words(notebook: Notebook, index: int, count: int) -> None:
    """Wait until so many words more are seen."""
    before = words(notebook, index)
    until(lambda: words(notebook, index) >= before + count, f"{count} words more")


@pytest.mark.parametrize("where", ["finished block", "growing text"])
def test_a_selection_is_kept(open_notebook: Callable[..., Notebook], where: str) -> None:
    """What is selected in the answer stays selected for 5 s of streaming, also in the text that grows."""
    begin = "A beginning.\n\nA second one: " if where == "finished block" else "A beginning: "
    paragraph = 40 if where == "finished block" else 10_000
    notebook = open_notebook(WRITER, f"run = writer({begin!r}, 0.1, {paragraph})", "enough.set()")
    notebook.run(0, 1)
    more_words(notebook, 1, 2)
    chosen = notebook.answer(1).locator(".md, .text").first.evaluate(SELECT)
    assert chosen == "A beginn"
    since = notebook.page.evaluate("performance.now()")
    more_words(notebook, 1, 40)
    until(lambda: notebook.page.evaluate("performance.now()") - since > 5_000, "5 s of streaming")
    more_words(notebook, 1, 5)  # it grows still
    assert notebook.page.evaluate("document.getSelection().toString()") == chosen
    if where == "growing text":
        expect(notebook.answer(1).locator(".md")).to_have_count(1)


def test_scrolling_up_is_left_alone(open_notebook: Callable[..., Notebook]) -> None:
    """The end of a text that is written is followed while one is at the bottom, and never once one has scrolled up."""
    notebook = open_notebook(
        WRITER, "run = writer('\\n\\n'.join(f'line {n}' for n in range(60)), 0.05)", "enough.set()"
    )
    notebook.run(0, 1)
    box = notebook.answer(1)
    more_words(notebook, 1, 2)
    assert box.evaluate("box => box.scrollHeight - box.scrollTop - box.clientHeight") <= 2
    box.evaluate("box => { box.scrollTop = 40; }")
    more_words(notebook, 1, 40)
    assert box.evaluate("box => box.scrollTop") == 40
    box.evaluate("box => { box.scrollTop = box.scrollHeight; }")
    more_words(notebook, 1, 80)
    assert box.evaluate("box => box.scrollHeight - box.scrollTop - box.clientHeight") <= 2
    box.evaluate("box => { box.scrollTop = 40; }")
    notebook.run(2)
    notebook.ended(1)
    until(lambda: box.evaluate("box => box.scrollTop") == 40, "the place where the reader was, after the end")


@pytest.mark.parametrize("kind", ["text", "json"])
def test_nothing_moves_from_the_first_token_to_the_end(open_notebook: Callable[..., Notebook], kind: str) -> None:
    """Header, bar and box keep their place and height within 2 px, also when static HTML takes the widget's place."""
    text = "\n\n".join(f"Paragraph {number} of **many**." for number in range(40))
    if kind == "json":
        text = json.dumps({"title": "Tides", "findings": [f"finding {number}" for number in range(40)]})
    pieces = [text[at : at + 40] for at in range(0, len(text), 40)]
    notebook = open_notebook(
        PUPPET.replace('return {"answer": 42}', f"return {text!r}" if kind == "text" else f"return {text}"),
        BEGIN,
        "\n".join(tell(f"write({piece!r}, kind={kind!r})") + "\nawait asyncio.sleep(0.1)" for piece in pieces[:12]),
        "\n".join(tell(f"write({piece!r}, kind={kind!r})") for piece in pieces[12:]),
        tell("next", "next"),
    )
    notebook.run(0, 1)
    notebook.live(1).wait_for()
    notebook.output(1).evaluate(NOTE)
    notebook.run(2, 3, 4)
    notebook.ended(1)
    frames = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(window.places))))"
    places = notebook.page.evaluate(frames)
    assert notebook.page.evaluate("window.live") > 5
    for name in ("head", "bar", "box"):
        low, high, top, bottom = places[name]
        assert high - low <= 2, (name, places)
        assert bottom - top <= 2, (name, places)


def test_what_is_open_stays_open_at_the_end(open_notebook: Callable[..., Notebook]) -> None:
    """A row that somebody has opened is open in the static HTML that takes the widget's place, and after a look."""
    notebook = open_notebook(
        PUPPET,
        BEGIN,
        tell("stage('search', title='Search').update(20, arguments={'query': 'gauges'})", "write('text')"),
        tell("next", "next"),
    )
    notebook.run(0, 1, 2)
    fold = (
        notebook.shown(1).locator(".row details.fold").filter(has=notebook.page.locator("summary", has_text="Search"))
    )
    fold = fold.last
    fold.locator("summary").click()
    expect(fold).to_have_attribute("open", "")
    notebook.run(3)
    notebook.ended(1)
    expect(fold).to_have_attribute("open", "")


PERMISSIONS = {"permissions": ["clipboard-read", "clipboard-write"], "accept_downloads": True}


def tool(notebook: Notebook, index: int, name: str) -> Locator:
    """Return a button in the corner of an answer, which comes when the panel is touched."""
    notebook.answer(index).hover()
    return notebook.shown(index).locator(".answer > .tools").get_by_role("button", name=name, exact=True)


def clipboard(notebook: Notebook) -> str:
    """Return what has been copied."""
    text: str = notebook.page.evaluate("navigator.clipboard.readText()")
    return text


@pytest.mark.parametrize("when", ["ended", "replayed", "reloaded"])
def test_an_answer_is_taken_away(open_notebook: Callable[..., Notebook], when: str) -> None:
    """Copy, Copy as JSON and Download give the whole answer of a panel that has ended, after a reload too."""
    notebook = open_notebook(
        PUPPET.replace('{"answer": 42}', repr(ANSWER)),
        "orders = asyncio.Queue()\norders.put_nowait(None)\norders.put_nowait(None)\nresult = await puppet(orders)",
        "again = pnb.replay(pnb.last_run, speed=None)" if when == "replayed" else "pass",
        **PERMISSIONS,
    )
    notebook.run(0, 1, 2)
    index = 2 if when == "replayed" else 1
    notebook.ended(index)
    if when == "reloaded":
        notebook.save()
        notebook.reload()
    tool(notebook, index, "Copy as JSON").click()
    until(lambda: clipboard(notebook), "a copy")
    assert json.loads(clipboard(notebook)) == ANSWER
    notebook.page.evaluate("navigator.clipboard.writeText('')")
    tool(notebook, index, "Copy").click()
    until(lambda: "Cuxhaven" in clipboard(notebook), "a copy as text")
    with notebook.page.expect_download() as download:
        tool(notebook, index, "Download").click()
    assert download.value.suggested_filename == "puppet.json"
    assert json.loads(download.value.path().read_text()) == ANSWER


def test_a_copy_without_a_kernel(open_notebook: Callable[..., Notebook]) -> None:
    """After a restart of the kernel Copy takes what the panel shows."""
    notebook = open_notebook(
        PUPPET,
        BEGIN + tell("write('Twice a day.')", "next", "next"),
        "await run",
        **PERMISSIONS,
    )
    notebook.run(0, 1, 2)
    notebook.ended(1)
    notebook.restart_kernel()
    tool(notebook, 1, "Copy").click()
    until(lambda: "42" in clipboard(notebook), "a copy of what is seen")


def at_the_beginning(notebook: Notebook, index: int) -> None:
    """Go back to the beginning by keyboard, and forth again."""
    notebook.answer(index).hover()
    scrub = notebook.shown(index).locator(".scrub")
    scrub.focus()
    notebook.page.keyboard.press("Home")
    notebook.expect_status(index, "past")
    expect(notebook.answer(index)).not_to_contain_text("Cuxhaven")
    notebook.page.keyboard.press("End")
    expect(notebook.answer(index)).to_contain_text("Cuxhaven")
    notebook.page.keyboard.press("Escape")
    notebook.expect_status(index, "finished")
    expect(notebook.shown(index)).to_have_class("run finished")


@pytest.mark.parametrize("when", ["ended", "replayed"])
def test_rewind(open_notebook: Callable[..., Notebook], when: str) -> None:
    """A panel that has ended shows the run as it was, while the kernel lives, and then its end again."""
    notebook = open_notebook(
        PUPPET.replace('{"answer": 42}', repr(ANSWER)),
        "orders = asyncio.Queue()\norders.put_nowait(None)\nrun = puppet(orders)",
        tell("write('Twice a day')", "update(50, 'half way')"),
        tell("next"),
        "again = pnb.replay(run, speed=None)" if when == "replayed" else "await run;",
    )
    notebook.run(0, 1, 2, 3, 4)
    index = 4 if when == "replayed" else 1
    notebook.ended(index)
    height = notebook.height(index)
    # With the pointer: a moment in the middle, and the end when it leaves.
    notebook.answer(index).hover()  # at the first touch the panel gets its axis
    notebook.shown(index).locator(".scrub").hover()
    notebook.expect_status(index, "past")
    notebook.page.mouse.move(0, 0)
    expect(notebook.shown(index)).to_have_class("run finished")
    expect(notebook.answer(index)).to_contain_text("Cuxhaven")
    at_the_beginning(notebook, index)
    assert abs(notebook.height(index) - height) <= 2


def printed(notebook: Notebook, index: int) -> list[str]:
    """Return what a cell prints as its value."""
    results: list[Any] = notebook.output(index).locator(".jp-OutputArea-executeResult .jp-OutputArea-output").all()
    return [each.inner_text().strip() for each in results]


def test_a_result_is_not_printed_below_its_panel(open_notebook: Callable[..., Notebook]) -> None:
    """The repr of what the panel shows is not repeated; `_` and `Out` keep it; all else is printed as ever."""
    done = "orders = asyncio.Queue()\norders.put_nowait(None)\norders.put_nowait(None)\n"
    notebook = open_notebook(
        PUPPET.replace('{"answer": 42}', repr(ANSWER)),
        f"{done}await puppet(orders)",
        "kept = _, Out[2]; [each['title'] for each in kept]",
        "kept[0]",
        f"{done}dict(await puppet(orders))",
        f"{done}run = puppet(orders)",
        "await run",
        "@pnb.operation(stages=['one'])\nasync def text(tracker): return 'a text'\n\nawait text()",
        "@pnb.operation\nasync def long(tracker): return 'a long text\\n' * 9\n\nawait long()",
    )
    notebook.run(*range(9))
    for index in (1, 4, 5):
        notebook.ended(index)
    assert printed(notebook, 1) == []
    assert printed(notebook, 2) == ["['Tides', 'Tides']"]
    for index in (3, 4, 6):  # another cell, an equal object, and a panel that stands elsewhere
        assert "Cuxhaven" in printed(notebook, index)[0]
    assert printed(notebook, 7) == []
    assert printed(notebook, 8) == []


AGENT = """
import progressnb as pnb
from pydantic import BaseModel
from pydantic_ai import Agent
from progressnb.testing import scripted_model

class Report(BaseModel):
    title: str
    findings: list[str]

TIDES = "# Tides\\n\\nTwice a day, **by the moon**.\\n\\n- high water\\n- low water\\n"
REPORT = {"title": "Tides", "findings": ["twice a day", "by the moon"]}
"""


def test_an_agent_in_a_plain_cell(open_notebook: Callable[..., Notebook]) -> None:
    """One word shows an agent's answer as Markdown; its `AgentRunResult` is not printed below, and `_` has it."""
    notebook = open_notebook(
        AGENT,
        "await Agent(scripted_model(TIDES), name='tides', capabilities=[pnb.ReportProgress()]).run('tides')",
        "_.output == TIDES",
        "agent = Agent(scripted_model(REPORT), output_type=Report, name='report', capabilities=[pnb.ReportProgress()])"
        "\nawait agent.run('tides')",
        "_.output.findings",
    )
    notebook.run(*range(5))
    for index in (1, 3):
        notebook.ended(index)
        assert printed(notebook, index) == []
    answer = notebook.answer(1)
    expect(answer.locator("h1, h2, h3, h4, h5, h6")).to_have_text("Tides")
    expect(answer.locator("strong")).to_have_text("by the moon")
    expect(answer.locator("li")).to_have_text(["high water", "low water"])
    expect(notebook.answer(3).locator("li")).to_have_text(["twice a day", "by the moon"])
    assert printed(notebook, 2) == ["True"]
    assert printed(notebook, 4) == ["['twice a day', 'by the moon']"]
