"""The place of code in a worker process: the stage that a `workers()` block of the process above gives it.

The block's address travels with the configuration that `multiprocessing` hands to each process that it begins, by fork,
spawn or forkserver. Nothing connects before code of the worker asks for the current stage.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from progressnb.tracking.current import place_by
from progressnb.tracking.session import door

if TYPE_CHECKING:
    from progressnb.tracking.handle import StageHandle
    from progressnb.tracking.tracker import ProgressTracker

__all__ = ["Offer", "join", "offer", "take_places"]

_KEY = "progressnb"

_joined: list[Offer] = []  # by an initializer or a wrapper, which have it with them
_takes_places = False


class Offer(NamedTuple):
    """The address at which a `workers()` block listens, and the process that it is in."""

    address: Any
    process: int


def offer(offers: tuple[Offer, ...]) -> None:
    """Let each process that begins from now on have these offers; the last one counts."""
    config: dict[str, Any] = getattr(sys.modules["multiprocessing.process"].current_process(), "_config", {})
    config[_KEY] = offers


def join(accepted: Offer) -> None:
    """Let the code of this worker process report to a block, whenever the process was begun."""
    if accepted.process != os.getpid():
        _joined[:] = [accepted]
        take_places()


def take_places() -> None:
    """Let code of this process that has no run of its own report to the block that the process was begun in."""
    global _takes_places  # noqa: PLW0603 - the process's one
    if not _takes_places:
        _takes_places = True
        place_by(_place)


def _place() -> tuple[ProgressTracker, StageHandle] | None:
    for each in reversed((*_offers(), *_joined)):
        if each.process != os.getpid():  # a worker may have workers of its own
            found: tuple[ProgressTracker, StageHandle] | None = door("worker")(each)
            return found
    return None


def _offers() -> tuple[Offer, ...]:
    module = sys.modules.get("multiprocessing.process")
    config: dict[str, Any] = getattr(module.current_process(), "_config", {}) if module is not None else {}
    found: tuple[Offer, ...] = config.get(_KEY, ())
    return found


def _is_worker() -> bool:
    """Return whether `multiprocessing` has begun this process, or is about to: it loads the main module first."""
    module = sys.modules.get("multiprocessing.process")
    if module is None:
        return False
    return module.parent_process() is not None or bool(getattr(module.current_process(), "_inheriting", False))


if _is_worker():
    take_places()
