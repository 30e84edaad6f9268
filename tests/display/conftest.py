"""Terminals that are given back at the end of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from progressnb.display.window import Window
from tests.display.screens import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Make terminals; what still runs in them at the end is ended, so that stderr is given back."""
    made: list[Terminal] = []

    def make(*args: int, **options: Any) -> Terminal:
        made.append(Terminal(*args, **options))
        return made[-1]

    yield make
    for each in made:
        for run in each.runs:
            if not run.log.ended:
                run.cancelled()
    assert Window.active == []
