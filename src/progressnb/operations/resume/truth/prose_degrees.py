"""The truth check of degrees and events (certificates, awards, promotions) in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.operations.resume.words.degrees import DEGREE_NAMES, degrees, full_degrees
from progressnb.operations.resume.words.terms import clip, comparison_keys
from progressnb.operations.resume.words.vocabulary import STOPWORDS

from .lexicon import EVENTS, ORDINARY
from .wording import keys_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.resume.schemas import Claim

    from .original import Original
    from .segment import Segment

__all__ = ["check_degrees", "check_events"]

_SHOWN = 80
_DEGREE_WORDS = frozenset(comparison_keys("bachelor master doctor science art degree diploma of")) | frozenset(
    comparison_keys(full_degrees("MBA BCA LLB PhD"))
)
# The section whose entries are events of a kind.
_SECTIONS = {
    "certificate": "certificates",
    "award": "awards",
    "publication": "publications",
}


def check_degrees(segment: Segment, old: Original) -> Iterator[Claim]:
    """Check the degrees of a sentence: the old resume must have the level, and have it for the same field."""
    levels = degrees(full_degrees(segment.text))
    for level in sorted(levels - old.degrees):
        yield segment.claim(clip(segment.text, _SHOWN), f"The old resume does not have a {DEGREE_NAMES[level]}.")
    if len(levels) != 1 or not levels <= old.degrees:
        return
    (level,) = levels
    keys = {key for key in keys_of(segment.text) if key not in ORDINARY and key not in _DEGREE_WORDS}
    passages = [old.passages[number] for number in old.passages.with_any(keys)]
    same = [one for one in passages if level in one.levels]
    other = [one for one in passages if one.levels and level not in one.levels]
    if max((len(keys.intersection(one.keys)) for one in other), default=0) > max(
        (len(keys.intersection(one.keys)) for one in same), default=0
    ):
        why = f"The old resume has another degree there, no {DEGREE_NAMES[level]}."
        yield segment.claim(clip(segment.text, _SHOWN), why)


def check_events(segment: Segment, old: Original) -> Iterator[Claim]:
    """Check certificates, awards, promotions and the like: the old resume must have the event with the same thing."""
    keys = [key for key in comparison_keys(full_degrees(segment.text)) if key not in STOPWORDS]
    about = {key for key in keys if key not in ORDINARY and key not in EVENTS}
    for kind in dict.fromkeys(EVENTS[key] for key in keys if key in EVENTS):
        passages = [old.passages[number] for number in old.passages.with_any(about)]
        section = _SECTIONS.get(kind, kind)
        held = any(kind in one.events or (one.entry or "").startswith(section) for one in passages)
        if not held and not (not about and kind in _event_kinds(old)):
            yield segment.claim(clip(segment.text, _SHOWN), f"The old resume does not have this {kind}.")


def _event_kinds(old: Original) -> set[str]:
    return {kind for key, kind in EVENTS.items() if key in old.known}
