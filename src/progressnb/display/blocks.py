"""The blocks of an answer as HTML: Markdown, fields, lists, tables and comparisons, as `view.js` draws them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from progressnb.display.elements import classes, element, external, text_html
from progressnb.folds.words import TONES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from progressnb.folds.tree import Block, Node

__all__ = ["blocks_html", "field_html"]

_HEADING = re.compile(r"h[1-6]")
_START = re.compile(r"[0-9]{1,9}")
_TAGS = frozenset(
    "p ul ol li blockquote pre code em strong s a br hr table thead tbody tr th td mark".split()  # noqa: SIM905
)
_EMPTY = {"br": "<br>", "hr": "<hr>"}


def blocks_html(blocks: Iterable[Block], place: str, opened: AbstractSet[str]) -> str:
    """Draw blocks. `place` is the name of where they stand, by which sections are found in `opened`."""
    return element("div", "blocks", *(_block(block, place, opened) for block in blocks))


def field_html(label: str, blocks: Sequence[Block], place: str, opened: AbstractSet[str]) -> str:
    """Draw a label and its value."""
    value = element("dd", "", *(_block(block, place, opened) for block in blocks))
    return element("div", "field", element("dt", "", text_html(label), dir="auto"), value)


def _block(block: Block, place: str, opened: AbstractSet[str]) -> str:
    return _DRAWN.get(block.get("type", "text"), _text)(block, place, opened)


def _tone(block: Block) -> str:
    return element("span", "tone", f"{TONES[block['tone']]} ") if "tone" in block else ""


def _markdown(block: Block, _place: str, _opened: AbstractSet[str]) -> str:
    return element("div", classes("md", block.get("open") and "open"), _nodes(block.get("nodes", [])), dir="auto")


def _nodes(nodes: Iterable[Node]) -> str:
    return "".join(map(_node, nodes))


def _node(node: Node) -> str:
    if isinstance(node, str):
        return text_html(node)
    tag, rest = str(node[0]), node[1:]
    attributes: dict[str, Any] = {}
    if rest and isinstance(rest[0], dict):
        attributes, rest = cast("dict[str, Any]", rest[0]), rest[1:]
    inside = _nodes(rest)
    if _HEADING.fullmatch(tag):
        return element("h4", tag, inside)
    if tag not in _TAGS:
        return inside
    if tag in _EMPTY:
        return _EMPTY[tag]
    if tag == "a":
        return element("a", "", inside, **external(attributes.get("href")))
    start = str(attributes.get("start", ""))
    align = attributes.get("align")
    aligned = align if tag in ("td", "th") and align in ("right", "center") else ""
    return element(tag, aligned, inside, start=start if tag == "ol" and _START.fullmatch(start) else None)


def _text(block: Block, _place: str, _opened: AbstractSet[str]) -> str:
    names = classes("text", block.get("tone"), block.get("open") and "open")
    return element("p", names, _tone(block), text_html(block.get("text", "")), dir="auto")


def _headline(block: Block, _place: str, _opened: AbstractSet[str]) -> str:
    verdict = block.get("verdict", "")
    toned = element("span", classes("verdict", block.get("tone")), _tone(block), text_html(verdict))
    text = element("strong", "", text_html(block.get("text", "")))
    return element("p", "headline", text, f" {toned}" if verdict else "", dir="auto")


def _fields(block: Block, place: str, opened: AbstractSet[str]) -> str:
    return element(
        "dl", "fields", *(field_html(item.get("label", ""), [item], place, opened) for item in block.get("items", []))
    )


def _list(block: Block, place: str, opened: AbstractSet[str]) -> str:
    items = [
        element("li", "", _term(item.get("label", "")), _block(item, place, opened)) for item in block.get("items", [])
    ]
    return element("ul", classes("list", block.get("bullets") is False and "plain"), *items)


def _term(label: str) -> str:
    return element("bdi", "term", text_html(label)) + " " if label else ""


def _table(block: Block, _place: str, _opened: AbstractSet[str]) -> str:
    sides = ["num" if numeric else "" for numeric in block.get("numeric", [])]

    def side(index: int) -> str:
        return sides[index] if index < len(sides) else ""

    names = [
        element("th", side(index), text_html(name), scope="col", dir="auto")
        for index, name in enumerate(block.get("columns", []))
    ]
    rows = [
        element(
            "tr",
            "",
            *(element("td", side(index), text_html(cell), dir="auto") for index, cell in enumerate(row["cells"])),
        )
        for row in block.get("rows", [])
    ]
    return element("table", "grid", element("thead", "", element("tr", "", *names)), element("tbody", "", *rows))


def _section(block: Block, place: str, opened: AbstractSet[str]) -> str:
    title = element("summary", "", element("bdi", "", text_html(block.get("title", ""))))
    inside = blocks_html(block.get("items", []), place, opened)
    key = block.get("key", "")
    return element("details", "section", title, inside, open=f"{place}//{key}" in opened, data_key=key)


def _comparison(block: Block, _place: str, _opened: AbstractSet[str]) -> str:
    title = block.get("title", "")
    return element(
        "div",
        "comparison",
        element("h4", "h4", text_html(title)) if title else "",
        element("div", "before", _nodes(block.get("before", [])), dir="auto"),
        element("div", "after", _nodes(block.get("after", [])), dir="auto"),
    )


_DRAWN: dict[str, Callable[[Block, str, AbstractSet[str]], str]] = {
    "md": _markdown,
    "text": _text,
    "headline": _headline,
    "fields": _fields,
    "list": _list,
    "table": _table,
    "section": _section,
    "comparison": _comparison,
}
