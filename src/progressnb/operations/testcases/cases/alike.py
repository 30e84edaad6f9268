"""The values of a model's case that are new in each run: one that stands in several places stays the same in all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.plain import leaves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.schemas import Case, Fresh, Step

__all__ = ["alike"]

_PARTS = ("path_values", "query", "headers", "body")


def alike(case: Case) -> None:
    """Let what is new in one place be new wherever the same value stands; what has a part of it elsewhere stays."""
    forms: dict[str, Fresh] = {}
    for step in case.steps:
        there = dict(_values(step))
        forms |= {json.dumps(there[pointer]): form for pointer, form in step.fresh.items() if pointer in there}
    every = [value for step in case.steps for _, value in _values(step)]
    every += [value for step in case.steps for check in step.checks for _, value in leaves(check.value, "")]
    forms = {written: form for written, form in forms.items() if not _is_varied(json.loads(written), every)}
    for step in case.steps:
        step.fresh = {
            pointer: forms[json.dumps(value)] for pointer, value in _values(step) if json.dumps(value) in forms
        }


def _is_varied(value: Any, every: list[Any]) -> bool:  # noqa: ANN401 - plain data
    """Tell whether a value has a part that is written in a run, or stands elsewhere in other letters, or as a part."""
    if not isinstance(value, str):
        return every.count(value) > 1
    own = value.casefold()
    others = [each.casefold() for each in every if isinstance(each, str) and each != value]
    return "{" in value or any(each and (own in each or each in own) for each in others)


def _values(step: Step) -> Iterator[tuple[str, Any]]:
    """Yield the values of a request, with JSON Pointers into it."""
    for name in _PARTS:
        yield from leaves(getattr(step.request, name), f"/{name}")
