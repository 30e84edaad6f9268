"""What a run, live, remote or replayed, shows of itself in pandas and Altair; both load at first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pandas as pd

    from progressnb.frames.vega import ShownChart
    from progressnb.wire.log import EventLog

__all__ = ["Views"]


class _HasLog(Protocol):
    @property
    def log(self) -> EventLog: ...


class Views:
    """Views of a run's log. For classes that have `log`."""

    def events_frame(self: _HasLog) -> pd.DataFrame:
        """Return one row an event so far; `seq` is the index, columns are the events' fields."""
        from progressnb.frames.frames import events_frame

        return events_frame(self.log.encoded())

    def timings(self: _HasLog) -> pd.DataFrame:
        """Return one row a stage; its path is the index.

        Columns: `status`, `started`, `duration`, `share` of the run (0–1), `first_token`, `stall` (the longest
        silence), `input_tokens`, `output_tokens`, `tokens_per_second`, `cost`, `retries`, `source`, `characters`.
        Durations are seconds. ::

            run.timings()["duration"].idxmax()  # which stage is slowest
        """
        from progressnb.frames.frames import timings_frame

        return timings_frame(self.log)

    def fields(self: _HasLog) -> pd.DataFrame:
        """Return one row a field of the structured outputs: when it began and was complete, its length as JSON."""
        from progressnb.frames.frames import fields_frame

        return fields_frame(self.log)

    def plot(self: _HasLog) -> ShownChart:
        """Show the stages on a time axis, with their status.

        Raises `MissingExtraError` without the extra `plots`.
        """
        from progressnb.frames.plots import timeline_chart

        return timeline_chart(self.log)
