"""The words about a field: when it is needed, that a time is none of the future, and that a number is more than 0."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases.told import sentences, spelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Need", "told_need", "told_past", "told_positive"]

_NEEDED = re.compile(
    r"\b(?:(?:(?P<must>required|needed|mandatory)(?: and [\w ]{1,20}?)?|present|set|only) "
    r"(?P<when>if|when|where|for|with|unless)|"
    r"(?:null|none|empty|ignored|absent|left out) (?P<otherwise>unless|except (?:for|if|when|where|with)))\b"
    r"(?P<what>[^.;,()]+)",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\bnot (?:be )?(?:later than|after) (?:today|now|the (?:current|present))\b|"
    r"\bnot (?:be |lie )?in the future\b|\b(?:must|has to|have to) (?:be|lie) in the past\b|"
    r"\b(?:today|now) or (?:earlier|before)\b",
    re.IGNORECASE,
)
_POSITIVE = re.compile(
    r"(?:^|\b(?:must be|has to be|is) )"
    r"(?:(?:greater|more|higher|larger) than (?:0(?:\.0+)?|zero)|above (?:0|zero)|positive)(?![.\d]*\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Need:
    """A field is there where another one has a value, or with `equal=False` where it has not.

    With `must` it is refused where it is missing then.
    """

    field: str
    value: Any
    equal: bool
    must: bool = False

    def holds(self, body: Mapping[str, Any]) -> bool:
        """Tell whether the field is there, by the other fields of a body."""
        return self.field in body and (body[self.field] == self.value) == self.equal


def told_need(text: str, options: Mapping[str, Sequence[Any]]) -> Need | None:
    """Return when a field is needed, or not null, by what is told of it: "required if the kind is `other`".

    `options` are the values of the other fields that have listed ones, or are true or false.
    """
    for found in (each for sentence in sentences(text) for each in _NEEDED.finditer(sentence)):
        must, equal = found["must"] is not None, (found["when"] or "").casefold() != "unless"
        for field, values in options.items():
            said = re.search(
                rf"\b{spelled(field)}\b['`\"]*\s*(?:is|are|=+|equals)\s*(?P<not>not\s+)?['`\"]*(?P<value>\w[\w.-]*)",
                found["what"],
                re.IGNORECASE,
            )
            for value in values if said is not None else ():
                if said is not None and str(value).casefold() == said["value"].casefold():
                    return Need(field, value, equal != bool(said["not"]), must)
        named = [(field, each) for field, values in options.items() for each in values if isinstance(each, str)]
        alone = [pair for pair in named if re.fullmatch(rf"\W*{spelled(pair[1])}\W*", found["what"], re.IGNORECASE)]
        if len(alone) == 1:
            return Need(*alone[0], equal, must)
    return None


def told_past(text: str) -> bool:
    """Tell whether a text says that a time is not in the future."""
    return _PAST.search(text) is not None


def told_positive(text: str) -> bool:
    """Tell whether a text says that a number is more than 0."""
    return any(_POSITIVE.search(sentence) for sentence in sentences(text))
