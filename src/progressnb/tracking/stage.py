"""The declaration of a stage: its name, weight, title and options, and the rules for a list of declarations."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from progressnb.errors import InvalidStagesError
from progressnb.tracking.percent import is_number
from progressnb.tracking.retry import Retry
from progressnb.wire.events import StageDeclaration
from progressnb.wire.paths import encode_name, path_fault, stage_title
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.tracking.protocols import StageView

__all__ = ["Stage", "StageSpec", "Stages", "check_options", "checked_share", "declare", "list_stages", "read_stage"]


@dataclass(frozen=True, slots=True)
class Stage:
    """Declare a stage of a run and how its work is done.

    Args:
        name: The name, by which `tracker.stage(name)` finds it.
        weight: The share of the run relative to the other stages, 0 or more; None is 1. For a stage that begins below
            another one it is the share of that one, 0–1.
        title: The text that screens show; None makes it of the name.
        timeout: Seconds that each attempt may take.
        retries: How often the work is tried again after an error: `retries=3` is short for `retry=Retry(attempts=4)`.
        fallback: A function that is called with the same arguments when the last attempt has failed, or when a
            further attempt can't help. Its result is marked `source: "fallback"`. Programming errors such as
            `TypeError`, and errors that `retry` does not name by `on`, fail the stage: they are no reason to fall back.
        percent: A function that gets the stage to look at (`name, path, percent, status, partial, ended`) and returns
            a percent, 0–100, or None for unknown. It is called before each event of the stage and once a second, and
            acts as a floor. If it raises, it is not called again.
        retry: Which errors are tried again, how often and after which pauses.

    `retries`, `retry` and `fallback` need `await stage.run(function, …)`, because a block can't be repeated.

    Example:
        ::

            stages = [
                pnb.Stage("load", weight=3, timeout=30, retries=2),
                pnb.Stage("check", title="Checking the rows"),
            ]
            async with pnb.ProgressTracker("etl", stages=stages) as tracker:
                rows = await tracker.stage("load").run(load, "rows.csv")

    """

    name: str
    weight: float | None = None
    title: str | None = None
    timeout: float | None = None
    retries: int = 0
    fallback: Callable[..., Any] | None = None
    percent: Callable[[StageView], float | None] | None = None
    retry: Retry | None = None

    @property
    def repeats(self) -> bool:
        """Whether the work may be done more than once or in another way: it must be a function then."""
        return bool(self.retries or self.retry or self.fallback)


Stages: TypeAlias = Mapping[str, float] | Iterable[Stage | str]
"""Stages as users write them: `{"read": 0.7, "write": 0.3}`, `[Stage("read", weight=0.7)]`, `["read", "write"]`."""


@dataclass(frozen=True, slots=True)
class StageSpec:
    """A stage that is about to begin, checked: its encoded name, its share of the stage above (0–1), its options."""

    name: str
    encoded: str
    share: float | None
    title: str
    options: Stage | None

    def path(self, number: int, above: str = "") -> str:
        """Return the path of the stage that is the `number`-th of its name, from 1, below another path.

        Raises `InvalidStagesError` for a path that is too long or too deep for readers.
        """
        return _checked_path((f"{above}/" if above else "") + self.encoded + (f"#{number}" if number > 1 else ""))


def read_stage(stage: Stage | str, weight: float | None, title: str | None) -> StageSpec:
    """Check the arguments with which a stage is begun; raise `InvalidStagesError` for invalid options."""
    if isinstance(stage, Stage):
        check_options(options := stage)
        name, weight, title = options.name, options.weight, options.title
    else:
        name, options = stage, None
    for what, text in (("name", name), ("title", title)):
        if not isinstance(text, str) and (what == "name" or text is not None):  # pyright: ignore[reportUnnecessaryIsInstance] # callers may be untyped
            raise InvalidStagesError(f"the {what} of a stage as text", repr(text), 'Write stage("load", title="Load").')
    # "%" is no encoding of any name: a name that is empty gets it.
    encoded = encode_name(clean_text(name)) or "%"
    return StageSpec(name, encoded, checked_share(weight), clean_text(title or stage_title(name)), options)


class _Listed(list[Stage]):
    """Stages that are checked: an operation declares them once, for all of its runs."""

    __slots__ = ("declared",)

    declared: list[StageDeclaration]


def list_stages(stages: Stages | None) -> list[Stage]:
    """Check stages and list them; a list that this returned comes back as it is.

    Raises `InvalidStagesError` for a name that is empty, too long or given twice, for weights that are negative, not
    finite or all zero, and for invalid options.
    """
    if isinstance(stages, _Listed):
        return stages
    if stages is None:
        return []
    if isinstance(stages, str) or not _is_iterable(stages):
        raise InvalidStagesError("a mapping or a list of stages", repr(stages), 'Write ["read", "write"].')
    listed = _Listed(
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
    """Return stages as the run's first event carries them, with weights that sum to 1; raise as `list_stages` does."""
    listed = list_stages(stages)
    if isinstance(listed, _Listed) and hasattr(listed, "declared"):
        return listed.declared
    declared = _declared(listed)
    if isinstance(listed, _Listed):
        listed.declared = declared
    return declared


def _declared(listed: list[Stage]) -> list[StageDeclaration]:
    largest = max((_weight(stage) for stage in listed), default=1.0)
    # Divided by the largest first: the sum of finite weights may overflow.
    total = math.fsum(_weight(stage) / largest for stage in listed)
    return [
        StageDeclaration(
            name=clean_text(stage.name),
            title=clean_text(stage.title or stage_title(stage.name)),
            weight=_weight(stage) / largest / total,
        )
        for stage in listed
    ]


def _checked_path(path: str) -> str:
    if fault := path_fault(path):
        raise InvalidStagesError(*fault, "Report deeper work as messages, or give stages shorter names.")
    return path


def _weight(stage: Stage) -> float:
    return 1.0 if stage.weight is None else float(stage.weight)


def _is_iterable(value: object) -> bool:
    return isinstance(value, Iterable)


def _check(stage: object, seen: set[str]) -> None:
    if not isinstance(stage, Stage):
        raise InvalidStagesError("stages as names or Stage objects", repr(stage), 'Write Stage("read", weight=0.7).')
    name: object = getattr(stage, "name")  # noqa: B009 - callers may be untyped
    if not isinstance(name, str) or not name.strip():
        raise InvalidStagesError("a stage name that is not empty", repr(name), "Name what the stage does.")
    name = clean_text(name)
    if name in seen:
        raise InvalidStagesError("each stage name once", f"{stage.name!r} twice", "Rename one of them.")
    seen.add(name)
    _checked_path(encode_name(name))
    weight: object = 1.0 if stage.weight is None else stage.weight
    if not is_number(weight) or not 0 <= weight <= sys.float_info.max:
        raise InvalidStagesError(
            f"a weight of 0 or more for stage {stage.name!r}", repr(weight), "Weights are relative: 0.7 and 0.3."
        )
    check_options(stage)


def check_options(stage: Stage) -> None:
    """Raise `InvalidStagesError` for an invalid timeout, retries, retry, fallback or percent."""
    timeout, retries = cast("object", stage.timeout), cast("object", stage.retries)
    if timeout is not None and (not is_number(timeout) or not 0 < timeout <= sys.float_info.max):
        raise InvalidStagesError(f"a timeout above 0 seconds for stage {stage.name!r}", repr(timeout))
    if not isinstance(retries, int) or isinstance(retries, bool) or retries < 0:
        raise InvalidStagesError(f"retries as a whole number of 0 or more for stage {stage.name!r}", repr(retries))
    retry = cast("object", stage.retry)
    if retry is not None and not isinstance(retry, Retry):
        raise InvalidStagesError(f"a Retry for stage {stage.name!r}", repr(retry), "Write retry=Retry(attempts=3).")
    if retry is not None and retries:
        raise InvalidStagesError(
            f"retry or retries for stage {stage.name!r}", "both", "retries=3 is short for retry=Retry(attempts=4)."
        )
    for option in ("fallback", "percent"):
        function: object = getattr(stage, option)
        if function is not None and not callable(function):
            raise InvalidStagesError(f"a function as the {option} of stage {stage.name!r}", repr(function))


def checked_share(value: object) -> float | None:
    """Return a stage's share of the stage above, 0–1, or None; raise `InvalidStagesError` for any other value."""
    if value is None:
        return None
    if not is_number(value) or not 0 <= value <= 1:
        raise InvalidStagesError(
            "a weight from 0 to 1", repr(value), "It is the share of the whole; declared stages take relative weights."
        )
    return float(value)
