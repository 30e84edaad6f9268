"""The words of a specification: the order of a list, whose things they are, who may only read, and what is taken."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from progressnb.operations.testcases.spec.plain import snake

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = [
    "AMOUNTS",
    "CREATED",
    "CREATION",
    "NAMES",
    "Order",
    "field_of",
    "sentences",
    "spelled",
    "told_any_case",
    "told_not_own",
    "told_order",
    "told_owners",
    "told_readers",
    "told_scarce",
    "told_too_little",
]

CREATION = "creation"
"""The word for the order in which things were created."""

CREATED = re.compile(r"created(_?(at|on|date|time))?|creation_?(date|time)|date_?created|added_?(at|on)", re.IGNORECASE)
_UP = r"asc\w*|(?:lowest|smallest|oldest|earliest|shortest|least) (?:\w+ )?first|a to z|alphabetic\w*"
_DOWN = r"desc\w*|(?:highest|largest|newest|latest|longest|most recent) (?:\w+ )?first|reverse\w*|z to a"
_BY = re.compile(
    r"(?:^|\b(?:order(?:ed|ing)?|sort(?:ed|ing)?|arranged|otherwise|then)\b[^.;:]{0,24}?\b)by (?:the |their |its )?"
    r"(?P<field>[`'\"]?\w[\w-]*[`'\"]?(?: \w+){0,2})",
    re.IGNORECASE,
)
_OF_CREATION = [
    (r"in (?:the )?(?:reverse|opposite) (?:order of (?:their )?)?(?:creation|insertion)|reverse chronological", True),
    (r"\b(?:newest|latest|most recent(?:ly (?:created|added))?) (?:(?P<what>\w+) )?first", True),
    (r"in (?:the )?order of (?:their )?(?:creation|insertion)|in (?:creation|insertion|chronological) order", False),
    (r"\b(?:oldest|earliest) (?:(?P<what>\w+) )?first", False),
]
_FIRST = re.compile(r"\b(\w+)(?: \w+)? (?:(?:come|comes|are|is|go) )?(?:(?:listed|shown) )?first\b", re.IGNORECASE)
_ALPHABETIC = re.compile(r"\balphabetic(?:al(?:ly)?)?\b", re.IGNORECASE)
_NOT = re.compile(r"\b(?:not|no|any|undefined|unspecified|random|isn't|aren't|arbitrary)\b", re.IGNORECASE)
_LISTS = re.compile(r"\b(?:lists?|listed|listings?|collections?)\b", re.IGNORECASE)
_PERSON = r"(?:user|member|owner|customer|caller|tenant|person|client|author|creator)"
_OWNERS = re.compile(
    rf"^own \w+|\b(?:(?:your|their|his|her|the|{_PERSON}'?s) own|own \w+ only|(?:those|things|that) of others|"
    rf"(?:of|by|to) (?:this|the current) {_PERSON}s?|(?:an)?other {_PERSON}'?s?|not (?:the|its|your) owner|"
    rf"only (?:by |for )?(?:the|its|their) (?:owner|author|creator)s?|(?:the |its )?(?:owner|author|creator)s? only|"
    rf"(?:someone|somebody) else'?s?)\b",
    re.IGNORECASE,
)
_WHOSE = r"(?:(?:their|your|his|her|its|the|one's|an) )?own"
_NOT_OWN = re.compile(
    r"\b(?:nobody|no ?one|no \w+ (?:can|may|should|must)|can ?not|can't|may not|must not|mustn't|never|not allowed to) "
    rf"(?:(?!not\b|n't|other|anyone|anybody|only|except|but\b|unless|outside|beyond|than\b)[\w-]+ ){{1,4}}?{_WHOSE}\b|"
    rf"\b{_WHOSE} (?:\w+ )?(?:can ?not|can't|may not|must not|mustn't|is not allowed to|are not allowed to) be \w+\b"
    r"(?! by (?:other|anyone|anybody|some))|"
    r"\bnot (?:for |of |on )?(?:[\w-]+ ){0,3}of (?:their|your|his|her|its|one's) own\b",
    re.IGNORECASE,
)
_READERS = re.compile(
    r"\bread-?only\b|\bmay (?:only|just) read\b|\bonly (?:may )?read\b|\breaders?\b|\bviewers?\b|"
    r"(?:^|\b(?:for|by) )(?:the |an? )?\w+ only(?=\W*$|[.,;)])|"
    r"\bonly (?:the |an? )?\w+ (?:may|can|is allowed|are allowed)\b",
    re.IGNORECASE,
)
NAMES = ("title", "name", "subject", "label", "headline", "email", "code", "slug", "text", "description")
"""Fields by which people know a thing, the likeliest first."""

_ANY_CASE = re.compile(
    r"case[- ]?insensitive|(?:ignor\w+|regardless of|without regard to|in any|whatever the) (?:\w+ ){0,2}case|"
    r"upper[- ]? ?(?:case )?(?:and|or) lower",
    re.IGNORECASE,
)
AMOUNTS = re.compile(
    r"(.*_)?(amount|quantity|sum|points|credits|minutes|hours|units|seats|count|people|guests|persons|places|tickets|"
    r"cents|number_of_.*)(_.*)?",
    re.IGNORECASE,
)
"""Fields that say how much is taken or given."""

_TOO_LITTLE = re.compile(
    r"\b(?:too (?:little|few)|not enough|insufficient|overdr\w+|"
    r"(?:exceed\w*|more than) (?:the |its |their )?(?:balance|stock))\b",
    re.IGNORECASE,
)
_SCARCE = re.compile(
    r"\b(?:too (?:little|few|many|much)|not enough|insufficient|full|sold out|fully booked|capacity|exceed\w*|"
    r"more \w* ?than|beyond|funds|balance|(?:no|none|nothing|not) (?:\w+ ){0,3}(?:left|available|free|remaining))\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.;!?])\s+|\n\s*\n|\n\s*[-*] ")


@dataclass(frozen=True)
class Order:
    """The order of a list, as words tell it.

    Attributes:
        first: The words before "first", one of which may be a field that is true or false: `pinned`.
        by: The words of a field, `CREATION`, or nothing where only `first` is told.
        down: Whether the largest or newest is first; None where it isn't told.
        what: The word for what is newest or oldest, which may be a field: "latest date first".

    """

    first: tuple[str, ...] = ()
    by: str = ""
    down: bool | None = None
    what: str = ""


def told_order(texts: Collection[str], general: str, nouns: Collection[str]) -> Order | None:
    """Return the order that texts about a list tell, or a general text about lists or about such things.

    Args:
        texts: What is said of the list itself.
        general: What is said of the whole API. A sentence there counts if it names lists, or one of the nouns.
        nouns: The words for what is listed.

    """
    wanted = {each.casefold() for each in nouns}
    own = [sentence for text in texts for sentence in sentences(text)]
    others = [
        sentence
        for sentence in sentences(general)
        if _LISTS.search(sentence) or wanted & set(re.findall(r"\w+", sentence.casefold()))
    ]
    return next((found for each in (*own, *others) if (found := _order(each)) is not None), None)


def told_owners(text: str) -> bool:
    """Tell whether a text says that things belong to those who made them."""
    return any(_OWNERS.search(sentence) for sentence in sentences(text))


def told_not_own(text: str) -> bool:
    """Tell whether a text says that nobody does this to a thing of their own: "nobody rates their own recipe"."""
    return any(_NOT_OWN.search(sentence) for sentence in sentences(text))


def told_scarce(text: str) -> bool:
    """Tell whether a text says that there may not be enough of something: "no seats left"."""
    return _SCARCE.search(text) is not None


def told_too_little(text: str) -> bool:
    """Tell whether a text says that somebody may have too little: "insufficient funds"."""
    return _TOO_LITTLE.search(text) is not None


def told_any_case(text: str) -> bool:
    """Tell whether a text says that capital letters don't matter."""
    return _ANY_CASE.search(text) is not None


def told_readers(text: str) -> bool:
    """Tell whether a text says that some callers may not write: "read-only", or "for the organiser only"."""
    return any(_READERS.search(each) and not _OWNERS.search(each) for each in sentences(text))


def field_of(words: str, names: Collection[str]) -> str | None:
    """Return the field that words name, the most of them that do: `due date` is `dueDate` or `due`."""
    spoken = re.sub(r"[`'\"]", "", words).casefold().replace("-", "_").split()
    by_name = {snake(name).casefold().strip("_"): name for name in names}
    for count in range(len(spoken), 0, -1):
        word = "_".join(spoken[:count])
        for each in (word, f"{word}_at", f"{word}s_at", f"{word}_on", f"{word}_date", f"is_{word}"):
            if each in by_name:
                return by_name[each]
        if word.startswith("creat"):
            made = next((name for each, name in by_name.items() if CREATED.fullmatch(each)), None)
            if made is not None:
                return made
    return None


def spelled(name: str) -> str:
    """Return a pattern of a name as words spell it: `in_work` or "in work", one or several."""
    return r"[\s_-]".join(map(re.escape, re.split(r"[\s_-]+", snake(name)))) + "s?"


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text, and the points of its lists."""
    for each in _SENTENCE.split(text):
        yield " ".join(each.split())


def _order(sentence: str) -> Order | None:
    if _NOT.search(sentence):
        return None
    first = tuple(each[1].casefold() for each in _FIRST.finditer(sentence))
    by = _BY.search(sentence)
    if by is not None:
        rest = re.split(r"\b(?:then|otherwise)\b", sentence[by.start("field") :], maxsplit=1)[0]
        return Order(first, by["field"].casefold(), _direction(rest))
    for pattern, down in _OF_CREATION:
        found = re.search(pattern, sentence, re.IGNORECASE)
        if found is not None:
            return Order(first, CREATION, down, found.groupdict().get("what") or "")
    if _ALPHABETIC.search(sentence):
        return Order(first, "name", down=False)
    return Order(first) if first else None


def _direction(text: str) -> bool | None:
    """Return whether words that follow a field mean down; None where there are none."""
    found = re.search(rf"\b(?:(?P<up>{_UP})|(?P<down>{_DOWN}))", text, re.IGNORECASE)
    return None if found is None else found["down"] is not None
