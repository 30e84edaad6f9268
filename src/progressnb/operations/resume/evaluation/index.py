"""The texts of a resume, found by their words: how strongly they speak of a thing, the dated jobs, and the schools."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from progressnb.operations.resume.documents.paths import Leaf, leaves, objects
from progressnb.operations.resume.words.dates import months_between
from progressnb.operations.resume.words.language import TELLING_WORDS, language_of
from progressnb.operations.resume.words.lists import read_phrases, read_words
from progressnb.operations.resume.words.sentences import segments
from progressnb.operations.resume.words.terms import comparison_keys, raw_words, stem, telling_keys
from progressnb.operations.resume.words.trade_vocabulary import trade_vocabulary
from progressnb.operations.resume.words.vocabulary import GENERIC

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pydantic import JsonValue

    from progressnb.operations.resume.documents.json_resume import JSONResume
    from progressnb.operations.resume.words.trade_vocabulary import Keys, Profile

__all__ = ["COMMON", "COMMON_WEIGHT", "Job", "ResumeIndex", "Support"]

_COVERAGE = 0.6  # of the weight of a sentence's keys must be in one sentence of the resume
_CLOSE, _CLOSE_KEYS = 0.4, 2  # of the weight, and keys at least: less is chance
COMMON_WEIGHT = 0.3  # of a key that stands in resumes of all trades, against 1 for any other
_LONGEST_TERM = 4  # keys; a longer term is a sentence
_WINDOW = 8  # words, in which the words of a term may stand apart
# The part of a term that some of its words show, without the others.
_WORDS_ONLY = 0.5
# At most this many places of a word are looked at: a hostile text may have 100,000 of one.
_PLACES = 500
_AMBIGUOUS = frozenset(read_words("ambiguous"))
_GENERIC = frozenset(stem(word) for word in GENERIC)  # "management" of what?
COMMON = _GENERIC.union(map(stem, read_words("ordinary")))
"""The keys of words that stand in resumes of all trades."""

_SLIGHT = COMMON.union(*TELLING_WORDS.values())

_SKILLS = frozenset(read_phrases("skills"))
_LONGEST_SKILL = 3  # words
_PIECE = re.compile(r"\n|[.;:!?•|]\s|,\s|\s[-–—]\s|;")
_SHOWN = ("basics.label", "basics.summary")  # the rest of `basics` is how to reach the person


class Job(NamedTuple):
    """A dated job: its text for quotations, its comparison keys, and its first and last month."""

    leaf: Leaf
    keys: frozenset[str]
    span: tuple[int, int]


class Support(NamedTuple):
    """The support of a term.

    `leaf` is the text of the resume that names it. `share` (0 to 1) tells how far the resume speaks of it, near things
    included; if one does more than the term itself, `near` is its name and `near_leaf` the text with it.
    """

    share: float
    leaf: Leaf | None = None
    near: str = ""
    near_leaf: Leaf | None = None


class ResumeIndex:
    """The texts of a resume, found by their comparison keys. Contact details are left out."""

    def __init__(self, resume: JSONResume, today: date) -> None:
        data = resume.to_data()
        everything = list(leaves(data))
        self.places = [leaf for leaf in everything if ".location" in leaf.path]
        self.language = language_of("\n".join(leaf.text for leaf in everything))
        self.leaves = [
            Leaf(leaf.path, sentence)
            for leaf in everything
            if not leaf.path.startswith("basics.") or leaf.path in _SHOWN
            for sentence in segments(leaf.text)
        ]
        self.jobs = _jobs(data, today)
        self.schools = [
            Leaf(f"education[{index}]", _fact(entry, "studyType", "area", "institution"))
            for index, entry in enumerate(objects(data.get("education")))
        ]
        self.pieces = [
            (number, keys)
            for number, leaf in enumerate(self.leaves)
            for text in _PIECE.split(leaf.text)
            if (keys := comparison_keys(text))
        ]
        self._places: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for piece, (_, keys) in enumerate(self.pieces):
            for place, key in enumerate(keys):
                self._places[key].append((piece, place))

    def look_up(self, term: str) -> Support:
        """Return the support of a term."""
        whole = tuple(comparison_keys(term))
        keys = tuple(telling_keys(whole)) or whole
        leaf = self._mention(keys)
        if leaf is None and len(keys) > _LONGEST_TERM:
            leaf = self._closest(keys, _COVERAGE)
        best = Support(1.0 if leaf else 0.0, leaf)
        for near in trade_vocabulary().near.get(whole, ()):
            if near.credit > best.share and (other := self._mention(near.keys)):
                best = Support(near.credit, leaf, near.name, other)
        held = sum(key not in _AMBIGUOUS | _GENERIC and self._mention((key,)) is not None for key in keys)
        words = _WORDS_ONLY * held / len(keys) if len(keys) > 1 else 0.0
        return Support(words, leaf) if words > best.share else best

    def closest(self, text: str) -> Leaf | None:
        """Return the sentence of the resume with the most words of a text, if it has some share of them."""
        return self._closest(telling_keys(comparison_keys(text)), _CLOSE)

    def named(self, text: str) -> dict[str, Leaf]:
        """Return the skills that a text names and the resume names too, and the text of the resume with each."""
        return {
            name: leaf
            for name in _skills(text)
            if (leaf := self._mention(tuple(comparison_keys(name)))) and name in _skills(leaf.text)
        }

    @cached_property
    def trades(self) -> Profile:
        """The trades that the resume speaks of."""
        known = trade_vocabulary()
        return known.profile(Counter(term for _, keys in self.pieces for term in known.find(keys)).items())

    def _closest(self, keys: Sequence[str], least: float) -> Leaf | None:
        weights = {key: COMMON_WEIGHT if key in _SLIGHT else 1.0 for key in keys}
        found: defaultdict[int, list[float]] = defaultdict(list)
        for key, weight in weights.items():
            for number in {self.pieces[piece][0] for piece, _ in self._places.get(key, ())}:
                found[number].append(weight)
        if not found:
            return None
        number = min(found, key=lambda one: (-sum(found[one]), one))
        enough = len(found[number]) >= _CLOSE_KEYS and max(found[number]) > COMMON_WEIGHT
        return self.leaves[number] if enough and sum(found[number]) >= least * sum(weights.values()) else None

    def _mention(self, term: Keys) -> Leaf | None:
        """Return the first text that has the words of a term near each other.

        A word of several meanings names a thing only if it stands alone.
        """
        first = next(iter(term), "")
        for piece, place in self._places.get(first, ())[:_PLACES]:
            number, keys = self.pieces[piece]
            alone = len(keys) == 1 or len(term) > 1 or first not in _AMBIGUOUS
            if alone and {*term} <= {*keys[max(0, place - _WINDOW) : place + _WINDOW + 1]}:
                return self.leaves[number]
        return None


def _skills(text: str) -> list[str]:
    words = list(raw_words(text))
    parts = (" ".join(words[i : i + size]) for i in range(len(words)) for size in range(1, _LONGEST_SKILL + 1))
    return [part for part in parts if part in _SKILLS]


def _fact(entry: dict[str, JsonValue], *keys: str) -> str:
    return ", ".join(str(entry[key]) for key in keys if entry.get(key))


def _jobs(data: dict[str, JsonValue], today: date) -> list[Job]:
    jobs: list[Job] = []
    for index, entry in enumerate(objects(data.get("work"))):
        start, end = entry.get("startDate"), entry.get("endDate")
        span = months_between(str(start), str(end) if end else None, today) if start else None
        if span:
            leaf = Leaf(f"work[{index}]", f"{_fact(entry, 'position', 'name')} ({start} – {end or 'present'})")
            jobs.append(Job(leaf, frozenset(key for one in leaves(entry) for key in comparison_keys(one.text)), span))
    return jobs
