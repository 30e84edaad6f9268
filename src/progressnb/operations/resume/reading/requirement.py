"""A requirement of a job: its terms, years, degree and weight, read from one line or sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from progressnb.operations.resume.words.degrees import degrees, without_degrees
from progressnb.operations.resume.words.lists import read_patterns
from progressnb.operations.resume.words.quantities import NUMBER_WORDS
from progressnb.operations.resume.words.terms import clip, comparison_keys, telling_keys, without_filler

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "OR",
    "YEARS",
    "Importance",
    "Kind",
    "Requirement",
    "distinct",
    "requirement_of",
    "single_skills",
    "years_asked",
]

MAX_REQUIREMENTS = 100
"""The largest number of requirements that is read from one posting. The longest real ones have about fifty."""

Kind = Literal["skill", "degree", "years", "language", "place", "permission", "duty"]
Importance = Literal["must", "should", "nice"]
_WEIGHTS: dict[Kind, float] = {
    "skill": 1,
    "years": 2,
    "degree": 2,
    "language": 1,
    "permission": 1,
    "duty": 0.5,
    "place": 0.25,
}
_IMPORTANCE: dict[Importance, float] = {"must": 1, "should": 0.7, "nice": 0.4}
_MAX_TERMS = 40
_LONGEST_TERM = 300  # characters

YEARS = re.compile(
    r"(?<![^\W_])(?:(?P<digits>[0-9]{1,2})|(?P<word>one|two|three|four|five|six|seven|eight|nine|ten|zwei|drei|fünf|deux|trois|dos|tres))"
    r"[ ]{0,2}\+?[ ]{0,2}(?:(?:-|–|to|or)[ ]{0,2}(?:[0-9]{1,2}|more)[ ]{0,2}\+?[ ]{0,2})?"
    r"(?:years?|yrs?|jahren?|jahre|ans|années|años)(?:['\u2019]s?)?(?![^\W_])",
    re.IGNORECASE,
)
_ABOUT_US = re.compile(r"(?:we|our)\b(?!.{0,40}(?:seek|look|need|requir|want|expect|ask))", re.IGNORECASE)
_YEAR_WORDS = NUMBER_WORDS | {"zwei": 2, "drei": 3, "fünf": 5, "deux": 2, "trois": 3, "dos": 2, "tres": 3}
# A degree that a posting asks for without its level: an apprenticeship or vocational training, or a first degree.
_ANY_DEGREE = (
    (
        2,
        re.compile(
            r"(?<![^\W_])(?:(?:berufs)?ausbildung|vocational (?:training|qualification)|NVQ)(?![^\W_])",
            re.IGNORECASE,
        ),
    ),
    (
        3,
        re.compile(
            r"(?<![^\W_])(?:degree|studium|hochschulabschluss|licenciatura|diplôme)(?![^\W_])(?! of)", re.IGNORECASE
        ),
    ),
)
_LEAD = re.compile(
    r"(?<![^\W_])(?:experienced?|knowledge|understanding|proficien\w{1,4}|familiar(?:ity)?|skill(?:s|ed)?|expertise"
    r"|background|fluen\w{1,3}|command|competen\w{1,3}|mastery|training|certifi\w{1,7}|degree|bachelor'?s?|master'?s?"
    r"|diploma|such as|including|e\.g\.|years?|yrs?)(?:[ ]{1,2}|[:,][ ]{0,2})"
    r"(?:(?:with|in|of|using|as|on|at|the)[ ]{1,2}){1,3}"
    r"|(?<![^\W_])(?:such as|including|e\.g\.|e\. g\.|i\.e\.|z\. ?B\.|etc\.|proficient|familiar)[ ,]{1,3}",
    re.IGNORECASE,
)
_PIECES = re.compile(r"[,;|•()\n]|(?<=\s)[&/](?=\s)|(?<![^\W_])(?:and|or)(?![^\W_])", re.IGNORECASE)
OR = re.compile(r"(?<![^\W_])or(?![^\W_])", re.IGNORECASE)
_OPEN_END = re.compile(r"(?<![^\W_])(?:related|similar|equivalent|comparable|relevant)(?![^\W_])", re.IGNORECASE)


@dataclass(frozen=True)
class Requirement:
    """A requirement of a job.

    `kind` says how it is compared, and `importance` how much it is wanted. `terms` are its parts, which are searched
    for one by one. With `any_of`, one of them is enough. `years` are the years of experience that are asked for,
    `degree` is the lowest sufficient level (1 high school to 5 doctorate), and `weight` its weight in the score. 0
    years or level 0 means that the job asks for none.
    """

    text: str
    terms: tuple[str, ...]
    kind: Kind
    any_of: bool = False
    years: int = 0
    degree: int = 0
    weight: float = 1
    importance: Importance = "must"


def importance_of(text: str, default: Importance) -> Importance:
    """Return how much a line wants what it asks for, by its own words, or the default of its section."""
    asking = read_patterns("asking")
    return "nice" if asking["nice"].search(text) else "should" if asking["should"].search(text) else default


def years_asked(text: str) -> int:
    """Return the first number of years in a text, or 0."""
    found = YEARS.search(text)
    if not found:
        return 0
    return int(found["digits"]) if found["digits"] else _YEAR_WORDS[found["word"].casefold()]


def _terms(text: str) -> tuple[str, ...]:
    """Split a requirement into terms, without words of asking."""
    leads = list(_LEAD.finditer(text))
    body = text[leads[0].end() :] if leads else text
    pieces = [without_filler(piece.strip(" \t.:!?-–—")) for piece in _PIECES.split(_LEAD.sub(",", body))]
    terms: list[str] = []
    for piece in pieces:
        if _OPEN_END.search(piece):
            continue
        kept = telling_keys(comparison_keys(piece))
        if kept and piece.casefold() not in {term.casefold() for term in terms[-_MAX_TERMS:]}:
            terms.append(clip(piece, _LONGEST_TERM))
    return tuple(terms[:_MAX_TERMS])


def requirement_of(text: str, kind: Kind, importance: Importance = "must") -> Requirement | None:
    """Read a requirement from a line or sentence of a section of skills or duties; None if it has no telling word."""
    line = clip(text, 500)
    if not telling_keys(comparison_keys(line)):
        return None
    importance = importance_of(line, importance)
    found = Requirement(line, (line,), kind) if kind == "duty" else _by_words(line)
    many = found.kind == "skill" and len(found.terms) > 1
    return replace(found, importance=importance, weight=_IMPORTANCE[importance] * (2 if many else _WEIGHTS[found.kind]))


def _by_words(line: str) -> Requirement:
    """Read a requirement whose words tell its kind."""
    asking = read_patterns("asking")
    years = YEARS.search(line)
    if years and not _ABOUT_US.match(line):
        rest = (line[: years.start()] + " , " + line[years.end() :]).strip()
        return Requirement(line, _terms(rest), "years", bool(OR.search(rest)), years_asked(line))
    if asking["permission"].search(line):
        return Requirement(line, _terms(line) or (line,), "permission", bool(OR.search(line)))
    if levels := degrees(line) or {level for level, pattern in _ANY_DEGREE if pattern.search(line)}:
        return Requirement(line, _terms(without_degrees(line)), "degree", any_of=True, degree=min(levels))
    if named := asking["language"].findall(line):
        return Requirement(line, tuple(dict.fromkeys(named)), "language", bool(OR.search(line)))
    for kind in ("place", "duty"):
        if asking[kind].search(line):
            return Requirement(line, (line,), "place" if kind == "place" else "duty")
    return Requirement(line, _terms(line) or (line,), "skill", bool(OR.search(line)))


def single_skills(names: Iterable[str], importance: Importance = "must") -> list[Requirement]:
    """Return a requirement for each name of a list of skills."""
    weight = _IMPORTANCE[importance]
    return [
        Requirement(clip(name), (clip(name),), "skill", weight=weight, importance=importance)
        for name in names
        if telling_keys(comparison_keys(name))
    ]


def distinct(requirements: Iterable[Requirement | None]) -> tuple[Requirement, ...]:
    """Drop repeated requirements, and single skills that a longer requirement names too. Returns 100 at most."""
    given = [requirement for requirement in requirements if requirement]
    named = {
        tuple(comparison_keys(term))
        for requirement in given
        if requirement.kind == "skill" and len(requirement.terms) > 1
        for term in requirement.terms
    }
    kept: dict[tuple[str, ...], Requirement] = {}
    for requirement in given:
        key = tuple(comparison_keys(requirement.text))
        if (
            len(requirement.terms) == 1
            and requirement.kind == "skill"
            and tuple(comparison_keys(requirement.terms[0])) in named
        ):
            continue
        kept.setdefault(key, requirement)
    return tuple(kept.values())[:MAX_REQUIREMENTS]
