"""The common part of every run, live, replayed or served elsewhere: its state, its panel and its DataFrames."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from progressnb.execution.missing import missing_attribute
from progressnb.execution.outcome import cancelled_run
from progressnb.execution.reused import reused_in
from progressnb.folds.partials import partials_of
from progressnb.tracking.session import present
from progressnb.wire.loops import asyncio_loop
from progressnb.wire.pickles import Unpicklable

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Generator
    from weakref import finalize

    import pandas as pd

    from progressnb.folds.state import RunState
    from progressnb.frames.columns import Zone
    from progressnb.frames.vega import ShownChart
    from progressnb.tracking.clock import Clock
    from progressnb.wire.events import Event, RunStatus
    from progressnb.wire.log import EventLog

__all__ = ["BaseRun"]

T = TypeVar("T")


class BaseRun(Unpicklable, ABC, Generic[T]):
    """A run to await, iterate, watch and ask, wherever its events come from.

    Attributes:
        log: The events, from the first to the last so far.
        clock: The clock of whoever writes the events.
        shown: Whether a panel or a console view shows the run.
        link: The address of the page that a server has for the run, without a token; empty without one.

    """

    _unstarted: finalize[..., Any] | None = None
    """The warning of a run that nobody waits for."""

    _kind = ""
    """The name that users know of the class; empty is its own."""

    def __init__(self, log: EventLog, state: RunState, clock: Clock) -> None:
        self.log = log
        self._state = state
        self.clock = clock
        self.shown = False
        self.link = ""

    def __repr__(self) -> str:
        """Show the operation, the status and the percent on one line."""
        name, percent = self._kind or type(self).__name__, self.state.counted_progress
        reached = "" if percent is None else f", {percent:.0f} %"
        return f"<{name} {self.operation} {self.id[:8]}: {self.status}{reached}>"

    if not TYPE_CHECKING:  # type checkers know which names there are

        def __getattr__(self, name: str) -> object:
            if hasattr(type(self), name):  # a property whose code lacks another name: its own error
                return object.__getattribute__(self, name)
            raise AttributeError(missing_attribute(type(self), self._kind or type(self).__name__, name))

    def _ipython_display_(self) -> None:
        self.show()

    def show(self) -> None:
        """Show the run here: live while it goes on, drawn from its log when it has ended.

        Example:
            ::

                run = report("tides", show=False)
                run.show()  # now

        """
        present(self, show=True)

    # --- state -----------------------------------------------------------------------------------

    @property
    def state(self) -> RunState:
        """The fold of the events: overall percent, stages, usage."""
        return self._state

    @property
    def id(self) -> str:
        """The run's id, 32 hexadecimal digits."""
        return self.state.run_id

    @property
    def operation(self) -> str:
        """The operation's name."""
        return self.state.operation or "run"

    @property
    def status(self) -> RunStatus | Literal["cancelling"]:
        """Pending, running, cancelling, finished, failed or cancelled. `state.status` is what the events say."""
        return self.state.status

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output of the stage that wrote last, as plain data; None before anything is written."""
        return self.state.partial

    @property
    def partials(self) -> dict[str, Any]:
        """The output so far of every stage that writes one, as of several agents, as plain data by the stage's name.

        A second stage of a name is `name#2`. Where stages at several places have one name, the keys are their paths.

        Example:
            ::

                run.partials["research"]

        """
        return partials_of(self.state)

    @property
    def cost(self) -> float | None:
        """US dollars that the run has spent so far, with the runs that it called; None where no cost is known.

        What failed, timed out or was cancelled has been paid all the same, and counts. `state.usage` has the tokens.
        """
        return self.state.usage.get("cost")

    @property
    def controls(self) -> frozenset[str]:
        """The acts that are possible now: `"stop"`, and of a run of this process `"enough"` and `"say"`."""
        return frozenset[str]() if self.state.ended else frozenset({"stop"})

    @property
    @abstractmethod
    def elapsed(self) -> float:
        """Seconds since the run began; its duration once it has ended."""

    @property
    @abstractmethod
    def result(self) -> T | None:
        """The result of a run that finished, else None."""

    @property
    @abstractmethod
    def exception(self) -> BaseException | None:
        """The error of a run that failed, else None."""

    @property
    def reused(self) -> dict[str, str]:
        """The stages of a run that took up another, by path: `"reused"`, or why they were run again.

        Those of a run that it called are below the stage that shows this one, such as `chapter/text`.

        Example:
            ::

                run = pnb.resume_run(run.id)
                await run
                run.reused  # {'load': 'reused', 'write': 'its arguments changed'}

        """
        return reused_in(self.state)

    def pack(self) -> None:
        """Keep a run that has ended in a fraction of its memory, for lists of thousands of runs.

        Its result, state and usage stay as they are. Its events are kept compressed and read again each time that
        somebody asks for them. A run that is at work stays as it is.

        Example:
            ::

                runs = [report(topic) for topic in ["tides", "moon"]]
                for run in runs:
                    await run
                    run.pack()

        """
        self._pack()

    def _pack(self) -> None:
        self.log.pack()

    # --- waiting ---------------------------------------------------------------------------------

    def __await__(self) -> Generator[Any, None, T]:
        """Wait for the result; raise the run's error, or `RunCancelled`."""
        return self._wait_here().__await__()

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield every event from the first to the last."""
        self._begin(self._loop_here())
        async for event in self.log.follow():
            yield event

    @abstractmethod
    def wait(self) -> T:
        """Wait for the result in code that is not async."""

    @abstractmethod
    def cancel(self, reason: str | None = None) -> None:
        """Stop the run, from any thread."""

    @abstractmethod
    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin on a loop, if it has not begun; called each time that somebody waits."""

    @abstractmethod
    async def _wait_here(self) -> T:
        """Wait on the running loop."""

    def _loop_here(self) -> asyncio.AbstractEventLoop:
        if self._unstarted is not None:
            self._unstarted.detach()  # who awaits it below trio gets an error, and needs no warning too
        return asyncio_loop()

    def _outcome(self) -> T:
        __tracebackhide__ = True  # IPython and pytest leave such frames out
        if (error := self.exception) is not None:
            raise error
        if self.status == "cancelled":
            raise cancelled_run(self, self.state.reason)
        return self.result  # type: ignore[return-value] # of a run that finished

    # --- pandas and Altair, loaded at first use ----------------------------------------------------

    def events_frame(self, *, local: Zone = False) -> pd.DataFrame:
        """Return one row an event so far.

        Args:
            local: Give times in the zone of the machine, or in one such as `"Asia/Tokyo"`, without a zone, as Excel
                takes them.

        Returns:
            A DataFrame with `seq` as its index. The columns are the events' fields; a field that an event does not
            have is missing. Times are aware UTC, durations seconds, percents 0–100.

        Example:
            ::

                run.events_frame()["type"].value_counts()

        """
        from progressnb.frames.columns import local_times
        from progressnb.frames.frames import events_frame

        frame = events_frame(self.log.encoded())
        return local_times(frame, local)

    def timings(self, *, local: Zone = False) -> pd.DataFrame:
        """Return one row a stage.

        Args:
            local: Give times in the zone of the machine, or in one such as `"Asia/Tokyo"`, without a zone, as Excel
                takes them.

        Returns:
            A DataFrame with the stage's path as its index and the columns `status`, `duration` (seconds),
            `share` of the run (0–1), `cost`, `input_tokens`, `output_tokens`, `first_token` (seconds from the request
            to the first token), `tokens_per_second`, `stall` (the longest silence in seconds), `retries`, `source`,
            `characters` of output and `started` (aware UTC).

        Example:
            ::

                run.timings()["duration"].idxmax()  # which stage is slowest

        """
        from progressnb.frames.columns import local_times
        from progressnb.frames.frames import timings_frame

        frame = timings_frame(self.log)
        return local_times(frame, local)

    def fields(self, *, local: Zone = False) -> pd.DataFrame:
        """Return one row a field of the structured outputs.

        Args:
            local: Give times in the zone of the machine, or in one such as `"Asia/Tokyo"`, without a zone, as Excel
                takes them.

        Returns:
            A DataFrame with the columns `stage`, `field`, `started` and `completed` (aware UTC), `duration` (seconds)
            and `characters` (of its JSON).

        Example:
            ::

                run.fields().nlargest(3, "duration")  # the fields that took longest

        """
        from progressnb.frames.columns import local_times
        from progressnb.frames.frames import fields_frame

        frame = fields_frame(self.log)
        return local_times(frame, local)

    def plot(self) -> ShownChart:
        """Draw the stages on a time axis, with their status.

        Returns:
            A chart that JupyterLab draws without a network, with `save(path)`.

        Raises:
            MissingExtraError: Without the extra `plots`.

        Example:
            ::

                run.plot().save("run.svg")

        """
        from progressnb.frames.plots import timeline_chart

        return timeline_chart(self.log)
