"""JSON Resume data as Markdown: the same text for the same data, with every field, and safe to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .markdown_text import has_text, inline, label, paragraphs, period, readable_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import JsonValue

    from progressnb.operations.resume.documents.json_resume import JSONResume

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


def render_markdown(resume: JSONResume, *, order: Sequence[str] = ()) -> str:
    """Render a resume as Markdown, with each section and field; settings of tools (`meta`) are left out.

    The sections of `order` come first, the others in the usual order.
    """
    return render_data(resume.to_data(), order=order)


def render_data(data: dict[str, JsonValue], *, order: Sequence[str] = ()) -> str:
    """Render the data of a resume as Markdown; see `render_markdown`."""
    return "\n\n".join(block for block in _sections(data, order) if block) + "\n"


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


def _basics(basics: dict[str, JsonValue]) -> list[str]:
    blocks: list[str] = []
    if has_text(basics.get("name")):
        blocks.append(f"# {inline(basics['name'])}")
    if has_text(basics.get("label")):
        blocks.append(inline(basics["label"]))
    contact = [inline(basics[key]) for key in ("email", "phone", "url") if has_text(basics.get(key))]
    location = basics.get("location")
    if isinstance(location, dict) and has_text(location):
        ordered = {key: location[key] for key in (*_ADDRESS, *location) if key in location}
        contact.append(", ".join(inline(item) for item in ordered.values() if has_text(item)))
    elif has_text(location):
        contact.append(inline(location))
    profiles = basics.get("profiles")
    contact += [
        ": ".join(inline(item) for item in profile.values() if has_text(item))
        for profile in (profiles if isinstance(profiles, list) else [])
        if isinstance(profile, dict) and has_text(profile)
    ]
    if contact:
        blocks.append(" · ".join(contact))
    blocks += [f"{label(key)}: {inline(item)}" for key, item in basics.items() if key not in _BASICS and has_text(item)]
    if has_text(basics.get("image")):
        blocks.append(f"Image: {inline(basics['image'])}")
    if has_text(basics.get("summary")):
        blocks += ["## Summary", *paragraphs(basics["summary"])]
    return blocks


def _other(sections: list[JsonValue]) -> Iterable[str]:
    """Yield the sections whose headings the parser does not know, each under its own heading."""
    for section in sections:
        name = section.get("name") if isinstance(section, dict) else None
        yield f"## {inline(name) if has_text(name) else 'Other'}"
        yield from _entry(
            {k: v for k, v in section.items() if k != "name"} if isinstance(section, dict) else section, ()
        )


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
