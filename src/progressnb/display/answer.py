"""The blocks of an answer as lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from progressnb.display.prose import inline_text, node_lines, table_lines
from progressnb.folds.words import TONES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from progressnb.display.terminal import Pen
    from progressnb.folds.tree import Block

__all__ = ["block_lines"]

_TONE_STYLES = {"good": "green", "bad": "red", "warning": "yellow"}
_LABEL = 28  # columns of a label that stands beside its value
_INDENT = 2


def block_lines(blocks: Sequence[Block], pen: Pen, width: int) -> list[Text]:
    """Return blocks as lines of at most `width` columns, with an empty line between blocks of Markdown."""
    lines: list[Text] = []
    before: Block | None = None
    for block in blocks:
        if before is not None and _type(before) == _type(block) == "md":
            lines.append(Text())
        lines += _labelled(block, pen, max(width, 1))
        before = block
    return lines


def _labelled(block: Block, pen: Pen, width: int) -> list[Text]:
    label = block.get("label", "")
    if not label:
        return _lines(block, pen, width)
    title = Text(f"{pen.fit(pen.one_line(label), min(_LABEL, width - 1)).rstrip()}:", "bold")
    if _type(block) in ("text", "headline"):
        text = _value(block, pen)
        return _caret(pen.wrap(title.append(" " * bool(text.plain)).append_text(text), width), block, pen)
    below = _lines(block, pen, max(width - _INDENT, width // 2))
    return [title, *(Text(" " * _INDENT).append_text(line) for line in below)]


def _lines(block: Block, pen: Pen, width: int) -> list[Text]:
    return _caret(_DRAWN[_type(block)](block, pen, width), block, pen)


def _type(block: Block) -> str:
    return block.get("type", "text")


def _caret(lines: list[Text], block: Block, pen: Pen) -> list[Text]:
    if block.get("open") and not block.get("items"):
        (lines or [Text()])[-1].append(pen.signs("▌"), "cyan")
    return lines


def _toned(text: str, block: Block, pen: Pen) -> Text:
    tone = block.get("tone")
    return Text(f"{pen.signs(TONES[tone])} {text}", _TONE_STYLES[tone]) if tone else Text(text)


def _value(block: Block, pen: Pen) -> Text:
    text = pen.foreign(block.get("text", ""))
    if _type(block) != "headline":
        return _toned(text, block, pen)
    verdict = pen.foreign(block.get("verdict", ""))
    whole = Text(text, "bold")
    return whole.append(pen.signs(" · "), "").append_text(_toned(verdict, block, pen)) if verdict else whole


def _paragraph(block: Block, pen: Pen, width: int) -> list[Text]:
    return pen.wrap(_value(block, pen), width)


def _markdown(block: Block, pen: Pen, width: int) -> list[Text]:
    return node_lines(block.get("nodes", []), pen, width)


def _fields(block: Block, pen: Pen, width: int) -> list[Text]:
    return [line for item in block.get("items", []) for line in _labelled(item, pen, width)]


def _list(block: Block, pen: Pen, width: int) -> list[Text]:
    sign = pen.signs("• ") if block.get("bullets", True) else ""
    if width <= len(sign):
        sign = ""  # lists in lists use up a narrow window
    lines: list[Text] = []
    for item in block.get("items", []):
        below = _labelled(item, pen, max(width - len(sign), 1)) or [Text()]
        lines += [Text(sign if at == 0 else " " * len(sign)).append_text(line) for at, line in enumerate(below)]
    return lines


def _table(block: Block, pen: Pen, width: int) -> list[Text]:
    head = [Text(pen.one_line(name)) for name in block.get("columns", [])]
    rows = [[Text(pen.one_line(cell)) for cell in row["cells"]] for row in block.get("rows", [])]
    return table_lines(head, rows, block.get("numeric", []), width)


def _section(block: Block, pen: Pen, width: int) -> list[Text]:
    # What is folded away elsewhere would fill the scrollback here.
    return [Text(pen.fit(pen.signs("\u203a ") + pen.one_line(block.get("title", "")), width).rstrip(), "dim")]


def _comparison(block: Block, pen: Pen, width: int) -> list[Text]:
    title = pen.one_line(block.get("title", ""))
    lines = pen.wrap(Text(title, "bold"), width) if title else []
    sides = (("Before: ", block.get("before", []), "red"), ("After: ", block.get("after", []), "green"))
    for lead, nodes, style in sides:
        text = inline_text(nodes, pen)
        text.stylize(style)
        lines += pen.wrap(Text(lead, "dim").append_text(text), max(width, cell_len(lead) + 1))
    return lines


_DRAWN: dict[str, Callable[[Block, Pen, int], list[Text]]] = {
    "md": _markdown,
    "text": _paragraph,
    "headline": _paragraph,
    "fields": _fields,
    "list": _list,
    "table": _table,
    "section": _section,
    "comparison": _comparison,
}
