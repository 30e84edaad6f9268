"""Words that a model quotes, found in the text that it was given: by letters and digits, whatever is between them."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["Quoted"]

_FEWEST = 6
"""Letters and digits of a quotation that tells something; it has two words at least."""

_LEFT_OUT = re.compile(r"\.\.\.|…")


class Quoted:
    """A text that quotations are looked for in."""

    def __init__(self, text: str) -> None:
        self._letters = _letters(text)

    def has(self, quotation: str) -> bool:
        """Tell whether a quotation has something to say, and all its parts stand in the text."""
        quotation = " ".join(quotation.split())
        parts = [_letters(each) for each in _LEFT_OUT.split(quotation) if _letters(each)]
        tells = sum(map(len, parts)) >= _FEWEST and len(quotation.split()) > 1
        return tells and all(each in self._letters for each in parts)


def _letters(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKC", text).casefold() if each.isalnum())
