"""The check that nobody waits for a batch inside one of its items, which would wait for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.errors import InvalidProgressError
from progressnb.tracking.tracker import current_run

if TYPE_CHECKING:
    from progressnb.tracking.controls import Controls

__all__ = ["check_outside"]


def check_outside(name: str, controls: Controls) -> None:
    """Raise `InvalidProgressError` where the calling code is part of the batch with these controls."""
    run = current_run()
    if run is not None and run.controls_of_run.is_part_of(controls):
        remedy = "Wait for it where it was begun. An item may read batch[0].status, and call batch.cancel()."
        raise InvalidProgressError(f"{name} awaited outside its own items", f"an await inside {run.operation}", remedy)
