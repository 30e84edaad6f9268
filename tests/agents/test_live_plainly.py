"""Answers of models that are asked plainly, since a chain judges them whole: they are read live all the same."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.capabilities import ModelFallback
from pydantic_ai.exceptions import FallbackExceptionGroup, ModelHTTPError
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models.concurrency import ConcurrencyLimitedModel
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel
from pydantic_ai.models.instrumented import InstrumentedModel
from pydantic_ai.models.wrapper import WrapperModel

import progressnb as pnb
from progressnb.agents.twins import twin
from progressnb.errors import RunCancelled
from progressnb.events import ContentEvent
from progressnb.testing import scripted_model
from progressnb.tracking import internals

WHOLE = "its answer may come as a whole"


@pytest.fixture(autouse=True)
def watched() -> Iterator[None]:
    """Watch all agents."""
    pnb.configure(show=False)
    with pnb.watch():
        yield


def last() -> Any:
    """Return the last run."""
    assert pnb.last_run is not None
    return pnb.last_run


class Steps:
    """A model that writes piece by piece, and notes what can be read meanwhile."""

    def __init__(self, *pieces: str, error: Exception | None = None) -> None:
        self.seen: list[Any] = []
        self.messages: list[Any] = []
        self.closed = 0

        async def write(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
            try:
                stage = pnb.current_stage()
                for piece in pieces:
                    self.messages.append(internals(stage).message if stage is not None else None)
                    yield piece
                    self.seen.append(last().partial)
                if error is not None:
                    raise error
            finally:
                self.closed += 1

        async def answer(_messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
            if error is not None:
                raise error
            return ModelResponse(parts=[TextPart("".join(pieces))])

        self.model = FunctionModel(answer, stream_function=write)


def plain(text: str) -> FunctionModel:
    """Return a model that has no stream."""

    async def answer(_messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=[TextPart(text)])

    return FunctionModel(answer)


def good(response: ModelResponse) -> bool:
    """Refuse every answer but a good one."""
    return "good" not in str(response.parts)


CHAINS = [
    FallbackModel,
    lambda *models: WrapperModel(FallbackModel(*models)),
    lambda *models: InstrumentedModel(FallbackModel(*models)),
    lambda *models: FallbackModel(WrapperModel(FallbackModel(*models)), scripted_model("never")),
    lambda first, *models: (first, [ModelFallback(*models)]),
]
IDS = ["chain", "wrapped", "instrumented", "chain in a chain", "capability"]


def agent_of(made: Any, **options: Any) -> Agent[None, Any]:
    """Return an agent with a chain of models, which is a model or a capability."""
    model, capabilities = made if isinstance(made, tuple) else (made, [])
    return Agent(model, capabilities=capabilities, **options)


@pytest.mark.parametrize("chain", CHAINS, ids=IDS)
async def test_a_chain_is_read_while_it_is_written(chain: Any) -> None:
    """The answer of a chain of models can be read piece by piece, and no stage says that it comes as a whole."""
    steps = Steps("one ", "two ", "three")
    assert (await agent_of(chain(steps.model, scripted_model("never"))).run("go")).output == "one two three"
    assert steps.seen == ["one ", "one two ", "one two three"]
    assert steps.messages[0] in (None, "")
    assert (last().status, last().partial, steps.closed) == ("finished", "one two three", 1)


@pytest.mark.parametrize("chain", CHAINS, ids=IDS)
async def test_a_model_that_breaks_in_the_middle_is_followed_by_the_next(chain: Any) -> None:
    """A break in the middle of an answer begins the next model, whose answer takes the place of what was written."""
    broken, whole = Steps("half ", "of", error=ModelHTTPError(503, "first")), Steps("all ", "of it")
    result = await agent_of(chain(broken.model, whole.model)).run("go")
    assert result.output == "all of it"
    assert (broken.seen, whole.seen) == (["half ", "half of"], ["all ", "all of it"])
    assert last().partial == "all of it"
    assert [event.delta or "" for event in last().log if isinstance(event, ContentEvent)][-1].endswith("of it")
    assert (broken.closed, whole.closed) == (1, 1)


@pytest.mark.parametrize("chain", [0, 4], ids=["chain", "capability"])
async def test_an_answer_that_is_judged(chain: int) -> None:
    """An answer that the chain's own function refuses was read live, and the next one takes its place."""
    bad, fine = Steps("bad ", "news"), Steps("good ", "news")
    models: Any = (
        FallbackModel(bad.model, fine.model, fallback_on=good)
        if chain == 0
        else (bad.model, [ModelFallback(fine.model, fallback_on=good)])
    )
    assert (await agent_of(models).run("go")).output == "good news"
    assert (bad.seen[-1], fine.seen[0], last().partial) == ("bad news", "good ", "good news")


async def test_the_next_model_has_no_stream() -> None:
    """After a break the whole answer of a model without a stream is reported; the chain says that it may come so."""
    broken = Steps("half ", error=ModelHTTPError(503, "first"))
    assert (await Agent(FallbackModel(broken.model, plain("all of it"))).run("go")).output == "all of it"
    assert (broken.messages, last().partial) == ([WHOLE], "all of it")


async def test_all_fail() -> None:
    """Where no model answers, the error is that of the chain, and every stream was closed."""
    models = [Steps("a", error=ModelHTTPError(500, name)) for name in ("first", "second")]
    with pytest.raises(FallbackExceptionGroup) as caught:
        await Agent(FallbackModel(*(each.model for each in models))).run("go")
    assert [type(each) for each in caught.value.exceptions] == [ModelHTTPError] * 2
    assert (last().status, [each.closed for each in models]) == ("failed", [1, 1])


async def test_an_error_that_no_fallback_is_for() -> None:
    """An error that the chain does not fall back from is the agent's, from the middle of an answer too."""
    broken = Steps("half", error=ValueError("mine"))
    with pytest.raises(ValueError, match="mine"):
        await Agent(FallbackModel(broken.model, scripted_model("never"))).run("go")
    assert last().status == "failed"


class City(BaseModel):
    """An output with fields."""

    name: str
    rivers: list[str]


async def test_fields_are_read_live() -> None:
    """A structured output of a chain grows field by field."""
    seen: list[Any] = []

    async def write(_messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[dict[int, DeltaToolCall]]:
        yield {0: DeltaToolCall(info.output_tools[0].name, '{"name": "Seoul", "riv')}
        seen.append(last().partial)
        yield {0: DeltaToolCall(json_args='ers": ["Han"]}')}

    model = FallbackModel(FunctionModel(stream_function=write), scripted_model("never"))
    assert (await Agent(model, output_type=City).run("go")).output == City(name="Seoul", rivers=["Han"])
    assert (seen, last().partial) == ([{"name": "Seoul"}], {"name": "Seoul", "rivers": ["Han"]})


async def test_tools_of_a_chain() -> None:
    """Calls of tools are stages, and the next request of the chain is read live as well."""

    def rivers() -> str:
        return "Han"

    async def write(messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[Any]:
        if len(messages) == 1:
            yield {0: DeltaToolCall("rivers", "{}")}
            return
        yield "the "
        assert last().partial == "the "
        yield "Han"

    model = FallbackModel(FunctionModel(stream_function=write), scripted_model("never"))
    assert (await Agent(model, tools=[rivers]).run("go")).output == "the Han"
    assert [stage.name for _, stage in last().state.walk()] == ["agent", "rivers"]


async def test_usage_is_counted_once() -> None:
    """Tokens of the answer are counted once, as the agent counts them."""
    result = await Agent(FallbackModel(Steps("one ", "two").model, scripted_model("never"))).run("go")
    row = last().timings().iloc[0]
    assert (row["input_tokens"], row["output_tokens"]) == (result.usage.input_tokens, result.usage.output_tokens)


async def test_stop_in_the_middle() -> None:
    """Stop ends the stream of the model that is at work, and no other model is asked."""
    asked: list[str] = []
    writes = asyncio.Event()

    async def write(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        yield "one"
        writes.set()
        await asyncio.Event().wait()

    async def other(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        asked.append("other")
        yield "two"

    model = FallbackModel(FunctionModel(stream_function=write), FunctionModel(stream_function=other))
    task = asyncio.create_task(Agent(model).run("go"))
    await writes.wait()
    last().cancel()
    with pytest.raises(RunCancelled):
        await task
    assert (last().status, last().partial, asked) == ("cancelled", "one", [])


async def test_enough_in_the_middle() -> None:
    """Enough ends the output of a chain where it is, and gives what was written."""
    writes = asyncio.Event()

    async def write(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        yield "one two"
        writes.set()
        await asyncio.Event().wait()

    model = FallbackModel(FunctionModel(stream_function=write), scripted_model("never"))
    task = asyncio.create_task(Agent(model).run("go"))
    await writes.wait()
    last().enough()
    assert (await task).output == "one two"
    assert last().status == "finished"


async def test_a_server_that_refuses_to_stream() -> None:
    """A model of a chain whose server refuses to stream is asked plainly, in its turn, and later at once."""
    asked: list[str] = []

    class Refusing(WrapperModel):
        async def request(self, *args: Any, **options: Any) -> ModelResponse:
            asked.append("plain")
            return await super().request(*args, **options)

        def request_stream(self, *_args: Any, **_options: Any) -> Any:
            asked.append("stream")
            raise ModelHTTPError(400, "m", {"error": {"message": "must be verified to stream"}})

    model = FallbackModel(Refusing(scripted_model("good", "good")), scripted_model("never"))
    for _ in range(2):
        assert (await Agent(model).run("go")).output == "good"
        assert last().partial == "good"
    assert asked == ["stream", "plain", "plain"]


class OwnChain(FallbackModel):
    """A chain of a user's own, with a state, a register of classes, and a name that is counted."""

    kinds: ClassVar[list[str]] = []

    def __init__(self, *models: Any) -> None:
        super().__init__(*models)
        self.prepared = 0

    def __init_subclass__(cls, **options: Any) -> None:
        """Note the classes below it."""
        OwnChain.kinds.append(cls.__name__)
        super().__init_subclass__(**options)

    @property
    def model_name(self) -> str:
        """Count who asks."""
        self.prepared += 1
        return "own"


class OwnWrapper(WrapperModel):
    """A wrapper of a user's own, that only has a name."""

    @property
    def model_name(self) -> str:
        """Name it."""
        return "own"


class Frozen(WrapperModel):
    """A wrapper whose attributes can't be set."""

    def __init__(self, model: Any) -> None:
        object.__setattr__(self, "wrapped", model)

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse."""
        raise AttributeError(name)


OWN = {
    "subclass": OwnChain,
    "below it": type("Lower", (OwnChain,), {}),
    "wrapper": lambda *models: OwnWrapper(FallbackModel(*models)),
    "wrapper in a chain": lambda first, *models: OwnChain(
        OwnWrapper(OwnChain(first, *models)), scripted_model("never")
    ),
    "frozen": lambda *models: Frozen(OwnChain(*models)),
    "limited": lambda *models: ConcurrencyLimitedModel(OwnChain(*models), limiter=2),
}


@pytest.mark.parametrize("made", OWN.values(), ids=list(OWN))
async def test_chains_and_wrappers_of_the_user_s_own(made: Any) -> None:
    """A chain or a wrapper of a user's class that has the requests of pydantic-ai is read while it is written."""
    broken, whole = Steps("half ", error=ModelHTTPError(503, "first")), Steps("all ", "of it")
    model: Any = made(broken.model, whole.model)
    assert (await Agent(model).run("go")).output == "all of it"
    assert (broken.seen, whole.seen) == (["half "], ["all ", "all of it"])
    assert broken.messages[0] in (None, "")
    assert (last().status, last().partial) == ("finished", "all of it")


async def test_the_state_of_the_user_s_own_chain() -> None:
    """A twin of a chain has its class, state and methods, and other models; nothing of the chain is changed by it."""
    first, second = scripted_model("one"), scripted_model("two")
    chain = OwnChain(first, second)
    kinds = [*OwnChain.kinds]
    other: Any = twin(chain, [second])
    assert isinstance(other, OwnChain)
    assert (type(other).__name__, other.model_name, chain.prepared) == ("OwnChain", "own", 1)
    assert ([*map(id, other.models)], [*map(id, chain.models)]) == ([id(second)], [id(first), id(second)])
    other.models = [first]
    assert [*map(id, chain.models)] == [id(first)]
    assert OwnChain.kinds == kinds
    await Agent(chain).run("go")
    assert [*vars(chain)] == [*vars(OwnChain(first))]


class Logging(FallbackModel):
    """A chain of a user's own that requests in its own way."""

    async def request(self, *args: Any, **options: Any) -> ModelResponse:
        """Answer; it might change the answer."""
        return await super().request(*args, **options)


class Slotted(FallbackModel):
    """A chain of a user's own that has slots."""

    __slots__ = ("counted",)


@pytest.mark.parametrize("made", [Logging, Slotted, lambda *models: OwnWrapper(Logging(*models))])
async def test_a_request_of_the_user_s_own_is_asked_plainly(made: Any) -> None:
    """A chain that overrides `request` may change the answer: it is asked as it is, and its answer comes as a whole."""
    steps = Steps("one ", "two")
    model: Any = made(steps.model, scripted_model("never"))
    assert (await Agent(model).run("go")).output == "one two"
    assert last().partial == "one two"
    if made is not Slotted:
        assert steps.closed == 0


async def test_the_chain_itself_stays_as_it_is() -> None:
    """Nothing of a user's models is changed, and unwatched they are asked as before."""
    steps = Steps("one ", "two")
    chain = FallbackModel(steps.model, scripted_model("never"))
    before = [*chain.models]
    await Agent(chain).run("go")
    assert chain.models == before
    assert all(now is then for now, then in zip(chain.models, before, strict=True))
    pnb.watch(False)  # noqa: FBT003 - as users write it
    await Agent(chain).run("go")
    assert steps.closed == 1


async def test_without_contents() -> None:
    """Without contents no event has a piece of an answer of a chain, kept or not."""
    pnb.watch(contents=False)
    broken, whole = Steps("secret ", error=ModelHTTPError(503, "first")), Steps("secret ", "too")
    assert (await Agent(FallbackModel(broken.model, whole.model)).run("go")).output == "secret too"
    assert not any("secret" in event.model_dump_json() for event in last().log)
