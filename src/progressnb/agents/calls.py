"""The calls of an agent's tools: each is a stage with its arguments and its result."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from pydantic_ai.exceptions import ApprovalRequired, CallDeferred, SkipToolExecution
from pydantic_ai.messages import (
    BinaryContent,
    DeferredToolRequestsEvent,
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    ToolReturn,
)
from pydantic_ai.tools import ToolApproved, ToolDenied

from progressnb.agents.events import own_function
from progressnb.agents.mcp import let_report
from progressnb.tools import bind_call
from progressnb.tracking import begin_part, calling_text, internals, note_arguments, note_result
from progressnb.wire.paths import UNKNOWN_TOOL
from progressnb.wire.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic_ai import DeferredToolRequests, DeferredToolResults
    from pydantic_ai.capabilities import WrapToolExecuteHandler
    from pydantic_ai.messages import AgentStreamEvent, ToolCallPart
    from pydantic_ai.models import ModelRequestContext
    from pydantic_ai.tools import RunContext

    from progressnb.agents.place import Place
    from progressnb.tracking import StageHandle

__all__ = ["Calls"]

LEFT_OUT = "Tool not executed - a final result was already processed."
"""The answer of pydantic-ai in place of a function that it does not call, since the output was there before it."""

_NOT_BEGUN = ("pending", "waiting")
_REASON = 300  # characters of a reason that somebody else gives
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,63}")

# Ways for a tool to end without a failure: somebody else will answer the call, or a hook has answered it.
_HANDED_ON = (CallDeferred, ApprovalRequired, SkipToolExecution)
_HandedOn: TypeAlias = CallDeferred | ApprovalRequired | SkipToolExecution


class Calls:
    """The stages of the tool calls of one agent run, below the stage of its place.

    `hand_on` ends the stage of a call that somebody else will answer. `attempt` ends the messages of a further attempt.
    `asks_alone` says that nobody but the run's own people approves calls, who are asked at once.
    """

    def __init__(self, place: Place, hand_on: Callable[[RunContext[Any], StageHandle, _HandedOn], object]) -> None:
        self._place = place
        self._hand_on = hand_on
        self._stages: dict[str, StageHandle] = {}
        self._at_work: dict[StageHandle, str] = {}  # the names of tools
        self._cut = False
        self._known: set[str] = set()
        self._refused: set[str] = set()  # the ids of calls whose arguments do not fit
        self.attempt = ""
        self.asks_alone = False

    def learn(self, ctx: RunContext[Any], request: ModelRequestContext | None = None) -> None:
        """Take note of the tools that exist: a name that a model has made up is its text."""
        if request is not None:
            offered = request.model_request_parameters
            self._known |= {tool.name for tool in (*offered.function_tools, *offered.output_tools)}
        if ctx.tool_manager is not None and ctx.tool_manager.tools is not None:
            self._known |= ctx.tool_manager.tools.keys()
        elif request is None:  # no tool was asked for yet
            for toolset in getattr(ctx.agent, "toolsets", ()):
                self._known |= getattr(toolset, "tools", {}).keys()
                self._known |= {each.name for each in getattr(toolset, "tool_defs", ())}

    def named(self, tool_name: str) -> str:
        """Return the name of a tool; without contents other words for one that does not exist."""
        is_known = tool_name in self._known or internals(self._place.output().stage).contents
        return tool_name if is_known else UNKNOWN_TOOL

    def read(self, event: AgentStreamEvent) -> None:
        """Report what an event of the stream tells of a call."""
        if isinstance(event, FunctionToolCallEvent):
            self.called(event)
        elif isinstance(event, FunctionToolResultEvent):
            self.answered(event)
        elif isinstance(event, DeferredToolRequestsEvent):
            self.await_people(event.requests)

    def called(self, event: FunctionToolCallEvent) -> None:
        """Make the stage of a call, so that stages stand in the order of the calls, whichever tool begins first."""
        stage = self.stage(event.part)
        if not event.args_valid:  # nothing will validate them
            note_arguments(stage, event.part.args_as_dict())
        if event.args_valid is False:
            self._refused.add(event.part.tool_call_id)

    def answered(self, event: FunctionToolResultEvent) -> None:
        """End the stage of a call that never ran as the outcome of its part says: nothing else will end it."""
        stage = self._stages.get(event.part.tool_call_id)
        if stage is not None and stage.status in _NOT_BEGUN:
            self._end(stage, event.part, is_refused=event.part.tool_call_id in self._refused)

    def await_people(self, requests: DeferredToolRequests) -> None:
        """Show the calls that somebody else is asked about as waiting: for an approval, or for an answer."""
        approvals = [] if self.asks_alone else requests.approvals
        for calls, text in ((approvals, "waits for approval"), (requests.calls, "waits for an answer")):
            for call in calls:
                stage = self._stages.get(call.tool_call_id) or self.stage(call)
                if stage.status in _NOT_BEGUN:
                    note_arguments(stage, call.args_as_dict())
                    internals(stage).life.set_status("waiting", text)

    def settled(self, results: DeferredToolResults) -> None:
        """End the stages of calls to which somebody has given an answer; approved ones are about to run."""
        for call_id, answer in (*results.calls.items(), *results.approvals.items()):
            stage = self._stages.get(call_id)
            if stage is None or stage.status not in _NOT_BEGUN or answer is True or isinstance(answer, ToolApproved):
                continue
            if answer is False or isinstance(answer, ToolDenied):
                self._end(stage, answer, outcome="denied")
            elif call_id in results.calls and not isinstance(answer, Exception):
                self._end(stage, answer, outcome="success")

    def hand_on_rest(self) -> None:
        """End the stages of calls that the agent leaves to its caller."""
        for stage in self._stages.values():
            if stage.status in _NOT_BEGUN:
                stage.finish("handed on")

    def _end(self, stage: StageHandle, given: object, *, outcome: str | None = None, is_refused: bool = False) -> None:
        content = getattr(given, "content", getattr(given, "message", given))
        outcome = outcome or getattr(given, "outcome", "retried")  # the part of a retry has none in older versions
        shows = internals(stage).contents and isinstance(content, str) and content.strip()
        if outcome == "denied":
            is_usual = content == ToolDenied().message
            stage.skip(f"denied: {one_line(str(content), _REASON)}" if shows and not is_usual else "denied")
        elif outcome == "interrupted":
            stage.cancel()
        elif outcome != "success":
            text = one_line(str(content), _REASON) if shows and not is_refused else ""
            stage.fail(text or "refused before it ran")
        elif content == LEFT_OUT:
            stage.skip("left out, since the output was there")
        else:
            note_result(stage, _as_shown(content))
            stage.finish("answered from outside")

    async def execute(
        self, ctx: RunContext[Any], call: ToolCallPart, args: dict[str, Any], handler: WrapToolExecuteHandler
    ) -> Any:  # noqa: ANN401 - a tool returns anything
        """Run a tool as the stage of its call, current for all that it calls."""
        with self._place.guarded():
            self._known.add(call.tool_name)  # it is about to run
            stage = self.stage(call)
            bind_call(stage, call.tool_name, call.tool_call_id, own_function(ctx, call.tool_name))
            note_arguments(stage, args)
            let_report(ctx, call.tool_name)
            if stage.status == "waiting":
                internals(stage).life.set_status("running", "")
        if self._place.silent:
            return await handler(args)
        self._at_work[stage] = call.tool_name
        self._name_calls()
        try:
            with stage:
                try:
                    result = await handler(args)
                except _HANDED_ON as reason:
                    self._hand_on(ctx, stage, reason)
                    raise
                with self._place.guarded():
                    note_result(stage, _as_shown(result))
                return result
        except Exception:
            raise
        except BaseException:
            self._cut = True  # what was at work then stays in the record
            raise
        finally:
            self._at_work.pop(stage, None)
            self._name_calls()

    def _name_calls(self) -> None:
        """Let the agent's line name the tools that are at work; when none is any more, it names none."""
        stage = self._place.stage
        if self._cut or stage is None or self._place.silent or stage.status != "running":
            return
        with self._place.guarded():
            doing = calling_text([*self._at_work.values()])
            message = f"{doing}{self.attempt}" if doing else ""
            if message != internals(stage).message:
                stage.update(message=message)

    def stage(self, call: ToolCallPart) -> StageHandle:
        """Return the stage of a call, which is made at the first time."""
        stage = self._stages.get(call.tool_call_id)
        if stage is None or stage.ended:  # some servers number the calls of every answer anew
            output, title = self._place.output(), self.named(call.tool_name)
            # Paths stay in every record. So what a model has made up and is no name becomes the title alone.
            is_name = title == call.tool_name and (title in self._known or _NAME.fullmatch(title) is not None)
            name = title if is_name else UNKNOWN_TOOL
            stage = begin_part(output.stage, name, title=title, work=self._place.work)
            if self._place.traced == "agent":
                internals(stage).carry(traced="tool")
            self._stages[call.tool_call_id] = stage
        return stage


def _as_shown(result: object) -> object:
    """Return what a tool gave to the model, with words in place of files."""
    if isinstance(result, ToolReturn):
        return _as_shown(cast("ToolReturn[object]", result).return_value)
    if isinstance(result, BinaryContent):
        return f"{result.media_type}, {len(result.data):,} bytes"
    if isinstance(result, list | tuple):
        items = cast("Sequence[object]", result)
        return [_as_shown(item) for item in items] if any(isinstance(item, BinaryContent) for item in items) else items
    return result
