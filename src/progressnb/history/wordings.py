"""The words that this library writes itself: of any other text a store without contents keeps nothing.

A message of a run may quote what the work reads and writes, and so may the text of an error. So the stored message is
its template: the words of ours, the numbers between them, and "…" for each other part. A message that fits no template
is "…".
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["HIDDEN", "template_of"]

HIDDEN = "…"
"""The mark for words that are not kept."""

_TEMPLATES = (
    *("thinking", "writing", "calling {}", "calling {n} tools", "{n} characters of arguments", "handed on"),
    *("waits for approval", "waits for an answer", "denied", "denied: {}", "refused before it ran"),
    *("answered from outside", "refused: {}", "left out, since the output was there"),
    *("its answer may come as a whole", "its text and tokens come at the end", "{n} more parts have no stage"),
    *("attempt {n}", "retrying, {n} of {n}", "retrying, attempt {n}", "retrying, {n} of {n}: {}"),
    *("retrying, {n} of {n}, in {n} s: {}", "fallback: {}", "fallback after {n} attempts: {}"),
    *("took longer than its timeout", "took longer than its timeout of {n} s"),
    *("{n} of {n}", "{n} of {n} expected", "stopped at {n}", "stopped at {n} of {n}", "{n}, {n} were expected"),
    *("cut at its limit of tokens", "stopped by a filter", "ended without a finish reason: it may be cut"),
    *("refused", "broken off by the provider", "stopped reading", "an error ended the loop that read it"),
    *('stream_options={"include_usage": True} in the request gives its tokens and cost',),
    # Why a run was cancelled.
    *("interrupted", "enough", "cancelled", "the task that awaited it was cancelled", "its task was cancelled"),
    *("its block was left before the agent's end", "a run above it has spent its budget", "its batch is gone"),
    *("deleted by a client", "the server stopped", "the Stop button of its panel", "the Stop button of its page"),
    *("its {n} s have passed", "its budget of {} is spent", "{n} item failed", "{n} items failed", "it failed"),
    # Why a stage is run again, and why its result is not kept.
    *("reused", "its arguments changed", "it had not finished, or its arguments changed", "its result was not kept"),
    *("its code changed, or a value that its code reads", "the type of its result changed"),
    *("its result was not kept: {}", "its call can't be compared, because {}"),
    # The shipped operations.
    *("{n} table, {n} rows", "{n} tables, {n} rows", "{n} rows", "the same numbers as pandas computes"),
    *("columns, types and values fit the drawing", "Preparing", "Preparing {}", "Asking {} about {}"),
    *("{n} part of the drawing left out", "{n} parts of the drawing left out"),
    *("Reading the cases for {}", "{n} case", "{n} cases", "{n} case added, {n} of {n} endpoints foundation only"),
    *("{n} cases added, {n} of {n} endpoints foundation only", "no rule adds to it", "Reading the specification"),
    *(
        "Listing its endpoints",
        "{n} endpoints, OpenAPI {n}",
        "{n} endpoints, OpenAPI {n}, {n} of them can't be read",
    ),
    *("Preparing foundation cases for {n} endpoints", "Generating foundation cases for {}", "No cases for {}"),
    *("{n} foundation cases for {n} endpoints", "{n} foundation cases for {n} endpoints, none for {n} of them"),
    *("Writing the runner, the cases and the history", "Packing the ZIP", "{} by rules, without a language model"),
)
_NUMBER = (
    r"\d{1,3}(?:,?\d{3})?(?:\.\d{1,3}){0,2}"  # up to six digits: longer ones may be those of a card or a telephone
)
_ENDING = re.compile(
    rf"(?P<text>.*?)(?P<end>, attempt {_NUMBER} of {_NUMBER}|"
    rf" ?\(?(?:silent|no (?:token|answer|output)) for {_NUMBER} s(?:, never before longer than {_NUMBER} s)?\)?)",
    re.DOTALL,
)
_LONGEST = 2_000  # characters of a message that is read
_PLACE = re.compile(r"\{n?\}")


def _compiled(template: str) -> tuple[re.Pattern[str], str]:
    """Return the pattern of a template, and the text with the places for what a message has there."""
    kinds = _PLACE.findall(template)
    words = _PLACE.split(template)
    groups = [rf"({_NUMBER})" if kind == "{n}" else ".+?" for kind in kinds]
    pattern = "".join(part for pair in zip(map(re.escape, words), [*groups, ""], strict=True) for part in pair)
    return re.compile(pattern, re.DOTALL), _PLACE.sub(lambda found: "{}" if found[0] == "{n}" else HIDDEN, template)


_LITERAL = frozenset(each for each in _TEMPLATES if not _PLACE.search(each))
_PATTERNS = [
    (each.partition("{")[0], *_compiled(each))
    for each in sorted(_TEMPLATES, key=len, reverse=True)
    if _PLACE.search(each)
]
_IS_NUMBER = re.compile(_NUMBER)


@lru_cache(1024)
def template_of(text: str) -> str:
    """Return the template of a text with its numbers: all of a text that has no other words than ours."""
    if not text or text in _LITERAL or _IS_NUMBER.fullmatch(text):
        return text
    if len(text) > _LONGEST:
        return HIDDEN
    if (ending := _ENDING.fullmatch(text)) is not None:
        return f"{template_of(ending['text'])}{ending['end']}"
    for start, pattern, shape in _PATTERNS:
        if text.startswith(start) and (found := pattern.fullmatch(text)) is not None:
            return shape.format(*found.groups())
    return HIDDEN
