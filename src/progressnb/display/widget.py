"""The widgets of the notebook: one loader a kernel, which brings JavaScript and style, and a small stub a panel.

The whole JavaScript would be 65 KB in each panel. So the loader, which is never displayed and never closed, defines a
promise on the page, which the stubs wait for. It survives a reload, since the page asks the kernel for all its widgets.
A stub is one comm: the first tree travels as its state, each paint as one message with a numbered patch, and a page
that comes later gets the tree of that moment as state.
"""
# ipywidgets ships no types:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import hashlib
import json
import re
import sys
import threading
import uuid
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

import traitlets

from progressnb.display.acts import receiver_of
from progressnb.display.channel import channel
from progressnb.display.front import front
from progressnb.display.marimo import is_marimo
from progressnb.display.painter import ENVELOPE
from progressnb.display.theme import sheet, small_sheet
from progressnb.tracking.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.folds.tree import PanelTree
    from progressnb.tracking.clock import Clock

__all__ = ["Stub", "Whole", "hear_while_blocked", "open_loader"]


_LOADER = "export default notebook;\n"
"""The end of the loader's code, in whose place a stub's may stand."""


def _read(name: str) -> str:
    return (files("progressnb.display") / name).read_text(encoding="utf-8")


@cache
def _code() -> tuple[str, str, str]:
    """Return the code of the loader, the code of a stub and the style, keyed by the version of all of them."""
    view, notebook, stub = map(_read, ("view.js", "notebook.js", "stub.js"))
    style = sheet()
    version = hashlib.sha256(f"{view}{notebook}{stub}{style}".encode()).hexdigest()[:12]
    small = re.sub(r"^(//.*\n| +|\n)", "", stub, flags=re.MULTILINE)  # it travels once a panel
    notebook = notebook.replace("__SMALL__", small_sheet())
    return f"{view}\n{notebook}".replace("__VERSION__", version), small.replace("__VERSION__", version), style


def hear_while_blocked(widget: Any) -> None:  # noqa: ANN401 - ipywidgets ships no types
    """Let a widget's messages be handled while a cell blocks the kernel's main thread, as `run.wait()` does.

    ipykernel 7.4 keeps a message waiting for that thread unless it stays on the subshell that JupyterLab sends it
    through. The name is private: where it is missing, messages are handled when the cell gives way.
    """
    comm: Any = widget.comm
    if callable(getattr(comm, "_reply_subshell_for", None)):
        comm._reply_subshell_for = lambda _data, sent_through: sent_through  # noqa: SLF001 # pyright: ignore[reportUnknownLambdaType]


if TYPE_CHECKING or not (is_marimo() or "google.colab" in sys.modules):
    from progressnb.display.slim import Slim as _Widget
else:  # which know anywidget's own class
    from anywidget import AnyWidget as _Widget


class _Small(_Widget):
    """A widget of one comm: it has no layout, which would be a widget of its own."""

    layout = traitlets.Any(None, allow_none=True).tag(sync=True)
    tooltip = traitlets.Any(None, allow_none=True)
    tabbable = traitlets.Any(None, allow_none=True)
    _dom_classes = traitlets.Any(())
    _esm = traitlets.Unicode().tag(sync=True)

    def __init__(self, **traits: str) -> None:
        super().__init__(**traits)
        self.on_msg(self._on_message)
        hear_while_blocked(self)

    def _on_message(self, _widget: object, content: Any, _buffers: object) -> None:  # noqa: ANN401 - anything the page sends
        if isinstance(content, dict):
            if content.get("kind") == "hello":
                front.hello()
            self.receive(cast("dict[str, Any]", content))

    def receive(self, message: dict[str, Any]) -> None:
        """Handle a message of the page."""
        raise NotImplementedError


class _Loader(_Small):
    """The widget that brings JavaScript and style; what is asked of static HTML comes through it too."""

    _css = traitlets.Unicode().tag(sync=True)

    def __init__(self) -> None:
        code, _, style = _code()
        super().__init__(_esm=code, _css=style)

    def receive(self, message: dict[str, Any]) -> None:
        """Pass a message on to its panel, with a way to answer; one of another kernel's panel is passed over."""
        panel = str(message.get("panel"))
        if (receive := receiver_of(panel)) is not None:
            receive(message, lambda answer: self.send({**answer, "panel": panel}))


_loader: list[_Loader] = []
_opening = threading.Lock()


def open_loader() -> None:
    """Open the kernel's loader, unless it is open."""
    with _opening:
        # A comm that is closed, as all are by `Widget.close_all()`, would leave later panels blank.
        if not _loader or _loader[-1].comm is None:
            channel.renew()
            _loader[:] = [_Loader()]


def _shot(_value: object, stub: Stub) -> dict[str, Any]:
    """Return what a page gets as the state of a stub: the trait itself is never assigned."""
    return {**stub.shot(), "name": stub.name}


class Stub(_Small):
    """The widget of one panel."""

    snapshot = traitlets.Any().tag(sync=True, to_json=_shot)
    _view_count = traitlets.Int(0, allow_none=True).tag(sync=True)

    def __init__(self, tree: PanelTree, receive: Callable[[dict[str, Any]], None]) -> None:
        self.name = uuid.uuid4().hex[:12]
        self.number = 0
        self.tree = tree
        self.ended = False
        self._receive = receive
        super().__init__(**self._code())

    def _code(self) -> dict[str, str]:
        return {"_esm": _code()[1]}

    def shot(self) -> dict[str, Any]:
        """Return the state of now, for a page that is opened now."""
        return {"n": self.number, "tree": self.tree, "ended": self.ended}

    def paint(self, tree: PanelTree, ops: list[Any], clock: Clock, *, ended: bool) -> int:
        """Send what has changed, as one message, or as a part of one for several panels; return its bytes."""
        self.number += 1
        self.tree, self.ended = tree, ended
        message = {"n": self.number, "ops": ops} | ({"ended": True} if ended else {})
        size = len(json.dumps(message))
        if ended:
            channel.end(self.name, self._through(), clock)
        elif channel.take(self.name, message, clock, self._through()):
            return size
        self.send(message)
        return size + ENVELOPE

    def _through(self) -> Callable[[dict[str, Any]], None] | None:
        """Return what sends a message through the loader, or None where none is open."""
        loader: Any = _loader[-1] if _loader else None
        return cast("Callable[[dict[str, Any]], None]", loader.send) if loader and loader.comm is not None else None

    def close(self) -> None:
        """Close the widget."""
        channel.end(self.name, None, SystemClock())
        super().close()

    def receive(self, message: dict[str, Any]) -> None:
        """Send the whole tree to a page that missed a patch; pass on any other message."""
        if message.get("kind") == "tree":
            self.send(self.shot())
        else:
            self._receive(message)


class Whole(Stub):
    """A stub that brings all JavaScript and the style itself, for front ends that draw no loader: marimo's."""

    _css = traitlets.Unicode().tag(sync=True)

    def _through(self) -> None:
        return None

    def _code(self) -> dict[str, str]:
        code, stub, style = _code()
        return {"_esm": f"{code.removesuffix(_LOADER)}\n{stub}", "_css": style}
