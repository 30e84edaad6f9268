"""The truth check of numbers in sentences: the old resume must have each number of the same thing, at the same job."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.quantities import find_quantities
from progressnb.operations.resume.words.terms import fold_case, stem

from .segment import mentions
from .wording import keys_of, overlap_weight, word_after, words_around

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.resume.schemas import Claim
    from progressnb.operations.resume.words.quantities import Quantity

    from .original import Original
    from .passages import Numeral
    from .segment import Segment

__all__ = ["check_numbers"]

_COUNTED = {"language": "languages", "job": "work", "employer": "work", "role": "work", "position": "work",
            "company": "work", "project": "projects", "certificate": "certificates", "certification": "certificates",
            "degree": "education", "publication": "publications", "award": "awards"}  # fmt: skip
_SECTION_OF = {stem(word): section for word, section in _COUNTED.items()}
_TEAM_BEFORE = re.compile(r"(?:team|gang|group|crew) of $")
_TEAM_AFTER = re.compile(r"[- ](?:person|people|man|strong|member)s?(?![^\W_])")
_OTHERS = frozenset(map(stem, ("colleagues", "others", "coworkers", "teammates", "friends", "partners", "peers")))
_GAP = 12  # characters between the numbers of "from 25 to 45"
_MOST_NUMERALS = 200  # of one value
_MOST_PASSAGES = 50
_MOST_PARTS = 8  # numbers of a sentence that may add up


def check_numbers(segment: Segment, old: Original) -> Iterator[Claim]:
    """Find the numbers of a sentence that the old resume does not support."""
    folded = fold_case(segment.text)
    found = list(find_quantities(folded))
    reasons = {id(one): why for one, why in _reversed_changes(found, folded, old)}
    lacking = [
        (one, why) for one in found if (why := reasons.get(id(one)) or _reason(one, folded, segment, old))
    ]  # fmt: skip
    unsupported = {id(one) for one, _ in lacking}
    supported = [one for one in found if id(one) not in unsupported]
    for quantity, why in lacking:
        if not _is_computed_from(quantity, supported):
            yield segment.claim(_quotation(quantity, folded), why)


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
    around = words_around(folded, quantity)
    name = folded[quantity.begins : quantity.ends]
    if _is_computed(quantity, around, segment, old):
        return ""
    same = old.passages.numerals.get(quantity.value, [])[:_MOST_NUMERALS]
    fitting = [one for one in same if _fits(one, quantity)]
    if not fitting:
        return f"The old resume does not have the number {name}" + (" of this." if same else ".")
    here, elsewhere = _of_this_entry(fitting, segment, around)
    if not here:
        return f"The old resume has the number {name} at {elsewhere}, not here."
    if quantity.unit == "year" and (skills := around & old.skill_keys):
        here = [one for one in here if skills.intersection(old.passages[one.passage].keys)]
        if not here:
            return f"The old resume has {name} of something else."
    return _contradiction(quantity, folded, segment, old, around=around, here=here)


def _fits(numeral: Numeral, quantity: Quantity) -> bool:
    """Tell whether a number of the old resume agrees in unit and rate."""
    if quantity.rate and numeral.rate and quantity.rate != numeral.rate:
        return False
    # "20,000 saved" may stand for "$20,000 saved", but not the other way round.
    return numeral.unit == quantity.unit or (not quantity.unit and numeral.unit != "%")


def _of_this_entry(fitting: list[Numeral], segment: Segment, around: frozenset[str]) -> tuple[list[Numeral], str]:
    """Return the numbers of the segment's entry or of no entry, and the entry of another one.

    If another job has the number in these words, it is that job's, also if the summary repeats it.
    """
    if segment.entry is None:
        return fitting, ""
    own = [one for one in fitting if one.entry == segment.entry]
    others = [one for one in fitting if one.entry not in {None, segment.entry}]
    if not own and any(overlap_weight(one.around & around) for one in others):
        return [], str(others[0].entry)
    here = own or [one for one in fitting if one.entry is None]
    return here, str(others[0].entry) if others else "another place"


def _contradiction(
    quantity: Quantity, folded: str, segment: Segment, old: Original, *, around: frozenset[str], here: list[Numeral]
) -> str:
    """Return why the number belongs to another thing, or "". `here` are the numbers of this value that may be meant."""
    name = folded[quantity.begins : quantity.ends]
    best = max(overlap_weight(one.around & around) for one in here)
    if rival := _rival(quantity, folded, segment, old, around=around, here=here, best=best):
        return f"The old resume has {rival.value}{rival.unit if rival.unit == '%' else ''} for this."
    if best or not around or (segment.entry and any(one.entry == segment.entry for one in here)):
        return ""
    # No key near it is common: then the two whole sentences must have keys in common.
    keys = set(keys_of(segment.text)) - {quantity.value}
    if any(overlap_weight(keys.intersection(old.passages[one.passage].keys)) > 1 for one in here):
        return ""
    return f"The old resume has the number {name} for something else."


def _rival(
    quantity: Quantity,
    folded: str,
    segment: Segment,
    old: Original,
    *,
    around: frozenset[str],
    here: list[Numeral],
    best: int,
) -> Numeral | None:
    """Return another number that the old resume has for the same thing: its clause fits better than `best`."""
    # In one sentence the word right after a number tells which thing it counts.
    counted = word_after(folded, quantity)
    swapped = bool(counted) and all(one.next != counted for one in here)
    for rival in old.passages.numerals_among(around):
        if rival.value == quantity.value or rival.unit != quantity.unit:
            continue
        if segment.entry is not None and rival.entry not in {None, segment.entry}:
            continue
        together = quantity.value in old.passages[rival.passage].values
        if (swapped and rival.next == counted) if together else overlap_weight(rival.around & around) > best:
            return rival
    return None


def _reversed_changes(found: list[Quantity], folded: str, old: Original) -> Iterator[tuple[Quantity, str]]:
    """Find "from 25 to 45" where the old resume went from 45 to 25."""
    for one, other in itertools.pairwise(found):
        between = folded[one.ends : other.begins]
        if one.value == other.value or len(between) > _GAP or not re.search(r"(?<![^\W_])to(?![^\W_])", between):
            continue
        passages = {numeral.passage for numeral in old.passages.numerals.get(one.value, [])[:_MOST_PASSAGES]}
        both = [old.passages[number].values for number in passages if other.value in old.passages[number].values]
        if both and all(values[one.value] > values[other.value] for values in both):
            yield one, f"The old resume goes from {other.value} to {one.value}."


def _is_computed_from(quantity: Quantity, supported: list[Quantity]) -> bool:
    """Tell whether a number is the sum or the difference of two others of the sentence."""
    others = [Decimal(one.value) for one in supported[:_MOST_PARTS] if one is not quantity and one.value[0].isdigit()]
    if not quantity.value[0].isdigit():
        return False
    value = Decimal(quantity.value)
    return any(value in {a + b, abs(a - b)} for a, b in itertools.combinations(others, 2))


def _is_computed(quantity: Quantity, around: frozenset[str], segment: Segment, old: Original) -> bool:
    """Tell whether the number follows from the dates of the old resume, or counts the entries of a section."""
    if not quantity.value.isdigit() or len(quantity.value) > 2:  # noqa: PLR2004 - nobody has a hundred jobs
        return False
    number = int(quantity.value)
    if quantity.unit == "year":
        skills = around & old.skill_keys
        jobs = [entry for path, entry in old.entries.items() if path.startswith("work")]
        # The years of all jobs are years of a skill only if each job mentions it.
        general = all(all(f" {key} " in job.joined for job in jobs) for key in skills)
        if number in old.entries.years_of(None) and general:
            return True
        named = {path for _, path in mentions(keys_of(segment.text), old.entries.employers())}
        return any(path and number in old.entries.years_of(path) for path in (*named, segment.entry))
    if _is_size_of_team(number, quantity, segment, old):
        return True
    sections = {_SECTION_OF[key] for key in around if key in _SECTION_OF} if not quantity.unit else set[str]()
    counted = (old.data.get(section) for section in sections)
    if any(isinstance(entries, list) and len(entries) == number for entries in counted):
        return True
    counted_thing = word_after(fold_case(segment.text), quantity)  # "four internships", where four titles say so
    titles = [keys_of(str(entry.get("position") or entry.get("studyType") or "")) for entry in old.entries.rows()]
    return bool(counted_thing) and sum(counted_thing in keys for keys in titles) == number


def _is_size_of_team(number: int, quantity: Quantity, segment: Segment, old: Original) -> bool:
    """Tell whether "a team of three" is the two colleagues of the old resume and oneself."""
    text = fold_case(segment.text)
    if not _TEAM_BEFORE.search(text[: quantity.begins]) and not _TEAM_AFTER.match(text[quantity.ends :]):
        return False
    others = old.passages.numerals.get(str(number - 1), [])
    return any(not _OTHERS.isdisjoint(one.around | {one.next}) for one in others[:_MOST_NUMERALS])
