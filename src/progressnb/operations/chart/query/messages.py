"""Messages between the notebook and the query's process, each after its length in eight bytes.

The notebook sends pickles, whose arrays follow them as they lie in memory. The process runs what a model wrote and
reads files of strangers, so its answers are JSON and plain memory: whatever it may come to write, nothing in the
notebook is run to read it.
"""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from .framing import HEAD, write_framed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

__all__ = ["read_answer", "read_message", "write_answer", "write_message"]

OUTCOMES = ("done", "refused", "ended", "tables")

_MOST = 512_000_000  # bytes of an answer; its rows take 32 MB of memory at most
_WORDS = 3  # of a refusal: expected, got, remedy
_WORD_LIMIT = 4_000


def read_message(pipe: BinaryIO, begun: Callable[[], None] | None = None) -> Any:  # noqa: ANN401 - what was written
    """Return the next message of the notebook; `begun` is called once its first bytes are there.

    Raises `EOFError` when the other side has ended.
    """
    head = pipe.read(HEAD)
    if begun is not None:
        begun()
    body = pipe.read(int.from_bytes(head)) if len(head) == HEAD else b""
    if not body:
        raise EOFError
    count = int.from_bytes(pipe.read(HEAD))
    buffers = [pipe.read(int.from_bytes(pipe.read(HEAD))) for _ in range(count)]
    return pickle.loads(body, buffers=buffers)  # noqa: S301 - the notebook's own


def write_message(pipe: BinaryIO, message: object) -> None:
    """Write a message for the process."""
    buffers: list[pickle.PickleBuffer] = []
    body = pickle.dumps(message, protocol=5, buffer_callback=buffers.append)
    write_framed(pipe, body)
    pipe.write(len(buffers).to_bytes(HEAD))
    for each in buffers:
        write_framed(pipe, each.raw())
    pipe.flush()


def write_answer(pipe: BinaryIO, outcome: str, answer: object) -> None:
    """Write an answer for the notebook: the outcome, and a table as `plain_table` has it, words, or None."""
    write_framed(pipe, json.dumps([outcome, answer]).encode())
    pipe.flush()


def read_answer(pipe: BinaryIO) -> tuple[str, pd.DataFrame | Mapping[str, pd.DataFrame] | Sequence[str] | None]:
    """Return the process's answer: its outcome, with a table or None for `done`, tables for `tables`, else with words.

    Raises `EOFError` when the process has ended, and `ValueError` for anything that is no such answer.
    """
    head = pipe.read(HEAD)
    if len(head) < HEAD:
        raise EOFError
    length = int.from_bytes(head)
    if length > _MOST:
        raise ValueError(f"an answer of {length:,} bytes")
    body = pipe.read(length)
    if len(body) < length:
        raise EOFError
    try:
        outcome, answer = json.loads(body)
    except (RecursionError, TypeError) as error:
        raise ValueError("no answer") from error
    if outcome not in OUTCOMES:
        raise ValueError("an unknown outcome")
    if outcome == "done":
        from .answers import table_of  # pandas loads with the first table

        return outcome, None if answer is None else table_of(answer)
    if outcome == "tables":
        from .packed import read_packed

        return outcome, read_packed(pipe)
    words = cast("list[object]", answer) if isinstance(answer, list) else [None]
    if not all(isinstance(each, str) for each in words):
        raise ValueError("no words")
    return outcome, tuple(cast("str", each)[:_WORD_LIMIT] for each in words[:_WORDS])
