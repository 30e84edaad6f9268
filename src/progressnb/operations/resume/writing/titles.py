"""The language of a resume, and in it the titles of the sections, the dates, and the word for what is going on."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from progressnb.operations.resume.words.language import TELLING_WORDS
from progressnb.operations.resume.words.lists import read_groups, split_phrases
from progressnb.operations.resume.words.terms import raw_words

__all__ = ["LANGUAGES", "SECTIONS", "Titles", "resume_language", "titles"]

SECTIONS = (
    "summary", "work", "projects", "volunteer", "education", "skills", "languages", "certificates", "awards",
    "publications", "interests", "references",
)  # fmt: skip
"""The summary and the sections of JSON Resume, in the usual order."""

_LISTED = {code: split_phrases(names) for code, names in read_groups("section_titles").items()}
_TELLING = TELLING_WORDS | {code[:-1]: frozenset(words) for code, words in _LISTED.items() if code.endswith("+")}
_ENOUGH = 3  # telling words
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Titles(NamedTuple):
    """The words of a language that a writer sets: the title of each section, of any other one, and "present"."""

    language: str
    sections: dict[str, str]
    other: str
    present: str

    def date(self, value: str) -> str | None:
        """Return an ISO date as people write it: "Dec 2013", elsewhere "12/2013"; None for another text.

        The first of a month stands for the month.
        """
        found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])(?:-([0-9]{2}))?", value)
        if not found:
            return None
        year, month, day = found.groups()
        whole = day not in {None, "01"}
        if self.language == "en":
            return f"{f'{int(day)} ' if whole else ''}{_MONTHS[int(month) - 1]} {year}"
        return f"{day}.{month}.{year}" if whole else f"{month}/{year}"


@lru_cache(maxsize=64)
def resume_language(text: str) -> str:
    """Return the code of the language in which a resume is written, "en" if its words tell none."""
    words = list(raw_words(text[:20_000]))
    counts = {code: sum(word in telling for word in words) for code, telling in _TELLING.items()}
    first, second = sorted(counts.values(), reverse=True)[:2]
    return max(counts, key=lambda code: counts[code]) if first >= _ENOUGH and first > second else "en"


def _titles(code: str) -> Titles:
    *sections, other, present = _LISTED[code]
    return Titles(code, dict(zip(SECTIONS, sections, strict=True)), other, present)


LANGUAGES = {code: _titles(code) for code in _LISTED if code in _TELLING and not code.endswith("+")}
"""The words of each language, by its code."""


def titles(text: str) -> Titles:
    """Return the words that a resume with this text is set with."""
    return LANGUAGES[resume_language(text)]
