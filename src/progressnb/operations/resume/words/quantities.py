"""Numbers with their units in a text: 40 %, forty percent, $1.2m, twenty-five, a dozen."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from .dates import find_dates
from .lists import read_groups, read_pairs
from .terms import fold_case

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NUMBER_WORDS", "UNITS", "Quantity", "find_quantities", "numerals"]

UNITS = {name: unit for unit, names in read_groups("units").items() for name in names.split()}
"""The name of a unit in small letters -> the sign that stands for it."""

_SCALES = {word: int(factor) for word, factor in read_pairs("scales").items()}
_SCALE = "|".join(map(re.escape, sorted(_SCALES, key=len, reverse=True)))
NUMBER_WORDS = {word: int(number) for word, number in read_pairs("numbers").items()}
"""The words for 0 to 19 and for the tens up to ninety -> their numbers."""

# Words that state a quantity without a numeral -> value and unit.
_MULTIPLES = {
    word: (value, unit)
    for quantity, members in read_groups("multiples").items()
    for word in members.split()
    for value, _, unit in [quantity.partition(" ")]
}
_NUMBERS = {**NUMBER_WORDS, **{word: int(number) for word, number in read_pairs("numbers_abroad").items()}}
_WORD_NUMBERS = frozenset({*_NUMBERS, "hundred", "thousand", "million", "billion", "dozen"}) - {"zero", "one"}
# Every repetition is bounded, so that 200,000 characters of digits cost linear time.
_NUMERAL = (
    r"[1-9][0-9]{0,2}(?:[. ][0-9]{3}){1,5}(?![0-9])|[0-9]{1,15},[0-9](?![0-9])"  # 3.000, 95 000 and 1,2 of Europe
    r"|[0-9]{1,15}(?:[,'][0-9]{2,3}){0,6}(?:\.[0-9]{1,6})?"
)
_TOKEN = re.compile(
    rf"(?:(?P<sign>[$€£₹]|(?<![^\W_])(?:rs|usd|eur|gbp|inr)\.?)[ ]?)?(?P<number>{_NUMERAL})"
    rf"(?:(?:[ ]?|-(?=[mb]illion|thousand|hundred))(?P<scale>{_SCALE})(?![^\W_]))?"
    r"|(?P<word>[^\W\d_]+)"
)
_RANGE = re.compile(
    r"[+]?[ ]?(?:-|–|—|→|(?:up )?to|through|or|and|jusqu'à|à|hasta(?: l[oa]s)?|a(?: l[oa]s)?|auf|bis(?: zu)?|до|на)"
    r"[ ]?(?=[$€£₹]?[^\W_])"
)
_AFTER = re.compile(
    r"[+]?[ -]?(?:us[ ])?(?P<unit>%|[$€£₹]|per[ ]cent|[^\W\d_]{1,12})(?![^\W_])(?!(?<!s)[ ][0-9])"
)  # "twenty Year 2 pupils"
_FRACTION = re.compile(r"[ -](?P<part>halve|third|quarter|fourth|fifth|sixth|eighth|tenth)s(?![^\W_])")
_PARTS = {"halve": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_AND_A_HALF = re.compile(r"[ ]and a half(?=[ ])")
_HALF_A_DOZEN = re.compile(r"half[ -](?:a[ -])?dozen(?![^\W_])")
_RATE = re.compile(
    r"[^.,;:()]{0,24}?(?:[ ](?:a|an|per|each|every)[ ]|/)(hour|day|week|month|year)(?![^\W_])"
    r"|[^.,;:()]{0,24}?[ ](hourly|daily|weekly|monthly|yearly|annually)(?![^\W_])"
)
_RATES = {"daily": "day", "annually": "year"}
_HYPHEN = re.compile(r"[ -]?(?:and[ ])?")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit and its place in the folded text. Dates are not quantities.

    `unit` is "" for a bare count. `rate` is the unit of time that the number is counted by, such as "day" in "35
    patients a day", or "". `begins` and `ends` are offsets in characters.
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
    found = _AFTER.match(text, ends)
    unit = UNITS.get(found["unit"].replace(" ", ""), "") if found else ""
    return (unit, found.end()) if found and unit else ("", ends)


def _in_words(text: str, match: re.Match[str]) -> tuple[Decimal | None, int]:
    """Read a number in words (twenty-five, two hundred and ten thousand, a dozen) of at most eight words."""
    total = current = 0
    seen = False
    ends = match.end()
    found: re.Match[str] | None = match
    for _ in range(8):
        if found is None or not found["word"]:
            break
        word = found["word"]
        if word in _NUMBERS:
            current += _NUMBERS[word]
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
    """Yield each quantity of the text; both ends of a range get the unit that follows the range."""
    text = fold_case(text)
    dates = _dates(text)
    found: list[Quantity] = []
    position = index = 0
    while match := _TOKEN.search(text, position):
        position = match.end()
        begins = match.start()
        while index < len(dates) and dates[index][1] <= begins:
            index += 1
        # A number with a money sign is no year: "$2014".
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
        named = (rate[1] or rate[2]) if rate else ""
        yield replace(quantity, rate=_RATES.get(named, named.removesuffix("ly"))) if rate else quantity


def _read(text: str, match: re.Match[str]) -> tuple[Quantity | None, int]:
    quantity, position = _read_word(text, match) if match["word"] else _read_numeral(text, match)
    part = _FRACTION.match(text, quantity.ends) if quantity and not quantity.unit else None
    if quantity is None or part is None:
        return quantity, position
    value = _plain((100 * Decimal(quantity.value) / _PARTS[part["part"]]).quantize(Decimal("0.01")))
    return Quantity(value, "%", quantity.begins, part.end()), part.end()


def numerals(text: str) -> set[str]:
    """Return the values of the numbers in figures outside dates, also within words (KS3, 690V)."""
    folded = fold_case(text)
    for begins, ends in reversed(_dates(folded)):
        folded = f"{folded[:begins]} | {folded[ends:]}"
    return {_plain(_value(found[0])) for found in re.finditer(_NUMERAL, folded)}


def _value(number: str) -> Decimal:
    """Read a numeral: a point or a blank before three digits separates thousands, a comma before one is a decimal."""
    if re.fullmatch(r"[0-9]{1,3}(?:[. ][0-9]{3})+", number):
        return Decimal(re.sub(r"[. ]", "", number))
    if re.fullmatch(r"[0-9]+,[0-9]", number):
        return Decimal(number.replace(",", "."))
    return Decimal(re.sub(r"[,']", "", number))


def _read_word(text: str, match: re.Match[str]) -> tuple[Quantity | None, int]:
    begins, position = match.span()
    word = match["word"]
    if dozen := _HALF_A_DOZEN.match(text, begins):
        return Quantity("6", "", begins, dozen.end()), dozen.end()
    if word in _MULTIPLES:
        value, unit = _MULTIPLES[word]
        return Quantity(value, unit, begins, position), position
    if word not in _WORD_NUMBERS and word != "one":
        return None, position
    amount, position = _in_words(text, match)
    if amount is None:
        return None, position
    if half := _AND_A_HALF.match(text, position):
        amount, position = amount + Decimal("0.5"), half.end()
    unit, ends = _unit_after(text, position)
    return Quantity(_plain(amount), unit, begins, ends), ends


def _read_numeral(text: str, match: re.Match[str]) -> tuple[Quantity | None, int]:
    begins, position = match.span()
    # A digit within a word, as in MP4 or CS2011, belongs to a name.
    if begins and (text[begins - 1].isalnum() or text[begins - 1] == "_") and not match["sign"]:
        return None, position
    amount = _value(match["number"])
    if match["scale"]:
        amount *= _SCALES[match["scale"]]
    sign = (match["sign"] or "").rstrip(".")
    unit, ends = _unit_after(text, position)
    if not sign and not unit and position < len(text) and text[position].isalpha():
        return None, position  # 3d, 4g
    return Quantity(_plain(amount), UNITS.get(sign, "") or unit, begins, ends), ends
