"""Measure what `pnb.stream` costs beside a bare loop over the same recorded answers.

    python benchmarks/stream.py --rounds 20

Each recording goes through the real client of its provider, without a network, once bare and once reported, in turns.
The ratio is that of the medians; the figure beside it is the microseconds that a chunk costs more. A real model sends
some fifty chunks a second. Times are those of the processor, so that other work on the machine counts for little.
Figures fail nothing: the exit code is 1 only if a chunk was lost.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import progressnb as pnb
from tests.interop import recordings

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("openai-chat-text", "zai-thinking", "openai-responses-text", "anthropic-thinking", "google-usage")
MANY = 40
"""How often the chunks of a recording come: a longer answer, so that the run around it counts for less."""


def longer(name: str) -> bytes:
    """Return a recorded body whose middle event comes many times."""
    events = recordings.body(name).replace(b"\r\n", b"\n").split(b"\n\n")
    middle = len(events) // 2
    return b"\n\n".join(events[:middle] + events[middle : middle + 1] * MANY * len(events) + events[middle:])


def timed(stream: Any, report: Callable[[Any], Any]) -> tuple[float, int]:  # noqa: ANN401 - any stream
    """Read a stream to its end; return the seconds and the number of its chunks."""
    gc.collect()
    began = time.process_time()
    count = sum(1 for _ in report(stream))
    return time.process_time() - began, count


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    pnb.configure(show=False)
    lost = False
    timed(recordings.begin(NAMES[0]), pnb.stream)  # what loads at first use
    print(f"{'recording':24}{'chunks':>8}{'bare ms':>10}{'reported ms':>13}{'ratio':>8}{'µs a chunk':>12}")
    for name in NAMES:
        body = longer(name)
        bare: list[float] = []
        ours: list[float] = []
        for _ in range(rounds):
            seconds, count = timed(recordings.begin(name, body), iter)
            bare.append(seconds)
            seconds, reported = timed(recordings.begin(name, body), pnb.stream)
            ours.append(seconds)
            lost |= reported != count
        before, after = statistics.median(bare), statistics.median(ours)
        each = 1e6 * (after - before) / count
        print(f"{name:24}{count:8}{1e3 * before:10.1f}{1e3 * after:13.1f}{after / before:8.2f}{each:12.1f}")
    return int(lost)


if __name__ == "__main__":
    sys.exit(main())
