"""The ends of a case: passed, failed, or skipped with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Outcome", "SkipError"]


@dataclass(frozen=True)
class Outcome:
    """The end of a case, and its text for people. One without credentials was `unauthorized`, and sent nothing."""

    status: Literal["passed", "failed", "skipped", "unauthorized"]
    text: str = ""


class SkipError(Exception):
    """A case that can't say anything; the message says why."""
