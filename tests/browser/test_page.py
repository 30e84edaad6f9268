"""The page of a served run, in Chromium: from start to end, cancelled, cut, with hostile text."""

from __future__ import annotations

import asyncio
import http.server
import json
import re
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import pytest
from playwright.sync_api import expect

import progressnb as pnb
from progressnb.agents.offline import OfflineModel
from tests.browser.axe import violations
from tests.browser.host import TOKEN, Host, Steps
from tests.browser.lab import CHROMIUM_ARGUMENTS
from tests.web.test_ways import Proxy, behind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

HOSTILE = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>\'"\u202e]]>--></textarea>'


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page in which nothing may go wrong: no error, no word of the console, nothing from elsewhere."""
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if "load resource" not in message.text else None)
    page.on("request", lambda request: wrong.append(request.url) if "//127.0.0.1:" not in request.url else None)
    yield page
    context.close()
    assert [each for each in wrong if not each.startswith(("data:", "blob:"))] == []


def test_customization_from_start_to_end(host: Host, page: Page, screenshot: Callable[..., Path]) -> None:
    """A customization is seen at work and at its end: bar, stages, what is written, the answer, the files."""
    model = OfflineModel(pace=0.0005)
    run, url = host.begin(lambda: pnb.customize.using(show=False)(pnb.samples.resume, pnb.samples.job, model=model))
    page.goto(url)
    expect(page).to_have_url(url.partition("#")[0])
    expect(page.locator(".answer .box")).to_contain_text("Match score")
    expect(page.locator(".rows > .row")).to_have_count(4)
    expect(page).to_have_title(re.compile(r"\d+ % customize"))
    page.screenshot(path=screenshot("live"))
    expect(page.locator(".run.finished")).to_be_visible()
    expect(page.locator(".bar")).to_have_attribute("aria-valuenow", "100")
    expect(page.locator(".bar > .seg.finished")).to_have_count(4)
    expect(page.locator(".answer .verdict")).to_contain_text("nothing that the old resume does not support")
    expect(page.locator(".answer")).to_contain_text("Richard Hendriks")
    expect(page.locator("button.stop")).to_have_count(0)
    expect(page.locator(".announce")).to_have_text("customize finished")
    expect(page).to_have_title(re.compile("^✓ customize"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Download resume.md").click()
    assert "Richard Hendriks" in download.value.path().read_text()
    page.locator(".answer .box").focus()
    with page.expect_download() as download:
        page.locator("button.download").click()
    assert json.loads(download.value.path().read_text()) == host.do(result_of(run))
    assert download.value.suggested_filename == "customize.json"
    page.screenshot(path=screenshot("end"), full_page=True)
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=screenshot("narrow"))


async def result_of(run: pnb.Run[Any]) -> Any:
    """Return the result as it is served."""
    from progressnb.wire.plain import jsonable

    return jsonable(await run)


def test_stop(host: Host, page: Page) -> None:
    """Stop, by keyboard, stops the run on the server; the page says who did it and keeps what was written."""
    model = OfflineModel(pace=0.01)
    run, url = host.begin(lambda: pnb.customize.using(show=False)(pnb.samples.resume, pnb.samples.job, model=model))
    page.goto(url)
    expect(page.locator(".answer .box")).to_contain_text("Match score")
    page.locator("button.stop").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".run.cancelled")).to_be_visible()
    expect(page.locator(".notes")).to_contain_text("the Stop button of its page")
    expect(page.locator(".answer .box")).to_contain_text("Match score")
    expect(page.locator("button.stop")).to_have_count(0)
    assert page.evaluate("document.getElementById('run').contains(document.activeElement)")  # the button is gone
    expect(page).to_have_title(re.compile("^■ customize"))
    host.do(run.log.wait_ended())
    assert run.status == "cancelled"


def test_a_cut_connection(host: Host, page: Page) -> None:
    """A lost connection is made again and begins with the whole tree; the page says so and nothing on it moves."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/events" in request.url else None)
    steps = Steps()
    run, url = host.begin(lambda: steps.operation()(show=False))
    page.goto(url)
    page.evaluate("() => { window.drawn = document.querySelector('.pnb'); }")
    for number in range(1, 4):
        steps.allowed.release()
        expect(page.locator(".row .message").first).to_have_text(f"step {number}")
        if number == 2:
            where = page.locator("button.stop").bounding_box()
            page.context.set_offline(True)
            host.cut()
            expect(page.locator(".trouble")).to_have_text("reconnecting…")
            assert page.locator("button.stop").bounding_box() == where
            page.context.set_offline(False)
    expect(page.locator(".run.finished")).to_be_visible()
    expect(page.locator(".trouble")).to_have_count(0)
    assert page.evaluate("window.drawn === document.querySelector('.pnb')")
    assert len(asked) >= 2
    assert {each.partition("?")[2] for each in asked} == {"view=1"}
    host.do(run.log.wait_ended())


def test_websocket_where_streams_do_not_pass(host: Host, page: Page) -> None:
    """Where something on the way answers the stream with another thing, a WebSocket carries the view."""
    page.route("**/events?*", lambda route: route.fulfill(body="<h1>proxy</h1>", content_type="text/html"))
    steps = Steps()
    _, url = host.begin(lambda: steps.operation()(show=False))
    page.goto(url)
    for number in range(1, 4):
        steps.allowed.release()
        expect(page.locator(".row .message").first).to_have_text(f"step {number}")
    expect(page.locator(".run.finished")).to_be_visible()


def test_websocket_where_a_stream_is_gathered(host: Host, page: Page) -> None:
    """Where no first line of the stream follows its head, a WebSocket carries the view while the run goes on."""
    steps = Steps()
    _, url = host.begin(lambda: steps.operation()(show=False))
    proxy = Proxy(host.server, "body", lets_sockets=True)
    with host.within(behind(proxy)) as place:
        page.goto(url.replace(host.server.url, place))
        expect(page.locator(".trace")).to_be_visible()
        assert "ws" in proxy.asked
        steps.allowed.release(3)
        expect(page.locator(".run.finished")).to_be_visible()


def test_the_moment_under_the_pointer(host: Host, page: Page) -> None:
    """On the axis, by keyboard and pointer, the page shows the run as it was; behind it, as it is, and it goes on."""
    steps = Steps()
    _, url = host.begin(lambda: steps.operation()(show=False))
    page.goto(url)
    message = page.locator(".row .message").first
    for number in (1, 2):
        steps.allowed.release()
        expect(message).to_have_text(f"step {number}")
    page.locator(".scrub").focus()
    page.keyboard.press("Home")
    expect(page.locator(".run.past")).to_be_visible()
    expect(message).not_to_contain_text("step")
    page.keyboard.press("End")
    expect(message).to_have_text("step 2")
    page.keyboard.press("Escape")
    expect(page.locator(".run.past")).to_have_count(0)
    steps.allowed.release()
    expect(page.locator(".run.finished")).to_be_visible()
    page.locator(".scrub").hover()  # in its middle
    expect(page.locator(".run.past > .head > .sign")).to_have_attribute("aria-label", "running")
    page.mouse.move(500, 800)
    expect(page.locator(".run.past")).to_have_count(0)


class Acted:
    """The acts that a run got from the page; a word that is "no" is refused."""

    def __init__(self) -> None:
        self.asked: list[tuple[dict[str, Any], str]] = []
        self.controls = {"stop", "enough", "say"}

    def __call__(self, message: dict[str, Any], *, by: str) -> None:
        """Take an act."""
        if message["text"] == "no":
            raise pnb.errors.InputError("an agent at <b>work</b>", "none")
        self.asked.append((message, by))


def test_acts(host: Host, page: Page) -> None:
    """Enough, a word to the agent, Approve and Deny reach the run as the page's; a refusal is said, as text."""
    acted = Acted()
    allowed = threading.Event()

    class Acting(pnb.Run[None]):
        controls = frozenset(acted.controls)
        act = acted  # type: ignore[assignment] # a page sends what it takes

    @pnb.operation(stages=["Pay"])
    async def shop(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("Pay") as stage:
            stage._stage.life.set_status("waiting", None, waiting_for="approval", arguments={"amount": 7})
            await asyncio.to_thread(allowed.wait)

    def begin() -> pnb.Run[None]:
        run: pnb.Run[None] = shop.using(show=False)()
        run.__class__ = Acting
        return run

    run, url = host.begin(begin)
    try:
        page.goto(url)
        page.locator("button.approve").click()
        page.locator("button.enough").click()
        for word in ("no", "shorter, please"):
            page.locator("button.say").click()
            page.locator(".say .word").fill(word)
            page.keyboard.press("Enter")
            if word == "no":
                expect(page.locator(".refused")).to_contain_text("an agent at <b>work</b>")
        host.do(until(lambda: len(acted.asked) == 3))
    finally:
        allowed.set()
    assert acted.asked == [
        ({"kind": "approve", "stage": "Pay", "text": ""}, "page"),
        ({"kind": "enough", "stage": None, "text": ""}, "page"),
        ({"kind": "say", "stage": None, "text": "shorter, please"}, "page"),
    ]
    expect(page.locator(".run.finished")).to_be_visible()
    host.do(run.log.wait_ended())


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition."""
    while not condition():
        await asyncio.sleep(0.01)


def test_hostile_text(host: Host, page: Page) -> None:
    """Markup in names, messages, output, errors and results is text: nothing of it is run or fetched."""

    @pnb.operation(stages=[HOSTILE, "__proto__", "constructor"])
    async def hostile(tracker: pnb.ProgressTracker) -> dict[str, Any]:
        async with tracker.stage(HOSTILE) as stage:
            stage.update(10, HOSTILE, data={"model": HOSTILE, "__proto__": {"hurt": 1}})
            async with stage.stage(HOSTILE) as child:
                child.update(5, "javascript:window.hurt=1")
        async with tracker.stage("__proto__"):
            pass
        return {HOSTILE: [HOSTILE, {"__proto__": HOSTILE}], "markdown": f"{HOSTILE}\n" * 40, "constructor": None}

    _, url = host.begin(hostile.using(show=False))
    page.goto(url)
    expect(page.locator(".run.finished")).to_be_visible()
    page.locator(".gantt > summary").click()
    expect(page.locator(".rows > .row").first).to_contain_text("onerror=")
    expect(page.locator(".answer")).to_contain_text("window.hurt=1</script>")
    expect(page.locator(".answer")).to_contain_text("⟨U+202E⟩")
    assert page.evaluate("[window.hurt, ({}).hurt, document.images.length, document.scripts.length]") == [
        None,
        None,
        0,
        1,
    ]


ODD: dict[str, Any] = {"toString": 1, "valueOf": [], "toJSON": {}, "length": -1, "__proto__": None}


@pytest.mark.parametrize("score", [ODD, [ODD], "7", None, True, 41.5])
def test_hostile_result(host: Host, page: Page, score: object) -> None:
    """Whatever a result holds where a text or rows are looked for, it is drawn as its data; it has no verdict."""

    @pnb.operation
    async def odd(tracker: pnb.ProgressTracker) -> dict[str, Any]:
        assert tracker.id
        return {
            "evaluation": {"match_score": score},
            "verification": {"unsupported": [ODD]},
            **dict.fromkeys(["data", "markdown", "summary", "explanation", "model", "note", "query"], ODD),
            "rows": [{"a": 1, "A": 2, "the_name": 3}, {"a": 4, "A": 5, "the_name": 6}],
        }

    _, url = host.begin(odd.using(show=False))
    page.goto(url)
    expect(page.locator(".answer")).to_contain_text("The name")
    expect(page.locator(".answer .verdict")).to_have_count(0)
    expect(page.locator(".answer td", has_text="6")).to_have_count(1)


def test_a_view_of_a_strangers_result(host: Host, page: Page) -> None:
    """Every block of a view is drawn, as text and nothing else."""
    hurt = "<img src=x onerror='window.hurt=1'>"

    class Audit:
        def _progressnb_view_(self) -> list[dict[str, Any]]:
            return [
                {"type": "headline", "text": hurt, "verdict": "check it", "tone": "bad"},
                {"type": "text", "text": hurt, "tone": "warning"},
                {"type": "list", "items": [hurt, {"label": "where", "text": hurt}]},
                {"type": "table", "columns": ["name", hurt], "rows": [["a", 3], ["b", None]]},
                {"type": "comparison", "title": "why", "before": hurt, "after": ""},
                {"type": "section", "title": "More", "blocks": [{"type": "markdown", "text": f"# Head\n\n{hurt}"}]},
            ]

    @pnb.operation
    async def audit(tracker: pnb.ProgressTracker) -> Audit:
        assert tracker.id
        return Audit()

    _, url = host.begin(audit.using(show=False))
    page.goto(url)
    answer = page.locator(".answer")
    expect(answer.locator(".headline")).to_have_text(f"{hurt} ✗ check it")
    expect(answer.locator(".text.warning")).to_have_text(f"⚠ {hurt}")
    expect(answer.locator(".list > li")).to_have_text([hurt, f"where {hurt}"])
    expect(answer.locator("thead th")).to_have_text(["name", hurt])
    expect(answer.locator("tbody td")).to_have_text(["a", "3", "b", "–"])
    expect(answer.locator(".before")).to_have_text(hurt)
    page.locator(".section > summary").click()
    expect(answer.locator(".section h4.h1")).to_have_text("Head")
    assert page.evaluate("window.hurt") is None
    assert page.locator("#run img").count() == 0


def test_failure(host: Host, page: Page) -> None:
    """A run that failed says where and why, once."""

    @pnb.operation(stages=["Try"])
    async def unlucky(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("Try"):
            raise ValueError("<b>no luck</b>")

    _, url = host.begin(unlucky.using(show=False))
    page.goto(url)
    expect(page.locator(".fail > p").first).to_have_text("Try: ValueError: <b>no luck</b>")
    expect(page.locator(".fail")).to_have_attribute("role", "alert")
    expect(page).to_have_title("✗ unlucky")


def test_chart(host: Host, page: Page) -> None:
    """Of a chart the page has the explanation and the picture, drawn from the files that it also offers."""
    rows = [{"city": "<b>A</b>", "sales": 3}, {"city": "B", "sales": 0.1}, {"city": "B", "sales": 0.2}]
    _, url = host.begin(lambda: pnb.chart.using(show=False)("total sales by city", rows, model=OfflineModel()))
    page.goto(url)
    expect(page.locator(".answer")).to_contain_text("<b>A</b>")
    expect(page.locator(".answer")).to_contain_text("SELECT")
    expect(page.locator(".notes")).not_to_contain_text("PROGRESSNB_MODEL")  # who reads the page can't set it
    page.get_by_role("button", name="Download data.csv").wait_for()
    picture = page.get_by_role("img", name="Total sales by city")
    picture.wait_for()
    page.wait_for_function("image => image.complete && image.naturalWidth > 300", arg=picture.element_handle())


def test_saved_chart(browser: Browser, tmp_path: Path) -> None:
    """A chart that is saved as HTML draws itself, says nothing to the console and asks nobody for anything."""
    hostile = "<b>A</b></script><script>fetch('http://127.0.0.1:9')</script>"
    rows = [{"city": hostile, "sales": 3}, {"city": "B", "sales": 4}]
    run = pnb.chart.using(show=False)("total sales by city", rows, model=OfflineModel())
    address = run.wait().save(tmp_path / "chart.html").as_uri()
    said: list[str] = []
    with browser.new_page() as page:
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: said.append(request.url) if request.url != address else None)
        page.goto(address)
        expect(page.locator("svg.marks")).to_contain_text("<b>A</b></script>")
    assert said == []


def test_large_tree(host: Host, page: Page) -> None:
    """Of hundreds of stages those are drawn that work or failed, and the latest; the rest is counted."""
    allowed = threading.Event()

    @pnb.operation(stages=["Index"])
    async def index(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("Index") as stage, stage.stage("First"):
            for number in range(300):
                async with stage.stage(f"Book {number}"):
                    pass
            await asyncio.to_thread(allowed.wait)

    _, url = host.begin(index.using(show=False))
    page.goto(url)
    try:
        expect(page.locator(".row.running")).to_have_count(2)
        expect(page.locator(".row.remark, .row", has_text="finished").first).to_be_visible()
        assert page.locator(".row").count() <= 40
    finally:
        allowed.set()
    expect(page.locator(".run.finished")).to_be_visible()


CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const light = colour => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map(
      part => part / 255 <= .04045 ? part / 255 / 12.92 : ((part / 255 + .055) / 1.055) ** 2.4);
    return .2126 * red + .7152 * green + .0722 * blue + .05;
  };
  const paper = light(getComputedStyle(document.documentElement).backgroundColor);
  const seen = [...document.querySelectorAll("body *")].filter(element => element.checkVisibility() &&
    [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.textContent.trim()));
  return seen.map(element => {
    const {color, opacity} = getComputedStyle(element), ink = light(color);
    return [element.textContent.slice(0, 40), opacity === "1" ? Math.max(ink, paper) / Math.min(ink, paper) : 0];
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(host: Host, page: Page, scheme: Literal["light", "dark"]) -> None:
    """Every text has the contrast that WCAG asks for, light and dark; what is still to come as well."""

    @pnb.operation(stages=["Read", "Try", "Report"])
    async def unlucky(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("Read") as stage:
            stage.update(50, "a page", data={"model": "some model"})
            stage.write("what was written")
        async with tracker.stage("Try"):
            raise ValueError("no luck")

    _, url = host.begin(unlucky.using(show=False))
    page.emulate_media(color_scheme=scheme)
    page.goto(url)
    expect(page.locator(".fail")).to_be_visible()
    contrasts = dict(page.evaluate(CONTRASTS))
    assert {"unlucky", "Report", "ValueError: no luck", "a page", "✓", "✗"} <= contrasts.keys()
    assert {text: contrast for text, contrast in contrasts.items() if contrast < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(host: Host, page: Page, scheme: Literal["light", "dark"]) -> None:
    """axe-core finds nothing on the whole page: at work, with files at its end, and where it asks for the token.

    On a busy machine the run may be over before the page is there: then its end is looked at twice.
    """
    model = OfflineModel(pace=0.0005)
    _, url = host.begin(lambda: pnb.customize.using(show=False)(pnb.samples.resume, pnb.samples.job, model=model))
    page.emulate_media(color_scheme=scheme)
    page.goto(url)
    expect(page.locator(".answer .box")).to_contain_text(re.compile("Match score|Match [0-9]+ of 100"))
    assert violations(page, "html") == []
    page.get_by_role("button", name="Download all.zip").wait_for()
    assert violations(page, "html") == []
    page.evaluate("sessionStorage.clear()")  # the tab keeps what let the page in
    page.goto("about:blank")
    page.goto(url.partition("#")[0])
    expect(page.locator("#why")).to_be_visible()
    assert violations(page, "html") == []


def test_nothing_of_the_token_stays(host: Host, page: Page) -> None:
    """The token is in no address and stored nowhere; the page may run its own script, and no markup of text."""
    steps = Steps()
    _, url = host.begin(lambda: steps.operation()(show=False))
    answer = page.goto(url)
    expect(page.locator(".rows > .row")).to_have_count(2)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert page.evaluate(
        "[location.hash, location.search, localStorage.length, sessionStorage.length, document.cookie, history.state]"
    ) == ["", "", 0, 1, "", None]
    assert TOKEN not in page.evaluate("JSON.stringify(sessionStorage)")
    steps.allowed.release(3)
    expect(page.locator(".run.finished")).to_be_visible()


def test_a_ticket_is_good_for_a_minute(host: Host, page: Page) -> None:
    """A page that is loaded again goes on with what its tab keeps; the address that it came by opens no other tab."""
    steps = Steps()
    _, url = host.begin(lambda: steps.operation()(show=False))
    page.goto(url)
    expect(page.locator(".trace")).to_be_visible()
    host.server.service.keys._clock = Later()
    page.goto("about:blank")
    page.goto(url)  # with the old ticket, as a notebook's frame is loaded again
    expect(page.locator(".trace")).to_be_visible()
    page.reload()
    expect(page.locator(".trace")).to_be_visible()
    other = page.context.new_page()
    other.goto(url)
    expect(other.locator("#why")).to_contain_text("refused")
    other.goto(host.server.page(url.rpartition("/view")[0].rpartition("/")[2]))  # shown again: a new ticket
    other.reload()
    expect(other.locator(".trace")).to_be_visible()
    steps.allowed.release(3)
    expect(page.locator(".run.finished")).to_be_visible()


class Later:
    """A clock that is two minutes ahead."""

    def now(self) -> datetime:
        """Return the time of day in two minutes."""
        return datetime.now(UTC) + timedelta(minutes=2)


class Lab(http.server.BaseHTTPRequestHandler):
    """A page at another port of this machine, as JupyterLab is. Browsers let no made-up page frame this machine."""

    def do_GET(self) -> None:
        """Answer with an empty page."""
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", "6")
        self.end_headers()
        self.wfile.write(b"<p>lab")

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_a_frame_of_a_notebook(host: Host, browser: Browser, name: str) -> None:
    """A page of this machine, as a notebook is, may show the page in a frame, where its ticket lets it in."""
    steps = Steps()
    _, url = host.begin(lambda: steps.operation()(show=False))
    context = browser.new_context()
    page = context.new_page()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Lab) as lab:
        thread = threading.Thread(target=lab.serve_forever)
        thread.start()
        page.goto(f"http://{name}:{lab.server_address[1]}/lab")
        page.evaluate("(url) => { document.body.innerHTML = `<iframe src='${url}'></iframe>`; }", url)
        lab.shutdown()
        thread.join()
    steps.allowed.release(3)
    expect(page.frame_locator("iframe").locator(".run.finished")).to_be_attached()
    context.close()


def test_the_token_is_not_on_the_disk(host: Host, browser_path: str, browser: Browser, tmp_path: Path) -> None:
    """What a browser writes down of a page, its history and the storage of its tabs, does not have the token."""
    steps = Steps()
    _, url = host.begin(lambda: steps.operation()(show=False))
    context = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=browser_path, args=CHROMIUM_ARGUMENTS
    )
    page = context.new_page()
    page.goto(url)
    expect(page.locator(".trace")).to_be_visible()
    page.goto(host.server.url + "/docs")
    expect(page.locator("#routes summary").first).to_be_visible()
    page.goto("about:blank")
    context.close()
    files = [each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()]
    assert any(b"/view#ticket=" in each for each in files)
    for form in (TOKEN, TOKEN.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D").replace("&", "%26")):
        for encoding in ("utf-8", "utf-16-le"):
            assert not any(form.encode(encoding) in each for each in files)
    steps.allowed.release(3)


def test_the_description_of_the_routes(host: Host, page: Page) -> None:
    """`/docs` asks for the token, and then shows all routes, with nothing from other servers."""
    page.goto(f"{host.server.url}/docs")
    for typed, shown in (("wrong", "#why"), (TOKEN, "#routes")):
        page.locator("#token").fill(typed)
        page.keyboard.press("Enter")
        expect(page.locator(shown)).to_be_visible()
    expect(page.locator("#ask")).to_be_hidden()
    expect(page.locator("#routes summary")).to_contain_text(["POST /runs", "GET /runs"])
    page.locator("summary", has_text="POST /runs").first.click()
    expect(page.locator("details[open] pre")).to_contain_text('"object"')
    expect(page.locator("#about code").first).to_have_text("type")
    expect(page.locator("#about, #routes")).not_to_contain_text(["`", "`"])
    page.goto(host.server.page("none"))
    page.goto(f"{host.server.url}/docs")
    expect(page.locator("#routes summary").first).to_be_visible()


def test_the_first_page(host: Host, page: Page, screenshot: Callable[..., Path]) -> None:
    """`/` asks for the token, and then lists operations and runs, with links to their pages and to /docs."""
    steps = Steps()
    run, _ = host.begin(lambda: steps.operation()(show=False))
    page.goto(f"{host.server.url}/")
    expect(page.locator("#why")).to_contain_text("asks for a token")
    expect(page.locator("#home")).to_be_empty()
    page.locator("#token").fill(TOKEN)
    page.keyboard.press("Enter")
    row = page.locator("#home tr", has=page.locator(f'a[href="/runs/{run.id}/view"]'))
    expect(row).to_contain_text("running")
    page.screenshot(path=screenshot())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page, "html") == []
    row.locator("a").click()
    expect(page.locator(".pnb .head")).to_be_visible()
    page.go_back()
    page.locator('#home a[href="/docs"]').click()
    expect(page.locator("#routes summary").first).to_be_visible()
    steps.allowed.release(3)


def test_token_is_asked_for(browser: Browser, host: Host) -> None:
    """Without a token the page asks for one, again after a wrong one, and goes on with the right one."""
    steps = Steps()
    _, url = host.begin(lambda: steps.operation()(show=False))
    page = browser.new_context().new_page()
    page.goto(url.partition("#")[0])
    expect(page.locator("#why")).to_contain_text("asks for a token")
    for said, shown in (("wrong", "#why"), (TOKEN, ".trace")):
        page.locator("#token").fill(said)
        page.keyboard.press("Enter")
        expect(page.locator(shown)).to_be_visible()
        if said == "wrong":
            expect(page.locator("#why")).to_contain_text("refused this token")
    steps.allowed.release(3)
    expect(page.locator(".run.finished")).to_be_visible()
    assert TOKEN not in page.content()
    page.goto(f"{host.server.url}/runs/none/view#token={TOKEN.replace('+', '%2B').replace('&', '%26')}")
    expect(page.locator("#error")).to_contain_text("The server has no such run")
    page.context.close()
