"""The notebook's panel: live widgets while the run goes on, static HTML when it has ended.

It changes traits of widgets and prints nothing: text that tasks and threads print lands in whatever cell is current.
"""
# ipywidgets ships no types:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import sys
import uuid
from collections import deque
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

import ipywidgets as widgets
from IPython.display import publish_display_data  # pyright: ignore[reportUnknownVariableType] # IPython annotates it in part

from progressnb.display.painter import Painter
from progressnb.display.parts import (
    announcement_html,
    final_html,
    final_text,
    heading_html,
    heading_text,
    output_html,
    stages_html,
    usage_html,
)
from progressnb.display.parts_theme import STYLE
from progressnb.tracking.session import current_session

if TYPE_CHECKING:
    from progressnb.tracking.protocols import Watchable

__all__ = ["Panel", "show_panel"]

ENVELOPE = 700
"""Bytes of a widget's message beside its text."""

KEPT = 20
"""Ended panels that keep their widgets, for pages that were loaded anew while the run went on."""

_ended: deque[Panel] = deque()
_shown_in: WeakKeyDictionary[Watchable, object] = WeakKeyDictionary()


def show_panel(run: Watchable, *, live: bool = True) -> None:
    """Show a run under the current cell; a second call in the same cell shows nothing."""
    cell = _current_cell()
    if cell is not None and _shown_in.get(run) == cell:
        return
    _shown_in[run] = cell
    Panel(run, live=live).show()


def _current_cell() -> object:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "execution_count", None)


def _hear_while_blocked(button: widgets.Button) -> None:
    # While a cell blocks the kernel's main thread, as run.wait() does, ipykernel 7.4 keeps a click waiting for
    # that thread unless the comm's messages stay on the subshell that JupyterLab sends them through. The name is
    # private: where it is missing, a click is heard when the cell gives way.
    comm = cast("Any", button.comm)
    if callable(getattr(comm, "_reply_subshell_for", None)):
        comm._reply_subshell_for = lambda _data, sent_through: sent_through  # noqa: SLF001 # pyright: ignore[reportUnknownLambdaType]


def _close(widget: Any) -> None:  # noqa: ANN401 - ipywidgets ships no types
    for part in (widget.layout, getattr(widget, "style", None)):
        if part is not None:
            part.close()
    widget.close()


class Panel:
    """Show one run: overall bar, stages, the output as it is written, a Cancel button, and the final HTML at the end.

    Without `live`, for front ends that have no widgets, nothing is shown before the end.
    """

    def __init__(self, run: Watchable, *, live: bool = True) -> None:
        self._run = run
        self._compact = current_session().detail == "compact"
        self._live = live
        self._display_id = uuid.uuid4().hex
        self._painter = Painter(run, self._paint)
        if live:
            self._heading = widgets.HTML()
            self._cancel = widgets.Button(
                description="Cancel",
                tooltip="Stop this run",
                layout=widgets.Layout(width="90px", height="26px", margin="2px 0 2px 10px"),
            )
            self._cancel.on_click(self._on_cancel)
            _hear_while_blocked(self._cancel)
            self._body = widgets.HTML()
            # A widget of its own: a screen reader would announce again what is drawn anew.
            self._announcement: Any = widgets.HTML()
            self._style: Any = widgets.HTML(STYLE)
            self._top: Any = widgets.HBox([self._heading, self._cancel], layout=widgets.Layout(flex_flow="row wrap"))
            self._box: Any = widgets.VBox([self._style, self._top, self._body, self._announcement])

    def show(self) -> None:
        """Show the panel here and follow the run to its end."""
        if self._live and not self._run.log.ended:
            # The text is for front ends without widgets.
            self._display({**self._box._repr_mimebundle_(), "text/plain": heading_text(self._run)})
        self._painter.start()

    def _on_cancel(self, _button: object) -> None:
        self._cancel.disabled = True
        self._cancel.description = "Cancelling…"
        self._run.cancel("the Cancel button")

    def _display(self, bundle: dict[str, Any], *, update: bool = False) -> None:
        publish_display_data(  # type: ignore[no-untyped-call] # IPython annotates it in part
            bundle, transient={"display_id": self._display_id}, update=update
        )

    def _paint(self) -> int:
        if self._run.log.ended:
            return self._paint_end()
        return self._paint_live() if self._live else 0

    def _paint_end(self) -> int:
        # Without a widget view: a saved one would read "model not found" after a restart.
        compact = self._compact
        bundle = {"text/html": final_html(self._run, compact=compact), "text/plain": final_text(self._run)}
        was_shown = self._live and self._painter.painted
        self._display(bundle, update=was_shown)
        if self._live:
            # A page that was loaded anew while the run went on shows the widgets, and has no output to update.
            self._body.value = bundle["text/html"]
            self._box.children = [self._body]
            for widget in (self._style, self._heading, self._cancel, self._top, self._announcement):
                _close(widget)
            _ended.append(self)
            if len(_ended) > KEPT:
                _ended.popleft().close()
        return len(bundle["text/html"])

    def close(self) -> None:
        """Close the widgets; the output in the notebook stays."""
        _close(self._body)
        _close(self._box)

    def _body_html(self) -> str:
        run, state = self._run, self._run.state
        # Not `run.partial`, which is ahead of the events and may be another stage's than the caret.
        last = state.last_output
        output = last.output if last is not None else None
        written = output_html(output.value, output.open_path) if output is not None else ""
        return f'<div class="pnb">{stages_html(state, run.elapsed)}{written}{usage_html(state)}</div>'

    def _paint_live(self) -> int:
        run, state = self._run, self._run.state
        heading = heading_html(run)
        body = "" if self._compact else self._body_html()
        announcement = announcement_html(state)
        sent = 0
        for widget, html in ((self._heading, heading), (self._body, body), (self._announcement, announcement)):
            if widget.value != html:
                widget.value = html
                sent += len(html.encode()) + ENVELOPE
        return sent
