"""`act`: an act on a run that comes as data, as a page or a panel sends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from progressnb.errors import InvalidProgressError
from progressnb.tracking.in_hand import InHand

if TYPE_CHECKING:
    from progressnb.execution.base import BaseRun
    from progressnb.tracking.controls import By
    from progressnb.tracking.tracker import ProgressTracker

__all__ = ["act"]

_KINDS = ("stop", "enough", "say", "approve", "deny")
_OF_A_STAGE = ("approve", "deny")
_STAGE_LIMIT = 100_000


def act(run: BaseRun[object] | ProgressTracker, message: object, *, by: By = "page") -> None:
    """Check a message and do to a run what it says.

    Args:
        run: The run.
        message: A mapping with `kind` (`"stop"`, `"enough"`, `"say"`, `"approve"` or `"deny"`), `stage` (a path;
            needed to approve and deny) and `text` (the word, or the reason).
        by: Who acts: `"page"`, `"panel"` or `"code"`.

    Raises:
        InvalidProgressError: For a message of another shape, and where the run can't do that now.
        UnknownStageError: For a stage where no call waits for approval.
        RunEndedError: After the end of the run.

    Example:
        ::

            act(run, {"kind": "say", "text": "shorter, please"}, by="panel")

    """
    if not isinstance(message, Mapping):
        raise InvalidProgressError("an act as a mapping with a kind", type(message).__name__)
    fields = cast("Mapping[object, object]", message)
    if unknown := [str(key) for key in fields if key not in ("kind", "stage", "text")]:
        raise InvalidProgressError("an act with kind, stage and text", ", ".join(unknown))
    kind, stage, text = fields.get("kind"), _text(fields, "stage"), _text(fields, "text")
    if kind not in _KINDS:
        raise InvalidProgressError(f"an act of {', '.join(_KINDS)}", repr(kind))
    if stage is not None and len(stage) > _STAGE_LIMIT:
        raise InvalidProgressError("the path of a stage", f"{len(stage):,} characters")
    if stage is None and kind in _OF_A_STAGE:
        raise InvalidProgressError(f"the path of the stage to {kind}", "none")
    if kind == "stop":
        run.cancel(text)
        return
    if not isinstance(run, InHand):
        raise InvalidProgressError("a run of this process", "one that is only watched here", "It can be stopped here.")
    _do(run, str(kind), stage, text, by)


def _do(run: InHand, kind: str, stage: str | None, text: str | None, by: By) -> None:
    if kind == "enough":
        run.enough(stage, by=by)
    elif kind == "say":
        run.say(text or "", stage, by=by)
    elif kind == "approve":
        run.approve(stage or "", by=by)
    else:
        run.deny(stage or "", text, by=by)


def _text(fields: Mapping[object, object], name: str) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidProgressError(f"{name} as text, or none", repr(value))
    return value or None
