"""A SQLite database in a file or in memory: one connection that writes, one that reads, and clear errors."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from typing import TYPE_CHECKING

from progressnb.errors import HistoryError
from progressnb.history.schema import migrate, version_of

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

__all__ = ["Store", "is_passing"]

BUSY = 5.0
"""Seconds for which a lock of another process is waited for."""

_MEMORY = ":memory:"
# By the first word of SQLite's error names: the fault, the remedy, and whether the fault may pass by itself.
_FAULTS = {
    "BUSY": ("one that another process holds locked", "Close that process, or name another file.", True),
    "LOCKED": ("one that is locked", "Close what reads or writes it, or name another file.", True),
    "FULL": ("a full disk", "Make room on it.", True),
    "IOERR": ("a disk that can't be read or written", "Check the disk and its free space.", True),
    "READONLY": ("one that may only be read", "Copy it to where you may write, or name another file.", False),
    "PERM": ("one that you may not open", "Check its permissions, or name another file.", False),
    "AUTH": ("one that you may not open", "Check its permissions, or name another file.", False),
    "CANTOPEN": ("one that can't be opened", "Check that its folder exists and that you may write there.", False),
    "CORRUPT": ("a damaged file", "Restore a copy; `sqlite3 FILE .recover` may save what is whole.", False),
    "NOTADB": ("a file of another kind, or a damaged one", "Name a file that does not exist yet.", False),
}


class Store:
    """The database of a history. Any thread may read and write.

    Raises `HistoryError` for a file that is corrupt, locked, read-only, full, another program's or a newer version's.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = None if path is None else path.absolute()  # SQLite reads some relative names as addresses
        self._process = os.getpid()
        self._write_lock = self._read_lock = threading.RLock()
        with self._clear_errors():
            if self.path is not None and not self.path.exists():
                # Messages may be personal: only the owner may read the file.
                os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
            self._writer = self._reader = self._connect()
            try:
                self._prepare()
                if path is not None:
                    # A second connection: reading a million events must not block the writer.
                    self._read_lock = threading.RLock()
                    self._reader = self._connect()
            except BaseException:
                self.close()
                raise

    def __repr__(self) -> str:
        """Show the path."""
        return f"<store {self.path or 'in memory'}>"

    def check_process(self) -> None:
        """Raise `HistoryError` in a forked process: neither SQLite's connections nor threads survive a fork."""
        if os.getpid() != self._process:
            raise HistoryError("a history that this process opened", "one of its parent", "Call use_history again.")

    @contextlib.contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """Return the writing connection for one transaction, which is committed as a whole or rolled back."""
        with self._clear_errors(), self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # a full disk may have rolled back by itself
                    self._writer.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def reading(self) -> Generator[sqlite3.Connection]:
        """Return the reading connection, which sees what is committed."""
        with self._clear_errors(), self._read_lock:
            yield self._reader

    def forget(self) -> None:
        """Empty the journal, so that deleted rows are gone from it too."""
        # Impossible while another process reads.
        with contextlib.suppress(HistoryError), self._clear_errors(), self._write_lock:
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the file. Reading and writing raise from then on."""
        with self._write_lock, self._read_lock:
            self._reader.close()
            self._writer.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path or _MEMORY, timeout=BUSY, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        try:
            # Deleted rows are overwritten. A crash of the machine, not of the kernel, may lose the last commits.
            for pragma in ("foreign_keys = ON", "secure_delete = ON", "synchronous = NORMAL"):
                connection.execute(f"PRAGMA {pragma}").fetchall()
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self) -> None:
        version_of(self._writer)  # refuses another program's file before anything in it changes
        deadline = time.monotonic() + BUSY
        while True:  # SQLite does not wait by itself where two kernels make one file at once
            try:
                if self.path is not None:
                    self._writer.execute("PRAGMA journal_mode = WAL").fetchall()
                break
            except sqlite3.OperationalError as error:
                if not is_passing(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        with self.writing() as connection:
            migrate(connection)

    @contextlib.contextmanager
    def _clear_errors(self) -> Generator[None]:
        self.check_process()
        where = str(self.path or "memory")
        try:
            yield
        except sqlite3.ProgrammingError as error:
            raise HistoryError(f"the open history {where}", "a closed one", "Open it again.") from error
        except sqlite3.Error as error:
            what, remedy, _ = _FAULTS.get(_kind(error), (str(error), "", False))
            raise HistoryError(f"the history {where}", what, remedy) from error
        except OSError as error:
            if isinstance(error, HistoryError):
                raise
            raise HistoryError(
                f"the history {where}", str(error), "Name a file in a folder that you may write to."
            ) from error


def is_passing(error: BaseException | None) -> bool:
    """Tell whether a fault of the database may pass by itself, as a lock or a full disk does."""
    return isinstance(error, sqlite3.Error) and _FAULTS.get(_kind(error), ("", "", False))[2]


def _kind(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", None) or ""
    return name.removeprefix("SQLITE_").partition("_")[0]
