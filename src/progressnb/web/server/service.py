"""The state that the routes of one app share: its operations, its runs, its clients, and its end."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from progressnb.errors import InputError, OperationError
from progressnb.execution.operation import Operation
from progressnb.web.server.inputs import Inputs, parameters_of
from progressnb.web.server.keys import Keys
from progressnb.web.server.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Mapping

    from progressnb.history.history import History
    from progressnb.tracking.clock import Clock
    from progressnb.web.server.limits import Limits

__all__ = ["FullError", "Service"]


class FullError(Exception):
    """The largest number of clients is there already."""


class Service:
    """The state that the routes of one app share. It is `app.state.service`."""

    def __init__(
        self,
        operations: Iterable[Operation[..., Any]],
        *,
        given: Mapping[str, object],
        history: History | None,
        limits: Limits,
        clock: Clock | None,
        token: str | None = None,
        origins: Collection[str] = (),
    ) -> None:
        self.limits, self.history = limits, history
        self.keys, self.origins = Keys(token, clock), frozenset(origins)
        self.registry = Registry(limits, history=history, clock=clock)
        self.operations: dict[str, tuple[Operation[..., Any], Inputs]] = {}
        for operation in operations:
            if not isinstance(operation, Operation):  # pyright: ignore[reportUnnecessaryIsInstance] # callers may be untyped
                raise OperationError("operations", repr(operation), "Decorate the function with @pnb.operation.")
            if operation.name in self.operations:
                raise OperationError("each operation once", f"{operation.name!r} twice", "Give one another name.")
            self.operations[operation.name] = operation, Inputs(operation, given)
        taken = {name for operation, _ in self.operations.values() for name in parameters_of(operation)}
        if self.operations and (unknown := [name for name in given if name not in taken]):
            raise InputError(f"given inputs of what is served: {', '.join(sorted(taken))}", repr(unknown[0]))
        self.clients = 0
        self._closing: asyncio.Future[None] | None = None

    @property
    def closing(self) -> asyncio.Future[None]:
        """A future that is done when the streams must end."""
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_future()
        return self._closing

    @contextmanager
    def client(self) -> Generator[None]:
        """Count a stream or a socket for a block. Raises `FullError` while there are too many."""
        if self.clients >= self.limits.clients:
            raise FullError
        self.clients += 1
        try:
            yield
        finally:
            self.clients -= 1

    async def close(self, seconds: float = 5.0) -> None:
        """Cancel the runs that clients began, wait so many seconds for their last events, then end the streams."""
        await self.registry.close(seconds)
        if not self.closing.done():
            self.closing.set_result(None)
