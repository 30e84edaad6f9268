"""Numbers that follow from others: sums, changes, shares, rates, counts, years between dates, near values."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.lists import read_groups
from progressnb.operations.resume.words.quantities import find_quantities, numerals
from progressnb.operations.resume.words.terms import stem

from .passages import word_after
from .wording import keys_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from progressnb.operations.resume.words.quantities import Quantity

    from .original import Original
    from .parts import Part
    from .segment import Segment

__all__ = ["follows_from", "is_computed", "is_computed_from"]

_SECTION_OF = {stem(word): section for section, words in read_groups("counted").items() for word in words.split()}
_FEW_PASSAGES = 4
_MOST_PARTS = 8  # numbers of a sentence that are reckoned with
_ABOUT = re.compile(
    r"(?:(?P<below>under|below|less than|up to|almost|nearly|unter|fast|knapp|moins de|menos de|casi|почти)"
    r"|(?P<above>over|above|more than|at least|über|mehr als|plus (?:de|que)|más (?:de|que)|более|свыше)"
    r"|about|around|roughly|approx\.?|approximately|close to|some|circa|ca\.|rund|etwa|environ|unos|unas|~|около)\s?$"
)
_NEAR, _FAR = Decimal("0.12"), Decimal("0.2")  # parts by which a number may differ that is called a near one
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800, "month": 2_626_560,
            "year": 31_536_000}  # fmt: skip
_WORKING_DAYS = {"day": 1, "week": 5, "month": 21, "year": 225}
_OF_THEM = re.compile(r" (?:of|in) (?:them|these|those|which|that) ")
_FRACTION = re.compile(r"(?:third|quarter|fifth|half|halve|halving)")
_RATE_ERROR = Decimal("0.06")
_FEW_MONTHS = 2


def is_computed_from(quantity: Quantity, others: Sequence[Quantity]) -> bool:
    """Tell whether a number is the sum, the difference or the change of two others of the sentence."""
    values = [Decimal(one.value) for one in others[:_MOST_PARTS] if one.value[0].isdigit()]
    return quantity.value[0].isdigit() and _is_one_of(quantity, _results(quantity.unit, values))


def is_computed(quantity: Quantity, segment: Segment, old: Original) -> bool:
    """Tell whether a number follows from numbers and dates of the old resume, or counts entries of it."""
    if _is_count(quantity, segment, old):
        return True
    if not quantity.unit and _OF_THEM.match(segment.folded, quantity.ends):
        quantity = replace(quantity, unit="year")  # "eight years, four of them as a clerk"
    near = [one.folded for one in _about(segment, old)[:_FEW_PASSAGES]]
    # A line of notes was taken for several sentences: "7 branches, 210 staff PCs, 160 public PCs".
    lines = [] if old.structured else old.lines
    about = list(dict.fromkeys(next((line for line in lines if one in line), one) for one in near))
    spans = old.months_of(segment.text) | old.months if quantity.unit in {"month", "year"} else set[int]()
    return follows_from(quantity, segment.folded, spans, about)


def follows_from(quantity: Quantity, sentence: str, spans: set[int], about: Sequence[str]) -> bool:
    """Tell whether a number follows from the numbers of a few texts, or is one of the months of `spans` or their years.

    `sentence` is the folded sentence of the number; `about` are the texts that speak of the same thing.
    """
    if not quantity.value[0].isdigit():  # "dozens"
        return False
    there = [one for text in about for one in find_quantities(text) if one.value[0].isdigit()][:_MOST_PARTS]
    figures = {value for text in about for value in numerals(text)}
    of_them = len(figures) > 1 and _FRACTION.search(sentence[quantity.begins : quantity.ends])
    if of_them or any(one.rate and _is_at_rate(quantity, one) for one in there):
        return True
    unit = quantity.unit if quantity.unit in {"", *_SECONDS} else "minute"  # of which a share may be said
    timed, near = ([one for other in there if (one := _in_unit(to, other)) is not None] for to in (unit, quantity.unit))
    known = [one.value for one in there]
    values = [Decimal(one) for one in (*known, *sorted(figures.difference(known)))][:_MOST_PARTS]
    counts = [Decimal(one.value) for one in there if not one.unit]
    derived = [*_results(quantity.unit, values, counts), *_results(quantity.unit, timed)]
    derived += [length for months in spans for length in _lengths(months, quantity.unit)]
    derived += [one * other for one, other in itertools.combinations(values, 2)]
    derived += [sum(values, Decimal())] if len(values) > 1 else []
    return _is_one_of(quantity, derived) or any(_is_about(quantity, sentence, one) for one in (*near, *derived) if one)


def _lengths(months: int, unit: str) -> set[Decimal]:
    """Return what people may call a number of months in years, halves of them, or months."""
    if unit == "month":
        return {Decimal(months + more) for more in range(-_FEW_MONTHS, _FEW_MONTHS + 1)}
    years = {months // 12, round(months / 12), (months + 1) // 12} - {0}
    return {*map(Decimal, years), Decimal(round(months / 6)) / 2} if unit == "year" else set()


def _is_count(quantity: Quantity, segment: Segment, old: Original) -> bool:
    """Tell whether a number counts entries, titles of a kind, or dates of a sentence, or adds two counts of a thing."""
    if not quantity.value.isdigit() or len(quantity.value) > 2:  # noqa: PLR2004 - nobody has a hundred jobs
        return False
    counted = word_after(segment.folded, quantity)
    same = [one.quantity for one in old.passages.counted.get(counted, ())][:_MOST_PARTS] if counted else []
    parts = [int(one.value) for one in same if one.value.isdigit() and one.unit == quantity.unit]
    entries = old.data.get(_SECTION_OF.get(counted, ""))
    counts = [len(set(one.dates)) for one in _about(segment, old)]
    counts += [one + other for one, other in itertools.combinations(parts, 2)]  # "97 acres", where 85 and 12 are said
    counts += [len(entries)] if isinstance(entries, list) else []
    # "four internships", where four titles say so
    rows = [one.data for one in old.entries.values()]
    titles = [keys_of(str(entry.get("position") or entry.get("studyType") or "")) for entry in rows]
    return int(quantity.value) in [*counts, sum(counted in keys for keys in titles)]


def _is_about(quantity: Quantity, folded: str, other: Decimal) -> bool:
    """Tell whether another number may be called this one in a text that says "about", "over" or "under"."""
    about, value = _ABOUT.search(folded[max(0, quantity.begins - 20) : quantity.begins]), Decimal(quantity.value)
    if not about:
        return False
    fits = other <= value if about["below"] else other >= value if about["above"] else True
    return fits and abs(other - value) <= (_FAR if about["below"] or about["above"] else _NEAR) * value


def _in_unit(unit: str, other: Quantity) -> Decimal | None:
    """Return a number in a unit, or None if it can't be compared."""
    if unit in _SECONDS and other.unit in _SECONDS:
        return Decimal(other.value) * _SECONDS[other.unit] / _SECONDS[unit]
    return Decimal(other.value) if unit == other.unit else None


def _about(segment: Segment, old: Original) -> list[Part]:
    return old.passages.about(segment.keys, least=2)


def _is_at_rate(quantity: Quantity, other: Quantity) -> bool:
    if quantity.rate not in _WORKING_DAYS or other.rate not in _WORKING_DAYS or quantity.rate == other.rate:
        return False
    ratios = (Decimal(one[quantity.rate]) / one[other.rate] for one in (_SECONDS, _WORKING_DAYS))
    values = (Decimal(other.value) * ratio for ratio in ratios)
    return any(abs(theirs - Decimal(quantity.value)) <= _RATE_ERROR * theirs for theirs in values)


def _is_one_of(quantity: Quantity, values: Iterable[Decimal]) -> bool:
    error = {"%": Decimal(1), "x": Decimal("0.1")}.get(quantity.unit, Decimal())
    return any(abs(one - Decimal(quantity.value)) <= error for one in values)


def _results(unit: str, values: Sequence[Decimal], counts: Sequence[Decimal] = ()) -> Iterator[Decimal]:
    """Yield the sums, differences, changes, shares and multiples of two values, in a unit."""
    if unit == "%":
        yield from (100 / one for one in counts if one)
    for one, other in itertools.permutations([one for one in values if one], 2):
        if unit == "%":
            yield abs(one - other) / one * 100
            if one < other:
                yield one / other * 100
        elif unit == "x":
            yield one / other
        yield from (one + other, one - other)
