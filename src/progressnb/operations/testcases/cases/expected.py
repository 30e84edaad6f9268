"""The right statuses for answers: those that the specification documents, else those that HTTP prescribes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from progressnb.operations.testcases.spec.endpoints import Endpoint

__all__ = ["documents_absence", "not_found", "refused", "succeeded", "unauthorized", "unsupported"]

# Statuses of 4XX with reasons other than an invalid request.
_OTHER = {"401", "402", "403", "404", "407", "408", "409", "410", "423", "425", "426", "429", "431", "451"}


def succeeded(endpoint: Endpoint, *, known: bool = True) -> list[str]:
    """Return the statuses of success. With `known=False` the thing that the path names may be missing."""
    found = [status for status in endpoint.responses if status[:1] == "2"]
    found = found or [status for status in endpoint.responses if status[:1] == "3"] or ["2XX"]
    if found == ["2XX"] and "default" not in endpoint.responses:
        found += endpoint.responses  # where success is not documented, what is documented is right, too
    return found if known else [*found, *not_found(endpoint)]


def refused(endpoint: Endpoint, *, in_path: bool = False) -> list[str]:
    """Return the statuses for an invalid request. An invalid value in the path may also be answered as not found."""
    own = [status for status in endpoint.responses if status[:1] == "4" and status not in _OTHER]
    found = [status for status in own if status in ("400", "422", "4XX")] or sorted({"400", "422", *own})
    return [*found, *(each for each in not_found(endpoint) if each not in found)] if in_path else found


def unsupported(endpoint: Endpoint) -> list[str]:
    """Return the statuses for a body of an undocumented media type."""
    return sorted({"415", *refused(endpoint)})


def unauthorized(endpoint: Endpoint) -> list[str]:
    """Return the statuses for missing or wrong credentials: 401 is right, too, where 4XX or a default documents it."""
    found = [status for status in endpoint.responses if status in ("401", "403")]
    return found if found and {"4XX", "default"}.isdisjoint(endpoint.responses) else ["401", "403"]


def not_found(endpoint: Endpoint) -> list[str]:
    """Return the statuses for a missing thing. Where none is documented, any of 4XX is right."""
    return [status for status in endpoint.responses if status in ("404", "410")] or ["4XX"]


def documents_absence(endpoint: Endpoint) -> bool:
    """Tell whether the specification documents the answer for a missing thing."""
    return not {"404", "410", "4XX", "default"}.isdisjoint(endpoint.responses)
