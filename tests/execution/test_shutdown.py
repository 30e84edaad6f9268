"""Loops that end before their runs do."""

import asyncio
from typing import Any

import pytest

from progressnb.errors import RunCancelled
from progressnb.execution.run import Run
from progressnb.wire.events import is_last
from tests.execution.helpers import BODIES, begin, check_cancelled, forever, obeys, turns


@pytest.mark.parametrize("after", range(3))
@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("body", BODIES)
def test_loop_that_is_shut_down(
    body: Any, after: int, watched: bool, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """When `asyncio.run` ends before the run does, the run ends, too, once, and prints no traceback."""
    made: list[Run[Any]] = []

    async def main() -> None:
        made.append(begin(body, on_event=(lambda _: None) if watched else None))
        await turns(after)

    asyncio.run(main())
    (run,) = made
    assert [is_last(event) for event in run.log] == [False] * (len(run.log) - 1) + [True]
    assert capfd.readouterr().err == ""
    assert run.status == "cancelled" or (after > 0 and body is not obeys), "only its own code can end it otherwise"
    assert len(caplog.records) == (run.status == "failed")


def test_loop_that_is_closed() -> None:
    """A run whose loop was closed under it ends as cancelled when somebody cancels it or waits for it."""
    for how in ("cancel", "wait"):
        loop = asyncio.new_event_loop()

        async def main() -> Run[Any]:
            run = begin(forever)
            await turns(3)
            return run

        run = loop.run_until_complete(main())
        assert run._task is not None
        run._task._log_destroy_pending = False  # type: ignore[attr-defined]
        loop.close()
        if how == "cancel":
            run.cancel("gone")
        with pytest.raises(RunCancelled):
            run.wait()
        asyncio.run(check_cancelled(run))
        assert len(run.log) == run.state.last_seq + 1
