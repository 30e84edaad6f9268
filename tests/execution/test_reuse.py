"""Which kept results a resumed run reuses: by what the function is, what it reads, and what it is given."""

import asyncio
import functools
import logging
import math
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel

from progressnb import History, ProgressTracker, Run, operation, resume_run, use_history
from progressnb.errors import InputError, ResumeError
from progressnb.history import calls as history_calls
from progressnb.history.files import file_digest
from tests.execution.interrupted import failing, given, interrupted, job, work

CFG = {"year": 2026, "other": 1}
LIMIT = 3
calls: list[Any] = []


def named(name: object, kind: str = "page") -> str:
    """Note the call."""
    calls.append(name)
    return f"{kind} {name}"


@pytest.fixture(autouse=True)
def history() -> Iterator[History]:
    """Record with contents, from nothing."""
    calls.clear()
    failing["on"] = True
    with History(contents=True) as used:
        use_history(used)
        yield used
        use_history(None)


async def told(run: Run[Any], **options: Any) -> str | None:
    """Take a run up again until it fails at its end once more; return what is said of its stage `load`."""
    failing["on"] = True
    again = resume_run(run.id, **options)
    with pytest.raises(ConnectionError):
        await again
    failing["on"] = False
    return again.reused.get("load")


def plain(number: int = 1) -> int:
    """Give a number."""
    calls.append(number)
    return number


def edited(number: int = 1) -> int:
    """Give a number."""
    calls.append(number)
    return number + 0


def of_year() -> str:
    """Read the configuration."""
    calls.append(1)
    if failing["on"] and len(calls) > 10:
        raise ConnectionError
    return f"rows of {CFG['year']}"


def below_limit() -> int:
    """Read a number of the module."""
    return LIMIT


def helped() -> int:
    """Call another function of the module."""
    return helper()


def helper() -> int:
    """Help."""
    return 1


def other_helper() -> int:
    """Help otherwise."""
    return 2


async def test_an_equal_call_is_reused() -> None:
    """The same function with the same arguments is not called again, and the run says so."""
    run = await interrupted(plain, 7)
    assert await told(run) == "reused"
    assert calls == [7]


@pytest.mark.parametrize(
    ("then", "arguments", "why"),
    [(edited, (7,), "its code changed"), (plain, (8,), "its arguments changed"), (plain, (7.0,), "arguments changed")],
)
async def test_what_changed_is_run_again(history: History, then: Any, arguments: Any, why: str) -> None:
    """Another function or another argument is run again, and the run says why."""
    run = await interrupted(plain, 7)
    work[:], given[:] = [then], arguments
    assert why in (await told(run) or "")
    assert len(calls) == 2
    again = history.runs()["run_id"].iloc[-1]
    assert any("run again: " in (getattr(event, "message", None) or "") for event in history.log(again))


async def test_globals_that_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A global counts by the item that is read; what only decides whether there is a result does not count."""
    run = await interrupted(of_year)
    monkeypatch.setitem(CFG, "other", 2)
    assert await told(run) == "reused"
    monkeypatch.setitem(CFG, "year", 2025)
    assert "a value that its code reads" in (await told(run) or "")


@pytest.mark.parametrize(("function", "name", "value"), [(below_limit, "LIMIT", 4), (helped, "helper", other_helper)])
async def test_names_of_the_module(monkeypatch: Any, function: Any, name: str, value: Any) -> None:
    """Numbers and functions of the module that the function names count, too."""
    run = await interrupted(function)
    monkeypatch.setitem(globals(), name, value)
    assert "code" in (await told(run) or "")


async def test_closures() -> None:
    """A value that a function closes over counts; one that it counts with does not."""

    def made(factor: int) -> Callable[[], int]:
        count = 0

        def scale() -> int:
            nonlocal count
            count += 1
            calls.append(count)
            return 10 * factor

        return scale

    function = made(2)
    run = await interrupted(function)
    assert await told(run) == "reused"
    work[:] = [made(2)]
    assert await told(run) == "reused"
    work[:] = [made(3)]
    assert "code" in (await told(run) or "")


class Scale:
    """A callable object."""

    def __init__(self, factor: int) -> None:
        self.factor = factor

    def __call__(self, number: int) -> int:
        """Scale."""
        return number * self.factor

    def times(self, number: int) -> int:
        """Scale."""
        return number * self.factor


def decorated(function: Any) -> Any:
    """Decorate."""

    @functools.wraps(function)
    def inner(*args: Any) -> Any:
        return function(*args)

    return inner


@pytest.mark.parametrize(
    ("first", "same", "other"),
    [
        (lambda x: x + 1, None, lambda x: x + 2),
        (functools.partial(pow, 2), functools.partial(pow, 2), functools.partial(pow, 3)),
        (Scale(2), Scale(2), Scale(3)),
        (Scale(2).times, Scale(2).times, Scale(3).times),
        (decorated(plain), decorated(plain), decorated(edited)),
        (functools.lru_cache(plain), functools.lru_cache(plain), functools.lru_cache(edited)),
        (math.sqrt, math.sqrt, math.exp),
        ({1: "a", 2: "b"}.get, {1: "a", 2: "b"}.get, {1: "b"}.get),
    ],
    ids=["lambda", "partial", "object", "method", "decorated", "cached", "C", "of a dict"],
)
async def test_all_that_can_be_called(first: Any, same: Any, other: Any) -> None:
    """Lambdas, partials, objects, methods, decorated functions and those in C are told apart, and known again."""
    run = await interrupted(first, 2)
    work[:] = [same or first]
    assert await told(run) == "reused"
    run = await interrupted(first, 2)
    work[:] = [other]
    assert "code" in (await told(run) or "")


class Page(BaseModel):
    """A model."""

    title: str
    tags: set[str] = set()


@dataclass
class Point:
    """A dataclass."""

    x: float
    y: Any = None


def frame() -> pd.DataFrame:
    """Return a frame of many kinds of columns."""
    return pd.DataFrame(
        {"a": [1, 2], "b": ["x", None], "c": [1.5, math.nan], "d": pd.date_range("2026", periods=2, tz="UTC")}
    )


VALUES: list[Callable[[], Any]] = [
    frame,
    lambda: np.array([[1.0, math.nan]]),
    lambda: b"\x00\xff",
    lambda: Point(1.0, (2, {3})),
    lambda: math.nan,
    lambda: math.inf,
    lambda: {1: "a", (2, 3): b"c"},
    lambda: datetime(2026, 1, 2, tzinfo=UTC),
    lambda: (1, 2, [3, {4, 5}]),
    lambda: {"x", "y"},
    lambda: Page(title="t", tags={"b", "a"}),
    lambda: [Page(title="t"), None, -0.0],
    lambda: Path("a/b"),
    lambda: np.float32(0.5),
    lambda: pd.Series([1, 2], name="s", index=["p", "q"]),
]


def same(a: Any, b: Any) -> bool:
    """Compare values with their types."""
    if isinstance(a, pd.DataFrame):
        return a.equals(b) and list(a.dtypes) == list(b.dtypes)
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True)
    if isinstance(a, pd.Series):
        return a.equals(b) and a.name == b.name
    return type(a) is type(b) and (a == b or repr(a) == repr(b))


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value()).__name__)
async def test_results_come_back_as_they_were(value: Callable[[], Any]) -> None:
    """A result comes back as the very value, with its type, without an annotation."""
    run = await interrupted(value)
    again = resume_run(run.id)
    assert same(value(), await again)
    assert again.reused == {"load": "reused"}


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value()).__name__)
async def test_arguments_are_compared(value: Callable[[], Any]) -> None:
    """Arguments of these types are the same when they are made anew."""

    def count(argument: Any) -> str:
        calls.append(argument)
        return "done"

    run = await interrupted(count, value())
    given[:] = [value()]
    assert await told(run) == "reused"
    run = await interrupted(count, value())
    given[:] = ["another"]
    assert "arguments" in (await told(run) or "")


async def test_order_of_dicts_and_sets() -> None:
    """Dicts of another order and sets are equal arguments."""
    run = await interrupted(lambda _: 1, {"a": 1, "b": {"x", "y"}})
    given[:] = [{"b": {"y", "x"}, "a": 1}]
    assert await told(run) == "reused"


async def test_an_argument_that_cant_be_compared(caplog: pytest.LogCaptureFixture) -> None:
    """An object of which nothing is known is run again, and the log says so once."""
    run = await interrupted(lambda rng: rng is not None, random.Random(1))  # noqa: S311
    assert "can't be compared" in (await told(run) or "")
    assert caplog.text.count("is not kept") >= 1


async def test_a_result_that_cant_be_restored(caplog: pytest.LogCaptureFixture) -> None:
    """It is said once when it is stored, in the log and in the stage's data, and the stage runs again."""
    made = []

    def opened() -> Any:
        made.append(1)
        return iter([1])

    with caplog.at_level(logging.WARNING):
        run = await interrupted(opened)
    assert "'load' of job is not kept" in caplog.text
    assert "list_iterator" in run.state.stages[0].data["not_restorable"]
    assert "was not kept" in (await told(run) or "")
    assert len(made) == 2


async def test_files(tmp_path: Path) -> None:
    """A file that an argument names counts by its content after the call: one that the stage wrote is an output."""
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_text("old")

    def copy(a: Path, b: Path) -> int:
        calls.append(1)
        return b.write_text(a.read_text())

    run = await interrupted(copy, source, target)
    assert await told(run) == "reused"
    run = await interrupted(copy, source, target)
    source.write_text("new")
    assert "a file" in (await told(run) or "")
    run = await interrupted(copy, source, target)
    target.unlink()
    assert "a file" in (await told(run) or "")
    assert target.read_text() == "new"


async def test_rerun_and_reuse() -> None:
    """`rerun` does a stage again, `reuse` takes the result of edited code for equal arguments, and both are checked."""
    run = await interrupted(plain, 7)
    assert await told(run, rerun="load") == "it was asked for"
    run = await interrupted(plain, 7)
    assert await told(run, rerun=["end", "load"]) == "it was asked for"
    run = await interrupted(plain, 7)
    work[:] = [edited]
    assert await told(run, reuse="load") == "reused"
    run = await interrupted(plain, 7)
    given[:] = [8]
    assert "arguments" in (await told(run, reuse=["load"]) or "")
    run = await interrupted(plain, 7)
    with pytest.raises(ResumeError, match="'laod'"):
        resume_run(run.id, rerun="laod")
    with pytest.raises(InputError, match="names of stages"):
        resume_run(run.id, rerun=3)  # type: ignore[arg-type]
    assert await told(run) == "reused"


async def test_the_whole_id(history: History) -> None:
    """The beginning of an id is enough, and `resumed_from` keeps all of it."""
    run = await interrupted(plain, 7)
    again = resume_run(run.id[:10])
    await again
    assert again.state.resumed_from == run.id
    assert history.runs()["resumed_from"].iloc[-1] == run.id


async def test_one_at_a_time() -> None:
    """While a run is being taken up, nobody else takes it up, by its id or by that of a run before."""
    run = await interrupted(plain, 7)
    first = resume_run(run.id)
    with pytest.raises(ResumeError, match="taken up, in this process"):
        resume_run(run.id)
    failing["on"] = True
    with pytest.raises(ConnectionError):
        await first
    failing["on"] = False
    second = resume_run(run.id)  # which ended: what it kept is reused
    await second
    assert second.reused == {"load": "reused"}
    assert calls == [7]


async def test_a_run_that_was_taken_up_to_its_end(history: History) -> None:
    """Once a run that took up another has finished, none of both is taken up again, unless stages are named anew."""
    run = await interrupted(plain, 7)
    failing["on"] = True
    second = resume_run(run.id)
    with pytest.raises(ConnectionError):
        await second
    failing["on"] = False
    third = resume_run(second.id)
    await third
    for each in (run, second):
        with pytest.raises(ResumeError, match=f"got one that {third.id[:8]} has taken up, which finished"):
            resume_run(each.id)
    with pytest.raises(ResumeError, match="one that finished"):
        resume_run(third.id)
    assert len(history.runs()) == 3
    assert await told(run, rerun="load") == "it was asked for"


async def test_a_name_that_was_asked_again_is_not_reused_later() -> None:
    """What a run was asked to run again is not taken from the runs before it when it is taken up in turn."""
    run = await interrupted(plain, 7)
    failing["on"] = True

    def broken(number: int = 1) -> int:
        raise ConnectionError(str(number))

    work[:] = [broken]
    second = resume_run(run.id, rerun="load")
    with pytest.raises(ConnectionError):
        await second
    failing["on"] = False
    work[:] = [plain]
    assert await told(second) is None
    assert calls == [7, 7]


async def test_inputs_come_back_exactly() -> None:
    """Inputs that JSON has no form for come back as they were: frames, bytes, NaN, keys that are no text."""
    seen: list[Any] = []

    @operation
    async def taking(_: ProgressTracker, table: Any, raw: Any, *rest: Any) -> None:
        seen.append((table, raw, *rest))
        if failing["on"]:
            raise ConnectionError

    inputs = frame(), b"x", math.nan, {1: (2, 3)}, Point(1.0)
    run = taking(*inputs)
    with pytest.raises(ConnectionError):
        await run
    failing["on"] = False
    await resume_run(run.id)
    assert all(map(same, seen[0], seen[1]))


async def test_a_changed_body() -> None:
    """An operation that was edited is refused, unless its changes are allowed: stages are still compared."""
    run = await interrupted(plain, 7)
    before = job.fingerprint
    job.fingerprint = "another"
    try:
        with pytest.raises(ResumeError, match="allow_changes=True"):
            resume_run(run.id)
        assert await told(run, allow_changes=True) == "reused"
    finally:
        job.fingerprint = before


@operation
async def chapter(tracker: ProgressTracker, number: int) -> str:
    """Write a chapter, in a run of its own."""
    text = await tracker.stage("text").run(named, number, "text")
    return f"{text}!"


@operation
async def volume(tracker: ProgressTracker, numbers: list[int]) -> list[str]:
    """Call another operation several times, then fail where the test says so."""
    async with tracker.stage("chapters"):
        chapters = [await chapter(number) for number in numbers]
    async with tracker.stage("end"):
        if failing["on"]:
            raise ConnectionError("down")
    return chapters


async def test_operations_that_an_operation_calls() -> None:
    """What a called operation's stages kept is reused by the run that takes up its caller."""
    run = volume([1, 2])
    with pytest.raises(ConnectionError):
        await run
    failing["on"] = False
    assert await resume_run(run.id) == ["text 1!", "text 2!"]
    assert calls == [1, 2]
    assert await resume_run(run.id, rerun="chapter") == ["text 1!", "text 2!"]
    assert calls == [1, 2, 1, 2]


@operation
async def twins(_: ProgressTracker, numbers: list[int]) -> list[str]:
    """Call another operation for all numbers at once, outside any stage, then fail where the test says so."""
    chapters = await asyncio.gather(*(chapter(number) for number in numbers))
    if failing["on"]:
        raise ConnectionError("down")
    return chapters


@pytest.mark.parametrize("book", [volume, twins])
async def test_operations_that_are_called_alike(book: Any) -> None:
    """Calls of an operation with equal arguments have a kept result each, over several interruptions too."""
    run = book([2, 2, 2, 1])
    with pytest.raises(ConnectionError):
        await run
    for _ in range(2):
        run = resume_run(run.id)
        with pytest.raises(ConnectionError):
            await run
    failing["on"] = False
    last = resume_run(run.id)
    assert await last == ["text 2!", "text 2!", "text 2!", "text 1!"]
    assert sorted(calls) == [1, 2, 2, 2]
    above = "chapters/" if book is volume else ""
    paths = [f"{above}chapter{number}/text" for number in ("", "#2", "#3", "#4")]
    assert last.reused == dict.fromkeys(paths, "reused")


async def test_a_list_that_shrank() -> None:
    """A loop over another list takes each result by what it is of, and not by its place."""
    names = ["a", "b", "c"]

    @operation
    async def listing(tracker: ProgressTracker) -> dict[str, str]:
        pages = {}
        for name in names:
            pages[name] = await tracker.stage("page").run(named, name)
        if failing["on"]:
            raise ConnectionError
        return pages

    run = listing()
    with pytest.raises(ConnectionError):
        await run
    names[:] = ["c", "d", "a"]
    failing["on"] = False
    again = resume_run(run.id)
    assert await again == {"c": "page c", "d": "page d", "a": "page a"}
    assert calls == ["a", "b", "c", "d"]
    assert again.reused == {"page": "reused", "page#2": "its arguments changed", "page#3": "reused"}


@pytest.mark.parametrize(
    "zone",
    [
        timezone(timedelta(hours=5, minutes=30), "IST"),
        timezone(timedelta(0), "GMT"),
        timezone(timedelta(hours=-3)),
        timezone(timedelta(hours=1, seconds=3), ""),
        UTC,
    ],
    ids=str,
)
async def test_names_of_time_zones_come_back(zone: timezone) -> None:
    """A fixed time zone keeps its name, as `%Z` prints it."""

    def when() -> Any:
        return datetime(2026, 1, 1, tzinfo=zone), time(12, 30, tzinfo=zone)

    run = await interrupted(when)
    again = resume_run(run.id)
    moment, clock = await again
    assert again.reused == {"load": "reused"}
    assert (repr(moment), repr(clock)) == tuple(map(repr, when()))
    assert moment.strftime("%Z") == when()[0].strftime("%Z")


VALS = {"a": 1, "big": 10**5000, "row": [1, 10**5000]}


def looked_up(key: Any) -> Any:
    """Read a table."""
    return VALS[key] if isinstance(key, str) else len(VALS)


@pytest.mark.parametrize(
    "key", ["a", "big", "row", 10**5000, -(10**5000), [1, 10**5000], {"k": (10**5000,)}], ids=map(str, range(7))
)
async def test_huge_numbers(monkeypatch: pytest.MonkeyPatch, key: Any) -> None:
    """Numbers of thousands of digits are compared, in a table that is read and in an argument, and kept."""
    run = await interrupted(looked_up, key)
    assert await told(run) == "reused"
    if not isinstance(key, str):
        given[:] = [10**5000 + 1]
        assert await told(run) == "its arguments changed"
    else:
        changed = [1, 10**5000 + 1] if key == "row" else cast("int", VALS[key]) + 1
        monkeypatch.setitem(VALS, key, changed)
        assert "a value that its code reads" in (await told(run) or "")


async def test_a_call_that_never_finished_has_no_changed_arguments() -> None:
    """What failed is done without a word; of what was cut off nobody knows the arguments, and the words say so."""
    broken, names = ["c", "d"], list("cdab")

    async def fetch(name: str) -> str:
        if name == "c" and broken:
            await asyncio.sleep(0)
            raise ConnectionError(name)
        if name == "d" and broken:
            await asyncio.Event().wait()
        return name

    @operation
    async def crawl(tracker: ProgressTracker) -> list[str]:
        return await asyncio.gather(*(tracker.stage("page").run(fetch, name) for name in names))

    run = crawl()
    with pytest.raises(ConnectionError):
        await run
    broken.clear()
    again = resume_run(run.id)
    assert await again == names
    unknown = "it had not finished, or its arguments changed"
    assert again.reused == {"page#2": unknown, "page#3": "reused", "page#4": "reused"}


@pytest.mark.parametrize("kind", [list, dict, set])
async def test_one_object_in_two_places_comes_back_as_one(kind: type[Any]) -> None:
    """An object that a result holds twice is one object in what comes back, so that a change of it is seen in both."""

    def shared() -> dict[str, Any]:
        one = kind()
        return {"first": one, "inside": [one, (one,)], "other": kind()}

    run = await interrupted(shared)
    again = resume_run(run.id)
    value = await again
    assert again.reused == {"load": "reused"}
    assert value["first"] is value["inside"][0] is value["inside"][1][0]
    assert value["other"] is not value["first"]
    assert value == shared()


async def test_files_are_read_beside_the_loop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files of a call are read in threads, when its result is kept and when it is looked for: they may be large."""
    path, readers = tmp_path / "rows.csv", set[str]()
    path.write_text("1\n2\n")

    def noted(name: str, *, exists: bool = False, is_path: bool = True) -> str | None:
        if not exists:
            readers.add(threading.current_thread().name)
        return file_digest(name, exists=exists, is_path=is_path)

    monkeypatch.setattr(history_calls, "file_digest", noted)
    run = await interrupted(rows_of, path)
    assert readers
    assert await told(run) == "reused"
    path.write_text("3\n")
    assert await told(run) == "a file that it reads or writes changed"
    assert threading.main_thread().name not in readers


def rows_of(path: Path) -> list[str]:
    """Read rows."""
    return path.read_text().splitlines()
