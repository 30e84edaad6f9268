"""The offline model: rules that stream as a model streams, with no key and no network."""

import asyncio
import json
import threading
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field
from pydantic_ai import Agent, NativeOutput, PromptedOutput
from pydantic_ai.exceptions import UnexpectedModelBehavior
from pydantic_ai.messages import (
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
)

from progressnb.agents.offline import OFFLINE_NAME, OfflineModel, _tokens
from progressnb.errors import ModelError


class Answer(BaseModel):
    """An output with a name of its own on the wire."""

    text: str
    count: int | None = None
    kinds: list[str] = Field(default=[], alias="allKinds")


ANSWER = Answer(text='He said "hi" \\ – ü 🎈\n', allKinds=["a", "b"])
WIRE = {"text": ANSWER.text, "allKinds": ["a", "b"]}


async def streamed(agent: Agent[None, Any]) -> tuple[list[str], Any]:
    """Return the tokens that come and the output."""
    tokens: list[str] = []

    async def on_stream(_ctx: object, events: Any) -> None:
        async for event in events:
            if isinstance(event, PartStartEvent):
                part = event.part
                tokens.append(str(part.args) if isinstance(part, ToolCallPart) else getattr(part, "content", ""))
            elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                tokens.append(event.delta.content_delta)
            elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, ToolCallPartDelta):
                tokens.append(str(event.delta.args_delta))

    result = await agent.run("go", event_stream_handler=on_stream)
    return tokens, result.output


@pytest.mark.parametrize("output_type", [Answer, NativeOutput(Answer), PromptedOutput(Answer)], ids=["tool", "n", "p"])
async def test_streams_the_answer(output_type: Any) -> None:
    """It streams exactly the answer's JSON, in small tokens, under the names of the schema and without nulls."""
    agent = Agent(OfflineModel(lambda: ANSWER, pace=0), output_type=output_type)
    tokens, output = await streamed(agent)
    assert output == ANSWER
    assert json.loads("".join(tokens)) == WIRE
    assert len(tokens) > 10
    assert max(map(len, tokens)) <= 12


async def test_whole_and_streamed_are_the_same() -> None:
    """Asked in one piece it answers what it streams."""
    for answer, output_type in ((ANSWER, Answer), (ANSWER, NativeOutput(Answer)), ("A text.", str)):
        model = OfflineModel(lambda answer=answer: answer, pace=0)  # type: ignore[misc]
        agent: Agent[None, Any] = Agent(model, output_type=output_type)
        tokens, output = await streamed(agent)
        result = await agent.run("go")
        assert result.output == output == answer
        (part,) = result.response.parts
        text = part.content if isinstance(part, TextPart) else part.args if isinstance(part, ToolCallPart) else None
        assert "".join(tokens) == text


@given(st.text())
@example("")
@example(" ")
@example("\n\n\u00a0_-…" * 50)
@example("a" * 10_000)
def test_tokens(text: str) -> None:
    """Tokens put together are the text, whatever it is."""
    tokens = list(_tokens(text))
    assert "".join(tokens) == text
    assert all(tokens)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
@hypothesis_settings(max_examples=25)
def test_any_answer_arrives(text: str, kinds: list[str]) -> None:
    """Whatever rules answer arrives as it is: quotes, fences, markup, control characters."""
    answer = Answer(text=text, allKinds=kinds)
    agent = Agent(OfflineModel(lambda: answer, pace=0), output_type=Answer)
    assert asyncio.run(streamed(agent))[1] == answer


async def test_rules_run_beside_the_loop() -> None:
    """Rules are computed in a thread when the model is asked, so that the loop goes on."""
    threads: list[int] = []

    def answer() -> str:
        threads.append(threading.get_ident())
        return "A text."

    agent = Agent(OfflineModel(answer, pace=0))
    assert threads == []
    assert (await agent.run("go")).output == "A text."
    assert threads
    assert threads[0] != threading.get_ident()


async def test_without_an_answer() -> None:
    """Where no rules are given it says that it is no language model and what to pass; streamed and not."""
    agent = Agent(OfflineModel())
    for ask in (agent.run("go"), streamed(agent)):
        with pytest.raises(
            ModelError, match=r"expected a language model for this agent, got the offline model"
        ) as caught:
            await ask
        assert "Pass a model such as" in str(caught.value)
        assert "\n" not in str(caught.value)


async def test_rules_that_raise() -> None:
    """What the rules raise comes out as it is."""

    def broken() -> str:
        raise ZeroDivisionError("in the rules")

    agent = Agent(OfflineModel(broken, pace=0))
    with pytest.raises(ZeroDivisionError, match="in the rules"):
        await streamed(agent)


async def test_rules_that_exhaust_an_iterator() -> None:
    """Rules that raise a `StopIteration`, which no future takes, fail with a `RuntimeError` and don't hang."""
    agent = Agent(OfflineModel(lambda: next(iter(())), pace=0))
    with pytest.raises(RuntimeError, match="raised StopIteration"):
        await asyncio.wait_for(streamed(agent), 30)


async def test_empty_answer() -> None:
    """Rules that find nothing to say stream an empty text, which pydantic-ai refuses as it refuses any model's."""
    with pytest.raises(UnexpectedModelBehavior, match="retries"):
        await streamed(Agent(OfflineModel(lambda: "", pace=0)))


def test_names_itself() -> None:
    """Its name, which panels and results show, says that no language model is at work."""
    model = OfflineModel(lambda: "x", pace=0.5)
    assert model.model_name == OFFLINE_NAME == "offline rules, no LLM"
    other = model.answering(lambda: "y")
    assert (other.model_name, other.pace) == (OFFLINE_NAME, 0.5)
    assert model is not other


async def test_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pace is the time from one token to the next; 0 only gives the loop its turn."""
    naps: list[float] = []
    real = asyncio.sleep

    async def nap(delay: float, result: Any = None) -> Any:
        naps.append(delay)
        return await real(0, result)

    monkeypatch.setattr("progressnb.agents.offline.asyncio.sleep", nap)
    for pace in (0.25, 0):
        naps.clear()
        tokens, _ = await streamed(Agent(OfflineModel(lambda: "one two three", pace=pace)))
        assert naps.count(pace) == len([token for token in tokens if token])
    naps.clear()
    tokens, _ = await streamed(Agent(OfflineModel(lambda: "one two three four five six seven", pace=0.01)))
    assert [token for token in tokens if token] == [
        "one two three four five",
        " six seven",
    ]
    assert [nap for nap in naps if nap] == pytest.approx([0.05, 0.02])
