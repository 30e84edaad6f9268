"""The read-only view of a stage that functions of users get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.wire.events import StageStatus

__all__ = ["ViewOfStage"]


class ViewOfStage:
    """A stage to look at, as `Stage(percent=f)` functions get it: a `StageView`, with no way to the stage itself."""

    __slots__ = ("_read",)

    def __init__(self, stage: object) -> None:
        self._read: Callable[[str], Any] = lambda name: getattr(stage, name)

    @property
    def name(self) -> str:
        """The name."""
        return str(self._read("name"))

    @property
    def path(self) -> str:
        """The path in the run."""
        return str(self._read("path"))

    @property
    def percent(self) -> float | None:
        """The percent, 0–100, or None."""
        return cast("float | None", self._read("percent"))

    @property
    def status(self) -> StageStatus:
        """The status."""
        return cast("StageStatus", self._read("status"))

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output so far as plain data, or None."""
        return self._read("partial")

    @property
    def ended(self) -> bool:
        """Whether the stage or its run has ended."""
        return bool(self._read("ended"))
