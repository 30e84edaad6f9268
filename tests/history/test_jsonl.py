"""JSON Lines: what is exported and imported again has the same bytes, and anything else is refused."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb import History
from progressnb.errors import EventFormatError, HistoryError
from tests.history.helpers import history_of, run_of


def test_jsonl_round_trip(path: Path, tmp_path: Path) -> None:
    """Export, import and export again give the same bytes, of files, bytes and lines, redacted or not."""
    history = history_of(run_of(), run_of(2))
    exported = history.export_jsonl()
    file = history.export_jsonl(tmp_path / "runs.jsonl")
    assert file.read_bytes() == exported
    for source in (file, str(file), exported, exported.splitlines(keepends=True)):
        with History.from_jsonl(source) as again:
            assert again.export_jsonl() == exported
            assert again.timings().equals(history.timings())
            assert again.runs().equals(history.runs())
    with History.from_jsonl(file, path):
        pass
    with History(path) as stored:
        assert stored.export_jsonl() == exported


def test_events_of_a_newer_version() -> None:
    """Types and fields that only a newer version knows come out as they went in; `log` leaves the types out."""
    first, *rest = run_of().log.encoded()
    new = json.loads(first) | {"type": "paused", "seq": 1, "why": "ünïcode"}
    lines = [first[:-1] + b', "mood": {"a": 1.50}}', json.dumps(new).encode()]
    lines += [line.replace(b'"seq":%d,' % at, b'"seq":%d,' % (at + 1)) for at, line in enumerate(rest, 1)]
    content = b"".join(line + b"\n" for line in lines)
    history = History.from_jsonl(content)
    assert history.export_jsonl() == content
    run_id = json.loads(first)["run_id"]
    assert [event.type for event in history.log(run_id)].count("started") == 1
    assert len(history.log(run_id)) == len(lines) - 1
    assert history.lines(run_id) == lines
    assert history.events(run_id)["type"].tolist()[1] == "paused"
    assert history.runs()["status"].tolist() == ["finished"]


@given(
    st.lists(
        st.binary(max_size=40) | st.sampled_from([b"{}", b"null", b'{"type":"x"}', b'{"type": 1}', b"[]"]),
        min_size=1,
        max_size=3,
    )
)
def test_what_is_no_export(lines: list[bytes]) -> None:
    """What is no export is refused with the number of the line, and never with another error."""
    if not any(line.strip(b" \t\r\n") for line in lines):
        assert History.from_jsonl(lines).export_jsonl() == b""
        return
    with pytest.raises(EventFormatError, match="in line"):
        History.from_jsonl(lines)


def test_a_line_that_is_missing(path: Path) -> None:
    """A gap or a run that is there already is refused, and then nothing is stored."""
    lines = run_of().log.encoded()
    with pytest.raises(EventFormatError, match=r"expected event 1 of run .* in line 2, got event 2"):
        History.from_jsonl([lines[0], *lines[2:]], path)
    with pytest.raises(EventFormatError, match="in line 3, got event 1"):
        History.from_jsonl([lines[0], lines[1], lines[1]], path)
    with History(path) as history:
        assert history.runs().empty
    History.from_jsonl(lines, path).close()
    with pytest.raises(HistoryError, match="expected runs that are not there yet"):
        History.from_jsonl(lines, path)
