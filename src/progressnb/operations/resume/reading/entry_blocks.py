"""Blocks of lines: the heading lines, the prose and the bullets of one entry, and the list items of a section."""

# Marks and words of several languages.
from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import begins_with_period, find_periods
from progressnb.operations.resume.words.headings import BULLET, plain_line

from .habits import dates_above, find_label, mend_dates, without_labels
from .roles import Part, is_legal_form, is_town, names_employer, names_position

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue

__all__ = ["Block", "Entry", "balanced", "blocks", "heading_parts", "items", "split_items"]

Entry = dict[str, "JsonValue"]
"""An entry of JSON Resume data."""

_SEPARATORS = re.compile(
    r"\t+|\s{3,}|\s+[|•·–—\u2212-]\s+|\s*[|•]\s*|,\s+|\s+(?:at|bei|chez|presso)\s+(?=[A-ZÀ-Ý])|\s+@\s+"
)
_IN_PARENTHESES = re.compile(r"([^()]{2,100}\S)\s{1,3}\(([^()]{2,40})\)")
# What programs count from the dates and write beside them: "(2 years 3 months)".
_THOUSANDS = re.compile(r"[0-9],[0-9]{3}(?![0-9])")
_DURATION = re.compile(
    r"^\s{0,3}[·(]?\s{0,2}(?:[0-9]{1,2}\+?\s[^\W\d_]{1,7}\.?(?:,?\s(?:[^\W\d_]{1,3}\s)?)?){1,2}\)?(?=\s*$|\s*[|·,])"
)
_MARKS = re.compile(r"^[^\W\d_][^:|\t0-9]{1,28}:\s|(?<![0-9])\s/\s", re.MULTILINE)  # a label, or a slash between parts
_LONGEST_HEADING = 120
_HEADING_LINES = 4  # of one entry, if its date is among them
_MOST_LINES = 5  # of one entry, while no date was found
_TITLE_WORDS = 8


@dataclass
class Block:
    """The lines of one entry: its heading lines, what labels say, its prose, its bullets, its Markdown level or 0."""

    headings: list[str] = field(default_factory=list[str])
    labels: dict[str, str] = field(default_factory=dict[str, str])
    prose: list[str] = field(default_factory=list[str])
    bullets: list[str] = field(default_factory=list[str])
    depth: int = 0


def _is_heading(line: str) -> bool:
    titled = len(line.split()) <= _TITLE_WORDS and _is_named(line)  # "Bread & Co."
    return len(line) <= _LONGEST_HEADING and (
        not line.endswith((".", "!", "?", ";", ":")) or bool(find_periods(line)) or titled
    )


def _is_named(text: str) -> bool:
    return names_position(text) or names_employer(text)


def _are_whole(lines: Sequence[str]) -> bool:
    """Tell whether each heading of a section without marked items is one line, with position, employer and dates."""
    dated = [plain_line(line) for line in lines if any(one.start for one in find_periods(line))]
    named = sum(map(names_position, dated))
    marked = any(BULLET.match(line) for line in lines)
    return not marked and 2 * named > len(dated) and all(len(heading_parts(Block([one]))[0]) > 1 for one in dated)


class _Blocks:
    """The entries of a section, line by line. One begins at a subheading, or at a heading after prose or bullets."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.found: list[Block] = []
        self._lines = dates_above(mend_dates(without_labels(lines)))
        self._whole = _are_whole(self._lines)
        self._dated = self._blank = False
        self._before = ""

    def read(self) -> list[Block]:
        """Return the entries."""
        for number, line in enumerate(self._lines):
            text = plain_line(line)
            if not text or _DURATION.fullmatch(text):
                self._blank = self._blank or not text
                continue
            bullet = BULLET.match(line)
            marked = line[bullet.end() :].strip() if bullet else ""
            if bullet and begins_with_period(marked):
                self._head(number, marked, marked)
            elif bullet:
                self._last().bullets.append(line[bullet.end() :].strip())
            elif self.found and self.found[-1].bullets and self._continues(number, line, text):
                self.found[-1].bullets[-1] += " " + text
            else:
                self._head(number, line, text)
            self._blank, self._before = False, text
        return self.found

    def _last(self) -> Block:
        if not self.found:
            self.found.append(Block())
        return self.found[-1]

    def _continues(self, number: int, line: str, text: str) -> bool:
        """Tell whether a line goes on with the bullet before it."""
        dates = find_periods(text[:40])
        if self._blank and (not text[0].islower() or self._before.endswith((".", "!", "?"))):
            return False
        if line.lstrip().startswith("#") or find_label(text) or (dates and dates[0].begins == 0):
            return False
        if line[:1] in " \t" or text[0].islower():
            return True
        return not self._is_dated(number) and not _is_named(text)

    def _is_dated(self, number: int) -> bool:
        """Tell whether a date stands in a line or in the next ones of the same heading."""
        seen = 0
        for line in self._lines[number : number + 8]:
            if BULLET.match(line) or seen == _MOST_LINES:
                return False
            if find_periods(plain_line(line)):
                return True
            seen += bool(line.strip())
        return False

    def _head(self, number: int, line: str, text: str) -> None:
        block = self.found[-1] if self.found else None
        label = find_label(text)
        if label:
            if block is None or block.bullets or block.prose or label[0] in block.labels:
                self.found.append(Block())
                self._dated = False
            self.found[-1].labels[label[0]] = label[1]
            self._dated = self._dated or label[0] == "dates"
        elif block and self._dated and self._whole and not find_periods(text):
            block.prose.append(text)
        elif _is_heading(text) or (block and self._lacks_title(block, text)):
            periods = bool(find_periods(text))
            begins = block is None or line.lstrip().startswith("#") or bool(block.bullets or block.prose)
            begins = begins or (
                self._dated and (periods or (self._blank and self._has_title() and self._is_dated(number)))
            )
            if begins or len(self.found[-1].headings) >= (_HEADING_LINES if self._dated else _MOST_LINES):
                self.found.append(Block(depth=len(line.lstrip()) - len(line.lstrip().lstrip("#"))))
                self._dated = False
            self.found[-1].headings.append(text)
            self._dated = self._dated or periods
        else:
            self._last().prose.append(text)

    def _lacks_title(self, block: Block, text: str) -> bool:
        """Tell whether a short line stands below a date without a title."""
        return not (block.prose or block.bullets or self._has_title()) and len(text.split()) <= _TITLE_WORDS

    def _has_title(self) -> bool:
        """Tell whether the heading has more than a date."""
        parts, _ = heading_parts(self.found[-1])
        return bool(parts or self.found[-1].labels)


def blocks(lines: Sequence[str]) -> list[Block]:
    """Group lines into entries, and write what all headings have alike as separators: labels, and slashes."""
    found = _below(_Blocks(lines).read())
    heads = ["\n".join(block.headings) for block in found]
    marks = Counter(mark for head in heads for mark in {*_MARKS.findall(head)})
    usual = {mark for mark, number in marks.items() if number > 1}
    for block in found:
        block.headings = [_MARKS.sub(lambda one: " | " if one[0] in usual else one[0], line) for line in block.headings]
    return found


def _below(found: list[Block]) -> list[Block]:
    """Write a heading without a text of its own, as that of an employer, above the headings of a deeper level."""
    made: list[Block] = []
    above: Block | None = None
    for block, after in zip_longest(found, found[1:]):
        if above and block.depth > above.depth:
            block.headings = [*above.headings[:1], *block.headings]
            block.prose[:0], above.headings = above.headings[1:], above.headings[:1]
        else:
            above = None
        alone = not (above or block.bullets or block.prose or block.labels)
        if alone and block.depth and after and after.depth > block.depth:
            above = block
        else:
            made.append(block)
    return made


def heading_parts(block: Block) -> tuple[list[Part], Entry]:
    """Split the heading lines of an entry into parts (title, employer, place) and dates."""
    dates: Entry = {}
    parts: list[Part] = []
    for number, line in enumerate([*block.headings, block.labels.get("dates", "")]):
        text = line
        for period in reversed(find_periods(line)):
            if "endDate" in dates or "startDate" in dates:
                break
            if period.start:
                dates["startDate"] = period.start
            if period.end:
                dates["endDate"] = period.end
            text = text[: period.begins] + " | " + _DURATION.sub("", text[period.ends :], count=1)
        parts += _split(re.sub(r"[(\[]\s*\|\s*[)\]]", " | ", text), number)
    return parts, dates


def _split(line: str, number: int) -> list[Part]:
    parts: list[Part] = []
    begins, apart, tied = 0, False, False
    for match in [*_SEPARATORS.finditer(line), None]:
        text = balanced(line[begins : match.start() if match else len(line)].strip(" ,;:|–—-*_"))
        if any(map(str.isalnum, text)):
            last = parts[-1] if parts else None
            # An office has a short name, as in "European Commission, DG MARE".
            office = tied and text.isupper() and " " in text and not is_town(text)
            if last and (is_legal_form(text) or (office and not last.text.isupper())):
                parts[-1] = last._replace(text=f"{last.text}, {text}")
            else:
                inner = _IN_PARENTHESES.fullmatch(text)
                town = inner is not None and is_town(inner[2])
                parts += (
                    [Part(inner[1], number, apart, tied), Part(inner[2], number, apart=False, tied=True)]
                    if inner and town
                    else [Part(text, number, apart, tied and bool(parts))]
                )
            apart, tied = False, False
        if match:
            begins, apart = match.end(), apart or "\t" in match[0] or match[0].isspace()
            tied = "," in match[0]
    return parts


def balanced(text: str) -> str:
    """Drop a parenthesis whose other half was removed with a date."""
    if text.count("(") != text.count(")"):
        text = text.replace("(", " ").replace(")", " ").strip()
    return text


def items(lines: Sequence[str]) -> list[str]:
    """Return the text of each line, without bullets and Markdown marks."""
    texts: list[str] = []
    for line in lines:
        bullet = BULLET.match(line)
        text = line[bullet.end() :].strip() if bullet else plain_line(line)
        if text:
            texts.append(text)
    return texts


def split_items(text: str) -> list[str]:
    """Split a list of words at separators outside parentheses."""
    parts: list[str] = []
    depth, begins = 0, 0
    for index, char in enumerate(text):
        depth += (char == "(") - (char == ")" and depth > 0)
        if char in ",;|•·" and depth == 0 and not _THOUSANDS.match(text, max(0, index - 1)):
            parts.append(text[begins:index])
            begins = index + 1
    parts.append(text[begins:])
    return [part.strip(" *_").rstrip(". ") or part.strip() for part in parts if any(map(str.isalnum, part))]
