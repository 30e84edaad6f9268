"""What a stage is before it runs: its declaration, and the rules that a list of them obeys."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from progressnb.errors import InvalidStagesError
from progressnb.events import StageDeclaration, clean_text
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
    if isinstance(stages, str):
        raise InvalidStagesError("a mapping or a list of stages", repr(stages), 'Write ["read", "write"].')
    declared = (
        [Stage(name, weight=weight) for name, weight in stages.items()]
        if isinstance(stages, Mapping)
        else [Stage(stage) if isinstance(stage, str) else stage for stage in stages]
    )
    seen: set[str] = set()
    for stage in declared:
        _check(stage, seen)
    total = sum(stage.weight for stage in declared)
    if declared and total <= 0:
        raise InvalidStagesError("at least one stage with a weight above 0", "only zeros", "Give the long stage 1.")
    return [
        StageDeclaration(
            name=clean_text(stage.name),
            title=clean_text(stage.title or stage_title(stage.name)),
            weight=stage.weight / total,
        )
        for stage in declared
    ]


def _check(stage: object, seen: set[str]) -> None:
    if not isinstance(stage, Stage):
        raise InvalidStagesError("stages as names or Stage objects", repr(stage), 'Write Stage("read", weight=0.7).')
    if not isinstance(stage.name, str) or not stage.name.strip():
        raise InvalidStagesError("a stage name that is not empty", repr(stage.name), "Name what the stage does.")
    if stage.name in seen:
        raise InvalidStagesError("each stage name once", f"{stage.name!r} twice", "Rename one of them.")
    seen.add(stage.name)
    weight = stage.weight
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not math.isfinite(weight) or weight < 0:
        raise InvalidStagesError(
            f"a weight of 0 or more for stage {stage.name!r}", repr(weight), "Weights are relative: 0.7 and 0.3."
        )
