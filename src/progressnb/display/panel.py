"""The notebook's panel: live widgets while the run goes on, static HTML when it has ended.

Widget traits only. Text printed from tasks and threads lands in whatever cell is current; traits do not.
"""
# ipywidgets ships no types:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import sys
import uuid
from html import escape
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

import ipywidgets as widgets
from IPython.display import publish_display_data  # pyright: ignore[reportUnknownVariableType] # IPython annotates it in part

from progressnb.display.painter import Painter
from progressnb.display.static import STYLE, final_html, final_text, heading_text, output_html, stages_html, usage_html
from progressnb.settings import settings

if TYPE_CHECKING:
    from progressnb.partial import Path
    from progressnb.settings import Watchable

__all__ = ["Panel", "show_panel"]

_BAR_STYLES = {"finished": "success", "failed": "danger", "cancelled": "warning"}
_shown_in: WeakKeyDictionary[Watchable, object] = WeakKeyDictionary()


def show_panel(run: Watchable, *, live: bool = True) -> None:
    """Show a run under the current cell, once a cell."""
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


class Panel:
    """Show one run: overall bar, stages, the output as it is written, Cancel, and at the end what remains.

    Without `live` nothing is shown before the end: for front ends that have no widgets.
    """

    def __init__(self, run: Watchable, *, live: bool = True) -> None:
        self._run = run
        self._compact = settings.detail == "compact"
        self._live = live
        self._display_id = uuid.uuid4().hex
        self._painter = Painter(run, self._paint)
        if live:
            self._bar = widgets.FloatProgress(
                min=0, max=100, layout=widgets.Layout(width="220px", height="16px", margin="4px 8px 0 0")
            )
            self._heading = widgets.HTML()
            self._cancel = widgets.Button(
                description="Cancel", tooltip="Stop this run", layout=widgets.Layout(width="80px", height="26px")
            )
            self._cancel.on_click(self._on_cancel)
            _hear_while_blocked(self._cancel)
            self._body = widgets.HTML()
            top = widgets.HBox([self._bar, self._heading, self._cancel], layout=widgets.Layout(flex_flow="row wrap"))
            self._box: Any = widgets.VBox([widgets.HTML(STYLE), top, self._body])

    def show(self) -> None:
        """Show the panel here and follow the run to its end."""
        if self._live and not self._run.log.ended:
            # For a front end without widgets the text has to say what this is.
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
        # No widget view in the bundle: a saved one would say "model not found" after a restart.
        compact = self._compact
        bundle = {"text/html": final_html(self._run, compact=compact), "text/plain": final_text(self._run)}
        was_shown = self._live and self._painter.painted
        self._display(bundle, update=was_shown)
        if self._live:
            self._box.close()
        return len(bundle["text/html"])

    def _body_html(self, path: Path | None) -> str:
        run, state = self._run, self._run.state
        return (
            f'<div class="pnb">{stages_html(state, run.elapsed)}{output_html(run.partial, path)}'
            f"{usage_html(state)}</div>"
        )

    def _paint_live(self) -> int:
        run, state = self._run, self._run.state
        last = state.last_output
        output = last.output if last is not None else None
        path = output.open_path if output is not None else None
        heading = f'<div class="pnb" aria-live="polite">{escape(heading_text(run))}</div>'
        body = "" if self._compact else self._body_html(path)
        sent = 0
        if self._bar.value != state.overall_progress:
            self._bar.value = state.overall_progress
        if self._heading.value != heading:
            self._heading.value = heading
            sent += len(heading)
        if self._body.value != body:
            self._body.value = body
            sent += len(body)
        return sent
