"""Events with a `type`: OpenAI's Responses and stream helpers, Anthropic's messages, Cohere's chats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.interop.streams.chat import model_in, read_choices
from progressnb.interop.streams.facts import Call, Failure, Finish, Message, Text, Usage, get, number, text

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from progressnb.interop.streams.facts import Fact

__all__ = ["read_typed"]

_DERIVED = ("content.", "refusal.", "tool_calls.function.", "logprobs.")  # OpenAI's helper tells them of each chunk
_WITH_SNAPSHOT = frozenset({"text", "thinking", "input_json", "citation", "signature", "compaction"})  # Anthropic's
_SILENT = frozenset(
    {
        *("ping", "keepalive"),
        *("message-start", "content-start", "content-end", "citation-start", "citation-end", "debug"),
    }
)
_CODE = ".code_interpreter_call_code.delta"
_ARGUMENTS = (".function_call_arguments.delta", ".mcp_call_arguments.delta", ".custom_tool_call_input.delta", _CODE)
_TEXTS = {
    "response.output_text.delta": "output",
    "response.refusal.delta": "refusal",
    "response.audio.transcript.delta": "output",
    "transcript.text.delta": "output",
    "response.reasoning_text.delta": "thinking",
    "response.reasoning_summary_text.delta": "thinking",
}


def read_typed(chunk: object) -> list[Fact] | None:
    """Read an event that says by `type`, or Cohere's older ones by `event_type`, what it is."""
    kind = get(chunk, "type", "event_type")
    if not isinstance(kind, str):
        return None
    if (part := _TEXTS.get(kind)) is not None:
        piece = text(get(chunk, "delta"))
        return [Text(piece, part)] if piece else []
    if (reader := _READERS.get(kind)) is not None:
        return list(reader(chunk))
    if kind.startswith("response."):
        return list(_response(chunk, kind))
    return read_choices(get(chunk, "chunk")) if kind == "chunk" else [] if _is_silent(chunk, kind) else None


def _is_silent(event: object, kind: str) -> bool:
    """Return whether an event is known and tells nothing, or nothing that another one does not tell."""
    if kind in _WITH_SNAPSHOT:
        return get(event, "snapshot", "signature", "citation") is not None
    return kind in _SILENT or kind.startswith((*_DERIVED, "transcript.", "speech."))


# --- OpenAI's Responses ----------------------------------------------------------------------------


def _response(event: object, kind: str) -> Iterator[Fact]:
    key = "item", get(event, "output_index")
    if kind.endswith(_ARGUMENTS):
        yield Call(_hashable(key), delta=text(get(event, "delta")))
    elif kind in ("response.output_item.added", "response.output_item.done"):
        yield from _item(get(event, "item"), _hashable(key), ended=kind.endswith("done"))
    elif (response := get(event, "response")) is not None:
        if kind == "response.created":
            yield Message(text(get(response, "id")) or None)
        yield from model_in(response, "model")
        if (used := get(response, "usage")) is not None:
            yield Usage(
                number(get(used, "input_tokens")),
                number(get(used, "output_tokens")),
                number(get(used, "cost")),
                number(get(get(used, "input_tokens_details"), "cached_tokens")),
            )
        if kind == "response.failed":
            yield Failure(text(get(get(response, "error"), "message")) or "the response failed")
        if kind == "response.incomplete":
            yield Finish(text(get(get(response, "incomplete_details"), "reason")) or "incomplete")
        if kind in ("response.completed", "response.cancelled"):
            yield Finish("")


def _item(item: object, key: Hashable, *, ended: bool) -> Iterator[Fact]:
    kind = text(get(item, "type"))
    if not kind.endswith("_call"):
        return
    name = text(get(item, "name")) or kind.removesuffix("_call")
    whole = get(item, "arguments", "input", "action", "code") if ended else None
    yield Call(key, name, whole=whole, ended=ended)


# --- Anthropic -------------------------------------------------------------------------------------


def _message_start(event: object) -> Iterator[Fact]:
    message = get(event, "message")
    yield Message(text(get(message, "id")) or None)
    yield from model_in(message, "model")
    yield from _usage(get(message, "usage"))


def _usage(used: object) -> Iterator[Fact]:
    if used is None:
        return
    read, written, cached = (
        number(get(used, name)) for name in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    )
    # What was read from the cache, or written to it, is not among `input_tokens`.
    whole = None if read is None else read + (written or 0.0) + (cached or 0.0)
    yield Usage(whole, number(get(used, "output_tokens")), None, cached, written)


def _block_start(event: object) -> Iterator[Fact]:
    block, key = get(event, "content_block"), _block(event)
    kind = text(get(block, "type"))
    if kind.endswith("tool_use"):
        yield Call(key, text(get(block, "name")) or None, whole=get(block, "input") or None)
    elif kind in ("text", "thinking") and (piece := text(get(block, kind))):
        yield Text(piece, "thinking" if kind == "thinking" else "output")


def _block_delta(event: object) -> Iterator[Fact]:
    delta = get(event, "delta")
    if piece := text(get(delta, "text")):
        yield Text(piece)
    elif piece := text(get(delta, "thinking")):
        yield Text(piece, "thinking")
    elif piece := text(get(delta, "partial_json")):
        yield Call(_block(event), delta=piece)


def _block_stop(event: object) -> Iterator[Fact]:
    yield Call(_block(event), ended=True)


def _message_delta(event: object) -> Iterator[Fact]:
    if reason := text(get(get(event, "delta"), "stop_reason")):
        yield Finish(reason)
    yield from _usage(get(event, "usage"))


def _block(event: object) -> Hashable:
    return _hashable(("block", get(event, "index")))


def _hashable(key: tuple[str, Any]) -> Hashable:
    return key if isinstance(key[1], int | str) else key[0]


# --- Cohere ----------------------------------------------------------------------------------------


def _cohere_text(event: object) -> Iterator[Fact]:
    content = get(get(get(event, "delta"), "message"), "content")
    if thought := text(get(content, "thinking")):
        yield Text(thought, "thinking")
    if piece := text(get(content, "text")):
        yield Text(piece)


def _cohere_plan(event: object) -> Iterator[Fact]:
    yield Text(text(get(get(get(event, "delta"), "message"), "tool_plan")), "thinking")


def _cohere_call(event: object) -> Iterator[Fact]:
    function = get(get(get(get(event, "delta"), "message"), "tool_calls"), "function")
    yield Call(_block(event), text(get(function, "name")) or None, text(get(function, "arguments")))


def _cohere_end(event: object) -> Iterator[Fact]:
    end = get(event, "delta", "response")
    yield Finish(text(get(end, "finish_reason")) or text(get(event, "finish_reason")))
    used = get(get(end, "usage", "meta"), "tokens", "billed_units")
    if used is not None:
        yield Usage(number(get(used, "input_tokens")), number(get(used, "output_tokens")))


def _cohere_piece(event: object) -> Iterator[Fact]:
    yield Text(text(get(event, "text")))


def _error(event: object) -> Iterator[Fact]:
    yield Failure(text(get(event, "message")) or text(get(get(event, "error"), "message")) or "the provider failed")


_READERS: dict[str, Callable[[object], Iterator[Fact]]] = {
    "message_start": _message_start,
    "content_block_start": _block_start,
    "content_block_delta": _block_delta,
    "content_block_stop": _block_stop,
    "message_delta": _message_delta,
    "message_stop": lambda _: iter([Finish("")]),
    "content-delta": _cohere_text,
    "tool-plan-delta": _cohere_plan,
    "tool-call-start": _cohere_call,
    "tool-call-delta": _cohere_call,
    "tool-call-end": _block_stop,
    "message-end": _cohere_end,
    "stream-end": _cohere_end,
    "stream-start": lambda _: iter(()),
    "text-generation": _cohere_piece,
    "error": _error,
}
