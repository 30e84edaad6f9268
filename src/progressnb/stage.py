"""What a stage is before it runs: its declaration, and the rules that a list of them obeys."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

from progressnb.errors import InvalidStagesError
from progressnb.events import StageDeclaration, clean_text
from progressnb.percent import is_number
from progressnb.state import stage_title

__all__ = ["Stage", "Stages", "declare"]


@dataclass(frozen=True, slots=True)
class Stage:
    """Declare a stage: its weight is relative to that of the other stages; its title defaults to its name."""

    name: str
    weight: float = 1.0
    title: str | None = None


Stages: TypeAlias = Mapping[str, float] | Iterable[Stage | str]
"""Stages as users write them: `{"read": 0.7, "write": 0.3}`, `[Stage("read", weight=0.7)]`, `["read", "write"]`."""


def declare(stages: Stages | None) -> list[StageDeclaration]:
    """Check stages and return them with weights that sum to 1.

    Raises `InvalidStagesError` for a name that is empty or given twice, and for weights that are
    negative, not finite, or all zero.
    """
    if stages is None:
        return []
    if isinstance(stages, str) or not _is_iterable(stages):
        raise InvalidStagesError("a mapping or a list of stages", repr(stages), 'Write ["read", "write"].')
    declared = (
        [Stage(name, weight=weight) for name, weight in cast("Mapping[str, float]", stages).items()]
        if isinstance(stages, Mapping)
        else [Stage(stage) if isinstance(stage, str) else stage for stage in stages]
    )
    seen: set[str] = set()
    for stage in declared:
        _check(stage, seen)
    largest = max((float(stage.weight) for stage in declared), default=0.0)
    if declared and largest <= 0:
        raise InvalidStagesError("at least one stage with a weight above 0", "only zeros", "Give the long stage 1.")
    # Of the largest first: the sum of weights that are finite need not be.
    total = math.fsum(float(stage.weight) / largest for stage in declared)
    return [
        StageDeclaration(
            name=clean_text(stage.name),
            title=clean_text(stage.title or stage_title(stage.name)),
            weight=float(stage.weight) / largest / total,
        )
        for stage in declared
    ]


def _is_iterable(value: object) -> bool:
    return isinstance(value, Iterable)


def _check(stage: object, seen: set[str]) -> None:
    if not isinstance(stage, Stage):
        raise InvalidStagesError("stages as names or Stage objects", repr(stage), 'Write Stage("read", weight=0.7).')
    name: object = getattr(stage, "name")  # noqa: B009 - of any type, whatever is declared
    if not isinstance(name, str) or not name.strip():
        raise InvalidStagesError("a stage name that is not empty", repr(name), "Name what the stage does.")
    name = clean_text(name)
    if name in seen:
        raise InvalidStagesError("each stage name once", f"{stage.name!r} twice", "Rename one of them.")
    seen.add(name)
    weight: object = stage.weight
    if not is_number(weight) or not 0 <= weight <= sys.float_info.max:
        raise InvalidStagesError(
            f"a weight of 0 or more for stage {stage.name!r}", repr(weight), "Weights are relative: 0.7 and 0.3."
        )
