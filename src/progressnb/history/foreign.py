"""The check of a file's schema: whatever is not one of our own tables and indices is refused.

Triggers, views, computed columns and virtual tables run when a table is read or written, and a view that calls itself
never ends. Somebody else's file may have them under the names of our tables.
"""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from progressnb.errors import HistoryError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["check_regular", "find_foreign", "harden"]

Migrations: TypeAlias = "tuple[Callable[[sqlite3.Connection], None], ...]"
Parts: TypeAlias = frozenset[tuple[str, str, str, str]]

_OF_THE_KERNEL = ("/proc/", "/sys/")
_COMMENT = re.compile(r"--[^\n]*")
# SQLite's own, which a user's `ANALYZE` or a migration may have made.
_STATISTICS = frozenset({"sqlite_stat1", "sqlite_stat4"})


_PRAGMAS = (
    *("foreign_keys = ON", "secure_delete = ON", "synchronous = NORMAL"),
    *("trusted_schema = OFF", "cell_size_check = ON"),
)


def harden(connection: sqlite3.Connection) -> None:
    """Set up a connection.

    Deleted rows are overwritten. A crash of the machine, not of the kernel, may lose the last commits. The schema of a
    file calls no function but harmless ones, and damaged pages are seen.
    """
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").fetchall()


def check_regular(path: Path | None) -> None:
    """Raise `HistoryError` for a pipe, a device, a folder or a file of the kernel: SQLite might wait without an end."""
    if path is None or not path.exists():
        return
    # No file is opened here: closing it would give up SQLite's locks on it.
    if not path.is_file() or os.path.realpath(path).startswith(_OF_THE_KERNEL):
        raise HistoryError(f"the history {path}", "one that can't be opened: it is no regular file")


def find_foreign(connection: sqlite3.Connection, migrations: Migrations) -> str | None:
    """Return what a file has, or lacks, beside the schema that these migrations make; None for one of ours."""
    found, wanted = _parts_of(connection), _made_by(migrations)
    if found == wanted:
        return None
    for kind, name, _, _ in sorted(found - wanted):
        return f"{'an' if kind == 'index' else 'a'} {kind} {name[:80]!r} that is not its own"
    return f"none of its {next(iter(sorted(wanted - found)))[0]}s {min(each[1] for each in wanted - found)!r}"


@lru_cache(8)
def _made_by(migrations: Migrations) -> Parts:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        for migration in migrations:
            migration(made)
        return _parts_of(made)


def _parts_of(connection: sqlite3.Connection) -> Parts:
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
    return frozenset(
        (str(kind), str(name), str(table), " ".join(_COMMENT.sub(" ", str(sql or "")).split()))
        for kind, name, table, sql in rows
        if not (kind == "table" and name in _STATISTICS and table == name)
    )
