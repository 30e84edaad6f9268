"""The methods that make the cases of one subject, one after the other."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from progressnb.operations.testcases.values.scalars import NoValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from progressnb.operations.testcases.schemas import Case

__all__ = ["cases_of"]


def cases_of(*makers: Callable[[], Iterator[Case]]) -> Iterator[Case]:
    """Yield the cases of all makers. One that finds no value for what it needs makes no more, and the next goes on."""
    for make in makers:
        with suppress(NoValueError):
            yield from make()
