"""The options of `track` and `atrack`: those of other libraries are refused with the name that they have here."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterable, Awaitable, Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from progressnb.errors import InvalidProgressError

__all__ = ["Hinting", "checked_show", "refuse_async", "with_hints"]

P = ParamSpec("P")
R = TypeVar("R")

_OPTIONS = ("iterable", "description", "total", "initial", "show")

_LOOK = "a screen decides how a bar looks"
_PACE = "ten looks a second cost nothing, so there is nothing to set"
_OTHERS = {
    "desc": "description",
    "title": "description",
    "name": "description",
    "label": "description",
    "text": "description",
    "length": "total",
    "max": "total",
    "max_value": "total",
    "count": "total",
    "n": "initial",
    "start": "initial",
    "completed": "initial",
    "sequence": "iterable",
    "iterator": "iterable",
}
_REMEDIES = {
    "disable": "write show=False",
    "visible": "write show=True or show=False",
    "display": "write show=True or show=False",
    "postfix": "write bar.set(loss=0.1), of bar = pnb.track(…)",
    "leave": "a bar stays when its loop has ended",
    "transient": "a bar stays when its loop has ended",
    **dict.fromkeys(("unit", "unit_scale", "unit_divisor"), "items are counted without a unit"),
    **dict.fromkeys(("mininterval", "maxinterval", "miniters", "delay", "refresh_per_second"), _PACE),
    **dict.fromkeys(("smoothing", "update_period", "auto_refresh", "dynamic_ncols"), _PACE),
    **dict.fromkeys(("ascii", "bar_format", "bar", "colour", "color", "gui", "ncols", "nrows", "position"), _LOOK),
    **dict.fromkeys(("style", "complete_style", "finished_style", "pulse_style", "show_speed", "spinner"), _LOOK),
    **dict.fromkeys(("file", "console", "write_bytes"), "bars go to stderr, or below the cell"),
}


_METHODS = {
    "update": "a loop counts by itself",
    "set_postfix": "write bar.set(loss=0.1)",
    "set_postfix_str": 'write pnb.current_stage().update(message="…") in the body',
    "set_description": 'write pnb.current_stage().update(message="…") in the body',
    "set_description_str": 'write pnb.current_stage().update(message="…") in the body',
    "write": "print goes above the bar",
    "reset": "make another one",
    "refresh": "it is looked at ten times a second",
    "advance": "a loop counts by itself",
}


def with_hints(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function name the remedy where it is called with an option of another library; its type stays."""
    least = 2 if function.__qualname__ != function.__name__ else 1  # methods have an object of their own first

    @functools.wraps(function)
    def hinting(*args: P.args, **kwargs: P.kwargs) -> R:
        if kwargs and (unknown := [name for name in kwargs if name not in _OPTIONS]):
            raise TypeError(_hint(unknown[0]))
        if len(args) < least and "iterable" not in kwargs:
            message = "track takes the items: a loop counts by itself. Work without items reports by `stage.update(30)`"
            raise TypeError(message)
        return function(*args, **kwargs)

    return hinting


def _hint(name: str) -> str:
    if name in _OTHERS:
        return f"track takes {_OTHERS[name]}, not {name}"
    remedy = _REMEDIES.get(name, f"it takes {', '.join(_OPTIONS[:-1])} and {_OPTIONS[-1]}")
    return f"track takes no {name}: {remedy}"


class Hinting:
    """An iterator that names the remedy where a method of another library's bar is called."""

    __slots__ = ()

    if not TYPE_CHECKING:  # else every attribute would be one

        def __getattr__(self, name: str) -> object:
            """Raise `AttributeError` with the remedy."""
            remedy = _METHODS.get(name)
            text = f"{type(self).__name__} has no {name}" + (f": {remedy}" if remedy else "")
            raise AttributeError(text, name=name, obj=self)


def checked_show(show: object) -> bool | None:
    """Return whether a loop is shown, or None; raise `InvalidProgressError` for anything else."""
    if show is None or isinstance(show, bool):
        return show
    raise InvalidProgressError("show as True or False", repr(show))


def refuse_async(iterable: object) -> None:
    """Raise `TypeError` with the remedy for what only `async for` iterates over, for a number, and for a coroutine."""
    if isinstance(iterable, Iterable):
        return
    kind = type(iterable).__name__
    if isinstance(iterable, AsyncIterable):
        raise TypeError(f"track takes what `for` iterates over, not {kind}: write `async for item in pnb.atrack(…)`")
    if isinstance(iterable, Awaitable):
        if isinstance(iterable, Coroutine):
            iterable.close()  # nobody will await it
        raise TypeError(f"track takes what `for` iterates over, not {kind}: await it before, or pnb.atrack.gather(…)")
    if isinstance(iterable, int):
        raise TypeError(f"track takes what `for` iterates over, not {iterable}: write range({iterable})")
