"""The process that queries run in: it holds the tables, answers messages, and bounds its own memory and time.

It ends when the pipe that it reads is closed, when a bound is reached, or when the notebook kills it.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from .answers import plain_table
from .database import MEMORY, Database
from .messages import read_message, write_answer
from .packed import write_packed
from .reading import read_file, read_text
from .sql import RefusedQueryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["main"]

ANSWER = 32_000_000
"""Bytes of memory that the rows of an answer may take."""

CPU_SECONDS = 120
"""Seconds of CPU that an answer may take."""

IDLE = 60
"""Seconds that the process waits for tables."""

RESTING = 600
"""Seconds that it keeps tables of which nothing is asked."""

READING, FOR_A_BYTE = 1_500_000_000, 60
"""Bytes of memory that reading a file may take, and how many more for each byte of the file."""

MOST = 12_000_000_000
"""Bytes of memory that reading any file may take."""


def main() -> None:
    """Answer messages until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the notebook, which kills this process where needed
    reading, writing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed must not be read as an answer
    database: Database | None = None
    rests = False
    while True:
        try:
            _end_after(IDLE if database is None else RESTING if rests else 0)
            message = read_message(reading, _end_never)
        except EOFError:
            return
        rests = message == ("rest",)
        if rests:
            continue
        if message == ("forget",):
            database = None
            _bound_memory(0)
            continue
        _bound_cpu()
        _end_after(0 if message[0] in ("begin", "rows") else CPU_SECONDS)  # a query may wait without using the CPU
        is_file = message[0] in ("read", "parse")
        try:
            if is_file:
                tables = _read(message)
                write_answer(writing, "tables", None)
                write_packed(writing, tables)
                continue
            database, answer = _answer(database, message)
            write_answer(writing, "done", answer)
        except RefusedQueryError as refused:
            write_answer(writing, "refused", refused.args)
        except (MemoryError, duckdb.OutOfMemoryException):
            file = "a file that fits", "Pass an extract."
            expected, remedy = file if is_file else (f"a query within {MEMORY} MB", "Aggregate more.")
            write_answer(writing, "ended", (expected, "one that needs more memory", remedy))
            return  # DuckDB does not give all memory of such a query back


def _read(message: Any) -> Mapping[str, pd.DataFrame]:  # noqa: ANN401 - any message
    """Return the tables of a file or of a text, within bounds: a small file may have huge contents."""
    match message:
        case ("read", path, form, identity, name):
            _bound_memory(min(READING + FOR_A_BYTE * identity[2], MOST))
            tables = read_file(path, form, identity, name)
        case ("parse", text, name):
            _bound_memory(min(READING + FOR_A_BYTE * len(text), MOST))
            tables = read_text(text, name)
        case _:
            raise ValueError(message)
    _bound_memory(0)
    return tables


def _answer(database: Database | None, message: Any) -> tuple[Database | None, Any]:  # noqa: ANN401 - any message
    match message:
        case ("begin",):
            _bound_memory(0)
            return Database(), None
        case ("rows", name, table) if database:
            database.add(name, table)
            return database, None
        case ("ready",) if database:
            database.close()
            _bound_memory(2 * MEMORY * 1_000_000)
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


def _bound_memory(more: int) -> None:
    """Bound the memory beyond what is taken, 0 for no bound: some functions build one huge value outside of DuckDB."""
    taken = Path("/proc/self/statm")
    if not taken.exists():
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(taken.read_text().split()[0])
    bound = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (bound if more else most, most))


def _bound_cpu() -> None:
    """Bound the CPU time of an answer: a notebook that has crashed stops no query any more."""
    if not hasattr(signal, "SIGXCPU"):
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_SECONDS, most))
