"""One JupyterLab a session, one browser and one page a module, one notebook and one kernel a test."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.host import Host
from tests.browser.lab import CHROMIUM_ARGUMENTS, PATIENCE, Notebook, Server, chromium, write_notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

KEPT = Path(__file__).parents[2] / "build" / "browser"
"""Where screenshots are kept."""

VIEWPORT: ViewportSize = {"width": 1100, "height": 900}

expect.set_options(timeout=PATIENCE * 1000)

_failed = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember of a test whether it failed, for the fixtures that clean up after it."""
    report = yield
    if call.when == "call":
        item.stash[_failed] = report.failed
    return report


@pytest.fixture(scope="session")
def browser_path() -> str:
    """Find the system's Chromium; without one there is nothing to test, except in CI, which installs it."""
    path = chromium()
    if path is None:
        message = "no chromium on this machine; on Debian: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def server(browser_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start JupyterLab on a free port of loopback."""
    assert browser_path
    server = Server(tmp_path_factory.mktemp("lab"))
    try:
        server.wait_ready()
        yield server
    finally:
        server.stop()


# Not for the session: while Playwright's sync interface is open, this thread has a running loop, and
# another module's async tests could not start theirs.
@pytest.fixture(scope="module")
def browser(browser_path: str) -> Iterator[Browser]:
    """Start Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def context(browser: Browser) -> BrowserContext:
    """Share one cache of JupyterLab's files."""
    context = browser.new_context(viewport=VIEWPORT)
    context.set_default_timeout(PATIENCE * 1000)
    return context


@pytest.fixture
def screenshot(request: pytest.FixtureRequest) -> Callable[..., Path]:
    """Return where a picture named after the test is kept."""

    def path(suffix: str = "") -> Path:
        KEPT.mkdir(parents=True, exist_ok=True)
        name: str = request.node.name + (f"-{suffix}" if suffix else "")
        return KEPT / (re.sub(r"\W+", "_", name).strip("_") + ".png")

    return path


@pytest.fixture(scope="module")
def kept_pages() -> list[Page]:
    """Keep the page of a test that went well: JupyterLab takes four times as long to load as a notebook to open."""
    return []


@pytest.fixture
def open_notebook(
    server: Server,
    context: BrowserContext,
    kept_pages: list[Page],
    request: pytest.FixtureRequest,
    screenshot: Callable[..., Path],
) -> Iterator[Callable[..., Notebook]]:
    """Open notebooks with these cells, each with a kernel of its own; no page may raise an error.

    The first of a test gets the page that the test before left, unless it is to be `alone` on a new one or needs
    other options of the browser.
    """
    opened: list[Notebook] = []
    stem = re.sub(r"\W+", "_", request.node.name).strip("_")

    def open_(*cells: str, stored: dict[str, Any] | None = None, alone: bool = False, **options: Any) -> Notebook:
        path = f"{stem}-{len(opened)}.ipynb" if opened else f"{stem}.ipynb"
        if stored is None:
            write_notebook(server.root / path, list(cells))
        else:
            (server.root / path).write_text(json.dumps(stored))
        own = context.browser.new_context(**options) if options and context.browser else context
        own.set_default_timeout(PATIENCE * 1000)
        shared = own is context and not alone and not opened
        page = kept_pages.pop() if shared and kept_pages else own.new_page()
        notebook = Notebook(server, page, path, shared=shared)
        opened.append(notebook)
        notebook.open()
        return notebook

    yield open_
    failed = request.node.stash.get(_failed, True)
    if failed:
        for number, notebook in enumerate(opened):
            notebook.page.screenshot(path=screenshot(f"failed{number or ''}"))
    errors = [error for notebook in opened for error in notebook.errors]
    for notebook in opened:
        if notebook.shared and not failed and not errors and notebook.page.viewport_size == VIEWPORT:
            notebook.leave()
            kept_pages.append(notebook.page)
        else:
            notebook.page.close()
            notebook.shut_down()
    assert errors == []


@pytest.fixture
def host() -> Iterator[Host]:
    """Serve runs."""
    host = Host()
    yield host
    host.stop()
