"""The order of the sections and of lists, by their relevance for the job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import section_of
from progressnb.operations.resume.words.terms import clip

from .move import Move
from .relevance import Relevance, text_of, title_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from progressnb.operations.resume.evaluation.finding import Finding

__all__ = ["list_orders", "section_order"]

# Jobs and schools stay in the order of time, as readers expect.
_SORTED_SECTIONS = ("skills", "projects", "certificates", "awards", "publications")
_SORTED_LISTS = ("highlights", "keywords", "courses")
_USUAL_ORDER: tuple[str, ...] = (
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
_SHOWN = 300


def list_orders(data: dict[str, JsonValue], relevance: Relevance) -> Iterator[Move]:
    """Yield the moves that sort lists by relevance."""
    for path, items in _lists(data):
        if move := _order(path, items, relevance):
            yield move


def section_order(data: dict[str, JsonValue], findings: list[Finding]) -> Move | None:
    """Return the move that puts the section with most evidence first; jobs stay first or second."""
    served = dict.fromkeys(_USUAL_ORDER, 0.0)
    for finding in findings:
        # Readers look for a degree in the education section, wherever that is.
        if finding.requirement.kind == "degree" and data.get("work"):
            continue
        sections = {section_of(leaf.path) for leaf in finding.evidence}
        for section in sections & served.keys():
            served[section] += finding.requirement.weight * finding.credit
    present = [section for section in _USUAL_ORDER if data.get(section)]
    rest = sorted((section for section in present if section != "work"), key=lambda section: -served[section])
    if "work" not in present:
        order = rest
    elif rest and served[rest[0]] > served["work"]:
        order = [rest[0], "work", *rest[1:]]
    else:
        order = ["work", *rest]
    if order == present or not order or not served[order[0]]:
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
        before_text=", ".join(present),
        after_text=", ".join(order),
        change=f"Begin with {order[0]}, and order the other sections by what the job asks for.",
        why=f"The job asks for “{clip(requirement)}”, which {order[0]} supports most.",
        requirement=requirement,
        evidence=order[0],
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


def _order(path: str, items: list[JsonValue], relevance: Relevance) -> Move | None:
    whole_only = not path.endswith(("highlights", "projects", "publications"))
    ranks = [relevance.rank(text_of(item), whole_only=whole_only) for item in items]
    places = sorted(range(len(items)), key=lambda place: -ranks[place].score)
    after = [items[place] for place in places]
    if after == items:
        return None
    place = next(place for number, place in enumerate(places) if items[place] != items[number])
    rank, first = ranks[place], items[place]
    requirement = rank.requirement.text if rank.requirement else ""
    evidence = clip(title_of(first))
    joiner = ", " if path.endswith(("keywords", "skills")) else "\n"
    nearest = "what serves it comes first" if rank.whole else "what is nearest to it in words comes first"
    return Move(
        path=path,
        after=after,
        before_text=joiner.join(clip(title_of(item), _SHOWN) for item in items),
        after_text=joiner.join(clip(title_of(item), _SHOWN) for item in after),
        change=f"Move “{evidence}” up, and order the rest by what the job asks for.",
        why=f"The job asks for “{clip(requirement)}”; {nearest}.",
        requirement=requirement,
        evidence=evidence,
        places=tuple(places),
    )
