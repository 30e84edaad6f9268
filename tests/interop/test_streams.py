"""`stream` around recorded answers of real providers, read by their own clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import progressnb as pnb
from tests.interop import recordings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from progressnb.folds.state import StageState


@pytest.fixture(autouse=True)
def unseen() -> None:
    """Show nothing."""
    pnb.configure(show=False)


def taken(stream: Iterable[Any]) -> tuple[list[Any], BaseException | None]:
    """Return the chunks of a stream, and the error that ended it."""
    chunks: list[Any] = []
    try:
        for chunk in stream:
            chunks.append(chunk)  # noqa: PERF402 - those before an error count
    except Exception as error:  # noqa: BLE001 - compared
        return chunks, error
    return chunks, None


def stages() -> Iterator[StageState]:
    """Yield the stages of the last run."""
    return (stage for _, stage in recordings.last().state.walk())


def calls() -> dict[str, Any]:
    """Return the arguments of the tool calls of the last run, by the tool's name."""
    return {stage.path.rpartition("/")[2]: stage.data["arguments"] for stage in stages() if "/" in stage.path}


def top() -> StageState:
    """Return the stage of the last run's stream."""
    return next(stages())


@pytest.mark.parametrize("name", recordings.names())
def test_chunks_come_through(name: str) -> None:
    """A stream that is reported gives the chunks, and the error, that it gives without."""
    bare, its_error = taken(recordings.begin(name))
    chunks, error = taken(pnb.stream(recordings.begin(name)))
    assert chunks == bare
    assert [type(chunk) for chunk in chunks] == [type(chunk) for chunk in bare]
    assert (type(error), str(error)) == (type(its_error), str(its_error))
    assert recordings.last().status == ("finished" if error is None else "failed")


def test_a_chunk_is_the_same_object() -> None:
    """The very objects come through."""
    objects: list[Any] = [{"choices": []}, object(), "text", None, b"bytes", 3, {"text": "x"}]
    assert all(given is taken_ for given, taken_ in zip(objects, pnb.stream(iter(objects)), strict=True))


@pytest.mark.parametrize(
    ("name", "text", "thinks", "used", "tools"),
    [
        ("anthropic-thinking", "Here are the basic", True, (43, 282), {}),
        ("anthropic-tool", "I'll check the current", False, (377, 65), {"get_weather": {"location": "Paris"}}),
        ("anthropic-redacted", "I notice that", False, (92, 189), {}),
        ("google-text", "The capital of France is Paris.\n", False, (13, 8), {}),
        ("google-usage", "1\n2\n3\n4", False, (18, 115), {}),
        ("google-tool", None, False, (52, 5), {"get_capital": {"country": "France"}}),
        ("mistral-thinking", "To cross the street", True, (10, 232), {}),
        ("openai-chat-text", "The capital of the UK is London.", False, (78, 9), {}),
        ("openai-chat-tools", None, False, (53, 15), {"get_capital": {"country": "UK"}}),
        (
            "openai-chat-parallel-tools",
            None,
            False,
            (149, 60),
            {
                "GetWeatherArgs": {"city": "Edinburgh", "country": "GB", "units": "c"},
                "get_stock_price": {"ticker": "AAPL", "exchange": "NASDAQ"},
            },
        ),
        ("openai-chat-refusal", "I'm sorry, I can't assist", False, (79, 11), {}),
        ("openai-responses-text", "The capital of France is Paris.", False, (278, 9), {}),
        ("openai-responses-tool", None, False, (255, 16), {"get_capital": {"country": "France"}}),
        ("openrouter-reasoning", "2 + 2 = 4", True, (43, 36), {}),
        ("openrouter-responses-reasoning", "4", True, (78, 37), {}),
        ("zai-thinking", "4", True, (13, 564), {}),
    ],
)
def test_what_a_recording_tells(
    name: str, text: str | None, thinks: bool, used: tuple[int, int], tools: dict[str, Any]
) -> None:
    """The text, the thinking, the calls of tools with their arguments, and the tokens are in the run."""
    taken(pnb.stream(recordings.begin(name)))
    run, stage = recordings.last(), top()
    result: str | None = run.result
    assert (result is None) if text is None else (result or "").startswith(text)
    assert ("thinking" in stage.outputs) == thinks
    assert (stage.data["input_tokens"], stage.data["output_tokens"]) == used
    assert calls() == tools
    assert stage.data["first_token"] >= 0
    assert run.state.overall_progress == 100


def test_the_answer_is_the_clients_own() -> None:
    """What the run has as its result is what the client of the provider makes of the same answer."""
    client = recordings.anthropic_client(recordings.body("anthropic-thinking"))
    with pnb.stream(client.messages.stream(model="m", max_tokens=9, messages=recordings.MESSAGES)) as answer:
        final = answer.get_final_text()
    assert recordings.last().result == final


def test_the_request_names_the_run() -> None:
    """The run bears the name of the model, and the first words of the question as its subject."""
    taken(pnb.stream(recordings.begin("openai-chat-text")))
    run = recordings.last()
    assert (run.operation, run.state.subject) == ("gpt-test", recordings.QUESTION)
    assert top().data["model"] == "gpt-4o-mini-2024-07-18"
    taken(pnb.stream(recordings.begin("google-text")))
    assert (recordings.last().operation, recordings.last().state.subject) == ("gemini-test", recordings.QUESTION)
    taken(pnb.stream(recordings.begin("openai-chat-text"), title="tides"))
    assert recordings.last().operation == "tides"


def test_structured_output_is_read_as_data() -> None:
    """An answer whose request asks for JSON is read as far as it goes, field by field."""
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    form = {"type": "json_schema", "json_schema": {"name": "place", "schema": schema}}
    taken(pnb.stream(recordings.chat(recordings.body("openai-chat-json"), response_format=form)))
    assert recordings.last().result == {"city": "San Francisco", "temperature": 61, "units": "f"}


def test_choices_are_parts_of_their_own() -> None:
    """Of several choices the first is the answer; each other one is a part of its own."""
    taken(pnb.stream(recordings.begin("openai-chat-choices")))
    outputs = top().outputs
    assert set(outputs) == {"output", "output 2", "output 3"}
    assert [buffer.text.count("San Francisco") for buffer in outputs.values()] == [1, 1, 1]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("anthropic-refusal", "refused"),
        ("openai-chat-refusal", "refused"),
        ("anthropic-cut-arguments", "cut at its limit of tokens"),
    ],
)
def test_an_answer_that_is_not_complete_says_so(name: str, message: str) -> None:
    """A refusal, and an answer that its limit cut, are told."""
    taken(pnb.stream(recordings.begin(name)))
    assert top().message == message


def test_arguments_that_were_cut_are_kept() -> None:
    """Arguments that are no JSON are there as the text that they are."""
    taken(pnb.stream(recordings.begin("anthropic-cut-arguments")))
    assert calls()["make_file"]["input"].startswith('{"filename": "taxes.txt", "lines_of_text"')


def test_an_error_in_mid_stream_is_told_and_raised() -> None:
    """The provider's error comes through as it is; the run failed with its text."""
    _, error = taken(pnb.stream(recordings.begin("openrouter-error")))
    run = recordings.last()
    assert run.status == "failed"
    assert run.exception is error
    assert "Token limit reached" in (run.state.error or "")
    assert top().outputs["thinking"].text.startswith("We need to respond")


@pytest.mark.parametrize("name", ["openai-chat-text", "openai-chat-tools"])
async def test_async_openai(name: str) -> None:
    """Async streams of OpenAI, awaited before or by the stand-in, give the same."""
    client = recordings.async_openai_client(recordings.body(name))
    bare = [chunk for chunk in recordings.begin(name)]  # noqa: C416 - as the others
    options: Any = {"model": "m", "messages": recordings.MESSAGES, "stream": True}
    awaited = [chunk async for chunk in pnb.stream(await client.chat.completions.create(**options))]
    through: Any = pnb.stream(client.chat.completions.create(**options))
    assert (
        awaited
        == bare
        == [chunk async for chunk in through]
        == [chunk async for chunk in await pnb.stream(client.chat.completions.create(**options))]
    )
    assert recordings.last().status == "finished"


async def test_async_anthropic() -> None:
    """The manager of an async stream keeps `text_stream` and the final message, and both are reported."""
    client = recordings.async_anthropic_client(recordings.body("anthropic-thinking"))
    manager = client.messages.stream(model="m", max_tokens=9, messages=recordings.MESSAGES)
    async with pnb.stream(manager) as answer:
        texts = [text async for text in answer.text_stream]
        final = await answer.get_final_message()
    assert "".join(texts) == recordings.last().result
    assert final.usage.output_tokens == top().data["output_tokens"] == 282


async def test_async_google() -> None:
    """Async streams of Google give the same."""
    client = recordings.google_client(recordings.body("google-text"))
    source: Any = client.aio.models.generate_content_stream(model="gemini-test", contents=recordings.QUESTION)
    chunks = [chunk async for chunk in pnb.stream(source)]
    assert "".join(chunk.text or "" for chunk in chunks) == recordings.last().result
    assert recordings.last().operation == "gemini-test"


def test_helpers_of_openai() -> None:
    """The events of OpenAI's stream helpers come through, and each text counts once."""
    client = recordings.openai_client(recordings.body("openai-chat-text"))
    with pnb.stream(client.chat.completions.stream(model="m", messages=recordings.MESSAGES)) as answer:
        kinds = {event.type for event in answer}
        final = answer.get_final_completion()
    assert {"chunk", "content.delta", "content.done"} <= kinds
    assert recordings.last().result == final.choices[0].message.content
    client = recordings.openai_client(recordings.body("openai-responses-text"))
    with pnb.stream(client.responses.stream(model="m", input="x")) as events:
        assert events.get_final_response().output_text == "The capital of France is Paris."
    assert recordings.last().result == "The capital of France is Paris."
