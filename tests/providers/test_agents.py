"""Agents of one's own over the wire: parallel tools, native output, plain text, models around models."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput, PromptedOutput
from pydantic_ai.models import infer_model
from pydantic_ai.models.fallback import FallbackModel

from progressnb import ProgressTracker, ReportProgress, Run, operation
from progressnb.wire.events import ContentEvent
from tests.providers.dialects import INPUT_TOKENS, Call, Chat, Dialect, Messages, Refusal, Text, Thinking
from tests.providers.server import Answer
from tests.providers.work import ended, failed_in

if TYPE_CHECKING:
    import pytest

    from tests.providers.server import WireServer


class Found(BaseModel):
    """An output."""

    text: str
    count: int


DATA = {"text": "nalezeno – 見つけた", "count": 2}


async def asked(model: Any, output_type: Any = str, **options: Any) -> Run[Any]:
    """Let one agent do the work of one stage."""
    agent = Agent(model, output_type=output_type, capabilities=[ReportProgress()], **options)

    @operation(stages=["work"])
    async def one_agent(tracker: ProgressTracker) -> Any:
        async with tracker.stage("work"), infer_model(model):
            return (await agent.run("go")).output

    return await ended(one_agent.using(show=False)())


async def with_model(dialect: Dialect, output_type: Any = str, **options: Any) -> Run[Any]:
    """Do the same with a model of this API."""
    return await asked(infer_model(dialect.model), output_type, **options)


async def test_parallel_tools(dialect: Dialect, server: WireServer) -> None:
    """Tools that a model calls side by side are stages in the order of the calls, whichever ends first."""
    second_is_done = asyncio.Event()

    async def search(query: str) -> str:
        if query == "first":
            await second_is_done.wait()
        else:
            second_is_done.set()
        return f"found {query}"

    calls = [Call({"query": "first"}, "search"), Call({"query": "druhý"}, "search")]
    server.script(
        Answer(dialect.stream(Thinking("Both."), Text("Let me look."), *calls)), Answer(dialect.stream(Call(DATA)))
    )
    run = await with_model(dialect, Found, tools=[search])
    assert run.result == Found.model_validate(DATA)
    (stage,) = run.state.stages
    assert stage.partial == DATA
    assert [(child.path, child.status) for child in stage.children] == [
        ("work/search", "finished"),
        ("work/search#2", "finished"),
    ]
    assert (stage.outputs["thinking"].text, stage.outputs["text"].text) == ("Both.", "Let me look.")
    assert "found first" in server.requests[1].text
    assert "found druhý" in server.requests[1].text
    assert stage.data["input_tokens"] == 2 * INPUT_TOKENS


async def test_refused_tool_call(dialect: Dialect, server: WireServer) -> None:
    """Of two calls the one whose arguments are no JSON never runs: its stage fails, and the model is asked again."""

    def search(query: str) -> str:
        return f"found {query}"

    bad, good = Call('{"query": ', "search"), Call({"query": "x"}, "search")
    server.script(*[Answer(dialect.stream(*parts)) for parts in ((bad, good), (good,), (Text("Done."),))])
    run = await with_model(dialect, tools=[search])
    assert run.result == "Done."
    children = [child.status for child in run.state.stages[0].children]
    assert sorted(children) == ["failed", "finished", "finished"]


async def test_native_output(dialect: Dialect, server: WireServer) -> None:
    """JSON that comes as text is data while it is written."""
    whole = dialect.stream(Text(Call(DATA).json))
    server.script(Answer(whole, piece=7))
    run = await with_model(dialect, NativeOutput(Found))
    assert dialect.is_native(server.requests[0])
    assert run.result == Found.model_validate(DATA)
    assert run.partial == DATA
    assert {event.kind for event in run.log if isinstance(event, ContentEvent)} == {"json"}


async def test_native_output_cut(dialect: Dialect, server: WireServer) -> None:
    """What had come of it before the connection broke off is kept as data."""
    server.script(Answer(dialect.begun(Text(Call(DATA).json), "nalezeno"), end="cut"))
    run = await with_model(dialect, NativeOutput(Found))
    assert "broke off" in failed_in(run, "work")
    assert run.partial["text"].startswith("nalezeno")


async def test_native_refusal(dialect: Dialect, server: WireServer) -> None:
    """A model that declines to fill the schema is heard."""
    server.script(Answer(dialect.stream(Refusal("No."))))
    run = await with_model(dialect, NativeOutput(Found))
    assert "declined to answer" in failed_in(run, "work")


async def test_prompted_output(dialect: Dialect, server: WireServer) -> None:
    """JSON between fences and prose is data, too."""
    server.script(Answer(dialect.stream(Text(f"Here it is:\n```json\n{Call(DATA).json}\n```"))))
    run = await with_model(dialect, PromptedOutput(Found))
    assert run.partial == DATA


async def test_plain_text(dialect: Dialect, server: WireServer) -> None:
    """Text is text, to the last character of several bytes."""
    text = "Příliš žluťoučký kůň 🐎 – 日本語。" * 3
    server.script(Answer(dialect.stream(Thinking("Hm."), Text(text)), piece=1))
    run = await with_model(dialect)
    assert run.result == run.partial == text
    assert run.state.stages[0].outputs["thinking"].text == "Hm."


async def test_nobody_listens(dialect: Dialect, server: WireServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that can't be reached is named."""
    with socket.socket() as taken:  # a port that is bound and does not listen
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv(dialect.variables[0], f"http://127.0.0.1:{taken.getsockname()[1]}")
        run = await with_model(dialect, model_settings={"max_retries": 0})
    assert failed_in(run, "work").startswith(f"{dialect.provider}:{dialect.model_name} could not be reached: ")
    assert server.requests == []


async def test_model_that_takes_over(server: WireServer) -> None:
    """Where the first of two models fails and the other provider's answers, its answer and name are shown."""
    chat, messages = Chat(), Messages()
    server.script(
        Answer(chat.error(500, "Oh."), 500, "application/json", {"x-should-retry": "false"}),
        Answer(messages.stream(Call(DATA))),
    )
    run = await asked(FallbackModel(chat.model, messages.model), Found)
    assert run.partial == DATA
    assert run.state.stages[0].data["model"].startswith(messages.model_name)


async def test_models_that_both_fail(server: WireServer) -> None:
    """Where both fail, both are told."""
    chat, messages = Chat(), Messages()
    never = {"x-should-retry": "false"}
    server.script(
        Answer(chat.error(500, "Oh."), 500, "application/json", never),
        Answer(messages.error(529, "Busy."), 529, "application/json", never),
    )
    run = await asked(FallbackModel(chat.model, messages.model), Found)
    assert failed_in(run, "work") == (
        "openai:gpt-4.1-mini answered 500 Internal Server Error: Oh.; "
        "anthropic:claude-sonnet-4-6 answered 529 Overloaded: Busy."
    )
