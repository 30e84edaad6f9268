"""The title and the requirements of a posting: of its text, by lists and usual headings, or of a job object."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from progressnb.errors import InputError
from progressnb.operations.resume.words.degrees import degrees
from progressnb.operations.resume.words.headings import BULLET
from progressnb.operations.resume.words.lists import read_patterns, read_words
from progressnb.operations.resume.words.terms import clip, comparison_keys, raw_words
from progressnb.operations.resume.words.trade_vocabulary import trade_vocabulary
from progressnb.operations.resume.words.vocabulary import POSITION_WORDS

from .requirement import OR, YEARS, distinct, importance_of, requirement_of, single_skills

if TYPE_CHECKING:
    from pydantic import JsonValue

    from .requirement import Importance, Kind, Requirement


__all__ = ["requirements_of_data", "requirements_of_text"]

_LONGEST_TITLE = 120
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_SAYS = re.compile(r"!|(?<![^\W_])(?:we|our|us|is|are|has|have|gets?|will|was|join|come|apply|call)(?![^\W_])")
_MONEY = re.compile(r"[$€£]\s?[0-9]|[0-9]\s?[$€£]|(?:USD|EUR|GBP|CHF)\s?[0-9]")
# What a sentence asks for outright is a requirement, whatever else it speaks of.
_OUTRIGHT = re.compile(
    r"(?<![^\W_])(?:you have|you bring|you must|must have|required|requires?|we expect|we need|we are looking for"
    r"|experience (?:in|with|of)|knowledge of|(?:is|are|be) an? (?:real )?(?:plus|bonus|advantage|asset))(?![^\W_])"
)
_DUTY = re.compile(r"(?:You(?:'ll| will)|Sie|Du|Vous|In this (?:role|job) you)\s", re.IGNORECASE)
_DUTY_VERBS = frozenset(read_words("duty_verbs"))
_AND = re.compile(r"\s(?:and|&)\s", re.IGNORECASE)
_COMMA = re.compile(r"[,;|•]")
_SHORT_PIECE, _LONG_PIECE = 4, 8  # words
_LONGEST_LINE = 300
_LONGEST_HEADING = 60
_MAX_TERMS = 40
_LONGEST_FIRST_LINE = 100
_TITLE_LABELS = frozenset({"title", "job title", "position", "role"})


class Section(NamedTuple):
    """The lines below a heading: the kind of requirements, None for what asks for nothing, and their importance."""

    kind: Kind | None
    importance: Importance = "must"


_SECTIONS = {
    "ignored": Section(None),
    "duty": Section("duty"),
    "must": Section("skill"),
    "should": Section("skill", "should"),
    "nice": Section("skill", "nice"),
}


def requirements_of_text(text: str) -> tuple[str, tuple[Requirement, ...]]:
    """Read title and requirements of a posting's text.

    A text without lists and headings is read sentence by sentence. A line of short parts with commas is a list of
    skills.
    """
    lines = text.split("\n")
    title = _title([line for line in lines if line.strip()])
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if title and lines[first].strip().strip("#* ") == title:
        # A title such as "Skilled Nurse" would be taken for a heading.
        del lines[: first + 1]
    found: list[Requirement | None] = []
    loose: list[str] = []
    section: Section | None = None
    listed = blank = False
    for line in lines:
        below, rest = _heading(line) if line.strip() else (None, "")
        if below:
            section, listed = below, bool(rest)
            if not (rest and section.kind):
                continue
        # The text after a heading on the same line is read as the first line below it.
        read = rest if below else line
        bullet = BULLET.match(read)
        if listed and blank and not bullet and read.strip():
            section = None  # a paragraph below a list says something else
        item = read[bullet.end() :] if bullet else read
        listed, blank = listed or bullet is not None, not line.strip()
        if section is None and item.strip():
            loose.append(item)
        elif section and section.kind and item.strip():
            found += _of_line(item, section)
    asked = [one for line in loose for one in _of_line(line, _SECTIONS["must"], loose=True)]
    found += asked if not any(found) or len(asked) > len(loose) / 2 else []
    if not any(found):
        found = [one for line in loose for one in _of_line(line, _SECTIONS["must"])]
    if not any(found):
        found = [requirement_of(title or text, "skill")]
    return title, distinct(found)


def _heading(line: str) -> tuple[Section | None, str]:
    """Return what a heading announces, and the text after it; None if the line is no heading."""
    bare = line.strip().strip("#*_ ").strip()
    head, colon, rest = (part.strip("*_ ") for part in bare.partition(":"))
    if not head or len(head) > _LONGEST_HEADING or BULLET.match(line):
        return None, ""
    marked = line.lstrip().startswith("#")
    # A line of few words with a usual name is a heading without any mark too.
    plain = len(head.split()) <= _SHORT_PIECE and not bare.endswith(".")
    if marked or plain or head.isupper() or (colon and not rest):
        lowered = head.casefold().replace("\u2019", "'")
        for name, pattern in read_patterns("posting_headings").items():
            match = pattern.search(lowered)
            # An unmarked line must begin with the words of a heading: "3 years of experience" is none.
            if match and (marked or head.isupper() or colon or match.start() == 0 or match.end() == len(lowered)):
                return _SECTIONS[name], rest
    return (_SECTIONS["ignored"], "") if marked else (None, "")


def _asks_for_nothing(sentence: str) -> bool:
    """Tell whether a sentence speaks of benefits, of the procedure, of the law or of the employer."""
    text = sentence.casefold().replace("\u2019", "'")
    noise = read_patterns("posting_noise").values()
    return not _OUTRIGHT.search(text) and any(pattern.search(text) for pattern in noise)


def _asks(sentence: str) -> bool:
    """Tell whether a sentence outside of all lists asks for something, or says what is to be done."""
    text = sentence.casefold().replace("\u2019", "'")
    if _MONEY.search(sentence) or not text.strip():
        return False
    duty = _DUTY.match(sentence) is not None or text.startswith("you ") or text.split()[0] in _DUTY_VERBS
    few = len(text.split()) <= _LONG_PIECE and any(trade_vocabulary().find(comparison_keys(sentence)))
    kinds = ("asks", "language", "permission", "nice", "should")
    few = few or (len(text.split()) <= _SHORT_PIECE and not _SAYS.search(text))  # "Commercial contracts"
    return duty or few or any(read_patterns("asking")[kind].search(text) for kind in kinds)


def _of_line(line: str, section: Section, *, loose: bool = False) -> list[Requirement | None]:
    kind = section.kind or "skill"
    pieces = [piece.strip(" .") for piece in _COMMA.split(line) if piece.strip(" .")]
    if len(pieces) > 1:
        pieces = [part for piece in pieces for part in _parts(re.sub(r"^and\s+", "", piece))]
    short = len(pieces) > 1 and all(len(piece.split()) < _SHORT_PIECE for piece in pieces)
    if kind == "skill" and len(pieces) == 1 and (together := _run_together(line)):
        return list(single_skills(together, section.importance))
    if kind == "skill" and short and not (OR.search(line) or YEARS.search(line) or degrees(line)):
        return list(single_skills(pieces, importance_of(line, section.importance)))
    return [
        requirement_of(
            sentence,
            "duty" if _DUTY.match(sentence) or (loose and sentence.split()[0].casefold() in _DUTY_VERBS) else kind,
            section.importance,
        )
        for sentence in _SENTENCE.split(line.strip())
        if sentence and not _asks_for_nothing(sentence) and (not loose or _asks(sentence))
    ]


def _parts(piece: str) -> list[str]:
    """Split "HTML and CSS", but not one name such as "health and safety"."""
    parts = [part.strip() for part in _AND.split(piece) if part.strip()]
    return parts if len(parts) > 1 and not trade_vocabulary().knows(comparison_keys(piece)) else [piece]


def _run_together(line: str) -> list[str]:
    """Split a line of terms without commas ("aws docker ci cd linux") if the vocabulary has them all."""
    parts = line.split()
    pieces: list[str] = []
    while parts and len(pieces) < _MAX_TERMS and len(line) <= _LONGEST_LINE:
        known = (
            size
            for size in range(_SHORT_PIECE, 0, -1)
            if trade_vocabulary().knows(comparison_keys(" ".join(parts[:size])))
        )
        size = next(known, 0)
        if not size:
            return []
        pieces.append(" ".join(parts[:size]))
        del parts[:size]
    return pieces if len(pieces) >= _SHORT_PIECE and not parts else []


def _title(lines: list[str]) -> str:
    for line in lines[:3]:
        label, colon, rest = line.partition(":")
        if colon and label.strip("#* ").casefold() in _TITLE_LABELS:
            return clip(rest.strip("#* "), _LONGEST_TITLE)
    first = lines[0].strip().strip("#* ").strip() if lines else ""
    if len(lines) > 1 and all(len(line.split()) < _SHORT_PIECE and ":" not in line for line in lines):
        # The first line of a list of skills is a title only if it has a position word.
        return clip(first, _LONGEST_TITLE) if POSITION_WORDS.intersection(raw_words(first)) else ""
    short = len(first) <= _LONGEST_FIRST_LINE and "," not in first and not first.endswith((".", ":"))
    return first if short and len(lines) > 1 else ""


_TEXTS = frozenset({"title", "description", "company"})
_LISTS = frozenset({"responsibilities", "qualifications", "requirements", "skills"})


def requirements_of_data(value: dict[str, JsonValue], name: str) -> tuple[str, tuple[Requirement, ...]]:
    """Read title and requirements of a job object. `name` is its name in messages. Raises InputError."""
    _check_types(value, name)
    found: list[Requirement | None] = []
    for key in ("qualifications", "requirements"):
        found += [requirement_of(line, "skill") for line in _lines(value.get(key))]
    found += single_skills(_skills(value.get("skills")))
    found += [requirement_of(line, "duty") for line in _lines(value.get("responsibilities"))]
    title = str(value.get("title") or "").strip()
    description = str(value.get("description") or "")
    if not any(found) and description:
        read_title, requirements = requirements_of_text(description)
        return clip(title or read_title, _LONGEST_TITLE), requirements
    if not any(found):
        found = [requirement_of(title, "skill")]
    return clip(title, _LONGEST_TITLE), distinct(found)


def _check_types(value: dict[str, JsonValue], name: str) -> None:
    for key, item in value.items():
        expected = "text" if key in _TEXTS else "a list" if key in _LISTS else ""
        fits = item is None or isinstance(item, str) or (isinstance(item, list) and expected == "a list")
        if expected and not fits:
            got = f"{type(item).__name__} {item!r}"
            raise InputError(f"{key} in {name} to be {expected}", got, "Correct it there.")


def _skills(value: JsonValue) -> list[str]:
    """Return the names of skills; the name of a group with keywords is only a heading for them."""
    names: list[str] = []
    for item in value if isinstance(value, list) else _lines(value):
        if isinstance(item, dict):
            names += _lines(item.get("keywords")) or _lines(item.get("name"))
        elif item is not None:
            names.append(str(item))
    return names


def _lines(value: JsonValue) -> list[str]:
    """Return the texts of a field: the items of a list, or the lines of a text."""
    if isinstance(value, str):
        return [BULLET.sub("", line, count=1).strip() for line in value.split("\n") if line.strip()]
    return [str(item) for item in value if item is not None] if isinstance(value, list) else []
