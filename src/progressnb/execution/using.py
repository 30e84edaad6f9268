"""`operation.using(…)`: options of a call beside the function's own arguments, whose signature stays exact."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, cast

from progressnb.errors import InputError, InvalidProgressError
from progressnb.tracking.attempts import checked_timeout
from progressnb.tracking.budget import Budget
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from progressnb.wire.events import Event

__all__ = ["Options", "wrong_call"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one run, checked where they are given. `Operation.using` documents them."""

    title: str | None = None
    budget: Budget | None = None
    stop_if: Callable[[Any], object] | None = None
    show: bool | None = None
    timeout: float | None = None
    on_event: Callable[[Event], object] | None = None

    def __post_init__(self) -> None:
        """Refuse options of other kinds."""
        given: dict[str, object] = {"title": self.title, "budget": self.budget}
        title, budget = given.values()  # callers may be untyped
        if title is not None:
            if not isinstance(title, str):
                raise InvalidProgressError("a title as text", repr(title), 'Write title="tides".')
            object.__setattr__(self, "title", clean_text(title))
        if budget is not None and not isinstance(budget, Budget):
            raise InvalidProgressError("a budget", repr(budget), "Write budget=pnb.Budget(cost=0.10).")
        if self.stop_if is not None and not callable(self.stop_if):
            raise InvalidProgressError(
                "stop_if as a function of the partial output", repr(self.stop_if), "Write stop_if=lambda partial: …."
            )
        show, on_event = cast("object", self.show), cast("object", self.on_event)
        if show is not None and not isinstance(show, bool):
            raise InputError("show as True, False or None", repr(show))
        if on_event is not None and not callable(on_event):
            raise InputError("on_event as a function of an event", repr(on_event), "Write on_event=print.")
        object.__setattr__(self, "timeout", checked_timeout(self.timeout))


def wrong_call(name: str, problem: str, given: Collection[str], known: Collection[str] = ()) -> TypeError:
    """Return the error of a call that a function does not take, and where options of `using` belong.

    Args:
        name: The operation's name.
        problem: What Python says of the call.
        given: The names of the call's arguments.
        known: The names of the function's parameters: one that is like an argument that it lacks is proposed.

    """
    options = ", ".join(f"{option.name}=…" for option in fields(Options) if option.name in given)
    if options:
        return TypeError(f"{name}() {problem}; options come before: {name}.using({options})(…)")
    from difflib import get_close_matches  # not for calls that are right

    left = [each for each in known if each not in given]
    near = [(each, close) for each in given if each not in known for close in get_close_matches(each, left, 1)]
    return TypeError(f"{name}() {problem}" + "".join(f"; did you mean {close}= for {each}=?" for each, close in near))
