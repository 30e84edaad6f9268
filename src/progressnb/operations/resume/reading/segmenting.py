"""The entries of a section: which of its lines are headings, and which the text below them.

An entry has a line with its dates. How many lines of a heading stand above that line, and how many below, is the same
for most entries of one writer: all counts are tried, and those that make the likeliest headings and texts are taken.
"""

# Marks and words of several languages.
# ruff: noqa: RUF001

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate, pairwise, product
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import begins_with_period, find_periods, is_of_dates, is_period
from progressnb.operations.resume.words.headings import BULLET, plain_line

from .habits import LABEL, find_label, is_inner
from .roles import SCHOOLS, is_legal_form, is_region

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .roles import Kind

__all__ = ["BOLD", "Line", "Part", "segment"]

_MOST = 4  # lines of a heading above its dates, and below them
_SEEN = 30  # entries that tell the habit of a writer
_HABIT = 1.5  # what a line more or less than usual costs
_LONGEST = 120
_WORDS = 12
_PARTS = 4  # of a heading: position, employer, town, country
_SHORT = 40  # characters of a line in a narrow column
_FULL = 0.7  # of the longest line: what is shorter ends an item
_WORDS_BETWEEN = "and|or|of|the|for|with|in|to|a|by|und|der|die|für|et|de|la|y|и|в|на|с"
_JOINING = re.compile(rf"(?:{_WORDS_BETWEEN})\s")
_DONE = re.compile(r"[A-Z][a-z]+(?:ed|ing)\s[a-z]")  # "Served customers" is no name
_UNFINISHED = re.compile(
    rf"(?:,|[-–—/]|&|(?<![^\W_])(?<!, )(?:{_WORDS_BETWEEN}))$",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\t+|\s{3,}|\s[|•·–—-]\s|,\s|\s(?:at|bei|bij|chez|presso|@)\s")
_LISTED = re.compile(r"\s{1,3}[|•·]\s{1,3}")  # as technologies in one line
_AFTER_DATE = re.compile(r"\s?[:–—-]\s|\s{3}|\t")
_FORM = re.compile(r"(?:^|\s)(?:[^\W\d_]{1,2}\.){2,}$")  # "z o.o.", "S.A."
_FEW_LETTERS = 3
_PLAIN = 3.0  # how likely a line is that begins an entry without dates
BOLD = 7
"""The depth of a line in bold."""


_Sums = tuple[list[float], list[int], list[int]]


@dataclass
class Line:
    """A line that is not blank: its text without marks, and what tells a heading from other text.

    `number` is its place among all lines. A detail is a line such as "Salary: $20 an hour", which belongs to the entry
    that it stands in.
    """

    number: int
    text: str
    bullet: bool
    depth: int
    blank: bool
    dated: bool = False
    detail: bool = False
    likely: float = 0.0
    named: bool = False
    hosted: bool = False
    parts: int = 0


@dataclass
class Part:
    """The lines of one entry: those of its heading, and those below."""

    head: list[Line]
    body: list[Line]


def segment(lines: Sequence[str], kind: Kind) -> list[Part]:
    """Return the entries of a section, in their order. Every line that is not blank is in one of them."""
    read = _lines(lines, kind)
    parts = _parts([line for line in read if not line.detail])
    return list(_undated(_with_details(parts, read)))


def _lines(lines: Sequence[str], kind: Kind) -> list[Line]:
    made: list[Line] = []
    blank = True
    for number, line in enumerate(lines):
        text = plain_line(line)
        if not text:
            blank = True
            continue
        mark = BULLET.match(line)
        marked = line[mark.end() :].strip() if mark else ""
        bullet = bool(mark) and not begins_with_period(marked)
        stripped = line.strip()
        bold = stripped[:2] == stripped[-2:] == "**"
        depth = len(stripped) - len(stripped.lstrip("#")) or BOLD * bold
        one = Line(number, marked if mark else text, bullet, depth, blank)
        before = made[-1] if made else None
        if before and (_goes_on(one, before) or _is_rest(one, before)):
            before.text += f" – {one.text}" if one.bullet else f" {one.text}"
        else:
            made.append(one)
        blank = False
    longest = max((len(one.text) for one in made), default=0)
    for number, one in enumerate(made):
        one.dated = not one.bullet and _is_dated(one.text)
        plain = not (one.bullet or one.dated or one.depth or find_label(one.text))
        told = bool(LABEL.match(one.text)) and not _is_headed(one, made[number + 1 : number + 2], kind)
        one.detail = plain and (told or is_inner(one.text))
        rest = _without_dates(one.text)
        parts = [part for part in _SEPARATOR.split(rest) if any(map(str.isalnum, part))]
        titles = [part for number, part in enumerate(parts) if not (number and is_region(part))]
        one.named = any(map(kind.names_title, titles)) and not _is_sentence(rest)
        one.hosted = kind.names_host(rest)
        # A degree and its subject are one part.
        one.parts = 1 if kind is SCHOOLS and one.named and not one.hosted else _number(parts, kind)
        one.likely = _likely(one, made[number - 1] if number else None, longest)
    for one, after in pairwise(made):
        if one.bullet and one.blank and after.dated and not after.blank:
            one.likely = 0.0  # the mark of an entry, as those on a line of time
    return made


def _is_headed(line: Line, below: Sequence[Line], kind: Kind) -> bool:
    """Tell whether a line such as "Acme: Clerk", with dates alone below it, is a heading."""
    return any(is_period(one.text) for one in below) and kind.names_title(line.text.partition(":")[2])


def _number(parts: list[str], kind: Kind) -> int:
    """Return how many parts of a heading there are; several titles side by side are one."""
    named = [kind.names_title(part) and not kind.names_host(part) for part in parts]
    return len(parts) - sum(one and other for one, other in pairwise(named))


def _goes_on(line: Line, before: Line) -> bool:
    """Tell whether a heading with dates goes on in a line: it ends with a comma."""
    if line.blank or line.depth or before.bullet or before.detail or not _is_dated(before.text):
        return False
    return not (line.bullet or _is_dated(line.text)) and bool(_UNFINISHED.search(before.text))


def _is_rest(line: Line, before: Line) -> bool:
    """Tell whether a line is the rest of a short one, as columns break them: "Diploma in Arts", "and Letters"."""
    wrapped = not (line.blank or line.bullet or line.depth or before.bullet or before.depth or find_label(line.text))
    joined = _UNFINISHED.search(before.text) or _JOINING.match(line.text)
    return wrapped and bool(joined) and len(before.text) <= _SHORT and not _is_dated(before.text)


def _is_dated(text: str) -> bool:
    """Tell whether a line has the dates of an entry, at its beginning, at its end or with few words beside them."""
    periods = find_periods(text) if len(text) <= _LONGEST else ()
    if not periods:
        return False
    if label := find_label(text):
        return label[0] == "dates"
    if periods[0].begins == 0 and _AFTER_DATE.match(text, periods[0].ends):
        return True
    first, last = periods[0], periods[-1]
    edge = first.begins == 0 or not text[last.ends :].strip(" .)]|,*_–—-")
    ended = text.endswith(".") and first.begins > 0 and _is_sentence(_without_dates(text))
    if not any(one.start for one in periods):
        return is_of_dates(text) or (edge and not ended and len(text.split()) <= _WORDS)
    return not ended and (edge or sum(any(map(str.isalnum, word)) for word in text.split()) <= _WORDS)


def _likely(line: Line, before: Line | None, longest: int) -> float:
    """Return how much a line looks like one of a heading (above 0), or of the text below one (below 0)."""
    text, words = line.text, line.text.split()
    if line.bullet:
        return -4.0
    if find_label(text):
        return 3.0 + line.blank
    item = before is not None and before.bullet and len(before.text) < _FULL * longest
    ends = text[0].isupper() and before is not None and (item or (before.text.endswith(".") and text[-1] != "."))
    score = 4.0 * bool(line.depth) + 1.0 * line.blank + 0.3 + 1.5 * ends
    score += 1.5 * line.named + 1.0 * line.hosted
    score -= (
        1.5 * bool(_DONE.match(text) and not line.hosted)
        + 3.0 * text[0].islower()
        + 2.0 * _ends(text)
        + 0.7 * _is_sentence(text)
        + 3.0 * (len(listed := _LISTED.split(text)) >= _PARTS and not any(map(is_region, listed)))
    )
    score -= 0.2 * max(0, len(words) - _WORDS)
    if before and not line.blank and not before.dated and _UNFINISHED.search(before.text):
        score -= 3.0
    return score


def _ends(text: str) -> bool:
    """Tell whether a text has the mark of a sentence at its end, and not that of "Inc." or "S.A."."""
    form = is_legal_form(text.rsplit(maxsplit=1)[-1]) or bool(_FORM.search(text))
    return text.endswith(("!", "?", ";", ":")) or (text.endswith(".") and not form)


def _is_sentence(text: str) -> bool:
    """Tell whether most words of a text are in small letters, and not short."""
    words = text.split()
    small = sum(word[0].islower() and len(word) > _FEW_LETTERS for word in words)
    return 2 * small > len(words) or (2 * small == len(words) and len(words) > _PARTS)


def _without_dates(text: str) -> str:
    for period in reversed(find_periods(text)):
        text = text[: period.begins] + text[period.ends :]
    return text.strip(" -–—|,()[]·•\t")


def _parts(lines: list[Line]) -> list[Part]:
    """Split lines at their dates, by the habit that fits best."""
    dated = [number for number, line in enumerate(lines) if line.dated]
    # Where no entry has dates, its title is in their place.
    dated = dated or [number for number, line in enumerate(lines) if line.named and not line.bullet]
    if not dated:
        return [Part([], lines)] if lines else []
    seen = dated[: _SEEN + 1]
    first = lines[: seen[-1]] if len(dated) > _SEEN else lines
    habits = [(above, below) for above in range(_MOST + 1) for below in range(_MOST + 1)]
    sums = _sums(first)
    best = max(habits, key=lambda habit: _Fit(sums, seen[:_SEEN], habit).worth)
    made: list[Part] = []
    begins = 0
    for at, (above, below) in zip(dated, _Fit(_sums(lines), dated, best).chosen, strict=True):
        if made or at - above > begins:
            made = made or [Part([], [])]
            made[-1].body = lines[begins : at - above]
        made.append(Part(lines[at - above : at + below + 1], []))
        begins = at + below + 1
    made[-1].body = lines[begins:]
    return made


def _sums(lines: list[Line]) -> _Sums:
    """Return how likely headings are up to each line, and how many of the lines are named, and have parts."""
    likely = [0.0, *accumulate(line.likely for line in lines)]
    return likely, [0, *accumulate(line.named for line in lines)], [0, *accumulate(line.parts for line in lines)]


class _Fit:
    """The best headings around dates if most of them have as many lines above, and below, as a habit says."""

    def __init__(self, sums: _Sums, dated: list[int], habit: tuple[int, int]) -> None:
        self._likely, self._named, self._count = sums
        self._habit = habit
        whole = len(self._likely) - 1
        # By the lines above the next dates: the worth of all before, and what the headings so far have.
        worths = {above: self._before(0, dated[0], above) for above in range(min(_MOST, dated[0]) + 1)}
        found: list[dict[int, tuple[int, int]]] = []
        for at, after in pairwise([*dated, whole]):
            last = after == whole
            made: dict[int, float] = {}
            found.append({})
            for (above, worth), below in product(worths.items(), range(min(_MOST, after - at - 1) + 1)):
                here, begins = worth + self._heading(at, above, below), at + below + 1
                for more in range(1 if last else min(_MOST, after - begins) + 1):
                    total = here + (-self._sum(begins, after) if last else self._before(begins, after, more))
                    if more not in made or total > made[more]:
                        made[more], found[-1][more] = total, (above, below)
            worths = made
        self.worth = worths[0]
        self.chosen: list[tuple[int, int]] = []
        more = 0
        for one in reversed(found):
            self.chosen.append(one[more])
            more = one[more][0]
        self.chosen.reverse()

    def _sum(self, begins: int, ends: int) -> float:
        return self._likely[ends] - self._likely[begins]

    def _before(self, begins: int, at: int, above: int) -> float:
        """Return the worth of the lines before dates: text, and then the heading."""
        return self._sum(at - above, at) - self._sum(begins, at - above) - _HABIT * _apart(above, self._habit[0])

    def _heading(self, at: int, above: int, below: int) -> float:
        """Return the worth of a heading: it has a position, and something else, and not much more."""
        named = self._named[at + below + 1] - self._named[at - above]
        parts = self._count[at + below + 1] - self._count[at - above]
        worth = 2.0 * bool(named) - 1.0 * max(0, named - 1) + 1.0 * (parts > 1) - 4.0 * (not parts)
        worth -= 0.7 * max(0, parts - _PARTS)
        whole = self._named[at + 1] > self._named[at] and self._count[at + 1] - self._count[at] > 1
        worth -= 3.0 * whole * (above + below)
        return worth + self._sum(at + 1, at + below + 1) - _HABIT * abs(below - self._habit[1])


def _apart(above: int, usual: int) -> float:
    """Return how unusual a number of lines above dates is; one more may name the employer of several positions."""
    return 2 / 3 * (above - usual) if above > usual else float(usual - above)


def _with_details(parts: list[Part], lines: list[Line]) -> list[Part]:
    """Put details where they stand: among the lines of a heading, or of a text."""
    places = {id(line): place for part in parts for place in (part.head, part.body) for line in place}
    owner = {id(line): part for part in parts for line in (*part.head, *part.body)}
    before: Line | None = None
    for line in lines:
        if line.detail and parts:
            part = owner[id(before)] if before else parts[0]
            place = places[id(before)] if before else part.head
            at = next((number + 1 for number, one in enumerate(place) if one is before), 0)
            place.insert(at, line)
            places[id(line)], owner[id(line)] = place, part
        before = line
    return parts or ([Part([], list(lines))] if lines else [])


def _undated(parts: list[Part]) -> Iterator[Part]:
    """Begin an entry at each heading without dates among the texts of others."""
    depths = {line.depth for part in parts for line in part.head if line.depth}
    for part in parts:
        current = part
        body, part.body = part.body, []
        for number, line in enumerate(body):
            after = body[number + 1] if number + 1 < len(body) else None
            marked = line.depth and (not depths or line.depth in depths)
            apart = line.likely >= _PLAIN and line.blank and after is not None and after.bullet
            first = not current.head and not current.body and line.likely > 0
            if marked or ((apart or first) and (current.body or not current.head)):
                if current.head or current.body:
                    yield current
                current = Part([line], [])
            elif not current.body and current.head and not part.head and line.likely > _PLAIN - 1:
                current.head.append(line)
            else:
                current.body.append(line)
        if current.head or current.body:
            yield current
