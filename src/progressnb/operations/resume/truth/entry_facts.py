"""The truth check of entries: employer, title, dates, degree and the like must come from one and the same entry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import Leaf, leaves
from progressnb.operations.resume.words.dates import normal_date
from progressnb.operations.resume.words.degrees import DEGREE_NAMES, degrees, full_degrees
from progressnb.operations.resume.words.lists import read_groups
from progressnb.operations.resume.words.terms import clip

from .parts import Fact, Part, name_keys
from .segment import Doubt, Found
from .wording import DATE_FIELDS, has_date, normalize, without_notation

if TYPE_CHECKING:
    from pydantic import JsonValue

    from .original import Original

__all__ = ["CheckedEntry", "check_entry", "check_fact", "is_known"]

_FACTS = {
    section: dict(field.split("=") for field in fields.split()) for section, fields in read_groups("facts").items()
}
"""The fields whose whole value is one fact and the lists of such items, by section, with the name of the fact."""

_ANYWHERE = frozenset({"skill", "interest", "place"})
_DETAILS = frozenset({"date", "grade", "level", "fluency"})
_WEIGHTS = {"employer": 3, "organization": 3, "institution": 3, "title": 2, "degree": 2}
_ISO_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
_MOST_SENTENCES = 30  # of an entry, for finding the old one
_MOST_OWNERS = 20
_MOST_PASSAGES = 200


@dataclass(frozen=True)
class CheckedEntry:
    """The result of checking one new entry: claims, the paths that were checked, and the path of its old entry."""

    claims: list[Found]
    paths: set[str]
    old_path: str | None


def check_entry(path: str, section: str, entry: dict[str, JsonValue], old: Original) -> CheckedEntry:
    """Check the facts of an entry (names, titles, dates) and the items of its lists."""
    facts = _facts(section, entry)
    sentences = [normalize(leaf.text) for leaf in leaves(entry, path)][:_MOST_SENTENCES]
    contexts = _contexts(path, section, facts, sentences, old)
    best = _best(contexts, facts, path, sentences, old)
    paths = {f"{path}.{fact.field}" for fact in facts}
    reasons = [(fact, _reason(fact, facts, best=best, contexts=contexts, old=old)) for fact in facts]
    whole = "; ".join(fact.value for fact in facts)
    claims = [_claim_or_doubt(f"{path}.{fact.field}", fact, why, whole, old) for fact, why in reasons if why]
    complete = [one for one in contexts if all(map(one.holds, facts))]
    claims += _missing_end(path, entry, best, complete, old)
    for name, kind in _FACTS.get(section, {}).items():
        values = entry.get(name)
        for number, value in enumerate(values if isinstance(values, list) else []):
            place = f"{path}.{name}[{number}]"
            paths.add(place)
            claims += _check_item(Leaf(place, str(value)), kind, old)
    return CheckedEntry(claims, paths, best.entry if best else None)


def check_fact(leaf: Leaf, kind: str, old: Original, named: str = "") -> list[Found]:
    """Check a text that is one fact, such as a name or an address, and is called `named` in the claim."""
    if old.has_sentence(leaf.text) or is_known(kind, leaf.text, old):
        return []
    return [_found(leaf.path, Fact("", kind, leaf.text), f"The old resume does not have this {named or kind}.")]


def _found(place: str, fact: Fact, why: str, entry: str = "", *, sure: bool = True) -> Found:
    """Return a claim or a doubt about a fact; `entry` has all facts of its entry."""
    of = Found if sure else Doubt
    said = {"text": clip(fact.value), "kind": fact.kind, "sentence": entry or fact.value, "of_entry": True}
    return of.model_validate({"place": place, "why": why, "source": "code", **said})


def _claim_or_doubt(place: str, fact: Fact, why: str, entry: str, old: Original) -> Found:
    """Return a claim, or a doubt where the text has the fact somewhere and its entries may have been read wrongly."""
    sure = old.sure or not is_known(fact.kind, fact.value, old)
    return _found(place, fact, why if sure else f"{why} But it was not read surely.", entry, sure=sure)


def _facts(section: str, entry: dict[str, JsonValue]) -> list[Fact]:
    facts = [
        Fact(field, kind, str(entry[field]))
        for field, kind in _FACTS.get(section, {}).items()
        if isinstance(entry.get(field), str | int | float) and str(entry[field]).strip()
    ]
    return facts + [
        Fact(field, "date", str(entry[field]))
        for field in DATE_FIELDS
        if isinstance(entry.get(field), str) and _ISO_DATE.fullmatch(normal_date(str(entry[field])))
    ]


def _contexts(path: str, section: str, facts: list[Fact], sentences: list[str], old: Original) -> list[Part]:
    """Return the entries and sentences of the old resume that may be the source of an entry, the likely ones first."""
    identity = [key for fact in facts if fact.kind not in _DETAILS for key in name_keys(fact.value)]
    owners = {owner for text in sentences for owner in old.owners.get(text, ()) if owner}
    paths = [one.entry for one in old.entries_with(identity)] + [path, *sorted(owners)[:_MOST_OWNERS]]
    entries = [old.entries[one] for one in dict.fromkeys(paths) if one in old.entries]
    # A fact of a sentence only ("worked for Hooli as a developer") may become an entry.
    alone = [one for one in old.passages.with_any(identity)[:_MOST_PASSAGES] if one.entry is None]
    return [*sorted(entries, key=lambda one: one.section != section), *alone]


def _best(contexts: list[Part], facts: list[Fact], path: str, sentences: list[str], old: Original) -> Part | None:
    """Choose the old entry, or the sentence, that supports most facts and has most sentences of a new entry."""

    def score(context: Part) -> tuple[int, bool, int, bool]:
        held = sum(_WEIGHTS.get(fact.kind, 1) for fact in facts if context.holds(fact))
        if context.entry is None:
            return held, False, 0, False
        same = sum(context.entry in old.owners.get(text, ()) for text in sentences)
        return held, True, same, context.entry == path

    best = max(contexts, key=score, default=None)
    if best is None:
        return None
    held, _, same, _ = score(best)
    return best if held or same else None


def _reason(fact: Fact, facts: list[Fact], *, best: Part | None, contexts: list[Part], old: Original) -> str:
    """Return why a fact is not supported, or "" if it is."""
    if (best and best.holds(fact)) or (fact.kind in _ANYWHERE and is_known(fact.kind, fact.value, old)):
        return ""
    elsewhere = next((one.entry for one in contexts if one.entry and one is not best and one.holds(fact)), "")
    alone = len([one for one in facts if one.kind != "date"]) <= 1 and fact.kind != "date"
    swapped = elsewhere and any(one.kind != fact.kind for one in facts)
    in_sentence = not swapped and best and fact.kind != "date" and _has_sentence(fact, facts, best, old)
    if in_sentence or (alone and is_known(fact.kind, fact.value, old)):
        return ""
    return _wording(fact, elsewhere, best, old)


def _has_sentence(fact: Fact, facts: list[Fact], best: Part, old: Original) -> bool:
    """Tell whether a sentence of the old resume has the fact together with the employer or school of the entry."""
    named = (name_keys(one.value) for one in facts if one.kind != fact.kind and one.kind in _WEIGHTS)
    identity = next((keys for keys in named if keys), list[str]())
    return any(one.holds(fact) for one in old.passages.with_all(identity) if one.entry in {None, best.entry})


def _wording(fact: Fact, elsewhere: str, best: Part | None, old: Original) -> str:
    if fact.kind == "date":
        known = has_date(fact.value, old.dates)
        return f"The old resume {'has this date elsewhere, not here' if known else 'does not have this date'}."
    if elsewhere:
        return f"The old resume has this {fact.kind} elsewhere ({elsewhere}), not here."
    if fact.kind == "degree":
        missing = degrees(full_degrees(fact.value)) - (best.degrees if best else set())
        if missing:
            return f"The old resume does not have a {DEGREE_NAMES[max(missing)]} here."
    return f"The old resume does not have this {fact.kind}."


def is_known(kind: str, value: str, old: Original) -> bool:
    """Tell whether any part of the old resume supports a fact."""
    if kind == "address":
        return old.has_sentence(value) or (without_notation(value) or value) in old.compact
    return kind != "end" and old.holds(Fact("", kind, value))


def _missing_end(
    path: str, entry: dict[str, JsonValue], best: Part | None, complete: list[Part], old: Original
) -> list[Found]:
    """Find an end date that was left out; `complete` are the old entries that have all facts of the new one."""
    ended = best.data.get("endDate") if best else None
    still_open = any(one.entry and not one.data.get("endDate") for one in complete)
    if not ended or entry.get("endDate") or not entry.get("startDate") or still_open:
        return []
    fact = Fact("endDate", "end", "present")
    # The end of another job may have been read as that of this one.
    return [_found(f"{path}.endDate", fact, f"In the old resume this ended {ended}.", sure=old.sure)]


def _check_item(leaf: Leaf, kind: str, old: Original) -> list[Found]:
    """Check an item that is one fact, or several with separators between them."""
    if old.has_sentence(leaf.text) or is_known(kind, leaf.text, old):
        return []
    parts = re.split(r"[,;/()|]", leaf.text) if kind in _ANYWHERE else [leaf.text]
    why = f"The old resume does not have this {kind}."
    return [
        _found(leaf.path, Fact("", kind, part.strip()), why)
        for part in parts
        if part.strip() and not is_known(kind, part, old)
    ]
