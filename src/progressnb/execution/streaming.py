"""`StreamingOperation`: the class form of `@operation`, for those who prefer classes."""

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
    """Write an operation as a class: its inputs are the instance's, its work is `execute`.

    ::

        class Report(StreamingOperation[str]):
            operation_name = "report"
            stages = {"research": 0.7, "write": 0.3}

            def __init__(self, topic: str) -> None:
                self.topic = topic

            async def execute(self, tracker: ProgressTracker) -> str:
                async with tracker.stage("research") as stage:
                    await stage.update(30, "reading")
                return self.topic

        result = await Report("tides").run()

    `Report.as_operation()` is what `@operation` makes of a function: call it with the inputs to get a run.
    Raises `OperationError` for a class without an `operation_name` or whose `execute` is not async, when it is defined.
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
        """Begin a run of this instance at the loop's next turn and return its handle."""

        @functools.wraps(type(self), updated=())
        async def execute(tracker: ProgressTracker) -> T:
            return await self.execute(tracker)

        cast("Any", execute).__signature__ = inspect.Signature([_TRACKER])

        begun = Operation(execute, stages=self.stages, name=self.operation_name)
        return begun(show=show, timeout=timeout, on_event=on_event)

    @classmethod
    def as_operation(cls) -> Operation[..., T]:
        """Return the operation that takes what the class takes."""

        @functools.wraps(cls, updated=())
        async def execute(tracker: ProgressTracker, *args: Any, **kwargs: Any) -> T:  # noqa: ANN401 - the class's own
            return await cls(*args, **kwargs).execute(tracker)

        taken = list(inspect.signature(cls).parameters.values())
        cast("Any", execute).__signature__ = inspect.Signature([_TRACKER, *taken])
        return Operation(execute, stages=cls.stages, name=cls.operation_name)
