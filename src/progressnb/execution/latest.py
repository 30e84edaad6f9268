"""The latest run of the session, which `pnb.last_run` gives."""

from __future__ import annotations

from typing import Any

from progressnb.tracking.unmade import Unmade
from progressnb.wire.forks import after_fork

__all__ = ["begun", "latest_run"]

_latest: list[object] = []  # one at most


def begun(run: object) -> None:
    """Take note that a run has begun, or is about to."""
    _latest[:] = [run]


def latest_run() -> Any:  # noqa: ANN401 - a run, whose type needs this module
    """Return the run of this process that began last, at work or ended; None before the first.

    Runs that other runs call are part of those. A replay and an attached run count too.
    """
    latest = _latest[0] if _latest else None
    return latest.run() if isinstance(latest, Unmade) else latest


after_fork(_latest.clear)
