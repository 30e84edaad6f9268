"""Words for the names of columns: parts of a name, without what is said twice, and the unit at its end."""

from __future__ import annotations

import re

__all__ = ["headed", "shortened", "split_unit", "words"]

_LONGEST = 60  # characters of a title of an axis

_PARTS = re.compile(r"(?<=[a-z]{2})(?=[A-Z])")  # lifeExp, but neither iPhone nor pH
_BRACKETED = re.compile(r"(.*\S)\s*[(\[]([^()\[\]]{1,12})[)\]]")
_UNITS = {
    **dict.fromkeys(("usd", "dollar", "dollars"), "$"),
    **dict.fromkeys(("eur", "euro", "euros"), "€"),
    "gbp": "£",
    **dict.fromkeys(("pct", "percent", "percentage"), "%"),
    **dict.fromkeys(("s", "sec", "secs", "seconds"), "s"),
    **dict.fromkeys(("h", "hrs"), "h"),
    **dict.fromkeys(("lb", "lbs"), "lb"),
    **{each: each for each in ("ms", "us", "ns", "min", "mm", "cm", "km", "ha", "mg", "g", "kg", "ml", "hp", "kcal")},
    **{
        each.lower(): each for each in ("mph", "bytes", "kB", "MB", "GB", "kWh", "MWh", "kW", "Hz", "MHz", "GHz", "hPa")
    },
}
_METRES = re.compile(r"\b(?:length|height|width|depth|distance|altitude|elevation|diameter|radius)\b", re.IGNORECASE)


def words(name: str) -> str:
    """Return a name as words, each said once in a row: "total total_bill" gives "total bill"."""
    parts = [_PARTS.sub(" ", part).lower() if _PARTS.search(part) else part for part in name.replace("_", " ").split()]
    parts = " ".join(parts).split()
    kept = [part for at, part in enumerate(parts) if at == 0 or part.casefold() != parts[at - 1].casefold()]
    return " ".join(kept) or name


def split_unit(name: str) -> tuple[str, str]:
    """Return a name as words without its unit, and the unit: "body_mass_g" gives "body mass" and "g"."""
    if (match := _BRACKETED.fullmatch(name.strip())) is not None:
        return words(match[1]), _UNITS.get(match[2].strip().casefold(), match[2].strip())
    plain = words(name)
    head, _, last = plain.rpartition(" ")
    head = head.removesuffix(" in")
    if head and last.casefold() in _UNITS and last not in ("Min", "S", "H", "G"):
        return head, _UNITS[last.casefold()]
    if head and last == "m" and _METRES.search(head):
        return head, "m"
    return plain, ""


def shortened(text: str) -> str:
    """Return the title of an axis, cut where it is long: the tooltip has the whole name."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def headed(text: str) -> str:
    """Return text that begins with a capital letter, if its first word is no name that is written otherwise."""
    first = text.split(maxsplit=1)[0] if text.split() else ""
    return text if any(letter.isupper() for letter in first) else text[:1].upper() + text[1:]
