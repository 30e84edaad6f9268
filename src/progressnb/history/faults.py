"""The faults of a database and of its file, as errors with a remedy."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from progressnb.errors import HistoryError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["cleared", "is_passing"]

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


def cleared(error: sqlite3.Error | OSError, path: Path | None) -> HistoryError:
    """Return an error of the database or of the disk as one of the history in a file, or in memory."""
    where = str(path or "memory")
    if isinstance(error, sqlite3.ProgrammingError) and "closed" in str(error):
        return HistoryError(f"the open history {where}", "a closed one", "Open it again.")
    if getattr(error, "sqlite_errorname", None) == "SQLITE_CONSTRAINT_FOREIGNKEY":
        remedy = "Delete runs once they have ended; prune those that are older than what is at work."
        return HistoryError(f"the run at work in the history {where}", "a history from which it was deleted", remedy)
    if isinstance(error, sqlite3.Error):
        what, remedy, _ = _FAULTS.get(_kind(error), (str(error), "", False))
        return HistoryError(f"the history {where}", what, remedy)
    return HistoryError(f"the history {where}", str(error), "Name a file in a folder that you may write to.")


def is_passing(error: BaseException | None) -> bool:
    """Tell whether a fault of the database may pass by itself, as a lock or a full disk does."""
    return isinstance(error, sqlite3.Error) and _FAULTS.get(_kind(error), ("", "", False))[2]


def _kind(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", None) or ""
    return name.removeprefix("SQLITE_").partition("_")[0]
