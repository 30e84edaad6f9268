"""The name and the contact details of the person, from the lines above the first heading, and lines that repeat it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import find_dates
from progressnb.operations.resume.words.headings import BULLET, HEADINGS, known_section, plain_line
from progressnb.operations.resume.words.lists import read_groups, split_phrases

from .habits import find_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue

__all__ = ["LINK", "URL", "is_contact", "is_name", "named", "read_contact", "without_margins"]

_TITLE = "|".join(
    sorted((re.escape(name) for name, section in HEADINGS.items() if section == "title"), key=len, reverse=True)
)
_BEFORE = re.compile(rf"^(?:{_TITLE})(?:\s+(?:of|for|von|de|d'))?(?:\s*[:|–—,-]\s*|\s+)(?=\S)", re.IGNORECASE)
_AFTER = re.compile(rf"(?:\s*[|–—,:]\s*|'s\s+|\s+-\s+|\s{{2,}})(?:{_TITLE})$", re.IGNORECASE)
_BEHIND = re.compile(rf"^([^\W\d_][^\s,]*(?: [^\s,]+){{1,3}}) (?:{_TITLE})$", re.IGNORECASE)  # "Jane Doe Resume"
_LONGEST_PAGE = 3  # digits of the number of a page
_PAGE_WORDS = frozenset(split_phrases(read_groups("labels")["page"]))
_PAGE = re.compile(
    rf"\s*(?:{'|'.join(_PAGE_WORDS)}) [0-9]{{1,3}}(?: ?(?:/|[^\W\d_]{{1,3}}) ?[0-9]{{1,3}})?\s*", re.IGNORECASE
)
_NAME_WORDS = 6
_LONGEST = 120


def named(text: str) -> str:
    """Return a line without the title of the document around a name: "Resume of Jane Doe" becomes "Jane Doe"."""
    text = _BEHIND.sub(r"\1", text.strip())
    return _AFTER.sub("", _BEFORE.sub("", text, count=1), count=1).strip()


_CREDENTIALS = re.compile(r",\s((?:[A-Z][\w.-]{0,6}[A-Z.](?:,\s)?){1,6})$")  # "Ann Lee, RN, Ph.D."


def is_name(text: str) -> bool:
    """Tell whether a line could be the name of a person; "Portland, Oregon" is a place."""
    parts = text.split()
    return (
        1 <= len(parts) <= _NAME_WORDS
        and len(text) <= 60  # noqa: PLR2004 - longer than most names
        and not re.search(r"[0-9@:|/]", text)
        and not text.endswith((".", "!", "?"))
        and parts[0][:1].isalpha()
        and not parts[0][:1].islower()
        and "," not in _CREDENTIALS.sub("", text)
        and not known_section(text)
        and len(text) > _MONOGRAM
    )


def without_margins(lines: Sequence[str], name: str) -> list[str]:
    """Leave out lines that have no more than the name, the title of the document and the number of a page."""
    return [line for line in lines if not (_PAGE.fullmatch(line) or (name and _is_margin(line, name)))]


def _is_margin(line: str, name: str) -> bool:
    if len(line) > _LONGEST or name.casefold() not in line.casefold():
        return False
    rest, titles = re.subn(rf"{re.escape(name)}|(?<![^\W_])(?:{_TITLE})(?![^\W_])", " ", line, flags=re.IGNORECASE)
    words = re.findall(r"[^\W_]+", rest.casefold())
    # No dates of a job that is called as its owner is.
    return (titles > 1 or bool(words)) and all(
        word in _PAGE_WORDS or (word.isdigit() and (titles > 1 or len(word) <= _LONGEST_PAGE)) for word in words
    )


URL = re.compile(r"(?<![^\W_])(?:https?://|www\.)[^\s<>|]{1,300}", re.IGNORECASE)
_NETWORK = "linkedin|github|gitlab|twitter|x|behance|dribbble|medium|stackoverflow|facebook|instagram|xing"
_SITE = re.compile(rf"(?<![^\W_@.])({_NETWORK})\.com/[^\s<>|,;]{{1,200}}", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_PHONE = re.compile(r"(?<![\w+(])\+?\(?(?=(?:[ ().\-/]{0,3}[0-9]){7})[0-9][0-9 ().\-/]{6,22}[0-9](?![\w])")
LINK = re.compile(r"\[([^\[\]]{0,200})\]\(([^()\s]{1,500})\)")
"""The pattern of a Markdown link: its text and its address."""

_LABEL = re.compile(
    r"^\s*(?:e-?mail(?: address)?|phone|tel(?:ephone)?|mobile|cell|address|website|web|url|linkedin|github|portfolio)"
    r"\s{0,3}[:.\-–]\s{0,3}",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"\s{1,4}[|•·●–—]\s{1,4}|\s?[|•●]\s?|\t+|\s{3,}|;\s")
_POSTAL = re.compile(
    r"^[0-9]{1,5}[a-z]?,? \w.{0,60}(?:street|st|road|rd|avenue|ave|lane|drive|way|square|court|place|blvd)(?![^\W_])"
    r"|, [A-Z]{2} [0-9]{5}(?![0-9])",
    re.IGNORECASE,
)
_MONOGRAM = 3  # letters: what is no longer is no name
_NAME_LINES = 4  # lines above which the name stands
_LABEL_WORDS = 8
_CONTACT_LENGTH = 300


_BARE = frozenset(["email", "e-mail", "phone", "tel", "mobile", "website", "web", *_NETWORK.split("|")])


class _Contact:
    """The fields of `basics` that were found so far."""

    def __init__(self) -> None:
        self.basics: dict[str, JsonValue] = {}
        self.profiles: list[JsonValue] = []
        self.other: list[JsonValue] = []

    def keep(self, key: str, value: str) -> None:
        """Keep the first value of a field in it, and each further one in `contact`; an account of a network apart."""
        network = _SITE.search(value) if key == "url" else None
        if key == "name" and (after := _CREDENTIALS.search(value)):
            value = value[: after.start()]
            self.other.append(after[1])
        if network:
            self.profiles.append({"network": network[1].capitalize(), "url": value})
        elif key not in self.basics:
            self.basics[key] = " ".join(value.split())
        else:
            self.other.append(value)

    def keep_address(self, parts: list[str]) -> None:
        """Add parts to the address."""
        location = self.basics.get("location")
        before = [str(location["address"])] if isinstance(location, dict) else []
        if parts:
            self.basics["location"] = {"address": ", ".join(before + parts)}

    def read(self, line: str) -> list[str]:
        """Keep the contact details of a line, and return its other parts. A date of birth is no telephone number."""
        line = LINK.sub(r"\1 | \2", line.replace("mailto:", ""))
        for key, pattern in (("url", URL), ("url", _SITE), ("email", _EMAIL), ("phone", _PHONE)):
            for found in [match[0] for match in pattern.finditer(line)]:
                if key != "phone" or not any(find_dates(found)):
                    self.keep(key, found.rstrip(".,;)") if key == "url" else found.strip())
                    line = line.replace(found, " | ", 1)
        left = [_LABEL.sub("", part.strip(" ,;")).strip(" ,;:") for part in _SEPARATORS.split(line)]
        return [part for part in left if any(map(str.isalnum, part)) and part.strip("()").casefold() not in _BARE]


def read_contact(  # noqa: C901 - a branch for each kind of line
    lines: Sequence[str], *, has_headings: bool
) -> tuple[dict[str, JsonValue], list[str]]:
    """Read the lines above the first heading; return the basics of JSON Resume, and the lines of other texts."""
    contact = _Contact()
    left: list[str] = []
    titled = False
    filled = [line for line in lines if line.strip()]
    for number, line in enumerate(filled):
        bare = plain_line(line)
        label = find_label(bare.replace(" | ", ": ", 1))
        told = label[1] if label else bare.partition(": ")[2]
        form = number == 0 and ": " in "".join(filled[1:2])  # whose first line is the name, whatever its label says
        if is_name(told.strip()) and (form or (label and label[0] == "person")):
            contact.keep("name", told)
            continue
        if bare == contact.basics.get("name") and titled:
            continue
        if "name" not in contact.basics and named(bare) != bare:
            bare, titled = named(bare), True
        if is_contact(bare):
            rest = contact.read(bare)
            if number == 0 and rest and is_name(rest[0]):
                contact.keep("name", rest.pop(0))
            contact.keep_address(rest)
            continue
        known, above, short = "name" in contact.basics, number < _NAME_LINES, _is_label(line, bare)
        if not known and above and short and is_name(bare) and (has_headings or len(filled) > 1):
            contact.keep("name", bare)
        elif short and _POSTAL.search(bare):
            contact.keep_address([bare])
        elif short and known and above and "label" not in contact.basics:
            contact.keep("label", bare)
        else:
            left.append(line)
    if contact.profiles:
        contact.basics["profiles"] = contact.profiles
    if contact.other:
        contact.basics["contact"] = contact.other
    return contact.basics, left


def is_contact(text: str) -> bool:
    """Tell whether a line has an address or a telephone number, and is no prose."""
    # Longer lines and lines with a full stop are prose: an address in them is not taken out.
    short = len(text) < _CONTACT_LENGTH and not text.endswith((".", "!"))
    phone = any(not any(find_dates(match[0])) for match in _PHONE.finditer(text))
    return short and (phone or any(pattern.search(text) for pattern in (_EMAIL, URL, _SITE)))


def _is_label(line: str, text: str) -> bool:
    short = 1 <= len(text.split()) <= _LABEL_WORDS and len(text) <= 80  # noqa: PLR2004 - a label is short
    return short and not BULLET.match(line) and not text.endswith((".", "!", "?", ":"))
