"""The points in time, days and months that callers pass to a history."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from progressnb.errors import InputError
from progressnb.history.rows import instant

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from progressnb.tracking.clock import Clock

__all__ = ["When", "local_span", "microseconds", "span_of_day"]

When: TypeAlias = "datetime | date | timedelta | str | np.datetime64[Any] | np.timedelta64[Any] | pd.Period"
"""A point in time, a local day or month, each as ISO text too, or how long ago; those of pandas and NumPy, too.

A time without a zone is the machine's own, that of NumPy is UTC.
"""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"\d{4}-\d{2}")
_DAY_LENGTH = 86_400_000_000
_EXPECTED = 'a datetime, or a timedelta for how long ago, or a day such as "2026-11-27", or a month such as "2026-11"'


def local_span(given: object) -> tuple[int, int] | None:
    """Return the begin and the end of a local day or month that a caller passed, in microseconds, else None.

    A day is a `date` or text such as "2026-11-27", a month is text such as "2026-11".
    """
    given = _plain(given)
    if isinstance(given, date) and not isinstance(given, datetime):
        return _span(given, given)
    if not isinstance(given, str):
        return None
    try:
        if _DAY.fullmatch(given):
            return _span(date.fromisoformat(given), date.fromisoformat(given))
        if _MONTH.fullmatch(given):
            first = date.fromisoformat(f"{given}-01")
            following = first + timedelta(days=31) if first.year < date.max.year or first.month < 12 else None  # noqa: PLR2004
            return _span(first, date.max if following is None else following.replace(day=1) - timedelta(days=1))
    except ValueError:
        return None
    return None


def span_of_day(given: object) -> tuple[int, int] | None:
    """Return the same for what may stand for a day as a whole, a time of that day too."""
    given = _plain(given)
    if isinstance(given, datetime) and given == given:  # noqa: PLR0124 - pandas' NaT is none
        given = (given if given.tzinfo is None else given.astimezone()).date()
    return local_span(given)


def microseconds(when: When, clock: Clock, *, end: bool = False) -> int:
    """Return a time as the tables hold it, of a day or month its begin or its end.

    A time before the first year or behind the last is that end of all times. Raises `InputError` for anything else,
    and for a negative `timedelta`, which would be a time to come.
    """
    if (span := local_span(when)) is not None:
        return span[end]
    given = _plain(when)
    try:
        given = datetime.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        given = None
    if not isinstance(given, datetime | timedelta) or given != given:  # noqa: PLR0124 - pandas' NaT
        raise InputError(_EXPECTED, repr(when))
    if isinstance(given, datetime):
        return _moment(given)
    if given < timedelta(0):
        raise InputError("a timedelta of 0 or more for how long ago", repr(when), "Write it without the minus.")
    return _before(clock.now(), given)


def _plain(given: object) -> Any:  # noqa: ANN401 - what the caller passed, or the same of the standard library
    """Return a time of pandas or NumPy as one of the standard library, a day or month of theirs as text."""
    name = f"{type(given).__module__.partition('.')[0]}.{type(given).__name__}"
    if name == "numpy.datetime64":
        text = str(given)
        return text if len(text) <= len("2026-11-27") else f"{text}+00:00"
    if name == "numpy.timedelta64":
        return cast("Any", given).astype("timedelta64[us]").item()
    if name == "pandas.Period":
        return str(given)
    for convert in ("to_pydatetime", "to_pytimedelta"):  # that of pandas knows no zone of the machine
        if isinstance(given, datetime | timedelta) and given == given and hasattr(given, convert):  # noqa: PLR0124
            return getattr(given.floor("us"), convert)()  # type: ignore[union-attr] # pyright: ignore[reportAttributeAccessIssue]
    return given


def _span(first: date, last: date) -> tuple[int, int]:
    if last == date.max:
        return _midnight(first), _midnight(last) + _DAY_LENGTH
    return _midnight(first), _midnight(last + timedelta(days=1))


def _midnight(day: date) -> int:
    """Return the begin of a day in the zone of the machine; it may be at 1 o'clock, where summer time begins at 0."""
    naive = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - local
    try:
        moments = [naive.replace(fold=fold).astimezone() for fold in (0, 1)]
        begin = min(moment for moment in moments if moment.astimezone(UTC).astimezone().date() >= day)
    except (OverflowError, ValueError):  # at the end of all times
        return _moment(naive)
    return _moment(begin)


def _moment(given: datetime) -> int:
    try:
        aware = given.astimezone() if given.tzinfo is None else given
    except (OverflowError, ValueError):  # in UTC it is before the first year, or behind the last
        aware = given.replace(tzinfo=UTC)
    return instant(aware) or 0


def _before(now: datetime, span: timedelta) -> int:
    try:
        return _moment(now - span)
    except OverflowError:
        return _moment(datetime.min)  # noqa: DTZ901 - before all runs
