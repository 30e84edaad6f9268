"""What is said of a model's error: one line, who and what, no dumps and no keys; nothing of others' errors."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic_ai import Agent
from pydantic_ai.exceptions import (
    ContentFilterError,
    FallbackExceptionGroup,
    ModelAPIError,
    ModelConnectionError,
    ModelHTTPError,
    ModelRequestTimeout,
    ModelRetry,
    ModelTimeoutError,
    UnexpectedModelBehavior,
)
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.wrapper import WrapperModel

from progressnb import ProgressTracker, ReportProgress, operation
from progressnb.agents.errors import model_error_text
from progressnb.events import ErrorEvent
from progressnb.testing import scripted_model
from progressnb.tracking.failures import error_text, word_error

MODEL = scripted_model()
NAME = "function:scripted"


def http(status: int, body: Any, **options: Any) -> ModelHTTPError:
    """Return an error with a status."""
    return ModelHTTPError(status, "scripted", body, **options)


def refused(message: str) -> UnexpectedModelBehavior:
    """Return an error of a model whose last try a tool or a function refused."""
    error = UnexpectedModelBehavior(message)
    error.__cause__ = ModelRetry("Bad\npattern.")
    return error


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (http(500, None), "answered 500 Internal Server Error."),
        (http(500, {"error": {"message": "Oh\n no"}}), "answered 500 Internal Server Error: Oh no."),
        (http(500, {"error": "Oh no!"}), "answered 500 Internal Server Error: Oh no!"),
        (http(500, {"message": "Oh no"}), "answered 500 Internal Server Error: Oh no."),
        (http(500, '{"error": {"message": "Oh no"}}'), "answered 500 Internal Server Error: Oh no."),
        (http(500, "upstream\tdied"), "answered 500 Internal Server Error: upstream died."),
        (http(500, {"error": {"message": 3}}), "answered 500 Internal Server Error."),
        (http(500, [1, 2]), "answered 500 Internal Server Error."),
        (http(500, {}), "answered 500 Internal Server Error."),
        (http(502, "<html><title>502 Bad Gateway</title>"), "answered 502 Bad Gateway."),
        (http(502, "\n<!doctype HTML><body>no title"), "answered 502 Bad Gateway."),
        (http(529, {"message": "overloaded"}), "answered 529 Overloaded."),
        (http(599, {"message": "x"}), "answered 599: x."),
        (http(429, {"message": "Wait"}, retry_after=20), "answered 429 Too Many Requests: Wait. It asks to wait 20 s."),
        (http(500, {"message": "Wait"}, retry_after=20), "answered 500 Internal Server Error: Wait."),
        (http(404, None, suggested_model_id="openai:gpt-5"), "answered 404 Not Found. Did you mean 'openai:gpt-5'?"),
        (http(503, {"message": "Oh"}, in_stream=True), "broke off with 503 Service Unavailable: Oh."),
        (ModelConnectionError("scripted", "Refused.", phase="connect"), "could not be reached: Refused."),
        (ModelConnectionError("scripted", "gone", phase="read"), "broke off: gone."),
        (ModelTimeoutError("scripted", "x"), "gave no answer in time."),
        (ModelRequestTimeout("scripted", 3.5), "gave no answer within 3.5 s."),
        (ModelAPIError("scripted", "Oh\r\nno"), "failed: Oh no."),
        (ContentFilterError("No way", body='[{"parts": []}]'), "declined to answer: No way."),
        (UnexpectedModelBehavior("Hm", body="x" * 9999), "gave no usable answer: Hm."),
        (refused("Tool 'grep' exceeded"), "made no usable call: Tool 'grep' exceeded. The last: Bad pattern."),
        (refused("Exceeded"), "gave no usable answer: Exceeded. The last: Bad pattern."),
    ],
    ids=str,
)  # fmt: skip
def test_text(error: Exception, text: str) -> None:
    """Each kind of error says who and what."""
    assert model_error_text(error, MODEL) == f"{NAME} {text}"
    assert model_error_text(error, WrapperModel(MODEL)) == f"{NAME} {text}"


def test_long_and_hostile() -> None:
    """What a provider says is cut at 300 characters and has no control characters."""
    said = model_error_text(http(500, {"message": "\x1b[31m<b>\u2028" + "long " * 9999}), MODEL)
    assert said is not None
    assert said.isprintable()
    assert len(said) < 400


@pytest.mark.parametrize(
    "key",
    ["sk-proj-abc_DEF0123456789", "sk-ant-api03-abcdef0123", "sk-abc***********wxyz", "AIzaSyA0123456789abcdefgh"],
)
def test_keys(key: str) -> None:
    """Keys in the forms of the known providers are taken out, whatever else is said."""
    text = model_error_text(http(401, {"message": f"Bad key: {key}. Authorization: Bearer {key}."}), MODEL)
    assert text is not None
    assert "Bad key: …" in text
    assert key[:8] not in text


def test_root_of_a_connection_error() -> None:
    """SDKs say that the connection failed; what is told is why."""
    error = ModelConnectionError("scripted", "Connection error.", phase="read")
    error.__cause__ = RuntimeError("")
    error.__cause__.__cause__ = OSError("reset by peer")
    assert model_error_text(error, MODEL) == f"{NAME} broke off: reset by peer."
    error.__cause__.__cause__.__cause__ = error  # no endless round
    assert model_error_text(error, MODEL)


def test_several_models() -> None:
    """Of several that all failed, each is told."""
    group = FallbackExceptionGroup("all failed", [http(500, None), ModelAPIError("other", "no"), OSError("x")])
    text = model_error_text(group, FallbackModel(MODEL, MODEL))
    assert text == f"{NAME} answered 500 Internal Server Error.; other failed: no."


def test_a_name_that_has_its_provider_is_not_given_it_again() -> None:
    """pydantic-ai names a model of a function "function::reply" itself, and other models without their provider."""

    async def reply(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        yield "The moon."

    text = model_error_text(UnexpectedModelBehavior("No."), FunctionModel(stream_function=reply))
    assert text is not None
    assert text.startswith("function::reply ")


@pytest.mark.parametrize("error", [OSError("no network"), ValueError("mine"), ExceptionGroup("g", [OSError("x")])])
def test_other_errors(error: Exception) -> None:
    """Errors that are not the model's keep their own text."""
    with pytest.raises(type(error)) as caught:
        raise error
    assert model_error_text(caught.value, MODEL) is None


def test_words_of_an_error() -> None:
    """The first to word an error is heard; an error that takes no attribute keeps its text."""
    error = OSError("dump")
    word_error(error, "in short")
    word_error(error, "otherwise")
    assert error_text(error) == "in short"
    assert str(error) == "dump"

    class Stiff(Exception):  # noqa: N818 - stiff it is
        def __setattr__(self, name: str, value: object) -> None:
            raise AttributeError(name)

    stiff = Stiff("own")
    word_error(stiff, "in short")
    assert error_text(stiff) == "own"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (http(429, {"message": "Wait"}), 429),
        (FallbackExceptionGroup("all", [http(500, "x"), http(503, "y"), ModelAPIError("scripted", "z")]), 503),
        (FallbackExceptionGroup("all", [ModelAPIError("scripted", "z")]), None),
        (ModelAPIError("scripted", "z"), None),
    ],
    ids=["one", "the last of several", "several without", "one without"],
)
async def test_status_code_is_data(error: Exception, code: int | None) -> None:
    """Error events carry the HTTP status of a model's error as `data.status_code`; of a group the last one."""

    @operation(stages=["a"])
    async def ask(tracker: ProgressTracker) -> None:
        async with tracker.stage("a"):
            await Agent(scripted_model(error), capabilities=[ReportProgress()]).run("?")

    run = ask.using(show=False)()
    with pytest.raises(type(error)):
        await run
    errors = [event for event in run.log if isinstance(event, ErrorEvent)]
    assert [event.data.get("status_code") for event in errors] == [code] * 2
