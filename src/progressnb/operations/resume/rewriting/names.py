"""The posting's names for things that the resume has under other names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.synonyms import GROUPS, name_key, posting_name
from progressnb.operations.resume.words.terms import clip

from .move import Move

if TYPE_CHECKING:
    from pydantic import JsonValue

    from progressnb.operations.resume.reading.inputs import JobDocument

__all__ = ["asked_names", "posting_names"]

_LISTS = (("skills", "keywords"), ("projects", "keywords"))


def posting_names(data: dict[str, JsonValue], job: JobDocument) -> list[Move]:
    """Return the moves that name skills as the posting does; the resume's own name stays beside the new one."""
    asked = asked_names(job)
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


def asked_names(job: JobDocument) -> dict[str, str]:
    """Return the names of the things that the posting asks for, as it writes them, by their `name_key`."""
    names: dict[str, str] = {}
    known = {name_key(name) for group in GROUPS for name in group}
    for requirement in job.requirements:
        for term in requirement.terms:
            names.setdefault(name_key(term), term)
        # A term may be longer than a known name, such as "knowledge of JavaScript, SQL".
        for term in re.split(r"[,;/()]", requirement.text):
            key = name_key(term)
            if key in known:
                names.setdefault(key, term.strip())
    return names


def _renamed(path: str, name: str, asked: dict[str, str], job: JobDocument) -> list[Move]:
    new = posting_name(name, asked)
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
