"""Charts in JupyterLab: light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.lab import until
from tests.browser.test_looks import set_theme

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.lab import Notebook

DRAW = """
import progressnb as pnb
import pandas as pd
from progressnb.operations.chart.drawing import draw
from progressnb.operations.chart.specs.fitting import fitted
rows = pd.DataFrame({"day": ["Mon", "Tue", "Wed"], "cost_usd": [3.5, 7.25, 5.0]})
spec = {"title": "Cost by day", "mark": "bar", "encoding": {"y": {"field": "day"}, "x": {"field": "cost_usd"}}}
chart = draw(fitted(spec, rows), rows, "cost by day")
"""

WIDTHS = """canvas => [canvas.getBoundingClientRect().width, canvas.closest('.vega-embed').parentElement.clientWidth]"""

COLOURS = """canvas => {
    const {width, height} = canvas;
    const data = canvas.getContext('2d').getImageData(0, 0, width, height).data;
    const counts = {};
    for (let at = 0; at < data.length; at += 4) {
        const key = [data[at], data[at + 1], data[at + 2]].join(',');
        counts[key] = (counts[key] || 0) + 1;
    }
    return Object.entries(counts).sort((one, other) => other[1] - one[1]).slice(0, 2).map(each => each[0]);
}"""


@pytest.mark.parametrize(
    ("theme", "colours"), [("Light", ["255,255,255", "0,114,178"]), ("Dark", ["51,51,51", "86,180,233"])]
)
def test_themes(
    open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path], theme: str, colours: list[str]
) -> None:
    """JupyterLab draws a chart on a light ground or a dark one, with bars that stand out from either."""
    notebook = open_notebook(DRAW, "chart")
    try:
        set_theme(notebook, theme)
        notebook.run(0, 1)
        canvas = notebook.output(1).locator("canvas")
        expect(canvas).to_be_visible()
        notebook.picture(1, screenshot())
        assert canvas.evaluate(COLOURS) == colours
    finally:
        set_theme(notebook, "Light")


def test_narrow_cell(open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]) -> None:
    """A chart becomes as narrow as its cell, whole, and has its own width again in a wide one."""
    notebook = open_notebook(DRAW, "chart", alone=True)
    notebook.run(0, 1)
    canvas = notebook.output(1).locator("canvas")
    expect(canvas).to_be_visible()
    wide = canvas.evaluate(WIDTHS)[0]
    style = notebook.page.add_style_tag(content=".jp-Notebook .jp-Cell { max-width: 460px }")
    until(lambda: canvas.evaluate(WIDTHS)[0] < wide, "a narrower chart")
    width, room = canvas.evaluate(WIDTHS)
    notebook.picture(1, screenshot())
    assert 240 <= width <= room
    style.evaluate("style => style.remove()")
    notebook.page.evaluate("window.dispatchEvent(new Event('resize'))")
    until(lambda: canvas.evaluate(WIDTHS)[0] == wide, "the chart's own width")
