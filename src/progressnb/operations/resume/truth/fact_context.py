"""An entry or a sentence of the old resume, asked whether a fact of a new entry holds in it."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from progressnb.operations.resume.words.dates import find_dates, normal_date
from progressnb.operations.resume.words.degrees import degrees, full_degrees, without_degrees
from progressnb.operations.resume.words.terms import has_phrase, raw_words
from progressnb.operations.resume.words.vocabulary import POSITION_WORDS

from .old_entries import Entry
from .wording import DATE_FIELDS, has_date, has_full_title, keys_of, normalize

if TYPE_CHECKING:
    from .passages import Passage

__all__ = ["Context", "Fact", "has_title", "name_keys"]

_LEGAL_FORMS = frozenset(
    ["inc", "ltd", "llc", "gmbh", "corp", "co", "plc", "limited", "pvt", "private", "company", "corporation"]
)


class Fact(NamedTuple):
    """A field of a new entry whose whole value is one fact; `kind` is the name of the fact in claims, such as title."""

    field: str
    kind: str
    value: str


class Context:
    """A source of facts. `entry` is None for a sentence."""

    def __init__(self, source: Entry | Passage) -> None:
        self.entry = source if isinstance(source, Entry) else None
        self.joined = source.joined
        self.dates = source.dates
        self.text = source.text

    @cached_property
    def raw(self) -> set[str]:
        """The words of the source without stemming."""
        return self.entry.raw if self.entry else set(raw_words(full_degrees(self.text)))

    def supports(self, fact: Fact) -> bool:
        """Tell whether the fact holds in the source."""
        if fact.kind == "date":
            return self._has_date(fact)
        own = self.entry.data.get(fact.field) if self.entry else None
        if isinstance(own, str) and normalize(own) == normalize(fact.value):
            return True
        if fact.kind == "degree":
            value = full_degrees(fact.value)
            return degrees(value) <= degrees(full_degrees(self.text)) and self._has_words(without_degrees(value))
        if fact.kind == "title":
            return has_title(fact.value, self.joined, self.raw)
        return self._has_words(fact.value)

    def _has_words(self, value: str) -> bool:
        keys = name_keys(value)
        return not keys or has_phrase(self.joined, keys) or all(f" {key} " in self.joined for key in keys)

    def _has_date(self, fact: Fact) -> bool:
        own = self.entry.data.get(fact.field) if self.entry else None
        if isinstance(own, str) and own:
            known = {iso for iso, _, _ in find_dates(own)} or {normal_date(own)}
            return has_date(fact.value, known)
        # The date at the other end of the period is another fact.
        other = {str(self.entry.data.get(one)) for one in DATE_FIELDS} if self.entry else set[str]()
        return has_date(fact.value, self.dates - other) or (not self.entry and has_date(fact.value, self.dates))


def name_keys(value: str) -> list[str]:
    """Return the comparison keys of a name, without legal forms such as "Ltd" if it has other words."""
    keys = keys_of(value)
    return [key for key in keys if key not in _LEGAL_FORMS] or keys


def has_title(value: str, joined: str, raw: set[str]) -> bool:
    """Tell whether a text has a title in full, given its keys and its words without stemming.

    "Web Developer" is not supported by "Web Development", nor "Manager" by "Assistant Manager".
    """
    roles = {word for word in raw_words(value) if word in POSITION_WORDS}
    if not all(role in raw or role + "s" in raw for role in roles):
        return False
    parts = [part for part in re.split(r"[/,;|&()]|\band\b", value) if keys_of(part)]
    return all(has_full_title(joined, keys_of(part)) for part in parts) if parts else True
