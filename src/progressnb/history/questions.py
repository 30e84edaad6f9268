"""The questions to a history: many runs as DataFrames, and one run's events and inputs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

from pydantic_core import from_json

from progressnb.errors import InputError
from progressnb.history.chosen import Chosen, names_of
from progressnb.history.recent import decoded

if TYPE_CHECKING:
    import pandas as pd

    from progressnb.frames import ShownChart
    from progressnb.frames.columns import Zone
    from progressnb.history.chosen import Named, SomeNames, SomeRuns
    from progressnb.history.inputs import KeptInput
    from progressnb.history.queries import Queries
    from progressnb.history.times import When
    from progressnb.tracking.clock import Clock
    from progressnb.wire.events import Event

__all__ = ["Questions"]

_logger = logging.getLogger("progressnb")


class Questions:
    """The part of a `History` that reads. Pandas and Altair load at the first question that needs them."""

    def __init__(self, queries: Queries, clock: Clock) -> None:
        self._queries = queries
        self._clock = clock

    # --- many runs ---------------------------------------------------------------------------------

    def runs(
        self,
        *,
        operation: SomeNames | None = None,
        model: SomeNames | None = None,
        since: When | None = None,
        until: When | None = None,
        children: bool | None = None,
        local: Zone = False,
    ) -> pd.DataFrame:
        """Return one row a run, the oldest first.

        Args:
            operation: Only runs of this operation, by its name or the operation itself, or of any of several.
            model: Only runs of this model, or of any of several.
            since: Only runs that began since then: an aware `datetime`, one without a zone in the machine's own, a
                local day such as `"2026-11-27"` or a `date`, a month such as `"2026-11"`, or a `timedelta` for how long
                ago. Times of pandas and NumPy do, too; those of NumPy are in UTC.
            until: Only runs that began before then; of a day or a month, until its end.
            children: List the runs that other runs called, too, such as the items of a batch. Their time and cost are
                also part of their parent's. None lists them where `operation` asks for one.
            local: Give times in the zone of the machine, without a zone: Excel takes no others, and their days are
                local days. The name of a zone such as `"Asia/Tokyo"`, or a `tzinfo`, gives those of that zone.

        Returns:
            The columns `operation`, `model`, `status`, `started` (UTC), `duration` (seconds), `cost`, `input_tokens`,
            `output_tokens`, `overall_progress` (percent, 0–100), `elapsed` (seconds), `run_id`, `parent` and
            `parent_stage` (the run and the stage that called it) and `resumed_from` (the id of the run that it took
            up). A run without a `duration` goes on, or its kernel was killed after `elapsed`. Tokens and cost are
            those of all attempts and of all runs that it called, however these ended and also where they went on
            after it.

        Raises:
            InputError: For a time that is none, and for an operation of which there is no run.

        Example:
            ::

                history.runs().tail(20)["cost"].sum(min_count=1)  # what did the last 20 runs cost
                days = history.runs(since="2026-11-01", local=True)
                days.groupby(days["started"].dt.date)["cost"].sum()
                days.to_excel("november.xlsx")

        """
        from progressnb.frames import local_times, runs_frame

        chosen = Chosen.of(self._clock, operation, model, since, until)
        called = operation is not None if children is None else children
        frame = runs_frame(self._queries.runs(chosen, children=called))
        return local_times(frame, local)

    def timings(
        self,
        *,
        operation: SomeNames | None = None,
        model: SomeNames | None = None,
        since: When | None = None,
        until: When | None = None,
        local: Zone = False,
    ) -> pd.DataFrame:
        """Return one row a stage of every run, or of some.

        A run that another run called has rows of its own and is also one stage of its caller: for what all cost, sum
        up `runs()`.

        Args:
            operation: Only runs of this operation, by its name or the operation itself, or of any of several.
            model: Only runs of this model, or of any of several.
            since: Only runs that began since then, as `runs` takes it.
            until: Only runs that began before then; of a day, until its end.
            local: Give times in the zone of the machine, without a zone, as Excel takes them.

        Returns:
            A DataFrame with the stage's path as its index, as `run.timings()` has it, and as a column. The columns are
            `operation` and `model`, those of `run.timings()` (`status`, `duration` (seconds), `share` of the run (0–1),
            `cost`, `input_tokens`, `output_tokens`, `first_token` (seconds; missing where unknown),
            `tokens_per_second`, `stall` (seconds), `retries`, `source`, `characters`, `started` (UTC)), then `run_id`
            and `stage`.

        Raises:
            InputError: For a time that is none, and for an operation of which there is no run.

        Example:
            ::

                week = history.timings(operation="report", since=timedelta(days=7), local=True)
                week.groupby([week["started"].dt.date, "stage"])["duration"].median()  # did it get slower

        """
        from progressnb.frames import local_times, stage_frame

        chosen = Chosen.of(self._clock, operation, model, since, until)
        frame = stage_frame(*self._queries.stages(chosen))
        frame.index = frame["stage"].rename(None).array  # without a name: a column has it
        return local_times(frame, local)

    def compare(self, a: SomeRuns, b: SomeRuns) -> pd.DataFrame:
        """Compare the durations of stages between two runs, or between the medians of two groups of runs.

        A warning says where both are the same.

        Args:
            a: A run, its id, several of these, a frame of runs or one of its rows, or a local day such as
                `"2026-11-27"` or a `date`, which stands for the runs that began on it and that no other run called. A
                time stands for its day, `"2026-11"` for a month.
            b: The same.

        Returns:
            One row a stage, with the columns `duration_a` and `duration_b` (seconds), `difference` (b less a, seconds),
            `ratio` (b by a: above 1 is slower), `tokens_per_second_a` and `tokens_per_second_b`.

        Raises:
            InputError: For anything else.
            UnknownRunError: For a run that is not in this history, and a day without runs.

        Example:
            ::

                history.compare(yesterday, today)["ratio"]  # two runs, or days such as "2026-11-28": did it get slower
                history.compare(history.latest("report", 10), run)  # this run beside the latest ten
                runs = history.runs(operation="report")
                history.compare(runs.head(10), runs.tail(10))  # any frames of runs, such as those of two models

        """
        from progressnb.frames import comparison_frame

        first, second = map(self._queries.keys, (a, b))
        if set(first) == set(second):
            _logger.warning("compare has the same runs on both sides, so that each ratio is 1: name two groups of runs")
        return comparison_frame(self._queries.work_of(first), self._queries.work_of(second))

    def plot_stages(
        self,
        *,
        operation: SomeNames | None = None,
        model: SomeNames | None = None,
        since: When | None = None,
        until: When | None = None,
        by: Literal["model", "day"] | None = None,
    ) -> ShownChart:
        """Show how long each stage takes over all runs, or over those that `timings` would return.

        Args:
            operation: As `timings` takes it, and so are `model`, `since` and `until`.
            model: Only runs of this model, or of any of several.
            since: Only runs that began since then.
            until: Only runs that began before then.
            by: Draw each stage once for each model, or for each local day.

        Returns:
            A chart with the median, the middle half and the middle four fifths of the durations (seconds).

        Raises:
            InputError: For anything else in `by`, and where `timings` raises it.
            MissingExtraError: Without the extra `plots`.

        Example:
            ::

                history.plot_stages(operation="report", by="model").save("stages.svg")

        """
        from progressnb.frames import stages_chart

        if by not in (None, "model", "day"):
            raise InputError('by as "model" or "day"', repr(by))
        chosen = self.timings(operation=operation, model=model, since=since, until=until, local=by == "day")
        return stages_chart(chosen, by)

    # --- one run -----------------------------------------------------------------------------------

    def events(self, run_id: str, *, local: Zone = False) -> pd.DataFrame:
        """Return one row an event of a run: `seq` is the index, the columns are the fields of events.

        Args:
            run_id: The id of the run, or its beginning.
            local: Give times in the zone of the machine, without a zone, as Excel takes them.

        Raises:
            UnknownRunError: For an id that no run or several have.

        Example:
            ::

                history.events(run.id)["elapsed"].diff().max()  # the longest silence in seconds

        """
        from progressnb.frames import events_frame, local_times

        frame = events_frame(self._queries.lines(self._queries.find(run_id)))
        return local_times(frame, local)

    def items(self, run_id: str, *, local: Zone = False) -> pd.DataFrame:
        """Return one row an item of a batch that has ended, by the item's index in the inputs.

        Columns are the fields of `ItemEvent`: how it ended, attempts, `began` (seconds since the batch began) and
        `duration` (seconds), cost (dollars) and tokens of all attempts, whether an earlier run had done it (`reused`),
        the error, and `item_run_id`, the run by which the history has all of it. Items that never began have no row.
        Titles, keys and texts of errors are missing in a history without contents.

        Args:
            run_id: The id of the batch's run, or its beginning.
            local: Give times in the zone of the machine, without a zone, as Excel takes them.

        Raises:
            UnknownRunError: For an id that no run or several have.

        Example:
            ::

                batch = pnb.batch(report, ["tides", "moon", "storms"], name="topics")
                await batch
                items = history.items(batch.id)
                items.nlargest(5, "duration")["title"]  # the slowest
                items.groupby("error_type").size()  # failures by reason

        """
        from progressnb.frames import item_events_frame, local_times

        return local_times(item_events_frame(self._queries.lines(self._queries.find(run_id))), local)

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
        return decoded(self.lines(run_id))

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

    def latest(self, operation: str | Named, count: int) -> list[str]:
        """Return the ids of the latest runs of an operation that are stored to their end, the oldest first.

        Example:
            ::

                history.compare(history.latest("report", 10), run)

        """
        (name,) = names_of([operation], "operation") or ("",)
        return self._queries.latest(name, count)
