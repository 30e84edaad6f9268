"""The output buffer: any cut of any JSON is readable, and nothing is ever shown that isn't final."""

import gc
import itertools
import json
import sys
import threading
import tracemalloc
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic_core import from_json

from progressnb.wire.buffer import OutputBuffer
from progressnb.wire.scanner import Path, Scanner

floats = st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | st.integers() | floats | st.text(max_size=12)


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)


roots = _containers(st.recursive(scalars, _containers, max_leaves=12)) | st.text()
layouts: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {},
        {"ensure_ascii": False},
        {"indent": 2},
        {"separators": (",", ":")},
        {"separators": (" , ", " : "), "ensure_ascii": False},
    ]
)
# As models write JSON: bare, in a fence, behind a sentence.
wraps = st.sampled_from(
    [("", ""), ("```json\n", "\n```"), ("```\n", "\n```\nThat is all."), ("\ufeff \n", "\n\n"), ("Here it is:\n\n", "")]
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[Any, str]:
    """Draw a value and a text that holds it."""
    value = draw(roots)
    before, after = draw(wraps)
    if isinstance(value, str) and before.startswith("Here"):
        before = ""
    return value, before + json.dumps(value, **draw(layouts)) + after


def filled(*chunks: str) -> OutputBuffer:
    """Write JSON in chunks, without looking in between."""
    buffer = OutputBuffer("json")
    for chunk in chunks:
        buffer.append(chunk)
    return buffer


def pieces(text: str, cuts: list[int]) -> list[str]:
    """Cut a text."""
    return [text[a:b] for a, b in itertools.pairwise([0, *sorted(cuts), len(text)])]


def is_prefix(part: Any, whole: Any) -> bool:
    """Tell whether a partial value may become the whole: strings grow, lists grow, fields are added."""
    if isinstance(part, str) and isinstance(whole, str):
        return whole.startswith(part)
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) <= len(whole) and all(map(is_prefix, part, whole))
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and is_prefix(value, whole[key]) for key, value in part.items())
    return type(part) is type(whole) and part == whole


def closed_paths(value: Any, path: Path = ()) -> list[Path]:
    """List the paths of all values below the root, in the order in which they close."""
    items: Any = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    below = [closed for key, item in items for closed in closed_paths(item, (*path, key))]
    return [*below, path] if path else below


@given(documents())
def test_whole_text(document: tuple[Any, str]) -> None:
    """When all is written, the value is the value, whatever stands around it."""
    value, text = document
    buffer = filled(text)
    assert buffer.value == value
    assert buffer.text == text
    assert len(buffer) == len(text)


@given(documents())
def test_any_cut(document: tuple[Any, str]) -> None:
    """At any cut there is a readable part of the final value: no number, no key and no character that changes."""
    value, text = document
    buffer, before = OutputBuffer("json"), None
    for char in text:
        buffer.append(char)
        now = buffer.value
        assert now is None or is_prefix(now, value), (buffer.text, now)
        assert before is None or is_prefix(before, now), "what was shown stays"
        before = now
    assert buffer.value == value


@given(documents(), st.data())
def test_chunking_does_not_matter(document: tuple[Any, str], data: st.DataObject) -> None:
    """Where the text was cut, and who looked when, changes nothing of what is seen at a length."""
    _, text = document
    end = data.draw(st.integers(0, len(text)))
    cuts = data.draw(st.lists(st.integers(0, end), max_size=8))
    once, watched = filled(text[:end]), OutputBuffer("json")
    for chunk in pieces(text[:end], cuts):
        watched.append(chunk)
        assert watched.value is None or watched.completed is not None
    for name in ("value", "text", "completed", "open_path", "open_length", "fields_completed"):
        assert getattr(watched, name) == getattr(once, name), name


@given(documents(), st.data())
def test_completed_paths(document: tuple[Any, str], data: st.DataObject) -> None:
    """The completed paths are those of the closed values, in the order they closed, and never taken back."""
    value, text = document
    buffer, seen = OutputBuffer("json"), list[Path]()
    for chunk in pieces(text, data.draw(st.lists(st.integers(0, len(text)), max_size=8))):
        buffer.append(chunk)
        now = list(buffer.completed)
        assert now[: len(seen)] == seen
        seen = now
    assert seen == closed_paths(value)
    assert buffer.fields_completed == (len(value) if isinstance(value, dict | list) else 0)
    assert buffer.open_path is None or not isinstance(value, dict | list)


@given(st.text(st.sampled_from('{}[]":,\\u0123e-+.tfn `\n'), max_size=40), st.integers(0, 40))
@example('{"a":1,,}', 7)
@example("}}]]", 2)
@example('{"\\ud800": 1}', 5)
@example('{"a": 1} and {"b": 2}', 9)
def test_broken_json_never_raises(text: str, cut: int) -> None:
    """Text that is no JSON, or stops being JSON, shows something or nothing and never raises."""
    buffer = filled(text[:cut])
    for rest in ("", text[cut:]):
        buffer.append(rest)
        for name in ("value", "completed", "open_path", "open_length", "fields_completed"):
            getattr(buffer, name)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("   ", None),
        ("Well, let me", None),
        ("``", None),
        ("```js", None),
        ('{"a": 1', {}),
        ('{"a": 1 ', {"a": 1}),
        ('{"a": 1,', {"a": 1}),
        ('{"a": -', {}),
        ('{"a": 1e', {}),
        ('{"a": tru', {}),
        ('{"a": "x', {"a": "x"}),
        ('{"a": "x\\', {"a": "x"}),
        ('{"a": "x\\u00e', {"a": "x"}),
        ('{"a": "x\\ud83d\\ude', {"a": "x"}),
        ('{"a": "x\\ud83d\\ude00', {"a": "x😀"}),
        ('{"a', {}),
        ('{"a"', {}),
        ('{"a":', {}),
        ("[1, 23", [1]),
        ("[[1, [2, [3", [[1, [2, []]]]),
        ('{"a": 1}\n```\nI hope [this] helps {you}', {"a": 1}),
        ('{"a": 1, oops', {"a": 1}),
        ('{"path": "a long text, App\\Http"}', {"path": "a long text, App"}),
        ('{"a": [1, 2,], "b": 3}', {"a": [1, 2]}),
        ('{"a": 1,}', {"a": 1}),
        ('{"a": 1 "b": 2}', {"a": 1}),
        ('{"a": [1}, "b": 2]}', {"a": [1]}),
        ('{"a": 1, b: 2}', {"a": 1}),
        ('{"a": 1, "b" 2}', {"a": 1}),
        ('{"a": 01, "b": 2}', {}),
        ('{"a": 1, "b": tru, "c": 3}', {"a": 1}),
        ('{"a": "x\ny", "b": 2}', {"a": "x"}),
        ('{"a": "x\\ud83dy"}', {"a": "x"}),
        ('{"a": "x\\ude00y"}', {"a": "x"}),
        ("[1, 2\u00a0, 3]", [1]),
        ("[" + "9" * 5_000 + ", 1]", []),
        ("[-hello", []),
        ("-hello", None),
    ],
)
def test_examples(text: str, value: object) -> None:
    """What is closed and what can only grow is shown up to the first fault; the rest waits."""
    assert filled(*text).value == value
    assert filled(text).value == value


def test_number_across_cuts() -> None:
    """A number that was looked at while it was cut is withheld until it is closed, with its whole length."""
    buffer = filled('{"a": 12')
    assert buffer.value == {}
    buffer.append("34")
    assert buffer.value == {}
    assert buffer.open_length == 4
    buffer.append("}")
    assert buffer.value == {"a": 1234}
    assert buffer.completed == {("a",): 4}


def test_open_path_and_length() -> None:
    """The open path leads to the innermost open value; the open length is that of the top-level field."""
    buffer = filled('{"done": [1], "list": [{"name": "An')
    assert buffer.open_path == ("list", 0, "name")
    assert buffer.open_length == len('[{"name": "An')
    assert buffer.fields_completed == 1
    assert buffer.completed == {("done", 0): 1, ("done",): 3}


def test_nested_too_deep() -> None:
    """Values nested deeper than the parser reads are read down to its limit, and no error is raised."""
    value, depth = filled("[" * 5_000).value, 0
    while value:
        value, depth = value[0], depth + 1
    assert depth == 199


broken = st.builds(
    lambda document, at, gone, new: document[1][:at] + new + document[1][at + gone :],
    documents(),
    st.integers(0, 60),
    st.integers(0, 3),
    st.text(st.sampled_from('{}[]":,\\u0123dDeE-+.tfn `\n\x0b\xa0'), max_size=3),
)


@given(broken, st.data())
@example('{"a": "x", oops}', None)
def test_broken_json_is_read_alike(text: str, data: st.DataObject | None) -> None:
    """What is seen of faulty text depends on the text alone: whoever looks, and however often, sees the same."""
    end = data.draw(st.integers(0, len(text))) if data else len(text)
    once, watched = filled(text[:end]), OutputBuffer("json")
    for char in text[:end]:
        watched.append(char)
        name = data.draw(st.sampled_from(["value", "completed", ""])) if data else "value"
        getattr(watched, name, None)
    for name in ("value", "completed", "open_path", "open_length", "fields_completed"):
        assert getattr(watched, name) == getattr(once, name), name


@given(broken)
def test_as_strict_as_the_parser(text: str) -> None:
    """The part that the scanner calls readable is always one that the parser reads."""
    scanner = Scanner()
    scanner.scan(text)
    if scanner.start is not None and (readable := text[scanner.start : scanner.readable_end]):
        from_json(readable, allow_partial="trailing-strings")


@given(documents(), st.data())
def test_ahead(document: tuple[Any, str], data: st.DataObject) -> None:
    """A buffer with more text behind it is what the text says, and leaves the buffer that it came from alone."""
    _, text = document
    cut, end = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2)))
    buffer, whole = filled(text[:cut]), filled(text[:end])
    before = buffer.value
    ahead = buffer.ahead(text[cut:end])
    for name in ("value", "text", "completed", "open_path", "open_length", "fields_completed"):
        assert getattr(ahead, name) == getattr(whole, name), name
    assert (len(ahead), buffer.value, len(buffer)) == (end, before, cut)
    buffer.append(text[cut:])
    assert buffer.value == document[0]


def test_text_kind() -> None:
    """Text is its own value, and nothing yet is None."""
    buffer = OutputBuffer()
    assert not buffer.value
    buffer.append('{"a"')
    assert buffer.value == buffer.text == '{"a"'
    assert (buffer.completed, buffer.open_path, buffer.open_length, buffer.fields_completed) == ({}, None, 0, 0)


@given(documents(), documents())
def test_reset(first: tuple[Any, str], second: tuple[Any, str]) -> None:
    """After a reset nothing of what was before is left."""
    buffer = filled(first[1])
    assert buffer.value == first[0]
    buffer.reset()
    assert (buffer.value, buffer.text, len(buffer), buffer.completed) == (None, "", 0, {})
    buffer.append(second[1])
    assert buffer.value == second[0]
    buffer.reset("text")
    assert (buffer.kind, buffer.value) == ("text", None)


@given(broken | documents().map(lambda document: document[1]), st.data())
def test_value_is_that_of_the_parser(text: str, data: st.DataObject) -> None:
    """The value that grows is what the parser reads of the readable part, wherever the text was cut."""
    watched = OutputBuffer("json")
    for chunk in pieces(text, data.draw(st.lists(st.integers(0, len(text)), max_size=12))):
        watched.append(chunk)
        value = watched.value
        scanner = Scanner()
        scanner.scan(watched.text)
        readable = "" if scanner.start is None else watched.text[scanner.start : scanner.readable_end]
        parsed = from_json(readable, allow_partial="trailing-strings") if readable else None
        assert json.dumps(value) == json.dumps(parsed)  # in the order of the keys, too


def containers_of(value: Any) -> list[Any]:
    """Return a value and all lists and objects in it."""
    inside: Any = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    return [value, *(each for item in inside if isinstance(item, list | dict) for each in containers_of(item))]


@given(documents(), st.data())
def test_what_was_handed_out_never_changes(document: tuple[Any, str], data: st.DataObject) -> None:
    """Whoever keeps a value, or only a list or an object inside it, sees it as it was when it was handed out."""
    buffer, kept = OutputBuffer("json"), list[tuple[Any, str]]()
    for chunk in pieces(document[1], data.draw(st.lists(st.integers(0, len(document[1])), max_size=12))):
        buffer.append(chunk)
        one = data.draw(st.sampled_from(containers_of(buffer.value)))
        kept.append((one, json.dumps(one)))
        del one
        assert [json.dumps(each) for each, _ in kept] == [written for _, written in kept]
    assert buffer.value == document[0]


def calls_of(buffer: OutputBuffer, chunk: str) -> int:
    """Count the calls, of C too, that one look at the value behind one more chunk takes."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    buffer.append(chunk)
    gc.disable()  # what a collection finds is closed by calls too
    sys.setprofile(note)
    try:
        value = buffer.value
    finally:
        sys.setprofile(None)
        gc.enable()
    assert value
    return count


@pytest.mark.parametrize("item", ['{"name": "a", "text": "b"}', "1", '"text"', "[[1]]"])
def test_value_reads_only_what_is_new(item: str) -> None:
    """A look behind each chunk costs the same after ten items and after ten thousand, and copies no list of them."""
    counts: list[int] = []
    for many in (10, 10_000):
        buffer = filled('{"items": [' + f"{item}, " * many)
        items = id(buffer.value["items"])
        counts.append(calls_of(buffer, f"{item}, "))
        assert id(buffer.value["items"]) == items
    assert counts[0] == counts[1]


def test_value_is_cached() -> None:
    """Looking twice at the same length parses once."""
    buffer = filled('{"a": [1, 2')
    assert buffer.value is buffer.value


def test_concurrent_reader() -> None:
    """A reader in another thread sees only parts of the final value, and loses nothing of what is written."""
    value = {"items": [{"n": n, "text": "é\n" * (n % 7)} for n in range(2_000)]}
    text = json.dumps(value)
    buffer, wrong, done = OutputBuffer("json"), list[Any](), threading.Event()

    def read() -> None:
        while not done.is_set():
            now = buffer.value
            if now is not None and not is_prefix(now, value):
                wrong.append(now)
            if not text.startswith(buffer.text):
                wrong.append("text")

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for start in range(0, len(text), 5):
        buffer.append(text[start : start + 5])
    done.set()
    for reader in readers:
        reader.join()
    assert not wrong
    assert buffer.text == text
    assert buffer.value == value


def test_pieces_that_nobody_reads() -> None:
    """Tokens that nobody reads take no more than twice their characters: many of them are joined."""
    tokens = [f"{number % 1000:3} " for number in range(50_000)]
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    buffer = OutputBuffer()
    for token in tokens:
        buffer.append(f"{token}"[:3] + " ")
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (after - before) / 200_000 < 2
    assert buffer.text == "".join(tokens)
    assert len(buffer) == 200_000
