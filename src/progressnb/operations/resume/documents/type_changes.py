"""Headings whose parts differ by their type alone: bold, italic, colour, font or size.

"**Senior Engineer** Acme Corp" is a title and an employer to everybody who sees it, and one run of letters without its
type. In a heading of two to four stretches of different type each change is a boundary, as a wide gap is. A bold word
within a sentence is none.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import find_periods

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

__all__ = ["LONGEST", "WORD", "Run", "looks_of", "part_by_type", "part_runs"]

_MOST_STRETCHES, _MOST_WORDS = 4, 24
LONGEST = 400  # characters of a heading
_SENTENCE = 8  # words: a longer line that ends with a full stop is a sentence
_GAP = "   "
WORD = re.compile(r"[^\s,|/–—-]+")
_WIDE = re.compile("[\u2e80-\u2fdf\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""A letter of Chinese, Japanese or Korean: fonts with these lack others."""

_SEPARATOR = re.compile(r"(?<![0-9\s])\s*[,/–—-]\s*$|^\s*[,/–—-]\s*")
_GOES_ON = re.compile(r"(?:[:(&+|·•][*_`]*|\b[a-zà-ÿ]{1,3})$|^[^\w#*`\[\"'“„«]|^[*_`\[]*[a-zß-ÿ]")

Run = tuple[str, "Hashable"]
"""Letters of one look."""


def part_runs(runs: Sequence[Run]) -> str:
    """Return a line that is given as runs, with wide gaps where its type changes if it is a heading."""
    text = "".join(run[0] for run in runs)
    blanks = len(text) - len(text.lstrip())
    return text[:blanks] + part_by_type(text.strip(), looks_of(runs))


def looks_of(letters: Sequence[Run]) -> tuple[Hashable, ...]:
    """Return the look of each word: that of most of its letters, or None where there are fewer than two."""
    text = "".join(letter for letter, _ in letters)
    each = [look for letter, look in letters for _ in letter]
    words = (Counter(each[at] for at in range(*word.span()) if text[at].isalpha()) for word in WORD.finditer(text))
    return tuple(word.most_common(1)[0][0] if word.total() > 1 else None for word in words)


def part_by_type(line: str, looks: Sequence[Hashable]) -> str:
    """Return a heading with wide gaps where its type changes, and any other line as it is.

    `looks` has the look of each word; None goes with the words before it.
    """
    words = list(WORD.finditer(line)) if len(line) <= LONGEST else []
    if len(looks) != len(words) or len(words) > _MOST_WORDS or len({*looks} - {None}) < 2:  # noqa: PLR2004
        return line
    is_wide = _WIDE.search(line) is not None
    known = [
        (word.start(), look)
        for word, look in zip(words, looks, strict=True)
        if look is not None and (not is_wide or _WIDE.search(word[0]))
    ]
    periods = [(one.begins, one.ends) for one in find_periods(line)]
    starts = [
        after
        for (_, one), (after, two) in pairwise(known)
        if one != two and not any(begin < after < end for begin, end in periods)
    ]
    stretches = [line[one:two].strip() for one, two in pairwise([0, *starts, len(line)])]
    if not 1 < len(stretches) <= _MOST_STRETCHES or (line.endswith((".", ";")) and len(words) > _SENTENCE):
        return line
    parts = [_SEPARATOR.sub("", stretch) for stretch in stretches]
    return line if not all(parts) or any(map(_GOES_ON.search, parts)) else _GAP.join(parts)
