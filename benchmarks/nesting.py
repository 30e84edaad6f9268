"""Measure trees of stages: what an event costs to write and fold, and what a panel's paint takes and sends.

    python benchmarks/nesting.py

All stages run side by side in groups of ten, as parallel tools below parallel agents do. A paint is the first one of
a page, the whole tree; later ones are patches. What a second may carry decides how often such a paint may come. The
row "all rows" is the paint that would be sent if nothing was folded away.

Figures fail nothing: the exit code is 1 only if a panel would send more than its bounds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

import progressnb as pnb
from progressnb.display.entry import FINAL_ROWS, LIVE_ROWS
from progressnb.display.html import panel_html
from progressnb.display.looks import tree_of
from progressnb.display.painter import BYTES_A_SECOND, INTERVAL
from progressnb.display.standins import ENVELOPE
from progressnb.folds.group import panel_tree
from progressnb.folds.state import RunState
from progressnb.wire.codec import decode

if TYPE_CHECKING:
    from collections.abc import Callable

faults: list[str] = []


def tree(nodes: int) -> tuple[pnb.ProgressTracker, float]:
    """Begin a tree; return its tracker and the microseconds that an event took to write."""
    tracker = pnb.ProgressTracker("tree", show=False)
    tracker.start()
    before = time.perf_counter()
    handles: list[pnb.StageHandle] = []
    for number in range(nodes):
        above = handles[(number - 1) // 10] if number else None
        handle = tracker.stage("top") if above is None else above.stage(f"stage {number}", weight=0.1)
        handle.start("reading the next of the documents")
        handles.append(handle)
    for number, handle in enumerate(reversed(handles)):
        handle.update(50, "half way", number=number)
    return tracker, (time.perf_counter() - before) / len(tracker.log) * 1e6


def fold_time(tracker: pnb.ProgressTracker) -> float:
    """Return the microseconds that an event takes to be folded by a reader."""
    events = [event for line in tracker.log.encoded() if (event := decode(line)) is not None]
    before = time.perf_counter()
    RunState.of(events)
    return (time.perf_counter() - before) / len(events) * 1e6


def timed(draw: Callable[[], str], rounds: int) -> tuple[float, int]:
    """Return milliseconds, the median of the rounds, and bytes."""
    took: list[float] = []
    text = ""
    for _ in range(rounds):
        before = time.perf_counter()
        text = draw()
        took.append(time.perf_counter() - before)
    return statistics.median(took) * 1e3, len(text.encode())


def kept(tracker: pnb.ProgressTracker) -> str:
    """Draw what stays in a notebook's file."""
    return panel_html(panel_tree([tree_of(tracker, rows=FINAL_ROWS)], key="panel"))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    print(f"{'stages':>7}{'write µs':>10}{'fold µs':>9}{'paint ms':>10}{'bytes':>9}{'paints/s':>10}{'of the time':>12}")
    for nodes in (10, 100, 1000):
        tracker, write = tree(nodes)

        def paint(tracker: pnb.ProgressTracker = tracker, rows: int = LIVE_ROWS) -> str:
            return json.dumps(tree_of(tracker, rows=rows), ensure_ascii=False)

        took, size = timed(paint, rounds)
        size += ENVELOPE
        paints = 1 / max(INTERVAL, size / BYTES_A_SECOND)
        if size > BYTES_A_SECOND:
            faults.append(f"{nodes} stages: a paint of {size:,} bytes, and {BYTES_A_SECOND:,} a second are allowed")
        figures = f"{nodes:7,}{write:10.0f}{fold_time(tracker):9.1f}{took:10.2f}{size:9,}{paints:10.1f}"
        print(f"{figures}{took * paints / 1e3:12.1%}")
        took, size = timed(partial(paint, rows=nodes), rounds)
        print(f"{'all rows':>26}{took:10.2f}{size:9,}")
        tracker.done()
        took, size = timed(partial(kept, tracker), rounds)
        print(f"{'what remains':>26}{took:10.2f}{size:9,}")
    for fault in faults:
        print(fault, file=sys.stderr)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
