"""The options of `track`, and the errors that name the remedy."""

import copy
import pickle
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

import progressnb as pnb
from progressnb.errors import InvalidProgressError
from tests.tools.loops import shown


@pytest.mark.parametrize("function", [pnb.track, pnb.atrack])
@pytest.mark.parametrize(
    ("option", "remedy"),
    [
        ("desc", "description, not desc"),
        ("completed", "initial, not completed"),
        ("disable", "show=False"),
        ("leave", "a bar stays"),
        ("postfix", r"bar\.set"),
        ("unit", "without a unit"),
        ("mininterval", "ten looks"),
        ("colour", "screen"),
        ("anything", "iterable, description, total, initial and show"),
    ],
)
def test_options_of_other_libraries(function: Callable[..., Any], option: str, remedy: str) -> None:
    """An option that another library has is refused with the name that it has here."""
    with pytest.raises(TypeError, match=rf"^track takes .*{remedy}"):
        function([1], **{option: "x"})


@pytest.mark.parametrize("function", [pnb.track, pnb.atrack])
def test_no_items(function: Callable[..., Any]) -> None:
    """A bar that is moved by hand, as tqdm has, is a stage here."""
    with pytest.raises(TypeError, match="track takes the items"):
        function(total=100)


@pytest.mark.parametrize("bar", [pnb.track([1]), pnb.atrack([1])])
def test_methods_of_other_libraries(bar: Any) -> None:
    """A method that another library's bar has is refused with what to write here; others as ever."""
    with pytest.raises(AttributeError, match=r"has no set_postfix: write bar\.set"):
        bar.set_postfix(loss=1)
    with pytest.raises(AttributeError, match=r"has no anything$"):
        _ = bar.anything
    assert not hasattr(bar, "update")


def test_show() -> None:
    """`show=False` hides the bar of one loop, `show=True` shows it where others are hidden."""
    with shown() as runs:
        assert list(pnb.track([1, 2], "hidden", show=False)) == [1, 2]
        assert runs == []
        pnb.configure(show=False)
        assert list(pnb.track([1, 2], "visible", show=True)) == [1, 2]
        assert [run.operation for run in runs] == ["visible"]
    wrong: Any = "no"
    with pytest.raises(InvalidProgressError, match="show as True or False"):
        pnb.track([1], show=wrong)


async def numbers() -> AsyncIterator[int]:
    """Yield a number."""
    yield 1


def test_async_iterables() -> None:
    """`track` of what only `async for` reads names `atrack`."""
    wrong: Any = numbers()
    with pytest.raises(TypeError, match=r"async_generator: write `async for item in pnb\.atrack"):
        pnb.track(wrong)


async def one() -> int:
    """Return a number."""
    return 1


@pytest.mark.parametrize(
    ("items", "remedy"),
    [(10, r"not 10: write range\(10\)"), (one, r"not coroutine: await it"), (None, "'NoneType' object is not iter")],
)
def test_what_holds_no_items(items: Any, remedy: str) -> None:
    """A number, a coroutine and None are refused at the call, with the remedy where there is one."""
    with pytest.raises(TypeError, match=remedy):
        pnb.track(items() if callable(items) else items)


@pnb.operation
async def nothing(tracker: pnb.ProgressTracker) -> None:
    """Do nothing."""


async def test_pickling() -> None:
    """What reports from this process is neither pickled nor copied, and the error says what to do."""
    async with pnb.ProgressTracker("op", show=False) as tracker, tracker.stage("a") as stage:
        run = nothing.using(show=False)()
        for each in (tracker, stage, run, pnb.track([1]), pnb.atrack([1])):
            with pytest.raises(TypeError, match=r"can't be pickled or copied.*executor\.map"):
                pickle.dumps(each)
            with pytest.raises(TypeError, match=f"^{type(each).__name__}"):
                copy.deepcopy(each)
        await run
