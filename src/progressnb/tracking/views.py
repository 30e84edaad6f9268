"""The views of results: made once, where the run ends, by a method or a function of the result's type."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.tracking.protocols import View

__all__ = ["register_view", "view_of"]

T = TypeVar("T")

_logger = logging.getLogger("progressnb")
_registered: dict[type, Callable[[Any], View]] = {}
_warned: set[type] = set()


def register_view(result_type: type[T], function: Callable[[T], View]) -> None:
    """Set how results of a type look, for a type that can't have a method `_progressnb_view_`.

    Args:
        result_type: The type; its subclasses look the same unless they have a function of their own.
        function: Takes a result and returns its blocks; see `progressnb.wire.blocks`. A function that raises or
            returns something else costs a warning, and the result is drawn as an outline of its data.

    Example:
        ::

            register_view(Fraction, lambda value: [{"type": "headline", "text": f"{value} of the whole"}])

    """
    _registered[result_type] = function


def view_of(result: object) -> list[dict[str, Any]] | None:
    """Return the view of a result as plain data, or None for a result without one."""
    kind = type(result)
    function = _function_of(kind)
    if function is None:
        return None
    from progressnb.wire.blocks import checked_view  # nine models, and most results have no view

    try:
        return checked_view(function(result))
    except Exception as error:
        if kind not in _warned:
            _warned.add(kind)
            _logger.warning("the view of %s failed, so its data is drawn as an outline", kind.__name__, exc_info=error)
        return None


def _function_of(kind: type) -> Callable[[Any], View] | None:
    for base in kind.__mro__:
        if base in _registered:
            return _registered[base]
        if "_progressnb_view_" in vars(base):
            return base._progressnb_view_  # type: ignore[attr-defined, no-any-return]
    return None
