"""The results of a batch's items: each committed before anybody hears of it, and found again by the same call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pydantic_core import to_json

from progressnb.errors import ResumeError
from progressnb.history.exact import NotExactError, decode_exact, encode_exact
from progressnb.history.leases import claim
from progressnb.history.results import returned_type

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Container, Iterable, Sequence

    from progressnb.history.leases import Lease
    from progressnb.history.store import Store

__all__ = ["BatchResults", "ItemDone", "Operable", "find_results"]

_CANDIDATES = (
    "SELECT batches.run, first.run_id, batches.latest, latest.status FROM batches JOIN runs AS first USING (run) "
    "LEFT JOIN runs AS latest ON latest.run_id = batches.latest "
    "WHERE identity = ? ORDER BY batches.run DESC LIMIT 50"
)
_COLUMNS = "position, run_id, attempts, cost, input_tokens, output_tokens, duration, fault, value"
_UNLESS_KEPT = (
    "ON CONFLICT (run, key) DO UPDATE SET position = excluded.position, run_id = excluded.run_id, "
    "attempts = excluded.attempts, cost = excluded.cost, input_tokens = excluded.input_tokens, "
    "output_tokens = excluded.output_tokens, duration = excluded.duration, fault = excluded.fault, "
    "value = excluded.value WHERE items.value IS NULL"
)
_COMMIT = f"INSERT INTO items (run, key, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) {_UNLESS_KEPT}"  # noqa: S608 - names from above
_TAKE = (
    f"INSERT INTO items (run, key, {_COLUMNS}) SELECT ?, key, {_COLUMNS} FROM items "  # noqa: S608 - names from above
    f"WHERE run = ? AND value IS NOT NULL AND key IN (SELECT value FROM json_each(?)) {_UNLESS_KEPT}"
)
_TAKEN = "DELETE FROM items WHERE run = ? AND key IN (SELECT value FROM json_each(?))"
_KEPT = "SELECT key FROM items WHERE run = ? AND value IS NOT NULL"
_LATEST = "SELECT 1 FROM batches WHERE run = ? AND latest = ?"


class Operable(Protocol):
    """An operation, as a history sees it."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def function(self) -> Callable[..., Any]:
        """Its function."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDone:
    """A finished item: its key, its place in the inputs, its run, what it cost, and its result."""

    key: str
    position: int
    run_id: str | None = None
    attempts: int = 1
    cost: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    duration: float | None = None
    result: Any = None


@dataclass(frozen=True, slots=True)
class Part:
    """Results of another batch, which goes on as it was without them.

    `latest` is the id of the run that worked on it last, when it was looked at. A batch that has ended keeps them, too.
    """

    run: int
    latest: str
    keys: frozenset[str]
    is_ended: bool


class BatchResults:
    """The committed results of a batch, its own and those of the calls that it takes up.

    Attributes:
        resumed_from: The id of the first run that this batch takes up, or None.
        keys: The keys of results that were there when it began.
        parts: The results that it takes from other batches: as it begins, or `later`, as its items come one by one.
        fault: Why a result could not be kept, once there was one.

    """

    def __init__(
        self,
        store: Store,
        function: Callable[..., Any],
        identity: str,
        *,
        settle: Callable[[], None],
        lease: Lease | None = None,
        resumed_from: str | None = None,
        run: int | None = None,
        keys: Iterable[str] = (),
        parts: Sequence[Part] = (),
        later: Sequence[Part] = (),
    ) -> None:
        self._store, self._function, self._identity = store, function, identity
        self._settle = settle
        self._lease, self._run = lease, run
        self.resumed_from = resumed_from
        self._later = {key: part for part in reversed(later) for key in part.keys}  # those of the latest count
        self.keys = frozenset(keys) | self._later.keys()
        self.parts = tuple(parts)
        self.fault: str | None = None

    def name(self, run_id: str) -> None:
        """Name the run that takes up the earlier call, which it has the right to from now on."""
        if self._lease is not None:
            self._lease.hand_to(run_id)

    def release(self) -> None:
        """Give back the right to the earlier call."""
        if self._lease is not None:
            self._lease.release()

    def begin(self, run_id: str) -> None:
        """Write that a run works on the batch. Its first event must have been appended."""
        self._settle()
        with self._store.writing() as connection:
            own = connection.execute("SELECT run FROM runs WHERE run_id = ?", (run_id,)).fetchone()
            if self._run is None and own is not None:
                (self._run,) = own
                connection.execute("INSERT INTO batches VALUES (?, ?, ?)", (self._run, self._identity, run_id))
            else:
                connection.execute("UPDATE batches SET latest = ? WHERE run = ?", (run_id, self._run))
            for part in self.parts:
                self._take(connection, part, part.keys)
            if self.parts:
                self.keys = frozenset(key for (key,) in connection.execute(_KEPT, (self._run,)))

    def _take(self, connection: sqlite3.Connection, part: Part, keys: Collection[str]) -> None:
        """Take results of another batch, unless somebody has taken that up meanwhile."""
        if connection.execute(_LATEST, (part.run, part.latest)).fetchone() is not None:
            listed = to_json(sorted(keys)).decode()
            connection.execute(_TAKE, (self._run, part.run, listed))
            if not part.is_ended:
                connection.execute(_TAKEN, (part.run, listed))

    def commit(self, done: Sequence[ItemDone]) -> list[bool]:
        """Commit finished items in one transaction; return of each whether it was the first for its key."""
        rows = [self._row(each) for each in done]
        with self._store.writing() as connection:
            return [connection.execute(_COMMIT, row).rowcount > 0 for row in rows]

    def read(self, keys: Collection[str]) -> dict[str, ItemDone]:
        """Return committed items by key; one whose result can't be given back is left out."""
        found: dict[str, ItemDone] = {}
        for key in keys:
            if (part := self._later.pop(key, None)) is not None:
                with self._store.writing() as connection:
                    self._take(connection, part, [key])
        with self._store.reading() as connection:
            rows = [(key, self._find(connection, key)) for key in keys]
        for key, row in rows:
            if row is None:
                continue
            *facts, _, value = row
            try:
                result = decode_exact(value, returned_type(self._function))
            except Exception:  # noqa: BLE001, S112 - its type is gone or has changed: the item is done again
                continue
            position, run_id, attempts, cost, input_tokens, output_tokens, duration = facts
            found[key] = ItemDone(
                key=key,
                position=position,
                run_id=run_id,
                attempts=attempts,
                cost=cost,
                input_tokens=input_tokens,
                output_tokens=output_tokens,
                duration=duration,
                result=result,
            )
        return found

    def _find(self, connection: sqlite3.Connection, key: str) -> tuple[Any, ...] | None:
        query = f"SELECT {_COLUMNS} FROM items WHERE run = ? AND key = ? AND value IS NOT NULL"  # noqa: S608 - names from above
        return connection.execute(query, (self._run, key)).fetchone()  # type: ignore[no-any-return]

    def _row(self, done: ItemDone) -> tuple[object, ...]:
        value, fault = None, None
        try:
            value = encode_exact(done.result, returned_type(self._function))
        except NotExactError as error:
            fault = str(error)
        except Exception as error:  # noqa: BLE001 - a property of the user's value may raise anything
            fault = f"it raises {type(error).__name__} where it is read"
        self.fault = self.fault or fault
        facts = done.position, done.run_id, done.attempts, done.cost, done.input_tokens, done.output_tokens
        return self._run, done.key, *facts, done.duration, fault, value


def find_results(
    store: Store,
    function: Callable[..., Any],
    identity: str,
    *,
    settle: Callable[[], None],
    keys: Collection[str] | None,
    alive: Container[str],
    reuse: bool,
) -> BatchResults:
    """Return the results of the calls that may be taken up, and where a new one commits its own.

    A call may be taken up where nobody works on it and it has not ended, or, to `reuse`, also where it has. The latest
    one whose results are all of these items' is taken up as a whole, and ends with this batch. Of others those of
    these items are taken, and they stay as they are. Where the items come one by one, so are their results.

    Args:
        store: The database.
        function: The function of the operation, whose annotation says what its results are.
        identity: What tells batches from others: the operation and the name.
        settle: Stores what runs have done so far.
        keys: The keys of the items; None for those of an iterable, which are not known before they come.
        alive: The ids of this process's runs that are at work.
        reuse: Whether the results of a batch that has ended count too.

    """
    settle()
    if store.discarded:  # nothing was recorded yet
        return BatchResults(store, function, identity, settle=settle)
    with store.reading() as connection:
        candidates = connection.execute(_CANDIDATES, (identity,)).fetchall()
    lease: Lease | None = None
    whole: tuple[str, int, frozenset[str]] | None = None
    wanted, parts = frozenset(keys or ()), list[Part]()
    for run, first, latest, status in candidates:
        is_ended = status == "finished"
        if is_ended and not reuse:
            continue
        with store.reading() as connection:
            kept = frozenset(key for (key,) in connection.execute(_KEPT, (run,)).fetchall())
        is_whole = whole is None and keys is not None and kept <= wanted
        wants = kept if keys is None else kept & wanted
        if not wants:
            continue
        try:
            claimed = claim(store, first, alive, anew=reuse)
        except ResumeError:  # somebody works on it
            continue
        if is_whole:
            lease, whole = claimed, (first, run, kept)
        else:
            parts.append(Part(run, latest, wants, is_ended))
            claimed.release()
    first, run, own = whole if whole is not None else (None, None, frozenset[str]())
    taken = {"later": parts} if keys is None else {"parts": parts}
    return BatchResults(
        store, function, identity, settle=settle, lease=lease, resumed_from=first, run=run, keys=own, **taken
    )
