"""The reading of a resume by a language model, which is taken where it is whole and grounded in the text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.documents.paths import leaves, set_value
from progressnb.operations.resume.words.headings import find_heading

from .confidence import assess

if TYPE_CHECKING:
    from .inputs import ResumeDocument

__all__ = ["better_reading"]

_WORD = re.compile(r"[^\W_]+")
_LOST = 0.15
"""The share of the text that a model may leave out; headers and footers of pages are some."""

_GROUNDED = 0.8
"""The share of the words of a text that must stand in the document; the rest may be endings and joining words."""


def better_reading(document: ResumeDocument, by_model: JSONResume) -> ResumeDocument:
    """Return the document with the data that a model read, or with those of the rules if the model lost entries.

    What the text of the document does not say is taken out of the model's data first. Lines that it left out stay in
    `otherSections`, so that no check misses them.
    """
    data = by_model.to_data()
    words = set(_WORD.findall(document.text.casefold()))
    for leaf in list(leaves(data)):
        if not _is_grounded(leaf.text, words, is_date=leaf.path.endswith(("Date", ".date"))):
            set_value(data, leaf.path, None)
    known = {word for leaf in leaves(data) for word in _WORD.findall(leaf.text.casefold())}
    lines = [line for line in document.text.split("\n") if line.strip()]
    lost = [line for line in lines if not _is_known(line, known)]
    if sum(map(len, lost)) > _LOST * sum(map(len, lines)):
        return document
    if lost:
        other = data.setdefault("otherSections", [])
        if isinstance(other, list):
            other.append({"name": "", "text": "\n".join(lost)})
    grounded = JSONResume.model_validate(data)
    return replace(document, data=grounded, read=assess(document.text, grounded.to_data(), "model"))


def _is_known(line: str, known: set[str]) -> bool:
    """Tell whether most words of a line stand in the data; a heading or a date needs not."""
    words = [word for word in _WORD.findall(line.casefold()) if not word.isdigit()]
    return bool(find_heading(line, "")) or 2 * sum(word in known for word in words) >= len(words)


def _is_grounded(text: str, words: set[str], *, is_date: bool) -> bool:
    if is_date:
        year = text[:4]
        return any(year in word for word in words) or any(word.endswith(year[2:]) and len(word) <= 5 for word in words)  # noqa: PLR2004 - "08"
    parts = _WORD.findall(text.casefold())
    numbers = all(part in words for part in parts if part.isdigit())
    return numbers and sum(part in words for part in parts) >= _GROUNDED * len(parts)
