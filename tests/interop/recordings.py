"""Recorded streams, sent through the real client of each provider."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anthropic
import httpx
import httpx2
import openai
from google import genai
from google.genai import types

import progressnb as pnb

RECORDED = Path(__file__).parents[1] / "data" / "streams"
QUESTION = "Why are there tides?"
MESSAGES: Any = [{"role": "user", "content": QUESTION}]
HEADERS = {"content-type": "text/event-stream"}


def body(name: str) -> bytes:
    """Return the body of a recorded response."""
    return (RECORDED / f"{name}.sse").read_bytes()


def names(prefix: str = "") -> list[str]:
    """Return the names of the recordings that begin so."""
    return sorted(path.stem for path in RECORDED.glob(f"{prefix}*.sse"))


def _answer(content: bytes) -> httpx2.MockTransport:
    return httpx2.MockTransport(lambda _: httpx2.Response(200, content=content, headers=HEADERS))


def openai_client(content: bytes) -> openai.OpenAI:
    """Return a client of OpenAI that gets this answer."""
    return openai.OpenAI(
        api_key="none", base_url="http://test/v1", http_client=httpx2.Client(transport=_answer(content)), max_retries=0
    )


def async_openai_client(content: bytes) -> openai.AsyncOpenAI:
    """Return an async client of OpenAI that gets this answer."""
    return openai.AsyncOpenAI(
        api_key="none",
        base_url="http://test/v1",
        http_client=httpx2.AsyncClient(transport=_answer(content)),
        max_retries=0,
    )


def anthropic_client(content: bytes) -> anthropic.Anthropic:
    """Return a client of Anthropic that gets this answer."""
    return anthropic.Anthropic(
        api_key="none", base_url="http://test", http_client=httpx2.Client(transport=_answer(content)), max_retries=0
    )


def async_anthropic_client(content: bytes) -> anthropic.AsyncAnthropic:
    """Return an async client of Anthropic that gets this answer."""
    return anthropic.AsyncAnthropic(
        api_key="none",
        base_url="http://test",
        http_client=httpx2.AsyncClient(transport=_answer(content)),
        max_retries=0,
    )


def google_client(content: bytes) -> genai.Client:
    """Return a client of Google that gets this answer, sync and async."""
    answer = httpx.MockTransport(lambda _: httpx.Response(200, content=content, headers=HEADERS))
    options = types.HttpOptions(
        httpx_client=httpx.Client(transport=answer), httpx_async_client=httpx.AsyncClient(transport=answer)
    )
    return genai.Client(api_key="none", vertexai=False, http_options=options)


def chat(content: bytes, **options: Any) -> Any:
    """Begin a stream of chat completions."""
    return openai_client(content).chat.completions.create(model="gpt-test", messages=MESSAGES, stream=True, **options)


def responses(content: bytes, **options: Any) -> Any:
    """Begin a stream of the Responses API."""
    return openai_client(content).responses.create(model="gpt-test", input=QUESTION, stream=True, **options)


def messages(content: bytes, **options: Any) -> Any:
    """Begin a stream of Anthropic's messages."""
    return anthropic_client(content).messages.create(
        model="claude-test", messages=MESSAGES, max_tokens=1000, stream=True, **options
    )


def gemini(content: bytes) -> Any:
    """Begin a stream of Google's models."""
    return google_client(content).models.generate_content_stream(model="gemini-test", contents=QUESTION)


def begin(name: str, content: bytes | None = None) -> Any:
    """Begin the stream of a recording through the client that it is for."""
    content = body(name) if content is None else content
    if name.startswith("anthropic"):
        return messages(content)
    if name.startswith("google"):
        return gemini(content)
    return responses(content) if "responses" in name else chat(content)


def last() -> Any:
    """Return the last run."""
    return pnb.last_run
