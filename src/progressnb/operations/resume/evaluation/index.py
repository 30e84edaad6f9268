"""The texts of a resume, indexed by their words, with its dated jobs and its schools."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import Leaf, leaves, objects
from progressnb.operations.resume.words.dates import months_between
from progressnb.operations.resume.words.language import language_of
from progressnb.operations.resume.words.terms import comparison_keys, has_phrase, telling_keys
from progressnb.operations.resume.words.vocabulary import AMBIGUOUS

from .finding import MISSPELLED, THIN
from .weighing import Weights

if TYPE_CHECKING:
    from datetime import date

    from pydantic import JsonValue

    from progressnb.operations.resume.documents.json_resume import JSONResume

__all__ = ["Job", "ResumeIndex"]

_COVERAGE = 0.6  # of the keys of a sentence must be in one text of the resume
_LONGEST_TERM = 4  # keys; a longer term is a sentence


@dataclass(frozen=True)
class Job:
    """A dated job: its text for quotations, its comparison keys, and its first and last month."""

    leaf: Leaf
    joined: str
    span: tuple[int, int]


class ResumeIndex:
    """The texts of a resume, found by their comparison keys. Contact details are left out."""

    def __init__(self, resume: JSONResume, today: date) -> None:
        data = resume.to_data()
        self.places = [leaf for leaf in leaves(data) if ".location" in leaf.path]
        self.language = language_of("\n".join(leaf.text for leaf in leaves(data)))
        self.leaves = [leaf for leaf in leaves(data) if not _is_private(leaf.path)]
        self.keys = [comparison_keys(leaf.text) for leaf in self.leaves]
        self.joined = [f" {' '.join(keys)} " for keys in self.keys]
        self.found: defaultdict[str, list[int]] = defaultdict(list)
        for number, keys in enumerate(self.keys):
            for key in dict.fromkeys(keys):
                self.found[key].append(number)
        self.jobs = _jobs(data, today)
        self.schools = [_school(entry, index) for index, entry in enumerate(objects(data.get("education")))]

    @cached_property
    def weights(self) -> Weights:
        """The weights of the words of the resume."""
        return Weights(self.leaves, self.credit)

    def credit(self, number: int) -> float:
        """Return the credit of a text as evidence, 0 to 1. `number` is its index in `leaves`."""
        path = self.leaves[number].path
        thin = path.startswith(("interests", "references")) or (path.startswith("education") and ".courses" in path)
        return THIN if thin else 1.0

    def look_up(self, term: str) -> tuple[float, int | None]:
        """Return the credit of a term, 0 to 1, and the number of the text that supports it best."""
        keys = telling_keys(comparison_keys(term)) or comparison_keys(term)
        if len(keys) <= _LONGEST_TERM and any(key not in self.found for key in keys):
            corrected = self._corrected(keys)
            credit, number = self._look_up(corrected) if corrected else (0.0, None)
            return MISSPELLED * credit, number
        return self._look_up(keys)

    def _corrected(self, keys: list[str]) -> list[str]:
        """Return the keys in the spelling of the resume, or nothing if it lacks one of them."""
        spelled = [key if key in self.found else self.weights.spellings.misspelled(key) for key in keys]
        return [key for key in spelled if key] if all(spelled) else []

    def _look_up(self, keys: list[str]) -> tuple[float, int | None]:
        if not keys or any(key not in self.found for key in keys):
            if len(keys) <= _LONGEST_TERM:
                return 0.0, None
            return self._cover(keys)
        rarest = min(keys, key=lambda key: len(self.found[key]))
        best: tuple[float, int | None] = (0.0, None)
        for number in self.found[rarest]:
            if self.credit(number) <= best[0]:
                continue
            if len(keys) == 1 and keys[0] in AMBIGUOUS:
                held = self._is_item(number, keys[0])
            else:
                # The keys side by side, or at least in one text: "development of web pages".
                held = has_phrase(self.joined[number], keys) or all(f" {key} " in self.joined[number] for key in keys)
            if held:
                best = (self.credit(number), number)
                if best[0] == 1:
                    break
        return best if best[0] or len(keys) <= _LONGEST_TERM else self._cover(keys)

    def _is_item(self, number: int, key: str) -> bool:
        """Tell whether an ambiguous key stands alone, as an item of a list."""
        leaf = self.leaves[number]
        return any(comparison_keys(item) == [key] for item in leaf.text.replace(";", ",").replace("/", ",").split(","))

    def _cover(self, keys: list[str]) -> tuple[float, int | None]:
        share, number = self.closest(keys)
        return (self.credit(number), number) if number is not None and share >= _COVERAGE else (0.0, None)

    def closest(self, keys: list[str]) -> tuple[float, int | None]:
        """Return the share of the keys that the best text has, and the number of that text."""
        counts = Counter(number for key in keys for number in self.found.get(key, ()))
        if not counts:
            return 0.0, None
        number = min(counts, key=lambda one: (-counts[one], one))
        return counts[number] / len(keys), number


def _is_private(path: str) -> bool:
    return path.startswith(("basics.location", "basics.profiles")) or path in {
        "basics.name", "basics.image", "basics.email", "basics.phone", "basics.url", "basics.contact",
    }  # fmt: skip


def _fact(entry: dict[str, JsonValue], *keys: str) -> str:
    return ", ".join(str(entry[key]) for key in keys if entry.get(key))


def _jobs(data: dict[str, JsonValue], today: date) -> list[Job]:
    jobs: list[Job] = []
    for index, entry in enumerate(objects(data.get("work"))):
        start, end = entry.get("startDate"), entry.get("endDate")
        span = months_between(str(start), str(end) if end else None, today) if start else None
        if span:
            dates = f"{start} – {end or 'present'}"
            leaf = Leaf(f"work[{index}]", f"{_fact(entry, 'position', 'name')} ({dates})")
            text = " . ".join(one.text for one in leaves(entry, f"work[{index}]"))
            jobs.append(Job(leaf, f" {' '.join(comparison_keys(text))} ", span))
    return jobs


def _school(entry: dict[str, JsonValue], index: int) -> Leaf:
    return Leaf(f"education[{index}]", _fact(entry, "studyType", "area", "institution"))
