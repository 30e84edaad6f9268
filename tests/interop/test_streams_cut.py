"""Streams that break off, and chunks that are broken: nothing of that comes from the report, and nothing is lost."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import progressnb as pnb
from progressnb.interop.streams.reader import Reader
from tests.interop import recordings

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = recordings.names()
FEW = 40


def chunks_of(name: str) -> list[Any]:
    """Return the chunks of a recording as plain data."""
    lines = recordings.body(name).decode().splitlines()
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    return [json.loads(each) for each in data if each != "[DONE]"]


def outcome(stream: Any) -> tuple[list[Any], tuple[type, str] | None]:
    """Return the chunks of a stream, and the kind and the text of its error."""
    chunks: list[Any] = []
    try:
        for chunk in stream:
            chunks.append(chunk)  # noqa: PERF402 - those before an error count
    except Exception as error:  # noqa: BLE001 - compared
        return chunks, (type(error), str(error))
    return chunks, None


@given(st.data())
def test_cut_at_any_byte(data: st.DataObject) -> None:
    """A body that breaks off anywhere gives the client the same chunks and the same error as without a report."""
    with pnb.configure.local(show=False):
        name = data.draw(st.sampled_from(NAMES))
        whole = recordings.body(name)
        cut = whole[: data.draw(st.integers(0, len(whole)))]
        assert outcome(pnb.stream(recordings.begin(name, cut))) == outcome(recordings.begin(name, cut))
        assert recordings.last().state.ended


@pytest.mark.parametrize("name", [name for name in NAMES if len(chunks_of(name)) <= FEW])
def test_cut_at_every_chunk(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever stops after any chunk, or meets an error there, gets the same; every shape of the recordings is known."""
    chunks = chunks_of(name)
    with pnb.configure.local(show=False), caplog.at_level(logging.WARNING):
        for end in range(len(chunks) + 1):
            assert outcome(pnb.stream(iter(chunks[:end])))[0] == chunks[:end]
            assert outcome(pnb.stream(broken(chunks[:end]))) == (chunks[:end], (OSError, "the line broke"))
            assert recordings.last().status == "failed"
            for number, _ in enumerate(pnb.stream(iter(chunks))):
                if number == end:
                    break
            assert recordings.last().state.ended
    assert caplog.records == []


def broken(chunks: list[Any]) -> Iterator[Any]:
    """Yield chunks, and fail."""
    yield from chunks
    raise OSError("the line broke")


KEYS = sorted(
    {
        *("choices", "delta", "content", "text", "index", "tool_calls", "function", "name", "arguments", "usage"),
        *("prompt_tokens", "completion_tokens", "type", "content_block", "message", "model", "candidates", "parts"),
        *("function_call", "args", "usage_metadata", "prompt_token_count", "error", "response", "item", "output_index"),
        *("additional_kwargs", "tool_call_chunks", "id", "event", "data", "chunk", "run_id", "done", "partial_json"),
        *("finish_reason", "audio", "refusal", "reasoning", "thinking", "input_tokens", "output_tokens", "messages"),
    }
)
KINDS = [
    *("message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "error"),
    *("response.created", "response.output_text.delta", "response.output_item.added", "response.output_item.done"),
    *("response.function_call_arguments.delta", "response.completed", "response.failed", "chunk", "text", "ai"),
    *("AIMessageChunk", "tool-call-start", "content-delta", "message-end", "tool_use", "text_delta", "function_call"),
    *("on_chat_model_stream", "on_chat_model_end", "on_chat_model_start", "messages"),
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.binary(max_size=5),
    st.text(max_size=5),
    st.sampled_from(["\ud83d", "\ude00", "\x00", "{", '{"a":', "x" * 100_000, *KINDS]),
    st.builds(object),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
        st.fixed_dictionaries({"type": st.sampled_from(KINDS)}, optional=dict.fromkeys(KEYS[:12], inner)),
        st.fixed_dictionaries({"choices": st.lists(st.fixed_dictionaries({"delta": inner}), max_size=2)}),
    ),
    max_leaves=12,
)


class Hostile:
    """A chunk whose every attribute raises an error."""

    def __getattribute__(self, name: str) -> Any:
        """Raise."""
        if name.startswith("__"):
            return object.__getattribute__(self, name)
        raise RuntimeError(name)


@given(st.lists(VALUES, max_size=6))
def test_anything_is_passed_on(chunks: list[Any]) -> None:
    """Chunks of any shape come through, the very objects, and the run ends."""
    chunks.append(Hostile())
    with pnb.configure.local(show=False):
        through = list(pnb.stream(iter(chunks)))
        assert all(one is other for one, other in zip(through, chunks, strict=True))
        assert recordings.last().state.ended
        _ = [event.model_dump_json() for event in recordings.last().log]


@given(VALUES)
def test_a_reader_raises_nothing_but_is_asked_twice(chunk: Any) -> None:
    """Reading a chunk twice does not fail where reading it once did not."""
    reader = Reader()
    assert (reader.read(chunk) is None) == (Reader().read(chunk) is None)


def test_halves_of_characters_are_joined() -> None:
    """A character whose halves come in two chunks is one character in the run."""
    list(pnb.stream(iter([{"text": "a\ud83d"}, {"text": "\ude00b"}])))
    assert recordings.last().result == "a😀b"


def test_an_unknown_shape_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """Chunks of an unknown shape are told in the log once a stream."""
    list(pnb.stream(iter([object(), object(), {"strange": 1}])))
    assert [record.getMessage() for record in caplog.records] == [
        "stream: chunks of builtins.object are passed on and not shown; their shape is unknown"
    ]
