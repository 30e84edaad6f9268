"""`ReportProgress`: the capability that makes an agent of pydantic-ai report into the current stage.

An agent outside any run begins one. This uses public hooks only. `wrap_run` holds the agent's run or stage.
`wrap_run_event_stream` reads the stream (`on_event` would cost a run a tenth more).
`wrap_tool_execute` makes each tool call a stage, and this stage the current one. `prepare_model_request` and
`after_model_request` see attempts, tokens and cost.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic_ai.capabilities import AbstractCapability, CombinedCapability
from pydantic_ai.messages import (
    FinalResultEvent,
    PartDeltaEvent,
    PartStartEvent,
    ThinkingPart,
)
from pydantic_ai.tools import AgentDepsT, RunContext

from progressnb.agents.calls import Calls
from progressnb.agents.errors import describe_model_error
from progressnb.agents.hand_hooks import Steered
from progressnb.agents.live import is_live
from progressnb.agents.members import members
from progressnb.agents.output import OutputForm
from progressnb.agents.own import AgentRun, first_words, noting_interrupts
from progressnb.agents.place import Place
from progressnb.agents.requests import Requests
from progressnb.agents.wants import may_want_stream, traced_by_pydantic_ai
from progressnb.errors import InputError
from progressnb.tracebacks import hide_machinery
from progressnb.tracking import current_run, current_stage, internals

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Sequence

    from pydantic_ai.capabilities import WrapRunHandler, WrapToolExecuteHandler
    from pydantic_ai.messages import AgentStreamEvent, ModelResponse, ToolCallPart
    from pydantic_ai.models import ModelRequestContext
    from pydantic_ai.run import AgentRunResult
    from pydantic_ai.tools import ToolDefinition

    from progressnb.tracking import StageHandle

__all__ = ["ReportProgress", "may_report"]

_logger = logging.getLogger("progressnb")


@dataclass(init=False)
class ReportProgress(AbstractCapability[AgentDepsT]):
    """Make an agent report its progress into the stage that calls it.

    The stage gets the output while it is written, the thinking, a child stage for each tool call with its arguments
    and its result, retries, tokens, the cost in US dollars and the time to the first token in seconds. Agents that run
    side by side in one stage, and the agents of a loop (`track`), get a child stage each. An agent that outlives its
    stage or run goes on without reports. For one run of an agent write
    `agent.run(topic, capabilities=[ReportProgress()])`.

    Outside any run the agent begins a run of its own, named after the agent: with a panel, recorded by the session's
    history, listed by `runs()`. This holds for `run`, `run_sync`, `run_stream`, `run_stream_events` and `iter`. Its
    result is the agent's output, and its `cancel` (Stop in the panel) stops the agent, whose caller then gets
    `RunCancelled`. The agent's own error is raised as it is. A block of `run_stream` or `iter` that is left before the
    agent's end, as by `break`, ends the run as cancelled.

    Args:
        expected_length: The length of the output in characters, which the percent is measured against. Without it
            the percent follows characters, items and fields against what the output's type lets expect.
        show: Whether a run of the agent's own is shown; None follows the session.
        contents: False leaves what the agent reads and writes out of all events: the prompt's first words, the output,
            the thinking, the arguments and results of tools, and the texts of errors, of which the types are left. The
            percent still moves.

    Raises:
        InputError: For any other `show` or `contents`.

    Example:
        ::

            agent = Agent(scripted_model("The moon.", "The moon."), capabilities=[pnb.ReportProgress()])
            await agent.run("Why are there tides?")  # in a run of its own

            @pnb.operation(stages=["research"])
            async def research(tracker: pnb.ProgressTracker, topic: str) -> str:
                async with tracker.stage("research"):
                    return (await agent.run(topic)).output

            await research("Why are there tides?")

    """

    # With a default id, a second one on the same agent or run replaces the first.
    id: str | None = "report_progress"
    expected_length: float | None = None
    show: bool | None = None
    contents: bool = True
    variable: str | None = field(default=None, repr=False)
    """The variable that holds an agent without a name, where `watch` knows it."""

    def __init__(
        self, *, expected_length: float | None = None, show: bool | None = None, contents: bool = True
    ) -> None:
        super().__init__()
        if show is not None and not isinstance(show, bool):  # pyright: ignore[reportUnnecessaryIsInstance] # callers may be untyped
            raise InputError("show as True, False or None", repr(show))
        if not isinstance(contents, bool):  # pyright: ignore[reportUnnecessaryIsInstance] # callers may be untyped
            raise InputError("contents as True or False", repr(contents))
        self.expected_length = expected_length
        self.show = show
        self.contents = contents

    async def for_run(self, ctx: RunContext[AgentDepsT]) -> AbstractCapability[AgentDepsT]:
        """Return the reporter of this agent run, or this inert object where the stage or the run is over."""
        stage, run = current_stage(), current_run()
        # The code of a durable workflow is run again from its record: it may begin nothing that has a clock.
        if stage.ended if stage is not None else run.log.ended if run is not None else ctx.in_durable_context:
            return self
        try:
            prompt = first_words(ctx.prompt) if self.contents else None
            place = Place(stage, _agent_name(ctx, self), self.expected_length, contents=self.contents, prompt=prompt)
        except Exception:
            _logger.warning("could not report an agent; it goes on without reports", exc_info=True)
            return self
        reporter: _Reporter[AgentDepsT] = _StreamReporter(place, self, alone=stage is None and run is None)
        # A subclass has hooks of its own. They run beside the reporter.
        return reporter if type(self) is ReportProgress else CombinedCapability([self, reporter])


def may_report(*roots: object) -> bool:
    """Return whether an agent with these capabilities may get a reporter: it has none, and no workflow replays it."""
    return not any(
        isinstance(each, ReportProgress) or bool(getattr(each, "in_durable_context", False)) for each in members(*roots)
    )


def _is_other(capability: AbstractCapability[Any], reporter: _Reporter[Any]) -> bool:
    reports = isinstance(capability, ReportProgress | _Reporter)
    return reports and capability is not reporter and capability.id is not None


def _agent_name(ctx: RunContext[Any], options: ReportProgress[Any]) -> str:
    return ((ctx.agent.name if ctx.agent is not None else None) or options.variable or "").strip() or "agent"


class _Reporter(Steered[AgentDepsT]):
    """Report one run of an agent, as far as that can be seen without its stream.

    `wants_stream` lets pydantic-ai stream answers though its caller did not ask for it.
    """

    # One report is enough for a run, so all reporters share this id, whatever the ids of the capabilities above.
    id: str | None = "report_progress_of_run"

    def __init__(self, place: Place, options: ReportProgress[Any], *, alone: bool) -> None:
        super().__init__()
        self.id = type(self).id if options.id is not None else None
        self._place = place
        self._options = options
        self._alone = alone
        self._own: AgentRun | None = None  # the run of an agent that is alone, outside any other run
        self._requests = Requests()
        self._calls = Calls(place, self._hand_on)

    @classmethod
    def combine(cls, capabilities: Sequence[AbstractCapability[AgentDepsT]]) -> AbstractCapability[AgentDepsT]:
        """Return one of several reporters of the same run."""
        return capabilities[-1]

    async def wrap_run(self, ctx: RunContext[AgentDepsT], *, handler: WrapRunHandler) -> AgentRunResult[Any]:
        """Let the agent report: into the stage or the run that calls it, or else into a run of its own."""
        with self._place.guarded():
            # Before the run nobody knows which capabilities it has.
            self.wants_stream = may_want_stream(ctx, by_user=self.id is not None)
            if self.id is None and any(_is_other(each, self) for each in members(ctx.root_capability)):
                self._place.give_up()  # a reporter with an id is the user's own, and goes before that of `watch`
        if self._alone and not self._place.silent:
            with self._place.guarded():
                self._own = AgentRun(ctx, _agent_name(ctx, self._options), contents=self._options.contents)
        if self._own is None:
            return await self._report_run(ctx, handler)

        async def report(stage: StageHandle) -> AgentRunResult[Any]:
            self._place.above = stage
            return await self._report_run(ctx, handler)

        return await self._own.around(report, show=self._options.show)

    async def on_run_error(self, ctx: RunContext[AgentDepsT], *, error: BaseException) -> AgentRunResult[Any]:
        """Raise the error of the agent; where its own run was cancelled, the error that says so."""
        with self._place.guarded():
            hide_machinery(error)
        wanted = error if self._own is None else self._own.error_for(error)
        if wanted is error:
            raise error
        raise wanted from None

    async def _report_run(self, ctx: RunContext[AgentDepsT], handler: WrapRunHandler) -> AgentRunResult[Any]:
        """Fill the agent's share when it succeeds; end a stage that is the agent's own as the agent ended."""
        place = self._place
        if not place.silent:
            with place.guarded():
                place.traced = traced_by_pydantic_ai(ctx)
                place.enter()
        try:
            result = await self._steered(ctx, handler) if not place.silent else await handler()
        except BaseException as error:
            place.hush(error)
            with place.guarded():
                describe_model_error(error, ctx.model)
                self._report_cut_request(ctx)
            with place.guarded():
                place.end(error)
            raise
        else:
            with place.guarded():
                if not place.silent:
                    self._calls.hand_on_rest()
                    place.output().settle(result.all_messages())
                    place.output().validated()
            with place.guarded():
                place.end()
            return result
        finally:
            place.leave()

    # --- requests ----------------------------------------------------------------------------------

    async def prepare_model_request(
        self, ctx: RunContext[AgentDepsT], request_context: ModelRequestContext
    ) -> ModelRequestContext:
        """Note when the request began, what form the output takes, and whether this is a further attempt."""
        place = self._place
        if place.silent:
            return request_context
        with place.guarded():
            place.request(OutputForm.of(request_context))
            self._calls.learn(ctx, request_context)
            if (attempt := self._requests.begin(ctx, request_context)) is not None:
                output = place.output()
                output.restart()
                output.stage.retry(*attempt)
            self._calls.attempt = self._requests.attempt
            if place.stage is not None:
                # In a caller's stage others may begin yet, and which stage is the agent's is chosen later.
                whole = self._own is not None and not self.wants_stream and not is_live(request_context.model)
                self._requests.wait(place.output().stage if whole else place.stage, whole=whole)
        return request_context

    async def after_model_request(
        self, ctx: RunContext[AgentDepsT], *, request_context: ModelRequestContext, response: ModelResponse
    ) -> ModelResponse:
        """Report tokens and cost, and the whole answer of a model that can't stream."""
        if self._place.silent:
            self._requests.leave()
            return response
        with self._place.guarded():
            output = self._place.output()
            internals(output.stage).awaits = None
            if not self._requests.streamed:
                internals(output.stage).carry(came_whole=True)
                for index, part in enumerate(response.parts):
                    output.start(index, part)
                if not response.tool_calls:
                    output.text_is_final()
            self._requests.end(output.stage, request_context, response)
        return response

    def _report_cut_request(self, ctx: RunContext[AgentDepsT]) -> None:
        if not self._place.silent and (used := self._requests.usage_of_cut_request(ctx)) is not None:
            self._place.output().stage.add_usage(ctx.model.model_name, **used)

    # --- tools -------------------------------------------------------------------------------------

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
        if self._place.silent:
            return await handler(args)
        with noting_interrupts(self._own):
            return await self._calls.execute(ctx, call, args, handler)


class _StreamReporter(_Reporter[AgentDepsT]):
    """Report one agent run as it streams."""

    @property
    def has_wrap_run_event_stream(self) -> bool:
        """Whether the stream is wanted; one that the caller wants is read in any case."""
        return self.wants_stream and not self._place.silent

    async def wrap_run_event_stream(
        self, ctx: RunContext[AgentDepsT], *, stream: AsyncIterable[AgentStreamEvent]
    ) -> AsyncIterable[AgentStreamEvent]:
        """Read the stream and hand it on as it is."""
        with self._place.guarded():
            self._calls.learn(ctx)  # calls of an earlier run may be answered before the first request
        try:
            with noting_interrupts(self._own):
                async for event in stream:
                    self._read_by_hand(event, self._read)
                    yield event
        finally:
            # Whoever stops reading here stops the model too.
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()

    def _restart(self) -> None:
        if not self._requests.streamed or self._place.silent:
            return
        with self._place.guarded():
            self._requests.streamed = False
            self._place.output().restart()
            self._place.request_again()

    def _read(self, event: AgentStreamEvent) -> None:
        if self._place.silent:
            return
        try:
            self._report_event(event)
        except Exception as error:  # noqa: BLE001 - a fault of ours may be anything
            self._place.note_fault(error)

    def _report_event(self, event: AgentStreamEvent) -> None:
        if isinstance(event, PartDeltaEvent):
            self._place.output().add(event.index, event.delta)
        elif isinstance(event, PartStartEvent):
            self._start_part(event)
        elif isinstance(event, FinalResultEvent):
            if event.tool_name is None:
                self._place.output().text_is_final()
        else:
            self._calls.read(event)

    def _start_part(self, event: PartStartEvent) -> None:
        output = self._place.output()
        stage = output.stage
        self._requests.streamed = True
        internals(stage).resume()
        self._requests.first_token(stage)
        tool = output.start(event.index, event.part)
        doing = "thinking" if isinstance(event.part, ThinkingPart) else "writing"
        if tool:
            doing = f"calling {self._calls.named(tool)}"
        if stage.status != "fallback":  # its message says why
            stage.update(message=f"{doing}{self._requests.attempt}")
