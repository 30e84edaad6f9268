"""How far a resume supports one requirement: where its terms, years and degrees are found."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import Leaf, leaves
from progressnb.operations.resume.reading.posting import YEARS, years_asked
from progressnb.operations.resume.words.dates import months_between, total_months
from progressnb.operations.resume.words.terms import clip, content, degrees, holds, words
from progressnb.operations.resume.words.vocabulary import AMBIGUOUS, DEGREE_NAMES, FIELD_FAMILIES

from .weighing import Weights

if TYPE_CHECKING:
    from datetime import date

    from pydantic import JsonValue

    from progressnb.operations.resume.documents.json_resume import JSONResume
    from progressnb.operations.resume.reading.posting import Requirement

__all__ = ["Finding", "Related", "ResumeIndex", "assess", "weigh"]

# A course, an interest or a testimonial names a thing without showing that it was used.
_THIN = 0.5
# How much of a sentence's vocabulary must meet in one text of the resume.
_COVERAGE = 0.6
# What is spelled otherwise is probably the thing.
_MISSPELLED = 0.9
_LONG_TERM = 4


@dataclass(frozen=True)
class Related:
    """Something near to a term that the resume has, and where."""

    term: str
    name: str
    leaf: Leaf


@dataclass(frozen=True)
class Finding:
    """What was found for a requirement: a credit from 0 to 1, the evidence, what is missing, and a remark.

    `credit` says whether it was found; `support`, which `weigh` fills in, how strongly the resume
    speaks of it, what is near to it included.
    """

    requirement: Requirement
    credit: float
    evidence: tuple[Leaf, ...] = ()
    missing: tuple[str, ...] = ()
    remark: str = ""
    closest: Leaf | None = None
    related: tuple[Related, ...] = ()
    support: float = 0


@dataclass(frozen=True)
class _Job:
    """A dated entry of the work history."""

    leaf: Leaf
    joined: str
    span: tuple[int, int]


class ResumeIndex:
    """The texts of a resume, ready for looking up words."""

    def __init__(self, resume: JSONResume, today: date) -> None:
        data = resume.to_data()
        self.leaves = [leaf for leaf in leaves(data) if not _is_private(leaf.path)]
        self.keys = [words(leaf.text) for leaf in self.leaves]
        self.joined = [f" {' '.join(keys)} " for keys in self.keys]
        self.found: defaultdict[str, list[int]] = defaultdict(list)
        for number, keys in enumerate(self.keys):
            for key in dict.fromkeys(keys):
                self.found[key].append(number)
        self.jobs = list(_jobs(data, today))
        self.schools = [_school(entry, index) for index, entry in enumerate(_objects(data.get("education")))]

    @cached_property
    def weights(self) -> Weights:
        """How strongly the resume speaks of its words."""
        return Weights(self.leaves, self.credit)

    def credit(self, number: int) -> float:
        """Return how much a text counts as evidence."""
        path = self.leaves[number].path
        thin = path.startswith(("interests", "references")) or (path.startswith("education") and ".courses" in path)
        return _THIN if thin else 1.0

    def look_up(self, term: str) -> tuple[float, int | None]:
        """Return the credit for a term and the number of the text that supports it best."""
        keys = content(words(term)) or words(term)
        if len(keys) <= _LONG_TERM and any(key not in self.found for key in keys):
            corrected = self._corrected(keys)
            credit, number = self._look_up(corrected) if corrected else (0.0, None)
            return _MISSPELLED * credit, number
        return self._look_up(keys)

    def _corrected(self, keys: list[str]) -> list[str]:
        """Return the words as the resume misspells them, or nothing if it lacks one of them."""
        spelled = [key if key in self.found else self.weights.misspelled(key) for key in keys]
        return [key for key in spelled if key] if all(spelled) else []

    def _look_up(self, keys: list[str]) -> tuple[float, int | None]:
        if not keys or any(key not in self.found for key in keys):
            if len(keys) <= _LONG_TERM:
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
                # The words side by side, or at least in one text: "development of web pages".
                held = holds(self.joined[number], keys) or all(f" {key} " in self.joined[number] for key in keys)
            if held:
                best = (self.credit(number), number)
                if best[0] == 1:
                    break
        return best if best[0] or len(keys) <= _LONG_TERM else self._cover(keys)

    def _is_item(self, number: int, key: str) -> bool:
        """Tell whether a word that may be any word stands alone, as an item of a list."""
        leaf = self.leaves[number]
        return any(words(item) == [key] for item in leaf.text.replace(";", ",").replace("/", ",").split(","))

    def _cover(self, keys: list[str]) -> tuple[float, int | None]:
        share, number = self.closest(keys)
        return (self.credit(number), number) if number is not None and share >= _COVERAGE else (0.0, None)

    def closest(self, keys: list[str]) -> tuple[float, int | None]:
        """Return the text that has most of the words, with the share that it has."""
        counts = Counter(number for key in keys for number in self.found.get(key, ()))
        if not counts:
            return 0.0, None
        number = min(counts, key=lambda one: (-counts[one], one))
        return counts[number] / len(keys), number


def _is_private(path: str) -> bool:
    return path.startswith(("basics.location", "basics.profiles")) or path in {
        "basics.name", "basics.image", "basics.email", "basics.phone", "basics.url", "basics.contact",
    }  # fmt: skip


def _objects(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _fact(entry: dict[str, JsonValue], *keys: str) -> str:
    return ", ".join(str(entry[key]) for key in keys if entry.get(key))


def _jobs(data: dict[str, JsonValue], today: date) -> list[_Job]:
    jobs: list[_Job] = []
    for index, entry in enumerate(_objects(data.get("work"))):
        start, end = entry.get("startDate"), entry.get("endDate")
        span = months_between(str(start), str(end) if end else None, today) if start else None
        if span:
            dates = f"{start} – {end or 'present'}"
            leaf = Leaf(f"work[{index}]", f"{_fact(entry, 'position', 'name')} ({dates})")
            text = " . ".join(one.text for one in leaves(entry, f"work[{index}]"))
            jobs.append(_Job(leaf, f" {' '.join(words(text))} ", span))
    return jobs


def _school(entry: dict[str, JsonValue], index: int) -> Leaf:
    return Leaf(f"education[{index}]", _fact(entry, "studyType", "area", "institution"))


def assess(index: ResumeIndex, requirement: Requirement) -> Finding:
    """Judge how far the resume supports a requirement."""
    if requirement.years:
        return _assess_years(index, requirement)
    if requirement.degree:
        return _assess_degree(index, requirement)
    return _assess_terms(index, requirement)


def weigh(index: ResumeIndex, finding: Finding) -> Finding:
    """Return the finding with how strongly the resume supports it, and with what is near to what it lacks."""
    requirement = finding.requirement
    if requirement.years or requirement.degree or not requirement.terms:
        return replace(finding, support=finding.credit)
    shares: list[float] = []
    related: list[Related] = []
    for term in requirement.terms:
        strength = index.weights.strength(term, index.look_up(term)[0])
        shares.append(strength.share)
        if strength.leaf:
            related.append(Related(term, strength.near, strength.leaf))
    support = max(shares) if requirement.any_of else sum(shares) / len(shares)
    if finding.evidence and (requirement.any_of or not finding.missing):
        related = []
    return replace(finding, support=support, related=tuple(related))


def _assess_terms(index: ResumeIndex, requirement: Requirement) -> Finding:
    scores: list[float] = []
    evidence: dict[Leaf, None] = {}
    missing: list[str] = []
    thin = False
    for term in requirement.terms:
        credit, number = index.look_up(term)
        scores.append(credit)
        if number is None:
            missing.append(term)
        else:
            evidence[index.leaves[number]] = None
            thin = thin or credit < 1
    if requirement.any_of and any(scores):
        best = max(scores)
        remark = "" if best == 1 else _thin(best)
        return Finding(requirement, best, tuple(evidence), (), remark)
    total = sum(scores) / len(scores) if scores else 0.0
    closest = None
    if not evidence:
        share, number = index.closest(content(words(requirement.text)))
        closest = index.leaves[number] if number is not None and share >= 0.25 else None  # noqa: PLR2004 - less is chance
    remark = _thin(min(filter(None, scores))) if thin else ""
    return Finding(requirement, total, tuple(evidence), tuple(missing), remark, closest)


def _thin(credit: float) -> str:
    if credit == _MISSPELLED:
        return "It seems to be spelled otherwise in the resume."
    return "It is named, but nothing shows that it was used."


def _years(months: int) -> str:
    if months < 12:  # noqa: PLR2004 - a year
        return f"{months} months" if months != 1 else "1 month"
    years = months / 12
    return f"{years:.1f}".removesuffix(".0") + (" years" if months != 12 else " year")  # noqa: PLR2004 - a year


def _assess_years(index: ResumeIndex, requirement: Requirement) -> Finding:
    asked = requirement.years
    keys = [content(words(term)) for term in requirement.terms]
    keys = [one for one in keys if one]
    for number, leaf in enumerate(index.leaves):
        # The resume may say it outright: "6 years of experience in nursing".
        said = years_asked(leaf.text) if YEARS.search(leaf.text) else 0
        if said >= asked and (not keys or any(all(f" {key} " in index.joined[number] for key in one) for one in keys)):
            return Finding(requirement, 1.0, (leaf,))
    total = total_months(job.span for job in index.jobs)
    if not keys:
        dated = tuple(job.leaf for job in index.jobs)
        credit = min(1.0, total / (asked * 12))
        remark = (
            "" if credit == 1 else f"The dates of the work history add up to {_years(total)}; {asked} are asked for."
        )
        return Finding(requirement, credit, dated if credit else (), (), remark)
    fitting = [job for job in index.jobs if any(all(f" {key} " in job.joined for key in one) for one in keys)]
    months = total_months(job.span for job in fitting)
    evidence = tuple(job.leaf for job in fitting)
    if months >= asked * 12:
        return Finding(requirement, 1.0, evidence)
    what = " or ".join(requirement.terms)
    named = [number for _, number in map(index.look_up, requirement.terms) if number is not None]
    held = index.leaves[named[0]] if named else None
    if fitting:
        remark = f"The entries that mention {what} cover {_years(months)}; {asked} years are asked for."
    elif total:
        remark = f"The dates of the work history add up to {_years(total)}, and none of these entries mentions {what}."
    else:
        remark = "The work history has no dates to count."
    credit = months / (asked * 12)
    if held and total >= asked * 12 and credit < _THIN:
        return Finding(requirement, _THIN, (held, *evidence), (), remark)
    return Finding(requirement, credit, evidence, (), remark, held)


def _fields(text: str) -> set[int]:
    joined = f" {' '.join(words(text))} "
    return {
        number for number, family in enumerate(FIELD_FAMILIES) if any(holds(joined, words(field)) for field in family)
    }  # fmt: skip


def _assess_degree(index: ResumeIndex, requirement: Requirement) -> Finding:
    held: list[tuple[int, Leaf]] = []
    for leaf in index.schools:
        levels = degrees(leaf.text)
        if "master" in leaf.text.casefold().split(",")[0]:
            levels.add(4)
        if levels:
            held.append((max(levels), leaf))
    if not held:
        held = [(max(levels), leaf) for leaf in index.leaves if (levels := degrees(leaf.text))]
    enough = [leaf for level, leaf in held if level >= requirement.degree]
    asked = DEGREE_NAMES[requirement.degree]
    if not enough:
        best = max(held, key=lambda one: one[0], default=None)
        remark = (
            f"A {asked} is asked for; the resume names {DEGREE_NAMES[best[0]]}." if best else f"No {asked} is named."
        )
        return Finding(requirement, 0.0, (), (), remark, best[1] if best else None)
    fields = [term for term in requirement.terms if content(words(term)) and not degrees(term)]
    related = "related" in requirement.text.casefold() or "similar" in requirement.text.casefold()
    asked_families = {family for field in fields for family in _fields(field)}
    for leaf in enough:
        joined = f" {' '.join(words(leaf.text))} "
        if not fields or any(all(f" {key} " in joined for key in content(words(field))) for field in fields):
            return Finding(requirement, 1.0, (leaf,))
    for leaf in enough:
        if related and asked_families & _fields(leaf.text):
            return Finding(requirement, 1.0, (leaf,))
    remark = f"The degree is there; its field is not {' or '.join(fields)}."
    return Finding(requirement, _THIN, (enough[0],), (), remark)


def quote(leaf: Leaf) -> str:
    """Return a text of the resume in quotes with its section."""
    section = leaf.path.split("[")[0].split(".")[0]
    return f"“{clip(leaf.text)}” ({'summary' if leaf.path == 'basics.summary' else section})"
