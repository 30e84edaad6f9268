"""Acts on a run that a client asks for: end its output here, a word to its agent, approvals, stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from progressnb.errors import RunEndedError
from progressnb.web.server.followed import FollowedRun, UnsupportedError
from progressnb.web.streams.parameters import reason_of
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    from progressnb.tracking.controls import By
    from progressnb.tracking.protocols import Watchable

__all__ = ["Act", "perform", "stop"]

LONGEST_TEXT = 10_000
"""The largest number of characters of a word to an agent and of a reason."""


class Act(BaseModel):
    """The body of a request that acts on a run."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["stop", "enough", "say", "approve", "deny"]
    stage: Annotated[str, Field(max_length=LONGEST_TEXT)] | None = Field(
        default=None, description="The path of the stage that waits, for `approve` and `deny`."
    )
    text: Annotated[str, Field(max_length=LONGEST_TEXT)] = Field(
        default="", description="The word to the agent for `say`, a reason for `deny` and `stop`."
    )
    run: str | None = Field(default=None, description="The run's id, which the path has already. It is ignored.")
    by: Literal["page", "panel", "code"] = Field(
        default="page", description="Where the person acts: on the page, or in a notebook that is attached."
    )


async def perform(run: Watchable, wanted: Act) -> None:
    """Do what a client asks for; a run of another process does it before this returns.

    Raises `RunEndedError` for a run that has ended, `UnsupportedError` for one that takes no such act, `NoAnswerError`
    where another process does not answer, and `ProgressError` where the run refuses it now.
    """
    if run.log.ended:
        raise RunEndedError("a run that goes on", "one that has ended", "Begin it again.")
    if wanted.kind == "stop":
        await stop(run, reason_of({"reason": wanted.text or f"the Stop button of its {wanted.by}"}), by=wanted.by)
        return
    message = {"kind": wanted.kind, "stage": wanted.stage, "text": clean_text(wanted.text)}
    if isinstance(run, FollowedRun):
        await run.ask(message, by=wanted.by)
        return
    act: object = getattr(run, "act", None)  # a run that is served elsewhere passes it on
    if not callable(act):
        raise UnsupportedError(
            f"a run that takes {wanted.kind!r}", type(run).__name__, "It can be watched and stopped."
        )
    act(message, by=wanted.by)


async def stop(run: Watchable, reason: str | None, *, by: By = "code") -> None:
    """Cancel a run that goes on; one of another process has heard it before this returns. Raises as `perform` does."""
    if isinstance(run, FollowedRun):
        await run.ask({"kind": "stop", "text": reason or ""}, by=by)
    else:
        run.cancel(reason)
