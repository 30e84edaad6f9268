"""Imports without the garbage collector, which looks at what is loaded again and again and finds nothing."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["undisturbed"]


@contextmanager
def undisturbed() -> Generator[None]:
    """Let a block load modules while no garbage is collected: a tenth of the CPU of large imports.

    All that is there at its end counts as old, which a full collection looks at. So the first small collection after
    it is as short as any. What the program has frozen stays frozen, and a collector that it has stopped stays stopped.
    """
    if not gc.isenabled():  # by the program, or by a block around this one
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()
        gc.enable()
