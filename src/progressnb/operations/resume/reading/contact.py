"""The name and the contact details of the person, from the lines above the first heading, and lines that repeat it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import find_dates
from progressnb.operations.resume.words.headings import BULLET, HEADINGS, plain_line
from progressnb.operations.resume.words.lists import read_groups, split_phrases

from .habits import find_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue

__all__ = ["URL", "is_contact", "named", "read_contact", "without_margins"]

_TITLE = "|".join(
    sorted((re.escape(name) for name, section in HEADINGS.items() if section == "title"), key=len, reverse=True)
)
_BEFORE = re.compile(rf"^(?:{_TITLE})(?:\s+(?:of|for|von|de|d'))?(?:\s*[:|–—,-]\s*|\s+)(?=\S)", re.IGNORECASE)
_AFTER = re.compile(rf"(?:\s*[|–—,:]\s*|'s\s+|\s+-\s+|\s{{2,}})(?:{_TITLE})$", re.IGNORECASE)
_LONGEST_PAGE = 3  # digits of the number of a page
_PAGE_WORDS = frozenset(split_phrases(read_groups("labels")["page"]))
_NAME_WORDS = 6
_LONGEST = 120


def named(text: str) -> str:
    """Return a line without the title of the document around a name: "Resume of Jane Doe" becomes "Jane Doe"."""
    return _AFTER.sub("", _BEFORE.sub("", text.strip(), count=1), count=1).strip()


def _is_name(text: str) -> bool:
    """Tell whether a line could be the name of a person."""
    parts = text.split()
    return (
        1 <= len(parts) <= _NAME_WORDS
        and len(text) <= 60  # noqa: PLR2004 - longer than most names
        and not re.search(r"[0-9@:|/]", text)
        and not text.endswith((".", "!", "?"))
        and parts[0][:1].isalpha()
        and not parts[0][:1].islower()
    )


def without_margins(lines: Sequence[str], name: str) -> list[str]:
    """Leave out lines that have no more than the name, the title of the document and the number of a page."""
    return [line for line in lines if not _is_margin(line, name)] if name else list(lines)


def _is_margin(line: str, name: str) -> bool:
    if len(line) > _LONGEST or name.casefold() not in line.casefold():
        return False
    without = re.sub(re.escape(name), " ", line, flags=re.IGNORECASE)
    rest, titles = re.subn(rf"(?<![^\W_])(?:{_TITLE})(?![^\W_])", " ", without, flags=re.IGNORECASE)
    words = re.findall(r"[^\W_]+", rest.casefold())
    years = [word for word in words if word.isdigit() and len(word) > _LONGEST_PAGE]
    if len(years) > bool(titles):  # "CV 2024", but no dates of a job that is called as its owner is
        return False
    return bool(titles or words) and all(word.isdigit() or word in _PAGE_WORDS for word in words)


URL = re.compile(r"(?<![^\W_])(?:https?://|www\.)[^\s<>|]{1,300}", re.IGNORECASE)
_NETWORK = "linkedin|github|gitlab|twitter|x|behance|dribbble|medium|stackoverflow|facebook|instagram|xing"
_SITE = re.compile(rf"(?<![^\W_@.])({_NETWORK})\.com/[^\s<>|,;]{{1,200}}", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_PHONE = re.compile(r"(?<![\w+(])\+?\(?[0-9][0-9 ().\-/]{6,22}[0-9](?![\w])")
_LINK = re.compile(r"\[([^\[\]]{0,200})\]\(([^()\s]{1,300})\)")
_LABEL = re.compile(
    r"^\s*(?:e-?mail(?: address)?|phone|tel(?:ephone)?|mobile|cell|address|website|web|url|linkedin|github|portfolio)"
    r"\s{0,3}[:.\-–]\s{0,3}",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"\s{1,4}[|•·●–—]\s{1,4}|\s?[|•●]\s?|\t+|;\s")
_POSTAL = re.compile(
    r"^[0-9]{1,5}[a-z]?,? \w.{0,60}(?:street|st|road|rd|avenue|ave|lane|drive|way|square|court|place|blvd)(?![^\W_])"
    r"|, [A-Z]{2} [0-9]{5}(?![0-9])",
    re.IGNORECASE,
)
_NAME_LINES = 4  # lines above which the name stands
_LABEL_WORDS = 8
_CONTACT_LENGTH = 300


class _Contact:
    """The fields of `basics` that were found so far."""

    def __init__(self) -> None:
        self.basics: dict[str, JsonValue] = {}
        self.profiles: list[JsonValue] = []
        self.other: list[JsonValue] = []

    def keep(self, key: str, value: str) -> None:
        """Keep the first value of a field in it, and each further one in `contact`."""
        if key not in self.basics:
            self.basics[key] = " ".join(value.split())
        else:
            self.other.append(value)

    def keep_url(self, url: str) -> None:
        """Keep a web address, as an account if it is one of a known network."""
        found = _SITE.search(url)
        network = found and found[1]
        if network:
            self.profiles.append({"network": network.capitalize(), "url": url})
        else:
            self.keep("url", url)


def _take(pattern: re.Pattern[str], text: str) -> tuple[list[str], str]:
    return [match[0] for match in pattern.finditer(text)], pattern.sub(" | ", text)


def _phones(text: str) -> list[str]:
    """Return the telephone numbers of a line; a date of birth is none."""
    return [match[0] for match in _PHONE.finditer(text) if not any(find_dates(match[0]))]


def _read_line(line: str, contact: _Contact) -> list[str]:
    """Keep the contact details of a line, and return its other parts."""
    line = _LINK.sub(r"\1 | \2", line.replace("mailto:", ""))
    urls, line = _take(URL, line)
    sites, line = _take(_SITE, line)
    emails, line = _take(_EMAIL, line)
    phones = _phones(line)
    for phone in phones:
        line = line.replace(phone, " | ", 1)
    for url in urls + sites:
        contact.keep_url(url.rstrip(".,;)"))
    for email in emails:
        contact.keep("email", email)
    for phone in phones:
        contact.keep("phone", phone.strip())
    rest = [part.strip(" ,;") for part in _SEPARATORS.split(line)]
    left = [_LABEL.sub("", part).strip(" ,;:") for part in rest if part]
    known = {str(profile.get("network", "")).casefold() for profile in contact.profiles if isinstance(profile, dict)}
    bare = {"email", "e-mail", "phone", "tel", "mobile", "website", "web"} | known
    return [part for part in left if part and any(map(str.isalnum, part)) and part.strip("()").casefold() not in bare]


def read_contact(  # noqa: C901, PLR0912 - a branch for each kind of line
    lines: Sequence[str], *, has_headings: bool
) -> tuple[dict[str, JsonValue], list[str]]:
    """Read the lines above the first heading; return the basics of JSON Resume, and the lines of other texts."""
    contact = _Contact()
    left: list[str] = []
    titled = False
    filled = [line for line in lines if line.strip()]
    for number, line in enumerate(filled):
        bare = plain_line(line)
        label = find_label(bare)
        told = label[1] if label else bare.partition(": ")[2]
        form = number == 0 and ": " in "".join(filled[1:2])  # whose first line is the name, whatever its label says
        if _is_name(told.strip()) and (form or (label and label[0] == "person")):
            contact.keep("name", told)
            continue
        if bare == contact.basics.get("name") and titled:
            continue
        if "name" not in contact.basics and named(bare) != bare:
            bare, titled = named(bare), True
        if is_contact(bare):
            rest = _read_line(bare, contact)
            if number == 0 and rest and _is_name(rest[0]):
                contact.keep("name", rest.pop(0))
            if rest:
                _keep_address(contact, rest)
        elif (
            "name" not in contact.basics
            and number < _NAME_LINES
            and (has_headings or len(filled) > 1)
            and _is_name(bare)
            and not BULLET.match(line)
        ):
            contact.keep("name", bare)
        elif _POSTAL.search(bare) and _is_label(line, bare):
            _keep_address(contact, [bare])
        elif (
            "name" in contact.basics
            and "label" not in contact.basics
            and number <= _NAME_LINES
            and _is_label(line, bare)
        ):
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
    return short and (bool(_phones(text)) or any(pattern.search(text) for pattern in (_EMAIL, URL, _SITE)))


def _keep_address(contact: _Contact, parts: list[str]) -> None:
    location = contact.basics.get("location")
    before = [str(location["address"])] if isinstance(location, dict) else []
    contact.basics["location"] = {"address": ", ".join(before + parts)}


def _is_label(line: str, text: str) -> bool:
    short = 1 <= len(text.split()) <= _LABEL_WORDS and len(text) <= 80  # noqa: PLR2004 - a label is short
    return short and not BULLET.match(line) and not text.endswith((".", "!", "?", ":"))
