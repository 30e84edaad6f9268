"""Measure what the panel costs: 200 runs of 10 ms in one cell of a real kernel, with the panel and without.

    python benchmarks/panel.py --runs 200 --pairs 5

Cells with and without the panel take turns, so that a noisy moment falls on both. What counts is the median of the
ratios of the pairs. The page is played by this script: it says hello once, as the panel's JavaScript does, and counts
the messages of each cell.

Figures fail nothing: the exit code is 1 only if a panel does not show the end of all runs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from jupyter_client.manager import start_new_kernel

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient

TARGET = 1.3

SETUP = """
import asyncio, time
import progressnb as pnb

@pnb.operation(stages=["count"])
async def short(tracker, number, seconds=0.01):
    async with tracker.stage("count") as stage:
        stage.update(50)
        await asyncio.sleep(seconds)
    return number

async def in_turn(runs, **options):
    for number in range(runs):
        await short(number, **options)

async def eight_at_once(runs, **options):
    gate = asyncio.Semaphore(8)
    async def one(number):
        async with gate:
            await short(number, **options)
    await asyncio.gather(*map(one, range(runs)))

async def timed(work):
    begin, processor = time.perf_counter(), time.process_time()
    await work
    print("seconds", time.process_time() - processor, time.perf_counter() - begin)
"""


class Page:
    """A kernel, and what a page would get of it."""

    def __init__(self) -> None:
        # The kernel takes its front end for a notebook.
        environment = {**os.environ, "JPY_SESSION_NAME": "benchmark.ipynb", "PROGRESSNB_DISPLAY": "widget"}
        self.manager, client = start_new_kernel(env=environment)
        self.client: BlockingKernelClient = client
        self.counts: Counter[str] = Counter()
        self.html = ""
        self.text = ""
        self.comms: list[str] = []

    def execute(self, code: str) -> list[float]:
        """Run a cell; return the seconds that it printed, of the processor and of the clock."""
        self.counts.clear()
        self.text = self.html = ""
        reply = self.client.execute_interactive(code, output_hook=self._take, allow_stdin=True, timeout=120)
        if reply["content"]["status"] != "ok":
            raise RuntimeError("\n".join(reply["content"]["traceback"]))
        return [float(number) for number in self.text.split()[1:]]

    def hello(self) -> None:
        """Say hello, as the loader does when its JavaScript runs."""
        for comm_id in self.comms:
            data = {"method": "custom", "content": {"kind": "hello"}}
            content = {"comm_id": comm_id, "data": data}
            self.client.shell_channel.send(self.client.session.msg("comm_msg", content))
        self.execute("from progressnb.display.front import front\nassert front.heard")

    def _take(self, message: dict[str, Any]) -> None:
        kind, content = message["msg_type"], message["content"]
        if kind.startswith(("comm_", "display_", "update_")):
            self.counts[kind] += 1
        if kind == "comm_open":
            self.comms.append(content["comm_id"])
        elif kind == "stream":
            self.text += content["text"]
        elif kind in ("display_data", "update_display_data"):
            self.html = content["data"].get("text/html", "")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--pairs", type=int, default=5)
    chosen = parser.parse_args()
    page = Page()
    wrong = 0
    try:
        page.execute(SETUP)
        page.hello()
        for way in ("in_turn", "eight_at_once"):
            ratios: list[float] = []
            for _ in range(chosen.pairs):
                without = page.execute(f"await timed({way}({chosen.runs}, show=False))")
                shown = page.execute(f"await timed({way}({chosen.runs}))")
                wrong += f"{chosen.runs} runs" not in page.html
                ratios.append(shown[1] / without[1])
                figures = [f"{seconds:.2f} s ({busy:.2f} s busy)" for busy, seconds in (without, shown)]
                messages = ", ".join(f"{count} {kind}" for kind, count in page.counts.items())
                print(f"  {figures[0]} without, {figures[1]} with the panel: {messages}")
            print(f"{way}: {statistics.median(ratios):.2f} ×, target {TARGET} ×; {min(ratios):.2f}–{max(ratios):.2f} ×")
    finally:
        page.manager.shutdown_kernel(now=True)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
