"""The page that runs in a browser alone, as `make lite` built it: offline, with bars that move."""

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect, sync_playwright

from tests.browser.lab import CHROMIUM_ARGUMENTS

SITE = Path(__file__).parents[2] / "build" / "lite" / "site"
PATIENCE = 600_000  # ms; Python and its packages are loaded in the browser


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serve files and say nothing."""

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    """Serve the page on this machine."""
    assert SITE.is_dir(), "expected the built page, got none; `make lite` builds it and runs this test"
    handler = functools.partial(Quiet, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_offline(address: str) -> None:
    """All cells run with nothing from elsewhere; the demo's bar is seen at several percents, and all panels end."""
    elsewhere: list[str] = []

    def only_here(route: Route) -> None:
        if route.request.url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            elsewhere.append(route.request.url)
            route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        page.route("**/*", only_here)
        page.goto(f"{address}/lab/index.html?path=try_it.ipynb")
        expect(page.locator(".jp-Notebook .jp-Cell").first).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("Python (Pyodide)", exact=False).first).to_be_visible(timeout=PATIENCE)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        demo = page.locator(".jp-Notebook .jp-CodeCell").nth(1)
        expect(demo.locator("section.pnb .run.running, section.pnb.running").first).to_be_visible(timeout=PATIENCE)
        seen = {demo.locator(".head").first.inner_text()}
        while demo.locator(".run.finished").count() == 0:
            seen.add(demo.locator(".head").first.inner_text())
        assert len(seen) > 3
        expect(page.locator(".jp-Notebook .run.finished")).to_have_count(4, timeout=PATIENCE)
        browser.close()
    assert elsewhere == []
