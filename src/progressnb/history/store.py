"""A SQLite database in a file or in memory: one connection that writes, one that reads, and clear errors."""

from __future__ import annotations

import contextlib
import difflib
import logging
import os
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any

from progressnb.errors import HistoryError
from progressnb.history.faults import cleared, is_passing
from progressnb.history.foreign import check_regular, harden
from progressnb.history.schema import migrate, version_of
from progressnb.wire.forks import renew_after_fork

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Store"]

BUSY = 5.0
"""Seconds for which a lock of another process is waited for."""

_MEMORY = ":memory:"
_logger = logging.getLogger("progressnb")


class Store:
    """The database of a history. Any thread may read and write.

    With `create` False a file that is missing is an error. With None it is made, and gone again when it is asked
    something before anything was written.

    Raises `HistoryError` for a file that is corrupt, locked, read-only, full, another program's or a newer version's.
    """

    def __init__(self, path: Path | None = None, *, create: bool | None = True) -> None:
        self.path = None if path is None else path.absolute()  # SQLite reads some relative names as addresses
        self._is_forked = False
        renew_after_fork(self)
        self._write_lock = self._read_lock = threading.RLock()
        self._file: tuple[int, int] | None = None
        self._is_told = self._is_closed = self._is_open = self._is_unused = False
        self.deletions = 0  # by this process
        self._unsaved = False  # whether the journal has what the file itself has not
        is_missing = self.path is not None and not self.path.exists()
        if is_missing and create is False:
            raise self.missing()
        self.open()
        self._is_unused = is_missing and create is None

    @property
    def discarded(self) -> bool:
        """Whether there is no database: a file that was made for nothing is gone until something is written."""
        return not self._is_open and not self._is_closed

    def need(self) -> None:
        """Raise `HistoryError` for a file that is to be read and that was missing before this store made it."""
        if self._is_unused:
            with self.reading() as connection:
                is_empty = connection.execute("SELECT 1 FROM runs LIMIT 1").fetchone() is None
            if is_empty:
                self._discard()
                raise self.missing()
            self._is_unused = False

    @property
    def unsaved(self) -> bool:
        """Whether the journal has what the file itself has not, so that a copy of the file alone would lack it."""
        return self._unsaved and self.path is not None

    def missing(self) -> HistoryError:
        """Return the error of a file that is to be read and does not exist."""
        near = ""
        if self.path is not None:
            names = sorted(each.name for each in self.path.parent.glob(f"*{self.path.suffix}"))
            alike = difflib.get_close_matches(self.path.name, names, 1)
            near = f"; {alike[0]} lies beside it" if alike else ""
        remedy = "Check the name. The first run that is recorded makes the file, and so does create=True."
        return HistoryError(f"the history {self.path}", f"no such file{near}", remedy)

    def open(self) -> None:
        """Open the file, to write to it; make it if it is missing."""
        self._is_unused = False
        if self._is_open:
            return
        with self._clear_errors(), self._write_lock:
            if not self.discarded:  # another thread was first
                return
            check_regular(self.path)
            if self.path is not None and not self.path.exists():
                # Messages may be personal: only the owner may read the file.
                os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
            self._writer = self._reader = self._connect()
            self._is_open = True
            try:
                self._prepare()
                if self.path is not None:
                    # A second connection: reading a million events must not block the writer.
                    self._read_lock = threading.RLock()
                    self._reader = self._connect()
                    self._file = identity_of(self.path)
            except BaseException:
                self._is_open = False
                self._writer.close()
                self._reader.close()
                raise
            self.save()

    def __repr__(self) -> str:
        """Show the path."""
        return f"<store {self.path or 'in memory'}>"

    def renew(self) -> None:
        """Note that this is a fork of the process that opened the file; a call to the system each time costs more."""
        self._is_forked = True

    def check_process(self) -> None:
        """Raise `HistoryError` in a forked process: neither SQLite's connections nor threads survive a fork."""
        if self._is_forked:
            raise HistoryError("a history that this process opened", "one of its parent", "Call use_history again.")

    @contextlib.contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """Return the writing connection for one transaction, which is committed as a whole or rolled back."""
        self.open()
        with self._clear_errors(), self._write_lock:
            self._check_open()
            self.check_file()
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
                self._unsaved = True
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # a full disk may have rolled back by itself
                    self._writer.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def reading(self) -> Generator[sqlite3.Connection]:
        """Return the reading connection, which sees what is committed."""
        with self._clear_errors(), self._read_lock:
            self._check_open()
            self._warn_of_removal()
            yield self._reader

    def read(self, query: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows that one statement finds in what is committed, without a look whether the file is there."""
        try:
            self.check_process()
            with self._read_lock:
                if not self._is_open or self._is_closed:
                    self._check_open()
                return self._reader.execute(query, parameters).fetchall()
        except HistoryError:
            raise
        except (sqlite3.Error, OSError) as error:
            raise cleared(error, self.path) from error

    def version(self, *, wait: bool = True) -> tuple[int, int] | None:
        """Return two numbers of which one changes as anybody writes; None where there is no file that can be asked.

        Without `wait` it is None too while another thread reads.
        """
        if not self._read_lock.acquire(blocking=wait):
            return None
        try:
            if self._is_open and not self._is_closed:
                ((version,),) = self._reader.execute("PRAGMA data_version").fetchall()
                return int(version), self._reader.total_changes
        except sqlite3.Error:  # whoever asks for more gets it
            pass
        finally:
            self._read_lock.release()
        return None

    def check_file(self) -> None:
        """Raise `HistoryError` where the open file was removed, moved or replaced: what is written would be lost."""
        if self._is_gone():
            self.save()  # into a file that was moved
            raise HistoryError(
                f"the history {self.path} where it was opened",
                "a file that was removed, moved or replaced",
                "What it had can still be saved by history.backup(path). Then call use_history again.",
            )

    def save(self) -> None:
        """Bring what the journal has into the file itself, so that a copy of the file alone is whole."""
        if self.unsaved and self._is_open:
            with contextlib.suppress(HistoryError), self._clear_errors(), self._write_lock:
                self._unsaved = False
                # Passive: whoever reads or writes is not kept waiting, and what they hold up follows the next time.
                ((_, pages, saved),) = self._writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                self._unsaved = saved < pages

    def backup(self, target: Path) -> None:
        """Copy all that is committed to another file, as one file without a journal."""
        with self._clear_errors(), self._read_lock:
            self._check_open()
            copy = sqlite3.connect(target)
            try:
                self._reader.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE").fetchall()
            finally:
                copy.close()

    def forget(self) -> None:
        """Empty the journal, so that deleted rows are gone from it too."""
        self.deletions += 1
        # Impossible while another process reads.
        with contextlib.suppress(HistoryError), self._clear_errors(), self._write_lock:
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the file. Reading and writing raise from then on."""
        self.save()
        with self._write_lock, self._read_lock:
            self._is_closed = True
            if self._is_open:
                self._reader.close()
                self._writer.close()

    def _discard(self) -> None:
        """Remove the file that this store has made for nothing."""
        with self._clear_errors(), self._write_lock, self._read_lock:
            self._is_open, self._file = False, None
            self._reader.close()
            alone = self._writer.execute("PRAGMA journal_mode = DELETE").fetchone()  # refused while others have it open
            self._writer.close()
            self._read_lock = self._write_lock
            if self.path is not None and alone == ("delete",):
                self.path.unlink(missing_ok=True)

    def _check_open(self) -> None:
        if not self._is_open:
            if not self._is_closed:
                raise self.missing()
            raise HistoryError(f"the open history {self.path}", "a closed one", "Open it again.")

    def _is_gone(self) -> bool:
        return self.path is not None and self._file is not None and identity_of(self.path) != self._file

    def _warn_of_removal(self) -> None:
        if not self._is_told and not self._is_closed and self._is_gone():
            self._is_told = True
            _logger.warning(
                "the file %s was removed, moved or replaced while it was open; history.backup(path) saves what it had",
                self.path,
            )

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path or _MEMORY, timeout=BUSY, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        try:
            harden(connection)
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
        try:
            yield
        except HistoryError:
            raise
        except (sqlite3.Error, OSError) as error:
            raise cleared(error, self.path) from error


def identity_of(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one of the same name, or None for a missing one."""
    try:
        found = os.stat(path)  # noqa: PTH116 - half the time of the path's own
    except OSError:
        return None
    return found.st_dev, found.st_ino
