"""`catch_tqdm`: bars that libraries draw are stages, their own drawing is off, and nothing is patched otherwise."""

import asyncio
import contextlib
import importlib
import io
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
from tqdm import std, tqdm, trange
from tqdm.asyncio import tqdm as tqdm_asyncio
from tqdm.contrib.concurrent import process_map, thread_map

import progressnb as pnb
from progressnb.errors import InputError, MissingExtraError, RunCancelled
from progressnb.folds.words import loop_text
from progressnb.tracking.current import current_stage
from progressnb.tracking.tracker import ProgressTracker

ORIGINAL = std.tqdm.__dict__["__new__"]
WAIT = 20.0  # seconds after which something that does not come is missing


@pytest.fixture(autouse=True)
def untouched() -> Iterator[None]:
    """Leave tqdm as it was."""
    yield
    pnb.watch("tqdm", False)  # noqa: FBT003 - as users write it
    assert std.tqdm.__dict__["__new__"] is ORIGINAL


@pytest.fixture
def runs() -> list[Any]:
    """Collect the runs that are shown."""
    shown: list[Any] = []
    pnb.configure(screen=shown.append, show=True)
    return shown


def told(run: Any) -> list[tuple[str, str, str | None]]:
    """Return the path, the status and the message of each stage."""
    return [(stage.path, stage.status, stage.message) for _, stage in run.state.walk()]


def until(condition: Callable[[], object]) -> None:
    """Wait for a condition."""
    end = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


def with_error() -> None:
    """Leave a manual bar by an error."""
    with tqdm(total=3) as bar:
        bar.update()
        raise KeyError("gone")


def failing() -> Iterator[int]:
    """Give one item and fail."""
    yield 1
    raise ValueError("no more")


def changed() -> None:
    """Change all that can be changed of a bar."""
    with tqdm(desc="first: ", unit="files", postfix={"loss": 2}) as bar:
        bar.update(2)
        bar.total = 4
        bar.set_description("second")
        bar.set_postfix({"acc": 0.5}, lr="low")
        bar.update(2)


def counted_anew() -> None:
    """Use one bar for two rounds."""
    bar = tqdm(total=2, desc="round")
    bar.update(2)
    bar.reset(total=3)
    bar.update(3)
    bar.close()


def nested() -> None:
    """Run a loop in a loop."""
    for _ in tqdm(range(2), desc="outer"):
        for _ in trange(1, desc="inner"):
            pass


def in_pandas() -> None:
    """Apply a function with pandas."""
    tqdm.pandas(desc="rows")
    pd.Series([1, 2, 3]).progress_apply(lambda value: value)  # type: ignore[operator]


def left() -> None:
    """Leave a loop early."""
    for number in tqdm(range(10)):
        if number == 2:
            break


Stages = list[tuple[str, str, str | None]]
CASES: list[tuple[Callable[[], object], Stages]] = [
    (lambda: list(tqdm(range(3), desc="reading: ")), [("reading", "finished", "3 of 3")]),
    (lambda: list(tqdm(iter("ab"))), [("work", "finished", "2")]),
    (lambda: list(tqdm(range(2), total=10)), [("work", "finished", "stopped at 2 of 10")]),
    (lambda: list(tqdm([1, 2], initial=3, total=5)), [("work", "finished", "5 of 5")]),
    (lambda: list(zip([1, 2], tqdm([3, 4]), strict=False)), [("work", "finished", "2 of 2")]),
    (left, [("work", "finished", "stopped at 3 of 10")]),
    (changed, [("first", "finished", "second: 4 of 4 files")]),
    (counted_anew, [("round", "finished", "2 of 2"), ("round#2", "finished", "3 of 3")]),
    (with_error, [("work", "failed", "'gone'")]),
    (lambda: list(tqdm(failing(), total=2)), [("work", "failed", "no more")]),
    (lambda: tqdm(total=3).update(1), [("work", "finished", "stopped at 1 of 3")]),  # dropped without an end
    (in_pandas, [("rows", "finished", "3 of 3")]),
    (lambda: thread_map(str, range(5), max_workers=2), [("work", "finished", "5 of 5")]),
    (
        nested,
        [
            ("outer", "finished", "2 of 2"),
            ("outer/inner", "finished", "1 of 1"),
            ("outer/inner#2", "finished", "1 of 1"),
        ],
    ),
]
IN_PROCESSES = pytest.param(
    lambda: process_map(str, range(3), max_workers=1),
    [("work", "finished", "3 of 3")],
    marks=pytest.mark.integration,
)


@pytest.mark.parametrize(("work", "expected"), [*CASES, IN_PROCESSES])
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_every_bar(
    runs: list[Any],
    work: Callable[[], object],
    expected: list[tuple[str, str, str | None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever is done with a bar outside any run is a run of its own, and nothing is drawn."""
    monkeypatch.setattr(sys, "stderr", screen := io.StringIO())
    with pnb.catch_tqdm(), contextlib.suppress(KeyError, ValueError):
        work()
    assert [stage for run in runs for stage in told(run)] == expected
    assert not any(run.state.status == "running" for run in runs)
    assert screen.getvalue() == ""


@pytest.mark.parametrize("name", ["tqdm.auto", "tqdm.notebook", "tqdm.rich", "tqdm.gui", "mine"])
def test_classes_that_draw_by_other_means(runs: list[Any], name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The notebook's bars, rich's and those of a library's own class draw nothing, and stay of their class."""
    if name == "mine":

        class Mine(std.tqdm):  # type: ignore[type-arg] # as libraries derive
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.ready = not self.disable

        cls: Any = Mine
    else:
        for module in ("matplotlib", "matplotlib.pyplot"):  # tqdm.gui only imports them where it draws nothing
            monkeypatch.setitem(sys.modules, module, ModuleType(module))
        cls = importlib.import_module(name).tqdm
    monkeypatch.setattr(sys, "stderr", screen := io.StringIO())
    monkeypatch.setattr(sys, "stdout", screen)
    with pnb.catch_tqdm():
        bar = cls(range(3), desc="x")
        assert isinstance(bar, cls)
        assert type(bar).__name__ == cls.__name__
        assert getattr(bar, "ready", True)
        assert list(bar) == [0, 1, 2]
        bar.reset()
        bar.colour = "red"
        assert len(bar) == 3
        with cls(total=2, leave=False) as other:
            other.update(2)
            other.set_description("late")
            other.refresh()
            other.clear()
    assert [told(run) for run in runs] == [[("x", "finished", "3 of 3")], [("work", "finished", "late: 2 of 2")]]
    assert screen.getvalue() == ""


async def test_in_a_run(runs: list[Any]) -> None:
    """Bars are stages of the current one, code in their body reports below them, threads find the block's stage."""
    async with ProgressTracker("op", show=False) as tracker:
        with tracker.stage("s") as stage, pnb.catch_tqdm():
            for _ in tqdm(range(1), desc="bar"):
                inside = current_stage()
                assert inside is not None
                assert inside.path == "s/bar"
                with inside.stage("deep"):
                    pass
                list(pnb.track([1], "loop"))
            assert current_stage() is stage
            thread = threading.Thread(target=lambda: list(tqdm([1], desc="thread")))
            thread.start()
            thread.join()
            first, second = tqdm(total=1, desc="one"), tqdm(total=1, desc="two")
            second.update()
            first.close()
            second.close()
        assert current_stage() is None
    assert [path for path, _, _ in told(tracker)] == [
        "s",
        "s/bar",
        "s/bar/deep",
        "s/bar/loop",
        "s/thread",
        "s/one",
        "s/two",
    ]
    assert runs == []


@pytest.mark.parametrize("outer", [tqdm, pnb.track], ids=["tqdm", "track"])
@pytest.mark.parametrize("inner", [tqdm, pnb.track], ids=["tqdm", "track"])
async def test_an_error_of_the_body(outer: Any, inner: Any) -> None:
    """An error that leaves a stage through the loops of bars fails each with its text; the item at work isn't done."""
    tracker = ProgressTracker("op", show=False)

    async def read() -> None:
        async with tracker:
            with tracker.stage("s"), pnb.catch_tqdm():
                for page in outer(range(10)):
                    for line in inner(range(10)):
                        if (page, line) == (1, 4):
                            raise ValueError("torn page")

    with pytest.raises(ValueError, match="torn page"):
        await read()
    stages = [stage for _, stage in tracker.state.walk()]
    assert [stage.status for stage in stages] == ["failed", "failed", "finished", "failed"]
    assert [stage.data["done"] for stage in stages[1:]] == [1, 10, 4]
    assert sum(stage.error == "torn page" for stage in stages) == 1


def test_a_message_of_the_body_stays(runs: list[Any]) -> None:
    """What the body of a bar's loop reports of the current stage stays behind the count."""
    with pnb.catch_tqdm():
        for number in tqdm(range(3), desc="bar"):
            stage = current_stage()
            assert stage is not None
            stage.update(message=f"page {number}", loss=number / 10)
    (run,) = runs
    (stage,) = run.state.stages
    assert stage.message == "3 of 3 · page 2"
    assert stage.data["postfix"] == {"loss": 0.2}


async def test_async_bars(runs: list[Any]) -> None:
    """`tqdm.asyncio` over async and plain iterables, with `gather`, in tasks side by side."""

    async def letters() -> AsyncIterator[str]:
        for letter in "ab":
            await asyncio.sleep(0)
            yield letter

    async def follow(name: str) -> list[str]:
        seen = []
        for _ in tqdm([1], desc=f"in {name}"):
            await asyncio.sleep(0)
            stage = current_stage()
            assert stage is not None
            seen.append(stage.path)
        return seen

    with pnb.catch_tqdm():
        async for _ in tqdm_asyncio(letters(), total=2, desc="a"):
            pass
        assert await tqdm_asyncio.gather(*[asyncio.sleep(0, number) for number in range(3)]) == [0, 1, 2]
        assert list(await asyncio.gather(follow("x"), follow("y"))) == [["in x"], ["in y"]]
    assert [stage for run in runs for stage in told(run)] == [
        ("a", "finished", "2 of 2"),
        ("work", "finished", "3 of 3"),
        ("in x", "finished", "1 of 1"),
        ("in y", "finished", "1 of 1"),
    ]


def test_facts(runs: list[Any]) -> None:
    """Counts, totals and postfixes are data in the bar's own units; a later look shows them while the bar goes on."""
    with pnb.catch_tqdm():
        bar = tqdm(total=2048, unit="B", unit_scale=True, unit_divisor=1024, desc="load")
        bar.update(1024)
        bar.set_postfix(loss=0.25, name="x")
        until(lambda: runs[0].state.find("load").data.get("done") == 1024)
        stage = runs[0].state.find("load")
        assert stage.percent == 50
        assert stage.message.lower() == "1.00kb of 2.00kb"  # versions of tqdm differ
        assert stage.data["postfix"] == {"loss": 0.25, "name": "x"}
        assert loop_text(stage, runs[0].elapsed).startswith("1,024/2,048")
        bar.close()
        with tqdm(total=2, unit_scale=10, desc="tens") as bar:
            bar.update(2)
        assert runs[1].state.find("tens").data["done"] == 20


@pytest.mark.parametrize("contents", [True, False])
def test_contents(runs: list[Any], *, contents: bool) -> None:
    """Without contents no event has a description that was set later, nor the facts behind the count."""
    with pnb.watch("tqdm", contents=contents), tqdm(total=1, desc="load") as bar:
        bar.set_description("secret one")
        bar.set_postfix(word="secret two")
        bar.update()
    written = b"".join(runs[0].log.encoded())
    assert (b"secret one" in written, b"secret two" in written) == (contents, contents)
    assert runs[0].state.status == "finished"


def test_what_stays_as_it_is(runs: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Disabled bars, bars in a file of their own and `tqdm.write` work as ever; `iterable` and `n` are tqdm's."""
    monkeypatch.setattr(sys, "stdout", screen := io.StringIO())
    with pnb.catch_tqdm():
        disabled = tqdm(items := [1, 2], disable=True)
        assert type(disabled) is tqdm
        assert list(disabled) == items
        assert runs == []
        file = io.StringIO()
        assert list(tqdm(items, file=file)) == items
        assert "2/2" in file.getvalue()
        bar = tqdm(items)
        for _ in bar:
            assert bar.iterable is items
            tqdm.write("a line")
        assert bar.n == 2
    assert screen.getvalue() == "a line\na line\n"
    assert [run.state.status for run in runs] == ["finished", "finished"]


def test_a_loop_that_is_kept_by_name(runs: list[Any]) -> None:
    """A loop that was left ends though its bar lives on, and the next one is not below it."""
    with pnb.catch_tqdm():
        bar = tqdm(range(5), desc="kept")
        items = iter(bar)
        for _ in items:
            break
        until(lambda: runs[0].state.status == "finished")
        list(tqdm([1], desc="next"))
    assert [told(run) for run in runs] == [
        [("kept", "finished", "stopped at 1 of 5")],
        [("next", "finished", "1 of 1")],
    ]


async def test_a_bar_that_ends_late() -> None:
    """A bar may be closed after its run, and after the block that caught it."""
    async with ProgressTracker("op", show=False) as tracker:
        with pnb.catch_tqdm():
            bar = tqdm(total=3)
        bar.update()
    bar.update()
    bar.close()
    assert tracker.state.status == "finished"


def test_cancel(runs: list[Any]) -> None:
    """Cancel ends a loop of its own once the item at work is done, and a bar that nobody drives soon."""

    def endless() -> None:
        for number in tqdm(range(10**9), desc="long"):
            if number == 2:
                runs[0].cancel("enough")

    with pnb.catch_tqdm():
        with pytest.raises(RunCancelled, match="enough"):
            endless()
        idle = tqdm(total=3, desc="idle")
        runs[1].cancel()
        until(lambda: runs[1].log.ended)
        idle.close()
    assert [run.state.status for run in runs] == ["cancelled", "cancelled"]


def test_blocks_in_threads() -> None:
    """Blocks that overlap in any order leave tqdm as it was when the last one ends."""
    first, second = pnb.catch_tqdm(), pnb.catch_tqdm()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert std.tqdm.__dict__["__new__"] is not ORIGINAL
    second.__exit__(None, None, None)
    assert std.tqdm.__dict__["__new__"] is ORIGINAL


def test_somebody_wraps_after_us(runs: list[Any]) -> None:
    """A wrapper that was put around ours stays, and ours is inert below it."""
    with pnb.catch_tqdm():
        ours: Any = std.tqdm.__new__
        theirs = staticmethod(lambda cls, *args, **kwargs: ours(cls, *args, **kwargs))  # noqa: PLW0108 - as wrappers are
        std.tqdm.__new__ = theirs  # type: ignore[method-assign]
    try:
        assert std.tqdm.__dict__["__new__"] is theirs
        assert type(bar := tqdm([1], file=io.StringIO())) is tqdm
        assert list(bar) == [1]
        with pnb.catch_tqdm():
            assert list(tqdm([1])) == [1]
        assert len(runs) == 1
        assert std.tqdm.__dict__["__new__"] is theirs
    finally:
        std.tqdm.__new__ = ORIGINAL  # type: ignore[method-assign]


def test_faults_of_ours_break_nothing(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A report that fails is logged, the bar goes on, and no run is left at work."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("progressnb.interop.bars.BarStage._begin", broken)
    with pnb.catch_tqdm():
        assert list(tqdm([1, 2])) == [1, 2]
    assert "could not report a bar" in caplog.text
    assert pnb.runs() == []


def test_without_tqdm(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says how to install it, and `watch` knows its name."""
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.std", None)
    with pytest.raises(MissingExtraError, match="pip install tqdm"), pnb.catch_tqdm():
        pass
    with pytest.raises(MissingExtraError, match="pip install tqdm"):
        pnb.watch("tqdm")
    with pytest.raises(InputError, match='"tqdm"'):
        pnb.watch("tdqm")


@pytest.mark.integration
def test_nothing_is_loaded_before() -> None:
    """The name alone loads no tqdm."""
    code = "import sys, progressnb; progressnb.catch_tqdm; sys.exit('tqdm' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
