"""Numbers that follow from others: sums, changes, shares, rates, counts, years between dates, near values."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import find_periods
from progressnb.operations.resume.words.quantities import find_quantities, numerals
from progressnb.operations.resume.words.terms import fold_case, stem

from .spans import months_of_spans, whole_years, years_of_months
from .wording import key_set, keys_of, overlap_weight, word_after

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from progressnb.operations.resume.words.quantities import Quantity

    from .original import Original
    from .passages import Passage
    from .segment import Segment

__all__ = ["follows_from", "is_computed", "is_computed_from"]

_COUNTED = {"language": "languages", "job": "work", "employer": "work", "role": "work", "position": "work",
            "station": "work", "post": "work", "company": "work", "project": "projects", "certificate": "certificates",
            "certification": "certificates", "degree": "education", "publication": "publications",
            "award": "awards"}  # fmt: skip
_SECTION_OF = {stem(word): section for word, section in _COUNTED.items()}
_MOST_PASSAGES = 50
_FEW_PASSAGES = 4
_MOST_PARTS = 8  # numbers of a sentence that are reckoned with
_ABOUT = re.compile(
    r"(?:(?P<below>under|below|less than|up to|almost|nearly|unter|fast|knapp|moins de|menos de|casi|почти)"
    r"|(?P<above>over|above|more than|at least|über|mehr als|plus (?:de|que)|más (?:de|que)|более|свыше)"
    r"|about|around|roughly|approx\.?|approximately|close to|some|circa|ca\.|rund|etwa|environ|unos|unas|~|около)\s?$"
)
_NEAR, _FAR = Decimal("0.12"), Decimal("0.2")  # parts by which a number may differ that is called a near one
_DAYS = {"day": Decimal(1), "week": Decimal(7), "month": Decimal("30.4"), "year": Decimal(365)}
_WORKING_DAYS = {"day": Decimal(1), "week": Decimal(5), "month": Decimal(21), "year": Decimal(225)}
_MINUTES = {"second": Decimal(1) / 60, "minute": Decimal(1), "hour": Decimal(60)}
_CLOCK = re.compile(r"(?<![0-9:])([0-9]{1,2}):([0-5][0-9])(?![0-9:])")  # 9:40, of minutes or hours
_AVERAGE = re.compile(r"averag|(?<![^\W_])(?:mean|avg)(?![^\W_])|durchschnitt|moyenne|promedio|средн")
_OF_THEM = re.compile(r" (?:of|in) (?:them|these|those|which|that) ")
_FRACTION = re.compile(r"(?:third|quarter|fifth|half|halve|halving)")
_RATE_ERROR = Decimal("0.06")
_NAMED_WITHIN = 50  # characters after "years" that may name a skill
_ABOUT_SAME = 0.5  # of the best overlap: passages below it speak of something else
_MORE = Decimal("1.2")  # of the years that the old resume states, and one
_SMALL = 100
_LONG = 8  # years
_FEW_MONTHS = 2


def is_computed_from(quantity: Quantity, others: Sequence[Quantity]) -> bool:
    """Tell whether a number is the sum, the difference or the change of two others of the sentence."""
    values = [Decimal(one.value) for one in others[:_MOST_PARTS] if one.value[0].isdigit()]
    return quantity.value[0].isdigit() and _is_result(quantity, values)


def is_computed(quantity: Quantity, segment: Segment, old: Original) -> bool:
    """Tell whether a number follows from numbers and dates of the old resume, or counts entries of it."""
    if not quantity.value[0].isdigit():  # "dozens"
        return False
    if _is_span(quantity, segment, old) or _is_count(quantity, segment, old):
        return True
    near = [passage.folded for passage in itertools.islice(_passages_about(segment, old), _FEW_PASSAGES)]
    # A line of notes was taken for several sentences: "7 branches, 210 staff PCs, 160 public PCs".
    lines = [] if old.structured else old.lines
    about = list(dict.fromkeys(next((line for line in lines if one in line), one) for one in near))
    folded = fold_case(segment.text)
    spans = old.months if _said_about(quantity, folded) else set[int]()  # "nearly three years"
    return follows_from(quantity, folded, spans, about)


def follows_from(quantity: Quantity, sentence: str, spans: set[int], about: Sequence[str]) -> bool:
    """Tell whether a number follows from the numbers of a few texts, or is one of the months of `spans` or their years.

    `sentence` is the folded sentence of the number; `about` are the texts that speak of the same thing.
    """
    if not quantity.value[0].isdigit():
        return False
    there = [one for text in about for one in find_quantities(text) if one.value[0].isdigit()][:_MOST_PARTS]
    figures = {value for text in about for value in numerals(text)}
    of_them = len(figures) > 1 and _FRACTION.search(sentence[quantity.begins : quantity.ends])
    rated = any(one.rate and _is_at_rate(quantity, one) for one in there)
    if of_them or rated or _is_of_spans(quantity, sentence, spans):
        return True
    near = [one for other in there if (one := _in_unit_of(quantity, other)) is not None]
    if any(_is_about(quantity, sentence, one) for one in near):
        return True
    counts = [Decimal(one.value) for one in there if not one.unit]
    return any(_is_among(one, sentence, values, counts) for one, values in _in_units(quantity, there, figures, about))


def _is_of_spans(quantity: Quantity, sentence: str, spans: set[int]) -> bool:
    """Tell whether a number of years or months is one of these numbers of months."""
    years = {year for months in spans for year in years_of_months(months)}
    there = {"month": spans, "year": years}.get(quantity.unit, set[int]())
    return any(one == Decimal(quantity.value) or _is_about(quantity, sentence, Decimal(one)) for one in there)


def _in_units(
    quantity: Quantity, there: Sequence[Quantity], figures: set[str], texts: Sequence[str]
) -> Iterator[tuple[Quantity, list[Decimal]]]:
    """Yield a number and the others as they are, the times of all in minutes, and clock times in their smaller unit."""
    known = [one.value for one in there]
    yield quantity, [Decimal(one) for one in (*known, *sorted(figures.difference(known)))][:_MOST_PARTS]
    timed = [_MINUTES[one.unit] * Decimal(one.value) for one in there if one.unit in _MINUTES]
    minutes = Decimal(quantity.value) * _MINUTES.get(quantity.unit, Decimal(1))
    yield replace(quantity, value=str(minutes)), timed
    yield quantity, [Decimal(one) * 60 + Decimal(other) for text in texts for one, other in _CLOCK.findall(text)]


def _is_among(quantity: Quantity, sentence: str, values: list[Decimal], counts: list[Decimal]) -> bool:
    """Tell whether a number follows from values, or is near to one that does."""
    followed = [*(one * other for one, other in itertools.combinations(values, 2)), *_results(quantity.unit, values)]
    followed += [Decimal(round(sum(values, Decimal()) / len(values)))] if values and _AVERAGE.search(sentence) else []
    followed += [sum(values, Decimal())] if len(values) > 1 else []
    return _is_result(quantity, values, counts) or any(
        one == Decimal(quantity.value) or _is_about(quantity, sentence, one) for one in followed if one
    )


def _is_span(quantity: Quantity, segment: Segment, old: Original) -> bool:
    """Tell whether months or years lie between dates of the sentence, or of the old resume."""
    folded, today = fold_case(segment.text), old.entries.today
    of_them = not quantity.unit and _OF_THEM.match(folded, quantity.ends)
    if quantity.unit not in {"month", "year"} and not of_them:
        return False
    months = Decimal(quantity.value) * (1 if quantity.unit == "month" else 12)
    if quantity.unit == "month" or not quantity.value.isdigit():
        return any(abs(one - months) <= _FEW_MONTHS for one in months_of_spans(segment.text, today) | old.months)
    number = int(quantity.value)
    if number in whole_years(segment.text, today):
        return True
    passages = list(_passages_about(segment, old))
    stated = [Decimal(one.value) for passage in passages for one in passage.quantities if one.unit == "year"]
    if stated and number > max(stated) * _MORE + (max(stated) > _LONG):
        return False
    # The years of all jobs are years of a skill only if each job mentions it.
    behind = keys_of(folded[quantity.ends :][:_NAMED_WITHIN])
    jobs = [entry for path, entry in old.entries.items() if path.startswith("work")]
    skills = old.skills_of_one_key.intersection(behind) if old.structured else set[str]()
    general = all(all(f" {key} " in job.joined for job in jobs) for key in skills)
    return general and any(number in years_of_months(one) for one in old.months)


def _is_count(quantity: Quantity, segment: Segment, old: Original) -> bool:
    """Tell whether a number counts entries, titles of a kind, or dates of a sentence."""
    if not quantity.value.isdigit() or len(quantity.value) > 2:  # noqa: PLR2004 - nobody has a hundred jobs
        return False
    number, around = int(quantity.value), key_set(segment.text)
    counts = [len(set(one.dates)) for one in _passages_about(segment, old)]
    sections = {_SECTION_OF[key] for key in around if key in _SECTION_OF} if not quantity.unit else set[str]()
    for entries in (old.data.get(section) for section in sections):
        if isinstance(entries, list):
            employers = {str(entry.get("name") or "") for entry in entries if isinstance(entry, dict)}
            counts += [len(entries), len(employers)]
            if entries is old.data.get("work") and number <= len(find_periods(old.whole)):
                return True  # entries that were not read have dates too
    counted = word_after(fold_case(segment.text), quantity)  # "four internships", where four titles say so
    titles = [keys_of(str(entry.get("position") or entry.get("studyType") or "")) for entry in old.entries.rows()]
    counts.append(sum(counted in keys for keys in titles) if counted else 0)
    return number in counts


def _said_about(quantity: Quantity, folded: str) -> re.Match[str] | None:
    """Return the words before a number that make it a near one, such as "about" and "over"."""
    return _ABOUT.search(folded[max(0, quantity.begins - 20) : quantity.begins])


def _is_about(quantity: Quantity, folded: str, other: Decimal) -> bool:
    """Tell whether another number may be called this one in a text that says "about", "over" or "under"."""
    about, value = _said_about(quantity, folded), Decimal(quantity.value)
    if not about:
        return False
    fits = other <= value if about["below"] else other >= value if about["above"] else True
    return fits and abs(other - value) <= (_FAR if about["below"] or about["above"] else _NEAR) * value


def _in_unit_of(quantity: Quantity, other: Quantity) -> Decimal | None:
    """Return another number in the unit of a quantity, or None if the two can't be compared."""
    if quantity.unit in _DAYS and other.unit in _DAYS:
        return Decimal(other.value) * _DAYS[other.unit] / _DAYS[quantity.unit]
    return Decimal(other.value) if quantity.unit == other.unit else None


def _passages_about(segment: Segment, old: Original) -> Iterator[Passage]:
    """Yield the passages of the old resume that have enough keys of the sentence."""
    keys = key_set(segment.text)
    if segment.foreign:
        yield from old.passages.with_numbers()[:_MOST_PASSAGES]
        return
    near = [old.passages[number] for number in old.passages.with_any(keys)[:_MOST_PASSAGES]]
    weighed = [(overlap_weight(keys.intersection(one.keys)), one) for one in near if "\n" not in one.text]
    best = max((weight for weight, _ in weighed), default=0)
    yield from (one for weight, one in weighed if weight > max(1, best * _ABOUT_SAME))


def _is_at_rate(quantity: Quantity, other: Quantity) -> bool:
    if quantity.rate not in _DAYS or other.rate not in _DAYS or quantity.rate == other.rate:
        return False
    ratios = (days[quantity.rate] / days[other.rate] for days in (_DAYS, _WORKING_DAYS))
    values = (Decimal(other.value) * ratio for ratio in ratios)
    return any(abs(theirs - Decimal(quantity.value)) <= _RATE_ERROR * theirs for theirs in values)


def _is_result(quantity: Quantity, values: Sequence[Decimal], counts: Sequence[Decimal] = ()) -> bool:
    """Tell whether a number is one that follows from the values."""
    error = {"%": Decimal(1), "x": Decimal("0.1")}.get(quantity.unit, Decimal())
    return any(abs(one - Decimal(quantity.value)) <= error for one in _results(quantity.unit, values, counts))


def _results(unit: str, values: Sequence[Decimal], counts: Sequence[Decimal] = ()) -> Iterator[Decimal]:
    """Yield the sums, differences, changes, shares and multiples of two values, in a unit, and the sum of all."""
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
    if len(values) > 2 and sum(values) < _SMALL:  # noqa: PLR2004 - two are above
        yield sum(values, Decimal())
