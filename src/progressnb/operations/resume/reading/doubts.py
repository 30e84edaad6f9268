"""Signs that a reading is wrong: entries that are none, parts in the wrong place, dates that no entry has."""

# Marks of several languages.
# ruff: noqa: RUF001
from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import leaves, objects, text_at
from progressnb.operations.resume.words.dates import find_periods
from progressnb.operations.resume.words.degrees import degrees
from progressnb.operations.resume.words.headings import find_heading, known_section
from progressnb.operations.resume.words.terms import clip

from .roles import KINDS_OF_WORK, is_region, names_position, names_school

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .entry_blocks import Entry

__all__ = ["ENTRIES", "are_guessed", "doubtful_entries", "loose_periods", "repeated_lines", "title_of"]

ENTRIES = ("work", "volunteer", "education")
"""The sections whose entries have dates and titles."""

_TITLES = ("position", "studyType", "area", "name", "organization", "institution")
_TITLE_WORDS = 9
_PLACE_WORDS = 8
_SHOWN = 80
_REST = 4  # words
_SENTENCE = 4  # words
_HEADINGS = 2  # of sections: fewer don't part jobs from other entries
_UNFINISHED = re.compile(
    r"(?:[,&@(/]|(?<![^\W_])(?:and|or|of|the|for|with|in|at|und|der|die|bei|et|de|del|la|du|y|и|в|на))$", re.IGNORECASE
)
_MARK_INSIDE = re.compile(r"\S\s[•●▪■◦‣›»→➢✓]\s\S")


def title_of(entry: Entry) -> str:
    """Return what an entry is shown as."""
    shown = [str(entry[key]) for key in _TITLES if entry.get(key)]
    return clip(", ".join(shown) or "an entry without a title", _SHOWN)


def doubtful_entries(data: Entry) -> Iterator[tuple[str, str]]:
    """Yield the section of each entry that looks wrong, and the reason."""
    name = text_at(data, "basics.name")
    if not name:
        yield "basics", "No name was found"
    elif len(name.split()) == 1 or known_section(name) or names_position(name):
        yield "basics", f"{clip(name, _SHOWN)}: it looks like no name of a person"
    for section in ENTRIES:
        entries = objects(data.get(section))
        for entry in entries:
            reason = next(_reasons(entry, section, name), "")
            if not reason and entries.count(entry) > 1:
                reason = "it stands there twice"
            if reason:
                yield section, f"{title_of(entry)}: {reason}"
    begins = [str(job["startDate"])[:4] for job in objects(data.get("work")) if job.get("startDate")]
    if sorted(begins) not in (begins, begins[::-1]):
        yield "order", "The jobs stand in no order of time"


def _reasons(entry: Entry, section: str, name: str) -> Iterator[str]:
    """Say why an entry looks wrong, most telling reason first."""
    given = [str(entry[key]) for key in _TITLES if entry.get(key) and key != "area"]
    place = str(entry.get("location") or "")
    if not given and not entry.get("area"):
        yield "it has no title"
    if any(_is_sentence(text, section) for text in given):
        yield "its title looks like a sentence or a part of one"
    if any(name and name.casefold() in text.casefold() for text in given):
        yield "its title has the person's name, as footers of pages do"
    if len(place.split()) > _PLACE_WORDS or place[:1].islower() or place.count(",") > 1:
        yield "its place looks like other text"
    if section == "work":
        yield from _doubts_of_job(entry)
    start, end = str(entry.get("startDate") or ""), str(entry.get("endDate") or "")
    if start and end and end < start[: len(end)]:
        yield "it ends before it begins"


def _is_sentence(text: str, section: str) -> bool:
    """Tell whether a title has many words, no end, or no capital letter first, as "eBay" and "diploma" may."""
    small = (
        section != "education"
        and text[:1].islower()
        and text.split(maxsplit=1)[0].islower()
        and text.casefold() not in KINDS_OF_WORK
    )
    return len(text.split()) > _TITLE_WORDS or small or bool(_UNFINISHED.search(text))


def _doubts_of_job(entry: Entry) -> Iterator[str]:
    position, employer, place = (str(entry.get(key) or "") for key in ("position", "name", "location"))
    if not (position and employer):
        yield "it has no employer" if position else "it has no position"
    if position == employer or (not names_position(position) and any(map(names_position, (employer, place)))):
        yield "another part of it looks like its position"
    if is_region(employer):
        yield "its employer looks like a place"
    words = employer.split()
    if len(words) >= _SENTENCE and 2 * sum(word[:1].isupper() for word in words) < len(words):
        yield "its employer looks like a sentence"
    if entry.get("endDate") and not entry.get("startDate") and ("-" in str(entry["endDate"]) or _is_of_school(entry)):
        yield "it has an end without a beginning"
    bullets = entry.get("highlights")
    texts = [str(text) for text in bullets] if isinstance(bullets, list) else []
    if any(map(_MARK_INSIDE.search, texts)) or 0 < sum(text[:1].islower() for text in texts) < len(texts):
        yield "its items look like parts of others, or like several in one"
    if len(texts) > 1 and _is_name(texts[0]) and all(len(text.split()) > _REST for text in texts[1:]):
        yield "its first item looks like a part of its heading"
    summary = str(entry.get("summary") or "")
    if texts and 0 < len(summary.split()) <= _REST and ":" not in summary:
        yield "a short line above its items looks like a part of its heading"


def _is_name(text: str) -> bool:
    """Tell whether a text is a few words with capitals, as names of employers and places are."""
    words = text.split()
    return len(words) <= _REST and "," not in text and text[-1:].isalnum() and all(word[:1].isupper() for word in words)


def loose_periods(text: str, data: Entry) -> tuple[list[str], int]:
    """Return the periods of a text that no entry has, as they are written, and the number of all periods.

    Years in a sentence of an entry, as in "saved 3 million (2015-2017)", are no loose ones.
    """
    entries = [entry for section in data.values() for entry in objects(section)]
    known = {(str(entry.get("startDate") or ""), str(entry.get("endDate") or "")) for entry in entries}
    prose = [leaf.text for entry in entries for leaf in leaves(entry, "_") if "Date" not in leaf.path]
    prose.append(text_at(data, "basics.summary"))
    inside = {one.start for part in prose for one in find_periods(part) if one.start and "-" not in one.start}
    loose: list[str] = []
    found = 0
    for line in text.split("\n"):
        for period in find_periods(line):
            if period.start:
                found += 1
                if (period.start, period.end or "") not in known and period.start not in inside:
                    loose.append(line[period.begins : period.ends])
    return loose, found


def are_guessed(text: str, jobs: list[Entry]) -> bool:
    """Tell whether rules guessed where the jobs are: no heading says so, and not all are plainly jobs.

    Below headings of one's own, entries with position, employer and beginning are plainly jobs, if none is of a school.
    """
    headings = [found.section for line in text.split("\n") if (found := find_heading(line, ""))]
    if {"work", "volunteer"} & {*headings}:
        return False
    plain = all(job.get("name") and job.get("startDate") and job.get("position") for job in jobs)
    return not plain or any(map(_is_of_school, jobs)) or sum(section != "title" for section in headings) < _HEADINGS


def _is_of_school(job: Entry) -> bool:
    position = str(job.get("position") or "")
    named = names_school(str(job.get("name") or "")) or degrees(position)
    return bool(named) and not names_position(position)


def repeated_lines(text: str) -> bool:
    """Tell whether many lines stand twice, one below the other."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return 4 * sum(one == other for one, other in pairwise(lines)) > len(lines)
