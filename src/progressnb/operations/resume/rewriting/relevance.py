"""The relevance of a text of a resume for the requirements of a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.terms import comparison_keys, telling_keys

if TYPE_CHECKING:
    from pydantic import JsonValue

    from progressnb.operations.resume.reading.requirement import Requirement

__all__ = ["Rank", "Relevance", "text_of", "title_of"]


@dataclass(frozen=True)
class Rank:
    """The relevance of a text: a score, the requirement that it serves best, and whether it has a whole term of it."""

    score: float
    requirement: Requirement | None
    whole: bool


class Relevance:
    """The requirements of a job, against which texts are ranked."""

    def __init__(self, requirements: tuple[Requirement, ...]) -> None:
        self._asked = [
            (requirement, [keys for term in requirement.terms if (keys := telling_keys(comparison_keys(term)))])
            for requirement in requirements
            # Schools show the degree. The word of its field would raise unrelated texts.
            if not requirement.degree
        ]

    def rank(self, text: str, *, whole_only: bool) -> Rank:
        """Return the relevance of a text. With `whole_only`, single words of a term count nothing."""
        present = set(comparison_keys(text))
        total, best, whole, requirement = 0.0, 0.0, False, None
        for asked, terms in self._asked:
            shares = [sum(key in present for key in term) / len(term) for term in terms]
            # Single words of a term count little: they only decide between texts without a whole term.
            served = asked.weight * sum(share if share == 1 else (not whole_only) * share / 4 for share in shares)
            total += served
            if served > best:
                best, whole, requirement = served, 1 in shares, asked
        return Rank(round(total, 6), requirement, whole)


def text_of(value: JsonValue) -> str:
    """Return all texts of a value as one text."""
    if isinstance(value, dict):
        return " . ".join(text_of(item) for item in value.values())
    if isinstance(value, list):
        return " . ".join(map(text_of, value))
    return "" if value is None else str(value)


def title_of(value: JsonValue) -> str:
    """Return the name or title of a value, or all its texts if it has neither."""
    if isinstance(value, dict):
        return str(next((value[key] for key in ("name", "title") if value.get(key)), text_of(value)))
    return text_of(value)
