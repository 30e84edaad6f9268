"""A kernel and a page that is played: it says hello once, as the panel's JavaScript does, and counts the messages."""

from __future__ import annotations

import os
import time
from collections import Counter
from queue import Empty
from typing import TYPE_CHECKING, Any

from jupyter_client.manager import start_new_kernel

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from jupyter_client.blocking.client import BlockingKernelClient

__all__ = ["SETUP", "Page"]

SETUP = """
import asyncio, time
import progressnb as pnb

@pnb.operation(stages=["count"])
async def short(tracker, number, seconds=0.01):
    async with tracker.stage("count") as stage:
        stage.update(50)
        await asyncio.sleep(seconds)
    return number

@pnb.operation(stages=["count"])
async def long(tracker, seconds):
    async with tracker.stage("count") as stage:
        begin = time.monotonic()
        while (spent := time.monotonic() - begin) < seconds:
            stage.update(100 * spent / seconds, f"at {spent:.2f} s")
            await asyncio.sleep(0.02)

async def begun(number, seconds, **options):
    await short(number, seconds, **options)

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
    processor = time.process_time()
    await work
    print("seconds", time.process_time() - processor)

going = []
"""


class Page:
    """A kernel, and what a page would get of it."""

    def __init__(self) -> None:
        # The kernel takes its front end for a notebook.
        environment = {**os.environ, "JPY_SESSION_NAME": "benchmark.ipynb", "PROGRESSNB_DISPLAY": "widget"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as installed packages are: with bytecode
        self.manager, client = start_new_kernel(env=environment)
        self.client: BlockingKernelClient = client
        self.text = ""
        self.comms: list[str] = []

    def __enter__(self) -> Self:
        """Play the page."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop the kernel."""
        self.manager.shutdown_kernel(now=True)

    def execute(self, code: str) -> float:
        """Run a cell; return the seconds of the processor that it printed, or 0."""
        self.text = ""
        reply = self.client.execute_interactive(code, output_hook=self._take, allow_stdin=True, timeout=120)
        if reply["content"]["status"] != "ok":
            raise RuntimeError("\n".join(reply["content"]["traceback"]))
        return float(self.text.split()[1]) if self.text.startswith("seconds") else 0.0

    def hello(self) -> None:
        """Say hello, as the loader does when its JavaScript runs."""
        for comm_id in self.comms:
            data = {"method": "custom", "content": {"kind": "hello"}}
            content = {"comm_id": comm_id, "data": data}
            self.client.shell_channel.send(self.client.session.msg("comm_msg", content))
        self.execute("from progressnb.display.front import front\nassert front.heard")

    def messages(self, seconds: float) -> Counter[str]:
        """Count the messages of all cells for so long, while the kernel is idle but for what goes on."""
        counts: Counter[str] = Counter()
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                kind = self.client.get_iopub_msg(timeout=left)["msg_type"]
            except Empty:
                break
            if kind.startswith(("comm_", "display_", "update_")):
                counts[kind] += 1
        return counts

    def _take(self, message: dict[str, Any]) -> None:
        kind, content = message["msg_type"], message["content"]
        if kind == "comm_open":
            self.comms.append(content["comm_id"])
        elif kind == "stream":
            self.text += content["text"]
