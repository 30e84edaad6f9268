"""The entries of each section, from lines of text by rules: jobs, schools, skills and so on."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import find_periods, months_between
from progressnb.operations.resume.words.degrees import degrees
from progressnb.operations.resume.words.sentences import segments

from .entry_blocks import Block, balanced, blocks, heading_parts, items, split_items
from .roles import Roles, assign

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import JsonValue

    from .entry_blocks import Entry
    from .roles import Part

__all__ = ["READERS", "SCHOOL"]

SCHOOL = re.compile(r"universit|college|school|institut|academy|hochschule|école|faculty", re.IGNORECASE)
_LONGEST_GROUP = 60


def _jobs(lines: Sequence[str], name: str = "name") -> list[JsonValue]:
    found = blocks(lines)
    if not any(block.bullets for block in found):
        found = [_with_items(block) for block in found]
    read = [(block, *heading_parts(block)) for block in found]
    roles = assign([parts for _, parts, _ in read])
    jobs = [_job(block, parts, dates, role, name) for (block, parts, dates), role in zip(read, roles, strict=True)]
    above = False
    for number, (job, (_, parts, _), role) in enumerate(zip(jobs, read, roles, strict=True)):
        if role.employer >= 0:
            above = parts[role.employer].line < parts[role.position].line
        elif above and job.keys().isdisjoint({name, "location"}) and _goes_on(job, jobs[number - 1]):
            # Below its name an employer may have several positions.
            job.update({key: jobs[number - 1][key] for key in (name, "location") if key in jobs[number - 1]})
        else:
            above = False
    return list(jobs)


def _goes_on(job: Entry, later: Entry) -> bool:
    """Tell whether a job ended when the one that is written above it began."""
    months = months_between(str(job.get("endDate")), str(later.get("startDate")), date.min)
    return "position" in job and months is not None and months[1] - months[0] <= 1


def _with_items(block: Block) -> Block:
    """Take the lines of an entry as its items, where nobody marked any and each line is one sentence at most."""
    plain = all(len(segments(text)) == 1 for text in block.prose)
    return replace(block, prose=[], bullets=block.prose) if plain else block


def _job(block: Block, parts: list[Part], dates: Entry, roles: Roles, name: str) -> Entry:
    texts = [part.text for part in parts]
    employer, comma, town = block.labels.get("employer", "").partition(", ")
    named = ["position" in block.labels, "employer" in block.labels]
    if any(named):
        first = 0 if texts and not comma and not all(named) else -1  # the first part is what no label says
        roles = Roles(-1 if named[0] else first, -1 if named[1] else first, tuple(range(first + 1, len(texts))))
    others = [texts[slot] for slot in roles.places]
    title = ", ".join(texts[slot] for slot in (roles.position, roles.more) if slot >= 0)
    places = [*(text for text in others if not text[0].islower()), town, block.labels.get("location", "")]
    fields = {
        "position": block.labels.get("position", title),
        name: employer or (texts[roles.employer] if roles.employer >= 0 else ""),
        "location": ", ".join(filter(None, places)),
    }
    entry: Entry = {key: text for key, text in fields.items() if text}
    entry.update(dates)
    _add_details(entry, block)
    extra = [f"{kind}: {text}" for kind, text in block.labels.items() if kind in {"person", "page"}]
    _set(entry, "summary", [*extra, *(text for text in others if text[0].islower()), *block.prose])
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
        schools += [block] if block.headings or block.labels else [Block(headings=[bullet]) for bullet in block.bullets]
        if not block.headings and not block.labels and block.prose:
            schools.append(Block(prose=block.prose))
    return [_school(block) for block in schools]


def _school(block: Block) -> Entry:
    parts, dates = heading_parts(block)
    rest = [part.text for part in parts] + [text for kind, text in block.labels.items() if kind != "dates"]
    # "High school" names a school and a degree. It is the degree if another part names a school.
    schools = sorted((part for part in rest if SCHOOL.search(part)), key=lambda part: bool(degrees(part)))
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
        found, dates = heading_parts(block)
        parts = [part.text for part in found] + [text for kind, text in block.labels.items() if kind != "dates"]
        if not block.headings and not block.labels:
            entries.extend({"name": text} for text in block.bullets)
            block.bullets = []
        entry: Entry = {"name": parts[0]} if parts else {}
        _set(entry, "description", parts[1:] + block.prose)
        entry.update(dates)
        if block.bullets:
            entry["highlights"] = list(block.bullets)
        entries += [entry] if entry else []
    return entries


def _read_skills(lines: Sequence[str]) -> list[JsonValue]:
    """Read skills: "Group: one, two" becomes a group with keywords, any other item a skill."""
    entries: list[JsonValue] = []
    for text in items(lines):
        group, rest = (part.strip("*_ ") for part in (text.partition(":")[0], text.partition(":")[2]))
        if rest and any(map(str.isalnum, group)) and len(group) <= _LONGEST_GROUP and "," not in group:
            entries.append({"name": group, "keywords": list(split_items(rest))})
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


READERS: dict[str, Callable[[Sequence[str]], list[JsonValue]]] = {
    "work": _jobs,
    "volunteer": partial(_jobs, name="organization"),
    "education": _read_education,
    "projects": _read_projects,
    "skills": _read_skills,
    "languages": _read_languages,
    "interests": lambda lines: [{"name": part} for text in items(lines) for part in split_items(text)],
    "certificates": _dated("name", "date"),
    "awards": _dated("title", "date"),
    "publications": _dated("name", "releaseDate"),
    "references": lambda lines: [{"reference": text} for text in items(lines)],
}
"""The section -> the function that reads its entries from its lines."""
