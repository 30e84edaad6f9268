"""The open blocks of a stage: each begins the stage, makes it the current one, and ends it as the block ended."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from progressnb.errors import InvalidStagesError
from progressnb.tracking.attempts import attempt, check_function, time_limit
from progressnb.wire.forks import after_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from progressnb.tracking.stage_work import StageWork

__all__ = ["Blocks", "current"]

# A `StageHandle`, whose module needs this one. `current_stage` gives the type.
current: ContextVar[Any] = ContextVar("progressnb_stage", default=None)
after_fork(lambda: current.set(None))


class Blocks:
    """The open blocks of one stage, of which a handle may have several in each other."""

    __slots__ = ("_before", "_limits", "_stage")

    def __init__(self, stage: StageWork) -> None:
        self._stage = stage
        self._before: list[Any] = []  # the stage that was current before each block
        self._limits: list[AbstractAsyncContextManager[None]] = []

    def enter(self, handle: object, again: str | None = None) -> None:
        """Begin the stage and make its handle the current one; `again` is why it is run once more."""
        if again is None:
            self._stage.life.start()
        else:
            self._stage.life.start(f"run again: {again}", rerun=again)
        self._before.append(current.get())
        current.set(handle)

    def leave(self, error: BaseException | None) -> None:
        """Make the stage before the current one again, and end this stage as its block ended."""
        self.restore()
        self._stage.settle_loops(error)
        if self._stage.ended or (self._stage.status == "waiting" and isinstance(error, Exception)):
            return  # whoever decides about a stage that waits ends it
        if error is None:
            self._stage.life.finish()
        elif isinstance(error, Exception):
            self._stage.life.fail(error)
        else:
            self._stage.life.cancel(arose=True)

    def restore(self) -> None:
        """Make the stage before the current one again."""
        current.set(self._before.pop())

    async def enter_timed(self, handle: object) -> None:
        """Do what `enter` does; the stage's timeout begins to count."""
        self._limits.append(limit := time_limit(self._stage.options.timeout))
        await limit.__aenter__()
        self.enter(handle)

    async def leave_timed(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Do what `leave` does; raise `TimeoutError` if the block took longer than the stage's timeout."""
        try:
            await self._limits.pop().__aexit__(kind, error, traceback)
        except BaseException as last:
            self.leave(last)
            raise
        self.leave(error)

    async def run(
        self,
        handle: object,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        options: Mapping[str, Any],
    ) -> Any:  # noqa: ANN401 - what the function returns
        """Run a function as the stage, or give its result that an earlier run kept."""
        __tracebackhide__ = True  # IPython and pytest leave such frames out
        check_function(function)
        stage = self._stage
        call = stage.life.call(function, arguments, options)
        is_restored, result = await call.restored()
        if is_restored:
            return result
        self.enter(handle, call.again)
        try:
            with call.at_work():
                result = await attempt(stage, function, arguments, options)
            await call.made()
        except BaseException as error:
            self.leave(error)
            raise
        self.restore()
        if not stage.ended:
            call.finish(result)
        return result

    def check(self, *, is_async: bool) -> None:
        """Raise `InvalidStagesError` for a stage whose options a block can't keep."""
        stage = self._stage
        if stage.options.repeats:
            raise InvalidStagesError(
                f"`await stage.run(function)` for stage {stage.path!r}, which has retries or a fallback",
                "a block",
                "A block can't be repeated: put its work into a function.",
            )
        if stage.options.timeout is not None and not is_async:
            raise InvalidStagesError(
                f"`async with` for stage {stage.path!r}, which has a timeout", "`with`", "Code can't be stopped there."
            )
