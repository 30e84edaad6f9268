"""The surfaces that a live panel is drawn on: the widget, and what stands in for it where the front end lacks it.

Which one is chosen by what the front end shows of itself. Its JavaScript says hello when it runs. `_view_count` is no
proof of it, since it says 1 where an error is drawn in place of the widget; but it tells a front end with core widgets
from one without any.

| surface | where |
| --- | --- |
| `OnWidget` | hello was heard; or nothing can be learned before the cell ends |
| `OnCore` | no hello comes, and core widgets are drawn: `ipywidgets.HTML` and a button |
| `OnOutput` | until hello may have come, and without any widgets: the output itself is replaced |
"""
# ipywidgets ships no types:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

from progressnb.display.entry import INTERRUPT
from progressnb.display.html import panel_html
from progressnb.display.marimo import VIEW, inside, is_marimo, widgets
from progressnb.display.painter import ENVELOPE
from progressnb.display.text import panel_text
from progressnb.folds.patch import diff

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.folds.tree import PanelTree
    from progressnb.tracking.clock import Clock

__all__ = ["OnCore", "OnOutput", "OnWidget", "Surface", "bundle_of", "drop", "keep"]


def bundle_of(tree: PanelTree, opened: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return a panel as static HTML and as text."""
    return {"text/html": panel_html(tree, opened=opened), "text/plain": panel_text(tree)}


class Surface(Protocol):
    """The place that a live panel is drawn on."""

    def bundle(self) -> dict[str, Any]:
        """Return what is published in the cell's output."""
        ...

    def paint(self, tree: PanelTree, *, ended: bool) -> int:
        """Draw a tree; return the bytes that were sent, 0 if nothing has changed."""
        ...

    def send(self, message: dict[str, Any]) -> None:
        """Answer the page."""
        ...

    def close(self) -> None:
        """Close the widgets."""
        ...


class OnWidget:
    """Draw on the anywidget: one comm, and one message a paint.

    `fallback` is shown beside it where the front end has no widgets at all.
    """

    def __init__(
        self,
        tree: PanelTree,
        receive: Callable[[OnWidget, dict[str, Any]], None],
        clock: Callable[[], Clock],
        *,
        fallback: bool,
    ) -> None:
        """Open the widget; `clock` returns that of the latest run."""
        from progressnb.display.widget import Stub, Whole

        self._clock = clock
        self._first = bundle_of(tree) if fallback else {"text/plain": panel_text(tree)}
        kind = Whole if is_marimo() else Stub
        with inside(tree["key"]):
            self._stub = kind(tree, lambda message: receive(self, message))
        widgets[self.model_id] = self._stub

    @property
    def viewed(self) -> bool:
        """Whether the front end draws widgets, this one or an error in its place."""
        return bool(self._stub._view_count)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # a trait of ipywidgets

    @property
    def model_id(self) -> str:
        """The id of the widget, which outputs name."""
        return str(self._stub.model_id)

    def bundle(self) -> dict[str, Any]:
        """Return the place of the widget and its text."""
        # Written out: ipywidgets 7 has no `_repr_mimebundle_`, and anywidget's returns a tuple.
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id, "panel": self._stub.tree["key"]}
        return {**self._first, VIEW: view}

    def paint(self, tree: PanelTree, *, ended: bool) -> int:
        """Send what has changed."""
        ops = diff(self._stub.tree, tree)
        if not ops and ended == self._stub.ended:
            return 0
        return self._stub.paint(tree, ops, self._clock(), ended=ended)

    def send(self, message: dict[str, Any]) -> None:
        """Answer the page."""
        self._stub.send(message)

    def close(self) -> None:
        """Close the widget."""
        self._stub.close()


class OnCore:
    """Draw on core widgets, which many front ends bundle: HTML, and a button while something can be stopped."""

    def __init__(self, tree: PanelTree, stop: Callable[[], None], *, hears: bool) -> None:
        """Make the widgets; `stop` is called by the button, and `hears` says whether a click is heard meanwhile."""
        import ipywidgets as widgets

        from progressnb.display.theme import sheet
        from progressnb.display.widget import hear_while_blocked

        self._tree = tree
        self._body: Any = widgets.HTML()
        self._button: Any = widgets.Button(
            description="Stop" if hears else INTERRUPT,
            disabled=not hears,
            tooltip="Stop what this panel shows" if hears else "This kernel handles no clicks while a cell runs",
            layout=widgets.Layout(width="auto", height="24px", align_self="flex-end"),
        )
        self._hears = hears
        self._button.add_class("pnb-stop" if hears else "pnb-how")
        self._stop = stop
        self._button.on_click(self._on_click)
        hear_while_blocked(self._button)
        self._style: Any = widgets.HTML(f"<style>{sheet()}{_BUTTON}</style>", layout=widgets.Layout(display="none"))
        self._box: Any = widgets.VBox([self._style, self._button, self._body])
        self._body._view_count = 0  # noqa: SLF001 - a trait of ipywidgets, which asks the front end to count
        self._body.value = self._html(tree)

    def _html(self, tree: PanelTree) -> str:
        """Return a tree as HTML: where the button says how to stop, the notes don't say it again."""
        if not self._hears:
            notes = [[note for note in run["notes"] if note != INTERRUPT] for run in tree["runs"]]
            runs: Any = [{**run, "notes": told} for run, told in zip(tree["runs"], notes, strict=True)]
            tree = {**tree, "runs": runs}
        return panel_html(tree, style=False)

    def _on_click(self, _button: object) -> None:
        self._stop()

    @property
    def viewed(self) -> bool:
        """Whether the front end draws them."""
        return bool(self._body._view_count)  # noqa: SLF001 - a trait of ipywidgets

    def bundle(self) -> dict[str, Any]:
        """Return the place of the widgets, and what is seen where there are none."""
        view = {"version_major": 2, "version_minor": 0, "model_id": str(self._box.model_id)}
        return {**bundle_of(self._tree), VIEW: view}

    def paint(self, tree: PanelTree, *, ended: bool) -> int:
        """Replace the HTML."""
        if tree == self._tree:
            return 0
        self._tree = tree
        self._body.value = html = self._html(tree)
        if ended:
            self._box.children = [self._style, self._body]
        return len(html.encode()) + ENVELOPE

    def send(self, message: dict[str, Any]) -> None:
        """Answer nobody: this surface asks nothing."""

    def close(self) -> None:
        """Close the widgets."""
        for widget in (self._style, self._button, self._body, self._box):
            for part in (widget.layout, getattr(widget, "style", None)):
                if part is not None:
                    part.close()
            widget.close()


class OnOutput:
    """Draw on the output itself, which is replaced with each paint.

    `remark` says why no widget is drawn; it stands below the runs while they are at work.
    """

    def __init__(self, tree: PanelTree, publish: Callable[[dict[str, Any]], None], remark: str = "") -> None:
        self._tree = tree
        self._publish = publish
        self._remark = remark

    def bundle(self) -> dict[str, Any]:
        """Return the HTML and the text."""
        return self._bundle(self._tree)

    def _bundle(self, tree: PanelTree) -> dict[str, Any]:
        if self._remark and tree["runs"]:
            *others, last = tree["runs"]
            tree = {**tree, "runs": [*others, {**last, "notes": [*last["notes"], self._remark]}]}
        return bundle_of(tree)

    def paint(self, tree: PanelTree, *, ended: bool) -> int:
        """Replace the output."""
        if ended or tree == self._tree:  # the end is published by the panel
            return 0
        self._tree = tree
        bundle = self._bundle(tree)
        self._publish(bundle)
        return sum(len(text.encode()) for text in bundle.values()) + ENVELOPE

    def send(self, message: dict[str, Any]) -> None:
        """Answer nobody: this surface asks nothing."""

    def close(self) -> None:
        """Nothing is to be closed."""


# Stop has the place and the look that it has in the widget: at the right end of the head, above the HTML.
_BUTTON = """
.pnb-stop.pnb-stop { position: relative; z-index: 2; margin: 4px 7px -28px 0; padding: 0 9px; border-radius: 3px;
  font-size: 12px; line-height: 24px; color: inherit; background: none;
  box-shadow: inset 0 0 0 1px color-mix(in srgb, currentColor 35%, transparent); }
.pnb-how.pnb-how { padding: 0; font-size: 12px; color: inherit; background: none; box-shadow: none; }
"""

KEPT = 20
"""Ended panels that keep their widgets until the page says that their HTML has taken the place."""

_kept: deque[Surface] = deque()


def keep(surface: Surface) -> None:
    """Keep the widgets of an ended panel: on a page that was loaded anew they are what is seen, not the output."""
    _kept.append(surface)
    while len(_kept) > KEPT:
        _kept.popleft().close()


def drop(surface: Surface) -> None:
    """Close the widgets of an ended panel whose HTML has taken their place."""
    if surface in _kept:
        _kept.remove(surface)
        surface.close()
