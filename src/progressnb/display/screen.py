"""The choice of a screen: by a setting, by an environment variable, or by the place where the code runs."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from typing import TYPE_CHECKING, cast, get_args

from progressnb.tracking.session import Display, current_session, shows

if TYPE_CHECKING:
    from progressnb.tracking.protocols import Watchable

__all__ = ["choose", "has_reader", "is_notebook", "load", "prepare", "present"]

_logger = logging.getLogger("progressnb")
_warned: set[str] = set()

# The usual words for a switch.
_WORDS: dict[str, str] = {
    **dict.fromkeys(("0", "off", "no", "n", "false", "f", "disable", "disabled", "never", "quiet", "silent"), "none"),
    **dict.fromkeys(("hide", "hidden", "null", "nothing"), "none"),
    **dict.fromkeys(("", "1", "on", "yes", "y", "true", "t", "enable", "enabled", "default", "show", "always"), "auto"),
}


def choose() -> Display:
    """Return the screen to use: the session's, else that of `PROGRESSNB_DISPLAY`, else one that fits the place.

    A notebook gets the panel, a terminal or a pipe gets text.
    """
    if (chosen := current_session().display) != "auto":
        return chosen
    named = os.environ.get("PROGRESSNB_DISPLAY", "")
    wanted = _WORDS.get(named.strip().lower(), named.strip().lower())
    if wanted != "auto" and wanted in get_args(Display):
        return cast("Display", wanted)
    if wanted != "auto" and named not in _warned:
        _warned.add(named)
        allowed = ", ".join(get_args(Display))
        _logger.warning("PROGRESSNB_DISPLAY is %s, and is taken for auto; it may be %s", repr(named)[:60], allowed)
    return "widget" if _in_notebook() else "text"


def present(run: Watchable) -> None:
    """Show a run on the screen that fits; that screen's library is loaded here."""
    screen = choose()
    if screen == "none":
        return
    if screen == "text":
        if not _can_write():
            return
        from progressnb.display.console import ConsoleView

        ConsoleView(run).start()
        return
    from progressnb.display.front import front
    from progressnb.display.marimo import is_marimo
    from progressnb.display.panel import show_panel

    if is_marimo():
        front.hello()  # it draws anywidgets itself
    show_panel(run, live=screen == "widget")


def _can_write() -> bool:
    """Return whether there is a stderr to write to: a program may have none, or one that it has closed."""
    stream: object = sys.stderr
    return callable(getattr(stream, "write", None)) and getattr(stream, "closed", False) is not True


def load() -> None:
    """Load the library of the screen that fits, ahead of the first run: where a server writes, it would wait."""
    screen = choose()
    if screen == "text" and _can_write():
        importlib.import_module("progressnb.display.console")
    elif screen not in ("text", "none"):
        importlib.import_module("progressnb.display.panel")


def prepare() -> None:
    """Send the page the panel's script, where runs will be shown in live panels; called once, between two cells."""
    from progressnb.display.cells import follow_cells, is_console, is_unattended, note_end
    from progressnb.display.nested import tell_nested

    note_end()
    follow_cells(tell_nested)
    if not shows() or choose() != "widget" or is_console() or is_unattended():
        return
    try:
        from progressnb.display.widget import open_loader

        open_loader()
    except Exception:  # never a traceback of ours below somebody's import
        _logger.debug("could not prepare the page for panels", exc_info=True)


def is_notebook() -> bool:
    """Tell whether runs are shown in a notebook, whose cell waits while its value is made ready to be shown."""
    return choose() == "widget"


def has_reader() -> bool:
    """Tell whether somebody may look at what a cell shows: in a notebook that no program executes, with widgets."""
    from progressnb.display.cells import current_shell, is_console, is_unattended

    return choose() == "widget" and current_shell() is not None and not is_console() and not is_unattended()


def _in_notebook() -> bool:
    # A notebook's kernel has imported IPython long before.
    from progressnb.display.cells import current_shell
    from progressnb.display.marimo import is_marimo

    return is_marimo() or getattr(current_shell(), "kernel", None) is not None
