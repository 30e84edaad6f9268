"""What a store without contents keeps of an event."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from progressnb.history.redaction import redact
from progressnb.wire.codec import decode, encode
from progressnb.wire.events import ProgressEvent

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
    line = line_of(message="reading")
    known = json.loads(redact(line[:-1] + b',"thought":"secret"}'))
    assert (known["thought"], known["message"]) == (None, "reading")
    unknown = redact(line.replace(b'"type":"progress"', b'"type":"thing"')[:-1] + b',"value":{"a":"secret"}}')
    assert b"secret" not in unknown
    assert json.loads(unknown)["run_id"] == "r"


def test_line_separators() -> None:
    """A redacted line is one line for every reader of lines, as any line that this package encodes."""
    redacted = redact(line_of(message="a\u2028b\u2029c\u0085d", data={"page": 1}))
    assert len(redacted.decode().splitlines()) == 1
    event = decode(redacted)
    assert isinstance(event, ProgressEvent)
    assert event.message == "a\u2028b\u2029c\u0085d"
