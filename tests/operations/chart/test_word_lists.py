"""Word lists: text files that say what is wrong with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.operations.chart.rules.word_lists import parse_words, word_list

WORDS = st.sets(st.text("abcdefghijklmnopqrstuvwxyzäß", min_size=1, max_size=8))


@given(WORDS, st.sampled_from([" ", "\n", "  # more\n", "\n\n# more words\n"]))
def test_words_and_comments(words: set[str], between: str) -> None:
    """Words are read however they are separated, and comments are not."""
    assert parse_words(between.join(sorted(words)), "some.txt") == words


@pytest.mark.parametrize(
    ("text", "problem"), [("a\nb a", "'a' a second time"), ("one\ntwo-three", "'two-three'"), ("\nIn", "'In'")]
)
def test_what_is_malformed(text: str, problem: str) -> None:
    """A word that is no lowercase word, or is there twice, is an error with the file, the line and the word."""
    with pytest.raises(ValueError, match=rf"^some\.txt, line 2: expected .*got {problem}$"):
        parse_words(text, "some.txt")


def test_the_list_of_the_package() -> None:
    """The list of silent words is well formed, and holds no word that rules read."""
    words = word_list("silent_words.txt")
    assert {"please", "the", "chart"} <= words
    assert not {"total", "average", "top", "month"} & words
