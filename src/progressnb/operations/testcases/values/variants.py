"""Variants of a value that fits its schema, each changed in one place: invalid ones, and valid ones at a limit.

Each variant is checked against the whole schema. One that should be invalid and still fits, since another branch of an
`anyOf` takes it, is left out.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.plain import is_list, is_object, list_at, object_at, pointer_part
from progressnb.operations.testcases.values.changes import GONE, Change, Path, changes_of
from progressnb.operations.testcases.values.scalars import NoValueError
from progressnb.operations.testcases.values.serialization import possible_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from progressnb.operations.testcases.schemas import Category
    from progressnb.operations.testcases.spec.json_schema import AnySchema, Schema
    from progressnb.operations.testcases.values.builder import Values

__all__ = ["Variant", "variants"]

_DEEPEST = 4
"""Levels of a value that are changed."""

_MOST = 80
"""Variants of one value."""


@dataclass(frozen=True)
class Variant:
    """A variant of a value.

    Attributes:
        category: The category of its case.
        where: The place of the change, a JSON Pointer.
        what: The change, in words.
        value: The whole value.
        fits: Whether it is valid all the same, as a value at a limit.

    """

    category: Category
    where: str
    what: str
    value: Any
    fits: bool = False


def variants(
    schema: AnySchema,
    value: Any,  # noqa: ANN401 - plain data
    values: Values,
    *,
    textual: bool = False,
    seen: Callable[[Any], Any] = lambda value: value,
) -> Iterator[Variant]:
    """Yield the variants of a value that fits a schema.

    A `textual` value is sent as text, in a path or a form. There a number is a valid string, so a variant must also be
    invalid when a server converts its texts. What it can read of them at all is what `seen` returns.
    """
    count = 0
    for path, category, what, changed, should_fit in _changes(schema, value, values, (), 0):
        if textual and category == "type" and (changed is None or isinstance(changed, list | dict)):
            continue  # a text has none of these types
        if textual and category == "type" and isinstance(_at(value, path), str):
            continue  # anything that is sent as a text is one
        try:
            whole = _put(value, path, changed)
            fits = values.fits(schema, whole) or (
                textual and values.fits(schema, _converted(schema, seen(whole), values))
            )
        except NoValueError:
            continue
        if fits is should_fit:
            yield Variant(category, _pointer(path), what, whole, should_fit)
            count += 1
            if count >= _MOST:
                return


def _converted(schema: AnySchema, written: Any, values: Values) -> Any:  # noqa: ANN401 - plain data
    """Return a value that was sent as text as a lenient server converts it: each text to a value that fits."""
    shape = values.shape(schema)
    if not is_object(shape):
        return written
    for branch in (*list_at(shape, "anyOf"), *list_at(shape, "oneOf")):
        read = _converted(branch, written, values)
        if values.fits(shape, read):
            return read
    if is_object(written):
        properties = object_at(shape, "properties")
        return {name: _converted(properties.get(name, True), each, values) for name, each in written.items()}
    if is_list(written):
        return [_converted(shape.get("items", True), each, values) for each in written]
    return next((each for each in possible_values(written) if values.fits(shape, each)), written)


def _changes(schema: AnySchema, value: object, values: Values, path: Path, depth: int) -> Iterator[Change]:
    try:
        shape = values.shape(schema)
    except (NoValueError, RecursionError):
        return
    if not is_object(shape):
        return
    if (branch := _branch_of(shape, value, values)) is not None and depth < _DEEPEST:
        yield from _changes(branch, value, values, path, depth + 1)
    yield from changes_of(shape, value, path)
    if depth < _DEEPEST:
        for key, part, inner in _parts(shape, value):
            yield from _changes(part, inner, values, (*path, key), depth + 1)


def _branch_of(shape: Schema, value: object, values: Values) -> AnySchema | None:
    """Return the first branch of a `oneOf` or `anyOf` that a value fits."""
    for branch in (*list_at(shape, "oneOf"), *list_at(shape, "anyOf")):
        try:
            if values.fits(branch, value):
                return branch  # type: ignore[no-any-return] # branches are schemas
        except NoValueError:
            continue
    return None


def _parts(shape: Schema, value: object) -> Iterator[tuple[str | int, AnySchema, object]]:
    """Yield the key, the schema and the value of the parts of a value that may be changed."""
    if is_list(value) and value and "items" in shape:
        yield 0, shape["items"], value[0]
    elif is_object(value):
        for name, each in object_at(shape, "properties").items():
            if name in value:
                yield name, each, value[name]


def _at(value: Any, path: Path) -> Any:  # noqa: ANN401 - plain data
    for key in path:
        value = value[key]
    return value


def _put(value: Any, path: Path, changed: Any) -> Any:  # noqa: ANN401 - plain data
    """Return a copy of a value with the part at a path replaced or removed."""
    if not path:
        return changed
    whole = copy.deepcopy(value)
    place = whole
    for key in path[:-1]:
        place = place[key]
    if changed is GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = changed
    return whole


def _pointer(path: Path) -> str:
    return "".join(f"/{pointer_part(str(key))}" for key in path)
