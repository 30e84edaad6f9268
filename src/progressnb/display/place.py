"""The place of a panel in a cell's output: the surface that it is drawn on, and the HTML that stays."""

from __future__ import annotations

import json
import logging
import threading
from typing import TYPE_CHECKING, Any

from progressnb.display.captured import takes, write_at_end
from progressnb.display.cells import hears_while_awaiting, is_console, is_unattended, publish
from progressnb.display.front import Silence, can_listen, front
from progressnb.display.painter import ENVELOPE
from progressnb.display.standins import OnCore, OnOutput, OnWidget, bundle_of, drop, keep
from progressnb.display.versions import mismatch
from progressnb.tracking.clock import SystemClock, running_loop

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from progressnb.display.acts import Receive
    from progressnb.display.front import Kind
    from progressnb.display.standins import Surface
    from progressnb.folds.tree import PanelTree
    from progressnb.tracking.clock import Clock

__all__ = ["Place"]

_logger = logging.getLogger("progressnb")

OTHER_WINDOWS = 10.0
"""Seconds for which a widget is kept whose place one window of the notebook has given to HTML."""


class Place:
    """One place in the output of a cell.

    Attributes:
        key: The key of the panel on the page.
        captured: The ids of the `ipywidgets.Output` widgets that take what is displayed.
        is_console: Whether the front end is one of text.
        is_published: Whether the cell's output has the place.
        clock: The clock of the latest run.

    """

    def __init__(
        self,
        key: str,
        *,
        captured: tuple[str, ...],
        live: bool,
        receive: Receive,
        stop: Callable[[], None],
        wake: Callable[[], None],
    ) -> None:
        """Take no place yet. `receive` gets what the page asks, `wake` is called when another surface is wanted."""
        self.key = key
        self.captured = captured
        self.is_console = live and is_console()
        self.is_published = False
        self.clock: Clock = SystemClock()
        self._receive = receive
        self._stop = stop
        self._wake = wake
        self._is_unattended = is_unattended()
        self._remark = "" if self.is_console or self._is_unattended or front.heard else mismatch()
        self._instead: Kind | None = "output" if self._is_unattended or self._remark else None
        self._loop: asyncio.AbstractEventLoop | None = running_loop()
        self._surface: Surface | None = None
        self._kind: Kind | None = None
        self._silence: Silence | None = None
        self._static: PanelTree | None = None
        self._stored: PanelTree | None = None
        self._opened: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    @property
    def is_live(self) -> bool:
        """Whether it is drawn on a live surface."""
        return self._surface is not None

    @property
    def is_lines(self) -> bool:
        """Whether lines of text are written in place of a panel."""
        return self._kind == "lines"

    def take(self) -> None:
        """Publish an empty place: what the cell prints from here on stands below the panel."""
        if not self.is_published:
            self._publish({"text/html": "", "text/plain": ""}, only_first=True)

    def paint(self, tree: PanelTree, *, at_work: bool) -> int | None:
        """Draw a tree on the surface that is wanted now; return the bytes that were sent, None for lines of text."""
        if self._surface is None or (at_work and not self.captured and self._kind != self._wanted()):
            return self._open(tree)
        return self._surface.paint(tree, ended=False)

    def end(self, tree: PanelTree, opened: frozenset[str]) -> int:
        """Put static HTML in the place of the live surface; return the bytes that were sent."""
        if tree == self._static:
            return 0
        # After a widget that a console can't show, its end is shown as an output of its own.
        update = not (self.is_console and not front.heard)
        self._static, self._opened = tree, opened
        if self.captured and self._surface is not None:
            return self._surface.paint(tree, ended=True)
        bundle = bundle_of(tree, opened)
        if self.captured and self._is_unattended and not takes(self.captured):
            write_at_end(self.captured, bundle, self.key)  # here another cell's output would get it
            return 0
        if self._surface is not None:
            self._surface.paint(tree, ended=True)
            keep(self._surface)
            self._surface = self._kind = None
        if self._silence is not None:
            self._silence.end()
        self._publish(bundle, update=update)
        return sum(len(text.encode()) for text in bundle.values())

    def store(self, tree: PanelTree, opened: frozenset[str]) -> None:
        """Let the notebook keep what the tree shows, where a program executes it and another cell is being executed."""
        if not self.captured and tree != self._stored:
            self._stored = tree
            self._publish(bundle_of(tree, opened))

    def _publish(self, bundle: dict[str, Any], *, update: bool = True, only_first: bool = False) -> None:
        with self._lock:  # runs of several threads may begin at once
            update = update and self.is_published and not self.captured
            if self.is_published and only_first:
                return
            self.is_published = publish(bundle, self.key, update=update) or self.is_published

    # --- the surface -----------------------------------------------------------------------------------

    def _wanted(self) -> Kind:
        """Return the surface to draw on, by what the front end has shown of itself until now."""
        if front.heard:
            return "widget"
        if self.captured and not self._remark:
            return "core"  # which shows in all front ends that have `Output`
        if self.is_console and not hears_while_awaiting():
            return "lines"  # it would never be known whether a widget is drawn
        if (settled := self._instead or front.settled) is not None:
            return settled
        if not hears_while_awaiting():
            return "core"
        # A front end without our widget would show an error in its place. HTML shows the run until the page says hello.
        return "output" if can_listen(self._loop) and not self.is_console else "widget"

    def _open(self, tree: PanelTree) -> int | None:
        before, self._kind = self._surface, self._wanted()
        if self._silence is not None:
            self._silence.end()
        if self._kind == "lines":
            self._surface = None
        else:
            self._surface = self._make(self._kind, tree)
            bundle = self._surface.bundle()
            if self.is_console:
                bundle.pop("text/plain")  # it would stand there for ever; lines follow, unless widgets are drawn
            self._publish(bundle)
        if before is not None:
            keep(before)  # JupyterLab stumbles over a widget that is closed while its output is being replaced
        if not front.heard and not self.captured and (self._kind in ("widget", "core") or self._is_listening):
            # What is shown meanwhile is no widget: there is no view to wait for.
            viewed = (lambda: True) if self._is_listening else self._is_viewed
            self._silence = Silence(self._loop, viewed, counted=self._on_silence, blocked=self._on_blocked)
            self._silence.begin()
        return None if self._kind == "lines" else len(json.dumps(tree)) + ENVELOPE

    def _make(self, kind: Kind, tree: PanelTree) -> Surface:
        try:
            if kind in ("widget", "core") or self._is_listening:
                from progressnb.display.widget import open_loader

                open_loader()
            if kind == "widget":
                return OnWidget(tree, self._on_message, lambda: self.clock, fallback=not front.heard)
            if kind == "core":
                return OnCore(tree, self._stop, hears=hears_while_awaiting())
        except ImportError:
            _logger.debug("no widgets in this environment", exc_info=True)
            self._kind = self._instead = "output"
        return OnOutput(tree, self._publish, self._remark)

    @property
    def _is_listening(self) -> bool:
        """Whether HTML is shown only until it is known what the front end can show."""
        return self._kind == "output" and not self._instead and not front.settled

    def _is_viewed(self) -> bool:
        return isinstance(self._surface, OnWidget | OnCore) and self._surface.viewed

    def _on_silence(self) -> None:
        if self._is_listening:
            self._instead = "core"  # if these are viewed the front end has widgets
        else:
            self._instead = front.settled = "core" if self._is_viewed() else "lines" if self.is_console else "output"
        self._wake()

    def _on_blocked(self) -> None:
        self._instead = "lines" if self.is_console else "core"
        self._wake()

    def _on_message(self, surface: OnWidget, message: dict[str, Any]) -> None:
        """Handle a message of one of the panel's widgets. Called on any thread."""
        kind = message.get("kind")
        if kind == "gone":
            # Another window of the notebook may show the widget still, and is about to ask for its HTML.
            self.clock.call_later(OTHER_WINDOWS, lambda: drop(surface))
        elif kind == "html":
            if self._static is not None:
                data = bundle_of(self._static, self._opened)
                surface.send({"kind": "html", "model_id": surface.model_id, "data": data})
        else:
            self._receive(message, surface.send)
