"""The entries of the old resume (jobs, schools, certificates and the like), found by the words of their names."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import leaves
from progressnb.operations.resume.words.dates import find_dates
from progressnb.operations.resume.words.degrees import full_degrees
from progressnb.operations.resume.words.terms import raw_words
from progressnb.operations.resume.words.vocabulary import ALIASES

from .passages import MAX_PLACES
from .wording import ADDRESS_FIELDS, keys_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from pydantic import JsonValue

__all__ = ["Entries", "Entry", "keys_by_line", "raw_words_with_aliases"]

_LONGEST_FACT = 200
_NAMES = ("name", "organization", "institution", "entity")


@dataclass
class Entry:
    """An entry of the old resume. `joined` has its keys line by line, `raw` its words without stemming."""

    path: str
    section: str
    data: dict[str, JsonValue]
    joined: str
    dates: set[str]
    raw: set[str]
    text: str

    @property
    def named(self) -> set[str]:
        """The keys of the employer, the school or the like."""
        return {key for name in _NAMES if isinstance(one := self.data.get(name), str) for key in keys_of(one)}


def keys_by_line(texts: Iterable[str]) -> str:
    """Return the comparison keys of texts as one text, with a bar between lines so that no phrase crosses them."""
    return " | ".join(f" {' '.join(keys)} " for text in texts for line in text.split("\n") if (keys := keys_of(line)))


def raw_words_with_aliases(text: str) -> set[str]:
    """Return the words of a text without stemming, and the words of their other names."""
    raw = set(raw_words(text))
    for word in list(raw):
        raw.update(ALIASES.get(word, "").split())
    return raw


class Entries(dict[str, Entry]):
    """The entries by path, such as "work[0]"."""

    def __init__(self, today: date) -> None:
        super().__init__()
        self.today = today
        self._by_key: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, path: str, section: str, data: dict[str, JsonValue]) -> str:
        """Add an entry and return its short facts (names, titles, dates) as one text."""
        texts = [leaf.text for leaf in leaves(data, path)]
        whole = "\n".join(texts)
        dates = {iso for iso, _, _ in find_dates(whole)}
        raw = raw_words_with_aliases(full_degrees(whole))
        self[path] = Entry(path, section, data, keys_by_line(texts), dates, raw, whole)
        facts = [
            " ".join(str(value).split())
            for key, value in data.items()
            if isinstance(value, str | int) and len(str(value)) < _LONGEST_FACT and key not in ADDRESS_FIELDS
        ]
        for key in dict.fromkeys(key for fact in facts for key in keys_of(fact)):
            if len(self._by_key[key]) < MAX_PLACES:
                self._by_key[key].append(path)
        return " , ".join(facts)

    def candidates(self, keys: Iterable[str]) -> list[Entry]:
        """Return the entries whose short facts have one of these keys."""
        paths = dict.fromkeys(path for key in keys for path in self._by_key.get(key, ()))
        return [self[path] for path in paths]

    def rows(self) -> list[dict[str, JsonValue]]:
        """Return the data of all entries."""
        return [entry.data for entry in self.values()]

    def periods(self, section: str = "") -> str:
        """Return the period of each entry, of a section or of all, one a line."""
        rows = [one.data for one in self.values() if one.section == section or not section]
        return "\n".join(
            f"{row['startDate']} – {row.get('endDate') or 'present'}" for row in rows if row.get("startDate")
        )
