"""What a generator tool says as it goes: each thing that it yields is a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from progressnb.tracking.percent import is_number

__all__ = ["Result", "Step", "read_step", "result_of"]


@dataclass(frozen=True, slots=True)
class Result:
    """What an async generator gives as its result, which it can't return: `yield Result(value)` as its last word."""

    value: Any


@dataclass(frozen=True, slots=True)
class Step:
    """What a generator said: `progress` 0–1 or None, a `status` text or None, and any other `data`."""

    progress: float | None
    status: str | None
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


def result_of(yielded: object) -> tuple[bool, Any, object]:
    """Tell whether what an async generator yielded holds its result; return that, and what is left as a step."""
    if isinstance(yielded, Result):
        return True, yielded.value, None
    if isinstance(yielded, dict) and "result" in yielded:
        said = cast("dict[object, Any]", yielded)
        return True, said["result"], {key: value for key, value in said.items() if key != "result"}
    return False, None, yielded  # pyright: ignore[reportUnknownVariableType] # an object is all that it is


def read_step(yielded: object, before: float | None) -> tuple[Step, str | None]:
    """Return what was yielded as a step, and what was wrong with it, if anything; `before` is the last progress."""
    try:
        return _read(yielded, before)
    except Exception as error:  # noqa: BLE001 - what can't be read is the tool's fault, and must not end its work
        return Step(before, None), f"what can't be read: {type(error).__name__}"


def _read(yielded: object, before: float | None) -> tuple[Step, str | None]:
    if isinstance(yielded, Mapping):
        said = cast("Mapping[object, Any]", yielded)
        status = said.get("status")
        data = {str(key): value for key, value in said.items() if key not in ("progress", "status")}
        value, fault = _read_progress(said.get("progress"), before)
        return Step(value, None if status is None else str(status), data), fault
    if yielded is None or is_number(yielded):
        value, fault = _read_progress(yielded, before)
        return Step(value, None), fault
    return Step(before, None), f"neither a mapping nor a number: a {type(yielded).__name__}"


def _read_progress(value: object, before: float | None) -> tuple[float | None, str | None]:
    if value is None:
        return before, None
    if not is_number(value):
        return before, f"a progress that is no number: a {type(value).__name__}"
    if value != value:  # noqa: PLR0124 - NaN, of whatever type
        return before, "a progress that is not a number"
    if value > 1:
        return 1.0, "a progress over 1"
    if value < (before or 0.0):
        return before or 0.0, f"a progress that falls, after {before or 0.0:g}"
    return float(value), None
