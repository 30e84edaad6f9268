"""Numbers as people write them in resumes: 40 %, forty percent, $1.2m, twenty-five, a dozen."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from .dates import find_dates
from .terms import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Quantity", "find_quantities"]

_UNITS_TEXT = {
    "%": "% percent percentage pct percentile",
    "$": "$ dollar dollars usd bucks",
    "€": "€ euro euros eur",
    "£": "£ gbp sterling",
    "₹": "₹ rs inr rupee rupees",
    "year": "year years yr yrs year-old",
    "month": "month months mo",
    "week": "week weeks wk",
    "day": "day days",
    "hour": "hour hours hr hrs",
    "minute": "minute minutes min mins",
    "second": "second seconds sec",
    "x": "x times fold",
}
_UNITS = {name: unit for unit, names in _UNITS_TEXT.items() for name in names.split()}
_SCALES = {
    "k": 10**3,
    "thousand": 10**3,
    "m": 10**6,
    "mn": 10**6,
    "mm": 10**6,
    "million": 10**6,
    "bn": 10**9,
    "b": 10**9,
    "billion": 10**9,
    "lakh": 10**5,
    "lakhs": 10**5,
    "lac": 10**5,
    "lacs": 10**5,
    "crore": 10**7,
    "crores": 10**7,
    "cr": 10**7,
    "hundred": 100,
    "dozen": 12,
}
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_SMALL = {word: number for number, word in enumerate(_ONES.split())}
_TENS = {
    word: 10 * number
    for number, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
# What says a quantity without a numeral, as the value and unit that it stands for.
_VAGUE = {
    **dict.fromkeys(("double", "doubled", "doubling", "twice", "twofold"), ("2", "x")),
    **dict.fromkeys(("triple", "tripled", "tripling", "threefold"), ("3", "x")),
    **dict.fromkeys(("quadruple", "quadrupled", "fourfold"), ("4", "x")),
    **dict.fromkeys(("half", "halved", "halving"), ("50", "%")),
    **dict.fromkeys(("dozens",), ("dozens", "")),
    **dict.fromkeys(("hundreds",), ("hundreds", "")),
    **dict.fromkeys(("thousands",), ("thousands", "")),
    **dict.fromkeys(("millions",), ("millions", "")),
    **dict.fromkeys(("billions",), ("billions", "")),
}
_WORD_NUMBERS = frozenset({*_SMALL, *_TENS, "hundred", "thousand", "million", "billion", "dozen"}) - {"zero", "one"}
# Every repetition is bounded, so that 200,000 characters of digits cost linear time.
_NUMERAL = r"[0-9]{1,15}(?:[,'][0-9]{2,3}){0,6}(?:\.[0-9]{1,6})?"
_TOKEN = re.compile(
    rf"(?:(?P<sign>[$€£₹]|(?<![^\W_])(?:rs|usd|eur|gbp|inr)\.?)[ ]?)?(?P<number>{_NUMERAL})"
    r"(?:[ ]?(?P<scale>k|mn|mm|m|bn|b|cr|thousand|million|billion|lakhs?|lacs?|crores?|hundred|dozen)(?![^\W_]))?"
    r"(?P<ordinal>st|nd|rd|th)?|(?P<word>[^\W\d_]+)"
)
_RANGE = re.compile(r"[+]?[ ]?(?:-|–|—|to|or|and)[ ]?(?=[$€£₹]?[^\W_])")
_AFTER = re.compile(r"[+]?[ -]?(?P<unit>%|[$€£₹]|[^\W\d_]{1,12}|(?:per[ ]cent))(?![^\W_])")
_PER_CENT = re.compile(r"[+]?[ ]?per[ ]cents?")
_RATE = re.compile(
    r"[^.,;:()]{0,24}?(?:[ ](?:a|an|per|each|every)[ ]|/)(hour|day|week|month|year)(?![^\W_])"
    r"|[^.,;:()]{0,24}?[ ](hourly|daily|weekly|monthly|yearly|annually)(?![^\W_])"
)
_RATES = {
    **{name: name for name in ("hour", "day", "week", "month", "year")},
    "hourly": "hour",
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "yearly": "year",
    "annually": "year",
}
_HYPHEN = re.compile(r"[ -]?(?:and[ ])?")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit ("" for a bare count) and where it stands in the folded text; dates are none.

    `rate` is what it is counted by, such as day in "35 patients a day", if the words after it say so.
    """

    value: str
    unit: str
    begins: int
    ends: int
    rate: str = ""


def _plain(value: Decimal | int) -> str:
    text = format(Decimal(value).normalize(), "f")
    return "0" if text in {"-0", "0"} else text


def _unit_after(text: str, ends: int) -> tuple[str, int]:
    if found := _PER_CENT.match(text, ends):
        return "%", found.end()
    found = _AFTER.match(text, ends)
    unit = _UNITS.get(found["unit"], "") if found else ""
    return (unit, found.end()) if found and unit else ("", ends)


def _in_words(text: str, match: re.Match[str]) -> tuple[Decimal | None, int]:
    """Read twenty-five, two hundred and ten thousand, a dozen; at most eight words."""
    total = current = 0
    seen = False
    ends = match.end()
    found: re.Match[str] | None = match
    for _ in range(8):
        if found is None or not found["word"]:
            break
        word = found["word"]
        if word in _SMALL:
            current += _SMALL[word]
        elif word in _TENS:
            current += _TENS[word]
        elif word in {"hundred", "dozen"}:
            current = max(current, 1) * _SCALES[word]
        elif word in {"thousand", "million", "billion"}:
            total, current = total + max(current, 1) * _SCALES[word], 0
        else:
            break
        seen = seen or word in _WORD_NUMBERS
        ends = found.end()
        gap = _HYPHEN.match(text, ends)
        found = _TOKEN.match(text, gap.end() if gap else ends)
    return (Decimal(total + current) if seen else None), ends


def _dates(text: str) -> list[tuple[int, int]]:
    return [(begins, ends) for _, begins, ends in find_dates(text)]


def find_quantities(text: str) -> Iterator[Quantity]:
    """Yield each quantity of the text; both ends of a range have the unit of the range."""
    text = fold(text)
    dates = _dates(text)
    found: list[Quantity] = []
    position = index = 0
    while match := _TOKEN.search(text, position):
        position = match.end()
        begins = match.start()
        while index < len(dates) and dates[index][1] <= begins:
            index += 1
        # A money sign before what looks like a year: "$2014" is no date.
        dated = index < len(dates) and dates[index][0] <= match.start("number" if match["number"] else "word")
        if dated and not match["sign"]:
            position = max(position, dates[index][1])
            continue
        quantity, position = _read(text, match)
        if quantity is None:
            continue
        if found and not found[-1].unit and quantity.unit and (gap := _RANGE.match(text, found[-1].ends)):
            last = found[-1]
            found[-1] = replace(last, unit=quantity.unit) if gap.end() == begins else last
        found.append(quantity)
    for quantity in found:
        rate = _RATE.match(text, quantity.ends)
        yield replace(quantity, rate=_RATES[rate[1] or rate[2]]) if rate else quantity


def _read(text: str, match: re.Match[str]) -> tuple[Quantity | None, int]:
    return _read_word(text, match) if match["word"] else _read_numeral(text, match)


def _read_word(text: str, match: re.Match[str]) -> tuple[Quantity | None, int]:
    begins, position = match.span()
    word = match["word"]
    if word in _VAGUE:
        value, unit = _VAGUE[word]
        return Quantity(value, unit, begins, position), position
    if word not in _WORD_NUMBERS and word != "one":
        return None, position
    amount, position = _in_words(text, match)
    if amount is None:
        return None, position
    unit, ends = _unit_after(text, position)
    return Quantity(_plain(amount), unit, begins, ends), ends


def _read_numeral(text: str, match: re.Match[str]) -> tuple[Quantity | None, int]:
    begins, position = match.span()
    # A digit that is part of a word, as in MP4 or CS2011, is a name's and no number.
    if begins and (text[begins - 1].isalnum() or text[begins - 1] == "_") and not match["sign"]:
        return None, position
    amount = Decimal(re.sub(r"[,']", "", match["number"]))
    if match["scale"]:
        amount *= _SCALES[match["scale"]]
    sign = (match["sign"] or "").rstrip(".")
    unit, ends = _unit_after(text, position)
    if not sign and not unit and position < len(text) and text[position].isalpha() and not match["ordinal"]:
        return None, position  # 3d, 4g
    return Quantity(_plain(amount), _UNITS.get(sign, "") or unit, begins, ends), ends
