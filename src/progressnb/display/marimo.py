"""marimo's notebooks: the cell at work, and panels as parts of its output.

marimo draws anywidgets itself, but has neither IPython nor display messages. What it offers in their place is used
here: `mo.output`, and the context of the cell at work, which is private; where that is missing, there is text.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from weakref import WeakValueDictionary

__all__ = ["VIEW", "cell_at_work", "inside", "is_busy", "is_marimo", "place", "widgets"]

VIEW = "application/vnd.jupyter.widget-view+json"
"""The MIME type of a widget's place in an output."""

widgets: WeakValueDictionary[str, Any] = WeakValueDictionary()
"""The widgets that panels are drawn on, by the ids of their models."""


REMEMBERED = 100
"""Panels whose places in the output of their cells are known."""

_places: OrderedDict[str, tuple[Any, int]] = OrderedDict()


def _context() -> Any | None:  # noqa: ANN401 - marimo's object
    module: Any = sys.modules.get("marimo._runtime.context")
    try:
        return module.get_context() if module is not None and is_marimo() else None
    except Exception:  # noqa: BLE001 - private names, and whatever they raise outside a cell
        return None


def cell_at_work() -> object | None:
    """Return a key of this execution of a cell, or None outside marimo's cells."""
    context = _context()
    cell = context.execution_context if context is not None else None
    return None if cell is None else cell.__dict__.setdefault("_progressnb_key", object())


def is_marimo() -> bool:
    """Tell whether this process runs a notebook of marimo's."""
    marimo: Any = sys.modules.get("marimo")
    return marimo is not None and bool(getattr(marimo, "running_in_notebook", bool)())


def is_busy(key: str) -> bool:
    """Tell whether the cell of a panel is still at work: marimo handles no clicks meanwhile."""
    found = _places.get(key)
    return found is not None and found[0].execution_context is not None


def inside(key: str) -> AbstractContextManager[object]:
    """Return a block in which marimo knows the cell of a panel, on any thread; elsewhere one without effect."""
    found = _places.get(key)
    return nullcontext() if found is None else found[0].install()


def place(bundle: dict[str, Any], key: str) -> bool:
    """Put a panel into the output of its cell, where its key has a place; tell whether marimo has such a cell.

    The first call for a key is made by the cell itself, later ones on any thread.
    """
    if key not in _places:
        context = _context()
        if context is None or context.execution_context is None:
            return False
        _places[key] = context, len(context.execution_context.output)
        while len(_places) > REMEMBERED:
            _places.popitem(last=False)
    context, index = _places[key]
    marimo: Any = sys.modules["marimo"]
    view = bundle.get(VIEW)
    widget = widgets.get(view["model_id"]) if view is not None else None
    with inside(key):
        marimo.output.replace_at_index(marimo.Html(bundle["text/html"]) if widget is None else widget, index)
    return True
