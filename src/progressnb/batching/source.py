"""Errors of the iterable that gives a batch its items."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from progressnb.batching.outcome import stopped_error
from progressnb.tracking.failures import error_type

if TYPE_CHECKING:
    from collections.abc import Generator

    from progressnb.batching.ends import Ends
    from progressnb.batching.items import Items
    from progressnb.batching.roll import Roll

__all__ = ["source_errors"]


@contextmanager
def source_errors(batch: Any, items: Items, roll: Roll, ends: Ends) -> Generator[None]:  # noqa: ANN401
    """Raise `BatchStopped`, with the batch, from the error of the iterable that gives its items."""
    try:
        yield
    except BaseException as error:
        if error is not items.fault or isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        reason = f"what gives its items raised {error_type(error)}"
        raise stopped_error(batch, reason, roll, items.total, is_kept=ends.results is not None) from error
