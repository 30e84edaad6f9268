"""A drawing and the rows of its query: every field is one of their columns, and has a type that fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from progressnb.operations.chart.specs.faults import DraftError
from progressnb.operations.chart.specs.names import escaped, label_of
from progressnb.operations.chart.specs.transforms import ANYTHING, Columns, transformed
from progressnb.operations.chart.tables import kind_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PARTS", "fitted"]

PARTS = ("layer", "concat", "hconcat", "vconcat")
"""The keys of a drawing that hold several drawings."""

_FITS = {
    "number": {"quantitative", "ordinal", "nominal"},
    "time": {"temporal", "ordinal", "nominal"},
    "flag": {"nominal", "ordinal"},
    "text": {"nominal", "ordinal"},
}
_USUAL = {"number": "quantitative", "time": "temporal"}
_COUNTS = frozenset({"count", "distinct", "valid", "missing"})
_UNTYPED = frozenset(
    {"x2", "y2", "theta2", "radius2", "latitude2", "longitude2", "xError", "yError", "xError2", "yError2"}
)
_DRAWS = frozenset({"x", "y", "theta", "text", "radius", "latitude", "longitude"})
_MOST_VIEWS = 60
_MOST_BINS = 1_000
_YEARS = (1500, 2500)


def fitted(spec: dict[str, Any], table: pd.DataFrame) -> dict[str, Any]:
    """Return a drawing whose fields are columns of the table, with the types that are missing.

    Raises `DraftError` with all faults: unknown fields, columns without values, types that don't fit.
    """
    fitting = _Fitting(table)
    columns: Columns = {str(label): kind_of(table[label]) for label in table.columns}
    fitted_spec = fitting.view(spec, columns, inherited=False)
    if fitting.unknown:
        names = ", ".join(dict.fromkeys(fitting.unknown))
        fitting.faults.insert(0, f"{names}, where the query's columns are {', '.join(columns)}")
    if fitting.faults:
        raise DraftError("fields and types that fit the query's columns", faults=list(dict.fromkeys(fitting.faults)))
    return fitted_spec


class _Fitting:
    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table
        self.faults: list[str] = []
        self.unknown: list[str] = []

    def view(self, spec: dict[str, Any], columns: Columns, *, inherited: bool) -> dict[str, Any]:
        """Return a drawing, or a part of one, with its fields; `inherited` where a layer above has channels too."""
        spec = dict(spec)
        steps: list[dict[str, Any]] = []
        for step in spec.get("transform", []):
            changed, columns, unknown = transformed(step, columns)
            self.unknown += unknown
            steps.append(changed)
        if steps:
            spec["transform"] = steps
        given: dict[str, Any] = spec.get("encoding", {})
        if "mark" in spec and not inherited and not _DRAWS & set(given):
            self.faults.append(f"no channel x, y, theta or text, but {', '.join(given) or 'none'}")
        if given:
            spec["encoding"] = {name: self._channels(name, each, columns) for name, each in given.items()}
        given_facet: Any = spec.get("facet")
        if isinstance(given_facet, dict) and "spec" in spec:
            facet = cast("dict[str, Any]", given_facet)
            facets = {"facet": facet} if "field" in facet else facet
            done = {name: self._channels(name, each, columns) for name, each in facets.items()}
            spec["facet"] = done["facet"] if "field" in facet else done
        for part in PARTS:
            if part in spec:
                spec[part] = [self.view(each, columns, inherited=inherited or bool(given)) for each in spec[part]]
        if "repeat" in spec:
            self._repeated(spec["repeat"], columns)
        if "spec" in spec:
            spec["spec"] = self.view(spec["spec"], columns, inherited=inherited)
        return spec

    def _repeated(self, repeat: Any, columns: Columns) -> None:  # noqa: ANN401 - any JSON
        by_side = cast("dict[str, list[str]]", repeat) if isinstance(repeat, dict) else {"repeat": repeat}
        groups: list[list[str]] = list(by_side.values())
        self.unknown += [repr(name) for group in groups for name in group if name not in columns]

    def _channels(self, name: str, given: Any, columns: Columns) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(given, list):
            return [self._channels(name, each, columns) for each in cast("Any", given)]
        return self._channel(name, cast("dict[str, Any]", given), columns) if isinstance(given, dict) else given

    def _channel(self, name: str, given: dict[str, Any], columns: Columns) -> dict[str, Any]:
        channel: dict[str, Any] = {key: self._nested(key, each, columns) for key, each in given.items()}
        field = given.get("field")
        if not isinstance(field, str):
            if given.get("aggregate") == "count" and "type" not in given and name not in _UNTYPED:
                channel["type"] = "quantitative"
            return channel
        label = self._label(field, columns)
        if label is None:
            return channel
        channel["field"] = escaped(label)
        kind = columns.get(label, "any")
        if label in self._table.columns and kind != "any" and self._table[label].isna().all():
            self.faults.append(f"no values in the column {label!r}")
            return channel
        if name in _UNTYPED:
            return channel
        self._type(name, channel, label, kind)
        if name in ("row", "column", "facet") and label in self._table.columns:
            views = self._table[label].nunique()
            if views > _MOST_VIEWS:
                self.faults.append(
                    f"{views} drawings, one for each value of {label!r}, where {_MOST_VIEWS} are the most"
                )
        return channel

    def _type(self, name: str, channel: dict[str, Any], label: str, kind: str) -> None:
        """Give a channel the type that it lacks, and note what doesn't fit."""
        aggregate, unit, bins = channel.get("aggregate"), channel.get("timeUnit"), channel.get("bin")
        numeric = aggregate in _COUNTS or (aggregate is not None and kind != "time")
        if "type" not in channel:
            made = "quantitative" if numeric or bins else "temporal" if unit else _USUAL.get(kind, "nominal")
            channel["type"] = made if name not in ("row", "column", "facet", "shape") else "nominal"
        if kind == "any":
            return
        if isinstance(aggregate, str) and aggregate not in _COUNTS and kind == "text":
            self.faults.append(f"{aggregate} of {label!r}, a column of text, for {name}")
        is_time = kind == "time" or _are_times(self._table[label], kind)
        if unit and not is_time:
            self.faults.append(f"a timeUnit of {label!r}, a {kind}, for {name}")
        if bins and bins != "binned" and kind not in ("number", "time"):
            self.faults.append(f"bins of {label!r}, a {kind}, for {name}")
        if isinstance(bins, dict) and isinstance(step := cast("dict[str, Any]", bins).get("step"), int | float):
            values = self._table[label]
            if kind == "number" and not 0 < float(values.max() - values.min()) / _MOST_BINS <= step:
                self.faults.append(f"more than {_MOST_BINS:,} bins of {label!r} for {name}")
        fits = _FITS[kind] if aggregate not in _COUNTS else _FITS["number"]
        if channel["type"] not in fits and not unit and not (is_time and channel["type"] == "temporal"):
            self.faults.append(f"{channel['type']} for {name}, where {label!r} is a {kind}")
        sort: Any = channel.get("sort")
        if isinstance(sort, list | dict) and channel["type"] in ("quantitative", "temporal") and not bins and not unit:
            self.faults.append(
                f"a sort by names or a field for {name}, which is {channel['type']}: sort a nominal channel"
            )

    def _nested(self, key: str, value: Any, columns: Columns) -> Any:  # noqa: ANN401 - any JSON
        """Return a sort or condition with its own fields."""
        if key not in ("sort", "condition", "test", "and", "or", "not") or not isinstance(value, dict | list):
            return value
        if isinstance(value, list):
            return [self._nested(key, each, columns) for each in cast("Any", value)]
        rest = {name: self._nested(name, each, columns) for name, each in cast("dict[str, Any]", value).items()}
        if isinstance(rest.get("field"), str) and (label := self._label(str(rest["field"]), columns)) is not None:
            rest["field"] = escaped(label)
        return rest

    def _label(self, field: str, columns: Columns) -> str | None:
        label = label_of(field, columns)
        if label is None and ANYTHING in columns:
            return None
        if label is None:
            self.unknown.append(repr(field))
        return label


def _are_times(column: pd.Series[Any], kind: str) -> bool:
    """Tell whether texts are dates in ISO form, or numbers are years: both are drawn as times where asked."""
    values: Any = column.dropna()
    if kind == "number":
        return bool(((values % 1 == 0) & values.between(*_YEARS)).all())
    return kind == "text" and bool(
        values.astype(str).str.fullmatch(r"\d{4}(-\d\d){1,2}([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?").all()
    )
