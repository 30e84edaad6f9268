"""The limits of a specification's size, counted after YAML aliases have been written out."""

from __future__ import annotations

from progressnb.errors import InputError

__all__ = ["MAX_BITS", "MAX_BYTES", "MAX_DEPTH", "MAX_VALUES", "Budget"]

MAX_BYTES = 20_000_000
"""Bytes of a specification's text: a thousand operations are one to five million."""

MAX_VALUES = 1_000_000
"""Values in a specification: objects, lists, and the values in them."""

MAX_DEPTH = 150
"""Levels of objects and lists in each other."""

MAX_BITS = 1023
"""Bits of a whole number. A larger one overflows a float, which is what most JSON readers make of it."""


class Budget:
    """A counter of the values of one document, which refuses too many or too deep ones."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._left = MAX_VALUES

    def spend(self, depth: int) -> None:
        """Count one value at a depth. Raises `InputError` for one too many or too deep."""
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
        """Return a whole number. Raises `InputError` for one that is too large."""
        if value.bit_length() > MAX_BITS:
            raise InputError(
                f"numbers that readers of JSON can hold in {self._name}",
                f"a whole number of about {value.bit_length() * 3 // 10} digits",
                "Write at most 300 digits, or the number as a text.",
            )
        return value
