"""The reader of chunks: it recognises each by its shape and returns the facts that the chunk tells.

No library of a provider is imported. A chunk may be an object or a dict, and of any type whatever.
"""

# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Chunks are of any type whatever.

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, cast

from progressnb.interop.streams.chat import model_in, read_bedrock, read_choices, read_ollama
from progressnb.interop.streams.facts import Message, Text, Usage, get, number, text
from progressnb.interop.streams.messages import read_google, read_message
from progressnb.interop.streams.shapes import tells_end
from progressnb.interop.streams.typed import read_typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from progressnb.interop.streams.facts import Fact

__all__ = ["Reader"]

_DEPTH = 5  # of tuples and mappings in which a message is looked for
_MODEL_EVENTS = ("on_chat_model_", "on_llm_")
_MODES = frozenset({"updates", "values", "messages", "custom", "debug", "tasks", "checkpoints"})  # of LangGraph
_WIDTH = 20  # of the values of a mapping
_PLAIN = ("text", "content", "answer", "generated_text")  # keys of a dict whose text is all that it has


class Reader:
    """Read the chunks of one stream.

    Attributes:
        tells_end: Whether a chunk came of a shape whose last ones tell why the answer ends.

    """

    def __init__(self) -> None:
        self.tells_end = False
        self._known: dict[type, Callable[[object], list[Fact] | None]] = {}
        self._seen: set[object] = set()  # messages of a graph
        self._streamed: set[object] = set()  # runs of LangChain's models whose answer came in chunks

    def read(self, chunk: object) -> list[Fact] | None:
        """Return the facts of a chunk, perhaps none; None for a shape that is unknown."""
        if isinstance(chunk, str):
            return [Text(chunk)] if chunk else []
        kind = type(chunk)
        reader = self._known.get(kind)
        if reader is not None and (facts := reader(chunk)) is not None:
            return facts
        if chunk is None or isinstance(chunk, bytes | bytearray | bool | int | float):
            return None
        for reader in (read_choices, read_message, read_typed, read_google, read_ollama, read_bedrock):
            if (facts := reader(chunk)) is not None:
                self.tells_end = self.tells_end or tells_end(chunk)
                if kind is not dict:
                    self._known[kind] = reader
                return facts
        return self._read_nested(chunk)

    # --- chains and graphs of LangChain --------------------------------------------------------------

    def _read_nested(self, chunk: object) -> list[Fact] | None:
        if isinstance(chunk, tuple):
            parts = cast("tuple[object, ...]", chunk)
            facts = self._first(parts, _DEPTH)
            is_of_graph = any(isinstance(part, str) and part in _MODES for part in parts)
            return [] if facts is None and is_of_graph else facts
        if not isinstance(chunk, Mapping):
            return _read_plain(chunk)
        event, data = get(chunk, "event"), get(chunk, "data")
        if isinstance(event, str) and event.startswith("on_"):
            return self._read_event(event, chunk, data)
        facts = self._first((cast("object", chunk),), _DEPTH)
        return _read_plain(cast("object", chunk)) if facts is None else facts

    def _first(self, parts: Iterable[object], depth: int) -> list[Fact] | None:
        """Return the facts of the first message in tuples, of all in mappings, of the last in a list of messages."""
        if depth <= 0:
            return None
        for part in parts:
            found = None if isinstance(part, str) else self._message(part)
            if found is None and isinstance(part, tuple):
                found = self._first(cast("tuple[object, ...]", part), depth - 1)
            elif found is None and isinstance(part, Mapping):
                listed = get(part, "messages")
                inside: Iterable[object] = cast("Mapping[object, object]", part).values()
                inside = listed[-1:] if isinstance(listed, list) else islice(inside, _WIDTH)
                each = [facts for value in inside if (facts := self._first((value,), depth - 1)) is not None]
                found = [fact for facts in each for fact in facts] if each else None  # of each node of a graph
            if found is not None:
                return found
        return None

    def _message(self, part: object) -> list[Fact] | None:
        """Read a message; a whole one only once, since a graph gives its state again and again, and streams it too."""
        facts = read_message(part)
        if facts:
            self.tells_end = self.tells_end or tells_end(part)
            key = text(get(part, "id")) or id(part)
            if get(part, "type") == "ai" and key in self._seen:
                return []
            self._seen.add(key)
        return facts

    def _read_event(self, event: str, chunk: object, data: object) -> list[Fact]:
        """Read an event of `astream_events`: those of models tell all, those of chains around them the same again."""
        if not event.startswith(_MODEL_EVENTS):
            return []
        run = text(get(chunk, "run_id"))
        if event.endswith("_start"):
            return [Message(run), *model_in(get(chunk, "metadata"), "ls_model_name")]
        if event.endswith("_stream"):
            self._streamed.add(run)
            piece = get(data, "chunk")
            self.tells_end = self.tells_end or tells_end(piece)
            return [Text(piece)] if isinstance(piece, str) else read_message(piece) or _read_plain(piece) or []
        if run in self._streamed:
            return []
        output = get(data, "output")
        return read_message(output) or []


def _read_plain(chunk: object) -> list[Fact] | None:
    """Read the text of a chunk that has little else, such as `{"text": "…"}`."""
    token = get(chunk, "token")  # of Hugging Face's text generation
    if isinstance(piece := get(token, "text"), str):
        return [] if get(token, "special") is True else [Text(piece)]
    for name in _PLAIN:
        if isinstance(piece := get(chunk, name), str):
            facts: list[Fact] = [Text(piece)] if piece else []
            used = number(get(get(chunk, "usage"), "input_tokens")), number(get(get(chunk, "usage"), "output_tokens"))
            return facts if used == (None, None) else [*facts, Usage(*used)]
    return None
