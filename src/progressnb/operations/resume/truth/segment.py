"""A sentence of the new resume under check, and what the check finds in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from progressnb.operations.resume.schemas import Claim
from progressnb.operations.resume.words.terms import clip

from .parts import Part

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Doubt", "Found", "Segment"]


class Found(Claim):
    """A claim that rules found: the kind of the fact, such as "number" or "title", and the sentence around it.

    Of a field of an entry (`of_entry`) the sentence has all facts of the entry. Results have plain claims: these fields
    serve the judgement of a model.
    """

    kind: str = ""
    sentence: str = ""
    foreign: bool = False
    of_entry: bool = False


class Doubt(Found):
    """A statement that rules could not compare with the old resume."""


@dataclass(eq=False)
class Segment(Part):
    """A sentence of the new resume, its path (`place`), and the path of the old entry that it speaks of, if any.

    `foreign` tells that it is in another language than the old resume: then words can't be compared. `capital_nouns`
    tells that its nouns have capitals, as in German. `asked` has the skills of the posting, by their keys.
    """

    place: str = ""
    foreign: bool = False
    capital_nouns: bool = False
    asked: Mapping[tuple[str, ...], str] = field(default_factory=dict[tuple[str, ...], str])

    def claim(self, text: str, why: str) -> Found:
        """Return a claim about words of the sentence, as it writes them, or about all of it if it lacks them."""
        return Found(text=clip(self.written(text) or self.text), why=why, **self._source())

    def doubt(self, why: str, text: str = "") -> Doubt:
        """Return some words, or the sentence, as what could not be compared."""
        return Doubt(text=clip(text or self.text), why=why, **self._source())

    def written(self, text: str) -> str:
        """Return words as the sentence writes them, or "" if it does not have them side by side."""
        found = re.search(re.escape(text), self.text, re.IGNORECASE)
        return found[0] if found else ""

    def _source(self) -> dict[str, Any]:
        return {"place": self.place, "source": "code", "sentence": self.text, "foreign": self.foreign}
