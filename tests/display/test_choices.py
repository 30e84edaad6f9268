"""Choices below a cell: buttons for the meanings of an unclear question."""

import asyncio
from typing import Any

import pandas as pd
import pytest

from progressnb import chart
from progressnb.agents.offline import OfflineModel
from progressnb.display.choices import buttons, offer
from progressnb.errors import InputError, UnclearQuestionError

SALES = pd.DataFrame({"region": ["N", "S", "N"], "price": [1.0, 2.0, 4.0]})


async def pressed(widget: Any, at: int) -> Any:
    """Press a button, wait for what comes of it, and return the outputs."""
    *choices, output = widget.children
    choices[at].click()
    async with asyncio.timeout(60):  # a fault of the button would never end
        while not output.outputs:
            await asyncio.sleep(0)
    return output.outputs


async def test_a_button_goes_on() -> None:
    """What is pressed is asked, and its result or its error stands below the buttons."""

    async def go_on(text: str) -> str:
        await asyncio.sleep(0)
        if text == "b":
            raise InputError("a", "b")
        return f"asked {text}"

    widget = buttons(["a", "b"], go_on)
    assert "asked a" in str(await pressed(widget, 0))
    widget = buttons(["a", "b"], go_on)
    assert "expected a, got b" in str(await pressed(widget, 1))


async def test_nothing_without_a_notebook() -> None:
    """Where nobody can press there are no buttons: the error has the list."""

    async def go_on(text: str) -> str:
        return text

    assert not offer(["a"], go_on)


@pytest.mark.integration
async def test_the_error_offers_its_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shown at the end of a cell, the error of an unclear question shows buttons once, each of which draws a chart."""
    shown: list[Any] = []
    monkeypatch.setattr("progressnb.display.choices.offer", lambda texts, go_on: shown.append((texts, go_on)))
    with pytest.raises(UnclearQuestionError) as caught:
        await chart.using(show=False)("which region has the highest price", SALES, model=OfflineModel(pace=0))
    assert not shown  # who catches the error sees none
    (line,) = caught.value._render_traceback_()
    assert "(1) 'which region has the highest average price'" in line
    caught.value._render_traceback_()
    ((texts, go_on),) = shown
    assert texts == caught.value.choices
    result = await go_on(texts[1])
    assert result.data.iloc[:, 1].tolist() == [4.0, 2.0]
