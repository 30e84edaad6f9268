"""Numbers that follow from others: sums, changes, counts of entries, years between dates, near values."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.quantities import find_quantities
from progressnb.operations.resume.words.terms import fold_case, stem

from .segment import mentions
from .wording import key_set, keys_of, overlap_weight, word_after

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.resume.words.quantities import Quantity

    from .original import Original
    from .passages import Passage
    from .segment import Segment

__all__ = ["is_computed", "is_computed_from"]

_COUNTED = {"language": "languages", "job": "work", "employer": "work", "role": "work", "position": "work",
            "company": "work", "project": "projects", "certificate": "certificates", "certification": "certificates",
            "degree": "education", "publication": "publications", "award": "awards"}  # fmt: skip
_SECTION_OF = {stem(word): section for word, section in _COUNTED.items()}
_TEAM_BEFORE = re.compile(r"(?:team|gang|group|crew) of $")
_TEAM_AFTER = re.compile(r"[- ](?:person|people|man|strong|member)s?(?![^\W_])")
_OTHERS = frozenset(map(stem, ("colleagues", "others", "coworkers", "teammates", "friends", "partners", "peers")))
_MOST_NUMERALS = 200  # of one value
_MOST_PASSAGES = 50
_MOST_PARTS = 8  # numbers of a sentence that may add up
_ABOUT = re.compile(
    r"(?:(?P<below>under|below|less than|up to|almost|nearly|unter|fast|knapp|moins de|menos de|casi)"
    r"|(?P<above>over|above|more than|at least|über|mehr als|plus de|más de)"
    r"|about|around|roughly|approx\.?|approximately|some|circa|ca\.|rund|etwa|environ|unos|unas|~|около)\s?$"
)
_NEAR, _FAR = Decimal("0.12"), Decimal("0.2")  # parts by which a number may differ that is called a near one
_DAYS = {"day": Decimal(1), "week": Decimal(7), "month": Decimal("30.4"), "year": Decimal(365)}


def is_computed_from(quantity: Quantity, supported: list[Quantity]) -> bool:
    """Tell whether a number is the sum or the difference of two others of the sentence."""
    others = [Decimal(one.value) for one in supported[:_MOST_PARTS] if one is not quantity and one.value[0].isdigit()]
    if not quantity.value[0].isdigit():
        return False
    value = Decimal(quantity.value)
    return any(value in {a + b, abs(a - b)} for a, b in itertools.combinations(others, 2))


def is_computed(quantity: Quantity, around: frozenset[str], segment: Segment, old: Original) -> bool:
    """Tell whether the number follows from the dates of the old resume, or counts the entries of a section."""
    if quantity.value[0].isdigit() and (_is_near(quantity, segment, old) or _is_change(quantity, segment, old)):
        return True
    if not quantity.value.isdigit() or len(quantity.value) > 2:  # noqa: PLR2004 - nobody has a hundred jobs
        return False
    number = int(quantity.value)
    if quantity.unit == "year":
        return _is_span(number, around, segment, old)
    if _is_size_of_team(number, quantity, segment, old):
        return True
    sections = {_SECTION_OF[key] for key in around if key in _SECTION_OF} if not quantity.unit else set[str]()
    counted = (old.data.get(section) for section in sections)
    if any(isinstance(entries, list) and len(entries) == number for entries in counted):
        return True
    counted_thing = word_after(fold_case(segment.text), quantity)  # "four internships", where four titles say so
    titles = [keys_of(str(entry.get("position") or entry.get("studyType") or "")) for entry in old.entries.rows()]
    return bool(counted_thing) and sum(counted_thing in keys for keys in titles) == number


def _is_span(number: int, around: frozenset[str], segment: Segment, old: Original) -> bool:
    """Tell whether years are those between the dates of all jobs, or of the jobs that the sentence names."""
    skills = around & old.skill_keys
    jobs = [entry for path, entry in old.entries.items() if path.startswith("work")]
    # The years of all jobs are years of a skill only if each job mentions it.
    general = all(all(f" {key} " in job.joined for job in jobs) for key in skills)
    if number in old.entries.years_of(None) and general:
        return True
    named = {path for _, path in mentions(keys_of(segment.text), old.entries.employers())}
    return any(path and number in old.entries.years_of(path) for path in (*named, segment.entry))


def _is_size_of_team(number: int, quantity: Quantity, segment: Segment, old: Original) -> bool:
    """Tell whether "a team of three" is the two colleagues of the old resume and oneself."""
    text = fold_case(segment.text)
    if not _TEAM_BEFORE.search(text[: quantity.begins]) and not _TEAM_AFTER.match(text[quantity.ends :]):
        return False
    others = old.passages.numerals.get(str(number - 1), [])
    return any(not _OTHERS.isdisjoint(one.around | {one.next}) for one in others[:_MOST_NUMERALS])


def _is_near(quantity: Quantity, segment: Segment, old: Original) -> bool:
    """Tell whether "about 40", "under three months" or "more than doubled" is near a number of the old resume."""
    before = fold_case(segment.text)[max(0, quantity.begins - 20) : quantity.begins]
    about = _ABOUT.search(before)
    if not about:
        return False
    value = Decimal(quantity.value)
    numbers = (one for passage in _passages_about(segment, old) for one in find_quantities(passage.folded))
    for other in numbers:
        if not other.value[0].isdigit():
            continue
        theirs = Decimal(other.value)
        if quantity.unit in _DAYS and other.unit in _DAYS:
            theirs = theirs * _DAYS[other.unit] / _DAYS[quantity.unit]
        elif quantity.unit != other.unit:
            continue
        fits = theirs <= value if about["below"] else theirs >= value if about["above"] else True
        if fits and abs(theirs - value) <= (_FAR if about["below"] or about["above"] else _NEAR) * value:
            return True
    return False


def _passages_about(segment: Segment, old: Original) -> Iterator[Passage]:
    """Yield the passages of the old resume that have enough keys of the sentence."""
    keys = key_set(segment.text)
    for number in old.passages.with_any(keys)[:_MOST_PASSAGES]:
        passage = old.passages[number]
        if overlap_weight(keys.intersection(passage.keys)) > 1:
            yield passage


def _is_change(quantity: Quantity, segment: Segment, old: Original) -> bool:
    """Tell whether a percentage or a multiple is the change between two numbers of one old sentence."""
    if quantity.unit not in {"%", "x"}:
        return False
    value = Decimal(quantity.value)
    for passage in _passages_about(segment, old):
        if "\n" in passage.text:
            continue
        values = [Decimal(one) for one in passage.values if one[0].isdigit()][:_MOST_PARTS]
        for one, other in itertools.permutations([one for one in values if one], 2):
            change = abs(one - other) / one * 100 if quantity.unit == "%" else one / other
            if abs(change - value) <= (1 if quantity.unit == "%" else Decimal("0.1")):
                return True
    return False
