"""The search for prompt injection: text of a document that gives a model orders, or that is hidden from a reader.

The findings are reported only. The rules read the documents as words, and a model gets them between tags, as data.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.terms import clip

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["suspicions"]

_GAP = r"[\s,:;*_'\"-]{1,4}"
_WORD = r"(?:[a-z']{1,15}[\s,]{1,3})"
_ABOVE = r"(?:above|previous|prior|preceding|earlier|foregoing|all|any|other|your|these|those|the|system|original|my)"
_ORDERS_TEXT = "instructions?|prompts?|rules|directions?|guidelines?|commands?|orders?|context|programming|constraints?"


# Quantifiers are bounded, so that 200,000 characters of "ignore" cost linear time.
def _rule(what: str, *parts: str) -> tuple[re.Pattern[str], str]:
    return re.compile("".join(parts), re.IGNORECASE), what


_PATTERNS = (
    _rule(
        "tells a model to ignore its instructions",
        r"\b(?:ignore|disregard|forget|override|bypass|neglect|do not follow|don't follow",
        rf"|skip){_GAP}{_WORD}{{0,4}}?",
        rf"(?:(?:{_ABOVE}\s{{1,3}}){{0,4}}(?:{_ORDERS_TEXT})\b|(?:everything|anything|all|what\w{{0,4}}",
        r"|the\s(?:text|content))?",
        r"\s{0,2}(?:the\s)?(?:above|before this|so far)\b)",
    ),
    _rule(
        "tells a model who it is",
        r"\b(?:you are|act as|pretend to be|behave as|you're)\s{1,3}(?:now\s{1,3})?(?:an?\s{1,3})?",
        r"(?:chat\s?gpt|gpt-?\d|(?:ai|llm)\b(?!\s\w)|ai (?:assistant|model)|language model\b|claude|gemini",
        r"|dan\b|llama|(?:a )?jailbroken)",
    ),
    _rule(
        "speaks to a model",
        r"\b(?:if you are|as|to|attention|note to|dear|hey)\s{1,3}(?:an?\s|the\s|any\s|all\s)?(?:ai|llms?",
        r"|language models?|",
        r"chat\s?gpt|ai (?:assistants?|models?|systems?|recruiters?|screeners?|reviewers?))\s{0,2}(?:[,:]",
        r"|reading|reviewing|",
        r"evaluating|screening|you must|please|must|should)",
    ),
    _rule(
        "looks like a part of a model's prompt",
        r"\b(?:system|developer)\s{1,3}(?:prompt|message|instructions?)\b(?!\s+(?:engineer|design))",
        r"|<\|?(?:im_start|system|endoftext)\|?>",
        r"|\[/?INST\]|(?m:^)\s{0,9}#{2,3}\s{0,3}(?:system|instruction)s?\s{0,3}:?\s{0,3}(?m:$)"
        r"|(?m:^)\s{0,9}(?:system|assistant)\s{0,2}:\s{1,3}"
        r"(?:you\b|ignore|always|from now|(?:the|this) (?:candidate|applicant|resume)|new instruction)",
    ),
    _rule(
        "asks for a score",
        rf"\b(?:score|rate|rank|grade|give|assign|set|return|output|evaluate|mark)\b{_GAP}{_WORD}{{0,5}}?",
        r"(?:match[_ ]?score|the\sscore|candidate|resume|cv|applicant|him|her|them|this",
        r"|it)\b[\s_:=,]{0,3}(?:[a-z]{1,10}\s){0,4}",
        r"(?:100\b|10\s?/\s?10|perfect (?:score|match|rating)|(?:the )?(?:highest|maximum",
        r"|top)\s(?:possible\s)?(?:score|rating|rank))",
        r"|\b(?:give|return|output|assign)\s(?:a|the)\s(?:perfect|highest|maximum)\s(?:possible\s)?(?:score|rating)",
        r"|[.,;!]\s{0,2}score\s{1,2}100\b",
    ),
    _rule(
        "asks for a verdict",
        r"\bmatch_score\b|\b(?:verification|unsupported)\s{0,2}[:=]\s{0,2}(?:\[\]|none|empty)|\b(?:always|must",
        r"|just|immediately)\s{1,3}",
        r"(?:recommend|hire|accept|approve|shortlist)\s{1,3}(?:this|the|me\b)\s?(?:candidate|applicant|resume)?",
    ),
    _rule(
        "asks a model for its instructions",
        r"\b(?:reveal|print|repeat|show|leak|output)\s{1,3}(?:me\s{1,3})?(?:your|the)\s{1,3}(?:system\s",
        r"|hidden\s|initial\s|full\s)?",
        r"(?:prompt|instructions)\b",
    ),
    _rule(
        "is hidden from a reader",
        r"(?:color|colour|background)\s{0,2}:\s{0,2}(?:#f{3}(?:f{3})?\b|(?:white|transparent)\s{0,2}[;\"'}])",
        r"|font-size\s{0,2}:\s{0,2}[01](?:px|pt|em)?\b",
        r"|(?:display\s{0,2}:\s{0,2}none|visibility\s{0,2}:\s{0,2}hidden|opacity\s{0,2}:\s{0,2}0\b)|<!--",
    ),
    _rule(
        "is encoded text",
        r"(?<![\w+/=])(?=[A-Za-z0-9+/]{0,40}[0-9])(?=[A-Za-z0-9+/]{0,40}[A-Z])(?=[A-Za-z0-9+/]{0,40}[a-z])",
        r"[A-Za-z0-9+/]{80,400}",
    ),
)
_INVISIBLE = re.compile("[\u200b\u2060\u2061-\u2064\u180e\ufeff\U000e0001-\U000e007f]|[\u202a-\u202e\u2066-\u2069]")
_JOINERS = re.compile("(?<=[A-Za-z])[\u200c\u200d](?=[A-Za-z])")
_SHOWN = 100  # characters of a quotation
_MOST = 20  # findings of one document, and of one pattern
_AROUND = 60  # characters quoted after a finding


def suspicions(text: str, source: str) -> list[str]:
    """Return a message for each text that looks like an order to a model or is hidden, at most 20.

    Each message has the line and a quotation. `source` is the name of the document: "resume" or "posting".
    """
    found: dict[tuple[int, str], str] = {}
    visible = _INVISIBLE.sub("", _JOINERS.sub("", text))
    starts = [0, *(match.end() for match in re.finditer("\n", visible))]
    for what, begins, quote in _matches(visible):
        line = _line(starts, begins)
        found.setdefault((line, what), f"The {source}, line {line}, {what}: “{clip(quote, _SHOWN)}”")
    hidden = [*_INVISIBLE.finditer(text), *_JOINERS.finditer(text)]
    if hidden:
        at = min(match.start() for match in hidden)
        line = text.count("\n", 0, at) + 1
        quote = _INVISIBLE.sub("", text[max(0, at - _AROUND // 2) : at + _AROUND])
        found[(line, "")] = (
            f"The {source}, line {line}, has {len(hidden)} invisible character{'s' if len(hidden) > 1 else ''} near: "
            f"“{clip(quote, _SHOWN)}”"
        )
    return [message for _, message in sorted(found.items())][:_MOST]


def _line(starts: list[int], position: int) -> int:
    return bisect_right(starts, position)


def _matches(text: str) -> Iterator[tuple[str, int, str]]:
    for pattern, what in _PATTERNS:
        for number, match in enumerate(pattern.finditer(text)):
            if number >= _MOST:
                break
            ends = text.find("\n", match.end())
            after = text[match.end() : min(match.end() + _AROUND, ends if ends >= 0 else len(text))]
            yield what, match.start(), match[0] + after
