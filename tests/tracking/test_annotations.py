"""Type hints at run time, for modules that import types for type checkers alone."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest

from progressnb.tracking.annotations import Unknown, is_unknown, parts_of, type_hints

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unknown_to_everybody import Model  # type: ignore[import-not-found] # pyright: ignore[reportMissingImports]

Alias = "list[int]"


def example(  # noqa: PLR0917 - one of each kind
    a: int,
    b: Sequence[Mapping[str, int]],
    c: Model | str | None,
    d: Alias,  # type: ignore[valid-type]
    e: list["int"],  # noqa: UP037 - a string in a string
    f: Annotated[int, "metres"],
    g: Literal["Model"],
    h: Model.Inner[int],
    i: 1 / 0,  # type: ignore[valid-type]
    j,  # type: ignore[no-untyped-def] # noqa: ANN001
) -> None:
    """Be an example."""


def test_hints() -> None:
    """Each annotation is evaluated by itself: those with unknown names are left out, and the others are there."""
    hints = type_hints(example)
    assert set(hints) == {"a", "b", "d", "e", "f", "g", "return"}
    assert (hints["a"], hints["d"], hints["e"], hints["return"]) == (int, list[int], list[int], type(None))
    assert hints["b"].__args__[0].__args__ == (str, int)
    assert hints["f"] == Annotated[int, "metres"]


def test_unknown_types_are_kept_on_request() -> None:
    """With `keep_unknown` the known members of a union are there beside the unknown one."""
    hints = type_hints(example, keep_unknown=True)
    assert {name for name, hint in hints.items() if is_unknown(hint)} == {"c", "h", "i"}
    assert set(parts_of(hints["c"])) >= {str, type(None)}
    assert hints["i"] is Unknown


def test_decorated_functions_are_looked_through() -> None:
    """Hints of a decorated function are evaluated with the names of the function's own module."""

    @functools.wraps(example)
    def wrapper(*_: Any) -> None: ...

    assert type_hints(wrapper) == type_hints(example)


@pytest.mark.parametrize("value", [len, functools.partial(example, 1), object(), 7])
def test_without_annotations(value: Any) -> None:
    """Objects without annotations have no hints."""
    assert type_hints(value) == {}


def test_parts() -> None:
    """The parts of a type are the type, its origin and all types inside it; literals have no parts."""
    assert set(parts_of(dict[str, Callable[[Path], int]])) >= {dict, str, Path, int}
    assert "Model" not in parts_of(Literal["Model"])
