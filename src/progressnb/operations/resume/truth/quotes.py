"""Quotations of a model, found in a paper word for word."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from progressnb.operations.resume.words.terms import fold_case, telling_keys

from .prose_names import is_denied
from .suspicion import suspicions
from .wording import keys_of

__all__ = ["Paper", "Quote"]

_PLACES = 5  # of one quotation that are looked at
_LONGEST = 600  # characters


class Quote(NamedTuple):
    """Words as the paper writes them, and the whole lines that they stand in: a quotation may leave out a "not"."""

    text: str
    line: str


class Paper:
    """A text that is searched by its letters and digits, without case, spaces and punctuation."""

    def __init__(self, text: str) -> None:
        self._text = unicodedata.normalize("NFKC", text)
        letters = [(letter, at) for at, char in enumerate(self._text) if char.isalnum() for letter in char.casefold()]
        self._letters = "".join(letter for letter, _ in letters)
        self._places = [at for _, at in letters]

    def find(self, quotation: str) -> list[Quote]:
        """Return the places that have all words of a quotation in their order, from a word's beginning to an end."""
        wanted = "".join(char for char in unicodedata.normalize("NFKC", quotation).casefold() if char.isalnum())
        found: list[Quote] = []
        at = self._letters.find(wanted) if 0 < len(wanted) <= _LONGEST else -1
        while at >= 0 and len(found) < _PLACES:
            begins, ends = self._places[at], self._places[at + len(wanted) - 1] + 1
            if not self._text[max(0, begins - 1) : begins].isalnum() and not self._text[ends : ends + 1].isalnum():
                found.append(self._quote(begins, ends))
            at = self._letters.find(wanted, at + 1)
        return found

    def bearing(self, quotation: str) -> list[Quote]:
        """Return the places of a quotation that can bear out a claim: it tells something, and its line denies it not.

        A line that gives orders to a model bears out nothing.
        """
        found = self.find(quotation) if telling_keys(keys_of(quotation)) else []
        found = [one for one in found if "\n" not in one.text] or found  # not also as it was read into fields
        return [
            one for one in found if not is_denied(one.text, fold_case(one.line)) and not suspicions(one.line, "resume")
        ]

    def _quote(self, begins: int, ends: int) -> Quote:
        first = self._text.rfind("\n", 0, begins) + 1
        last = self._text.find("\n", ends)
        return Quote(self._text[begins:ends], self._text[first : last if last >= 0 else len(self._text)])
