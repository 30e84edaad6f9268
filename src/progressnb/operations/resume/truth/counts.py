"""The truth check of numbers and dates in sentences: each must be there of the same thing, and of the same job."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from progressnb.operations.resume.schemas import Claim
from progressnb.operations.resume.words.dates import find_dates
from progressnb.operations.resume.words.lexicon import ORDINARY
from progressnb.operations.resume.words.quantities import find_quantities
from progressnb.operations.resume.words.terms import clip, fold, stem
from progressnb.operations.resume.words.wording import following, has_date, keys_of, near, weight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.resume.words.quantities import Quantity

    from .original import Numeral, Original

__all__ = ["Segment", "check_dates", "check_numbers", "employers", "mentions"]

_COUNTED = {"language": "languages", "job": "work", "employer": "work", "role": "work", "position": "work",
            "company": "work", "project": "projects", "certificate": "certificates", "certification": "certificates",
            "degree": "education", "publication": "publications", "award": "awards"}  # fmt: skip
_COUNTS = {stem(word): section for word, section in _COUNTED.items()}
_GAP = 12


@dataclass(frozen=True)
class Segment:
    """A sentence of the new resume with the place that it stands at and the old entry that it is said of."""

    place: str
    text: str
    entry: str | None

    def claim(self, text: str, why: str) -> Claim:
        """Make a claim of some words of it."""
        return Claim(text=clip(text), place=self.place, why=why, source="code")


def check_numbers(segment: Segment, old: Original) -> Iterator[Claim]:
    """Check each number of a sentence."""
    folded = fold(segment.text)
    found = list(find_quantities(folded))
    reasons = {id(one): why for one, why in _turned(found, folded, old)}
    lacking = [
        (one, why) for one in found if (why := reasons.get(id(one)) or _lacking_number(one, folded, segment, old))
    ]
    lost = {id(one) for one, _ in lacking}
    held = [one for one in found if id(one) not in lost]
    for quantity, why in lacking:
        if not _follows(quantity, held):
            quoted = folded[quantity.begins : quantity.ends]
            after = re.match(r"\s?[^\s,.;]{0,20}", folded[quantity.ends :]) if not quantity.unit else None
            behind = after[0] if after else ""
            # "a team of 12." says what it counts before the number.
            before = (
                ""
                if behind.strip() or quantity.unit
                else re.findall(r"(?:[^\W_]+\s){0,2}$", folded[max(0, quantity.begins - 40) : quantity.begins])[0]
            )
            yield segment.claim((before + quoted + behind).strip(), why)


def _fits(numeral: Numeral, quantity: Quantity) -> bool:
    if quantity.rate and numeral.rate and quantity.rate != numeral.rate:
        return False
    # "20,000 saved" may stand for "$20,000 saved", and not the other way round.
    return numeral.unit == quantity.unit or (not quantity.unit and numeral.unit != "%")


def _lacking_number(quantity: Quantity, folded: str, segment: Segment, old: Original) -> str:
    """Return why a number is not supported, or nothing: the old resume must have it of the same thing and entry."""
    around = near(folded, quantity)
    name = folded[quantity.begins : quantity.ends]
    if _computed(quantity, around, segment, old):
        return ""
    same = old.numerals.get(quantity.value, [])[:200]
    fitting = [one for one in same if _fits(one, quantity)]
    if not fitting:
        return f"The old resume does not have the number {name}" + (" of this." if same else ".")
    here, elsewhere = _placed(fitting, segment, around)
    if not here:
        return f"The old resume has the number {name} at {elsewhere}, not here."
    if quantity.unit == "year" and (skills := around & old.skill_keys):
        here = [one for one in here if skills.intersection(old.passages[one.passage].keys)]
        if not here:
            return f"The old resume has {name} of something else."
    return _contradicted(quantity, folded, segment, old, around=around, here=here)


def _placed(fitting: list[Numeral], segment: Segment, around: frozenset[str]) -> tuple[list[Numeral], str]:
    """Return the numbers that may be meant; one of another job is not, also if a summary repeats it."""
    if segment.entry is None:
        return fitting, ""
    own = [one for one in fitting if one.entry == segment.entry]
    others = [one for one in fitting if one.entry not in {None, segment.entry}]
    if not own and any(weight(one.near & around) for one in others):
        return [], str(others[0].entry)
    here = own or [one for one in fitting if one.entry is None]
    return here, str(others[0].entry) if others else "another place"


def _contradicted(
    quantity: Quantity, folded: str, segment: Segment, old: Original, *, around: frozenset[str], here: list[Numeral]
) -> str:
    name = folded[quantity.begins : quantity.ends]
    best = max(weight(one.near & around) for one in here)
    rivals = [
        one
        for one in old.rivals(around)
        if one.value != quantity.value
        and one.unit == quantity.unit
        and (segment.entry is None or one.entry in {None, segment.entry})
    ]
    # In one sentence the word right after a number says what it counts.
    counted = following(folded, quantity)
    swapped = bool(counted) and all(one.next != counted for one in here)
    for rival in rivals:
        together = quantity.value in old.passages[rival.passage].values
        if (swapped and rival.next == counted) if together else weight(rival.near & around) > best:
            return f"The old resume has {rival.value}{rival.unit if rival.unit == '%' else ''} for this."
    if best or not around or (segment.entry and any(one.entry == segment.entry for one in here)):
        return ""
    # Nothing near it meets: the whole sentence must meet the one that has the number.
    keys = set(keys_of(segment.text)) - {quantity.value}
    if any(weight(keys.intersection(old.passages[one.passage].keys)) > 1 for one in here):
        return ""
    return f"The old resume has the number {name} for something else."


def _turned(found: list[Quantity], folded: str, old: Original) -> Iterator[tuple[Quantity, str]]:
    """Find "from 25 to 45" where the old resume went from 45 to 25."""
    for one, other in itertools.pairwise(found):
        between = folded[one.ends : other.begins]
        if one.value == other.value or len(between) > _GAP or not re.search(r"(?<![^\W_])to(?![^\W_])", between):
            continue
        passages = {numeral.passage for numeral in old.numerals.get(one.value, [])[:50]}
        both = [old.passages[number].values for number in passages if other.value in old.passages[number].values]
        if both and all(values[one.value] > values[other.value] for values in both):
            yield one, f"The old resume goes from {other.value} to {one.value}."


def _follows(quantity: Quantity, found: list[Quantity]) -> bool:
    """Tell whether other numbers of the sentence give this one: their sum, or what lies between them."""
    others = [Decimal(one.value) for one in found[:8] if one is not quantity and one.value[0].isdigit()]
    if not quantity.value[0].isdigit():
        return False
    value = Decimal(quantity.value)
    return any(value in {a + b, abs(a - b)} for a, b in itertools.combinations(others, 2))


def _computed(quantity: Quantity, around: frozenset[str], segment: Segment, old: Original) -> bool:
    """Tell whether the dates or the sections of the old resume give the number."""
    if not quantity.value.isdigit() or len(quantity.value) > 2:  # noqa: PLR2004 - nobody has a hundred jobs
        return False
    number = int(quantity.value)
    if quantity.unit == "year":
        skills = around & old.skill_keys
        jobs = [entry for path, entry in old.entries.items() if path.startswith("work")]
        # The years of all jobs are years of a skill only if each job mentions it.
        general = all(all(f" {key} " in job.joined for job in jobs) for key in skills)
        if number in old.years_of(None) and general:
            return True
        return segment.entry is not None and number in old.years_of(segment.entry)
    sections = {_COUNTS[key] for key in around if key in _COUNTS} if not quantity.unit else set[str]()
    counted = (old.data.get(section) for section in sections)
    return any(isinstance(entries, list) and len(entries) == number for entries in counted)


def check_dates(segment: Segment, old: Original) -> Iterator[Claim]:
    """Check each date of a sentence: where it names an employer, it must be of that one."""
    found = list(find_dates(segment.text))
    if not found:
        return
    keys = keys_of(segment.text)
    named = {path for _, path in mentions(keys, employers(old))}
    for iso, begins, ends in found:
        text = segment.text[begins:ends]
        if not has_date(iso, old.dates):
            yield segment.claim(text, f"The old resume does not have the date {text}.")
            continue
        dates = [old.entries[path].dates for path in named]
        if segment.entry and not named:
            dates = [old.entries[segment.entry].dates]
        words_of_it = {key for key in keys if not key.isdigit()}
        said = any(
            has_date(iso, one.dates) and words_of_it.intersection(one.keys) - ORDINARY
            for one in map(old.passages.__getitem__, old.with_any(words_of_it))
        )
        if dates and not said and not any(has_date(iso, one) for one in dates):
            yield segment.claim(text, f"The old resume has the date {text} elsewhere, not here.")


def employers(old: Original) -> dict[tuple[str, ...], set[str]]:
    """Return the employers, schools and the like of the old resume, with their entries."""
    return old.heads("name", "organization", "institution", "entity")


def mentions(keys: list[str], heads: dict[tuple[str, ...], set[str]]) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield where a sentence names what heads an old entry, with the entry."""
    for begins in range(len(keys)):
        for size in range(min(6, len(keys) - begins), 0, -1):
            paths = heads.get(tuple(keys[begins : begins + size]))
            if paths:
                for path in paths:
                    yield (begins, begins + size), path
                break
