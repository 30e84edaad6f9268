"""`write_atomically`: a file that is written whole or not at all."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["write_atomically"]


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
