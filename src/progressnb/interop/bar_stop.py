"""The stop of a progress bar of another library: the code that drives the bar ends at its next update."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["stop_at_update"]


def stop_at_update(bar: Any, stopped: Callable[[], BaseException]) -> None:  # noqa: ANN401 - a bar of tqdm
    """Raise the error that `stopped` makes in the next update of a bar."""
    time = bar._time  # noqa: SLF001 - update() asks for it, and is not slowed down otherwise

    def stop_here() -> float:
        if sys._getframe(1).f_code.co_name == "update":  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # not tqdm's monitor
            bar._time = time  # noqa: SLF001
            raise stopped()
        return float(time())

    bar._time, bar.miniters, bar.mininterval = stop_here, 0, 0  # noqa: SLF001
