"""A history of many runs: no statement of a user's call looks at all of them, and none is asked once a run."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

import progressnb as pnb
from progressnb import History, ProgressTracker, resume_run
from progressnb.errors import UnknownRunError
from progressnb.history.leases import forget_lost
from progressnb.testing import ManualClock
from progressnb.wire.events import Parent
from tests.history.helpers import report, run_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

ALL = re.compile(r"SCAN (runs|events|stages|results|items|batches|child|caller|first|latest)\b")
NOW = datetime.now(UTC)
CHILD = run_of()


@contextmanager
def statements_of(history: History) -> Generator[list[str]]:
    """Give the statements that a history has its database carry out meanwhile, with their values."""
    found: list[str] = []
    connections = (history._store._writer, history._store._reader)
    for connection in connections:
        connection.set_trace_callback(found.append)
    try:
        yield found
    finally:
        for connection in connections:
            connection.set_trace_callback(None)


def scans(history: History, statements: list[str]) -> list[str]:
    """Return the statements that look at each row of a table that grows with the runs."""
    found: list[str] = []
    for statement in dict.fromkeys(statements):
        if statement.split()[0] in ("SELECT", "WITH", "UPDATE", "DELETE", "INSERT"):
            plan = history._store._reader.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
            found += [f"{row[-1]}: {statement}" for row in plan if ALL.match(row[-1])]
    return found


def family() -> tuple[History, ProgressTracker, ProgressTracker]:
    """Return a history of a run, one that it called, and some others."""
    history = History(contents=True)
    caller = run_of(cost=2.0)
    child = run_of(operation="part", parent=Parent(run_id=caller.id, stage="write"))
    for run in (caller, child, *(run_of(number) for number in (1, 2, 3))):
        history.record(run)
    history.runs()
    return history, caller, child


def begun() -> ProgressTracker:
    """Return a run that is at work."""
    tracker = ProgressTracker("job", ["a"], clock=ManualClock())
    tracker.start()
    return tracker


def day_of(history: History, run: str) -> str:
    """Return the local day on which a run began."""
    return f"{history.log(run)[0].timestamp.astimezone():%Y-%m-%d}"


QUESTIONS: dict[str, Callable[[History, str], object]] = {
    "runs of an operation": lambda history, _: history.runs(operation="report"),
    "runs of operations": lambda history, _: history.runs(operation=["report", "part"], since=timedelta(days=1)),
    "runs of a model": lambda history, _: history.runs(model="m1", children=True),
    "runs since": lambda history, _: history.runs(since=timedelta(days=1)),
    "runs of a day": lambda history, _: history.runs(since="2026-01-01", until="2026-01-01"),
    "runs until": lambda history, _: history.runs(until=NOW, model=["m1", "m2"]),
    "a model of no run": lambda history, _: history.runs(model="nosuch"),
    "timings of an operation": lambda history, _: history.timings(operation="report"),
    "timings since": lambda history, _: history.timings(since=timedelta(days=1)),
    "timings of a model": lambda history, _: history.timings(model="m1", until=NOW),
    "compare two": lambda history, run: history.compare(run, run[:12]),
    "compare many": lambda history, _: history.compare(history.runs(operation="report"), history.runs(model="m1")),
    "compare days": lambda history, run: history.compare(day_of(history, run), day_of(history, run)[:7]),
    "latest": lambda history, _: history.latest("report", 2),
    "events": lambda history, run: history.events(run[:12]),
    "items": lambda history, run: history.items(run),
    "lines": lambda history, run: history.lines(run[:12]),
    "log": lambda history, run: history.log(run),
    "inputs": lambda history, run: history.inputs(run),
    "fingerprint": lambda history, run: history.fingerprint(run),
    "export": lambda history, run: history.export_jsonl(run_id=run),
    "forecast": lambda history, _: history.estimate(ProgressTracker("report", ["read", "write"])),
    "kept before": lambda history, run: history.kept_before(run),
    "lost": lambda history, _: forget_lost(history._store),
    "prune": lambda history, _: history.prune(older_than=timedelta(days=365)),
    "delete": lambda history, run: history.delete(run[:12]),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_no_statement_looks_at_all_runs(question: Callable[[History, str], object]) -> None:
    """Questions about some runs find them by an index, whatever names them."""
    history, caller, _ = family()
    with statements_of(history) as statements:
        question(history, caller.id)
    assert statements
    assert scans(history, statements) == []


async def test_recording_looks_at_no_other_run() -> None:
    """Recording, forecasting, and taking up a run again read nothing of runs that have nothing to do with it."""
    history, *_ = family()
    # Helpers of other folders have a `report` too, and a run is taken up by the one that was defined last.
    paper = pnb.operation(name="paper", stages={"read": 0.5, "write": 0.5})(report.function)
    with statements_of(history) as statements, pnb.configure.local(history=history, show=False):
        failed = paper("tides", fail=True)
        with pytest.raises(ValueError, match="no paper"):
            await failed
        with pytest.raises(ValueError, match="no paper"):
            await resume_run(failed.id, history=history)
        await pnb.batch(paper, ["moon", "sun"], name="topics", show=False)
        history.runs(operation="paper")
    assert any("resumed_from" in statement for statement in statements)
    assert any("INTO items" in statement for statement in statements)
    assert scans(history, statements) == []


def test_a_comparison_asks_few_questions() -> None:
    """The statements of a comparison are at most one a run that is named, and none of them is asked of each stage."""
    history = History()
    runs = [run_of(number / 10) for number in range(40)]
    for run in runs:
        history.record(run)
    ids = [run.id for run in runs]
    history.runs()
    with statements_of(history) as statements:
        history.compare([each[:12] for each in ids[:20]], [each[:12] for each in ids[20:]])
    assert len(statements) <= len(ids) + 8


def test_a_beginning_finds_what_it_begins() -> None:
    """The beginning of an id finds its run, and a whole id also one whose id another's begins with."""
    history = History()
    for name in ("ab", "abc", "abd", "\u00e9t\u00e9", "\uffff\U0010ffff!", "b\0c"):
        line = json.loads(begun().log.encoded()[0])
        history.keep_events([json.dumps({**line, "run_id": name}).encode()])
    found = {
        beginning: history.log(beginning)[0].run_id for beginning in ("ab", "abc", "abd", "\u00e9", "\uffff", "b\0")
    }
    assert list(found.values()) == ["ab", "abc", "abd", "\u00e9t\u00e9", "\uffff\U0010ffff!", "b\0c"]
    for beginning, count in (("a", "3"), ("", "no"), ("ac", "no"), ("%", "no"), ("\ud800", "no"), ("ab\ud800", "no")):
        with pytest.raises(UnknownRunError, match=f"which {count} runs have"):
            history.log(beginning)


def test_what_a_run_spent_stays_whole_in_a_question_about_some() -> None:
    """A caller's cost has what its runs spent after its end, also in a question about a few runs."""
    history = History()
    caller = ProgressTracker("outer", ["call"], clock=ManualClock())
    caller.start()
    with caller.stage("call"):
        pass
    caller.done()
    child = run_of(operation="inner", cost=0.25, parent=Parent(run_id=caller.id, stage="call"))
    grandchild = run_of(operation="innermost", cost=0.5, parent=Parent(run_id=child.id, stage="read"))
    for run in (caller, child, grandchild, run_of(cost=8.0)):
        history.record(run)
    everything = history.runs(children=True).set_index("operation")["cost"]
    assert everything["outer"] == everything["inner"] == 0.75
    for question in ({"operation": "outer"}, {"operation": ["outer", "innermost"]}, {"until": NOW + timedelta(days=1)}):
        assert history.runs(**question).set_index("operation")["cost"]["outer"] == 0.75


def test_a_large_deletion_locks_nobody_out(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many runs are deleted in short transactions; one that is interrupted leaves no child without its caller."""
    monkeypatch.setattr("progressnb.history.queries._STEP", 3)
    history = History(path)
    for number in range(4):
        caller = run_of(number)
        history.record(caller)
        history.record(run_of(operation="part", parent=Parent(run_id=caller.id, stage="write")))
    history.runs()
    with statements_of(history) as statements:
        assert history.prune(older_than=NOW + timedelta(days=900)) == 8
    assert statements.count("COMMIT") == 3
    assert history._queries._read("SELECT * FROM runs") == []

    caller = run_of()
    history.record(caller)
    history.record(run_of(operation="part", parent=Parent(run_id=caller.id, stage="write")))
    history.runs()
    monkeypatch.setattr("progressnb.history.queries._STEP", 1)
    with statements_of(history) as statements:
        history.delete(caller.id)
    deleted = {statement for statement in statements if statement.startswith("DELETE FROM runs")}
    assert len(deleted) == 2
    assert history._queries._read("SELECT * FROM runs") == []


def test_runs_of_a_process_that_is_gone_are_lost_together(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many runs a killed process has left, a question marks them by a few statements."""
    history = History(path)
    for _ in range(30):
        history.record(begun())
    history.runs()
    monkeypatch.setattr("progressnb.history.leases.is_gone", lambda _holder, _silent: True)
    with statements_of(history) as statements:
        assert set(history.runs()["status"]) == {"lost"}
    assert sum(statement.startswith(("UPDATE", "DELETE")) for statement in statements) == 3
    assert history._queries._read("SELECT * FROM leases") == []
