"""The copy of a history in another file: whole, and written beside its place before it takes that place."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from progressnb.errors import HistoryError
from progressnb.history.schema import APPLICATION

if TYPE_CHECKING:
    from progressnb.history.store import Store

__all__ = ["check_target", "write_copy"]


def check_target(target: Path, own: Path | None) -> None:
    """Raise `HistoryError` for a place where a backup would overwrite the history, its journal, or another file."""
    remedy = "Name a file that does not exist yet."
    if own is not None and target.absolute() == own.absolute():
        raise HistoryError("another file for the backup", f"the history itself, {target}", remedy)
    if not target.exists():
        return
    journal = target.with_name(f"{target.name}-wal")
    if not target.is_file() or _application_of(target) != APPLICATION:
        raise HistoryError("a place for the backup", f"{target}, which is no history", remedy)
    if journal.exists() or (own is not None and own.exists() and target.samefile(own)):
        raise HistoryError("a place for the backup", f"{target}, a history that is in use", remedy)


def _application_of(path: Path) -> int:
    with path.open("rb") as file:
        return int.from_bytes(file.read(72)[68:], "big")  # of the header of a SQLite file


def write_copy(target: Path, store: Store) -> None:
    """Copy a store to a file, which is replaced at once, or stays as it was if anything fails."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.absolute().parent)  # its owner's alone
        os.close(handle)
    except OSError as error:
        remedy = "Name a file in a folder that you may write to."
        raise HistoryError(f"a place for the backup {target}", str(error), remedy) from error
    try:
        store.backup(Path(name))
        Path(name).replace(target)
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, HistoryError):
            raise
        raise HistoryError(f"a place for the backup {target}", str(error), "Check its folder.") from error
    finally:
        Path(name).unlink(missing_ok=True)
