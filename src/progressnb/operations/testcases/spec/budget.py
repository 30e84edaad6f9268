"""How much a specification may hold, counted after YAML aliases have been written out."""

from __future__ import annotations

from progressnb.errors import InputError

__all__ = ["MAX_BITS", "MAX_BYTES", "MAX_DEPTH", "MAX_VALUES", "Budget"]

MAX_BYTES = 20_000_000
"""Bytes of a specification's text: a thousand operations are one to five million."""

MAX_VALUES = 1_000_000
"""Values in a specification: objects, lists and what they hold."""

MAX_DEPTH = 150
"""How deep objects and lists may stand in each other."""

MAX_BITS = 1023
"""Bits of a whole number: a larger one is no number for most who read JSON, and can't be calculated with here."""


class Budget:
    """Count the values of one document, and refuse too many or too deep ones."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._left = MAX_VALUES

    def spend(self, depth: int) -> None:
        """Count one value at a depth; raise `InputError` for one too many."""
        self._left -= 1
        if self._left < 0:
            raise InputError(
                f"at most {MAX_VALUES:,} values in {self._name}",
                "more, with aliases written out",
                "Name the endpoints that matter in a smaller specification.",
            )
        if depth > MAX_DEPTH:
            raise InputError(f"at most {MAX_DEPTH} levels in {self._name}", "more", "Check how it was made.")

    def integer(self, value: int) -> int:
        """Return a whole number; raise `InputError` for one that is too large."""
        if value.bit_length() > MAX_BITS:
            raise InputError(
                f"numbers that JSON's readers know in {self._name}",
                f"a whole number of about {value.bit_length() * 3 // 10} digits",
                "Write at most 300 digits, or the number as a text.",
            )
        return value
