"""Texts of others: nothing in them hides or deceives, and they are short where they must be."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.folds.comparison import COMPARED_LIMIT, compared
from progressnb.folds.facts import cost_text
from progressnb.folds.texts import brief, count_text, humanize, quoted, visible, window


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb\rc\u2028d\x85e\x0bf", "a\nb\nc\nd\ne\nf"),
        ("\x1b[31m", "␛[31m"),
        ("\x00\x08\x7f\x9b", "␀␈␡⟨U+009B⟩"),
        ("a\u202eb\u2066c", "a⟨U+202E⟩b⟨U+2066⟩c"),
        ("a\u200b\u00adb\ufeff\u2060", "ab"),
        ("\U000e0041\U000e0042x", "⟨U+E0041…⟩x"),
        ("\ud800", "\ufffd"),
        ("مرحبا \u200fשלום", "مرحبا \u200fשלום"),  # noqa: RUF001
        ("می\u200cخواهم 👩\u200d💻", "می\u200cخواهم 👩\u200d💻"),  # noqa: RUF001
    ],
)
def test_what_hides_becomes_a_sign(text: str, expected: str) -> None:
    """Control characters and those that turn the direction are signs; languages and emoji keep what they need."""
    assert visible(text) == expected


@given(st.text(st.characters(), max_size=40))
def test_visible_is_visible(text: str) -> None:
    """Nothing is left that a terminal obeys or that deceives a reader, and doing it twice changes nothing."""
    shown = visible(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2060-\u206f\ud800-\udfff]", shown)
    assert visible(shown) == shown
    shown.encode()


@pytest.mark.parametrize(
    ("name", "label"),
    [("match_score", "Match score"), ("startDate", "Start date"), ("id", "ID"), ("base_url", "Base URL"), ("", "")],
)
def test_names_become_words(name: str, label: str) -> None:
    """The name of a field reads as words."""
    assert humanize(name) == label


def test_short_forms() -> None:
    """A short form is one line, cut behind a word, and says that it is cut."""
    assert brief("one\n two  three", 99) == "one two three"
    assert brief("one two three", 8) == "one two…"
    assert brief("one two…", 8) == "one two…"
    assert quoted("North Sea tide gauges", 10) == '"North Sea…"'
    assert (count_text(1, "item"), count_text(1200, "item")) == ("1 item", "1,200 items")


@given(st.integers(0, 500), st.integers(0, 100), st.sampled_from(["start", "end"]))
def test_a_window_is_within_its_limit(length: int, limit: int, keep: str) -> None:
    """A window is never longer than asked for, at the right end, and loses at most a quarter more than it must."""
    start, end = window(length, limit, keep)  # type: ignore[arg-type]
    assert 0 <= start <= end <= length
    assert end - start <= max(limit, 0) or length <= limit
    assert end - start >= min(length, limit - limit // 4)
    assert (start == 0) if keep == "start" else (end == length)


@given(st.integers(100, 400), st.integers(1, 40))
def test_a_window_stands_still(length: int, more: int) -> None:
    """While a text grows its window begins at the same place, or a whole step further on."""
    first, second = window(length, 80, "end")[0], window(length + more, 80, "end")[0]
    assert (second - first) % 20 == 0
    assert first <= second


@pytest.mark.parametrize(
    ("cost", "text"),
    [
        (0.004, "$0.004"),
        (0.00412, "$0.0041"),
        (0.0213, "$0.021"),
        (0.1, "$0.10"),
        (1.3, "$1.30"),
        (12.345, "$12.35"),
        (140.2, "$140"),
        (1234.0, "$1,234"),
        (0.00000123, "$0.0000012"),
        (1e-15, "under $0.000001"),
        (0, ""),
        (-1.0, ""),
        (float("inf"), ""),
        (float("nan"), ""),
        (True, ""),
        (None, ""),
        ("1", ""),
    ],
)
def test_costs_have_two_digits(cost: object, text: str) -> None:
    """A cost has two significant digits, or cents."""
    assert cost_text(cost) == text


def test_words_that_differ_are_marked() -> None:
    """Of two texts the words that only one has are marked; long ones are marked as a whole."""
    before, after = compared("the old\u202e word", "the new word")
    assert before == ["the ", ["mark", "old⟨U+202E⟩"], " word"]
    assert after == ["the ", ["mark", "new"], " word"]
    assert compared("", "new") == ([], [["mark", "new"]])
    long = "w " * COMPARED_LIMIT
    assert compared(long, "x") == ([["mark", long]], [["mark", "x"]])
