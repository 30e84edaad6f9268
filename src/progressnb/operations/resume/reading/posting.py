"""What a job posting asks for, by rules: its title and its requirements with their terms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from progressnb.errors import InputError
from progressnb.operations.resume.words.degrees import degrees, without_degrees
from progressnb.operations.resume.words.quantities import NUMBER_WORDS
from progressnb.operations.resume.words.terms import clip, content, raw_words, trimmed, words
from progressnb.operations.resume.words.trade_vocabulary import trade_vocabulary
from progressnb.operations.resume.words.vocabulary import POSITION_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import JsonValue

__all__ = ["MAX_REQUIREMENTS", "YEARS", "Requirement", "requirements_of_data", "requirements_of_text", "years_asked"]

MAX_REQUIREMENTS = 100
"""How many requirements are read from one posting; the longest real ones have about fifty."""

Kind = Literal["skill", "experience", "education", "responsibility"]
_WEIGHTS: dict[Kind, float] = {"skill": 1, "experience": 2, "education": 2, "responsibility": 0.5}
_MAX_TERMS = 40
_LONG = 300
_SHORT_PIECE = 4

YEARS = re.compile(
    r"(?<![^\W_])(?:(?P<digits>[0-9]{1,2})|(?P<word>one|two|three|four|five|six|seven|eight|nine|ten))"
    r"[ ]{0,2}\+?[ ]{0,2}(?:(?:-|–|to|or)[ ]{0,2}(?:[0-9]{1,2}|more)[ ]{0,2}\+?[ ]{0,2})?"
    r"(?:years?|yrs?)(?:['\u2019]s?)?(?![^\W_])",
    re.IGNORECASE,
)
_ABOUT_US = re.compile(r"(?:we|our)\b(?!.{0,40}(?:seek|look|need|requir|want|expect|ask))", re.IGNORECASE)
_YEAR_WORDS = {word: number for word, number in NUMBER_WORDS.items() if 1 <= number <= 10}  # noqa: PLR2004
_LEAD = re.compile(
    r"(?<![^\W_])(?:experienced?|knowledge|understanding|proficien\w{1,4}|familiar(?:ity)?|skill(?:s|ed)?|expertise"
    r"|background|fluen\w{1,3}|command|competen\w{1,3}|mastery|training|certifi\w{1,7}|degree|bachelor'?s?|master'?s?"
    r"|diploma|such as|including|e\.g\.|years?|yrs?)(?:[ ]{1,2}|[:,][ ]{0,2})"
    r"(?:(?:with|in|of|using|as|on|at|the)[ ]{1,2}){1,3}"
    r"|(?<![^\W_])(?:such as|including|e\.g\.|proficient|familiar)[ ,]{1,3}",
    re.IGNORECASE,
)
_PIECES = re.compile(r"[,;|•()\n]|(?<=\s)[&/](?=\s)|(?<![^\W_])(?:and|or)(?![^\W_])", re.IGNORECASE)
_AND = re.compile(r"\s(?:and|&)\s", re.IGNORECASE)
_COMMA = re.compile(r"[,;|•]")
_OR = re.compile(r"(?<![^\W_])or(?![^\W_])", re.IGNORECASE)
_OPEN_END = re.compile(r"(?<![^\W_])(?:related|similar|equivalent|comparable|relevant)(?![^\W_])", re.IGNORECASE)
_BULLET = re.compile(r"[ \t]{0,12}(?:[-*+•●▪‣◦·–—o✓✔➢]|[0-9]{1,2}[.)])[ \t]{1,8}(?=\S)")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")

# What is no requirement comes first: "what we offer you" is not about you.
_HEADINGS: tuple[tuple[Kind | None, re.Pattern[str]], ...] = (
    (
        None,
        re.compile(
            r"benefit|perks|we offer|about (?:us|the company|the team)|who we are|how to apply|equal opportunity"
            r"|salary|compensation|our company|location"
        ),
    ),
    (
        "responsibility",
        re.compile(
            r"responsib|dut(?:y|ies)|what you(?:'ll| will)(?! need| bring)|your (?:tasks|role|job|mission)|the role"
            r"|tasks|day to day"
        ),
    ),
    (
        "skill",
        re.compile(
            r"require|qualif|skill|must have|nice to have|you have|you bring|you need|you'll need|your profile"
            r"|who you are|about you|looking for|we expect|experience|education|technolog|tech stack|competenc"
            r"|preferred|ideal candidate|bonus|desirable"
        ),
    ),
)
_HEADING_LENGTH = 60
_TEXTS = frozenset({"title", "description", "company"})
_LISTS = frozenset({"responsibilities", "qualifications", "requirements", "skills"})


@dataclass(frozen=True)
class Requirement:
    """One thing that a job asks for.

    `terms` are the parts that are looked for one by one; with `any_of`, one of them is enough.
    `years` is how many years of experience are asked for, `degree` the lowest level that will do
    (1 high school to 5 doctorate), `weight` its part in the score.
    """

    text: str
    terms: tuple[str, ...]
    kind: Kind
    any_of: bool = False
    years: int = 0
    degree: int = 0
    weight: float = 1


def years_asked(text: str) -> int:
    """Return the number of years that a text names first, or 0."""
    found = YEARS.search(text)
    if not found:
        return 0
    return int(found["digits"]) if found["digits"] else _YEAR_WORDS[found["word"].casefold()]


def _terms(text: str) -> tuple[str, ...]:
    """Split what is asked for into terms, without the words of asking."""
    leads = list(_LEAD.finditer(text))
    body = text[leads[0].end() :] if leads else text
    pieces = [trimmed(piece.strip(" \t.:!?-–—")) for piece in _PIECES.split(_LEAD.sub(",", body))]
    terms: list[str] = []
    for piece in pieces:
        if _OPEN_END.search(piece):
            continue
        kept = content(words(piece))
        if kept and piece.casefold() not in {term.casefold() for term in terms[-_MAX_TERMS:]}:
            terms.append(clip(piece, _LONG))
    return tuple(terms[:_MAX_TERMS])


def _requirement(text: str, kind: Kind) -> Requirement | None:
    line = clip(text, 500)
    if not content(words(line)):
        return None
    levels = degrees(line)
    years = YEARS.search(line)
    if kind == "responsibility":
        return Requirement(line, (line,), kind, weight=_WEIGHTS[kind])
    if years and not _ABOUT_US.match(line):
        number = years_asked(line)
        rest = (line[: years.start()] + " , " + line[years.end() :]).strip()
        return Requirement(
            line, _terms(rest), "experience", bool(_OR.search(rest)), number, weight=_WEIGHTS["experience"]
        )
    if levels:
        return Requirement(
            line,
            _terms(without_degrees(line)),
            "education",
            any_of=True,
            degree=min(levels),
            weight=_WEIGHTS["education"],
        )
    terms = _terms(line) or (line,)
    many = len(terms) > 1
    return Requirement(line, terms, "skill", bool(_OR.search(line)), weight=2 if many else _WEIGHTS["skill"])


def _without_repetition(requirements: Iterable[Requirement | None]) -> tuple[Requirement, ...]:
    """Count once what a posting says twice: a single skill that a longer requirement names is left out."""
    given = [requirement for requirement in requirements if requirement]
    named = {
        tuple(words(term)) for requirement in given if requirement.kind == "skill" and len(requirement.terms) > 1
        for term in requirement.terms
    }  # fmt: skip
    kept: dict[tuple[str, ...], Requirement] = {}
    for requirement in given:
        key = tuple(words(requirement.text))
        if len(requirement.terms) == 1 and requirement.kind == "skill" and tuple(words(requirement.terms[0])) in named:
            continue
        kept.setdefault(key, requirement)
    return tuple(kept.values())[:MAX_REQUIREMENTS]


def _lines(value: JsonValue) -> list[str]:
    """Return what a field of a job lists: a list of texts, or a text with a line each."""
    if isinstance(value, str):
        return [_BULLET.sub("", line, count=1).strip() for line in value.split("\n") if line.strip()]
    return [str(item) for item in value if item is not None] if isinstance(value, list) else []


def requirements_of_data(value: dict[str, JsonValue], name: str) -> tuple[str, tuple[Requirement, ...]]:
    """Read title and requirements of a job object (the JSON Resume job schema)."""
    for key, item in value.items():
        expected = "text" if key in _TEXTS else "a list" if key in _LISTS else ""
        if expected and not (
            item is None or isinstance(item, str) or (isinstance(item, list) and expected == "a list")
        ):
            raise InputError(
                f"{key} in {name} to be {expected}", f"{type(item).__name__} {item!r}", "Correct it there."
            )
    found: list[Requirement | None] = []
    for key in ("qualifications", "requirements"):
        found += [_requirement(line, "skill") for line in _lines(value.get(key))]
    skills = value.get("skills")
    for item in skills if isinstance(skills, list) else _lines(skills):
        if isinstance(item, dict):
            # The name of a group is a heading for its keywords.
            listed = _lines(item.get("keywords")) or _lines(item.get("name"))
        else:
            listed = [str(item)] if item is not None else []
        found += [Requirement(clip(word), (clip(word),), "skill") for word in listed if content(words(word))]
    found += [_requirement(line, "responsibility") for line in _lines(value.get("responsibilities"))]
    title = str(value.get("title") or "").strip()
    description = str(value.get("description") or "")
    if not any(found) and description:
        read_title, requirements = requirements_of_text(description)
        return clip(title or read_title, 120), requirements
    if not any(found):
        found = [_requirement(title, "skill")]
    return clip(title, 120), _without_repetition(found)


def _heading(line: str) -> tuple[bool, Kind | None, str]:
    """Tell whether a line is a heading, for which kind of lines, and what follows it on the line."""
    bare = line.strip().strip("#*_ ").strip()
    head, colon, rest = (part.strip("*_ ") for part in bare.partition(":"))
    if not head or len(head) > _HEADING_LENGTH or _BULLET.match(line):
        return False, None, ""
    marked = line.lstrip().startswith("#")
    # A line of few words that names a usual section is a heading without any mark too.
    plain = len(head.split()) <= _SHORT_PIECE and not bare.endswith(".")
    if marked or plain or head.isupper() or (colon and not rest):
        lowered = head.casefold().replace("\u2019", "'")
        for kind, pattern in _HEADINGS:
            if pattern.search(lowered):
                return True, kind, rest
    return marked, None, ""


def requirements_of_text(text: str) -> tuple[str, tuple[Requirement, ...]]:
    """Read title and requirements of a posting's text: its lists and what stands under usual headings.

    A text without either is taken sentence by sentence; a line of words separated by commas is a
    list of skills.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    title = _title(lines)
    if title and lines[0].strip().strip("#* ") == title:
        # The first line may say "Skilled Nurse": it is the title and no heading.
        del lines[0]
    found: list[Requirement | None] = []
    loose: list[str] = []
    kind: Kind | None = None
    listening = False
    for line in lines:
        is_heading, heading_kind, rest = _heading(line)
        if is_heading:
            kind, listening = heading_kind, heading_kind is not None
            if not (rest and kind):
                continue
            line = rest  # noqa: PLW2901 - the heading's own line goes on
        bullet = _BULLET.match(line)
        if listening and kind:
            found += _of_line(line[bullet.end() :] if bullet else line, kind)
        elif bullet:
            loose.append(line[bullet.end() :])
        else:
            loose.append(line)
    if not any(found):
        found = [requirement for line in loose for requirement in _of_line(line, "skill")]
    if not any(found):
        found = [_requirement(title or text, "skill")]
    return title, _without_repetition(found)


def _of_line(line: str, kind: Kind) -> list[Requirement | None]:
    pieces = [piece.strip(" .") for piece in _COMMA.split(line) if piece.strip(" .")]
    if len(pieces) > 1:
        pieces = [part for piece in pieces for part in _parts(re.sub(r"^and\s+", "", piece))]
    short = len(pieces) > 1 and all(len(piece.split()) < _SHORT_PIECE for piece in pieces)
    if kind == "skill" and len(pieces) == 1 and (together := _run_together(line)):
        return [Requirement(clip(piece), (clip(piece),), "skill") for piece in together]
    if kind == "skill" and short and not (_OR.search(line) or YEARS.search(line) or degrees(line)):
        return [Requirement(clip(piece), (clip(piece),), "skill") for piece in pieces if content(words(piece))]
    return [_requirement(sentence, kind) for sentence in _SENTENCE.split(line.strip()) if sentence]


def _parts(piece: str) -> list[str]:
    """Split "HTML and CSS", but not "health and safety" or what else has one name."""
    parts = [part.strip() for part in _AND.split(piece) if part.strip()]
    return parts if len(parts) > 1 and not trade_vocabulary().knows(words(piece)) else [piece]


def _run_together(line: str) -> list[str]:
    """Split a line of terms without commas ("aws docker ci cd linux"), if the vocabulary knows them all."""
    parts = line.split()
    pieces: list[str] = []
    while parts and len(pieces) < _MAX_TERMS and len(line) <= _LONG:
        known = (size for size in range(_SHORT_PIECE, 0, -1) if trade_vocabulary().knows(words(" ".join(parts[:size]))))
        size = next(known, 0)
        if not size:
            return []
        pieces.append(" ".join(parts[:size]))
        del parts[:size]
    return pieces if len(pieces) >= _SHORT_PIECE and not parts else []


def _title(lines: list[str]) -> str:
    for line in lines[:3]:
        label, colon, rest = line.partition(":")
        if colon and label.strip("#* ").casefold() in {"title", "job title", "position", "role"}:
            return clip(rest.strip("#* "), 120)
    first = lines[0].strip().strip("#* ").strip() if lines else ""
    if len(lines) > 1 and all(len(line.split()) < _SHORT_PIECE and ":" not in line for line in lines):
        # A list with a skill a line has a title only if it says so.
        return clip(first, 120) if POSITION_WORDS.intersection(raw_words(first)) else ""
    short = len(first) <= 100 and "," not in first and not first.endswith((".", ":"))  # noqa: PLR2004 - a line's length
    return first if short and len(lines) > 1 else ""
