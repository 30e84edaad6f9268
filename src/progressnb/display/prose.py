"""Markdown nodes as lines for a terminal: headings, lists, quotations, code and tables in plain characters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from rich.cells import cell_len
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from progressnb.display.terminal import Pen
    from progressnb.folds.tree import Node

__all__ = ["inline_text", "node_lines", "table_lines"]

_STYLES = {"strong": "bold", "em": "italic", "code": "cyan", "s": "strike", "mark": "reverse", "a": "underline"}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | {"p", "ul", "ol", "li", "blockquote", "pre", "hr", "table"}
_SCHEMES = ("http://", "https://")
_DEEPEST = 12  # levels of lists and quotations; what lies deeper is written on this level
_NARROWEST = 4  # columns of a table's cell


def inline_text(nodes: Iterable[Node], pen: Pen) -> Text:
    """Return inline nodes as one text with styles; a link is followed by its address."""
    text = Text()
    for node in nodes:
        if isinstance(node, str):
            text.append(pen.foreign(node))
            continue
        tag, attributes, children = _parts(node)
        if tag == "br":
            text.append("\n")
            continue
        inside = inline_text(children, pen)
        inside.stylize(_STYLES.get(tag, ""))
        text.append_text(inside)
        address = str(attributes.get("href", ""))
        if tag == "a" and address.startswith(_SCHEMES) and address != inside.plain:
            text.append(f" ({pen.one_line(address)})", "dim")
    return text


def node_lines(nodes: Sequence[Node], pen: Pen, width: int, depth: int = 0) -> list[Text]:
    """Return block nodes as lines of at most `width` columns; inline nodes between them are a paragraph."""
    lines: list[Text] = []
    loose: list[Node] = []
    for node in nodes:
        if isinstance(node, str) or node[0] not in _BLOCKS:
            loose.append(node)
            continue
        lines += _paragraph(loose, pen, width)
        loose = []
        tag, attributes, children = _parts(node)
        lines += _DRAWN[tag](attributes, children, pen, width, min(depth + 1, _DEEPEST))
    return lines + _paragraph(loose, pen, width)


def table_lines(head: Sequence[Text], rows: Sequence[Sequence[Text]], right: Sequence[bool], width: int) -> list[Text]:
    """Return a table with aligned columns; where it is too wide, the widest columns are cut."""
    count = max([len(head), *map(len, rows)], default=0)
    if not count:
        return []
    every = [[*row, *[Text()] * (count - len(row))] for row in ([head, *rows] if head else rows)]
    widths = _fitted([max(cell_len(row[at].plain) for row in every) for at in range(count)], width)
    lines = [Text("  ").join(_cell(cell, at, widths, right) for at, cell in enumerate(row)) for row in every]
    for line in lines:
        line.rstrip()
        line.truncate(width, overflow="crop")  # more columns than fit even when all are cut
    if head:
        lines[0].stylize("bold")
    return lines


def _fitted(widths: list[int], room: int) -> list[int]:
    room -= 2 * (len(widths) - 1)
    while sum(widths) > room and max(widths) > _NARROWEST:
        widest = widths.index(max(widths))
        second = max([_NARROWEST, *(width for width in widths if width < widths[widest])])
        widths[widest] = max(second, widths[widest] - (sum(widths) - room), _NARROWEST)
    return widths


def _cell(cell: Text, at: int, widths: list[int], right: Sequence[bool]) -> Text:
    cell = cell.copy()
    cell.plain = " ".join(cell.plain.split())
    cell.truncate(widths[at], overflow="ellipsis")
    space = widths[at] - cell_len(cell.plain)
    if at < len(right) and right[at]:
        cell.pad_left(space)
    else:
        cell.pad_right(space)
    return cell


def _parts(node: list[Any]) -> tuple[str, dict[str, Any], list[Node]]:
    """Return the tag, the attributes and the children of a node."""
    if len(node) > 1 and isinstance(node[1], dict):
        return str(node[0]), cast("dict[str, Any]", node[1]), node[2:]
    return str(node[0]), {}, node[1:]


def _paragraph(nodes: list[Node], pen: Pen, width: int) -> list[Text]:
    text = inline_text(nodes, pen)
    return pen.wrap(text, width) if text.plain.strip() else []


def _prefixed(lines: list[Text], first: str, rest: str, style: str = "") -> list[Text]:
    return [Text.assemble((first if at == 0 else rest, style), line) for at, line in enumerate(lines)]


def _heading(_attributes: dict[str, Any], children: list[Node], pen: Pen, width: int, _depth: int) -> list[Text]:
    text = inline_text(children, pen)
    text.stylize("bold")
    return pen.wrap(text, width)


def _plain(_attributes: dict[str, Any], children: list[Node], pen: Pen, width: int, depth: int) -> list[Text]:
    return node_lines(children, pen, width, depth)


def _bullets(_attributes: dict[str, Any], children: list[Node], pen: Pen, width: int, depth: int) -> list[Text]:
    return _items(children, pen, width, depth, lambda _: pen.signs("• "))


def _numbers(attributes: dict[str, Any], children: list[Node], pen: Pen, width: int, depth: int) -> list[Text]:
    start = str(attributes.get("start", "1"))
    first = int(start) if start.isascii() and start.isdecimal() else 1
    return _items(children, pen, width, depth, lambda at: f"{first + at}. ")


def _items(children: list[Node], pen: Pen, width: int, depth: int, lead: Callable[[int], str]) -> list[Text]:
    items = [node for node in children if not isinstance(node, str)]
    lines: list[Text] = []
    for at, item in enumerate(items):
        sign = lead(at)
        below = node_lines(_parts(item)[2], pen, max(width - len(sign), width // 2), depth)
        lines += _prefixed(below or [Text()], sign, " " * len(sign))
    return lines


def _quotation(_attributes: dict[str, Any], children: list[Node], pen: Pen, width: int, depth: int) -> list[Text]:
    sign = pen.signs("│ ")
    return _prefixed(node_lines(children, pen, max(width - 2, width // 2), depth), sign, sign, "dim")


def _code(_attributes: dict[str, Any], children: list[Node], pen: Pen, width: int, _depth: int) -> list[Text]:
    text = inline_text(children, pen)
    text.rstrip()
    return _prefixed(pen.wrap(Text(text.plain, "cyan"), max(width - 2, 1)), "  ", "  ")


def _rule(_attributes: dict[str, Any], _children: list[Node], pen: Pen, width: int, _depth: int) -> list[Text]:
    return [Text(pen.signs("─" * min(width, 20)), "dim")]


def _table(_attributes: dict[str, Any], children: list[Node], pen: Pen, width: int, _depth: int) -> list[Text]:
    rows = [node for node in _below(children, {"thead", "tbody"}) if node[0] == "tr"]
    cells = [[_parts(cell) for cell in _parts(row)[2] if not isinstance(cell, str)] for row in rows]
    if not cells:
        return []
    right = [attributes.get("align") == "right" for _, attributes, _ in cells[0]]
    texts = [[inline_text(inside, pen) for _, _, inside in row] for row in cells]
    has_head = all(tag == "th" for tag, _, _ in cells[0])
    return table_lines(texts[0] if has_head else [], texts[1:] if has_head else texts, right, width)


def _below(nodes: list[Node], through: set[str]) -> list[list[Any]]:
    found: list[list[Any]] = []
    for node in nodes:
        if not isinstance(node, str):
            found += _below(_parts(node)[2], set()) if node[0] in through else [node]
    return found


_DRAWN: dict[str, Callable[[dict[str, Any], list[Node], Pen, int, int], list[Text]]] = {
    **dict.fromkeys(_HEADINGS, _heading),
    "p": lambda _attributes, children, pen, width, _depth: _paragraph(children, pen, width),
    "ul": _bullets,
    "ol": _numbers,
    "li": _plain,
    "blockquote": _quotation,
    "pre": _code,
    "hr": _rule,
    "table": _table,
}
