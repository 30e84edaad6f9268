"""The keys of items: what makes the result of an item another one, and what is said where nobody can know."""

import functools
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import progressnb as pnb
from progressnb.batching.items import Items
from progressnb.execution.operation import Operation
from progressnb.history import History
from progressnb.tracking.tracker import ProgressTracker

factor = 1
seen: list[int] = []


def helped(number: int) -> int:
    """Multiply by what is outside."""
    return number * factor


class Scaled:
    """An object whose method is an operation."""

    def __init__(self, by: int) -> None:
        self.by = by

    async def scale(self, _tracker: ProgressTracker, number: int) -> int:
        """Multiply by what the object holds."""
        return number * self.by


def closed(by: int) -> Callable[..., Any]:
    """Return a function with a variable of its closure."""

    async def scale(_tracker: ProgressTracker, number: int) -> int:
        return number * by

    return scale


def defaulted(by: int) -> Callable[..., Any]:
    """Return a function with a default."""

    async def scale(_tracker: ProgressTracker, number: int, by: int = by) -> int:
        return number * by

    return scale


def of_object(by: int) -> Callable[..., Any]:
    """Return a method of an object."""
    return Scaled(by).scale


def partly(by: int) -> Callable[..., Any]:
    """Return a function with some arguments."""
    return functools.partial(plain, by=by)


async def plain(_tracker: ProgressTracker, by: int, number: int) -> int:
    """Multiply."""
    return number * by


def key(function: Callable[..., Any], item: object = 1, **options: Any) -> str | None:
    """Return the key of an item."""
    return Items(Operation(function, name="scale"), [item], **options).entries()[0].digest


@pytest.mark.parametrize(
    "make",
    [
        closed,
        defaulted,
        of_object,
        partly,
    ],
)
def test_keys_follow_what_a_function_holds(make: Callable[[int], Callable[..., Any]]) -> None:
    """Variables of closures, defaults, objects of methods and arguments of partial functions are of the key."""
    assert key(make(2), {"number": 1}) == key(make(2), {"number": 1}) != key(make(3), {"number": 1})


def test_keys_follow_globals_and_helpers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that a helper of the operation reads is of the key."""

    async def scale(_tracker: ProgressTracker, number: int) -> int:
        return helped(number)

    before = key(scale)
    monkeypatch.setattr(f"{__name__}.factor", 5)
    assert key(scale) != before
    monkeypatch.undo()
    assert key(scale) == before


def test_partial_functions_have_a_name() -> None:
    """A function with some arguments is called as it is without, so that another process finds its results."""
    assert Operation(partly(2)).name == "plain"
    assert Items(Operation(partly(2)), [{"number": 1}]).entries()[0].digest == key_of_another(2)
    assert Operation(partly(2)).fingerprint == Operation(plain).fingerprint


def key_of_another(by: int) -> str | None:
    """Return the key of an item of another object of the same function."""
    return Items(Operation(partly(by)), [{"number": 1}]).entries()[0].digest


def test_chance_makes_no_other_item() -> None:
    """The state of a random generator, another one in each process, is not of the key."""
    own = random.Random(1)  # noqa: S311 - no secret

    async def roll(_tracker: ProgressTracker, number: int) -> float:
        return number + random.random() + own.random()  # noqa: S311 - no secret

    before = key(roll)
    random.random()  # noqa: S311 - no secret
    own.random()
    assert key(roll) == before


def test_keys_follow_fallbacks() -> None:
    """The function that a stage falls back to is of the key."""

    def made(by: int) -> str | None:
        stages = [pnb.Stage("work", fallback=closed(by))]
        return Items(Operation(closed(1), name="scale", stages=stages), [1]).entries()[0].digest

    assert made(2) == made(2) != made(3)


def test_keys_follow_what_is_given() -> None:
    """An object that all items are given counts by what it holds."""

    async def match(_tracker: ProgressTracker, number: int, *, by: Any) -> bool:
        return bool(by.match(str(number)))

    one, two = ({"given": {"by": re.compile(text)}} for text in ("a", "b"))
    assert key(match, **one) == key(match, **one) != key(match, **two)


async def test_what_items_change_themselves_begins_nothing_anew(history: History) -> None:
    """A value outside that the items of a batch change is the one from before, when the same call comes."""

    async def count(_tracker: ProgressTracker, number: int) -> int:
        seen.append(number)
        return len(seen)

    operation = Operation(count)
    first = await pnb.batch(operation, range(3), limit=1)
    assert await pnb.batch(operation, range(3), limit=1, reuse=True) == first
    assert history is not None


def test_fingerprints_without_source() -> None:
    """Constants and code inside count also where no source can be read, as in a shell."""
    text = "async def scale(tracker, number):\n    def inner():\n        return {0} in {{'a', 'b'}}\n    return inner()"

    def made(value: str) -> str:
        names: dict[str, Any] = {}
        exec(text.format(value), names)  # noqa: S102 - as a shell does
        return Operation(names["scale"]).fingerprint

    assert made("1") == made("1") != made("2")


def test_files_inside_lists_and_dicts(tmp_path: Path) -> None:
    """A file counts by its content also where a list, a dict or both name it."""

    async def read(_tracker: ProgressTracker, paths: Any) -> None:
        """Take any argument."""

    path = tmp_path / "posting.txt"
    path.write_text("one")
    items = [([path],), ([str(path)],), ({"paths": {"a": [str(path)]}},), ((str(path),),)]
    before = [key(read, item) for item in items]
    path.write_text("two")
    assert not {*before} & {key(read, item) for item in items}
    path.write_text("one")
    assert [key(read, item) for item in items] == before


def test_texts_are_no_files(tmp_path: Path) -> None:
    """A text that is declared as one counts by itself, though it is the name of a file; a declared path is a file."""

    async def shout(_tracker: ProgressTracker, word: str, words: list[str] | None = None) -> None:
        """Take texts."""

    async def read(_tracker: ProgressTracker, word: str | Path, words: dict[str, Path | str] | None = None) -> None:
        """Take paths, which may be given as texts."""

    path = tmp_path / "posting.txt"
    path.write_text("one")
    before = [
        (key(function, (str(path),)), key(function, ("a", inner)))
        for function, inner in ((shout, [str(path)]), (read, {"a": str(path)}))
    ]
    path.write_text("two")
    after = [
        (key(function, (str(path),)), key(function, ("a", inner)))
        for function, inner in ((shout, [str(path)]), (read, {"a": str(path)}))
    ]
    assert after[0] == before[0]
    assert not {*after[1]} & {*before[1]}


@pytest.mark.parametrize("listed", [True, False])
async def test_what_is_not_kept_is_said(
    history: History, caplog: pytest.LogCaptureFixture, tmp_path: Path, *, listed: bool
) -> None:
    """Arguments that can't be compared, and folders, are said once, before the end of the first item."""

    async def look(_tracker: ProgressTracker, value: Any) -> bool:
        return value is not None

    items = [(re.compile("a"),), (re.compile("b"),), (tmp_path,)]
    await pnb.batch(Operation(look), items if listed else iter(items), show=False)
    assert caplog.text.count("can't be compared") == 1
    assert "items such as item 0" in caplog.text
    assert caplog.text.count("counts by its name") == 1
    assert history is not None


async def test_unknown_code_is_said(history: History, caplog: pytest.LogCaptureFixture) -> None:
    """Code that reads by names that nobody knows is said, and its results are kept all the same."""

    async def look(_tracker: ProgressTracker, name: str) -> bool:
        return globals()[name] is not None

    operation = Operation(look)
    await pnb.batch(operation, ["factor"], show=False)
    assert "what look reads from outside can't be compared" in caplog.text
    again = pnb.batch(operation, ["factor"], reuse=True, show=False)
    await again
    assert again[0].reused
    assert history is not None


async def test_a_file_that_changes_before_its_item(history: History, tmp_path: Path) -> None:
    """A result of another content than that of the key is not kept."""
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text("a")
    second.write_text("v1")

    async def read(_tracker: ProgressTracker, path: Path) -> str:
        second.write_text("v2")
        return path.read_text()  # noqa: ASYNC240 - a small one

    operation = Operation(read)
    assert await pnb.batch(operation, [first, second], limit=1, show=False) == ["a", "v2"]
    second.write_text("v1")
    again = pnb.batch(operation, [first, second], limit=1, reuse=True, show=False)
    await again
    assert [item.reused for item in again.items] == [True, False]
    assert history is not None


PROMPT = Path("prompt.txt")
NAME = "settings.json"


def helper_reads() -> str:
    """Read a file that a variable names."""
    with open(NAME) as file:  # noqa: PTH123 - the plain way
        return file.read()


async def reads_in_code(_tracker: ProgressTracker, number: int) -> str:
    """Read files that the code alone names."""
    folder = PROMPT.resolve().parent  # noqa: ASYNC240 - a small one
    log = folder / "log.txt"
    with log.open("a") as file:
        file.write(f"{number}\n")
    Path("out.txt").write_text("out")  # noqa: ASYNC240 - a small one
    return PROMPT.read_text() + helper_reads() + (folder / "more.txt").read_text()  # noqa: ASYNC240


def test_files_that_code_names_and_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that the code alone names, and only reads, is of the key; one that it writes is not."""
    monkeypatch.chdir(tmp_path)
    names = ("prompt.txt", "settings.json", "more.txt", "log.txt", "out.txt")
    for name in names:
        Path(name).write_text("one")
    before = key(reads_in_code)
    assert before is not None
    for name in names:
        Path(name).write_text("two!")
        is_read = name in {"prompt.txt", "settings.json", "more.txt"}
        assert (key(reads_in_code) != before) is is_read, name
        Path(name).write_text("one")
        assert key(reads_in_code) == before


async def test_a_log_of_its_own(history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation that appends to a file goes on after a stop, and pays for nothing twice."""
    monkeypatch.chdir(tmp_path)
    for name in ("prompt.txt", "settings.json", "more.txt"):
        (tmp_path / name).write_text("one")
    operation = Operation(reads_in_code)
    await pnb.batch(operation, range(5), limit=1, show=False)
    again = pnb.batch(operation, range(5), limit=1, reuse=True, show=False)
    await again
    assert all(item.reused for item in again.items)
    (tmp_path / "prompt.txt").write_text("two")
    anew = pnb.batch(operation, range(5), limit=1, reuse=True, show=False)
    assert await anew == ["twooneone"] * 5
    assert not any(item.reused for item in anew.items)
    assert history is not None
