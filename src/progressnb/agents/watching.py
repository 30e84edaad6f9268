"""The instrument `pydantic-ai` of `watch`: every agent of the process reports, as if it had `ReportProgress`.

All ways to run an agent go through `Agent.iter`. While agents are watched, it is called with a reporter of our own in
the public `capabilities=`. The frames of the call stay as they are, since pydantic-ai reads an agent's name there.
"""

from __future__ import annotations

import functools
import logging
import sys
from copy import copy
from typing import TYPE_CHECKING, Any, cast

from pydantic_ai import Agent

from progressnb.agents.capability import ReportProgress, may_report

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["install"]

_logger = logging.getLogger("progressnb")

_SWITCH = "__progressnb_switch__"
"""The attribute of our method that holds its switch. It is found whichever copy of this module made it."""


class _Switch:
    """Our method around another one, to be turned on and off, also while somebody else's method lies around it."""

    def __init__(self, original: Callable[..., Any]) -> None:
        self.add: Callable[[Any, dict[str, Any]], dict[str, Any]] | None = None
        self.original = original

        @functools.wraps(original)
        def watched(agent: Agent[Any, Any], *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as pydantic-ai has it
            add = self.add
            return original(agent, *args, **(options if add is None else add(agent, options)))

        setattr(watched, _SWITCH, self)
        self.method: Callable[..., Any] = watched


def install(*, show: bool | None = None, contents: bool = True) -> Callable[[], None]:
    """Let every agent report from now on, made before or after; return the function that takes it back.

    An agent that has a `ReportProgress` keeps it, with its options.

    Args:
        show: Whether the run of an agent outside any other run is shown; None follows the session.
        contents: False leaves what agents read and write out of all events.

    """
    usual: ReportProgress[Any] = ReportProgress(show=show, contents=contents)
    usual.id = None  # with an id it would take the place of the agent's own

    def add(agent: Agent[Any, Any], options: dict[str, Any]) -> dict[str, Any]:
        try:
            given = tuple(options.get("capabilities") or ())
            if may_report(agent.root_capability, *given) and not _in_workflow():
                reporter = usual
                if agent.name is None and (variable := _variable_of(agent)) is not None:
                    reporter = copy(usual)
                    reporter.variable = variable
                return {**options, "capabilities": [*given, reporter]}
        except Exception:
            _logger.warning("could not watch an agent; it goes on", exc_info=True)
        return options

    switch = _find_switch()
    if switch is None:
        switch = _Switch(Agent.__dict__["iter"])
        Agent.iter = switch.method  # type: ignore[method-assign]
    switch.add = add

    def undo() -> None:
        if switch.add is not add:
            return
        switch.add = None
        # Below somebody else's method ours stays, and does nothing.
        if Agent.__dict__["iter"] is switch.method:
            Agent.iter = switch.original  # type: ignore[method-assign]

    return undo


def _in_workflow() -> bool:
    """Return whether this is the code of a workflow of Temporal, which runs an agent of its deprecated class too."""
    temporal = sys.modules.get("temporalio.workflow")
    return temporal is not None and bool(temporal.in_workflow())


def _find_switch() -> _Switch | None:
    """Return that of our method, which may lie below those of others."""
    method: object = Agent.__dict__["iter"]
    while method is not None:
        switch = getattr(method, _SWITCH, None)
        if switch is not None:
            return cast("_Switch", switch)
        method = getattr(method, "__wrapped__", None)
    return None


def _variable_of(agent: Agent[Any, Any]) -> str | None:
    """Return the variable that holds an agent where somebody calls `iter`: pydantic-ai reads no name there."""
    caller = sys._getframe(3)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] # the one that calls our method
    if str(caller.f_globals.get("__name__")).startswith("pydantic_ai."):
        return None  # a method that has looked itself
    names = [
        name for scope in (caller.f_locals, caller.f_globals) for name, value in [*scope.items()] if value is agent
    ]
    # Not the `self` of a method around ours, nor the `_` in which IPython keeps what a cell gave.
    return next((name for name in names if name != "self" and not name.startswith("_")), None)
