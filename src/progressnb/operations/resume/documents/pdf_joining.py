"""Lines of a paragraph as one text, and the pages of a document without their numbers, heads and feet."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.lists import read_words

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["WORD", "join_lines", "join_pages"]

_PAGE_NUMBER = re.compile(
    r"(?:(?:page|seite|página|pagina|страница|стр\.)\s*)?[-–—]?\s*[0-9]{1,3}\s*(?:(?:of|von|sur|de|из|/|\|)\s*[0-9]{1,3})?\s*[-–—]?",
    re.IGNORECASE,
)
_NAMED_NUMBER = re.compile(
    r"\b(?:page|pag|pág|seite|página|pagina|страница|стр)\b[.:]?\s?"
    r"(?:(?P<of>[0-9]{1,3})\s?(?:of|von|sur|de|di|из|/|\|)\s?[0-9]{1,3}\b|(?P<at>[0-9]{1,3})$)",
    re.IGNORECASE,
)
_PRINTED = re.compile(r"\b(?:https?://|file:/)|\S\.(?:md|html?|docx?|pdf|tex)\b|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}")
"""The address, file or date that a browser prints above a page beside its title."""

_MARGIN = 4  # lines of a running head or foot
_LONGEST_MARGIN = 200
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")
_BROKEN = re.compile(r"(?:^|[^\w-])([^\W\d_]{2,})-$")
_PREFIXES = frozenset(read_words("prefixes"))
_LONGEST_WORD = 60


def join_lines(text: str, rest: str, words: frozenset[str]) -> str:
    """Join two lines of a paragraph; a word that was broken between them becomes whole.

    `words` are the words of the page in small letters: they tell whether the hyphen belongs to the word.
    """
    if text.endswith("\u00ad"):
        return text[:-1] + rest
    broken = _BROKEN.search(text[-_LONGEST_WORD:])
    follows = re.match(r"[^\W\d_]+(?!\d)", rest)
    if not broken or not follows or not rest[0].islower():
        return text + ("" if text.endswith(("-", "/")) and rest[:1].isalnum() else " ") + rest
    one, two = broken[1].casefold(), follows[0].casefold()
    keeps = f"{one}-{two}" in words or (one in _PREFIXES and one + two not in words)
    return (text if keeps else text[:-1]) + rest


def _numberless(line: str) -> str:
    return re.sub(r"[0-9]{1,4}", "#", line)


def _margins(page: Sequence[str], *, last: bool) -> list[str]:
    """Return the lines at the top of a page, or from its end upwards, that may be its running head or foot."""
    lines = [line for line in (reversed(page) if last else page) if line]
    return lines[:_MARGIN]


def join_pages(pages: Sequence[Sequence[str]]) -> str:
    """Join pages without page numbers; a line that repeats at the top or bottom of pages is kept once."""
    tops, bottoms = ([_margins(page, last=last) for page in pages] for last in (False, True))
    heads, feet = (Counter(line for part in parts for line in {*map(_numberless, part)}) for parts in (tops, bottoms))
    numbered = Counter(map(_numberless, {line for part in (*tops, *bottoms) for line in part}))

    def is_numbered(line: str) -> bool:
        return numbered[_numberless(line)] > 1

    often = max(2, (len(pages) + 1) // 2)
    joined: list[str] = []
    ends: list[str] = []
    seen: set[str] = set()
    vocabulary = frozenset(word for page in pages for line in page for word in WORD.findall(line.casefold()))
    for number, page in enumerate(pages, 1):
        lines = list(page)

        def is_margin(line: str, counted: Counter[str], number: int = number) -> bool:
            return not line or _is_page_number(line, number) or counted[_numberless(line)] >= often

        below: list[str] = []
        while lines and is_margin(lines[-1], feet):
            below.insert(0, lines.pop())
        above: list[str] = []
        while lines and is_margin(lines[0], heads):
            above.append(lines.pop(0))
        printed = [line for line in above if _PRINTED.search(line)]
        for margin, made in (([line for line in above if line not in printed], joined), (below + printed, ends)):
            kept = [line for line in margin if line and not _is_page_number(line, number) and not is_numbered(line)]
            new = [line for line in kept if line not in seen]
            made.extend([*new, ""] if new else [])
            seen.update(kept)
        if joined and lines and lines[0][0].islower() and not joined[-1].endswith((".", ":", "!", "?")):
            joined[-1] = join_lines(joined[-1], lines.pop(0), vocabulary)
        joined += lines
    return "\n".join([*joined, *ends]).strip("\n")


def _is_page_number(line: str, number: int) -> bool:
    """Tell whether a line at the edge of a page has its number: alone, of all pages, or after a word for it."""
    named = _NAMED_NUMBER.search(line) if len(line) < _LONGEST_MARGIN else None
    return _PAGE_NUMBER.fullmatch(line) is not None or (named is not None and int(named["of"] or named["at"]) == number)
