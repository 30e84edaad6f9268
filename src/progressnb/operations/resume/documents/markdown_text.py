"""The text of Markdown without what is no text: tags, pictures, settings at the top; and with definitions on a line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .type_changes import LONGEST, part_runs

if TYPE_CHECKING:
    from .type_changes import Run

__all__ = ["markdown_text"]

_TAGS = (
    "a|abbr|address|article|aside|b|big|blockquote|body|br|center|code|col|dd|details|div|dl|dt|em|figure|font|footer|"
    "h[1-6]|header|hr|html|i|iframe|img|kbd|li|main|nav|ol|p|picture|pre|s|section|small|source|span|strong|style|sub|"
    "summary|sup|svg|table|tbody|td|th|thead|tr|u|ul|[a-z]+(?:-[a-z]+)+"
)
_TAG = re.compile(rf"<(/?)({_TAGS})(?:\s[^<>]{{0,1000}})?/?>", re.IGNORECASE)
_SILENT = {"<!--": "-->", "<style": "</style>", "<script": "</script>"}
_PICTURE = re.compile(r"!\[[^\[\]\n]{0,300}\]\([^()\s]{0,2000}(?:\s[^()\n]{0,300})?\)")
_EMPTY_LINK = re.compile(r"(?<!!)\[\s*\]\([^()\s]{0,2000}\)")
_SETTINGS = re.compile(r"\A\s*---[ \t]*\n((?:[\w-]+[ \t]*:.*\n|[ \t].*\n|#.*\n|\n)*?)---[ \t]*(?:\n|\Z)")
_SETTING = re.compile(
    r"(?:name|author|title|subtitle|e-?mail|phone|tel|mobile|address|location|website|url|github|linkedin)[ \t]*:"
    r"[ \t]*[\"']?(\S.*?)[\"']?[ \t]*",
    re.IGNORECASE,
)
_DEFINITION = re.compile(r"(?<=\S)[ \t]*\n(?:[ \t]*\n)?[ ]{0,3}:[ \t]+(?=\S)")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|#{1,6}|[0-9]{1,3}[.)])[ \t]")


_SPANS = re.compile(
    r"</(?:span|b|strong|i|em|small|font)>[ \t]*(?=<(?:span|b|strong|i|em|small|font)[\s>])", re.IGNORECASE
)
_MARKED = re.compile(
    r"(?P<bold>\*\*[^*\n]{1,200}\*\*|__[^_\n]{1,200}__)|(?P<code>`[^`\n]{1,200}`)"
    r"|(?P<italic>(?<!\w)(?:\*[^*\n]{1,200}\*|_[^_\n]{1,200}_)(?!\w))|(?P<link>\[[^\[\]\n]{1,200}\]\([^()\s]{1,2000}\))"
)


def markdown_text(text: str) -> str:
    """Return Markdown as its reader sees it; what has no tags, pictures, settings and definitions is not changed."""
    settings = _SETTINGS.match(text)
    if settings:
        kept = (_SETTING.fullmatch(line) for line in settings[1].split("\n"))
        text = "\n".join([*(one[1] for one in kept if one), text[settings.end() :]])
    if "<" in text:
        for begins, ends in _SILENT.items():
            text = _without(text, begins, ends)
        text = _TAG.sub(_shown, _SPANS.sub("   ", text))
    if "](" in text:
        text = _EMPTY_LINK.sub("", _PICTURE.sub("", text))
    return "\n".join(map(_parted, _DEFINITION.sub(_beside, text).split("\n")))


def _parted(line: str) -> str:
    """Return a line with a wide gap where a heading changes between plain, bold and italic text, code and links."""
    if len(line) > LONGEST or re.match(r"[ \t]*(?:[-+*>|]|[0-9]{1,3}[.)])[ \t]", line):
        return line
    runs: list[Run] = []
    at = 0
    for match in _MARKED.finditer(line):
        runs += [(line[at : match.start()], ""), (match[0], match.lastgroup)]
        at = match.end()
    return part_runs([*runs, (line[at:], "")]) if runs else line


def _without(text: str, begins: str, ends: str) -> str:
    """Return a text without what stands between two marks, the marks included."""
    parts: list[str] = []
    at = 0
    while (begin := text.find(begins, at)) >= 0 and (end := text.find(ends, begin)) >= 0:
        parts.append(text[at:begin])
        at = end + len(ends)
    return "".join([*parts, text[at:]])


def _shown(match: re.Match[str]) -> str:
    """Return what stands for a tag: the mark of a heading or of an item, a line's end, or nothing."""
    closes, tag = match[1], match[2].lower()
    if tag == "br" or (closes and tag in {"p", "div", "tr", "li", "dt", "dd", "center", "header", "section", "table"}):
        return "\n"
    if re.fullmatch("h[1-6]", tag):
        return "\n" if closes else f"\n{'#' * int(tag[1])} "
    if tag in {"td", "th"} and closes:
        return "   "
    return "\n- " if tag == "li" and not closes else ""


def _beside(match: re.Match[str]) -> str:
    """Return what joins a term and its definition: a wide gap, as between the cells of a table."""
    term = match.string[: match.start()].rsplit("\n", 1)[-1]
    return match[0] if _ITEM.match(term) or len(term) > 400 else "   "  # noqa: PLR2004 - a paragraph
