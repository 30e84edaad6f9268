"""Choices that a person makes after a cell, on whichever screen there is."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from progressnb.tracking.session import door

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

__all__ = ["offer_choices"]

_logger = logging.getLogger("progressnb")


def offer_choices(texts: Sequence[str], go_on: Callable[[str], Awaitable[Any]]) -> None:
    """Show a button for each text, where there is a live screen; what `go_on` returns for the pressed one is shown."""
    try:
        door("choices")(texts, go_on)
    except Exception:
        _logger.warning("could not show the choices; they stand in the error", exc_info=True)
