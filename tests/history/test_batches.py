"""Many runs at once: a history stores them by few statements, off the loop, and a forecast waits for no file."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest

from progressnb import History, ProgressTracker, Stage
from progressnb.folds.timings import Timings
from progressnb.history import writer as writing
from progressnb.history.recording import store
from progressnb.history.rows import RUN_COLUMNS, run_row, stage_rows
from progressnb.history.writer import Writer
from progressnb.testing import ManualClock
from tests.history.helpers import run_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from progressnb.history.recording import News


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Store runs when the test asks for it and at the end, and not meanwhile by a thread."""

    def work(writer: Writer) -> None:
        writer._closing.wait()
        writer._finish()

    monkeypatch.setattr(Writer, "_work", work)


def ended(number: int) -> ProgressTracker:
    """Return a run that has ended: well, with an error, or cancelled, with stages below stages."""
    clock = ManualClock()
    tracker = ProgressTracker("job", [Stage("read"), Stage("write")], clock=clock)
    tracker.start()
    with tracker.stage("read") as stage:
        clock.advance(0.5)
        stage.update(50, "half", pages=number, model="m")
        with stage.stage("part") as part:
            clock.advance(1)
            part.write("text " * number)
            part.add_usage("m", input_tokens=number, output_tokens=1, cost=0.25)
        stage.retry(2, 3, ValueError("once"))
    if number % 3 == 0:
        tracker.done({"number": number})
    elif number % 3 == 1:
        tracker.fail(ValueError("no"))
    else:
        tracker.cancelled("enough")
    return tracker


@pytest.mark.usefixtures("by_hand")
@pytest.mark.parametrize("contents", [False, True])
def test_few_statements(path: Path, *, contents: bool) -> None:
    """Two hundred runs are stored by one transaction; what is asked of the file does not grow with their number."""
    history = History(path, contents=contents)
    runs = [ended(number) for number in range(200)]
    for run in runs:
        history.record(run)
    statements: list[str] = []
    history._store._writer.set_trace_callback(statements.append)
    history._writer.flush()
    history._store._writer.set_trace_callback(None)
    words = [statement.split()[0] for statement in statements]
    assert words.count("BEGIN") == words.count("COMMIT") == 1
    assert words.count("SELECT") <= 4
    assert words.count("UPDATE") == 0  # of a new run each row is written once
    assert len(history.runs()) == 200
    history.close()


@pytest.mark.usefixtures("by_hand")
def test_the_rows_are_those_of_the_events(path: Path) -> None:
    """The rows of runs that are stored together, at their end or in parts, are the fold of their events."""
    history = History(path, contents=True)
    early = [run_of() for _ in range(3)]
    open_run = ProgressTracker("job", clock=ManualClock())
    open_run.start()
    open_run.stage("a").update(50)
    late = [ended(number) for number in range(6)]
    for run in (*early, open_run, *late):
        history.record(run)
    history._writer.flush()
    open_run.stage("a").update(70, pages=1)
    open_run.done()
    history._writer.flush()
    with history._store.reading() as connection:
        for run in (*early, open_run, *late):
            timings = Timings.of(run.log)
            stages = [stage for _, stage in timings.rows()]
            expected = run_row(timings, stages)
            query = f"SELECT {', '.join(RUN_COLUMNS)} FROM runs WHERE run_id = ?"  # noqa: S608 - names from a tuple
            (row,) = connection.execute(query, (run.id,)).fetchall()
            assert row == expected
            key = connection.execute("SELECT run FROM runs WHERE run_id = ?", (run.id,)).fetchone()[0]
            found = connection.execute("SELECT * FROM stages WHERE run = ? ORDER BY position", (key,)).fetchall()
            assert [each[1:] for each in found] == list(stage_rows(stages).values())
        assert connection.execute("SELECT count(*) FROM leases").fetchone() == (0,)
    for run in late:
        assert history.export_jsonl(run_id=run.id).splitlines() == run.log.encoded()
    history.close()


@pytest.mark.usefixtures("by_hand")
def test_a_long_run_is_not_read_again_and_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Storing what is new of a run with many ended stages makes and writes no rows of these, until one tells more."""
    made: list[str] = []
    row_of = Timings._row

    def counted(self: Timings, stage: Any) -> Any:
        made.append(stage.path)
        return row_of(self, stage)

    monkeypatch.setattr(Timings, "_row", counted)
    history, clock = History(path), ManualClock()
    run = ProgressTracker("job", clock=clock)
    run.start()
    history.record(run)
    outer = run.stage("outer")
    outer.start()
    parts = [outer.stage("part") for _ in range(50)]
    for part in parts:
        part.start()
        clock.advance(0.1)
        part.finish()
    history._writer.flush()
    made.clear()
    statements: list[str] = []
    history._store._writer.set_trace_callback(statements.append)
    with outer.stage("last"):
        clock.advance(2)
    parts[7].add_usage(cost=0.5)
    history._writer.flush()
    assert sorted(made) == ["outer", "outer/last", "outer/part#8"]
    assert sum("INTO stages" in statement for statement in statements) == 3
    history._store._writer.set_trace_callback(None)
    outer.finish()
    run.done()
    frame = history.timings()
    stages = [stage for _, stage in Timings.of(run.log).rows()]
    assert [*frame["stage"]] == [stage.stage for stage in stages]
    for name in ("status", "duration", "stall", "cost"):
        assert [None if value != value else value for value in frame[name]] == [getattr(each, name) for each in stages]  # noqa: PLR0124 - missing
    assert [*history.runs()["cost"]] == [0.5]
    history.close()


@pytest.mark.usefixtures("by_hand")
def test_one_that_was_deleted(path: Path) -> None:
    """A run that is deleted while it is at work stays deleted; those that are stored with it are whole."""
    history = History(path)
    first, second = (ProgressTracker("job", clock=ManualClock()) for _ in range(2))
    for run in (first, second):
        run.start()
        history.record(run)
    assert history.delete(first.id) == 1
    for run in (first, second):
        run.stage("a").update(50)
        run.done()
    history._writer.flush()
    assert [*history.runs()["run_id"]] == [second.id]
    assert len(history.log(second.id)) == len(second.log)
    history.close()


@pytest.mark.usefixtures("by_hand")
def test_one_that_cannot_be_stored(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A run with a value that no table takes is left out with a warning; the others of its transaction are stored."""

    def failing(connection: Any, news: Sequence[News]) -> Any:
        if any(each.recording.run_id == runs[1].id for each in news):
            raise OverflowError("int too large")
        return store(connection, news)

    monkeypatch.setattr(writing, "store", failing)
    history = History(path)
    runs = [ended(number) for number in range(3)]
    for run in runs:
        history.record(run)
    with caplog.at_level(logging.WARNING, "progressnb"):
        history._writer.flush()
    assert len(history.runs()) == 2
    assert [record.getMessage() for record in caplog.records] == ["could not store job; it goes on"]
    history.close()


@pytest.mark.usefixtures("by_hand")
def test_more_than_a_transaction_holds(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More events than one transaction holds are written by several, none twice, none left out."""
    monkeypatch.setattr(writing, "BATCH", 7)
    history = History(path, contents=True)
    runs = [ended(number) for number in range(5)]
    for run in runs:
        history.record(run)
    history._writer.flush()
    for run in runs:
        assert history.export_jsonl(run_id=run.id).splitlines() == run.log.encoded()
    history.close()


@pytest.mark.usefixtures("by_hand")
def test_few_questions_for_forecasts(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that begin ask the file which runs there are only where somebody has written since."""
    history = History(path)
    history.record(ended(0))
    history._writer.flush()
    asked: list[str] = []
    latest = history._queries.latest

    def counting(operation: str, count: int) -> list[str]:
        asked.append(operation)
        return latest(operation, count)

    monkeypatch.setattr(history._queries, "latest", counting)
    for _ in range(50):
        assert history.estimate(ended(1)) is not None
    assert asked == ["job"]
    history.record(ended(2))
    history._writer.flush()
    monkeypatch.setattr("progressnb.history.recent.PAUSE", 0.0)
    for _ in range(50):
        history.estimate(ended(1))
    assert asked == ["job", "job"]
    history.close()


@pytest.mark.usefixtures("by_hand")
def test_a_forecast_waits_for_nobody(path: Path) -> None:
    """While another thread reads a million rows, a run that begins gets its forecast from what is known."""
    history = History(path)
    history.record(ended(0))
    history._writer.flush()
    assert history.estimate(ended(1)) is not None
    reads, is_over = threading.Event(), threading.Event()

    def read() -> None:
        with history._store.reading():
            reads.set()
            assert is_over.wait(30)

    reader = threading.Thread(target=read)
    reader.start()
    assert reads.wait(30)
    begins = threading.Thread(target=history.estimate, args=(ended(1),))
    begins.start()
    begins.join(30)
    assert not begins.is_alive()
    is_over.set()
    reader.join(30)
    history.close()
