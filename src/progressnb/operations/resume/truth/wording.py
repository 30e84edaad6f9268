"""Comparisons of the truth check: texts without notation, the words around a number, dates, titles."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import normal_date
from progressnb.operations.resume.words.degrees import full_degrees
from progressnb.operations.resume.words.terms import comparison_keys, fold_case
from progressnb.operations.resume.words.vocabulary import STOPWORDS

from .lexicon import DIMINISHERS, ORDINARY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.operations.resume.words.quantities import Quantity

__all__ = [
    "ADDRESS_FIELDS",
    "DATE_FIELDS",
    "has_date",
    "has_full_title",
    "key_set",
    "keys_of",
    "looks_like_verb_or_adjective",
    "normalize",
    "overlap_weight",
    "without_accents",
    "without_notation",
    "word_after",
    "words_around",
]

DATE_FIELDS = ("startDate", "endDate", "date", "releaseDate")
ADDRESS_FIELDS = frozenset({"url", "email", "phone", "image", "username"})
_CLAUSE = re.compile(r"[,;:()|–—]|(?<![^\W_])(?:and|while|by which|which|but|as well as)(?![^\W_])")
_VERB_OR_ADJECTIVE = re.compile(
    r"(?:ed|ing|ly|tion|sion|ment|ness|ity|ive|ous|ful|able|ible|ant|ent|ance|ence|ship|ward|wards|less|ical|ional|ised|ized|ate|ary|ory|ic|al|some)$"
)
_WINDOW = 6  # words on each side of a number
_MANY = 60  # places of a title that are looked at


def normalize(text: str) -> str:
    """Return the text for a comparison word for word: small letters, straight quotes, single spaces."""
    return " ".join(fold_case(text).replace("\u2018", "'").replace("\u201c", '"').replace("\u201d", '"').split()).strip(
        " .;,"
    )


def without_notation(text: str) -> str:
    """Return the letters and digits of an address or a telephone number, without scheme and "www."."""
    address = re.sub(r"^(?:https?://)?(?:www\.)?", "", fold_case(text).strip()).rstrip("/")
    return "".join(char for char in address if char.isalnum())


def without_accents(text: str) -> str:
    """Return a text without accents and umlauts."""
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def keys_of(text: str) -> list[str]:
    """Return the comparison keys of a text without stop words, with the names of degrees in full."""
    return [key for key in comparison_keys(full_degrees(text)) if key not in STOPWORDS]


@lru_cache(64)
def key_set(text: str) -> frozenset[str]:
    """Return the keys of a text once for all numbers in it: a long one may have thousands."""
    return frozenset(keys_of(text))


def words_around(text: str, quantity: Quantity) -> frozenset[str]:
    """Return the keys around a quantity, up to the ends of its clause. `text` is folded."""
    begins = max(
        (found.end() for found in _CLAUSE.finditer(text, max(0, quantity.begins - 120), quantity.begins)), default=0
    )
    after = _CLAUSE.search(text, quantity.ends, quantity.ends + 120)
    begins = max(begins, quantity.begins - 120)
    ends = min(after.start() if after else len(text), quantity.ends + 120)
    before = comparison_keys(text[begins : quantity.begins])[-_WINDOW:]
    behind = comparison_keys(text[quantity.ends : ends])[:_WINDOW]
    return frozenset(key for key in (*before, *behind) if key not in STOPWORDS and not key.isdigit())


def word_after(text: str, quantity: Quantity) -> str:
    """Return the key after a quantity, which names the counted thing, or "". `text` is folded."""
    behind = [key for key in comparison_keys(text[quantity.ends : quantity.ends + 40])[:2] if key not in STOPWORDS]
    return behind[0] if behind and not behind[0].isdigit() else ""


def overlap_weight(keys: Iterable[str]) -> int:
    """Return the weight of common keys: 1 for an ordinary word, 2 for any other."""
    return sum(1 if key in ORDINARY else 2 for key in keys)


def has_date(text: str, dates: set[str]) -> bool:
    """Tell whether the ISO dates have this date, a more precise one, or its month if it is the first of a month."""
    iso = normal_date(text)
    first_day_of = iso.removesuffix("-01") if iso.count("-") == 2 else iso  # noqa: PLR2004 - year, month, day
    return any(one in {iso, first_day_of} or one.startswith(iso + "-") for one in dates)


def has_full_title(joined: str, keys: list[str]) -> bool:
    """Tell whether a text of keys has the title in a place without a word beside it that makes it a lower one."""
    phrase = f" {' '.join(keys)} "
    begins = joined.find(phrase)
    if begins < 0:
        return not keys
    for _ in range(_MANY):
        if begins < 0:
            return False
        before = joined[max(0, begins - 40) : begins].split()
        behind = joined[begins + len(phrase) : begins + len(phrase) + 40].split()
        own = DIMINISHERS.isdisjoint(before[-1:]) and DIMINISHERS.isdisjoint(behind[:1])
        if own:
            return True
        begins = joined.find(phrase, begins + 1)
    return True


def looks_like_verb_or_adjective(word: str) -> bool:
    """Tell whether a word ends as verbs, adjectives and abstract nouns do."""
    return _VERB_OR_ADJECTIVE.search(word) is not None
