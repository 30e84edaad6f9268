"""What a panel sends: bounded at any rate of events, nothing when nothing changes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.lab import until
from tests.browser.puppet import BEGIN, PUPPET, tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.lab import Message, Notebook

FLOOD = """
import asyncio, time
import progressnb as pnb

@pnb.operation(stages={"flood": 1.0})
async def flood(tracker, steps=5_000):
    async with tracker.stage("flood") as stage:
        begin = time.monotonic()
        for number in range(steps):
            share = number / steps  # of five seconds
            stage.update(100 * share, f"step {number}", number=number)  # data is written at once, and the text before
            stage.write(f"word{number} ")
            if number % 10 == 9:
                await asyncio.sleep(max(0, begin + 5 * share - time.monotonic()))
        return time.monotonic() - begin
"""


def report(
    messages: list[Message], seconds: float, record_property: Callable[[str, object], None]
) -> tuple[float, float]:
    """Return messages and bytes a second, and put the figures where they are seen."""
    size = sum(message.size for message in messages)
    largest = max((message.size for message in messages), default=0)
    smallest = min((message.size for message in messages), default=0)
    figures = f"{len(messages)} messages, {size:,} bytes in {seconds:.2f} s; from {smallest:,} to {largest:,} each"
    record_property("traffic", figures)
    print(figures)  # noqa: T201 - a figure worth seeing with -s
    return len(messages) / seconds, size / seconds


def test_ten_thousand_events(
    open_notebook: Callable[..., Notebook], record_property: Callable[[str, object], None]
) -> None:
    """10,000 events in 5 s: at most ten paints a second, 20 KB/s, a page that answers, and the last state."""
    notebook = open_notebook(FLOOD, "run = flood()", "took = await run\nprint(len(run.log), took)")
    notebook.run(0)
    before = len(notebook.messages)
    notebook.start(1)
    notebook.start(2)
    notebook.live(1).wait_for()
    slowest = 0.0
    while notebook.cell(2).locator(".jp-InputPrompt").inner_text() == "[*]:":
        asked = time.monotonic()
        notebook.page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        slowest = max(slowest, time.monotonic() - asked)
    notebook.wait_done(2)
    events, took = notebook.output(2).inner_text().split()[-2:]
    assert int(events) >= 10_000
    seconds = float(took)
    sent = [message for message in notebook.messages[before:] if message.type == "comm_msg"]
    a_second, bytes_a_second = report(sent, seconds, record_property)
    record_property("slowest frame", f"{slowest:.3f} s")
    print(f"events {events}, slowest frame {slowest * 1000:.0f} ms")  # noqa: T201
    assert a_second <= 10
    assert bytes_a_second <= 20_000 * 1.1 + sent[0].size / seconds
    assert busiest(sent) <= 10
    assert slowest < 2
    notebook.ended(1)
    notebook.open_trace(1)
    expect(notebook.output(1)).to_contain_text("step 4999")


def busiest(sent: list[Message]) -> int:
    """Return the most messages within a second."""
    return max(sum(start.at <= message.at < start.at + 1 for message in sent) for start in sent)


SEVERAL = """
async def several(count):
    begin = time.monotonic()
    await asyncio.gather(*(flood(10_000 // count, show=None) for _ in range(count)))
    print(time.monotonic() - begin)
"""


@pytest.mark.parametrize("count", [20, 200])
def test_many_runs_at_once(
    open_notebook: Callable[..., Notebook], record_property: Callable[[str, object], None], count: int
) -> None:
    """The bounds of one run hold for 20 and for 200 in a cell: ten paints a second and 20 KB/s, in one widget."""
    notebook = open_notebook(FLOOD + SEVERAL, "1", f"await several({count})")
    notebook.run(0, 1)
    before = len(notebook.messages)
    notebook.run(2)
    seconds = float(notebook.output(2).inner_text().split()[-1])
    stubs = [message for message in notebook.messages[before:] if message.type == "comm_open"]
    assert len(stubs) == 1
    sent = [message for message in notebook.messages[before:] if message.type == "comm_msg"]
    _, bytes_a_second = report([*stubs, *sent], seconds, record_property)
    assert bytes_a_second <= 20_000 * 1.1 + 20_000 / seconds
    assert busiest(sent) <= 10
    expect(notebook.panel(2)).to_contain_text(f"{count} runs")


QUIET = """
begin = time.monotonic()
print("quiet from here", flush=True)
while time.monotonic() < begin + {seconds}:
    await asyncio.sleep(0.05)
print(f"to here for {{time.monotonic() - begin}}", flush=True)
"""


def quiet_traffic(notebook: Notebook, index: int) -> tuple[list[Message], float]:
    """Run a quiet cell; return the updates that the kernel sent between its two lines, and the seconds between them."""
    before = len(notebook.messages)
    notebook.run(index)
    begin, end = (place_of(notebook, words, before) for words in ("quiet from here", "to here for"))
    took = float(notebook.messages[end].content["text"].split()[-1])
    return [message for message in notebook.messages[begin:end] if message.type == "comm_msg"], took


def place_of(notebook: Notebook, words: str, before: int) -> int:
    """Wait for a message of printed text, and return its place."""
    found: list[int] = []

    def has_come() -> bool:
        notebook.page.evaluate("() => 0")  # meanwhile messages come in
        messages = enumerate(notebook.messages[before:], before)
        found[:] = [place for place, message in messages if words in message.content.get("text", "")]
        return bool(found)

    until(has_come, f"the text {words!r}")
    return found[0]


def test_quiet_when_nothing_changes(
    open_notebook: Callable[..., Notebook], record_property: Callable[[str, object], None]
) -> None:
    """A run that waits sends the time that passes once a second, and no more; one that has ended, nothing."""
    notebook = open_notebook(
        PUPPET,
        BEGIN,
        tell("update(30, 'waiting')"),
        QUIET.format(seconds=4),
        tell("next", "next") + "\nawait run",
        QUIET.format(seconds=2),
    )
    notebook.run(0, 1, 2)
    expect(notebook.line(1, "Reading")).to_contain_text("30 %")
    sent, took = quiet_traffic(notebook, 3)
    report(sent, took, record_property)
    # Of a busy machine's longer wait, every second may be shown; so may a notice of silence.
    paints = took + 1 + took / 10
    assert sent
    assert len(sent) <= paints
    assert sum(message.size for message in sent) < paints * 3_000
    notebook.run(4)
    notebook.ended(1)
    sent, _ = quiet_traffic(notebook, 5)
    assert sent == []
