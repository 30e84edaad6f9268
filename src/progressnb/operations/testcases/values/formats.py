"""The check of texts and numbers against the formats that are known; any value fits another format."""

from __future__ import annotations

import base64
import ipaddress
import re
import uuid
from datetime import date, time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["INTEGERS", "fits_format"]

INTEGERS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
"""The least and the greatest number of each format of whole numbers."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"(\d\d:\d\d:\d\d)(\.\d{1,20})?([zZ]|[+-]\d\d:\d\d)")
_EMAIL = re.compile(r"[^@\s]{1,100}@[^@\s]{1,255}")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,50}:[^\s<>\"{}|\\^`]*")
_DURATION = re.compile(
    r"P(?=[\dT])(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?)"
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LONGEST_HOST = 253
_LONGEST = 10_000
"""Characters of a text that is looked at: a longer one has none of these formats but that of Base64."""


def _is_date(text: str) -> bool:
    return _DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))


def _is_time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    if found is None:
        return False
    clock = found[1] if found[1][-2:] != "60" else f"{found[1][:-2]}59"  # a leap second
    zone = found[3] if found[3] not in "zZ" else "+00:00"
    return bool(time.fromisoformat(clock + zone))


def _is_date_time(text: str) -> bool:
    return text[10:11] in ("T", "t", " ") and _is_date(text[:10]) and _is_time(text[11:])


def _is_host(text: str) -> bool:
    return len(text) <= _LONGEST_HOST and all(map(_LABEL.fullmatch, text.split(".")))


_CHECKS: dict[str, Callable[[str], object]] = {
    "date": _is_date,
    "date-time": _is_date_time,
    "time": _is_time,
    "duration": _DURATION.fullmatch,
    "email": _EMAIL.fullmatch,
    "hostname": _is_host,
    "ipv4": ipaddress.IPv4Address,
    "ipv6": ipaddress.IPv6Address,
    "uri": _URI.fullmatch,
    "url": _URI.fullmatch,
    "uuid": lambda text: _UUID.fullmatch(text) and uuid.UUID(text),
}


def fits_format(value: object, form: Any) -> bool:  # noqa: ANN401 - any data of a schema
    """Tell whether a value fits a format; one of another type than the format is for does."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        low, high = INTEGERS.get(form, (value, value)) if isinstance(form, str) else (value, value)
        return low <= value <= high
    if not isinstance(value, str) or not isinstance(form, str):
        return True
    try:
        if form == "byte":
            base64.b64decode(value, validate=True)
            return True
        return form not in _CHECKS or (len(value) <= _LONGEST and bool(_CHECKS[form](value)))
    except ValueError:
        return False
