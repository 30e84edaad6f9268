"""The title and the requirements of a posting's text: its lists, and the lines under usual headings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.degrees import degrees
from progressnb.operations.resume.words.terms import clip, comparison_keys, raw_words
from progressnb.operations.resume.words.trade_vocabulary import trade_vocabulary
from progressnb.operations.resume.words.vocabulary import POSITION_WORDS

from .requirement import OR, YEARS, distinct, requirement_of, single_skills

if TYPE_CHECKING:
    from .requirement import Kind, Requirement

__all__ = ["BULLET", "LONGEST_TITLE", "requirements_of_text"]

LONGEST_TITLE = 120
BULLET = re.compile(r"[ \t]{0,12}(?:[-*+•●▪‣◦·–—o✓✔➢]|[0-9]{1,2}[.)])[ \t]{1,8}(?=\S)")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_AND = re.compile(r"\s(?:and|&)\s", re.IGNORECASE)
_COMMA = re.compile(r"[,;|•]")
_SHORT_PIECE = 4  # words
_LONGEST_LINE = 300
_LONGEST_HEADING = 60
_MAX_TERMS = 40
_LONGEST_FIRST_LINE = 100
_TITLE_LABELS = frozenset({"title", "job title", "position", "role"})

# The first pattern that fits decides. Headings about the employer come first: "what we offer you" is one.
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


def requirements_of_text(text: str) -> tuple[str, tuple[Requirement, ...]]:
    """Read title and requirements of a posting's text.

    A text without lists and headings is read sentence by sentence. A line of short parts with commas is a list of
    skills.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    title = _title(lines)
    if title and lines[0].strip().strip("#* ") == title:
        # A title such as "Skilled Nurse" would be taken for a heading.
        del lines[0]
    found: list[Requirement | None] = []
    loose: list[str] = []
    kind: Kind | None = None
    for line in lines:
        is_heading, heading_kind, rest = _heading(line)
        if is_heading:
            kind = heading_kind
            if not (rest and kind):
                continue
        # The text after a heading on the same line is read as the first line below it.
        read = rest if is_heading else line
        bullet = BULLET.match(read)
        item = read[bullet.end() :] if bullet else read
        if kind:
            found += _of_line(item, kind)
        else:
            loose.append(item)
    if not any(found):
        found = [requirement for line in loose for requirement in _of_line(line, "skill")]
    if not any(found):
        found = [requirement_of(title or text, "skill")]
    return title, distinct(found)


def _heading(line: str) -> tuple[bool, Kind | None, str]:
    """Return whether a line is a heading, the kind of the requirements below it, and the text after it."""
    bare = line.strip().strip("#*_ ").strip()
    head, colon, rest = (part.strip("*_ ") for part in bare.partition(":"))
    if not head or len(head) > _LONGEST_HEADING or BULLET.match(line):
        return False, None, ""
    marked = line.lstrip().startswith("#")
    # A line of few words with a usual name is a heading without any mark too.
    plain = len(head.split()) <= _SHORT_PIECE and not bare.endswith(".")
    if marked or plain or head.isupper() or (colon and not rest):
        lowered = head.casefold().replace("\u2019", "'")
        for kind, pattern in _HEADINGS:
            if pattern.search(lowered):
                return True, kind, rest
    return marked, None, ""


def _of_line(line: str, kind: Kind) -> list[Requirement | None]:
    pieces = [piece.strip(" .") for piece in _COMMA.split(line) if piece.strip(" .")]
    if len(pieces) > 1:
        pieces = [part for piece in pieces for part in _parts(re.sub(r"^and\s+", "", piece))]
    short = len(pieces) > 1 and all(len(piece.split()) < _SHORT_PIECE for piece in pieces)
    if kind == "skill" and len(pieces) == 1 and (together := _run_together(line)):
        return list(single_skills(together))
    if kind == "skill" and short and not (OR.search(line) or YEARS.search(line) or degrees(line)):
        return list(single_skills(pieces))
    return [requirement_of(sentence, kind) for sentence in _SENTENCE.split(line.strip()) if sentence]


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
            return clip(rest.strip("#* "), LONGEST_TITLE)
    first = lines[0].strip().strip("#* ").strip() if lines else ""
    if len(lines) > 1 and all(len(line.split()) < _SHORT_PIECE and ":" not in line for line in lines):
        # The first line of a list of skills is a title only if it has a position word.
        return clip(first, LONGEST_TITLE) if POSITION_WORDS.intersection(raw_words(first)) else ""
    short = len(first) <= _LONGEST_FIRST_LINE and "," not in first and not first.endswith((".", ":"))
    return first if short and len(lines) > 1 else ""
