"""The truth check of dates in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import find_dates

from .lexicon import ORDINARY
from .wording import has_date

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .original import Original
    from .segment import Found, Segment

__all__ = ["check_dates"]


def check_dates(segment: Segment, old: Original) -> Iterator[Found]:
    """Check each date of a sentence. If the sentence names an employer, the date must be one of that employer's."""
    found = list(find_dates(segment.text))
    if not found:
        return
    keys = segment.keys
    named = [one for one in old.entries_with(keys) if one.dates and one.named and one.named.issubset(keys)]
    if segment.entry and not named:
        named = [old.entries[segment.entry]]
    for iso, begins, ends in found:
        text = segment.text[begins:ends]
        if not has_date(iso, old.dates):
            yield segment.claim(text, f"The old resume does not have the date {text}.")
        elif named and not _has_sentence_with(iso, keys, old) and not any(has_date(iso, one.dates) for one in named):
            yield segment.claim(text, f"The old resume has the date {text} elsewhere, not here.")


def _has_sentence_with(iso: str, keys: list[str], old: Original) -> bool:
    """Tell whether a sentence of the old resume has the date and a telling key of the new sentence."""
    telling = {key for key in keys if not key.isdigit()}
    passages = old.passages.with_any(telling)
    return any(has_date(iso, one.dates) and telling.intersection(one.keys) - ORDINARY for one in passages)
