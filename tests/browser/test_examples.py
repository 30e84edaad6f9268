"""The example for front ends, in Chromium: a page of another origin reads a served run by `runEvents.js`."""

from __future__ import annotations

import asyncio
import http.server
import threading
from datetime import UTC, datetime, timedelta
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
        script = self.path in ("/runEvents.js", "/eventSource.js")
        body = (EXAMPLES / self.path[1:]).read_bytes() if script else PAGE.encode()
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


# --- the browser's own EventSource ---------------------------------------------------------------------------------


@pytest.fixture
def sourced(browser: Browser, site: str, host: Host) -> Iterator[Page]:
    """Open a page that watches by `eventSource.js`, with a script of its own that asks for tickets."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(site)
    page.add_script_tag(
        type="module",
        content="""
        import { watchRun } from "./eventSource.js";
        window.seen = { seqs: [], types: [], losses: 0, tickets: 0, end: null };
        window.begin = (url, server, token) => {
          const ticketOf = async () => {
            window.seen.tickets += 1;
            const headers = { authorization: `Bearer ${token}` };
            const answer = await fetch(`${server}/tickets`, { method: "POST", headers });
            return (await answer.json()).ticket;
          };
          const onEvent = (event) => (window.seen.seqs.push(event.seq), window.seen.types.push(event.type));
          const onEnd = (event) => (window.seen.end = event.type);
          const onLoss = () => (window.seen.losses += 1);
          watchRun(url, { ticketOf, onEvent, onEnd, onLoss });
        };""",
    )
    page.wait_for_function("() => window.begin !== undefined")
    yield page
    context.close()
    assert host.server.url


def begin(page: Page, host: Host, url: str) -> None:
    """Begin to watch a run there, and don't wait for its end."""
    page.evaluate(
        "([url, server, token]) => window.begin(url, server, token)",
        [
            url.partition("/view")[0],
            host.server.url,
            TOKEN,
        ],
    )


def test_an_event_source_tells_the_end_from_a_loss(host: Host, sourced: Page) -> None:
    """A browser's EventSource comes again by itself, also with a new ticket when the old one is too old."""
    steps = Steps()
    asked: list[str] = []
    sourced.on("request", lambda request: asked.append(request.url) if "/events" in request.url else None)
    run, url = host.begin(lambda: steps.operation()(show=False))
    begin(sourced, host, url)
    steps.allowed.release()
    sourced.wait_for_function("() => window.seen.types.includes('progress')")
    host.cut()  # the ticket is young: the browser itself comes again, with Last-Event-ID
    sourced.wait_for_function("() => window.seen.losses > 0")
    steps.allowed.release()
    sourced.wait_for_function("() => window.seen.seqs.length >= 4")
    assert sourced.evaluate("window.seen.tickets") == 1
    host.server.service.keys._clock = Later()
    host.cut()  # the ticket is too old: the server refuses, and a new one is asked for
    sourced.wait_for_function("() => window.seen.tickets >= 2")
    steps.allowed.release()
    sourced.wait_for_function("() => window.seen.end !== null")
    host.do(run.log.wait_ended())
    assert sourced.evaluate("window.seen.seqs") == list(range(len(run.log)))
    assert sourced.evaluate("window.seen.end") == "done"
    assert all(TOKEN not in each and "token=" not in each for each in asked)


class Later:
    """A clock that is two minutes ahead."""

    def now(self) -> datetime:
        """Return the time of day in two minutes."""
        return datetime.now(UTC) + timedelta(minutes=2)


def test_an_error_that_is_survived_is_no_onerror(host: Host, sourced: Page) -> None:
    """An error that the run survives comes as `problem`, so the usual `onerror = () => close()` sees the whole run."""
    gate = threading.Semaphore(0)

    @pnb.operation(stages=["Try"])
    async def stumble(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("Try") as stage:
            stage.retry(1, 2, ValueError("the first time"))
            await asyncio.to_thread(gate.acquire)
        return "well"

    _, url = host.begin(stumble.using(show=False))
    ticket = url.partition("#ticket=")[2]
    sourced.evaluate(
        """([url, ticket]) => {
          const source = new EventSource(`${url}/events?ticket=${ticket}`);
          source.onerror = () => source.close();
          source.addEventListener("problem", ({ data }) => (window.seen.types.push(JSON.parse(data).type)));
          source.addEventListener("done", () => (window.seen.end = "done"));
        }""",
        [url.partition("/view")[0], ticket],
    )
    sourced.wait_for_function("() => window.seen.types.length === 1")
    gate.release()
    sourced.wait_for_function("() => window.seen.end === 'done'")
    assert sourced.evaluate("window.seen.types") == ["error"]
