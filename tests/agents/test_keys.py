"""Keys of a model's client are in no error that is raised, and so in no saved notebook."""

import importlib
import json
import traceback
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient
from openai import AsyncOpenAI
from pydantic import BaseModel, ValidationError
from pydantic_ai import Agent
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider

import progressnb as pnb
from progressnb.agents.keys import hide_keys, keys_of
from progressnb.tracking.failures import error_text

KEY = "of-no-known-form/KEY+9876"
Answer = Callable[[httpx.Request], httpx.Response]


def echo(request: httpx.Request) -> str:
    """Return what a careless endpoint says: the header or the query in which the key came."""
    given = request.headers.get("authorization") or request.headers.get("x-api-key") or ""
    return f"Incorrect API key provided: {given} at {request.url}"


ANSWERS: dict[str, Answer] = {
    "json": lambda request: httpx.Response(
        401, json={"error": {"message": echo(request), "seen": [{"k": echo(request)}]}}
    ),
    "text": lambda request: httpx.Response(400, text=echo(request)),
    "page": lambda request: httpx.Response(502, html=f"<html><title>{echo(request)}</title>{echo(request)}</html>"),
    "nonsense": lambda request: httpx.Response(200, json={"choices": echo(request), "content": echo(request)}),
    "no json": lambda request: httpx.Response(200, text=echo(request)),
}


def client(answer: Answer) -> Any:
    """Return an HTTP client of the package that the installed SDKs use."""
    package = importlib.import_module(DefaultAsyncHttpxClient.__mro__[-2].__module__.partition(".")[0])

    def respond(request: Any) -> Any:
        given = answer(request)
        return package.Response(given.status_code, headers=given.headers, content=given.content)

    return package.AsyncClient(transport=package.MockTransport(respond))


def openai_client(answer: Answer) -> AsyncOpenAI:
    """Return the client of openai."""
    return AsyncOpenAI(api_key=KEY, base_url="http://test/v1", http_client=client(answer), max_retries=0)


def chat(answer: Answer) -> Model:
    """Return a model of the chat API."""
    return OpenAIChatModel("gpt-5", provider=OpenAIProvider(openai_client=openai_client(answer)))


MODELS: dict[str, Callable[[Answer], Model]] = {
    "chat": chat,
    "responses": lambda answer: OpenAIResponsesModel(
        "gpt-5", provider=OpenAIProvider(openai_client=openai_client(answer))
    ),
    "anthropic": lambda answer: AnthropicModel(
        "claude-sonnet-4-6",
        provider=AnthropicProvider(
            anthropic_client=AsyncAnthropic(
                api_key=KEY, base_url="http://test", http_client=client(answer), max_retries=0
            )
        ),
    ),
    "wrapped": lambda answer: WrapperModel(chat(answer)),
    "fallback": lambda answer: FallbackModel(chat(answer), WrapperModel(chat(answer))),
}


def everything(error: BaseException) -> str:
    """Return all that a notebook would save of an error."""
    shown = "".join(traceback.format_exception(error))
    return shown + repr(vars(error)) + repr(error.args) + json.dumps(getattr(error, "body", None), default=repr)


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("kind", MODELS)
async def test_a_key_that_an_endpoint_repeats(kind: str, answer: str) -> None:
    """Whatever an endpoint answers with the key in it: no error, cause or event of the run has it."""
    model = MODELS[kind](ANSWERS[answer])
    agent = Agent(model, capabilities=[pnb.ReportProgress(show=False)])
    with pytest.raises(Exception, match=r".*") as caught:
        await agent.run("tides")
    assert KEY not in everything(caught.value)
    assert pnb.last_run is not None
    assert KEY.encode() not in b"".join(pnb.last_run.log.encoded())


@pytest.mark.parametrize("answer", ANSWERS)
async def test_in_an_operation(answer: str) -> None:
    """The same holds for a question of a stage, with the traceback through the operation."""

    @pnb.operation
    async def work(tracker: pnb.ProgressTracker) -> str:
        return await tracker.stage("ask").ask(str, "tides", model=chat(ANSWERS[answer]))

    with pytest.raises(Exception, match=r".*") as caught:
        await work.using(show=False)()
    assert KEY not in everything(caught.value)


def test_what_a_client_was_given() -> None:
    """Keys are found in clients, headers, addresses and wrappers, also as they stand in an address."""
    given = AsyncOpenAI(
        api_key=KEY,
        default_headers={
            "X-Api-Key": "in-a-header-1",
            "Authorization": "Bearer in-a-header-2",
            "X-Trace": "a-trace-9",
        },
        base_url="https://user:in-an-address@test/v1?key=in-a-query-3",
    )
    model = WrapperModel(OpenAIChatModel("gpt-5", provider=OpenAIProvider(openai_client=given)))
    wanted = {KEY, "of-no-known-form%2FKEY%2B9876", "in-a-header-1", "in-a-header-2", "in-an-address", "in-a-query-3"}
    assert keys_of(model) == wanted
    assert keys_of(object()) == frozenset()


class _Form(BaseModel):
    number: int


def test_every_part_of_an_error() -> None:
    """Arguments, attributes, notes, causes, groups and errors that refuse a change lose the key."""
    model = chat(ANSWERS["text"])
    error = ModelHTTPError(401, "gpt-5", {"deep": [{"key": KEY}], KEY: KEY.encode()})
    error.add_note(f"sent {KEY}")
    inner = OSError(2, f"no {KEY}", f"/{KEY}")
    group = ExceptionGroup("several", [error, inner])
    try:
        _Form.model_validate({"number": KEY})
    except ValidationError as refused:
        inner.__cause__ = refused
    group.__context__ = KeyError(KEY)
    error.__cause__ = group  # a circle
    hide_keys(group, model)
    assert KEY not in everything(group)
    assert KEY not in everything(error)
    assert KEY not in str(inner)
    assert "int_parsing" in "".join(traceback.format_exception(group))


@pytest.mark.parametrize("key", ["sk-proj-abc_DEF0123456789", "ghp_abcdefghij0123456789", "AKIAABCDEFGHIJKLMNOP"])
def test_known_forms_in_any_error(key: str) -> None:
    """Of an error whose client nobody knows, keys of well-known forms are in no text of an event."""
    assert (
        error_text(RuntimeError(f"refused {key}, Authorization: Bearer {key}")) == "refused …, Authorization: Bearer …"
    )
