"""The causes that hit many cases: three that fail alike are told, and those after them are skipped and name these."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Causes"]

_ENOUGH = 3
"""Cases that fail alike before others are skipped for the same cause."""

_HABITS = {
    "auth": "wrong credentials",
    "not_found": "things that are not there",
    "method": "methods that are not documented",
}
"""The habits of a server, kept everywhere or nowhere, by the category of the cases that ask for them."""

_OF_A_PLACE = ("type", "robust")
"""Categories whose cases have one cause where several values in one place get the same wrong status."""

_VARIED = ("required", "type", "boundary", "enum", "format", "structure", "media_type", "robust")
"""Categories whose cases break one place of a request in one of some ways."""

_NOWHERE = ("valid", 404)
"""The key of valid requests whose paths are not found."""

_REFUSED = ("credentials", 401)
"""The key of valid requests whose credentials are refused."""

_UNSET = "alone becomes null"
"""The end of the names of the cases that take away one field."""

_STOPS = re.compile(r"(shut_?down|terminate|quit)/?$", re.IGNORECASE)
"""The end of the names of endpoints that stop a server."""

_OPEN = (401, 403)
_ABSENT, _BAD, _FAULTS = 404, 400, 500


class Causes:
    """The failures so far, by what they may have in common."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._failed: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._passed: set[str] = set()
        self._has_worked = False
        self._taken = ""
        self._silent: list[str] = []
        self._last = ""

    def worked(self, case: dict[str, Any], request: dict[str, Any]) -> None:
        """Note that a request was taken, and whether it was with the first caller's credentials."""
        self._has_worked = True
        self._last = request["endpoint"]
        if request.get("security") and request.get("auth", "valid") == "valid":
            self._taken = case["id"]

    def answered(self) -> None:
        """Note that the server is there."""
        self._silent.clear()

    def passed(self, case: dict[str, Any]) -> None:
        """Note a case that passed: what it asks for is done at least here."""
        self._passed.add(_way(case))

    def unanswered(self, case: dict[str, Any]) -> str | None:
        """Note a case without an answer. Return why it says nothing, where the server has not answered for a while."""
        if case["endpoint"] == self._last and _STOPS.search(self._last) and not self._silent:
            return f"the server has not answered since {self._last} has worked"
        if len(self._silent) >= _ENOUGH:
            return f"the server has not answered since {self._silent[0]}"
        self._silent.append(case["id"])
        return None

    def of_valid(self, case: dict[str, Any], request: dict[str, Any], status: int) -> str | None:
        """Note a valid request that was refused. Return why the case says nothing, where that was told before."""
        if status == _OPEN[0] and request.get("security"):
            return self._of(case, _REFUSED, "the server refuses the credentials", _ENOUGH if self._taken else 1)
        if status in _OPEN and not request.get("security"):
            said = (
                "the server asks for credentials that the specification does not name: the fixture `client` of a "
                "conftest.py can send them"
            )
            return self._of(case, ("valid", status), said, 1)
        if status == _ABSENT and not self._has_worked and not request.get("path_values"):
            said = "no path was found so far: API_BASE_URL has to end where the paths of the specification begin"
            return self._of(case, _NOWHERE, said, _ENOUGH)
        return None

    def of(self, case: dict[str, Any], status: int) -> str | None:
        """Note a case that got a wrong status. Return why it says nothing new, where enough failed alike."""
        if status == _ABSENT and not self._has_worked and len(self._failed[_NOWHERE]) >= _ENOUGH:
            return f"no path was found so far: see {', '.join(self._failed[_NOWHERE])}"
        if status == _OPEN[0] and len(self._failed[_REFUSED]) >= (_ENOUGH if self._taken else 1):
            return f"the server refuses the credentials: see {', '.join(self._failed[_REFUSED])}"
        causes = list(self._shared(case, status))
        for key, said, enough in causes:
            if len(self._failed[key]) >= enough:
                return f"{said}: see {', '.join(self._failed[key])}"
        for key, _, _ in causes:
            self._failed[key].append(case["id"])
        return None

    def _shared(self, case: dict[str, Any], status: int) -> Iterator[tuple[tuple[str, int], str, int]]:
        """Yield what a case may have in common with others: a key, words, and how many of them are told."""
        category, expected = case["category"], case["steps"][-1]["expected"]
        if category in _OF_A_PLACE:
            place = f"{case['endpoint']} {case['name'].partition(': ')[0]}"
            yield (f"{category} {place}", status), f"{place} gets {status} for other odd values, too", 1
        if category in _VARIED and _BAD <= status < _FAULTS and all(each[0] == "4" for each in expected):
            yield ("refused", status), f"what is invalid is refused with {status}, too", _ENOUGH
        way = _way(case)
        if category in _VARIED:
            where = case["name"].partition(": ")[0]
            yield (f"{where} {way}", status), f"{where}: status {status} for this elsewhere, too", 1
        if category == "robust" or way == _UNSET:
            yield (
                (f"{case['endpoint']} {way}", status),
                f"{way}: status {status} for other parts of the request, too",
                1,
            )
        if not way or way in self._passed:
            return
        if category == "auth" and status < _FAULTS and status != _BAD:
            yield (way, 0), f"{way} are not looked at", _ENOUGH
        else:
            yield (way, status), f"{way}: status {status} each time", _ENOUGH

    def _of(self, case: dict[str, Any], key: tuple[str, int], said: str, enough: int) -> str | None:
        known = self._failed[key]
        if len(known) >= enough:
            return f"{said}: see {', '.join(known)}"
        known.append(case["id"])
        return None


def _way(case: dict[str, Any]) -> str:
    """Return what a case asks for wherever it does, without places and values; nothing where each is of its own."""
    category = case["category"]
    where, found, what = case["name"].partition(": ")
    what = what if found else where
    if category in _VARIED:
        plain = re.sub(r"\".*\"|\[.*\]|\{.*\}|'.*'|\b\d[\d.,]*", "…", what)
        return f"{plain.replace('… instead', 'another value instead')} ({where.partition(' ')[0]})"
    if category == "method":
        return what if what in ("HEAD", "OPTIONS") else _HABITS[category]
    if case["name"] == "without credentials":
        return "missing credentials"
    if category == "not_found":
        return f"{_HABITS[category]} ({what})"
    return _UNSET if what.endswith(_UNSET) else _HABITS.get(category, "")
