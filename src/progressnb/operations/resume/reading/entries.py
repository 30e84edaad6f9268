"""The entries of each section, from lines of text by rules: jobs, schools, skills and so on."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import find_periods, is_of_dates, months_between
from progressnb.operations.resume.words.sentences import segments

from .entry_blocks import Block, balanced, blocks, heading_parts, items, joined, split_items
from .roles import JOBS, SCHOOLS, Roles, assign, is_grade, is_place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import JsonValue

    from .entry_blocks import Entry
    from .roles import Kind, Part

__all__ = ["READERS"]

_LONGEST_GROUP = 60


def _dated_entries(lines: Sequence[str], kind: Kind) -> list[JsonValue]:
    found = blocks(lines, kind)
    if kind is SCHOOLS:  # of which a list may have one each
        found = [one for block in found for one in (_of_items(block) if block.bullets else [block])]
    if not any(block.bullets for block in found):
        found = [_with_items(block) for block in found]
    read = [
        (block, _without_notes(block, parts, kind), dates) for block in found for parts, dates in [heading_parts(block)]
    ]
    roles = assign([parts for _, parts, _ in read], kind)
    made = [_entry(block, parts, dates, role, kind) for (block, parts, dates), role in zip(read, roles, strict=True)]
    above = False
    for number, (entry, (_, parts, _), role) in enumerate(zip(made, read, roles, strict=True)):
        if role.host >= 0:
            above = parts[role.host].line < parts[role.title].line
        elif (
            above
            and not 0 < found[number].depth <= found[number - 1].depth
            and entry.keys().isdisjoint({kind.host, "location"})
            and _goes_on(entry, made[number - 1])
        ):
            # Below its name an employer may have several positions.
            entry.update({key: made[number - 1][key] for key in (kind.host, "location") if key in made[number - 1]})
        else:
            above = False
    return list(made)


def _without_notes(block: Block, parts: list[Part], kind: Kind) -> list[Part]:
    """Return the parts but remarks, as "(remote)" behind dates, and grades; these go to the text of the entry."""
    notes = [
        part.text
        for part in parts
        if (part.text[0] == "(" and part.text[-1] == ")")
        or (kind is SCHOOLS and (is_grade(part.text) or (is_of_dates(part.text) and any(find_periods(part.text)))))
    ]
    if len(notes) == len(parts):
        return parts
    block.prose[:0] = notes
    return [part for part in parts if part.text not in notes]


def _goes_on(job: Entry, later: Entry) -> bool:
    """Tell whether a job ended when the one that is written above it began."""
    months = months_between(str(job.get("endDate")), str(later.get("startDate")), date.min)
    return months is not None and months[1] - months[0] <= 1


def _of_items(block: Block) -> list[Block]:
    """Take each item as an entry, where there is no heading above."""
    if block.headings or block.labels:
        return [block]
    return [*([Block(prose=block.prose)] if block.prose else []), *(Block(headings=[text]) for text in block.bullets)]


def _with_items(block: Block) -> Block:
    """Take the lines of an entry as its items, where nobody marked any and each line is one sentence at most."""
    plain = all(len(segments(text)) == 1 for text in block.prose)
    return replace(block, prose=[], bullets=block.prose) if plain else block


def _entry(block: Block, parts: list[Part], dates: Entry, roles: Roles, kind: Kind) -> Entry:
    texts = [part.text for part in parts]
    host, comma, town = block.labels.get("employer", "").partition(", ")
    named = ["position" in block.labels, "employer" in block.labels]
    if any(named):
        first = 0 if texts and not comma and not all(named) else -1  # the first part is what no label says
        roles = Roles(-1 if named[0] else first, -1 if named[1] else first, tuple(range(first + 1, len(texts))))
    area = _area(parts, roles) if kind is SCHOOLS else []
    others = [texts[slot] for slot in roles.places if slot not in area]
    title = joined(parts, [slot for slot in (roles.title, *roles.more) if slot >= 0 and slot not in area])
    notes = [text for text in others if text[0].islower() or (kind is SCHOOLS and _is_note(text))]
    places = [*(text for text in others if text not in notes), town, block.labels.get("location", "")]
    fields = {
        kind.title: block.labels.get("position", title),
        "area": ", ".join(texts[slot] for slot in area),
        kind.host: host or joined(parts, [roles.host, *roles.rest] if roles.host >= 0 else []),
        "location": ", ".join(filter(None, places)),
    }
    entry: Entry = {key: text for key, text in fields.items() if text}
    entry |= dates | ({"url": block.url} if block.url else {})
    if block.bullets:
        entry["highlights"] = list(block.bullets)
    extra = [f"{label}: {text}" for label, text in block.labels.items() if label in {"person", "page"}]
    _set(entry, "summary", [*extra, *notes, *block.prose])
    return entry


def _area(parts: list[Part], roles: Roles) -> list[int]:
    """Return the numbers of the parts that stand with a degree, and before its school: "BSc, Biology, MIT"."""
    if roles.title < 0:
        return []
    near = [slot for slot in (*roles.places, *roles.more) if parts[slot].line == parts[roles.title].line]
    beside = [slot for slot in near if not min(slot, roles.title) < roles.host < max(slot, roles.title)]
    behind = roles.host + 1
    if behind in near and not beside and parts[behind].tied and any(parts[slot].apart for slot in roles.places):
        beside = [behind]  # "PhD   MIT, Biology   Boston"
    return sorted(slot for slot in beside if not (is_place(parts, slot) or _is_note(parts[slot].text)))


def _is_note(text: str) -> bool:
    """Tell whether a part of a heading is a remark: "(evenings)", or a grade."""
    return text[0] == "(" or (any(map(str.isdigit, text)) and not SCHOOLS.names_title(text))


def _set(entry: Entry, key: str, texts: Sequence[str]) -> None:
    if texts:
        entry[key] = "\n".join(texts)


def _read_projects(lines: Sequence[str]) -> list[JsonValue]:
    """Read projects; bullets without a heading are projects of their own."""
    entries: list[JsonValue] = []
    for block in blocks(lines, JOBS):
        found, dates = heading_parts(block)
        parts = [part.text for part in found] + [text for kind, text in block.labels.items() if kind != "dates"]
        if not block.headings and not block.labels:
            entries.extend({"name": text} for text in block.bullets)
            block.bullets = []
        entry: Entry = {"name": parts[0]} if parts else {}
        _set(entry, "description", parts[1:] + block.prose)
        entry |= dates | ({"url": block.url} if block.url else {})
        if block.bullets:
            entry["highlights"] = list(block.bullets)
        entries += [entry] if entry else []
    return entries


def _read_skills(lines: Sequence[str]) -> list[JsonValue]:
    """Read skills: "Group: one, two" becomes a group with keywords, any other item a skill."""
    entries: list[JsonValue] = []
    for text in items(lines):
        group, rest = (part.strip("*_ ") for part in (text.partition(":")[0], text.partition(":")[2]))
        if rest and any(map(str.isalnum, group)) and len(group) <= _LONGEST_GROUP and "," not in group:
            entries.append({"name": group, "keywords": list(split_items(rest))})
        else:
            entries.extend({"name": part} for part in split_items(text))
    return entries


def _read_languages(lines: Sequence[str]) -> list[JsonValue]:
    """Read languages with their fluency."""
    entries: list[JsonValue] = []
    for part in (part for text in items(lines) for part in split_items(text)):
        split = re.match(r"([^:(–—-]{1,40}?)\s{0,3}(?:[:(–—]|\s-\s)\s{0,3}(.*)$", part)
        if split and any(map(str.isalnum, split[1])) and any(map(str.isalnum, split[2])):
            fluency = split[2].removesuffix(")") if "(" not in split[2] else split[2]
            entries.append({"language": split[1], "fluency": fluency})
        else:
            entries.append({"language": part})
    return entries


def _dated(key: str, date: str) -> Callable[[Sequence[str]], list[JsonValue]]:
    def read(lines: Sequence[str]) -> list[JsonValue]:
        entries: list[JsonValue] = []
        for text in items(lines):
            periods = find_periods(text)
            # Only a single date at the end is the date of the entry: "ISO 9001:2015 auditor" has none.
            last = periods[-1] if periods else None
            if last and last.start is None and last.end and not text[last.ends :].strip(" .)]"):
                name = balanced(text[: last.begins].rstrip(" ,;:|–—-"))
                if any(map(str.isalnum, name)):
                    entries.append({key: name, date: last.end})
                    continue
            entries.append({key: text})
        return entries

    return read


READERS: dict[str, Callable[[Sequence[str]], list[JsonValue]]] = {
    "work": partial(_dated_entries, kind=JOBS),
    "volunteer": partial(_dated_entries, kind=JOBS._replace(host="organization")),
    "education": partial(_dated_entries, kind=SCHOOLS),
    "projects": _read_projects,
    "skills": _read_skills,
    "languages": _read_languages,
    "interests": lambda lines: [{"name": part} for text in items(lines) for part in split_items(text)],
    "certificates": _dated("name", "date"),
    "awards": _dated("title", "date"),
    "publications": _dated("name", "releaseDate"),
    "references": lambda lines: [{"reference": text} for text in items(lines)],
}
"""The section -> the function that reads its entries from its lines."""
