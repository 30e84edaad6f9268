"""Runs that another process records in the same file: whether they are alive, what is new of them, what they are asked.

So any worker of a server answers for the runs of all workers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic_core import from_json, to_json

from progressnb.history.holders import is_gone, is_here, word_holder
from progressnb.history.leases import forget_stale, now

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from progressnb.history.store import Store

__all__ = ["Elsewhere", "Holder", "Wish"]


class Holder(NamedTuple):
    """The process that works on a run, in words, and whether it is this one."""

    words: str
    is_here: bool


class Wish(NamedTuple):
    """The number of a wish, which says when it was made, and the run of which something is asked."""

    number: int
    run_id: str


class Elsewhere:
    """The runs of a history's file that are at work in any process. Its methods may be called in any thread.

    They raise `HistoryError` for a file that can't be used.
    """

    def __init__(self, store: Store, flush: Callable[[], None]) -> None:
        self._store, self.settle = store, flush

    @property
    def is_shared(self) -> bool:
        """Whether other processes may use the same file."""
        return self._store.path is not None

    def holder(self, run_id: str) -> Holder | None:
        """Return the process that works on a run; None where no process does, or none that is alive."""
        with self._store.reading() as connection:
            row = connection.execute("SELECT holder, seen FROM leases WHERE run_id = ?", (run_id,)).fetchone()
        if row is None or is_gone(row[0], now() - row[1]):
            return None
        return Holder(word_holder(row[0]), is_here(row[0]))

    def version(self) -> object:
        """Return what changes as anybody writes to the file."""
        return self._store.version(wait=True)

    def lines(self, run_id: str, after: int) -> list[bytes]:
        """Return the encoded events of a run behind a seq."""
        where = "WHERE run = (SELECT run FROM runs WHERE run_id = ?) AND seq > ?"
        query = f"SELECT CAST(line AS BLOB) FROM events {where} ORDER BY seq"  # noqa: S608 - ours
        with self._store.reading() as connection:
            return [line for (line,) in connection.execute(query, (run_id, after)).fetchall()]

    def ask(self, run_id: str, message: Mapping[str, Any]) -> int:
        """Ask the process that works on a run for an act, plain data that `asked` gives there; return the wish."""
        never_heard = "answer IS NULL AND run_id NOT IN (SELECT run_id FROM leases)"
        with self._store.writing() as connection:
            connection.execute(f"DELETE FROM wishes WHERE {never_heard}")  # noqa: S608 - ours
            forget_stale(connection)
            (last,) = connection.execute("SELECT max(wish) FROM wishes").fetchone()
            number = max(round(now() * 1e6), (last or 0) + 1)
            row = number, run_id, to_json(message).decode()
            connection.execute("INSERT INTO wishes (wish, run_id, message) VALUES (?, ?, ?)", row)
            return number

    def asked(self, run_ids: Collection[str]) -> list[tuple[Wish, dict[str, Any]]]:
        """Take what other processes ask of these runs, each once. `answer` says what came of it."""
        ids = to_json(list(run_ids)).decode()
        where = "WHERE answer IS NULL AND run_id IN (SELECT value FROM json_each(?))"
        with self._store.reading() as connection:
            if connection.execute(f"SELECT 1 FROM wishes {where} LIMIT 1", (ids,)).fetchone() is None:  # noqa: S608 - ours
                return []
        query = f"SELECT wish, run_id, message FROM wishes {where} ORDER BY wish"  # noqa: S608
        with self._store.writing() as connection:
            forget_stale(connection)
            rows = connection.execute(query, (ids,)).fetchall()
            # Words to agents do not stay in the file.
            connection.execute(f"UPDATE wishes SET answer = '', message = '' {where}", (ids,))  # noqa: S608
        return [(Wish(wish, run_id), from_json(message)) for wish, run_id, message in rows]

    def answer(self, wish: Wish, answer: Mapping[str, Any]) -> None:
        """Say what came of a wish: plain data that `answered` gives to the process that asked."""
        row = to_json(answer).decode(), wish.number
        with self._store.writing() as connection:
            connection.execute("UPDATE wishes SET answer = ? WHERE wish = ?", row)

    def answered(self, number: int) -> dict[str, Any] | None:
        """Return what came of a wish, None while that is not known, and forget it then."""
        with self._store.reading() as connection:
            row = connection.execute("SELECT answer FROM wishes WHERE wish = ?", (number,)).fetchone()
        if row is None or not row[0]:
            return None
        self.withdraw(number)
        answer: dict[str, Any] = from_json(row[0])
        return answer

    def withdraw(self, number: int) -> bool:
        """Forget a wish, and return whether nobody had heard it."""
        with self._store.writing() as connection:
            row = connection.execute("SELECT answer FROM wishes WHERE wish = ?", (number,)).fetchone()
            connection.execute("DELETE FROM wishes WHERE wish = ?", (number,))
        return row is not None and row[0] is None
