"""The text or Markdown of a resume as JSON Resume, by rules.

No word is lost. A text that is not recognized goes to the summary if it is above the first heading, else to
`otherSections`, a list of name and text that JSON Resume does not have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.documents.plain_json import clean

from .contact import read_contact
from .entries import READERS
from .names import without_margins
from .sections import find_sections

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["parse_resume"]


def parse_resume(text: str) -> JSONResume:
    """Read the text or Markdown of a resume by rules. Any text is accepted, and all its words are kept."""
    first, *sections = find_sections(clean(text))
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
