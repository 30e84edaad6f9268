"""The scripted model of `progressnb.testing`, with which users test their own agents."""

from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.messages import PartDeltaEvent, TextPartDelta, ToolCallPartDelta

from progressnb.errors import InvalidProgressError
from progressnb.testing import ToolCall, scripted_model, tool_call


class Answer(BaseModel):
    """An output."""

    text: str


async def chunks(agent: Agent[None, Any]) -> list[str]:
    """Return what the agent's model streams, as it is cut."""
    found: list[str] = []

    async def on_stream(_ctx: object, events: Any) -> None:
        async for event in events:
            if isinstance(event, PartDeltaEvent):
                if isinstance(event.delta, TextPartDelta):
                    found.append(event.delta.content_delta)
                elif isinstance(event.delta, ToolCallPartDelta):
                    found.append(str(event.delta.args_delta))

    await agent.run("go", event_stream_handler=on_stream)
    return found


async def test_answers_in_turn() -> None:
    """It gives one answer a request: tools first, then the output; the same streamed and not."""
    asked: list[str] = []

    async def search(name: str) -> str:
        asked.append(name)
        return name

    script = tool_call("search", name="tides"), [tool_call("search", name="a"), ToolCall("search", {"name": "b"})]
    for streamed in (True, False):
        agent = Agent(scripted_model(*script, {"text": "42"}), output_type=Answer, tools=[search])
        if streamed:
            async with agent.run_stream("go") as stream:
                assert await stream.get_output() == Answer(text="42")
        else:
            assert (await agent.run("go")).output == Answer(text="42")
    assert asked == ["tides", "a", "b"] * 2


@pytest.mark.parametrize("chunk", [1, 3, 12, 1000])
async def test_chunks(chunk: int) -> None:
    """It streams in chunks of as many characters as asked for."""
    text = "The tides rise twice a day."
    found = await chunks(Agent(scripted_model(text, chunk=chunk)))
    assert "".join(found) == text[chunk:]  # the first chunk begins the part
    assert all(len(part) == chunk for part in found[:-1])
    arguments = '{"text":"The tides rise"}'
    found = await chunks(Agent(scripted_model(Answer(text="The tides rise"), chunk=chunk), output_type=Answer))
    assert "".join(found) == arguments
    assert [len(part) for part in found[:-1]] == [chunk] * ((len(arguments) - 1) // chunk)


@pytest.mark.parametrize("answer", [{"text": "hi"}, Answer(text="hi"), tool_call("final_result", text="hi")], ids=str)
async def test_structured(answer: object) -> None:
    """A dict, a model or a call of the output tool are the structured output, natively as JSON text."""
    assert (await Agent(scripted_model(answer), output_type=Answer).run("go")).output == Answer(text="hi")
    if not isinstance(answer, ToolCall):
        native = Agent(scripted_model(answer), output_type=NativeOutput(Answer))
        assert (await native.run("go")).output == Answer(text="hi")


async def test_empty_text() -> None:
    """An empty answer is an answer, although a stream of nothing would be an error."""
    assert await chunks(Agent(scripted_model("", "then this", chunk=4))) == [" thi", "s"]


async def test_exception() -> None:
    """An exception is raised where the answer would begin; the next request goes on with the script."""
    agent = Agent(scripted_model(OSError("no network"), "back", OSError("gone"), "again"))
    with pytest.raises(OSError, match="no network"):
        await chunks(agent)
    assert await chunks(agent) == []  # all in the part's first chunk
    with pytest.raises(OSError, match="gone"):
        await agent.run("go")
    assert (await agent.run("go")).output == "again"


async def test_end_of_the_script() -> None:
    """A model that is asked once more than it has answers says so."""
    agent = Agent(scripted_model("one"))
    await agent.run("go")
    with pytest.raises(AssertionError, match="has 1 answers, and the model was asked once more"):
        await agent.run("go")


@pytest.mark.parametrize("answer", [None, 3, [1, 2], [], ["a"], b"x", object], ids=repr)
def test_what_is_no_answer(answer: object) -> None:
    """What is no answer is refused when the script is written, not when the model is asked."""
    with pytest.raises(InvalidProgressError, match="expected answers as text"):
        scripted_model("fine", answer)


@pytest.mark.parametrize("chunk", [0, -1])
def test_no_chunks(chunk: int) -> None:
    """Chunks have at least one character."""
    with pytest.raises(InvalidProgressError, match="1 character or more"):
        scripted_model("a", chunk=chunk)


def test_tool_call_takes_any_argument() -> None:
    """A tool's argument may be called `name`, too."""
    assert tool_call("look", name="x", arguments=1) == ToolCall("look", {"name": "x", "arguments": 1})
