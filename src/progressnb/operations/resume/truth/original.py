"""What an old resume says, ready to be asked: its entries, its sentences, its numbers, each with its place."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import Leaf, leaves
from progressnb.operations.resume.words.dates import find_dates, months_between, normal_date, total_months
from progressnb.operations.resume.words.lexicon import EVENTS, ORDINARY, SKILLS
from progressnb.operations.resume.words.quantities import find_quantities
from progressnb.operations.resume.words.terms import degrees, fold, holds, raw_words, stem, words
from progressnb.operations.resume.words.vocabulary import ALIASES, STOPWORDS
from progressnb.operations.resume.words.wording import (
    ADDRESSES,
    compact,
    following,
    full_degrees,
    keys_of,
    near,
    plain,
    segments,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import JsonValue

    from progressnb.operations.resume.reading.inputs import ResumeDocument

__all__ = ["Entry", "Numeral", "Original", "Passage"]

# How many places of one word are looked at: a word that stands everywhere tells nothing, and time stays linear.
_MANY = 60
_LINES_A_WINDOW = 4
_ACRONYM = 3
_LONG = 6
_HEAD_LENGTH = 120
_LONGEST_WINDOW = 1000
_LONGEST_HEAD = 200


@dataclass(frozen=True)
class Numeral:
    """A quantity of the old resume: its words around, its sentence, and the entry that it is said of."""

    value: str
    unit: str
    next: str
    rate: str
    near: frozenset[str]
    passage: int
    entry: str | None


@dataclass
class Passage:
    """A sentence or an item of the old resume; a fold of the head of an entry is one too."""

    text: str
    entry: str | None
    keys: list[str]
    # Each value with its rank among the numbers of the sentence.
    values: dict[str, int] = field(default_factory=dict[str, int])
    dates: set[str] = field(default_factory=set[str])

    @cached_property
    def joined(self) -> str:
        """The comparison keys as one line."""
        return f" {' '.join(self.keys)} "

    @cached_property
    def levels(self) -> set[int]:
        """The degrees that it names."""
        return degrees(full_degrees(self.text))

    @cached_property
    def events(self) -> set[str]:
        """The events that it claims."""
        return {EVENTS[key] for key in words(self.text) if key in EVENTS}


@dataclass
class Entry:
    """An entry of the old resume: a job, a school, a certificate."""

    path: str
    section: str
    data: dict[str, JsonValue]
    joined: str
    dates: set[str]
    raw: set[str]
    text: str

    def has_phrase(self, keys: list[str]) -> bool:
        """Tell whether the words stand side by side in the entry."""
        return not keys or holds(self.joined, keys)


class Original:
    """The old resume."""

    def __init__(self, document: ResumeDocument, today: date | None = None) -> None:
        data = document.data.to_data()
        said = list(leaves(data))
        texts = [leaf.text for leaf in said]
        self.structured = document.format == "json"
        # The fields of the data are apart from each other, so that no phrase runs from one into the next.
        self.whole = "\n|\n".join(texts if self.structured else [*texts, document.text])
        self.data = data
        self.entries: dict[str, Entry] = {}
        self.passages: list[Passage] = []
        self.numerals: defaultdict[str, list[Numeral]] = defaultdict(list)
        self._near: defaultdict[str, list[Numeral]] = defaultdict(list)
        self._index: defaultdict[str, list[int]] = defaultdict(list)
        self._entry_index: defaultdict[str, list[str]] = defaultdict(list)
        self.owners: defaultdict[str, set[str | None]] = defaultdict(set)
        self._heads: dict[tuple[str, ...], dict[tuple[str, ...], set[str]]] = {}
        for section, entries in data.items():
            for index, entry in enumerate(entries if isinstance(entries, list) else []):
                if isinstance(entry, dict):
                    self._add_entry(f"{section}[{index}]", section, entry)
        self._add_texts(said)
        if not self.structured:
            self._add_windows(document.text)
        self.keys = words(full_degrees(self.whole))
        self.raw = set(raw_words(self.whole))
        for word in list(self.raw):
            self.raw.update(ALIASES.get(word, "").split())
        self.known = set(self.keys) | {stem(word) for word in self.raw}
        self.dates = {iso for iso, _, _ in find_dates(self.whole)} | {
            normal_date(text) for text in texts if len(text) < _HEAD_LENGTH
        }
        self.degrees = degrees(full_degrees(self.whole))
        today = today or date.today()  # noqa: DTZ011 - a resume's dates have no time zone
        self._spans = {path: span for path, entry in self.entries.items() if (span := _span(entry, today))}
        total = total_months(span for path, span in self._spans.items() if path.startswith("work"))
        self.years = _whole_years(total)

    def _add_texts(self, said: list[Leaf]) -> None:
        """Add the sentences of all texts."""
        seen: set[tuple[str | None, str]] = set()
        for leaf in said:
            found = re.match(r"[^.\[]+\[\d+\]", leaf.path)
            entry_path = found[0] if found else None
            contact = leaf.path.startswith("basics.location") or leaf.path.rpartition(".")[2] in ADDRESSES
            for part in dict.fromkeys((leaf.text, *leaf.text.split("\n"), *segments(leaf.text))):
                self.owners[plain(part)].add(entry_path)
            for part in segments(leaf.text):
                if (entry_path, part) not in seen:
                    seen.add((entry_path, part))
                    self._add_passage(part, entry_path, numbers=not contact)

    def _add_windows(self, text: str) -> None:
        """Add lines that stand together: the head of an entry that rules did not see."""
        lines = [line for line in text.split("\n") if line.strip()]
        for begins in range(len(lines)):
            window = "\n".join(lines[begins : begins + _LINES_A_WINDOW])
            if begins == 0 or len(window) <= _LONGEST_WINDOW:
                self._add_passage(window, None, numbers=False)

    def _add_entry(self, path: str, section: str, entry: dict[str, JsonValue]) -> None:
        texts = [leaf.text for leaf in leaves(entry, path)]
        whole = "\n".join(texts)
        joined = " | ".join(
            f" {' '.join(keys)} " for text in texts for line in text.split("\n") if (keys := keys_of(line))
        )
        raw = set(raw_words(full_degrees(whole)))
        for word in list(raw):
            raw.update(ALIASES.get(word, "").split())
        dates = {iso for iso, _, _ in find_dates(whole)}
        self.entries[path] = Entry(path, section, entry, joined, dates, raw, whole)
        heads = [
            " ".join(str(value).split())
            for key, value in entry.items()
            if isinstance(value, str | int) and len(str(value)) < _LONGEST_HEAD and key not in ADDRESSES
        ]
        self._add_passage(" , ".join(heads), path, numbers=True)
        for key in dict.fromkeys(key for head in heads for key in keys_of(head)):
            if len(self._entry_index[key]) < _MANY:
                self._entry_index[key].append(path)

    def _add_passage(self, text: str, entry: str | None, *, numbers: bool) -> None:
        number = len(self.passages)
        passage = Passage(text, entry, keys_of(text), dates={iso for iso, _, _ in find_dates(text)})
        self.passages.append(passage)
        for key in dict.fromkeys(passage.keys):
            if len(self._index[key]) < _MANY:
                self._index[key].append(number)
        folded = fold(text) if numbers else ""
        for quantity in find_quantities(folded):
            around = near(folded, quantity)
            numeral = Numeral(
                quantity.value, quantity.unit, following(folded, quantity), quantity.rate, around, number, entry
            )
            passage.values.setdefault(quantity.value, len(passage.values))
            self.numerals[quantity.value].append(numeral)
            for key in around:
                if len(self._near[key]) < _MANY:
                    self._near[key].append(numeral)

    # --- asking ------------------------------------------------------------------------------------

    def says(self, text: str) -> bool:
        """Tell whether the text is one of the old resume's, word for word."""
        return plain(text) in self.owners

    @cached_property
    def joined(self) -> str:
        """The comparison keys of each line."""
        return " | ".join(f" {' '.join(keys)} " for line in self.whole.split("\n") if (keys := keys_of(line)))

    @cached_property
    def compact(self) -> str:
        """All addresses and numbers without notation."""
        return "|".join(map(compact, self.whole.split())) + "|" + "|".join(map(compact, self.whole.split("\n")))

    @cached_property
    def acronyms(self) -> set[str]:
        """What is written in capitals, and the first letters of names of several words."""
        capitals = {word.casefold() for word in re.findall(r"(?<![^\W_])[A-Z]{3,8}(?![^\W_])", self.whole)}
        for run in re.findall(r"(?:[A-Z][a-z]{1,30}(?: of| and| for)?[ ]){2,7}[A-Z][a-z]{1,30}", self.whole):
            capitals.add("".join(word[0] for word in run.split() if word[0].isupper()).casefold())
        return capitals

    def has_phrase(self, text: str) -> bool:
        """Tell whether the words of the text stand side by side in the old resume, or are what letters stand for."""
        keys = keys_of(text)
        if not keys or holds(self.joined, keys):
            return True
        parts = [part for part in re.findall(r"[^\W\d_]+", text) if part.casefold() not in STOPWORDS]
        initials = "".join(part[0] for part in parts).casefold()
        short = len(parts) == 1 and text.strip().isupper()
        acronym = text.strip().casefold() if short else initials
        return len(acronym) >= _ACRONYM and acronym in self.acronyms

    def knows(self, key: str) -> bool:
        """Tell whether the old resume has a word, in another form or with a typing error too."""
        return key in self.known or (
            len(key) >= _LONG and (key[:_LONG] in self._prefixes or not self._typos.isdisjoint(_deletions(key)))
        )

    @cached_property
    def _prefixes(self) -> set[str]:
        return {key[:_LONG] for key in self.known if len(key) >= _LONG}

    @cached_property
    def _typos(self) -> set[str]:
        return {one for key in self.known if _LONG <= len(key) <= 2 * _ACRONYM * _LONG for one in _deletions(key)}

    def supports(self, keys: list[str]) -> bool:
        """Tell whether the old resume has a skill: its words side by side, or close to each other."""
        return holds(self.joined, [key for key in keys if key not in STOPWORDS]) or self.together(keys)

    @cached_property
    def _head_names(self) -> dict[str, dict[tuple[str, ...], set[str]]]:
        names: dict[str, dict[tuple[str, ...], set[str]]] = defaultdict(lambda: defaultdict(set))
        for path, entry in self.entries.items():
            for field_name in ("name", "organization", "institution", "entity", "position", "studyType"):
                value = entry.data.get(field_name)
                if field_name == "name" and entry.section not in {"work", "projects"}:
                    continue
                for part in (
                    (value, *re.split(r"[/,|]", value)) if isinstance(value, str) and len(value) < _HEAD_LENGTH else ()
                ):
                    if keys := keys_of(part):
                        names[field_name][tuple(keys)].add(path)
        return names

    @cached_property
    def skill_keys(self) -> set[str]:
        """The words of the skills that the old resume lists, and of those that are known."""
        listed = self.data.get("skills")
        texts = [leaf.text for leaf in leaves(listed, "skills")] if listed else []
        return ({key for text in texts for key in keys_of(text)} | {key for keys in SKILLS for key in keys}) - ORDINARY

    def heads(self, *names: str) -> dict[tuple[str, ...], set[str]]:
        """Return the words of these fields of all entries, with the entries that have them."""
        if names not in self._heads:
            joined: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
            for name in names:
                for keys, paths in self._head_names.get(name, {}).items():
                    joined[keys] |= set(sorted(paths)[:_MANY])
            self._heads[names] = joined
        return self._heads[names]

    def together(self, keys: list[str]) -> bool:
        """Tell whether the words stand close to each other in some sentence, in any order."""
        return any(_close(self.passages[number].keys, keys) for number in self.with_all(keys))

    def with_all(self, keys: Iterable[str]) -> list[int]:
        """Return the sentences that have all these words."""
        wanted = list(dict.fromkeys(keys))
        if not wanted or any(key not in self._index for key in wanted):
            return []
        rarest = min(wanted, key=lambda key: len(self._index[key]))
        return [
            number
            for number in self._index[rarest]
            if all(f" {key} " in self.passages[number].joined for key in wanted)
        ]

    def with_any(self, keys: Iterable[str]) -> list[int]:
        """Return the sentences that have one of these words."""
        return list(dict.fromkeys(number for key in keys for number in self._index.get(key, ())))

    def candidates(self, keys: Iterable[str]) -> list[Entry]:
        """Return the entries whose heads have one of these words."""
        return [
            self.entries[path]
            for path in dict.fromkeys(path for key in keys for path in self._entry_index.get(key, ()))
        ]

    def rivals(self, around: frozenset[str]) -> list[Numeral]:
        """Return the numbers that stand among these words."""
        return list({id(numeral): numeral for key in around for numeral in self._near.get(key, ())}.values())

    def years_of(self, entry: str | None) -> set[int]:
        """Return the whole years that the dates of one job, or of all, add up to."""
        if entry is None:
            return self.years
        span = self._spans.get(entry)
        return _whole_years(span[1] - span[0]) if span else set()


def _deletions(key: str) -> set[str]:
    return {key, *(key[:index] + key[index + 1 :] for index in range(1, len(key)))}


def _close(keys: list[str], wanted: list[str]) -> bool:
    need = set(wanted)
    size = len(need) + 2
    return any(
        need.issubset(keys[begins : begins + size]) for begins in range(max(1, min(len(keys), 2000) - len(need) + 1))
    )


def _span(entry: Entry, today: date) -> tuple[int, int] | None:
    start, end = entry.data.get("startDate"), entry.data.get("endDate")
    return months_between(str(start), str(end) if end else None, today) if start else None


def _whole_years(months: int) -> set[int]:
    return {months // 12, round(months / 12)} - {0}
