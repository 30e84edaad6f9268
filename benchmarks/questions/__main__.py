"""Ask the rules of `chart` questions of public tables: `python -m benchmarks.questions [blind|own|stranger] [--all]`.

Prints how many were answered right, were refused or asked back, and were answered falsely, and each false answer. With
`--all` it prints every question and what became of it, but of `blind` only where that is named alone.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.questions import blind, own, stranger
from benchmarks.questions.asking import ask

if TYPE_CHECKING:
    from benchmarks.questions.sets import Question

SETS: dict[str, list[Question]] = {"blind": blind.QUESTIONS, "own": own.QUESTIONS, "stranger": stranger.QUESTIONS}


def main(arguments: list[str]) -> int:
    """Ask the sets that are named, or all; return 1 if an answer is false."""
    names = [each for each in arguments if each in SETS] or list(SETS)
    total: Counter[str] = Counter()
    for name in names:
        counts: Counter[str] = Counter()
        for question in SETS[name]:
            outcome, words = ask(question)
            counts[outcome] += 1
            if outcome == "false" or ("--all" in arguments and (name == "own" or names == [name])):
                print(f"{outcome:8} {question.table:12} {question.text!r}: {words}")
        print(_line(name, counts))
        total += counts
    if len(names) > 1:
        print(_line("all", total))
    return 1 if total["false"] else 0


def _line(name: str, counts: Counter[str]) -> str:
    shown = ", ".join(f"{counts[each]} {each}" for each in ("right", "asked", "refused", "false"))
    return f"{name}: {sum(counts.values())} questions: {shown}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
