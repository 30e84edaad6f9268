"""The text or Markdown of a resume as JSON Resume, by rules.

No word is lost. A text that is not recognized goes to the summary if it is above the first heading, else to
`otherSections`, a list of name and text that JSON Resume does not have.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.documents.plain_json import clean
from progressnb.operations.resume.words.headings import find_heading, is_rule

from .contact import read_contact
from .entries import READERS
from .names import without_margins

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["parse_resume"]


@dataclass
class _Section:
    """The lines below a heading. `section` is "other" for an unknown heading, `depth` its Markdown level."""

    section: str
    name: str
    depth: int
    lines: list[str] = field(default_factory=list[str])


def _sections(text: str) -> list[_Section]:
    """Split the text at its headings; the first section has the lines above them."""
    sections = [_Section("", "", 0)]
    named = False
    for line in text.split("\n"):
        current = sections[-1]
        if is_rule(line):
            continue
        heading = find_heading(line, current.section)
        if heading is not None and heading.section == "title":
            if not heading.rest:
                continue
            heading = None  # "Resume: Jane Doe"
        if heading is None:
            current.lines.append(line)
            continue
        inner = current.section and current.depth and heading.depth > current.depth
        if not heading.section and not named and not any(part.strip() for part in sections[0].lines):
            # The first heading of a Markdown resume is the name of the person.
            named = True
            current.lines.append(line)
        elif not heading.section and (inner or (current.section and not current.depth and heading.depth > 2)):  # noqa: PLR2004
            # A deeper heading begins a job or a school of the section.
            current.lines.append(line)
        else:
            sections.append(
                _Section(
                    heading.section or "other", heading.name, heading.depth, [heading.rest] if heading.rest else []
                )
            )
    return sections


def parse_resume(text: str) -> JSONResume:
    """Read the text or Markdown of a resume by rules. Any text is accepted, and all its words are kept."""
    first, *sections = _sections(clean(text))
    data: dict[str, JsonValue] = {}
    above = list(first.lines)
    for section in sections:
        if section.section == "contact":
            above += section.lines
    basics, left = read_contact(above, has_headings=bool(sections))
    name = str(basics.get("name") or "")
    left = without_margins(left, name)
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
        elif section.section == "other":
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


def _paragraphs(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip("\n")
