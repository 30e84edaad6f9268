"""Paragraphs from the lines of a page: wrapped lines and broken words are joined, headings marked."""

from __future__ import annotations

import re
from itertools import pairwise, zip_longest
from statistics import median

from progressnb.operations.resume.words.dates import begins_with_period, ends_with_period, is_period
from progressnb.operations.resume.words.headings import BULLET, known_section
from progressnb.operations.resume.words.lists import read_words

from .pdf_columns import is_known_heading
from .pdf_lines import LONE_BULLET, Line, Style, styles_of

__all__ = ["WORD", "join_lines", "join_paragraphs"]

WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")
"""A word, or two with a hyphen between them."""

_BROKEN = re.compile(r"(?:^|[^\w-])([^\W\d_]{2,})-$")
_ADDRESS_BREAK = re.compile(r"(?:https?://|www\.)\S+[-/]$")
_PREFIXES = frozenset(read_words("prefixes"))
_FULL = 0.8  # of the width of a column
_WRAPPED = 45  # characters: a shorter line is complete
_LONGEST_WORD = 60
_NAME = 1.4  # times the usual font size: a name
_GAP = 1.3  # times the usual distance of lines


class _Column:
    """The lines of a column with its measures, in points."""

    def __init__(self, lines: list[Line]) -> None:
        steps = [before.y - line.y for before, line in pairwise(lines)]
        self.step = median(steps) if steps else 0.0
        self.right = max(line.end for line in lines)
        self.left = min(line.x for line in lines)
        self.words = frozenset(WORD.findall(" ".join(line.text for line in lines).casefold()))

    def has_gap(self, before: Line, line: Line) -> bool:
        """Tell whether two lines are farther apart than usual."""
        step = min(self.step, 2 * line.size)
        return before.y - line.y > _GAP * max(step, before.size, line.size)

    def continues(self, before: Line, line: Line, bullet: float | None) -> bool:
        """Tell whether a line goes on with the line before; `bullet` is the left end of the bullet item before, if any.

        The rest of a bullet item is indented. The rest of a paragraph follows a full line at the same left end.
        """
        if abs(before.size - line.size) >= 0.1 * line.size:
            return False
        if _ADDRESS_BREAK.search(before.text):
            return True
        if is_known_heading(line.text) or is_known_heading(before.text):
            return False
        if begins_with_period(line.text) or (ends_with_period(line.text) and line.text[:1].isupper()):
            return False
        hangs = bullet is not None and line.x > bullet + 0.4 * line.size
        bold = line.bold and not before.bold
        if hangs and not bold:
            return True
        apart = bold or "   " in before.text or "   " in line.text
        apart = apart or ends_with_period(before.text)
        return not apart and self._is_full(before, line) and abs(line.x - before.x) < line.size

    def _is_full(self, before: Line, line: Line) -> bool:
        """Tell whether a line was wrapped: it had no room for the first word of the next one."""
        width = self.right - self.left
        room = self.right - before.end
        return len(before.text) > _WRAPPED and (
            _width(line) > room or (line.text[:1].islower() and before.end - self.left > _FULL * width)
        )


def _width(line: Line) -> float:
    """Return about the width of the first word of a line, in points."""
    return (line.end - line.x) * len(line.text.split()[0]) / len(line.text)


def join_paragraphs(lines: list[Line], heading_styles: frozenset[Style], usual: float) -> list[str]:
    """Join the wrapped lines of a column, and mark lines as headings whose style is one of `heading_styles`.

    `usual` is the usual font size. A name in large letters may have two lines.
    """
    if not lines:
        return []
    column = _Column(lines)
    paragraphs: list[str] = []
    bullet: float | None = None
    before: Line | None = None
    large: tuple[int, Line] | None = None
    for line, below in zip_longest(lines, lines[1:]):
        is_bullet = BULLET.match(line.text) is not None and LONE_BULLET.match(line.text) is not None
        if before is not None:
            if large is not None and is_large_name(large[1], line, usual):
                paragraphs[large[0]] = join_lines(paragraphs[large[0]], line.text, column.words)
                large = (large[0], line)
                continue
            gap = column.has_gap(before, line)
            heads = below is not None and is_period(below.text)
            if not gap and not is_bullet and not heads and column.continues(before, line, bullet):
                paragraphs[-1] = join_lines(paragraphs[-1], line.text, column.words)
                before = line
                continue
            if gap:
                paragraphs.append("")
        before = line
        bullet = line.x if is_bullet else None
        marked = not heading_styles.isdisjoint(styles_of(line)) and not is_bullet
        if line.size > _NAME * usual:
            large = (len(paragraphs), line)
        paragraphs.append(f"## {line.text}" if marked else line.text)
    return paragraphs


def is_large_name(before: Line, line: Line, usual: float) -> bool:
    """Tell whether two lines are the two halves of a name, in the largest letters of a page."""
    words = line.text.split()
    return (
        before.size > _NAME * usual
        and abs(before.size - line.size) < 0.1 * line.size
        and before.y - line.y < 1.8 * line.size
        and len(words) <= 3  # noqa: PLR2004 - as many words as half a name has
        and all(word[0].isalpha() for word in words)
        and not any(known_section(part.text) for part in (before, line))
    )


def join_lines(text: str, rest: str, words: frozenset[str]) -> str:
    """Join two lines of a paragraph; a word that was broken between them becomes whole.

    `words` are the words of the page in small letters: they tell whether the hyphen belongs to the word.
    """
    if text.endswith("\u00ad"):
        return text[:-1] + rest
    if _ADDRESS_BREAK.search(text):
        return text + rest
    broken = _BROKEN.search(text[-_LONGEST_WORD:])
    follows = re.match(r"[^\W\d_]+", rest)
    if not broken or not follows or not rest[0].islower():
        return text + ("" if text.endswith(("-", "/")) and rest[:1].isalnum() else " ") + rest
    one, two = broken[1].casefold(), follows[0].casefold()
    keeps = f"{one}-{two}" in words or (one in _PREFIXES and one + two not in words)
    return (text if keeps else text[:-1]) + rest
