"""Results as HTML: the blocks of a view as its result asked for, anything else as an outline of its data.

A view comes with the run's last event, so live, replayed, attached and stored runs are drawn alike. It may come from a
file or a server that nobody trusts: it is checked again here, and every text is escaped.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast

from markdown_it import MarkdownIt

from progressnb.display.comparison import compared
from progressnb.display.escape import safe
from progressnb.display.outline import Line, head, outline
from progressnb.folds.words import TONES
from progressnb.wire.blocks import VIEW_LIMIT, checked_view
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["lines_html", "result_html"]

_logger = logging.getLogger("progressnb")

# Without `html` what looks like a tag is text; links to scripts are refused by the library; an image would be fetched.
_markdown = MarkdownIt("commonmark", {"html": False}).disable("image")


def result_html(value: Any, view: object = None, *, label: str = "Result") -> str:  # noqa: ANN401 - plain JSON data
    """Draw a result as its view says, else as an outline of its data below a folded label."""
    if view is not None:
        try:
            return _blocks_html(checked_view(view))
        except ValueError as error:
            _logger.warning("a view could not be read, so the data is drawn as an outline: %s", error)
    if value is None or value in ({}, [], ""):
        return ""
    return _details(label, lines_html(head(outline(value), VIEW_LIMIT)))


def lines_html(lines: Iterable[Line], *, bullets: bool = True) -> str:
    """Draw the lines of an outline."""
    return "".join(
        f'<p style="padding-left:{1.2 * line.depth:.1f}em">{"• " if line.number and bullets else ""}'
        f"{f'<span class=l>{safe(line.label)} </span>' if line.label else ''}"
        f"{safe(line.text)}{'<span class=c></span>' if line.open else ''}</p>"
        for line in lines
    )


def _details(summary: str, body: str) -> str:
    return f'<details class="r"><summary>{safe(summary)}</summary>{body}</details>' if body else ""


def _blocks_html(blocks: list[dict[str, Any]]) -> str:
    return "".join(_DRAWN[block["type"]](block) for block in blocks)


def _headline(block: dict[str, Any]) -> str:
    verdict = _toned("b", block["verdict"], block.get("tone")) if block["verdict"] else ""
    return f'<div class="v"><b>{safe(block["text"])}</b>{" · " if verdict else ""}{verdict}</div>'


def _toned(tag: str, text: str, tone: str | None) -> str:
    if tone is None:
        return safe(text)
    signed = f"{TONES[tone]} {safe(text)}"
    return signed if tone == "good" else f'<{tag} class="e">{signed}</{tag}>'


def _paragraph(block: dict[str, Any]) -> str:
    tone = block.get("tone")
    return f"<p>{_toned('span', block['text'], tone)}</p>" if tone != "warning" else _toned("div", block["text"], tone)


def _list(block: dict[str, Any]) -> str:
    items = cast("list[Any]", block["items"])
    pairs = [("", item) if isinstance(item, str) else (str(item["label"]), str(item["text"])) for item in items]
    lines = [Line(0, label, text, number=number) for number, (label, text) in enumerate(pairs, start=1)]
    return lines_html(lines, bullets=block["bullets"])


def _comparison(block: dict[str, Any]) -> str:
    before, after = compared(block["before"], block["after"])
    title = f'<span class="l">{safe(block["title"])}</span>' if block["title"] else ""
    return (
        f'<div class="d">{title}<div class="a">'
        f'<p><span class="l">Before: </span>{before or "–"}</p>'
        f'<p><span class="l">After: </span>{after or "–"}</p></div></div>'
    )


def _table(block: dict[str, Any]) -> str:
    names = "".join(f"<th>{safe(name)}</th>" for name in block["columns"])
    rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in block["rows"])
    return f"<table><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(value: object) -> str:
    return f"<td>{'–' if value is None else safe(str(value))}</td>"


_DRAWN: dict[str, Callable[[dict[str, Any]], str]] = {
    "headline": _headline,
    "text": _paragraph,
    "markdown": lambda block: str(_markdown.render(clean_text(block["text"]))),
    "list": _list,
    "section": lambda block: _details(block["title"], _blocks_html(block["blocks"])),
    "comparison": _comparison,
    "table": _table,
}
