"""Dollars and backslashes stay as typed where MathJax looks for formulas: in panels, results and charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from progressnb.display.html import panel_html
from progressnb.frames.tracks import Span, Track, tracks_html
from progressnb.operations.resume.schemas import CustomizedResume
from progressnb.operations.resume.writing.markdown_writer import render_data
from tests.display.panels import panel_of, report

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.lab import Notebook

GREW = r"Revenue rose from $2M in 2019 to $3M in 2021, \(x\)"


def notebook_with(*bundles: dict[str, str]) -> dict[str, Any]:
    """Return a notebook whose cells have these outputs."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell{number}",
            "metadata": {"trusted": True},
            "source": "",
            "execution_count": 1,
            "outputs": [{"output_type": "display_data", "metadata": {}, "data": bundle}],
        }
        for number, bundle in enumerate(bundles)
    ]
    kernel = {"name": "python3", "display_name": "Python 3"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}


def test_dollars_are_shown_as_typed(open_notebook: Callable[..., Notebook]) -> None:
    """A panel, a customized resume and the bars of a plot are left alone, also after a reload; a formula is not."""
    data: Any = {"basics": {"name": "Kim", "summary": GREW}}
    resume = CustomizedResume.model_validate({"markdown": render_data(data), "data": data, "changes": []})
    tree = panel_of(report({"summary": GREW, "rows": [{"text": GREW}]}), report(GREW))
    tree["runs"][1]["header"]["title"] = GREW
    notebook = open_notebook(
        stored=notebook_with(
            {"text/html": panel_html(tree)},
            {"text/markdown": resume._repr_markdown_()},
            {"text/markdown": tracks_html(GREW, [Track(GREW, 0, [Span(0, 1, "#000000")], "1 s")], 1)},
            {"text/html": "<p>A formula: $x^2$</p>"},
        )
    )
    for again in (False, True):
        if again:
            notebook.reload()
        outputs = notebook.page.locator(".jp-OutputArea-output")
        expect(outputs).to_have_count(4)
        # Where one formula is typeset, the outputs above it have been read too.
        expect(outputs.nth(3).locator("mjx-container")).to_have_count(1)
        for number in range(3):
            expect(outputs.nth(number)).to_contain_text(GREW)
            expect(outputs.nth(number).locator("mjx-container")).to_have_count(0)
