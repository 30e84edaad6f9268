"""What serves the job, by rules: the posting's names for what is there, sections in its order, the rest not shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.schemas import Cut
from progressnb.operations.resume.words.synonyms import GROUPS, other_name
from progressnb.operations.resume.words.terms import clip, content, holds, words
from progressnb.operations.resume.words.wording import segments

from .cutting import said_at
from .relevance import Move

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from progressnb.operations.resume.evaluation.matching import Finding
    from progressnb.operations.resume.reading.inputs import JobDocument

    from .relevance import Relevance

__all__ = ["cuts", "names_asked", "other_names", "section_order"]

_LISTS = (("skills", "keywords"), ("projects", "keywords"))
# Accounts where people play, not work.
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
_USUAL: tuple[str, ...] = (
    "work",
    "projects",
    "volunteer",
    "education",
    "skills",
    "languages",
    "certificates",
    "awards",
    "publications",
)
_SENTENCES = 3
_HEADS = 60


def other_names(data: dict[str, JsonValue], job: JobDocument) -> list[Move]:
    """Write a skill as the posting does; the resume's own word stays beside it."""
    asked = names_asked(job)
    found: list[Move] = []
    for section, key in _LISTS:
        entries = data.get(section)
        for index, entry in enumerate(entries if isinstance(entries, list) else []):
            if not isinstance(entry, dict):
                continue
            if section == "skills" and isinstance(entry.get("name"), str):
                found += _renamed(f"skills[{index}].name", str(entry["name"]), asked, job)
            items = entry.get(key)
            for number, item in enumerate(items if isinstance(items, list) else []):
                found += _renamed(f"{section}[{index}].{key}[{number}]", str(item), asked, job)
    return found


def names_asked(job: JobDocument) -> dict[str, str]:
    """Return what the posting calls the things that it asks for, by their folded names."""
    names: dict[str, str] = {}
    known = {" ".join(name.casefold().replace("-", " ").split()) for group in GROUPS for name in group}
    for requirement in job.requirements:
        for term in requirement.terms:
            key = " ".join(term.casefold().replace("-", " ").split())
            names.setdefault(key, term)
        # A term may be longer than the name: "JavaScript frameworks" is no JavaScript, "knowledge of JavaScript" is.
        for term in re.split(r"[,;/()]", requirement.text):
            key = " ".join(term.casefold().replace("-", " ").split())
            if key in known:
                names.setdefault(key, term.strip())
    return names


def _renamed(path: str, name: str, asked: dict[str, str], job: JobDocument) -> list[Move]:
    new = other_name(name, asked)
    if new is None:
        return []
    bare = new.removesuffix(f" ({name})")
    requirement = next((one.text for one in job.requirements if bare.casefold() in one.text.casefold()), bare)
    return [
        Move(
            path=path,
            after=new,
            before_text=name,
            after_text=new,
            change=f"Write “{name}” as the posting does: “{new}”.",
            why=f"The job asks for “{clip(requirement)}”; it is the same thing.",
            requirement=requirement,
            evidence=name,
        )
    ]


def section_order(data: dict[str, JsonValue], findings: list[Finding]) -> Move | None:
    """Put the section that serves most first; jobs stay first or second, the others follow by what they serve."""
    served = dict.fromkeys(_USUAL, 0.0)
    for finding in findings:
        # A degree is looked for where the schools are, wherever these stand.
        if finding.requirement.kind == "education" and data.get("work"):
            continue
        sections = {re.split(r"[.\[]", leaf.path, maxsplit=1)[0] for leaf in finding.evidence}
        for section in sections & served.keys():
            served[section] += finding.requirement.weight * finding.credit
    there = [section for section in _USUAL if data.get(section)]
    rest = sorted((section for section in there if section != "work"), key=lambda section: -served[section])
    if "work" not in there:
        order = rest
    elif rest and served[rest[0]] > served["work"]:
        order = [rest[0], "work", *rest[1:]]
    else:
        order = ["work", *rest]
    if order == there or not order or not served[order[0]]:
        return None
    best = max(
        (one for one in findings if any(leaf.path.startswith(order[0]) for leaf in one.evidence)),
        key=lambda one: one.requirement.weight * one.credit,
        default=None,
    )
    requirement = best.requirement.text if best else ""
    return Move(
        path="order",
        after=None,
        before_text=", ".join(there),
        after_text=", ".join(order),
        change=f"Begin with {order[0]}, and order the other sections by what the job asks for.",
        why=f"The job asks for “{clip(requirement)}”, which {order[0]} supports most.",
        requirement=requirement,
        evidence=order[0],
    )


def cuts(data: dict[str, JsonValue], findings: list[Finding], relevance: Relevance, title: str) -> Iterator[Move]:
    """Leave out of the text what doesn't serve this job: it stays in the data."""
    if not findings:
        return
    job = title or findings[0].requirement.text
    evidence = {leaf.path for finding in findings for leaf in finding.evidence}
    for section in ("interests", "references"):
        value = data.get(section)
        if value and said_at(data, section) and not any(path.startswith(section) for path in evidence):
            why = (
                "Nothing that the job asks for stands there."
                if section == "interests"
                else "References are given when they are asked for; nothing that the job asks for stands there."
            )
            yield _cut([Cut(place=section, why=why)], section, said_at(data, section), why, job)
    basics = data.get("basics")
    if not isinstance(basics, dict):
        return
    profiles = basics.get("profiles")
    for index, profile in enumerate(profiles if isinstance(profiles, list) else []):
        network = str(profile.get("network") or "").strip().casefold() if isinstance(profile, dict) else ""
        if network in _LEISURE and not relevance.rank(network, whole_only=True).whole:
            why = "It is an account for leisure, and the job does not ask for it."
            place = f"basics.profiles[{index}]"
            yield _cut([Cut(place=place, why=why)], place, said_at(data, place), why, job)
    if isinstance(basics.get("summary"), str):
        yield from _summary_cuts(str(basics["summary"]), data, relevance, job)


def _summary_cuts(summary: str, data: dict[str, JsonValue], relevance: Relevance, job: str) -> Iterator[Move]:
    """Leave the sentences out of a long summary that name no job, school, number or requirement."""
    parts = [part for line in summary.split("\n") for part in segments(line)]
    if len(parts) <= _SENTENCES:
        return
    names = [keys for name in _heads(data) if content(keys := words(name))]
    idle = [part for part in parts if not _says_something(part, names, relevance)]
    if not idle or len(idle) == len(parts):
        return
    why = "It names no job, school, number or skill that the job asks for."
    yield _cut(
        [Cut(place="basics.summary", text=part, why=why) for part in idle], "basics.summary", " ".join(idle), why, job
    )


def _says_something(part: str, names: list[list[str]], relevance: Relevance) -> bool:
    if re.search(r"[0-9]", part) or relevance.rank(part, whole_only=False).whole:
        return True
    joined = f" {' '.join(words(part))} "
    return any(holds(joined, name) for name in names)


def _heads(data: dict[str, JsonValue]) -> list[str]:
    keys = {"work": ("name", "position"), "education": ("institution", "studyType"), "projects": ("name",)}
    said: list[str] = []
    for section, fields in keys.items():
        entries = data.get(section)
        for entry in entries if isinstance(entries, list) else []:
            if isinstance(entry, dict):
                said += [part for key in fields if entry.get(key) for part in re.split(r"[/,|]", str(entry[key]))]
    return said[:_HEADS]


def _cut(made: list[Cut], place: str, text: str, why: str, job: str) -> Move:
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
