"""A call of a function as the work of a stage: its result is kept for a later run, or was kept by an earlier one."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Protocol

from progressnb.wire.bounded import bounded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from progressnb.tracking.outbox import Outbox
    from progressnb.tracking.recorder import Recorder
    from progressnb.wire.events import StageStatus

__all__ = ["StageCall"]


class _Life(Protocol):
    box: Outbox

    def start(self, message: str | None = None, **data: Any) -> None: ...  # noqa: ANN401
    def set_status(self, status: StageStatus, message: str | None, **data: Any) -> None: ...  # noqa: ANN401


class StageCall:
    """One call of a stage. Nothing of it is read where the run neither keeps results nor has kept ones."""

    __slots__ = ("_function", "_identity", "_lasted", "_life", "_recorder", "again")

    def __init__(
        self,
        life: _Life,
        recorder: Recorder,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> None:
        self._lasted = 0.0
        self.again: str | None = None  # why a stage that was done before is run again
        self._life, self._recorder, self._function = life, recorder, function
        reader = recorder.kept or recorder.keeper
        self._identity = reader.identify(function, args, kwargs) if reader is not None else None

    async def restored(self) -> tuple[bool, Any]:
        """Return whether an earlier run kept the result, and the result; the stage has ended with it then."""
        kept = self._recorder.kept
        if kept is None:
            return False, None
        await _read(kept, self._life.box.path, self._identity)
        box = self._life.box
        found, value, self.again = kept.take(box.path, self._identity, self._function)
        if found is None:
            return False, None
        box.restored, box.lasted = True, found.duration
        self._life.start()
        facts = {"source": "restored"} | ({} if found.reason is None else {"reason": found.reason})
        self._finish(value, found.duration, found.reason, facts)
        return True, value

    def at_work(self) -> AbstractContextManager[object]:
        """Return the block in which the function is called."""
        keeper = self._recorder.keeper
        return nullcontext() if keeper is None else keeper.at_work(self._life.box.path, self._identity)

    async def made(self) -> None:
        """Take note that the function has returned, and read the files of the call, of which the result is kept."""
        box = self._life.box
        self._lasted = self._recorder.elapsed - box.began  # without the time that keeping the result takes
        await _read(self._recorder.keeper, self._identity)

    def finish(self, result: object) -> None:
        """End the stage well. Where the run keeps results, the event has what screens show of it."""
        box = self._life.box
        box.lasted = self._lasted
        stage = self._recorder.state.find(box.path)
        reason = stage.data.get("reason") if stage is not None else None
        self._finish(result, box.lasted, reason if isinstance(reason, str) else None, {})

    def _finish(self, result: object, duration: float, reason: str | None, facts: dict[str, Any]) -> None:
        keeper = self._recorder.keeper
        if keeper is not None:
            path = self._life.box.path
            fault = keeper.keep(path, self._identity, self._function, result, duration=duration, reason=reason)
            facts |= {"result": bounded(result)} | ({} if fault is None else {"not_restorable": fault})
        self._life.set_status("finished", None, **facts)


async def _read(keeper: object, *call: object) -> None:
    """Let a keeper of results read files in a thread: they may be large, and the loop goes on meanwhile."""
    reader: Callable[..., Callable[[], None] | None] | None = getattr(keeper, "reader", None)  # not every one reads
    if reader is not None and (read := reader(*call)) is not None:
        await asyncio.to_thread(read)
