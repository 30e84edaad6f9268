"""The entries of each section, from lines of text by rules: jobs, schools, skills and so on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import find_periods
from progressnb.operations.resume.words.degrees import degrees
from progressnb.operations.resume.words.terms import raw_words
from progressnb.operations.resume.words.vocabulary import POSITION_WORDS

from .entry_blocks import Block, balanced, blocks, heading_parts, items, split_items

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import JsonValue

    from .entry_blocks import Entry

__all__ = ["READERS"]

_COMPANY = re.compile(
    r"(?<![^\W_])(?:inc|ltd|llc|gmbh|corp|corporation|company|co|plc|hospital|university|school|bank|group|college"
    r"|clinic|institute|academy|services|solutions|technologies|restaurant|hotel|council|agency|studio|labs?)(?![^\W_])",
    re.IGNORECASE,
)
_SCHOOL = re.compile(r"universit|college|school|institut|academy|hochschule|école|faculty", re.IGNORECASE)
_LONGEST_GROUP = 60


def _read_work(lines: Sequence[str]) -> list[JsonValue]:
    return [_job(block, "name") for block in blocks(lines)]


def _read_volunteer(lines: Sequence[str]) -> list[JsonValue]:
    return [_job(block, "organization") for block in blocks(lines)]


def _has_position_word(text: str) -> bool:
    return any(word in POSITION_WORDS for word in raw_words(text))


def _job(block: Block, name: str) -> Entry:
    parts, dates = heading_parts(block)
    entry: Entry = {}
    # Words that tell position and company apart decide. Without them, the position is first.
    positions = [part for part in parts if _has_position_word(part) and not _COMPANY.search(part)]
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
    _add_details(entry, block)
    return entry


def _set(entry: Entry, key: str, texts: Sequence[str]) -> None:
    if texts:
        entry[key] = "\n".join(texts)


def _add_details(entry: Entry, block: Block) -> None:
    _set(entry, "summary", block.prose)
    if block.bullets:
        entry["highlights"] = list(block.bullets)


def _read_education(lines: Sequence[str]) -> list[JsonValue]:
    """Read schools and degrees; a bullet without a heading is an entry of its own."""
    schools: list[Block] = []
    for block in blocks(lines):
        schools += [block] if block.headings else [Block(headings=[bullet]) for bullet in block.bullets]
        if not block.headings and block.prose:
            schools.append(Block(prose=block.prose))
    return [_school(block) for block in schools]


def _school(block: Block) -> Entry:
    rest, dates = heading_parts(block)
    # "High school" names a school and a degree. It is the degree if another part names a school.
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
    _add_details(entry, block)
    return entry


def _read_projects(lines: Sequence[str]) -> list[JsonValue]:
    """Read projects; bullets without a heading are projects of their own."""
    entries: list[JsonValue] = []
    for block in blocks(lines):
        if not block.headings:
            entries.extend({"name": text} for text in block.bullets)
            if block.prose:
                entries.append({"description": "\n".join(block.prose)})
            continue
        parts, dates = heading_parts(block)
        entry: Entry = {"name": parts[0]} if parts else {}
        _set(entry, "description", parts[1:] + block.prose)
        entry.update(dates)
        if block.bullets:
            entry["highlights"] = list(block.bullets)
        entries.append(entry)
    return entries


def _read_skills(lines: Sequence[str]) -> list[JsonValue]:
    """Read skills: "Group: one, two" becomes a group with keywords, any other item a skill."""
    entries: list[JsonValue] = []
    for text in items(lines):
        group, colon, rest = text.partition(":")
        group = group.strip("*_ ")
        if (
            colon
            and rest.strip("*_ ")
            and any(map(str.isalnum, group))
            and len(group) <= _LONGEST_GROUP
            and "," not in group
        ):
            entries.append({"name": group, "keywords": list(split_items(rest.strip("*_ ")))})
        else:
            entries.extend({"name": part} for part in split_items(text))
    return entries


def _read_languages(lines: Sequence[str]) -> list[JsonValue]:
    """Read languages with their fluency."""
    entries: list[JsonValue] = []
    for part in (part for text in items(lines) for part in split_items(text)):
        split = re.match(r"([^:(–—-]{1,40}?)\s{0,3}(?:[:(–—]|\s-\s)\s{0,3}(.*)$", part)
        if split and any(map(str.isalnum, split[1])) and any(map(str.isalnum, split[2])):
            fluency = split[2].removesuffix(")") if "(" not in split[2] else split[2]
            entries.append({"language": split[1], "fluency": fluency})
        else:
            entries.append({"language": part})
    return entries


def _read_interests(lines: Sequence[str]) -> list[JsonValue]:
    """Read interests."""
    return [{"name": part} for text in items(lines) for part in split_items(text)]


def _dated(key: str, date: str) -> Callable[[Sequence[str]], list[JsonValue]]:
    def read(lines: Sequence[str]) -> list[JsonValue]:
        entries: list[JsonValue] = []
        for text in items(lines):
            periods = find_periods(text)
            # Only a single date at the end is the date of the entry: "ISO 9001:2015 auditor" has none.
            last = periods[-1] if periods else None
            if last and last.start is None and last.end and not text[last.ends :].strip(" .)]"):
                name = balanced(text[: last.begins].rstrip(" ,;:|–—-"))
                if any(map(str.isalnum, name)):
                    entries.append({key: name, date: last.end})
                    continue
            entries.append({key: text})
        return entries

    return read


def _read_references(lines: Sequence[str]) -> list[JsonValue]:
    """Read references, a line each."""
    return [{"reference": text} for text in items(lines)]


READERS: dict[str, Callable[[Sequence[str]], list[JsonValue]]] = {
    "work": _read_work,
    "volunteer": _read_volunteer,
    "education": _read_education,
    "projects": _read_projects,
    "skills": _read_skills,
    "languages": _read_languages,
    "interests": _read_interests,
    "certificates": _dated("name", "date"),
    "awards": _dated("title", "date"),
    "publications": _dated("name", "releaseDate"),
    "references": _read_references,
}
"""The section -> the function that reads its entries from its lines."""
