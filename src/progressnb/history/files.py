"""The digests of files that inputs and arguments name."""

from __future__ import annotations

import hashlib
import os
import re
import stat

from progressnb.wire.files import open_regular

__all__ = ["file_digest", "is_file_name"]

_NAME_LIMIT = 4096
_WHOLE = 1 << 28
"""Bytes of a file that is read; of a larger one size and time count."""


def file_digest(name: str, *, exists: bool = False, is_path: bool = True) -> str | None:  # noqa: PLR0911 - each kind of name has its answer
    """Return the SHA-256 of a regular file, of the names in a folder where a slash ends its name, or None.

    With `exists` the file is not read: the result tells whether a text names a file, or may name one that is still to
    be written, as a `Path` does (`is_path`).
    """
    if not name or "\n" in name or "\0" in name or len(name) > _NAME_LIMIT:
        return None
    if name.endswith(os.sep) and not exists:
        return _folder_digest(name)
    try:
        status = os.stat(name)  # noqa: PTH116 - half the time of a path's own
    except (OSError, ValueError):  # not the name of a file
        return "" if exists and is_path else None
    if not stat.S_ISREG(status.st_mode):
        return None
    if exists:
        return ""
    if status.st_size > _WHOLE:
        return f"{status.st_size} {status.st_mtime_ns}"
    try:
        with open_regular(name, most=_WHOLE) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def is_file_name(text: str) -> bool:
    """Return whether a text of the code looks like the name of a file, be it there or not."""
    return re.fullmatch(r"(?!\w+://)[^\s{}<>|*?]*(/[^\s{}<>|*?]+|\.\w{1,5})", text) is not None


def _folder_digest(name: str) -> str | None:
    try:
        names = sorted(os.listdir(name))  # noqa: PTH208 - opened here, so that it is no folder of the user's code
    except OSError:
        return None
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).hexdigest()
