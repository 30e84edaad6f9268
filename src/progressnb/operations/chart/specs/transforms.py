"""The columns that the transforms of a drawing read and make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from progressnb.operations.chart.specs.expressions import fields_of
from progressnb.operations.chart.specs.names import escaped, label_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ANYTHING", "Columns", "transformed"]

Columns = dict[str, str]
"""Columns by name, each with its kind: `number`, `time`, `flag`, `text`, or `any` of what a transform makes."""

ANYTHING = "*"
"""A column that stands for names which only the data has, such as those of a pivot."""

_READ = (
    "field",
    "on",
    "regression",
    "loess",
    "density",
    "quantile",
    "pivot",
    "value",
    "key",
    "impute",
    "stack",
    "flatten",
)
_READ_ALL = ("groupby", "fold", "flatten")
_MADE = {
    "fold": ("key", "value"),
    "density": ("value", "density"),
    "quantile": ("prob", "value"),
}


def transformed(transform: dict[str, Any], columns: Columns) -> tuple[dict[str, Any], Columns, list[str]]:
    """Return a transform with its columns as Vega takes them, the columns after it, and its faults."""
    faults: list[str] = []
    changed = _read(transform, columns, faults)
    expressions = [transform.get("calculate"), *_texts(transform.get("filter"))]
    for text in (each for each in expressions if isinstance(each, str)):
        faults += [
            f"{name!r} in the expression {text!r}" for name in sorted(fields_of(text)) if not _has(columns, name)
        ]
    made = _made(transform)
    for name in made:
        if columns.get(name, "any") != "any":
            faults.append(f"{name!r} made by a transform, which is a column of the query: give it another name")
    if "pivot" in transform:
        made.append(ANYTHING)
    if "aggregate" in transform or ("density" in transform or "quantile" in transform):
        columns = {name: kind for name, kind in columns.items() if name in _list(transform.get("groupby"))}
    times = dict.fromkeys(made, "time" if "timeUnit" in transform else "any")
    return changed, {**columns, **times}, faults


def _has(columns: Mapping[str, str], name: str) -> bool:
    return name in columns or ANYTHING in columns


def _read(value: Any, columns: Columns, faults: list[str]) -> Any:  # noqa: ANN401 - any JSON
    """Return a part of a transform with each column that it reads escaped; unknown ones are faults."""
    if isinstance(value, list):
        return [_read(each, columns, faults) for each in cast("Any", value)]
    if not isinstance(value, dict):
        return value
    given = cast("dict[str, Any]", value)
    is_value = "impute" in given or "op" in given  # the value to impute is no column
    rest: dict[str, Any] = {}
    for key, each in given.items():
        if isinstance(each, str) and key in _READ and not (key == "value" and is_value):
            rest[key] = _field(each, columns, faults)
        elif isinstance(each, list) and key in _READ_ALL:
            names = cast("Any", each)
            rest[key] = [_field(name, columns, faults) if isinstance(name, str) else name for name in names]
        else:
            rest[key] = _read(each, columns, faults)
    return rest


def _field(name: str, columns: Columns, faults: list[str]) -> str:
    label = label_of(name, columns)
    if label is None and ANYTHING not in columns:
        faults.append(f"{name!r} in a transform")
    return escaped(label) if label is not None else name


def _made(transform: Mapping[str, Any]) -> list[str]:
    """Return the names of the columns that a transform makes."""
    named = _list(transform.get("as"))
    for part in ("aggregate", "joinaggregate", "window"):
        steps: Any = transform.get(part)
        for step in cast("list[dict[str, Any]]", steps) if isinstance(steps, list) else []:
            named.append(str(step.get("as")))
    for key, names in _MADE.items():
        if key in transform and not transform.get("as"):
            named += names
    if "stack" in transform and len(named) == 1:
        named.append(f"{named[0]}_end")
    if "bin" in transform and len(named) == 1:
        named.append(f"{named[0]}_end")
    overwrites = {"regression", "loess", "flatten", "impute"}  # these keep the names of what they read
    return [] if overwrites & set(transform) and not transform.get("as") else named


def _list(value: Any) -> list[str]:  # noqa: ANN401 - any JSON
    found = cast("Any", value) if isinstance(value, list) else [value]
    return [each for each in found if isinstance(each, str)]


def _texts(value: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """Return the expressions of a filter."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return [text for key in ("and", "or", "not") for text in _texts(fields.get(key))]
    found: list[Any] = cast("Any", value) if isinstance(value, list) else []
    return [text for each in found for text in _texts(each)]
