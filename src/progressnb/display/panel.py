"""The panel of a cell: all runs that one cell begins share it.

A panel holds one place in the cell's output. What is drawn there goes through these states:

1. an empty place, until a run has been at work for 0.3 s, so that short runs never flash;
2. live, on one of the surfaces of `standins.py`, while runs are at work and until the cell is over;
3. static HTML, which stays in the file. A run that is begun later makes it live again.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from progressnb.display.acts import Answering
from progressnb.display.cells import at_end, current_cell, hears_while_awaiting, is_console, is_over, publish
from progressnb.display.entry import Entry
from progressnb.display.front import Silence, front
from progressnb.display.painter import Pace
from progressnb.display.quiet import keep_quiet
from progressnb.display.standins import OnCore, OnOutput, OnWidget, Surface, bundle_of
from progressnb.folds.view import panel_tree
from progressnb.tracking.clock import running_loop
from progressnb.tracking.session import current_session

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from progressnb.display.front import Kind
    from progressnb.folds.tree import PanelTree, RunTree
    from progressnb.tracking.protocols import Watchable

__all__ = ["Panel", "show_panel"]

_logger = logging.getLogger("progressnb")

PATIENCE = 0.3
"""Seconds that a run may last without anything live being drawn."""

KEPT = 20
"""Ended panels that keep their widgets until the page says that their HTML has taken the place."""

REMEMBERED = 100
"""Panels that answer when somebody uses the buttons of their static HTML."""

WHOLE = 3
"""Runs of a panel that are drawn whole; of more than these only what is open keeps its trees."""

_panels: OrderedDict[str, Panel] = OrderedDict()
_of_cell: dict[object, Panel] = {}
_kept: deque[Surface] = deque()
_shown_in: WeakKeyDictionary[Watchable, object] = WeakKeyDictionary()
_lock = threading.Lock()


def show_panel(run: Watchable, *, live: bool = True) -> None:
    """Show a run in the panel of the current cell; a second call in the same cell shows nothing.

    Without `live` nothing is shown before the end.
    """
    cell = current_cell()
    with _lock:
        if cell is not None and _shown_in.get(run) == cell:
            return
        _shown_in[run] = cell
        panel = _of_cell.get(cell) if cell is not None else None
        if panel is None or panel.live != live:
            panel = Panel(cell, live=live)
            _remember(panel)
    panel.add(run)


def _remember(panel: Panel) -> None:
    _panels[panel.key] = panel
    if panel.cell is not None:
        _of_cell[panel.cell] = panel
    while len(_panels) > REMEMBERED:
        _, oldest = _panels.popitem(last=False)
        if _of_cell.get(oldest.cell) is oldest:
            del _of_cell[oldest.cell]


def _receive(message: dict[str, Any], answer: Callable[[dict[str, Any]], None]) -> None:
    """Pass a message from static HTML on to its panel; those of other kernels are not ours."""
    panel = _panels.get(str(message.get("panel")))
    if panel is not None:
        panel.receive(message, answer)


class Panel:
    """The runs that one cell shows, and the one place in its output that they are drawn in.

    Attributes:
        cell: The id of the cell, or None outside a notebook.
        live: Whether anything is drawn before the end.
        key: The key of the panel on the page.

    """

    def __init__(self, cell: object, *, live: bool = True) -> None:
        self.cell = cell
        self.live = live
        self.key = uuid.uuid4().hex[:16]
        self._compact = current_session().detail == "compact"
        self._console = live and is_console()
        self._loop: asyncio.AbstractEventLoop | None = running_loop()
        self._entries: dict[str, Entry] = {}
        self._opened: set[str] = set()
        self._lock = threading.RLock()
        self._pace = Pace(self._paint)
        self._surface: Surface | None = None
        self._silence: Silence | None = None
        self._published = False
        self._since: float | None = None
        self._final: PanelTree | None = None
        self._asks_end = False

    # --- runs --------------------------------------------------------------------------------------

    def add(self, run: Watchable) -> None:
        """Show one run more and follow it to its end."""
        with self._lock:
            key = f"r{len(self._entries) + 1}"
            self._entries[key] = Entry(run, key, compact=self._compact)
            if self._since is None:
                self._since = run.clock.monotonic()
            if not self._published and self.live and not self._console and not run.log.ended:
                self._publish({"text/html": "", "text/plain": ""})
            if not self._asks_end and not is_over_or_none(self.cell):
                self._asks_end = True
        ...
