"""The callers of a run: where the first one lacks a role, another one whose secret is there does what is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .suite import Suite

__all__ = ["REFUSED", "Callers"]

REFUSED = (401, 403)
_ABSENT, _FAULTS = 404, 500
_USERS = ("other", "reader")
"""Those who may have another role than the first caller."""


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
        hidden = status == _ABSENT and named == "other"  # they may not see it, and another one may
        if not (status in REFUSED or hidden) or not documented or named not in ("valid", "other"):
            return []
        if {str(status), "4XX"} & set(expected) or key in self._worked or key in self._found:
            return []
        self._found[key] = named
        return [each for each in _USERS if each != named]

    def may(self, request: dict[str, Any], caller: str, status: int) -> bool:
        """Tell whether a caller may do it, by the status of the answer; if so, every request of this kind is theirs."""
        if status in (*REFUSED, _ABSENT) or status >= _FAULTS:
            return False
        self._found[_key(request)] = caller
        schemes = [self._suite.schemes[each]["variable"] for each in request.get("security", [])]
        self.told[request["endpoint"]] = " and ".join(f"{each}_{caller.upper()}" for each in schemes)
        return True


def _key(request: dict[str, Any]) -> tuple[str, str]:
    return request["endpoint"], request.get("auth", "valid")
