"""JSON Resume data as Markdown: the same text for the same data, with every field, and safe to show."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import set_value, value_at

from .markdown_text import has_text, inline, label, paragraphs, period, readable_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import JsonValue

    from progressnb.operations.resume.documents.json_resume import JSONResume
    from progressnb.operations.resume.schemas import Cut

__all__ = ["render_data", "render_markdown"]

_TITLES = {
    "work": "Experience",
    "projects": "Projects",
    "volunteer": "Volunteering",
    "education": "Education",
    "skills": "Skills",
    "languages": "Languages",
    "certificates": "Certificates",
    "awards": "Awards",
    "publications": "Publications",
    "interests": "Interests",
    "references": "References",
}
# The fields of the heading of an entry, in order. Other fields follow as text, list or "Name: value".
_HEADS = {
    "work": ("position", "name"),
    "volunteer": ("position", "organization"),
    "education": ("studyType", "area", "institution"),
    "projects": ("name", "entity"),
    "awards": ("title", "awarder"),
    "certificates": ("name", "issuer"),
    "publications": ("name", "publisher"),
    "references": ("name",),
}
_LINES = {
    "skills": ("name", "level", "keywords"),
    "languages": ("language", "fluency"),
    "interests": ("name", "keywords"),
}
_PROSE = ("description", "summary", "reference", "text")
_ADDRESS = ("address", "city", "region", "postalCode", "countryCode")
_BASICS = ("name", "label", "image", "email", "phone", "url", "summary", "location", "profiles")


def render_markdown(resume: JSONResume) -> str:
    """Render a resume as Markdown, with each section and field; settings of tools (`meta`) are left out."""
    return render_data(resume.to_data())


def render_data(data: dict[str, JsonValue], *, order: Sequence[str] = (), cuts: Iterable[Cut] = ()) -> str:
    """Render the data of a resume as Markdown, without some parts.

    The sections of `order` come first, the others in the usual order.
    """
    shown = copy.deepcopy(data)
    for cut in cuts:
        value = value_at(shown, cut.place)
        text = value.replace(cut.text, "", 1) if cut.text and isinstance(value, str) else ""
        # The space that a sentence leaves goes with it.
        text = re.sub(r"[ \t]{2,9}", " ", re.sub(r"\n[ \t]{1,9}", "\n", text)).strip()
        set_value(shown, cut.place, text or None)  # the index of each other item stays valid
    return "\n\n".join(block for block in _sections(shown, order) if block) + "\n"


def _entry(entry: JsonValue, heads: tuple[str, ...]) -> list[str]:
    if not isinstance(entry, dict):
        return [f"- {inline(entry)}"]
    blocks: list[str] = []
    head = ", ".join(inline(entry[key]) for key in heads if has_text(entry.get(key)))
    if head:
        blocks.append(f"### {head}")
    dates = [readable_date(entry[key]) for key in ("date", "releaseDate") if has_text(entry.get(key))]
    facts = [period(entry), *dates, *(inline(entry[key]) for key in ("location", "url") if has_text(entry.get(key)))]
    facts = [fact for fact in facts if fact]
    if facts:
        blocks.append(" · ".join(facts))
    done = {*heads, "startDate", "endDate", "date", "releaseDate", "location", "url", "highlights"}
    for key in _PROSE:
        if key not in done and has_text(entry.get(key)):
            blocks += paragraphs(entry[key])
            done.add(key)
    highlights = entry.get("highlights")
    if has_text(highlights):
        items = highlights if isinstance(highlights, list) else [highlights]
        blocks.append("\n".join(f"- {inline(item)}" for item in items if has_text(item)))
    blocks += [f"{label(key)}: {inline(value)}" for key, value in entry.items() if key not in done and has_text(value)]
    return blocks


def _line(entry: JsonValue, fields: tuple[str, ...]) -> str:
    """Return an entry of a short list: "- name (level): keywords"."""
    if not isinstance(entry, dict):
        return f"- {inline(entry)}"
    parts = [inline(entry[key]) for key in fields if key != "keywords" and has_text(entry.get(key))]
    line = f"{parts[0]} ({', '.join(parts[1:])})" if len(parts) > 1 else "".join(parts)
    if "keywords" in fields and has_text(entry.get("keywords")):
        line = f"{line}: {inline(entry['keywords'])}" if line else inline(entry["keywords"])
    rest = [f"{label(key)}: {inline(value)}" for key, value in entry.items() if key not in fields and has_text(value)]
    return "- " + "; ".join(part for part in [line, *rest] if part)


def _basics(basics: dict[str, JsonValue]) -> Iterable[str]:
    told = {key: inline(item) for key, item in basics.items() if has_text(item)}
    yield f"# {told['name']}" if "name" in told else ""
    yield told.get("label", "")
    location, profiles = basics.get("location"), basics.get("profiles")
    if isinstance(location, dict):
        parts = [location[key] for key in dict.fromkeys((*_ADDRESS, *location)) if has_text(location.get(key))]
        told["location"] = ", ".join(map(inline, parts))
    accounts = [
        ": ".join(inline(item) for item in profile.values() if has_text(item))
        for profile in (profiles if isinstance(profiles, list) else [])
        if isinstance(profile, dict)
    ]
    contact = [told.get(key, "") for key in ("email", "phone", "url", "location")]
    yield " · ".join(filter(None, [*contact, *accounts]))
    yield from (f"{label(key)}: {text}" for key, text in told.items() if key not in _BASICS)
    yield f"Image: {told['image']}" if "image" in told else ""
    if "summary" in told:
        yield from ("## Summary", *paragraphs(basics["summary"]))


def _other(sections: list[JsonValue]) -> Iterable[str]:
    """Yield the sections whose headings the parser does not know, each under its own heading."""
    for section in sections:
        known = dict(section) if isinstance(section, dict) else {}
        name = known.pop("name", None)
        yield f"## {inline(name) if has_text(name) else 'Other'}"
        yield from _entry(known if isinstance(section, dict) else section, ())


def _sections(data: dict[str, JsonValue], order: Sequence[str]) -> Iterable[str]:
    basics = data.get("basics")
    if isinstance(basics, dict):
        yield from _basics(basics)
    extras = [key for key in data if key not in _TITLES and key not in {"basics", "meta", "$schema"}]
    for key in dict.fromkeys([*(key for key in order if key in _TITLES or key in extras), *_TITLES, *extras]):
        value = data.get(key)
        if not has_text(value):
            continue
        if key == "otherSections" and isinstance(value, list):
            yield from _other(value)
            continue
        yield f"## {_TITLES.get(key) or label(key)}"
        entries = [entry for entry in value if has_text(entry)] if isinstance(value, list) else [value]
        if key in _LINES:
            yield "\n".join(_line(entry, _LINES[key]) for entry in entries)
        else:
            for entry in entries:
                yield from _entry(entry, _HEADS.get(key, ("name", "title")))
