"""Text as the rules compare it: words without case, punctuation, word forms and other names."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from .vocabulary import ALIASES, DEGREES, FILLER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["clip", "content", "degrees", "fold", "holds", "raw_words", "stem", "trimmed", "without_degrees", "words"]

_WORD = re.compile(
    r"""(?<![^\W_])\.net(?![^\W_])                                   # .NET
      | [^\W_]+ (?: \.(?:js|net|io|py)(?![^\W_]) | '[^\W_]{1,2}(?![^\W_]) )? [+#]{0,2}   # node.js, driver's, c++
    """,
    re.VERBOSE,
)
_ALIASES = {tuple(name.split()): tuple(other.split()) for name, other in ALIASES.items()}
_LONGEST = max(map(len, _ALIASES))
_FIRST = {name[0] for name in _ALIASES}
# Words whose ending is no ending, or that would meet an unrelated word.
_KEPT_WORDS = """
    business officer customer engineer counter former number paper master series species news access process
    during king string spring thing something red need speed feed bed fashion nation station mission vision
"""
_KEPT = frozenset(_KEPT_WORDS.split())
# Longer endings first.
_ENDINGS_TEXT = """
    izations ization isations isation izing ising ized ised izer iser izes ises ize ise
    ements ement ments ment ations ation ators ator ating ated ates ate
    ships ship ions ion ings ing ers er ors or ied ies ed es ly s y e
"""
_ENDINGS = tuple(_ENDINGS_TEXT.split())
_INFLECTIONS = frozenset({"s", "e", "ed", "es", "ing"})
_SHORTEST = 3
_ENDINGS_A_WORD = 3


def fold(text: str) -> str:
    """Return the text without case and typographic variants."""
    return unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")


def raw_words(text: str) -> Iterator[str]:
    """Yield the folded words of a text as they stand, such as node.js, c++, driver's, 2014."""
    for match in _WORD.finditer(fold(text)):
        yield match[0]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return a word without its English ending, so that developer, develops and development are one.

    This is a comparison key and no word: it may be cut a letter short.
    """
    word = word.removesuffix("'s").replace("'", "")
    if not word.isascii() or not word.isalpha():
        return word
    # documentation becomes document, which has an ending too.
    for _ in range(_ENDINGS_A_WORD):
        shorter = _without_ending(word)
        if shorter == word:
            break
        word = shorter
    return word


def _without_ending(word: str) -> str:
    if len(word) <= _SHORTEST or word in _KEPT or word.endswith("ss"):
        return word
    if word.removesuffix("s") in _KEPT:
        return word.removesuffix("s")
    for ending in _ENDINGS:
        # "is" and "us" are no plurals: analysis, campus.
        if ending in {"s", "es"} and word.endswith(("is", "us")):
            continue
        base = word.removesuffix(ending)
        # A short base is rather another word: user, order.
        if base != word and len(base) >= (_SHORTEST if ending in _INFLECTIONS else _SHORTEST + 1):
            # planning, running: the consonant was doubled for the ending.
            doubled = ending[0] in "aeio" and len(base) > _SHORTEST and base[-1] == base[-2] and base[-1] not in "lsz"
            return base[:-1] if doubled else base
    return word


def words(text: str) -> list[str]:
    """Return the words of a text as comparison keys, in order: other names resolved, endings removed."""
    raw = list(raw_words(text))
    result: list[str] = []
    index = 0
    while index < len(raw):
        length = 1
        other: tuple[str, ...] = (raw[index],)
        if raw[index] in _FIRST:
            for size in range(min(_LONGEST, len(raw) - index), 0, -1):
                found = _ALIASES.get(tuple(raw[index : index + size]))
                if found:
                    length, other = size, found
                    break
        result.extend(map(stem, other))
        index += length
    return result


_FILLER_STEMS = frozenset(stem(word) for word in FILLER) | FILLER


def content(keys: Iterable[str]) -> list[str]:
    """Keep the comparison keys that say something, without repetition."""
    return list(dict.fromkeys(key for key in keys if key not in _FILLER_STEMS))


def trimmed(text: str) -> str:
    """Return the text without the words of asking at its ends: "current BLS certification" asks for BLS."""
    parts = text.split()
    while parts and _is_filler(parts[0]):
        parts.pop(0)
    while parts and _is_filler(parts[-1]):
        parts.pop()
    return " ".join(parts)


def _is_filler(part: str) -> bool:
    return fold(part).strip(".,;:!?()'\"") in FILLER


def holds(haystack: list[str] | str, needle: list[str]) -> bool:
    """Tell whether the words of the needle stand one after the other in the haystack."""
    joined = haystack if isinstance(haystack, str) else f" {' '.join(haystack)} "
    return f" {' '.join(needle)} " in joined


def degrees(text: str) -> set[int]:
    """Return the levels of the degrees that a text names: 1 high school to 5 doctorate."""
    return {level for level, pattern in DEGREES if pattern.search(text)}


def without_degrees(text: str) -> str:
    """Return the text with a comma in place of each degree that it names."""
    for _, pattern in DEGREES:
        text = pattern.sub(",", text)
    return text


def clip(text: str, length: int = 160) -> str:
    """Return the text on one line, cut at a word if it is long."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    head, space, _ = line[:length].rpartition(" ")
    return (head if space and len(head) > length // 2 else line[:length]) + "…"
