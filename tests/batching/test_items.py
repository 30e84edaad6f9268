"""The items of a batch: the forms in which they come, and the keys by which their results are found again."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.batching.items import Entry, Items, model_of
from progressnb.errors import InputError
from progressnb.execution.operation import Operation, operation
from progressnb.tracking.tracker import ProgressTracker


@operation
async def write(tracker: ProgressTracker, topic: Any, words: int = 100, *, model: object = None) -> None:
    """Take arguments of each kind."""


@operation
async def pair(tracker: ProgressTracker, left: Any, right: Any) -> None:
    """Need two arguments."""


def keys(items: object, work: Operation[..., Any] = write, **options: Any) -> list[str | None]:
    """Return the keys of items."""
    return [entry.digest for entry in Items(work, items, **options).entries()]


def arguments(items: object, work: Operation[..., Any] = write, **options: Any) -> list[dict[str, object]]:
    """Return the arguments of items."""
    return [entry.arguments for entry in Items(work, items, **options).entries()]


def test_forms() -> None:
    """An item is a tuple of arguments, a dict of arguments by name, or one argument, whatever it is."""
    assert arguments([("a", 5), {"topic": "b"}, "c", ["d", 6], None, ({"e": 1},)]) == [
        {"topic": "a", "words": 5},
        {"topic": "b"},
        {"topic": "c"},
        {"topic": ["d", 6]},
        {"topic": None},
        {"topic": {"e": 1}},
    ]


def test_given_is_for_items_without() -> None:
    """What is given holds for each item that has no such argument itself."""
    assert arguments([("a",), ("a", 5), {"topic": "b", "words": 6}], given={"words": 1}) == [
        {"topic": "a", "words": 1},
        {"topic": "a", "words": 5},
        {"topic": "b", "words": 6},
    ]


@pytest.mark.parametrize("items", ["text", b"bytes", {"topic": "a"}, 5, None])
def test_what_is_no_list(items: object) -> None:
    """Text, a dict and what can't be iterated are no items, and the error says how to write them."""
    with pytest.raises(InputError, match="expected a list of items"):
        Items(write, items)


@pytest.mark.parametrize("item", [("a", 1, 2), {"subject": "a"}, {}, ()])
def test_a_wrong_call_fails_before_anything_begins(item: object) -> None:
    """An item of a list that the operation does not take is an error of the call, with its number."""
    with pytest.raises(InputError, match="item 1 as the arguments"):
        Items(write, ["a", item])


def test_what_is_given_is_checked() -> None:
    """Arguments that the operation does not take are refused, also as given ones."""
    for wrong in ({"subject": 1}, [1], {1: 2}):
        with pytest.raises(InputError, match="given as arguments"):
            Items(write, ["a"], given=wrong)  # type: ignore[arg-type]


def test_iterators_are_taken_as_there_is_room() -> None:
    """Of an iterator no more is taken than is asked for, and an item that can't be read fails alone."""
    taken: list[int] = []

    def endless() -> Iterator[object]:
        number = 0
        while True:
            taken.append(number)
            yield ("a", 1, 2, 3) if number == 1 else number
            number += 1

    items = Items(write, endless())
    assert (items.total, items.listed) == (None, False)
    found = [items.take() for _ in range(3)]
    assert [entry.fault is None for entry in found if entry is not None] == [True, False, True]
    assert taken == [0, 1, 2]


async def test_async_iterables() -> None:
    """An async iterable is taken a few items ahead; its end and its error come where the next item is taken."""

    async def stream() -> AsyncIterator[str]:
        for word in ("a", "b", "c"):
            await asyncio.sleep(0)
            yield word
        raise OSError("the line is dead")

    news = asyncio.Event()
    items = Items(write, stream(), total=10)
    items.begin(news.set)
    found: list[Entry] = []

    async def take_all() -> None:
        while True:
            while (entry := items.take()) is not None:
                found.append(entry)
            await news.wait()
            news.clear()

    with pytest.raises(OSError, match="the line is dead"):
        await take_all()
    assert [entry.arguments for entry in found] == [{"topic": "a"}, {"topic": "b"}, {"topic": "c"}]
    await items.close()


def test_frames() -> None:
    """A row is an item, columns are parameters, values are Python's own, and a missing cell leaves a default."""
    frame = pd.DataFrame({"topic": ["a", "b"], "words": pd.array([5, None], dtype="Int64")}, index=[7, 9])
    items = Items(write, frame)
    assert [entry.arguments for entry in items.entries()] == [{"topic": "a", "words": 5}, {"topic": "b"}]
    assert type(arguments(pd.DataFrame({"topic": ["a"], "words": [5]}))[0]["words"]) is int
    assert list(items.labels) == [7, 9]
    with pytest.raises(InputError, match="'subject'"):
        Items(write, pd.DataFrame({"subject": ["a"]}))
    with pytest.raises(InputError, match=r"Choose them: frame\[\['topic'\]\]"):
        Items(write, pd.DataFrame({"topic": ["a"], "id": [1]}))
    with pytest.raises(InputError, match="each once"):
        Items(write, pd.DataFrame([[1, 2]], columns=["topic", "topic"]))


def test_keys_tell_items_apart() -> None:
    """Each argument, the operation, what is given and the model's name are of the key, and equal items are two."""
    assert len({*keys([1, "1", 1.0, None, [1], (1, 5), ([2, 1],), ([1, 2],)])}) == 8
    first, second = keys(["a", "a"])
    assert first != second
    assert keys(["a", "a"]) == [first, second]
    assert keys(["a"], given={"words": 5}) != keys(["a"])
    assert keys([{"topic": "a", "words": 5}]) == keys([("a", 5)]) == keys(["a"], given={"words": 5})
    assert keys(["a"], given={"model": "openai:x"}) != keys(["a"], given={"model": "openai:y"})


def test_the_key_follows_the_model_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model by the environment is another one too."""
    offline = keys(["a"])
    assert keys(["a"], given={"model": "offline"}) == offline
    monkeypatch.setenv("PROGRESSNB_MODEL", "openai:gpt-5")
    assert keys(["a"]) == keys(["a"], given={"model": "openai:gpt-5"}) != offline
    assert model_of(pair, {}) == "openai:gpt-5"


def test_the_key_follows_files(tmp_path: Path) -> None:
    """A path counts by the content of its file."""
    path = tmp_path / "posting.txt"
    path.write_text("one")
    first = keys([path, str(path)])
    path.write_text("two")
    second = keys([path, str(path)])
    path.write_text("one")
    assert keys([path, str(path)]) == first
    assert not {*first} & {*second}


def test_what_cannot_be_compared_has_no_key() -> None:
    """An object that is kept by its type alone has no key, so that no other object gets its result."""
    assert keys([object(), "a"])[0] is None
    assert keys(["a"], pair, given={"right": object()}) != [None]  # one that all items share


@given(st.sets(st.text(max_size=3)))
def test_sets_have_one_key(words: set[str]) -> None:
    """The order of a set, which follows the seed of a process, makes no difference."""
    assert keys([(words,)]) == keys([({*sorted(words, reverse=True)},)])
