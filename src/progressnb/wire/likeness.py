"""The likeness of two short texts: the characters that they share, and the typing errors between them."""

from __future__ import annotations

from collections import defaultdict

__all__ = ["edits", "similarity"]


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


def edits(one: str, other: str, most: int) -> int:
    """Return the optimal string alignment distance of two texts, or `most + 1` where it is above `most`.

    One edit inserts, deletes or replaces a character, or swaps two neighbours.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, character in enumerate(one, 1):
        before, row, above = row, [at], before
        for to, there in enumerate(other, 1):
            cost = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (character != there))
            if at > 1 and to > 1 and character == other[to - 2] and one[at - 2] == there:
                cost = min(cost, above[to - 2] + 1)
            row.append(cost)
        if min(row) > most and min(before) > most:
            return most + 1
    return min(row[-1], most + 1)
