"""What models, files and exceptions say is text: in the live panel, in what it leaves, after a reload."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.lab import Notebook

HOSTILE = """
import asyncio, json
import progressnb as pnb
from pydantic_ai import Agent

BAD = "<img src=x onerror=window.pwned=1>"
WORSE = "\\"'></style></textarea><script>window.pwned=1</script>" + BAD
MARKDOWN = f"{WORSE} ![picture](http://127.0.0.1:9/pwned.png) [link](javascript:window.pwned=1)"

@pnb.operation(name="name " + BAD, stages=[pnb.Stage("one " + WORSE, title="title " + WORSE), pnb.Stage("two")])
async def hostile(tracker, gate, end):
    async with tracker.stage("one " + WORSE) as stage:
        stage.update(30, "message " + WORSE, model="model " + BAD)
        async with stage.stage("tool " + BAD, title="search " + WORSE) as tool:
            tool.update(10, "looking for " + BAD)
        text = json.dumps({"field " + BAD: "value " + BAD, "items": ["item " + WORSE], "resume": MARKDOWN})
        stage.write(text[:-2], kind="json")
        await gate.wait()
    async with tracker.stage("two") as stage:
        stage.write("plain " + WORSE)
        stage.update(20)
        return end(stage)

def fail(stage):
    raise type("Error" + BAD, (ValueError,), {})("exception " + WORSE)

def give(stage):
    return {"key " + BAD: ["result " + WORSE, {"deep " + BAD: None}], "note": "note " + BAD}

def give_customization(stage):
    keys = ("requirement", "evidence", "advice", "before", "after", "why", "place", "text")
    entry = {key: f"{key} {WORSE}" for key in keys}
    return {
        "evaluation": {"match_score": BAD, "strengths": [entry], "gaps": [entry], "overall_assessment": WORSE},
        "plan": {"improvements": [entry]},
        "resume": {"markdown": MARKDOWN, "changes": [entry]},
        "verification": {"unsupported": [entry]},
        "model": BAD,
        "note": "note " + WORSE,
    }
"""


def harmless(notebook: Notebook) -> None:
    """Check that no hostile text became an element or ran."""
    assert notebook.page.evaluate("window.pwned") is None
    for element in ("img", "script", "textarea", "iframe", "a[href^='javascript']"):
        expect(notebook.output(1).locator(element)).to_have_count(0)


@pytest.mark.parametrize("end", ["fail", "give", "give_customization", "cancel"])
def test_hostile_text_stays_text(open_notebook: Callable[..., Notebook], end: str) -> None:
    """Hostile names, titles, messages, fields, text, errors and results show as text, live, at the end, reloaded."""
    last = "run.cancel('reason ' + WORSE)" if end == "cancel" else "gate.set()"
    outcome = "give" if end == "cancel" else end
    notebook = open_notebook(HOSTILE, f"gate = asyncio.Event()\nrun = hostile(gate, {outcome})", last)
    requests: list[str] = []
    notebook.page.on("request", lambda request: requests.append(request.url))
    notebook.run(0, 1)
    output = notebook.output(1)
    for said in ("name ", "title ", "message ", "search ", "looking for ", "value ", "item "):
        expect(output).to_contain_text(f"{said}<img" if said in ("name ", "looking for ", "value ") else said)
    expect(output).to_contain_text("<script>window.pwned=1</script>")
    harmless(notebook)
    notebook.run(2)
    expect(notebook.stop_button(1)).to_have_count(0)
    words = {"fail": "exception ", "cancel": "cancelled", "give": "result ", "give_customization": "evidence "}
    expect(output).to_contain_text(words[end])
    notebook.open_trace(1)
    harmless(notebook)
    notebook.save()
    notebook.reload()
    expect(notebook.output(1)).to_contain_text(words[end])
    harmless(notebook)
    assert [url for url in requests if "pwned" in url or url.endswith("/x")] == []


ODD = """
import asyncio, json
import progressnb as pnb

ODD = "$2M to $3M \\\\(x\\\\) \\u202egpj.exe \\u05e9\\u05dc\\u05d5\\u05dd"

@pnb.operation(name="../\\u202e$a\\\\b:c", stages=[pnb.Stage("one", title="title " + ODD)])
async def odd(tracker, topic, gate):
    async with tracker.stage("one") as stage:
        stage.update(30, "message " + ODD)
        async with stage.stage("tool", title="search " + ODD) as tool:
            tool.update(50, "looking " + ODD, arguments={"query " + ODD: ODD}, result=["found " + ODD])
        rows = [{"column " + ODD: "cell " + ODD, "n": number} for number in range(2)]
        stage.write(json.dumps({"field " + ODD: "value " + ODD, "rows": rows, "more": "x"})[:-2], kind="json")
        await gate.wait()
        return {"field " + ODD: "value " + ODD, "rows": rows}
"""
_TEXTS = """panel => [panel.textContent, ...[panel, ...panel.querySelectorAll("*")]
    .flatMap(each => [...each.attributes].map(attribute => attribute.value))]"""


def as_typed(notebook: Notebook) -> None:
    """Check that nothing is typeset, and that no text or attribute has a character that turns the others round."""
    panel = notebook.panel(1)
    for part in ("title ", "search ", "value ", "cell "):
        expect(panel).to_contain_text(f"{part}$2M to $3M")
    for part in ("Column ", "Field "):  # of a name the words are set apart
        expect(panel).to_contain_text(f"{part}$2 M to $3 M")
    expect(panel).to_contain_text("U+202E")
    expect(panel.locator("mjx-container")).to_have_count(0)
    texts: list[str] = panel.evaluate(_TEXTS)
    assert [text for text in texts if "\u202e" in text] == []
    sides: list[str] = panel.locator("td, dd > .text, dt").evaluate_all("all => all.map(each => each.dir)")
    assert {*sides} == {"auto"}


def test_deceiving_text_is_shown_as_typed(open_notebook: Callable[..., Notebook]) -> None:
    """Dollars and U+202E in titles, fields, tables and calls of tools: live, ended, reloaded, and in file names."""
    notebook = open_notebook(ODD, "gate = asyncio.Event()\nrun = odd(ODD, gate)", "gate.set()", accept_downloads=True)
    notebook.run(0, 1)
    expect(notebook.answer(1)).to_contain_text("cell ")
    notebook.open_trace(1)
    expect(notebook.panel(1)).to_contain_text("found $2M")
    as_typed(notebook)
    notebook.run(2)
    notebook.ended(1)
    notebook.open_trace(1)
    expect(notebook.panel(1)).to_contain_text("Query $2 M")
    as_typed(notebook)
    notebook.answer(1).hover()
    with notebook.page.expect_download() as download:
        notebook.shown(1).get_by_role("button", name="Download").click()
    name = download.value.suggested_filename
    assert name.endswith(".json")
    assert not {*name} & {*"/\\:$\u202e"}
    notebook.save()
    notebook.reload()
    as_typed(notebook)
