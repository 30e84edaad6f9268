"""A change to a resume by rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import JsonValue

    from progressnb.operations.resume.schemas import Cut

__all__ = ["Move"]


@dataclass(frozen=True)
class Move:
    """A change at a path, and the requirement that it serves.

    `after` is the new value. `before_text` and `after_text` are the old and the new value in words, `change` and `why`
    sentences for the reader, `requirement` and `evidence` quotations from the posting and the resume. `places` is the
    new order of a list, as indexes of the old one. The path "order" sets the order of the sections. A move with `cuts`
    changes the shown text and no data.
    """

    path: str
    after: JsonValue
    before_text: str
    after_text: str
    change: str
    why: str
    requirement: str
    evidence: str
    cuts: tuple[Cut, ...] = ()
    places: tuple[int, ...] = ()
