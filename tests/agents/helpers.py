"""Agents, models and runs that several tests of agents share."""

import asyncio
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.exceptions import ModelRetry
from pydantic_ai.messages import AgentStreamEvent, ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import RunContext
from pydantic_ai.usage import RequestUsage

from progressnb import ProgressTracker, ReportProgress, Run, current_stage, operation
from progressnb.folds.state import StageState
from progressnb.testing import ManualClock, scripted_model


class Answer(BaseModel):
    """An output."""

    text: str
    count: int


class Item(BaseModel):
    """A field of a field."""

    name: str
    count: int


class Other(BaseModel):
    """A second output, to choose from."""

    code: int


class Watch(AbstractCapability[Any]):
    """Note what can be read of the output after every event of the stream."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Any] = []

    async def on_event(self, ctx: RunContext[Any], *, event: AgentStreamEvent) -> None:  # noqa: ARG002
        """Read it."""
        stage = current_stage()
        if stage is not None and (not self.seen or self.seen[-1] != stage.partial):
            self.seen.append(stage.partial)


def reporting(*answers: object, **options: Any) -> Agent[None, Any]:
    """Return an agent that reports and answers by this script."""
    return Agent(scripted_model(*answers), capabilities=[ReportProgress()], **options)


def starts(work: Any, *, clock: ManualClock | None = None, **options: Any) -> Run[Any]:
    """Begin a run of one stage whose work gets the stage."""

    @operation(stages=["work"], clock=clock or ManualClock())
    async def one_stage(tracker: ProgressTracker) -> Any:
        async with tracker.stage("work") as stage:
            return await work(stage)

    return one_stage.using(show=False, **options)()


async def write(model: Model | str, output_type: Any = str, times: int = 1, **options: Any) -> Run[Any]:
    """Run one agent in one stage, some times, to its end."""
    agent = Agent(model, output_type=output_type, capabilities=[ReportProgress()], **options)

    @operation(stages=["write"], clock=ManualClock())
    async def one_agent(tracker: ProgressTracker) -> Any:
        async with tracker.stage("write"):
            return [(await agent.run("go")).output for _ in range(times)][-1]

    run = one_agent.using(show=False)()
    await run.log.wait_ended()
    return run


async def write_watched(model: Model, output_type: Any = str, **options: Any) -> tuple[Run[Any], list[Any]]:
    """Run one agent in one stage to its end; return the run and each partial output that could be seen."""
    watch = Watch()
    agent = Agent(model, output_type=output_type, capabilities=[ReportProgress(), watch], **options)

    @operation(stages=["write"], clock=ManualClock())
    async def one_agent(tracker: ProgressTracker) -> Any:
        async with tracker.stage("write"):
            return (await agent.run("go")).output

    run = one_agent.using(show=False)()
    await asyncio.wait([asyncio.ensure_future(run.log.wait_ended())])
    return run, watch.seen


def paths(run: Run[Any]) -> list[str]:
    """Return the paths of all stages."""
    return [stage.path for _, stage in run.state.walk()]


def stage_at(run: Run[Any], path: str) -> StageState:
    """Return the stage at a path, which must exist."""
    stage = run.state.find(path)
    assert stage is not None
    return stage


def look() -> str:
    """Answer a call."""
    return "x"


def found_later() -> Callable[[], str]:
    """Return a tool, `search`, that asks to be called once more the first time."""
    tries: list[int] = []

    def search() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise ModelRetry("say what for")
        return "x"

    return search


def whole(*parts: Any, usage: RequestUsage | None = None) -> FunctionModel:
    """Return a model that can't stream and gives these responses in turn."""
    script = iter(parts)

    def answer(_messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        part = next(script)
        if isinstance(part, Exception):
            raise part
        return ModelResponse(parts=part if isinstance(part, list) else [part], usage=usage or RequestUsage())

    return FunctionModel(answer)


class Plain(Model):
    """A model of somebody's own that has no `request_stream`."""

    def __init__(self, *parts: Any, usage: RequestUsage | None = None, name: str = "plain") -> None:
        super().__init__()
        self._inner = whole(*parts, usage=usage)
        self._name = name

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Answer in one piece."""
        response = await self._inner.request(messages, model_settings, model_request_parameters)
        response.model_name, response.provider_name = self._name, "openai"
        return response

    @property
    def model_name(self) -> str:
        """Its name."""
        return self._name

    @property
    def system(self) -> str:
        """Its maker."""
        return "openai"
