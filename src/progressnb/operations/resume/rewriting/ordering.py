"""The order of the sections and of lists, by what the job asks for."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import leaves, section_of
from progressnb.operations.resume.evaluation.index import COMMON
from progressnb.operations.resume.words.terms import clip, comparison_keys, telling_keys

from .move import Move

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import JsonValue

    from progressnb.operations.resume.evaluation.finding import Finding
    from progressnb.operations.resume.reading.requirement import Requirement

__all__ = ["list_orders", "section_order"]

# What has dates (jobs, schools, awards, certificates, publications) stays in the order of time, as readers expect.
_SORTED_SECTIONS = ("skills", "projects")
_SORTED_LISTS = ("highlights", "keywords", "courses")
# Readers look for the other sections where they always are.
_MAY_BE_FIRST = ("skills", "projects", "certificates")
_SHOWN = 300


def list_orders(data: dict[str, JsonValue], requirements: Sequence[Requirement]) -> Iterator[Move]:
    """Yield the moves that sort lists by the terms of the requirements that they have; inner lists come first."""
    # Schools show the degree. The word of its field would raise unrelated texts, and so would one word of any trade.
    terms = {term: {*telling_keys(comparison_keys(term))} for one in requirements for term in one.terms}
    asked = [
        (one, [keys for term in one.terms if len(keys := terms[term]) > 1 or keys - COMMON])
        for one in requirements
        if not one.degree
    ]
    for path, items in _lists(data):
        if any(_title(item).rstrip().endswith(":") for item in items):
            continue  # headings of groups, which what stands below must not leave
        served = [_served(item, asked) for item in items]
        places = sorted(range(len(items)), key=lambda place: -sum(weight for weight, _ in served[place]))
        moved = [place for number, place in enumerate(places) if place != number]
        if not moved or [items[place] for place in places] == items:
            continue
        first = moved[0]
        requirement = max(served[first], key=lambda one: one[0])[1]
        evidence = clip(_title(items[first]))
        titles = [clip(_title(item), _SHOWN) for item in items]
        joiner = ", " if path.endswith(("keywords", "skills")) else "\n"
        yield Move(
            path=path,
            before=joiner.join(titles),
            after=joiner.join(titles[place] for place in places),
            change=f"Move “{evidence}” up, and order the rest by what the job asks for.",
            why=f"The job asks for “{clip(requirement)}”; what serves it comes first.",
            requirement=requirement,
            evidence=evidence,
            places=tuple(places),
        )


def section_order(data: dict[str, JsonValue], findings: list[Finding]) -> Iterator[Move]:
    """Yield the move that puts a section before the jobs, if it has more evidence than they have."""
    total: defaultdict[str, float] = defaultdict(float)
    best: dict[str, Finding] = {}
    for finding in findings:
        for section in {section_of(leaf.path) for leaf in finding.evidence} & {*_MAY_BE_FIRST, "work"}:
            worth = finding.requirement.weight * finding.credit
            total[section] += worth
            if section not in best or worth > best[section].requirement.weight * best[section].credit:
                best[section] = finding
    first = max(_MAY_BE_FIRST, key=lambda section: total[section])
    if not data.get("work") or total[first] <= total["work"]:
        return
    requirement = best[first].requirement.text
    yield Move(
        path="order",
        before="work",
        after=f"{first}, work",
        change=f"Begin with {first}.",
        why=f"The job asks for “{clip(requirement)}”; {first} support more of what it asks for than the jobs do.",
        requirement=requirement,
        evidence=first,
    )


def _lists(data: dict[str, JsonValue]) -> Iterator[tuple[str, list[JsonValue]]]:
    """Yield each list whose order is free, with its path; inner lists come first."""
    for section, entries in data.items():
        if not isinstance(entries, list) or section == "interests":
            continue
        for index, entry in enumerate(entries):
            for key in _SORTED_LISTS:
                inner = entry.get(key) if isinstance(entry, dict) else None
                if isinstance(inner, list):
                    yield f"{section}[{index}].{key}", inner
        if section in _SORTED_SECTIONS:
            yield section, entries


def _served(item: JsonValue, asked: list[tuple[Requirement, list[set[str]]]]) -> list[tuple[float, str]]:
    """Return the requirements of which an item has whole terms, each with the weight of these."""
    held = {*comparison_keys(_text(item))}
    found = [(one.weight * sum(term <= held for term in terms), one.text) for one, terms in asked]
    return [(weight, text) for weight, text in found if weight] or [(0.0, "")]


def _text(value: JsonValue) -> str:
    return " . ".join(leaf.text for leaf in leaves(value, "_"))


def _title(value: JsonValue) -> str:
    """Return the name or title of a value, or all its texts if it has neither."""
    named = [value[key] for key in ("name", "title") if value.get(key)] if isinstance(value, dict) else []
    return str(named[0]) if named else _text(value)
