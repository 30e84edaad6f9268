"""Import of JSON Lines into a history: the very bytes of the events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.errors import EventFormatError, HistoryError
from progressnb.folds.timings import Timings
from progressnb.history.rows import add_run, save_timings
from progressnb.wire.codec import decode_any
from progressnb.wire.events import UnknownEvent

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
    """Store events, inside the caller's transaction. Empty lines are skipped.

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
            event = decode_any(line)
        except EventFormatError as error:
            raise EventFormatError(f"{error.expected} in line {number}", error.got, _REMEDY) from None
        run_id, seq = event.run_id, event.seq
        imported = runs.get(run_id)
        if imported is None:
            if connection.execute("SELECT 1 FROM runs WHERE run_id = ?", (run_id,)).fetchone():
                raise HistoryError("runs that are not there yet", run_id, "Delete that run, or name another file.")
            imported = runs[run_id] = _Imported(add_run(connection, run_id, event.operation))
        if seq != imported.count:
            raise EventFormatError(f"event {imported.count} of run {run_id} in line {number}", f"event {seq}", _REMEDY)
        imported.count += 1
        if not isinstance(event, UnknownEvent):
            imported.timings.apply(event)
        connection.execute("INSERT INTO events VALUES (?, ?, CAST(? AS TEXT))", (imported.run, seq, line))
    for imported in runs.values():
        save_timings(connection, imported.run, imported.timings)
