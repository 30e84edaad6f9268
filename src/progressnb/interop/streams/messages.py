"""Chunks of google-genai and of LangChain: candidates with parts, messages with content blocks, events of chains."""

# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Chunks are of any type whatever.

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.interop.streams.chat import model_in
from progressnb.interop.streams.facts import Call, Finish, Message, Text, Usage, get, items, number, text

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from progressnb.interop.streams.facts import Fact

__all__ = ["read_google", "read_message"]


# --- google-genai ----------------------------------------------------------------------------------


def read_google(chunk: object) -> list[Fact] | None:
    """Read a response of `generate_content_stream`, as an object or as the JSON of the API."""
    candidates = get(chunk, "candidates")
    used = get(chunk, "usage_metadata", "usageMetadata")
    counts = number(get(used, "prompt_token_count", "promptTokenCount"))
    # A prompt that is blocked has no candidates, and may have no counts either.
    blocked = get(get(chunk, "prompt_feedback", "promptFeedback"), "block_reason", "blockReason")
    if not isinstance(candidates, list) and (candidates is not None or (counts is None and blocked is None)):
        return None
    facts = list(model_in(chunk, "model_version", "modelVersion"))
    for position, candidate in enumerate(items(candidates)):
        place = get(candidate, "index")
        place = place if isinstance(place, int) else position
        for part in items(get(get(candidate, "content"), "parts")):
            facts += _part(part, place)
        if (reason := get(candidate, "finish_reason", "finishReason")) is not None:
            facts.append(Finish(text(get(reason, "value")) or text(reason), place))
    if blocked is not None:
        facts.append(Finish(f"blocked: {text(get(blocked, 'value')) or text(blocked)}"))
    if used is not None:
        facts.append(_google_usage(used, counts))
    return facts


def _part(part: object, place: int) -> Iterator[Fact]:
    if piece := text(get(part, "text")):
        yield Text(piece, "thinking" if get(part, "thought") is True else "output", place)
    if (call := get(part, "function_call", "functionCall")) is not None:
        name = text(get(call, "name")) or None
        if get(call, "will_continue", "willContinue", "partial_args", "partialArgs") is not None:
            ended = not get(call, "will_continue", "willContinue")
            yield Call((place, "candidate"), name, whole=get(call, "args"), ended=ended)
        elif name is not None:
            yield Call(None, name, whole=get(call, "args") or {})
        else:
            yield Call((place, "candidate"), ended=True)  # an empty one ends a call that came in pieces
    if (code := get(part, "executable_code", "executableCode")) is not None:
        yield Call(None, "code_execution", whole={"code": text(get(code, "code"))})


def _google_usage(used: object, read: float | None) -> Usage:
    written = [
        number(get(used, *names))
        for names in (
            ("candidates_token_count", "candidatesTokenCount"),
            ("thoughts_token_count", "thoughtsTokenCount"),
        )
    ]
    tools = number(get(used, "tool_use_prompt_token_count", "toolUsePromptTokenCount"))
    return Usage(
        None if read is None else read + (tools or 0.0),
        None if written == [None, None] else sum(each for each in written if each is not None),
        cache_read=number(get(used, "cached_content_token_count", "cachedContentTokenCount")),
    )


# --- LangChain -------------------------------------------------------------------------------------


def read_message(chunk: object) -> list[Fact] | None:
    """Read a message of LangChain, whole or a chunk of one; what is no answer of a model says nothing."""
    inner = get(chunk, "message")  # of a `ChatGenerationChunk`
    message = inner if inner is not None and get(inner, "additional_kwargs") is not None else chunk
    kind = get(message, "type")
    if get(message, "additional_kwargs") is None or not isinstance(kind, str):
        return None
    if kind not in ("ai", "AIMessageChunk"):
        return []
    return list(_message(message, text(get(message, "id")) or None, whole=kind == "ai"))


def _message(message: object, key: Hashable, *, whole: bool) -> Iterator[Fact]:
    if key is not None:
        yield Message(key)
    about = get(message, "response_metadata")
    yield from model_in(about, "model_name", "model")
    if thought := text(get(get(message, "additional_kwargs"), "reasoning_content")):
        yield Text(thought, "thinking")
    content: object = get(message, "content")
    for block in [content] if isinstance(content, str) else items(content):
        yield from _block(block)
    calls = get(message, "tool_calls") if whole else get(message, "tool_call_chunks")
    for position, call in enumerate(items(calls)):
        yield _call(call, key, position, whole=whole)
    if (used := get(message, "usage_metadata")) is not None:
        details = get(used, "input_token_details")
        yield Usage(
            number(get(used, "input_tokens")),
            number(get(used, "output_tokens")),
            None,
            number(get(details, "cache_read")),
            number(get(details, "cache_creation")),
            key=key,
            adds=not whole,
        )
    if (reason := text(get(about, "finish_reason", "stop_reason", "done_reason"))) or whole:
        yield Finish(reason)


def _block(block: object) -> Iterator[Fact]:
    if isinstance(block, str):
        if block:
            yield Text(block)
        return
    kind = get(block, "type")
    if kind in ("thinking", "reasoning", "reasoning_content"):
        found = get(block, "thinking", "reasoning", "reasoning_content", "text")
        yield Text(
            text(found) or text(get(found, "text")) or "".join(text(get(each, "text")) for each in _summary(block)),
            "thinking",
        )
    elif kind in (None, "text", "text_delta") and (piece := text(get(block, "text"))):
        yield Text(piece)


def _summary(block: object) -> Any:  # noqa: ANN401 - a sequence of anything
    return items(get(block, "summary"))


def _call(call: object, key: Hashable, position: int, *, whole: bool) -> Call:
    name = text(get(call, "name")) or None
    if whole:
        return Call(None, name, whole=get(call, "args") or {})
    index = get(call, "index")
    place = index if isinstance(index, int | str) else position
    return Call((key, "call", place), name, text(get(call, "args")), id=text(get(call, "id")) or None)
