"""The people of a case of a model, whose roles nobody knows: the suite tries which of its secrets fits whom."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

from .callers import refuses
from .sending import MORE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["casts", "is_about_people"]

PEOPLE = ("valid", "other", "reader")


def casts(
    case: dict[str, Any], schemes: dict[str, Any], credential: Callable[[str], str | None]
) -> Iterator[dict[str, str]]:
    """Yield who may be whom in a case: first as it is written, then all other ways, as far as there are secrets."""
    requests = [step["request"] for step in case["steps"] if step["request"].get("security")]
    used = [who for who in PEOPLE if any(each.get("auth", "valid") == who for each in requests)]
    yield {}
    if not used:
        return
    wanted = {scheme for each in requests for scheme in each["security"]}
    there = [who for who in PEOPLE if all(credential(_variable(schemes[each], who)) for each in wanted)]
    for others in permutations(there, len(used)):
        if list(others) != used:
            yield dict(zip(used, others, strict=True))


def is_about_people(case: dict[str, Any], expected: list[str], status: int) -> bool:
    """Tell whether another person could have got another answer."""
    several = {step["request"].get("auth", "valid") for step in case["steps"]} & set(PEOPLE)
    return len(several) > 1 or any(map(refuses, (status, *expected)))


def _variable(scheme: dict[str, Any], who: str) -> str:
    return f"{scheme['variable']}_{who.upper()}" if who in MORE else str(scheme["variable"])
