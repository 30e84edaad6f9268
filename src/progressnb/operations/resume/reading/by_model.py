"""The reading of a resume by a language model, which is taken where it is whole and grounded in the text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.documents.paths import leaves
from progressnb.operations.resume.words.headings import find_heading

from .confidence import assess

if TYPE_CHECKING:
    from pydantic import JsonValue

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
    words = set(_WORD.findall(document.text.casefold()))
    known_names = {key: value for key, value in by_model.to_data().items() if key in JSONResume.model_fields}
    data = {key: _grounded(value, words, key) for key, value in known_names.items()}
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


def _grounded(value: JsonValue, words: set[str], key: str) -> JsonValue:
    """Return a value of the data, with nothing in the place of texts that the document lacks."""
    if isinstance(value, dict):
        return {name: _grounded(item, words, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_grounded(item, words, key) for item in value]
    grounded = value is None or _is_grounded(str(value), words, is_date=key.endswith(("Date", "date")))
    return value if grounded else None


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
