"""The arguments of a call by the names of their parameters, in the short way and by their signature."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

from progressnb.history.bound import bound_arguments

if TYPE_CHECKING:
    from collections.abc import Callable


def plain(a: object, b: object = 2) -> None:
    """Take two."""


def by_place(a: object, /, b: object) -> None:
    """Take one by its place alone."""


def many(a: object, *rest: object, **named: object) -> None:
    """Take any."""


def by_name(a: object, *, b: object = None) -> None:
    """Take one by its name alone."""


CALLS: list[tuple[Callable[..., Any], tuple[object, ...], dict[str, object]]] = [
    (plain, (1,), {}),
    (plain, (1, 3), {}),
    (plain, (1, 2), {}),
    (plain, (), {"b": 3, "a": 1}),
    (by_place, (1, 2), {}),
    (many, (1, 2, 3), {"c": 4}),
    (many, (1, 2, 3), {}),
    (by_name, (1,), {"b": 2}),
]


@pytest.mark.parametrize(("function", "args", "kwargs"), CALLS)
def test_arguments_have_their_names(
    function: Callable[..., Any], args: tuple[object, ...], kwargs: dict[str, object]
) -> None:
    """However a call is written, its arguments are those of its signature, in its order, without the defaults."""
    signature = inspect.signature(function)
    bound = signature.bind(*args, **kwargs).arguments
    expected = {name: value for name, value in bound.items() if value is not signature.parameters[name].default}
    place, named = bound_arguments(function, args, kwargs)
    assert (place, [*named.items()]) == ((), [*expected.items()])


@pytest.mark.parametrize("args", [(), (1, 2, 3)])
def test_a_wrong_call_fails_where_it_is_made(args: tuple[object, ...]) -> None:
    """A call that its function refuses is no error here."""
    assert bound_arguments(plain, args, {}) == (args, {})
