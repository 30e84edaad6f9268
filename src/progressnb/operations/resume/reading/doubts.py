"""Signs that a reading is wrong: entries that are none, parts in the wrong place, dates that no entry has."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import leaves, objects, text_at
from progressnb.operations.resume.words.dates import find_periods
from progressnb.operations.resume.words.degrees import degrees
from progressnb.operations.resume.words.headings import find_heading
from progressnb.operations.resume.words.terms import clip

from .entries import SCHOOL
from .roles import KINDS_OF_WORK, is_kind_of_employer, names_employer, names_position

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

__all__ = ["ENTRIES", "are_guessed", "doubtful_entries", "loose_periods", "repeated_lines", "title_of"]

ENTRIES = ("work", "volunteer", "education")
"""The sections whose entries have dates and titles."""

_TITLES = ("position", "studyType", "area", "name", "organization", "institution")
_TITLE_WORDS = 9
_PLACE_WORDS = 8
_SHOWN = 80
_SENTENCE = 4  # words
_HEADINGS = 2  # of sections: fewer don't part jobs from other entries
_UNFINISHED = re.compile(
    r"(?:[,&@(/]|(?<![^\W_])(?:and|or|of|the|for|with|in|at|und|der|die|bei|et|de|del|la|du|y|и|в|на))$", re.IGNORECASE
)


def title_of(entry: dict[str, JsonValue]) -> str:
    """Return what an entry is shown as."""
    shown = [str(entry[key]) for key in _TITLES if entry.get(key)]
    return clip(", ".join(shown) or "an entry without a title", _SHOWN)


def doubtful_entries(data: dict[str, JsonValue]) -> Iterator[tuple[str, str]]:
    """Yield the section of each entry that looks wrong, and the reason."""
    name = text_at(data, "basics.name")
    if not name:
        yield "basics", "No name was found"
    for section in ENTRIES:
        entries = objects(data.get(section))
        twice = Counter(_identity(entry) for entry in entries)
        for entry in entries:
            reason = next(_reasons(entry, section, name), "")
            if not reason and twice[_identity(entry)] > 1:
                reason = "it stands there twice"
            if reason:
                yield section, f"{title_of(entry)}: {reason}"


def _identity(entry: dict[str, JsonValue]) -> tuple[str, ...]:
    return tuple(str(entry.get(key) or "") for key in (*_TITLES, "startDate", "endDate"))


def _reasons(entry: dict[str, JsonValue], section: str, name: str) -> Iterator[str]:
    """Say why an entry looks wrong, most telling reason first."""
    titles = {key: str(entry.get(key) or "") for key in _TITLES}
    given = [text for key, text in titles.items() if text and key != "area"]
    place = str(entry.get("location") or "")
    if not any(titles.values()):
        yield "it has no title"
    if any(len(text.split()) > _TITLE_WORDS or _begins_small(text) for text in given):
        yield "its title looks like a sentence or the rest of one"
    if any(_UNFINISHED.search(text) for text in given):
        yield "its title has no end"
    if any(name and name.casefold() in text.casefold() for text in given):
        yield "its title has the person's name, as footers of pages do"
    if len(place.split()) > _PLACE_WORDS or place[:1].islower():
        yield "its place looks like other text"
    if section == "work":
        yield from _doubts_of_job(entry, titles)
    start, end = str(entry.get("startDate") or ""), str(entry.get("endDate") or "")
    if start and end and end < start[: len(end)]:
        yield "it ends before it begins"


def _begins_small(text: str) -> bool:
    """Tell whether a title begins with a small letter, but is none like "eBay" or "self-employed"."""
    return text[:1].islower() and text.split(maxsplit=1)[0].islower() and text.casefold() not in KINDS_OF_WORK


def _doubts_of_job(entry: dict[str, JsonValue], titles: dict[str, str]) -> Iterator[str]:
    if not (titles["position"] and titles["name"]):
        yield "it has no employer" if titles["position"] else "it has no position"
    if names_employer(titles["position"]) and not names_position(titles["position"]):
        yield "its position looks like an employer"
    others = (titles["name"], str(entry.get("location") or ""))
    if not names_position(titles["position"]) and any(map(names_position, others)):
        yield "another part of it looks like its position"
    words = titles["name"].split()
    if len(words) >= _SENTENCE and 2 * sum(word[:1].isupper() for word in words) < len(words):
        yield "its employer looks like a sentence"
    if is_kind_of_employer(titles["name"]):
        yield "its employer has no name"
    if "-" in str(entry.get("endDate") or "") and not entry.get("startDate"):
        yield "it has one date, which is an end without a beginning"
    if _is_of_school(entry) and entry.get("endDate") and not entry.get("startDate"):
        yield "it has one date and a school, as a degree has"
    bullets = entry.get("highlights")
    texts = [str(text) for text in bullets] if isinstance(bullets, list) else []
    if any(_holds_period(text) for text in (*texts, *str(entry.get("summary") or "").split("\n"))):
        yield "a text of it holds a period, as the heading of another entry does"
    if 0 < sum(text[:1].islower() for text in texts) < len(texts):
        yield "a bullet looks like the rest of the one before"


def _holds_period(text: str) -> bool:
    return len(text) < 400 and any(period.start and "-" in period.start for period in find_periods(text))  # noqa: PLR2004


def loose_periods(text: str, data: dict[str, JsonValue]) -> tuple[list[str], int]:
    """Return the periods of a text that no entry has, as they are written, and the number of all periods.

    Years in a sentence of an entry, as in "saved 3 million (2015-2017)", are no loose ones.
    """
    entries = [entry for section in data.values() for entry in objects(section)]
    known = {(str(entry.get("startDate") or ""), str(entry.get("endDate") or "")) for entry in entries}
    prose = [
        leaf.text
        for entry in entries
        for leaf in leaves(entry, "_")
        if "highlights" in leaf.path or leaf.path.endswith(("summary", "description"))
    ]
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


def are_guessed(text: str, jobs: list[dict[str, JsonValue]]) -> bool:
    """Tell whether rules guessed where the jobs are: no heading says so, and not all are plainly jobs.

    Below headings of one's own, entries with position, employer and beginning are plainly jobs, if none is of a school.
    """
    headings = [found.section for line in text.split("\n") if (found := find_heading(line, ""))]
    if {"work", "volunteer"} & {*headings}:
        return False
    plain = all(job.get("name") and job.get("startDate") and job.get("position") for job in jobs)
    return not plain or any(map(_is_of_school, jobs)) or sum(section != "title" for section in headings) < _HEADINGS


def _is_of_school(job: dict[str, JsonValue]) -> bool:
    position = str(job.get("position") or "")
    named = SCHOOL.search(str(job.get("name") or "")) or degrees(position)
    return bool(named) and not names_position(position)


def repeated_lines(text: str) -> bool:
    """Tell whether many lines stand twice, one below the other."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return 4 * sum(one == other for one, other in pairwise(lines)) > len(lines)
