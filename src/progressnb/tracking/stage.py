"""What a stage is before it runs: its declaration, and the rules that a list of them obeys."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from progressnb.errors import InvalidStagesError
from progressnb.tracking.percent import is_number
from progressnb.wire.events import StageDeclaration
from progressnb.wire.paths import stage_title
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.tracking.handle import StageHandle

__all__ = ["Stage", "Stages", "declare", "list_stages"]


@dataclass(frozen=True, slots=True)
class Stage:
    """Declare a stage and how it is done.

    `weight` is relative to that of the other stages, 1 if it is not given; the title defaults to the name.
    `timeout` is in seconds, for each attempt. `retries` is how often the work may start over after an error,
    and `fallback` is called with the same arguments when all attempts have failed: both need
    `await stage.run(function, …)`, as a block can't be repeated. `percent` is called with the stage whenever
    it reports and once a second, and returns a percent, or None for unknown; it acts as a floor.
    """

    name: str
    weight: float | None = None
    title: str | None = None
    timeout: float | None = None
    retries: int = 0
    fallback: Callable[..., Any] | None = None
    percent: Callable[[StageHandle], float | None] | None = None


Stages: TypeAlias = Mapping[str, float] | Iterable[Stage | str]
"""Stages as users write them: `{"read": 0.7, "write": 0.3}`, `[Stage("read", weight=0.7)]`, `["read", "write"]`."""


def list_stages(stages: Stages | None) -> list[Stage]:
    """Check stages and list them.

    Raises `InvalidStagesError` for a name that is empty or given twice, for weights that are negative, not
    finite or all zero, and for options that can't be.
    """
    if stages is None:
        return []
    if isinstance(stages, str) or not _is_iterable(stages):
        raise InvalidStagesError("a mapping or a list of stages", repr(stages), 'Write ["read", "write"].')
    listed = (
        [Stage(name, weight=weight) for name, weight in cast("Mapping[str, float]", stages).items()]
        if isinstance(stages, Mapping)
        else [Stage(stage) if isinstance(stage, str) else stage for stage in stages]
    )
    seen: set[str] = set()
    for stage in listed:
        _check(stage, seen)
    if listed and max(_weight(stage) for stage in listed) <= 0:
        raise InvalidStagesError("at least one stage with a weight above 0", "only zeros", "Give the long stage 1.")
    return listed


def declare(stages: Stages | None) -> list[StageDeclaration]:
    """Return stages as the run's first event has them, with weights that sum to 1; raise as `list_stages` does."""
    listed = list_stages(stages)
    largest = max((_weight(stage) for stage in listed), default=1.0)
    # Of the largest first: the sum of weights that are finite need not be.
    total = math.fsum(_weight(stage) / largest for stage in listed)
    return [
        StageDeclaration(
            name=clean_text(stage.name),
            title=clean_text(stage.title or stage_title(stage.name)),
            weight=_weight(stage) / largest / total,
        )
        for stage in listed
    ]


def _weight(stage: Stage) -> float:
    return 1.0 if stage.weight is None else float(stage.weight)


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
    weight: object = 1.0 if stage.weight is None else stage.weight
    if not is_number(weight) or not 0 <= weight <= sys.float_info.max:
        raise InvalidStagesError(
            f"a weight of 0 or more for stage {stage.name!r}", repr(weight), "Weights are relative: 0.7 and 0.3."
        )
    check_options(stage)


def check_options(stage: Stage) -> None:
    """Raise `InvalidStagesError` for a timeout, retries, a fallback or a percent that can't be."""
    timeout, retries = cast("object", stage.timeout), cast("object", stage.retries)
    if timeout is not None and (not is_number(timeout) or not 0 < timeout <= sys.float_info.max):
        raise InvalidStagesError(f"a timeout above 0 seconds for stage {stage.name!r}", repr(timeout))
    if not isinstance(retries, int) or isinstance(retries, bool) or retries < 0:
        raise InvalidStagesError(f"retries as a whole number of 0 or more for stage {stage.name!r}", repr(retries))
    for option in ("fallback", "percent"):
        function: object = getattr(stage, option)
        if function is not None and not callable(function):
            raise InvalidStagesError(f"a function as the {option} of stage {stage.name!r}", repr(function))
