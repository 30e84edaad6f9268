"""Arguments in the wrong order or of the wrong type: each method says in our words what it expected."""

import contextlib
import inspect
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from progressnb import ProgressTracker
from progressnb.errors import InvalidStagesError, ProgressError
from progressnb.tracking.handle import StageHandle

WRONG: list[Any] = [None, 5, 5.5, "x", b"y", object(), [1], {"a": 1}]

METHODS = ["update", "write", "add_usage", "expect", "stage", "start", "finish", "skip", "fail", "fall_back", "retry"]


async def test_a_forgotten_stage() -> None:
    """`tracker.update(50, …)`, as a stage's own `update` is called, is told how it is written."""
    async with ProgressTracker("etl", show=False) as tracker:
        with pytest.raises(InvalidStagesError, match=r'got 50.*tracker.update\("load", 50'):
            tracker.update(50, "half way")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["update", "stage", "cancel", "approve", "deny", "say", "enough", "act"])
async def test_wrong_arguments_of_a_tracker(name: str) -> None:
    """A method of the tracker takes what it is given, or raises an error of ours."""
    await _check(ProgressTracker, name, lambda tracker: tracker)


@pytest.mark.parametrize("name", METHODS)
async def test_wrong_arguments_of_a_stage(name: str) -> None:
    """A method of a stage takes what it is given, or raises an error of ours."""
    await _check(StageHandle, name, lambda tracker: tracker.stage("load"))


async def _check(kind: type, name: str, owner: Callable[[ProgressTracker], Any]) -> None:
    parameters = list(inspect.signature(getattr(kind, name)).parameters.values())[1:]
    positional = [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    needed = sum(each.default is each.empty for each in positional)
    for number in range(max(needed, 1), min(len(positional), 2) + 1):
        for arguments in itertools.product(WRONG, repeat=number):
            tracker = ProgressTracker("etl", show=False)
            tracker.start()
            with contextlib.suppress(ProgressError):
                getattr(owner(tracker), name)(*arguments)
            tracker.cancelled(arguments[0])
