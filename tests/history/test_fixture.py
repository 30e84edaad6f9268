"""A history of version 0.1.0: it opens, it migrates, and it answers as it did, save where it knew too little."""

import json
import math
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from progressnb import ProgressTracker, Stage, operation, resume_run, use_history
from progressnb.errors import ResumeError
from progressnb.execution.replay import replay
from progressnb.folds.state import RunState
from progressnb.history import schema
from progressnb.history.history import History
from progressnb.history.redaction import redact
from progressnb.wire.codec import decode, encode

FIXTURES = Path(__file__).parents[1] / "data" / "history"
LINES = (FIXTURES / "0.1.0.jsonl").read_bytes().splitlines()
TICKER = 10.0
"""Seconds after which 0.1.0 told of a silence, in words."""


def answered(name: str) -> list[dict[str, Any]]:
    """Return the rows that 0.1.0 answered."""
    rows: list[dict[str, Any]] = json.loads((FIXTURES / f"0.1.0.{name}.json").read_bytes())
    return rows


def rows_of(frame: Any) -> list[dict[str, Any]]:
    """Return a frame's rows as the fixture has them."""
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", date_format="iso", date_unit="ms"))
    return rows


def same(got: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    """Compare rows; numbers may differ by rounding."""
    assert len(got) == len(expected)
    for row, old in zip(got, expected, strict=True):
        assert row.keys() >= old.keys()
        for name, value in old.items():
            assert row[name] == (pytest.approx(value) if isinstance(value, float) else value), (name, row)


def known(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of timings without the silences that nobody can know."""
    return [{**row, "stall": None if (row["stall"] or 0) >= TICKER else row["stall"]} for row in rows]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Copy the file of 0.1.0."""
    return Path(shutil.copy(FIXTURES / "0.1.0.db", tmp_path / "old.db"))


def test_it_opens_and_migrates(old: Path) -> None:
    """The file is at today's version once it was opened, its events keep their bytes, and it answers as it did."""
    with History(old) as history:
        assert history.export_jsonl().splitlines() == LINES
        same(rows_of(history.runs(children=True)), answered("runs"))
        same(rows_of(history.timings()), known(answered("timings")))
    file = sqlite3.connect(old)
    assert schema.version_of(file) == schema.VERSION
    file.close()


def test_imported_it_answers_alike() -> None:
    """The same events, read from their export, give the same rows."""
    with History.from_jsonl(FIXTURES / "0.1.0.jsonl") as history:
        same(rows_of(history.runs(children=True)), answered("runs"))
        same(rows_of(history.timings()), known(answered("timings")))


def test_a_store_without_contents_keeps_its_rows(old: Path) -> None:
    """Rows that say more than their redacted events, such as the length of an output, survive the migration."""
    file = sqlite3.connect(old, isolation_level=None)
    for run, seq, line in file.execute("SELECT run, seq, CAST(line AS BLOB) FROM events").fetchall():
        file.execute("UPDATE events SET line = CAST(? AS TEXT) WHERE run = ? AND seq = ?", (redact(line), run, seq))
    file.close()
    with History(old) as history:
        same(rows_of(history.timings()), known(answered("timings")))


def test_a_silence_is_null_where_it_is_not_known(old: Path) -> None:
    """A silence of ten seconds or more is null, since a notice may have cut it; shorter ones are exact, and stay."""
    with History(old) as history:
        stalls = history.timings()["stall"].tolist()
    before = [row["stall"] for row in answered("timings")]
    assert any((stall or 0) >= TICKER for stall in before)
    for stall, was in zip(stalls, before, strict=True):
        if was is None or was >= TICKER:
            assert math.isnan(stall)
        else:
            assert stall == pytest.approx(was)


def test_events_decode() -> None:
    """Each event of 0.1.0 decodes to what it says, and encoding it again loses nothing."""
    for line in LINES:
        event = decode(line)
        assert event is not None
        assert json.loads(encode(event)).items() >= json.loads(line).items()


def test_runs_are_replayed_byte_by_byte(old: Path) -> None:
    """A run of 0.1.0 is replayed from the file and from its export, with the bytes and the end that it had."""
    with History(old) as history:
        for run_id, status in zip(*(history.runs(children=True)[name] for name in ("run_id", "status")), strict=True):
            lines = [line for line in LINES if json.loads(line)["run_id"] == run_id]
            for source in (run_id, FIXTURES / "0.1.0.jsonl"):
                again = replay(source, run_id=run_id, history=history, speed=None, show=False)
                assert again.log.encoded() == lines
                assert again.status == status
            assert RunState.of(history.log(run_id)).status == status


async def test_a_run_of_it_is_taken_up(old: Path) -> None:
    """A run that failed under 0.1.0 is refused as changed code, then taken up knowingly: all of its stages are run."""
    done: list[str] = []

    @operation(stages=[Stage("Read", weight=1), Stage("Break", weight=2)])
    async def failing(tracker: ProgressTracker) -> list[str]:
        return [await tracker.stage(name).run(work, name) for name in ("Read", "Break")]

    def work(name: str) -> str:
        done.append(name)
        return name

    with History(old, contents=True) as history:
        use_history(history)
        try:
            run_id = str(history.runs(operation="failing")["run_id"].iloc[0])
            with pytest.raises(ResumeError, match="allow_changes=True"):
                resume_run(run_id)
            run = resume_run(run_id[:8], allow_changes=True, show=False)
            assert await run == done == ["Read", "Break"]
            assert (run.state.resumed_from, run.reused) == (run_id, {})
            with pytest.raises(ResumeError, match="taken up"):
                resume_run(run_id, allow_changes=True)
        finally:
            use_history(None)
        rows = history.runs(operation="failing")
        assert sorted(rows["status"]) == ["failed", "finished"]
