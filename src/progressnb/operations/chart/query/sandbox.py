"""The notebook's side of the query's process: starting it, asking it, and killing it when time is up.

A model's SQL can do no harm there: it is one SELECT, in memory, on the given tables alone. What DuckDB can't
interrupt is killed together with all memory that it took.
"""

from __future__ import annotations

import asyncio
import atexit
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, cast

from progressnb.errors import QueryError, needs_extra
from progressnb.frames import begin_python, end_process, error_line
from progressnb.operations.chart.query.messages import read_answer, write_message

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from types import ModuleType

    import pandas as pd

__all__ = ["Sandbox", "load_duckdb"]

ROWS = 5_000
"""Rows that a chart is drawn from at most."""

SECONDS = 20.0
"""Seconds that a query may take."""

LOADING = 300.0
"""Seconds that it may take to start the process and to load the tables."""

PIECE = 100_000
"""Rows that are sent in one go, so that a notebook goes on meanwhile."""

KEY = "progressnb_key"
"""The attribute of a table with a number that no other one has."""

_Keys: TypeAlias = "tuple[tuple[str, object], ...]"

_REASON_LIMIT = 200
"""Characters of the process's own words in an error."""

# This folder is loaded as a package of its own: all of progressnb would take seconds. What is loaded stays, so that the
# garbage collector need not look at it, neither meanwhile nor later.
_PROGRAM = """
import gc, sys
gc.disable()
from importlib.util import module_from_spec, spec_from_file_location
folder = sys.argv[1]
spec = spec_from_file_location("progressnb_query", folder + "/__init__.py", submodule_search_locations=[folder])
sys.modules["progressnb_query"] = module_from_spec(spec)
from progressnb_query import process
gc.freeze()
gc.enable()
process.main()
"""


def load_duckdb() -> ModuleType:
    """Return the module `duckdb`, or raise `MissingExtraError` with what to install."""
    with _needs_duckdb():
        import duckdb
    return duckdb


def _needs_duckdb() -> AbstractContextManager[None]:
    return needs_extra("chart", "the package duckdb, which runs the query")


class Sandbox:
    """Run queries on tables. Nothing outside of them can be read, and nothing is written anywhere.

    The process starts at once, so that it is ready by the time that there are tables. Close the sandbox after use.
    """

    def __init__(self, *, seconds: float = SECONDS, rows: int = ROWS) -> None:
        with _needs_duckdb():  # it is the process that loads it
            if find_spec("duckdb") is None:
                raise ModuleNotFoundError("No module named 'duckdb'")
        self._seconds = seconds
        self._rows = rows
        self._tables: Mapping[str, pd.DataFrame] = {}
        self._busy = 0
        self._process, self._holds = _begin()

    def close(self) -> None:
        """Stop a query that still runs. The process is kept for the next chart, with its tables for some minutes."""
        self._tables = {}
        if self._busy or not _keep(self._process, self._holds):
            end_process(self._process)

    async def load(self, tables: Mapping[str, pd.DataFrame]) -> None:
        """Load the tables, unless the process has them. Raises `QueryError` for what DuckDB can't hold."""
        self._tables = dict(tables)
        keys = _keys_of(tables)
        if keys is None or keys != self._holds or self._process.poll() is not None:
            await self._load()

    async def _load(self) -> None:
        tables, self._tables, self._holds = self._tables, {}, None
        await self._ask(LOADING, _in_pieces(tables))
        self._tables = tables
        self._holds = _keys_of(self._tables)

    async def check(self, sql: str) -> None:
        """Raise `QueryError` for anything but one SELECT on the tables that DuckDB can bind."""
        await self._ask(self._seconds, [("check", sql)])

    async def run(self, sql: str) -> pd.DataFrame:
        """Check a query and return its rows. Cancelling this call stops the query. Raises `QueryError`."""
        return cast("pd.DataFrame", await self._ask(self._seconds, [("run", sql, self._rows)]))

    def read(self, message: tuple[object, ...]) -> dict[str, pd.DataFrame]:
        """Return the tables of a file or of a text, by the message of one; call it on another thread than the loop's.

        Closing the sandbox ends it. Raises `QueryError` for what is no table.
        """
        self._restart()
        self._busy += 1
        late = Timer(LOADING, self._process.kill)
        late.daemon = True
        late.start()
        try:
            outcome, answer = _exchange(self._process, [message])
        except EOFError:
            got = "one that takes too much memory or time"
            raise QueryError("a file that fits", got, "Pass an extract.") from None
        finally:
            late.cancel()
            self._busy -= 1
        if outcome != "tables":
            raise QueryError(*cast("tuple[str, ...]", answer))
        return cast("dict[str, pd.DataFrame]", answer)

    def _restart(self) -> bool:
        """Begin another process if this one has ended, and tell whether it had."""
        if self._process.poll() is None:
            return False
        end_process(self._process)
        self._process, self._holds = _begin()
        return True

    async def _ask(self, seconds: float, messages: Iterable[tuple[object, ...]]) -> Any:  # noqa: ANN401 - any answer
        if self._restart() and self._tables:  # the last query was stopped
            await self.load(self._tables)
        process = self._process
        self._busy += 1
        # A thread of its own: in the loop's pool it might wait for other work while its time runs.
        thread = ThreadPoolExecutor(1, "progressnb query")
        exchange = asyncio.get_running_loop().run_in_executor(thread, _exchange, process, messages)
        try:
            done, _ = await asyncio.wait([exchange], timeout=seconds)
            if not done:
                raise QueryError(f"a query that ends within {seconds:g} s", "one that does not")
            outcome, answer = exchange.result()
        except EOFError:
            raise QueryError("a query that its process survives", await asyncio.to_thread(_reason, process)) from None
        finally:
            if not exchange.done():
                process.kill()  # which ends the exchange too
                process.wait()
                await asyncio.wait([exchange])
                exchange.exception()
            self._busy -= 1
            thread.shutdown(wait=False)
        if outcome == "ended":
            await asyncio.to_thread(process.wait)
        if outcome not in ("done", "tables"):
            raise QueryError(*answer)
        return answer


def _keys_of(tables: Mapping[str, pd.DataFrame]) -> _Keys | None:
    """Return what tells tables from all others, or None where nothing does."""
    keys = [(name, table.attrs.get(KEY)) for name, table in tables.items()]
    return None if not keys or any(key is None for _, key in keys) else tuple(keys)


def _in_pieces(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[object, ...]]:
    yield ("begin",)
    for name, table in tables.items():
        for first in range(0, len(table), PIECE):
            piece = table.iloc[first : first + PIECE]
            piece.attrs = {}
            yield ("rows", name, piece)
    yield ("ready",)


_idle: list[tuple[subprocess.Popen[bytes], _Keys | None]] = []
"""At most one process, kept for the next chart, and which tables it has."""


def _begin() -> tuple[subprocess.Popen[bytes], _Keys | None]:
    while _idle:
        process, keys = _idle.pop()
        if process.poll() is None:
            return process, keys
        end_process(process)
    try:
        return begin_python(_PROGRAM, str(Path(__file__).parent)), None
    except OSError as error:
        raise QueryError("a Python interpreter that can be started for the query", str(error)) from None


def _keep(process: subprocess.Popen[bytes], keys: _Keys | None) -> bool:
    """Keep a process, with tables that may be asked of again; return whether it is kept."""
    if _idle or process.poll() is not None:
        return False
    try:
        write_message(cast("BinaryIO", process.stdin), ("forget" if keys is None else "rest",))
    except OSError:
        return False
    _idle.append((process, keys))
    return True


@atexit.register
def _end_idle() -> None:
    while _idle:
        end_process(_idle.pop()[0])


def _exchange(process: subprocess.Popen[bytes], messages: Iterable[tuple[object, ...]]) -> tuple[str, Any]:
    """Send messages and return the last answer, or the first that is a refusal. Raises `EOFError` at its end."""
    outcome, answer = "done", None
    try:
        for message in messages:
            write_message(cast("BinaryIO", process.stdin), message)
            outcome, answer = read_answer(cast("BinaryIO", process.stdout))
            if outcome not in ("done", "tables"):
                break
    except (OSError, ValueError):  # a ValueError where the pipe is closed, or where it has something else
        process.kill()  # nothing that it writes can be trusted any more
        process.wait()
        raise EOFError from None
    return outcome, answer


def _reason(process: subprocess.Popen[bytes]) -> str:
    """Return why a process has ended, in one line."""
    code = process.wait()
    pipe = cast("BinaryIO", process.stderr)
    line = "" if pipe.closed else error_line(pipe.read())
    # A process without memory is ended by a signal, and says nothing.
    return "one that takes too much memory; aggregate more" if code < 0 or not line else line[:_REASON_LIMIT]
