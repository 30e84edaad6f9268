"""Events read back from JSON Lines into a history, as the bytes that they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic_core import from_json

from progressnb.errors import EventFormatError, HistoryError
from progressnb.folds.timings import Timings
from progressnb.history.rows import add_run, save_timings
from progressnb.wire.codec import decode

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

__all__ = ["import_jsonl"]

_REMEDY = "Check that the file came from export_jsonl() and is whole."


class _Imported:
    def __init__(self, run: int) -> None:
        self.run = run
        self.timings = Timings()
        self.count = 0


def import_jsonl(connection: sqlite3.Connection, lines: Iterable[bytes]) -> None:
    """Store events, inside the caller's transaction. Empty lines are passed over.

    Raises `EventFormatError` for a line that is no event or not the next of its run, and `HistoryError` for a run that
    is there already.
    """
    runs: dict[str, _Imported] = {}
    for number, ended_line in enumerate(lines, 1):
        line = ended_line.strip(b" \t\r\n")
        if not line:
            continue
        if b"\n" in line:
            raise EventFormatError(f"one event in line {number}", "several lines", _REMEDY)
        try:
            event = decode(line)
            run_id, seq, operation = (event.run_id, event.seq, event.operation) if event else _unknown(line)
        except EventFormatError as error:
            raise EventFormatError(f"{error.expected} in line {number}", error.got, _REMEDY) from None
        imported = runs.get(run_id)
        if imported is None:
            if connection.execute("SELECT 1 FROM runs WHERE run_id = ?", (run_id,)).fetchone():
                raise HistoryError("runs that are not there yet", run_id, "Delete that run, or name another file.")
            imported = runs[run_id] = _Imported(add_run(connection, run_id, operation))
        if seq != imported.count:
            raise EventFormatError(f"event {imported.count} of run {run_id} in line {number}", f"event {seq}", _REMEDY)
        imported.count += 1
        if event is not None:
            imported.timings.apply(event)
        connection.execute("INSERT INTO events VALUES (?, ?, CAST(? AS TEXT))", (imported.run, seq, line))
    for imported in runs.values():
        save_timings(connection, imported.run, imported.timings, {})


def _unknown(line: bytes) -> tuple[str, int, str]:
    # Of a type that only a newer version knows: kept as it is, as long as it has a place.
    event = from_json(line)
    run_id, seq, operation = (event.get(name) for name in ("run_id", "seq", "operation"))
    if not isinstance(run_id, str) or type(seq) is not int or not isinstance(operation, str):
        raise EventFormatError("an event with run_id, seq and operation", str(event))
    return run_id, seq, operation
