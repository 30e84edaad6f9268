"""The codec: bytes are opened and closed in one place, and every line is one line for every reader."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from progressnb.errors import EventFormatError
from progressnb.wire.batch import BatchPlan, BatchRecord
from progressnb.wire.codec import add_field, close_line, decode, decode_any, encode, open_line, open_lines, type_of
from progressnb.wire.events import ContentEvent, ProgressEvent, SnapshotEvent, UnknownEvent
from progressnb.wire.paths import LONGEST_PATH, MOST_PARTS

BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
COMMON: dict[str, Any] = {"run_id": "r", "seq": 0, "timestamp": datetime(2026, 1, 1, tzinfo=UTC), "elapsed": 0}
words = st.text(st.sampled_from(f'{BREAKS}\\"aé😀u2028'), max_size=12)


def line_of(stage: str = "s", **fields: Any) -> bytes:
    """Encode one event."""
    return encode(ProgressEvent(operation="op", stage=stage, status="running", **COMMON, **fields))


@given(words, words, st.dictionaries(words, words, max_size=3))
@example(BREAKS, f"\\{BREAKS}", {BREAKS: BREAKS})
def test_lines_are_lines(path: str, message: str, data: dict[str, str]) -> None:
    """Whatever is written, a line holds nothing that ends a line, and says the same when it is read."""
    line = line_of(path, message=message, data=data)
    again = decode(line)
    assert isinstance(again, ProgressEvent)
    assert (again.stage, again.message, again.data) == (path, message, data)
    closed, added = close_line(open_line(line)), add_field(line, "partial", {"text": message})
    for each in (line, closed, added):
        assert each.decode().splitlines() == [each.decode()]
        assert each.splitlines() == [each]
        assert len((each + b"\n" + each + b"\n").decode().splitlines()) == 2
    assert closed == line
    assert json.loads(added) == {**json.loads(line), "partial": {"text": message}}


@given(st.lists(words, max_size=4))
def test_many_lines(messages: list[str]) -> None:
    """Lines opened together are what each is alone."""
    lines = [line_of(message=message) for message in messages]
    assert open_lines(lines) == [open_line(line) for line in lines]


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"1", b'{"a":1}{"b":2}', b"\xff"])
def test_not_a_line(line: bytes) -> None:
    """What is no JSON object is refused with a clear error, alone and among others."""
    with pytest.raises(EventFormatError, match="expected one event as JSON"):
        open_line(line)
    with pytest.raises(EventFormatError, match="expected one event a line"):
        open_lines([b"{}", line])


@pytest.mark.parametrize("read", [decode, decode_any])
def test_a_path_that_is_too_deep(read: Any) -> None:
    """A path of 5,000 names, or one that is too long, is a clear error and no exhausted stack."""
    with pytest.raises(EventFormatError, match=r"stages nested 2,000 deep at most, got a path of 5,000 names"):
        read(line_of("/".join(["s"] * 5_000)))
    with pytest.raises(EventFormatError, match="characters at most"):
        read(line_of("s" * (LONGEST_PATH + 1)))
    deepest = read(line_of("/".join(["s"] * MOST_PARTS)))
    assert deepest is not None
    with pytest.raises(EventFormatError):
        read(line_of("/" * 5_000))


def test_an_unknown_type() -> None:
    """An event of a newer type is left out by `decode`, and has its place with all fields by `decode_any`."""
    line = line_of().replace(b'"type":"progress"', b'"type":"hologram"')
    assert decode(line) is None
    event = decode_any(line)
    assert isinstance(event, UnknownEvent)
    assert (event.type, event.seq, event.stage, event.run_id) == ("hologram", 0, "s", "r")
    assert json.loads(encode(event)) == json.loads(line)  # type: ignore[arg-type]
    with pytest.raises(EventFormatError):
        decode_any(b'{"type":"hologram"}')


def test_a_content_event_keeps_its_text() -> None:
    """Output with line separators comes back as it was."""
    event = ContentEvent(operation="op", stage="s", delta=BREAKS, **COMMON)
    assert decode(encode(event)) == event


@given(words, words, st.dictionaries(words, words, max_size=3), st.permutations(range(9)))
@example('"type":"x"', 'type":"y', {"type": "z"}, [*range(9)])
def test_the_type_of_a_line(operation: str, message: str, data: dict[str, str], order: list[int]) -> None:
    """The type of a line is told without opening it, whatever its texts and data are and however fields are ordered."""
    event = ProgressEvent(
        run_id="0" * 32,
        seq=0,
        timestamp=datetime.now(UTC),
        elapsed=0,
        operation=operation,
        stage=None,
        status="running",
        message=message,
        data=data,
    )
    line = encode(event)
    assert type_of(line) == b"progress"
    fields = [*json.loads(line).items()]
    mixed: dict[str, Any] = dict([fields[at] for at in order] + fields[9:])
    others: list[dict[str, Any]] = [mixed, {"a": {"type": "b"}, **mixed}]
    others.append({"a": [{"type": "b"}], "type": "of a newer version"})
    for other in others:
        for separators in ((",", ":"), (", ", ": ")):
            text = json.dumps(other, separators=separators).encode()
            assert type_of(text) == other["type"].encode()


def test_the_record_of_a_batch() -> None:
    """The state of a batch in a snapshot is read as strictly as others, and keeps what is unknown."""
    event = SnapshotEvent(operation="op", **COMMON, batch=BatchRecord(plan=BatchPlan(operation="op"), durations={3: 2}))
    line = encode(event).replace(b'"resumable":true', b'"resumable":true,"of a newer version":[1]')
    again = decode(line)
    assert isinstance(again, SnapshotEvent)
    assert isinstance(again.batch, BatchRecord)
    assert again.batch.durations == {3: 2}
    assert encode(again) == line
    with pytest.raises(EventFormatError, match=r"a fault at snapshot\.batch\.plan\.limit: Input should be greater"):
        decode(line.replace(b'"limit":1', b'"limit":-1'))
