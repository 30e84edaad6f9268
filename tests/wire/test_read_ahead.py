"""Much JSON that comes at once is read by slices, with turns of the event loop between them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.folds.course import MUCH, StageCourse
from progressnb.folds.markdown import markdown_nodes
from progressnb.wire import buffer as buffers
from progressnb.wire import scanner
from progressnb.wire.buffer import OutputBuffer, OutputLength
from progressnb.wire.scanner import Scanner

if TYPE_CHECKING:
    from collections.abc import Callable

BIG = json.dumps([{"name": f"é{number}", "words": ["\\u2028", number, None]} for number in range(10_000)])


def test_a_slice_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """No turn reads more than a slice, and what is known then is what it would have been."""
    sizes = list[int]()
    scan: Callable[[Scanner, str], None] = Scanner.scan

    def noted(scanner: Scanner, text: str) -> None:
        sizes.append(len(text) - scanner.length)
        scan(scanner, text)

    monkeypatch.setattr(Scanner, "scan", noted)
    read, plain = OutputBuffer("json"), OutputBuffer("json")
    for each in (read, plain):
        each.append(BIG[:-2])
    while read.read_ahead():
        pass
    assert read.open_path == (9_999, "words")
    assert max(sizes) <= buffers.SLICE
    assert read.completed == plain.completed
    assert (read.value, read.extent) == (plain.value, plain.extent)


def test_the_value_grows_with_the_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """When all slices are read the value is there: nobody parses the whole at once."""
    read = OutputBuffer("json")
    read.append(BIG[:-2])
    while read.read_ahead():
        pass
    lengths = list[int]()
    monkeypatch.setattr(scanner, "from_json", lambda text, **_: lengths.append(len(text)))
    assert json.dumps(read.value)[:-2] == BIG[:-2]
    assert lengths == []


@given(st.text(st.sampled_from('{}[]",:\\u 1ea\n')), st.integers(1, 5))
def test_slices_change_nothing(text: str, size: int) -> None:
    """Of any text, valid or not, slices of any size tell the same as one look."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buffers, "SLICE", size)
        read, plain = OutputBuffer("json"), OutputBuffer("json")
        for each in (read, plain):
            each.append(text)
        while read.read_ahead():
            pass
        assert (read.value, read.extent, read.completed, read.open_path) == (
            plain.value,
            plain.extent,
            plain.completed,
            plain.open_path,
        )


def test_what_has_no_json_is_read_at_once() -> None:
    """Text, and a length without its text, need no slices."""
    for each in (OutputBuffer("text"), OutputLength("json")):
        each.append(BIG)
        assert not each.read_ahead()


def test_learning_does_not_read_what_came_at_once() -> None:
    """An output that comes in one piece counts by its length; one that comes as a stream by its fields too."""
    for size, fields in ((MUCH + 1, 0), (100, 1)):
        course: Any = StageCourse("write")
        buffer, text = OutputBuffer("json"), json.dumps({"a": "x" * MUCH, "b": 1})
        for at in range(0, len(text), size):
            buffer.append(text[at : at + size])
            course.write(buffer, is_new=at == 0)
        course.mark(1.0)
        assert course.characters == len(text)
        assert bool(course.fields) is bool(fields)


def test_a_long_paragraph_is_one_text() -> None:
    """A long text without any markup is one node, made in one step: adding to it would take the square of the time."""
    (paragraph,) = markdown_nodes("word " * 50_000)
    assert paragraph == ["p", ("word " * 50_000).strip()]
