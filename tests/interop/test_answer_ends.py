"""Answers that are not whole: the head of a panel and the lines of a pipe say so, and the program goes on."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from google.genai import types
from pydantic_ai import Agent
from pydantic_ai.models.function import FunctionModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from rich.console import Console

import progressnb as pnb
from progressnb.display.lines import Lines
from progressnb.folds.view import RunView
from progressnb.tracking.ends import answer_end
from tests.interop import recordings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

MAY_BE_CUT = "ended without a finish reason: it may be cut"
AT_LIMIT = "cut at its limit of tokens"
FILTERED, REFUSED, BROKEN = "stopped by a filter", "refused", "broken off by the provider"


@pytest.fixture(autouse=True)
def unseen() -> None:
    """Show nothing."""
    pnb.configure(show=False)


def head() -> str:
    """Return what the head of the last run says of its end; the run has finished."""
    run = recordings.last()
    assert run.status == "finished"
    return RunView().tree(run.state, run.elapsed)["header"]["ended"]


def stage_facts(run: Any) -> dict[str, str]:
    """Return the facts in the details of the run's first row, by their labels."""
    row = RunView().tree(run.state, run.elapsed)["trace"][0]
    return {each["label"]: each["blocks"][0].get("text", "") for each in row["details"]}


def lines() -> str:
    """Return the lines that a pipe gets of the last run."""
    file = io.StringIO()
    Lines(recordings.last(), Console(file=file, width=200), compact=False).write()
    return file.getvalue()


def read(chunks: list[Any]) -> str:
    """Read chunks through `stream`; return what the head says."""
    assert list(pnb.stream(iter(chunks))) == chunks
    return head()


def chat(text: str, reason: str | None = None, index: int = 0) -> dict[str, Any]:
    """Return a chunk of OpenAI's chat completions."""
    return {"model": "m", "choices": [{"index": index, "delta": {"content": text}, "finish_reason": reason}]}


def google(text: str, reason: str | None = None) -> dict[str, Any]:
    """Return a chunk of Google's."""
    return {"candidates": [{"content": {"parts": [{"text": text}]}, "finishReason": reason}]}


def message(*events: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the events of a message of Anthropic's."""
    delta = {"type": "text_delta", "text": "tides"}
    begin = {"type": "message_start", "message": {"id": "1", "model": "m"}}
    return [begin, {"type": "content_block_delta", "index": 0, "delta": delta}, *events]


def stopped(reason: str) -> dict[str, Any]:
    """Return the event with Anthropic's reason."""
    return {"type": "message_delta", "delta": {"stop_reason": reason}}


def response(*events: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the events of a response of OpenAI's."""
    text = {"type": "response.output_text.delta", "delta": "tides"}
    return [{"type": "response.created", "response": {"id": "1"}}, text, *events]


def incomplete(reason: str | None) -> dict[str, Any]:
    """Return the last event of a response that is not complete."""
    return {"type": "response.incomplete", "response": {"id": "1", "incomplete_details": {"reason": reason}}}


CUT: list[tuple[str, list[Any]]] = [
    ("openai", [chat("one "), chat("two")]),
    ("the second of two choices", [chat("one", "stop"), chat("two", None, 1)]),
    ("mistral", [{"data": chat("one")}]),
    ("anthropic", message()),
    ("anthropic, between blocks", message({"type": "content_block_stop", "index": 0})),
    ("google", [google("one"), google("two")]),
    ("responses", response()),
    ("cohere", [{"type": "content-delta", "delta": {"message": {"content": {"text": "one"}}}}]),
    ("ollama", [{"model": "m", "message": {"content": "one"}, "done": False}]),
    ("bedrock", [{"messageStart": {"role": "assistant"}}, {"contentBlockDelta": {"delta": {"text": "one"}}}]),
    (
        "a call of a tool",
        [{"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": "{"}}]}}]}],
    ),
]


@pytest.mark.parametrize("chunks", [chunks for _, chunks in CUT], ids=[name for name, _ in CUT])
def test_a_stream_without_a_reason_may_be_cut(chunks: list[Any]) -> None:
    """A stream that its server closes before it told why the answer ends is finished, with a remark."""
    assert read(chunks) == MAY_BE_CUT
    assert MAY_BE_CUT in lines()


WHOLE: list[tuple[str, list[Any]]] = [
    ("openai", [chat("one"), chat("", "stop"), {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}]),
    ("openai, a call", [chat("one"), chat("", "tool_calls")]),
    ("two choices", [chat("one"), chat("two", None, 1), chat("", "stop"), chat("", "stop", 1)]),
    ("anthropic", message(stopped("end_turn"), {"type": "message_stop"})),
    ("anthropic, of a server without reasons", message({"type": "message_stop"})),
    ("google", [google("one", "STOP")]),
    ("responses", response({"type": "response.completed", "response": {"id": "1"}})),
    ("ollama", [{"message": {"content": "one"}, "done": True, "done_reason": "stop"}]),
    ("cohere", [{"type": "message-end", "delta": {"finish_reason": "COMPLETE"}}]),
    ("plain strings", ["one ", "two"]),
    ("plain dicts", [{"text": "one"}]),
]


@pytest.mark.parametrize("chunks", [chunks for _, chunks in WHOLE], ids=[name for name, _ in WHOLE])
def test_a_whole_stream_has_no_remark(chunks: list[Any]) -> None:
    """A stream that told its end, or of a kind that never does, has no remark."""
    assert read(chunks) == ""


@pytest.mark.parametrize("name", [name for name in recordings.names() if not name.endswith("-error")])
def test_recordings_are_whole(name: str) -> None:
    """No stream that a provider ended is called cut; one of its bytes alone before the end is."""
    list(pnb.stream(recordings.begin(name)))
    assert head() != MAY_BE_CUT


REASONS: list[tuple[list[Any], str]] = [
    ([chat("one", "length")], AT_LIMIT),
    ([chat("one", "content_filter")], FILTERED),
    ([{"choices": [{"delta": {"refusal": "I can't"}}]}, chat("", "stop")], REFUSED),
    (message(stopped("max_tokens")), AT_LIMIT),
    (message(stopped("model_context_window_exceeded")), AT_LIMIT),
    (message(stopped("refusal")), REFUSED),
    ([google("one", "MAX_TOKENS")], AT_LIMIT),
    ([google("one", "SAFETY")], FILTERED),
    ([google("one", "MALFORMED_FUNCTION_CALL")], BROKEN),
    (response(incomplete("max_output_tokens")), AT_LIMIT),
    (response(incomplete("content_filter")), FILTERED),
    (response(incomplete(None)), BROKEN),
    ([{"message": {"content": "one"}, "done": True, "done_reason": "length"}], AT_LIMIT),
    ([{"type": "content-delta"}, {"type": "message-end", "delta": {"finish_reason": "MAX_TOKENS"}}], AT_LIMIT),
    ([{"messageStart": {}}, {"messageStop": {"stopReason": "guardrail_intervened"}}], FILTERED),
]


@pytest.mark.parametrize(("chunks", "words"), REASONS)
def test_the_reason_is_in_the_head(chunks: list[Any], words: str) -> None:
    """An answer that was cut, filtered or refused says so in the head, in the lines of a pipe, and as data."""
    assert read(chunks) == words
    assert words in lines()
    assert recordings.last().state.stages[0].data["answer_end"] is not None


MANY: list[tuple[str, list[Any], str, dict[str, Any]]] = [
    ("all whole", [chat("a", "stop"), chat("b", "stop", 1)], "", {"count": 2, "ends": {}}),
    (
        "the second at its limit",
        [chat("a"), chat("b", None, 1), chat("", "stop"), chat("", "length", 1)],
        f"answer 2: {AT_LIMIT}",
        {"count": 2, "ends": {"2": "limit"}},
    ),
    (
        "the first at its limit",
        [chat("a", "length"), chat("b", "stop", 1), chat("c", "content_filter", 2)],
        AT_LIMIT,
        {"count": 3, "ends": {"3": "filter"}},
    ),
    (
        "the tenth refused",
        [
            *(chat("a", "stop", index) for index in range(9)),
            {"choices": [{"index": 9, "delta": {"refusal": "no"}}]},
            chat("", "stop", 9),
        ],
        f"answer 10: {REFUSED}",
        {"count": 10, "ends": {"10": "refused"}},
    ),
    (
        "google's candidates",
        [
            {
                "candidates": [
                    {"index": 0, "content": {"parts": [{"text": "a"}]}, "finishReason": "STOP"},
                    {"index": 1, "content": {"parts": [{"text": "b"}]}, "finishReason": "MAX_TOKENS"},
                ]
            }
        ],
        f"answer 2: {AT_LIMIT}",
        {"count": 2, "ends": {"2": "limit"}},
    ),
]


@pytest.mark.parametrize(("chunks", "words", "data"), [each[1:] for each in MANY], ids=[each[0] for each in MANY])
def test_several_answers_to_one_request(chunks: list[Any], words: str, data: dict[str, Any]) -> None:
    """Where a request asked for several answers, the data say how many came, and how each that is not whole ended."""
    assert read(chunks) == words
    run = recordings.last()
    (stage,) = run.state.stages
    assert run.result == "a"
    assert stage.data["answer_choices"] == data
    assert stage.data.get("answer_end") == ("limit" if words == AT_LIMIT else None)
    parts = [stage.outputs[part].text for part in ("output", "output 2") if part in stage.outputs]
    assert parts in (["a", "b"], ["a", "a"])
    details = stage_facts(run)
    assert details["Answers"] == f"{data['count']}, and the first is the result"


def test_one_answer_says_nothing_of_others() -> None:
    """An answer that is the only one has no remark about others, nor has one after a stream of several."""
    read([chat("a", "stop")])
    assert "answer_choices" not in recordings.last().state.stages[0].data


async def test_a_later_stream_takes_the_count_back() -> None:
    """Of streams one after another in a stage the last one tells how many answers there are."""

    @pnb.operation
    async def ask(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("ask"):
            list(pnb.stream(iter([chat("a", "stop"), chat("b", "length", 1)])))
            list(pnb.stream(iter([chat("c", "stop")])))

    await ask()
    assert (head(), recordings.last().state.stages[0].data.get("answer_choices")) == ("", None)


@pytest.mark.parametrize("shape", ["object", "json"])
@pytest.mark.parametrize("counts", [{}, {"prompt_token_count": 5, "promptTokenCount": 5}])
def test_a_prompt_that_google_blocks(shape: str, counts: dict[str, int]) -> None:
    """A chunk that says only that the prompt was blocked is the end of the answer, whatever else it has."""
    if shape == "json":
        chunk: Any = {"promptFeedback": {"blockReason": "SAFETY"}}
        chunk |= {"usageMetadata": counts} if counts else {}
    else:
        used = types.GenerateContentResponseUsageMetadata(prompt_token_count=5) if counts else None
        feedback = types.GenerateContentResponsePromptFeedback(block_reason=types.BlockedReason.PROHIBITED_CONTENT)
        chunk = types.GenerateContentResponse(prompt_feedback=feedback, usage_metadata=used)
    assert read([chunk]) == FILTERED
    assert recordings.last().state.stages[0].data["answer_end"] == "filter"


def test_reasons_of_all_manners_of_writing() -> None:
    """A reason is known however it is written; one of whole answers says nothing."""
    assert answer_end("FinishReason.MAX_TOKENS") == answer_end("max-tokens") == answer_end(" LENGTH ") == "limit"
    assert [answer_end(each) for each in ("stop", "STOP", "end_turn", "tool_use", "tool_calls", "COMPLETE", "")] == [
        None
    ] * 7


async def test_a_later_stream_in_the_stage_takes_the_remark_back() -> None:
    """Of streams one after another in a stage the last one is its answer, and its end counts."""

    @pnb.operation
    async def ask(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("ask"):
            for chunks in ([chat("one", "length")], [chat("two", "stop")]):
                list(pnb.stream(iter(chunks)))

    await ask()
    assert head() == ""


def sse(*chunks: dict[str, Any]) -> bytes:
    """Return the body of a chat completion."""
    known = {"id": "1", "object": "chat.completion.chunk", "created": 1}
    return b"".join(b"data: " + json.dumps({**known, **chunk}).encode() + b"\n\n" for chunk in chunks)


@pytest.mark.parametrize(
    ("reason", "words"), [(None, MAY_BE_CUT), ("length", AT_LIMIT), ("content_filter", FILTERED), ("stop", "")]
)
async def test_a_watched_agent_says_it_too(reason: str | None, words: str) -> None:
    """An agent's answer that is not whole says so, too."""
    client = recordings.async_openai_client(sse(chat("one "), chat("two", reason)))
    agent = Agent(OpenAIChatModel("m", provider=OpenAIProvider(openai_client=client)))
    with pnb.watch():
        assert (await agent.run("why")).output == "one two"
    assert head() == words


async def test_a_model_that_tells_no_reasons_is_not_called_cut() -> None:
    """A model that never tells why an answer ends has no remark."""

    async def write(*_: object) -> AsyncIterator[str]:
        yield "one"

    with pnb.watch():
        await Agent(FunctionModel(stream_function=write)).run("why")
    assert head() == ""


# --- tokens that nobody told ---------------------------------------------------------------------------


def test_the_guess_of_tokens_stays() -> None:
    """Where no usage came, the tokens of a finished run are the guess that was told while it was written."""
    read([chat("twenty characters, " * 10), chat("", "stop")])
    run = recordings.last()
    assert RunView().tree(run.state, run.elapsed)["header"]["facts"] == ["about 40 tokens"]
    assert "about 40 tokens" in lines()


def test_tokens_that_were_told_are_exact() -> None:
    """Where usage came, the tokens are exact."""
    used = {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}
    read([chat("twenty characters, " * 10), chat("", "stop"), used])
    run = recordings.last()
    assert RunView().tree(run.state, run.elapsed)["header"]["facts"] == ["7 tokens"]


# --- why a loop was left -------------------------------------------------------------------------------


def loop_that_fails() -> None:
    """Fail in the body of a loop."""
    for chunk in pnb.stream(iter(["a", "b"])):
        int(chunk)


def loop_that_is_caught() -> None:
    """Fail in the body of a loop, with a handler around it."""
    try:
        for chunk in pnb.stream(iter(["a", "b"])):
            int(chunk)
    except ValueError:
        pass


def loop_that_breaks() -> None:
    """Leave a loop."""
    for _ in pnb.stream(iter(["a", "b"])):
        break


def loop_that_returns() -> str:
    """Return from a loop."""
    for chunk in pnb.stream(iter(["a", "b"])):
        return chunk
    return ""


def pieces() -> Iterator[str]:
    """Yield what a loop reads."""
    for chunk in pnb.stream(iter(["a", "b"])):  # noqa: UP028 - the loop is what is tested
        yield chunk


def generator_that_is_left() -> None:
    """Leave a generator that reads a stream."""
    for _ in pieces():
        break


@pytest.mark.parametrize(
    ("loop", "reason"),
    [
        (loop_that_fails, "an error ended the loop that read it"),
        (loop_that_is_caught, "an error ended the loop that read it"),
        (loop_that_breaks, "stopped reading"),
        (loop_that_returns, "stopped reading"),
        (generator_that_is_left, "stopped reading"),
    ],
)
def test_an_error_of_the_body_is_no_break(loop: Callable[[], object], reason: str) -> None:
    """A loop that an error of the user's own code ended is told as that, and a break as a break."""
    if loop is loop_that_fails:
        with pytest.raises(ValueError, match="invalid literal"):
            loop()
    else:
        loop()
    assert recordings.last().state.reason == reason


async def test_an_error_of_an_async_body_is_no_break() -> None:
    """So it is of an async loop."""

    async def texts() -> AsyncIterator[str]:
        yield "a"
        yield "b"

    async def read_all() -> None:
        async for chunk in pnb.stream(texts()):
            int(chunk)

    with pytest.raises(ValueError, match="invalid literal"):
        await read_all()
    assert recordings.last().state.reason == "an error ended the loop that read it"


# --- words ---------------------------------------------------------------------------------------------


def test_a_run_of_a_stream_is_a_run() -> None:
    """`last_run` of a stream or a loop reads as a run, whatever its class is."""
    read([chat("one", "stop")])
    run = recordings.last()
    assert repr(run) == f"<Run stream {run.id[:8]}: finished, 100 %>"


async def test_the_tool_of_an_agent_is_no_stage() -> None:
    """An error in a tool of an agent that is a run of its own names the tool, and no stage that nobody made."""

    async def call(*_: object) -> AsyncIterator[Any]:
        from pydantic_ai.models.function import DeltaToolCall

        yield {0: DeltaToolCall(name="tide_range", json_args="{}")}

    agent = Agent(FunctionModel(stream_function=call), name="bad")

    @agent.tool_plain
    def tide_range() -> str:
        raise ZeroDivisionError

    with pnb.watch(), pytest.raises(ZeroDivisionError) as caught:
        await agent.run("why")
    assert caught.value.__notes__ == ["in the tool 'tide_range' of 'bad'"]


def test_all_that_is_watched_is_named() -> None:
    """What `watch` returns names all that is watched."""
    with pnb.watch(), pnb.watch("tqdm") as watching:
        assert repr(watching) == "<watching pydantic-ai, tqdm>"
    assert repr(watching) == "<watching nothing>"
