"""Texts that fit a regular expression: the plainest first, then others in an order that is always the same."""

from __future__ import annotations

import string
from random import Random
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.automata import tree_of
from progressnb.operations.testcases.spec.character_sets import mask_of, mask_of_node

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["texts_of"]

_TRIES = 200
"""Texts that are tried, for patterns with lookaheads or with limits on the length."""

_MORE_ROUNDS = 8
"""Rounds of a repeat beyond its least number, in a text that is not the plainest."""

_ENOUGH = 1_000
"""Characters of a text after which repeats have their least number of rounds."""

_PLAIN = string.digits + string.ascii_uppercase + string.ascii_lowercase + "_-. "
_CHARACTERS = [(each, mask_of(each)) for each in dict.fromkeys(_PLAIN + string.punctuation)]
_RARE = [(each, mask_of(each)) for each in [*map(chr, range(128)), "é", "٣", "\u2003", "€"]]
"""Characters with their bits: those of usual texts, the plainest first, and one of each kind beyond them."""


def texts_of(pattern: str, low: int, high: int) -> Iterator[str]:
    """Yield texts of at least `low` and at most `high` characters, of which some may fit a pattern.

    Whoever takes one checks it: what a pattern says about the surroundings of a place, such as in a lookahead, is not
    read. The pattern is a safe one, see `is_safe_pattern`.
    """
    tree = tree_of(pattern)
    for attempt in range(_TRIES):
        text = _Writer(low, Random(attempt) if attempt else None).text(tree)  # noqa: S311 - no secret
        for each in dict.fromkeys((text, text.ljust(low, "0"), text.ljust(low), text.rjust(low, "0"), text.rjust(low))):
            if low <= len(each) <= high:
                yield each


class _Writer:
    """The writer of one text: the plainest of its pattern, or one that the numbers of `random` choose."""

    def __init__(self, low: int, random: Random | None) -> None:
        self._low = low
        self._random = random
        self._missing = 0
        self._written = 0

    def text(self, tree: Any) -> str:  # noqa: ANN401 - the parser has no types
        short = self._sequence(tree)
        if len(short) >= self._low:
            return short
        self._missing = self._low - len(short)
        return self._sequence(tree)

    def _sequence(self, items: Any) -> str:  # noqa: ANN401
        return "".join(self._one(str(operation), argument) for operation, argument in items)

    def _one(self, operation: str, argument: Any) -> str:  # noqa: ANN401
        if operation in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            self._written += 1
            return self._character(operation, argument)
        if operation == "SUBPATTERN":
            return self._sequence(argument[3])
        if operation == "BRANCH":
            return self._sequence(self._random.choice(argument[1]) if self._random else argument[1][0])
        if operation in ("MAX_REPEAT", "MIN_REPEAT"):
            return self._repeat(*argument)
        return ""  # a place, such as `^`, or a look around

    def _repeat(self, low: int, high: int, items: Any) -> str:  # noqa: ANN401
        """Return the rounds of a repeat; it adds what is missing to the length, if it can."""
        rounds = low
        if self._random and self._written < _ENOUGH:
            rounds = self._random.randint(low, min(high, low + _MORE_ROUNDS))
        texts = [self._sequence(items) for _ in range(rounds)]
        while self._missing > 0 and len(texts) < high:
            before = self._missing
            texts.append(self._sequence(items))
            self._missing = before - len(texts[-1])
            if self._missing == before:
                break
        return "".join(texts)

    def _character(self, operation: str, argument: Any) -> str:  # noqa: ANN401
        if operation == "LITERAL":
            return chr(argument)
        mask = mask_of_node(operation, argument)
        found = [each for each, bit in _CHARACTERS if mask & bit]
        if found:
            return self._random.choice(found) if self._random else found[0]
        # Beyond ASCII a mask knows kinds only, so the beginnings of ranges come first.
        if operation == "IN" and str(argument[0][0]) != "NEGATE":
            for kind, each in argument:
                if str(kind) in ("LITERAL", "RANGE"):
                    return chr(each if str(kind) == "LITERAL" else each[0])
        return next((each for each, bit in _RARE if mask & bit), "")
