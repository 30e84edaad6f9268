"""The columns of a table as rules see them: amounts, levels, identifiers, and those that say yes or no."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from progressnb.operations.chart.rules.lexicon import ABBREVIATIONS
from progressnb.operations.chart.rules.word_lists import word_list
from progressnb.operations.chart.rules.words import parts_of, stem
from progressnb.operations.chart.tables import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.operations.chart.rules.reading import Aggregate

__all__ = ["MOST_STEPS", "Column", "Nature"]

Nature: TypeAlias = Literal["amount", "stock", "level", "identifier", "unknown"]
"""The meaning of the numbers of a column.

An `amount` adds up over everything. A `stock`, such as a population, adds up over places and not over time. A `level`,
such as a price, does not add up. An `identifier` names rows. Of an `unknown` one nothing is known.
"""

MOST_STEPS = 60
"""Different whole numbers that may be steps of an axis without being asked for by "by"."""

_IDENTIFIERS = word_list("identifiers.txt")
_AMOUNTS = word_list("amounts.txt")
_STOCKS = word_list("stocks.txt")
_LEVELS = word_list("levels.txt")
_SIDE = word_list("sides.txt")
"""Parts of names that say of which unit or kind something is, and not what."""

_KINDS = word_list("kinds.txt")
"""Those of them that say of which kind something is, such as the highest."""

_LOOKED_AT = 1_000
"""Rows that are looked at before all of them are."""

_YES = {"yes": "no", "y": "n", "true": "false", "t": "f", "ja": "nein", "j": "n"}


class Column:
    """A column as rules see it.

    Attributes:
        label: Its name.
        kind: `number`, `time`, `flag` or `text`.
        values: The column of the table.

    """

    def __init__(self, label: str, values: pd.Series[Any]) -> None:
        self.label = label
        self.values = values
        self.kind = kind_of(values)
        self.parts = parts_of(label)
        self.stems = [stem(part) for part in self.parts]
        self._unique: Any = None
        self._nature: Nature | None = None

    @property
    def head(self) -> str:
        """The part of its name that says what it is, without units and the like: "weight" of `weight_in_lbs`."""
        parts = self.parts
        for word in ("in", "per", "of"):
            parts = parts[: parts.index(word)] if word in parts[1:] and word != "per" else parts
        meant = [part for part in parts if part not in _SIDE]
        return stem((meant or self.parts or [""])[-1])

    def is_kind_of(self, words: Iterable[str]) -> bool:
        """Tell whether its name says more than words do, units aside: `temp_max` is a kind of "temp"."""
        said = set(map(stem, words)) | set(words)
        more = [part for part in self.parts if not {part, stem(part), ABBREVIATIONS.get(part, part)} & said]
        return any(part not in _SIDE or part in _KINDS for part in more)

    @property
    def told(self) -> list[str]:
        """The parts of its name without "is" and "has"."""
        return [part for part in self.parts if part not in ("is", "has", "was", "did")]

    @property
    def unique(self) -> Any:  # noqa: ANN401 - an array of pandas
        """The different values, without missing ones."""
        if self._unique is None and isinstance(self.values.dtype, pd.CategoricalDtype):
            self._unique = self.values.cat.categories.to_numpy(dtype=object)
        elif self._unique is None:
            self._unique = self.values.dropna().unique()
        return self._unique

    def latest(self) -> Any:  # noqa: ANN401 - a value of the column
        """Return its highest value, which of times is the newest."""
        return self.values.max()

    @property
    def yes(self) -> object:
        """The value that says yes in a column of yes and no, or None in any other column."""
        if self.kind == "flag":
            return True
        if self.kind == "number":
            return 1 if (self.values.min(), self.values.max()) == (0, 1) and self._is_whole else None
        if self.kind != "text" or len(self.unique) != 2:  # noqa: PLR2004
            return None
        found: list[Any] = list(self.unique)
        folded = {str(value).strip().casefold(): value for value in found}
        return next((folded[yes] for yes, no in _YES.items() if set(folded) == {yes, no}), None)

    @cached_property
    def _is_whole(self) -> bool:
        if pd.api.types.is_integer_dtype(self.values.dtype):
            return True
        for part in (self.values.head(_LOOKED_AT), self.values):
            numbers = part.dropna().to_numpy(dtype=float)
            numbers = numbers[np.isfinite(numbers)]
            if not bool((numbers == np.floor(numbers)).all()):
                return False
        return True

    @property
    def is_whole(self) -> bool:
        """Whether it has whole numbers alone."""
        return self.kind == "number" and self._is_whole

    @property
    def is_identifier(self) -> bool:
        """Whether its name says that it identifies rows: the sum of such numbers means nothing."""
        return self.nature == "identifier"

    @property
    def groups(self) -> bool:
        """Whether its values can group rows: names, yes and no, or whole numbers."""
        return self.kind in ("text", "flag") or (self.kind == "number" and self._is_whole)

    @property
    def nature(self) -> Nature:
        """The meaning of its numbers, by the words of its name; the last word that says something counts."""
        if self._nature is None:
            self._nature = self._find_nature()
        return self._nature

    def _find_nature(self) -> Nature:
        if self.parts and self.parts[-1] in _IDENTIFIERS | {"num"} and self.parts != ["number"]:
            return "identifier"
        if self.stems in (["year"], ["total"], ["sum"]):
            return "identifier" if self.stems == ["year"] else "amount"
        if self.parts and self.parts[0] in ("iso", "id") and len(self.parts) > 1:
            return "identifier"
        full = [each for part in self.parts for each in (part, stem(part))]
        words = {*full, *(ABBREVIATIONS.get(part, part) for part in self.parts)}
        text = " ".join(self.parts)
        if words & _LEVELS or " per " in text or "%" in self.label or "percap" in text:
            return "level"
        if words & _STOCKS or "pop" in self.parts:
            return "stock"
        return "amount" if words & _AMOUNTS else "unknown"

    def default(self) -> Aggregate | None:
        """Return the aggregate that its nature stands for, or None where that is not sure."""
        known: dict[Nature, Aggregate | None] = {"amount": "sum", "stock": None, "level": "avg"}
        return known.get(self.nature)
