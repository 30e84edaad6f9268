"""Safe regular expressions: those of a specification that are not exponential, matched in a bounded number of steps.

Python's matcher backtracks and holds the interpreter's lock. A hostile pattern could match for ever, stop all threads,
and no signal would end it. So a pattern is analysed before it is used: one with exponential time, or polynomial time
of a high degree, is refused (for the theory see Weideman et al., "Analyzing Matching Time Behavior of Backtracking
Regular Expression Matchers by Using Ambiguity of NFA", CIAA 2016). And the steps of each match are counted
before it is tried.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from progressnb.operations.testcases.spec.automata import graph_of, tree_of
from progressnb.operations.testcases.spec.character_sets import UnsafePatternError, mask_of

if TYPE_CHECKING:
    from progressnb.operations.testcases.spec.automata import Graph

__all__ = ["Matcher", "is_safe_for_names", "is_safe_pattern", "lengths_of"]

_MOST_JUMPS = 2
"""Loops that may stop at any place before another loop. Each multiplies the time by the length of the text."""

_MOST_WAYS = 5_000
"""Ways through a pattern without loops."""

_MOST_PAIRS = 3_000
"""Pairs of characters that the search for exponential loops visits."""

_ALL_NAMES = {".*", ".+", ""}

_STEPS = 500_000
"""Steps of one match, which take some milliseconds."""

_ALL_STEPS = 50_000_000
"""Steps of all matches of a run."""

_REMEMBERED = 10_000
"""Results of matches that are kept."""


def is_safe_pattern(pattern: object) -> bool:
    """Tell whether Python can match a pattern in time that grows with a low power of the text's length."""
    return isinstance(pattern, str) and _analysed(pattern) is not None


def is_safe_for_names(pattern: object) -> bool:
    """Tell whether a pattern can be matched in linear time. Names are of any length and number."""
    if not isinstance(pattern, str) or pattern in _ALL_NAMES:
        return isinstance(pattern, str)
    # Libraries join the patterns of names, and a named group may not occur twice.
    known = None if "(?P" in pattern else _analysed(pattern)
    return known is not None and known.jumps == 0 and (known.graph.anchored or not known.has_loops)


def lengths_of(pattern: str) -> tuple[int, int] | None:
    """Return the least and the greatest length of the texts that a pattern takes; None where that can't be told."""
    if not is_safe_pattern(pattern):
        return None
    low, high = tree_of(pattern).getwidth()
    return low, high


class Matcher:
    """A matcher of patterns in a bounded number of steps. A match that might take more counts as none."""

    def __init__(self) -> None:
        self._left = _ALL_STEPS
        self._found: dict[tuple[str, str], bool] = {}

    def fits(self, pattern: str, text: str) -> bool:
        """Tell whether a pattern is found in a text, as `re.search` does."""
        key = (pattern, text)
        if key not in self._found:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            self._found[key] = self._fits(pattern, text)
        return self._found[key]

    def _fits(self, pattern: str, text: str) -> bool:
        known = _analysed(pattern)
        if known is None:
            return False
        most = min(_STEPS, self._left)
        steps = _steps(known.graph, text, most)
        self._left -= min(steps, most)
        return steps <= most and re.search(pattern, text) is not None


def _steps(graph: Graph, text: str, most: int) -> int:
    """Return the steps that a backtracking matcher may take on a text, counted up to a little more than `most`."""
    steps = 0
    active: dict[int, int] = {}
    for at, char in enumerate(text):
        mask = mask_of(char)
        tried = [(1, graph.first)] if at == 0 or not graph.anchored else []
        tried += [(count, graph.follow[position]) for position, count in active.items()]
        following: dict[int, int] = {}
        for count, targets in tried:
            for target, ways in targets.items():
                steps += count * ways
                if graph.masks[target] & mask:
                    following[target] = following.get(target, 0) + count * ways
        steps += 1 + sum(count * graph.last.get(position, 0) for position, count in following.items())
        active = following
        if steps > most or (graph.anchored and not active):
            break
    return steps


class _Analysis:
    """The analysis of a pattern's graph. Raises `UnsafePatternError` where the time of a match is not bounded."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._reach = _reachable(graph.follow)
        self._loops = [bool(reached >> at & 1) for at, reached in enumerate(self._reach)]
        self.has_loops = any(self._loops)
        if self._is_exponential():
            raise UnsafePatternError("loops in loops")
        self.jumps = self._count_jumps()

    def _together(self, one: int, other: int) -> bool:
        """Tell whether two characters are in the same loop."""
        return bool(self._reach[one] >> other & 1 and self._reach[other] >> one & 1)

    def _inside(self, at: int) -> list[int]:
        """Return the characters of the same loop that may come next."""
        return [each for each in self.graph.follow[at] if self._together(at, each)]

    def _meet(self, one: int, other: int) -> bool:
        """Tell whether one character of a text fits both places."""
        return bool(self.graph.masks[one] & self.graph.masks[other])

    def _is_exponential(self) -> bool:
        """Tell whether one text can pass through a loop in two ways, so that each round doubles the time."""
        waiting: list[tuple[int, int]] = []
        for at in (at for at, is_loop in enumerate(self._loops) if is_loop):
            inside = self._inside(at)
            if any(self.graph.follow[at][each] > 1 for each in inside):
                return True
            waiting += [(x, y) for x in inside for y in inside if x < y and self._meet(x, y)]
        seen = set(waiting)
        while waiting:
            one, other = waiting.pop()
            for x in self._inside(one):
                for y in self._inside(other):
                    if not self._meet(x, y):
                        continue
                    if x == y or len(seen) > _MOST_PAIRS:
                        return True
                    pair = (min(x, y), max(x, y))
                    if pair not in seen:
                        seen.add(pair)
                        waiting.append(pair)
        return False

    def _count_jumps(self) -> int:
        """Return the most loops on one way that may stop anywhere. Raises for too many of them, or too many ways."""
        size = len(self._loops)
        before_loop = [self._loops[at] or self._reach[at] & _bits(self._loops) != 0 for at in range(size)]
        jumps, ways = [-1] * size, [1] * size
        # From the end of the pattern to its start: a later character reaches fewer others.
        for at in sorted(range(size), key=lambda each: (self._reach[each].bit_count(), not self._loops[each])):
            if jumps[at] >= 0:
                continue
            members = [each for each in range(size) if self._together(at, each)] if self._loops[at] else [at]
            most_jumps, most_ways = 0, 1
            for member in members:
                inside = self._inside(member) if self._loops[at] else []
                for target in self.graph.follow[member].keys() - set(inside):
                    may_stay = before_loop[target] and any(self._meet(target, each) for each in inside)
                    most_jumps = max(most_jumps, jumps[target] + may_stay)
                    most_ways = max(most_ways, ways[target])
            own = max(self._choices(self.graph.follow[member]) for member in members)
            for member in members:
                jumps[member], ways[member] = most_jumps, own * most_ways
        first = self.graph.first
        if max((ways[at] for at in first), default=1) * self._choices(first) > _MOST_WAYS:
            raise UnsafePatternError("many ways")
        if (found := max((jumps[at] for at in first), default=0)) > _MOST_JUMPS:
            raise UnsafePatternError("many loops")
        return found

    def _choices(self, targets: dict[int, int]) -> int:
        """Return the most of these targets that fit one character."""
        return max((sum(targets[y] for y in targets if self._meet(x, y)) for x in targets), default=1)


@lru_cache(maxsize=4096)
def _analysed(pattern: str) -> _Analysis | None:
    try:
        return _Analysis(graph_of(pattern))
    except UnsafePatternError:
        return None


def _bits(flags: list[bool]) -> int:
    return sum(1 << at for at, flag in enumerate(flags) if flag)


def _reachable(follow: list[dict[int, int]]) -> list[int]:
    """Return, as bits, the characters that may follow each character directly or later."""
    reach = [sum(1 << target for target in targets) for targets in follow]
    for middle in range(len(reach)):
        bit = 1 << middle
        for at, reached in enumerate(reach):
            if reached & bit:
                reach[at] = reached | reach[middle]
    return reach
