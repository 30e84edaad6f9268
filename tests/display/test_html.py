"""A panel as HTML without a script: what it shows, what survives in files, how small it is, what it never does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb import ProgressTracker, Stage
from progressnb.display.html import panel_html
from progressnb.display.theme import small_sheet
from progressnb.testing import ManualClock
from tests.display.dom import Element, parse
from tests.display.panels import FIXTURES, HOSTILE, panel_of, report, stored

if TYPE_CHECKING:
    from pathlib import Path

    from progressnb.folds.tree import Node, PanelTree

OVERHEAD = 1_536
"""Bytes of a panel beyond its contents, the style sheet included."""

# What GitHub keeps of HTML in a notebook: neither style nor classes nor roles.
GITHUB_TAGS = frozenset(
    """a b bdo blockquote br caption code dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins
    kbd li mark ol p pre q s samp small span strike strong sub summary sup table tbody td tfoot th thead time tr tt ul
    var""".split()  # noqa: SIM905
)
GITHUB_ATTRIBUTES = {"a": ["href"], "ol": ["start"], "details": ["open"], "*": ["dir", "align"]}
bleach: Any = pytest.importorskip("bleach", reason="comes with nbconvert")

FORBIDDEN = {"script", "img", "iframe", "object", "embed", "form", "input", "button", "svg", "link", "meta", "base"}


def drawn(tree: PanelTree, **options: Any) -> Element:
    """Return a panel's elements."""
    return parse(panel_html(tree, **options))


def on_github(html: str) -> Element:
    """Return what GitHub shows of HTML."""
    kept = bleach.clean(
        re.sub(r"<style>.*?</style>", "", html), tags=GITHUB_TAGS, attributes=GITHUB_ATTRIBUTES, strip=True
    )
    return parse(kept)


# --- what is shown -------------------------------------------------------------------------------


def test_the_answer_is_open_and_the_trace_is_one_line() -> None:
    """At the end the answer stands below the bar, and the stages are folded below one line that has all bars."""
    panel = drawn(panel_of(report()))
    (run,) = panel.find("run")
    parts = [child.attributes["class"].split()[0] for child in run.children if isinstance(child, Element)]
    assert parts == ["head", "bar", "answer", "trace"]
    assert "Two tides a day." in run.find("answer")[0].text
    (gantt,) = run.find("gantt")
    assert "open" not in gantt.attributes
    summary = gantt.children[0]
    assert isinstance(summary, Element)
    (track,) = summary.find("track")
    assert [bar.attributes["style"] for bar in track.walk()[1:]] == [
        "left:0%;width:33.33%",
        "left:33.33%;width:33.33%",
        "left:66.67%;width:33.33%",
    ]
    assert len(gantt.find("row")) == 3


def test_what_a_reader_opened_stays_open() -> None:
    """The trace, a row, the thinking and a section are open if their names are given, and closed otherwise."""
    for path in FIXTURES:
        for run in stored(path)["runs"]:
            for name in ("trace", "thinking"):
                opened = frozenset({f"{run['key']}//{name}"})
                kind = "gantt" if name == "trace" else "thinking"
                for folded in drawn(stored(path), opened=opened).find(kind):
                    assert "open" in folded.attributes
    tree = stored(next(path for path in FIXTURES if path.stem == "resume_view"))
    (section,) = drawn(tree).find("section")
    assert "open" not in section.attributes
    name = f"run//{section.attributes['data-key']}"
    assert "open" in drawn(tree, opened=frozenset({name})).find("section")[0].attributes


def test_a_failed_run_is_open_and_says_it_once() -> None:
    """The error stands once, with its stage and what to do; the trace is open."""
    run = ProgressTracker("report", ["ask"], clock=ManualClock(), show=False)
    run.start()
    stage = run.stage("ask")
    stage.start()
    error = TimeoutError("the provider was silent")
    stage.fail(error)
    run.fail(error)
    panel = drawn(panel_of(run))
    assert panel.text.count("the provider was silent") == 1
    assert panel.find("what")[0].text == "Ask: TimeoutError: the provider was silent"
    assert panel.find("advice")[0].text.startswith("Give it more time")
    assert "open" in panel.find("gantt")[0].attributes


def test_what_was_skipped_has_no_percent() -> None:
    """A skipped stage shows a sign, its reason and no percent."""
    run = ProgressTracker("op", [Stage("a", 0.4), Stage("b", 0.6)], clock=ManualClock(), show=False)
    run.start()
    run.stage("a").skip("nothing to do")
    run.stage("b").start()
    skipped = drawn(panel_of(run)).find("row")[0]
    assert "–" in skipped.text
    assert "nothing to do" in skipped.text
    assert "%" not in skipped.text


def test_many_runs_are_rows() -> None:
    """From four runs on there is a line of totals and a row each; of more than twelve finished ones are counted."""
    panel = drawn(panel_of(*(report() for _ in range(5))))
    assert panel.find("totals")[0].text == "5 runs"
    assert panel.find("run") == []
    assert panel.find("remark") == []
    assert len(panel.find("row")) == 5
    panel = drawn(panel_of(*(report() for _ in range(13))))
    assert "13 finished" in panel.find("remark")[0].text


# --- what survives -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_every_viewer_shows_the_texts(path: Path) -> None:
    """Where style, classes and roles are removed, every text is still there, each bar is characters, folds open."""
    html = panel_html(stored(path))
    whole, kept = parse(re.sub(r"<style>.*?</style>", "", html)), on_github(html)
    assert re.sub(r"\s+", "", kept.text) == re.sub(r"\s+", "", whole.text)
    assert len([each for each in kept.walk() if each.tag == "details"]) == html.count("<details")
    begun = [track for track in whole.find("track") if track.children]
    assert all(re.search("█", track.text) for track in begun)


@pytest.mark.integration  # seconds: nbconvert is loaded
def test_where_html_is_sanitized_no_style_is_left() -> None:
    """A page that nbconvert sanitizes has each stored panel, without its style."""
    nbformat: Any = pytest.importorskip("nbformat.v4")
    sanitize: Any = pytest.importorskip("nbconvert.preprocessors.sanitize")
    for path in FIXTURES:
        html = panel_html(stored(path))
        cell = nbformat.new_code_cell("1", outputs=[nbformat.new_output("display_data", {"text/html": html})])
        notebook, _ = sanitize.SanitizeHTML().preprocess(nbformat.new_notebook(cells=[cell]), {})
        assert "<style" not in notebook.cells[0].outputs[0].data["text/html"]


def test_signs_and_words_do_not_run_together() -> None:
    """Without any style there is white space between the parts of a line."""
    text = on_github(panel_html(panel_of(report()))).text
    assert re.search(r"✓ Stage 1 ░░░████░░░ 1\.5 s", text)
    assert re.search(r"✓ report · 4\.5 s", re.sub(r"\s+", " ", text))


def test_a_panel_is_small() -> None:
    """A panel has 1.5 KB beyond its contents, the style sheet included; a stage adds less than half a kilobyte."""
    answer = "Two tides a day. " * 10
    tree = panel_of(report(answer, stages=0))
    panel = drawn(tree)
    labels = "".join(each.attributes.get("aria-label", "") for each in panel.walk())
    contents = len(f"{panel.find('run')[0].text}{labels}".encode())
    assert len(panel_html(tree).encode()) - contents <= OVERHEAD
    assert len(small_sheet()) <= 1_024
    one, many = (len(panel_html(panel_of(report(answer, stages=count)))) for count in (10, 20))
    assert many - one < 10 * 500


# --- hostile text --------------------------------------------------------------------------------


def check_harmless(panel: Element) -> None:
    """Check that nothing in a panel acts, leads away unasked, or is read as a formula."""
    assert not {each.tag for each in panel.walk()} & FORBIDDEN
    for each in panel.walk():
        assert not any(name.startswith("on") for name in each.attributes)
        if "href" in each.attributes:
            assert re.match("https?://", each.attributes["href"])
            assert each.attributes["rel"] == "noopener noreferrer"
        style = each.attributes.get("style", "")
        assert re.fullmatch(r"((left|width):[\d.]+%;?)*|list-style:none", style)
        if each.tag != "style":
            pieces = [child for child in each.children if isinstance(child, str)]
            assert all(piece in ("$", "\\") for piece in pieces if re.search(r"[$\\]", piece))
            assert not any(re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x1b]", piece) for piece in pieces)


def test_hostile_text_is_text() -> None:
    """Titles, stages, messages, arguments, results, answers and errors are shown as typed, and do nothing."""
    run = ProgressTracker(HOSTILE, [Stage("a", title=HOSTILE)], clock=ManualClock(), show=False)
    run.start()
    stage = run.stage("a")
    stage.start(HOSTILE)
    with stage.stage(Stage("tool", title=HOSTILE)) as tool:
        tool.update(10, HOSTILE, arguments={HOSTILE: HOSTILE}, result={HOSTILE: [HOSTILE]})
    stage.write(HOSTILE)
    live = drawn(panel_of(run))
    error = ValueError(HOSTILE)
    stage.fail(error)
    run.fail(error)
    for panel in (
        live,
        drawn(panel_of(run)),
        drawn(panel_of(report({HOSTILE: HOSTILE, "rows": [{HOSTILE: HOSTILE}]}))),
    ):
        check_harmless(panel)
        assert "<script>alert(1)</script>" in panel.text
        assert {each.attributes["class"] for each in panel.find("pnb")} == {"pnb mathjax_ignore tex2jax_ignore"}


def test_a_tree_of_others_is_text() -> None:
    """Nodes from a server that nobody trusts bring no tag, attribute or address of their own."""
    nodes: list[Node] = [
        ["script", "alert(1)"],
        ["p", {"onclick": "x", "style": "width:9999px"}, HOSTILE],
        ["a", {"href": "javascript:alert(1)"}, "a"],
        ["a", {"href": "//evil.example"}, "b"],
        ["a", {"href": 'https://ok.example/"><img src=x>'}, "c"],
        ["ol", {"start": '1" onclick="x'}, ["li", "d"]],
        ["td", {"align": 'right" onclick="x'}, "e"],
        ["h2", "f"],
    ]
    tree = panel_of(report())
    answer = tree["runs"][0]["answer"]
    assert answer is not None
    answer["blocks"] = [{"key": "0", "type": "md", "nodes": nodes}]
    panel = drawn(tree)
    check_harmless(panel)
    links = [each.attributes.get("href") for each in panel.walk() if each.tag == "a"]
    assert links == [None, None, 'https://ok.example/"><img src=x>']
    assert "alert(1)" in panel.text


@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=80))
def test_any_text_is_harmless(text: str) -> None:
    """Whatever a title, a key and an answer hold, the elements of a panel stay the same."""
    run = ProgressTracker("op", [Stage("a", title=text)], clock=ManualClock(), show=False)
    run.start()
    run.stage("a").start(text)
    run.done({"answer": text})
    tree = panel_of(run)
    tree["key"] = text
    check_harmless(drawn(tree))


def test_no_text_widens_the_panel() -> None:
    """Long words break, what is wide scrolls in its box, and nothing is painted outside the panel."""
    sheet = small_sheet()
    for rule in ("overflow-wrap:anywhere", "contain:paint", "max-width:", ".box{max-height:30em;overflow:auto}"):
        assert rule in sheet


def test_dollars_are_no_formula() -> None:
    """A sentence with two dollars stays as typed in JupyterLab and in nbconvert's pages."""
    grew = "Revenue rose from $2M in 2019 to $3M in 2021"
    panel = drawn(panel_of(report(grew)))
    check_harmless(panel)
    assert grew in panel.text
    assert {"mathjax_ignore", "tex2jax_ignore"} <= panel.find("pnb")[0].classes


def test_what_has_not_begun_has_no_colour() -> None:
    """The part of the bar of a stage that was not reached is empty: a speck would look like progress."""
    clock = ManualClock()
    run = ProgressTracker("report", ["read", "write"], clock=clock, show=False)
    run.start()
    with run.stage("read"):
        clock.advance(1.0)
    begun, unreached = drawn(panel_of(run)).find("seg")
    assert len(begun.children) == 1
    assert not unreached.children
