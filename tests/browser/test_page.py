"""The page of a served run, in Chromium: from start to end, cancelled, cut, with hostile text."""

from __future__ import annotations

import asyncio
import re
import threading
from typing import TYPE_CHECKING, Any, Literal

import pytest
from playwright.sync_api import expect

import progressnb as pnb
from progressnb.agents.offline import OfflineModel
from tests.browser.host import TOKEN, Host, Steps

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
    page.on("console", lambda message: wrong.append(message.text) if "ERR_" not in message.text else None)
    page.on("request", lambda request: wrong.append(request.url) if "//127.0.0.1:" not in request.url else None)
    yield page
    context.close()
    assert [each for each in wrong if not each.startswith(("data:", "blob:"))] == []


def test_customization_from_start_to_end(host: Host, page: Page, screenshot: Callable[..., Path]) -> None:
    """A customization is seen at work and at its end: bars, stages, what is written, messages, the result, files."""
    model = OfflineModel(pace=0.0005)
    run, url = host.begin(lambda: pnb.customize(pnb.samples.resume, pnb.samples.job, model=model, show=False))
    page.goto(url)
    expect(page).to_have_url(url.partition("#")[0])
    expect(page.locator("#partial")).to_contain_text("Match score")
    expect(page.locator("#stages > li")).to_have_count(4)
    page.screenshot(path=screenshot("live"))
    expect(page.locator("#state.finished")).to_be_visible()
    expect(page.locator("#overall")).to_have_attribute("aria-valuenow", "100")
    expect(page.locator("#stages > li.finished")).to_have_count(4)
    expect(page.locator("#value .verdict")).to_contain_text("nothing that the old resume does not support")
    expect(page.locator("#value h3")).to_have_text("Richard Hendriks")
    assert page.locator("#json").text_content() is not None
    assert page.evaluate("JSON.parse(document.getElementById('json').textContent)") == host.do(result_of(run))
    expect(page.locator("#cancel")).to_be_hidden()
    expect(page.locator("#spoken")).to_have_text("finished")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download resume.md").click()
    assert "Richard Hendriks" in download.value.path().read_text()
    page.screenshot(path=screenshot("end"), full_page=True)
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=screenshot("narrow"))


async def result_of(run: pnb.Run[Any]) -> Any:
    """Return the result as it is served."""
    from progressnb.wire.plain import jsonable

    return jsonable(await run)


def test_cancel(host: Host, page: Page) -> None:
    """Cancel, by keyboard, stops the run on the server; the page says so and keeps what was written."""
    model = OfflineModel(pace=0.01)
    run, url = host.begin(lambda: pnb.customize(pnb.samples.resume, pnb.samples.job, model=model, show=False))
    page.goto(url)
    expect(page.locator("#partial")).to_contain_text("Match score")
    expect(page).to_have_title(re.compile(r"\d+ % customize"))
    page.locator("#cancel").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("cancelled after")
    expect(page.locator("#wrote")).to_have_text("Written until then")
    expect(page.locator("#partial")).to_contain_text("Match score")
    expect(page.locator("#cancel")).to_be_hidden()
    expect(page.locator("#title")).to_be_focused()  # the button that had the focus is gone
    expect(page).to_have_title("■ customize")
    host.do(run.log.wait_ended())
    assert run.status == "cancelled"


def test_cut_connection(host: Host, page: Page) -> None:
    """A lost connection is made again, from where it was: no event twice, none lost, and the run goes on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/events" in request.url else None)
    steps = Steps()
    run, url = host.begin(lambda: steps.operation()(show=False))
    page.goto(url)
    for number in range(1, 4):
        steps.allowed.release()
        expect(page.locator("#stages .said").first).to_have_text(f"step {number}")
        if number == 1:
            page.locator("#messages summary").click()
        if number == 2:
            page.context.set_offline(True)
            host.cut()
            expect(page.locator("#link")).to_have_text("reconnecting…")
            page.context.set_offline(False)
    expect(page.locator("#state.finished")).to_be_visible()
    expect(page.locator("#link")).to_have_text("")
    expect(page.locator("#log li > span:last-child")).to_have_text([f"Walk: step {number}" for number in range(1, 4)])
    assert len(asked) >= 2
    assert not asked[-1].endswith("after=-1")
    host.do(run.log.wait_ended())


def test_websocket_where_streams_do_not_pass(host: Host, page: Page) -> None:
    """Where something on the way answers the stream with another thing, a WebSocket carries the events."""
    page.route("**/events?*", lambda route: route.fulfill(body="<h1>proxy</h1>", content_type="text/html"))
    steps = Steps()
    _, url = host.begin(lambda: steps.operation()(show=False))
    page.goto(url)
    for number in range(1, 4):
        steps.allowed.release()
        expect(page.locator("#stages .said").first).to_have_text(f"step {number}")
    expect(page.locator("#state.finished")).to_be_visible()


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

    _, url = host.begin(lambda: hostile(show=False))
    page.goto(url)
    expect(page.locator("#state.finished")).to_be_visible()
    expect(page.locator("#stages > li").first).to_contain_text("onerror=")
    expect(page.locator("#value")).to_contain_text("window.hurt=1</script>")
    page.locator("#messages summary").click()
    expect(page.locator("#log")).to_contain_text("<img src=x")
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
            "rows": [{"a": 1, "A": 2, "the_name": 3}],
        }

    _, url = host.begin(lambda: odd(show=False))
    page.goto(url)
    expect(page.locator("#value")).to_contain_text("the_name")
    expect(page.locator("#value .verdict")).to_have_count(0)
    assert page.evaluate("JSON.parse(document.getElementById('json').textContent).rows") == [
        {"a": 1, "A": 2, "the_name": 3}
    ]
    expect(page.locator("#value details[open] table", has_text="the_name").locator("th")).to_have_text(
        ["a", "A", "the_name"]
    )


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

    _, url = host.begin(lambda: audit(show=False))
    page.goto(url)
    expect(page.locator("#value .verdict")).to_have_text(f"{hurt} · ✗ check it")
    expect(page.locator("#value .toned")).to_have_text(f"⚠ {hurt}")
    expect(page.locator("#value li")).to_have_text([hurt, f"where {hurt}"])
    expect(page.locator("#value .amount")).to_have_text([hurt, "3", "–"])
    expect(page.locator("#value dd")).to_have_text([hurt, "–"])
    expect(page.locator("#value details[open] h3")).to_have_text("Head")
    assert page.evaluate("window.hurt") is None
    assert page.locator("#value img").count() == 0


def test_a_drawing_that_fails(host: Host, page: Page) -> None:
    """A result that can't be drawn is there as JSON, and its files are offered all the same."""
    allowed = threading.Event()

    class Report(dict[str, Any]):
        def artifacts(self) -> dict[str, bytes]:
            return {"report.txt": b"text"}

    @pnb.operation
    async def report(tracker: pnb.ProgressTracker) -> Report:
        assert tracker.id
        await asyncio.to_thread(allowed.wait)
        return Report(rows=[{"a": 1}])

    _, url = host.begin(lambda: report(show=False))
    try:
        page.goto(url)
        expect(page.locator("#state.running")).to_be_visible()
        page.evaluate("() => { window.laid = () => { throw new Error('on purpose'); }; }")
    finally:
        allowed.set()
    page.get_by_role("button", name="Download report.txt").wait_for()
    expect(page.locator("#value pre")).to_contain_text('"rows": [')
    assert page.evaluate("JSON.parse(document.getElementById('json').textContent)") == {"rows": [{"a": 1}]}
    expect(page.locator("#state.finished")).to_be_visible()


def test_failure(host: Host, page: Page) -> None:
    """A run that failed says where and why."""

    @pnb.operation(stages=["Try"])
    async def unlucky(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("Try"):
            raise ValueError("<b>no luck</b>")

    _, url = host.begin(lambda: unlucky(show=False))
    page.goto(url)
    expect(page.locator("#status")).to_contain_text("failed after")
    expect(page.locator("#error")).to_have_text("ValueError in Try: <b>no luck</b>")
    expect(page.locator("#stages .said")).to_have_text(["failed"])  # once is enough
    page.locator("#messages summary").click()
    expect(page.locator("#log li > span:last-child")).to_have_text("ValueError in Try: <b>no luck</b>")


def test_chart(host: Host, page: Page) -> None:
    """Of a chart the explanation and the rows, as a table, come first; query and specification open below them."""
    rows = [{"city": "<b>A</b>", "sales": 3}, {"city": "B", "sales": 0.1}, {"city": "B", "sales": 0.2}]
    _, url = host.begin(lambda: pnb.chart("total sales by city", rows, model=OfflineModel(), show=False))
    page.goto(url)
    expect(page.locator("#value dt")).to_have_text(["Explanation"])
    expect(page.locator("#value summary")).to_have_text(["Data · 2", "Chart", "Query"])
    expect(page.locator("#value tr")).to_have_count(3)
    expect(page.locator("#value tr", has_text="<b>A</b>")).to_contain_text("3")
    expect(page.locator("#value .amount", has_text="0.")).to_have_text("0.3")
    page.locator("#value summary").last.click()
    expect(page.locator("#value pre")).to_contain_text("SELECT")
    expect(page.locator("#value th")).to_have_text(["city", "total sales"])
    expect(page.locator("#usage")).to_contain_text("without a language model")
    expect(page.locator("#usage")).not_to_contain_text("PROGRESSNB_MODEL")  # who reads the page can't set it
    page.get_by_role("button", name="Download data.csv").wait_for()
    picture = page.get_by_role("img", name="Total sales by city")
    picture.wait_for()
    page.wait_for_function("image => image.complete && image.naturalWidth > 300", arg=picture.element_handle())


def test_saved_chart(browser: Browser, tmp_path: Path) -> None:
    """A chart that is saved as HTML draws itself, says nothing to the console and asks nobody for anything."""
    hostile = "<b>A</b></script><script>fetch('http://127.0.0.1:9')</script>"
    rows = [{"city": hostile, "sales": 3}, {"city": "B", "sales": 4}]
    run = pnb.chart("total sales by city", rows, model=OfflineModel(), show=False)
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
    """Of hundreds of stages those are drawn that work or failed, and the latest; the rest is counted, and opens."""
    allowed = threading.Event()

    @pnb.operation(stages=["Index"])
    async def index(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("Index") as stage, stage.stage("First"):
            for number in range(300):
                async with stage.stage(f"Book {number}"):
                    pass
            await asyncio.to_thread(allowed.wait)

    _, url = host.begin(lambda: index(show=False))
    page.goto(url)
    rows = page.locator("#stages > li")
    rest = page.get_by_role("button", name="more, ")
    try:
        expect(rest).to_have_text("… 272 more, 272 finished")
        expect(rows).to_have_count(31)
        expect(rows.nth(1)).to_contain_text("First")
        expect(rows.nth(1)).to_have_class("running")
        rest.click()
        expect(rows).to_have_count(302)
        expect(rest).to_have_count(0)
    finally:
        allowed.set()
    expect(page.locator("#state.finished")).to_be_visible()


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

    _, url = host.begin(lambda: unlucky(show=False))
    page.emulate_media(color_scheme=scheme)
    page.goto(url)
    expect(page.locator("#error")).to_be_visible()
    contrasts = dict(page.evaluate(CONTRASTS))
    assert {"Unlucky", "Report", "ValueError in Try: no luck", "a page", "✓", "✗"} <= contrasts.keys()
    assert {text: contrast for text, contrast in contrasts.items() if contrast < 4.5} == {}


def test_nothing_of_the_token_stays(host: Host, page: Page) -> None:
    """The token leaves the address and is stored nowhere; the page may run its own script, and no markup of text."""
    steps = Steps()
    _, url = host.begin(lambda: steps.operation()(show=False))
    answer = page.goto(url)
    expect(page.locator("#stages > li")).to_have_count(2)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert page.evaluate(
        "[location.hash, location.search, localStorage.length, sessionStorage.length, document.cookie, history.state]"
    ) == ["", "", 0, 0, "", None]
    steps.allowed.release(3)
    expect(page.locator("#state.finished")).to_be_visible()


def test_token_is_asked_for(browser: Browser, host: Host) -> None:
    """Without a token the page asks for one, again after a wrong one, and goes on with the right one."""
    steps = Steps()
    _, url = host.begin(lambda: steps.operation()(show=False))
    page = browser.new_context().new_page()
    page.goto(url.partition("#")[0])
    expect(page.locator("#why")).to_contain_text("asks for a token")
    for said, shown in (("wrong", "#why"), (TOKEN, "#stages")):
        page.locator("#token").fill(said)
        page.keyboard.press("Enter")
        expect(page.locator(shown)).to_be_visible()
        if said == "wrong":
            expect(page.locator("#why")).to_contain_text("refused this token")
    steps.allowed.release(3)
    expect(page.locator("#state.finished")).to_be_visible()
    assert TOKEN not in page.content()
    page.goto(f"{host.server.url}/runs/none/view#token={TOKEN.replace('+', '%2B').replace('&', '%26')}")
    expect(page.locator("#error")).to_contain_text("The server has no such run")
    page.context.close()
