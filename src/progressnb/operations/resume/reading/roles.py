"""The parts of an entry's heading: the title, the host, and the place.

The title of a job is its position, that of a school its degree; the host is the employer or the school. One heading may
be read in two ways. But a person writes all entries in one way: those whose headings have the same parts are read
together, and what most of them say decides.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import permutations
from typing import TYPE_CHECKING, NamedTuple

from progressnb.operations.resume.words.degrees import degrees
from progressnb.operations.resume.words.lists import read_groups, read_patterns, read_phrases, read_words, split_phrases
from progressnb.operations.resume.words.terms import raw_words
from progressnb.operations.resume.words.vocabulary import POSITION_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "JOBS",
    "KINDS_OF_WORK",
    "SCHOOLS",
    "Kind",
    "Part",
    "Roles",
    "assign",
    "is_grade",
    "is_legal_form",
    "is_place",
    "is_region",
    "is_town",
    "names_employer",
    "names_position",
    "names_school",
]

_TITLES = tuple(read_words("titles"))
_LONG = 8
_EMPLOYERS = read_words("employers")
_WHOLE = frozenset(word for word in _EMPLOYERS if "-" not in word)
_BEGINNINGS = tuple(word[:-1] for word in _EMPLOYERS if word.endswith("-"))
_ENDS = tuple(word[1:] for word in _EMPLOYERS if word.startswith("-"))
_PLACES = frozenset(read_phrases("places"))
_FORMS = read_groups("forms")
_STREETS = frozenset(split_phrases(_FORMS["streets"]))
_STREET_ENDS = ("straße", "strasse", "str")
_POSTCODE = re.compile(r"(?:^|[\s,-])[0-9]{5}\s(?=[A-ZÀ-Ý])|\s[A-Z]{1,2}[0-9][0-9A-Z]?\s[0-9][A-Z]{2}(?=$|\s)")
_LEGAL = frozenset(split_phrases(_FORMS["legal"]))
KINDS_OF_WORK = frozenset(split_phrases(_FORMS["kinds"]))
"""Words for kinds of employment, which are no places: "part-time", "self-employed"."""

_COUNTY = re.compile(r"\S \([0-9]{2,3}\)$")  # "Niort (79)"
_NO_TOWN = re.compile(r"[0-9™®]|(?<!\bMc)(?<!\bMac)[a-z][A-Z]|\w\.\w{2}")  # "CareWorks", "acme.com"
_FORM_AT_END = re.compile(r"\s((?:[^\W\d_]\.\s?){1,3}[^\W\d_]\.?|[^\W\d_]{3,4}\.?)$")
_INSIDE = re.compile(r"\s{0,3}\([^()]*\)")
_STUDIES = read_patterns("studies")
_BELOW_SCHOOL = 1  # "high school" is a degree, and the name of a school
_PLACE_WORDS = 3
_DASHES = (" – ", " - ", " — ")
_TIED = 0.6
_USUAL = 0.8
_SMALL = 2.5
_MOST = 12  # parts of a heading that may be position or employer


class Part(NamedTuple):
    """A part of a heading: its text, its line, whether a wide gap stands before it, and whether a comma does.

    `mark` is what stands before it, such as " – " or " (", or "" for a gap or dates.
    """

    text: str
    line: int
    apart: bool
    tied: bool = False
    mark: str = ""


class Roles(NamedTuple):
    """The numbers of the parts that are the title and the host, or -1, and those that are the place.

    `more` are the parts that belong to the title too, as in "Nurse, Intensive Care"; `rest` are those of the host.
    """

    title: int
    host: int
    places: tuple[int, ...]
    more: tuple[int, ...] = ()
    rest: tuple[int, ...] = ()


def is_legal_form(text: str) -> bool:
    """Tell whether a text is no more than the form of a company, such as "Inc."."""
    return text.casefold().strip(" .") in _LEGAL


def is_region(text: str) -> bool:
    """Tell whether a text is a state or a country, or another word that stands in the place of a town."""
    key = text.casefold().strip(" .")
    return key in _PLACES and (len(key) > 3 or text.isupper())  # noqa: PLR2004 - "CA" is a state, "in" a word


def is_place(parts: Sequence[Part], slot: int) -> bool:
    """Tell whether a part is a state or a country, or a town before one."""
    return any(one.tied and is_region(one.text) for one in parts[slot : slot + 2])


def is_town(text: str) -> bool:
    """Tell whether a text in parentheses is a place: a few words with capitals that name nothing else."""
    words = text.split()
    capitals = all(word[:1].isupper() or len(word) <= _PLACE_WORDS for word in words)  # "Bassano del Grappa"
    plain = capitals and len(words) <= _PLACE_WORDS and not _NO_TOWN.search(text)
    return is_region(text) or (
        plain and not text.isupper() and not names_position(text) and text.casefold() not in KINDS_OF_WORK
    )


def names_position(text: str) -> bool:
    """Tell whether a word of a text names a position."""
    words = raw_words(text)
    if any(word in POSITION_WORDS for word in words):
        return True
    bare = re.findall(r"[^\W\d_][^\W\d_-]+", text.casefold())
    return any(word.startswith(_TITLES) or (len(word) >= _LONG and _ends_as_title(word)) for word in bare)


def _ends_as_title(word: str) -> bool:
    return any(word.endswith((stem, stem + "in", stem + "innen", stem + "ung")) for stem in _TITLES if len(stem) > 3)  # noqa: PLR2004


def names_employer(text: str) -> bool:
    """Tell whether a word of a text is one of employers' names."""
    words = [word.strip(".,()«»\"'") for word in text.casefold().split()]
    return _has_form(text) or any(
        word in _WHOLE or word.startswith(_BEGINNINGS) or (len(word) >= _LONG and word.endswith(_ENDS))
        for word in words
    )


def _has_form(text: str) -> bool:
    """Tell whether a text ends with the form of a company of more than two letters: "Ltd", "s.r.o."."""
    form = _FORM_AT_END.search(text.casefold())
    return form is not None and form[1].replace(" ", "").strip(".") in _LEGAL


def is_address(text: str) -> bool:
    """Tell whether a text is a street with a number, or has a postcode before a town: "Via Po 4, 10124 Torino"."""
    words = [word.strip(".,").casefold() for word in text.split()]
    street = any(word in _STREETS or (len(word) > _LONG and word.endswith(_STREET_ENDS)) for word in words)
    return bool(_POSTCODE.search(text)) or (street and any(map(str.isdigit, text)))


def names_school(text: str) -> bool:
    """Tell whether a word of a text is one of schools' names."""
    return bool(_STUDIES["schools"].search(text))


def _names_faculty(text: str, kind: Kind) -> bool:
    """Tell whether a text begins as the name of a part of a university: "Faculty of Law"."""
    return any(_STUDIES[name].match(text) for name in ("faculties", *(["departments"] if kind is SCHOOLS else [])))


def is_grade(text: str) -> bool:
    """Tell whether a text says how well somebody learned, and names neither a degree nor a school."""
    short = any(map(str.isdigit, text)) or len(text.split()) <= _PLACE_WORDS
    return short and bool(_STUDIES["grades"].search(text)) and not (_names_degree(text) or names_school(text))


def _names_degree(text: str) -> bool:
    return bool(_STUDIES["titles"].search(text)) or any(level > _BELOW_SCHOOL for level in degrees(text))


class Kind(NamedTuple):
    """The fields of the two main parts of a heading, and what tells whether a text names one of them."""

    title: str
    host: str
    names_title: Callable[[str], bool]
    names_host: Callable[[str], bool]


JOBS = Kind("position", "name", names_position, names_employer)
SCHOOLS = Kind("studyType", "institution", _names_degree, names_school)


def _scores(part: Part, kind: Kind) -> tuple[float, float, float]:
    """Return how much a part looks like a title, a host, and a place."""
    text = part.text
    named = _INSIDE.sub("", text) or text
    title, host = kind.names_title(named), kind.names_host(named)
    words = named.split()
    if title and any(kind.names_title(word) and not kind.names_host(word) for word in (words[0], words[-1])):
        host = host and kind.names_host(words[-1])  # "Senior Software Engineer"
    capitals = all(word[:1].isupper() for word in words)
    region = is_region(text) or is_region(text.rpartition(",")[2]) or bool(_COUNTY.search(text))
    region = region and not (title and not part.tied)  # "MA" is a state after a comma only
    short = len(words) <= _PLACE_WORDS and capitals and not any(map(str.isdigit, text))
    if is_address(text):
        return -2.0, -2.0, 2.0
    small = any(word[0].islower() and len(word) > _PLACE_WORDS for word in text.split())  # names have capitals
    name = 0.4 * bool(re.search(r"[&«»\"“„]", text)) + 0.2 * capitals
    host_sure = 0.5 * (kind is not SCHOOLS and _has_form(text))
    return (
        2.0 * title - 1.2 * (host and title) - 2.0 * region + 0.6 * small,
        2.0 * host - 0.6 * (title and not host) + name + host_sure - 2.0 * region,
        2.5 * region
        + (0.6 - 0.1 * len(words) + 0.5 * part.apart) * short
        - 1.0 * (title or host)
        - 1.0 * (not short and kind is not SCHOOLS),  # beside a degree stands its subject
    )


def assign(entries: Sequence[Sequence[Part]], kind: Kind) -> list[Roles]:
    """Return the roles of the parts of each entry; entries with the same number of parts a line are read together.

    Then all are read once more: the line that has the title in most entries has it in the others too.
    """
    groups: dict[tuple[tuple[int, bool], ...], list[int]] = {}
    for number, parts in enumerate(entries):
        groups.setdefault(tuple((part.line, part.tied) for part in parts), []).append(number)
    usual: Counter[tuple[int, int]] = Counter()
    made: dict[int, Roles] = {}
    for _ in range(2):
        for numbers in groups.values():
            made.update(zip(numbers, _of_group([entries[number] for number in numbers], usual, kind), strict=True))
        usual = Counter(
            _place_of(entries[number], roles.title)
            for number, roles in made.items()
            if roles.title >= 0 and kind.names_title(entries[number][roles.title].text)
        )
    return [made[number] for number in range(len(entries))]


def _place_of(parts: Sequence[Part], slot: int) -> tuple[int, int]:
    """Return the line of a part, and how many parts stand before it in its line."""
    line = parts[slot].line
    return line, sum(part.line == line for part in parts[:slot])


def _of_group(entries: list[Sequence[Part]], usual: Counter[tuple[int, int]], kind: Kind) -> list[Roles]:
    scored = [[_scores(part, kind) for part in parts[:_MOST]] for parts in entries]
    parts = entries[0]
    line, place = max(usual, key=lambda one: usual[one]) if usual else (-1, 0)
    lines = Counter(part.line for part in parts)
    evidence: list[tuple[float, float, float]] = []
    for slot, part in enumerate(parts[:_MOST]):
        title, host, town = (sum(one[slot][role] for one in scored) / len(entries) for role in range(3))
        # What follows a comma says more of what stands before it, where there is something else to choose.
        tied = _TIED * (part.tied and sum(not one.tied for one in parts) > 1)
        # A line of its own that ends with a place has the host: "Baltfracht, Gdynia".
        below = [one[slot + 1] for one in entries if slot + 1 < len(parts) and parts[slot + 1].tied]
        first = bool(below) and _place_of(parts, slot)[1] == 0
        joined = first and not any(is_region(one.text) for one in below)
        host += _TIED / 2 * (joined and kind is not SCHOOLS)
        title += _TIED * (joined and kind is SCHOOLS)  # "PGD, Software Engineering"
        town += bool(below) and all(is_region(one.text) for one in below)  # "Huntsville, AL"
        # What a dash joins to a title may go on with it: "Engineer – Roads & Bridges".
        behind = part.mark in _DASHES and all(kind.names_title(one[slot - 1].text) for one in entries)
        town = max(town, -_TIED) if behind and kind is not SCHOOLS else town
        host -= _TIED * (behind and lines[part.line - 1] == 1)  # for there is a line for the host
        # A title begins with a capital: "Paralegal, commercial litigation".
        tied += _SMALL * all(one[slot].text[:1].islower() or one[slot].text[:1].isdigit() for one in entries)
        tied += all(one[slot].mark == " (" for one in entries)
        habit = _USUAL * (part.line == line) + _USUAL / 2 * (_place_of(parts, slot) == (line, place))
        evidence.append((title - tied + habit, host - tied, town))
    roles = _best(evidence, len(parts))
    return [_with_more(roles, one, kind) for one in entries]


def _with_more(roles: Roles, parts: Sequence[Part], kind: Kind) -> Roles:
    """Add to the title, and to the host, the parts beside them that are no place of their own."""
    if min(roles.title, roles.host) < 0:
        return roles
    more = [slot for slot in _beside(roles, parts) if _is_of_title(slot, roles, parts, kind)]
    places = tuple(slot for slot in roles.places if slot not in more)
    rest = roles.host + 1
    found = rest in places and parts[rest].line == parts[roles.host].line and _is_of_host(rest, places, parts, kind)
    return roles._replace(
        places=tuple(slot for slot in places if not (found and slot == rest)),
        more=tuple(more),
        rest=(rest,) if found else (),
    )


def _beside(roles: Roles, parts: Sequence[Part]) -> Iterator[int]:
    """Yield the parts on both sides of the title that a mark joins to it."""
    for step in (1, -1):
        slot = roles.title + step
        while (
            slot in roles.places and parts[max(slot, slot - step)].mark and parts[slot].line == parts[slot - step].line
        ):
            yield slot
            slot += step


def _is_of_title(slot: int, roles: Roles, parts: Sequence[Part], kind: Kind) -> bool:
    """Tell whether a part beside the title belongs to it: a position too, or one that is no place."""
    part, host = parts[slot], parts[roles.host]
    text, alone, after = part.text, host.line != part.line, slot > roles.title
    others = [one for one in roles.places if parts[one].line != part.line or parts[one].apart or parts[one].tied]
    elsewhere = any(one != slot for one in others)
    named = names_employer(text) and (_has_form(text) or not _has_form(host.text))
    small = text[:1].islower()
    no_name = not (is_region(text) or named or (small and host.line and len(text.split()) == 1))
    if kind is SCHOOLS:
        return part.tied and slot == roles.title + 1 and elsewhere and no_name and (roles.host > slot or alone)
    if part.mark == " (":
        return alone and elsewhere and not is_region(text)
    if not no_name or is_place(parts, slot) or not after or kind.names_title(text):
        return no_name and kind.names_title(text)
    bar = parts[max(roles.title, roles.host)].mark == " | "
    if alone:
        return elsewhere or small or len(text.split()) > _PLACE_WORDS or "&" in text
    return (elsewhere and roles.host > slot) if part.tied else (bar and part.mark in _DASHES)


def _is_of_host(slot: int, places: Sequence[int], parts: Sequence[Part], kind: Kind) -> bool:
    """Tell whether a part behind the host belongs to it: in parentheses, or an office; a place is elsewhere."""
    others = [one for one in places if one != slot and (parts[one].apart or is_region(parts[one].text))]
    if parts[slot].tied and _names_faculty(parts[slot].text, kind):
        return True
    inside = parts[slot].mark == " ("
    whole = any(parts[one].tied for one in others)
    return bool(others) and (inside or (whole and parts[slot].tied)) and not is_place(parts, slot)


def _best(evidence: list[tuple[float, float, float]], number: int) -> Roles:
    slots = range(len(evidence))
    if not evidence:
        return Roles(-1, -1, ())
    if len(evidence) == 1:
        title, host, _ = evidence[0]
        return Roles(0, -1, ()) if title >= host - 0.25 else Roles(-1, 0, ())

    def worth(pair: tuple[int, ...]) -> float:
        title, host = pair
        rest = [slot for slot in slots if slot not in pair]
        # Without words that tell, a title is first and a place last.
        order = 0.3 * (title < host) + 0.05 * (title == 0) - 0.02 * sum(pair)
        return evidence[title][0] + evidence[host][1] + order + sum(evidence[slot][2] for slot in rest)

    title, host = max(permutations(slots, 2), key=worth)
    return Roles(title, host, tuple(slot for slot in range(number) if slot not in (title, host)))
