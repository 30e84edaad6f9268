"""The omission of parts from the shown text: the cuts that are allowed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import value_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import JsonValue

    from progressnb.operations.resume.schemas import Cut

__all__ = ["allowed_cuts"]

# Parts about the person and not the work may be left out as a whole. Jobs, schools and skills are always shown,
# whatever a model proposes.
_WHOLE = re.compile(r"(?:interests|references|basics\.image)|(?:interests|references|basics\.profiles)\[\d{1,4}\]")
_SENTENCE = re.compile(r"basics\.summary|(?:work|volunteer|projects)\[\d{1,4}\]\.(?:summary|highlights\[\d{1,4}\])")


def allowed_cuts(data: dict[str, JsonValue], cuts: Iterable[Cut]) -> list[Cut]:
    """Return the cuts that may be made: whole interests, references and accounts, and single sentences."""
    kept: list[Cut] = []
    for cut in cuts:
        value = value_at(data, cut.place)
        if cut.text.strip() and _SENTENCE.fullmatch(cut.place) and isinstance(value, str):
            if cut.text in value and value.strip() != cut.text.strip():
                kept.append(cut)
        elif value is not None and _WHOLE.fullmatch(cut.place):
            kept.append(cut.model_copy(update={"text": ""}))
    return kept
