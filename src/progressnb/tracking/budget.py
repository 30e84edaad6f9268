"""The budget of a run, and the account of what the run has spent of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from decimal import Decimal
from numbers import Integral
from typing import TYPE_CHECKING, Any

from progressnb.errors import BudgetExceeded, InvalidProgressError
from progressnb.folds.shapes import added
from progressnb.tracking.percent import is_number

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["USAGE", "Account", "Budget", "Usage", "amount_text", "checked_usage", "usage_in"]

USAGE = ("input_tokens", "output_tokens", "cost")
"""The amounts that a stage spends: tokens read and written, and US dollars."""

USAGE_NAMES = frozenset(USAGE)

_FOR_EACH = "Give one of cost, tokens and seconds."
_AMOUNTS = 'Write stage.add_usage("my-model", input_tokens=1200, output_tokens=300, cost=0.002).'
_UNITS = {"cost": "US dollars", "tokens": "tokens", "seconds": "seconds"}
_GROUND = 10.0
"""Percent that must be done before the cost of the whole run is projected from the cost of that part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most that a run may spend. A run that has spent more ends with `BudgetExceeded`.

    It is checked before each request to a model, as the usage of each response comes, and as time passes. One response
    is never cut for its cost, so a run may end somewhat above its budget. Runs that the run calls count as its own.

    Args:
        cost: US dollars. A model whose price nobody knows costs nothing here, which is logged as a warning: limit its
            tokens.
        tokens: Tokens, those read and those written together.
        seconds: Seconds since the run began.

    Raises:
        InvalidProgressError: For a limit that is not a number above 0.

    Example:
        ::

            run = report.using(budget=pnb.Budget(cost=0.10, seconds=120))("tides")

    """

    cost: float | None = None
    tokens: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        """Refuse limits that can't be."""
        for limit in fields(self):
            value: object = getattr(self, limit.name)
            if value is not None and not (is_number(value) and 0 < value < float("inf")):
                expected = f"{limit.name} of a budget above 0, in {_UNITS[limit.name]}, or None for no limit"
                raise InvalidProgressError(expected, repr(value), _FOR_EACH)

    def limits(self) -> dict[str, float]:
        """Return the limits that are set, by name."""
        named = {limit.name: getattr(self, limit.name) for limit in fields(self)}
        return {name: value for name, value in named.items() if value is not None}


class Account:
    """The account of one run: its budget, and what was spent of it. Changed under the run's lock."""

    __slots__ = ("_cost", "_projected", "_tokens", "_unpriced", "budget")

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self._tokens = 0.0
        self._cost: float | None = None
        self._projected: float | None = None
        self._unpriced = False  # whether there were tokens whose cost nobody knows

    def add(self, amounts: Mapping[str, float]) -> bool:
        """Add tokens and cost that were billed; return True once, for tokens whose cost is limited and unknown."""
        tokens = amounts.get("input_tokens", 0) + amounts.get("output_tokens", 0)
        self._tokens += tokens
        if (cost := amounts.get("cost")) is not None:
            self._cost = added(self._cost or 0.0, cost)
        first = bool(tokens) and cost is None and self.budget.cost is not None and not self._unpriced
        self._unpriced = self._unpriced or first
        return first

    def spent(self, elapsed: float) -> dict[str, float]:
        """Return what was spent until now, by the names of the limits; a cost that nobody knows is missing."""
        known = {} if self._cost is None else {"cost": self._cost}
        return {"tokens": int(self._tokens), "seconds": elapsed, **known}

    def exceeded(self, elapsed: float, *, by_more: bool = False, coming: int = 0) -> str | None:
        """Return the name of a limit that was passed, or None; `by_more` asks whether any more would pass it.

        `coming` is the number of tokens of a request that is under way and will be billed.
        """
        spent = self.spent(elapsed)
        spent["tokens"] += coming
        for name, limit in self.budget.limits().items():
            value = spent.get(name, 0.0)
            if value > limit or (value == limit and (by_more or name == "seconds")):
                return name
        return None

    def error(self, operation: str, elapsed: float) -> BudgetExceeded:
        """Return the error that ends a run which has passed its budget."""
        spent = self.spent(elapsed)
        allowed = " and ".join(amount_text(name, limit) for name, limit in self.budget.limits().items())
        used = ", ".join(amount_text(name, spent[name]) for name in ("cost", "tokens", "seconds") if name in spent)
        remedy = "Give it a larger budget with .using(budget=…), or ask for less."
        return BudgetExceeded(f"{operation} within its budget of {allowed}", used, remedy, spent=spent)

    def projected(self, percent: float) -> float | None:
        """Return what the run will cost as a whole if it goes on so, in US dollars; None for a guess and for no news.

        The rest costs as much a percent point as what is done, once a tenth is done.
        """
        if self._cost is None or self.budget.cost is None or percent < _GROUND:
            return None
        projected = float(f"{self._cost * 100 / percent:.3g}")
        if projected == self._projected:
            return None
        self._projected = projected
        return projected


def amount_text(name: str, value: float) -> str:
    """Return an amount in the unit of a budget's limit: "$0.50", "2,000 tokens", "5.0 s"."""
    return f"${value:,.4g}" if name == "cost" else f"{value:,.0f} tokens" if name == "tokens" else f"{value:,.1f} s"


class Usage:
    """The tokens and the cost that a stage has told. Changed under the run's lock."""

    __slots__ = ("_before", "_billed", "amounts")

    def __init__(self) -> None:
        self.amounts: dict[str, float] = {}
        self._before: dict[str, float] = {}  # by the attempts that failed
        self._billed: dict[str, float] = {}  # that count for the run's budget

    def add(self, amounts: Mapping[str, float]) -> dict[str, float]:
        """Add amounts; return the sums."""
        for key, amount in amounts.items():
            self.amounts[key] = added(self.amounts.get(key, 0), amount)
        return dict(self.amounts)

    def bill(self, data: Mapping[str, Any]) -> dict[str, float]:
        """Return what data tell beyond what was billed before, and take note that it is billed now."""
        amounts = usage_in(data, self._billed)
        for key, amount in amounts.items():
            self._billed[key] = added(self._billed.get(key, 0.0), amount)
        return amounts

    def keep(self) -> None:
        """Let what was spent so far stay, where a function is called again and tells anew what it spends."""
        self._before = dict(self.amounts)

    def summed(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return data with what failed attempts spent added to tokens and cost: an attempt tells its own.

        Raises `InvalidProgressError` for amounts below 0, infinity and NaN.
        """
        if USAGE_NAMES.isdisjoint(data):
            return data
        told = {key: _checked_told(key, data[key]) for key in USAGE if is_number(data.get(key))}
        summed = {key: added(value, self._before.get(key, 0)) for key, value in told.items()}
        self.amounts |= summed  # what `add` adds to
        return {**data, **summed} if summed else data


def checked_usage(model: object, amounts: Mapping[str, object]) -> dict[str, float]:
    """Return the amounts that are known; raise `InvalidProgressError` for another name, model, or kind of amount."""
    if model is not None and not isinstance(model, str):
        raise InvalidProgressError("the name of a model, then amounts by name", repr(model), _AMOUNTS)
    if unknown := [name for name in amounts if name not in USAGE]:
        raise InvalidProgressError(f"amounts called {', '.join(USAGE)}", ", ".join(map(repr, unknown)), _AMOUNTS)
    known = {name: amount for name, amount in amounts.items() if amount is not None}
    return {name: _checked_amount(name, amount) for name, amount in known.items()}


def _checked_amount(name: str, amount: object) -> float:
    whole = isinstance(amount, Integral)
    if (is_number(amount) or isinstance(amount, Decimal)) and math.isfinite(amount) and amount >= 0:
        return int(amount) if whole else float(amount)
    expected = f"{name} as a finite number of 0 or more, or None where it is unknown"
    raise InvalidProgressError(expected, repr(amount), _AMOUNTS)


def _checked_told(name: str, amount: float) -> float:
    if math.isfinite(amount) and amount >= 0:
        return amount
    remedy = f"Write stage.update({name}=…) with what was spent so far."
    raise InvalidProgressError(f"{name} as a finite number of 0 or more", repr(amount), remedy)


def usage_in(data: Mapping[str, Any], before: Mapping[str, float]) -> dict[str, float]:
    """Return the tokens and the cost that a stage's data add to what was there before."""
    news: dict[str, float] = {}
    for key in USAGE:
        value = data.get(key)
        if is_number(value) and abs(value) < float("inf"):
            news[key] = added(float(value), -before.get(key, 0.0))
    return news
