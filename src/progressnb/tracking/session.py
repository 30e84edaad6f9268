"""The settings of a session, as a context, and the doors to packages above this one."""

from __future__ import annotations

import importlib
import logging
import sys
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast, get_args
from weakref import WeakKeyDictionary

from progressnb.errors import InvalidProgressError
from progressnb.imports import undisturbed
from progressnb.wire.forks import after_fork

if TYPE_CHECKING:
    from collections.abc import Generator

    from progressnb.tracking.protocols import Estimator, Recordable, RunExporter, RunHistory, Screen, Watchable

__all__ = [
    "Configure",
    "Detail",
    "Display",
    "Session",
    "configure",
    "current_session",
    "door",
    "estimate",
    "is_shown_in_notebook",
    "keep_place",
    "keep_session",
    "load_screen",
    "present",
    "record",
    "shows",
]

Display: TypeAlias = Literal["auto", "widget", "html", "text", "none"]
Detail: TypeAlias = Literal["full", "compact"]

_logger = logging.getLogger("progressnb")

_told: WeakKeyDictionary[object, str] = WeakKeyDictionary()
"""The last error of each history that could not record a run, which is told once."""

_DOORS = {
    "ask": "progressnb.agents.ask:ask",
    "choices": "progressnb.display.choices:offer",
    "kept_item": "progressnb.execution.kept_items:kept_item",
    "follow_cells": "progressnb.display.cells:follow_cells",
    "load_screen": "progressnb.display:load",
    "listening": "progressnb.agents.events:listening",
    "notebook": "progressnb.display.screen:is_notebook",
    "otel": "progressnb.interop.otel:OtelExport",
    "moment": "progressnb.display.moment:expect",
    "screen": "progressnb.display:present",
    "worker": "progressnb.tools.worker:place",
}
"""The functions of higher packages that this one calls, by dotted name. Each is loaded when it is first called."""


def door(name: str) -> Any:  # noqa: ANN401 - each function has its own type
    """Return the function of a higher package that stands under a name in the table."""
    module, _, attribute = _DOORS[name].partition(":")
    if module not in sys.modules:
        with undisturbed():
            importlib.import_module(module)
    return getattr(importlib.import_module(module), attribute)


def is_shown_in_notebook() -> bool:
    """Tell whether runs are shown in a notebook, whose kernel waits while a value is made ready to be shown."""
    return bool(door("notebook")())


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The settings that runs begin with.

    `history` records every run and forecasts it from past ones. `screen` shows runs; None is the panel of the notebook
    or the console view, by where the code runs. `otel` gets every run as spans. `show` is None until it is set: runs
    are shown, but not in the workers of `multiprocessing` and in forked processes, which would draw into the bars of
    their parent.
    """

    show: bool | None = None
    display: Display = "auto"
    detail: Detail = "full"
    estimates: bool = True
    history: RunHistory | None = None
    screen: Screen | None = None
    otel: RunExporter | None = None


_default = Session()
_is_forked = False
_local: ContextVar[Session | None] = ContextVar("progressnb_session", default=None)


def _forget() -> None:
    # The parent's history has its connection and its thread, the parent's screen its terminal.
    global _default, _is_forked  # noqa: PLW0603 - the process's ones
    _default = replace(_default, show=None, history=None, screen=None)
    _is_forked = True
    _local.set(None)


after_fork(_forget)


def shows() -> bool:
    """Return whether the session shows runs."""
    show = current_session().show
    return not _is_worker() if show is None else show


def _is_worker() -> bool:
    module = sys.modules.get("multiprocessing.process")  # a worker has loaded it
    return _is_forked or (module is not None and module.parent_process() is not None)


class _Unchanged:
    def __repr__(self) -> str:
        return "unchanged"


_KEEP: Any = _Unchanged()


def current_session() -> Session:
    """Return the session of the calling code: that of the innermost `with configure.local(…)`, else the process's."""
    return _local.get() or _default


def keep_session(session: Session) -> None:
    """Let a session hold for the calling context alone, whatever is configured later."""
    _local.set(session)


def _use(session: Session) -> None:
    global _default  # noqa: PLW0603 - the process's one
    if _local.get() is None:
        _default = session
    else:
        _local.set(session)


def _changed(
    *,
    show: bool | None,
    display: Display | None,
    detail: Detail | None,
    estimates: bool | None,
    history: RunHistory | None,
    screen: Screen | None,
    otel: RunExporter | bool | None,
) -> Session:
    """Return the session of the calling code with the settings that were given; check them."""
    if display is not None and display not in get_args(Display):
        raise InvalidProgressError(f"a display of {', '.join(get_args(Display))}", repr(display))
    for name, flag in (("show", show), ("estimates", estimates)):
        if flag is not None and not isinstance(flag, bool):  # pyright: ignore[reportUnnecessaryIsInstance] # callers may be untyped
            raise InvalidProgressError(f"{name} as True or False", repr(flag))
    if detail is not None and detail not in get_args(Detail):
        raise InvalidProgressError(f"a detail of {' or '.join(get_args(Detail))}", repr(detail))
    now = current_session()
    return Session(
        show=now.show if show is None else show,
        display=now.display if display is None else display,
        detail=now.detail if detail is None else detail,
        estimates=now.estimates if estimates is None else estimates,
        history=now.history if history is _KEEP else history,
        screen=now.screen if screen is _KEEP else screen,
        otel=now.otel if otel is _KEEP else _exporter(otel),
    )


def _exporter(otel: RunExporter | bool | None) -> RunExporter | None:  # noqa: FBT001 - an option, checked here
    if otel is None or otel is False:
        return None
    if otel is True:
        return cast("RunExporter", door("otel")())
    if not hasattr(otel, "export"):
        raise InvalidProgressError("otel as True, False or a pnb.interop.OtelExport(…)", repr(otel))
    return otel


class Configure:
    """The type of `configure`: a call sets for the process, `local` for a block."""

    def __repr__(self) -> str:
        """Show the settings that hold here."""
        return f"<configure: {current_session()}>"

    def __reduce__(self) -> str:
        """Pickle by name, as functions are."""
        return "configure"

    def __call__(
        self,
        *,
        show: bool | None = None,
        display: Display | None = None,
        detail: Detail | None = None,
        estimates: bool | None = None,
        history: RunHistory | None = _KEEP,
        screen: Screen | None = _KEEP,
        otel: RunExporter | bool | None = _KEEP,
    ) -> None:
        """Set how runs are shown and recorded from now on; a setting that is left out stays.

        It sets for the process; inside `with configure.local(…)`, for that block.

        Args:
            show: False shows nothing.
            display: The screen: `"auto"` by where the code runs, `"widget"`, `"html"`, `"text"` or `"none"`. `"html"`
                is not live: it draws each panel once, at the end, so that a program that executes notebooks stores
                nothing else. Where widgets fail, `"auto"` shows live HTML by itself. The environment variable
                `PROGRESSNB_DISPLAY` does the same.
            detail: `"compact"` is one line a run, `"full"` everything.
            estimates: With False the percent of runs that begin follows the declared weights, whatever a history has.
            history: The history that records every run, or None. `use_history` sets it too.
            screen: A function that shows a run, in place of the panel and the console view; None for these.
            otel: True sends every run to OpenTelemetry as spans, with the names of the conventions for generative AI;
                `pnb.interop.OtelExport(contents=True)` with its texts. False or None sends nothing.

        Raises:
            InvalidProgressError: For any other display, detail, flag or exporter.

        Example:
            ::

                pnb.configure(show=False)

        """
        _use(
            _changed(
                show=show,
                display=display,
                detail=detail,
                estimates=estimates,
                history=history,
                screen=screen,
                otel=otel,
            )
        )

    @contextmanager
    def local(
        self,
        *,
        show: bool | None = None,
        display: Display | None = None,
        detail: Detail | None = None,
        estimates: bool | None = None,
        history: RunHistory | None = _KEEP,
        screen: Screen | None = _KEEP,
        otel: RunExporter | bool | None = _KEEP,
    ) -> Generator[Session]:
        """Set for a block only, for its task and what it begins; other code sees these settings at no moment.

        So two applications in one process don't share a history. The arguments are those of `configure`.

        Raises:
            InvalidProgressError: For any other display, detail or flag.

        Example:
            ::

                with pnb.configure.local(history=pnb.History("mine.db"), show=False):
                    await report("tides")

        """
        session = _changed(
            show=show,
            display=display,
            detail=detail,
            estimates=estimates,
            history=history,
            screen=screen,
            otel=otel,
        )
        token = _local.set(session)
        try:
            yield session
        finally:
            # A generator of a web framework may be closed in a copy of its context: that one ends by itself.
            with suppress(ValueError):
                _local.reset(token)


configure = Configure()


def record(run: Recordable) -> None:
    """Let the session's history record a run that is about to begin, and its exporter send it.

    One that fails leaves the run alone.
    """
    session = current_session()
    if session.history is not None:
        try:
            session.history.record(run)
        except Exception as error:
            if _is_news(session.history, str(error)):
                _logger.warning("could not record %s; it goes on", run.operation, exc_info=True)
    if session.otel is not None:
        try:
            session.otel.export(run)
        except Exception:
            _logger.warning("could not send %s to OpenTelemetry; it goes on", run.operation, exc_info=True)


def _is_news(history: object, text: str) -> bool:
    """Tell whether a history fails in another way than before: one that is closed fails each item of a batch alike."""
    with suppress(TypeError):  # a history of another kind, which can't be referenced weakly
        if _told.get(history) == text:
            return False
        _told[history] = text
    return True


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


def load_screen() -> None:
    """Load what draws runs, where runs are shown, so that the first one need not wait for it."""
    if not shows() or current_session().screen is not None:
        return
    try:
        door("load_screen")()
    except Exception:
        _logger.debug("could not load the screen", exc_info=True)


def keep_place() -> Any:  # noqa: ANN401 - of a screen, whose type is above this package
    """Return a place for a run that may last a moment, of which only the end is drawn; None where runs are shown."""
    try:
        return door("moment")()
    except Exception:
        _logger.debug("could not keep a place on the screen", exc_info=True)
        return None


def present(run: Watchable, *, show: bool | None) -> bool:
    """Show a run, unless the call or the session says not to; return whether it is shown."""
    session = current_session()
    if not (shows() if show is None else show):
        return False
    try:
        (session.screen or door("screen"))(run)
    except Exception:
        with suppress(Exception):  # where the stream of the messages is the one that fails
            _logger.warning("could not show %s; it goes on", run.operation, exc_info=True)
        return False
    return True
