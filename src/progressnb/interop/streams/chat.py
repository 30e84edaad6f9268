"""Chunks with `choices`, as OpenAI's chat completions have them, and the messages of Ollama and of Bedrock.

Mistral, Groq, DeepSeek, OpenRouter, litellm and many servers of open models send the first kind.
"""

# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Chunks are of any type whatever.

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.interop.streams.facts import Call, Failure, Finish, Model, Text, Usage, get, items, number, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from progressnb.interop.streams.facts import Fact

__all__ = ["model_in", "read_bedrock", "read_choices", "read_ollama"]

_REASONING = ("reasoning_content", "reasoning", "thinking")


def read_choices(chunk: object) -> list[Fact] | None:
    """Read a chunk of chat completions, or of the older completions."""
    choices = get(chunk, "choices")
    if choices is None:
        inner = get(chunk, "data")  # Mistral's SDK wraps the chunk
        if isinstance(get(inner, "choices"), list):
            return read_choices(inner)
        if text(get(get(chunk, "error"), "message")) and get(chunk, "type") is None:
            return list(_read(chunk, ()))  # an error in the place of a chunk
        if number(get(get(chunk, "usage"), "prompt_tokens")) is None:
            return None
    elif not isinstance(choices, list | tuple):
        return None
    return list(_read(chunk, items(choices)))


def _read(chunk: object, choices: Any) -> Iterator[Fact]:  # noqa: ANN401 - a sequence of anything
    yield from model_in(chunk, "model")
    for position, choice in enumerate(choices):
        place = get(choice, "index")
        place = place if isinstance(place, int) else position
        yield from _delta(get(choice, "delta", "message"), place)
        if piece := text(get(choice, "text")):
            yield Text(piece, choice=place)
        if reason := text(get(choice, "finish_reason")):
            yield Finish(reason, place)
    if (error := get(chunk, "error")) is not None:
        yield Failure(text(get(error, "message")) or text(error) or "the provider reports an error")
    for used in (get(chunk, "usage"), get(get(chunk, "x_groq"), "usage")):
        if used is not None:
            yield Usage(
                number(get(used, "prompt_tokens", "input_tokens")),
                number(get(used, "completion_tokens", "output_tokens")),
                number(get(used, "cost")),
                number(get(get(used, "prompt_tokens_details"), "cached_tokens")),
            )


def _delta(delta: object, place: int) -> Iterator[Fact]:
    if delta is None:
        return
    if thought := next((found for name in _REASONING if (found := text(get(delta, name)))), ""):
        yield Text(thought, "thinking", place)
    yield from _content(get(delta, "content"), place)
    if refusal := text(get(delta, "refusal")):
        yield Text(refusal, "refusal", place)
    if spoken := text(get(get(delta, "audio"), "transcript")):
        yield Text(spoken, choice=place)
    for position, call in enumerate(items(get(delta, "tool_calls"))):
        index = get(call, "index")
        function = get(call, "function", "custom")
        yield _call((place, index if isinstance(index, int) else position), call, function)
    if (function := get(delta, "function_call")) is not None:
        yield _call((place, "function"), None, function)


def _call(key: tuple[int, object], call: object, function: object) -> Call:
    arguments = get(function, "arguments", "input")
    whole = None if arguments is None or isinstance(arguments, str) else arguments
    return Call(key, text(get(function, "name")) or None, text(arguments), whole, text(get(call, "id")) or None)


def _content(content: object, place: int) -> Iterator[Fact]:
    """Read a text, or a list of parts as Mistral has them."""
    if isinstance(content, str):
        if content:
            yield Text(content, choice=place)
        return
    for part in items(content):
        if isinstance(part, str):
            yield Text(part, choice=place)
        elif (thinking := get(part, "thinking")) is not None:
            pieces = [thinking] if isinstance(thinking, str) else [text(get(each, "text")) for each in items(thinking)]
            yield Text("".join(pieces), "thinking", place)
        elif piece := text(get(part, "text")):
            yield Text(piece, choice=place)


def model_in(source: object, *names: str) -> Iterator[Fact]:
    """Yield the name of the model, where there is one."""
    if name := text(get(source, *names)):
        yield Model(name)


def read_ollama(chunk: object) -> list[Fact] | None:
    """Read a chunk of Ollama's `chat` or `generate`."""
    if not isinstance(get(chunk, "done"), bool):
        return None
    facts = list(model_in(chunk, "model"))
    message = get(chunk, "message")
    if thought := text(get(message, "thinking")) or text(get(chunk, "thinking")):
        facts.append(Text(thought, "thinking"))
    if piece := text(get(message, "content")) or text(get(chunk, "response")):
        facts.append(Text(piece))
    for call in items(get(message, "tool_calls")):
        function = get(call, "function")
        facts.append(Call(None, text(get(function, "name")) or None, whole=get(function, "arguments") or {}))
    if get(chunk, "done") is True:
        facts.append(Finish(text(get(chunk, "done_reason"))))
    read, written = number(get(chunk, "prompt_eval_count")), number(get(chunk, "eval_count"))
    if read is not None or written is not None:
        facts.append(Usage(read, written))
    return facts


def read_bedrock(chunk: object) -> list[Fact] | None:
    """Read an event of Bedrock's `converse_stream`."""
    for name, reader in _BEDROCK.items():
        if (event := get(chunk, name)) is not None:
            return list(reader(event))
    used = get(get(chunk, "metadata"), "usage")
    read, written = number(get(used, "inputTokens")), number(get(used, "outputTokens"))
    return None if read is None and written is None else [Usage(read, written)]


def _bedrock_start(event: object) -> Iterator[Fact]:
    if (tool := get(get(event, "start"), "toolUse")) is not None:
        yield Call(_block(event), text(get(tool, "name")) or None)


def _bedrock_delta(event: object) -> Iterator[Fact]:
    delta = get(event, "delta")
    if piece := text(get(delta, "text")):
        yield Text(piece)
    if thought := text(get(get(delta, "reasoningContent"), "text")):
        yield Text(thought, "thinking")
    if piece := text(get(get(delta, "toolUse"), "input")):
        yield Call(_block(event), delta=piece)


def _block(event: object) -> tuple[str, object]:
    index = get(event, "contentBlockIndex")
    return "block", index if isinstance(index, int) else 0


_BEDROCK: dict[str, Callable[[object], Iterator[Fact]]] = {
    "contentBlockDelta": _bedrock_delta,
    "contentBlockStart": _bedrock_start,
    "contentBlockStop": lambda event: iter([Call(_block(event), ended=True)]),
    "messageStop": lambda event: iter([Finish(text(get(event, "stopReason")))]),
    "messageStart": lambda _: iter(()),
}
