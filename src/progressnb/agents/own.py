"""The run that an agent begins where there is none: named after the agent, shown, recorded, and stopped with it."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import anyio
from pydantic_ai.exceptions import UserError

from progressnb.execution import Run
from progressnb.execution.outcome import cancelled_error, in_one_line, interrupt_reason
from progressnb.tracking import ProgressTracker, Stage, hush_error
from progressnb.tracking.session import present
from progressnb.tracking.tracker import enter_run
from progressnb.wire.plain import clean_text, shorten
from progressnb.wire.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

    from pydantic_ai.run import AgentRunResult
    from pydantic_ai.tools import RunContext

    from progressnb.tracking import StageHandle

__all__ = ["AgentRun", "first_words", "noting_interrupts"]

SUBJECT = 60
"""Characters of a run's subject, at most."""

_READ = 1_000  # characters of a prompt in which its first words are looked for

LEFT_EARLY = "its block was left before the agent's end"
CANCELLED = "its task was cancelled"


class AgentRun(Run[Any]):
    """The run of an agent outside any other run: `cancel` stops the agent, and the result is the agent's output.

    The agent's code runs in the task of its caller, where pydantic-ai has it. The run has a task beside it that waits
    for the agent's end, so that it is listed, shown, recorded and cancelled as every run is.
    """

    def __init__(self, ctx: RunContext[Any], name: str, *, contents: bool) -> None:
        tracker = ProgressTracker(
            name,
            [Stage(name, title=name)],
            model=_one_model(ctx.model),
            subject=first_words(ctx.prompt) if contents else None,
        )
        if contents and isinstance(ctx.prompt, str):
            tracker.inputs = {"prompt": Text(ctx.prompt)}  # a prompt may look like the path of a file
        super().__init__(tracker, self._wait_for_agent)
        self._ctx: RunContext[Any] | None = ctx
        self._contents = contents
        self._agent_began = asyncio.Event()
        self._agent_ended = asyncio.Event()
        self._agent_error: Exception | None = None
        self._output: Any = None
        self.returned: AgentRunResult[Any] | None = None
        """The object that the agent's caller gets, which holds the output."""
        self._reason: str | None = None
        self._why_ended: str | None = None  # by an error: an agent whose block is left early has none

    @property
    def result(self) -> Any:  # noqa: ANN401 - of the agent's output type
        """The agent's output where the run finished, else None."""
        return self._output if self.status == "finished" else None

    def cancel(self, reason: str | None = None) -> None:
        """Stop the agent and the run, from any thread. Whoever awaits the agent gets `RunCancelled`."""
        with self.log.lock:
            if not self.log.ended:
                self._reason = self._reason or reason or "cancelled"
        super().cancel(reason)

    async def around(
        self, report: Callable[[StageHandle], Coroutine[Any, Any, AgentRunResult[Any]]], *, show: bool | None
    ) -> AgentRunResult[Any]:
        """Begin the run, let the agent work and report into its one stage, and end the run as the agent ended."""
        self.shown = present(self, show=show)
        try:
            await self._wait_for_begin()
            enter_run(self._tracker)  # pydantic-ai carries the context on into the task of the agent's caller
            with self._tracker.stage(self.operation) as stage:
                stage.expect(1)  # the agent is all that the run does
                try:
                    result = await report(stage)
                except BaseException:
                    if self._reason is not None and not stage.ended:
                        stage.cancel()
                    raise
        except BaseException as error:
            await self._end_with(error)
            raise
        finally:
            self._ctx = None  # its messages and dependencies may be large, and a notebook keeps the run
        self._output = result.output
        self.returned = result if self._contents else None  # nothing is kept back that the panel does not show
        self._agent_ended.set()
        await self
        return result

    def error_for(self, error: BaseException) -> BaseException:
        """Return the error that the agent's caller gets: that of a cancelled run where `cancel` stopped the agent.

        An interrupt stays what it is, and ends a notebook's cell in one line.
        """
        self._why_ended = interrupt_reason(error, CANCELLED)
        if isinstance(error, Exception):
            return error
        if self._reason is not None and isinstance(error, asyncio.CancelledError):
            return cancelled_error(self.operation, self._reason, remedy="")
        return in_one_line(error, self, self._why_ended)

    def note_interrupt(self, interrupt: KeyboardInterrupt) -> None:
        """Take note of an interrupt in a model or a tool: pydantic-ai cancels its hooks then, and gives no reason."""
        self._why_ended = interrupt_reason(interrupt, CANCELLED)
        in_one_line(interrupt, self, self._why_ended)

    async def _wait_for_begin(self) -> None:
        loop = asyncio.get_running_loop()
        # A run that is cancelled before it begins only ends, perhaps in another thread.
        self.on_end(lambda: loop.call_soon_threadsafe(self._agent_began.set))
        await self._agent_began.wait()
        if self.log.ended:
            raise self.exception or cancelled_error(self.operation, self._reason, remedy="")

    async def _wait_for_agent(self, _tracker: ProgressTracker) -> Any:  # noqa: ANN401 - of the agent's output type
        self._agent_began.set()
        try:
            await self._agent_ended.wait()
        except asyncio.CancelledError:
            if self._ctx is not None and not self._agent_ended.is_set():
                with suppress(UserError):  # an agent that can't be cancelled: its end is waited for
                    self._ctx.cancel()
                await self._agent_ended.wait()
            raise
        if self._agent_error is not None:
            raise self._agent_error
        return self._output if self._contents else None

    async def _end_with(self, error: BaseException) -> None:
        """End the run as failed or cancelled; the agent's error keeps its own traceback."""
        traceback = error.__traceback__
        if not self._contents:
            hush_error(error)
        if self._reason is None:
            if isinstance(error, Exception):
                self._agent_error = error
            elif self._is_out_of_time():
                self._agent_error = TimeoutError(f"{self.operation} took longer than its timeout")
            else:
                super().cancel(self._why_ended or LEFT_EARLY)
        self._agent_ended.set()
        # The caller may be in a scope of anyio that cancels every wait. The run ends within some turns of the loop.
        with anyio.CancelScope(shield=True), suppress(Exception, asyncio.CancelledError):
            await self
        error.__traceback__ = traceback

    def _is_out_of_time(self) -> bool:
        left = self._ctx.remaining_time() if self._ctx is not None else None
        return left is not None and left <= 0


def _one_model(model: object) -> str | None:
    """Return the name of a model; of one that stands for several None, since the answer names the one that it is of."""
    name = None if hasattr(model, "models") else getattr(model, "model_name", None)
    return name if isinstance(name, str) else None


@contextmanager
def noting_interrupts(run: AgentRun | None) -> Generator[None]:
    """Let the run of an agent, where it has one of its own, take note of an interrupt in the block."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        if run is not None:
            run.note_interrupt(interrupt)
        raise


def first_words(prompt: object, limit: int = SUBJECT) -> str | None:
    """Return the first words of a prompt in one line of at most `limit` characters; None where it has no text."""
    if isinstance(prompt, list | tuple):
        prompt = next((part for part in prompt if isinstance(part, str) and part.strip()), None)  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(prompt, str):
        return None
    text = " ".join(clean_text(prompt[:_READ]).split())
    if len(text) > limit:
        words, space, _ = text[:limit].rpartition(" ")
        # A word that takes more than half of the line is cut.
        text = f"{words}…" if space and len(words) >= limit // 2 else shorten(text, limit - 1)
    return text or None
