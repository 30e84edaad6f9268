"""What the writing side asks of others, and what others may ask of it: protocols, no code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from progressnb.folds.state import RunState
    from progressnb.tracking.clock import Clock
    from progressnb.wire.events import Event, StageStatus
    from progressnb.wire.log import EventLog

__all__ = ["Estimator", "Recordable", "RunHistory", "Screen", "StageView", "View", "Viewable", "Watchable"]


class Estimator(Protocol):
    """The forecast of one run from past ones; called under the run's lock."""

    def observe(self, event: Event) -> None:
        """Take in the next event of this run."""
        ...

    def overall(self, elapsed: float) -> float | None:
        """Return the percent to show at this time, or None where the declared weights are to count."""
        ...

    def remaining(self, elapsed: float) -> tuple[float, float, float] | None:
        """Return the seconds that remain as p10, p50 and p90, or None for no opinion."""
        ...

    def silence(self, path: str, seconds: float) -> float | None:
        """Return the longest silence that a stage has ever needed, in seconds, if this one is longer; else None."""
        ...


class StageView(Protocol):
    """A stage to look at: what a `Stage(percent=f)` callback gets."""

    @property
    def name(self) -> str:
        """The name."""
        ...

    @property
    def path(self) -> str:
        """The path in the run."""
        ...

    @property
    def percent(self) -> float | None:
        """The percent, 0–100, or None while nothing is known."""
        ...

    @property
    def status(self) -> StageStatus:
        """The status."""
        ...

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output written so far, as plain data, or None."""
        ...

    @property
    def ended(self) -> bool:
        """Whether the stage or its run has ended."""
        ...


class Recordable(Protocol):
    """A run as a history sees it."""

    @property
    def id(self) -> str:
        """The run's id."""
        ...

    @property
    def operation(self) -> str:
        """The operation's name."""
        ...

    @property
    def model(self) -> str | None:
        """The model that was declared, or None."""
        ...

    @property
    def log(self) -> EventLog:
        """The events."""
        ...


class RunHistory(Protocol):
    """A history as a run sees it: it records the run, and forecasts it from past ones."""

    def record(self, run: Recordable) -> None:
        """Keep what a run has done so far and will do."""
        ...

    def estimate(self, run: Recordable) -> Estimator | None:
        """Return the forecast of a run that is about to begin, or None for no opinion."""
        ...


class Watchable(Protocol):
    """A run as a screen sees it, wherever its events come from."""

    @property
    def operation(self) -> str:
        """The operation's name."""
        ...

    @property
    def log(self) -> EventLog:
        """The events."""
        ...

    @property
    def state(self) -> RunState:
        """The fold of the events."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock of whoever writes the events."""
        ...

    @property
    def elapsed(self) -> float:
        """Seconds since the run began; its duration once it has ended."""
        ...

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output so far."""
        ...

    def cancel(self, reason: str | None = None) -> None:
        """Stop the run, from any thread."""
        ...


class Viewable(Protocol):
    """A result that says how it looks.

    The method is called once, where the run ends. Its blocks travel in the run's last event as plain data, so that a
    replayed, an attached and a stored run look the same. It is called under the run's lock: it must be quick, and may
    not use the run. `register_view` does the same for types that can't be changed. `progressnb.wire.blocks` describes
    the blocks.

    Example:
        ::

            @dataclass
            class Audit:
                score: int
                findings: list[str]

                def _progressnb_view_(self) -> list[dict[str, Any]]:
                    return [
                        {"type": "headline", "text": f"Score {self.score}", "verdict": "all is well", "tone": "good"},
                        {
                            "type": "section",
                            "title": f"Findings: {len(self.findings)}",
                            "blocks": [{"type": "list", "items": self.findings}],
                        },
                    ]

    """

    def _progressnb_view_(self) -> View:
        """Return the blocks, in the order in which they are drawn."""
        ...


View: TypeAlias = Sequence[Mapping[str, Any]]
"""The blocks that a result looks like, as plain data."""

Screen: TypeAlias = Callable[[Watchable], object]
"""A function that shows a run."""
