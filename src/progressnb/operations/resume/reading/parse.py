"""The text or Markdown of a resume as its sections, and as JSON Resume, by rules.

No word is lost, but for a length counted from its dates ("2 years 3 months"). A text that is not recognized goes
to the summary if it is above the first heading, else to `otherSections`, a list of name and text that JSON Resume does
not have.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import groupby, islice
from statistics import mode
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.documents.plain_json import clean
from progressnb.operations.resume.words.dates import find_periods, is_period
from progressnb.operations.resume.words.headings import BULLET, Heading, find_heading, is_rule, known_section

from .contact import is_contact, is_name, read_contact, without_margins
from .entries import READERS
from .roles import JOBS, SCHOOLS, names_position
from .segmenting import segment

if TYPE_CHECKING:
    from pydantic import JsonValue

    from .segmenting import Line

__all__ = ["parse_resume"]

_LONGEST = 120  # characters of a heading of an entry
_HEADING_LINES = 4  # of an entry, at most
_EITHER = frozenset({"engagement", "engagements"})  # voluntary work, or the only jobs
_OF_ENTRIES = frozenset({"work", "education", "projects", "volunteer", "skills", "languages", "certificates"})
_LISTS = frozenset(
    {"skills", "languages", "interests", "references"}
)  # with dates of jobs in them, of a page's next column
_CONTACT_WORDS = 6
_INITIALS = 3  # of a monogram
_ABOVE = 2  # lines of a name and of an address


@dataclass
class _Section:
    """The lines below a heading. `section` is "other" for an unknown heading, `depth` its Markdown level."""

    section: str
    name: str
    depth: int
    lines: list[str] = field(default_factory=list[str])


def _find_sections(text: str) -> list[_Section]:
    """Split the text at its headings; the first section has the lines above them.

    Jobs under a heading that is not known, or without any, are found by their dates.
    """
    sections = [_Section("", "", 0)]
    named = False
    lines = text.split("\n")
    small = {line for line in lines if line.islower() and len(line) < _LONGEST and known_section(line)}
    if {"work", "education"} <= {*map(known_section, small)}:  # whose writer has no capitals in headings
        lines = [line.capitalize() if line in small else line for line in lines]
    times = Counter(line.strip() for line in lines)
    for number, line in enumerate(lines):
        current = sections[-1]
        if is_rule(line):
            continue
        heading = _heading_of(lines, number, current)
        if heading is None or heading.section == "title":
            current.lines += [line] if heading is None or heading.rest else []  # "Resume: Jane Doe"
            continue
        if times[line.strip()] > 1 and current.section not in {"", "other", heading.section} and heading.section:
            continue  # "Highlights", above the items of each job
        above = [part.strip() for part in sections[0].lines if part.strip()]
        likely = len(above) <= _ABOVE and " " in heading.name and is_name(heading.name) and not any(map(is_name, above))
        first = len(sections) == 1 and (above in ([], [heading.name]) or likely)
        if not heading.section and not named and first:
            # The first heading is the name of the person, which may be the title of the page too, or below its address.
            named = True
            current.lines.append(line)
        elif not heading.section and current.section and _is_inner(lines, number, heading, current):
            current.lines.append(line)
        else:
            rest = [heading.rest] if heading.rest else []
            sections.append(_Section(heading.section or "other", heading.name, heading.depth, rest))
    sections = [part for one in sections for part in _without_contact(one)]
    if not any(one.section == "work" for one in sections):
        for one in sections:
            one.section = "work" if one.name.casefold() in _EITHER else one.section
    known = any(one.section == "work" for one in sections)
    return [part for one in sections for part in _with_jobs(one, known=known)]


def _heading_of(lines: list[str], number: int, current: _Section) -> Heading | None:
    """Return the heading that a line makes. One that stands apart below name and address may be any."""
    line, above = lines[number], current.lines
    if not line.strip():
        return None
    apart = above[-1:] == [""] and len(list(islice(filter(None, above), _ABOVE))) == _ABOVE and not names_position(line)
    return find_heading(line, current.section or ("other" if apart else "")) or _underlined(lines, number)


def _underlined(lines: list[str], number: int) -> Heading | None:
    """Return the heading that a line makes with a rule below it, of about its length."""
    line, below = lines[number].strip(), lines[number + 1].strip() if number + 1 < len(lines) else ""
    alone = number == 0 or not lines[number - 1].strip()
    fits = 2 < len(line) <= _LONGEST and abs(len(below) - len(line)) <= _ABOVE and is_rule(below)  # noqa: PLR2004 - letters
    return Heading("", line, "", 1) if alone and fits and "|" not in below else None


def _is_inner(lines: list[str], number: int, heading: Heading, current: _Section) -> bool:
    """Tell whether a heading is that of a job or a school, and not of a section.

    It is deeper, has dates alone above it or below, or is the first in its section, or like the first, above dates.
    """
    if heading.depth > (current.depth or 2):
        return True
    if current.section not in _OF_ENTRIES:
        return False
    above = next((line for line in reversed(lines[:number]) if line.strip()), "")
    below = list(islice((line for line in lines[number + 1 :] if line.strip()), _HEADING_LINES))
    if any(is_period(line.strip(" []()*_#")) for line in (above, *below[:1])):
        return True
    if not heading.depth and names_position(heading.name) and any(map(_is_dated, below[:1])):
        return True
    marks = "#" * heading.depth + " "
    first = not any(map(str.strip, current.lines)) or any(line.startswith(marks) for line in current.lines)
    return bool(heading.depth) and first and any(_is_dated(line) for line in below)


def _without_contact(section: _Section) -> list[_Section]:
    """Take the groups of lines out of a section that are contact data, as the next column of a page has them."""
    parts = [(False, list[str]())]
    for blank, group in groupby(section.lines, key=lambda line: not line.strip()):
        lines = list(group)
        found = not blank and any(is_contact(line) and len(line.split()) <= _CONTACT_WORDS for line in lines)
        plain = not any(
            BULLET.match(line)
            or line.startswith("#")
            or any(one.start or not one.begins for one in find_periods(line.strip(" _*")))
            for line in lines
        )
        parts.append((found and plain and section.section in _OF_ENTRIES, lines))
    kept, contact = ([line for one, lines in parts if one is told for line in lines] for told in (False, True))
    return [replace(section, lines=kept), *([_Section("contact", "", 0, contact)] if contact else [])]


def _is_dated(line: str) -> bool:
    """Tell whether a line may be the heading of an entry: a short one with a period of time."""
    return len(line) <= _LONGEST and any(one.start for one in find_periods(line))


def _with_jobs(section: _Section, *, known: bool) -> list[_Section]:
    """Find the jobs of a section with an unknown heading or none, by the periods of time in their lines.

    Where jobs are `known`, under a heading of their own, others must have positions beside most of their periods.
    """
    lines = section.lines
    dated = [number for number, line in enumerate(lines) if _is_dated(line)]
    if section.section not in {"", "other", "summary", *_LISTS} or not dated:
        return [section]
    around = [lines[max(0, number - 1) : number + 2] for number in dated]
    named = sum(any(map(names_position, near)) for near in around)
    if section.section == "other":
        studied = sum(any(SCHOOLS.names_host(line) or SCHOOLS.names_title(line) for line in near) for near in around)
        if known and 2 * studied > len(dated):
            return [replace(section, section="education")]
        jobs = 2 * named > len(dated) if known else len(dated) > 1 or any(map(names_position, lines))
        return [replace(section, section="work")] if jobs else [section]
    if named < len(dated) if section.section in _LISTS else known:
        return [section]
    heads = [part.head for part in segment(lines, JOBS) if any(line.dated for line in part.head)]
    if not heads:
        return [section]
    begins = _first_heading(heads)
    return [replace(section, lines=lines[:begins]), _Section("work", "", 0, lines[begins:])]


def _first_heading(heads: list[list[Line]]) -> int:
    """Return the number of the first line of jobs: above the dates are no more lines than in most others."""
    above = [next(number for number, line in enumerate(head) if line.dated) for head in heads]
    usual = mode(above[1:]) if len(above) > 1 else above[0]
    return heads[0][max(0, above[0] - usual)].number


def parse_resume(text: str) -> JSONResume:
    """Read the text or Markdown of a resume by rules. Any text is accepted, and all its words are kept."""
    first, *sections = _find_sections(clean(text))
    data: dict[str, JsonValue] = {}
    above = list(first.lines)
    for section in sections:
        if section.section == "contact":
            above += section.lines
    basics, left = read_contact(above, has_headings=bool(sections))
    name = str(basics.get("name") or _of_initials(above, sections))
    basics |= {"name": name} if name else {}
    summary = [_paragraphs(left)]
    other: list[JsonValue] = []
    found: dict[str, list[JsonValue]] = {}
    for section in sections:
        section.lines = without_margins(section.lines, name)
        reader = READERS.get(section.section)
        if reader:
            found.setdefault(section.section, []).extend(reader(section.lines))
        elif section.section == "summary":
            summary.append(_paragraphs(section.lines))
        elif section.section in {"other", "activities"}:
            other.append({"name": section.name, "text": _paragraphs(section.lines)})
    joined = "\n\n".join(part for part in summary if part)
    if joined:
        basics["summary"] = joined
    if basics:
        data["basics"] = basics
    data.update({name: entries for name, entries in found.items() if entries})
    if other:
        data["otherSections"] = other
    return JSONResume.model_validate(data)


def _of_initials(above: list[str], sections: list[_Section]) -> str:
    """Return the line below that has the letters of a monogram at the top, and take it out of its section; else ""."""
    top = next((line.strip() for line in above if line.strip()), "")
    for section in sections if top.isalpha() and top.isupper() and len(top) <= _INITIALS else []:
        for line in section.lines:
            words = line.split()
            if (
                len(words) > 1
                and "".join(word[0] for word in words)[: len(top)] == top
                and line.replace(" ", "").isalpha()
            ):
                section.lines.remove(line)
                return line.strip()
    return ""


def _paragraphs(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip("\n")
