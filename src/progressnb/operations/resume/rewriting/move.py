"""A change to a resume by rules."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Move"]


@dataclass(frozen=True)
class Move:
    """A change at a path, and the requirement that it serves.

    `before` and `after` are the old and the new value in words, `change` and `why` sentences for the reader, and
    `requirement` and `evidence` quotations from the posting and the resume. `places` is the new order of a list, as
    indexes of the old one. The path "order" sets the order of the sections. A move without `after` leaves the part out
    of the shown text and changes no data.
    """

    path: str
    before: str
    after: str
    change: str
    why: str
    requirement: str
    evidence: str
    places: tuple[int, ...] = ()
