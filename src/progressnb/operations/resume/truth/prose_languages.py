"""The truth check of languages that somebody speaks, and how well, in translations too."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.lists import read_groups, read_patterns, split_phrases
from progressnb.operations.resume.words.terms import fold_case

from .wording import without_accents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .original import Original
    from .segment import Found, Segment

__all__ = ["check_languages", "is_language"]

_NAMES = {
    without_accents(name): code
    for code, names in read_groups("language_names").items()
    for name in split_phrases(names)
}
_NAME = re.compile(rf"(?<![^\W_])({'|'.join(sorted(_NAMES, key=len, reverse=True))})[^\W_]{{0,4}}(?![^\W_])")
_PIECES = re.compile(r"[,;|·•\n/]|(?<![^\W_])(?:and|with|und|mit|et|avec|y|con|и)(?![^\W_])|[.](?=\s|$)")
_SPOKEN = re.compile(r"speak|spoke|lingual|languages|sprach|spricht|langues|parl|idiomas|habl|язык|владе")

Levels = dict[str, tuple[float, float] | None]
"""The code of a language -> the lowest and the highest level that a text gives it, None for none."""


@lru_cache(maxsize=200)
def _languages_of(folded: str) -> Levels:
    """Return the languages of a folded text, each with its level."""
    found: Levels = {}
    for piece in _PIECES.split(folded):
        codes = {_NAMES[match[1]] for match in _NAME.finditer(without_accents(piece))}
        levels = [kind for kind, pattern in read_patterns("language_levels").items() if pattern.search(piece)]
        level = max((float(low), float(high)) for low, high in map(str.split, levels)) if levels else None
        for code in codes:
            known = found.get(code)
            found[code] = max(known, level) if known and level else known or level
    return found


def is_language(word: str) -> bool:
    """Tell whether a word is the name of a language."""
    return _NAME.fullmatch(without_accents(fold_case(word))) is not None


def check_languages(segment: Segment, old: Original) -> Iterator[Found]:
    """Find languages that the old resume does not have, and levels that it has only as lower ones."""
    folded = segment.folded
    there = _languages_of(old.folded)
    here = _languages_of(folded)
    listed = len(here) > 1 or _SPOKEN.search(folded) is not None
    for code, level in here.items():
        begins, ends = next(
            match.span() for match in _NAME.finditer(without_accents(folded)) if _NAMES[match[1]] == code
        )
        name, known = folded[begins:ends], there.get(code)
        if code not in there and code != old.language and (level or listed):
            why = f"The old resume does not have the language {name}."
            # The lists have no names in many languages that a resume may be written in.
            sure = old.language == "en" or bool(there)
            yield segment.claim(name, why) if sure else segment.doubt(why, name)
        elif known and level and level[0] > known[1]:
            yield segment.claim(segment.text, f"The old resume has a lower level of {name}.")
