"""The silence of a result that its panel shows: its repr is not printed again as the output of the same cell."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, cast

from progressnb.display.cells import at_end, current_cell, current_shell, current_source

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["keep_quiet"]

_PLAIN = (str, bytes, int, float, complex, bool, type(None))
"""Types of which one object may be the result of many things."""

_TEXT = 100
"""Characters from which on nobody has the same text object by chance."""


class _Quiet:
    """A wrapper around the formatting of one cell's last value: some objects, by identity, are formatted as nothing."""

    def __init__(self, hook: Any, cell: object) -> None:  # noqa: ANN401 - IPython's displayhook
        self._hook = hook
        self._cell = cell
        self._format: Callable[..., Any] = hook.compute_format_data
        self.shown: list[object] = []
        hook.compute_format_data = self

    def __call__(self, result: object) -> Any:  # noqa: ANN401 - what IPython's method returns
        bundle, metadata = self._format(result)
        # An object that draws itself, such as a chart, shows more than the panel does.
        is_shown = current_cell() == self._cell and any(result is one for one in self.shown)
        if isinstance(result, _PLAIN) and not (isinstance(result, str) and len(result) >= _TEXT):
            is_shown = is_shown and _ends_with_await()
        return ({}, {}) if is_shown and {*bundle} <= {"text/plain"} else (bundle, metadata)

    def undo(self) -> None:
        """Give IPython its own method back."""
        self.shown.clear()
        own = cast("dict[str, Any]", vars(self._hook))
        if own.get("compute_format_data") is self:
            del self._hook.compute_format_data
        _quiet.pop(self._cell, None)


def _ends_with_await() -> bool:
    """Whether the last line of the cell that is being executed is `await …`, whose value is then that of a run."""
    try:
        body = ast.parse(current_source()).body
    except (SyntaxError, ValueError):  # a magic, or text that Python can't hold
        return False
    return bool(body) and isinstance(body[-1], ast.Expr) and isinstance(body[-1].value, ast.Await)


_quiet: dict[object, _Quiet] = {}


def keep_quiet(result: object, cell: object) -> None:
    """Don't print a result as the last value of this cell, whose panel shows it; `_` and `Out` keep it.

    Equal objects are printed, and numbers and short strings, unless the cell ends with an `await` of them: one of
    them may come from elsewhere. After the cell everything is printed as before.
    """
    hook = getattr(current_shell(), "displayhook", None)
    if hook is None or cell is None or result is None:
        return
    quiet = _quiet.get(cell)
    if quiet is None:
        quiet = _quiet[cell] = _Quiet(hook, cell)
        at_end(cell, quiet.undo)
    quiet.shown.append(result)
