"""A server in a thread, and an operation that goes on when it is told to, for tests of pages."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import progressnb as pnb

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator
    from contextlib import AbstractAsyncContextManager

T = TypeVar("T")

TOKEN = "the+token/of=this&server"  # noqa: S105 - of tests


class Host:
    """A server in a thread of its own, since Playwright's sync interface keeps this one's loop."""

    def __init__(self, **options: Any) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()
        self.server: Any = self.do(pnb.serve(token=TOKEN, **options))

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do something on the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    @contextmanager
    def within(self, work: AbstractAsyncContextManager[T]) -> Generator[T]:
        """Be in something on the server's loop."""
        try:
            yield self.do(work.__aenter__())
        finally:
            self.do(work.__aexit__(None, None, None))

    def begin(self, make: Callable[[], pnb.Run[Any]]) -> tuple[pnb.Run[Any], str]:
        """Begin a run there; return it and its page's address."""

        async def begin() -> tuple[pnb.Run[Any], str]:
            run = make()
            return run, self.server.add(run)

        began: tuple[pnb.Run[Any], str] = self.do(begin())
        return began

    def cut(self) -> None:
        """Drop every connection, as a network does."""

        async def cut() -> None:
            for connection in list(self.server._engine.server_state.connections):
                connection.transport.abort()

        self.do(cut())

    def stop(self) -> None:
        """Stop it all."""
        self.do(self.server.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


class Steps:
    """A run that goes on when it is told to."""

    def __init__(self) -> None:
        self.allowed = threading.Semaphore(0)

    def operation(self, text: str = "step") -> pnb.Operation[..., Any]:
        """Return an operation of this many steps."""

        @pnb.operation(stages=["Walk", "Rest"])
        async def travel(tracker: pnb.ProgressTracker) -> dict[str, str]:
            async with tracker.stage("Walk") as stage:
                for number in range(1, 4):
                    await asyncio.to_thread(self.allowed.acquire)
                    stage.update(number * 25, f"{text} {number}")
            async with tracker.stage("Rest"):
                pass
            return {"said": text}

        return travel
