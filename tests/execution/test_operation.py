"""`@operation`: an async function that takes a tracker becomes one that returns a run."""

import functools
import gc
import inspect
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest

from progressnb.errors import InvalidProgressError, InvalidStagesError, OperationError
from progressnb.execution.operation import Operation, find_operation, operation
from progressnb.execution.run import Run
from progressnb.tracking.session import configure
from progressnb.tracking.stage import Stage
from progressnb.tracking.tracker import ProgressTracker
from tests.execution.helpers import report, started

if TYPE_CHECKING:
    from progressnb.wire.events import Event


def test_call() -> None:
    """Calling it with the function's own arguments makes a run of its name and stages."""
    run = report("tides", words=200)
    assert isinstance(run, Run)
    assert run.wait() == "tidestides"
    assert run.operation == "report"
    assert [(stage.name, stage.weight) for stage in started(run).stages] == [("research", 0.7), ("write", 0.3)]


def test_keeps_what_it_wraps() -> None:
    """Name, docstring and signature are kept, without the tracker and with the options of every call."""
    assert report.__name__ == "report"  # type: ignore[attr-defined]
    assert report.__doc__ == "Write a report."
    expected = "(topic: str, *, words: int = 100, show=None, timeout=None, on_event=None) -> str"
    assert str(inspect.signature(report)) == expected
    assert repr(report) == f"<operation report{expected}>"

    @operation
    async def free(tracker: ProgressTracker, /, *args: int, **more: int) -> None: ...

    assert str(inspect.signature(free)) == "(*args: int, show=None, timeout=None, on_event=None, **more: int) -> None"

    @operation
    async def freest(*args: Any) -> int:
        return len(args)

    assert str(inspect.signature(freest)) == "(*args: Any, show=None, timeout=None, on_event=None) -> int"
    assert freest("a", "b").wait() == 3


@pytest.mark.parametrize("call", [((), {}), (("a", "b"), {}), (("a",), {"wrods": 3}), (("a",), {"tracker": 3})])
def test_wrong_call(call: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
    """A wrong call is a TypeError at the call, not a run that fails later."""
    with pytest.raises(TypeError):
        report(*call[0], **call[1])


@pytest.mark.parametrize(
    ("given", "hint"),
    [({"wrods": 3}, "; did you mean words= for wrods=?"), ({"colour": 3}, ""), ({}, ""), ({"show": False}, "using(")],
)
def test_a_name_that_is_mistyped_has_a_near_one(given: dict[str, Any], hint: str) -> None:
    """Python names the argument that is missing; which of the given ones was meant for it is what helps."""

    async def count(tracker: ProgressTracker, text: str, words: int) -> None: ...

    call: Any = operation(count).using(show=False) if "using" in hint else operation(count)
    with pytest.raises(TypeError) as caught:
        call("a", **given)
    assert hint in str(caught.value)
    assert hint or "mean" not in str(caught.value)


@pytest.mark.parametrize("timeout", [-1, float("nan"), "5", True, 5j])
def test_wrong_timeout(timeout: Any) -> None:
    """A timeout that is none is refused at the call."""
    with pytest.raises(InvalidProgressError, match="expected a timeout in seconds"):
        report("a", timeout=timeout)  # type: ignore[call-arg]


def _sync(tracker: ProgressTracker) -> None: ...
async def _none() -> None: ...
async def _keyword(*, tracker: ProgressTracker) -> None: ...
async def _keywords(**tracker: ProgressTracker) -> None: ...
async def _method(self: Any, tracker: ProgressTracker) -> None: ...
async def _show(tracker: ProgressTracker, show: bool) -> None: ...
async def _timeout(tracker: ProgressTracker, *, timeout: int) -> None: ...
async def _on_event(on_event: ProgressTracker) -> None: ...
async def _generator(tracker: ProgressTracker) -> AsyncIterator[int]:
    yield len(tracker.id)


@pytest.mark.parametrize("name", [None, "named"])
@pytest.mark.parametrize(
    ("function", "got"),
    [
        (_sync, "_sync"),
        (_generator, "_generator"),
        (_none, "none"),
        (_keyword, "tracker"),
        (_keywords, "tracker"),
        (_method, "method _method"),
        (_show, "show"),
        (_timeout, "timeout"),
        (_on_event, "on_event"),
        (len, "len"),
        (None.__class__, "NoneType"),
    ],
)
def test_refused(function: Any, got: str, name: str | None) -> None:
    """A function that can't become an operation is refused when it is decorated, saying what to write."""
    with pytest.raises(OperationError, match=rf"expected .*, got .*{got}.*\. (Write|Rename)") as caught:
        operation(name=name)(function)
    assert isinstance(caught.value, TypeError)


def _names() -> Iterator[str]:
    yield from ("a", "b")


@pytest.mark.parametrize(
    "stages", [{"a": 1, "b": 1}, ["a", "b"], [Stage("a"), "b"], ("a", "b"), _names()], ids=lambda x: type(x).__name__
)
def test_stages(stages: Any) -> None:
    """Stages may come as a mapping, a list, Stage objects or a generator, and are the same in every run."""

    @operation(stages=stages)
    async def op(tracker: ProgressTracker) -> None: ...

    if isinstance(stages, dict):
        stages["c"] = 5  # too late
    for _ in range(2):
        run = op()
        run.wait()
        assert [(stage.name, stage.title, stage.weight) for stage in run.state.stages] == [
            ("a", "A", 0.5),
            ("b", "B", 0.5),
        ]


def test_bad_stages() -> None:
    """Stages that can't be declared are refused when the operation is made."""
    with pytest.raises(InvalidStagesError):
        operation(stages={"a": -1})(_named)


async def _named(tracker: ProgressTracker) -> str:
    return tracker.operation


def test_name() -> None:
    """A name of one's own names the runs; a function without a name still has one."""
    assert operation(name="tides")(_named)().wait() == "tides"
    assert "_named" in Operation(functools.partial(_named))().wait()


def test_options() -> None:
    """`show`, `timeout` and `on_event` belong to the call and never reach the function."""
    heard: list[Event] = []

    @operation
    async def op(_: ProgressTracker, /, **rest: object) -> dict[str, object]:
        return rest

    run = op(show=False, timeout=60, on_event=heard.append, other=1)
    assert run.wait() == {"other": 1}
    assert heard == list(run.log)


def test_show() -> None:
    """A run is shown once, unless the call or the session says no, or it is part of another run."""
    shown: list[str] = []
    configure(screen=lambda run: shown.append(run.operation), show=True)

    @operation
    async def outer(tracker: ProgressTracker) -> None:
        async with tracker.stage("s"):
            await report("a")

    outer().wait()
    outer(show=False).wait()  # type: ignore[call-arg]
    assert shown == ["outer"]
    configure(show=False)
    outer().wait()
    outer(show=True).wait()  # type: ignore[call-arg]
    assert shown == ["outer", "outer"]


def test_two_operations_of_one_name() -> None:
    """The second definition warns, names both, and says which one a run is taken up with."""

    @operation(name="taken")
    async def first(tracker: ProgressTracker) -> None:
        """Do nothing."""

    with pytest.warns(
        RuntimeWarning, match=r"two operations are called 'taken'.*first and .*second; resume_run"
    ) as caught:

        @operation(name="taken")
        async def second(tracker: ProgressTracker) -> None:
            """Do nothing either."""

    assert [warning.filename for warning in caught] == [__file__]
    assert find_operation("taken") is second
    assert first is not second


def test_a_cell_that_is_run_again() -> None:
    """The same definition once more, as of a notebook's cell, warns of nothing, and counts."""

    def cell() -> Operation[[], None]:
        @operation
        async def again(tracker: ProgressTracker) -> None:
            """Do nothing."""

        return again

    before = cell()
    latest = cell()
    assert find_operation("again") is latest
    assert before is not latest


def test_a_definition_that_is_gone_hides_none() -> None:
    """An operation is found again by its name when a later one of the same name is gone."""

    def cell() -> Operation[[], None]:
        @operation
        async def passing(tracker: ProgressTracker) -> None:
            """Do nothing."""

        return passing

    first, second = cell(), cell()
    assert find_operation("passing") is second
    del second
    gc.collect()
    assert find_operation("passing") is first
    del first
    gc.collect()
    assert find_operation("passing") is None


@pytest.mark.parametrize("hint", [str, str | None, Annotated[int, "x"], Literal["a"], list[str], Path])
def test_an_input_in_the_place_of_the_tracker(hint: Any) -> None:
    """A function whose first parameter is an input by its annotation is refused: the tracker comes first."""

    async def summary(topic: Any) -> Any:
        return topic

    summary.__annotations__["topic"] = hint
    with pytest.raises(OperationError, match=r"the tracker as the first parameter of summary, got topic"):
        operation(summary)


async def _any(*args) -> None: ...  # type: ignore[no-untyped-def] # noqa: ANN002
async def _any_named(*args, **kwargs) -> None: ...  # type: ignore[no-untyped-def] # noqa: ANN002, ANN003
async def _any_then(*topics, model=None) -> None: ...  # type: ignore[no-untyped-def] # noqa: ANN001, ANN002
async def _numbers(*numbers: int) -> None: ...


@pytest.mark.parametrize(
    ("function", "first"), [(_any, "args"), (_any_named, "args"), (_any_then, "topics"), (_numbers, "numbers")]
)
def test_any_number_of_inputs_is_no_tracker(function: Any, first: str) -> None:
    """A function that takes its inputs by `*args` alone names no tracker: it is refused when it is decorated."""
    name = function.__name__
    with pytest.raises(
        OperationError, match=rf"the tracker as the first parameter of {name}, got \*{first}"
    ) as refused:
        operation(function)
    assert f"Write `{name}(tracker, *{first}, …)`" in str(refused.value)


def test_any_number_of_parameters_may_have_the_tracker() -> None:
    """A wrapper takes what it wraps, and `*tracker`, `*_` or an annotation say that the tracker is meant."""

    @functools.wraps(_named)
    async def wrapper(*args, **kwargs) -> str:  # type: ignore[no-untyped-def] # noqa: ANN002, ANN003
        return await _named(*args, **kwargs)

    async def unused(*_) -> int:  # type: ignore[no-untyped-def] # noqa: ANN002
        return 1

    assert operation(name="wrapped")(wrapper)().wait() == "wrapped"
    assert operation(unused)().wait() == 1
