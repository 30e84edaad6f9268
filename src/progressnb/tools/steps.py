"""The steps of a generator tool: each yielded value as progress, status and data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from progressnb.errors import InvalidProgressError
from progressnb.tracking.percent import is_number
from progressnb.wire.events import TIME_DATA

__all__ = ["ROUNDING", "Result", "Step", "read_step", "result_of"]

ROUNDING = 1e-6
"""The most by which a sum of fractions may exceed 1 and still count as 1."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of an async generator: yielded, since an async generator can't return a value.

    Args:
        value: The result. The tool returns it to its caller.

    Example:
        ::

            from collections.abc import AsyncGenerator

            @pnb.progress
            async def count(pages: list[str]) -> AsyncGenerator[object, None]:
                for number, page in enumerate(pages, 1):
                    yield number / len(pages)
                yield pnb.Result(len(pages))

            assert await count(["first", "second"]) == 2

    """

    value: Any


@dataclass(frozen=True, slots=True)
class Step:
    """One report of a generator.

    Attributes:
        progress: From 0 to 1, or None before the first report of it.
        status: A text, or None.
        data: Other values by name.

    """

    progress: float | None
    status: str | None
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


def result_of(yielded: object) -> tuple[bool, Any, object]:
    """Return whether a yielded value has the result of an async generator, that result, and the rest as a step."""
    if isinstance(yielded, Result):
        return True, yielded.value, None
    if isinstance(yielded, dict) and "result" in yielded:
        items = cast("dict[object, Any]", yielded)
        return True, items["result"], {key: value for key, value in items.items() if key != "result"}
    return False, None, yielded  # pyright: ignore[reportUnknownVariableType] # any object


def read_step(yielded: object, before: float | None) -> tuple[Step, str | None]:
    """Return a yielded value as a step, and a description of its fault or None.

    `before` is the progress of the step before. A progress over 1 is a percent or a count by mistake, so that all
    later steps would be wrong too: it raises `InvalidProgressError`.
    """
    try:
        return _read(yielded, before)
    except InvalidProgressError:
        raise
    except Exception as error:  # noqa: BLE001 - a broken value must not end the work of the tool
        return Step(before, None), f"a value that can't be read: {type(error).__name__}"


def _read(yielded: object, before: float | None) -> tuple[Step, str | None]:
    if isinstance(yielded, Mapping):
        items = cast("Mapping[object, Any]", yielded)
        status = items.get("status")
        data = {str(key): value for key, value in items.items() if key not in ("progress", "status")}
        value, fault = _read_progress(items.get("progress"), before)
        for taken in sorted(TIME_DATA & data.keys()):
            del data[taken]
            fault = fault or f"data named {taken!r}, which the run itself reports"
        return Step(value, None if status is None else str(status), data), fault
    if yielded is None or is_number(yielded):
        value, fault = _read_progress(yielded, before)
        return Step(value, None), fault
    return Step(before, None), f"neither a mapping nor a number: a {type(yielded).__name__}"


def _read_progress(value: object, before: float | None) -> tuple[float | None, str | None]:
    if value is None:
        return before, None
    if not is_number(value):
        return before, f"a progress that is not a number: a {type(value).__name__}"
    if value != value:  # noqa: PLR0124 - NaN, of whatever type
        return before, "a progress that is NaN"
    if value > 1:
        if value > 1 + ROUNDING:
            raise InvalidProgressError("a progress from 0 to 1", repr(value), "Pass 0–1: done / total.")
        return 1.0, None
    if value < (before or 0.0):
        return before or 0.0, f"a progress that falls, after {before or 0.0:g}"
    return float(value), None
