"""Forked processes: what a child forgets of its parent.

A fork copies one thread and all memory: locks that other threads held stay locked for ever, and whoever follows a run,
a screen or a history's file, is the parent's.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["after_fork", "renew_after_fork"]


class _Renewable(Protocol):
    def renew(self) -> None: ...


_living: WeakSet[_Renewable] = WeakSet()


def after_fork(forget: Callable[[], object]) -> None:
    """Call a function in each forked child, before any other code of the child."""
    if hasattr(os, "register_at_fork"):  # not on Windows
        os.register_at_fork(after_in_child=forget)


def renew_after_fork(owner: _Renewable) -> None:
    """Call `owner.renew()` in each forked child, as long as the owner lives: it replaces its locks."""
    _living.add(owner)


def _renew() -> None:
    for owner in list(_living):
        owner.renew()


after_fork(_renew)
