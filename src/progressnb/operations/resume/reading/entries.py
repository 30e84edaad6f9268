"""The entries of a resume's sections, by rules: jobs, schools, skills and so on from lines of text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import find_periods
from progressnb.operations.resume.words.degrees import degrees
from progressnb.operations.resume.words.headings import BULLET, plain_line
from progressnb.operations.resume.words.terms import raw_words
from progressnb.operations.resume.words.vocabulary import POSITION_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import JsonValue

    Entry = dict[str, JsonValue]

__all__ = ["READERS"]

_SEPARATORS = re.compile(r"\s+[|•·–—\u2212-]\s+|\s*[|•]\s*|\t+|,\s+|\s+at\s+(?=[A-Z])|\s+@\s+|\s{3,}")
_COMPANY = re.compile(
    r"(?<![^\W_])(?:inc|ltd|llc|gmbh|corp|corporation|company|co|plc|hospital|university|school|bank|group|college"
    r"|clinic|institute|academy|services|solutions|technologies|restaurant|hotel|council|agency|studio|labs?)(?![^\W_])",
    re.IGNORECASE,
)
_SCHOOL = re.compile(r"universit|college|school|institut|academy|hochschule|école|faculty", re.IGNORECASE)
_HEAD_LENGTH = 120
_HEAD_LINES = 3


@dataclass
class _Block:
    """The lines of one entry: what heads it, its prose, its bullets."""

    heads: list[str] = field(default_factory=list[str])
    prose: list[str] = field(default_factory=list[str])
    bullets: list[str] = field(default_factory=list[str])


def _is_head(line: str) -> bool:
    return len(line) <= _HEAD_LENGTH and not line.endswith((".", "!", "?", ";", ":"))


def _blocks(lines: Sequence[str]) -> list[_Block]:
    """Group lines into entries: a new one begins at a subheading, or at a head line after prose or bullets."""
    blocks: list[_Block] = []
    dated = blank = False
    for line in lines:
        text = plain_line(line)
        if not text:
            blank = True
            continue
        bullet = BULLET.match(line)
        block = blocks[-1] if blocks else None
        if bullet:
            if block is None:
                blocks.append(block := _Block())
            block.bullets.append(line[bullet.end() :].strip())
        elif block and block.bullets and not blank and line[:1] in " \t" and not line.lstrip().startswith("#"):
            block.bullets[-1] += " " + text
        elif _is_head(text):
            periods = bool(find_periods(text))
            begins = block is None or line.lstrip().startswith("#") or bool(block.bullets or block.prose)
            begins = begins or (dated and (periods or blank)) or len(blocks[-1].heads) >= _HEAD_LINES
            if begins:
                blocks.append(_Block())
                dated = False
            blocks[-1].heads.append(text)
            dated = dated or periods
        else:
            if block is None:
                blocks.append(block := _Block())
            block.prose.append(text)
        blank = False
    return blocks


def _head(block: _Block) -> tuple[list[str], Entry]:
    """Split the head lines of an entry into parts and dates."""
    dates: Entry = {}
    parts: list[str] = []
    for line in block.heads:
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
    return [_balanced(part) for part in parts if any(map(str.isalnum, part))], dates


def _balanced(text: str) -> str:
    """Drop a parenthesis that lost its other half to a date."""
    if text.count("(") != text.count(")"):
        text = text.replace("(", " ").replace(")", " ").strip()
    return text


def _set(entry: Entry, key: str, texts: Sequence[str]) -> None:
    if texts:
        entry[key] = "\n".join(texts)


def _says_position(text: str) -> bool:
    return any(word in POSITION_WORDS for word in raw_words(text))


def _job(block: _Block, name: str) -> Entry:
    parts, dates = _head(block)
    entry: Entry = {}
    # "Position, Company" is the usual order; words that say which is which come first.
    positions = [part for part in parts if _says_position(part) and not _COMPANY.search(part)]
    position = positions[0] if positions else (parts[0] if parts and not _COMPANY.search(parts[0]) else "")
    rest = list(parts)
    if position:
        entry["position"] = position
        rest.remove(position)
    employer = next((part for part in rest if _COMPANY.search(part)), rest[0] if rest else "")
    if employer:
        entry[name] = employer
        rest.remove(employer)
    if rest:
        entry["location"] = ", ".join(rest)
    entry.update(dates)
    _set(entry, "summary", block.prose)
    if block.bullets:
        entry["highlights"] = list(block.bullets)
    return entry


def read_work(lines: Sequence[str]) -> list[JsonValue]:
    """Read jobs."""
    return [_job(block, "name") for block in _blocks(lines)]


def read_volunteer(lines: Sequence[str]) -> list[JsonValue]:
    """Read unpaid work."""
    return [_job(block, "organization") for block in _blocks(lines)]


def read_education(lines: Sequence[str]) -> list[JsonValue]:
    """Read schools and degrees; a bullet without a head is an entry of its own."""
    blocks: list[_Block] = []
    for block in _blocks(lines):
        blocks += [block] if block.heads else [_Block(heads=[bullet]) for bullet in block.bullets]
        if not block.heads and block.prose:
            blocks.append(_Block(prose=block.prose))
    return [_school(block) for block in blocks]


def _school(block: _Block) -> Entry:
    rest, dates = _head(block)
    # "High school" says both; it is the degree if another part is the school.
    schools = sorted((part for part in rest if _SCHOOL.search(part)), key=lambda part: bool(degrees(part)))
    institution = schools[0] if schools else ""
    if institution:
        rest.remove(institution)
    degree = next((part for part in rest if degrees(part)), "")
    if degree:
        rest.remove(degree)
    area = rest.pop(0) if rest else ""
    if not institution and rest:
        institution = rest.pop(0)
    fields = {"studyType": degree, "area": area, "institution": institution, "location": ", ".join(rest)}
    entry: Entry = {key: text for key, text in fields.items() if text}
    entry.update(dates)
    _set(entry, "summary", block.prose)
    if block.bullets:
        entry["highlights"] = list(block.bullets)
    return entry


def read_projects(lines: Sequence[str]) -> list[JsonValue]:
    """Read projects; bullets without a head are projects of their own."""
    entries: list[JsonValue] = []
    for block in _blocks(lines):
        if not block.heads:
            entries.extend({"name": text} for text in block.bullets)
            if block.prose:
                entries.append({"description": "\n".join(block.prose)})
            continue
        parts, dates = _head(block)
        entry: Entry = {"name": parts[0]} if parts else {}
        _set(entry, "description", parts[1:] + block.prose)
        entry.update(dates)
        if block.bullets:
            entry["highlights"] = list(block.bullets)
        entries.append(entry)
    return entries


def _items(lines: Sequence[str]) -> list[str]:
    texts: list[str] = []
    for line in lines:
        bullet = BULLET.match(line)
        text = line[bullet.end() :].strip() if bullet else plain_line(line)
        if text:
            texts.append(text)
    return texts


def _split(text: str) -> list[str]:
    """Split a list of words; commas within parentheses don't split."""
    parts: list[str] = []
    depth, begins = 0, 0
    for index, char in enumerate(text):
        depth += (char == "(") - (char == ")" and depth > 0)
        if char in ",;|•·" and depth == 0:
            parts.append(text[begins:index])
            begins = index + 1
    parts.append(text[begins:])
    return [part.strip(" .*_") or part.strip() for part in parts if any(map(str.isalnum, part))]


def read_skills(lines: Sequence[str]) -> list[JsonValue]:
    """Read skills: "Group: one, two" is a group with keywords, else each one is a skill."""
    entries: list[JsonValue] = []
    for text in _items(lines):
        group, colon, rest = text.partition(":")
        group = group.strip("*_ ")
        if colon and rest.strip("*_ ") and any(map(str.isalnum, group)) and len(group) <= 60 and "," not in group:  # noqa: PLR2004
            entries.append({"name": group, "keywords": list(_split(rest.strip("*_ ")))})
        else:
            entries.extend({"name": part} for part in _split(text))
    return entries


def read_languages(lines: Sequence[str]) -> list[JsonValue]:
    """Read spoken languages with how well they are spoken."""
    entries: list[JsonValue] = []
    for part in (part for text in _items(lines) for part in _split(text)):
        split = re.match(r"([^:(–—-]{1,40}?)\s{0,3}(?:[:(–—]|\s-\s)\s{0,3}(.*)$", part)
        if split and any(map(str.isalnum, split[1])) and any(map(str.isalnum, split[2])):
            fluency = split[2].removesuffix(")") if "(" not in split[2] else split[2]
            entries.append({"language": split[1], "fluency": fluency})
        else:
            entries.append({"language": part})
    return entries


def read_interests(lines: Sequence[str]) -> list[JsonValue]:
    """Read interests."""
    return [{"name": part} for text in _items(lines) for part in _split(text)]


def _dated(key: str, date: str) -> Callable[[Sequence[str]], list[JsonValue]]:
    def read(lines: Sequence[str]) -> list[JsonValue]:
        entries: list[JsonValue] = []
        for text in _items(lines):
            periods = find_periods(text)
            # Only a lone date at the end is the date of it: "ISO 9001:2015 auditor" has none.
            last = periods[-1] if periods else None
            if last and last.start is None and last.end and not text[last.ends :].strip(" .)]"):
                name = _balanced(text[: last.begins].rstrip(" ,;:|–—-"))
                if any(map(str.isalnum, name)):
                    entries.append({key: name, date: last.end})
                    continue
            entries.append({key: text})
        return entries

    return read


def read_references(lines: Sequence[str]) -> list[JsonValue]:
    """Read references, a line each."""
    return [{"reference": text} for text in _items(lines)]


READERS: dict[str, Callable[[Sequence[str]], list[JsonValue]]] = {
    "work": read_work,
    "volunteer": read_volunteer,
    "education": read_education,
    "projects": read_projects,
    "skills": read_skills,
    "languages": read_languages,
    "interests": read_interests,
    "certificates": _dated("name", "date"),
    "awards": _dated("title", "date"),
    "publications": _dated("name", "releaseDate"),
    "references": read_references,
}
