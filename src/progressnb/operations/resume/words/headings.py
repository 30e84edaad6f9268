"""Which lines of a resume are headings, and of which section."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["BULLET", "HEADINGS", "Heading", "find_heading", "plain_line"]

_NAMES = {
    "summary": "summary, professional summary, career summary, executive summary, profile, "
    "professional profile, personal profile, about, about me, objective, career objective, personal statement, "
    "overview, introduction",
    "work": "experience, work experience, professional experience, employment, employment history, work history, "
    "career history, career, relevant experience, experience details, company details, work, professional background, "
    "employment experience, industry experience, clinical experience, teaching experience, positions held",
    "volunteer": "volunteer, volunteering, volunteer experience, volunteer work, community service, voluntary work",
    "education": "education, education details, educational background, academic background, academic qualifications, "
    "education and training, qualifications, academic history, studies, training, educational qualifications",
    "skills": "skills, technical skills, key skills, core skills, professional skills, skill details, "
    "core competencies, competencies, expertise, areas of expertise, technologies, tech stack, tools, "
    "technical expertise, skill set, skills and abilities, computer skills, it skills, technical proficiencies, "
    "skills summary, technical skill set",
    "projects": "projects, personal projects, key projects, selected projects, project experience, side projects, "
    "academic projects, project details",
    "certificates": "certifications, certificates, certification, licenses, licences, licenses and certifications, "
    "licences and certifications, certifications and licenses, professional certifications, certificates and licenses",
    "awards": "awards, honors, honours, honors and awards, awards and honors, achievements, awards and achievements, "
    "accomplishments, recognition",
    "publications": "publications, papers, selected publications, articles",
    "languages": "languages, language skills, languages known",
    "interests": "interests, hobbies, hobbies and interests, interests and hobbies, personal interests",
    "references": "references, referees, recommendations",
    "contact": "contact, contact information, contact details, personal details, personal information",
}
HEADINGS: dict[str, str] = {name: section for section, names in _NAMES.items() for name in names.split(", ")}

BULLET = re.compile(r"[ \t]{0,20}(?:[-*+•●▪‣◦·–—✓✔➢○■]|[0-9]{1,2}[.)])[ \t]{1,8}(?=\S)")
_MARKDOWN = re.compile(r"[ ]{0,3}(#{1,6})[ \t]+(?=\S)")
_RULE = re.compile(r"[ \t]*(?:[-=_*~#][ \t]*){3,}$")
_NO_NAME = re.compile(r"[0-9@,|]")
_LONGEST = 60
_SHORT = 4
_WORDS = 5


@dataclass(frozen=True)
class Heading:
    """A heading: its section ("" if the name is not a usual one), its words, what follows on the line, its depth.

    The depth is that of a Markdown heading, or 0 for a plain line.
    """

    section: str
    name: str
    rest: str
    depth: int


def plain_line(line: str) -> str:
    """Return the line without the marks of Markdown around it."""
    line = line.strip()
    mark = _MARKDOWN.match(line)
    if mark:
        line = line[mark.end() :].rstrip("# ")
    if len(line) > 4 and line.startswith("**") and line.endswith("**"):  # noqa: PLR2004 - the marks themselves
        line = line[2:-2]
    return line.strip()


def is_rule(line: str) -> bool:
    """Tell whether a line only separates, such as ---."""
    return len(line) < 200 and _RULE.match(line) is not None  # noqa: PLR2004 - no page is wider


def _key(text: str) -> str:
    return " ".join(re.sub(r"[&/]", " and ", text).replace(".", "").casefold().strip("*_: ").split())


def find_heading(line: str, section: str) -> Heading | None:
    """Return the heading that a line is, if any; `section` is the one the line stands in."""
    if BULLET.match(line):
        return None
    mark = _MARKDOWN.match(line)
    depth = len(mark[1]) if mark else 0
    bare = plain_line(line)
    if not bare or (len(bare) > _LONGEST and not mark and ":" not in bare[:_LONGEST]):
        return None
    known = HEADINGS.get(_key(bare[: _LONGEST + 1]))
    if known:
        return Heading(known, bare.strip("*_: "), "", depth)
    if mark:
        return Heading("", bare, "", depth)
    return _inline_heading(bare, section) or _loud_heading(line, bare, section)


def _inline_heading(bare: str, section: str) -> Heading | None:
    """Read "Skills: Python, SQL"; in a list of skills "Languages: Python" is rather a group."""
    head, colon, rest = bare.partition(":")
    known = HEADINGS.get(_key(head)) if colon and len(head) <= _LONGEST and section != "skills" else None
    return Heading(known, head, rest.strip("*_ "), 0) if known else None


def _loud_heading(line: str, bare: str, section: str) -> Heading | None:
    """Read a line in capitals or bold; in lists of jobs or schools it is rather the name of one."""
    if not section or section in {"work", "education", "projects", "volunteer"} or len(bare) > _LONGEST:
        return None
    bold = line.strip().startswith("**") and line.strip().endswith("**")
    letters = sum(char.isalpha() for char in bare)
    shouted = bare.isupper() and letters > _SHORT and len(bare.split()) <= _WORDS and not _NO_NAME.search(bare)
    return Heading("", bare.strip("*_: "), "", 0) if shouted or bold else None
