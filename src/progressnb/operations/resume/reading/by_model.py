"""The reading of a resume by a language model, which is taken where it is whole and grounded in the text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.documents.paths import leaves, set_value

from .confidence import assess

if TYPE_CHECKING:
    from .inputs import ResumeDocument

__all__ = ["better_reading"]

_WORD = re.compile(r"[^\W_]+")
_LOST = 0.05
"""The share of the words that a model may leave out, and rules place; headers and footers of pages are some."""

_GROUNDED = 0.8
"""The share of the words of a text that must stand in the document; the rest may be endings and joining words."""


def better_reading(document: ResumeDocument, by_model: JSONResume) -> ResumeDocument:
    """Return the document with the data that a model read, or with those of the rules if the model lost some.

    What the text of the document does not say is taken out of the model's data first.
    """
    data = by_model.to_data()
    words = set(_WORD.findall(document.text.casefold()))
    for leaf in list(leaves(data)):
        if not _is_grounded(leaf.text, words, is_date=leaf.path.endswith(("Date", ".date"))):
            set_value(data, leaf.path, None)
    grounded = JSONResume.model_validate(data)
    reading = assess(document.text, grounded.to_data(), "model")
    before = document.read
    # What a model leaves out would be missing from every later check, so its reading must be as whole as the rules'.
    whole = reading.placed >= before.placed - _LOST
    if not whole or not (reading.sure or reading.confidence >= before.confidence):
        return document
    return replace(document, data=grounded, read=reading)


def _is_grounded(text: str, words: set[str], *, is_date: bool) -> bool:
    if is_date:
        year = text[:4]
        return any(year in word for word in words) or any(word.endswith(year[2:]) and len(word) <= 5 for word in words)  # noqa: PLR2004 - "08"
    parts = _WORD.findall(text.casefold())
    return sum(part in words for part in parts) >= _GROUNDED * len(parts)
