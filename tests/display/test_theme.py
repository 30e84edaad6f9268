"""Style sheets: one table of colours for all screens."""

from __future__ import annotations

import re

from progressnb.display.theme import sheet, small_sheet
from progressnb.folds.words import STATUSES

COLOUR = re.compile(r"#[0-9a-f]{6}\b")
OF_SCREENS = {look.colour for look in STATUSES.values()}


def test_sheets_have_the_colours_of_statuses() -> None:
    """No style sheet has a colour of its own for a status: a chart, a panel and a terminal agree."""
    for text in (sheet(), small_sheet()):
        assert set(COLOUR.findall(text)) <= OF_SCREENS
    for status in ("running", "finished", "failed", "waiting"):
        assert STATUSES[status].colour in sheet()
        assert STATUSES[status].colour in small_sheet()


CHART = """.jp-RenderedVegaCommon5 > .vega-embed {
  max-width: 100%;
}"""


def test_sheets_reach_nothing_but_panels() -> None:
    """Every rule is inside the class of panels, so that a notebook's own elements keep their look.

    One is not: the box of a chart ends with its cell.
    """
    for text in (sheet(), small_sheet()):
        plain = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).replace(CHART, "")
        depth, outside = 0, ""
        for character in plain:
            depth += (character == "{") - (character == "}")
            outside += character if depth == 0 and character != "}" else ""
        assert set(re.sub(r"@keyframes pnb-[\w-]+", "", outside).split()) <= {".pnb.pnb", ".pnb.pnb.pnb"}


def test_sheets_call_nobody() -> None:
    """No font, picture or other sheet is loaded."""
    for text in (sheet(), small_sheet()):
        assert "url(" not in text
        assert "@import" not in text
        assert "</" not in text


def test_a_file_has_the_rules_that_it_needs() -> None:
    """The sheet in a file leaves out the rules for what the panel has not."""
    assert "dt,dd,table{margin:0;width:auto}" in small_sheet("")  # nbconvert makes labels narrow
    assert ".field{" in small_sheet("<dl>")
    assert ".field{" not in small_sheet("<p>")
    assert ".single>.line{display:none}" in small_sheet('<details class="gantt single">')
