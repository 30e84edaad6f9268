"""How well a text of a resume serves a job, and what a change by rules is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.terms import content, words

if TYPE_CHECKING:
    from pydantic import JsonValue

    from progressnb.operations.resume.reading.posting import Requirement
    from progressnb.operations.resume.schemas import Cut

__all__ = ["Move", "Rank", "Relevance", "text_of", "title_of"]


@dataclass(frozen=True)
class Move:
    """A change by rules: where, the value before and after, in words, and the requirement that it serves.

    With the path `order` it sets the order of the sections, with `cuts` it changes what is shown and no data.
    `places` is the new order of a list, as places in the old one.
    """

    path: str
    after: JsonValue
    before_text: str
    after_text: str
    change: str
    why: str
    requirement: str
    evidence: str
    cuts: tuple[Cut, ...] = ()
    places: tuple[int, ...] = ()


@dataclass(frozen=True)
class Rank:
    """How well a text serves, what it serves best, and whether it has a whole term of that."""

    score: float
    requirement: Requirement | None
    whole: bool


class Relevance:
    """How well a text of the resume serves the requirements of the job."""

    def __init__(self, requirements: tuple[Requirement, ...]) -> None:
        self._asked = [
            (requirement, [keys for term in requirement.terms if (keys := content(words(term)))])
            for requirement in requirements
            # A degree is shown where the schools are; its field would pull up whatever has the word.
            if not requirement.degree
        ]

    def rank(self, text: str, *, whole_only: bool) -> Rank:
        """Return the relevance of a text and the requirement that it serves best."""
        present = set(words(text))
        total, best, whole, requirement = 0.0, 0.0, False, None
        for asked, terms in self._asked:
            shares = [sum(key in present for key in term) / len(term) for term in terms]
            # A whole term counts; single words of it only break ties, and in lists of words say nothing.
            served = asked.weight * sum(share if share == 1 else (not whole_only) * share / 4 for share in shares)
            total += served
            if served > best:
                best, whole, requirement = served, 1 in shares, asked
        return Rank(round(total, 6), requirement, whole)


def text_of(value: JsonValue) -> str:
    """Return all that a value says, as one text."""
    if isinstance(value, dict):
        return " . ".join(text_of(item) for item in value.values())
    if isinstance(value, list):
        return " . ".join(map(text_of, value))
    return "" if value is None else str(value)


def title_of(value: JsonValue) -> str:
    """Return what a value is called."""
    if isinstance(value, dict):
        return str(next((value[key] for key in ("name", "title") if value.get(key)), text_of(value)))
    return text_of(value)
