"""Blocks of lines: the heading lines, the prose and the bullets of one entry, and the list items of a section."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import find_periods
from progressnb.operations.resume.words.headings import BULLET, plain_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue

__all__ = ["Block", "Entry", "balanced", "blocks", "heading_parts", "items", "split_items"]

Entry = dict[str, "JsonValue"]
"""An entry of JSON Resume data."""

_SEPARATORS = re.compile(r"\s+[|•·–—\u2212-]\s+|\s*[|•]\s*|\t+|,\s+|\s+at\s+(?=[A-Z])|\s+@\s+|\s{3,}")
_LONGEST_HEADING = 120
_HEADING_LINES = 3  # of one entry


@dataclass
class Block:
    """The lines of one entry: its heading lines, its prose, its bullets."""

    headings: list[str] = field(default_factory=list[str])
    prose: list[str] = field(default_factory=list[str])
    bullets: list[str] = field(default_factory=list[str])


def _is_heading(line: str) -> bool:
    return len(line) <= _LONGEST_HEADING and not line.endswith((".", "!", "?", ";", ":"))


def blocks(lines: Sequence[str]) -> list[Block]:
    """Group lines into entries. One begins at a subheading, or at a heading line after prose or bullets."""
    found: list[Block] = []
    dated = blank = False
    for line in lines:
        text = plain_line(line)
        if not text:
            blank = True
            continue
        bullet = BULLET.match(line)
        block = found[-1] if found else None
        if bullet:
            if block is None:
                found.append(block := Block())
            block.bullets.append(line[bullet.end() :].strip())
        elif block and block.bullets and not blank and line[:1] in " \t" and not line.lstrip().startswith("#"):
            block.bullets[-1] += " " + text
        elif _is_heading(text):
            periods = bool(find_periods(text))
            begins = block is None or line.lstrip().startswith("#") or bool(block.bullets or block.prose)
            begins = begins or (dated and (periods or blank)) or len(found[-1].headings) >= _HEADING_LINES
            if begins:
                found.append(Block())
                dated = False
            found[-1].headings.append(text)
            dated = dated or periods
        else:
            if block is None:
                found.append(block := Block())
            block.prose.append(text)
        blank = False
    return found


def heading_parts(block: Block) -> tuple[list[str], Entry]:
    """Split the heading lines of an entry into parts (title, employer, place) and dates."""
    dates: Entry = {}
    parts: list[str] = []
    for line in block.headings:
        text = line
        for period in reversed(find_periods(line)):
            if "endDate" in dates or "startDate" in dates:
                break
            if period.start:
                dates["startDate"] = period.start
            if period.end:
                dates["endDate"] = period.end
            text = text[: period.begins] + " | " + text[period.ends :]
        parts += [part.strip(" ,;:|–—-*_") for part in _SEPARATORS.split(re.sub(r"\(\s*\|\s*\)", " | ", text))]
    return [balanced(part) for part in parts if any(map(str.isalnum, part))], dates


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
        if char in ",;|•·" and depth == 0:
            parts.append(text[begins:index])
            begins = index + 1
    parts.append(text[begins:])
    return [part.strip(" .*_") or part.strip() for part in parts if any(map(str.isalnum, part))]
