"""Answers in a terminal: Markdown, data and tables as lines that fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from progressnb.display.answer import block_lines
from progressnb.display.terminal import Pen
from progressnb.folds.answer import data_blocks
from progressnb.folds.markdown import markdown_nodes
from tests.display.screens import CONTROL, HOSTILE, File

if TYPE_CHECKING:
    from progressnb.folds.tree import Block

PEN = Pen(Console(file=File(), width=200, legacy_windows=False), 100)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=20), inner, max_size=6),
    max_leaves=30,
)
MARKDOWN = st.lists(
    st.sampled_from(
        ["# ", "- ", "  - ", "1. ", "> ", "```\n", "**", "`", "| a | b |\n|---|--:|\n", "| x |", "\n", "\n\n", "---\n"]
    )
    | st.text(max_size=30),
    max_size=20,
).map("".join)


def drawn(blocks: list[Block], width: int = 60) -> list[str]:
    """Return blocks as the lines of a terminal."""
    return [line.plain.rstrip() for line in block_lines(blocks, PEN, width)]


def markdown(text: str) -> list[Block]:
    """Return a text in Markdown as a block."""
    return [{"key": "m", "type": "md", "nodes": markdown_nodes(text)}]


def test_markdown_reads_as_text() -> None:
    """Headings, lists, quotations, code, tables and links have a form that needs no colour."""
    text = (
        "# Tides\n\nThe **Moon** does *most*, see [NOAA](https://noaa.gov) and <https://x.org>.\n\n- one\n- two\n"
        "  3. three\n  4. four\n\n> quoted\n\n```py\nx = 1\n```\n\n| a | b |\n|---|--:|\n| x | 1 |\n| longer | 200 |\n"
        "\n---"
    )
    assert drawn(markdown(text), 80) == [
        "Tides",
        "The Moon does most, see NOAA (https://noaa.gov) and https://x.org.",
        "• one",
        "• two",
        "  3. three",
        "  4. four",
        "│ quoted",
        "  x = 1",
        "a         b",
        "x         1",
        "longer  200",
        "────────────────────",
    ]


def test_a_view_reads_as_text() -> None:
    """Verdicts have a sign, items a bullet, changes both texts; what is folded away elsewhere is its title."""
    blocks: list[Block] = [
        {"key": "0", "type": "headline", "text": "Score 8", "verdict": "check it", "tone": "bad"},
        {"key": "1", "type": "text", "text": "mind this", "tone": "warning"},
        {
            "key": "2",
            "type": "list",
            "bullets": True,
            "items": [
                {"key": "0", "type": "text", "text": "first"},
                {"key": "1", "type": "text", "label": "Years", "text": "7"},
            ],
        },
        {"key": "3", "type": "list", "bullets": False, "items": [{"key": "0", "type": "text", "text": "plain"}]},
        {"key": "4", "type": "section", "title": "Changes: 1", "items": [{"key": "0", "type": "text", "text": "x"}]},
        {"key": "5", "type": "comparison", "title": "Why", "before": ["old ", ["mark", "a"]], "after": ["new"]},
        {"key": "6", "type": "text", "text": "being writ", "open": True},
    ]
    assert drawn(blocks) == [
        "Score 8 · ✗ check it",
        "⚠ mind this",
        "• first",
        "• Years: 7",
        "plain",
        "\u203a Changes: 1",
        "Why",
        "Before: old a",
        "After: new",
        "being writ▌",
    ]


def test_a_table_that_is_too_wide_is_cut_in_its_widest_columns() -> None:
    """Narrow columns stay whole."""
    block: Block = {
        "key": "t",
        "type": "table",
        "columns": ["Id", "Text"],
        "numeric": [True, False],
        "rows": [{"key": "0", "cells": ["12", "word " * 40]}, {"key": "1", "cells": ["3", "short"]}],
    }
    lines = drawn([block], 30)
    assert lines[0] == "Id  Text"
    assert lines[1].startswith("12  word word")
    assert lines[1].endswith("…")
    assert lines[2] == " 3  short"


@given(JSON, st.integers(10, 120))
@example([[[[[None]]]]], 10)
def test_any_data_fits(value: Any, width: int) -> None:
    """Lines of any data are no wider than they may be, and hold nothing that a terminal obeys."""
    for line in block_lines(data_blocks(value, 2_000), PEN, width):
        assert cell_len(line.plain.rstrip()) <= width
        assert not CONTROL.search(line.plain)


@given(MARKDOWN, st.integers(10, 120))
def test_any_markdown_fits(text: str, width: int) -> None:
    """The same holds for any Markdown, however deep its lists are."""
    for line in block_lines(markdown(text), PEN, width):
        assert cell_len(line.plain.rstrip()) <= width
        assert not CONTROL.search(line.plain)


@pytest.mark.parametrize("node", [HOSTILE, ["p", HOSTILE], ["a", {"href": "javascript:x"}, HOSTILE], ["b", HOSTILE]])
def test_nodes_of_others_are_text(node: Any) -> None:
    """A tree from a server that nobody trusts can write no sequence, name no script and bring no tag of its own."""
    text = "".join(drawn([{"key": "m", "type": "md", "nodes": [node]}]))
    assert not CONTROL.search(text)
    assert "javascript" not in text
    assert re.search(r"red.*\[bold\]b", text)
