"""Bytes after their length, as they go through the pipes of the query's process."""

from __future__ import annotations

from typing import BinaryIO

__all__ = ["HEAD", "write_framed"]

HEAD = 8
"""Bytes of a length."""


def write_framed(pipe: BinaryIO, body: bytes | memoryview) -> None:
    """Write bytes after their length."""
    pipe.write(len(body).to_bytes(HEAD))
    pipe.write(body)
