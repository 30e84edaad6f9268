"""A part of the old resume (a sentence, a list item, an entry, all of it), asked for its words and its facts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from progressnb.operations.resume.words.dates import find_dates, normal_date
from progressnb.operations.resume.words.degrees import degrees, full_degrees, without_degrees
from progressnb.operations.resume.words.quantities import find_quantities
from progressnb.operations.resume.words.terms import fold_case, raw_words
from progressnb.operations.resume.words.vocabulary import ALIASES, POSITION_WORDS

from .lexicon import DIMINISHERS
from .wording import DATE_FIELDS, has_date, keys_of, normalize

if TYPE_CHECKING:
    from pydantic import JsonValue

    from progressnb.operations.resume.words.quantities import Quantity

__all__ = ["Fact", "Part"]

_NAMES = ("name", "organization", "institution", "entity")


class Fact(NamedTuple):
    """A field of a new entry whose whole value is one fact; `kind` is the name of the fact in claims, such as title."""

    field: str
    kind: str
    value: str


@dataclass(eq=False)
class Part:
    """A text of the old resume, and the path of the entry that it belongs to.

    Of an entry, `section` is its section and `data` are its fields.
    """

    text: str
    entry: str | None = None
    section: str = ""
    data: dict[str, JsonValue] = field(default_factory=dict[str, "JsonValue"])

    @property
    def is_fact(self) -> bool:
        """Whether it is no sentence: the names and dates of an entry, or several lines."""
        return "\n" in self.text or " , " in self.text

    @cached_property
    def joined(self) -> str:
        """The comparison keys as one text, with a bar between lines so that no phrase crosses them."""
        return " | ".join(f" {' '.join(keys)} " for line in self.text.split("\n") if (keys := keys_of(line)))

    @cached_property
    def keys(self) -> list[str]:
        """The comparison keys in their order."""
        return [key for key in self.joined.split() if key != "|"]

    @cached_property
    def raw(self) -> set[str]:
        """The words without stemming, and the words of their other names."""
        words = set(raw_words(self.text))
        return words.union(*(ALIASES.get(word, "").split() for word in words))

    @cached_property
    def folded(self) -> str:
        """The text in small letters."""
        return fold_case(self.text)

    @cached_property
    def dates(self) -> set[str]:
        """The dates of the text, as ISO dates."""
        return {iso for iso, _, _ in find_dates(self.text)}

    @cached_property
    def degrees(self) -> set[int]:
        """The levels of the degrees of the text."""
        return degrees(full_degrees(self.text))

    @cached_property
    def quantities(self) -> list[Quantity]:
        """The quantities of the folded text."""
        return list(find_quantities(self.folded))

    @property
    def named(self) -> set[str]:
        """The keys of the employer, the school or the like."""
        return {key for name in _NAMES if isinstance(one := self.data.get(name), str) for key in keys_of(one)}

    def has(self, words: str) -> bool:
        """Tell whether the part has the words of a name."""
        return all(f" {key} " in self.joined for key in keys_of(words))

    def holds(self, fact: Fact) -> bool:
        """Tell whether a fact holds in the part."""
        own = self.data.get(fact.field)
        if fact.kind == "date":
            return self._has_date(fact.value, own if isinstance(own, str) else "")
        if isinstance(own, str) and normalize(own) == normalize(fact.value):
            return True
        if fact.kind == "degree":
            value = full_degrees(fact.value)
            return degrees(value) <= self.degrees and self.has(without_degrees(value))
        if fact.kind == "title":
            return self._has_title(fact.value)
        return self.has(fact.value)

    def _has_date(self, value: str, own: str) -> bool:
        if own:
            return has_date(value, {iso for iso, _, _ in find_dates(own)} or {normal_date(own)})
        # The date at the other end of the period is another fact.
        return has_date(value, self.dates - {str(self.data.get(one)) for one in DATE_FIELDS})

    def _has_title(self, value: str) -> bool:
        """Tell whether the part has a title in full.

        "Web Developer" is not supported by "Web Development", nor "Manager" by "Assistant Manager".
        """
        roles = {word for word in raw_words(value) if word in POSITION_WORDS}
        if not all(role in self.raw or role + "s" in self.raw for role in roles):
            return False
        parts = [keys for part in re.split(r"[/,;|&()]|\band\b", value) if (keys := keys_of(part))]
        return all(_has_full_title(self.joined, keys) for keys in parts)


def _has_full_title(joined: str, keys: list[str]) -> bool:
    """Tell whether a text of keys has the title in a place without a word beside it that makes it a lower one."""
    found = re.finditer(rf"(\S{{0,40}}) {re.escape(' '.join(keys))}(?= (\S{{0,40}}))", joined)
    return not keys or any(DIMINISHERS.isdisjoint(one.groups()) for one in found)
