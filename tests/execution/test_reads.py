"""What a stage's function reads decides whether its kept result is reused: every way to read a value counts."""

import argparse
import asyncio
import collections
import contextlib
import contextvars
import os
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from progressnb import History, ProgressTracker, operation, resume_run, use_history
from tests.execution.interrupted import failing, interrupted

CFG: dict[str, Any] = {"year": 2026, "db": {"host": "a"}}
TREE: dict[str, Any] = {"a": {"year": 2026}}
SPACE = types.SimpleNamespace(year=2026)
OPTIONS = argparse.Namespace(year=2026)
VARIABLE = contextvars.ContextVar("year", default=2026)
USER = collections.UserDict(year=2026)
LIMIT = 2026
FILE = ""
pauses = {"long": 0.0}
fetched: list[str] = []
broken: set[str] = set()


class Settings:
    """Constants of a class."""

    YEAR = 2026

    class Inner:
        """Constants of a class in it."""

        YEAR = 2026


class Slotted:
    """An object without a dict."""

    __slots__ = ("year",)

    def __init__(self, year: int) -> None:
        self.year = year


class Client:
    """An object with a setter and a count of its own."""

    def __init__(self) -> None:
        self.year = 2026
        self.asked = 0

    def set_year(self, year: int) -> None:
        """Set the year."""
        self.year = year

    def get(self) -> str:
        """Count, and give the year."""
        self.asked += 1
        return f"page of {self.year}"


class Maker:
    """A class that the function makes an object of."""

    factor = 2026

    def __init__(self) -> None:
        self.limit = LIMIT

    def go(self) -> tuple[int, int]:
        """Give all."""
        return self.factor, self.limit

    @staticmethod
    def fixed() -> int:
        """Give a number of the module."""
        return LIMIT

    @classmethod
    def of_class(cls) -> int:
        """Give a number of the class."""
        return cls.factor

    @property
    def shown(self) -> int:
        """A number of the module."""
        return LIMIT


class Derived(Maker):
    """A class that inherits all."""


@dataclass
class Data:
    """A dataclass with a default."""

    year: int = 2026


client = Client()
slotted = Slotted(2026)
data = Data()


def set_year(year: int) -> None:
    """Change what another function reads."""
    client.year = year


def caught() -> str:
    """Let an error decide."""
    try:
        if CFG["year"] > 2026:
            raise KeyError  # noqa: TRY301
    except KeyError:
        return "new"
    return "old"


def suppressed() -> str:
    """Let the error of another function decide in a block that hides it."""
    found = "new"
    with contextlib.suppress(KeyError):
        checked()
        found = "old"
    return found


def handled() -> str:
    """Handle the error of another function."""
    try:
        return loaded()
    except KeyError:
        return "none"


def loaded() -> str:
    """Give a page, or raise."""
    checked()
    return "page"


def checked() -> None:
    """Raise for a newer year."""
    if CFG["year"] > 2026:
        raise KeyError


def through_a_method() -> str:
    """Change an object, then ask it."""
    client.set_year(CFG["year"])
    return client.get()


def through_a_function() -> str:
    """Change an object by a function, then ask it."""
    set_year(CFG["year"])
    return client.get()


def in_a_block() -> str:
    """Read a file that its own code names."""
    with open(FILE) as file:  # noqa: PTH123
        return file.read()


def by_pattern() -> str:
    """Match a value."""
    match CFG["year"]:
        case 2026:
            return "old"
        case _:
            return "new"


def a_key_of_a_copy() -> int:
    """Update one key, read another."""
    TREE.update(b=1)
    return int(TREE["a"]["year"])


def put(target: Any, key: Any) -> Callable[[pytest.MonkeyPatch, Any], None]:
    """Return a change of an item or an attribute."""

    def change(patch: pytest.MonkeyPatch, value: Any) -> None:
        if isinstance(target, dict | collections.UserDict):
            patch.setitem(target, key, value)
        else:
            patch.setattr(target, key, value)

    return change


def name(known: str) -> Callable[[pytest.MonkeyPatch, Any], None]:
    """Return a change of a name of this module."""
    return lambda patch, value: patch.setitem(globals(), known, value)


def environment(patch: pytest.MonkeyPatch, value: Any) -> None:
    """Change a variable of the environment."""
    patch.setenv("PNB_TEST_YEAR", str(value))


WAYS: dict[str, tuple[Callable[[], Any], Callable[[pytest.MonkeyPatch, Any], None]]] = {
    "class": (lambda: Settings.YEAR, put(Settings, "YEAR")),
    "inner class": (lambda: Settings.Inner.YEAR, put(Settings.Inner, "YEAR")),
    "namespace": (lambda: SPACE.year, put(SPACE, "year")),
    "namespace by name": (lambda: getattr(SPACE, "ye" + "ar"), put(SPACE, "year")),
    "options": (lambda: OPTIONS.year, put(OPTIONS, "year")),
    "slots": (lambda: slotted.year, put(slotted, "year")),
    "dataclass": (lambda: data.year, put(data, "year")),
    "user dict": (lambda: USER["year"], put(USER, "year")),
    "get": (lambda: CFG.get("year"), put(CFG, "year")),
    "tree": (lambda: TREE["a"]["year"], put(TREE["a"], "year")),
    "tree that is updated": (a_key_of_a_copy, put(TREE["a"], "year")),
    "context variable": (lambda: VARIABLE.get() + 0, name("VARIABLE")),
    "object by a method": (through_a_method, put(CFG, "year")),
    "object by a function": (through_a_function, put(CFG, "year")),
    "method": (lambda: client.get() + "", put(client, "year")),
    "attribute of a class": (lambda: Maker().go(), put(Maker, "factor")),
    "global of a constructor": (lambda: Maker().go(), name("LIMIT")),
    "inherited": (lambda: Derived().go(), name("LIMIT")),
    "static method": (lambda: Maker.fixed() + 0, name("LIMIT")),
    "class method": (lambda: Maker.of_class() + 0, put(Maker, "factor")),
    "property": (lambda: Maker().shown, name("LIMIT")),
    "error that is caught": (caught, put(CFG, "year")),
    "error that is suppressed": (suppressed, put(CFG, "year")),
    "error of another function": (handled, put(CFG, "year")),
    "pattern": (by_pattern, put(CFG, "year")),
    "environment": (lambda: os.environ["PNB_TEST_YEAR"], environment),
    "environment by get": (lambda: os.environ.get("PNB_TEST_YEAR"), environment),
    "environment by getenv": (lambda: os.getenv("PNB_TEST_YEAR"), environment),
}
VALUES: dict[str, Any] = {
    "context variable": contextvars.ContextVar("year", default=2027),
}


@pytest.fixture(autouse=True)
def history(monkeypatch: pytest.MonkeyPatch) -> Iterator[History]:
    """Record with contents, from nothing."""
    monkeypatch.setenv("PNB_TEST_YEAR", "2026")
    failing["on"] = True
    client.year = 2026
    fetched.clear()
    broken.clear()
    with History(contents=True) as used:
        use_history(used)
        yield used
        use_history(None)


@pytest.mark.parametrize("way", WAYS)
async def test_a_value_that_changed_is_read_anew(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a function reads a value, a resumed run gives what it gives now; what did not change is reused."""
    function, change = WAYS[way]
    again = resume_run((await interrupted(function)).id)
    await again
    assert again.reused == {"load": "reused"}
    client.year = 2026
    run = await interrupted(function)
    change(monkeypatch, VALUES.get(way, 2027))
    again = resume_run(run.id)
    assert await again == function()
    assert again.reused["load"] != "reused"


async def test_another_variable_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of the environment that the function does not read changes nothing."""
    run = await interrupted(lambda: os.environ["PNB_TEST_YEAR"])
    monkeypatch.setenv("PNB_TEST_OTHER", "1")
    again = resume_run(run.id)
    await again
    assert again.reused == {"load": "reused"}


async def test_a_file_that_the_code_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file counts by its content wherever its name stands: in a global, or in the code itself."""
    source = tmp_path / "in.txt"
    source.write_text("old")
    monkeypatch.setitem(globals(), "FILE", str(source))
    run = await interrupted(in_a_block)
    source.write_text("new")
    again = resume_run(run.id)
    assert await again == "new"
    assert "a file" in again.reused["load"]


@pytest.mark.parametrize("how", ["method", "function", "text"])
async def test_a_log_that_the_code_writes(how: str, tmp_path: Path) -> None:
    """A file that the function appends to or writes is no input: each name is fetched once, though all calls log."""
    log = tmp_path / "log.txt"
    log.touch()
    path = str(log)

    def fetch(page: str) -> str:
        if how == "method":
            with log.open("a") as file:
                file.write(page)
        elif how == "function":
            with open(path, "a") as file:  # noqa: PTH123
                file.write(page)
        else:
            log.write_text(log.read_text() + page)
        return f"page {page}"

    @operation
    async def crawl(tracker: ProgressTracker) -> list[str]:
        pages = [await tracker.stage("page").run(fetch, page) for page in "abc"]
        if failing["on"]:
            raise ConnectionError
        return pages

    run = crawl()
    with pytest.raises(ConnectionError):
        await run
    failing["on"] = False
    assert await resume_run(run.id) == ["page a", "page b", "page c"]
    assert log.read_text() == "abc"


async def test_paces_and_failures_are_no_values() -> None:
    """How long a call sleeps, whom it logs and whether it fails change no result."""
    logged: list[str] = []

    async def fetch(page: str) -> str:
        fetched.append(page)
        await asyncio.sleep(pauses["long"])
        await turns(page)
        wait(page)
        if page in broken:
            raise ConnectionError(page)
        return f"page {page}"

    async def turns(page: str) -> None:
        logged.append(page)
        for _ in range(int(pauses["long"] * 10_000)):
            await asyncio.sleep(0)

    def wait(page: str) -> None:
        if page in broken and pauses["long"] > 3:
            raise TimeoutError

    run = await interrupted(fetch, "a")
    broken.add("b")
    pauses["long"] = 0.0001
    try:
        assert await resume_run(run.id) == "page a"
    finally:
        pauses["long"] = 0
    assert fetched == ["a"]
