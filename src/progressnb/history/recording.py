"""The recording of runs: what of each is stored, and the statements that store the news of many runs at once.

A batch begins thousands of short runs. Their rows go into a file by the same few statements, in one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from pydantic_core import to_json

from progressnb.folds.timings import Timings
from progressnb.history.facts import kept_name, kept_source
from progressnb.history.leases import hold_all, let_go_all
from progressnb.history.redaction import redact_event
from progressnb.history.rows import (
    ADD_STAGES,
    CHANGE_RUN,
    RUN_COLUMNS,
    STAGE_COLUMNS,
    add_rows,
    marks,
    run_row,
    stage_rows,
)
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

    from progressnb.folds.state import RunState
    from progressnb.folds.timings import StageTiming
    from progressnb.history.results import KeptResult
    from progressnb.wire.events import Event
    from progressnb.wire.log import EventLog

__all__ = ["News", "Recording", "news_of", "store", "take_note", "to_store"]

_SHORT = 1_000  # events of a run whose own state is taken: in longer ones that has folded stages
_OWN = ("run_id", "operation", "fingerprint", "inputs")
_COLUMNS = (*_OWN, *(name for name in RUN_COLUMNS if name not in _OWN))
_ADD = f"INSERT INTO runs ({', '.join(_COLUMNS)}) VALUES ", f"({marks(len(_COLUMNS))})"  # noqa: S608 - names from tuples
_OR_CHANGE = " ON CONFLICT (run_id) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])
_MODEL = RUN_COLUMNS.index("model")
_SOURCE = 1 + STAGE_COLUMNS.index("source")  # a stage's row begins with its position
_RESULTS = "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_EVENTS = "INSERT OR IGNORE INTO events VALUES ", "(?, ?, CAST(? AS TEXT))"
_KEYS = "SELECT run_id, run FROM runs WHERE run_id IN (SELECT value FROM json_each(?))"
_THERE = "SELECT run FROM runs WHERE run IN (SELECT value FROM json_each(?))"


@dataclass(slots=True, eq=False)
class Recording:
    """The progress of recording one run: how much of its log is stored."""

    run_id: str
    operation: str
    fingerprint: str | None
    inputs: str | None
    resumed_from: str | None
    run: int | None = None  # the key in the table, once it has one
    stored: int = -1  # the seq of the last stored event
    dropped: bool = False
    state: RunState | None = None  # of the run
    timings: Timings | None = None
    stages: dict[str, tuple[Any, ...]] = field(default_factory=dict[str, "tuple[Any, ...]"])  # rows in the table
    timed: dict[str, StageTiming] = field(default_factory=dict[str, "StageTiming"])  # of which these are made
    results: list[KeptResult] = field(default_factory=list["KeptResult"])  # that are not stored yet
    kept: int = 0  # results that are stored
    known: str | None = None  # the inputs as they are stored: digests of files come later
    is_seen: bool = False  # whether the writer has seen it before: most runs of a batch are over when it looks again


class News(NamedTuple):
    """The news of one run: its row, the rows of its stages, and what is to be added."""

    recording: Recording
    row: tuple[Any, ...]
    stages: dict[str, tuple[Any, ...]]
    timed: dict[str, StageTiming]
    events: list[tuple[int, bytes]]  # seq and line
    results: tuple[KeptResult, ...]
    inputs: str | None
    ended: bool


def to_store(pending: Mapping[Recording, EventLog], *, young: bool) -> list[tuple[Recording, int]]:
    """Return the runs whose news are to be stored now, each with the seq of its latest event.

    Runs at work that are seen for the first time are left out, unless `young` asks for them.
    """
    found = list[tuple[Recording, int]]()
    for recording, log in tuple(pending.items()):
        if young or recording.is_seen or log.ended:
            found.append((recording, len(log) - 1))
        recording.is_seen = True
    return found


def news_of(recording: Recording, log: EventLog, count: int, *, contents: bool) -> News:
    """Return what a run has done since it was stored last, of so many events at most."""
    read = log.read(recording.stored, count)
    timings = _timings(recording, log, cast("list[Event]", [event for event, _ in read]))
    stages = [stage for _, stage in timings.rows()]
    row, rows = run_row(timings, stages), stage_rows(stages, recording.stages, recording.timed)
    if not contents:
        row = _named(row, _MODEL, kept_name)
        rows = {path: _named(each, _SOURCE, kept_source) for path, each in rows.items()}
    return News(
        recording,
        row,
        rows,
        {stage.stage: stage for stage in stages},
        [(event.seq, line if contents else redact_event(event, line, own=log.is_own)) for event, line in read],
        tuple(recording.results),
        recording.inputs,
        log.ended and read[-1][0].seq == len(log) - 1,
    )


def _named(row: tuple[Any, ...], place: int, kept: Callable[[str | None], str | None]) -> tuple[Any, ...]:
    """Return a row with what is kept of the text at this place."""
    value = row[place]
    return row if (name := kept(value)) == value else (*row[:place], name, *row[place + 1 :])


def _timings(recording: Recording, log: EventLog, news: list[Event]) -> Timings:
    timings = recording.timings
    if timings is None:
        if log.ended and len(news) == len(log) <= _SHORT and recording.state is not None:
            return Timings.of_ended(recording.state, news)
        timings = recording.timings = Timings()
    for event in news:
        timings.apply(event)  # one that was folded before a failed write changes nothing
    return timings


def store(connection: sqlite3.Connection, news: Sequence[News]) -> dict[Recording, int]:
    """Write the news of runs, inside the caller's transaction; return the key of each run.

    A run that was deleted since it was stored last has none.
    """
    before = [each.recording.run for each in news if each.recording.run is not None]
    there = {run for (run,) in connection.execute(_THERE, (to_json(before).decode(),))} if before else set[int]()
    new = [each for each in news if each.recording.run is None]
    ids = _add(connection, new)
    keys = {each.recording: ids[each.recording.run_id] for each in new}
    keys |= {each.recording: run for each in news if (run := each.recording.run) in there and run is not None}
    kept = [(keys[each.recording], each) for each in news if each.recording in keys]
    connection.executemany(CHANGE_RUN, [(*each.row, run) for run, each in kept if each.recording.run is not None])
    late = [
        (each.inputs, run)
        for run, each in kept
        if each.recording.run is not None and each.inputs != each.recording.known
    ]
    if late:
        connection.executemany("UPDATE runs SET inputs = ? WHERE run = ?", late)
    add_rows(connection, ADD_STAGES, [(run, *row) for run, each in kept for row in _changed(each)])
    rows = [
        (run, place, *one.row()) for run, each in kept for place, one in enumerate(each.results, each.recording.kept)
    ]
    connection.executemany(_RESULTS, rows)
    add_rows(connection, _EVENTS, [(run, seq, line) for run, each in kept for seq, line in each.events])
    let_go_all(connection, [each.recording.run_id for _, each in kept if each.ended and each.recording.run is not None])
    begun = [each.recording for each in new if not each.ended]
    hold_all(connection, [(each.run_id, each.resumed_from) for each in begun])
    return keys


def take_note(news: News, run: int) -> None:
    """Take note, once it is committed, that the news of a run are stored."""
    recording = news.recording
    recording.run, recording.known = run, news.inputs
    recording.stages, recording.timed = news.stages, news.timed
    recording.stored = news.events[-1][0]
    recording.kept += len(news.results)
    del recording.results[: len(news.results)]


def _add(connection: sqlite3.Connection, new: Sequence[News]) -> dict[str, int]:
    """Add the rows of new runs; return their keys by id."""
    if not new:
        return {}
    rows = [
        (one.run_id, clean_text(one.operation), one.fingerprint, each.inputs, *each.row[1:])
        for each in new
        for one in (each.recording,)
    ]
    add_rows(connection, _ADD, rows, _OR_CHANGE)
    ids = to_json([each.recording.run_id for each in new]).decode()
    return {run_id: int(run) for run_id, run in connection.execute(_KEYS, (ids,))}


def _changed(news: News) -> list[tuple[Any, ...]]:
    saved = news.recording.stages
    return [row for path, row in news.stages.items() if (before := saved.get(path)) is not row and before != row]
