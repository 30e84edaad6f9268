"""A sentence of the new resume under check, and the names of old entries in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from progressnb.operations.resume.schemas import Claim
from progressnb.operations.resume.words.terms import clip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .old_entries import NameIndex

__all__ = ["Doubt", "Segment", "mentions"]

_LONGEST_NAME = 6  # keys


class Doubt(Claim):
    """A statement that rules could not compare with the old resume."""


@dataclass(frozen=True)
class Segment:
    """A sentence of the new resume, its path, and the path of the old entry that it speaks of, if any.

    `foreign` tells that it is in another language than the old resume: then words can't be compared. `capital_nouns`
    tells that its nouns have capitals, as in German.
    """

    place: str
    text: str
    entry: str | None
    foreign: bool = False
    capital_nouns: bool = False

    def claim(self, text: str, why: str) -> Claim:
        """Return a claim about some words of the sentence."""
        return Claim(text=clip(text), place=self.place, why=why, source="code")

    def doubt(self, why: str) -> Doubt:
        """Return the sentence as one that was not compared."""
        return Doubt(text=clip(self.text), place=self.place, why=why, source="code")


def mentions(keys: list[str], names: NameIndex) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield each place (first key, key after the last) where a sentence has a name, with the path of its entry."""
    for begins in range(len(keys)):
        for size in range(min(_LONGEST_NAME, len(keys) - begins), 0, -1):
            paths = names.get(tuple(keys[begins : begins + size]))
            if paths:
                for path in paths:
                    yield (begins, begins + size), path
                break
