"""The likeness of two short texts: the characters that they share."""

from __future__ import annotations

from collections import defaultdict

__all__ = ["similarity"]


def similarity(one: str, other: str) -> float:
    """Return the similarity of two texts, 0–100: the share of characters in their longest common subsequence.

    The normalised indel similarity, in the bit-parallel form of Hyyrö (2004): a row of its table is one integer.
    """
    if not one and not other:
        return 100.0
    places: defaultdict[str, int] = defaultdict(int)
    for at, character in enumerate(one):
        places[character] |= 1 << at
    row = whole = (1 << len(one)) - 1
    for character in other:
        held = row & places.get(character, 0)
        row = ((row + held) | (row - held)) & whole
    return 200.0 * (len(one) - row.bit_count()) / (len(one) + len(other))
