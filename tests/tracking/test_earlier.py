"""What earlier texts of this session tell of the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_ai import Agent
from pydantic_ai.models.function import FunctionModel

import progressnb as pnb
from progressnb.testing import ManualClock
from progressnb.tracking.earlier import EarlierTexts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_LENGTHS = st.lists(st.integers(0, 10**9), min_size=1, max_size=20)


@given(_LENGTHS)
def test_bounds_are_bounds(lengths: list[int]) -> None:
    """Whatever lengths came before, the bounds lie around their median, near each other; the latest eight count."""
    texts = EarlierTexts()
    for length in lengths:
        texts.note(("op", "write"), length)
    extent = texts.extent(("op", "write"))
    assert extent is not None
    latest = sorted(max(1, length) for length in lengths[-8:])
    middle = latest[(len(latest) - 1) // 2], latest[len(latest) // 2]
    assert 1 <= extent.low <= max(1.0, sum(middle) / 2) <= max(2.0, extent.high)
    assert extent.high / extent.low <= 6.3


def test_one_kind_tells_nothing_of_another() -> None:
    """Another operation and another stage have their own lengths, and old kinds are forgotten."""
    texts = EarlierTexts()
    texts.note(("op", "write"), 1_000)
    assert texts.extent(("op", "read")) is texts.extent(("other", "write")) is None
    for number in range(1_000):
        texts.note(("op", f"stage {number}"), 10)
    assert texts.extent(("op", "write")) is None


@pytest.mark.anyio
async def test_the_second_answer_is_measured_by_the_first() -> None:
    """An answer of 6,000 characters seems near its end too early; of the same again the percent is about true."""
    text = "The tide is in. " * 375

    async def at_each_fifth() -> list[float]:
        clock, seen = ManualClock(), list[float]()

        async def stream(_messages: object, _info: object) -> AsyncIterator[str]:
            for start in range(0, len(text), 100):
                clock.advance(0.2)
                yield text[start : start + 100]
                if start % 1_200 == 0:
                    seen.append(stage.percent or 0.0)

        agent = Agent(FunctionModel(stream_function=stream), capabilities=[pnb.ReportProgress()])
        tracker = pnb.ProgressTracker("report", clock=clock, stages=["write"])
        async with tracker, tracker.stage("write") as stage:
            await agent.run("tides")
        return seen

    first, second = await at_each_fifth(), await at_each_fifth()
    assert first[2] > 60
    assert [percent == pytest.approx(20 * number, abs=12) for number, percent in enumerate(second)] == [True] * 5
