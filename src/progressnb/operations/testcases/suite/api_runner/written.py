"""Values that are known when a request is sent: `{new}`, `{today+3}`, `{now-1h}`, and what steps kept, `{total+1}`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from .plain import as_text, is_list, is_object
from .sending import marked

__all__ = ["SHOWN", "Unknown", "Written"]

_TOKEN = re.compile(r"\{([A-Za-z]\w*)((?:[+-](?:\d+(?:\.\d+)?[smhd]?|[A-Za-z]\w*))*)\}", re.ASCII)
_PART = re.compile(r"([+-])(?:(\d+(?:\.\d+)?)([smhd]?)|([A-Za-z]\w*))", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "": 86_400}
_KNOWN = ("new", "NEW", "today", "now")
_DAY = 10
"""Characters of a date."""


class Unknown(Exception):  # noqa: N818 - a reason to skip a case
    """A value that can't be computed; the message says why."""


SHOWN = "kept_"
"""The beginning of the names of variables of the shell: a model may call a value PATH."""

_SHOWN_OF = 40  # characters of a value in a message
_LARGEST = 10**30  # number that is added to


class Written:
    """The values of one run of a case.

    Attributes:
        kept: What steps kept, by its names.

    """

    def __init__(self, new: str, now: datetime | None = None) -> None:
        """Begin with the text that is new in this run, and the moment that days are counted from."""
        self._new = new
        self._now = (now or datetime.now(UTC)).replace(microsecond=0)
        self.kept: dict[str, Any] = {}

    def value(self, given: Any, *, as_shown: bool = False) -> Any:  # noqa: ANN401 - plain data
        """Return a value with what its texts stand for; with `as_shown` kept values are variables of the shell."""
        if is_list(given):
            return [self.value(each, as_shown=as_shown) for each in given]
        if is_object(given):
            return {key: self.value(each, as_shown=as_shown) for key, each in given.items()}
        if not isinstance(given, str):
            return given
        whole = _TOKEN.fullmatch(given)
        if whole is not None and self._is_known(whole):
            return self._of(whole, as_shown=as_shown, alone=True)
        return _TOKEN.sub(
            lambda found: as_text(self._of(found, as_shown=as_shown)) if self._is_known(found) else found[0], given
        )

    def _is_known(self, token: re.Match[str]) -> bool:
        """Tell whether a token is one: all others are texts as they stand."""
        names = [token[1], *(each[3] for each in _PART.findall(token[2]) if each[3])]
        return all(each in self.kept for each in names[1:]) and (names[0] in _KNOWN or names[0] in self.kept)

    def _of(self, token: re.Match[str], *, as_shown: bool, alone: bool = False) -> Any:  # noqa: ANN401
        name, parts = token[1], _PART.findall(token[2])
        if name in self.kept:
            value = self.kept[name]
            if as_shown and not parts:
                return marked(f"{SHOWN}{name}", "number" if alone and not isinstance(value, str) else "text")
            return self._sum(value, parts) if parts else value
        if name in ("new", "NEW"):
            return self._new.upper() if name == "NEW" else self._new
        whole = _moved(self._now, parts)
        return whole.date().isoformat() if name == "today" else whole.isoformat().replace("+00:00", "Z")

    def _sum(self, value: Any, parts: list[tuple[str, str, str, str]]) -> Any:  # noqa: ANN401 - plain data
        """Return a number with what is added, or a time that is moved; a number in a text stays a text."""
        if isinstance(value, str) and (moved := _time_moved(value, parts)) is not None:
            return moved
        try:
            terms = [Decimal(str(value))]
            for sign, number, _, other in parts:
                term = Decimal(number or str(self.kept[other]))
                terms.append(-term if sign == "-" else term)
            total = sum(terms, Decimal(0))
            fits = abs(total) <= _LARGEST
        except InvalidOperation:
            fits, total = False, Decimal(0)
        if not fits:
            raise Unknown(f"{str(value)[:_SHOWN_OF]!r} is no number that something can be added to")
        if isinstance(value, str):
            return str(total)
        return int(total) if total == total.to_integral_value() else float(total)


def _moved(moment: datetime, parts: list[tuple[str, str, str, str]]) -> datetime:
    if any(other for _, _, _, other in parts):
        raise Unknown("a time is moved by numbers with a unit alone")
    seconds = sum((1 if sign == "+" else -1) * float(number or 0) * _SECONDS[unit] for sign, number, unit, _ in parts)
    try:
        return moment + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        raise Unknown("a time that is too far away") from None


def _time_moved(text: str, parts: list[tuple[str, str, str, str]]) -> str | None:
    """Return a date or a time in the form that it had, or None for a text that is none."""
    try:
        if len(text) == _DAY:
            return _moved(datetime.combine(date.fromisoformat(text), datetime.min.time()), parts).date().isoformat()
        moved = _moved(datetime.fromisoformat(text), parts).isoformat() if len(text) > _DAY else None
    except ValueError:
        return None
    return moved.replace("+00:00", "Z") if moved and text.endswith("Z") else moved
