"""The truth check of degrees and events (certificates, awards, promotions) in sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.degrees import DEGREE_NAMES, degrees, full_degrees
from progressnb.operations.resume.words.lists import read_patterns
from progressnb.operations.resume.words.terms import clip, comparison_keys, fold_case
from progressnb.operations.resume.words.vocabulary import STOPWORDS

from .acronyms import acronyms_of
from .lexicon import EVENTS, ORDINARY
from .prose_acts import without_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .original import Original
    from .segment import Found, Segment

__all__ = ["check_degrees", "check_events"]

_SHOWN = 80
# The section whose entries are events of a kind.
_SECTIONS = {"certificate": "certificates", "award": "awards"}
_UNFINISHED = re.compile(
    r"(?<![^\W_])(?:(?:not|never) (?:finished|completed)|unfinished|incomplete|dropped out|no degree|expected"
    r"|in progress|abgebrochen\w*|ohne abschluss|laufende?s?|en cours|inachev\w*|interrompue?s?|en curso|inacabad\w*"
    r"|sin terminar|незаконч\w*|неоконч\w*"
    r"|stud(?:ied|ent|ying)|studies (?:for|towards?)|semesters?|courses?(?! of)|candidate|pending|applied for"
    r"|applications?(?= (?:filed|pending|submitted))|towards?|working on|due)(?![^\W_])"
)
_HELD = re.compile(
    r"(?<![^\W_])(?:full|designat\w*|holder|holds|certified|qualified|chartered|charterholder|fellow)(?![^\W_])"
)
_APPRENTICE = re.compile(r"apprenti\w*|lehrling\w*|azubi\w*|ausbildung|aprendi\w*|lærling", re.IGNORECASE)


def check_degrees(segment: Segment, old: Original) -> Iterator[Found]:
    """Check the degrees of a sentence: the old resume must have the level, and have it finished."""
    text = _APPRENTICE.sub("", segment.text) if _APPRENTICE.search(old.folded) else segment.text
    levels = degrees(full_degrees(text))
    for name in _unfinished_names(segment, old):
        yield segment.claim(name.upper(), "The old resume says that this was not finished.")
    for level in sorted(levels - old.degrees):
        why = f"The old resume does not have a {DEGREE_NAMES[level]}."
        # A lower degree than that of the old resume may stand there under a name that rules don't know.
        higher = level > max(old.degrees, default=0) and not (segment.foreign and not old.degrees)
        yield segment.claim(clip(segment.text, _SHOWN), why) if higher else segment.doubt(why)
    if len(levels) != 1 or not levels <= old.degrees:
        return
    (level,) = levels
    own = [line for line in old.lines if level in degrees(line)]
    if own and all(map(_UNFINISHED.search, own)) and not _UNFINISHED.search(fold_case(segment.text)):
        yield segment.claim(clip(segment.text, _SHOWN), "The old resume says that this was not finished.")


def _unfinished_names(segment: Segment, old: Original) -> Iterator[str]:
    """Yield each acronym that a sentence says is held, and the old resume says is not finished."""
    for name in sorted(acronyms_of(segment.text)):
        named = re.compile(rf"(?<![^\W_]){name}(?![^\W_])")
        here, there = (
            [one for text in texts for one in re.split(r"[,;:()]|(?<![^\W_])and(?![^\W_])", text) if named.search(one)]
            for texts in ([fold_case(segment.text)], old.lines)
        )
        held = any(_HELD.search(one) and not _UNFINISHED.search(one) for one in here)
        if held and any(map(_UNFINISHED.search, there)) and not any(map(_HELD.search, there)):
            yield name


def check_events(segment: Segment, old: Original) -> Iterator[Found]:
    """Check certificates, awards, promotions and the like: the old resume must have the event with the same thing."""
    text = without_names(segment, old)
    keys = [key for key in comparison_keys(full_degrees(text)) if key not in STOPWORDS]
    about = {key for key in keys if key not in ORDINARY and key not in EVENTS}
    passages = [old.passages[number] for number in old.passages.with_any(about)]
    for kind in dict.fromkeys(EVENTS[key] for key in keys if key in EVENTS):
        section = _SECTIONS.get(kind, kind)
        if kind == "patent" and not _UNFINISHED.search(text) and _is_only_unfinished(kind, old):
            yield segment.claim(clip(segment.text, _SHOWN), "The old resume says that this was not finished.")
            continue
        held = any(
            kind in one.events or _is_won(kind, one.folded) or (one.entry or "").startswith(section) for one in passages
        )
        if held:
            continue
        if (not about or kind == "promotion") and kind in _event_kinds(old):
            continue
        why = f"The old resume does not have this {kind}."
        # Two posts may follow each other in one line, and a certificate may be listed without a word that says so.
        of_skill = about and about <= old.skill_keys and not (len(about) > 1 and old.supports([*about]))
        named = any(EVENTS.get(key) == kind and key in old.known for key in keys) or any(map(old.knows, about))
        known = named and not of_skill
        if kind == "promotion" or (kind == "certificate" and (segment.foreign or known)):
            yield segment.doubt(why)
        else:
            yield segment.claim(clip(segment.text, _SHOWN), why)


def _is_only_unfinished(kind: str, old: Original) -> bool:
    """Tell whether each line of the old resume with an event of a kind says that it is not finished."""
    own = [line for line in old.lines if any(EVENTS.get(key) == kind for key in comparison_keys(line))]
    return bool(own) and all(map(_UNFINISHED.search, own))


def _is_won(kind: str, text: str) -> bool:
    return kind == "award" and any(read_patterns("acts")[one].search(text) for one in ("win", "win+"))


def _event_kinds(old: Original) -> set[str]:
    return {kind for key, kind in EVENTS.items() if key in old.known}
