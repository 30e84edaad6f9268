"""`StreamingOperation`: the class form of `@operation`."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from progressnb.errors import OperationError
from progressnb.execution.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.execution.run import Run
    from progressnb.tracking.stage import Stages
    from progressnb.tracking.tracker import ProgressTracker
    from progressnb.wire.events import Event

__all__ = ["StreamingOperation"]

T = TypeVar("T")

_TRACKER = inspect.Parameter("tracker", inspect.Parameter.POSITIONAL_ONLY)


class StreamingOperation(Generic[T]):
    """An operation as a class: the instance has the inputs, `execute` does the work.

    `Report("tides").run()` begins a run. `Report.as_operation()` is an `Operation` that takes the inputs of the class.

    Attributes:
        operation_name: The operation's name; a subclass must set it.
        stages: Names and relative weights, or a list of names and `Stage` objects; None for no declared stages.

    Raises:
        OperationError: When a subclass is defined without an `operation_name`, or with an `execute` that is not async.

    Example:
        ::

            class Report(pnb.StreamingOperation[str]):
                operation_name = "report"
                stages = {"research": 0.7, "write": 0.3}

                def __init__(self, topic: str) -> None:
                    self.topic = topic

                async def execute(self, tracker: pnb.ProgressTracker) -> str:
                    async with tracker.stage("research") as stage:
                        await stage.update(30, "reading")
                    return self.topic

            result = await Report("tides").run()

    """

    operation_name: ClassVar[str]
    stages: ClassVar[Stages | None] = None

    def __init_subclass__(cls, **options: Any) -> None:  # noqa: ANN401 - whatever other bases take
        super().__init_subclass__(**options)
        if inspect.isabstract(cls) or "execute" not in vars(cls):
            return  # a base of other operations
        name = getattr(cls, "operation_name", None)
        if not isinstance(name, str) or not name.strip():
            raise OperationError(f"an operation_name of {cls.__name__}", repr(name), 'Write operation_name = "report".')
        if not inspect.iscoroutinefunction(cls.execute):
            raise OperationError("an async execute", cls.__name__, "Write `async def execute(self, tracker)`.")

    async def execute(self, tracker: ProgressTracker) -> T:
        """Do the work and return the result; report to the tracker."""
        raise NotImplementedError

    def run(
        self,
        *,
        show: bool | None = None,
        timeout: float | None = None,
        on_event: Callable[[Event], object] | None = None,
    ) -> Run[T]:
        """Begin a run of this instance at the loop's next turn.

        Args:
            show: False shows no panel; None follows the session.
            timeout: Seconds after which the run fails.
            on_event: A plain or async function that gets every event.

        Returns:
            The run's handle.

        """

        @functools.wraps(type(self), updated=())
        async def execute(tracker: ProgressTracker) -> T:
            return await self.execute(tracker)

        cast("Any", execute).__signature__ = inspect.Signature([_TRACKER])

        begun = Operation(execute, stages=self.stages, name=self.operation_name)
        return begun.using(show=show, timeout=timeout, on_event=on_event)()

    @classmethod
    def as_operation(cls) -> Operation[..., T]:
        """Return an `Operation` whose calls take what the class takes."""

        @functools.wraps(cls, updated=())
        async def execute(tracker: ProgressTracker, *args: Any, **kwargs: Any) -> T:  # noqa: ANN401 - the class's own
            return await cls(*args, **kwargs).execute(tracker)

        taken = list(inspect.signature(cls).parameters.values())
        cast("Any", execute).__signature__ = inspect.Signature([_TRACKER, *taken])
        return Operation(execute, stages=cls.stages, name=cls.operation_name)
