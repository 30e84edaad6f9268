"""The check that nobody waits for a batch inside one of its items, which would wait for itself.

Most such waits are seen where they begin: the code is part of the batch (`check_outside`). Where an item waits for a
task of somebody else that waits for the batch, nobody sees it before: so the batch looks, once a second, whom
the end of those wakes that wait for it (`Waiters`).
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from progressnb.errors import InvalidProgressError
from progressnb.tracking.tracker import current_run

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterator

    from progressnb.tracking.controls import Controls

__all__ = ["Waiters", "check_outside"]

_Future: TypeAlias = "asyncio.Future[Any] | concurrent.futures.Future[Any]"

_MOST = 10_000
"""Tasks and futures that are looked at."""

_LOOKS = 2
"""Looks that must see the same, one after the other, before a wait ends with an error."""


def check_outside(name: str, controls: Controls) -> None:
    """Raise `InvalidProgressError` where the calling code is part of the batch with these controls."""
    run = current_run()
    if run is not None and run.controls_of_run.is_part_of(controls):
        raise _error(name, run.operation)


def _error(name: str, inside: str) -> InvalidProgressError:
    remedy = "Wait for it where it was begun. An item may read batch[0].status, and call batch.cancel()."
    return InvalidProgressError(f"{name} awaited outside its own items", f"an await inside {inside}", remedy)


class Waiters:
    """The tasks that wait for a batch."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Future[None], asyncio.Task[Any]] = {}
        self._looks = 0

    @contextmanager
    def waiting(self, future: asyncio.Future[None]) -> Generator[None]:
        """Take note, in a block, that the current task waits for the batch by a future."""
        task = asyncio.current_task()
        if task is not None:
            self._waiting[future] = task
        try:
            yield
        finally:
            self._waiting.pop(future, None)

    async def wait(self, finished: concurrent.futures.Future[None]) -> None:
        """Wait for the end of the batch."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()

        def wake(_: object) -> None:
            with suppress(RuntimeError):  # the waiter's loop is closed
                loop.call_soon_threadsafe(lambda: None if waiter.done() else waiter.set_result(None))

        finished.add_done_callback(wake)
        with self.waiting(waiter):
            await waiter

    def look(self, name: str, at_work: Collection[object], inside: str) -> None:
        """End waits with an error for which all tasks of items at work wait in turn, so that none of them can end."""
        found = {future: _woken_by(task).intersection(at_work) for future, task in self._waiting.items()}
        stuck = set[object]().union(*found.values())
        self._looks = self._looks + 1 if at_work and len(stuck) == len(at_work) else 0
        if self._looks < _LOOKS:
            return
        self._looks = 0
        for future, tasks in found.items():
            if tasks and not future.done():
                future.set_exception(_error(name, f"{inside}, through a task that awaits it"))


def _woken_by(task: asyncio.Task[Any]) -> set[object]:
    """Return the tasks and futures that a task wakes when it ends, and those that these wake."""
    found, left = set[object](), list[_Future]([task])
    while left and len(found) < _MOST:
        for each in _next(left.pop()):
            if each not in found:
                found.add(each)
                left.append(each)
    return found


def _next(future: _Future) -> Iterator[_Future]:
    """Yield those that wait for a future, as its callbacks tell; waits that end without it are left out."""
    listed: Any = getattr(future, "_callbacks", None) or getattr(future, "_done_callbacks", None) or ()
    for entry in tuple(listed):
        call: Any = entry[0] if issubclass(type(entry), tuple) else entry
        if isinstance(call, partial):  # how `wait_for` of Python 3.11 waits, which has a time
            continue
        held = _held(call)
        if held.get("return_when", asyncio.ALL_COMPLETED) != asyncio.ALL_COMPLETED or held.get("timeout_handle"):
            continue
        owner: Any = getattr(call, "__self__", None)
        owned = (getattr(owner, name, None) for name in ("_parent_task", "_finished"))  # of a task group, of a run
        inner = (value for each in held.values() for value in _held(each).values())
        for each in (owner, *owned, *held.values(), *inner):
            if isinstance(each, asyncio.Future | concurrent.futures.Future):
                yield each


def _held(call: Any) -> dict[str, object]:  # noqa: ANN401 - a function, or anything else
    """Return the variables of a function's closure by name."""
    names: tuple[str, ...] = getattr(getattr(call, "__code__", None), "co_freevars", ())
    cells: Any = getattr(call, "__closure__", None) or ()
    return dict(zip(names, map(_content, cells), strict=False))


def _content(cell: Any) -> object:  # noqa: ANN401 - a cell of a closure
    try:
        return cell.cell_contents
    except ValueError:  # it is empty
        return None
