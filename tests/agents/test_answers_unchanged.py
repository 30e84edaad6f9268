"""A watched agent gives the answer that it gives without us: a stream that only we want changes nothing."""

import warnings
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from pydantic_ai import Agent
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models import Model, StreamedResponse
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel as EchoModel
from pydantic_ai.models.wrapper import WrapperModel

import progressnb as pnb
from progressnb.agents import can_stream
from progressnb.testing import scripted_model
from progressnb.tracking import internals

VERIFY = {"error": {"message": "Your organization must be verified to stream this model.", "code": "unsupported_value"}}


@pytest.fixture(params=["watch", "ReportProgress"])
def capabilities(request: pytest.FixtureRequest) -> Iterator[list[Any]]:
    """Watch agents in both ways; return what an agent needs for it."""
    pnb.configure(show=False)
    if request.param == "ReportProgress":
        yield [pnb.ReportProgress()]
    else:
        with pnb.watch():
            yield []


class Redacting(WrapperModel):
    """A model that changes what comes back, by `request` alone."""

    async def request(self, *args: Any, **options: Any) -> ModelResponse:
        """Return the answer with a part taken out."""
        response = await super().request(*args, **options)
        return ModelResponse(parts=[TextPart("redacted")], usage=response.usage)


class Echo(EchoModel):
    """A model of a test that overrides `request` alone."""

    async def request(self, *_args: Any, **_options: Any) -> ModelResponse:
        """Return the own answer."""
        return ModelResponse(parts=[TextPart("redacted")])


class Both(Redacting):
    """A class below that has both in one place again."""

    request = WrapperModel.request
    request_stream = WrapperModel.request_stream


@pytest.mark.parametrize(
    "model",
    [
        lambda: Redacting(scripted_model("secret")),
        Echo,
        lambda: WrapperModel(Redacting(scripted_model("secret"))),
        lambda: FallbackModel(Redacting(scripted_model("secret")), scripted_model("second")),
        lambda: Redacting(FallbackModel(scripted_model("secret"), scripted_model("second"))),
    ],
    ids=["wrapper", "test model", "wrapped", "first of two", "around two"],
)
async def test_a_request_of_the_user_is_called(model: Any, capabilities: list[Any]) -> None:
    """A class that defines `request` nearer than `request_stream` is asked by `request`."""
    made = model()
    assert not can_stream(made)
    assert (await Agent(made, capabilities=capabilities).run("go")).output == "redacted"
    assert pnb.last_run is not None
    assert pnb.last_run.partial == "redacted"


def test_who_can_stream() -> None:
    """A class that defines both, or the stream nearer, is streamed; a method that was set on the object counts."""
    assert can_stream(Both(scripted_model("x")))
    model = EchoModel()
    assert can_stream(model)
    model.request = Echo().request  # type: ignore[method-assign]
    assert not can_stream(model)


def good(response: ModelResponse) -> bool:
    """Refuse every answer but a good one."""
    return "good" not in str(response.parts)


@pytest.mark.parametrize("wrap", [lambda model: model, WrapperModel], ids=["itself", "wrapped"])
async def test_a_fallback_after_a_response(wrap: Any, capabilities: list[Any]) -> None:
    """A `FallbackModel` whose handler judges responses does so, and pydantic-ai warns of nothing."""
    model = wrap(FallbackModel(scripted_model("bad"), scripted_model("good"), fallback_on=good))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        assert (await Agent(model, capabilities=capabilities).run("go")).output == "good"


async def test_a_fallback_in_mid_stream() -> None:
    """Watched, a model of a chain that breaks in the middle is followed by the next one, as in a plain request."""

    async def breaks(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        yield "half"
        raise ModelHTTPError(500, "first")

    async def fails(_messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        raise ModelHTTPError(500, "first")

    model = FallbackModel(FunctionModel(fails, stream_function=breaks), scripted_model("good"))
    with pnb.watch(show=False):
        assert (await Agent(model).run("go")).output == "good"


async def test_an_answer_that_is_not_streamed_says_so(capabilities: list[Any]) -> None:
    """While a model is asked plainly, since a fallback must stay possible, the stage says what to expect."""
    seen: list[Any] = []

    async def answer(_messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        stage = pnb.current_stage()
        assert stage is not None
        seen.append(internals(stage).message)
        return ModelResponse(parts=[TextPart("good")])

    model = FallbackModel(FunctionModel(answer), scripted_model("x"), fallback_on=good)
    assert (await Agent(model, capabilities=capabilities).run("go")).output == "good"
    assert pnb.last_run is not None
    assert seen == ["its answer may come as a whole"]
    assert [stage.message or None for _, stage in pnb.last_run.state.walk()] == [None]


class Unverified(WrapperModel):
    """A model whose server answers and refuses to stream."""

    def __init__(self, error: Exception) -> None:
        super().__init__(scripted_model("plain", "plain", "plain"))
        self.error = error
        self.asked: list[str] = []

    async def request(self, *args: Any, **options: Any) -> ModelResponse:
        """Answer."""
        self.asked.append("plain")
        return await super().request(*args, **options)

    @asynccontextmanager
    async def request_stream(self, *_args: Any, **_options: Any) -> AsyncGenerator[StreamedResponse]:
        """Refuse."""
        self.asked.append("stream")
        if self.asked:
            raise self.error
        yield cast("StreamedResponse", None)


REFUSALS = [ModelHTTPError(400, "gpt-x", VERIFY), NotImplementedError()]


@pytest.mark.parametrize("error", REFUSALS, ids=["verify", "not implemented"])
async def test_a_refused_stream(error: Exception, capabilities: list[Any]) -> None:
    """A refusal is followed by one plain request, and remembered for the model; the output is reported."""
    model = Unverified(error)
    agent = Agent(model, capabilities=capabilities)
    assert [(await agent.run("go")).output for _ in range(2)] == ["plain", "plain"]
    assert model.asked == ["stream", "plain", "plain"]
    assert pnb.last_run is not None
    assert (pnb.last_run.status, pnb.last_run.partial) == ("finished", "plain")


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_other_errors_of_the_server(status: int, capabilities: list[Any]) -> None:
    """An error that a plain request would meet too is raised, and nothing is asked twice."""
    model = Unverified(ModelHTTPError(status, "gpt-x", "no"))
    with pytest.raises(ModelHTTPError):
        await Agent(model, capabilities=capabilities).run("go")
    assert model.asked == ["stream"]


async def test_a_stream_that_the_user_wants(capabilities: list[Any]) -> None:
    """Where the user streams, a refusal is the user's to see."""

    async def read(_ctx: Any, events: Any) -> None:
        async for _ in events:
            pass

    for attempt in range(3):
        model = Unverified(REFUSALS[0])
        agent = Agent(model, capabilities=capabilities)
        with pytest.raises(ModelHTTPError):  # noqa: PT012 - three ways to stream
            if attempt == 0:
                await agent.run("go", event_stream_handler=read)
            elif attempt == 1:
                async with agent.run_stream("go"):
                    pass
            else:
                async with agent.run_stream_events("go") as events:
                    async for _ in events:
                        pass
        assert model.asked == ["stream"]


async def test_the_user_s_own_stream_is_still_reported(capabilities: list[Any]) -> None:
    """A model that we would not stream is read live where the user streams it."""
    model: Model = FallbackModel(scripted_model("one two", chunk=1), scripted_model("x"), fallback_on=[OSError, good])
    seen: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        async with Agent(model, capabilities=capabilities).run_stream("go") as stream:
            async for _ in stream.stream_text(delta=True, debounce_by=None):
                assert pnb.last_run is not None
                seen.append(str(pnb.last_run.partial))
    assert seen[0] != seen[-1] == "one two"
