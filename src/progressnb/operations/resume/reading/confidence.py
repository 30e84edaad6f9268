"""The confidence of a reading of a resume: what it found no place for, and which entries look wrong."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Literal

from pydantic import BaseModel, Field, JsonValue, computed_field

from progressnb.operations.resume.documents.paths import leaves, objects
from progressnb.operations.resume.words.dates import MONTHS
from progressnb.operations.resume.words.headings import HEADINGS
from progressnb.operations.resume.words.lists import read_groups

from .doubts import ENTRIES, are_guessed, doubtful_entries, loose_periods, repeated_lines, title_of
from .garbled import glued_words, misread_words

__all__ = ["BOUND", "Reading", "assess"]

BOUND = 0.8
"""A reading with less confidence is told as doubtful, and refused with `strict`."""

_WORD = re.compile(r"[^\W_]+")
_CELL = re.compile(r"[ ]{3,}|\t+|:")
_STRUCTURE = frozenset(
    word
    for name in (*HEADINGS, *MONTHS, *(name for kind in ("labels", "periods") for name in read_groups(kind).values()))
    for word in _WORD.findall(name)
)
_SUMMARY_WORDS = 150  # a longer summary is text that found no other place
_FEW_WORDS = 40  # a shorter text may have no jobs
_DOUBT = {"work": 0.75, "basics": 0.75}
_OTHER_DOUBT = 0.85
_TITLES = ("position", "name", "organization", "institution", "studyType")
_NO_TITLES = frozenset({"startDate", "endDate", "highlights"})


class Reading(BaseModel):
    """The entries that were read of a resume, and how sure the reading is.

    `text` shows the entries as an applicant tracking system would see them.
    """

    text: str = Field(default="", description="The entries, one below the other, as they were read")
    placed: float = Field(
        default=1.0, ge=0, le=1, description="The share of the text's words that found a place in the data, 0 to 1"
    )
    undated: list[str] = Field(default_factory=list[str], description="The jobs without a date")
    suspicious: list[str] = Field(
        default_factory=list[str], description="Entries that look wrong, each with the reason"
    )
    loose: list[str] = Field(default_factory=list[str], description="Periods of the text that no entry has")
    glued: list[str] = Field(default_factory=list[str], description="Words that look like two without their space")
    misread: list[str] = Field(
        default_factory=list[str], description="Words that look misread, as by the recognition of scanned text"
    )
    by: Literal["data", "rules", "model"] = Field(default="data", description="Who made entries of the text")
    confidence: float = Field(
        default=1.0, ge=0, le=1, description="How sure the reading is, 0 to 1; below 0.8 look at the entries"
    )

    @computed_field  # type: ignore[prop-decorator] # mypy knows no decorated properties
    @property
    def sure(self) -> bool:
        """Whether the confidence reaches its bound."""
        return self.confidence >= BOUND

    def doubts(self) -> list[str]:
        """Return what lowers the confidence, one sentence each."""
        told = [f"Without a date: {job}." for job in self.undated]
        told += [f"{entry}." for entry in self.suspicious]
        if self.glued:
            told.append(f"Words without their spaces: {', '.join(self.glued[:5])}.")
        if self.misread:
            told.append(f"Words that look misread: {', '.join(self.misread[:5])}.")
        if self.loose:
            told.append(f"Periods that belong to no entry: {'; '.join(self.loose[:5])}.")
        if self.placed < 0.9:  # noqa: PLR2004 - a few words are lost in any resume
            told.append(f"{1 - self.placed:.0%} of the words found no place in a section.")
        return told

    def __repr__(self) -> str:
        """Return confidence and doubts in one line."""
        return f"Reading(confidence={self.confidence:.2f}, placed={self.placed:.2f}, doubts={len(self.doubts())})"

    __str__ = __repr__


def assess(text: str, data: dict[str, JsonValue], by: Literal["data", "rules", "model"] = "rules") -> Reading:
    """Return how sure a reading is: `data` is the JSON Resume that was made of a text."""
    jobs = objects(data.get("work"))
    undated = [title_of(job) for job in jobs if not (job.get("startDate") or job.get("endDate"))]
    doubtful = list(doubtful_entries(data))
    if by == "rules" and jobs and are_guessed(text, jobs):
        doubtful.append(("work", "The jobs have no heading that is known"))
    suspicious = [reason for _, reason in doubtful]
    if by == "data":
        return Reading(text=_view(data), undated=undated, suspicious=suspicious, by=by)
    words = len(_WORD.findall(text))
    entries = sum(len(objects(data.get(section))) for section in ENTRIES)
    placed, glued, misread = _placed(text, data), glued_words(text), misread_words(text)
    loose, periods = loose_periods(text, data)
    confidence = placed**2
    # A note of a few words is no whole resume: nobody dates the jobs in it.
    confidence *= 1 - 0.7 * min(1.0, 2 * len(undated) / max(1, len(jobs))) * (words > _FEW_WORDS)
    confidence *= math.prod(_DOUBT.get(section, _OTHER_DOUBT) for section, _ in doubtful)
    confidence *= 1 - min(0.7, 1.2 * len(loose) / max(1, periods))
    confidence *= 1 - min(0.5, 12 * len(glued) / max(1, words)) - min(0.4, 10 * len(misread) / max(1, words))
    confidence *= _DOUBT["basics"] if repeated_lines(text) else 1
    confidence *= 0.5 if not entries and words > _FEW_WORDS else 1
    return Reading(
        text=_view(data),
        placed=round(placed, 3),
        undated=undated,
        suspicious=suspicious,
        loose=loose,
        glued=glued,
        misread=misread,
        by=by,
        confidence=round(max(0.0, confidence), 3),
    )


def _placed(text: str, data: dict[str, JsonValue]) -> float:
    """Return the share of the words of a text that stand in a field of their own, or in a label or margin.

    Those of a form and of pages repeat: what stands more than once before a wide gap, a colon or the end of a line.
    """
    cells = Counter(cell.strip() for line in text.casefold().split("\n") for cell in _CELL.split(line)[:2])
    parts = [cell for cell, number in cells.items() if number > 1]
    for leaf in leaves(data):
        words = _WORD.findall(leaf.text.casefold())
        parts.append(" ".join(words[:_SUMMARY_WORDS] if leaf.path == "basics.summary" else words))
    known = {word for part in parts for word in _WORD.findall(part)}
    words = [word for word in _WORD.findall(text.casefold()) if word not in _STRUCTURE and not word.isdigit()]
    return sum(word in known for word in words) / len(words) if words else 0.0


def _view(data: dict[str, JsonValue]) -> str:
    """Write the entries as plain lines, as programs that sort applications see them."""
    lines: list[str] = []
    basics = data.get("basics")
    if isinstance(basics, dict):
        lines += [f"{key}: {basics[key]}" for key in ("name", "label", "email", "phone") if basics.get(key)]
    for section in ("work", "volunteer", "education", "projects", "certificates", "skills", "languages"):
        entries = objects(data.get(section))
        lines += [f"\n{section.upper()}"] if entries else []
        for entry in entries:
            dates = " to ".join(str(entry.get(key) or "…") for key in ("startDate", "endDate"))
            fields = [key for key in dict.fromkeys((*_TITLES, *entry)) if key not in _NO_TITLES]
            title = ", ".join(leaf.text for key in fields for leaf in leaves(entry.get(key), key))
            lines.append(f"{dates}  {title}" if section in {"work", "volunteer", "education"} else title)
            bullets = entry.get("highlights")
            lines += [f"  - {text}" for text in bullets] if isinstance(bullets, list) else []
    return "\n".join(lines).strip()
