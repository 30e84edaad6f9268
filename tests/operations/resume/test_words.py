"""The word lists of the resume operation, and the comparison keys that are made with them."""

from importlib.resources import files
from pathlib import Path

import pytest

from progressnb.operations.resume.words import lists
from progressnb.operations.resume.words.lists import read_groups, read_lines, read_pairs, read_phrases, read_words
from progressnb.operations.resume.words.quantities import NUMBER_WORDS
from progressnb.operations.resume.words.terms import comparison_keys
from progressnb.operations.resume.words.vocabulary import ALIASES

NAMES = sorted(
    Path(entry.name).stem
    for entry in files("progressnb.operations.resume.words").iterdir()
    if entry.name.endswith(".txt")
)
PHRASES = ["skills", "soft_skills"]


@pytest.fixture
def malformed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Read lists from a folder of the test."""
    monkeypatch.setattr(lists, "files", lambda _: tmp_path)
    read_lines.cache_clear()
    return tmp_path / "odd.txt"


@pytest.mark.parametrize("name", NAMES)
def test_a_list_says_what_it_is(name: str) -> None:
    """Each list begins with a comment on its use and format, and has no entry twice."""
    text = files("progressnb.operations.resume.words").joinpath(f"{name}.txt").read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert sum(line.startswith("#") for line in text.splitlines()) >= 2
    assert "\t" not in text
    entries = read_lines(name)
    assert entries
    assert len(set(entries)) == len(entries)


@pytest.mark.parametrize("name", PHRASES)
def test_a_phrase_is_on_one_line(name: str) -> None:
    """A line of a list of phrases ends with a comma or the list, so that no phrase is cut in two."""
    *lines, last = read_lines(name)
    assert [line for line in lines if not line.endswith(",")] == []
    assert not last.endswith(",")
    assert "b2b sales" in read_phrases("skills")


def test_continuation_and_comments(malformed: Path) -> None:
    """Four spaces continue a line; comments and empty lines are skipped."""
    malformed.write_text("# a list\n\none, two\n    three\nfour\n", encoding="utf-8")
    assert read_lines("odd") == ("one, two three", "four")
    assert read_words("odd") == ("one,", "two", "three", "four")
    assert read_phrases("odd") == ("one", "two three", "four")


@pytest.mark.parametrize("text", ["    first\n", "one\n  two\n"])
def test_a_bad_continuation_is_refused(malformed: Path, text: str) -> None:
    """A continuation without a line before it, or with too few spaces, names the file and the line."""
    malformed.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"odd\.txt, line \d: expected an entry or four spaces"):
        read_lines("odd")


@pytest.mark.parametrize("line", ["js", "js =", "= javascript"])
def test_half_a_pair_is_refused(malformed: Path, line: str) -> None:
    """A pair and a group have text on both sides of their separator."""
    malformed.write_text(line, encoding="utf-8")
    with pytest.raises(ValueError, match=r"odd\.txt: expected a line with text on both sides of '='"):
        read_pairs("odd")
    with pytest.raises(ValueError, match="both sides of ':'"):
        read_groups("odd")


def test_aliases_have_the_keys_of_their_names() -> None:
    """Another name of a thing compares equal to the name."""
    assert comparison_keys("JS") == comparison_keys("JavaScript")
    assert comparison_keys("driver's license") == comparison_keys("driving licence")
    assert not set(ALIASES) & set(ALIASES.values())


def test_number_words_are_in_order() -> None:
    """The words for numbers run from 0 to 19, then in tens to 90."""
    assert list(NUMBER_WORDS.values()) == [*range(20), *range(20, 100, 10)]
