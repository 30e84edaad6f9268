"""The example for front ends, in Chromium: a page of another origin reads a served run by `runEvents.js`."""

from __future__ import annotations

import http.server
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

import progressnb as pnb
from tests.browser.host import TOKEN, Host, Steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"

PAGE = """<!doctype html><title>example</title><ol></ol><p></p><script type="module">
import { runEvents } from "./runEvents.js";
window.seqs = [];
window.watch = async (url, token) => {
  const stop = (window.stop = new AbortController());
  const onConnection = (said) => document.querySelector("p").append(`${said};`);
  try {
    for await (const event of runEvents(url, { token, signal: stop.signal, onConnection })) {
      window.seqs.push(event.seq);
      const line = document.createElement("li");
      line.textContent = `${event.type} ${event.message ?? ""} ${JSON.stringify(event.partial ?? null)}`;
      document.querySelector("ol").append(line);
    }
    document.title = "ended";
  } catch (error) {
    document.title = error.message;
  }
};
</script>"""


class Site(http.server.BaseHTTPRequestHandler):
    """Somebody's own site. Browsers let no page but one of this machine talk to this machine, so it is a real one."""

    def do_GET(self) -> None:
        """Answer with the page or the example."""
        script = self.path == "/runEvents.js"
        body = (EXAMPLES / "runEvents.js").read_bytes() if script else PAGE.encode()
        self.send_response(200)
        self.send_header("content-type", "text/javascript" if script else "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    """Serve the site; return its origin."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def host(site: str) -> Iterator[Host]:
    """Serve runs to a page of another origin."""
    host = Host(origins=[site])
    yield host
    host.stop()


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """Open the site's page."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(site)
    page.wait_for_function("() => window.watch !== undefined")
    yield page
    context.close()


def watch(page: Page, url: str, token: str = TOKEN) -> None:
    """Begin to read a run there, and don't wait for its end."""
    page.evaluate("([url, token]) => { window.watch(url, token); }", [url.partition("/view")[0], token])


def test_a_cut_stream_is_read_to_its_end(host: Host, page: Page) -> None:
    """The reader comes again by itself after the last event that it has: none is lost, none comes twice."""
    steps = Steps()
    run, url = host.begin(lambda: steps.operation("Žofie 山田")(show=False))
    watch(page, url)
    for number in range(1, 4):
        steps.allowed.release()
        expect(page.locator("li").filter(has_text=f"Žofie 山田 {number}").first).to_be_visible()
        if number < 3:
            host.cut()
    expect(page).to_have_title("ended")
    host.do(run.log.wait_ended())
    assert page.evaluate("window.seqs") == list(range(len(run.log)))
    expect(page.locator("p")).to_contain_text("connected;reconnecting;")


def test_what_is_written_comes_as_data(host: Host, page: Page) -> None:
    """Content events carry what is written so far, parsed."""

    @pnb.operation(stages=["writing"])
    async def write(tracker: pnb.ProgressTracker) -> Any:
        async with tracker.stage("writing") as stage:
            stage.write('{"title": "Ti', kind="json")
            await stage.update(number=1)

    _, url = host.begin(write.using(show=False))
    watch(page, url)
    expect(page).to_have_title("ended")
    expect(page.locator("li").filter(has_text='{"title":"Ti"}')).to_have_count(1)


def test_a_refusal_is_an_error(host: Host, page: Page) -> None:
    """A wrong token ends the reader with what the server says; it does not ask for ever."""
    _, url = host.begin(lambda: Steps().operation()(show=False))
    watch(page, url, "wrong")
    expect(page).to_have_title("send the token: Authorization: Bearer …")


def test_an_abort_ends_it_quietly(host: Host, page: Page) -> None:
    """A front end that leaves aborts: the reader ends, and its connection with it."""
    steps = Steps()
    _, url = host.begin(lambda: steps.operation()(show=False))
    watch(page, url)
    expect(page.locator("li").first).to_contain_text("started")
    page.evaluate("window.stop.abort()")
    expect(page).to_have_title("ended")
    for _ in range(3):
        steps.allowed.release()
