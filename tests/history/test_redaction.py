"""What a store without contents keeps of an event."""

import json
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.history.redaction import redact, redact_event
from progressnb.wire.codec import decode, encode
from progressnb.wire.events import ContentEvent, DoneEvent, ProgressEvent, StartedEvent

COMMON: dict[str, Any] = {"run_id": "r", "seq": 0, "timestamp": datetime(2026, 1, 1, tzinfo=UTC), "elapsed": 0}


def line_of(**fields: Any) -> bytes:
    """Encode one event."""
    return encode(ProgressEvent(operation="op", stage="s", status="running", **COMMON, **fields))


@pytest.mark.parametrize("key", ["result", "arguments", "page"])
def test_contents_in_data(key: str) -> None:
    """Results and arguments are contents, whoever reported them: they are nulled, and facts about the work stay."""
    event = json.loads(redact(line_of(data={key: "secret", "silence": 40.0, "status_code": 429, "model": "m"})))
    assert event["data"] == {key: None, "silence": 40.0, "status_code": 429, "model": "m"}
    assert event["redacted"] is True


def test_fields_of_a_newer_version() -> None:
    """A field that nobody knows here may hold contents, in a known type and in an unknown one."""
    line = line_of(message="writing")
    known = json.loads(redact(line[:-1] + b',"thought":"secret"}'))
    assert (known["thought"], known["message"]) == (None, "writing")
    unknown = redact(line.replace(b'"type":"progress"', b'"type":"thing"')[:-1] + b',"value":{"a":"secret"}}')
    assert b"secret" not in unknown
    assert json.loads(unknown)["run_id"] == "r"


def test_line_separators() -> None:
    """A redacted line is one line for every reader of lines, as any line that this package encodes."""
    name = "a\u2028b\u2029c\u0085d"
    redacted = redact(line_of(title=name, data={"page": 1}))
    assert len(redacted.decode().splitlines()) == 1
    event = decode(redacted)
    assert isinstance(event, ProgressEvent)
    assert event.title == name


TEXTS = st.text() | st.sampled_from(
    ['","reset":', ',"delta":"', '"message":"a","data":{', '},"weight":', "\u2028\\", '\\"']
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
KEYS = TEXTS | st.sampled_from(["model", "cost", "arguments", "weight", "data", "message", "delta", "silence"])
PROGRESS = st.builds(
    ProgressEvent,
    stage=TEXTS | st.none(),
    operation=TEXTS,
    status=st.sampled_from(["running", "finished"]),
    message=TEXTS | st.none(),
    data=st.dictionaries(KEYS, VALUES, max_size=4),
    weight=st.floats(0, 1) | st.none(),
    title=TEXTS | st.none(),
    overall_progress=st.floats(0, 100) | st.none(),
    **{name: st.just(value) for name, value in COMMON.items()},
)
CONTENT = st.builds(
    ContentEvent,
    stage=TEXTS | st.none(),
    operation=TEXTS,
    part=TEXTS,
    delta=TEXTS | st.none(),
    reset=st.booleans(),
    stage_progress=st.floats(0, 100) | st.none(),
    **{name: st.just(value) for name, value in COMMON.items()},
)


STARTED = st.builds(
    StartedEvent,
    stage=st.none(),
    operation=TEXTS,
    title=TEXTS | st.none(),
    subject=TEXTS | st.none(),
    model=TEXTS | st.none(),
    data=st.dictionaries(KEYS, VALUES, max_size=4),
    **{name: st.just(value) for name, value in COMMON.items()},
)
DONE = st.builds(
    DoneEvent,
    stage=st.none(),
    operation=TEXTS,
    result=VALUES,
    view=TEXTS | st.none(),
    duration=st.floats(0, 100),
    data=st.dictionaries(KEYS, VALUES, max_size=4),
    **{name: st.just(value) for name, value in COMMON.items()},
)


@given(PROGRESS | CONTENT | STARTED | DONE)
def test_the_short_way_gives_the_same_bytes(event: ProgressEvent | ContentEvent | StartedEvent | DoneEvent) -> None:
    """What is kept of an event is the same whether its bytes are read or taken apart, whatever its texts are.

    So it is where nobody looks how the line is laid out, since this process has written it.
    """
    line = encode(event)
    assert redact_event(event, line) == redact(line)
    assert redact_event(event, line, own=True) == redact(line)


@given(PROGRESS | CONTENT, st.sampled_from([b" ", b""]), st.randoms(use_true_random=False))
def test_lines_of_other_programs(event: ProgressEvent | ContentEvent, space: bytes, chance: Random) -> None:
    """An event that another program wrote, in another order, with spaces or a field twice, keeps no more than ours."""
    fields = [*json.loads(encode(event)).items()]
    chance.shuffle(fields)
    twice = chance.choice([*fields, ("note", "secret")])
    named = [(name, json.dumps(value).encode()) for name, value in (*fields, twice)]
    line = b"{" + b",".join(json.dumps(name).encode() + space + b":" + value for name, value in named) + b"}"
    decoded = decode(line)
    assert decoded is not None
    assert json.loads(redact_event(decoded, line)) == json.loads(redact(line))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("writing", "writing"),
        ("calling search, attempt 2 of 3", "calling …, attempt 2 of 3"),
        ("retrying, 2 of 3, in 1.5 s: no room for Ada", "retrying, 2 of 3, in 1.5 s: …"),
        ("3 of 10", "3 of 10"),
        ("1,250 rows", "1,250 rows"),
        ("4111111111111111 rows", "…"),
        ("5550100 of 3", "…"),
        (
            "for Ada (no token for 12 s, never before longer than 3 s)",
            "… (no token for 12 s, never before longer than 3 s)",
        ),
        ("writing (silent for 40 s)", "writing (silent for 40 s)"),
        ("half way", "…"),
        ("writing to Ada", "…"),
        ("calling 3 tools\nfor Ada", "calling …"),
        ("calling 3", "calling …"),
        ("…", "…"),
        ("", ""),
        ("thinking" * 10_000, "…"),
    ],
)
def test_templates(text: str, kept: str) -> None:
    """Of a message the words that this library wrote stay, with short numbers between them, and nothing else."""
    event = json.loads(redact(line_of(message=text)))
    assert event["message"] == kept
    assert event.get("redacted", False) is (kept != text)
    assert redact(redact(line_of(message=text))) == redact(line_of(message=text))


@pytest.mark.parametrize(
    ("made", "stage", "facts", "lacks", "twice"),
    [
        (StartedEvent, None, {"title": "t"}, b'"model":null', b'"title":"SECRET"'),
        (StartedEvent, None, {"title": "t"}, b'"stage":null', b'"subject":"SECRET"'),
        (DoneEvent, None, {"result": 1, "duration": 1}, b'{"v":1', b'{"view":"SECRET"'),
        (ProgressEvent, "a", {"status": "running", "message": "m"}, b'"stage_progress":null', b'"title":"SECRET"'),
        (ContentEvent, "a", {"delta": "d"}, b'"part":"output"', b'"operation":"SECRET","delta":null'),
    ],
)
def test_a_field_that_is_there_twice(made: Any, stage: str | None, facts: Any, lacks: bytes, twice: bytes) -> None:
    """A stranger's event with a field twice, in the place of one that it lacks, is hidden as every other."""
    common = {"run_id": "r", "timestamp": datetime(2026, 1, 1, tzinfo=UTC), "elapsed": 0.0, "operation": "o"}
    line = encode(made(seq=0, stage=stage, **common, **facts)).replace(lacks, twice, 1)
    event = decode(line)
    assert event is not None
    assert redact_event(event, line) == redact(line)
