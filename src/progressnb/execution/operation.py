"""`@operation`: the decorator of async functions whose call begins a `Run`."""

from __future__ import annotations

import functools
import inspect
import sys
import warnings
from collections import OrderedDict
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Generic,
    ParamSpec,
    SupportsIndex,
    TypeVar,
    cast,
    overload,
)
from weakref import ref

from progressnb.execution.apart import begin_apart
from progressnb.execution.declared import after_reading, path_parameters
from progressnb.execution.fingerprints import fingerprint_of, qualified_name
from progressnb.execution.mirror import mirror_into, parent_of
from progressnb.execution.parameters import OPTIONS, checked_function
from progressnb.execution.registry import find_stack_level
from progressnb.execution.run import Run
from progressnb.execution.subject import subject_of
from progressnb.execution.using import Options, wrong_call
from progressnb.tracking.current import current_stage, internals
from progressnb.tracking.session import present
from progressnb.tracking.stage import Stage, declare, list_stages
from progressnb.tracking.tracker import ProgressTracker, current_run
from progressnb.wire.paths import stage_title

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from progressnb.tracking.budget import Budget
    from progressnb.tracking.clock import Clock
    from progressnb.tracking.controls import Controls
    from progressnb.tracking.handle import StageHandle
    from progressnb.tracking.protocols import KeptResults
    from progressnb.tracking.stage import Stages
    from progressnb.wire.events import Event, Parent

__all__ = ["Operation", "find_operation", "operation", "stage_of_caller"]

P = ParamSpec("P")
T = TypeVar("T")

_defined: dict[str, list[ref[Operation[..., Any]]]] = {}
"""The operations of each name, the latest last: one that is gone hides none that was defined before it."""


class Operation(Generic[P, T]):
    """An async function whose call begins a `Run`; `@operation` makes one.

    Call it with the function's own arguments, without the tracker. Every call also takes `show` (False for no panel),
    `timeout` (seconds, after which the run fails) and `on_event` (a plain or async function that gets every event).
    `using(…)` takes these and more: `title`, `budget` and `stop_if`. For type checkers a call takes exactly what the
    function takes, so that they find a wrong argument; there write `report.using(show=False)("tides")`.

    Await the call, or wait for it in code that is not async: `report("tides").wait()`. The call gives no coroutine: for
    `asyncio.run` write `async def main(): await report("tides")`.

    Attributes:
        function: The function.
        name: The operation's name, by which events, histories and `resume_run` know it.
        stages: The declared stages, with weights that sum to 1.
        fingerprint: A digest of the function's source and of the stages. A run is taken up again by equal code only.

    Example:
        ::

            @pnb.operation
            async def count(tracker: pnb.ProgressTracker, words: list[str]) -> int:
                return len([word for word in pnb.track(words, "counting")])

            await count(["tides", "moon"])  # 2
            await count.using(show=False, timeout=30)(["tides", "moon"])

    """

    def __init__(
        self,
        function: Callable[Concatenate[ProgressTracker, P], Coroutine[Any, Any, T]],
        *,
        stages: Stages | None = None,
        name: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.function = function
        self._clock = clock
        checked = checked_function(function)
        self.name = name or checked
        self._stages = list_stages(stages)
        self.stages = declare(self._stages)
        self.fingerprint = fingerprint_of(function, self._stages)
        functools.update_wrapper(self, function)
        signature = inspect.signature(function)
        own = list(signature.parameters.values())
        own = own if own[0].kind is inspect.Parameter.VAR_POSITIONAL else own[1:]
        self._taken = signature.replace(parameters=own)
        keyword = inspect.Parameter.KEYWORD_ONLY
        options = [inspect.Parameter(option, keyword, default=None) for option in OPTIONS]
        at = len(own) - (bool(own) and own[-1].kind is inspect.Parameter.VAR_KEYWORD)
        self.__signature__ = signature.replace(parameters=[*own[:at], *options, *own[at:]])
        _define(self)

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        """Pickle an operation of a module by its name, as functions are; one of a notebook goes as a whole."""
        module, name = getattr(self, "__module__", ""), getattr(self, "__qualname__", "")
        if module != "__main__" and getattr(sys.modules.get(module), name, None) is self:
            return str(name)
        return super().__reduce_ex__(protocol)

    def __repr__(self) -> str:
        """Show the name and the signature."""
        return f"<operation {self.name}{self.__signature__}>"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Run[T]:
        """Begin a run at the loop's next turn and return its handle."""
        # No type can say that a call takes options beside what the function takes; `using` says it.
        options = cast("dict[str, Any]", {option: kwargs.pop(option, None) for option in OPTIONS})
        # A wrong call fails here, where its traceback shows the caller's line.
        return self.begin(self._bound(args, kwargs), **options)

    def using(
        self,
        *,
        title: str | None = None,
        budget: Budget | None = None,
        stop_if: Callable[[Any], object] | None = None,
        show: bool | None = None,
        timeout: float | None = None,
        on_event: Callable[[Event], object] | None = None,
    ) -> Callable[P, Run[T]]:
        """Return a function that begins runs with these options and takes exactly what the function takes.

        Args:
            title: The title of the run, any text, in place of the argument that tells it from others.
            budget: The most that the run may spend. A run that has spent more ends with `BudgetExceeded`.
            stop_if: A function that gets the output of each agent of the run while it is written, as plain data.
                When it returns True, that output ends there, as `run.enough()` ends it. One that raises says no.
            show: False shows no panel; None follows the session.
            timeout: Seconds after which the run fails.
            on_event: A plain or async function that gets every event.

        Returns:
            The function.

        Raises:
            InvalidProgressError: For an option of another kind.

        Example:
            ::

                await report.using(title="The sea", budget=pnb.Budget(cost=0.10))("tides")

        """
        options = Options(title=title, budget=budget, stop_if=stop_if, show=show, timeout=timeout, on_event=on_event)

        @functools.wraps(self.function)
        def begin(*args: P.args, **kwargs: P.kwargs) -> Run[T]:
            return self._start(self._bound(args, kwargs), options)

        begin.__signature__ = self._taken  # type: ignore[attr-defined] # what `inspect.signature` reads
        begin.begun_by = self, options  # type: ignore[attr-defined] # what `batch` reads
        return begin

    def begin(
        self,
        inputs: Mapping[str, object],
        *,
        title: str | None = None,
        show: bool | None = None,
        timeout: float | None = None,
        on_event: Callable[[Event], object] | None = None,
        resumed_from: str | None = None,
        kept: KeptResults | None = None,
        rerun: Sequence[str] = (),
    ) -> Run[T]:
        """Begin a run, as a call does, with inputs by the names of the function's parameters.

        Args:
            inputs: The inputs.
            title: The title of the run; None is none.
            show: False shows no panel; None follows the session.
            timeout: Seconds after which the run fails.
            on_event: A plain or async function that gets every event.
            resumed_from: The id of the run that this one takes up.
            kept: The results of stages that earlier runs finished.
            rerun: Names or paths of stages whose results `kept` does not give.

        Returns:
            The run.

        Raises:
            InvalidProgressError: For a timeout that is not a number of 0 or more.

        Example:
            ::

                run = report.begin({"topic": "tides"}, timeout=30)

        """
        options = Options(title=title, show=show, timeout=timeout, on_event=on_event)
        return self._start(inputs, options, resumed_from=resumed_from, kept=kept, rerun=rerun)

    def begin_item(
        self,
        inputs: Mapping[str, object],
        options: Options,
        parent: Parent,
        payer: Controls | None = None,
        *,
        resumed_from: str | None = None,
        kept: KeptResults | None = None,
    ) -> Run[T]:
        """Begin a run apart, as `execution.apart` says; for a batch, which tells of its failure itself.

        Nothing shows the run, and no stage of its caller mirrors it: its first event names the parent alone. What it
        spends counts for `payer`, the controls of the batch, and so for the budgets of the runs above that. A further
        attempt takes up the run before, `resumed_from`, with the results of stages that this one `kept`.
        """
        run = begin_apart(
            lambda: self._start(inputs, options, parent=parent, payer=payer, resumed_from=resumed_from, kept=kept)
        )
        run.leave_to_caller()
        return run

    @property
    def listed_stages(self) -> list[Stage]:
        """The stages as they were given, with their options."""
        return self._stages

    @property
    def taken(self) -> inspect.Signature:
        """The signature of a call without options: the function's own, without the tracker."""
        return self._taken

    def _bound(self, args: tuple[object, ...], kwargs: dict[str, object]) -> Mapping[str, object]:
        try:
            return self._taken.bind(*args, **kwargs).arguments
        except TypeError as error:
            raise wrong_call(self.name, str(error), kwargs, self._taken.parameters) from None

    def _start(
        self,
        inputs: Mapping[str, object],
        options: Options,
        *,
        parent: Parent | None = None,
        payer: Controls | None = None,
        resumed_from: str | None = None,
        kept: KeptResults | None = None,
        rerun: Sequence[str] = (),
    ) -> Run[T]:
        mirror = None if parent is not None else stage_of_caller(self.name)
        if mirror is not None:
            parent = parent_of(mirror)
        tracker = ProgressTracker(
            self.name,
            self._stages,
            parent=parent,
            resumed_from=resumed_from,
            title=options.title,
            subject=subject_of(self._named(inputs)),
            clock=self._clock,
        )
        tracker.inputs, tracker.fingerprint, tracker.paths = inputs, self.fingerprint, path_parameters(self.function)
        if mirror is not None and (before := internals(mirror).kept) is not None:
            kept = before.below(self.name, mirror.path)
        if kept is not None:
            tracker.restore(kept, rerun=rerun)
        controls = tracker.controls_of_run
        controls.stop_if = options.stop_if
        if options.budget is not None:
            controls.allow(options.budget)
        if payer is not None:
            controls.charge_to(payer)
        if mirror is not None:
            mirror_into(mirror, tracker)
        bound = inspect.BoundArguments(self._taken, OrderedDict(inputs))
        function = cast("Callable[..., Coroutine[Any, Any, T]]", self.function)
        run: Run[T] = Run(
            tracker,
            lambda own: after_reading(own, lambda: function(own, *bound.args, **bound.kwargs)),
            timeout=options.timeout,
            on_event=options.on_event,
        )
        if parent is None:
            run.shown = present(run, show=options.show)
        return run

    def _named(self, inputs: Mapping[str, object]) -> dict[str, object]:
        """Return the inputs by name, those of `**kwargs` by their own names."""
        named = dict(inputs)
        for name, parameter in self._taken.parameters.items():
            if parameter.kind is inspect.Parameter.VAR_KEYWORD and isinstance(rest := named.pop(name, None), dict):
                named |= cast("dict[str, object]", rest)
        return named


def stage_of_caller(name: str) -> StageHandle | None:
    """Return a new stage of the run that calls, which shows a run of this name; None outside any run."""
    above = current_stage()
    if above is not None and not above.ended:
        return above.stage(name)
    run = current_run()
    if run is None or run.log.ended:
        return None
    title = stage_title(name)
    stage = run.stage(name, title=title)
    is_free = stage.status == "pending" and internals(stage).billed
    return stage if is_free else run.stage(Stage(name, title=title))  # a declared one shows one run


def _define(operation: Operation[..., Any]) -> None:
    before = find_operation(operation.name)
    alive = [each for each in _defined.get(operation.name, []) if each() is not None]
    _defined[operation.name] = [*alive, ref(operation)]
    if before is None or _place(before) == _place(operation):  # a cell of a notebook that is run again
        return
    message = (
        f"two operations are called {operation.name!r}: {_place(before)} and {_place(operation)}; "
        f"resume_run will take the latter. Give one of them another name="
    )
    warnings.warn(message, RuntimeWarning, stacklevel=find_stack_level())


def _place(operation: Operation[..., Any]) -> str:
    return qualified_name(inspect.unwrap(operation.function))


def find_operation(name: str) -> Operation[..., Any] | None:
    """Return the latest operation of this name that was defined in this process and is not gone, or None."""
    found = (each() for each in reversed(_defined.get(name, [])))
    return next((each for each in found if each is not None), None)


@overload
def operation(function: Callable[Concatenate[ProgressTracker, P], Coroutine[Any, Any, T]], /) -> Operation[P, T]: ...
@overload
def operation(
    *, stages: Stages | None = None, name: str | None = None, clock: Clock | None = None
) -> Callable[[Callable[Concatenate[ProgressTracker, P], Coroutine[Any, Any, T]]], Operation[P, T]]: ...
def operation(
    function: Callable[Concatenate[ProgressTracker, P], Coroutine[Any, Any, T]] | None = None,
    /,
    *,
    stages: Stages | None = None,
    name: str | None = None,
    clock: Clock | None = None,
) -> Operation[P, T] | Callable[[Callable[Concatenate[ProgressTracker, P], Coroutine[Any, Any, T]]], Operation[P, T]]:
    """Make an operation of an async function whose first parameter is the tracker.

    A second operation of the same name warns: `resume_run` takes the latest. The same definition once more, as of a
    notebook's cell that is run again, does not warn.

    Args:
        function: The function, where the decorator is used without parentheses.
        stages: Names and relative weights, or a list of names and `Stage` objects.
        name: The operation's name; the function's name is the default.
        clock: The clock that stamps the events, for tests.

    Returns:
        An `Operation`, or a decorator that makes one.

    Raises:
        OperationError: For a function that is not async, takes no tracker, or has a parameter called `show`, `timeout`
            or `on_event`.
        InvalidStagesError: For stages that can't be declared.

    Example:
        ::

            @pnb.operation(stages={"research": 0.7, "write": 0.3})
            async def report(tracker: pnb.ProgressTracker, topic: str) -> str:
                async with tracker.stage("research") as stage:
                    await stage.update(30, "reading")
                return topic

            result = await report("tides")

    """
    if function is not None:
        return Operation(function)
    return lambda function: Operation(function, stages=stages, name=name, clock=clock)
