"""The settings of a session, as a context, and the doors to packages above this one."""

from __future__ import annotations

import importlib
import logging
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from progressnb.errors import InvalidProgressError

if TYPE_CHECKING:
    from collections.abc import Generator

    from progressnb.tracking.protocols import Estimator, Recordable, RunHistory, Screen, Watchable

__all__ = [
    "Configuration",
    "Detail",
    "Display",
    "Session",
    "configure",
    "current_session",
    "door",
    "estimate",
    "present",
    "record",
    "session_of",
]

Display: TypeAlias = Literal["auto", "widget", "html", "text", "none"]
Detail: TypeAlias = Literal["full", "compact"]

_logger = logging.getLogger("progressnb")

_DOORS = {
    "ask": "progressnb.agents.ask:ask",
    "listening": "progressnb.agents.events:listening",
    "screen": "progressnb.display:present",
}
"""The functions of higher packages that this one calls, by dotted name. Each is loaded when it is first called."""


def door(name: str) -> Any:  # noqa: ANN401 - each function has its own type
    """Return the function of a higher package that stands under a name in the table."""
    module, _, attribute = _DOORS[name].partition(":")
    return getattr(importlib.import_module(module), attribute)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The settings that runs begin with.

    `history` records every run and forecasts it from past ones. `screen` shows runs; None is the panel of the notebook
    or the console view, by where the code runs.
    """

    show: bool = True
    display: Display = "auto"
    detail: Detail = "full"
    estimates: bool = True
    history: RunHistory | None = None
    screen: Screen | None = None


_default = Session()
_local: ContextVar[Session | None] = ContextVar("progressnb_session", default=None)
_KEEP: Any = object()


def current_session() -> Session:
    """Return the session of the calling code: that of the innermost `with configure(…)`, else the process's."""
    return _local.get() or _default


class Configuration:
    """The context manager that `configure` returns: in a `with`, the settings hold inside the block only."""

    def __init__(self, before: Session, after: Session) -> None:
        self._before, self._after = before, after
        self._token: Token[Session | None] | None = None

    def __repr__(self) -> str:
        """Show the settings."""
        settings = (f"{each.name}={getattr(self._after, each.name)!r}" for each in fields(Session))
        return f"<session: {', '.join(settings)}>"

    def _ipython_display_(self) -> None:
        """Show nothing: the last line of a cell is often a setting."""

    def __enter__(self) -> Session:
        """Take the settings back for all others, and use them for the code of this block."""
        _use(self._before)
        self._token = _local.set(self._after)
        return self._after

    def __exit__(self, *_: object) -> None:
        """Use the settings from before the block again."""
        if self._token is not None:
            _local.reset(self._token)


@contextmanager
def session_of(**settings: Any) -> Generator[Session]:  # noqa: ANN401 - the fields of `Session`
    """Use settings inside a block only, for its task and what it begins; other code sees them at no moment."""
    token = _local.set(replace(current_session(), **settings))
    try:
        yield current_session()
    finally:
        _local.reset(token)


def _use(session: Session) -> None:
    global _default  # noqa: PLW0603 - the process's one
    if _local.get() is None:
        _default = session
    else:
        _local.set(session)


def configure(
    *,
    show: bool | None = None,
    display: Display | None = None,
    detail: Detail | None = None,
    estimates: bool | None = None,
    history: RunHistory | None = _KEEP,
    screen: Screen | None = _KEEP,
) -> Configuration:
    """Set how runs are shown and recorded from now on; a setting that is left out stays.

    Args:
        show: False shows nothing.
        display: The screen: `"auto"` by where the code runs, `"widget"`, `"html"`, `"text"` or `"none"`. The
            environment variable `PROGRESSNB_DISPLAY` does the same.
        detail: `"compact"` is one line a run, `"full"` everything.
        estimates: With False the percent of runs that begin follows the declared weights, whatever a history has.
        history: The history that records every run, or None. `use_history` sets it too.
        screen: A function that shows a run, in place of the panel and the console view; None for these.

    Returns:
        A context manager. In `with configure(…):` the settings hold inside the block only, for its task and what it
        begins, so that two applications in one process don't share a history.

    Raises:
        InvalidProgressError: For any other display, detail or flag.

    Example:
        ::

            pnb.configure(show=False)  # for the process
            with pnb.configure(history=pnb.History("mine.db")):  # for this block
                await report("tides")

    """
    if display is not None and display not in get_args(Display):
        raise InvalidProgressError(f"a display of {', '.join(get_args(Display))}", repr(display))
    for name, flag in (("show", show), ("estimates", estimates)):
        if flag is not None and not isinstance(flag, bool):  # pyright: ignore[reportUnnecessaryIsInstance] # callers may be untyped
            raise InvalidProgressError(f"{name} as True or False", repr(flag))
    if detail is not None and detail not in get_args(Detail):
        raise InvalidProgressError(f"a detail of {' or '.join(get_args(Detail))}", repr(detail))
    given: dict[str, Any] = {"show": show, "display": display, "detail": detail, "estimates": estimates}
    changes = {name: value for name, value in given.items() if value is not None}
    changes |= {name: value for name, value in (("history", history), ("screen", screen)) if value is not _KEEP}
    before = current_session()
    after = replace(before, **changes)
    _use(after)
    return Configuration(before, after)


def record(run: Recordable) -> None:
    """Let the session's history record a run that is about to begin; a history that fails leaves the run alone."""
    history = current_session().history
    if history is None:
        return
    try:
        history.record(run)
    except Exception:
        _logger.warning("could not record %s; it goes on", run.operation, exc_info=True)


def estimate(run: Recordable) -> Estimator | None:
    """Return the forecast of a run that is about to begin, or None; a history that fails leaves the run alone."""
    session = current_session()
    if session.history is None or not session.estimates:
        return None
    try:
        return session.history.estimate(run)
    except Exception:
        _logger.warning("could not estimate %s; it goes on", run.operation, exc_info=True)
        return None


def present(run: Watchable, *, show: bool | None) -> bool:
    """Show a run, unless the call or the session says not to; return whether it is shown."""
    session = current_session()
    if not (session.show if show is None else show):
        return False
    try:
        (session.screen or door("screen"))(run)
    except Exception:
        _logger.warning("could not show %s; it goes on", run.operation, exc_info=True)
        return False
    return True
