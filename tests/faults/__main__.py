"""Run the campaign and print its table; `python -m tests.faults WORD …` tries the faults with a word in their names."""

from __future__ import annotations

import sys
import time

from tests.faults.campaign import Fault, Outcome, faults, table


def main(words: list[str]) -> int:
    """Return 1 if a fault was not survived or something was lost."""
    rows: list[tuple[Fault, Outcome]] = []
    for each in faults():
        if words and not any(word in each.name for word in words):
            continue
        began = time.monotonic()
        rows.append((each, each(each.times)))
        print(f"{time.monotonic() - began:6.1f} s  {each.name}: {rows[-1][1]}", file=sys.stderr, flush=True)  # noqa: T201
    print(table(rows))  # noqa: T201
    return int(any(outcome.survived < outcome.tried or outcome.lost for _, outcome in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
