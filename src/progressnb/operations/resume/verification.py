"""The truth check: what a new resume says that the old one does not support, by rules.

It works on any draft, whoever wrote it, and compares facts (numbers, dates, names, titles, degrees,
skills), not style. A text that the old resume has word for word is never a claim.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from .dates import find_dates, normal_date
from .json_resume import Leaf, leaves
from .schemas import Claim, Draft, Verification
from .terms import clip, degrees, fold, holds, raw_words, stem, words
from .vocabulary import ALIASES, DEGREE_NAMES, NUMBER_WORDS, POSITION_WORDS, STOPWORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .documents import ResumeDocument

__all__ = ["verify"]

_NUMBER = re.compile(r"[0-9]+(?:[,'\u2019][0-9]{3})*(?:\.[0-9]+)?")
_CAPITALIZED = re.compile(r"(?<![^\W_])[^\W\d_](?:[^\W_]|[.+#'\u2019&](?=[^\W_]))*[+#]{0,2}")
_SEGMENTS = re.compile(r"\n| · ")
_SENTENCE_END = re.compile(r"[.!?:;\n•–—|(\"“·-]\s*$")
_DATE_KEYS = ("startDate", "endDate", "date", "releaseDate")
# The fields whose whole value is one fact, with what a claim calls it.
_FACTS = {
    ("basics", "name"): "name",
    ("basics", "label"): "title",
    ("work", "name"): "employer",
    ("work", "position"): "title",
    ("work", "location"): "place",
    ("volunteer", "organization"): "organization",
    ("volunteer", "position"): "title",
    ("education", "institution"): "institution",
    ("education", "area"): "field",
    ("education", "studyType"): "degree",
    ("education", "score"): "grade",
    ("education", "courses"): "course",
    ("awards", "title"): "award",
    ("awards", "awarder"): "awarder",
    ("certificates", "name"): "certificate",
    ("certificates", "issuer"): "issuer",
    ("publications", "name"): "publication",
    ("publications", "publisher"): "publisher",
    ("skills", "name"): "skill",
    ("skills", "level"): "level",
    ("skills", "keywords"): "skill",
    ("languages", "language"): "language",
    ("languages", "fluency"): "fluency",
    ("interests", "name"): "interest",
    ("interests", "keywords"): "interest",
    ("references", "name"): "name",
    ("projects", "name"): "project",
    ("projects", "entity"): "name",
    ("projects", "keywords"): "skill",
    ("projects", "roles"): "title",
}
_ADDRESSES = frozenset({"url", "email", "phone", "image"})
# Technical names that are written small, so that they are seen in prose too.
_KNOWN_SKILLS = {
    stem(word) for names in ALIASES.items() for name in names if " " not in name for word in (name,)
    if name not in {"go", "er", "pos", "bi", "js", "resume", "cv", "rest", "restful", "email", "website", "cad"}
}  # fmt: skip
_TITLE_STEMS = {stem(word) for word in POSITION_WORDS | {"senior", "junior", "vp", "vice"}}


def _numbers(text: str) -> Iterator[str]:
    for match in _NUMBER.finditer(fold(text)):
        number = re.sub(r"[,'\u2019]", "", match[0])
        whole, dot, part = number.partition(".")
        part = part.rstrip("0")
        yield (whole.lstrip("0") or "0") + (dot + part if part else "")


def _undated(text: str) -> str:
    """Return the text without its dates."""
    for _, begins, ends in reversed(list(find_dates(text))):
        text = text[:begins] + " | " + text[ends:]
    return text


def _is_contact(path: str) -> bool:
    return path.startswith("basics.location") or path.rpartition(".")[2] in {*_ADDRESSES, "phone"}


def _compact(text: str) -> str:
    address = re.sub(r"^(?:https?://)?(?:www\.)?", "", fold(text).strip()).rstrip("/")
    return "".join(char for char in address if char.isalnum())


class _Original:
    """What the old resume says, ready to be asked."""

    def __init__(self, document: ResumeDocument) -> None:
        said = list(leaves(document.data.to_data()))
        texts = [leaf.text for leaf in said]
        # The fields of the data are apart from each other, so that no phrase runs from one into the next.
        self.whole = "\n|\n".join([*texts, document.text])
        self.texts = {self._plain(part) for text in texts for part in (text, *text.split("\n"))}
        self.keys = words(self.whole)
        self.known = set(self.keys) | {stem(word) for word in raw_words(self.whole)}
        self.dates = {date for date, _, _ in find_dates(self.whole)} | {normal_date(text) for text in texts}
        # A month or a house number is no evidence for a number of people; a year may be named.
        self.numbers = {
            number for leaf in said if not _is_contact(leaf.path) for number in _numbers(_undated(leaf.text))
        }
        self.numbers |= {date[:4] for date in self.dates}
        self.numbers |= {NUMBER_WORDS[word] for word in self.raw if word in NUMBER_WORDS}
        self.degrees = degrees(self.whole)

    @staticmethod
    def _plain(text: str) -> str:
        return " ".join(fold(text).split())

    @cached_property
    def raw(self) -> set[str]:
        return set(raw_words(self.whole))

    @cached_property
    def joined(self) -> str:
        lines = (words(line) for line in self.whole.split("\n"))
        return " | ".join(f" {' '.join(key for key in keys if key not in STOPWORDS)} " for keys in lines if keys)

    @cached_property
    def compact(self) -> str:
        return "|".join(map(_compact, self.whole.split())) + "|" + _compact(self.whole)

    def says(self, text: str) -> bool:
        """Tell whether the text is one of the old resume's, word for word."""
        return self._plain(text) in self.texts

    def has_phrase(self, text: str) -> bool:
        """Tell whether the words of the text stand side by side in the old resume."""
        keys = [key for key in words(text) if key not in STOPWORDS]
        return not keys or holds(self.joined, keys)

    def has_date(self, text: str) -> bool:
        """Tell whether the old resume has this date, or a more exact one, or this month as its first day."""
        iso = normal_date(text)
        first_day_of = iso.removesuffix("-01") if iso.count("-") == 2 else iso  # noqa: PLR2004 - year, month, day
        return any(date in {iso, first_day_of} or date.startswith(iso + "-") for date in self.dates)


def _check(leaf: Leaf, original: _Original) -> Iterator[Claim]:
    path, text = leaf
    section = re.split(r"[.\[]", path, maxsplit=1)[0]
    key = re.sub(r"\[\d+\]$", "", path).rpartition(".")[2]
    if original.says(text):
        return
    if key in _DATE_KEYS and re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", normal_date(text)):
        if not original.has_date(text):
            yield Claim(text=clip(text), place=path, why="The old resume does not have this date.")
        return
    if key in _ADDRESSES:
        compact = _compact(text)
        if compact and compact not in original.compact:
            yield Claim(text=clip(text), place=path, why=f"The old resume does not have this {key}.")
        return
    # Deeper places, such as basics.profiles[0].name, are no facts of the section.
    fact = _FACTS.get((section, key)) if path.count(".") == 1 else None
    if fact:
        yield from _check_fact(leaf, fact, original)
        return
    for segment in _SEGMENTS.split(text):
        if not original.says(segment):
            yield from _check_prose(Leaf(path, segment), original)


def _check_fact(leaf: Leaf, fact: str, original: _Original) -> Iterator[Claim]:
    """Check a value that is one fact: its words must stand side by side in the old resume."""
    # A list of skills in one field may take them from several places.
    whole = fact != "skill" or original.has_phrase(leaf.text)
    parts = [leaf.text] if whole else re.split(r"[,;/()|]", leaf.text)
    lacking = [part.strip() for part in parts if not original.has_phrase(part)]
    for part in lacking:
        yield Claim(text=clip(part), place=leaf.path, why=f"The old resume does not have this {fact}.")
    if not lacking:
        yield from _check_numbers(leaf, original)


def _check_numbers(leaf: Leaf, original: _Original) -> Iterator[Claim]:
    dates = [(begins, ends) for date, begins, ends in find_dates(leaf.text) if original.has_date(date)]
    for match in _NUMBER.finditer(leaf.text):
        while dates and dates[0][1] <= match.start():
            dates.pop(0)
        if dates and dates[0][0] <= match.start():
            continue
        if not original.numbers.issuperset(_numbers(match[0])):
            yield Claim(
                text=_around(leaf.text, match),
                place=leaf.path,
                why=f"The old resume does not have the number {match[0]}.",
            )
    for word in dict.fromkeys(raw_words(leaf.text)):
        number = NUMBER_WORDS.get(word)
        if number and word not in original.raw and number not in original.numbers:
            yield Claim(text=word, place=leaf.path, why=f"The old resume does not have the number {word}.")


def _around(text: str, match: re.Match[str]) -> str:
    """Quote a number with the unit or word after it."""
    after = re.match(r"\s?[^\s,.;]{0,20}", text[match.end() :])
    return (match[0] + (after[0] if after else "")).strip()


def _check_prose(leaf: Leaf, original: _Original) -> Iterator[Claim]:
    """Check the facts that a sentence names: numbers, degrees, titles, and names of people, firms and skills."""
    yield from _check_numbers(leaf, original)
    for level in sorted(degrees(leaf.text) - original.degrees):
        yield Claim(
            text=clip(leaf.text, 80), place=leaf.path, why=f"The old resume does not have a {DEGREE_NAMES[level]}."
        )
    seen: set[str] = set()
    run: list[str] = []
    ends = 0
    for match in _CAPITALIZED.finditer(leaf.text):
        word = match[0]
        between = leaf.text[ends : match.start()]
        if run and between.strip():
            yield _name(run, leaf)
            run = []
        first = not leaf.text[: match.start()].strip() or _SENTENCE_END.search(
            leaf.text[max(0, match.start() - 8) : match.start()]
        )
        if _is_unsupported_name(word, original, first=bool(first)) and word not in seen:
            seen.add(word)
            run.append(word)
        elif run:
            yield _name(run, leaf)
            run = []
        ends = match.end()
    if run:
        yield _name(run, leaf)


def _name(run: list[str], leaf: Leaf) -> Claim:
    name = " ".join(run)
    return Claim(text=clip(name), place=leaf.path, why=f"The old resume does not mention {clip(name)}.")


def _is_unsupported_name(word: str, original: _Original, *, first: bool) -> bool:
    keys = words(word)
    if (
        not keys
        or all(key in original.known for key in keys)
        or all(stem(raw) in original.known for raw in raw_words(word))
    ):
        return False
    if any(key in _TITLE_STEMS and key not in original.known for key in keys) or stem(word.casefold()) in _KNOWN_SKILLS:
        return True
    # A capital says nothing at the beginning of a sentence, unless there are more of them: "MongoDB".
    inner = any(char.isupper() for char in word[1:]) or any(char in "+#&" for char in word)
    return inner or (word[0].isupper() and not first and fold(word) not in STOPWORDS)


def verify(original: ResumeDocument, draft: Draft) -> Verification:
    """List what the draft's resume says that the original does not support, each with its place."""
    old = _Original(original)
    unsupported = [claim for leaf in leaves(draft.resume.to_data()) for claim in _check(leaf, old)]
    checked = "Numbers, dates, names, titles, degrees and skills were compared with the old resume by rules"
    found = (
        "; everything in the new one is in the old one."
        if not unsupported
        else f"; {len(unsupported)} {'is' if len(unsupported) == 1 else 'are'} not in it."
    )
    return Verification(unsupported=unsupported, summary=checked + found)
