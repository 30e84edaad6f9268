"""The `ipywidgets.Output` widgets that take what a cell displays, and what is written into them later."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from progressnb.display.cells import at_each_end, current_cell, publish

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["capturing", "takes", "write_at_end"]


def capturing(cell: object) -> tuple[str, ...]:
    """Return the ids of the widgets that take what a cell displays now.

    The page puts into them what is displayed, but drops updates of it.
    """
    return tuple(str(output.model_id) for output in _outputs() if cell is not None and output.msg_id == cell)


def takes(outputs: tuple[str, ...]) -> bool:
    """Return whether the widgets with these ids take what is displayed now."""
    return {*outputs} <= {*capturing(current_cell())}


def write_at_end(outputs: tuple[str, ...], bundle: dict[str, Any], display_id: str) -> None:
    """Write into a widget when the cell at work has been executed to its end; the innermost one takes it.

    Without the widget it is written below that cell.
    """

    def write() -> bool:
        found = [output for output in _outputs() if str(output.model_id) in outputs]
        if found:
            with found[-1]:
                publish(bundle, display_id)
        else:
            publish(bundle, display_id)
        return False

    at_each_end(write)


def _outputs() -> Iterator[Any]:
    """Yield the widgets of a kernel that have loaded `ipywidgets`, in the order in which they were made."""
    module: Any = sys.modules.get("ipywidgets.widgets.widget_output")
    if module is None:
        return
    widgets: dict[str, Any] | None = getattr(sys.modules["ipywidgets.widgets.widget"], "_instances", None)
    if widgets is None:
        widgets = module.Output.widgets  # ipywidgets 7
    yield from (widget for widget in list((widgets or {}).values()) if isinstance(widget, module.Output))
