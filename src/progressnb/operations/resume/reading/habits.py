"""Habits of a writer in lines: what all entries of a resume have alike tells what one line alone does not."""

# Marks of several languages.
from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import (
    MONTHS,
    begins_with_period,
    ends_with_period,
    find_periods,
    is_of_dates,
    is_period,
)
from progressnb.operations.resume.words.headings import BULLET
from progressnb.operations.resume.words.lists import read_groups, split_phrases

from .roles import SCHOOLS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .roles import Kind

__all__ = [
    "LABEL",
    "dates_above",
    "find_label",
    "from_tables",
    "is_inner",
    "mend_dates",
    "without_labels",
    "without_marks",
]

_GAP = re.compile(r"[ ]{0,9}\t[ \t]{0,9}|[ ]{2,}")
LABEL = re.compile(r"[^\W\d_](?:[^:|\t0-9 ]|[ ](?![ ]{2})){1,28}:\s+")
"""The pattern of what a line begins with that says what follows: "Salary: "."""

_LABEL = re.compile(r"([^\W\d][^:\t]{0,28}?)(?:[ ]{0,8}(?::|\t)\s{0,8}|[ ]{3,8})(\S.*)$")
_LABELS = {name: kind for kind, names in read_groups("labels").items() for name in split_phrases(names)}
_INNER = frozenset(name for name, kind in _LABELS.items() if kind == "inner")
_PHRASE_WORDS = 3  # of a label that needs no mark after it
_PHRASE = re.compile(
    rf"({'|'.join(re.escape(name) for name in _LABELS if len(name.split()) >= _PHRASE_WORDS)})(?![^\W_])",
    re.IGNORECASE,
)
_LABELLED = 3  # lines of a form
_LONGEST_END = 30  # characters of a month at the end of a line
_COLUMN = re.compile(r"\s{0,9}\|\s{0,9}|\t+|\s{3,}")
_FIELDS = {"position", "employer", "dates", "location"}
_HALF = re.compile(r"(?:19|20)[0-9]{2}\s{0,2}[-–—]\s*$")  # "May 2020 –", and the other date below
_MONTH_AT_END = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, MONTHS))})\.?(?: (?:de|of))?\s*$", re.IGNORECASE)


def is_inner(line: str) -> bool:
    """Tell whether a line is what the items of an entry stand below: "Responsibilities:"."""
    return line.casefold().strip("*_ :") in _INNER


def find_label(line: str) -> tuple[str, str] | None:
    """Return the kind and the text of a line such as "Company: Acme", or None."""
    match = _LABEL.match(line)
    kind = _LABELS.get(match[1].casefold().strip("*_ ")) if match else None
    text = match[2].strip("*_ ") if match else ""
    if phrase := _PHRASE.match(line):
        kind, text = _LABELS[phrase[1].casefold()], line[phrase.end() :].strip(" :")
    if (
        kind is None
        or kind == "inner"
        or not any(map(str.isalnum, text))
        or (is_of_dates(text) if kind != "dates" else not find_periods(text))
    ):
        return None
    return kind, text


def dates_above(lines: Sequence[str]) -> list[str]:
    """Put the dates of entries that stand below their items above these."""
    marks = [BULLET.match(line) is not None for line in lines]
    periods = [
        not mark and any(one.start for one in find_periods(line)) for line, mark in zip(lines, marks, strict=True)
    ]
    bounds = [-1, *(number for number, dated in enumerate(periods) if dated)]
    marked = all(any(marks[begin + 1 : end]) for begin, end in pairwise(bounds))
    if len(bounds) <= 2 or any(map(str.strip, lines[bounds[-1] + 1 :])) or not marked:  # noqa: PLR2004 - two entries
        return list(lines)
    made: list[str] = []
    for begin, end in pairwise(bounds):
        first = marks.index(True, begin + 1)
        made += ["", *lines[begin + 1 : first], lines[end], *lines[first:end]]
    return made


def mend_dates(lines: Sequence[str]) -> list[str]:
    """Put the two halves of a period together that a narrow column has wrapped: "Apr 2016 –" and "Present" below."""
    mended = list(lines)
    for number, line in enumerate(mended):
        after = mended[number + 1].strip() if number + 1 < len(mended) else ""
        wrapped = _MONTH_AT_END.search(line[-_LONGEST_END:]) and after[:4].isdigit()
        if wrapped or (_HALF.search(line) and is_of_dates(after)):
            whole = f"{line.rstrip()} {after}"
            if ends_with_period(whole):
                mended[number : number + 2] = [whole, ""]
                continue
        first, rest = _cell(line)
        if not is_of_dates(first) or is_period(first) or not any(map(str.isdigit, first)):
            continue
        below = next((at for at in range(number + 1, len(mended)) if mended[at].strip()), number)
        second, other = _cell(mended[below])
        if is_of_dates(second) and is_period(f"{first} {second}"):
            mended[number], mended[below] = f"{first} {second}   {rest}".rstrip(), other
    return mended


def without_labels(lines: Sequence[str]) -> list[str]:
    """Take away what the same line of each entry begins with, before a wide gap: the labels of a form."""
    cells = [_cell(line) if not BULLET.match(line) else ("", "") for line in lines]
    counts = Counter(first for first, rest in cells if rest and not find_periods(first))
    labels = {first for first, number in counts.items() if number > 1}
    if len(labels) < _LABELLED:
        return list(lines)
    return [
        rest if rest and first in labels and not find_label(line) else line
        for line, (first, rest) in zip(lines, cells, strict=True)
    ]


def without_marks(lines: Sequence[str], kind: Kind) -> list[str]:
    """Take the marks of entries away: those of lines with dates, or degrees, where no line without a mark has any."""
    marks = [BULLET.match(line) for line in lines]
    below = zip(marks, [*lines, ""][1:], strict=True)
    others = {mark[0] for mark, line in below if mark and (BULLET.match(line) or not ends_with_period(line))}
    apart: set[str | None] = {mark[0] for mark in marks if mark and mark[0] not in others}
    dated = apart or {
        mark and mark[0]
        for line, mark in zip(lines, marks, strict=True)
        if begins_with_period(rest := line[mark.end() :] if mark else line)
        or ends_with_period(rest)
        or (kind is SCHOOLS and kind.names_title(rest))
        or find_label(rest)
    }
    if not dated or None in dated:
        return list(lines)
    return [line[mark.end() :] if mark and mark[0] in dated else line for line, mark in zip(lines, marks, strict=True)]


def from_tables(lines: Sequence[str]) -> list[str]:
    """Write the rows below the head of a table as lines of a form, each row apart."""
    made: list[str] = []
    heads: list[str] = []
    for line in lines:
        cells = [cell.strip() for cell in _COLUMN.split(line.strip().strip("|"))]
        if all(re.fullmatch(":?-+:?", cell) for cell in cells) and made and "|" in line:
            heads = heads or [""] * len(cells)
            continue
        kinds = [_LABELS.get(cell.casefold().strip("*_ ."), "") for cell in cells]
        if len({*kinds} & _FIELDS) > 1:
            heads = [cell if kind else "" for cell, kind in zip(cells, kinds, strict=True)]
        elif heads and len(cells) == len(heads) and not BULLET.match(line):
            filled = [(head, cell) for head, cell in zip(heads, cells, strict=True) if cell.strip("-: ")]
            made += ["", *(f"{head}: {cell}" if head else f"- {cell}" for head, cell in filled)]
        else:
            made.append(line)
    return made


def _cell(line: str) -> tuple[str, str]:
    """Return what stands before the first wide gap of a line, and what stands after it."""
    first, *rest = _GAP.split(line.strip(), maxsplit=1)
    return first.strip(), rest[0].strip() if rest else ""
