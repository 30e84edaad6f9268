"""Lines of text from pieces that were placed on a page: columns, paragraphs, bullets, hyphens.

A PDF says where each piece of text stands and nothing about words, lines or columns. Browsers
write right-aligned dates before the page's other text, word processors write column after column;
so lines are made from places, and columns are told by place and order together.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from progressnb.operations.resume.words.headings import BULLET, find_heading

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Fragment", "join_pages", "page_lines"]

_LIGATURES = {
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st",
    "\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u200b": "",
}  # fmt: skip
_TABLE = str.maketrans(_LIGATURES)
# Word's bullets are letters of symbol fonts; § and o are those of Wingdings and Courier New.
_SYMBOL_BULLET = re.compile(r"^(?:[\uf000-\uf0ff]\s*|[§o]\s+)(?=\S)")
_LONE_BULLET = re.compile(r"[-*•●▪‣◦·–✓✔➢○■]")
_PAGE_NUMBER = re.compile(r"(?:page\s*)?[-–—]?\s*[0-9]{1,3}\s*(?:(?:of|/|\|)\s*[0-9]{1,3})?\s*[-–—]?", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")
_BROKEN = re.compile(r"(?:^|[^\w-])([^\W\d_]{2,})-$")
_PREFIX_WORDS = """
    all anti back co cross custom data de deep end ex fast first follow front full half hands hard high in inter large
    long low mid multi near non off on one open over part peer post pre problem quasi re real result risk self semi
    service short single small state sub team test third three time top two under user web well world year
"""
_PREFIXES = frozenset(_PREFIX_WORDS.split())
# About the widths of Helvetica, in the size of the letters; other fonts are mostly narrower.
_WIDTHS = {
    **dict.fromkeys("iljI.,:;'|!·\u00ad", 0.25),
    **dict.fromkeys(" ftr()[]/-\\", 0.31),
    **dict.fromkeys("mwMW@%&—", 0.86),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ", 0.68),
}
_WIDTH = 0.54
_NARROW = 0.85
_COLUMN_LINES = 3
_COLUMN_TRIES = 16
_DEPTH = 3
_FULL = 0.8
_WRAPPED = 45
_LONGEST_WORD = 60
_MOST_PIECES = 10_000  # more are no page of text, and columns are not worth the search


@dataclass(frozen=True)
class Fragment:
    """A piece of text with the place of its first letter, in points from the page's lower left corner."""

    text: str
    x: float
    y: float
    size: float
    upright: bool = True

    @classmethod
    def placed(cls, text: str, current: Sequence[float], matrix: Sequence[float], size: float) -> Fragment:
        """Make one from pypdf's two matrices."""
        a, b, c, d, e, f = (float(number) for number in current[:6])
        x, y = matrix[4] * a + matrix[5] * c + e, matrix[4] * b + matrix[5] * d + f
        across, along = matrix[0] * a + matrix[1] * c, matrix[0] * b + matrix[1] * d
        real = abs(size) * math.hypot(across, along)
        if not all(map(math.isfinite, (x, y, real))):
            return cls(text, 0, 0, 1, upright=False)
        # Farther off than any page is no place.
        x, y = max(-1e5, min(x, 1e5)), max(-1e5, min(y, 1e5))
        return cls(text, x, y, max(1.0, min(real, 500.0)), upright=abs(across) >= abs(along))

    @property
    def end(self) -> float:
        """Where it about ends: fonts' widths are not known here."""
        return self.x + _width(self.text.strip()) * self.size


def _width(text: str) -> float:
    return _NARROW * sum(_WIDTHS.get(char, _WIDTH) for char in text)


class _Piece(NamedTuple):
    """A fragment with its number in the order in which the page draws."""

    order: int
    fragment: Fragment


@dataclass
class Line:
    """A line of a page: its text, its left and right end, its height on the page, its letters' size."""

    text: str
    x: float
    end: float
    y: float
    size: float


_Row = list[_Piece]


def page_lines(fragments: Sequence[Fragment]) -> list[str]:
    """Return the lines of a page in reading order; wrapped ones are joined, an empty one stands for a gap."""
    upright = [_Piece(order, piece) for order, piece in enumerate(fragments) if piece.upright]
    turned = [" ".join(piece.text.split()) for piece in fragments if not piece.upright]
    columns = _columns(_rows(upright), 0 if len(upright) <= _MOST_PIECES else _DEPTH)
    sizes = Counter[float]()
    for column in columns:
        for line in column:
            sizes[round(line.size, 1)] += len(line.text)
    heading_sizes = _heading_sizes(columns, sizes.most_common(1)[0][0] if sizes else 0)
    lines: list[str] = []
    for column in columns:
        lines += [*([""] if lines else []), *_paragraphs(column, heading_sizes)]
    return [_tidy(line) for line in (*lines, *turned)]


def _tidy(line: str) -> str:
    return line.translate(_TABLE).replace("\u00ad", "")


def _rows(pieces: Sequence[_Piece]) -> list[_Row]:
    """Group pieces by baseline, from the top; a row is sorted from the left."""
    rows: list[_Row] = []
    for piece in sorted(pieces, key=lambda piece: (-piece.fragment.y, piece.fragment.x)):
        last = rows[-1][0].fragment if rows else None
        if last and last.y - piece.fragment.y < 0.4 * min(last.size, piece.fragment.size):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda piece: (piece.fragment.x, piece.order)) for row in rows]


def _columns(rows: list[_Row], depth: int) -> list[list[Line]]:
    found = _find_columns(rows) if depth < _DEPTH else None
    if found is None:
        return [[_line(row) for row in rows]] if rows else []
    first, last, left, right = found
    # The column with the name, which is the largest, is the main one.
    if _largest(right) > 1.2 * _largest(left):
        left, right = right, left
    parts = [rows[:first], _rows(left), _rows(right), rows[last:]]
    return [column for part in parts for column in _columns(part, depth + 1)]


def _largest(pieces: Sequence[_Piece]) -> float:
    return max(piece.fragment.size for piece in pieces)


def _find_columns(rows: list[_Row]) -> tuple[int, int, list[_Piece], list[_Piece]] | None:
    """Find the longest run of rows that stands in two columns: its first row, the one after it, left and right."""
    starts = Counter(round(piece.fragment.x) for row in rows for piece in row)
    best: tuple[int, int, list[_Piece], list[_Piece]] | None = None
    for start, times in starts.most_common(_COLUMN_TRIES):
        if times < 2:  # noqa: PLR2004 - a column has lines one below the other
            break
        first = 0
        for index in range(len(rows) + 1):
            if index < len(rows) and not _crosses(rows[index], start - 1.5):
                continue
            sides = _sides(rows[first:index], start - 1.5)
            if sides and (best is None or index - first > best[1] - best[0]):
                best = (first, index, *sides)
            first = index + 1
    return best


def _crosses(row: _Row, gutter: float) -> bool:
    return any(piece.fragment.x < gutter < piece.fragment.end for piece in row)


def _sides(rows: list[_Row], gutter: float) -> tuple[list[_Piece], list[_Piece]] | None:
    """Split rows at a gutter if they are two columns, and not a table or text with dates at the right."""
    left = [piece for row in rows for piece in row if piece.fragment.x < gutter]
    right = [piece for row in rows for piece in row if piece.fragment.x >= gutter]
    has_left = [any(piece.fragment.x < gutter for piece in row) for row in rows]
    has_right = [any(piece.fragment.x >= gutter for piece in row) for row in rows]
    lefts, rights = sum(has_left), sum(has_right)
    if min(lefts, rights) < _COLUMN_LINES:
        return None
    ordered = sorted([(piece.order, 0) for piece in left] + [(piece.order, 1) for piece in right])
    switches = sum(one[1] != other[1] for one, other in pairwise(ordered))
    if switches > max(2, min(lefts, rights) / 3):
        return None
    both = sum(map(all, zip(has_left, has_right, strict=True)))
    apart = min(lefts, rights) - both >= _COLUMN_LINES
    headed = any(_is_known(_line([piece]).text) for piece in right) and any(
        not _is_known(_line([piece]).text) for piece in right
    )
    words = sum(len(piece.fragment.text.split()) for piece in right)
    dense = rights >= 0.6 * lefts and words >= 3 * rights
    return (left, right) if apart or headed or dense else None


def _line(row: _Row) -> Line:
    parts: list[str] = []
    before: _Piece | None = None
    for piece in row:
        part = re.sub(r"\s+", " ", piece.fragment.text)
        if before is not None:
            width = before.fragment.end - before.fragment.x
            gap = piece.fragment.x - before.fragment.end
            far = gap > 2 * piece.fragment.size + width / 4
            if far and not (len(parts) == 1 and _LONE_BULLET.fullmatch(parts[0].strip())):
                part = "   " + part.lstrip()
            elif piece.order != before.order + 1 or far:
                part = " " + part.lstrip()
        if parts and part.startswith(" "):
            parts[-1] = parts[-1].rstrip()
        parts.append(part)
        before = piece
    fragments = [piece.fragment for piece in row]
    return Line(
        _SYMBOL_BULLET.sub("• ", "".join(parts).strip()),
        fragments[0].x,
        max(piece.end for piece in fragments),
        fragments[0].y,
        max(fragments, key=lambda piece: len(piece.text)).size,
    )


def _is_known(text: str) -> bool:
    heading = find_heading(text, "")
    return heading is not None and heading.section != "" and not heading.rest


def _heading_sizes(columns: list[list[Line]], usual: float) -> frozenset[float]:
    """Return the sizes, larger than the usual, of lines that are certainly headings."""
    known = {round(line.size, 1) for column in columns for line in column if _is_known(line.text)}
    return frozenset(size for size in known if size > 1.1 * usual)


def _paragraphs(lines: list[Line], heading_sizes: frozenset[float]) -> list[str]:
    """Join wrapped lines; mark headings that the size of their letters tells."""
    if not lines:
        return []
    steps = [before.y - line.y for before, line in pairwise(lines)]
    usual = median(steps) if steps else 0.0
    right = max(line.end for line in lines)
    left = min(line.x for line in lines)
    texts = [line.text for line in lines]
    vocabulary = frozenset(_WORD.findall(" ".join(texts).casefold()))
    paragraphs: list[str] = []
    bullet: float | None = None
    for index, line in enumerate(lines):
        before = lines[index - 1] if index else None
        is_bullet = BULLET.match(line.text) is not None and _LONE_BULLET.match(line.text) is not None
        if before is not None:
            step = before.y - line.y
            gap = step > 1.3 * max(usual, before.size, line.size)
            same = abs(before.size - line.size) < 0.1 * line.size and not is_bullet
            hangs = bullet is not None and line.x > bullet + 0.4 * line.size
            # A line was wrapped because the next word, such as the first of this one, had no room left.
            room = right - before.end - 0.04 * (right - left)
            full = len(before.text) > _WRAPPED and (
                _width(line.text.split()[0]) * line.size > room
                or (line.text[:1].islower() and before.end - left > _FULL * (right - left))
            )
            level = abs(line.x - before.x) < line.size or hangs
            # The rest of a bullet stands under its text; the rest of a paragraph follows a full line.
            if same and not gap and (hangs or (full and level)):
                paragraphs[-1] = _joined(paragraphs[-1], line.text, vocabulary)
                continue
            if gap:
                paragraphs.append("")
        bullet = line.x if is_bullet else None
        marked = round(line.size, 1) in heading_sizes and not is_bullet
        paragraphs.append(f"## {line.text}" if marked else line.text)
    return paragraphs


def _joined(text: str, rest: str, vocabulary: frozenset[str]) -> str:
    """Join two lines of a paragraph; a word that was broken between them becomes whole."""
    if text.endswith("\u00ad"):
        return text[:-1] + rest
    broken = _BROKEN.search(text[-_LONGEST_WORD:])
    follows = re.match(r"[^\W\d_]+", rest)
    if not broken or not follows or not rest[0].islower():
        return text + ("" if text.endswith(("-", "/")) and rest[:1].isalnum() else " ") + rest
    one, two = broken[1].casefold(), follows[0].casefold()
    keeps = f"{one}-{two}" in vocabulary or (one in _PREFIXES and one + two not in vocabulary)
    return (text if keeps else text[:-1]) + rest


def _last(page: Sequence[str]) -> str:
    return next((line for line in reversed(page) if line and not _PAGE_NUMBER.fullmatch(line)), "")


def join_pages(pages: Sequence[Sequence[str]]) -> str:
    """Join pages; page numbers and what repeats at their top and bottom are left out but for the first time."""
    tops = Counter(next((line for line in page if line), "") for page in pages)
    ends = Counter(_last(page) for page in pages)
    joined: list[str] = []
    vocabulary = frozenset(word for page in pages for line in page for word in _WORD.findall(line.casefold()))
    for number, page in enumerate(pages):
        lines = list(page)
        while lines and (not lines[-1] or _PAGE_NUMBER.fullmatch(lines[-1])):
            lines.pop()
        while number and lines and (not lines[0] or tops[lines[0]] > 1):
            lines.pop(0)
        while number and lines and (not lines[-1] or ends[lines[-1]] > 1):
            lines.pop()
        if joined and lines and lines[0][0].islower() and not joined[-1].endswith((".", ":", "!", "?")):
            joined[-1] = _joined(joined[-1], lines.pop(0), vocabulary)
        joined += lines
    return "\n".join(joined).strip("\n")
