"""CSV that spreadsheets read: text stays text, and letters stay letters."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.wire.cells import csv_bytes, text_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1", "\n+1", "\uff1d1", "\x00=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    """Text that a spreadsheet would compute gets an apostrophe, and loses nothing."""
    assert text_cell(text) == f"'{text}"


@given(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.from_regex(r"\A[A-Za-z0-9].*\Z"))
def test_everything_else_stays(value: object) -> None:
    """Numbers stay numbers, also negative ones, and ordinary text stays as it is."""
    assert text_cell(value) is value


@given(st.text())
def test_letters_stay_letters(text: str) -> None:
    """What begins with the mark is read as UTF-8 by spreadsheets, and by Python as what it was."""
    content = csv_bytes(text)
    assert content.startswith(codecs.BOM_UTF8) is not text.isascii()
    if not text.startswith("\ufeff"):
        assert content.decode("utf-8-sig") == text
