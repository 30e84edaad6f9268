"""Resumes in the JSON of other programs: Reactive Resume, LinkedIn and Europass are told by their form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.errors import InputError

from .html_text import html_text

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["known_form"]

_SECTIONS = {"experience": "work", "education": "education", "skills": "skills", "projects": "projects",
             "languages": "languages", "certifications": "certificates", "awards": "awards", "volunteer": "volunteer",
             "interests": "interests", "references": "references"}  # fmt: skip
_FIELDS = {"company": "name", "position": "position", "location": "location", "institution": "institution",
           "studyType": "studyType", "degree": "studyType", "area": "area", "score": "score", "name": "name",
           "title": "title", "awarder": "awarder", "issuer": "issuer", "organization": "organization",
           "keywords": "keywords", "school": "institution", "grade": "score", "fluency": "fluency"}  # fmt: skip
_HOW = {
    "LinkedIn data": "Save your profile as PDF (More, Save to PDF) and give that file.",
    "Europass data": "Download the CV as PDF or Word from Europass and give that file.",
}


def known_form(value: dict[str, JsonValue], name: str) -> dict[str, JsonValue]:
    """Return data as JSON Resume: those of Reactive Resume are converted, other data are returned as they are.

    Raises InputError for the data of LinkedIn and Europass, by their names.
    """
    sections = value.get("sections")
    if isinstance(value.get("basics"), dict) and isinstance(sections, dict):
        return _from_reactive(value, sections)
    program = _program(value)
    if program:
        raise InputError(f"{name} as JSON Resume", program, _HOW[program])
    return value


def _program(value: dict[str, JsonValue]) -> str:
    keys = {key.casefold().replace("_", "").replace(" ", "") for key in value}
    if keys & {"skillspassport", "learnerinfo", "europasscv", "profilesection"}:
        return "Europass data"
    if keys & {"localizedfirstname", "vanityname", "publicidentifier", "miniprofile"}:
        return "LinkedIn data"
    if {"firstname", "lastname"} <= keys and keys & {"positions", "headline", "profile", "educations", "experiences"}:
        return "LinkedIn data"
    return ""


def _from_reactive(value: dict[str, JsonValue], sections: dict[str, JsonValue]) -> dict[str, JsonValue]:
    basics = value["basics"]
    made: dict[str, JsonValue] = {}
    if isinstance(basics, dict):
        person: dict[str, JsonValue] = {key: basics[key] for key in ("name", "email", "phone") if basics.get(key)}
        person |= {"label": basics["headline"]} if basics.get("headline") else {}
        person |= {"location": {"address": basics["location"]}} if isinstance(basics.get("location"), str) else {}
        person |= _address(basics, "url")
        summary = value.get("summary") or sections.get("summary")
        text = _plain(summary.get("content")) if isinstance(summary, dict) else ""
        made["basics"] = {**person, "summary": text} if text else person
    for section, name in _SECTIONS.items():
        found = sections.get(section)
        items = found.get("items") if isinstance(found, dict) else None
        shown = (
            [item for item in items if isinstance(item, dict) and not _is_hidden(item)]
            if isinstance(items, list)
            else []
        )
        if shown:
            made[name] = [_item(item, name) for item in shown]
    return made


def _is_hidden(item: dict[str, JsonValue]) -> bool:
    return item.get("visible") is False or item.get("hidden") is True


def _item(item: dict[str, JsonValue], section: str) -> dict[str, JsonValue]:
    entry: dict[str, JsonValue] = {new: item[old] for old, new in _FIELDS.items() if item.get(old)}
    if section == "languages":
        entry = {
            "language": item.get("name") or item.get("language") or "",
            "fluency": item.get("description") or item.get("fluency") or "",
        }
        return {key: text for key, text in entry.items() if text}
    if section == "volunteer" and "name" in entry:
        entry["organization"] = entry.pop("name")
    dates = item.get("date") or item.get("period")
    if isinstance(dates, str) and dates:
        start, _, end = (part.strip() for part in dates.partition(" - " if " - " in dates else " – "))
        entry |= (
            {"startDate": start, "endDate": end} if end else {"endDate" if section == "education" else "date": start}
        )
    text = _plain(item.get("summary") or item.get("description"))
    lines = [line for line in text.split("\n") if line.strip()]
    if section in {"work", "volunteer", "projects"} and len(lines) > 1:
        entry["highlights"] = list(lines)
    elif text:
        entry["summary"] = text
    return entry | _address(item, "url")


def _address(item: dict[str, JsonValue], key: str) -> dict[str, JsonValue]:
    """Return the address of an item: Reactive Resume has an object with `href`, or `website` with `url`."""
    url = item.get("url") or item.get("website")
    link = url.get("href") or url.get("url") if isinstance(url, dict) else url
    return {key: link} if isinstance(link, str) and link else {}


def _plain(text: JsonValue) -> str:
    """Return the text of HTML, without the marks of its list items."""
    shown = html_text(text) if isinstance(text, str) else ""
    return "\n".join(line.removeprefix("- ").strip("# ") for line in shown.split("\n"))
