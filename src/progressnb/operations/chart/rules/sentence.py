"""A question held against one table: its items, which of them were read, and how it would be asked more clearly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from progressnb.operations.chart.rules.spotting import Item, spot
from progressnb.operations.chart.rules.words import joined, parts_of, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from progressnb.operations.chart.rules.columns import Column
    from progressnb.operations.chart.rules.spotting import Vocabulary

__all__ = ["NotReadError", "Sentence", "UnclearError"]


class NotReadError(Exception):
    """Words that no rule reads, or a sentence of what is missing."""

    def __init__(self, words: Iterable[str] = (), why: str = "") -> None:
        super().__init__(why)
        self.words = list(words)
        self.why = why


class UnclearError(Exception):
    """A question with several meanings: what is unclear, and the questions that each have one of them."""

    def __init__(self, about: str, choices: Iterable[str]) -> None:
        super().__init__(about)
        self.about = about
        self.choices = list(choices)


class Sentence:
    """The items of a question that say something, by their place, without silent words.

    Attributes:
        items: The items, in order.
        names: The names and values of the table.
        assumed: Sentences about what was assumed.

    """

    def __init__(self, question: str, names: Vocabulary) -> None:
        self.question = question
        self.names = names
        self.assumed: list[str] = []
        self._words = split(question)
        found = spot(self._words, names)
        self.items = [item for item in found if item.role != "silent" and not self._is_table_name(item)]
        self.items = [item for at, item in enumerate(self.items) if not self._says_nothing(at)]
        self._used: set[int] = set()

    def _is_table_name(self, item: Item) -> bool:
        return item.role == "unknown" and joined(parts_of(str(item.value))) in {
            joined(parts_of(self.names.name)),
            *(joined([part]) for part in parts_of(self.names.name) if len(part) > 1 and self.names.name != "data"),
        }

    def _says_nothing(self, at: int) -> bool:
        """Tell whether an item says nothing where it stands: "this" without a time, "type" after a column of names."""
        item = self.items[at]
        if item.role == "relative":
            return item.value == "this" and not (at + 1 < len(self.items) and self.items[at + 1].role == "unit")
        before = self.items[at - 1] if at else None
        return item.role == "unknown" and item.value in _KINDS and before is not None and before.role == "column"

    def free(self, *roles: str) -> Iterator[int]:
        """Yield the places of the items of these roles that were not read yet."""
        for at, item in enumerate(self.items):
            if at not in self._used and (not roles or item.role in roles):
                yield at

    def use(self, *places: int) -> None:
        """Count items as read."""
        self._used.update(places)
        for at in places:
            item = self.items[at]
            if item.guessed:
                meant = item.value.label if item.role == "column" else item.value or item.role
                meant = str(item.value[1]) if item.role == "value" else meant
                self.assumed.append(f"{item.text!r} is read as {meant!r}.")

    def is_free(self, at: int, *roles: str) -> bool:
        """Tell whether an item is there, was not read, and has one of these roles."""
        return 0 <= at < len(self.items) and at not in self._used and (not roles or self.items[at].role in roles)

    def role(self, at: int) -> str:
        """Return the role of the item at a place, or an empty text beyond the ends."""
        return self.items[at].role if 0 <= at < len(self.items) else ""

    def value(self, at: int) -> Any:  # noqa: ANN401 - whatever an item has
        """Return the value of the item at a place."""
        return self.items[at].value

    def column(self, at: int) -> Column | None:
        """Return the column that the item at a place names, or None. Raises `UnclearError` for several."""
        if self.role(at) != "column":
            return None
        item = self.items[at]
        if item.options:
            labels = [column.label for column in item.options]
            several = " or ".join(repr(label) for label in labels)
            raise UnclearError(f"{item.text!r} may be {several}", [self.rewritten(at, label) for label in labels])
        column: Column = item.value
        return column

    def first(self, *roles: str) -> int | None:
        """Return the place of the first item of these roles that was not read, or None."""
        return next(self.free(*roles), None)

    def has(self, *roles: str) -> bool:
        """Tell whether the question has an item of these roles, read or not."""
        return any(item.role in roles for item in self.items)

    def rewritten(self, at: int, text: str, last: int | None = None) -> str:
        """Return the question with other words in the place of an item, or of all items up to another."""
        first, end = self.items[at].words.start, self.items[at if last is None else last].words.stop - 1
        start, stop = self._words[first].start, self._words[end].start + len(self._words[end].text)
        return re.sub(r"\s+", " ", f"{self.question[:start]}{text}{self.question[stop:]}").strip()

    def before(self, at: int, text: str) -> str:
        """Return the question with further words before an item."""
        return self.rewritten(
            at, f"{text} {self.items[at].text}" if self.role(at) != "column" else self._named(at, text)
        )

    def _named(self, at: int, text: str) -> str:
        first, end = self.items[at].words.start, self.items[at].words.stop - 1
        start, stop = self._words[first].start, self._words[end].start + len(self._words[end].text)
        return f"{text} {self.question[start:stop]}"

    def rest(self) -> list[str]:
        """Return the words of the items that were not read and that matter."""
        return [self.items[at].text.lower() for at in self.free() if self.role(at) not in _JOINING]


_KINDS = frozenset({"type", "types", "kind", "kinds", "flag", "category", "categories"})
"""Nouns that may follow a column's name and say nothing more."""

_JOINING = frozenset({"and", "which", "having", "compare"})
"""Roles of words that say nothing alone."""
