"""The confidence of a reading of a resume: what it found no place for, and which entries look wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field, JsonValue, computed_field

from progressnb.operations.resume.documents.paths import leaves, objects
from progressnb.operations.resume.words.dates import MONTHS, find_periods
from progressnb.operations.resume.words.headings import HEADINGS
from progressnb.operations.resume.words.lists import read_groups
from progressnb.operations.resume.words.terms import clip

from .roles import names_employer, names_position

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BOUND", "Reading", "assess"]

BOUND = 0.8
"""A reading with less confidence is told as doubtful, and refused with `strict`."""

_WORD = re.compile(r"[^\W_]+")
_ENTRIES = ("work", "volunteer", "education")
_STRUCTURE = frozenset(
    word
    for name in (*HEADINGS, *MONTHS, *(name for kind in ("labels", "periods") for name in read_groups(kind).values()))
    for word in _WORD.findall(name)
)
_CAMEL = re.compile(r"[^\W\d_]*[a-zà-ÿа-яё]{3}[A-ZÀ-ÞА-ЯЁ][a-zà-ÿа-яё]{3}[^\W\d_]*")
_GLUED = re.compile(r"[^\W\d_]{3,}[.,;:][A-ZÀ-ÞА-ЯЁ][a-zà-ÿа-яё]{3}[^\W\d_]*|[^\W_]{29,}|[0-9]{4}[^\W\d_]{3,}")
_NAMES = 4  # words such as TypeScript and PowerPoint that a resume may have
_ADDRESS = re.compile(r"\S*(?:@|://|www\.|\.com|/)\S*")
_SUMMARY_WORDS = 150  # a longer summary is text that found no other place
_TITLE_WORDS = 9
_PLACE_WORDS = 8
_FEW_WORDS = 40  # a shorter text may have no jobs
_SHOWN = 80
_TITLES = ("position", "name", "organization", "institution", "studyType")


class Reading(BaseModel):
    """What was read of a resume, and how sure that is.

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
    glued: list[str] = Field(default_factory=list[str], description="Words that look like two without their space")
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
    undated = [_title(job) for job in jobs if not (job.get("startDate") or job.get("endDate"))]
    suspicious = list(_suspicious(data))
    placed = 1.0 if by == "data" else _placed(text, data)
    glued = [] if by == "data" else _glued(text)
    words = len(_WORD.findall(text))
    entries = sum(len(objects(data.get(section))) for section in _ENTRIES)
    confidence = placed**2
    # A note of a few words is no whole resume: nobody dates the jobs in it.
    confidence *= 1 - 0.7 * min(1.0, 2 * len(undated) / max(1, len(jobs))) * (words > _FEW_WORDS)
    confidence *= 1 - 0.7 * min(1.0, 2.5 * len(suspicious) / max(2, entries))
    confidence *= 1 - min(0.5, 12 * len(glued) / max(1, words))
    confidence *= 0.5 if by != "data" and not entries and words > _FEW_WORDS else 1
    return Reading(
        text=_view(data),
        placed=round(placed, 3),
        undated=undated,
        suspicious=suspicious,
        glued=glued,
        by=by,
        confidence=1.0 if by == "data" else round(confidence, 3),
    )


def _title(entry: dict[str, JsonValue]) -> str:
    keys = ("position", "studyType", "area", "name", "organization", "institution")
    shown = [str(entry[key]) for key in keys if entry.get(key)]
    return clip(", ".join(shown) or "an entry without a title", _SHOWN)


def _placed(text: str, data: dict[str, JsonValue]) -> float:
    """Return the share of the words of a text that stand in a field of their own."""
    words = [word for word in _WORD.findall(text.casefold()) if word not in _STRUCTURE and not word.isdigit()]
    found: list[str] = []
    for leaf in leaves(data):
        if leaf.path.startswith("otherSections"):
            continue
        parts = _WORD.findall(leaf.text.casefold())
        found += parts[:_SUMMARY_WORDS] if leaf.path == "basics.summary" else parts
    known = set(found)
    return sum(word in known for word in words) / len(words) if words else 0.0


def _glued(text: str) -> list[str]:
    plain = _ADDRESS.sub(" ", text)
    found = dict.fromkeys(match[0] for match in _GLUED.finditer(plain))
    camels = dict.fromkeys(match[0] for match in _CAMEL.finditer(plain))
    return [*found, *(word for word in camels if word not in found and len(camels) > _NAMES)]


def _suspicious(data: dict[str, JsonValue]) -> Iterator[str]:
    basics = data.get("basics")
    name = str(basics.get("name") or "") if isinstance(basics, dict) else ""
    if not name:
        yield "No name was found"
    for section in _ENTRIES:
        for entry in objects(data.get(section)):
            reason = next(_reasons(entry, section, name), "")
            if reason:
                yield f"{_title(entry)}: {reason}"


def _reasons(entry: dict[str, JsonValue], section: str, name: str) -> Iterator[str]:
    """Say why an entry looks wrong, most telling reason first."""
    titles = {
        key: str(entry.get(key) or "") for key in ("position", "name", "organization", "institution", "studyType")
    }
    given = [text for text in titles.values() if text]
    if not given and not entry.get("area"):
        yield "it has no title"
    if any(len(text.split()) > _TITLE_WORDS or text[:1].islower() for text in given):
        yield "its title looks like a sentence or the rest of one"
    if any(name and name.casefold() in text.casefold() for text in given):
        yield "its title has the person's name, as footers of pages do"
    if len(str(entry.get("location") or "").split()) > _PLACE_WORDS:
        yield "its place looks like other text"
    if section == "work":
        yield from _doubts_of_job(entry, titles)
    start, end = str(entry.get("startDate") or ""), str(entry.get("endDate") or "")
    if start and end and end < start[: len(end)]:
        yield "it ends before it begins"


def _doubts_of_job(entry: dict[str, JsonValue], titles: dict[str, str]) -> Iterator[str]:
    if not (titles["position"] and titles["name"]):
        yield "it has no employer" if titles["position"] else "it has no position"
    if names_employer(titles["position"]) and not names_position(titles["position"]):
        yield "its position looks like an employer"
    bullets = entry.get("highlights")
    texts = [str(text) for text in bullets] if isinstance(bullets, list) else []
    if any(_holds_period(text) for text in (*texts, *str(entry.get("summary") or "").split("\n"))):
        yield "a text of it holds a period, as the heading of another entry does"
    if 0 < sum(text[:1].islower() for text in texts) < len(texts):
        yield "a bullet looks like the rest of the one before"


def _holds_period(text: str) -> bool:
    return len(text) < 400 and any(period.start and "-" in period.start for period in find_periods(text))  # noqa: PLR2004


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
            title = ", ".join(_fields(entry))
            lines.append(f"{dates}  {title}" if section in {"work", "volunteer", "education"} else title)
            bullets = entry.get("highlights")
            lines += [f"  - {text}" for text in bullets] if isinstance(bullets, list) else []
    return "\n".join(lines).strip()


def _fields(entry: dict[str, JsonValue]) -> Iterator[str]:
    others = [key for key in entry if key not in {*_TITLES, "startDate", "endDate", "highlights"}]
    for key in (*_TITLES, *others):
        yield from (leaf.text for leaf in leaves(entry.get(key), key))
