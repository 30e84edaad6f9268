"""Expressions of Vega that only compute with the values of a row: no other name is read, and nothing else is called."""

from __future__ import annotations

import re

__all__ = ["fields_of", "is_harmless"]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<text>'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\")"
    r"|(?P<name>[A-Za-z_$][\w$]*)|(?P<sign>===|!==|==|!=|<=|>=|&&|\|\||[-+*/%<>!?:(),.\[\]]))"
)
_VALUES = frozenset({"datum", "true", "false", "null", "NaN", "Infinity", "PI", "E", "LN2", "LN10", "SQRT2"})
_COMPUTING = """
abs ceil floor round min max pow sqrt exp log sign clamp sin cos tan atan2 isNaN isFinite isValid isNumber isString
isDate isBoolean toNumber toString toBoolean toDate parseInt parseFloat datetime date day dayofyear year quarter month
week hours minutes seconds milliseconds time utc utcyear utcmonth utcdate utcday utchours timeFormat utcFormat format
monthFormat monthAbbrevFormat dayFormat dayAbbrevFormat length lower upper slice substring split trim indexof replace
truncate join if inrange span
"""
_FUNCTIONS = frozenset(re.findall(r"\w+", _COMPUTING))
_HIDDEN = frozenset({"constructor", "prototype"})
_LIMIT = 1_000
"""Characters of the longest expression."""


def is_harmless(text: str) -> bool:
    """Tell whether an expression reads nothing but the row, `datum`, and calls nothing but functions that compute."""
    return _parsed(text) is not None


def fields_of(text: str) -> set[str]:
    """Return the columns of the row that a harmless expression reads."""
    return _parsed(text) or set()


def _parsed(text: str) -> set[str] | None:
    """Return the columns that an expression reads, or None for one that may do more than compute."""
    tokens = _tokens(text)
    if not tokens:
        return None
    found: set[str] = set()
    padded = [("", ""), ("", ""), *tokens, ("", ""), ("", "")]
    for at in range(2, len(padded) - 2):
        before, (kind, word), after = padded[at - 1], padded[at], padded[at + 1]
        is_value = before[0] in ("name", "text", "number") or before[1] in (")", "]")
        is_call = before[0] == "name" and before[1] in _FUNCTIONS and padded[at - 2][1] != "."
        if kind == "name" and not _may_be_named(word, before[1], after[1]):
            return None
        if word == "(" and is_value and not is_call:
            return None
        if word == "[" and is_value and not _is_key(after, padded[at + 2][1]):
            return None
        if padded[at - 2][1] == "datum" and before[1] in (".", "["):
            found.add(word[1:-1] if kind == "text" else word)
    return found


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at, text = 0, text.strip()
    while at < len(text) <= _LIMIT:
        match = _TOKEN.match(text, at)
        if match is None:
            return []
        tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return tokens


def _may_be_named(word: str, before: str, after: str) -> bool:
    if before == ".":
        return not _is_hidden(word) and after != "("
    return word in _FUNCTIONS if after == "(" else word in _VALUES


def _is_key(token: tuple[str, str], closing: str) -> bool:
    kind, word = token
    return closing == "]" and (kind == "number" or (kind == "text" and "\\" not in word and not _is_hidden(word[1:-1])))


def _is_hidden(word: str) -> bool:
    return word in _HIDDEN or word.startswith("__")
