"""A customized resume as a notebook shows it: as Markdown in which no dollar begins a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from progressnb.operations.resume.schemas import CustomizedResume
from progressnb.operations.resume.writing.markdown_writer import render_data

if TYPE_CHECKING:
    from pydantic import JsonValue

GREW = r"Revenue rose from $2M in 2019 to $3M in 2021 </div> \(x\)"


def test_dollars_are_shown_as_typed() -> None:
    """The resume stands in an element that MathJax leaves alone in JupyterLab and in nbconvert's pages.

    Its text can't end that element, and the Markdown that is saved has no element at all.
    """
    data: dict[str, JsonValue] = {"basics": {"name": "Kim", "summary": GREW}}
    resume = CustomizedResume.model_validate({"markdown": render_data(data), "data": data, "changes": []})
    shown = MarkdownIt("commonmark", {"html": True}).render(resume._repr_markdown_())
    assert shown.startswith('<div class="mathjax_ignore tex2jax_ignore">\n')
    assert shown.count("</div>") == 1
    assert shown.rstrip().endswith("</div>")
    assert "<h1>Kim</h1>" in shown
    assert "<p>Revenue rose from $2M in 2019 to $3M in 2021 &lt;/div&gt; \\(x\\)</p>" in shown
    assert "<div" not in resume.markdown
