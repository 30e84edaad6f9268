"""The shapes of chunks that no recording has: LangChain, litellm, Cohere, Ollama, Bedrock, older and rarer fields."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableParallel
from langgraph.graph import END, START, MessagesState, StateGraph

import progressnb as pnb
from tests.interop import recordings

ANSWER = "The moon pulls the sea."


@pytest.fixture(autouse=True)
def unseen() -> None:
    """Show nothing."""
    pnb.configure(show=False)


def outcome(chunks: Any) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Read chunks to their end; return the answer, the data of the stage, and the arguments of the calls."""
    list(pnb.stream(chunks))
    (_, top), *below = recordings.last().state.walk()
    return (
        recordings.last().result,
        top.data,
        {stage.path.rpartition("/")[2]: stage.data["arguments"] for _, stage in below},
    )


def objects(value: Any) -> Any:
    """Return nested dicts as objects with attributes, as litellm's and others' chunks are."""
    if isinstance(value, dict):
        return SimpleNamespace(**{key: each if key == "arguments" else objects(each) for key, each in value.items()})
    return [objects(each) for each in value] if isinstance(value, list) else value


def delta(**fields: Any) -> dict[str, Any]:
    """Return a chunk of chat completions."""
    return {"choices": [{"index": 0, "delta": fields}]}


LITELLM = [
    {"model": "m", **delta(role="assistant", content="", reasoning_content="hm", thinking_blocks=[{"thinking": "hm"}])},
    delta(content="Hello", tool_calls=None, function_call=None, audio=None),
    {"choices": [{"index": 0, "delta": {"content": None}, "finish_reason": "stop"}], "usage": None},
    {"choices": [{"index": 0, "delta": {}}], "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
]
COHERE = [
    {"type": "message-start", "id": "1", "delta": {"message": {"role": "assistant"}}},
    {"type": "tool-plan-delta", "delta": {"message": {"tool_plan": "look"}}},
    {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "Hello"}}}},
    {"type": "tool-call-start", "index": 0, "delta": {"message": {"tool_calls": {"function": {"name": "f"}}}}},
    {
        "type": "tool-call-delta",
        "index": 0,
        "delta": {"message": {"tool_calls": {"function": {"arguments": '{"a":1}'}}}},
    },
    {"type": "tool-call-end", "index": 0},
    {"type": "message-end", "delta": {"usage": {"tokens": {"input_tokens": 3, "output_tokens": 2}}}},
]
OLLAMA = [
    {"model": "m", "message": {"content": "Hel", "thinking": "hm"}, "done": False},
    {"model": "m", "message": {"content": "lo"}, "done": False},
    {"message": {"tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]}, "done": False},
    {"message": {"content": ""}, "done": True, "prompt_eval_count": 3, "eval_count": 2},
]
BEDROCK = [
    {"messageStart": {"role": "assistant"}},
    {"contentBlockDelta": {"delta": {"text": "Hello"}, "contentBlockIndex": 0}},
    {"contentBlockStop": {"contentBlockIndex": 0}},
    {"contentBlockStart": {"start": {"toolUse": {"name": "f", "toolUseId": "1"}}, "contentBlockIndex": 1}},
    {"contentBlockDelta": {"delta": {"toolUse": {"input": '{"a":'}}, "contentBlockIndex": 1}},
    {"contentBlockDelta": {"delta": {"toolUse": {"input": "1}"}}, "contentBlockIndex": 1}},
    {"contentBlockStop": {"contentBlockIndex": 1}},
    {"messageStop": {"stopReason": "tool_use"}},
    {"metadata": {"usage": {"inputTokens": 3, "outputTokens": 2}}},
]


@pytest.mark.parametrize("as_objects", [False, True])
@pytest.mark.parametrize(("chunks", "calls"), [(LITELLM, {}), *((each, {"f": {"a": 1}}) for each in (COHERE, OLLAMA))])
def test_other_providers(chunks: list[Any], calls: dict[str, Any], *, as_objects: bool) -> None:
    """Chunks as dicts and as objects tell the same: text, calls, tokens."""
    answer, data, found = outcome(objects(chunks) if as_objects else chunks)
    assert (answer, found, data["input_tokens"], data["output_tokens"]) == ("Hello", calls, 3, 2)


def test_bedrock() -> None:
    """The events of `converse_stream` are read."""
    answer, data, calls = outcome(BEDROCK)
    assert (answer, calls, data["output_tokens"]) == ("Hello", {"f": {"a": 1}}, 2)


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([delta(content=None), delta(content="a"), {"choices": None, "usage": {"prompt_tokens": 1}}], "a"),
        ([delta(audio={"transcript": "spo"}), delta(audio={"data": "AAAA", "transcript": "ken"})], "spoken"),
        ([{"choices": [{"text": "older", "index": 0}]}], "older"),
        ([delta(refusal="no")], "no"),
        ([SimpleNamespace(data=objects(delta(content="wrapped")))], "wrapped"),
        (["plain ", "", "text"], "plain text"),
        ([{"token": {"text": "a"}}, {"token": {"text": "</s>", "special": True}}], "a"),
        ([{"event_type": "text-generation", "text": "v1"}, {"event_type": "stream-end"}], "v1"),
        ([{"type": "response.audio.transcript.delta", "delta": "said"}], "said"),
    ],
)
def test_rarer_fields(chunks: list[Any], expected: str, caplog: pytest.LogCaptureFixture) -> None:
    """Transcripts of audio, refusals, older completions, plain texts: each is the answer, and nothing is warned of."""
    with caplog.at_level(logging.WARNING):
        assert outcome(chunks)[0] == expected
    assert caplog.records == []


def test_calls_of_tools() -> None:
    """Older calls of functions, parallel calls that come mixed, and calls that all have one number are each a stage."""
    first = {"index": 0, "id": "1", "function": {"name": "f", "arguments": '{"a":'}}
    second = {"index": 1, "id": "2", "function": {"name": "g", "arguments": '{"b":'}}
    rest = [{"index": 0, "function": {"arguments": "1}"}}, {"index": 1, "function": {"arguments": "2}"}}]
    assert outcome([delta(tool_calls=[first, second]), delta(tool_calls=rest)])[2] == {"f": {"a": 1}, "g": {"b": 2}}
    older = [delta(function_call={"name": "f", "arguments": '{"a"'}), delta(function_call={"arguments": ":1}"})]
    assert outcome(older)[2] == {"f": {"a": 1}}
    same = [{**first, "function": {"name": name, "arguments": "{}"}, "id": name} for name in ("f", "g")]
    assert outcome([delta(tool_calls=[call]) for call in same])[2] == {"f": {}, "g": {}}


def test_counts_are_counted_once() -> None:
    """Counts that grow from chunk to chunk are the last one; a last count of nothing changes nothing."""
    grow = [{"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": number}} for number in (1, 2, 5)]
    nothing = {"choices": [], "usage": {"prompt_tokens": 0, "completion_tokens": 0}}
    data = outcome([*grow, {"choices": [], "x_groq": {"usage": grow[-1]["usage"]}}, nothing])[1]
    assert (data["input_tokens"], data["output_tokens"]) == (3, 5)


# --- LangChain and LangGraph -----------------------------------------------------------------------


def model() -> GenericFakeChatModel:
    """Return a model that streams word by word."""
    return GenericFakeChatModel(messages=iter([AIMessage(ANSWER) for _ in range(5)]))


def chain() -> Any:
    """Return a prompt and a model."""
    return ChatPromptTemplate.from_template("{q}") | model()


def graph() -> Any:
    """Return a graph of one node that calls a model."""
    answers = model()
    nodes = StateGraph(MessagesState).add_node(
        "answer", lambda state: {"messages": [answers.invoke(state["messages"])]}
    )
    return nodes.add_edge(START, "answer").add_edge("answer", END).compile()


@pytest.mark.parametrize(
    "make",
    [
        lambda: model().stream("why"),
        lambda: chain().stream({"q": "why"}),
        lambda: (chain() | StrOutputParser()).stream({"q": "why"}),
        lambda: RunnableParallel(answer=chain()).stream({"q": "why"}),
        *(
            lambda mode=mode: graph().stream({"messages": [("user", "why")]}, stream_mode=mode)
            for mode in ("messages", "updates", "values", ["messages", "updates", "values"])
        ),
    ],
)
def test_langchain(make: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Models, chains and graphs: the answer is there once, whatever the mode of the stream."""
    assert outcome(make())[0] == ANSWER
    assert caplog.records == []


async def test_langchain_async() -> None:
    """`astream` and `astream_events` tell the answer once."""
    async for _ in pnb.stream(model().astream("why")):
        pass
    assert recordings.last().result == ANSWER
    async for _ in pnb.stream((chain() | StrOutputParser()).astream_events({"q": "why"}, version="v2")):
        pass
    assert recordings.last().result == ANSWER


def test_messages_of_langchain() -> None:
    """The last message of several is the answer; tokens of chunks add up; tools and their arguments are stages."""
    call = {"name": "f", "args": '{"a":', "id": "1", "index": 0, "type": "tool_call_chunk"}
    used = {"input_tokens": 3, "output_tokens": 1, "total_tokens": 4}
    chunks = [
        AIMessageChunk(content="Let me look.", id="1", usage_metadata=used, response_metadata={"model_name": "m"}),
        AIMessageChunk(content="", id="1", tool_call_chunks=[call], usage_metadata={**used, "input_tokens": 0}),
        AIMessageChunk(content="", id="1", tool_call_chunks=[{**call, "name": None, "id": None, "args": "1}"}]),
        AIMessageChunk(content=[{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "It is "}], id="2"),
        AIMessageChunk(content="so.", id="2", usage_metadata=used, additional_kwargs={"reasoning_content": "hm"}),
    ]
    answer, data, calls = outcome(chunks)
    assert (answer, calls, data["model"]) == ("It is so.", {"f": {"a": 1}}, "m")
    assert (data["input_tokens"], data["output_tokens"]) == (6, 3)
    assert next(recordings.last().state.walk())[1].outputs["thinking"].text == "hmhm"


def _tool_call(arguments: str, name: str | None = None) -> dict[str, Any]:
    call = {"index": 0, "function": {"name": name, "arguments": arguments}}
    return {"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}


def _arguments() -> list[tuple[str, object]]:
    return [(stage.title, stage.data.get("arguments")) for stage in recordings.last().state.stages[0].children]


def test_the_end_of_one_choice_ends_no_call_of_another() -> None:
    """Where several answers are asked for, a call goes on after another answer has ended."""
    ended = {"choices": [{"index": 1, "delta": {"content": "hi"}, "finish_reason": "stop"}]}
    list(pnb.stream(iter([_tool_call('{"x":', "f"), ended, _tool_call("1}")])))
    assert _arguments() == [("f", {"x": 1})]


def test_two_whole_calls_of_one_number_are_two() -> None:
    """A name that comes again after whole arguments begins another call, though it has neither id nor number."""
    calls = [_tool_call('{"a":1}', "f"), _tool_call('{"a":2}', "f")]
    list(pnb.stream(iter(calls)))
    assert _arguments() == [("f", {"a": 1}), ("f", {"a": 2})]


def test_an_error_in_the_place_of_a_chunk() -> None:
    """A chunk that is an error alone makes the run a failed one; the chunks come through."""
    chunks = [{"choices": [{"index": 0, "delta": {"content": "a"}}]}, {"error": {"message": "over", "code": 500}}]
    assert list(pnb.stream(iter(chunks))) == chunks
    assert (recordings.last().status, recordings.last().partial) == ("failed", "a")


def _piece(text: str, key: str) -> tuple[AIMessageChunk, dict[str, str]]:
    return AIMessageChunk(content=text, id=key), {"langgraph_node": key}


def test_messages_side_by_side_have_each_a_text() -> None:
    """Answers of models that write at the same time are not mixed, and none of their text is lost."""
    chunks = [
        _piece(text, key) for text, key in [("a", "1"), ("b", "2"), ("a", "1"), ("b", "2"), ("a", "1"), ("!", "2")]
    ]
    assert list(pnb.stream(iter(chunks))) == chunks
    outputs = recordings.last().state.stages[0].outputs
    assert {name: buffer.text for name, buffer in outputs.items()} == {"output": "bb!", "output 2": "aaa"}


def test_messages_one_after_another_replace_each_other() -> None:
    """The last message of a stream is its answer."""
    list(pnb.stream(iter([_piece("first", "1"), _piece("sec", "2"), _piece("ond", "2")])))
    assert recordings.last().result == "second"


def test_an_update_of_two_nodes_tells_both() -> None:
    """One update of a graph that has what several nodes wrote loses none of it."""
    nodes = {name: {"messages": [AIMessage(text, id=name)]} for name, text in (("a", "first"), ("b", "second"))}
    list(pnb.stream(iter([nodes])))
    assert recordings.last().result == "second"
    assert "first" in b"".join(recordings.last().log.encoded()).decode()
