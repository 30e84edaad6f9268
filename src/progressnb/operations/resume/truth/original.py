"""The old resume as the truth check asks it: entries, sentences, words, names, dates and degrees."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import Leaf, leaves
from progressnb.operations.resume.words.dates import find_dates, normal_date
from progressnb.operations.resume.words.degrees import degrees, full_degrees
from progressnb.operations.resume.words.language import language_of
from progressnb.operations.resume.words.quantities import numerals
from progressnb.operations.resume.words.sentences import segments
from progressnb.operations.resume.words.terms import comparison_keys, fold_case, has_phrase, stem
from progressnb.operations.resume.words.vocabulary import STOPWORDS

from .acronyms import acronyms_of, spelled_out, stands_for_words
from .lexicon import ORDINARY, SKILLS
from .old_entries import Entries, keys_by_line, raw_words_with_aliases
from .passages import Passages
from .spans import months_of_spans
from .wording import ADDRESS_FIELDS, keys_of, normalize, without_accents, without_notation

if TYPE_CHECKING:
    from progressnb.operations.resume.reading.inputs import ResumeDocument

__all__ = ["Original"]

_LINES_A_WINDOW = 4
_BARE_MASTER = re.compile(r"(?<![^\W_])(?:[Mm]aster|MASTER)(?! of ceremonies)(?![^\W_])")  # without "of" or "in"
_MASTER = 4  # the level of the degree
_LONGEST_WINDOW = 1000
_LONGEST_DATE = 120
_SHORTEST_ACRONYM = 3
_ACRONYM = range(2, 9)  # letters
_LONG_WORD = 6
_SHORTEST_TEXT = 36  # letters of a sentence that is searched for in a text
_TITLES = ("label", "position", "name", "organization", "institution", "studyType", "area")


class Original:
    """The old resume.

    `structured` tells whether it was JSON Resume, so that its fields are certain, and `sure` whether its reading is.
    `paper` is all that somebody may quote. `owners` has each sentence with the paths of the entries that have it.
    `known` has all its keys, `raw` its words without stemming.
    """

    def __init__(self, document: ResumeDocument, today: date | None = None) -> None:
        self.document = document
        data = document.data.to_data()
        found = list(leaves(data))
        texts = [leaf.text for leaf in found]
        self.structured = document.format == "json"
        self.sure = document.read.sure
        # A bar separates the fields of the data, so that no phrase runs from one into the next.
        self._raw_text = "" if self.structured else "\n".join(map(fold_case, document.text.splitlines()))
        self.whole = "\n|\n".join(texts if self.structured else [*texts, document.text])
        self.paper = f"{self.whole}\n{document.text}" if self.structured else self.whole
        self.data = data
        self.entries = Entries(today or date.today())  # noqa: DTZ011 - a resume's dates have no time zone
        self.passages = Passages()
        self.owners: defaultdict[str, set[str | None]] = defaultdict(set)
        for section, entries in data.items():
            for index, entry in enumerate(entries if isinstance(entries, list) else []):
                if isinstance(entry, dict):
                    path = f"{section}[{index}]"
                    self.passages.add(self.entries.add(path, section, entry), path, numbers=True)
        self._add_texts(found)
        if not self.structured:
            self._add_windows(document.text)
        self.raw = raw_words_with_aliases(self.whole)
        self.known = set(comparison_keys(full_degrees(self.whole))) | {stem(word) for word in self.raw}
        self.known |= {without_accents(key) for key in self.known if not key.isascii()}
        self.dates = {iso for iso, _, _ in find_dates(self.whole)} | {
            normal_date(text) for text in texts if len(text) < _LONGEST_DATE
        }
        self.degrees = degrees(full_degrees(self.whole))
        if _BARE_MASTER.search(self.whole):
            self.degrees.add(_MASTER)

    def _add_texts(self, found: list[Leaf]) -> None:
        """Add the sentences of all texts as passages."""
        seen: set[tuple[str | None, str]] = set()
        for leaf in found:
            match = re.match(r"[^.\[]+\[\d+\]", leaf.path)
            path = match[0] if match else None
            contact = leaf.path.startswith("basics.location") or leaf.path.rpartition(".")[2] in ADDRESS_FIELDS
            for part in dict.fromkeys((leaf.text, *leaf.text.split("\n"), *segments(leaf.text))):
                self.owners[normalize(part)].add(path)
            for part in segments(leaf.text):
                if (path, part) not in seen:
                    seen.add((path, part))
                    self.passages.add(part, path, numbers=not contact)

    def _add_windows(self, text: str) -> None:
        """Add groups of neighbouring lines: they may be the heading of an entry that the reading rules did not see."""
        lines = [line for line in text.split("\n") if line.strip()]
        for begins in range(len(lines)):
            window = "\n".join(lines[begins : begins + _LINES_A_WINDOW])
            if begins == 0 or len(window) <= _LONGEST_WINDOW:
                self.passages.add(window, None, numbers=False)

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
        return numerals(self.whole)

    @cached_property
    def months(self) -> set[int]:
        """The months that the periods of the text and of the entries cover."""
        texts = (self.whole, self.entries.periods(), self.entries.periods("work"))
        return {months for text in texts for months in months_of_spans(text, self.entries.today)}

    @cached_property
    def joined(self) -> str:
        """The comparison keys of each line, as one text."""
        return keys_by_line([self.whole])

    @cached_property
    def folded(self) -> str:
        """The whole text in small letters."""
        return fold_case(self.whole)

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text in small letters, or the entries of JSON Resume, one a line."""
        entries = (" ".join(entry.text.split()) for entry in self.entries.values())
        return self._raw_text.split("\n") if self._raw_text else [*map(fold_case, entries)]

    @cached_property
    def language(self) -> str | None:
        """The language of the old resume."""
        return language_of(self.whole)

    @cached_property
    def titles(self) -> re.Pattern[str]:
        """The titles, employers, schools and label in small letters: where a sentence names them, it claims no act."""
        named = (one for one in self.entries.rows() if "position" in one or "institution" in one)
        fields = [self.data.get("basics"), *named]
        names = {str(one.get(key, "")) for one in fields if isinstance(one, dict) for key in _TITLES}
        parts = {fold_case(part).strip() for name in names for part in (name, *re.split(r"[,/|]", name))}
        longest_first = sorted((part for part in parts if len(part) >= _SHORTEST_ACRONYM), key=len, reverse=True)
        return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})(?![^\W_])")

    @cached_property
    def compact(self) -> str:
        """All words and lines without notation, for addresses and telephone numbers."""
        return "|".join(map(without_notation, [*self.whole.split(), *self.whole.split("\n")]))

    @cached_property
    def acronyms(self) -> set[str]:
        """The words written in capitals, in small letters."""
        return acronyms_of(self.whole)

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

    def supports(self, keys: list[str]) -> bool:
        """Tell whether the old resume has a skill: its keys side by side, or close to each other."""
        return has_phrase(self.joined, [key for key in keys if key not in STOPWORDS]) or self.passages.have_together(
            keys
        )

    @cached_property
    def skills_of_one_key(self) -> set[str]:
        """The keys of the skills that have one key alone: of "customer service" neither word is a skill."""
        listed = self.data.get("skills")
        items = [part for leaf in leaves(listed, "skills") for part in re.split(r"[,;/|]", leaf.text)] if listed else []
        keys = [*map(keys_of, items), *map(list, SKILLS)]
        return {one[0] for one in keys if len(one) == 1} - ORDINARY
