"""`batch`: the call that begins many runs of one operation, with its options."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from progressnb.batching.handle import Batch
from progressnb.batching.items import Items
from progressnb.batching.plan import Plan, operation_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from progressnb.execution.operation import Operation
    from progressnb.execution.run import Run
    from progressnb.tracking.budget import Budget
    from progressnb.tracking.clock import Clock

__all__ = ["batch"]

T = TypeVar("T")


def batch(
    operation: Operation[..., T] | Callable[..., Run[T]],
    items: object,
    *,
    limit: int = 10,
    retries: int = 0,
    budget: Budget | None = None,
    max_failures: float | None = None,
    name: str | None = None,
    on: object = None,
    orphan_after: float = 600.0,
    contents: bool = False,
    given: Mapping[str, object] | None = None,
    total: int | None = None,
    return_errors: bool = False,
    reuse: bool = False,
    show: bool | None = None,
    clock: Clock | None = None,
) -> Batch[T]:
    """Run an operation for many items, a few at a time, as one run with one panel.

    With a history that keeps contents, each result is committed before anybody hears of it. The same call then goes on
    with a batch that was stopped or killed, and does not compute again what was committed. An item is the same where
    the operation's code, what it reads from outside, the arguments, the files that they name, and the name of the model
    are the same. The batch says at its start which items can't be compared, so that their results are not kept.

    A provider that refuses an item (HTTP 429, or an answer with `Retry-After`) makes all items of that model pause,
    and fewer run side by side for a while. Such an item is tried again whatever `retries` says.

    Args:
        operation: The operation, or `operation.using(…)` with options for each of its runs.
        items: The items: a list, an iterable, an async iterable, or a DataFrame whose rows are the items and whose
            columns are parameters. An item is a tuple of arguments, a dict of arguments by name, or one argument.
        limit: Runs at work at a time, at most.
        retries: Further attempts at an item that failed with an error that another attempt may mend.
        budget: The most that the batch may spend: dollars, tokens, seconds. What an item may cost is set aside for
            each at work, so that nothing begins that would pass it.
        max_failures: Failed items beyond which the batch stops: a number such as `20`, or a share such as `0.1`.
        name: The name of the batch, which tells it from others of the operation.
        on: Where the items run: a `distributed.Client` for its cluster, None for this loop.
        orphan_after: Seconds without a sign of life of the batch after which the workers of a cluster cancel its items.
        contents: True lets the scheduler of a cluster pass on, and keep for a while, what items write, so that their
            runs can be watched here; else times, statuses and figures come here while they are at work.
        given: Arguments by name for every item that does not have them itself.
        total: How many items an iterable has.
        return_errors: True gives errors in the places of results, in place of `BatchFailed`.
        reuse: True takes the results of a batch that has ended, too.
        show: False shows no panel; None follows the session.
        clock: The clock of the batch, for tests.

    Returns:
        The batch, to await, iterate and watch.

    Raises:
        InputError: For items that are none, and for one of a list whose arguments the operation does not take.
        InvalidProgressError: For options of another kind.
        BatchFailed: Where it is awaited, and an item has failed. `error.batch` has all that was done.
        BatchStopped: Where it is awaited, and it was stopped.

    Example:
        ::

            batch = pnb.batch(report, ["tides", "moon"], limit=2, retries=1, budget=pnb.Budget(cost=0.50))
            results = await batch
            batch.frame().groupby("status")["cost"].sum()

    """
    work, options = operation_of(operation)
    plan = Plan(
        limit=limit,
        retries=retries,
        budget=budget,
        max_failures=max_failures,
        name=name,
        return_errors=return_errors,
        reuse=reuse,
        total=total,
        on=on,
        orphan_after=orphan_after,
        contents=contents,
        options=options,
    )
    return cast(
        "Batch[T]", Batch(work, Items(work, items, given=given, total=plan.total), plan, clock=clock, show=show)
    )
