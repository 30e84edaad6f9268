"""Markdown as nodes: the same in pieces as whole, and nothing in it that could act."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from progressnb.folds import markdown
from progressnb.folds.markdown import Blocks, markdown_nodes

TAGS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong"}
TAGS |= {"s", "a", "br", "hr", "table", "thead", "tbody", "tr", "th", "td", "mark"}

lines = st.sampled_from(
    [
        *("# One", "One", "===", "---", "- a", "  b", "* c", "1. d", "2. e", "10", "> f", "```", "~~~py", "    code"),
        *("| a | b |", "| --- | --: |", "|--", "**g", "h**", "~~i~~", "`j", "[k](http://l)", "![m](http://n)", "", ""),
        *(
            "\t- o",
            "<b>p</b>",
            "\\*",
            "<http://q>",
            "&amp;",
            "  ",
            "- [ ] r",
            "s  ",
            "+",
            "-",
            "\xa0",
            "\u2028",
            "\x0b",
        ),
    ]
)
texts = st.lists(lines, max_size=14).map("\n".join) | st.text("-*#>` \n|:1.ab[]()~_\t\\!<", max_size=40)
cuts = st.lists(st.integers(0, 120), max_size=8)


def nodes_of(blocks: list[markdown.Source]) -> list[Any]:
    """Return the nodes of all blocks."""
    return [node for block in blocks for node in block.nodes]


@given(texts, cuts)
@example("1. a\n\n2. b\n\nc", [7, 8])
@example("p\na | b\n--|--x\n", [12])
def test_in_pieces_is_as_whole(text: str, cuts: list[int]) -> None:
    """However a text was cut and whoever looked, its blocks are those of the whole text at that moment."""
    growing = Blocks()
    for cut in [*sorted(cut for cut in cuts if cut < len(text)), len(text)]:
        read = growing.read(text[:cut])
        whole = markdown._Reader(markdown._parser("growing"), {}).read(text[:cut])
        assert nodes_of(read) == nodes_of(whole)
        assert [block[:2] for block in read] == [block[:2] for block in whole]
        assert growing.read(text[:cut]) == read
    if not markdown._DEFINITION.search(text):
        assert nodes_of(growing.read(text)) == markdown_nodes(text)


def test_another_text_is_read_anew() -> None:
    """A text that started over, as a retry does, has nothing of the old one."""
    growing = Blocks()
    growing.read("# One\n\ntwo\n\nthree\n\nfour")
    assert nodes_of(growing.read("# Other")) == [["h1", "Other"]]


def test_closed_blocks_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long text costs what its last blocks cost."""
    read: list[int] = []
    original = markdown._Reader.read

    def count(reader: markdown._Reader, text: str, offset: int = 0) -> list[markdown.Source]:
        read.append(len(text))
        return original(reader, text, offset)

    monkeypatch.setattr(markdown._Reader, "read", count)
    growing, text = Blocks(), ""
    for number in range(200):
        text += f"Paragraph {number} has some words.\n\n"
        growing.read(text)
    assert max(read) < 200


def test_definitions_of_links_count_at_the_end() -> None:
    """A link whose address stands below it is a link once the text is complete."""
    text = "See [gauges][1].\n\n[1]: https://example.org"
    assert nodes_of(Blocks().read(text, final=True)) == [
        ["p", "See ", ["a", {"href": "https://example.org"}, "gauges"], "."]
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<script>x</script>", ["p", "<script>x</script>"]),
        ("[a](javascript:x)", ["p", "[a](javascript:x)"]),
        ("[a](//host/x)", ["p", "a"]),
        ("[a](/x) [b](mailto:c@d)", ["p", "a b"]),
        ("[a](http:x)", ["p", "a"]),
        ("[a](HTTPS://x.y)", ["p", ["a", {"href": "HTTPS://x.y"}, "a"]]),
        ("![an *image*](http://x/y.png)", ["p", "an image"]),
        ("a\\\nb", ["p", "a", ["br"], "b"]),
        ("3. a\n4. b", ["ol", {"start": "3"}, ["li", "a"], ["li", "b"]]),
        ("~~a~~ `b`", ["p", ["s", "a"], " ", ["code", "b"]]),
        ("- [ ] a *b*\n- [x] c", ["ul", ["li", "☐ a ", ["em", "b"]], ["li", "☑ c"]]),
        ("1. [X] a\n\n2. [y] b", ["ol", ["li", ["p", "☑ a"]], ["li", ["p", "[y] b"]]]),
        ("[ ] no item", ["p", "[ ] no item"]),
        ("a\u202eb", ["p", "a⟨U+202E⟩b"]),
        ("`\x1b[31m`", ["p", ["code", "␛[31m"]]),
        ("---", ["hr"]),
        ("", None),
    ],
)
def test_nothing_acts(text: str, expected: Any) -> None:
    """HTML is text, an image is its text, a link goes to http and https alone, hidden characters are signs."""
    assert markdown_nodes(text) == ([] if expected is None else [expected])


@given(texts | st.text(max_size=60))
def test_nodes_are_of_the_vocabulary(text: str) -> None:
    """Every node is a text or a known tag, and two texts never stand side by side."""
    found = markdown_nodes(text)
    json.dumps(found).encode()

    def check(node: Any) -> None:
        if isinstance(node, str):
            assert not re.search("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", node)
            return
        tag, *rest = node
        assert tag in TAGS
        if rest and isinstance(rest[0], dict):
            assert rest.pop(0).keys() <= {"href", "start", "align"}
        for one, other in itertools.pairwise(rest):
            assert not (isinstance(one, str) and isinstance(other, str))
        for child in rest:
            check(child)

    for node in found:
        check(node)


@given(texts, cuts, st.integers(2, 30))
def test_a_long_text_is_read_from_near_its_end(text: str, places: list[int], shown: int) -> None:
    """Of a long text the end is read, in pieces as at once, and never less than is shown."""
    growing = Blocks()
    for place in sorted(places):
        growing.read(text[:place], shown=shown)
    found, whole = growing.read(text, shown=shown), Blocks().read(text, shown=shown)
    assert found == whole
    if len(text) <= shown:
        assert found == whole == Blocks().read(text)
    read, reads = list[int](), markdown._Reader.read

    def noted(reader: markdown._Reader, text: str, offset: int = 0) -> list[markdown.Source]:
        read.append(len(text))
        return reads(reader, text, offset)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markdown._Reader, "read", noted)
        Blocks().read(text, shown=shown)
    opener = max(map(len, text.split("\n")), default=0) + 1
    assert all(min(shown, len(text)) - shown // 2 <= size <= 2 * shown + opener for size in read)


@pytest.mark.parametrize("fence", ["```", "~~~~"])
def test_the_end_of_long_code_is_code(fence: str) -> None:
    """Where the begin of code is not read, its end is code all the same, and what follows it is not."""
    code = f"# One\n\n{fence}python\n" + "# a comment\n\n" * 500
    assert [node[0] for node in nodes_of(Blocks().read(code, shown=100))] == ["pre"]
    ended = f"{code}{fence}\n\n# Two\n" + "\nword" * 200
    assert [node[0] for node in nodes_of(Blocks().read(ended[: len(code) + 40], shown=100))] == ["pre", "h1", "p"]
    assert {node[0] for node in nodes_of(Blocks().read(ended, shown=100))} == {"p"}


def test_what_is_read_of_a_long_text_does_not_grow() -> None:
    """A list that grows to megabytes costs no more a look than a short one."""
    text = "".join(f"- item {number}\n" for number in range(100_000))
    (block,) = Blocks().read(text, shown=1_000)
    assert 1_000 <= block.end - block.start <= 2_000
    assert block.nodes[0][0] == "ul"
