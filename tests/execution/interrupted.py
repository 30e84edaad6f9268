"""A run that fails behind a finished stage, so that it can be taken up again."""

from collections.abc import Callable
from typing import Any

import pytest

from progressnb import ProgressTracker, Run, operation

failing = {"on": True}
work: list[Callable[..., Any]] = []
given: list[Any] = []


@operation
async def job(tracker: ProgressTracker) -> Any:
    """Load, then fail where the test says so."""
    result = await tracker.stage("load").run(work[0], *given)
    async with tracker.stage("end"):
        if failing["on"]:
            raise ConnectionError("down")
    return result


async def interrupted(function: Callable[..., Any], *arguments: Any) -> Run[Any]:
    """Return a run whose stage `load` has finished and which failed then."""
    work[:], given[:] = [function], arguments
    failing["on"] = True
    run = job()
    with pytest.raises(ConnectionError):
        await run
    failing["on"] = False
    return run
