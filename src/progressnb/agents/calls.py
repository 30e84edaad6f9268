"""The calls of an agent's tools: each is a stage with its arguments and its result."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from pydantic_ai.exceptions import ApprovalRequired, CallDeferred, SkipToolExecution
from pydantic_ai.messages import BinaryContent, ToolReturn

from progressnb.agents.events import own_function
from progressnb.tools import bind_call
from progressnb.tracking import begin_part, calling_text, internals, note_arguments, note_result
from progressnb.wire.paths import UNKNOWN_TOOL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic_ai.capabilities import WrapToolExecuteHandler
    from pydantic_ai.messages import FunctionToolCallEvent, FunctionToolResultEvent, ToolCallPart
    from pydantic_ai.models import ModelRequestContext
    from pydantic_ai.tools import RunContext

    from progressnb.agents.place import Place
    from progressnb.tracking import StageHandle

__all__ = ["Calls"]

_NAME = re.compile(r"[A-Za-z_][\w.-]{0,63}")

# Ways for a tool to end without a failure: somebody else will answer the call, or a hook has answered it.
_HANDED_ON = (CallDeferred, ApprovalRequired, SkipToolExecution)
_HandedOn: TypeAlias = CallDeferred | ApprovalRequired | SkipToolExecution


class Calls:
    """The stages of the tool calls of one agent run, below the stage of its place.

    `hand_on` ends the stage of a call that somebody else will answer. `attempt` ends the messages of a further attempt.
    """

    def __init__(self, place: Place, hand_on: Callable[[RunContext[Any], StageHandle, _HandedOn], object]) -> None:
        self._place = place
        self._hand_on = hand_on
        self._stages: dict[str, StageHandle] = {}
        self._at_work: dict[StageHandle, str] = {}  # the names of tools
        self._cut = False
        self._known: set[str] = set()
        self.attempt = ""

    def learn(self, ctx: RunContext[Any], request: ModelRequestContext) -> None:
        """Take note of the tools that exist: a name that a model has made up is its text."""
        offered = request.model_request_parameters
        self._known |= {tool.name for tool in (*offered.function_tools, *offered.output_tools)}
        if ctx.tool_manager is not None:
            self._known |= (ctx.tool_manager.tools or {}).keys()

    def named(self, tool_name: str) -> str:
        """Return the name of a tool; without contents other words for one that does not exist."""
        is_known = tool_name in self._known or internals(self._place.output().stage).contents
        return tool_name if is_known else UNKNOWN_TOOL

    def called(self, event: FunctionToolCallEvent) -> None:
        """Make the stage of a call, so that stages stand in the order of the calls, whichever tool begins first."""
        stage = self.stage(event.part)
        if not event.args_valid:  # nothing will validate them
            note_arguments(stage, event.part.args_as_dict())

    def answered(self, event: FunctionToolResultEvent) -> None:
        """End the stage of a call that never ran, since its arguments were refused: nothing else will end it."""
        stage = self._stages.get(event.part.tool_call_id)
        if stage is not None and stage.status == "pending":
            stage.fail("refused before it ran")

    async def execute(
        self, ctx: RunContext[Any], call: ToolCallPart, args: dict[str, Any], handler: WrapToolExecuteHandler
    ) -> Any:  # noqa: ANN401 - a tool returns anything
        """Run a tool as the stage of its call, current for all that it calls."""
        with self._place.guarded():
            self._known.add(call.tool_name)  # it is about to run
            stage = self.stage(call)
            bind_call(stage, call.tool_name, call.tool_call_id, own_function(ctx, call.tool_name))
            note_arguments(stage, args)
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
