"""The search for prompt injection: text of a document that gives a model orders, or that is hidden from a reader.

The findings are reported only. The rules read the documents as words, and a model gets them between tags, as data.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import islice

from progressnb.operations.resume.words.lists import read_groups
from progressnb.operations.resume.words.terms import clip

__all__ = ["suspicions"]

_PATTERNS = {what: re.compile(text, re.IGNORECASE | re.VERBOSE) for what, text in read_groups("orders").items()}
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
    for what, pattern in _PATTERNS.items():
        for match in islice(pattern.finditer(visible), _MOST):
            line = bisect_right(starts, match.start())
            after = visible[match.end() : match.end() + _AROUND].partition("\n")[0]
            quote = clip(match[0] + after, _SHOWN)
            found.setdefault((line, what), f"The {source}, line {line}, {what}: “{quote}”")
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
