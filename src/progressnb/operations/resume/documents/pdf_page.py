"""The lines of a page in reading order, as paragraphs with headings marked.

A PDF has the place of each piece of text and nothing about words, lines or columns. Browsers draw right-aligned dates
before the other text of a page, word processors draw column after column. So lines are made from places, and columns
are told by places and drawing order together.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import pairwise, zip_longest
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from progressnb.operations.resume.words.dates import (
    begins_with_period,
    ends_with_period,
    find_periods,
    is_of_dates,
    is_period,
)
from progressnb.operations.resume.words.headings import BULLET, known_section

from .alphabets import in_one_alphabet
from .pdf_columns import find_columns, is_known_heading
from .pdf_dates import level_dates
from .pdf_joining import WORD, join_lines
from .pdf_lines import LONE_BULLET, Fragment, Line, Piece, Style, styles_of
from .type_changes import part_by_type

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

__all__ = ["document_lines"]

Span = tuple[float, float]

# Ligatures, and radicals that fonts of Chinese and Japanese show as the characters that are written with them.
_SPECIAL = (*range(0xFB00, 0xFB07), *range(0x2F00, 0x2FD6), 0x2E9F, 0x2EF3, 0x00A0, 0x2007, 0x202F)
_TABLE = {code: unicodedata.normalize("NFKC", chr(code)) for code in _SPECIAL} | {0x200B: ""}
_SEPARATOR = re.compile(r"[|·•]")
_FROM_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_FROM_LEFT = re.compile(  # words of other letters among them, and each number
    "[A-Za-zÀ-ÿ0-9](?:[^\u0590-\u08ff]*[A-Za-zÀ-ÿ])(?:[^\\s\u0590-\u08ff]*[0-9])?|[0-9](?:[0-9.,:/+-]*[0-9])?"
)
_WRAPPED = 45  # characters: a shorter line is complete
_LITTLE = 0.2  # of the width of a column
_OF_NAME = r"[^\s\d_():&/]"
_HALF_NAME = re.compile(rf"[^\W\d_]{_OF_NAME}*(?:\s{{1,3}}{_OF_NAME}+){{0,2}}")  # at most three words
_NAME_LINE = re.compile(rf"[^\W\d_]{_OF_NAME}*(?:\s{{1,3}}{_OF_NAME}+){{1,4}}")
_TOP = 0.2  # of the page
_NAME = 1.4  # times the usual font size: a name
_SAME = 5  # points between the left ends of a column on two pages
_OPEN = re.compile(r"[0-9]\s?[–—-]$")
_WIDER = 1.5  # times: another column
_GAP = 1.3  # times the usual distance of lines


class Page(NamedTuple):
    """The lines of a page in reading order, those of a column beside them, and where both begin and end, in points."""

    lines: list[str]
    aside: list[str]
    span: Span
    aside_span: Span


def document_lines(pages: Sequence[Sequence[Fragment]]) -> list[list[str]]:
    """Return the lines of pages in reading order; wrapped lines are joined, and an empty line stands for a gap.

    A document begins with the name, wherever at the top of its first page it stands.
    """
    upright = ([Piece(order, piece) for order, piece in enumerate(page) if piece.upright] for page in pages)
    columns = [find_columns(level_dates(pieces)) for pieces in upright]
    columns[:1] = map(_name_first, columns[:1])
    sizes = Counter[float]()
    for line in (line for page in columns for column in page for line in column):
        sizes[round(line.size, 1)] += len(line.text)
    usual = sizes.most_common(1)[0][0] if sizes else 0.0
    styles = _heading_styles(columns, usual)
    return _with_asides_last([_page(*page, styles, usual) for page in zip(pages, columns, strict=True)])


def _page(fragments: Sequence[Fragment], columns: list[list[Line]], styles: frozenset[Style], usual: float) -> Page:
    parts = [_join_paragraphs(column, styles, usual) for column in columns]
    spans = [(min(line.x for line in column), max(line.end for line in column)) for column in columns] or [(0.0, 0.0)]
    beside = len(parts) > 1 and (spans[-1][1] < spans[-2][0] or spans[-2][1] < spans[-1][0])
    first, last = (parts[:-1], parts[-1]) if beside else (parts, [])
    lines = [line for number, part in enumerate(first) for line in [*([""] if number else []), *part]]
    turned = [" ".join(piece.text.split()) for piece in fragments if not piece.upright]
    main, aside = (
        [_tidy(line) for line in part if not _SEPARATOR.fullmatch(line)] for part in ((*lines, *turned), last)
    )
    return Page(main, aside, spans[-1 - beside], spans[-1])


def _with_asides_last(pages: Sequence[Page]) -> list[list[str]]:
    """Return the lines of pages. Columns beside a text that goes on at the next page follow its last page."""
    made: list[list[str]] = []
    asides: list[list[str]] = []
    for page, after in zip_longest(pages, pages[1:]):
        goes_on = after is not None and page.aside and _goes_on(page, after)
        if goes_on or asides:
            made.append(page.lines)
            asides += [page.aside] if page.aside else []
        else:
            made.append([*page.lines, *([""] if page.aside else []), *page.aside])
        if page.aside and not goes_on:
            made, asides = made + asides, []
    return made + asides


def _goes_on(page: Page, after: Page) -> bool:
    """Tell whether the text of a page, and not the column beside it, goes on at the page after it."""
    if _begins_with_heading(after.lines):
        return False
    if after.aside:
        return _begins_with_heading(page.aside) and all(map(_are_alike, page[2:], after[2:]))
    return not _are_alike(after.span, page.aside_span)


def _begins_with_heading(lines: list[str]) -> bool:
    first = next(filter(None, lines), "#")
    return first.startswith("#") or is_known_heading(first)


def _are_alike(one: Span, other: Span) -> bool:
    """Tell whether two columns begin at the same place and are about as wide."""
    narrow, wide = sorted((one[1] - one[0], other[1] - other[0]))
    return abs(one[0] - other[0]) < _SAME and wide < _WIDER * narrow


def _name_first(columns: list[list[Line]]) -> list[list[Line]]:
    """Put the name, which is in the largest letters by far, before contact data that stand beside it and higher."""
    lines = [line for column in columns for line in column]
    largest = max(lines, key=lambda line: line.size, default=None)
    if largest is None or largest is lines[0]:
        return columns
    others = max((line.size for line in lines if line is not largest), default=largest.size)
    top, bottom = (edge(line.y for line in lines) for edge in (max, min))
    is_name = _NAME_LINE.fullmatch(largest.text) and largest.size > _NAME * others
    if not is_name or top - largest.y > _TOP * (top - bottom):
        return columns
    return [[largest], *([line for line in column if line is not largest] for column in columns)]


def _tidy(line: str) -> str:
    return _as_written(in_one_alphabet(unicodedata.normalize("NFC", line.translate(_TABLE).replace("\u00ad", ""))))


def _as_written(line: str) -> str:
    """Return a line of Hebrew or Arabic, whose letters are in the order of their places, in the order of writing."""
    if 3 * len(_FROM_RIGHT.findall(line)) <= sum(map(str.isalpha, line)):  # names of products are Latin
        return line
    mirrored = line[::-1].translate(str.maketrans("()[]<>«»", ")(][><»«"))
    return _FROM_LEFT.sub(lambda match: match[0][::-1], mirrored)


def _heading_styles(pages: list[list[list[Line]]], usual: float) -> frozenset[Style]:
    """Return the styles of headings with a known name: larger than usual, or bold where it is that of headings only."""
    lines = [line for page in pages for column in page for line in column]
    known = Counter(style for line in lines if is_known_heading(line.text) for style in styles_of(line))
    others = Counter(style for line in lines if not is_known_heading(line.text) for style in styles_of(line))
    # A column beside the jobs that begins with a bold line has headings in bold.
    undated = (
        column
        for page in pages
        for column in page[1:]
        if not any(one.start for line in column for one in find_periods(line.text))
    )
    bold = {styles_of(one[0])[1] for one in undated if one[0].bold and sum(line.bold for line in one) > 1}
    return frozenset(bold) | frozenset(
        style
        for style, number in known.items()
        if (style[0] > 1.1 * usual and len(style) == 1) or (len(style) > 1 and number > 1 and number >= others[style])
    )


class _Column:
    """The lines of a column with its measures, in points."""

    def __init__(self, lines: list[Line]) -> None:
        steps = [before.y - line.y for before, line in pairwise(lines)]
        self.step = median(steps) if steps else 0.0
        self.left, self.right = min(line.x for line in lines), max(line.end for line in lines)
        looks = Counter(look for line in lines for look in line.looks)
        self.look = looks.most_common(1)[0][0] if looks else None
        self.words = frozenset(WORD.findall(" ".join(line.text for line in lines).casefold()))

    def has_gap(self, before: Line, line: Line) -> bool:
        """Tell whether two lines are farther apart than usual."""
        step = min(self.step, 2 * line.size)
        return before.y - line.y > _GAP * max(step, before.size, line.size)

    def continues(self, before: Line, line: Line, below: Line | None, bullet: float | None) -> bool:
        """Tell whether a line goes on with the line before; `bullet` is the left end of the bullet item before, if any.

        The rest of a bullet item is indented. The rest of a paragraph follows a full line at the same left end. A line
        `below` that is a period alone has a heading above it.
        """
        if _OPEN.search(before.text) and is_of_dates(line.text):
            return True
        dated = begins_with_period(line.text) or (ends_with_period(line.text) and line.text[:1].isupper())
        heads = is_known_heading(line.text) or is_known_heading(before.text) or (line.bold and not before.bold)
        if dated or heads or abs(before.size - line.size) >= 0.1 * line.size:
            return False
        # A line was wrapped that had no room for the first word of the next one, or little for a small one.
        room = self.right - before.end
        little = line.text[:1].islower() and room < _LITTLE * (self.right - self.left)
        apart = "   " in before.text or "   " in line.text or ends_with_period(before.text)
        level = abs(line.x - before.x) < line.size and not apart
        full = line.first_word > room and level
        heading = before.looks[-1:] == line.looks[:1] != (self.look,) and len({*line.looks}) == 1
        if below is not None and is_period(below.text) and not self.has_gap(line, below):
            return full and heading
        if bullet is not None and line.x > bullet + 0.4 * line.size:
            return True
        return (full or (little and level)) and (len(before.text) > _WRAPPED or heading)


def _join_paragraphs(lines: list[Line], heading_styles: frozenset[Style], usual: float) -> list[str]:
    """Join the wrapped lines of a column, and mark lines as headings whose style is one of `heading_styles`.

    `usual` is the usual font size. A name in large letters may have two lines.
    """
    if not lines:
        return []
    column = _Column(lines)
    paragraphs: list[tuple[str, tuple[Hashable, ...]]] = []
    bullet: float | None = None
    before: Line | None = None
    for line, below in zip_longest(lines, lines[1:]):
        is_bullet = BULLET.match(line.text) is not None and LONE_BULLET.match(line.text) is not None
        if before is not None:
            gap = column.has_gap(before, line)
            goes_on = not gap and not is_bullet and column.continues(before, line, below, bullet)
            if goes_on or _is_large_name(before, line, usual):
                text, looks = paragraphs[-1]
                paragraphs[-1] = join_lines(text, line.text, column.words), looks + line.looks
                before = line
                continue
            if gap:
                paragraphs.append(("", ()))
        before = line
        bullet = line.x if is_bullet else None
        marked = not heading_styles.isdisjoint(styles_of(line)) and not is_bullet
        is_whole = marked or is_bullet or line.size > _NAME * usual
        paragraphs.append((f"## {line.text}" if marked else line.text, () if is_whole else line.looks))
    return [part_by_type(*paragraph) for paragraph in paragraphs]


def _is_large_name(before: Line, line: Line, usual: float) -> bool:
    """Tell whether two lines are the two halves of a name, in the largest letters of a page."""
    return (
        before.size > _NAME * usual
        and abs(before.size - line.size) < 0.1 * line.size
        and before.y - line.y < 3 * line.size
        and all(_HALF_NAME.fullmatch(part.text) for part in (before, line))
        and not any(known_section(part.text) for part in (before, line))
    )
