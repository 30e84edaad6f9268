"""The end of an item of a batch, as an event tells it. What else a batch tells of itself is in `batch`."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["BATCH_KEYS", "ITEM_CONTENTS", "Amount", "Count", "Finite", "ItemEnd", "ItemStatus"]

ItemStatus: TypeAlias = Literal["finished", "failed", "cancelled"]
Count: TypeAlias = Annotated[int, Field(ge=0)]
Amount: TypeAlias = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Finite: TypeAlias = Annotated[float, Field(allow_inf_nan=False)]

BATCH_KEYS = frozenset({"batch", "batch_now", "batch_words"})
"""The keys of data of a run that are a batch's."""

ITEM_CONTENTS = ("key", "title", "error")
"""The fields of an item's end that are contents: a store without contents keeps none of them."""


class _Record(BaseModel):
    # Unknown fields come from a newer version: kept, so that forwarding loses nothing.
    model_config = ConfigDict(frozen=True, extra="allow")


class ItemEnd(_Record):
    """The end of an item of a batch.

    Attributes:
        index: The item's position in the inputs, counted from 0.
        status: Its end. Items that never began have no event.
        key: The digest of what is computed, by which a history finds the result; None where contents were not kept.
        title: The argument that tells the item from others, in a few words, or None.
        item_run_id: The id of the run of its last attempt, or None.
        attempts: Runs that were begun for it in this batch, the first included; 0 where `reused`.
        began: Seconds since the batch began at which its first attempt began; None where `reused`.
        duration: Seconds from there to its end, with retries and pauses; where `reused`, as it was first paid for.
        cost: Dollars of all attempts; None where unknown.
        input_tokens: Tokens that models read, of all attempts.
        output_tokens: Tokens that models wrote, of all attempts.
        reused: Whether an earlier run of this batch had done it, so that nothing was paid now.
        worker: The number of the worker that did it, or None.
        error_type: The class of the error that ended it, or None.
        error: The error's text; None where contents were not kept.
        error_stage: The path of the stage of the item's run in which the error arose, or None.
        status_code: The HTTP status with which a model's server answered, or None.

    """

    index: Count
    status: ItemStatus
    key: str | None = None
    title: str | None = None
    item_run_id: str | None = None
    attempts: Count = 1
    began: Amount | None = None
    duration: Amount | None = None
    cost: Amount | None = None
    input_tokens: Count | None = None
    output_tokens: Count | None = None
    reused: bool = False
    worker: Count | None = None
    error_type: str | None = None
    error: str | None = None
    error_stage: str | None = None
    status_code: int | None = None
