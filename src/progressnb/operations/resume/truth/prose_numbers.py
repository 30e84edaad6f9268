"""The truth check of numbers in sentences: the old resume must have each number of the same thing, at the same job."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.quantities import UNITS, find_quantities
from progressnb.operations.resume.words.terms import fold_case

from .computed import is_computed, is_computed_from
from .wording import key_set, overlap_weight, word_after, words_around

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.resume.words.quantities import Quantity

    from .original import Original
    from .passages import Numeral
    from .segment import Found, Segment

__all__ = ["check_numbers"]

_ORDINAL = re.compile(r"(?:st|nd|rd|th)(?![^\W_])|\. (?=[^\W\d_])")
_NAME = re.compile(r"(?<![^\W_])[A-Z]{2,}-$")  # COVID-19
_MOST_NUMERALS = 200  # of one value
_LEVEL = re.compile(r"(?<![^\W_])(level|grade|band|stufe|niveau|nivel)\s$")
_LEVELS = re.compile(r"(?<![^\W_])(level|l|grade|band|stufe|niveau|nivel)\s?([0-9]{1,2})(?![^\W_])")
_FEW = frozenset({"2", "3"})
_TIMES = frozenset({"year", "month", "week", "day", "hour", "minute"})
_LONGEST_RECKONED = 2000  # characters of a sentence
_COMMON = 2  # weight of the keys of two sentences that speak of one thing


def check_numbers(segment: Segment, old: Original) -> Iterator[Found]:
    """Find the numbers of a sentence that the old resume does not support."""
    folded = fold_case(segment.text)
    reasons = [(one, _reason(one, folded, segment, old)) for one in find_quantities(folded)]
    supported = [one for one, why in reasons if not why]
    for quantity, why in reasons:
        if not why or is_computed_from(quantity, supported):
            continue
        # A number in words of another language may not have been read as one there.
        foreign = segment.foreign and not folded[quantity.begins].isdigit()
        text = _quotation(quantity, folded)
        in_name = _NAME.search(segment.text[: quantity.begins]) and len(folded) == len(segment.text)
        parts = text.endswith(":")  # "four clients: a bank, a museum, two city halls"
        yield segment.doubt(why, text) if foreign or in_name or parts else segment.claim(text, why)


def _quotation(quantity: Quantity, folded: str) -> str:
    """Return a number with the word that tells what it counts: the one after it, or those before it."""
    quoted = folded[quantity.begins : quantity.ends]
    match = re.match(r"\s?[^\s,.;]{0,20}", folded[quantity.ends :]) if not quantity.unit else None
    after = match[0] if match else ""
    before = ""
    # "a team of 12." has the counted thing before the number.
    if not after.strip() and not quantity.unit:
        before = re.findall(r"(?:[^\W_]+\s){0,2}$", folded[max(0, quantity.begins - 40) : quantity.begins])[0]
    return (before + quoted + after).strip()


def _reason(quantity: Quantity, folded: str, segment: Segment, old: Original) -> str:
    """Return why a number is not supported, or "" if it is."""
    if (
        _is_ordinal(quantity, folded)
        or quantity.value in {"0", "1"}
        or folded[quantity.begins : quantity.ends] == "half"
    ):
        return ""
    why = _lack(quantity, folded, segment, old)
    written = len(segment.text) < _LONGEST_RECKONED  # a longer sentence is not written by hand
    return "" if why and written and is_computed(quantity, segment, old) else why


def _lack(quantity: Quantity, folded: str, segment: Segment, old: Original) -> str:
    """Return why a number does not stand in the old resume, or stands there of something else, or ""."""
    name = folded[quantity.begins : quantity.ends]
    same = old.passages.numerals.get(quantity.value, [])[:_MOST_NUMERALS]
    read = _with_unit(quantity, folded)
    fitting = [one for one in same if segment.foreign or _fits(one.quantity, quantity) or _fits(one.quantity, read)]
    within_word = not same and quantity.value in old.digits
    rival = "" if segment.foreign else _other_level(quantity, folded, old)
    if rival:
        return f"The old resume has {rival} for this."
    if not fitting and quantity.value in _FEW and not quantity.unit:
        return ""  # what is counted by two or three may be anything in the old resume
    if not fitting and not within_word:
        return f"The old resume does not have the number {name}" + (" of this." if same else ".")
    if segment.foreign:
        return ""
    if rival := _rival(quantity, folded, segment, old):
        return f"The old resume has {rival} for this."
    return _of_something_else(quantity, folded, segment, old, fitting) if fitting else ""


def _with_unit(quantity: Quantity, folded: str) -> Quantity:
    """Return a number with the unit that follows after another word, as in "14 sworn years"."""
    words = re.findall(r"[^\W_]+", folded[quantity.ends : quantity.ends + 30])[:2]
    unit = next((UNITS[word] for word in words if UNITS.get(word) in _TIMES), "")
    return replace(quantity, unit=quantity.unit or unit)


def _of_something_else(quantity: Quantity, folded: str, segment: Segment, old: Original, fitting: list[Numeral]) -> str:
    """Return why a number belongs to another entry, or its years to another skill, or ""."""
    name = folded[quantity.begins : quantity.ends]
    around = words_around(folded, quantity)
    here, elsewhere = _of_this_entry(fitting, segment, around)
    if not here:
        return f"The old resume has the number {name} at {elsewhere}, not here."
    skills = around & old.skills_of_one_key if quantity.unit == "year" else frozenset[str]()
    if skills and not any(skills.intersection(one.passage.keys) for one in here):
        return f"The old resume has {name} of something else."
    return ""


def _other_level(quantity: Quantity, folded: str, old: Original) -> str:
    """Return the number that the old resume has after a word such as "level", if it never has this one."""
    label = _LEVEL.search(folded[max(0, quantity.begins - 12) : quantity.begins])
    there = {one for short, one in _LEVELS.findall(old.folded) if short[0] == label[1][0]} if label else set[str]()
    return min(there, default="") if quantity.value not in there else ""


def _is_ordinal(quantity: Quantity, folded: str) -> bool:
    """Tell whether a small number is an ordinal, as in "1st" and the German "2. Staatsexamen"."""
    begins = quantity.ends - 2 if folded[quantity.ends - 1].isalpha() else quantity.ends
    small = quantity.value.isdigit() and len(quantity.value) == 1 and not quantity.unit
    return small and _ORDINAL.match(folded, begins) is not None


def _fits(numeral: Quantity, quantity: Quantity) -> bool:
    """Tell whether a number of the old resume agrees in unit and rate."""
    if quantity.rate and numeral.rate and quantity.rate != numeral.rate:
        return False
    # "20,000 saved" may stand for "$20,000 saved", but not the other way round; "17 years" may stand for "was 17".
    if quantity.unit in _TIMES and not numeral.unit:
        return True
    times = quantity.unit == "x" and not numeral.unit and bool(numeral.rate or quantity.rate)  # "twice a month"
    return numeral.unit == quantity.unit or (not quantity.unit and numeral.unit not in {"%", *_TIMES}) or times


def _of_this_entry(fitting: list[Numeral], segment: Segment, around: frozenset[str]) -> tuple[list[Numeral], str]:
    """Return the numbers of the segment's entry or of no entry, and the entry of another one.

    If another job has the number in these words, it is that job's, also if the summary repeats it.
    """
    if segment.entry is None:
        return fitting, ""
    own = [one for one in fitting if one.passage.entry == segment.entry]
    others = [one for one in fitting if one.passage.entry not in {None, segment.entry}]
    if not own and any(overlap_weight(words_around(one.passage.folded, one.quantity) & around) for one in others):
        return [], str(others[0].passage.entry)
    here = own or [one for one in fitting if one.passage.entry is None]
    return here, str(others[0].passage.entry) if others else "another place"


def _rival(quantity: Quantity, folded: str, segment: Segment, old: Original) -> str:
    """Return the other number by which the old resume counts the same things, if it never counts them by this one."""
    counted = word_after(folded, quantity) if len(folded) < _LONGEST_RECKONED else ""
    rivals = [
        one
        for one in (old.passages.counted.get(counted, ()) if counted and not quantity.unit else ())
        if not one.quantity.unit and segment.entry in {None, one.passage.entry}
    ]
    keys = key_set(segment.text)
    label = _LEVEL.search(folded[max(0, quantity.begins - 12) : quantity.begins])
    if not rivals or label or any(one.quantity.value == quantity.value for one in rivals):
        return ""
    said = {(one.value, word_after(folded, one)) for one in find_quantities(folded)}
    counts = {(rivals[0].quantity.value, one.next) for one in old.passages.numerals.get(quantity.value, ()) if one.next}
    # Both numbers of an old sentence may be said, unless each of what the other one counts.
    if rivals[0].quantity.value in {value for value, _ in said} and said.isdisjoint(counts):
        return ""

    def nearness(one: Numeral) -> int:
        return overlap_weight(keys.intersection(one.passage.keys))

    there = {one.passage for one in rivals}
    same = old.passages.numerals.get(quantity.value, [])[:_MOST_NUMERALS]
    own = max((nearness(one) for one in same if one.passage not in there), default=0)
    return next((one.quantity.value for one in rivals if nearness(one) > max(_COMMON, own)), "")
