"""The truth check of numbers in sentences: the old resume must have each number of the same thing, at the same job."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.quantities import UNITS

from .computed import is_computed, is_computed_from
from .passages import overlap_weight, word_after

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.resume.words.quantities import Quantity

    from .original import Original
    from .passages import Numeral
    from .segment import Found, Segment

__all__ = ["check_numbers"]

_NAME = re.compile(r"(?<![^\W_])[A-Z]+-$")  # COVID-19, K-12
_MOST_NUMERALS = 200  # of one value
_LEVEL = re.compile(r"(?<![^\W_])(level|grade|band|stufe|niveau|nivel)\s$")
_LEVELS = re.compile(r"(?<![^\W_])(level|l|grade|band|stufe|niveau|nivel)\s?([0-9]{1,2})(?![^\W_])")
_FEW = frozenset({"2", "3"})
_TIMES = frozenset({"year", "month", "week", "day", "hour", "minute"})
_LONGEST_RECKONED = 2000  # characters of a sentence
_COMMON = 2  # weight of the keys of two sentences that speak of one thing


def check_numbers(segment: Segment, old: Original) -> Iterator[Found]:
    """Find the numbers of a sentence that the old resume does not support."""
    folded = segment.folded
    reasons = [(one, _reason(one, folded, segment, old)) for one in segment.quantities]
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
    match = re.match(r"\s?[^\s,.;)]{0,20}", folded[quantity.ends :]) if not quantity.unit else None
    after = match[0] if match else ""
    before = ""
    # "a team of 12." has the counted thing before the number.
    if not after.strip() and not quantity.unit:
        before = re.findall(r"(?:[^\W_]+\s){0,2}$", folded[max(0, quantity.begins - 40) : quantity.begins])[0]
    return (before + quoted + after).strip()


def _reason(quantity: Quantity, folded: str, segment: Segment, old: Original) -> str:
    """Return why a number is not supported, or "" if it is."""
    if quantity.value in {"0", "1"} or folded[quantity.begins : quantity.ends] == "half":
        return ""
    why = _lack(quantity, folded, segment, old)
    written = len(segment.text) < _LONGEST_RECKONED  # a longer sentence is not written by hand
    return "" if why and written and is_computed(quantity, segment, old) else why


def _lack(quantity: Quantity, folded: str, segment: Segment, old: Original) -> str:
    """Return why a number does not stand in the old resume, or stands there of something else, or ""."""
    name = folded[quantity.begins : quantity.ends]
    same = old.passages.numerals.get(quantity.value, [])[:_MOST_NUMERALS] or _rounded(quantity.value, old)
    read = _with_unit(quantity, folded)
    fitting = [one for one in same if segment.foreign or _fits(one.quantity, quantity) or _fits(one.quantity, read)]
    rival = "" if segment.foreign else _other_level(quantity, folded, old)
    if rival:
        return f"The old resume has {rival} for this."
    if not fitting and quantity.value in _FEW and not quantity.unit:
        return ""  # what is counted by two or three may be anything in the old resume
    if not fitting and (same or quantity.value not in old.digits):
        return f"The old resume does not have the number {name}" + (" of this." if same else ".")
    if segment.foreign:
        return ""
    if rival := _rival(quantity, folded, segment, old):
        return f"The old resume has {rival} for this."
    elsewhere = _elsewhere(fitting, segment)
    return f"The old resume has the number {name} at {elsewhere}, not here." if elsewhere else ""


def _rounded(value: str, old: Original) -> list[Numeral]:
    """Return the numbers of the old resume that a number with decimals rounds: 3.4, where it has 3.43."""
    whole, dot, decimals = value.partition(".")
    longer = [one for one in old.passages.numerals if dot and one.startswith(whole + dot) and len(one) > len(value)]
    fitting = [one for one in longer if f"{Decimal(one):.{len(decimals)}f}" == value]
    return [numeral for one in fitting for numeral in old.passages.numerals[one]][:_MOST_NUMERALS]


def _with_unit(quantity: Quantity, folded: str) -> Quantity:
    """Return a number with the unit that follows after another word, as in "14 sworn years"."""
    words = re.findall(r"[^\W_]+", folded[quantity.ends : quantity.ends + 30])[:2]
    unit = next((UNITS[word] for word in words if UNITS.get(word) in _TIMES), "")
    return replace(quantity, unit=quantity.unit or unit)


def _other_level(quantity: Quantity, folded: str, old: Original) -> str:
    """Return the number that the old resume has after a word such as "level", if it never has this one."""
    label = _LEVEL.search(folded[max(0, quantity.begins - 12) : quantity.begins])
    there = {one for short, one in _LEVELS.findall(old.folded) if short[0] == label[1][0]} if label else set[str]()
    return min(there, default="") if quantity.value not in there else ""


def _fits(numeral: Quantity, quantity: Quantity) -> bool:
    """Tell whether a number of the old resume agrees in unit and rate."""
    if quantity.rate and numeral.rate and quantity.rate != numeral.rate:
        return False
    # "20,000 saved" may stand for "$20,000 saved", but not the other way round; "17 years" may stand for "was 17".
    if quantity.unit in _TIMES and not numeral.unit:
        return True
    times = quantity.unit == "x" and not numeral.unit and bool(numeral.rate or quantity.rate)  # "twice a month"
    return numeral.unit == quantity.unit or (not quantity.unit and numeral.unit not in {"%", *_TIMES}) or times


def _elsewhere(fitting: list[Numeral], segment: Segment) -> str:
    """Return the entry that has a number, if it is another one than the segment's, or "".

    If another job has the number in these words, it is that job's, also if the summary repeats it.
    """
    entries = {one.passage.entry for one in fitting}
    others = [one for one in fitting if one.passage.entry not in {None, segment.entry}]
    if segment.entry is None or segment.entry in entries or not others:
        return ""
    words = {key for key in segment.keys if not key.isdigit()}
    same = any(overlap_weight(words.intersection(one.passage.keys)) for one in others)
    return str(others[0].passage.entry) if same or None not in entries else ""


def _rival(quantity: Quantity, folded: str, segment: Segment, old: Original) -> str:
    """Return the other number by which the old resume counts the same things, if it never counts them by this one."""
    counted = word_after(folded, quantity) if len(folded) < _LONGEST_RECKONED else ""
    rivals = [
        one
        for one in (old.passages.counted.get(counted, ()) if counted and not quantity.unit else ())
        if not one.quantity.unit and segment.entry in {None, one.passage.entry}
    ]
    keys = set(segment.keys)
    label = _LEVEL.search(folded[max(0, quantity.begins - 12) : quantity.begins])
    if not rivals or label or any(one.quantity.value == quantity.value for one in rivals):
        return ""
    said = {(one.value, word_after(folded, one)) for one in segment.quantities}
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
