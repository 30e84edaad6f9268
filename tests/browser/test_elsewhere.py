"""Servers whose front end lacks our widget, or all widgets, since the kernel's environment is another one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Notebook, Server, percent_of, until, write_notebook
from tests.browser.puppet import BEGIN, PUPPET, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext

LACKING = {
    "core": ["anywidget"],
    "none": ["anywidget", "@jupyter-widgets/jupyterlab-manager"],
}


WATCH = """() => {
    window.errorsSeen = [];
    const look = () => {
        const found = document.body.innerText.match(/.*(javascript error|model not found|error displaying widget).*/i);
        if (found) window.errorsSeen.push(found[0]);
    };
    new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""
"""Keeps each error of the widget manager that the page has shown, however shortly."""


@pytest.fixture(scope="module", params=LACKING)
def elsewhere(
    request: pytest.FixtureRequest, browser_path: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Server]]:
    """Start JupyterLab without some of its extensions."""
    assert browser_path
    server = Server(tmp_path_factory.mktemp("lab"), lacks=LACKING[request.param])
    try:
        server.wait_ready()
        yield request.param, server
    finally:
        server.stop()


@pytest.fixture
def notebook_there(
    elsewhere: tuple[str, Server], context: BrowserContext, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Notebook]]:
    """Open a notebook there; the widget manager may tell the console of what it lacks."""
    opened: list[Notebook] = []

    def open_(*cells: str) -> Notebook:
        path = re.sub(r"\W+", "_", request.node.name).strip("_") + ".ipynb"
        write_notebook(elsewhere[1].root / path, list(cells))
        notebook = Notebook(elsewhere[1], context.new_page(), path)
        opened.append(notebook)
        notebook.open()
        return notebook

    yield open_
    for notebook in opened:
        notebook.page.close()
        notebook.shut_down()


def test_a_run_is_seen_moving_and_ending(
    elsewhere: tuple[str, Server], notebook_there: Callable[..., Notebook]
) -> None:
    """Where our widget is missing, core widgets show the run live, with a button; where all are, live HTML does.

    No error in the place of a widget is seen at any moment.
    """
    kind, _ = elsewhere
    notebook = notebook_there(
        PUPPET,
        BEGIN,
        tell("update(50, 'half way')"),
        tell("update(90)", "write('some text')"),
        tell("next", "next") + "\nawait run",
    )
    notebook.page.evaluate(WATCH)
    notebook.run(0, 1, 2)
    until(lambda: notebook.panel(1).count() == 1 and percent_of(notebook.heading(1)) == 25, "a run at 25 %")
    button = notebook.output(1).get_by_role("button", name="Stop")
    expect(button).to_have_count(1 if kind == "core" else 0)
    notebook.run(3)
    expect(notebook.heading(1)).to_contain_text("45 %")
    expect(notebook.answer(1)).to_contain_text("some text")
    notebook.run(4)
    notebook.ended(1)
    expect(notebook.output(1).locator(".jupyter-widgets")).to_have_count(0)
    expect(notebook.answer(1)).to_contain_text("42")
    assert notebook.page.evaluate("window.errorsSeen") == []


def test_stop_works_there(elsewhere: tuple[str, Server], notebook_there: Callable[..., Notebook]) -> None:
    """The button of the core widgets stops the run; without widgets the kernel's interrupt does."""
    kind, _ = elsewhere
    notebook = notebook_there(PUPPET, BEGIN + "await run")
    notebook.run(0)
    notebook.start(1)
    if kind == "core":
        notebook.output(1).get_by_role("button", name="Stop").click()
    else:
        notebook.panel(1).wait_for()
        notebook.interrupt()
    notebook.wait_done(1)
    notebook.ended(1, "cancelled")
