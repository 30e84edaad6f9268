"""Arrays and frames as nodes of plain data, from which the very same are made again: types, order, index, NaN."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from progressnb.frames.columns import Recorded

if TYPE_CHECKING:
    from collections.abc import Callable

    Inside = Callable[[object], Any]

__all__ = ["frame_node", "restored_frame"]


def frame_node(value: object, inside: Inside) -> Any:  # noqa: ANN401, C901, PLR0911 - JSON; each kind of value has its answer
    """Return the node of an array, a frame or a scalar of these; None for any other. `inside` makes nodes of parts."""
    if value is pd.NA or value is pd.NaT:
        return [repr(value)]
    kind = type(value)
    if kind is np.ndarray:
        return _array_node(cast("Any", value), inside)
    if isinstance(value, np.generic):
        scalar = cast("Any", value)
        return None if scalar.dtype.hasobject else ["scalar", _npy(np.asarray(scalar))]
    if kind is pd.Timestamp:
        stamp = cast("pd.Timestamp", value)
        return ["Timestamp", stamp.value, stamp.unit, str(stamp.tz) if stamp.tz is not None else None]
    if kind is pd.Timedelta:
        return ["Timedelta", cast("pd.Timedelta", value).value, cast("pd.Timedelta", value).unit]
    if kind is pd.Period:
        return ["Period", cast("pd.Period", value).ordinal, cast("pd.Period", value).freqstr]
    if kind is pd.Interval:
        interval = cast("Any", value)
        return ["Interval", inside(interval.left), inside(interval.right), interval.closed]
    if kind in (pd.DataFrame, Recorded):
        frame = cast("pd.DataFrame", value)
        columns = [_values_node(frame.iloc[:, place].array, inside) for place in range(frame.shape[1])]
        return [
            "DataFrame",
            columns,
            _index_node(frame.index, inside),
            _index_node(frame.columns, inside),
            inside(dict(frame.attrs)),
        ]
    if kind is pd.Series:
        series = cast("pd.Series[Any]", value)
        parts = _values_node(series.array, inside), _index_node(series.index, inside)
        return ["Series", *parts, inside(series.name), inside(dict(series.attrs))]
    if isinstance(value, pd.Index):
        return _index_node(value, inside)
    if isinstance(value, pd.api.extensions.ExtensionArray):
        return ["array", _values_node(value, inside)]
    return None


def restored_frame(node: Any, read: Callable[[Any], Any]) -> Any:  # noqa: ANN401, PLR0911 - what `frame_node` was given
    """Return the value of a node; `read` makes values of the parts."""
    tag, *parts = node
    if tag in ("<NA>", "NaT"):
        return pd.NA if tag == "<NA>" else pd.NaT
    if tag == "scalar":
        return _from_npy(parts[0])[()]
    if tag == "Timestamp":
        return pd.Timestamp(parts[0], unit="ns", tz=parts[2]).as_unit(parts[1])
    if tag == "Timedelta":
        return pd.Timedelta(parts[0], unit="ns").as_unit(parts[1])
    if tag == "Period":
        return pd.Period(ordinal=parts[0], freq=parts[1])
    if tag == "Interval":
        return pd.Interval(read(parts[0]), read(parts[1]), parts[2])
    if tag == "DataFrame":
        return _frame(*parts, read=read)
    if tag == "Series":
        series: Any = pd.Series(_values(parts[0], read), index=_index(parts[1], read), name=read(parts[2]))
        series.attrs = read(parts[3])
        return series
    if tag == "array":
        return _values(parts[0], read)
    return _array(node, read) if tag in ("npy", "objects") else _index(node, read)


def _frame(columns: Any, index: Any, names: Any, attrs: Any, *, read: Callable[[Any], Any]) -> pd.DataFrame:  # noqa: ANN401 - JSON
    rows = _index(index, read)
    frame = pd.DataFrame(
        {place: pd.Series(_values(each, read), index=rows) for place, each in enumerate(columns)}, index=rows
    )
    frame.columns = _index(names, read)
    frame.attrs = read(attrs)
    return frame


def _npy(array: Any) -> str:  # noqa: ANN401 - an array
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return base64.b64encode(buffer.getvalue()).decode()


def _from_npy(text: str) -> Any:  # noqa: ANN401 - an array
    return np.load(io.BytesIO(base64.b64decode(text)), allow_pickle=False)


def _array_node(array: Any, inside: Inside) -> list[Any]:  # noqa: ANN401 - an array
    if array.dtype == object:
        return ["objects", list(array.shape), [inside(each) for each in array.ravel()]]
    return ["npy", _npy(array)]


def _array(node: Any, read: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - JSON, an array
    tag, *parts = node
    if tag == "npy":
        return _from_npy(parts[0])
    flat: Any = np.empty(len(parts[1]), dtype=object)
    for place, each in enumerate(parts[1]):
        flat[place] = read(each)
    return flat.reshape(parts[0])


def _values_node(values: Any, inside: Inside) -> list[Any]:  # noqa: ANN401 - an array of any kind
    """Return the node of a column: NumPy's own bytes, or its values one by one."""
    dtype = values.dtype
    if isinstance(dtype, np.dtype):
        return _array_node(np.asarray(values), inside)
    if isinstance(dtype, pd.CategoricalDtype):
        return ["category", _npy(values.codes), _index_node(values.categories, inside), bool(dtype.ordered)]
    if isinstance(dtype, pd.DatetimeTZDtype):
        return ["zoned", _npy(values.asi8), dtype.unit, str(dtype.tz)]
    if isinstance(dtype, pd.StringDtype):
        missing = "NA" if dtype.na_value is pd.NA else "nan"
        return ["text", [None if pd.isna(each) else each for each in values], dtype.storage, missing]
    return ["extension", str(dtype), [inside(each) for each in values]]


def _values(node: Any, read: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - JSON, an array of any kind
    tag, *parts = node
    if tag in ("npy", "objects"):
        return _array(node, read)
    if tag == "category":
        return pd.Categorical.from_codes(_from_npy(parts[0]), categories=_index(parts[1], read), ordered=parts[2])
    if tag == "zoned":
        stamps = pd.DatetimeIndex(_from_npy(parts[0]).view(f"M8[{parts[1]}]")).tz_localize("UTC")
        return stamps.tz_convert(parts[2]).array
    if tag == "text":
        dtype = pd.StringDtype(parts[1], na_value=np.nan if parts[2] == "nan" else pd.NA)
        return cast("Any", pd).array(parts[0], dtype=dtype)
    return cast("Any", pd).array([read(each) for each in parts[1]], dtype=parts[0])


def _index_node(index: Any, inside: Inside) -> list[Any]:  # noqa: ANN401 - an index of any kind
    names = inside(list(index.names))
    if isinstance(index, pd.RangeIndex):
        return ["range", [index.start, index.stop, index.step], names]
    if isinstance(index, pd.MultiIndex):
        levels = [_values_node(index.levels[place].array, inside) for place in range(index.nlevels)]
        return ["multi", levels, [_npy(np.asarray(codes)) for codes in index.codes], names]
    freq = getattr(index, "freqstr", None) if isinstance(index, pd.DatetimeIndex | pd.TimedeltaIndex) else None
    return ["index", _values_node(index.array, inside), freq, names]


def _index(node: Any, read: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - JSON, an index
    tag, *parts = node
    names = read(parts[-1])
    if tag == "range":
        start, stop, step = parts[0]
        return pd.RangeIndex(start, stop, step, name=names[0])
    if tag == "multi":
        levels: Any = [pd.Index(_values(each, read)) for each in parts[0]]
        return pd.MultiIndex(levels=levels, codes=[_from_npy(each) for each in parts[1]], names=names)
    values = _values(parts[0], read)
    index: Any = pd.Index(values, name=names[0], dtype=values.dtype, copy=False)
    if parts[1] is not None:
        index.freq = parts[1]
    return index
