"""The title and the requirements of a job object (the JSON Resume job schema)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.errors import InputError
from progressnb.operations.resume.words.terms import clip

from .posting_text import BULLET, LONGEST_TITLE, requirements_of_text
from .requirement import distinct, requirement_of, single_skills

if TYPE_CHECKING:
    from pydantic import JsonValue

    from .requirement import Requirement

__all__ = ["requirements_of_data"]

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
        return clip(title or read_title, LONGEST_TITLE), requirements
    if not any(found):
        found = [requirement_of(title, "skill")]
    return clip(title, LONGEST_TITLE), distinct(found)


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
