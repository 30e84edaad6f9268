"""Finders of values in a text: labelled values, bullets, numbers, dates, addresses, options."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from progressnb.wire import similarity

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

__all__ = [
    "bullets",
    "dates",
    "emails",
    "links",
    "match_labels",
    "named",
    "numbers",
    "numbers_near",
    "prose_of",
    "read_labels",
    "rest_of",
    "words",
]

_LABEL = r"(?P<label>[^\W\d_][\w /.#()-]{0,40}?)[ \t]*[:=](?!//)"
_LABELLED = re.compile(rf"^[ \t]*(?:[-*•]\s+)?{_LABEL}(?P<value>.*)$")
_NEXT_LABEL = re.compile(rf"[,;][ \t]+(?={_LABEL.replace('?P<label>', '?:')})")  # a line may have several
_BULLET = re.compile(r"^[ \t]*(?:[-*•]|\d+[.)])[ \t]+(.+)$")
# Bounded, so that no text, however long, is read again from each of its characters.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_LINK = re.compile(r"https?://[^\s<>\"')]+")
_NUMBER = re.compile(r"(?:(?<![\w.,])[-+])?(?<!\w)(?<!\d[.,])\d{1,20}(?:[.,]\d{1,20}){0,9}(?![.,]?\d)")
_ISO = re.compile(r"\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?(?:Z|[+-]\d{2}:\d{2})?(?![\d-])")
_MONTHS = [
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
]
_SHORT = [month[:3] for month in _MONTHS]
_MONTH = rf"(?P<month>{'|'.join(f'{month[:3]}(?:{month[3:]})?' for month in _MONTHS)}|sept)\.?"
_WRITTEN = (
    re.compile(rf"(?i)\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+{_MONTH},?\s+(?P<year>\d{{4}})\b"),
    re.compile(rf"(?i)\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b"),
)

_ALIKE = 86  # similarity, 0–100, from which two names count as the same; the order of their words does not count


def words(name: str) -> str:
    """Return a field's name as words: `dueDate` and `due_date` are "due date"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name).strip().lower()


def read_labels(text: str) -> dict[str, str]:
    """Return the labelled values of a text: "Total: 12.50", or the bullets below a label that stands alone."""
    found: dict[str, str] = {}
    for label, value, _ in _entries(text):
        if label and value:
            found.setdefault(label, value)
    return found


def rest_of(text: str, taken: Container[str]) -> str:
    """Return a text without the parts of these labels."""
    return "\n".join(part for label, _, part in _entries(text) if not label or label not in taken)


def prose_of(text: str) -> str:
    """Return the parts of a text without a label: "Cable" for "Cable, quantity: 10"."""
    return "\n".join(part.strip(" .") for label, _, part in _entries(text) if not label and part.strip(" ."))


def _entries(text: str) -> Iterator[tuple[str, str, str]]:
    """Go through the parts of a text: each label or "", its value, and the whole part."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        parts = _NEXT_LABEL.split(lines[at])
        at += 1
        for part in parts:
            match = _LABELLED.match(part)
            if match is None:
                yield "", "", part
            elif value := match["value"].strip():
                yield match["label"].strip(), value, part
            else:
                begin = at
                while at < len(lines) and _BULLET.match(lines[at]):
                    at += 1
                yield match["label"].strip(), "\n".join(lines[begin:at]), "\n".join([part, *lines[begin:at]])


def match_labels(wanted: Mapping[str, Sequence[str]], labels: Iterable[str]) -> dict[str, str]:
    """Return the label of each field, by the names of the fields; a label is given to one field only."""
    left = {label: label.lower() for label in labels}
    found: dict[str, str] = {}
    for match in (_best_alike, _only_that_ends):  # spelling first, for all fields; then the last word
        for key, names in wanted.items():
            label = next((label for name in names if (label := match(name, left)) is not None), None)
            if key not in found and label is not None:
                found[key] = label
                del left[label]
    return found


def _best_alike(name: str, labels: Mapping[str, str]) -> str | None:
    words = _sorted(name)
    alike = {label: similarity(words, _sorted(lower)) for label, lower in labels.items()}
    best = max(alike, key=alike.__getitem__, default=None)
    return best if best is not None and alike[best] >= _ALIKE else None


def _sorted(text: str) -> str:
    return " ".join(sorted(text.split()))


def _only_that_ends(name: str, labels: Mapping[str, str]) -> str | None:
    # "Invoice number" for the field "number", but only where no other label ends in it.
    ends = [label for label, lower in labels.items() if lower.split()[-1:] == [name]]
    return ends[0] if len(ends) == 1 else None


def bullets(text: str) -> list[str]:
    """Return the bullets of a text."""
    return [match[1].strip() for line in text.splitlines() if (match := _BULLET.match(line))]


def numbers(text: str) -> list[int | float]:
    """Return the numbers of a text. "1,249" is 1249, "4,20" is 4.2: three digits after one comma are thousands."""
    return [_number(match[0]) for match in _NUMBER.finditer(text)]


def _number(text: str) -> int | float:
    groups = re.split(r"[.,]", text)
    separators = re.findall(r"[.,]", text)
    whole = all(len(group) == 3 for group in groups[1:])  # noqa: PLR2004 - thousands
    thousands = len(set(separators)) == 1 and whole and (len(separators) > 1 or separators == [","])
    if not separators or thousands:
        return int("".join(groups))
    return float(f"{''.join(groups[:-1])}.{groups[-1]}")


def numbers_near(name: str, text: str) -> list[int | float]:
    """Return the numbers next to the last word of a field's name: "12 pages", "pages: 12"."""
    if not name.split():
        return []
    word = re.escape(name.rsplit(maxsplit=1)[-1].rstrip("s"))
    pattern = rf"(?i){_NUMBER.pattern}\s+{word}s?\b|\b{word}s?\W{{1,4}}(?:is\s+|of\s+)?{_NUMBER.pattern}"
    return [number for match in re.finditer(pattern, text) for number in numbers(match[0])]


def dates(text: str) -> list[str]:
    """Return the dates of a text in ISO form. "03/04/2026" is left out: it has two readings."""
    found = [(match.start(), match[0]) for match in _ISO.finditer(text)]
    for pattern in _WRITTEN:
        for match in pattern.finditer(text):
            try:
                day = date(int(match["year"]), _SHORT.index(match["month"][:3].lower()) + 1, int(match["day"]))
            except ValueError:  # 31 June
                continue
            found.append((match.start(), day.isoformat()))
    return [each for _, each in sorted(found)]


def emails(text: str) -> list[str]:
    """Return the e-mail addresses of a text."""
    return _EMAIL.findall(text)


def links(text: str) -> list[str]:
    """Return the web addresses of a text."""
    return [link.rstrip(".,;:!?") for link in _LINK.findall(text)]


def named(options: Iterable[str]) -> Callable[[str], list[str]]:
    """Return a function that finds the options that a text has as whole words."""

    def find(text: str) -> list[str]:
        return [each for each in options if re.search(rf"(?i)(?<!\w){re.escape(each)}(?!\w)", text)]

    return find
