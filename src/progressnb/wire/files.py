"""The doors to files: one that is read is a regular file, one that is written is written whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from io import BufferedReader
    from pathlib import Path

__all__ = ["open_regular", "write_atomically"]

_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: str | os.PathLike[str], *, most: int | None = None) -> BufferedReader:
    """Open a regular file for reading. A pipe or a device, which may never answer or never end, is refused at once.

    It is the opened file that is looked at, so that nobody can put another one in its place meanwhile.

    Args:
        path: The path. Symbolic links are followed.
        most: The most bytes that it may have, or None for any number.

    Returns:
        The open file.

    Raises:
        OSError: It is no regular file, is larger than `most`, or can't be opened.

    """
    descriptor = os.open(path, _READING)
    status = os.fstat(descriptor)
    is_regular = stat.S_ISREG(status.st_mode) and (status.st_size > 0 or _is_empty(descriptor))
    if is_regular and (most is None or status.st_size <= most):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    if not is_regular:
        raise OSError(errno.EINVAL, "no regular file", os.fspath(path))
    raise OSError(errno.EFBIG, f"larger than {most:,} bytes", os.fspath(path))


def _is_empty(descriptor: int) -> bool:
    """Tell whether a file of no bytes is what it says: those of the kernel may wait, or have no end."""
    try:
        if not os.read(descriptor, 1):
            return True
        os.lseek(descriptor, 0, os.SEEK_SET)
    except OSError:
        return False
    return os.fstat(descriptor).st_size > 0  # it was written meanwhile


def write_atomically(target: Path, content: bytes | Iterable[bytes]) -> None:
    """Write a file whole or not at all: a reader sees the old content or the new one, never a part.

    The content goes to a hidden file in the same directory and to the disk, then takes the place of `target`, whose
    permissions it keeps. A symbolic link stays one: the file that it names is written. A pipe or a device can't be
    replaced, so it is written to directly.

    Args:
        target: The file; its directory must exist.
        content: The bytes of the file, or pieces of them in order.

    Raises:
        OSError: The file can't be written. An existing file is then unchanged.

    """
    pieces = [content] if isinstance(content, bytes) else content
    target = target.resolve()
    if target.exists() and not target.is_file():
        with target.open("wb") as device:
            device.writelines(pieces)
        return
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            part.chmod(target.stat().st_mode & 0o777)
        part.replace(target)
    except OSError as error:
        if error.filename == str(part):
            error.filename = str(target)  # the name that the user knows
        raise
    finally:
        part.unlink(missing_ok=True)
