"""The parts of a resume that do not serve the job: the text to send leaves out what may be, the data keep it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import objects, text_at, value_at
from progressnb.operations.resume.schemas import Cut
from progressnb.operations.resume.words.sentences import segments
from progressnb.operations.resume.words.terms import clip, comparison_keys, has_phrase, telling_keys

from .move import Move

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import JsonValue

    from progressnb.operations.resume.evaluation.finding import Finding

    from .relevance import Relevance

__all__ = ["allowed_cuts", "omissions"]

# Networks for leisure, not for work.
_LEISURE = frozenset(
    [
        "soundcloud",
        "instagram",
        "facebook",
        "snapchat",
        "tiktok",
        "pinterest",
        "spotify",
        "twitch",
        "steam",
        "xbox",
        "flickr",
        "tumblr",
    ]
)
_SENTENCES = 3  # a summary with more is long
_MOST_NAMES = 60
_SECTIONS = {
    "interests": "Nothing that the job asks for stands there.",
    "references": "References are given when they are asked for; nothing that the job asks for stands there.",
}


def omissions(data: dict[str, JsonValue], findings: list[Finding], relevance: Relevance, title: str) -> Iterator[Move]:
    """Yield the moves that leave interests, references, accounts and sentences out of the shown text."""
    if not findings:
        return
    job = title or findings[0].requirement.text
    evidence = {leaf.path for finding in findings for leaf in finding.evidence}
    for section, why in _SECTIONS.items():
        text = text_at(data, section)
        if text and not any(path.startswith(section) for path in evidence):
            yield _omission([Cut(place=section, why=why)], section, text, why, job)
    basics = data.get("basics")
    if not isinstance(basics, dict):
        return
    yield from _accounts(data, basics, relevance, job)
    if isinstance(basics.get("summary"), str):
        yield from _sentences(str(basics["summary"]), data, relevance, job)


def _accounts(
    data: dict[str, JsonValue], basics: dict[str, JsonValue], relevance: Relevance, job: str
) -> Iterator[Move]:
    profiles = basics.get("profiles")
    for index, profile in enumerate(profiles if isinstance(profiles, list) else []):
        network = str(profile.get("network") or "").strip().casefold() if isinstance(profile, dict) else ""
        if network in _LEISURE and not relevance.rank(network, whole_only=True).whole:
            why = "It is an account for leisure, and the job does not ask for it."
            place = f"basics.profiles[{index}]"
            yield _omission([Cut(place=place, why=why)], place, text_at(data, place), why, job)


def _sentences(summary: str, data: dict[str, JsonValue], relevance: Relevance, job: str) -> Iterator[Move]:
    """Yield the move that leaves idle sentences out of a long summary: they name no job, school, number or skill."""
    parts = [part for line in summary.split("\n") for part in segments(line)]
    if len(parts) <= _SENTENCES:
        return
    names = [keys for name in _names(data) if telling_keys(keys := comparison_keys(name))]
    idle = [part for part in parts if not _is_telling(part, names, relevance)]
    if not idle or len(idle) == len(parts):
        return
    why = "It names no job, school, number or skill that the job asks for."
    yield _omission(
        [Cut(place="basics.summary", text=part, why=why) for part in idle], "basics.summary", " ".join(idle), why, job
    )


def _is_telling(part: str, names: list[list[str]], relevance: Relevance) -> bool:
    if re.search(r"[0-9]", part) or relevance.rank(part, whole_only=False).whole:
        return True
    joined = f" {' '.join(comparison_keys(part))} "
    return any(has_phrase(joined, name) for name in names)


def _names(data: dict[str, JsonValue]) -> list[str]:
    """Return the names of jobs, schools and projects."""
    fields = {"work": ("name", "position"), "education": ("institution", "studyType"), "projects": ("name",)}
    names = [
        part
        for section, keys in fields.items()
        for entry in objects(data.get(section))
        for key in keys
        if entry.get(key)
        for part in re.split(r"[/,|]", str(entry[key]))
    ]
    return names[:_MOST_NAMES]


def _omission(made: list[Cut], place: str, text: str, why: str, job: str) -> Move:
    return Move(
        path=place,
        after=None,
        before_text=text,
        after_text="",
        change=f"Leave {place} out of the text to send."
        if not made[0].text
        else "Leave idle sentences out of the summary.",
        why=f"Not shown, kept in the data: {why}",
        requirement=job,
        evidence=clip(text) or place,
        cuts=tuple(made),
    )


# Parts about the person and not the work may be left out as a whole. Jobs, schools and skills are always shown,
# whatever a model proposes.
_WHOLE = re.compile(r"(?:interests|references|basics\.image)|(?:interests|references|basics\.profiles)\[\d{1,4}\]")
_SENTENCE = re.compile(r"basics\.summary|(?:work|volunteer|projects)\[\d{1,4}\]\.(?:summary|highlights\[\d{1,4}\])")


def allowed_cuts(data: dict[str, JsonValue], cuts: Iterable[Cut]) -> list[Cut]:
    """Return the cuts that may be made: whole interests, references and accounts, and single sentences."""
    kept: list[Cut] = []
    for cut in cuts:
        value = value_at(data, cut.place)
        if cut.text.strip() and _SENTENCE.fullmatch(cut.place) and isinstance(value, str):
            if cut.text in value and value.strip() != cut.text.strip():
                kept.append(cut)
        elif value is not None and _WHOLE.fullmatch(cut.place):
            kept.append(cut.model_copy(update={"text": ""}))
    return kept
