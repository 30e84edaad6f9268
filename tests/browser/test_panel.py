"""The panel's script and style sheet alone in Chromium: what stays while it is painted, its look, and its use."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.axe import AXE, violations
from tests.browser.harness import THEMES, Harness, fixtures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

Tree = dict[str, Any]
WIDTHS = [400, 700, 1200]

# Paints a growing answer ten times a second, each time as a patch, as the kernel sends it.
_STREAM = """([tree, paints, pace]) => new Promise((done) => {
  show(tree);
  window.painted = 0;
  const timer = setInterval(() => {
    window.painted += 1;
    const answer = ["runs", 0, "answer", "blocks"];
    const last = tree.runs[0].answer.blocks.length - 1;
    const ops = [
      ["+", [...answer, last, "nodes", 0, 1], ` word${window.painted}`],
      ["=", ["runs", 0, "now"], 4 + window.painted / 10],
    ];
    if (window.painted % 10 === 0) {
      const key = `block${window.painted}`;
      ops.push(["~", answer, last + 1, 0, [{ key, type: "md", open: true, nodes: [["p", "Paragraph"]] }]]);
    }
    tree = view.applyPatch(tree, ops);
    panel.paint(tree);
    if (window.painted === paints) clearInterval(timer);
  }, pace);
  done();
})"""


# Where every part of the panel is.
_SHAPE = """JSON.stringify([...document.querySelectorAll(".head, .bar, .box, .line")].map(
    (each) => each.getBoundingClientRect()))"""


@pytest.fixture
def harness(browser: Browser) -> Iterator[Harness]:
    """Open a page on which nothing may go wrong: no error, no word on the console."""
    harness = Harness(browser)
    yield harness
    harness.close()


def live(**changes: Any) -> Tree:
    """Return a panel with one run whose answer is being written."""
    tree = copy.deepcopy(fixtures()["markdown_live"])
    run = tree["runs"][0]
    paragraph = {"key": "0", "type": "md", "open": True, "nodes": [["p", "The tide turns twice a day. " * 40]]}
    run["answer"].update(blocks=[paragraph], height="tall", open=True)
    run.update(controls=["stop", "enough"], **changes)
    return tree


def stream(page: Page, tree: Tree, *, paints: int = 50, pace: int = 100) -> None:
    """Begin to stream an answer."""
    page.evaluate(_STREAM, [tree, paints, pace])


def painted(page: Page, count: int) -> None:
    """Wait until so many paints have come."""
    page.wait_for_function("count => window.painted >= count", arg=count)


def test_selection_stays_for_five_seconds_of_streaming(harness: Harness) -> None:
    """Text that was selected, in the paragraph that grows too, is selected still after fifty paints."""
    page = harness.open()
    stream(page, live())
    painted(page, 3)
    page.evaluate("""() => {
        const text = document.querySelector(".md p").firstChild;
        getSelection().setBaseAndExtent(text, 4, text, 14);
    }""")
    painted(page, 50)
    assert page.evaluate("getSelection().toString()") == "tide turns"


def test_text_is_followed_only_while_its_reader_is_at_the_bottom(harness: Harness) -> None:
    """The box follows its tail; who scrolls up stays there; who comes back to the bottom follows again."""
    page = harness.open()
    stream(page, live(), paints=10_000, pace=20)
    rest = "() => { const b = document.querySelector('.box'); return b.scrollHeight - b.scrollTop - b.clientHeight }"
    page.wait_for_function("() => painted > 30")
    assert page.evaluate(rest) < 2
    box = page.locator(".box")
    box.hover()
    page.mouse.wheel(0, -60)
    page.wait_for_function(f"() => ({rest})() > 50")
    top = box.evaluate("box => box.scrollTop")
    page.wait_for_function("() => painted > 90")
    assert box.evaluate("box => box.scrollTop") == top
    box.evaluate("box => { box.scrollTop = box.scrollHeight }")
    page.wait_for_function("() => painted > 150")
    page.wait_for_function(f"() => ({rest})() < 2")


@pytest.mark.parametrize("replaced", [True, False])
def test_a_result_that_replaces_what_was_written_is_shown_from_its_beginning(
    harness: Harness, *, replaced: bool
) -> None:
    """What nobody has read yet begins at its top at once; a text that was followed stays where its reader is."""
    page = harness.open()
    tree = live()
    harness.show(tree)
    bottom = "() => { const b = document.querySelector('.box'); return b.scrollTop > 100 }"
    harness.paint(tree)
    run = tree["runs"][0]
    run["answer"]["blocks"][0]["nodes"] = [["p", "The tide turns twice a day. " * 200]]
    harness.paint(tree)
    page.wait_for_function(bottom)
    run.update(status="finished", controls=[])
    run["answer"]["open"] = False
    if replaced:
        nodes = [["p", "The report says: the tide turns. " * 200]]
        run["answer"]["blocks"] = [{"key": "0", "type": "md", "nodes": nodes}]
    harness.paint(tree)
    assert (page.locator(".box").evaluate("box => box.scrollTop") == 0) == replaced


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_moves_from_the_first_token_to_the_end(harness: Harness, width: int) -> None:
    """The box keeps its height and Stop its place, whatever texts, percents and facts stand beside them."""
    page = harness.open(width=width)
    tree = live()
    tree["runs"][0]["answer"]["blocks"][0]["nodes"] = [["p", "T"]]
    harness.show(tree)
    box, stop = page.locator(".box"), page.locator("button.stop")
    first, place = box.bounding_box(), stop.bounding_box()
    assert first
    assert place
    header = tree["runs"][0]["header"]
    headers: list[Tree] = [
        {"percent_text": "", "left": "", "facts": []},
        {"percent_text": "99 %", "elapsed": "1 h 02 min", "left": "about 12 min 40 s left (600–900)"},
        {
            "title": "a very long title " * 20,
            "subject": "and its subject " * 20,
            "facts": ["1,234,567 tokens", "$12.34"],
        },
        {"trouble": "reconnecting… for the third time, and the server is silent"},
    ]
    for number, change in enumerate(headers):
        tree["runs"][0]["answer"]["blocks"][0]["nodes"] = [["p", "The tide turns. " * 200 * number]]
        harness.paint({**tree, "runs": [{**tree["runs"][0], "header": {**header, **change}}]})
        assert stop.bounding_box() == place
        assert box.bounding_box() == first
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    ended = {**tree["runs"][0], "status": "finished", "controls": [], "trace_open": False}
    ended["answer"] = {**ended["answer"], "open": False}
    harness.paint({**tree, "runs": [ended]})
    after = box.bounding_box()
    assert after
    assert [abs(after[side] - first[side]) < 2 for side in ("x", "y", "width", "height")] == [True] * 4


@pytest.mark.parametrize("width", WIDTHS)
def test_buttons_keep_their_places(harness: Harness, width: int) -> None:
    """Say and Stop stand still when Enough comes and goes, have a border that is seen, and overlap no text."""
    page = harness.open(width=width)
    tree = live()
    run = tree["runs"][0]
    places: list[Any] = []
    for controls in (["stop", "say"], ["stop", "enough", "say"], ["stop", "say"]):
        harness.show({**tree, "runs": [{**run, "controls": controls, "agent": "planner"}]})
        say, stop = page.locator("button.say"), page.locator("button.stop")
        places.append((say.bounding_box(), stop.bounding_box()))
        assert stop.evaluate("button => getComputedStyle(button).boxShadow") != "none"
        fits = page.evaluate(
            "[...document.querySelectorAll('.controls > button')].every(each => each.scrollWidth <= each.clientWidth)"
        )
        assert fits
        left = page.evaluate(
            "Math.min(...[...document.querySelectorAll('.controls > *')].map(b => b.getBoundingClientRect().left))"
        )
        texts = page.evaluate(
            "[...document.querySelectorAll('.name, .percent, .elapsed')].map(t => t.getBoundingClientRect().right)"
        )
        assert max(texts) <= left
    assert places[0] == places[1] == places[2]


@pytest.mark.parametrize("width", WIDTHS)
def test_what_somebody_must_do_is_seen_whole(harness: Harness, width: int) -> None:
    """The head and the row that wait for approval say so uncut, whatever else there is to say."""
    page = harness.open(width=width)
    tree = copy.deepcopy(fixtures()["waiting"])
    row = tree["runs"][0]["trace"][0]["children"][0]
    row.update(hint='"a long first argument of the call, which gives way"', percent_text="")
    more = {"subject": '"a long subject"', "facts": ["1,234 tokens so far", "$0.01"], "percent_text": "25 %"}
    tree["runs"][0]["header"].update(asks="waiting for approval · delete_records", **more)
    harness.show(tree)
    cut = "each => each.scrollWidth - each.clientWidth"
    assert page.locator(".head > .asks").evaluate(cut) <= 0
    assert page.locator(".row.waiting .message").evaluate(cut) <= 0


@pytest.mark.parametrize("width", WIDTHS)
def test_a_loop_shows_what_it_was_told_to(harness: Harness, width: int) -> None:
    """What matters of a loop, its count and its metrics, is cut at no width."""
    page = harness.open(width=width)
    tree = copy.deepcopy(fixtures()["track"])
    loop = "loss 0.09537 · accuracy 0.8702"
    (row,) = tree["runs"][0]["trace"]
    row.update(message=f"142/200 · 12.3/s · about 5 s left · {loop}", loop=loop)
    for title in ("Epochs", "a long description of a training loop that gives way"):
        row.update(title=title)
        harness.show(tree)
        assert page.locator(".message").evaluate("each => each.scrollWidth - each.clientWidth") <= 0
        assert page.locator(".loop").bounding_box()["height"] < 24  # type: ignore[index]


def test_bars_of_time_have_an_axis(harness: Harness) -> None:
    """Bars of time have the ends of their axis above them; rows of many runs, whose bars are percents, have none."""
    page = harness.open(width=700)
    harness.show(fixtures()["finished"])
    page.evaluate("document.querySelectorAll('.pnb details').forEach(each => { each.open = true })")
    ends = page.locator(".gantt > summary > .time > span")
    assert ends.all_inner_texts() == ["0 s", fixtures()["finished"]["runs"][0]["span_text"]]
    tracks = page.locator(".trace .track").evaluate_all("all => all.map(each => each.getBoundingClientRect().left)")
    assert max(tracks) - min(tracks) < 1
    harness.show(fixtures()["group_mixed"])
    assert page.locator(".members > .row > .line > .time span").count() == 0
    assert page.locator(".members > .row > .fold > .line > .track").count() == 0  # of runs that have ended
    harness.show(fixtures()["group"])
    widths = page.locator(".members > .row > .fold > .line > .track > i").evaluate_all(
        "all => all.map(i => i.style.width)"
    )
    at_work = [row for row in fixtures()["group"]["rows"] if row["status"] in ("running", "waiting", "retrying")]
    assert widths == ["100%" if row["percent"] is None else f"{row['percent']:g}%" for row in at_work]


def test_focus_and_open_rows_stay(harness: Harness) -> None:
    """The focused row stays focused and the opened one open, by keyboard, while a hundred paints come."""
    page = harness.open()
    tree = live(trace=fixtures()["tools_folded"]["runs"][0]["trace"])
    stream(page, tree, paints=100, pace=20)
    row = page.locator(".row .fold:not([open])").last
    key = row.evaluate("fold => fold.closest('.row').dataset.key")
    row.locator("summary").first.focus()
    page.keyboard.press("Enter")
    painted(page, 100)
    kept = page.locator(f"[data-key='{key}'] > .fold")
    expect(kept).to_have_attribute("open", "")
    expect(kept.locator("summary").first).to_be_focused()


def test_bars_glide_unless_motion_is_to_be_reduced(harness: Harness) -> None:
    """A bar that grows does so by a transition; with prefers-reduced-motion nothing on the panel moves by itself."""
    page = harness.open()
    tree = live()
    tree["runs"][0]["segments"] = [{"key": "a", "title": "a", "status": "running", "share": 1, "percent": 10}]
    more = copy.deepcopy(tree)
    more["runs"][0]["segments"][0]["percent"] = 90
    running = """([tree, more]) => new Promise((done) => {
        show(tree);
        requestAnimationFrame(() => requestAnimationFrame(() => {
            panel.paint(more);
            done(document.querySelector(".seg > b").getAnimations().length);
        }));
    })"""
    assert page.evaluate(running, [tree, more]) == 1
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(running, [tree, more]) == 0
    harness.show(fixtures()["thinking"])
    assert page.locator(".unknown").count() > 0
    assert page.evaluate("document.getAnimations().length") == 0


# Elements that stand out of their panel, but for texts that are cut off where they end.
_WIDE = """() => [...document.querySelectorAll(".pnb *")].filter((each) => {
    const right = each.closest(".pnb").getBoundingClientRect().right;
    const cut = ".marker, .label, .name, .message, .more, .announce";
    return !each.closest(cut) && each.getBoundingClientRect().right > right + 1;
}).map((each) => each.className)"""

# Pixels between each message and its label.
_DISTANCES = """() => [...document.querySelectorAll(".message")].map((message) => {
    const title = message.parentNode.querySelector(".title");
    return title ? Math.abs(message.getBoundingClientRect().left - title.getBoundingClientRect().right) : 0;
})"""


@pytest.mark.parametrize("width", WIDTHS)
def test_lines_keep_their_shape(harness: Harness, width: int) -> None:
    """Nothing is wider than the panel, the header is one line, and no message is far from its label."""
    page = harness.open(width=width)
    for name, tree in fixtures().items():
        harness.show(tree)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        heights = page.evaluate("[...document.querySelectorAll('.head')].map(head => head.offsetHeight)")
        assert {*heights} <= {26, 0}, name  # in a row whose line says the same there is none
        assert page.evaluate(_WIDE) == [], name
        assert all(distance < 500 for distance in page.evaluate(_DISTANCES)), name


def fields(*, live: bool = True) -> Tree:
    """Return a panel whose answer has fields: a text, a table, nested fields and a list."""
    tree = copy.deepcopy(fixtures()["markdown_live" if live else "finished"])
    texts = [
        ["Saint-Malo", "8.05", "10.72", "narrowest part of the Channel"],
        ["Bergen", "0.9", "1.24", "deep fjord near an amphidromic point"],
    ]
    table = {
        "key": "findings",
        "label": "Findings",
        "type": "table",
        "columns": ["Station", "Mean range m", "Spring range m", "Remark"],
        "numeric": [False, True, True, False],
        "rows": [{"key": str(index), "cells": texts[index % 2]} for index in range(8)],
    }
    summary = {"key": "summary", "label": "Summary", "type": "text", "text": "The sea rises and falls twice a day."}
    tree["runs"][0]["answer"].update(
        blocks=[{"key": "0", "type": "fields", "items": [summary, table]}], height="tall", open=live
    )
    return tree


_REST = "(() => { const b = document.querySelector('.box'); return b.scrollHeight - b.scrollTop - b.clientHeight })()"


@pytest.mark.parametrize("how", ["show", "still"])
def test_who_is_at_the_bottom_stays_there(harness: Harness, how: str) -> None:
    """Neither the end of a run nor another width of the page takes a reader away from the end of the text."""
    page = harness.open(width=700)
    harness.show(fields())
    page.wait_for_function(f"() => {_REST} < 2")
    ended = fields(live=False)
    ended["key"] = fields()["key"]
    ended["runs"][0]["key"] = fields()["runs"][0]["key"]
    if how == "show":
        harness.paint(ended)
    else:
        harness.show(ended, how=how)
    for width in (700, 400, 560, 1200, 400):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
        page.wait_for_function(f"() => {_REST} < 2")


@pytest.mark.parametrize("how", ["show", "still"])
def test_a_foot_counts_what_is_hidden_on_both_sides(harness: Harness, how: str) -> None:
    """The foot says how many lines are above and below, and goes to both ends; for two lines there is none."""
    page = harness.open(width=700)
    tree = copy.deepcopy(fixtures()["finished"])
    lines = [["p", "a line", *[each for _ in range(39) for each in (["br"], "a line")]]]
    tree["runs"][0]["answer"].update(blocks=[{"key": "0", "type": "md", "nodes": lines}], height="tall")
    harness.show(tree, how=how)
    box, foot = page.locator(".box"), page.locator(".foot")
    below = page.get_by_role("button", name="below")
    expect(below).to_have_text(re.compile(r"^↓ \d\d lines below$"))
    box.evaluate("box => { box.scrollTop = 210 }")
    above = page.get_by_role("button", name="above")
    expect(above).to_have_text("↑ 10 lines above")
    expect(below).to_have_text(re.compile(r"^↓ \d\d below$"))
    below.click()
    page.wait_for_function(f"() => {_REST} < 2")
    expect(below).to_be_hidden()
    above.click()
    expect(above).to_be_hidden()
    tree["runs"][0]["answer"]["blocks"][0]["nodes"] = [["p", *lines[0][1:22]]]
    tree["key"] = "another panel"
    harness.show(tree, how=how)
    expect(foot).to_be_hidden()
    assert box.evaluate("box => box.scrollHeight - box.clientHeight") <= 0


def test_a_narrow_table_keeps_its_words_whole(harness: Harness) -> None:
    """In 400 px labels are above their values, no word is cut in two, and labels and heads stay in sight."""
    page = harness.open(width=400)
    harness.show(fields())
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    broken = page.evaluate(
        """[...document.querySelectorAll(".box :is(th, td, dt)")].flatMap(cell => {
          const text = cell.firstChild, found = [];
          for (const { 0: word, index } of text.data.matchAll(/[^\\s-]+/g)) {
            const range = document.createRange();
            range.setStart(text, index);
            range.setEnd(text, index + word.length);
            if (new Set([...range.getClientRects()].map(each => Math.round(each.top))).size > 1) found.push(word);
          }
          return found;
        })"""
    )
    assert broken == []
    page.locator(".box").evaluate("box => { box.scrollTop = 0 }")
    label, value = page.locator(".field > dt").first, page.locator(".field > dd").first
    assert value.evaluate("dd => dd.getBoundingClientRect().top") >= label.evaluate(
        "dt => dt.getBoundingClientRect().bottom - 1"
    )
    page.locator(".box").evaluate("box => { box.scrollTop = box.scrollHeight }")
    box = page.locator(".box").bounding_box()
    assert box
    bottom = box["y"] - 1
    for each in (page.locator("dt", has_text="Findings"), page.locator("th").first):
        place = each.bounding_box()
        assert place
        assert place["y"] >= bottom
        bottom = place["y"] + place["height"] - 1
    assert bottom < box["y"] + 60


def test_a_longer_label_moves_nothing(harness: Harness) -> None:
    """A value stands where it stood when fields with longer names come."""
    page = harness.open(width=700)
    tree = fields()
    items = tree["runs"][0]["answer"]["blocks"][0]["items"]
    tree["runs"][0]["answer"]["blocks"][0]["items"] = items[:1]
    harness.show(tree)
    before = page.locator("dd").first.bounding_box()
    more = {"key": "more", "label": "Open questions", "type": "text", "text": "How much does dredging add?"}
    tree["runs"][0]["answer"]["blocks"][0]["items"] = [items[0], more]
    harness.paint(tree)
    assert page.locator("dd").first.bounding_box() == before


@pytest.mark.parametrize("width", WIDTHS)
def test_a_row_is_cut_with_an_ellipsis(harness: Harness, width: int) -> None:
    """Of a long argument twelve characters stay beside a long result, a short one stays whole, and "…" ends a cut."""
    page = harness.open(width=width)
    tree = copy.deepcopy(fixtures()["tools_folded"])
    row = tree["runs"][0]["trace"][0]["children"][-1]
    outcome = "→ The sea rises and falls twice a day, and the Moon is to blame for most of it"
    hints = ['"https://example.org/tides/of/the/north/sea"', '"Dover"', '"a 10 chars"']
    tree["runs"][0]["trace"][0]["children"] = [
        {**row, "key": f"row{index}", "hint": hint, "outcome": outcome} for index, hint in enumerate(hints)
    ]
    harness.show(tree)
    wide = "[...document.querySelectorAll('.rows .label')].filter(l => l.scrollWidth > l.clientWidth).length"
    assert page.evaluate(wide) == 0
    if width > 460:
        long, *brief = page.locator(".hint").all()
        letter = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.hint')).fontSize)") / 2
        assert long.evaluate("hint => hint.clientWidth") >= 12 * letter
        for each in brief:
            assert each.evaluate("hint => hint.scrollWidth <= hint.clientWidth")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_head_has_room(harness: Harness, width: int) -> None:
    """Buttons and the left edge of a narrow panel have a gap beside them; at the end Copy stands where Stop was."""
    page = harness.open(width=width)
    tree = live()
    tree["runs"][0]["controls"] = ["stop", "enough", "say"]
    tree["runs"][0]["agent"] = "planner"
    harness.show(tree)
    right = "document.querySelector('.elapsed').getBoundingClientRect().right"
    left = "document.querySelector('button.enough').getBoundingClientRect().left"
    assert page.evaluate(f"{left} - {right}") >= 8
    expect(page.get_by_role("button", name="Finish now")).to_be_visible()
    ended = copy.deepcopy(fixtures()["finished"])
    harness.show(ended)
    copying = page.locator("button.copy")
    assert copying.evaluate("button => getComputedStyle(button.parentNode).opacity") == "1"
    place = copying.bounding_box()
    assert place
    assert place["x"] - page.evaluate(right) >= 6
    if width <= 460:
        panel = page.locator(".pnb").bounding_box()
        run = page.locator(".bar").first.bounding_box()
        assert panel
        assert run
        assert run["x"] - panel["x"] >= 4


def test_rewind_by_pointer_changes_no_size(harness: Harness) -> None:
    """On the axis of time the pointer shows an earlier moment: every line stays where it is; leaving goes back."""
    page = harness.open()
    tree = fixtures()["finished"]
    tree["runs"][0]["trace_open"] = True
    harness.show(tree)
    before = page.evaluate(_SHAPE)
    track = page.locator(".scrub").bounding_box()
    assert track
    y = track["y"] + track["height"] / 2
    for step in range(20):
        page.mouse.move(track["x"] + track["width"] * step / 20, y)
    expect(page.locator(".marker")).to_be_attached()
    page.wait_for_function("() => sent.some((message) => message.kind === 'rewind')")
    message = next(each for each in reversed(harness.sent()) if each["at"])
    run = tree["runs"][0]
    assert 0 < message["at"] < run["span"]
    past = {**run, "status": "running", "now": message["at"], "span": 20, "answer": None, "trace": run["trace"][:1]}
    page.evaluate(
        "reply => panel.reply(reply)", {"kind": "rewind", "run": run["key"], "at": message["at"], "tree": past}
    )
    expect(page.locator(".box .blocks")).to_have_text("")
    assert page.evaluate(_SHAPE) == before
    page.mouse.move(5, 5)
    expect(page.locator(".marker")).not_to_be_attached()
    assert harness.sent()[-1] == {"kind": "rewind", "run": run["key"], "at": None}
    expect(page.locator(".box .blocks")).not_to_have_text("")
    assert page.evaluate(_SHAPE) == before


def test_rewind_asks_ten_times_a_second_at_most(harness: Harness) -> None:
    """However fast a pointer moves, a kernel is asked ten times a second, and in the end for the last place."""
    page = harness.open()
    harness.show(fixtures()["finished"])
    asked = page.evaluate("""() => new Promise((done) => {
        const scrub = document.querySelector(".scrub");
        const { left, top, width } = scrub.getBoundingClientRect();
        const at = (name, share) => scrub.dispatchEvent(new PointerEvent(name, {
            clientX: left + width * share, clientY: top + 5, bubbles: true, pointerType: "touch" }));
        at("pointerdown", 0);
        const began = performance.now();
        let step = 0;
        const timer = setInterval(() => {
            at("pointermove", (step += 1) / 100);
            if (step < 100) return;
            clearInterval(timer);
            setTimeout(() => done([sent.length, performance.now() - began, sent.at(-1).at]), 150);
        }, 5);
    })""")
    count, milliseconds, last = asked
    assert count <= milliseconds / 100 + 1
    assert last == pytest.approx(fixtures()["finished"]["runs"][0]["span"], rel=1e-3)


def test_a_still_panel_takes_over_what_its_reader_did(harness: Harness) -> None:
    """When HTML without a script takes a live panel's place, open rows, focus and the place in the answer stay."""
    page = harness.open()
    tree = fixtures()["finished"]
    tree["key"] = "kept"
    tree["runs"][0]["answer"]["blocks"] *= 3  # more than the box has room for
    for number, block in enumerate(tree["runs"][0]["answer"]["blocks"]):
        tree["runs"][0]["answer"]["blocks"][number] = {**block, "key": f"b{number}"}
    harness.show(tree)
    page.locator(".gantt > summary").click()
    page.locator(".box").evaluate("box => { box.scrollTop = 40 }")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
    page.locator(".gantt > summary").focus()
    before = page.evaluate(_SHAPE)
    harness.show(tree, how="still")
    expect(page.locator(".gantt > summary")).to_be_focused()
    expect(page.locator(".gantt")).to_have_attribute("open", "")
    assert page.locator(".box").evaluate("box => box.scrollTop") == 40
    assert page.evaluate(_SHAPE) == before
    page.locator("button.copy").click()
    assert harness.sent()[-1] == {"kind": "data", "run": tree["runs"][0]["key"]}


def test_all_by_keyboard(harness: Harness) -> None:
    """Tab comes to Stop, the answer, its tools, the moment and every row that opens; the answer scrolls by keys."""
    page = harness.open()
    harness.show(live(trace=fixtures()["tools_folded"]["runs"][0]["trace"]))
    seen: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.className || document.activeElement.tagName"))
        if seen[-1] == "BODY":
            break
        if seen[-1] == "box":
            before = page.locator(".box").evaluate("box => box.scrollTop")
            page.keyboard.press("PageUp")
            page.wait_for_function("before => document.querySelector('.box').scrollTop < before", arg=before)
    assert {"stop", "enough", "box", "copy", "json", "download", "scrub", "line"} <= set(seen)
    assert seen.count("line") == page.locator("summary.line:visible").count()


def test_hostile_text_is_text(harness: Harness) -> None:
    """Markup in any text is drawn as typed: nothing runs, loads, links or leaves the panel's box."""
    page = harness.open()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    evil = "<img src=//evil.test/x onerror=hurt=1>\u202e $x$ " + "W" * 9000
    tree = live()
    run = tree["runs"][0]
    run["header"].update(title=evil, subject=evil, left=evil, trouble=evil, facts=[evil])
    run["notes"] = [evil]
    run["failure"] = {"text": evil, "stage": evil, "advice": evil}
    run["trace"][0].update(title=evil, hint=evil, outcome=evil, message=evil)
    link = ["a", {"href": "javascript:hurt=1", "onclick": "hurt=1"}, evil]
    paragraph = ["p", link, ["iframe", {"src": "//evil.test"}, evil]]
    run["answer"]["blocks"] = [{"key": "0", "type": "md", "nodes": [paragraph]}]
    harness.show(tree)
    assert page.evaluate("[window.hurt, document.images.length]") == [None, 0]
    assert page.locator("iframe, .pnb a[href]").count() == 0
    assert asked == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 700
    assert "\u202e" not in page.locator(".pnb").inner_text()


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: make build/js/.done")
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("how", ["show", "still"])
def test_accessible(harness: Harness, theme: str, how: str) -> None:
    """axe-core finds nothing on any panel, live and as HTML that got its script, light and dark, closed and open."""
    page = harness.open(theme=theme)
    long = copy.deepcopy(fixtures()["thinking"])
    long["runs"][0]["thinking"] = "The tide turns. " * 300
    for name, tree in {**fixtures(), "long thinking": long}.items():
        harness.show(tree, how=how)
        assert violations(page) == [], name
        page.evaluate("document.querySelectorAll('.pnb details').forEach(each => { each.open = true })")
        assert violations(page) == [], f"{name}, open"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_pictures(harness: Harness, screenshot: Callable[..., Path], width: int, theme: str) -> None:
    """Every panel can be looked at in build/browser."""
    page = harness.open(theme=theme, width=width, height=300)
    for name, tree in fixtures().items():
        harness.show(tree)
        assert page.locator(".pnb").is_visible()
        page.screenshot(path=screenshot(name), full_page=True)
