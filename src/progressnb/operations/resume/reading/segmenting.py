"""The entries of a section: which of its lines are headings, and which the text below them.

An entry has a line with its dates. How many lines of a heading stand above that line, and how many below, is the same for
most entries of one writer: all counts are tried, and the ones that make the likeliest headings and texts are taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import begins_with_period, find_periods, is_of_dates
from progressnb.operations.resume.words.headings import BULLET, plain_line

from .habits import find_label
from .roles import names_employer, names_position

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Line", "Part", "segment"]

_MOST = 3  # lines of a heading above its dates, and below them
_SEEN = 40  # entries that tell the habit of a writer
_HABIT = 1.5  # what a line more or less than usual costs
_LONGEST = 120
_WORDS = 12
_UNFINISHED = re.compile(
    r"(?:,|-|&|(?<![^\W_])(?:and|or|of|the|for|with|in|to|a|by|und|der|die|et|de|la|y|и|в|на|с))$", re.IGNORECASE
)
_FEW_LETTERS = 3


@dataclass
class Line:
    """A line that is not blank: its text without marks, and what tells a heading from other text."""

    text: str
    bullet: bool
    depth: int
    blank: bool
    dated: bool
    indented: bool
    likely: float = 0.0


@dataclass
class Part:
    """The lines of one entry: those of its heading, and those below."""

    head: list[Line]
    body: list[Line]


def segment(lines: Sequence[str]) -> list[Part]:
    """Return the entries of a section, in their order. Every line that is not blank is in one of them."""
    read = list(_lines(lines))
    return list(_undated(_parts(read)))


def _lines(lines: Sequence[str]) -> Iterator[Line]:
    blank, before = True, None
    for line in lines:
        text = plain_line(line)
        if not text:
            blank = True
            continue
        mark = BULLET.match(line)
        marked = line[mark.end() :].strip() if mark else ""
        bullet = bool(mark) and not begins_with_period(marked)
        text = marked if mark else text
        stripped = line.lstrip()
        depth = len(stripped) - len(stripped.lstrip("#"))
        depth = depth or 7 * (stripped[:2] == "**" and stripped.rstrip()[-2:] == "**")
        one = Line(text, bullet, depth, blank, False, line[:1] in " \t")
        one.dated = not bullet and _is_dated(text)
        one.likely = _likely(one, before)
        yield one
        blank, before = False, one


def _is_dated(text: str) -> bool:
    """Tell whether a line has the dates of an entry, at its beginning, at its end or with few words beside them."""
    periods = find_periods(text) if len(text) <= _LONGEST else []
    if not periods:
        return False
    label = find_label(text)
    if label:
        return label[0] == "dates"
    first, last = periods[0], periods[-1]
    edge = first.begins == 0 or not text[last.ends :].strip(" .)]|,*_")
    ended = text.endswith(".") and first.begins > 0
    if not any(one.start for one in periods):
        return is_of_dates(text) or (edge and not ended and len(text.split()) <= _WORDS)
    return not ended and (edge or len(text.split()) <= _WORDS)


def _likely(line: Line, before: Line | None) -> float:
    """Return how much a line looks like one of a heading (above 0), or of the text below one (below 0)."""
    text, words = line.text, line.text.split()
    if line.bullet:
        return -4.0
    label = find_label(text)
    small = sum(word[0].islower() and len(word) > _FEW_LETTERS for word in words)
    score = 4.0 * bool(line.depth) + 3.0 * bool(label) + 1.0 * line.blank + 0.5
    score += 1.5 * names_position(text) + 1.0 * names_employer(text)
    score -= 3.0 * text[0].islower() + 2.0 * text.endswith((".", "!", "?", ";", ":")) + 0.7 * (2 * small > len(words))
    score -= 0.2 * max(0, len(words) - _WORDS)
    if before and not line.blank and _UNFINISHED.search(before.text) and not before.dated:
        score -= 3.0
    return score


def _parts(lines: list[Line]) -> list[Part]:
    """Split lines at their dates, by the habit that fits best."""
    dated = [number for number, line in enumerate(lines) if line.dated]
    if not dated:
        return [Part([], lines)] if lines else []
    seen = dated[:_SEEN]
    habits = list(product(range(_MOST + 1), repeat=2))
    best = max(habits, key=lambda habit: _Fit(lines, seen, habit).worth)
    fit = _Fit(lines, dated, best)
    made: list[Part] = []
    begins = 0
    for (above, below), at, after in zip(fit.chosen, dated, [*dated[1:], len(lines)], strict=True):
        first = at - above
        if first > begins and not made:
            made.append(Part([], lines[begins:first]))
        elif made:
            made[-1].body = lines[begins:first]
        made.append(Part(lines[first : at + below + 1], []))
        begins = at + below + 1
        _ = after
    made[-1].body = lines[begins:]
    return made


class _Fit:
    """The best headings around dates if most have a number of lines above, and one below."""

    def __init__(self, lines: list[Line], dated: list[int], habit: tuple[int, int]) -> None:
        self._lines = lines
        self._habit = habit
        bounds = [-1, *dated, len(lines)]
        # Of each date line: the worth of what stands before it, by the lines of its heading that are above it.
        worths: dict[int, tuple[float, list[tuple[int, int]]]] = {
            above: (self._above(dated[0], above) - self._body(0, dated[0] - above), [])
            for above in range(min(_MOST, dated[0]) + 1)
        }
        for at, after in pairwise(bounds[1:]):
            last = after == len(lines)
            made: dict[int, tuple[float, list[tuple[int, int]]]] = {}
            for (above, (worth, path)), below in product(worths.items(), range(min(_MOST, after - at - 1) + 1)):
                here = worth + self._below(at, below) + self._whole(at - above, at + below)
                room = after - at - 1 - below
                for more in range(1 if last else min(_MOST, room) + 1):
                    text = self._body(at + below + 1, after - more)
                    total = here - text + (0.0 if last else self._above(after, more))
                    if more not in made or total > made[more][0]:
                        made[more] = (total, [*path, (above, below)])
            worths = made
        self.worth, self.chosen = max(worths.values(), key=lambda one: one[0])

    def _above(self, at: int, count: int) -> float:
        return self._head(range(at - count, at)) - _HABIT * abs(count - self._habit[0])

    def _below(self, at: int, count: int) -> float:
        return self._head(range(at + 1, at + count + 1)) - _HABIT * abs(count - self._habit[1])

    def _head(self, numbers: range) -> float:
        # A heading has no blank line before what follows in it, unless programs put one around each.
        return sum(self._lines[number].likely for number in numbers)

    def _body(self, begins: int, ends: int) -> float:
        return sum(self._lines[number].likely for number in range(begins, ends))

    def _whole(self, begins: int, ends: int) -> float:
        """Return what a whole heading is worth: it names a position or an employer, beside the dates."""
        texts = [_without_dates(self._lines[number].text) for number in range(begins, ends + 1)]
        named = sum(map(names_position, texts))
        return 2.0 * bool(named) - 4.0 * (not any(texts)) - 1.0 * max(0, named - 1)


def _without_dates(text: str) -> str:
    for period in reversed(find_periods(text)):
        text = text[: period.begins] + text[period.ends :]
    return text.strip(" -–—|,()·•\t")


def _undated(parts: list[Part]) -> Iterator[Part]:
    """Begin an entry at each heading without dates among the texts of others."""
    depths = {line.depth for part in parts for line in part.head if line.depth}
    for part in parts:
        current = part
        body, part.body = part.body, []
        for number, line in enumerate(body):
            after = body[number + 1] if number + 1 < len(body) else None
            marked = line.depth and (not depths or line.depth in depths)
            apart = line.likely >= 3.0 and line.blank and after is not None and after.bullet
            first = not current.head and not current.body and line.likely > 0
            if marked or ((apart or first) and (current.body or not current.head)):
                if current.head or current.body:
                    yield current
                current = Part([line], [])
            elif not current.body and current.head and not part.head and line.likely > 2.0:
                current.head.append(line)
            else:
                current.body.append(line)
        if current.head or current.body:
            yield current
