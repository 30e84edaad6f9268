"""The answer: the same while it is written and at the end, bounded, and readable whatever its data are."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from progressnb.folds.data import DataBlocks
from progressnb.folds.patch import diff
from progressnb.folds.state import RunState
from progressnb.folds.view import RunView
from progressnb.wire.events import CancelledEvent, ContentEvent, DoneEvent, ProgressEvent, StartedEvent

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
BOUND = 3
"""How many times longer than the characters that were asked for a tree may be as JSON."""


class Writer:
    """A run that is written event by event, and its view."""

    def __init__(self) -> None:
        self.state, self.view, self.seq = RunState(), RunView(), 0
        self.add(StartedEvent)

    def add(self, event_type: Any, stage: str | None = None, **given_fields: Any) -> Any:
        """Fold an event and return the answer."""
        common = {"run_id": "r", "seq": self.seq, "timestamp": BEGAN, "elapsed": float(self.seq)}
        self.state.apply(event_type(operation="op", stage=stage, **common, **given_fields))
        self.seq += 1
        return self.answer()

    def text(self, delta: str, stage: str = "a") -> Any:
        """Write text and return the answer."""
        return self.add(ContentEvent, stage, delta=delta)

    def json(self, delta: str, stage: str = "a") -> Any:
        """Write JSON and return the answer."""
        return self.add(ContentEvent, stage, delta=delta, kind="json")

    def done(self, result: Any, **given_fields: Any) -> Any:
        """End the run with a result and return the answer."""
        return self.add(DoneEvent, duration=float(self.seq), result=result, **given_fields)

    def answer(self, **options: Any) -> Any:
        """Return the answer now."""
        return self.view.tree(self.state, self.state.elapsed, **options)["answer"]


def blocks_of(value: Any, **options: Any) -> Any:
    """Return the only block of plain data."""
    return DataBlocks(20_000).make(value, **options)[0]


# --- while it is written, and at the end ---------------------------------------------------------


def test_text_is_markdown() -> None:
    """Text is blocks of Markdown, the last of which is open; a token is one append."""
    run = Writer()
    assert run.answer() is None
    first = run.text("# Tides\n\nHigh wat")
    assert first["blocks"] == [
        {"key": "m0", "type": "md", "nodes": [["h1", "Tides"]]},
        {"key": "m9", "type": "md", "nodes": [["p", "High wat"]], "open": True},
    ]
    assert diff(first, run.text("er")) == [["+", ["blocks", 1, "nodes", 0, 1], "er"]]


@pytest.mark.parametrize(
    ("written", "result", "kind"),
    [
        ("# Tides\n\nHigh water, **twice**.", "# Tides\n\nHigh water, **twice**.", "text"),
        ('{"a": "x", "l": [{"n": 1}, {"n": 2}]}', {"a": "x", "l": [{"n": 1}, {"n": 2}]}, "json"),
        ('["x", "y"]', ["x", "y"], "json"),
        ('"High **water**"', "High **water**", "json"),
        ("17 ", 17, "json"),
    ],
)
def test_nothing_moves_at_the_end(written: str, result: Any, kind: str) -> None:
    """A result that is what was written is the answer that was seen, no longer open."""
    run = Writer()
    run.add(ContentEvent, "a", delta=written, kind=kind)
    before = run.add(ProgressEvent, "a", status="finished")
    assert before["open"] is False
    after = run.done(result)
    assert after == before


def test_what_the_result_adds_is_added() -> None:
    """Fields that only the result has come after those that were written; the others keep key and place."""
    run = Writer()
    before = run.json('{"title": "Tides", "n": 1}')
    after = run.done({"title": "Tides", "n": 1, "note": None})
    assert after["key"] == before["key"] == "a"
    assert after["blocks"][0]["items"][:2] == before["blocks"][0]["items"]
    assert after["blocks"][0]["items"][2] == {"key": "note", "type": "text", "text": "–", "label": "Note"}


def test_another_result_has_another_key() -> None:
    """A result that is not what was written is a new answer, in the same box."""
    run = Writer()
    before = run.text("I looked for tides.")
    after = run.done({"score": 3})
    assert (before["key"], after["key"]) == ("a", "result")
    assert before["height"] == after["height"] == "tall"


def test_without_a_result_what_was_written_stays() -> None:
    """A run that returns nothing, one that returns an object, and one that was cancelled show what they wrote."""
    for end in ("nothing", "object", "cancelled"):
        run = Writer()
        before = run.text("High water")
        if end == "cancelled":
            after = run.add(CancelledEvent)
        else:
            after = run.done(None if end == "nothing" else {"type": "m.Result", "repr": "<Result 1>"})
        assert after["blocks"][0]["nodes"] == before["blocks"][0]["nodes"]
        assert (after["key"], after["open"]) == ("a", False)


def test_the_answer_is_of_the_stage_that_wrote_last() -> None:
    """Another stage that begins to write takes the answer's place."""
    run = Writer()
    run.text("one", "a")
    assert run.text("two", "b")["key"] == "b"


def test_a_small_result_has_a_small_box() -> None:
    """A result of a run that wrote nothing has a box of its size."""
    assert Writer().done("42")["height"] == "short"
    assert Writer().done("long " * 200)["height"] == "tall"
    assert Writer().done(None) is None
    assert Writer().done({}) is None


def test_the_box_of_known_lines_is_no_taller_and_never_shrinks() -> None:
    """A box has the room that the type of the output needs; a longer output in another stage makes it grow, once."""
    for lines, height in ((1, "line"), (3, "short"), (9, "tall"), ("many", "tall"), (-1, "tall")):
        run = Writer()
        run.add(ProgressEvent, "a", status="running", data={"output_lines": lines})
        assert run.json("true")["height"] == height
        assert run.done("true")["height"] == height
    run = Writer()
    run.add(ProgressEvent, "a", status="running", data={"output_lines": 1})
    assert run.json("true")["height"] == "line"
    assert run.text("Twice", "b")["height"] == "tall"
    run.add(ProgressEvent, "c", status="running", data={"output_lines": 1})
    assert run.json("1", "c")["height"] == "tall"


def test_a_table_is_seen_from_its_second_line_on() -> None:
    """The first row alone looks like text with bars: it waits for the line below it, and what is no table is text."""
    run = Writer()
    shown = [run.text(piece)["blocks"] for piece in ("Ports:\n\n|", " Port | Ran", "ge |", "\n|", " --- | --", "- |")]
    assert [len(blocks) for blocks in shown] == [1, 1, 1, 1, 2, 2]
    assert shown[0][0]["nodes"] == [["p", "Ports:"]]
    assert shown[-1][1]["nodes"][0][0] == "table"
    run = Writer()
    assert run.text("|x| is no table\n")["blocks"] == []
    assert run.text("for it has text below")["blocks"][0]["nodes"][0][0] == "p"
    assert Writer().text("a | b")["blocks"][0]["nodes"] == [["p", "a | b"]]
    run = Writer()
    run.text("| Port |")
    assert run.done("| Port |")["blocks"][0]["nodes"] == [["p", "| Port |"]]  # nothing is missing at the end


def test_a_record_without_contents_has_no_answer() -> None:
    """Where contents were not kept nothing is shown in their place."""
    run = Writer()
    assert run.add(ContentEvent, "a", delta=None) is None
    assert run.done(None) is None


# --- structured data -----------------------------------------------------------------------------


def test_a_list_of_objects_is_a_table_that_gains_rows() -> None:
    """From its first row on, and while the last row is incomplete, it is a table; each row is a small patch."""
    run = Writer()
    run.json('{"found": [')
    assert run.answer()["blocks"][0]["items"][0]["type"] == "text"
    for piece in ("{", '"name": "a', '", "n": 1}', ", {", '"name": "b"', ', "n": 2.5}'):
        table = run.json(piece)["blocks"][0]["items"][0]
        assert (table["type"], table["open"]) == ("table", True)
    assert (table["columns"], table["numeric"]) == (["Name", "N"], [False, True])
    assert [row["cells"] for row in table["rows"]] == [["a", "1"], ["b", "2.5"]]
    before = run.answer()
    ops = diff(before, run.json(', {"name": "c"'))
    assert ops == [["~", ["blocks", 0, "items", 0, "rows"], 2, 0, [{"key": "2", "cells": ["c", ""]}]]]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "–"),
        ("", "–"),
        ([], "–"),
        ({}, "–"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (1.5, "1.5"),
        ("a\nb", "a\nb"),
        ({"type": "m.C", "repr": "<C 1>"}, "<C 1>"),
    ],
)
def test_single_values(value: Any, expected: str) -> None:
    """Nothing is a dash, true and false are words, an object is its description, line ends are kept."""
    assert blocks_of({"v": value})["items"] == [{"key": "v", "type": "text", "text": expected, "label": "V"}]


def test_shapes() -> None:
    """Objects are fields, texts a list, unequal objects a list of fields, an open value is marked."""
    block = blocks_of({"matchScore": {"a_b": ["x", 1]}, "rows": [{"a": 1}, {"b": 2}]}, open_path=("rows", 1, "b"))
    first, rows = block["items"]
    assert (first["label"], first["type"], first["items"][0]["type"]) == ("Match score", "fields", "list")
    assert [item["text"] for item in first["items"][0]["items"]] == ["x", "1"]
    assert (rows["type"], [item["type"] for item in rows["items"]]) == ("list", ["fields", "fields"])
    assert rows["items"][1]["items"][0]["open"] is True
    assert "open" not in rows["items"][0]["items"][0]
    assert blocks_of([{"a": [1]}, {"a": [2]}])["type"] == "list"
    assert blocks_of([{}, {}])["type"] == "list"
    assert blocks_of([{str(n): n for n in range(20)}])["type"] == "list"


def test_deep_data_end_in_json() -> None:
    """Data of any depth are a tree of few levels."""
    value: Any = 1
    for _ in range(300):
        value = [value]
    assert '"text": "[[[' in json.dumps(blocks_of(value))


def test_names_of_fields_are_hostile() -> None:
    """The name of a field is a label of one short line, and fields of like names stay apart."""
    block = blocks_of({"a\x1b": 1, "a␛": 2, "x" * 10_000: 3, "\n": 4})
    assert [item["label"] for item in block["items"]][:2] == ["A␛", "A␛"]
    assert len({item["key"] for item in block["items"]}) == 4
    assert len(json.dumps(block)) < 800


# --- bounds --------------------------------------------------------------------------------------


def test_the_end_is_seen_while_it_is_written_and_the_start_when_it_has_ended() -> None:
    """Of a long text the last characters are seen live, the first at the end; the rest is counted."""
    run, text = Writer(), "".join(f"Paragraph {number} of many, with some words.\n\n" for number in range(1000))
    run.text(text)
    live = run.answer(characters=1000)
    assert live["blocks"][-1]["nodes"] == [["p", "Paragraph 999 of many, with some words."]]
    assert live["above"].startswith("… 39,")
    assert live["above"].endswith(" characters above")
    assert live["below"] == ""
    run.done(text)
    end = run.answer(characters=1000)
    assert end["blocks"][0]["nodes"] == [["p", "Paragraph 0 of many, with some words."]]
    assert (end["above"], end["below"][-17:]) == ("", " characters below")
    for answer in (live, end):
        assert len(json.dumps(answer)) < 1000 * BOUND


def test_short_paragraphs_are_bounded() -> None:
    """A text of a thousand tiny paragraphs is few blocks."""
    run = Writer()
    run.text("a\n\n" * 5000)
    live = run.answer(characters=1000)
    assert len(json.dumps(live)) < 1000 * BOUND
    assert live["above"] == "… 14,940 characters above"
    run.done("a\n\n" * 5000)
    assert run.answer(characters=1000)["below"] == "… 14,925 characters below"


def test_a_long_text_moves_on_in_steps() -> None:
    """Most tokens behind a long text are an append, since the cut stands still."""
    run = Writer()
    run.text("word " * 2000)
    appends = 0
    before = run.answer(characters=1000)
    for _ in range(100):
        run.text("and more ")
        after = run.answer(characters=1000)
        appends += [op[0] for op in diff(before, after)] == ["+"]
        before = after
    assert appends >= 90


@pytest.mark.parametrize("keep", ["start", "end"])
@pytest.mark.parametrize(
    "value",
    [
        [1] * 1_000_000,
        [{"a": 1, "b": "x"}] * 1_000_000,
        [{}] * 1_000_000,
        {str(number): None for number in range(1_000_000)},
        {"a": {"b": ["x" * 1_000_000] * 100}},
        [[[[]]]] * 1_000_000,
        "x" * 1_000_000,
        {"k" * 1_000_000: "v"},
    ],
    ids=["numbers", "rows", "empty", "fields", "texts", "nested", "text", "name"],
)
def test_a_million_items_are_few(value: Any, keep: Any) -> None:
    """However much there is, a tree is small, and no more of the data is read."""
    data = DataBlocks(5000, keep)
    assert len(json.dumps(data.make(value))) < 5000 * BOUND
    assert data.omitted or "k" * 1_000_000 in value


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=5), inner, max_size=6),
    max_leaves=40,
)


@given(values, st.integers(0, 300), st.sampled_from(["start", "end"]))
@example({"a": {"name": {"b": 1}}}, 42, "start")
@example([{"a": {"long name of a field": {"b": [{}, {}]}}}], 1, "end")
def test_any_data_are_bounded(value: Any, limit: int, keep: Any) -> None:
    """Blocks of any data are about as long as was asked for; where nothing is said to be left out, nothing is."""
    data = DataBlocks(limit, keep)
    assert len(json.dumps(data.make(value), ensure_ascii=False)) < limit * BOUND + 600
    if not data.omitted:
        whole = DataBlocks(10**9, keep)
        assert DataBlocks(limit, keep).make(value) == whole.make(value)
        assert whole.omitted == ""


# --- the view of a result ------------------------------------------------------------------------


def test_the_view_of_a_result() -> None:
    """A result that says how it looks is drawn so; its Markdown is nodes, words that differ are marked."""
    view = [
        {"type": "headline", "text": "Score\u202e", "verdict": "good", "tone": "good"},
        {"type": "markdown", "text": "a **b**\n\nc"},
        {"type": "section", "title": "More", "blocks": [{"type": "list", "items": ["x", {"label": "L", "text": "y"}]}]},
        {"type": "comparison", "before": "old word", "after": "new word"},
        {"type": "table", "columns": ["A", "B"], "rows": [["x", 1], [None, 2]]},
    ]
    headline, first, second, section, comparison, table = Writer().done({"score": 1}, view=view)["blocks"]
    assert (headline["text"], headline["tone"]) == ("Score⟨U+202E⟩", "good")
    assert (first["nodes"], second["nodes"]) == ([["p", "a ", ["strong", "b"]]], [["p", "c"]])
    assert section["items"][0]["items"][1] == {"key": "1", "type": "text", "text": "y", "label": "L"}
    assert (comparison["before"], comparison["after"]) == ([["mark", "old"], " word"], [["mark", "new"], " word"])
    assert (table["numeric"], table["rows"][1]["cells"]) == ([False, True], ["–", "2"])


def test_a_view_that_is_none_is_left_out() -> None:
    """A view from a file that nobody can read gives way to the data; a long one is bounded."""
    assert Writer().done({"score": 1}, view=[{"type": "script"}])["blocks"][0]["type"] == "fields"
    view = [{"type": "list", "items": ["item"] * 100_000}]
    assert len(json.dumps(Writer().done({"score": 1}, view=view))) < 20_000 * 8
