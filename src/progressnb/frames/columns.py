"""DataFrames with given column types from values of any kind: a value of another kind is missing, and no error."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from progressnb.errors import InputError
from progressnb.frames.sheets import safe_texts
from progressnb.wire.cells import text_cell
from progressnb.wire.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["PERCENT", "TIME", "Recorded", "Zone", "is_count", "local_times", "typed_frame"]

Zone: TypeAlias = bool | str | tzinfo
"""True for the zone of the machine, or a zone or its name; False for times in UTC that say so."""

TIME = "datetime64[us, UTC]"
PERCENT = "percent"
"""Numbers without what floating point adds to sums of shares: 30, and not 29.999999999999996."""

_DECIMALS = 9
_LARGEST = (1 << 63) - 1
_TEXT: Any = pd.Series([], dtype="str").dtype  # pandas 2 has no type for texts: its "str" would make None a word


class Recorded(pd.DataFrame):
    """A DataFrame of runs, stages or events, whose times go to Excel in the zone of the machine."""

    @property
    def _constructor(self) -> type[Recorded]:
        return Recorded

    if pd.__version__ == "2.2.0":  # it warns of its own call, which 2.2.1 mended in this way

        def _constructor_from_mgr(self, mgr: Any, axes: Any) -> Recorded:  # noqa: ANN401 - pandas' own
            plain: Any = pd.DataFrame
            return Recorded(plain._from_mgr(mgr, axes=axes))  # noqa: SLF001 - as 2.2.1 has it

    def to_excel(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[misc] # pyright: ignore[reportIncompatibleMethodOverride] # noqa: ANN401
        """Write to Excel as pandas does, with local times, and with text that is no formula and that Excel takes."""
        plain = pd.DataFrame(local_times(self, local=True))
        safe: Any = safe_texts(plain, lambda value: text_cell(visible(value)))
        safe.to_excel(*args, **kwargs)


def typed_frame(columns: Mapping[str, Sequence[Any]], dtypes: Mapping[str, Any]) -> pd.DataFrame:
    """Return a DataFrame with these column types. A value that does not fit, such as a newer version's, is missing."""
    return Recorded({name: _column(values, dtypes[name]) for name, values in columns.items()})


def local_times(frame: pd.DataFrame, local: Zone) -> pd.DataFrame:
    """Return a frame whose times are those of a zone at each moment, without a zone, as Excel takes them.

    True is the machine's own zone; False returns the frame as it is. The times have microseconds. Hours that come
    twice, when summer time ends, can't be told apart. Raises `InputError` for a zone that is none.
    """
    zone = _zone(local)
    if zone is False:
        return frame
    changed = frame.copy()
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.DatetimeTZDtype):
            moments = [None if pd.isna(moment) else moment.to_pydatetime().astimezone(zone) for moment in frame[name]]
            naive = [None if moment is None else moment.replace(tzinfo=None) for moment in moments]
            changed[name] = pd.Series(naive, index=None, dtype="datetime64[us]").to_numpy()
    return changed


def _zone(local: object) -> tzinfo | Literal[False] | None:
    """Return a zone, None for the machine's own, False for none."""
    if local is None or isinstance(local, bool | np.bool_):
        return None if local else False
    if isinstance(local, tzinfo):
        return local
    try:
        if isinstance(local, str):
            return ZoneInfo(local)
    except (KeyError, ValueError, OSError):
        pass
    raise InputError('True, or the name of a zone such as "Asia/Tokyo"', repr(local), "True is the machine's own.")


def _column(values: Sequence[Any], dtype: Any) -> Any:  # noqa: ANN401 - pandas' arrays have no common type
    if dtype == TIME:
        return _times(values)
    if isinstance(dtype, pd.CategoricalDtype) or dtype == "category":
        return _category(values, dtype)
    if dtype == "str":
        values = [value if value is None or isinstance(value, str) else str(value) for value in values]
        dtype = _TEXT
    if dtype == "object":
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array
    if dtype == _TEXT:
        return pd.array(values, dtype=dtype)  # pyright: ignore[reportUnknownVariableType] # of pandas' stubs
    fits = _FITS[dtype]
    if not all(value is None or fits(value) for value in values):
        values = [value if fits(value) else None for value in values]
    if dtype == "int64" and any(value is None for value in values):  # of a damaged or a foreign file
        dtype = "Int64"
    if dtype == PERCENT:
        with np.errstate(over="ignore"):  # of numbers that no percent is
            return np.array(values, dtype="float64").round(_DECIMALS)
    make: Any = np.array if dtype == "float64" else pd.array
    return make(values, dtype=dtype)


def is_count(value: object) -> bool:
    """Tell whether a value is an integer of 64 bits."""
    return type(value) is int and -_LARGEST <= value <= _LARGEST


def _is_number(value: object) -> bool:
    return type(value) is float or is_count(value)


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool)


_FITS = {"float64": _is_number, "int64": is_count, "Int64": is_count, "boolean": _is_boolean, PERCENT: _is_number}


def _times(values: Sequence[Any]) -> Any:  # noqa: ANN401 - pandas' arrays have no common type
    if all(value is None or is_count(value) for value in values):  # microseconds since 1970
        counted: Any = pd.Series(pd.array(values, dtype="Int64")).astype("datetime64[us]").dt.tz_localize("UTC")
        return counted.astype(TIME)
    texts = [value if isinstance(value, str | datetime) else None for value in values]
    parse: Any = pd.to_datetime
    return pd.Series(parse(texts, utc=True, format="ISO8601", errors="coerce")).dt.as_unit("us")


def _category(values: Sequence[Any], dtype: Any) -> Any:  # noqa: ANN401 - pandas' arrays have no common type
    names: list[str] = [] if isinstance(dtype, str) else list(dtype.categories)
    # Words that only a newer version knows come after the known ones.
    codes = {name: number for number, name in enumerate(names)}
    coded = [-1 if value is None else codes.setdefault(str(value), len(codes)) for value in values]
    categories: Any = pd.Index(list(codes), dtype="str")
    return pd.Categorical.from_codes(coded, categories=categories)
