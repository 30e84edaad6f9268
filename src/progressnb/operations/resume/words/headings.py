"""Headings of a resume: their recognition among other lines, and the section that each begins."""

# Marks and words of several languages.
# ruff: noqa: RUF001
from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from .lists import read_groups, split_phrases

__all__ = ["BULLET", "HEADINGS", "MARK", "Heading", "find_heading", "is_rule", "known_section", "plain_line"]

HEADINGS: dict[str, str] = {
    name: section for section, names in read_groups("headings").items() for name in split_phrases(names)
}
"""The name of a heading in small letters -> its section of JSON Resume, or "contact"."""

MARK = "[-*+·»\\u2012-\\u2015\\u2020-\\u2023\\u203a\\u2043\\u2190-\\u2bff\\uf000-\\uf0ff]"
"""The pattern of the mark of an item: a dash, a dot, any arrow, box or star, a letter of a font of symbols."""

_SIGN = r"[0-9]{1,2}[.)]|\(?[0-9a-z]\)|[0-9]\ufe0f?\u20e3|o(?=[ \t]+[^\W_a-zà-ÿа-яё])"  # "1.", "(a)", "1️⃣", "o Drove"
_GLUED = r"[•‣◦∙・\u25a0-\u25ff\u2700-\u27bf👉🔶-🔹\uf000-\uf0ff]\ufe0f?(?=[\w(“])|-(?=[^\W\d_]{3})"  # "•Drove"
BULLET = re.compile(rf"[ \t]{{0,20}}(?:(?:{MARK}|{_SIGN}|[👉🔶-🔹])\ufe0f?[ \t]{{1,8}}(?=\S)|{_GLUED})")
_MARKDOWN = re.compile(r"[ ]{0,3}(#{1,6})[ \t]+(?=\S)")
_SLANTED = re.compile(r"([_*])(?=\S)([^_*]{3,200})(?<=\S)\1")
_NUMBERED = re.compile(r"^[0-9]{1,2}(?:\.[0-9]{1,2})+\.?[ ]{1,3}(?=[A-ZÀ-ÞА-ЯЁ])")  # 2.1 Driver
_JOINED = re.compile(r"\s(?:and|und|et|y|и|e|i|en|och|og)\s|,\s")
_RULE = re.compile(r"[ \t]*(?:[-=_*~#][ \t]*){3,}$")
_CELLS = re.compile(r"([^\t:]{3,40}?)(?:[ ]{3,}|\t+)(\S.*)$")
_NO_NAME = re.compile(r"[0-9@,|]")
_DRAWN_AROUND = re.compile(
    r"\s{0,20}[^\w\s(\[#*]{1,3}\s{1,3}(\w.{1,60}?\w)\s{1,3}[^\w\s)\].!?]{1,3}\s*"
)  # "— Skills —"
_DRAWN = frozenset(3 * mark for mark in "-=_~*")
_LONGEST = 60
_LENGTH = re.compile(
    r"\s[–—-]\s[0-9]{1,2}\s[^\W\d_]{1,8}(?:\s[0-9]{1,2}\s[^\W\d_]{1,8})?$"
)  # "Jobs — 15 years 5 months"
_SHORT = 4
_WORDS = 5
_ACRONYM = 5  # letters
_LONG = 8  # letters of a name that is known in spite of a slip of the pen


@dataclass(frozen=True)
class Heading:
    """A heading: its section, its name, the text that follows on the same line, and its depth.

    `section` is "" for a name that is not in the list. `depth` is the level of a Markdown heading, 0 for a plain line.
    """

    section: str
    name: str
    rest: str
    depth: int


def plain_line(line: str) -> str:
    """Return the line without the Markdown marks of headings, and of bold or slanted text around it."""
    line = line.strip()
    mark = _MARKDOWN.match(line)
    if mark:
        line = line[mark.end() :].rstrip("# ")
    if len(line) > 4 and line.startswith("**") and line.endswith("**"):  # noqa: PLR2004 - the marks themselves
        line = line[2:-2]
    elif slanted := _SLANTED.fullmatch(line):
        line = slanted[2]
    return _NUMBERED.sub("", line.strip(), count=1)


def is_rule(line: str) -> bool:
    """Tell whether a line is a horizontal rule, such as ---."""
    return len(line) < 200 and _RULE.match(line) is not None  # noqa: PLR2004 - no page is wider


def _unaccented(text: str) -> str:
    """Return a text in small letters without accents: of capitals nobody knows whether they had a dot."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("ı", "i"))
    return "".join(char for char in plain if not unicodedata.combining(char))


def _key(text: str) -> str:
    mark = BULLET.match(text)
    text = (
        re.sub(r"[&/]", " and ", text[mark.end() :] if mark else text).replace("’", "'").casefold().strip("*_: .–—-|•·")
    )
    text = _unaccented(re.sub(r"^(?:[0-9]{1,2}|[ivx]{1,4})[.)]\s+", "", text))
    text = _LENGTH.sub("", text)
    if re.fullmatch(r"(?:[^\W_] {1,2}){3,}[^\W_]", text):
        text = text.replace("  ", "\t").replace(" ", "").replace("\t", " ")  # E X P E R I E N C E
    return " ".join(text.replace(".", "").split())


_UNACCENTED = {_unaccented(name): section for name, section in HEADINGS.items()}
_WITH_NOUNS = read_groups("heading_nouns")
_NOUNS = {
    (_unaccented(noun), place): section
    for group, nouns in _WITH_NOUNS.items()
    for section, _, place in [group.partition(" ")]
    if place in {"first", "last"}
    for noun in split_phrases(nouns)
}
_LONG_NOUNS = [(noun, place) for noun, place in _NOUNS if place == "last" and len(noun) >= _LONG]
_UNPAID, _OF_WHAT, _BESIDE = (
    frozenset(map(_unaccented, split_phrases(_WITH_NOUNS[name]))) for name in ("unpaid", "not after", "beside")
)


def _by_noun(text: str, key: str, *, marked: bool) -> str:
    """Return the section of a heading that joins a usual noun with other words, else "".

    A line that no mark and no capital letters make a heading may have a few words beside the noun alone, or be one
    word with the noun at its end: "Praktikumserfahrung".
    """
    words = key.split()
    if not 1 <= len(words) <= _WORDS + 1 or re.search(r"[0-9@,:;|]", key):
        return ""
    *others, last = words
    section = "" if {*others[-1:]} & _OF_WHAT else _NOUNS.get((last, "last"), "")
    section = section or _NOUNS.get((words[0], "first"), "")
    section = "volunteer" if section == "work" and not _UNPAID.isdisjoint(words) else section
    plain = bool(others) and text[:1].isupper() and _BESIDE.issuperset(others)
    ends = [] if others else [_NOUNS[one] for one in _LONG_NOUNS if key != one[0] and key.endswith(one[0])]
    return section if section and (marked or text.isupper() or plain) else next(iter(ends), "")


def _shorter(name: str) -> list[str]:
    """Return a name without any one of its inner letters; a plural has another end."""
    return [name[:at] + name[at + 1 :] for at in range(1, len(name) - 1)]


@lru_cache(maxsize=1)
def _misspelled() -> dict[str, str]:
    """Return the section of each long name with a letter left out: what two spellings of it have alike."""
    names = [name for name in _UNACCENTED if len(name) >= _LONG]
    return {part: _UNACCENTED[name] for name in names for part in (name, *_shorter(name))}


def _near(key: str) -> str:
    """Return the section of the long name that differs from a key by one letter, else ""."""
    known, spellings = _misspelled(), (key, *_shorter(key)) if len(key) < _LONGEST else ()
    return next((known[one] for one in spellings if one in known), "")


def known_section(text: str, *, marked: bool = False) -> str:
    """Return the section of a heading with a usual name or noun, or of one that joins such names, else "".

    `marked` tells that something else than its words makes the line a heading.
    """
    key = _key(text)
    known = _UNACCENTED.get(key)
    if known:
        return known
    first, *others = _JOINED.split(key)
    parts = [_UNACCENTED.get(part.strip(), "") for part in (first, *others)]
    joined = parts[0] if others and all(parts) and parts[0] != "title" else ""
    loud = next(filter(None, parts), "") if marked and text.isupper() else ""  # "CERTIFICATIONS & TICKETS"
    return joined or loud or _by_noun(text, key, marked=marked) or _near(key)


def find_heading(line: str, section: str) -> Heading | None:
    """Return the heading that a line makes, or None. `section` is the section that the line is in."""
    around = _DRAWN_AROUND.fullmatch(line)
    line = around[1] if around else line
    bullet = BULLET.match(line)
    if bullet:
        line = line[bullet.end() :]
        return Heading(known, line.strip(), "", 0) if line.isupper() and (known := known_section(line)) else None
    mark = _MARKDOWN.match(line)
    depth = len(mark[1]) if mark else 0
    bare = plain_line(line)
    # "--- WORK ------", a line of marks with a name in it
    drawn = bare.strip("-=_~*#").strip() if bare[:3] in _DRAWN or bare[-3:] in _DRAWN else ""
    bare = drawn or bare
    if not bare or (len(bare) > _LONGEST and not mark and ":" not in bare[:_LONGEST] and not _CELLS.match(bare)):
        return None
    # A word in small letters on its own line is the rest of a sentence, unless it is marked.
    small = bare[0].islower() and not mark and ":" not in bare
    known = "" if small else known_section(bare[: _LONGEST + 1], marked=mark is not None)
    if known:
        return Heading(known, bare.strip("*_: "), "", depth)
    if mark or (drawn and len(bare.split()) <= _WORDS):
        return Heading("", bare, "", depth)
    return _inline_heading(bare, section) or _loud_heading(line, bare, section)


def _inline_heading(bare: str, section: str) -> Heading | None:
    """Read a heading with text after it, as "Skills: Python". Among skills, "Languages: Python" is a group instead."""
    head, colon, rest = bare.partition(":")
    if cells := _CELLS.match(bare):
        head, colon, rest = cells[1], "   ", cells[2]
    told = section == "work" and rest.endswith(".") and len(rest.split()) > _WORDS  # "TRAINING: Taught the new ones."
    known = known_section(head) if colon and len(head) <= _LONGEST and section != "skills" and not told else ""
    return Heading(known, head, rest.strip("*_ "), 0) if known else None


def _loud_heading(line: str, bare: str, section: str) -> Heading | None:
    """Read a line in capitals or bold as a heading. Among jobs and schools it is the name of one instead."""
    if not section or section in {"work", "education", "projects", "volunteer"} or len(bare) > _LONGEST:
        return None
    bold = line.strip().startswith("**") and line.strip().endswith("**")
    letters = sum(char.isalpha() for char in bare)
    words = bare.split()
    # "SAP ERP" is an item of a list.
    named = len(words) > 2 or max(map(len, words)) > _ACRONYM  # noqa: PLR2004 - words
    shouted = bare.isupper() and letters > _SHORT and named and len(words) <= _WORDS and not _NO_NAME.search(bare)
    return Heading("", bare.strip("*_: "), "", 0) if shouted or bold else None
