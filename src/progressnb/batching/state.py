"""The state of a batch: its items, and the account of what they have spent and may still spend."""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar

from progressnb.folds.shapes import added
from progressnb.tracking.budget import USAGE
from progressnb.tracking.failures import error_text
from progressnb.wire.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from weakref import ref

    from progressnb.execution.run import Run
    from progressnb.tracking.budget import Budget

__all__ = ["Amounts", "BatchItem", "ItemStatus", "Ledger", "Stop", "amounts_of"]

T = TypeVar("T")

ItemStatus: TypeAlias = Literal["pending", "running", "retrying", "finished", "failed", "cancelled", "not begun"]
Amounts: TypeAlias = "dict[str, float]"

_SHARE = 0.9
"""The quantile of what items have cost that is set aside for each at work."""

_ROUNDING = 1e-9
"""The share of a limit that sums of floating-point numbers may be off by."""

_FREE = 10
"""Items that must have cost nothing for each one more that may be at work, while nobody knows what one costs."""


class BatchItem(Generic[T]):
    """One item of a batch, and what became of it.

    Attributes:
        index: Its position in the inputs, counted from 0.
        key: The digest of what is computed, by which a history finds its result; None for arguments that can't be
            compared.
        status: `pending`, `running`, `retrying` (in a pause before another attempt), then `finished`, `failed`,
            `cancelled` or `not begun`.
        result: The result of an item that finished.
        error: The error of one that failed or was cancelled, else None.
        attempts: Runs that were begun for it in this batch; 0 for a result that was there before.
        cost: US dollars of all its attempts; None where no cost is known.
        input_tokens: Tokens that its models read.
        output_tokens: Tokens that its models wrote.
        began: Seconds from the batch's begin to that of its first attempt; None before.
        duration: Seconds from the begin of its first attempt to its end.
        reused: Whether its result was committed before by an earlier call, and not paid now.
        run_id: The id of the run of its last attempt.
        run: That run, where this process has it; `show()` also finds it in the history.
        stages: Its stages at its end, as `batch.timings()` gives them.

    Example:
        ::

            async for item in pnb.batch(report, ["tides", "moon"]):
                print(item.index, item.status, item.cost)

    """

    __slots__ = (
        "_batch",
        "_title",
        "attempts",
        "began",
        "cost",
        "duration",
        "error",
        "index",
        "input_tokens",
        "key",
        "output_tokens",
        "result",
        "reused",
        "run",
        "run_id",
        "stages",
        "status",
    )

    def __init__(self, index: int, batch: ref[Any] | None = None) -> None:
        self._batch = batch
        self.index = index
        self.key: str | None = None
        self._title: str | None = None
        self.status: ItemStatus = "pending"
        self.result: T | None = None
        self.error: BaseException | None = None
        self.attempts = 0
        self.cost: float | None = None
        self.input_tokens: int | None = None
        self.output_tokens: int | None = None
        self.began: float | None = None
        self.duration: float | None = None
        self.reused = False
        self.run_id: str | None = None
        self.run: Run[T] | None = None
        self.stages: tuple[tuple[object, ...], ...] = ()

    def __repr__(self) -> str:
        """Show the index, the status and the error."""
        error = "" if self.error is None else f", {type(self.error).__name__}: {one_line(error_text(self.error), 100)}"
        return f"<item {self.index}: {self.status}{error}>"

    @property
    def title(self) -> str | None:
        """The argument that tells it from others, in a few words, or None; of a list also before it begins."""
        batch = self._batch() if self._title is None and self._batch is not None else None
        return self._title if batch is None else batch.title_of(self.index)

    @title.setter
    def title(self, title: str | None) -> None:
        self._title = title

    @property
    def ended(self) -> bool:
        """Whether it has its end."""
        return self.status in ("finished", "failed", "cancelled", "not begun")

    @property
    def amounts(self) -> Amounts:
        """Its expenses, by the names of a budget's limits."""
        return {"cost": self.cost or 0.0, "tokens": float((self.input_tokens or 0) + (self.output_tokens or 0))}

    def show(self) -> None:
        """Show the run of the item here: live while it goes on, else from its log or from the history.

        Raises:
            UnknownRunError: For an item that has not begun, or whose run nobody has kept.

        """
        batch = self._batch() if self._batch is not None else None
        if batch is not None:
            batch.show_item(self.index)

    def add(self, usage: Mapping[str, float]) -> None:
        """Add what an attempt has spent."""
        if (cost := usage.get("cost")) is not None:
            self.cost = added(self.cost or 0.0, cost)
        if (tokens := usage.get("input_tokens")) is not None:
            self.input_tokens = (self.input_tokens or 0) + int(tokens)
        if (tokens := usage.get("output_tokens")) is not None:
            self.output_tokens = (self.output_tokens or 0) + int(tokens)


@dataclass(frozen=True, slots=True)
class Stop:
    """The reason why nothing new begins. `cancels` says whether the items at work are cancelled or may end."""

    kind: str
    reason: str
    limit: Mapping[str, Any] | None = None
    cancels: bool = True


class Ledger:
    """The account of a batch: what was spent, and what is set aside for the items at work.

    For each item at work the 90th percentile of what an item has cost so far is set aside, or the most that one has
    cost, where that percentile is 0. A few known costs vouch for few others: of n + 1 items at work beside n that are
    known, one at most is dearer than all of these, on the average. So at most one more item is at work than have cost
    something, and one more for each ten that cost nothing; beyond that, and before any has ended, what one item may
    spend at most is set aside, where the caller gave that. So the batch passes its limit by what the items at work
    cost beyond what is set aside, and no further: `passed` says when it has passed it by the amount for one item.

    Args:
        budget: The most that the batch may spend, or None.
        given: What one item may spend at most, by `cost` and `tokens`.

    """

    def __init__(self, budget: Budget | None, given: Mapping[str, float] | None = None) -> None:
        limits = budget.limits() if budget is not None else {}
        self.seconds = limits.pop("seconds", None)
        self._limits = limits
        self._given = dict(given or {})
        self._known: dict[str, list[float]] = {name: [] for name in limits}
        self.spent: Amounts = dict.fromkeys(limits, 0.0)

    def reservation(self, name: str) -> float | None:
        """Return what is set aside for an item, in dollars or tokens by the name; None where nothing is known."""
        known = self._known.get(name)
        if not known:
            return self._given.get(name)
        return known[ceil(_SHARE * len(known)) - 1] or known[-1] or self._given.get(name)

    def learn(self, amounts: Mapping[str, float]) -> None:
        """Take note of what an item has cost as a whole, now or in an earlier call."""
        for name, known in self._known.items():
            if (amount := amounts.get(name)) is not None:
                insort(known, amount)

    def spend(self, amounts: Mapping[str, float]) -> None:
        """Add what an attempt has spent."""
        for name in self.spent:
            self.spent[name] = added(self.spent[name], amounts.get(name, 0.0))

    def admits(self, at_work: Iterable[Mapping[str, float]]) -> bool:
        """Return whether one more item may begin beside those at work, by what each of these has spent so far."""
        beside = list(at_work)
        return all(self._admits(name, limit, beside) for name, limit in self._limits.items())

    def _admits(self, name: str, limit: float, beside: list[Mapping[str, float]]) -> bool:
        if self.spent[name] >= limit * (1 - _ROUNDING):
            return False
        reserved = self.reservation(name)
        if len(beside) >= self._vouched(name):
            reserved = self._given.get(name)
            if reserved is None:
                return False
        return reserved is None or self._held(name, reserved, beside) + reserved <= limit * (1 + _ROUNDING)

    def _vouched(self, name: str) -> int:
        """Return how many items may be at work by what is known of others, whatever is left of the limit."""
        known = self._known[name]
        free = bisect_right(known, 0.0)
        return 1 + len(known) - free + free // _FREE

    def passed(self, at_work: Iterable[Mapping[str, float]]) -> str | None:
        """Return the name of a limit that was passed by more than is set aside for one item, or None."""
        beside = list(at_work)
        for name, limit in self._limits.items():
            spent = self.spent[name] + sum(each.get(name, 0.0) for each in beside)
            if spent > limit * (1 + _ROUNDING) + (self.reservation(name) or 0.0):
                return name
        return None

    def limiting(self) -> str:
        """Return the name of the limit that lets no item begin while none is at work."""
        names: list[str] = []
        for name, limit in self._limits.items():
            reserved = self.reservation(name) or 0.0
            is_spent = self.spent[name] >= limit * (1 - _ROUNDING)
            if is_spent or self.spent[name] + reserved > limit * (1 + _ROUNDING):
                names.append(name)
        return names[0] if names else next(iter(self._limits), "cost")

    def limit(self, name: str) -> float | None:
        """Return a limit in dollars or tokens by its name."""
        return self._limits.get(name)

    def reserved(self, name: str, at_work: Iterable[Mapping[str, float]]) -> float | None:
        """Return what is set aside for all items at work together, or None where nothing is."""
        reserved = self.reservation(name) if name in self._limits else None
        return None if reserved is None else self._held(name, reserved, list(at_work)) - self.spent[name]

    @property
    def counts(self) -> bool:
        """Whether anything but time is limited."""
        return bool(self._limits)

    def _held(self, name: str, reserved: float, beside: list[Mapping[str, float]]) -> float:
        return self.spent[name] + sum(max(reserved, each.get(name, 0.0)) for each in beside)


def amounts_of(usage: Mapping[str, float]) -> Amounts:
    """Return what was spent by the names of a budget's limits."""
    tokens = sum(usage.get(name, 0.0) for name in USAGE if name != "cost")
    return {"cost": usage.get("cost", 0.0), "tokens": tokens}
