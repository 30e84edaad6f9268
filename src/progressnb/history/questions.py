"""The questions to a history: many runs as DataFrames, and one run's events and inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic_core import from_json

from progressnb.history.queries import microseconds, run_ids
from progressnb.wire.codec import decode

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from progressnb.frames import ShownChart
    from progressnb.history.inputs import KeptInput
    from progressnb.history.queries import Queries, SomeRuns, When
    from progressnb.tracking.clock import Clock
    from progressnb.wire.events import Event

__all__ = ["Questions"]


class Questions:
    """The part of a `History` that reads. Pandas and Altair load at the first question that needs them."""

    def __init__(self, queries: Queries, clock: Clock) -> None:
        self._queries = queries
        self._clock = clock

    # --- many runs ---------------------------------------------------------------------------------

    def runs(self, *, children: bool = False) -> pd.DataFrame:
        """Return one row a run, the oldest first.

        Args:
            children: List the runs that other runs called, too. Their time and cost are also part of their parent's.

        Returns:
            The columns `run_id`, `operation`, `model`, `status`, `started` (UTC), `duration` and `elapsed` (seconds),
            `overall_progress` (percent, 0–100), `input_tokens`, `output_tokens`, `cost`, `parent` and `parent_stage`
            (the run and the stage that called it) and `resumed_from` (the id of the run that it took up). A run without
            a `duration` goes on, or its kernel was killed after `elapsed`.

        Example:
            ::

                history.runs().tail(20)["cost"].sum(min_count=1)  # what did the last 20 runs cost

        """
        from progressnb.frames import runs_frame

        return runs_frame(self._queries.runs(children=children))

    def timings(
        self, *, operation: str | None = None, model: str | None = None, since: When | None = None
    ) -> pd.DataFrame:
        """Return one row a stage of every run, or of some.

        Args:
            operation: Only runs of this operation.
            model: Only runs of this model.
            since: Only runs that began since then: an aware `datetime`, one without a zone in the machine's own, or a
                `timedelta` for how long ago.

        Returns:
            The columns `run_id`, `operation` and `model`, then those of `run.timings()`: `stage`, `status`, `started`
            (UTC), `duration` (seconds), `share` of the run (0–1), `first_token` and `stall` (seconds; missing where
            unknown), `input_tokens`, `output_tokens`, `tokens_per_second`, `cost`, `retries`, `source`, `characters`.

        Raises:
            InputError: For a `since` that is no time.

        Example:
            ::

                week = history.timings(operation="report", since=timedelta(days=7))
                week.groupby([week["started"].dt.date, "stage"])["duration"].median()  # did it get slower

        """
        from progressnb.frames import stage_frame

        moment = None if since is None else microseconds(since, self._clock)
        return stage_frame(*self._queries.stages(operation, model, moment))

    def compare(self, a: SomeRuns, b: SomeRuns) -> pd.DataFrame:
        """Compare the durations of stages between two runs, or between the medians of two groups of runs.

        Args:
            a: A run, its id, or several of these.
            b: The same.

        Returns:
            One row a stage, with the columns `duration_a` and `duration_b` (seconds), `difference` (b less a, seconds),
            `ratio` (b by a: above 1 is slower), `tokens_per_second_a` and `tokens_per_second_b`.

        Raises:
            InputError: For anything but runs and ids.
            UnknownRunError: For a run that is not in this history.

        Example:
            ::

                history.compare(history.latest("report", 10), run)  # this run beside the latest ten

        """
        from progressnb.frames import comparison_frame, stage_frame

        first, second = ([self._queries.find(run_id) for run_id in run_ids(runs)] for runs in (a, b))
        return comparison_frame(
            stage_frame(*self._queries.stages_of(first)), stage_frame(*self._queries.stages_of(second))
        )

    def plot_stages(
        self, *, operation: str | None = None, model: str | None = None, since: When | None = None
    ) -> ShownChart:
        """Show how long each stage takes over all runs, or over those that `timings` would return.

        Returns:
            A chart with the median, the middle half and the middle four fifths of the durations (seconds).

        Raises:
            MissingExtraError: Without the extra `plots`.

        Example:
            ::

                history.plot_stages(operation="report").save("stages.svg")

        """
        from progressnb.frames import stages_chart

        return stages_chart(self.timings(operation=operation, model=model, since=since))

    # --- one run -----------------------------------------------------------------------------------

    def events(self, run_id: str) -> pd.DataFrame:
        """Return one row an event of a run: `seq` is the index, the columns are the fields of events.

        Raises:
            UnknownRunError: For an id that no run or several have.

        Example:
            ::

                history.events(run.id)["elapsed"].diff().max()  # the longest silence in seconds

        """
        from progressnb.frames import events_frame

        return events_frame(self._queries.lines(self._queries.find(run_id)))

    def lines(self, run_id: str) -> list[bytes]:
        """Return the encoded events of a run: the stored bytes, one JSON object an event, without line ends.

        Events of types that only a newer version knows are among them.

        Raises:
            UnknownRunError: For an id that no run or several have.

        Example:
            ::

                size = sum(len(line) for line in history.lines(run.id))  # bytes

        """
        return list(self._queries.lines(self._queries.find(run_id)))

    def log(self, run_id: str) -> list[Event]:
        """Return the events of a run; types that only a newer version knows are left out.

        Raises:
            UnknownRunError: For an id that no run or several have.

        Example:
            ::

                [event.message for event in history.log(run.id) if event.type == "progress"]

        """
        return _decoded(self.lines(run_id))

    def inputs(self, run_id: str) -> dict[str, KeptInput] | None:
        """Return the inputs of a run by name, or None where they were not kept.

        Raises:
            UnknownRunError: For an id that no run or several have.

        Example:
            ::

                history.inputs(run.id)

        """
        inputs = self._queries.field("inputs", self._queries.find(run_id))
        return None if inputs is None else from_json(inputs)

    def fingerprint(self, run_id: str) -> str | None:
        """Return the fingerprint of the code of a run's operation, or None where it is not known.

        Raises:
            UnknownRunError: For an id that no run or several have.

        """
        return self._queries.field("fingerprint", self._queries.find(run_id))

    def latest(self, operation: str, count: int) -> list[str]:
        """Return the ids of the latest runs of an operation that are stored to their end, the oldest first.

        Example:
            ::

                history.compare(history.latest("report", 10), run)

        """
        return self._queries.latest(operation, count)

    def stored(self, run_id: str) -> list[Event]:
        """Return the events of a run as far as they are stored, without waiting for the rest; none if it is unknown."""
        return _decoded(self._queries.stored(run_id))


def _decoded(lines: Iterable[bytes]) -> list[Event]:
    return [event for line in lines if (event := decode(line)) is not None]
