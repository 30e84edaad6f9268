"""The wire contract: encode and decode are inverse, nothing else comes through, nothing is lost."""

import itertools
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError, model_serializer

from progressnb.errors import EventFormatError
from progressnb.wire.codec import decode, encode
from progressnb.wire.events import (
    LAST_TYPES,
    CancelledEvent,
    ContentEvent,
    DoneEvent,
    ErrorEvent,
    Event,
    Parent,
    ProgressEvent,
    StageDeclaration,
    StartedEvent,
    is_last,
)
from progressnb.wire.plain import clean_text, jsonable

any_text = st.text(st.characters(exclude_categories=()), max_size=30)  # lone surrogates, too
text = any_text.map(clean_text)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | any_text
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4), max_leaves=12
)
plain = values.map(jsonable)
percent = st.none() | st.floats(0, 100)
seconds = st.floats(0, 1e9)
status = st.sampled_from(["pending", "running", "retrying", "fallback", "finished", "failed", "skipped", "cancelled"])


def events(words: st.SearchStrategy[str], data: st.SearchStrategy[Any]) -> st.SearchStrategy[Event]:
    """Build events of all types from texts and data."""
    some, tables = st.none() | words, st.dictionaries(words, data, max_size=4)
    common: dict[str, st.SearchStrategy[Any]] = {
        "run_id": words,
        "seq": st.integers(0, 2**53),
        "timestamp": st.datetimes(timezones=st.just(UTC)),
        "elapsed": seconds,
        "operation": words,
        "stage": some,
    }
    declarations = st.lists(st.builds(StageDeclaration, name=words, title=words, weight=st.floats(0, 1)), max_size=3)
    parents = st.none() | st.builds(Parent, run_id=words, stage=words)
    moved: dict[str, st.SearchStrategy[Any]] = {"stage_progress": percent, "overall_progress": percent}
    ended = st.none() | seconds
    return st.one_of(
        st.builds(StartedEvent, stages=declarations, model=some, parent=parents, subject=some, title=some, **common),
        st.builds(ProgressEvent, status=status, message=some, data=tables, title=some, **moved, **common),
        st.builds(ContentEvent, kind=st.sampled_from(["text", "json"]), part=words, delta=words, **moved, **common),
        st.builds(DoneEvent, result=data, duration=seconds, data=tables, **common),
        st.builds(ErrorEvent, message=words, error_type=words, fatal=st.booleans(), duration=ended, **common),
        st.builds(CancelledEvent, reason=some, duration=ended, **common),
    )


def progress(**fields: Any) -> ProgressEvent:
    """Build one event."""
    common: dict[str, Any] = {"run_id": "r", "seq": 0, "timestamp": datetime(2026, 1, 1, tzinfo=UTC), "elapsed": 0}
    return ProgressEvent(**{"operation": "op", "status": "running", **common, **fields})


@given(events(text, plain))
def test_round_trip(event: Event) -> None:
    """Decoding what was encoded gives the same event, and encoding that the same bytes."""
    line = encode(event)
    again = decode(line)
    assert again == event
    assert again is not None
    assert encode(again) == line
    assert decode(line.decode()) == event


@given(events(any_text, values))
def test_round_trip_of_hostile_text(event: Event) -> None:
    """Lone surrogates and NaN never break encoding; what was written once stays as it is from then on."""
    line = encode(event)
    again = decode(line)
    assert again is not None
    assert (again.type, again.seq) == (event.type, event.seq)
    assert encode(again) == line


@given(st.lists(events(text, plain), min_size=1, max_size=5), st.data())
def test_json_lines_under_any_chunking(written: list[Event], data: st.DataObject) -> None:
    """An event holds no line break, so a stream of them can be cut anywhere and joined again."""
    stream = b"".join(encode(event) + b"\n" for event in written)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    chunks = [stream[a:b] for a, b in itertools.pairwise([0, *cuts, len(stream)])]
    rest, read = b"", []
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        read += [decode(line) for line in lines]
    assert rest == b""
    assert read == written
    assert stream.count(b"\n") == len(written)
    assert b"\r" not in stream


@given(st.binary(max_size=60) | st.text(st.characters(exclude_categories=()), max_size=60) | values.map(json.dumps))
@example("[" * 100_000)
@example("9" * 10_000)
@example(b"\xff\xfe")
@example("\ud800")
@example('{"type": "done", "run_id": "\udfff"}')
@example('{"type": ["progress"]}')
@example('{"type": null}')
@example('{"v": NaN, "type": "done"}')
def test_garbage(line: str | bytes) -> None:
    """Text that is no event raises EventFormatError and never anything else."""
    with pytest.raises(EventFormatError, match="expected"):
        decode(line)


@given(events(text, plain), st.data())
def test_cut_line(event: Event, data: st.DataObject) -> None:
    """A line that was cut is no event, wherever it was cut."""
    line = encode(event)
    with pytest.raises(EventFormatError):
        decode(line[: data.draw(st.integers(0, len(line) - 1))])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stage_progress", 100.1),
        ("stage_progress", -1),
        ("overall_progress", float("nan")),
        ("overall_progress", float("inf")),
        ("seq", -1),
        ("elapsed", -1),
        ("elapsed", float("nan")),
        ("duration", float("nan")),
        ("weight", float("inf")),
        ("timestamp", datetime(2026, 1, 1)),  # noqa: DTZ001 - naive is what is refused
        ("status", "executing_search"),
    ],
)
def test_refused_fields(field: str, value: object) -> None:
    """A percent outside 0–100, a time that is none, a naive timestamp, a status of one's own: refused."""
    with pytest.raises(ValidationError):
        progress(**{field: value})


@given(events(text, plain), st.dictionaries(st.text("xyz", min_size=1), st.integers() | st.text(), min_size=1))
def test_unknown_fields_are_kept(event: Event, extra: dict[str, Any]) -> None:
    """Fields that a newer version added pass through unchanged."""
    line = json.dumps({**json.loads(encode(event)), **extra, "v": 2})
    again = decode(line)
    assert again is not None
    assert json.loads(encode(again)) == json.loads(line)


def test_unknown_types_are_skipped(caplog: pytest.LogCaptureFixture) -> None:
    """A type of a newer version is skipped, with one warning for each type however often it comes."""
    for kind in ("novel_a", "novel_b", "novel_a", "novel_a"):
        assert decode(json.dumps({"type": kind, "seq": 3})) is None
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    assert "novel_a" in caplog.messages[0]
    assert "novel_b" in caplog.messages[1]


def test_frozen() -> None:
    """An event can't be changed: it is what happened."""
    with pytest.raises(ValidationError):
        progress().seq = 1  # type: ignore[misc]


def test_timestamp_on_the_wire() -> None:
    """The time is aware, in UTC on the wire, and the same moment after decoding from any zone."""
    moment = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
    assert json.loads(encode(progress(timestamp=moment)))["timestamp"] == "2026-03-04T05:06:07.000089Z"
    elsewhere = moment.astimezone(timezone(timedelta(hours=9)))
    again = decode(encode(progress(timestamp=elsewhere)))
    assert again is not None
    assert again.timestamp == moment


def test_last() -> None:
    """Done, cancelled and a fatal error end a run; an error that is not fatal does not."""
    common: dict[str, Any] = {"run_id": "r", "seq": 1, "timestamp": datetime.now(UTC), "elapsed": 1, "operation": "o"}
    ends: list[Event] = [DoneEvent(duration=1, **common), CancelledEvent(**common)]
    failure: dict[str, Any] = {"message": "m", "error_type": "E", **common}
    assert all(is_last(event) for event in [*ends, ErrorEvent(**failure)])
    assert not is_last(ErrorEvent(fatal=False, **failure))
    assert not is_last(progress())
    assert {event.type for event in ends} | {"error"} == LAST_TYPES
    assert ends[0].model_dump()["overall_progress"] == 100


# --- results ---------------------------------------------------------------------------------------


@given(values)
def test_jsonable_is_json(value: object) -> None:
    """Whatever goes in, plain JSON comes out, and it stays the same when it goes in again."""
    out = jsonable(value)
    assert json.loads(json.dumps(out, allow_nan=False)) == out
    assert jsonable(out) == out


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x, max_size=3)))
def test_jsonable_keeps_json(value: object) -> None:
    """Plain JSON data is kept as it is."""
    assert jsonable(value) == value


class _Silent:
    def __repr__(self) -> str:
        raise RuntimeError


class _Broken(BaseModel):
    @model_serializer
    def fail(self) -> int:
        return 1 // 0


class _Rude(dict[str, int]):
    def items(self) -> Any:
        raise LookupError


def _deep() -> list[Any]:
    value: list[Any] = []
    for _ in range(10_000):
        value = [value]
    return value


def _circular() -> list[Any]:
    value: list[Any] = []
    value += [value, value]
    return value


@pytest.mark.parametrize(
    "value",
    [object(), b"\xff", 10**9_000, _Silent(), _Broken(), _Rude(a=1), {_Silent(): 1}, _deep(), _circular(), type, len],
    ids=lambda value: type(value).__name__,
)
def test_no_json(value: object) -> None:
    """What is no JSON becomes its type and repr, also deep inside, and the event can be read back."""
    line = encode(DoneEvent(result=jsonable(value), duration=0, **progress().model_dump(include=set(_COMMON))))
    assert decode(line) is not None
    assert b'"repr":' in line
    inside = jsonable({"good": 1, "bad": value})
    assert inside["good"] == 1


_COMMON = ("run_id", "seq", "timestamp", "elapsed", "operation")


def test_iterators_are_not_read() -> None:
    """An iterator is the user's to read and may be endless: it is described and left alone."""

    def rows() -> Iterator[int]:
        yield 1

    generator = rows()
    assert jsonable({"rows": generator})["rows"]["type"] == "builtins.generator"
    assert list(generator) == [1]
    assert jsonable(itertools.count())["type"] == "itertools.count"


@given(any_text)
def test_clean_text(dirty: str) -> None:
    """Cleaned text can be encoded, keeps what could be, and joins pairs of surrogates."""
    clean = clean_text(dirty)
    clean.encode()
    if not any("\ud800" <= char <= "\udfff" for char in dirty):
        assert clean == dirty
    assert clean_text("\ud83d\ude00" + dirty).startswith("😀")
    assert clean_text("a\ud800b") == "a\ufffdb"
