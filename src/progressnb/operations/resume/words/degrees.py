"""Academic degrees in a text: their levels, and their short names written in full."""

from __future__ import annotations

import re

__all__ = ["DEGREE_NAMES", "degrees", "full_degrees", "without_degrees"]

DEGREE_NAMES = ("", "high school", "associate degree or diploma", "bachelor's degree", "master's degree", "doctorate")
"""The name of each level, 1 (high school) to 5 (doctorate)."""


def _degree(level: int, names: str, *, any_case: bool) -> tuple[int, re.Pattern[str]]:
    return level, re.compile(rf"(?<![^\W_])(?:{names})(?![^\W_])", re.IGNORECASE if any_case else 0)


# "MS Excel" names no degree.
_NO_NAME = r"(?![ -](?:Access|Azure|DOS|Excel|Office|Outlook|Power|Project|Share|SQL|Teams|Visio|Visual|Windows|Word))"
# Short forms count only in capitals: "ma", "be" and "as" are also words.
_LEVELS: tuple[tuple[int, re.Pattern[str]], ...] = (
    _degree(1, r"high[ -]school|secondary[ -]school|secondary education|GED", any_case=True),
    _degree(1, r"A[ -][Ll]evels?(?![ ]?[0-9])|Abitur|[Bb]ac(?:calauréat)?|[Bb]achillerato", any_case=False),
    _degree(2, r"associate(?:['\u2019]?s)?[ -]degree|associate of|diploma|apprenticeship", any_case=True),
    _degree(2, r"A\.?A\.?S|HND", any_case=False),
    _degree(3, r"bachelor(?:['\u2019]?s)?|b\.?[ ]?sc|b\.?[ ]?tech|b\.?[ ]?comm?|b\.?[ ]?eng", any_case=True),
    _degree(3, r"licenciatura|licenciad[oa]|grado en|licence (?:en|de|lea|lettres)|бакалавр\w{0,4}", any_case=True),
    _degree(3, r"(?:undergraduate|university|college) degree", any_case=True),
    _degree(3, r"B\.?S\.?N|B\.?B\.?A|B\.?C\.?A|B\.A|B\.S|B\.E|B\.Ed|LL\.?B|(?:BA|BS)" + _NO_NAME, any_case=False),
    _degree(4, r"master['\u2019]s|masters? (?:of|in|degree)|masters|magister|(?:post)?graduate degree", any_case=True),
    _degree(4, r"máster|master (?:en|traduction|in)|maîtrise|diplom-\w{2,20}|магистр\w{0,4}", any_case=True),
    _degree(4, r"m\.?[ ]?sc|m\.?[ ]?tech|m\.?[ ]?phil|m\.?[ ]?comm?", any_case=True),
    _degree(4, r"M\.?B\.?A|M\.?C\.?A|M\.A|M\.S|M\.Ed|MEng|LL\.?M|M\.?S\.?N|(?:MA|MS)" + _NO_NAME, any_case=False),
    _degree(
        5, r"ph\.?[ ]?d|doctorate|doctoral degree|doctor of|doctorat|doctorado|doktorat|promotion zum", any_case=True
    ),
    _degree(5, r"M\.?D|J\.?D|Ed\.?D|D\.?N\.?P|DPhil", any_case=False),
)
_FULL_NAMES = tuple(
    (re.compile(rf"(?<![^\W_])(?:{short})(?![^\W_])", flags), name)
    for short, flags, name in (
        (r"b\.?[ ]?sc\.?|B\.?S\.?", re.IGNORECASE, "bachelor of science"),
        (r"B\.?A\.?", 0, "bachelor of arts"),
        (r"B\.?[ ]?[Cc][Oo][Mm]\.?", 0, "bachelor of commerce"),
        (r"B\.?[ ]?[Tt]ech\.?|B\.?[ ]?TECH", 0, "bachelor of technology"),
        (r"B\.?E\.?|B\.?[ ]?[Ee]ng\.?", 0, "bachelor of engineering"),
        (r"B\.?B\.?A\.?", 0, "bachelor of business administration"),
        (r"B\.?C\.?A\.?", 0, "bachelor of computer applications"),
        (r"LL\.?[ ]?B\.?", 0, "bachelor of laws"),
        (r"m\.?[ ]?sc\.?|M\.?S\.?(?![ -][A-Z])", re.IGNORECASE, "master of science"),
        (r"M\.?A\.?", 0, "master of arts"),
        (r"M\.?[ ]?[Cc][Oo][Mm]\.?", 0, "master of commerce"),
        (r"M\.?[ ]?[Tt]ech\.?|M\.?[ ]?TECH", 0, "master of technology"),
        (r"M\.?B\.?A\.?", 0, "master of business administration"),
        (r"M\.?C\.?A\.?", 0, "master of computer applications"),
        (r"LL\.?[ ]?M\.?", 0, "master of laws"),
        (r"ph\.?[ ]?d\.?", re.IGNORECASE, "doctor of philosophy"),
    )
)


def degrees(text: str) -> set[int]:
    """Return the levels of the degrees that a text names, 1 (high school) to 5 (doctorate)."""
    return {level for level, pattern in _LEVELS if pattern.search(text)}


def without_degrees(text: str) -> str:
    """Replace each degree that a text names by a comma."""
    for _, pattern in _LEVELS:
        text = pattern.sub(",", text)
    return text


def full_degrees(text: str) -> str:
    """Write the short names of degrees in full, so that "B.Sc." equals "Bachelor of Science"."""
    for pattern, name in _FULL_NAMES:
        text = pattern.sub(name, text)
    return text
