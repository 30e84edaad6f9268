"""What a user may set for a whole session, and the hook by which a screen learns of runs."""

from __future__ import annotations

import importlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, get_args

from progressnb.errors import InvalidProgressError

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.folds.state import RunState
    from progressnb.tracking.clock import Clock
    from progressnb.tracking.tracker import ProgressTracker
    from progressnb.wire.events import Event
    from progressnb.wire.log import EventLog

__all__ = ["Detail", "Display", "Watchable", "configure", "present", "record", "settings"]

Display: TypeAlias = Literal["auto", "widget", "html", "text", "none"]
Detail: TypeAlias = Literal["full", "compact"]

_logger = logging.getLogger("progressnb")


class Estimator(Protocol):
    """What says from past runs how far a run is; called under the run's lock."""

    def observe(self, event: Event) -> None:
        """Learn of an event of this run; they come in order."""
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


class Watchable(Protocol):
    """What a screen needs of a run; it can't tell where the events come from."""

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


def present_on_screen(run: Watchable) -> None:
    """Show a run on the screen that fits."""
    importlib.import_module("progressnb.display").present(run)


@dataclass(slots=True)
class Settings:
    """The session's settings.

    `presenter` shows a run and is set by the package's own entry; `historian` hears of every run before its
    first event, `estimator` makes what estimates a run from past ones, and both are set by `use_history`.
    """

    show: bool = True
    display: Display = "auto"
    detail: Detail = "full"
    presenter: Callable[[Watchable], None] | None = present_on_screen
    historian: Callable[[ProgressTracker], None] | None = None
    estimates: bool = True
    estimator: Callable[[ProgressTracker], Estimator | None] | None = None


settings = Settings()


def configure(
    *,
    show: bool | None = None,
    display: Display | None = None,
    detail: Detail | None = None,
    estimates: bool | None = None,
) -> None:
    """Set how runs are shown from now on; what is not given stays.

    `show=False` shows nothing. `display` chooses the screen: `"auto"` by where the code runs, `"widget"`,
    `"html"`, `"text"` or `"none"`; the environment variable `PROGRESSNB_DISPLAY` does the same.
    With `estimates=False` the percent of runs that begin follows the declared weights, whatever a history has.
    Raises `InvalidProgressError` for other values.
    """
    if display is not None and display not in get_args(Display):
        raise InvalidProgressError(f"a display of {', '.join(get_args(Display))}", repr(display))
    for name, flag in (("show", show), ("estimates", estimates)):
        if flag is not None and not isinstance(flag, bool):  # pyright: ignore[reportUnnecessaryIsInstance] # callers may be untyped
            raise InvalidProgressError(f"{name} as True or False", repr(flag))
    if detail is not None and detail not in get_args(Detail):
        raise InvalidProgressError(f"a detail of {' or '.join(get_args(Detail))}", repr(detail))
    settings.show = settings.show if show is None else show
    settings.display = display or settings.display
    settings.detail = detail or settings.detail
    settings.estimates = settings.estimates if estimates is None else estimates


def record(tracker: ProgressTracker) -> None:
    """Tell the session's historian of a run that is about to begin; what fails there leaves the run alone."""
    if settings.historian is None:
        return
    try:
        settings.historian(tracker)
    except Exception:
        _logger.warning("could not record %s; it goes on", tracker.operation, exc_info=True)


def estimate(tracker: ProgressTracker) -> Estimator | None:
    """Return what estimates a run that is about to begin, or None; what fails there leaves the run alone."""
    if settings.estimator is None or not settings.estimates:
        return None
    try:
        return settings.estimator(tracker)
    except Exception:
        _logger.warning("could not estimate %s; it goes on", tracker.operation, exc_info=True)
        return None


def present(run: Watchable, *, show: bool | None) -> bool:
    """Show a run, unless the call or the session says not to; return whether it is shown."""
    if settings.presenter is None or not (settings.show if show is None else show):
        return False
    try:
        settings.presenter(run)
    except Exception:
        _logger.warning("could not show %s; it goes on", run.operation, exc_info=True)
        return False
    return True
