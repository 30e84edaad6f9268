"""The pydantic-ai bridge: `ReportProgress` makes any agent report into the current stage.

Public hooks only: `wrap_run_event_stream` reads the stream (through `on_event` a run would cost a tenth
more), `wrap_tool_execute` gives each tool call a stage of its own and makes it current,
`before_model_request` and `after_model_request` see retries, usage and cost.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from pydantic_ai.capabilities import AbstractCapability, CombinedCapability
from pydantic_ai.exceptions import ApprovalRequired, CallDeferred, SkipToolExecution
from pydantic_ai.messages import (
    FinalResultEvent,
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    PartDeltaEvent,
    PartStartEvent,
    ThinkingPart,
)
from pydantic_ai.models import Model
from pydantic_ai.models.function import FunctionModel
from pydantic_ai.tools import AgentDepsT, RunContext

from progressnb.agents.errors import model_error_text
from progressnb.agents.events import own_function
from progressnb.agents.output import OutputForm, OutputWriter
from progressnb.errors import ProgressError
from progressnb.tools.tool import ToolCall
from progressnb.tracking import begin_part, internals
from progressnb.tracking.current import current_stage
from progressnb.tracking.failures import word_error
from progressnb.tracking.percent import Work
from progressnb.tracking.tracker import current_run

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Sequence

    from pydantic_ai.capabilities import WrapRunHandler, WrapToolExecuteHandler
    from pydantic_ai.messages import AgentStreamEvent, ModelResponse, ToolCallPart
    from pydantic_ai.models import ModelRequestContext
    from pydantic_ai.run import AgentRunResult
    from pydantic_ai.tools import ToolDefinition
    from pydantic_ai.usage import RunUsage

    from progressnb.tracking.handle import StageHandle
    from progressnb.tracking.tracker import ProgressTracker

__all__ = ["ReportProgress", "can_stream"]

# Ways for a tool to end that are no failure: somebody else will answer, or a hook already has.
_HANDED_ON = (CallDeferred, ApprovalRequired, SkipToolExecution)


def can_stream(model: object) -> bool:
    """Tell whether a pydantic-ai model can stream its answer."""
    wrapped = getattr(model, "wrapped", None)
    if _is_model(wrapped):
        return can_stream(wrapped)
    models = getattr(model, "models", None)
    if isinstance(models, list):
        return all(can_stream(each) for each in cast("list[object]", models))
    if isinstance(model, FunctionModel):
        return model.stream_function is not None
    return type(model).request_stream is not Model.request_stream if _is_model(model) else True


def _is_model(value: object) -> TypeGuard[Model[Any]]:
    return isinstance(value, Model)


@dataclass(init=False)
class ReportProgress(AbstractCapability[AgentDepsT]):
    """Make an agent report its progress into the stage that calls it.

    ::

        agent = Agent(model, capabilities=[ReportProgress()])

    or for one run: `agent.run(…, capabilities=[ReportProgress()])`. The stage gets the output as it is
    written, its thinking, a child stage per tool call, retries, tokens, cost and the time to the first token.
    Agents that run side by side in one stage each get a child stage. Outside any run, and where the run or
    the stage has ended, it does nothing.
    """

    # A default id makes a second one on the same agent or run the same one.
    id: str | None = "report_progress"

    async def for_run(self, ctx: RunContext[AgentDepsT]) -> AbstractCapability[AgentDepsT]:
        """Return what reports this agent run, or this inert object where nothing is to be reported to."""
        stage, run = current_stage(), current_run()
        if stage.ended if stage is not None else run is None or run.log.ended:
            return self
        kind: type[_Reporter[AgentDepsT]] = _StreamReporter if can_stream(ctx.model) else _Reporter
        reporter = kind(stage, _agent_name(ctx))
        # A subclass has hooks of its own, and they run beside the report.
        return reporter if type(self) is ReportProgress else CombinedCapability([self, reporter])


def _agent_name(ctx: RunContext[Any]) -> str:
    return (ctx.agent.name if ctx.agent is not None else None) or "agent"


class _Place:
    """The place of one agent run among those at work in a stage, in the order in which they began."""

    __slots__ = ("number", "reporter")
    _numbers = itertools.count()

    def __init__(self, reporter: _Reporter[Any]) -> None:
        self.number = next(self._numbers)
        self.reporter = reporter


class _Reporter(AbstractCapability[AgentDepsT]):
    """Report one agent run of a model that can't stream."""

    # Whatever the ids of those that made it, one report is enough for a run.
    id: str | None = "report_progress_of_run"

    def __init__(self, above: StageHandle | None, name: str) -> None:
        super().__init__()
        self.id = type(self).id
        self._above = above
        self._name = name
        self._place = _Place(self)  # capabilities are compared by value, and this needs identity
        self._own: StageHandle | None = None
        self._writer: OutputWriter | None = None
        self._work = Work()
        self._form = OutputForm()
        self._tools: dict[str, StageHandle] = {}
        self._retry = 0
        self._requested: float | None = None
        self._streamed = False
        self._tokens_came = False
        self._attempt = ""
        self._before: RunUsage | None = None  # what was used before the request that is under way

    @classmethod
    def combine(cls, capabilities: Sequence[AbstractCapability[AgentDepsT]]) -> AbstractCapability[AgentDepsT]:
        """Return one of several that would report the same run."""
        return capabilities[-1]

    # --- where it reports to -----------------------------------------------------------------------

    @property
    def _silent(self) -> bool:
        # An agent may outlive its stage: it goes on, and nobody hears of it.
        stage = self._writer.stage if self._writer is not None else self._above
        return stage is not None and stage.ended

    def _output(self) -> OutputWriter:
        # The stage is chosen at the first report, not at the start: only then is it known who runs side by side.
        if self._writer is None:
            above = self._above
            if above is not None and internals(above).agents == {self._place}:
                self._work = internals(above).work.part()
                self._begin(above)
            elif above is not None:
                # All that have begun get their stages now, so that these are in the order of the calls.
                places = {place for place in internals(above).agents if isinstance(place, _Place)} | {self._place}
                for place in sorted(places, key=lambda place: place.number):
                    place.reporter._begin_own(above)  # noqa: SLF001 - of this class
            elif (run := current_run()) is not None:
                self._begin_own(run)
        if self._writer is None:
            raise ProgressError("a run to report to", "none", "This is a fault of progressnb: please report it.")
        return self._writer

    def _begin_own(self, parent: StageHandle | ProgressTracker) -> None:
        if self._writer is None:
            stage = self._own = parent.stage(self._name, title=self._name)
            self._work = internals(stage).work
            stage.start()
            self._begin(stage)

    def _begin(self, stage: StageHandle) -> None:
        self._writer = OutputWriter(stage, self._work)
        self._writer.request(self._form)

    async def wrap_run(self, ctx: RunContext[AgentDepsT], *, handler: WrapRunHandler) -> AgentRunResult[Any]:
        """Fill the agent's share when it succeeds; end a stage that is the agent's own as the agent ended."""
        if self._above is not None:
            internals(self._above).agents.add(self._place)
        else:
            self._output()
        try:
            result = await handler()
            if not self._silent:
                self._output().validated()
        except BaseException as error:
            if (text := model_error_text(error, ctx.model)) is not None:
                word_error(error, text)
            self._count_cut_request(ctx)
            if self._own is not None and not self._own.ended:
                self._own.fail(error) if isinstance(error, Exception) else self._own.cancel()
            raise
        else:
            if self._own is not None and not self._own.ended:
                self._own.finish()
            return result
        finally:
            if self._above is not None:
                internals(self._above).agents.discard(self._place)

    # --- requests ----------------------------------------------------------------------------------

    async def prepare_model_request(
        self, ctx: RunContext[AgentDepsT], request_context: ModelRequestContext
    ) -> ModelRequestContext:
        """Note when the request began, what form the output takes, and whether this is a retry."""
        if self._silent:
            return request_context
        self._form = OutputForm.of(request_context)
        self._requested = None
        self._streamed = False
        self._before = copy(ctx.usage)
        if self._writer is not None:
            self._writer.request(self._form)
        if ctx.retry > self._retry:
            output = self._output()
            output.restart()
            attempts = max(ctx.retry, _retry_limit(ctx, request_context)) + 1
            output.stage.retry(ctx.retry + 1, attempts)
            self._attempt = f", attempt {ctx.retry + 1} of {attempts}"
        self._retry = ctx.retry
        stage = self._writer.stage if self._writer is not None else self._above
        if stage is not None:
            self._requested = internals(stage).clock.monotonic()
            internals(stage).awaits = "token"
        return request_context

    async def after_model_request(
        self, ctx: RunContext[AgentDepsT], *, request_context: ModelRequestContext, response: ModelResponse
    ) -> ModelResponse:
        """Report usage and cost, and of a model that can't stream what it said."""
        self._before = None
        if self._silent:
            return response
        output = self._output()
        internals(output.stage).awaits = None
        if not self._streamed:
            for index, part in enumerate(response.parts):
                output.start(index, part)
            if not response.tool_calls:
                output.text_is_final()
        if not getattr(request_context.model, "reports_usage", True):
            return response
        usage = response.usage
        output.stage.add_usage(
            response.model_name,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost=_cost(response),
        )
        return response

    def _count_cut_request(self, ctx: RunContext[AgentDepsT]) -> None:
        """Report what a request that broke off has used: some providers say so as they begin."""
        before, used = self._before, ctx.usage
        # Agents may share what they count in; then nobody knows whose it was.
        shared = before is not None and used.requests - before.requests > 1
        if before is None or shared or self._silent or not getattr(ctx.model, "reports_usage", True):
            return
        read, written = used.input_tokens - before.input_tokens, used.output_tokens - before.output_tokens
        if read or written:
            cost = None if used.cost is None else float(used.cost - (before.cost or 0))
            self._output().stage.add_usage(ctx.model.model_name, input_tokens=read, output_tokens=written, cost=cost)

    # --- tools -------------------------------------------------------------------------------------

    def _tool_stage(self, call: ToolCallPart) -> StageHandle:
        stage = self._tools.get(call.tool_call_id)
        if stage is None or stage.ended:  # some servers number the calls of every answer anew
            output = self._output()
            stage = begin_part(output.stage, call.tool_name, title=call.tool_name, work=self._work)
            self._tools[call.tool_call_id] = stage
        return stage

    async def wrap_tool_execute(
        self,
        ctx: RunContext[AgentDepsT],
        *,
        call: ToolCallPart,
        tool_def: ToolDefinition,
        args: dict[str, Any],
        handler: WrapToolExecuteHandler,
    ) -> Any:  # noqa: ANN401 - a tool returns anything
        """Run a tool call as a stage of its own, current for all that it calls."""
        if self._silent:
            return await handler(args)
        stage = self._tool_stage(call)
        internals(stage).tool_call = ToolCall(call.tool_name, call.tool_call_id, own_function(ctx, call.tool_name))
        with stage:
            try:
                return await handler(args)
            except _HANDED_ON:
                if not stage.ended:
                    stage.finish("handed on")
                raise


class _StreamReporter(_Reporter[AgentDepsT]):
    """Report one agent run as it streams."""

    async def wrap_run_event_stream(
        self, ctx: RunContext[AgentDepsT], *, stream: AsyncIterable[AgentStreamEvent]
    ) -> AsyncIterable[AgentStreamEvent]:
        """Read the stream and hand it on as it is."""
        try:
            async for event in stream:
                self._read(event)
                yield event
        finally:
            # Whoever stops reading here stops the model too.
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()

    def _read(self, event: AgentStreamEvent) -> None:
        if self._silent:
            return
        if isinstance(event, PartDeltaEvent):
            self._output().add(event.index, event.delta)
        elif isinstance(event, PartStartEvent):
            self._start_part(event)
        elif isinstance(event, FinalResultEvent):
            if event.tool_name is None:
                self._output().text_is_final()
        elif isinstance(event, FunctionToolCallEvent):
            self._tool_stage(event.part)
        elif isinstance(event, FunctionToolResultEvent):
            stage = self._tools.get(event.part.tool_call_id)
            # A call whose arguments were refused never ran, and nothing else will end its stage.
            if stage is not None and stage.status == "pending":
                stage.fail("refused before it ran")

    def _start_part(self, event: PartStartEvent) -> None:
        output = self._output()
        stage = output.stage
        self._streamed = True
        internals(stage).resume()
        if self._requested is not None and not self._tokens_came:
            self._tokens_came = True
            stage.update(first_token=internals(stage).clock.monotonic() - self._requested)
        tool = output.start(event.index, event.part)
        doing = f"calling {tool}" if tool else "thinking" if isinstance(event.part, ThinkingPart) else "writing"
        if stage.status != "fallback":  # its message says why
            stage.update(message=f"{doing}{self._attempt}")


def _retry_limit(ctx: RunContext[Any], request_context: ModelRequestContext) -> int:
    # The context has the limit of tools; the output's stands in what the model is told to retry.
    outputs = {None, *(tool.name for tool in request_context.model_request_parameters.output_tools)}
    told = [
        getattr(part, "retry", None)
        for part in request_context.messages[-1].parts
        if getattr(part, "tool_name", None) in outputs
    ]
    return next((retry.max_retries for retry in told if retry and retry.max_retries is not None), ctx.max_retries)


def _cost(response: ModelResponse) -> float | None:
    if response.model_name is None:
        return None
    try:
        return float(response.cost().total_price)
    except (LookupError, ValueError):  # no price is known, or no usage came
        return None
