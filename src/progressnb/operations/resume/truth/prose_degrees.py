"""The truth check of degrees in sentences, and of what the old resume says is not finished."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.degrees import DEGREE_NAMES, degrees, full_degrees
from progressnb.operations.resume.words.lists import read_patterns

from .acronyms import acronyms_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .original import Original
    from .segment import Found, Segment

__all__ = ["check_degrees"]

_WORDS = read_patterns("finished")
_UNFINISHED, _HELD, _APPRENTICE = _WORDS["unfinished"], _WORDS["held"], _WORDS["apprentice"]


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
        yield segment.claim(segment.text, why) if higher else segment.doubt(why)
    if len(levels) != 1 or not levels <= old.degrees:
        return
    (level,) = levels
    own = [line for line in old.lines if level in degrees(line)]
    if own and all(map(_UNFINISHED.search, own)) and not _UNFINISHED.search(segment.folded):
        yield segment.claim(segment.text, "The old resume says that this was not finished.")


def _unfinished_names(segment: Segment, old: Original) -> Iterator[str]:
    """Yield each acronym, or the patent, that a sentence says is held, and the old resume says is not finished."""
    for name in sorted({*acronyms_of(segment.text), "patent"}):
        named = re.compile(rf"(?<![^\W_]){name}(?![^\W_])")
        here, there = (
            [one for text in texts for one in re.split(r"[,;:]|(?<![^\W_])and(?![^\W_])", text) if named.search(one)]
            for texts in ([segment.folded], old.lines)
        )
        held = any(_HELD.search(one) and not _UNFINISHED.search(one) for one in here)
        if held and any(map(_UNFINISHED.search, there)) and not any(map(_HELD.search, there)):
            yield name
