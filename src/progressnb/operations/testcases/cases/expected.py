"""The statuses that an answer may have: what the specification documents, else what HTTP says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from progressnb.operations.testcases.spec.endpoints import Endpoint

__all__ = ["absent", "documents_absence", "not_found", "refused", "succeeded", "unauthorized", "unsupported"]

# Of other things than what was sent.
_OTHER = {"401", "402", "403", "404", "407", "408", "409", "410", "423", "425", "426", "429", "431", "451"}


def succeeded(endpoint: Endpoint, *, known: bool = True) -> list[str]:
    """Return the statuses of success; with `known=False` what is asked for may not be there."""
    found = [status for status in endpoint.responses if status[:1] == "2"]
    found = found or [status for status in endpoint.responses if status[:1] == "3"] or ["2XX"]
    return found if known else [*found, *not_found(endpoint)]


def refused(endpoint: Endpoint, *, in_path: bool = False) -> list[str]:
    """Return the statuses for a request that breaks the schema; in a path, what is not valid is often not found."""
    own = [status for status in endpoint.responses if status[:1] == "4" and status not in _OTHER]
    found = [status for status in own if status in ("400", "422", "4XX")] or sorted({"400", "422", *own})
    return [*found, *(each for each in not_found(endpoint) if each not in found)] if in_path else found


def unsupported(endpoint: Endpoint) -> list[str]:
    """Return the statuses for a body of a media type that is not documented."""
    return sorted({"415", *refused(endpoint)})


def unauthorized(endpoint: Endpoint) -> list[str]:
    """Return the statuses for a caller who is not known."""
    return [status for status in endpoint.responses if status in ("401", "403")] or ["401", "403"]


def not_found(endpoint: Endpoint) -> list[str]:
    """Return the statuses for what is not there; without a word of the specification any refusal will do."""
    return [status for status in endpoint.responses if status in ("404", "410")] or ["4XX"]


def documents_absence(endpoint: Endpoint) -> bool:
    """Tell whether the specification says what comes where something is not there."""
    return not {"404", "410", "4XX", "default"}.isdisjoint(endpoint.responses)


def absent(endpoint: Endpoint) -> list[str]:
    """Return the statuses for a thing that nobody made; where nothing is said, PUT may make and DELETE ignore it."""
    found = not_found(endpoint)
    if endpoint.method in ("PUT", "DELETE") and not documents_absence(endpoint):
        found += succeeded(endpoint)
    return found
