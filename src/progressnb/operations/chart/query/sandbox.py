"""SQL that a model wrote, run where it can do no harm: one SELECT, in memory, on the given tables alone.

It runs in a process of its own, `process.py`: what DuckDB can't interrupt is killed, with all that it took.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from progressnb.errors import MissingExtraError, QueryError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    import pandas as pd

__all__ = ["Sandbox", "load_duckdb", "quoted"]

ROWS = 5_000
"""Rows that a chart is drawn from at most."""

SECONDS = 20.0
"""Seconds that a query may take."""

LOADING = 300.0
"""Seconds that it may take until the tables are there."""


def load_duckdb() -> ModuleType:
    """Return the module `duckdb`, or raise `MissingExtraError` with what to install."""
    try:
        import duckdb
    except ImportError:
        raise MissingExtraError(
            "the package duckdb, which runs the query", "none", 'Install it: pip install "progressnb[chart]"'
        ) from None
    return duckdb


def quoted(name: str) -> str:
    """Return a name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


class Sandbox:
    """Run queries on tables. Nothing outside can be read, and nothing is written anywhere. Close it after use.

    The process begins at once, and is ready by the time that there are tables.
    """

    def __init__(self, *, seconds: float = SECONDS, rows: int = ROWS) -> None:
        load_duckdb()
        self._seconds = seconds
        self._rows = rows
        self._tables: Mapping[str, pd.DataFrame] = {}
        self._busy = 0
        self._process = _begin()

    def close(self) -> None:
        """Forget the tables, and stop a query that goes on. The process is kept for a while, for the next chart."""
        self._tables = {}
        if self._busy or not _forget(self._process):
            _end(self._process)

    async def load(self, tables: Mapping[str, pd.DataFrame]) -> None:
        """Take the tables. Raises `QueryError` for what DuckDB can't hold."""
        self._tables = dict(tables)
        await self._ask(LOADING, "tables", self._tables)

    async def check(self, sql: str) -> None:
        """Raise `QueryError` for what is not one SELECT on the given tables, or what DuckDB can't bind."""
        await self._ask(self._seconds, "check", sql)

    async def run(self, sql: str) -> pd.DataFrame:
        """Check a query and return its rows; cancelling stops it. Raises `QueryError`."""
        return cast("pd.DataFrame", await self._ask(self._seconds, "run", sql, self._rows))

    async def _ask(self, seconds: float, *message: object) -> Any:  # noqa: ANN401 - what was asked for
        if self._process.poll() is not None:  # the last query was stopped
            _end(self._process)
            self._process = _begin()
            await self._ask(LOADING, "tables", self._tables)
        process = self._process
        self._busy += 1
        # Of its own: in the loop's pool it might wait for others, and its time run meanwhile.
        thread = ThreadPoolExecutor(1, "progressnb query")
        answer = asyncio.get_running_loop().run_in_executor(thread, _exchange, process, message)
        try:
            done, _ = await asyncio.wait([answer], timeout=seconds)
            if not done:
                raise QueryError(f"a query that ends within {seconds:g} s", "one that does not")
            kind, said = answer.result()
        except EOFError:
            got = await asyncio.to_thread(_last_words, process)
            raise QueryError("a query that its process survives", got) from None
        finally:
            if not answer.done():
                process.kill()  # which ends the exchange too
                process.wait()
                await asyncio.wait([answer])
                answer.exception()
            self._busy -= 1
            thread.shutdown(wait=False)
        if kind == "ended":
            await asyncio.to_thread(process.wait)
        if kind != "done":
            raise QueryError(*said)
        return said


_idle: list[subprocess.Popen[bytes]] = []


def _begin() -> subprocess.Popen[bytes]:
    while _idle:
        process = _idle.pop()
        if process.poll() is None:
            return process
        _end(process)
    # With no folder of the notebook among the modules, and else with the modules that are found here.
    program = [sys.executable, "-P", str(Path(__file__).with_name("process.py"))]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    try:
        return subprocess.Popen(  # noqa: S603 - our own program
            program, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except (OSError, TypeError) as error:
        raise QueryError("a Python that can be begun for the query", f"{sys.executable!r} ({error})") from None


def _forget(process: subprocess.Popen[bytes]) -> bool:
    """Keep a process without its tables, and say whether it is kept."""
    from progressnb.operations.chart.query.process import write_message

    if _idle or process.poll() is not None:
        return False
    try:
        write_message(cast("BinaryIO", process.stdin), ("forget",))
    except OSError:
        return False
    _idle.append(process)
    return True


@atexit.register
def _end_idle() -> None:
    while _idle:
        _end(_idle.pop())


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout, process.stderr):
        with suppress(OSError):  # what is still to be written is for nobody
            cast("BinaryIO", pipe).close()
    process.wait()


def _exchange(process: subprocess.Popen[bytes], message: object) -> tuple[str, Any]:
    from progressnb.operations.chart.query.process import read_message, write_message

    try:
        write_message(cast("BinaryIO", process.stdin), message)
        return cast("tuple[str, Any]", read_message(cast("BinaryIO", process.stdout)))
    except (OSError, ValueError):  # it has ended; or the pipe is closed, which is a ValueError
        raise EOFError from None


def _last_words(process: subprocess.Popen[bytes]) -> str:
    code = process.wait()
    pipe = cast("BinaryIO", process.stderr)
    said = [] if pipe.closed else pipe.read().decode(errors="replace").strip().splitlines()
    # A signal of its own is how it ends without memory.
    return "one that takes too much memory; aggregate more" if code < 0 or not said else said[-1][:200]
