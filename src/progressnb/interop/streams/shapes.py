"""The shapes of chunks whose last ones tell why the answer ends: where none comes, the stream was cut."""

from __future__ import annotations

from progressnb.interop.streams.facts import get, text

__all__ = ["tells_end"]

_LISTS = ("choices", "candidates")  # of chat completions, and of Google
_KEYS = ("messageStart", "contentBlockStart", "contentBlockDelta")  # of Bedrock
_TYPES = frozenset(
    {
        *("message_start", "content_block_start", "content_block_delta"),  # Anthropic's
        *("message-start", "content-delta", "stream-start", "text-generation"),  # Cohere's
        *("response.created", "response.in_progress", "response.output_text.delta"),  # OpenAI's Responses
    }
)


def tells_end(chunk: object) -> bool:
    """Return whether a chunk is of a stream that tells its end."""
    for part in (chunk, get(chunk, "data"), get(chunk, "chunk")):  # Mistral and the helper of OpenAI wrap theirs
        if any(isinstance(get(part, name), list) for name in _LISTS):
            return True
    if get(chunk, "type", "event_type") in _TYPES or isinstance(get(chunk, "done"), bool):
        return True
    if any(get(chunk, name) is not None for name in _KEYS):
        return True
    # Of LangChain's chunks those of real providers say whose they are.
    about = get(get(chunk, "message"), "response_metadata") or get(chunk, "response_metadata")
    return get(chunk, "type") == "AIMessageChunk" and bool(text(get(about, "model_provider")))
