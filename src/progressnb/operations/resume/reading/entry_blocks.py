"""Blocks of lines: the heading lines, the prose and the bullets of one entry, and the list items of a section."""

# Marks and words of several languages.
from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import find_periods
from progressnb.operations.resume.words.headings import BULLET, plain_line

from .contact import LINK
from .habits import LABEL, dates_above, find_label, from_tables, mend_dates, without_labels, without_marks
from .roles import Part, is_legal_form, is_region, is_town, names_position
from .segmenting import BOLD, segment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue

    from .roles import Kind
    from .segmenting import Line
    from .segmenting import Part as Segment

__all__ = ["Block", "Entry", "balanced", "blocks", "heading_parts", "items", "joined", "split_items"]

Entry = dict[str, "JsonValue"]
"""An entry of JSON Resume data."""

_SEPARATORS = re.compile(
    r"(?<=[a-z.])-(?=[A-Z][\w.]{1,20}(?: [\w.]{2,20}){0,2}, [A-Z]{2}$)|"  # "Acme-Kansas City, MO"
    r"\t+|\s{3,}|\s+[|•·–—\u2212-]\s+|\s*[|•\0]\s*|[,;]\s+|\s+(?:at|bei|bij|chez|presso|te)\s+(?=[A-ZÀ-Ý])|\s+@\s+"
    r"|\s+in\s+(?=_)"  # "Acme in _Boise_"
    r"|(?<=[^\W\d]):\s+(?=[^\W\d])"  # "Acme: Clerk"
    r"|(?:(?<=[^\W\d_A-Z]{5})|(?<=, [A-Z]{2}))\.\s+(?=[A-Z0-9])"  # "Boise, ID. Diploma"
)
_IN_PARENTHESES = re.compile(r"([^()]{2,100}\S)\s{1,3}\(([^()]{2,40})\)")
_WHOLE = re.compile(r"\([^()\0]{2,100}\)")  # parentheses without dates
_LONGEST = 500  # characters of a heading whose parentheses are kept whole
_OF_PLACE = re.compile(r"University of [\w .]{2,40}? at (?=[A-Z])")  # "University of Texas at Austin"
_REMARK = re.compile(
    r"\s\(([0-9–-]{1,6} ?%|(?:[^\s()]{1,30} ){6,20}[^\s()]{1,30})\)"
)  # "(80 %)", or what is longer than a name
_WITH_PLACE = re.compile(r"\s{1,3}\(([^(),]{2,40}), ([^(),]{2,40})\)\.?")
_PLACE_NEXT = re.compile(r"\s{0,3}[·•]\s")  # "2015 – 2017 · Leeds"
_NEXT_LABEL = re.compile(rf"\s+\|\s+(?={LABEL.pattern})")  # "Town: Perugia | Country: Italy"
_TOWN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")  # one word between a heading and its items
_THOUSANDS = re.compile(r"[0-9],[0-9]{3}(?![0-9])")
# What programs count from the dates and write beside them: "(2 years 3 months)".
_DURATION = re.compile(
    r"^\s{0,3}[·(]?\s{0,2}(?:[0-9]{1,2}(?:[.,][0-9])?\+?\s[^\W\d_]{1,7}\.?(?:,?\s(?:[^\W\d_]{1,3}\s)?)?){1,2}\)?(?=\s*$|\s*[|·,]|\s{3})"
)
_MARK_BETWEEN = {mark: f" {mark} " for mark in "|•·–—-"} | {",": ", "}
_OUTER = re.compile(r"[^\d/|]{2,60}\s[|–—-]\s+[^\W\d]")
_MARKS = re.compile(rf"^{LABEL.pattern}|(?<![0-9])\s/\s", re.MULTILINE)  # a label, or a slash between parts


@dataclass
class Block:
    """The lines of one entry: its heading lines, what labels say, its prose, bullets, Markdown level or 0, and link."""

    headings: list[str] = field(default_factory=list[str])
    labels: dict[str, str] = field(default_factory=dict[str, str])
    prose: list[str] = field(default_factory=list[str])
    bullets: list[str] = field(default_factory=list[str])
    depth: int = 0
    url: str = ""


def _block(part: Segment) -> Block:
    """Return the lines of an entry by what they are. A line without a mark may go on with the item above it."""
    block = Block(depth=max((line.depth for line in part.head if line.depth < BOLD), default=0))
    for line in part.head:
        text = _without_link(line.text, block)
        first, *others = _NEXT_LABEL.split(text)
        label = find_label(first)
        if label and label[0] not in block.labels:
            block.labels[label[0]] = ", ".join([label[1], *(LABEL.sub("", one) for one in others)])
        elif line.detail:
            block.prose.append(line.text)
        elif not _DURATION.fullmatch(line.text):
            block.headings += [text] if text else []
    if len(part.body) > 1 and part.head and part.body[1].bullet and _TOWN.fullmatch(part.body[0].text):
        block.headings.append(part.body.pop(0).text)
    before: Line | None = None
    for line in part.body:
        if _DURATION.fullmatch(line.text):
            continue
        if line.bullet:
            block.bullets.append(line.text)
        elif block.bullets and before and _continues(line, before):
            block.bullets[-1] += " " + line.text
        else:
            block.prose.append(line.text)
        before = line
    return block


def _without_link(text: str, block: Block) -> str:
    """Return a line without the address of its first link, which becomes that of the entry."""
    link = LINK.search(text)
    if not link or block.url:
        return text
    block.url = link[2]
    return text.replace(link[0], "" if link[1] in link[2] else link[1]).strip()


def _continues(line: Line, before: Line) -> bool:
    """Tell whether a line goes on with the item before it."""
    if line.blank and (not line.text[0].islower() or before.text.endswith((".", "!", "?"))):
        return False
    return not line.depth and not find_label(line.text)


def blocks(lines: Sequence[str], kind: Kind) -> list[Block]:
    """Group lines into entries, and write what all headings have alike as separators: labels, and slashes."""
    plain = without_labels(without_marks(from_tables(lines), kind))
    found = _below([_block(part) for part in segment(dates_above(mend_dates(plain)), kind)])
    heads = ["\n".join(block.headings) for block in found]
    marks = Counter(mark for head in heads for mark in {*_MARKS.findall(head)})
    usual = {mark for mark, number in marks.items() if number > 1}
    for block in found:
        block.headings = [
            _MARKS.sub(lambda one: " | " if one[0] in usual and not _joins_positions(one) else one[0], line)
            for line in block.headings
        ]
    return found


def _joins_positions(slash: re.Match[str]) -> bool:
    """Tell whether a mark stands between two positions: "Baker / Confectioner", or in "Baker / Sales - Acme"."""
    before, after = slash.string[: slash.start()], slash.string[slash.end() :]
    named = names_position(before), names_position(_SEPARATORS.split(after, maxsplit=1)[0])
    return all(named) or (any(named) and _OUTER.match(after) is not None)


def joined(parts: Sequence[Part], slots: Sequence[int]) -> str:
    """Return parts as one text, with the marks that stand between them."""
    first, *others = sorted(slots) or [-1]
    text = parts[first].text if first >= 0 else ""
    for slot in others:
        text += f"{parts[slot].mark or ', '}{parts[slot].text}" + ")" * (parts[slot].mark == " (")
    return text


def _below(found: list[Block]) -> list[Block]:
    """Write a heading without a text of its own, as that of an employer, above the headings of a deeper level."""
    made: list[Block] = []
    above: Block | None = None
    for block, after in zip_longest(found, found[1:]):
        if above and block.depth > above.depth:
            block.prose[:0] = [above.url] if above.url and block.url else []
            block.url = block.url or above.url
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
        for remark in [one[1] for one in _REMARK.finditer(line[:_LONGEST]) if not find_periods(one[1])]:
            line = line.replace(f" ({remark})", " ", 1)  # noqa: PLW2901 - without what is no part
            block.prose.insert(0, remark)
        text = line
        periods = find_periods(line)
        for period in [] if dates else [next((one for one in periods if one.start), *periods[-1:])] if periods else []:
            if period.start:
                dates["startDate"] = period.start
            if period.end:
                dates["endDate"] = period.end
            rest = _DURATION.sub("", text[period.ends :], count=1)
            gap = "\t" if _PLACE_NEXT.match(rest) else "\0"
            text = f"{text[: period.begins]} {gap} {rest}"
        text = _WITH_PLACE.sub(lambda one: f" | {one[1]}, {one[2]}" if is_region(one[2]) else one[0], text)
        parts += _split(re.sub(r"[(\[]\s*\0\s*[)\]]", " \0 ", text), number)
    return parts, dates


def _split(line: str, number: int) -> list[Part]:
    parts: list[Part] = []
    begins, apart, tied, mark = 0, False, False, ""
    whole = (_WHOLE, _OF_PLACE) if len(line) <= _LONGEST else ()
    inside = [one.span() for pattern in whole for one in pattern.finditer(line)]
    outside = (one for one in _SEPARATORS.finditer(line) if not any(a < one.start() < b for a, b in inside))
    for match in [*outside, None]:
        text = balanced(line[begins : match.start() if match else len(line)].strip(" ,;:|•·–—-*_"))
        if any(map(str.isalnum, text)):
            last = parts[-1] if parts else None
            # An office has a short name, as in "European Commission, DG MARE".
            office = tied and text.isupper() and " " in text and not is_town(text)
            if last and (is_legal_form(text) or (office and not last.text.isupper())):
                parts[-1] = last._replace(text=f"{last.text}, {text}")
            else:
                inner = _IN_PARENTHESES.fullmatch(text)
                town = inner is not None and is_town(inner[2])
                mark = mark if parts else ""
                if inner and town:
                    parts.append(Part(inner[1], number, apart, tied, mark))
                    parts.append(Part(inner[2], number, apart=False, tied=True, mark=" ("))
                else:
                    parts.append(Part(text, number, apart, tied and bool(parts), mark))
            apart, tied, mark = False, False, " "
        if match:
            begins, apart = match.end(), apart or "\t" in match[0] or match[0].isspace()
            tied = "," in match[0]
            mark = _MARK_BETWEEN.get(match[0].strip(), "") if mark else ""
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
