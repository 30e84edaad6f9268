"""The plan of a batch: what its caller asked for, checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Integral
from typing import TYPE_CHECKING, Any, cast

from progressnb.errors import InvalidProgressError
from progressnb.execution.operation import Operation
from progressnb.execution.using import Options
from progressnb.tracking.budget import Budget
from progressnb.tracking.percent import is_number

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Plan", "operation_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The options of one batch, checked where they are given. `batch` documents them."""

    limit: int = 10
    retries: int = 0
    budget: Budget | None = None
    max_failures: float | None = None
    name: str | None = None
    return_errors: bool = False
    reuse: bool = False
    total: int | None = None
    on: object = None
    orphan_after: float = 600.0
    contents: bool = False
    options: Options = field(default_factory=Options)

    def __post_init__(self) -> None:
        """Refuse options of other kinds; whole numbers of other libraries become Python's."""
        for name in ("limit", "retries", "max_failures", "total"):
            value: object = getattr(self, name)
            if not isinstance(value, bool) and isinstance(value, Integral):
                object.__setattr__(self, name, int(value))
        given: dict[str, object] = {
            "limit": self.limit,
            "retries": self.retries,
            "budget": self.budget,
            "max_failures": self.max_failures,
            "name": self.name,
            "total": self.total,
            "orphan_after": self.orphan_after,
        }
        if not _is_whole(given["limit"], 1):
            raise InvalidProgressError("limit as a whole number of 1 or more", repr(self.limit), "Write limit=20.")
        if not _is_whole(given["retries"], 0):
            raise InvalidProgressError("retries as a whole number of 0 or more", repr(self.retries), "Write retries=2.")
        if given["budget"] is not None and not isinstance(given["budget"], Budget):
            raise InvalidProgressError("a budget", repr(self.budget), "Write budget=pnb.Budget(cost=5).")
        bound = given["max_failures"]
        if bound is not None and not (_is_whole(bound, 0) or (isinstance(bound, float) and 0 <= bound <= 1)):
            expected = "max_failures as a number of items, or as a share from 0.0 to 1.0"
            raise InvalidProgressError(expected, repr(bound), "Write max_failures=20, or max_failures=0.1.")
        if given["name"] is not None and not isinstance(given["name"], str):
            raise InvalidProgressError("a name as text", repr(self.name), 'Write name="autumn".')
        if given["total"] is not None and not _is_whole(given["total"], 0):
            raise InvalidProgressError("total as a whole number of 0 or more", repr(self.total), "Write total=200.")
        patience = given["orphan_after"]
        if not is_number(patience) or not patience > 0:  # also nan
            raise InvalidProgressError("orphan_after as seconds above 0", repr(patience))
        self._check_rest()

    def _check_rest(self) -> None:
        if self.on is not None and not _is_client(self.on):
            raise InvalidProgressError("on as a distributed.Client, or None for this loop", repr(self.on))
        flags: dict[str, object] = {"return_errors": self.return_errors, "reuse": self.reuse, "contents": self.contents}
        for name, flag in flags.items():
            if not isinstance(flag, bool):
                raise InvalidProgressError(f"{name} as True or False", repr(flag))
        of_one = {} if self.options.budget is None else self.options.budget.limits()
        of_all = {} if self.budget is None else self.budget.limits()
        for name in ("cost", "tokens"):
            if name in of_all and of_one.get(name, 0.0) > of_all[name]:
                expected = f"a budget of one item within that of the batch, {name}={of_all[name]:g}"
                remedy = "Give the batch a larger budget, or each item a smaller one with .using(budget=…)."
                raise InvalidProgressError(expected, f"{name}={of_one[name]:g}", remedy)

    def passes(self, failed: int, total: int | None, ended: int) -> bool:
        """Return whether so many failed items are too many.

        A share is one of all items; of those that have ended, where nobody knows how many there are.
        """
        bound = self.max_failures
        if bound is None:
            return False
        if isinstance(bound, int):
            return failed > bound
        return failed > bound * (total if total is not None else max(ended, round(1 / bound) if bound else 1))


def operation_of(work: object) -> tuple[Operation[..., Any], Options]:
    """Return the operation that a batch is given, and the options that `using` gave it."""
    if isinstance(work, Operation):
        return cast("Operation[..., Any]", work), Options()
    begun_by = getattr(work, "begun_by", None)
    if isinstance(begun_by, tuple):
        return cast("tuple[Operation[..., Any], Options]", begun_by)
    name = getattr(cast("Callable[..., object]", work), "__name__", repr(work))
    remedy = "Write @pnb.operation above the function, or as_operation() of a StreamingOperation."
    raise InvalidProgressError("an operation", str(name), remedy)


def _is_client(value: object) -> bool:
    """Return whether a value is a client of Dask, without loading it."""
    kinds = (f"{kind.__module__.partition('.')[0]}.{kind.__name__}" for kind in type(value).__mro__)
    return "distributed.Client" in kinds


def _is_whole(value: object, least: int) -> bool:
    return is_number(value) and isinstance(value, int) and value >= least
