"""Hostile text in terminals: no sequence, no control, nothing unseen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.display.escape import clean_for_terminal
from tests.display.screens import CONTROL


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("plain", "plain"),
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("\x1b]0;new title\x07after", "after"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0\x1b\\sixel", "sixel"),
        ("\x9b2Jgone", "gone"),
        ("\x1b(0line\x1bc", "line"),
        ("cut \x1b[38;5", "cut "),
        ("over\rwritten", "over\nwritten"),
        ("a\u202eb\u2066c\u200bd\ufeff\xade", "abcde"),
        ("\x00\x07\x08\x7f\x85", "\n"),
        ("tab\tstop", "tab stop"),
        ("\ud800half", "half"),
        ("👩‍💻 é 日本", "👩‍💻 é 日本"),
    ],
)
def test_terminal_text_holds_nothing_to_obey(text: str, clean: str) -> None:
    """Sequences go whole, controls and invisible characters go, readable text stays."""
    assert clean_for_terminal(text) == clean


@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=60))
def test_no_text_reaches_the_terminal_as_a_control(text: str) -> None:
    """Whatever the text, only line breaks remain of what a terminal obeys."""
    assert not CONTROL.search(clean_for_terminal(text))
