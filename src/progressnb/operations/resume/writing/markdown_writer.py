"""A JSON Resume as Markdown to read: deterministic, complete, and safe.

Texts of the resume can't make headings, links, HTML or formulas: what would is escaped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.rewriting.cutting import allowed, said_at, without_cuts
from progressnb.operations.resume.schemas import Change, CustomizedResume

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import JsonValue

    from progressnb.operations.resume.schemas import Cut, Draft, JSONResume

__all__ = ["customized_resume", "escape", "render_markdown"]

_ALWAYS = re.compile(r"[`*<$]")
_LINK = re.compile(r"\](?=[(\[:])")
_ENTITY = re.compile(r"&(?=#?\w{1,40};)")
_LINE_START = re.compile(r"(?:[#>|:~=]|[-+](?=[\s\-+|:]|$)|_(?=[\s_]))")
_NUMBERED = re.compile(r"([0-9]{1,9})([.)])(?=\s|$)")

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
# The fields that head an entry, in order; the others follow as text, list or "Name: value".
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
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_PROSE = ("description", "summary", "reference", "text")
_ADDRESS = ("address", "city", "region", "postalCode", "countryCode")
_BASICS = ("name", "label", "image", "email", "phone", "url", "summary", "location", "profiles")


def escape(text: str) -> str:
    """Return one line of text with what Markdown, HTML or a formula would take for its own escaped."""
    text = " ".join(text.split())
    # A doubled backslash before a parenthesis would begin a formula in Jupyter, so it is an entity.
    text = "&#92;".join(_ENTITY.sub(r"\\&", part) for part in text.split("\\"))
    text = _LINK.sub(r"]\\", _ALWAYS.sub(r"\\\g<0>", text))
    if _LINE_START.match(text):
        text = "\\" + text
    return _NUMBERED.sub(r"\1\\\2", text, count=1) if _NUMBERED.match(text) else text


def _inline(value: JsonValue) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{_label(key)}: {_inline(item)}" for key, item in value.items() if _says(item))
    if isinstance(value, list):
        return ", ".join(_inline(item) for item in value if _says(item))
    return escape(str(value))


def _says(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return any(map(_says, value.values()))
    if isinstance(value, list):
        return any(map(_says, value))
    return value is not None and str(value).strip() != ""


def _label(key: str) -> str:
    """Make a heading of a field's name: startDate becomes Start date."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key)
    return escape(spaced[:1].upper() + (spaced[1:].lower() if spaced != key else spaced[1:]))


def _prose(value: JsonValue) -> list[str]:
    if not isinstance(value, str):
        return [_inline(value)]
    # Two spaces at the end keep the line breaks of an address.
    blocks = (block for block in re.split(r"\n[ \t]*\n", value) if block.strip())
    return ["  \n".join(escape(line) for line in block.split("\n") if line.strip()) for block in blocks]


def _day(value: JsonValue) -> str:
    """Write a date as people read it: Dec 2013; the first of a month stands for the month."""
    found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])(?:-([0-9]{2}))?", value) if isinstance(value, str) else None
    if not found:
        return _inline(value)
    month = f"{_MONTHS[int(found[2]) - 1]} {found[1]}"
    return month if found[3] in {None, "01"} else f"{int(found[3])} {month}"


def _period(entry: dict[str, JsonValue]) -> str:
    start, end = entry.get("startDate"), entry.get("endDate")
    if start and start == end:
        return _day(start)
    if start:
        return f"{_day(start)} – {_day(end) if end else 'present'}"
    return _day(end) if end else ""


def _entry(entry: JsonValue, heads: tuple[str, ...]) -> list[str]:
    if not isinstance(entry, dict):
        return [f"- {_inline(entry)}"]
    blocks: list[str] = []
    head = ", ".join(_inline(entry[key]) for key in heads if _says(entry.get(key)))
    if head:
        blocks.append(f"### {head}")
    dates = [_day(entry[key]) for key in ("date", "releaseDate") if _says(entry.get(key))]
    facts = [_period(entry), *dates, *(_inline(entry[key]) for key in ("location", "url") if _says(entry.get(key)))]
    facts = [fact for fact in facts if fact]
    if facts:
        blocks.append(" · ".join(facts))
    done = {*heads, "startDate", "endDate", "date", "releaseDate", "location", "url", "highlights"}
    for key in _PROSE:
        if key not in done and _says(entry.get(key)):
            blocks += _prose(entry[key])
            done.add(key)
    highlights = entry.get("highlights")
    if _says(highlights):
        items = highlights if isinstance(highlights, list) else [highlights]
        blocks.append("\n".join(f"- {_inline(item)}" for item in items if _says(item)))
    blocks += [f"{_label(key)}: {_inline(value)}" for key, value in entry.items() if key not in done and _says(value)]
    return blocks


def _line(entry: JsonValue, fields: tuple[str, ...]) -> str:
    """Write an entry of a short list: name (level): keywords."""
    if not isinstance(entry, dict):
        return f"- {_inline(entry)}"
    said = [_inline(entry[key]) for key in fields if key != "keywords" and _says(entry.get(key))]
    line = f"{said[0]} ({', '.join(said[1:])})" if len(said) > 1 else "".join(said)
    if "keywords" in fields and _says(entry.get("keywords")):
        line = f"{line}: {_inline(entry['keywords'])}" if line else _inline(entry["keywords"])
    rest = [f"{_label(key)}: {_inline(value)}" for key, value in entry.items() if key not in fields and _says(value)]
    return "- " + "; ".join(part for part in [line, *rest] if part)


def _basics(basics: dict[str, JsonValue]) -> list[str]:
    blocks: list[str] = []
    if _says(basics.get("name")):
        blocks.append(f"# {_inline(basics['name'])}")
    if _says(basics.get("label")):
        blocks.append(_inline(basics["label"]))
    contact = [_inline(basics[key]) for key in ("email", "phone", "url") if _says(basics.get(key))]
    location = basics.get("location")
    if isinstance(location, dict) and _says(location):
        ordered = {key: location[key] for key in (*_ADDRESS, *location) if key in location}
        contact.append(", ".join(_inline(item) for item in ordered.values() if _says(item)))
    elif _says(location):
        contact.append(_inline(location))
    profiles = basics.get("profiles")
    contact += [
        ": ".join(_inline(item) for item in profile.values() if _says(item))
        for profile in (profiles if isinstance(profiles, list) else [])
        if isinstance(profile, dict) and _says(profile)
    ]
    if contact:
        blocks.append(" · ".join(contact))
    blocks += [f"{_label(key)}: {_inline(item)}" for key, item in basics.items() if key not in _BASICS and _says(item)]
    if _says(basics.get("image")):
        blocks.append(f"Image: {_inline(basics['image'])}")
    if _says(basics.get("summary")):
        blocks += ["## Summary", *_prose(basics["summary"])]
    return blocks


def _other(sections: list[JsonValue]) -> Iterable[str]:
    """Write the sections that the parser found under headings of their own."""
    for section in sections:
        name = section.get("name") if isinstance(section, dict) else None
        yield f"## {_inline(name) if _says(name) else 'Other'}"
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
        if not _says(value):
            continue
        if key == "otherSections" and isinstance(value, list):
            yield from _other(value)
            continue
        yield f"## {_TITLES.get(key) or _label(key)}"
        entries = [entry for entry in value if _says(entry)] if isinstance(value, list) else [value]
        if key in _LINES:
            yield "\n".join(_line(entry, _LINES[key]) for entry in entries)
        else:
            for entry in entries:
                yield from _entry(entry, _HEADS.get(key, ("name", "title")))


def render_markdown(resume: JSONResume, *, order: Sequence[str] = (), cuts: Sequence[Cut] = ()) -> str:
    """Render a resume as Markdown; each section and field of it appears, tool settings (`meta`) do not.

    The sections of `order` come first, the others in the usual order; what `cuts` name is not shown.
    """
    data = without_cuts(resume.to_data(), cuts)
    return "\n\n".join(block for block in _sections(data, order) if block) + "\n"


def customized_resume(draft: Draft) -> CustomizedResume:
    """Turn a draft into the customized resume: Markdown, data and changes."""
    cuts = allowed(draft.resume.to_data(), draft.cuts)
    told = {change.before for change in draft.changes}
    data = draft.resume.to_data()
    said = [
        Change(before=cut.text or said_at(data, cut.place), after="", why=f"Not shown, kept in the data: {cut.why}")
        for cut in cuts
    ]
    return CustomizedResume(
        markdown=render_markdown(draft.resume, order=draft.order, cuts=cuts),
        data=data,
        changes=[*draft.changes, *(change for change in said if not any(change.before in one for one in told))],
        left_out=cuts,
    )
