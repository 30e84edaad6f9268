"""The callers of a run: where the first one lacks a role, another one whose secret is there does what is asked."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .outcome import SkipError
from .sending import NoMoreCredentialsError

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from .suite import Suite

__all__ = ["Caller", "Callers", "refuses"]

_ABSENT, _FAULTS = 404, 500
_USERS = ("other", "reader")
"""Those who may have another role than the first caller."""


def refuses(status: object, *, hides: bool = True) -> bool:
    """Tell whether a server refuses a person by a status; with 404 it `hides` what is another's."""
    return str(status) in ("401", "403") or (hides and str(status) == str(_ABSENT))


class Callers:
    """The senders of the requests to an endpoint: found once, by trying, and kept for the run.

    Attributes:
        told: For each endpoint with another caller than the cases name: the variables of the secrets that are sent.

    """

    def __init__(self, suite: Suite) -> None:
        """Let each request be sent by whom its case names."""
        self._suite = suite
        self._found: dict[tuple[str, str], str] = {}
        self._worked: set[tuple[str, str]] = set()
        self.told: dict[str, str] = {}

    def of(self, request: dict[str, Any]) -> str:
        """Return whose credentials a request has. Where the reader alone does it, the one who may not is the first."""
        endpoint, named = _key(request)
        if named == "reader":
            return "valid" if self._found.get((endpoint, "valid")) == "reader" else named
        return self._found.get((endpoint, named), named)

    def has_worked(self, request: dict[str, Any]) -> bool:
        """Tell whether an endpoint has taken a request of the caller that a case names."""
        return _key(request) in self._worked

    def have_worked(self, endpoint: str) -> bool:
        """Tell whether an endpoint has taken a request of anybody."""
        return any(endpoint == name for name, _ in self._worked)

    def note_success(self, request: dict[str, Any]) -> None:
        """Note that an endpoint has taken a request."""
        self._worked.add(_key(request))

    def to_try(self, request: dict[str, Any], status: int, expected: list[str]) -> list[str]:
        """Return who may do what a caller was refused, as is documented; nobody where that was looked for already."""
        named, key = request.get("auth", "valid"), _key(request)
        documented = not {str(status), "4XX", "default"}.isdisjoint(self._suite.endpoints[key[0]]["responses"])
        # Others may not see it, and yet another one may.
        if not refuses(status, hides=named == "other") or not documented or named not in ("valid", "other"):
            return []
        if {str(status), "4XX"} & set(expected) or key in self._worked or key in self._found:
            return []
        self._found[key] = named
        return [each for each in _USERS if each != named]

    def may(self, request: dict[str, Any], caller: str, status: int) -> bool:
        """Tell whether a caller may do it, by the status of the answer; if so, every request of this kind is theirs."""
        if refuses(status) or status >= _FAULTS:
            return False
        self._found[_key(request)] = caller
        schemes = [self._suite.schemes[each]["variable"] for each in request.get("security", [])]
        self.told[request["endpoint"]] = " and ".join(f"{each}_{caller.upper()}" for each in schemes)
        return True


class Caller:
    """The sender of each request of one case."""

    def __init__(self, callers: Callers, case: dict[str, Any]) -> None:
        """Let what nobody may do to a thing of their own be done by one who may do it: all is theirs."""
        self._callers = callers
        by_one = all(step["request"].get("auth") == "other" for step in case["steps"])
        self._only = callers.of(case["steps"][-1]["request"]) if by_one else ""
        self._makers: set[str] = set()

    def of(self, request: dict[str, Any]) -> str:
        """Return whose credentials a request has."""
        return self._only or self._callers.of(request)

    def note_success(self, request: dict[str, Any]) -> None:
        """Note who has made or changed something."""
        if request.get("auth", "valid") == "valid":
            self._makers.add(self.of(request))
        self._callers.note_success(request)

    def is_hidden(self, request: dict[str, Any], status: int) -> bool:
        """Tell whether a status hides from a caller what another one made in this case."""
        others = self._makers - {self._callers.of(request)}
        return bool(others) and status == _ABSENT

    def send(
        self,
        request: dict[str, Any],
        expected: list[str],
        sent_by: Callable[[str], httpx.Response],
        forget: Callable[[int], None],
    ) -> httpx.Response:
        """Send a request; where its caller lacks the role for it, by another one whose secret is there.

        `sent_by` sends it as somebody, and `forget` takes an answer out of the report, -1 the last one.
        """
        named = request.get("auth", "valid")
        if named == "other" and self._callers.of(request) in self._makers:
            raise SkipError("the other user whose secret is there is the one who makes what this case needs")
        response = sent_by(self.of(request))
        for caller in self._callers.to_try(request, response.status_code, expected):
            with suppress(NoMoreCredentialsError):
                other = sent_by(caller)
                if self._callers.may(request, caller, other.status_code):
                    forget(-2)
                    return other
                forget(-1)
        # Who may only read elsewhere may be the one who does this.
        if named == "reader" and response.is_success and not self._callers.has_worked({**request, "auth": "valid"}):
            if refuses(sent_by("valid").status_code, hides=False):
                raise SkipError("the one who may only read elsewhere is the one who may do this")
            forget(-1)
        return response


def _key(request: dict[str, Any]) -> tuple[str, str]:
    return request["endpoint"], request.get("auth", "valid")
