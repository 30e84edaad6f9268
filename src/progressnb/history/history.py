"""`History`: the record of runs, in memory or in a SQLite file."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, overload

from progressnb.errors import HistoryError
from progressnb.history.backup import check_target, write_copy
from progressnb.history.batches import find_results
from progressnb.history.elsewhere import Elsewhere
from progressnb.history.jsonl import import_jsonl
from progressnb.history.leases import claim, forget_lost
from progressnb.history.queries import Queries
from progressnb.history.questions import Questions
from progressnb.history.recent import RecentRuns
from progressnb.history.redaction import redact
from progressnb.history.store import Store
from progressnb.history.takeover import kept_before
from progressnb.history.times import microseconds
from progressnb.history.writer import Writer
from progressnb.tracking.clock import SystemClock
from progressnb.tracking.session import configure, current_session
from progressnb.wire import open_regular, write_atomically

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable
    from types import TracebackType
    from typing import Self

    from progressnb.history.batches import BatchResults, Operable
    from progressnb.history.leases import Lease
    from progressnb.history.results import KeptResults
    from progressnb.history.times import When
    from progressnb.learning import PastRuns, RunEstimator
    from progressnb.tracking.clock import Clock
    from progressnb.tracking.protocols import Recordable

__all__ = ["History"]

_logger = logging.getLogger("progressnb")


class History(Questions):
    """A record of runs in a SQLite file or in memory, which answers questions as DataFrames.

    Timings, names and messages are kept. Several kernels may use one file. Wherever a run's id is asked for, its
    beginning is enough as long as no other run's id begins so.

    Args:
        path: The file; None keeps the runs in memory.
        contents: Keep inputs, outputs, results, messages and texts of errors too. They are often personal data.
        create: True makes a file that is missing, False raises for it. None makes it for runs to be recorded: a
            question before the first one says that there is no such file, and leaves none.
        clock: The clock that `since` and `older_than` count back from; for tests.

    A copy of the file alone, by `cp` or a file browser, is whole half a second after the last run has ended, and five
    seconds behind while runs are at work. `backup` copies it whole at any time.

    Raises:
        HistoryError: For a file that is missing, corrupt, locked, read-only, full, another program's or a newer
            version's.

    Example:
        ::

            history = pnb.use_history("runs.db")  # every run from now on
            history.runs().tail(20)["cost"].sum(min_count=1)  # what did the last 20 runs cost
            history.timings(operation="report").groupby(["model", "stage"])["duration"].median()
            history.compare(yesterday, today)["ratio"]  # did it get slower

    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        contents: bool = False,
        create: bool | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.path = None if path is None or path == ":memory:" else Path(path)
        self.contents = contents
        self._store = Store(self.path, create=create)
        self._writer = Writer(self._store, contents=contents)
        super().__init__(Queries(self._store, self._writer.flush, self._settle), clock or SystemClock())
        self._past_runs: PastRuns | None = None
        self._close = weakref.finalize(self, _close_quietly, self._writer)

    def __repr__(self) -> str:
        """Show the path."""
        return f"<History {self.path or 'in memory'}{', with contents' if self.contents else ''}>"

    def __enter__(self) -> Self:
        """Close it after the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Store what has happened so far, and close the file.

        Runs go on and are no longer recorded. A session that still uses the history warns of each run that it begins.

        Raises:
            HistoryError: If the last events could not be stored.

        Example:
            ::

                history = pnb.History("runs.db")
                history.close()

        """
        if current_session().history is self:
            configure(history=None)
        if self._close.detach() is not None:
            self._writer.close()

    def record(self, run: Recordable) -> None:
        """Keep what a run has done so far and will do. A session with a history does this for every run.

        Raises:
            HistoryError: For a history that is closed.

        Example:
            ::

                history = pnb.History("one-run.db")
                history.record(run)

        """
        self._writer.record(run, keep=self)

    def estimate(self, run: Recordable) -> RunEstimator | None:
        """Return the estimator of a run, which has learned from past runs of its operation.

        A session with a history does this for every run. None once the history is closed.
        """
        if not self._close.alive:
            return None
        if self._past_runs is None:
            from progressnb.learning import PastRuns

            self._past_runs = PastRuns(RecentRuns(self._store, self._queries))
        return self._past_runs.estimator(run.id, run.operation, run.model, state=run.state, log=run.log)

    def claim(self, run_id: str, *, alive: Container[str] = (), anew: bool = False) -> Lease:
        """Return the right to take up a run again, which one at a time has; `resume_run` asks for it.

        Args:
            run_id: The whole id of the run.
            alive: The ids of this process's runs that are at work.
            anew: Whether stages are to be done again that a run which took it up may have finished.

        Raises:
            ResumeError: Where the run, or one that took it up, is at work here or in another process, and where one
                that took it up has finished, unless it is to be done `anew`.

        """
        self._settle()
        return claim(self._store, run_id, alive, anew=anew)

    def kept_before(self, run_id: str, *, rerun: Collection[str] = (), reuse: Collection[str] = ()) -> KeptResults:
        """Return the results that a run kept, with those of the runs that it takes up and that took it up.

        Args:
            run_id: The whole id of the run.
            rerun: Names or paths of stages whose results are not reused.
            reuse: Names or paths of stages whose results are reused although their code or a file changed.

        """
        self._settle()
        return kept_before(self._store, run_id, rerun, reuse)

    def batch_results(
        self,
        operation: Operable,
        name: str | None,
        *,
        keys: Collection[str] | None,
        alive: Container[str] = (),
        reuse: bool = False,
    ) -> BatchResults:
        """Return the committed results that a batch goes on with, and where it commits its own; `batch` asks for it.

        Args:
            operation: The operation.
            name: The name of the batch, or None.
            keys: The keys of its items; None where they are not known yet.
            alive: The ids of this process's runs that are at work.
            reuse: Whether the results of a batch that has ended count too.

        """
        identity = json.dumps([operation.name, name])
        return find_results(
            self._store, operation.function, identity, settle=self._settle, keys=keys, alive=alive, reuse=reuse
        )

    def keep_events(self, lines: Iterable[bytes]) -> None:
        """Keep a run of another process, all of whose events have come as they are encoded; a batch does this.

        Raises:
            EventFormatError: For a line that is no event or out of order.
            HistoryError: For a run that the file has already, or a file that can't be used.

        """
        kept = lines if self.contents else map(redact, lines)
        with self._store.writing() as connection:
            import_jsonl(connection, kept)

    @property
    def elsewhere(self) -> Elsewhere:
        """The runs at work that any process records in this file; a server with several workers asks."""
        return Elsewhere(self._store, self._writer.flush)

    def _settle(self) -> None:
        """Store what runs have done so far, and mark those whose processes are gone."""
        self._writer.flush()
        with contextlib.suppress(HistoryError):  # a question is answered though the file can't be written now
            forget_lost(self._store)

    # --- in and out --------------------------------------------------------------------------------

    @overload
    def export_jsonl(self, path: None = None, *, run_id: str | None = None) -> bytes: ...
    @overload
    def export_jsonl(self, path: str | os.PathLike[str], *, run_id: str | None = None) -> Path: ...
    def export_jsonl(self, path: str | os.PathLike[str] | None = None, *, run_id: str | None = None) -> bytes | Path:
        """Write events as JSON Lines: the stored bytes, one event a line. Inputs are no events and stay.

        Args:
            path: The file to write, or None for bytes.
            run_id: Only this run.

        Returns:
            The path of the file, or the bytes.

        Raises:
            UnknownRunError: For an id that no run or several have.

        Example:
            ::

                history.export_jsonl("runs.jsonl")
                pnb.History.from_jsonl("runs.jsonl")

        """
        lines = self._queries.lines(None if run_id is None else self._queries.find(run_id))
        if path is None:
            return b"".join(line + b"\n" for line in lines)
        target = Path(path)
        write_atomically(target, (line + b"\n" for line in lines))
        return target

    def backup(self, path: str | os.PathLike[str]) -> Path:
        """Copy the history to another file, whole, also while runs are recorded; what runs have done so far is in it.

        A history in memory is written to a file so. A backup that lies there already is replaced at once, or stays if
        anything fails.

        Args:
            path: The file to write.

        Returns:
            The path.

        Raises:
            HistoryError: For a file that can't be written, is no history, or is in use.

        Example:
            ::

                history.backup("runs-2026-11-28.db")

        """
        target = Path(path)
        check_target(target, self.path)
        try:
            self._writer.flush()
        except HistoryError as error:  # of a file that was removed: what it had can still be saved
            _logger.warning("the backup %s lacks the last of what runs did: %s", target, error)
        write_copy(target, self._store)
        self._writer.note_backup()
        return target

    @classmethod
    def from_jsonl(
        cls, source: str | os.PathLike[str] | bytes | Iterable[bytes], path: str | os.PathLike[str] | None = None
    ) -> Self:
        """Return a history of exported events. All of them are read, or none.

        Exporting it gives the same bytes again.

        Args:
            source: A path, bytes, or lines.
            path: The file to keep them in; None keeps them in memory.

        Raises:
            EventFormatError: For a line that is no event or out of order; it has the number of the line.
            HistoryError: For a run that the file has already, or a file that can't be used.

        Example:
            ::

                history = pnb.History.from_jsonl("runs.jsonl")
                history.runs()

        """
        history = cls(path)
        try:
            with contextlib.ExitStack() as stack:
                lines: Iterable[bytes]
                if isinstance(source, bytes):
                    lines = source.splitlines()
                elif isinstance(source, str | os.PathLike):
                    lines = stack.enter_context(open_regular(source))
                else:
                    lines = source
                import_jsonl(stack.enter_context(history._store.writing()), lines)
        except BaseException:
            history.close()
            raise
        return history

    def delete(self, run_id: str) -> int:
        """Delete a run and the runs that it called, contents and all; return how many these were.

        Raises:
            UnknownRunError: For an id that no run or several have.

        Example:
            ::

                history.delete(run.id)

        """
        return self._queries.delete(self._queries.find(run_id))

    def prune(self, *, older_than: When) -> int:
        """Delete the runs that began before a time, with the runs that they called; return how many these were.

        Many are deleted in short transactions, so that other processes can write meanwhile. A call that is interrupted
        has deleted a part of them.

        Args:
            older_than: A `datetime`, a local day such as `"2026-11-27"`, or a `timedelta` for how long ago.

        Raises:
            InputError: For anything else, such as a `timedelta` below 0, by which all runs would be deleted.

        Example:
            ::

                history.prune(older_than=timedelta(days=90))

        """
        return self._queries.delete_before(microseconds(older_than, self._clock))


def _close_quietly(writer: Writer) -> None:
    """Close the writer of a history that nobody references any more, or when Python exits."""
    try:
        writer.close()
    except HistoryError as error:
        _logger.warning("could not store the last of what runs did: %s", error)
