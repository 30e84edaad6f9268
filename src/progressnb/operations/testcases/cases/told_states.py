"""The words about states: in which ones something is refused, which ones are final, and their order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.testcases.cases.told import sentences, spelled
from progressnb.operations.testcases.spec.plain import snake

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["refused_states", "told_final", "told_first", "told_flag"]

_ALLOWED = re.compile(
    r"\b(?:only|while|as long as|must be|has to be|have to be|needs? to be|requires?|still)\b", re.IGNORECASE
)
_DENIED = re.compile(
    r"\b(?:not|no|never|nothing|cannot|can't|mustn't|isn't|aren't|won't|409|refused|rejected|already|conflict)\b",
    re.IGNORECASE,
)
_STATUS = re.compile(r"\([1-5][0-9]{2}\)")  # "only while open (409)"
_UNLESS = re.compile(r"\b(?:unless|except|other than)\b", re.IGNORECASE)
_OTHERWISE = re.compile(
    r"\b(?:otherwise|or else|else)\b[^.;]{0,30}\b409\b|\b409\b[^.;]{0,30}\botherwise\b", re.IGNORECASE
)
_UNTIL = re.compile(r"\b(?:until|before)\b", re.IGNORECASE)
_FINAL = re.compile(r"\b(?:final|terminal|end states?|no way back|for good|never changes?)\b", re.IGNORECASE)
_THEN = re.compile(r"\bthen\b|->|→|=>|\bafter that\b|\bnext\b", re.IGNORECASE)


def refused_states(told: str, answer: str, states: Sequence[str]) -> set[str]:
    """Return the states in which an endpoint is refused, by what is told of it, and of its answer 409.

    The answer says in which states it is given: "Already delivered". What is told of the endpoint may say the same, or
    in which ones it is not: "Only while open".
    """
    refused: set[str] = set()
    for text, is_answer in ((answer, True), (told, False)):
        for sentence in sentences(text):
            refused |= _of_sentence(sentence, states, is_answer=is_answer)
    return refused


def _of_sentence(sentence: str, states: Sequence[str], *, is_answer: bool) -> set[str]:
    named = set(_named(sentence, states))
    if not named:
        return set()
    others = set(states) - named
    rest = re.sub("|".join(map(spelled, named)), "", sentence, flags=re.IGNORECASE)  # "rejected" may be a state
    allows = _ALLOWED.search(rest) is not None
    denies = _DENIED.search(_STATUS.sub("", rest) if allows else rest) is not None
    if any(_denied(sentence, each) for each in named):  # "is not open", and "only while it is not closed"
        return named if allows and not is_answer else others
    if _UNTIL.search(sentence):  # "until it is published"; what can't be until then says nothing of the states after it
        return set() if denies else named
    if _UNLESS.search(rest):
        return others if denies or is_answer else named
    if _OTHERWISE.search(sentence) or (allows and not denies):
        return others
    return named if denies or is_answer else set()


def _named(sentence: str, states: Sequence[str]) -> Iterator[str]:
    """Yield the states that a sentence names as such: "can be cancelled" names what is done, and no state."""
    for state in states:
        found = re.search(rf"(\w+ \w+ )?\b{spelled(state)}\b", sentence, re.IGNORECASE)
        if found is not None and not re.search(
            r"\b(?:can|can't|cannot|could|may|might|not|only|will) be $", found[1] or "", re.IGNORECASE
        ):
            yield state


def _denied(sentence: str, state: str) -> bool:
    """Tell whether words deny a state itself: "is not open"."""
    pattern = rf"(?:\b(?:not|no longer|no)|n't) (?:yet |in |in state |an? |the )*[`'\"]?{spelled(state)}\b"
    return re.search(pattern, sentence, re.IGNORECASE) is not None


def told_final(text: str, states: Sequence[str]) -> set[str]:
    """Return the states that a text calls final: "then delivered or returned, which is final"."""
    for sentence in sentences(text):
        found = _FINAL.search(sentence)
        if found is not None:
            before = [set(_named(part, states)) for part in _THEN.split(sentence[: found.start()])]
            named = next(filter(None, reversed(before)), set[str]()) or set(_named(sentence, states))
            if named:
                return named
    return set()


def told_first(text: str, states: Sequence[str]) -> list[list[str]]:
    """Return the order of states that a sentence tells with "then" between them; those with an "or" stand together."""
    for sentence in sentences(text):
        groups = [list(_named(part, states)) for part in _THEN.split(sentence)]
        if len(groups) > 2 and all(groups):  # noqa: PLR2004 - two have nothing between them
            return groups
    return []


def told_flag(told: str, answer: str, name: str, *, is_number: bool) -> list[bool] | None:
    """Return what a field must be for an endpoint to be refused; None where words don't tell.

    A number must be other than 0, which is `[True]` as well.
    """
    words = r"[\s_-]".join(map(re.escape, re.split(r"[\s_-]+", re.sub(r"^(is|has)_", "", snake(name)))))
    for text, is_answer in ((answer, True), (told, False)):
        for sentence in sentences(text):
            if not re.search(rf"\b{words}\b", sentence, re.IGNORECASE) or not (is_answer or "409" in sentence):
                continue
            if is_number:
                return [True] if re.search(_not_zero(words), sentence, re.IGNORECASE) else None
            return [not _denied(sentence, re.sub(r"^(is|has)_", "", snake(name)))]
    return None


def _not_zero(words: str) -> str:
    return (
        rf"\b{words} (?:is|was|are|does|may)?(?:n't| not) (?:yet )?(?:be |equal )?(?:0|zero|empty|nil)\b|"
        rf"\b(?:non-?zero|positive|remaining|has an?|have an?|has some|holds? an?|with an?) {words}\b"
    )
