"""What is seen: paints, an output that is read while it is written, and what panels cost in a real kernel."""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measures import Measure, measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from progressnb import ProgressTracker

ITEM = {"name": "a page", "text": "lorem ipsum dolor sit amet " * 20}
CHUNK = 12  # characters


def _median(figures: list[float]) -> float:
    return statistics.median(figures)


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _document(kilobytes: float) -> str:
    """Return an output of so many KB that is still open."""
    count = max(1, round(kilobytes * 1000 / len(json.dumps(ITEM))))
    return json.dumps({"items": [ITEM] * count})[:-2]


# --- paints --------------------------------------------------------------------------------------------


def _tracker() -> ProgressTracker:
    from progressnb import ProgressTracker

    tracker = ProgressTracker("op", show=False)
    tracker.start()
    return tracker


def _paint(tracker: ProgressTracker, change: Callable[[int], object], rounds: int = 30) -> Measure:
    """Return the milliseconds of a paint after a change: the tree, and the patch from the one before."""
    from progressnb.folds.group import panel_tree
    from progressnb.folds.patch import diff
    from progressnb.folds.view import RunView

    view = RunView("r1")
    trees = [panel_tree([view.tree(tracker.state, tracker.elapsed)], key="p")]

    def paint() -> None:
        tree = panel_tree([view.tree(tracker.state, tracker.elapsed)], key="p")
        diff(trees[-1], tree)
        trees[:] = [tree]

    taken: list[float] = []
    for number in range(rounds):
        change(number)
        taken.append(1e3 * _seconds(paint))
    return Measure(_median(taken), spread=0.3)


def _of_stages(count: int, *, ends: bool) -> Measure:
    tracker = _tracker()
    for number in range(count):
        stage = tracker.stage(f"step {number}")
        stage.start()
        if ends:
            stage.finish()
    last: Any = tracker.stage("last")
    last.start()
    return _paint(tracker, lambda number: last.update(number, number=number))


@measure("a paint, 10,000 ended stages", unit="ms", target=1.0)
def paint_ended_stages() -> Measure:
    """Each stage has a name of its own, so that none is folded."""
    return _of_stages(10_000, ends=True)


@measure("a paint, 10,000 stages at work", unit="ms", target=1.0)
def paint_stages_at_work() -> Measure:
    """All at once."""
    return _of_stages(10_000, ends=False)


@measure("a paint, 5 MB of JSON", unit="ms", target=1.0)
def paint_json() -> Measure:
    """Of a list that gains items."""
    tracker = _tracker()
    stage: Any = tracker.stage("write")
    stage.start()
    stage.write(_document(5_000), kind="json")

    def write(number: int) -> None:
        stage.write(f", {json.dumps(ITEM)}", kind="json")
        stage.update(number=number)  # what was written is in an event then

    return _paint(tracker, write)


@measure("an event after a quiet time to its paint, p50", unit="ms", target=10.0, own=True)
def event_to_paint() -> Measure:
    """Of a panel that is at work."""
    from progressnb.display.painter import Pace

    async def main() -> list[float]:
        from progressnb import ProgressTracker
        from progressnb.tracking.clock import SystemClock

        tracker = ProgressTracker("op", clock=SystemClock(asyncio.get_running_loop()), show=False)
        told: list[float] = []
        taken: list[float] = []

        def paint(now: float) -> int:
            if told:
                taken.append(1e3 * (now - told.pop()))
            return 100

        tracker.start()
        stage: Any = tracker.stage("read")
        stage.start()
        pace = Pace(paint)
        pace.follow(tracker)
        for number in range(20):
            await asyncio.sleep(0.31 + 0.017 * number)
            told.append(time.monotonic())
            stage.update(message=f"at {number}")
        await asyncio.sleep(0.2)
        pace.stop()
        return taken

    return Measure(_median(asyncio.run(main())), spread=0.5)


@measure("a paint of 50 ms (floor: the pause after it)", unit="ms", target=0.1, against="floor")
def pause_after_paint() -> Measure:
    """Let each paint take 50 ms of a clock that is moved by hand, while events come; the shortest pause counts."""
    from progressnb import ProgressTracker
    from progressnb.display.painter import Pace
    from progressnb.testing import ManualClock

    takes = 0.05
    clock = ManualClock()
    tracker = ProgressTracker("op", clock=clock, show=False)
    begun: list[float] = []

    def paint(now: float) -> int:
        begun.append(now)
        clock.advance(takes)
        return 100

    tracker.start()
    Pace(paint).follow(tracker)
    stage: Any = tracker.stage("read")
    for number in range(100):
        stage.update(message=f"page {number}")
        clock.advance(0.1)
    pause = min(after - before - takes for before, after in itertools.pairwise(begun))
    return Measure(1e3 * takes, floor=round(1e3 * pause, 6))


# --- an output that is read while it is written ----------------------------------------------------------


def _chunks() -> Iterator[str]:
    text = f", {json.dumps(ITEM)}" * 100
    return (text[at : at + CHUNK] for at in range(0, len(text), CHUNK))


def _reading(kilobytes: float) -> float:
    from progressnb.wire.buffer import OutputBuffer

    buffer = OutputBuffer("json")
    buffer.append(_document(kilobytes))
    chunks = [*_chunks()]
    _ = buffer.value

    def read() -> None:
        for chunk in chunks:
            buffer.append(chunk)
            _ = buffer.value

    return 1e6 * _seconds(read) / len(chunks)


def _scanning(kilobytes: float) -> float:
    from progressnb.wire.scanner import Scanner

    scanner, text = Scanner(), _document(kilobytes)
    scanner.scan(text)
    chunks = [*_chunks()]

    def scan() -> None:
        whole = text
        for chunk in chunks:
            whole += chunk
            scanner.scan(whole)

    return 1e6 * _seconds(scan) / len(chunks)


def _parsing(kilobytes: float) -> float:
    from pydantic_core import from_json

    text = _document(kilobytes)
    return _median([1e6 * _seconds(lambda: from_json(text, allow_partial="trailing-strings")) for _ in range(50)])


@measure("run.partial at each chunk of 170 KB", unit="µs", target=8.0)
def partial() -> Measure:
    """Compare with the scan of the fields alone, and with jiter, which reads all."""
    ours = [_reading(170) for _ in range(5)]
    return Measure(_median(ours), floor=_median([_scanning(170) for _ in range(5)]), peer=_parsing(170), spread=0.2)


@measure("run.partial at each chunk, 170 KB beside 20 KB", unit="µs", target=1.3, against="floor", own=True)
def partial_of_a_long_output() -> Measure:
    """Compare with the same behind 20 KB.

    Who keeps the value of the chunk before, as a variable in a loop does, has one reference copied for each item of the
    lists that are open.
    """
    _reading(20)  # Python makes a text longer in its place once the code is warm
    longer, shorter = ([_reading(kilobytes) for _ in range(5)] for kilobytes in (170, 20))
    return Measure(_median(longer), floor=_median(shorter), spread=0.2)


# --- panels in a kernel ----------------------------------------------------------------------------------


@measure("a short run with a panel", unit="ms", target=1.3, against="floor")
def short_run() -> Measure:
    """Compare with the same run without a panel; times are those of the kernel's processor.

    The peer is that run with a bare `display` of 2 KB of HTML, which is replaced once: the messages that any panel
    costs.
    """
    measured = _runs("begun({number}, 0{options})", 1, 40)
    return measured._replace(peer=_with_bare_display(40))


@measure("200 runs of 10 ms in turn", unit="ms", target=1.3, against="floor", own=True)
def many_in_turn() -> Measure:
    """Compare with the same without a panel."""
    return _runs("in_turn(200{options})", 200, 4)


@measure("200 runs of 10 ms, eight at once", unit="ms", target=1.3, against="floor", own=True)
def many_at_once() -> Measure:
    """Compare with the same without a panel."""
    return _runs("eight_at_once(200{options})", 200, 4)


def _runs(code: str, runs: int, pairs: int) -> Measure:
    from benchmarks.page import SETUP, Page

    shown: list[float] = []
    bare: list[float] = []
    with Page() as page:
        page.execute(SETUP)
        page.hello()
        for number in range(pairs + 1):
            for options, figures in ((", show=False", bare), ("", shown)):
                figures.append(1e3 * page.execute(f"await timed({code.format(number=number, options=options)})"))
    return Measure(_median(shown[1:]) / runs, floor=_median(bare[1:]) / runs, spread=0.1)


BARE = """
from IPython.display import HTML, display
async def displayed(number):
    shown = display(HTML(""), display_id=True)
    await short(number, 0, show=False)
    shown.update(HTML("x" * 2_000))
"""


def _with_bare_display(pairs: int) -> float:
    from benchmarks.page import SETUP, Page

    with Page() as page:
        page.execute(SETUP)
        page.execute(BARE)
        return _median([1e3 * page.execute(f"await timed(displayed({number}))") for number in range(pairs + 1)][1:])


def _messages(panels: int) -> Measure:
    from benchmarks.page import SETUP, Page

    seconds = 3.0
    with Page() as page:
        page.execute(SETUP)
        page.hello()
        for _ in range(panels):
            page.execute("going.append(long(30))")
        page.messages(2.0)
        counts = page.messages(seconds)
    return Measure(counts.total() / seconds, spread=0.1)


@measure("messages of 1 panel at work", unit="messages/s", target=15.0)
def one_panel() -> Measure:
    """Of a cell that is over."""
    return _messages(1)


@measure("messages of 10 panels at work", unit="messages/s", target=15.0)
def ten_panels() -> Measure:
    """Of a cell each."""
    return _messages(10)


@measure("messages of 50 panels at work", unit="messages/s", target=15.0)
def fifty_panels() -> Measure:
    """Of a cell each."""
    return _messages(50)


PANEL_IMPORTS = """import asyncio, anywidget, ipywidgets, pydantic
class Model(pydantic.BaseModel):
    number: int
class Widget(anywidget.AnyWidget):
    _esm = "export default { render() {} }"
widget = Widget()
"""


@measure("the first panel of a kernel", unit="ms", target=215.0)
def first_panel() -> Measure:
    """From `import progressnb` to the end of the first run that is seen live, in new kernels.

    The floor is what other libraries need for it: a first widget, and pydantic with a first model for events.
    """
    ours, floor = zip(*(_first_panel() for _ in range(5)), strict=True)
    return Measure(_median([*ours]), floor=_median([*floor]), spread=0.2)


def _first_panel() -> tuple[float, float]:
    from benchmarks.page import SETUP, Page

    taken: list[float] = []
    for cells in ((SETUP, "await short(1, 0.5)"), (PANEL_IMPORTS,)):
        with Page() as page:
            page.execute("import time\nbegan = time.process_time()")
            for cell in cells:
                page.execute(cell)
            taken.append(1e3 * page.execute("print('seconds', time.process_time() - began)"))
            if cells[0] is SETUP and not page.comms:
                raise RuntimeError("expected a widget in the kernel, got no panel")
    return taken[0], taken[1]


# --- streams ---------------------------------------------------------------------------------------------


@measure("a chunk of pnb.stream", unit="µs", target=None)
def stream_chunk() -> Measure:
    """Of a recorded answer by a provider's own client; the floor is the bare loop over it."""
    sys.path.insert(0, str(Path(__file__).parents[2]))
    import progressnb as pnb
    from benchmarks.stream import NAMES, longer, timed
    from tests.interop import recordings

    pnb.configure(show=False)
    body = longer(NAMES[0])
    timed(recordings.begin(NAMES[0]), pnb.stream)  # what loads at first use
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(10):
        for figures, report in ((bare, iter), (ours, pnb.stream)):
            seconds, count = timed(recordings.begin(NAMES[0], body), report)
            figures.append(1e6 * seconds / count)
    return Measure(_median(ours), floor=_median(bare), spread=0.1)


@measure("an agent's output of 43 KB, nobody looks", unit="ms", target=1.3, against="floor", own=True)
def agent_output() -> Measure:
    """Compare with a bare `event_stream_handler`."""
    from benchmarks.overhead import Sample, ours, stream_handler

    sample = Sample.of(43)
    found: dict[Any, list[float]] = {ours: [], stream_handler: []}
    for _ in range(6):
        for read, figures in found.items():
            figures.append(1e3 * _seconds(lambda read=read: asyncio.run(read(sample))))
    return Measure(_median(found[ours][1:]), floor=_median(found[stream_handler][1:]), spread=0.1)
