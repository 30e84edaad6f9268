"""Comparisons of the truth check: texts without notation, the words around a number, dates, titles."""

from __future__ import annotations

import unicodedata

from progressnb.operations.resume.words.dates import normal_date
from progressnb.operations.resume.words.degrees import full_degrees
from progressnb.operations.resume.words.terms import comparison_keys, fold_case
from progressnb.operations.resume.words.vocabulary import STOPWORDS

__all__ = ["ADDRESS_FIELDS", "DATE_FIELDS", "has_date", "keys_of", "normalize", "without_accents"]

DATE_FIELDS = ("startDate", "endDate", "date", "releaseDate")
ADDRESS_FIELDS = frozenset({"url", "email", "phone", "image", "username"})


def normalize(text: str) -> str:
    """Return the text for a comparison word for word: small letters, straight quotes, single spaces."""
    return " ".join(fold_case(text).replace("\u2018", "'").replace("\u201c", '"').replace("\u201d", '"').split()).strip(
        " .;,"
    )


def without_accents(text: str) -> str:
    """Return a text without accents and umlauts."""
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def keys_of(text: str) -> list[str]:
    """Return the comparison keys of a text without stop words, with the names of degrees in full."""
    return [key for key in comparison_keys(full_degrees(text)) if key not in STOPWORDS]


def has_date(text: str, dates: set[str]) -> bool:
    """Tell whether the ISO dates have this date, a more precise one, or its month if it is the first of a month."""
    iso = normal_date(text)
    first_day_of = iso.removesuffix("-01") if iso.count("-") == 2 else iso  # noqa: PLR2004 - year, month, day
    return any(one in {iso, first_day_of} or one.startswith(iso + "-") for one in dates)
