"""Choices below a cell: a button for each of several meanings, and room for what comes of the one that is pressed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from progressnb.display.screen import has_reader
from progressnb.tracking.failures import error_text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

__all__ = ["offer"]

_tasks: set[asyncio.Task[None]] = set()  # a loop keeps no task alive


def offer(texts: Sequence[str], go_on: Callable[[str], Awaitable[Any]]) -> bool:
    """Show a button for each text where somebody can press it, and the result of `go_on` below them.

    Returns:
        Whether they are shown: in a notebook with live widgets.

    """
    if not has_reader():
        return False
    from IPython.display import display  # pyright: ignore[reportUnknownVariableType] - it has no types

    show: Any = display  # pyright: ignore[reportUnknownVariableType]
    show(buttons(texts, go_on))
    return True


def buttons(texts: Sequence[str], go_on: Callable[[str], Awaitable[Any]]) -> Any:  # noqa: ANN401 - a widget
    """Return a widget with a button for each text; one that is pressed goes on, and the others stay to be tried."""
    import ipywidgets as widgets

    output: Any = widgets.Output()

    def button(text: str) -> Any:  # noqa: ANN401 - a widget
        made: Any = widgets.Button(description=text, layout=widgets.Layout(width="auto"), tooltip=text)

        def pressed(_: object) -> None:
            _begin(_answer(text, go_on, output))

        made.on_click(pressed)
        return made

    return widgets.VBox([*map(button, texts), output])


def _begin(work: Any) -> None:  # noqa: ANN401 - a coroutine
    task: asyncio.Task[None] = asyncio.ensure_future(work)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _answer(text: str, go_on: Callable[[str], Awaitable[Any]], output: Any) -> None:  # noqa: ANN401 - a widget
    output.outputs = ()
    try:
        result = await go_on(text)
    except Exception as error:  # noqa: BLE001 - told to who pressed
        output.append_stderr(error_text(error))
    else:
        output.append_display_data(result)
