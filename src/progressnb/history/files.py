"""The digests of files that inputs and arguments name."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

__all__ = ["file_digest"]

_NAME_LIMIT = 4096
_WHOLE = 1 << 28
"""Bytes of a file that is read; of a larger one size and time count."""


def file_digest(name: str, *, exists: bool = False, is_path: bool = True) -> str | None:  # noqa: PLR0911 - each kind of name has its answer
    """Return the SHA-256 of a regular file, or None where there is none.

    With `exists` the file is not read: the result tells whether a text names a file, or may name one that is still to
    be written, as a `Path` does (`is_path`).
    """
    if not name or "\n" in name or "\0" in name or len(name) > _NAME_LIMIT:
        return None
    try:
        status = Path(name).stat()
    except (OSError, ValueError):  # not the name of a file
        return "" if exists and is_path else None
    if not stat.S_ISREG(status.st_mode):
        return None
    if exists:
        return ""
    if status.st_size > _WHOLE:
        return f"{status.st_size} {status.st_mtime_ns}"
    try:
        with Path(name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
