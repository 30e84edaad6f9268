"""The hooks of pydantic-ai through which people act on an agent at work: they end outputs and approve calls."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from pydantic_ai import DeferredToolRequests, DeferredToolResults, ToolDenied
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.exceptions import ApprovalRequired
from pydantic_ai.tools import AgentDepsT, RunContext

from progressnb.agents.hand import Hand
from progressnb.agents.live import LiveReader
from progressnb.agents.outputs import output_types
from progressnb.agents.tap import Tap
from progressnb.errors import ProgressError
from progressnb.tracking import Approval, internals, note_arguments

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ValidationError
    from pydantic_ai.capabilities import RawOutput, WrapModelRequestHandler, WrapRunHandler
    from pydantic_ai.exceptions import ModelRetry
    from pydantic_ai.messages import AgentStreamEvent, ModelResponse, ToolCallPart
    from pydantic_ai.models import Model, ModelRequestContext
    from pydantic_ai.output import OutputContext
    from pydantic_ai.run import AgentRunResult

    from progressnb.agents.calls import Calls
    from progressnb.agents.place import Place
    from progressnb.tracking import StageHandle

__all__ = ["Steered"]

_NOBODY = "The user denied this call."


class Steered(AbstractCapability[AgentDepsT]):
    """The part of a reporter through which people act on its agent run."""

    _place: Place
    _calls: Calls
    _hand: Hand | None = None
    wants_stream = False

    def _read(self, event: AgentStreamEvent) -> None:
        """Report an event of an answer."""
        raise NotImplementedError

    def _restart(self) -> None:
        """Begin the answer of another model in place of one that a chain of models did not take."""
        raise NotImplementedError

    async def _steered(self, ctx: RunContext[AgentDepsT], handler: WrapRunHandler) -> AgentRunResult[Any]:
        """Run the agent in the hands of people; an output that was ended and does not validate is `OutputCut`."""
        hand = Hand(self._place, ctx)
        if (controls := hand.controls) is None:
            return await handler()
        self._hand = hand
        self._calls.asks_alone = self._may_ask(ctx) and not any(map(_decides, _all_of(ctx)))
        with controls.at_work(hand):
            try:
                return await handler()
            except Exception as error:
                if not hand.cut or isinstance(error, ProgressError):
                    raise
                hand.fault = hand.fault or error
                raise hand.error() from error

    def _read_by_hand(self, event: AgentStreamEvent, report: Callable[[AgentStreamEvent], None]) -> None:
        """Report an event of the stream, unless the output was ended before it."""
        if self._hand is not None:
            self._hand.read(event, report)
        else:
            report(event)

    # --- an output that ends early ------------------------------------------------------------------

    def get_wrapper_model(self, model: Model) -> Model | None:
        """Let the hand see the streams of the model, and the answers to plain requests while they are written."""
        if self._hand is None:
            return None
        asks_plainly = not self.wants_stream and not self._place.silent
        reader = LiveReader(self._hand, self._read, self._restart) if asks_plainly else None
        return Tap(model, self._hand, reader)

    async def wrap_model_request(
        self, ctx: RunContext[AgentDepsT], *, request_context: ModelRequestContext, handler: WrapModelRequestHandler
    ) -> ModelResponse:
        """Break a request off where the output is ended, and give what is complete in place of its response."""
        if (hand := self._hand) is None:
            return await handler(request_context)
        hand.check()
        response: ModelResponse | None = None
        limit = asyncio.Timeout(None)
        try:
            with hand.request(limit):
                async with limit:
                    response = await handler(request_context)
        except TimeoutError:
            if not (hand.cut and limit.expired()):
                raise
        if not hand.cut and response is not None:
            return response
        if response is None:  # what was billed is reported as of any response
            response = hand.response()
            response = await self.after_model_request(ctx, request_context=request_context, response=response)
        return hand.complete(response)

    async def on_output_validate_error(
        self,
        ctx: RunContext[AgentDepsT],
        *,
        output_context: OutputContext,
        output: RawOutput,
        error: ValidationError | ModelRetry,
    ) -> Any:  # noqa: ANN401 - an output may be anything
        """Raise `OutputCut` for an output that was ended and does not validate, in place of another request."""
        if self._hand is not None and self._hand.cut and not ctx.partial_output:
            self._hand.fault = error
            raise self._hand.error() from error
        raise error

    # --- calls that ask for approval ----------------------------------------------------------------

    def _may_ask(self, ctx: RunContext[AgentDepsT]) -> bool:
        # An agent whose output may be `DeferredToolRequests` leaves the calls to its caller.
        takes_them = ctx.agent is None or DeferredToolRequests in output_types(ctx.agent.output_type)
        return self._hand is not None and not self._place.silent and not takes_them

    def _hand_on(self, ctx: RunContext[AgentDepsT], stage: StageHandle, reason: Exception) -> None:
        """End the stage of a call that somebody else will answer; one that people will decide waits for them."""
        if stage.ended:
            return
        if isinstance(reason, ApprovalRequired) and self._may_ask(ctx):
            internals(stage).life.set_status("waiting", None)
        else:
            stage.finish("handed on")

    async def handle_deferred_tool_calls(
        self, ctx: RunContext[AgentDepsT], *, requests: DeferredToolRequests
    ) -> DeferredToolResults | None:
        """Ask people for the approval of calls, after the handlers of capabilities that come behind this one."""
        if not self._place.silent:
            with self._place.guarded():
                self._calls.await_people(requests)
        if not requests.approvals or not self._may_ask(ctx):
            return None
        results = DeferredToolResults()
        left: DeferredToolRequests | None = requests
        for handler in _behind(self, ctx):
            if left is not None and (answers := await handler.handle_deferred_tool_calls(ctx, requests=left)):
                with self._place.guarded():
                    self._calls.settled(answers)
                results.update(answers)
                left = left.remaining(answers)
        calls = left.approvals if left is not None else []
        verdicts = await asyncio.gather(*(self._ask_people(call) for call in calls))
        results.approvals.update({call.tool_call_id: each for call, each in zip(calls, verdicts, strict=True)})
        return results

    async def _ask_people(self, call: ToolCallPart) -> bool | ToolDenied:
        stage = self._calls.stage(call)
        work = internals(stage)
        note_arguments(stage, call.args_as_dict())
        work.life.set_status("waiting", "waits for approval", waiting_for="approval")
        approval = Approval(work)
        try:
            with work.controls.awaiting(approval):
                verdict = await approval.verdict()
        except BaseException:
            if not stage.ended:
                stage.cancel()
            raise
        if stage.ended:
            return verdict.approved or ToolDenied(verdict.reason or _NOBODY)
        if verdict.approved:
            work.life.set_status("running", "", waiting_for=None, approval_decision=verdict.data)
            return True
        text = f"denied: {verdict.reason}" if verdict.reason else "denied"
        work.life.set_status("skipped", text, waiting_for=None, approval_decision=verdict.data)
        return ToolDenied(verdict.reason or _NOBODY)


def _decides(capability: AbstractCapability[Any]) -> bool:
    """Tell whether a capability of somebody else may decide calls."""
    own = AbstractCapability.handle_deferred_tool_calls
    return not isinstance(capability, Steered) and type(capability).handle_deferred_tool_calls is not own


def _all_of(ctx: RunContext[Any]) -> list[AbstractCapability[Any]]:
    every: list[AbstractCapability[Any]] = []
    if ctx.root_capability is not None:
        ctx.root_capability.apply(every.append)
    return every


def _behind(capability: AbstractCapability[Any], ctx: RunContext[Any]) -> list[AbstractCapability[Any]]:
    """List the capabilities behind one, in the order in which pydantic-ai asks them."""
    every = _all_of(ctx)
    return every[every.index(capability) + 1 :] if capability in every else []
