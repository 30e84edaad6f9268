"""The truth check of entries: employer, title, dates, degree and the like must come from one and the same entry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from progressnb.operations.resume.documents.paths import Leaf, leaves
from progressnb.operations.resume.words.dates import normal_date
from progressnb.operations.resume.words.lists import read_groups
from progressnb.operations.resume.words.terms import clip

from .parts import Fact, Part
from .segment import Doubt, Found
from .wording import DATE_FIELDS, has_date, keys_of, normalize

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
_ISO_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
_MOST_SENTENCES = 30  # of an entry, for finding the old one
_MOST_OWNERS = 20
_MOST_PASSAGES = 200


class CheckedEntry(NamedTuple):
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
    whole = "; ".join(fact.value for fact in facts)
    claims: list[Found] = []
    for fact in facts:
        if why := _reason(fact, facts, best=best, contexts=contexts, old=old):
            # Where the text has a fact somewhere, its entries may have been read wrongly.
            sure = old.sure or not is_known(fact.kind, fact.value, old)
            told = why if sure else f"{why} But it was not read surely."
            claims.append(_found(f"{path}.{fact.field}", fact, told, whole, sure=sure))
    complete = [one for one in contexts if all(map(one.holds, facts))]
    claims += _missing_end(path, entry, best, complete, old)
    for name, kind in _FACTS.get(section, {}).items():
        values = entry.get(name)
        for number, value in enumerate(values if isinstance(values, list) else []):
            place = f"{path}.{name}[{number}]"
            paths.add(place)
            claims += check_fact(Leaf(place, str(value)), kind, old)
    return CheckedEntry(claims, paths, best.entry if best else None)


def check_fact(leaf: Leaf, kind: str, old: Original, named: str = "") -> list[Found]:
    """Check a text that is one fact, such as a name or an address, or several skills with separators between them.

    It is called `named` in the claim.
    """
    if old.has_sentence(leaf.text) or is_known(kind, leaf.text, old):
        return []
    parts = re.split(r"[,;/()|]", leaf.text) if kind in _ANYWHERE else [leaf.text]
    why = f"The old resume does not have this {named or kind}."
    return [
        _found(leaf.path, Fact("", kind, part.strip()), why)
        for part in parts
        if part.strip() and not is_known(kind, part, old)
    ]


def _found(place: str, fact: Fact, why: str, entry: str = "", *, sure: bool = True) -> Found:
    """Return a claim or a doubt about a fact; `entry` has all facts of its entry."""
    of = Found if sure else Doubt
    said = {"text": clip(fact.value), "kind": fact.kind, "sentence": entry or fact.value, "of_entry": True}
    return of.model_validate({"place": place, "why": why, "source": "code", **said})


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
    identity = [key for fact in facts if fact.kind not in _DETAILS for key in keys_of(fact.value)]
    owners = {owner for text in sentences for owner in old.owners.get(text, ()) if owner}
    others = [old.entries[one] for one in (path, *sorted(owners)[:_MOST_OWNERS]) if one in old.entries]
    entries = list(dict.fromkeys((*old.entries_with(identity), *others)))
    # A fact of a sentence only ("worked for Hooli as a developer") may become an entry.
    alone = [one for one in old.passages.with_any(identity)[:_MOST_PASSAGES] if one.entry is None]
    return [*sorted(entries, key=lambda one: one.section != section), *alone]


def _best(contexts: list[Part], facts: list[Fact], path: str, sentences: list[str], old: Original) -> Part | None:
    """Choose the old entry, or the sentence, that supports most facts and has most sentences of a new entry."""

    def score(context: Part) -> tuple[int, bool, int, bool]:
        same = sum(context.entry in old.owners.get(text, ()) for text in sentences) if context.entry else 0
        return sum(map(context.holds, facts)), context.entry is not None, same, context.entry == path

    best = max(contexts, key=score, default=None)
    return best if best and (score(best)[0] or score(best)[2]) else None


def _reason(fact: Fact, facts: list[Fact], *, best: Part | None, contexts: list[Part], old: Original) -> str:
    """Return why a fact is not supported, or "" if it is."""
    if (best and best.holds(fact)) or (fact.kind in _ANYWHERE and is_known(fact.kind, fact.value, old)):
        return ""
    elsewhere = next((one.entry for one in contexts if one.entry and one is not best and one.holds(fact)), "")
    alone = len([one for one in facts if one.kind != "date"]) <= 1 and fact.kind != "date"
    if alone and is_known(fact.kind, fact.value, old):
        return ""
    if elsewhere or (fact.kind == "date" and has_date(fact.value, old.dates)):
        return f"The old resume has this {fact.kind} elsewhere{f' ({elsewhere})' * bool(elsewhere)}, not here."
    return f"The old resume does not have this {fact.kind}."


def is_known(kind: str, value: str, old: Original) -> bool:
    """Tell whether any part of the old resume supports a fact."""
    if kind == "address":
        return old.has_address(value)
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
