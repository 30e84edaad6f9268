"""The truth check of entries: employer, title, dates, degree and the like must hold of one and the same entry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import Leaf, leaves
from progressnb.operations.resume.schemas import Claim
from progressnb.operations.resume.words.dates import find_dates, normal_date
from progressnb.operations.resume.words.terms import clip, degrees, holds, raw_words, without_degrees
from progressnb.operations.resume.words.vocabulary import DEGREE_NAMES, POSITION_WORDS
from progressnb.operations.resume.words.wording import DATE_KEYS, full_degrees, has_date, keys_of, plain, undiminished

from .original import Entry, Original, Passage

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["FACTS", "check_entry", "check_label"]

# The fields whose whole value is one fact, with what a claim calls it; the first ones identify an entry.
FACTS: dict[str, dict[str, str]] = {
    "work": {"name": "employer", "position": "title", "location": "place"},
    "volunteer": {"organization": "organization", "position": "title"},
    "education": {"institution": "institution", "studyType": "degree", "area": "field", "score": "grade"},
    "awards": {"title": "award", "awarder": "awarder"},
    "certificates": {"name": "certificate", "issuer": "issuer"},
    "publications": {"name": "publication", "publisher": "publisher"},
    "languages": {"language": "language", "fluency": "fluency"},
    "skills": {"name": "skill", "level": "level"},
    "interests": {"name": "interest"},
    "references": {"name": "name"},
    "projects": {"name": "project", "entity": "name"},
}
# Lists whose items are each a fact, which may come from anywhere in the old resume.
_ITEMS = {
    ("skills", "keywords"): "skill",
    ("projects", "keywords"): "skill",
    ("interests", "keywords"): "interest",
    ("education", "courses"): "course",
    ("projects", "roles"): "title",
}
_FREE = frozenset({"skill", "interest", "place"})
_LEGAL = frozenset(
    ["inc", "ltd", "llc", "gmbh", "corp", "co", "plc", "limited", "pvt", "private", "company", "corporation"]
)
_LOOKED_AT = 30
_WEIGHTS = {"employer": 3, "organization": 3, "institution": 3, "title": 2, "degree": 2}


class _Context:
    """An entry or a sentence of the old resume, asked whether a fact holds there."""

    def __init__(self, source: Entry | Passage) -> None:
        self.entry = source if isinstance(source, Entry) else None
        self.joined = source.joined
        self.dates = source.dates
        self.text = source.text
        self._raw = source.raw if isinstance(source, Entry) else None

    @property
    def raw(self) -> set[str]:
        if self._raw is None:
            self._raw = set(raw_words(full_degrees(self.text)))
        return self._raw

    def supports(self, key: str, fact: str, value: str) -> bool:
        if fact == "date":
            return self._dated(key, value)
        own = self.entry.data.get(key) if self.entry else None
        if isinstance(own, str) and plain(own) == plain(value):
            return True
        if fact == "degree":
            return degrees(full_degrees(value)) <= degrees(full_degrees(self.text)) and self._phrase(
                without_degrees(full_degrees(value))
            )
        if fact == "title":
            return _is_title(value, self.joined, self.raw)
        return self._phrase(value)

    def _phrase(self, value: str) -> bool:
        keys = _name_keys(value)
        return not keys or holds(self.joined, keys) or all(f" {key} " in self.joined for key in keys)

    def _dated(self, key: str, value: str) -> bool:
        own = self.entry.data.get(key) if self.entry else None
        if isinstance(own, str) and own:
            known = {iso for iso, _, _ in find_dates(own)} or {normal_date(own)}
            return has_date(value, known)
        # A date that stands at the other end of the period is another fact.
        other = {str(self.entry.data.get(one)) for one in DATE_KEYS} if self.entry else set[str]()
        return has_date(value, self.dates - other) or (not self.entry and has_date(value, self.dates))


def _name_keys(value: str) -> list[str]:
    keys = keys_of(value)
    return [key for key in keys if key not in _LEGAL] or keys


def _is_title(value: str, joined: str, raw: set[str]) -> bool:
    """Tell whether a title is held there: "Web Developer" is no "Web Development", nor an assistant a manager."""
    roles = {word for word in raw_words(value) if word in POSITION_WORDS}
    if not all(role in raw or role + "s" in raw for role in roles):
        return False
    parts = [part for part in re.split(r"[/,;|&()]|\band\b", value) if keys_of(part)]
    return all(undiminished(joined, keys_of(part)) for part in parts) if parts else True


def check_entry(
    path: str, section: str, entry: dict[str, JsonValue], old: Original
) -> tuple[list[Claim], set[str], str | None]:
    """Check the facts that head an entry; return claims, the places that were checked and the old entry that it is."""
    facts: list[tuple[str, str, str]] = [
        (key, fact, str(entry[key]))
        for key, fact in FACTS.get(section, {}).items()
        if isinstance(entry.get(key), str | int | float) and str(entry[key]).strip()
    ]
    facts += [
        (key, "date", str(entry[key]))
        for key in DATE_KEYS
        if isinstance(entry.get(key), str) and re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", normal_date(str(entry[key])))
    ]
    contexts = _contexts(path, section, facts, entry, old)
    said = [plain(leaf.text) for leaf in leaves(entry, path)][:_LOOKED_AT]
    best = _best(contexts, facts, path, said, old)
    claims: list[Claim] = []
    done: set[str] = set()
    for key, fact, value in facts:
        place = f"{path}.{key}"
        done.add(place)
        why = _lacking((key, fact, value), facts, best=best, contexts=contexts, old=old)
        if why:
            claims.append(Claim(text=clip(value), place=place, why=why, source="code"))
    like = [one for one in contexts if all(one.supports(key, fact, value) for key, fact, value in facts)]
    claims += _still_going_on(path, entry, best, like)
    for (of, name), item in _ITEMS.items():
        values = entry.get(name) if of == section else None
        for number, each in enumerate(values if isinstance(values, list) else []):
            place = f"{path}.{name}[{number}]"
            done.add(place)
            claims += _check_item(Leaf(place, str(each)), item, old)
    return claims, done, best.entry.path if best and best.entry else None


def _contexts(
    path: str, section: str, facts: list[tuple[str, str, str]], entry: dict[str, JsonValue], old: Original
) -> list[_Context]:
    identity = [
        key
        for key, fact, value in facts
        if fact not in {"date", "grade", "level", "fluency"}
        for key in _name_keys(value)
    ]
    entries = [one for one in old.candidates(identity) if one.section == section]
    own = old.entries.get(path)
    if own and own not in entries:
        entries.append(own)
    if not identity:
        # An entry without a name is known by what it says.
        said = {plain(leaf.text) for leaf in leaves(entry, path)}
        owners = {owner for text in said for owner in old.owners.get(text, ()) if owner and owner.startswith(section)}
        entries += [old.entries[owner] for owner in sorted(owners)[:20] if owner in old.entries]
    found = [_Context(one) for one in entries]
    others = [one for one in old.candidates(identity) if one.section != section]
    # What only a sentence tells ("worked for Hooli as a developer") may become an entry.
    loose = [old.passages[number] for number in old.with_any(identity)[:200]]
    return found + [_Context(one) for one in others] + [_Context(one) for one in loose if one.entry is None]


def _best(
    contexts: list[_Context], facts: list[tuple[str, str, str]], path: str, said: list[str], old: Original
) -> _Context | None:
    """Choose the old entry, or the sentence, that has most of an entry's facts."""

    def score(context: _Context) -> tuple[int, bool, int, bool]:
        held = sum(_WEIGHTS.get(fact, 1) for key, fact, value in facts if context.supports(key, fact, value))
        if context.entry is None:
            return held, False, 0, False
        same = sum(context.entry.path in old.owners.get(text, ()) for text in said)
        return held, True, same, context.entry.path == path

    best = max(contexts, key=score, default=None)
    if best is None:
        return None
    held, _, same, _ = score(best)
    return best if held or same else None


def _lacking(
    one_fact: tuple[str, str, str],
    facts: list[tuple[str, str, str]],
    *,
    best: _Context | None,
    contexts: list[_Context],
    old: Original,
) -> str:
    """Return why a fact is not supported, or nothing."""
    key, fact, value = one_fact
    if (best and best.supports(key, fact, value)) or (fact in _FREE and _known(fact, value, old)):
        return ""
    elsewhere = next(
        (one.entry.path for one in contexts if one.entry and one is not best and one.supports(key, fact, value)), ""
    )
    alone = len([one for one in facts if one[1] != "date"]) <= 1 and fact != "date"
    swapped = elsewhere and any(one[1] != fact for one in facts)
    told = not swapped and best and fact != "date" and _is_told(one_fact, facts, best, old)
    if told or (alone and _known(fact, value, old)):
        return ""
    return _reason(fact, value, elsewhere, best, old)


def _is_told(one_fact: tuple[str, str, str], facts: list[tuple[str, str, str]], best: _Context, old: Original) -> bool:
    """Tell whether a sentence says it of the same employer or school."""
    key, fact, value = one_fact
    named = (_name_keys(held) for _, name, held in facts if name != fact and name in _WEIGHTS)
    identity = next((keys for keys in named if keys), list[str]())
    places = {None, best.entry.path if best.entry else None}
    passages = [old.passages[number] for number in old.with_all(identity)]
    return any(_Context(one).supports(key, fact, value) for one in passages if one.entry in places)


def _reason(fact: str, value: str, elsewhere: str, best: _Context | None, old: Original) -> str:
    if fact == "date":
        known = has_date(value, old.dates)
        return f"The old resume {'has this date elsewhere, not here' if known else 'does not have this date'}."
    if elsewhere:
        return f"The old resume has this {fact} elsewhere ({elsewhere}), not here."
    if fact == "degree" and (
        missing := degrees(full_degrees(value)) - (degrees(full_degrees(best.text)) if best else set())
    ):
        return f"The old resume does not have a {DEGREE_NAMES[max(missing)]} here."
    return f"The old resume does not have this {fact}."


def _known(fact: str, value: str, old: Original) -> bool:
    if fact == "title":
        return _is_title(value, old.joined, old.raw)
    if fact == "degree":
        return degrees(full_degrees(value)) <= old.degrees and old.has_phrase(without_degrees(full_degrees(value)))
    return old.has_phrase(value) or (fact in {"skill", "interest", "field"} and old.together(keys_of(value)))


def _still_going_on(path: str, entry: dict[str, JsonValue], best: _Context | None, like: list[_Context]) -> list[Claim]:
    """Find an end that was left out; `like` are the old entries that have all that the new one says."""
    ended = best.entry.data.get("endDate") if best and best.entry else None
    open_ones = [one for one in like if one.entry and not one.entry.data.get("endDate")]
    if not ended or entry.get("endDate") or not entry.get("startDate") or open_ones:
        return []
    return [Claim(text="present", place=f"{path}.endDate", why=f"In the old resume this ended {ended}.", source="code")]


def _check_item(leaf: Leaf, fact: str, old: Original) -> list[Claim]:
    """Check an item that is one fact, or a list of them in one."""
    if old.says(leaf.text) or _known(fact, leaf.text, old):
        return []
    parts = re.split(r"[,;/()|]", leaf.text) if fact in _FREE else [leaf.text]
    why = f"The old resume does not have this {fact}."
    lacking = [part.strip() for part in parts if part.strip() and not _known(fact, part, old)]
    return [Claim(text=clip(part), place=leaf.path, why=why, source="code") for part in lacking]


def check_label(leaf: Leaf, old: Original) -> list[Claim]:
    """Check the name of the person and the title below it."""
    fact = "name" if leaf.path.endswith("name") else "title"
    if old.says(leaf.text) or _known(fact, leaf.text, old):
        return []
    return [
        Claim(text=clip(leaf.text), place=leaf.path, why=f"The old resume does not have this {fact}.", source="code")
    ]
