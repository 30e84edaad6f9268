"""The old resume as the truth check asks it: entries, sentences, words, names, dates and degrees."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import Leaf, entry_path, leaves
from progressnb.operations.resume.words.dates import MONTHS, find_periods, months_between, total_months
from progressnb.operations.resume.words.degrees import degrees, full_degrees
from progressnb.operations.resume.words.language import language_of
from progressnb.operations.resume.words.quantities import numerals
from progressnb.operations.resume.words.sentences import segments
from progressnb.operations.resume.words.terms import comparison_keys, fold_case, has_phrase, stem

from .acronyms import acronyms_of, spelled_out, stands_for_words
from .parts import Part
from .passages import Passages
from .wording import ADDRESS_FIELDS, keys_of, normalize, without_accents

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import JsonValue

    from progressnb.operations.resume.reading.inputs import ResumeDocument

__all__ = ["Original"]

_MONTH = rf"(?<![^\W_])({'|'.join(sorted(map(re.escape, MONTHS), key=len, reverse=True))})"
_MONTHS_OF_A_YEAR = re.compile(rf"{_MONTH} ?[–-] ?{_MONTH},? ((?:19|20)[0-9]{{2}})(?![0-9])", re.IGNORECASE)
_MOST_PERIODS = 60
_GAP = 4  # months
_GAP_OF_YEARS = 12  # months between "to 2016" and "from 2017"
_LINES_A_WINDOW = 4
_BARE_MASTER = re.compile(r"(?<![^\W_])(?:[Mm]aster|MASTER)(?! of ceremonies)(?![^\W_])")  # without "of" or "in"
_MASTER = 4  # the level of the degree
_LONGEST_WINDOW = 1000
_LONGEST_FACT = 200
_ACRONYM = range(2, 9)  # letters
_LONG_WORD = 6
_SHORTEST_TEXT = 36  # letters of a sentence that is searched for in a text


class Original(Part):
    """The old resume, all of its text.

    `structured` tells whether it was JSON Resume, so that its fields are certain, and `sure` whether its reading is.
    `paper` is all that somebody may quote. `owners` has each sentence with the paths of the entries that have it.
    `entries` are those of its data by path, such as "work[0]". `today` ends the jobs that are still going on.
    """

    def __init__(self, document: ResumeDocument, today: date | None = None) -> None:
        data = document.data.to_data()
        found = list(leaves(data))
        self.structured = document.format == "json"
        # A bar separates the fields of the data, so that no phrase runs from one into the next.
        texts = [leaf.text for leaf in found]
        super().__init__("\n|\n".join(texts if self.structured else [*texts, document.text]), data=data)
        self.document = document
        self.sure = document.read.sure
        self.today = today or date.today()  # noqa: DTZ011 - a resume's dates have no time zone
        self.paper = f"{self.text}\n{document.text}" if self.structured else self.text
        self._raw_text = "" if self.structured else "\n".join(map(fold_case, document.text.splitlines()))
        self.entries: dict[str, Part] = {}
        self.passages = Passages()
        self.owners: defaultdict[str, set[str | None]] = defaultdict(set)
        for section, entries in data.items():
            for index, entry in enumerate(entries if isinstance(entries, list) else []):
                if isinstance(entry, dict):
                    self._add_entry(f"{section}[{index}]", section, entry)
        self._add_texts(found)
        if not self.structured:
            self._add_windows(document.text)

    def _add_entry(self, path: str, section: str, data: dict[str, JsonValue]) -> None:
        """Add an entry, and its short facts (names, titles, dates) as a passage."""
        text = "\n".join(leaf.text for leaf in leaves(data, path))
        self.entries[path] = Part(text, path, section=section, data=data)
        facts = [
            " ".join(str(value).split())
            for key, value in data.items()
            if isinstance(value, str | int) and len(str(value)) < _LONGEST_FACT and key not in ADDRESS_FIELDS
        ]
        self.passages.add(Part(" , ".join(facts), path, section=section), numbers=True)

    def _add_texts(self, found: list[Leaf]) -> None:
        """Add the sentences of all texts as passages."""
        seen: set[tuple[str | None, str]] = set()
        for leaf in found:
            path = entry_path(leaf.path)
            contact = leaf.path.startswith("basics.location") or leaf.path.rpartition(".")[2] in ADDRESS_FIELDS
            for part in dict.fromkeys((leaf.text, *leaf.text.split("\n"), *segments(leaf.text))):
                self.owners[normalize(part)].add(path)
            for part in segments(leaf.text):
                if (path, part) not in seen:
                    seen.add((path, part))
                    self.passages.add(Part(part, path), numbers=not contact)

    def _add_windows(self, text: str) -> None:
        """Add groups of neighbouring lines: they may be the heading of an entry that the reading rules did not see."""
        lines = [line for line in text.split("\n") if line.strip()]
        for begins in range(len(lines)):
            window = "\n".join(lines[begins : begins + _LINES_A_WINDOW])
            if begins == 0 or len(window) <= _LONGEST_WINDOW:
                self.passages.add(Part(window), numbers=False)

    @cached_property
    def known(self) -> set[str]:
        """All keys, also those of words with other names, and each without accents."""
        known = set(comparison_keys(full_degrees(self.text))) | {stem(word) for word in self.raw}
        return known | {without_accents(key) for key in known if not key.isascii()}

    @cached_property
    def degrees(self) -> set[int]:
        """The levels of the degrees of the text; a bare "Master" is one too."""
        return degrees(full_degrees(self.text)) | ({_MASTER} if _BARE_MASTER.search(self.text) else set())

    def entries_with(self, keys: Iterable[str]) -> list[Part]:
        """Return the entries whose short facts have one of these keys."""
        paths = [one.entry for one in self.passages.with_any(keys) if one.section and one.entry]
        return [self.entries[path] for path in dict.fromkeys(paths)]

    def has(self, words: str) -> bool:
        """Tell whether the old resume has the words of a name as a phrase, or close to each other."""
        return self.has_phrase(words) or self.passages.have_together(keys_of(words))

    def has_sentence(self, text: str) -> bool:
        """Tell whether the old resume has this text word for word, as a field, a line or a sentence.

        Where it was a text, reading may have split a sentence wrongly: then the text itself is asked.
        """
        wanted = normalize(text)
        if wanted in self.owners or self.structured or len(wanted) < _SHORTEST_TEXT:
            return wanted in self.owners
        # It must begin a line or a sentence: "design the schema" is not what "Helped to design the schema" says.
        words = r"\s+".join(map(re.escape, wanted.split()))
        return (
            re.search(rf"(?:^|[.;:!?•●▪‣◦·]\s|\n\s*[-*–]\s)\s*{words}(?![^\W_])", self._raw_text, re.MULTILINE)
            is not None
        )

    @cached_property
    def digits(self) -> set[str]:
        """The values of all numbers in figures, also those within words, such as KS3, 20ish and 690V."""
        return numerals(self.text)

    def months_of(self, text: str) -> set[int]:
        """Return the months that the periods of a text cover: each, all, and each with those that follow without a gap.

        The last month may count or not.
        """
        periods = [one for one in find_periods(_MONTHS_OF_A_YEAR.sub(r"\1 \3 – \2 \3", text)) if one.start]
        known = sorted(
            span for one in periods[:_MOST_PERIODS] if (span := months_between(str(one.start), one.end, self.today))
        )
        gap = _GAP if all("-" in str(one.start) for one in periods) else _GAP_OF_YEARS
        spans: list[tuple[int, int]] = []
        for number, (first, reached) in enumerate(known):
            for begins, ends in known[number:]:
                if begins > reached + gap:
                    break
                reached = max(reached, ends)  # noqa: PLW2901 - of this and the following ones
                spans.append((first, reached))
        spans += [(first, last + 1) for first, last in spans]
        return {last - first for first, last in spans} | {total_months(known), total_months(spans)}

    @cached_property
    def months(self) -> set[int]:
        """The months that the periods of the text and of the entries cover."""
        dated = [one for one in self.entries.values() if one.data.get("startDate")]
        of_all, of_jobs = (
            "\n".join(f"{one.data['startDate']} – {one.data.get('endDate') or 'present'}" for one in entries)
            for entries in (dated, [one for one in dated if one.section == "work"])
        )
        return {months for text in (self.text, of_all, of_jobs) for months in self.months_of(text)}

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text in small letters, or the entries of JSON Resume, one a line."""
        entries = (" ".join(entry.text.split()) for entry in self.entries.values())
        return self._raw_text.split("\n") if self._raw_text else [*map(fold_case, entries)]

    @cached_property
    def language(self) -> str | None:
        """The language of the old resume."""
        return language_of(self.text)

    @cached_property
    def compact(self) -> str:
        """All words and lines without notation, for addresses and telephone numbers."""
        return "|".join(map(_without_notation, [*self.text.split(), *self.text.split("\n")]))

    def has_address(self, text: str) -> bool:
        """Tell whether the old resume has an address or a telephone number, in any notation."""
        return self.has_sentence(text) or (_without_notation(text) or text) in self.compact

    @cached_property
    def acronyms(self) -> set[str]:
        """The words written in capitals, in small letters."""
        return acronyms_of(self.text)

    def has_words_of(self, acronym: str) -> bool:
        """Tell whether the old resume has the words that a word in capitals stands for."""
        short = acronym.removesuffix("s")
        return short.isupper() and len(short) in _ACRONYM and stands_for_words(short, self.folded)

    def has_phrase(self, text: str) -> bool:
        """Tell whether the old resume has the words of the text side by side, or the acronym or full form of them."""
        keys = keys_of(text)
        if not keys or has_phrase(self.joined, keys):
            return True
        folded = fold_case(text.strip())
        return self.has_words_of(text.strip()) or (0, len(folded)) in spelled_out(folded, self.acronyms)

    def knows(self, key: str) -> bool:
        """Tell whether the old resume has a key, also without accents or with another ending."""
        begins = len(key) >= _LONG_WORD and key[:_LONG_WORD] in self._prefixes
        return begins or key in self.known or without_accents(key) in self.known

    @cached_property
    def _prefixes(self) -> set[str]:
        return {key[:_LONG_WORD] for key in self.known if len(key) >= _LONG_WORD}


def _without_notation(text: str) -> str:
    """Return the letters and digits of an address or a telephone number, without scheme and "www."."""
    address = re.sub(r"^(?:https?://)?(?:www\.)?", "", fold_case(text).strip()).rstrip("/")
    return "".join(char for char in address if char.isalnum())
