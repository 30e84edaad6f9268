"""JSON Resume data as Markdown: the same text for the same data, with every field, and safe to show."""

from __future__ import annotations

import copy
import re
from itertools import takewhile
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import leaves, set_value, value_at

from .titles import SECTIONS, titles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import JsonValue

    from progressnb.operations.resume.documents.json_resume import JSONResume

    from .titles import Titles

__all__ = ["escape", "render_data", "render_markdown"]

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
_ALWAYS = re.compile(r"[`*<$]")
_LINK = re.compile(r"\](?=[(\[:])")
_ENTITY = re.compile(r"&(?=#?\w{1,40};)")
_WORDS = 8  # of a line that is prose, also without a full stop
_LINE_START = re.compile(r"(?:[#>|:~=]|[-+](?=[\s\-+|:]|$)|_(?=[\s_]))")
_NUMBERED = re.compile(r"([0-9]{1,9})([.)])(?=\s|$)")
_FEW = 3  # entries of a short list, which stand one on a line


def render_markdown(resume: JSONResume) -> str:
    """Render a resume as Markdown, with each section and field; settings of tools (`meta`) are left out."""
    return render_data(resume.to_data())


def render_data(data: dict[str, JsonValue], *, order: Sequence[str] = (), cuts: Iterable[tuple[str, str]] = ()) -> str:
    """Render the data of a resume as Markdown, without some parts.

    The sections of `order` come first, the others in the usual order. A cut is a place and the sentence that goes, ""
    for all that stands there.
    """
    shown = copy.deepcopy(data)
    for place, sentence in cuts:
        value = value_at(shown, place)
        text = value.replace(sentence, "", 1) if sentence and isinstance(value, str) else ""
        # The space that a sentence leaves goes with it.
        text = re.sub(r"[ \t]{2,9}", " ", re.sub(r"\n[ \t]{1,9}", "\n", text)).strip()
        set_value(shown, place, text or None)  # the index of each other item stays valid
    words = titles("\n".join(leaf.text for leaf in leaves(data)))
    return "\n\n".join(block for block in _sections(shown, order, words) if block) + "\n"


def _entry(entry: JsonValue, heads: tuple[str, ...], words: Titles) -> list[str]:
    if not isinstance(entry, dict):
        return [f"- {_inline(entry)}"]
    blocks: list[str] = []
    head = ", ".join(_inline(entry[key]) for key in heads if _has_text(entry.get(key)))
    if head:
        blocks.append(f"### {head}")
    dates = [_readable_date(entry[key], words) for key in ("date", "releaseDate") if _has_text(entry.get(key))]
    facts = [
        _period(entry, words),
        *dates,
        *(_inline(entry[key]) for key in ("location", "url") if _has_text(entry.get(key))),
    ]
    facts = [fact for fact in facts if fact]
    if facts:
        blocks.append(" · ".join(facts))
    done = {*heads, "startDate", "endDate", "date", "releaseDate", "location", "url", "highlights"}
    for key in _PROSE:
        if key not in done and _has_text(entry.get(key)):
            blocks += _paragraphs(entry[key])
            done.add(key)
    highlights = entry.get("highlights")
    if _has_text(highlights):
        items = highlights if isinstance(highlights, list) else [highlights]
        blocks.append("\n".join(f"- {_inline(item)}" for item in items if _has_text(item)))
    blocks += [
        f"{_label(key)}: {_inline(value)}" for key, value in entry.items() if key not in done and _has_text(value)
    ]
    return blocks


def _line(entry: JsonValue, fields: tuple[str, ...]) -> str:
    """Return an entry of a short list: "- name (level): keywords"."""
    if not isinstance(entry, dict):
        return f"- {_inline(entry)}"
    parts = [_inline(entry[key]) for key in fields if key != "keywords" and _has_text(entry.get(key))]
    line = f"{parts[0]} ({', '.join(parts[1:])})" if len(parts) > 1 else "".join(parts)
    if "keywords" in fields and _has_text(entry.get("keywords")):
        line = f"{line}: {_inline(entry['keywords'])}" if line else _inline(entry["keywords"])
    rest = [
        f"{_label(key)}: {_inline(value)}" for key, value in entry.items() if key not in fields and _has_text(value)
    ]
    return "- " + "; ".join(part for part in [line, *rest] if part)


def _basics(basics: dict[str, JsonValue], words: Titles) -> Iterable[str]:
    told = {key: _inline(item) for key, item in basics.items() if _has_text(item)}
    yield f"# {told['name']}" if "name" in told else ""
    yield told.get("label", "")
    location, profiles = basics.get("location"), basics.get("profiles")
    if isinstance(location, dict):
        parts = [location[key] for key in dict.fromkeys((*_ADDRESS, *location)) if _has_text(location.get(key))]
        told["location"] = ", ".join(map(_inline, parts))
    accounts = [
        ": ".join(_inline(item) for item in profile.values() if _has_text(item))
        for profile in (profiles if isinstance(profiles, list) else [])
        if isinstance(profile, dict)
    ]
    contact = [told.get(key, "") for key in ("email", "phone", "url", "location")]
    yield " · ".join(filter(None, [*contact, *accounts]))
    yield from (f"{_label(key)}: {text}" for key, text in told.items() if key not in _BASICS)
    yield f"Image: {told['image']}" if "image" in told else ""
    lines = str(basics.get("summary") or "").split("\n")
    facts = list(takewhile(lambda line: not _is_prose(line), lines))  # an address: no summary
    yield from _paragraphs("\n".join(facts))
    if any(line.strip() for line in lines[len(facts) :]):
        yield from (f"## {words.sections['summary']}", *_paragraphs("\n".join(lines[len(facts) :])))


def _is_prose(line: str) -> bool:
    return len(line.split()) >= _WORDS or line.rstrip(' "”»)').endswith((".", "!", "?", "…"))


def _other(sections: list[JsonValue], words: Titles) -> Iterable[str]:
    """Yield the sections whose headings the parser does not know, each under its own heading."""
    for section in sections:
        known = dict(section) if isinstance(section, dict) else {}
        name = known.pop("name", None)
        yield f"## {_inline(name) if _has_text(name) else words.other}"
        yield from _entry(known if isinstance(section, dict) else section, (), words)


def _sections(data: dict[str, JsonValue], order: Sequence[str], words: Titles) -> Iterable[str]:
    basics = data.get("basics")
    if isinstance(basics, dict):
        yield from _basics(basics, words)
    known = SECTIONS[1:]
    extras = [key for key in data if key not in {*known, "basics", "meta", "$schema"}]
    for key in dict.fromkeys([*(key for key in order if key in known or key in extras), *known, *extras]):
        value = data.get(key)
        if not _has_text(value):
            continue
        if key == "otherSections" and isinstance(value, list):
            yield from _other(value, words)
            continue
        yield f"## {words.sections[key] if key in known else _label(key)}"
        entries = [entry for entry in value if _has_text(entry)] if isinstance(value, list) else [value]
        if key in _LINES:
            yield _short_list([_line(entry, _LINES[key]) for entry in entries])
        else:
            for entry in entries:
                yield from _entry(entry, _HEADS.get(key, ("name", "title")), words)


def _short_list(lines: list[str]) -> str:
    """Return the entries of a short list as items; more than a few plain ones are one line, which saves half a page."""
    plain = [line.removeprefix("- ") for line in lines]
    if len(plain) > _FEW and not any(re.search(r"[,;:]", one) for one in plain):
        return ", ".join(plain)
    return "\n".join(lines)


def escape(text: str) -> str:
    """Return a text on one line, with the characters escaped that Markdown, HTML or formulas would interpret."""
    text = " ".join(text.split())
    # A doubled backslash before a parenthesis would begin a formula in Jupyter, so it is an entity.
    text = "&#92;".join(_ENTITY.sub(r"\\&", part) for part in text.split("\\"))
    text = _LINK.sub(r"]\\", _ALWAYS.sub(r"\\\g<0>", text))
    if _LINE_START.match(text):
        text = "\\" + text
    return _NUMBERED.sub(r"\1\\\2", text, count=1) if _NUMBERED.match(text) else text


def _inline(value: JsonValue) -> str:
    """Return a value on one line: lists with commas, objects as "Name: value" with semicolons."""
    if isinstance(value, dict):
        return "; ".join(f"{_label(key)}: {_inline(item)}" for key, item in value.items() if _has_text(item))
    if isinstance(value, list):
        return ", ".join(_inline(item) for item in value if _has_text(item))
    return escape(str(value))


def _has_text(value: JsonValue) -> bool:
    """Tell whether a value has any text."""
    if isinstance(value, dict):
        return any(map(_has_text, value.values()))
    if isinstance(value, list):
        return any(map(_has_text, value))
    return value is not None and str(value).strip() != ""


def _label(key: str) -> str:
    """Return the name of a field as people write it: "Start date" for "startDate"."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key)
    return escape(spaced[:1].upper() + (spaced[1:].lower() if spaced != key else spaced[1:]))


def _paragraphs(value: JsonValue) -> list[str]:
    """Return the paragraphs of a text; a value of another kind is one paragraph."""
    if not isinstance(value, str):
        return [_inline(value)]
    # Two spaces at the end keep the line breaks of an address.
    blocks = (block for block in re.split(r"\n[ \t]*\n", value) if block.strip())
    return ["  \n".join(escape(line) for line in block.split("\n") if line.strip()) for block in blocks]


def _readable_date(value: JsonValue, words: Titles) -> str:
    return words.date(str(value)) or _inline(value)


def _period(entry: dict[str, JsonValue], words: Titles) -> str:
    """Return the dates of an entry, such as "Jan 2020 – present", or ""."""
    start, end = entry.get("startDate"), entry.get("endDate")
    if start and start != end:
        return f"{_readable_date(start, words)} – {_readable_date(end, words) if end else words.present}"
    return _readable_date(end, words) if end else ""
