"""The engine of a batch: where its items run. The batch itself decides which item begins when, and what counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Mapping

    from progressnb.execution.run import Run
    from progressnb.tracking.protocols import Watchable
    from progressnb.wire.batch import WorkerNow

__all__ = ["Engine", "Job", "Outcome", "WorkerLostError"]


class WorkerLostError(RuntimeError):
    """A worker whose process ended while an item was at work there, alone."""


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt at an item: its index, the arguments, and the id of the run of the attempt before, which failed.

    `is_suspect` says that the worker of the attempt before died.
    """

    index: int
    arguments: Mapping[str, object]
    before: str | None = None
    is_suspect: bool = False


@dataclass(slots=True)
class Outcome:
    """The end of one attempt.

    Attributes:
        index: The item's index.
        status: How it ended; `lost` is one whose worker died, perhaps of it.
        result: The result, of one that finished.
        error: The error, of one that failed.
        usage: What it has spent: `cost`, `input_tokens`, `output_tokens`, as far as known.
        run_id: The id of its run.
        title: The argument that tells it from others, in a few words, or None.
        stages: A row a stage: path, status, seconds, tokens in and out, dollars.
        error_stage: The path of the stage where the error arose, or None.
        run: The run, where it was one of this process.

    """

    index: int
    status: Literal["finished", "failed", "cancelled", "lost"]
    result: Any = None
    error: BaseException | None = None
    usage: dict[str, float] = field(default_factory=dict[str, float])
    run_id: str | None = None
    title: str | None = None
    stages: tuple[tuple[object, ...], ...] = ()
    error_stage: str | None = None
    run: Run[Any] | None = None


class Engine(Protocol):
    """The place where items run. Called on the batch's loop."""

    name: Literal["local", "dask"]
    inbox: deque[Outcome]
    """The attempts that have ended; the engine calls the batch awake for each."""
    refused: deque[int]
    """The items at work of which a stage was refused with HTTP 429, and goes on or tries again by itself."""
    deaths: int
    """Workers that were lost."""
    gone: str | None
    """Why nothing can run here any more, or None."""

    @property
    def capacity(self) -> int | None:
        """The attempts that may be at work at a time; None for any number."""
        ...

    def submit(self, job: Job) -> None:
        """Begin an attempt."""
        ...

    def cancel(self, index: int, reason: str) -> None:
        """Cancel the attempt at an item; its end comes to the inbox."""
        ...

    def spent(self, index: int) -> Mapping[str, float]:
        """Return what the attempt at work has spent so far."""
        ...

    def run_of(self, index: int) -> Watchable | None:
        """Return the run of the attempt at work, as far as it is known here."""
        ...

    def workers(self) -> dict[str, WorkerNow] | None:
        """Return the workers by their names; None where there are none."""
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...
