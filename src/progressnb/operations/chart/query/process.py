"""The process that queries run in: it holds the tables, answers messages, and bounds its own memory and time.

It ends when the pipe that it reads is closed, when a bound is reached, or when the notebook kills it.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import duckdb

from .answers import plain_table
from .database import MEMORY, Database
from .messages import read_message, write_answer
from .sql import RefusedQueryError

__all__ = ["main"]

ANSWER = 32_000_000
"""Bytes of memory that the rows of an answer may take."""

CPU_SECONDS = 120
"""Seconds of CPU that an answer may take."""

IDLE = 60
"""Seconds that the process waits for tables."""


def main() -> None:
    """Answer messages until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the notebook, which kills this process where needed
    reading, writing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed must not be read as an answer
    database: Database | None = None
    while True:
        try:
            _end_after(IDLE if database is None else 0)
            message = read_message(reading, _end_never)
        except EOFError:
            return
        if message == ("forget",):
            database = None
            _bound_memory(bounded=False)
            continue
        _bound_cpu()
        _end_after(0 if message[0] == "tables" else CPU_SECONDS)  # a query may wait without using the CPU
        try:
            database, answer = _answer(database, message)
            write_answer(writing, "done", answer)
        except RefusedQueryError as refused:
            write_answer(writing, "refused", refused.args)
        except (MemoryError, duckdb.OutOfMemoryException):
            write_answer(writing, "ended", (f"a query within {MEMORY} MB", "one that needs more", "Aggregate more."))
            return  # DuckDB does not give all memory of such a query back


def _answer(database: Database | None, message: Any) -> tuple[Database | None, Any]:  # noqa: ANN401 - any message
    match message:
        case ("tables", given):
            database = Database(given)
            _bound_memory(bounded=True)
            return database, None
        case ("check", sql) if database:
            database.check(sql)
            return database, None
        case ("run", sql, rows) if database:
            table = database.run(sql, rows)
            if table.memory_usage(deep=True).sum() > ANSWER:
                expected = f"rows of {ANSWER // 1_000_000} MB at most"
                raise RefusedQueryError(expected, "more", "Aggregate, or shorten the texts.")
            return database, plain_table(table)
        case _:
            raise ValueError(message)


def _end_after(seconds: int) -> None:
    """Have the system end this process after so many seconds; 0 means never."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


def _end_never() -> None:
    _end_after(0)


def _bound_memory(*, bounded: bool) -> None:
    """Bound the memory beyond that of the tables: some functions build one huge value outside of DuckDB's limit."""
    taken = Path("/proc/self/statm")
    if not taken.exists():
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(taken.read_text().split()[0])
    bound = pages * resource.getpagesize() + 2 * MEMORY * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (bound if bounded else most, most))


def _bound_cpu() -> None:
    """Bound the CPU time of an answer: a notebook that has crashed stops no query any more."""
    if not hasattr(signal, "SIGXCPU"):
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_SECONDS, most))
