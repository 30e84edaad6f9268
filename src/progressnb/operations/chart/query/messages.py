"""Messages between the notebook and the query's process: pickles, each after its length in eight bytes."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["read_message", "write_message"]

_HEAD = 8


def read_message(pipe: BinaryIO, begun: Callable[[], None] | None = None) -> Any:  # noqa: ANN401 - what was written
    """Return the next message of the other side; `begun` is called once its first bytes are there.

    Raises `EOFError` when the other side has ended.
    """
    head = pipe.read(_HEAD)
    if begun is not None:
        begun()
    body = pipe.read(int.from_bytes(head)) if len(head) == _HEAD else b""
    if not body:
        raise EOFError
    return pickle.loads(body)  # noqa: S301 - both sides are our own processes


def write_message(pipe: BinaryIO, message: object) -> None:
    """Write a message for the other side."""
    body = pickle.dumps(message, protocol=5)
    pipe.write(len(body).to_bytes(_HEAD))
    pipe.write(body)
    pipe.flush()
