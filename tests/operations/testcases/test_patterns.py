"""Safe patterns: which are accepted, and that a match with them is bounded and right."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.operations.testcases.spec.automata import graph_of
from progressnb.operations.testcases.spec.book import SchemaBook
from progressnb.operations.testcases.spec.character_sets import mask_of
from progressnb.operations.testcases.spec.patterns import Matcher, is_safe_for_names, is_safe_pattern
from progressnb.operations.testcases.spec.reading import Source
from progressnb.operations.testcases.spec.references import Documents
from progressnb.operations.testcases.values.builder import Values

OCTET = "(25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)"
SEMVER_PART = r"(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
SEMVER = (
    r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    rf"(?:-({SEMVER_PART}(?:\.{SEMVER_PART})*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$"
)

USUAL = [
    ("^[a-z0-9-]+$", "a-1", "A"),
    (r"^\d{3}-\d{4}$", "555-1234", "5551234"),
    ("^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", None, "x"),
    (r"^\S+@\S+\.\S+$", "ada@example.com", "ada"),
    (r"^[\w.+-]+@[\w-]+\.[\w.-]+$", "ada@example.co.uk", "ada@"),
    (r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$", "ada@example.com", "ada@x"),
    (SEMVER, "1.0.0-rc.1+build.5", "01.0.0"),
    (r"^\d+\.\d+\.\d+$", "1.2.3", "1.2"),
    ("^[a-z0-9]+(?:-[a-z0-9]+)*$", "a-slug-2", "-a"),
    (rf"^({OCTET}\.){{3}}{OCTET}$", "192.0.2.1", "192.0.2.300"),
    ("^https?://.+$", "https://example.com/", "ftp://x"),
    (r"^https?:\/\/(www\.)?[-a-zA-Z0-9@:%._\+~#=]{1,256}\.[a-zA-Z0-9()]{1,6}\b([-\w()@:%\+.~#?&=]*)$", None, "x"),
    (r"^(\+\d{1,2}\s?)?\(?\d{3}\)?[\s.-]?\d{3}[\s.-]?\d{4}$", "+1 (555) 123-4567", "12"),
    (r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$", "2026-01-31", "2026-13-01"),
    ("^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$", "#fff", "#ff"),
    ("^([0-9A-Fa-f]{2}[:-]){5}([0-9A-Fa-f]{2})$", "00:1A:2b:3c:4d:5e", "00:1A"),
    (r"^(?=.*[a-z])(?=.*[A-Z])(?=.*\d).{8,}$", "Passw0rd", "password"),
    (r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$", "a-b.c", "-a"),
    (r"^arn:aws:[a-z]+:[^:]*:\d{12}:.+$", "arn:aws:sns:eu:123456789012:t", "arn"),
    (r"^[^\s]+(\s[^\s]+)*$", "two words", " "),
    (r"^(\w+\s)*\w+$", "two words", "two  words"),
    (r"^\$?\d{1,3}(,\d{3})*(\.\d{2})?$", "$1,234.50", "1,23"),
    (r"^P(?!$)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$", "P1DT2H", "P"),
    ("^sha256:[0-9a-f]{64}$", f"sha256:{'0' * 64}", "sha256:0"),
    ("^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$", "cHJvZw==", "c"),
    ("^[A-Za-z0-9-_]+\\.[A-Za-z0-9-_]+\\.[A-Za-z0-9-_]*$", "a.b.c", "a"),
    ("^(?!-)[a-z-]{1,63}(?<!-)$", "a-b", "-a"),
    ("^.*foo.*$", "a foo", "bar"),
    ("^a+b*$", "aab", "b"),
    ("^(-[0-9]{4})*$", "-1234-5678", "-1"),
    ("(a|b)*c$", "abc", "d"),
    ("^[A-Z]{2}-[0-9]{4}$", "AB-1234", "AB"),
    ("^[À-ÿ ]+$", "é à", "e"),
    (".*", "", None),
]
HOSTILE = [
    *("^(a+)+$", "(a*)*b", "^(a|aa)+$", "(.*)*", r"(\w+\s?)+$", "((a)+b*)*", r"(a)\1", "[", "^(a|b|ab)*c$", "(x+x+)+y"),
    *(
        "^a*a*a*a*b$",
        "a*a*a*a*a*a*a*b",
        "(?=(a+)+$)",
        r"^(\s*,\s*)*$",
        "^(.*,)*$",
        "(a{1,40}){1,40}",
        "^(?:(?:a|b)+)*c",
    ),
    *(
        "((a{999}){999}){999}",
        "(((?:){999}){999}){999}",
        "((a?){99}){99}",
        "a{5000}",
        "a{99999999999}",
        "(?:a{0,9}){0,9}b",
    ),
    *(
        "(a|a.|a.)" * 30,
        "(|)" * 60 + "b",
        "(a?|b?)" * 40 + "c",
        "^(a?){30}a{30}$",
        "x" * 500,
        "(?i)a",
        "(?>a+)b",
        r"\p{L}",
    ),
    3,
]


@pytest.mark.parametrize(("pattern", "right", "wrong"), USUAL)
def test_usual_patterns(pattern: str, right: str | None, wrong: str | None) -> None:
    """Patterns as people write them stay, and match as Python has it."""
    assert is_safe_pattern(pattern)
    matcher = Matcher()
    for text in (right, wrong):
        if text is not None:
            assert matcher.fits(pattern, text) is (text == right) is (re.search(pattern, text) is not None)


@pytest.mark.parametrize("pattern", HOSTILE)
def test_hostile_patterns(pattern: object) -> None:
    """A pattern that takes too long to match, or too much memory to make texts of, is refused."""
    assert not is_safe_pattern(pattern)
    assert not is_safe_for_names(pattern)


@pytest.mark.parametrize(
    ("pattern", "safe"),
    [
        *((each, True) for each in ("^x-", "^[a-z]+$", ".*", ".+", "", "_id$")),
        *((each, False) for each in ("[a-z]+_id$", r"^\S+@\S+$", "^(?P<a>x)", "^(a+)+$")),
    ],
)
def test_patterns_of_names(pattern: str, safe: bool) -> None:
    """A pattern of names takes time as the name is long, no more: names may be any texts, and many."""
    assert is_safe_for_names(pattern) is safe


_ATOMS = st.sampled_from(
    ["a", "b", "[ab]", ".", "[^a]", r"\w", r"\b", "(?:ab)", "(a|b)", "(ab|a)", "(?=a)", "(?!b)", ""]
)
_PARTS = st.tuples(_ATOMS, st.sampled_from(["", "*", "+", "?", "{2}", "{1,3}", "{40,}", "*?"])).map("".join)
_PATTERNS = st.tuples(
    st.sampled_from(["", "^"]), st.lists(_PARTS, max_size=5).map("".join), st.sampled_from(["", "$", "|b"])
).map("".join)


@given(_PATTERNS, st.text("ab é", max_size=60))
def test_matches_are_those_of_python(pattern: str, text: str) -> None:
    """Where a pattern is used and the text is short, the answer is Python's own."""
    if is_safe_pattern(pattern):
        assert Matcher().fits(pattern, text) is (re.search(pattern, text) is not None)


@given(
    st.sampled_from(
        [r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", ".", "[a-fÀ-ÿ]", "[^a-fÀ-ÿ]", r"[^\s]", "[^é]", r"[^\Wa]"]
    ),
    st.characters(exclude_categories=["Cs"]),
)
def test_sets_of_characters(pattern: str, char: str) -> None:
    """No character that a set of a pattern has is missing in what is counted."""
    graph = graph_of(pattern)
    if re.fullmatch(pattern, char):
        assert graph.masks[0] & mask_of(char)


def test_a_match_has_an_end() -> None:
    """The steps of a match are counted before it: a text that is too long for its pattern does not fit, at once."""
    matcher = Matcher()
    assert matcher.fits("^a*a*b$", "aab")
    assert not matcher.fits("^a*a*b$", "a" * 1_000_000 + "b")
    assert matcher.fits("^[a-z]+$", "a" * 100_000)


def test_all_matches_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """All matches of a run together are bounded, too."""
    monkeypatch.setattr("progressnb.operations.testcases.spec.patterns._ALL_STEPS", 1_000)
    matcher = Matcher()
    assert matcher.fits("^a+$", "a" * 100)
    assert matcher.fits("^b+$", "b" * 100)
    assert not [length for length in range(400, 500) if matcher.fits("^a+$", "a" * length)]


def written(schema: dict[str, Any]) -> tuple[Any, list[str]]:
    """Return a schema as it is used, and what was said of it."""
    book = SchemaBook(Documents(Source("it", {})))
    return book.written({"schema": schema}, "schema", "request"), sorted(book.notes)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": "^(a+)+$"}, "b"),
        ({"not": {"pattern": "^(a+)+$"}}, "b"),
        ({"oneOf": [{"pattern": "^(a+)+$"}, {"pattern": "^(b+)+$"}]}, "a"),
        ({"if": {"pattern": "^(a+)+$"}, "then": {"maxLength": 1}}, "bbb"),
        ({"propertyNames": {"pattern": "^(a+)+$"}}, {"b": 1}),
        ({"patternProperties": {"^(a+)+$": {"type": "string"}}, "additionalProperties": False}, {"aa": "x"}),
        ({"patternProperties": {f"^{at}$": {} for at in range(60)}, "additionalProperties": False}, {"59": "x"}),
    ],
)
def test_schemas_without_their_patterns(schema: dict[str, Any], value: object) -> None:
    """Without a pattern a schema takes what it took with it, and the result says that it was left out."""
    used, notes = written(schema)
    assert Values({}).fits(used, value)
    assert any("left out" in note for note in notes)


def test_too_many_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A specification may have so many patterns; of more, the rest is left out."""
    monkeypatch.setattr("progressnb.operations.testcases.spec.json_schema._MOST_PATTERNS", 3)
    used, notes = written({"properties": {f"p{at}": {"pattern": f"^{at % 5}$"} for at in range(10)}})
    kept = [name for name, each in used["properties"].items() if "pattern" in each]
    assert kept == ["p0", "p1", "p2", "p5", "p6", "p7"]
    assert notes
