"""The latest run of the session, which `pnb.last_run` gives."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from progressnb.execution.base import BaseRun

__all__ = ["begun", "latest_run"]

_latest: list[BaseRun[Any]] = []


def begun(run: BaseRun[Any]) -> None:
    """Take note that a run has begun, or is about to."""
    _latest[:] = [run]


def latest_run() -> BaseRun[Any] | None:
    """Return the run of this process that began last, at work or ended; None before the first.

    Runs that other runs call are part of those. A replay and an attached run count too.
    """
    return _latest[0] if _latest else None


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_latest.clear)
