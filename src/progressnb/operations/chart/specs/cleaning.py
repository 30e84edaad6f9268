"""A drawing without what can act or reach out of the chart, and a list of what was taken out."""

from __future__ import annotations

import re
from typing import Any, cast

from progressnb.errors import QueryError
from progressnb.operations.chart.specs.expressions import is_harmless

__all__ = ["cleaned"]

_LONGEST = 100_000
"""Characters of the largest drawing."""

_DEEPEST = 40
_ACTING = frozenset({"url", "href", "usermeta", "datasets", "signal", "lookup", "customFormatTypes", "keyvals"})
_EXPRESSIONS = frozenset({"expr", "calculate", "test", "labelExpr"})
_TEXTS = frozenset({"title", "subtitle", "text", "description"})
_REACHES = re.compile(r"\s*(url\(|//|(https?|data|file|ftp|blob|javascript):)", re.IGNORECASE)
_SHAPELESS = {"image": "which loads a file", "geoshape": "which needs the shapes of a map"}
_ENDS = frozenset({"x2", "y2", "theta2", "radius2", "latitude2", "longitude2"})
_SIZES = {"width", "height", "continuousWidth", "continuousHeight", "discreteWidth", "discreteHeight"}
_MOST: dict[str, float] = {
    **dict.fromkeys(_SIZES, 2_000),
    "maxbins": 500,
    "tickCount": 100,
    "steps": 1_000,
    "maxsteps": 1_000,
    "minsteps": 1_000,
    "order": 10,
    "columns": 100,
    "spacing": 500,
    "fontSize": 100,
    "size": 100_000,
    "strokeWidth": 200,
    "ticks": 100,
}
_GONE: Any = object()


def cleaned(spec: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a drawing without what can act or reach out, and the places of what was taken out.

    Gone are addresses, links, foreign data, images, inputs, and expressions that do more than compute with a row.
    Raises `QueryError` where nothing is left to draw, or where the rest would show other rows.
    """
    if len(str(spec)) > _LONGEST:
        raise QueryError(f"a drawing of at most {_LONGEST:,} characters", f"{len(str(spec)):,}")
    cleaner = _Cleaner()
    cleaner.note_params(spec, 0)
    rest: Any = cleaner.object(spec, "")
    if rest is _GONE:
        raise QueryError("a mark of the query's rows, such as bar or line", ", ".join(cleaner.left_out))
    return rest, cleaner.left_out


class _Cleaner:
    def __init__(self) -> None:
        self.left_out: list[str] = []
        self._selections: set[str] = set()

    def note_params(self, value: Any, depth: int) -> None:  # noqa: ANN401 - any JSON
        """Note the selections that stay, since conditions name them."""
        if depth > _DEEPEST:
            raise QueryError(f"a drawing of at most {_DEEPEST} levels", "more")
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            given: Any = fields.get("params")
            if isinstance(given, list):
                found = cast("Any", given)
                self._selections |= {str(each["name"]) for each in found if _is_selection(each)}
            value = list(fields.values())
        below: list[Any] = cast("Any", value) if isinstance(value, list) else []
        for each in below:
            self.note_params(each, depth + 1)

    def object(self, given: dict[str, Any], place: str) -> Any:  # noqa: ANN401 - any JSON
        """Return an object without its acting parts, or `_GONE`."""
        mark: Any = given.get("mark")
        kind: Any = cast("dict[str, Any]", mark).get("type") if isinstance(mark, dict) else mark
        if isinstance(kind, str) and kind in _SHAPELESS:
            return self._gone(f"{_joined(place, 'mark')} {kind}, {_SHAPELESS[kind]}")
        if "param" in given and str(given["param"]) not in self._selections:
            return self._gone(place)
        rest: dict[str, Any] = {}
        for key, value in given.items():
            at = _joined(place, key)
            kept = self._value(key, value, at)
            if kept is not _GONE:
                rest[key] = kept
            elif key in ("expr", "test", "calculate", "filter", "lookup", "param"):
                return _GONE  # without it the rest of the object has no meaning
        if "layer" in given and not rest.get("layer"):
            return _GONE
        return rest

    def _value(self, key: str, value: Any, place: str) -> Any:  # noqa: ANN401 - any JSON
        if key == "$schema" or _acts(key, value):
            silent = key == "$schema" or (key == "data" and _is_placeholder(value))
            return _GONE if silent else self._gone(place)
        if key == "filter":
            return self._filter(value, place)
        if key == "params" and isinstance(value, list):
            return self._params(cast("Any", value), place) or _GONE
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            without = ("type", "axis") if key in _ENDS else ()  # which are those of the other end
            return self.object({name: each for name, each in fields.items() if name not in without}, place)
        if isinstance(value, list):
            return self._list(key, cast("Any", value), place)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return min(value, _MOST[key]) if is_number and key in _MOST else value

    def _list(self, key: str, values: list[Any], place: str) -> Any:  # noqa: ANN401 - any JSON
        kept = [self._value(key, each, f"{place}[{at}]") for at, each in enumerate(values)]
        rest = [each for each in kept if each is not _GONE]
        return rest if rest or not values else _GONE

    def _filter(self, value: Any, place: str) -> Any:  # noqa: ANN401 - any JSON
        """Return a filter; one that can't be kept is a fault, since without it other rows would be drawn."""
        if isinstance(value, str):
            if not is_harmless(value):
                raise QueryError(
                    f"a filter at {place} that only compares values of datum", repr(value[:200]), "Filter in the query."
                )
            return value
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            for logical in ("and", "or", "not"):
                if logical in fields:
                    return {logical: self._filter(fields[logical], place)}
            return self.object(fields, place)
        if isinstance(value, list):
            kept = [self._filter(each, place) for each in cast("Any", value)]
            return [each for each in kept if each is not _GONE] or _GONE
        return value

    def _params(self, values: list[Any], place: str) -> list[Any]:
        self.left_out += [f"{place}[{at}]" for at, each in enumerate(values) if not _is_selection(each)]
        return [self.object(each, place) for each in values if _is_selection(each)]

    def _gone(self, place: str) -> Any:  # noqa: ANN401 - the mark of what is gone
        self.left_out.append(place)
        return _GONE


def _acts(key: str, value: Any) -> bool:  # noqa: ANN401 - any JSON
    """Tell whether a part of a drawing acts, reaches out, brings other data, or makes any number of steps."""
    if key in _EXPRESSIONS and isinstance(value, str):
        return not is_harmless(value)
    if isinstance(value, str) and key not in _TEXTS and _REACHES.match(value):
        return True
    return (
        key == "data"
        or (key in _ACTING and (key != "lookup" or isinstance(value, str)))
        or (key == "bins" and isinstance(value, dict))
        or (key == "formatType" and value not in ("number", "time"))
    )


def _is_selection(param: Any) -> bool:  # noqa: ANN401 - any JSON
    """Tell whether a parameter only selects what is under the hand: no input, event stream or expression is in it."""
    given = cast("dict[str, Any]", param) if isinstance(param, dict) else {}
    if not isinstance(name := given.get("name"), str) or not name.isidentifier():
        return False
    select: Any = given.get("select")
    parts: dict[str, Any] = cast("dict[str, Any]", select) if isinstance(select, dict) else {"type": select}
    words = [parts.get(key) for key in ("on", "clear", "toggle", "translate", "zoom", "resolve")]
    return (
        parts.get("type") in ("point", "interval")
        and given.get("bind") in (None, "scales", "legend")
        and all(each is None or isinstance(each, bool) or re.fullmatch(r"[a-z]{1,20}", str(each)) for each in words)
    )


def _is_placeholder(data: Any) -> bool:  # noqa: ANN401 - any JSON
    """Tell whether data has no rows of its own, such as a name: the rows of the query stand in its place."""
    if not isinstance(data, dict):
        return data is None
    fields = cast("dict[str, Any]", data)
    return not set(fields) - {"name", "values"} and (fields.get("values") or []) == []


def _joined(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key
