"""The instrument `pydantic-ai` of `watch`: every agent of the process reports, as if it had `ReportProgress`.

All ways to run an agent go through `Agent.iter`. While agents are watched, this method is called with a reporter of ours
in the public `capabilities=`. The frames of the call stay as they are, since pydantic-ai reads an agent's name there.
"""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any, cast

from pydantic_ai import Agent

from progressnb.agents.capability import ReportProgress, may_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["install"]

_logger = logging.getLogger("progressnb")

_SWITCH = "__progressnb_switch__"
"""The attribute of our method that holds its switch. It is found whichever copy of this module made it."""


class _Switch:
    """The way to turn our method on and off, also while somebody else's method lies around it."""

    def __init__(self) -> None:
        self.add: Callable[[Any, dict[str, Any]], dict[str, Any]] | None = None


def install(*, show: bool | None = None, contents: bool = True) -> Callable[[], None]:
    """Let every agent report from now on, made before or after; return the function that takes it back.

    An agent that has a `ReportProgress` keeps it, with its options.

    Args:
        show: Whether the run of an agent outside any other run is shown; None follows the session.
        contents: False leaves what agents read and write out of all events.

    """
    reporter: ReportProgress[Any] = ReportProgress(show=show, contents=contents)
    reporter.id = None  # with an id it would take the place of the agent's own

    def add(agent: Agent[Any, Any], options: dict[str, Any]) -> dict[str, Any]:
        try:
            given = tuple(options.get("capabilities") or ())
            if may_report(agent.root_capability, *given):
                return {**options, "capabilities": [*given, reporter]}
        except Exception:
            _logger.warning("could not watch an agent; it goes on", exc_info=True)
        return options

    switch = next(_switches(), None) or _wrap()
    switch.add = add

    def undo() -> None:
        if switch.add is add:
            switch.add = None
            _unwrap()

    return undo


def _wrap() -> _Switch:
    switch = _Switch()
    original = Agent.__dict__["iter"]

    @functools.wraps(original)
    def watched(self: Agent[Any, Any], *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as pydantic-ai has it
        add = switch.add
        return original(self, *args, **(options if add is None else add(self, options)))

    setattr(watched, _SWITCH, switch)
    Agent.iter = watched  # type: ignore[method-assign]
    return switch


def _unwrap() -> None:
    """Take our method away where it is the outermost; below somebody else's it stays, and does nothing."""
    outermost = Agent.__dict__["iter"]
    if hasattr(outermost, _SWITCH) and outermost.__dict__[_SWITCH].add is None:
        Agent.iter = outermost.__wrapped__  # type: ignore[method-assign]


def _switches() -> Iterator[_Switch]:
    """Find the switches of our methods, below those of others too."""
    method = Agent.__dict__["iter"]
    while method is not None:
        if (switch := vars(method).get(_SWITCH)) is not None:
            yield cast("_Switch", switch)
        method = getattr(method, "__wrapped__", None)
