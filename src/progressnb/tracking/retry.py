"""The rule by which a stage's work is tried again: which errors, how often, after which pauses.

The pauses are those of stamina (hynek/stamina, `_compute_backoff`): `wait · 2ⁿ⁻¹`, bounded, plus a random part, as
"Exponential Backoff And Jitter" (AWS Architecture Blog, 2015) recommends against clients that come back all at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from progressnb.errors import InvalidStagesError, ProgressError
from progressnb.tracking.failures import causes_of, status_code
from progressnb.tracking.percent import is_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = ["LONGEST_PAUSE", "Retry", "asked_pause", "is_programming_error"]

LONGEST_PAUSE = 60.0
"""Seconds that a pause grows to, and that a server may ask for where the stage's timeout is not longer.

stamina stops at 5 s, which suits services that answer in milliseconds. The limits of language models are by the minute.
"""

_MENDABLE_STATUS = frozenset({408, 409, 425, 429})
"""The HTTP statuses below 500 after which a second try may succeed: timeout, conflict, too early, too many requests."""

_PROGRAMMING = (
    TypeError,
    AttributeError,
    NameError,
    ImportError,
    SyntaxError,
    NotImplementedError,
    RecursionError,
    AssertionError,
)
"""Errors of the code itself, which the same code makes again. What data may cause, such as `KeyError`, is not here."""

_LONGEST_CHAIN = 20
"""Errors of a chain of `raise … from …` that are read: a chain may be a circle."""

_NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?")

Wait: TypeAlias = float | Callable[[int], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Declare that a stage's work is tried again after an error, after pauses that grow.

    The pause after attempt n is `wait · 2ⁿ⁻¹` seconds, at most 60, plus a random part of up to `jitter` seconds. A
    server that asks for a longer pause gets it (`Retry-After`, as an error of pydantic-ai, httpx, openai or anthropic
    carries it). If it asks for more than 60 seconds and more than the stage's `timeout`, nothing is tried again.

    Errors that a second try can't mend are never tried again: HTTP 4xx but 408, 409, 425 and 429, progressnb's own
    errors, programming errors (`TypeError`, `AttributeError`, `NameError`, `ImportError`, `SyntaxError`,
    `NotImplementedError`, `RecursionError`, `AssertionError`, and a `RuntimeError` raised `from` one of these) that
    `on` does not name, and cancellations. Of an exception group one error that may be mended is enough. Errors that
    data may cause, such as `KeyError`, `IndexError` and `ZeroDivisionError`, are tried again like any other: name
    others in `on` where they shall fail.

    A `fallback` of the stage is for the same errors: those that `on` names, but no programming errors beside. HTTP 4xx
    lead to it at once. All others fail the stage.

    Args:
        attempts: How often the work is tried at most, the first time included.
        wait: The first pause in seconds, or a function that gets the number of the attempt that failed, from 1, and
            returns the pause in seconds.
        on: The types of errors after which the work is tried again, or the fallback is.
        jitter: The longest random addition to a pause, in seconds.

    Raises:
        InvalidStagesError: For other values.

    Example:
        ::

            stages = [pnb.Stage("load", timeout=30, retry=pnb.Retry(attempts=5, on=(OSError,)))]
            async with pnb.ProgressTracker("etl", stages=stages) as tracker:
                rows = await tracker.stage("load").run(load, "rows.csv")

    """

    attempts: int = 3
    wait: Wait = 0.5
    on: type[Exception] | tuple[type[Exception], ...] = (Exception,)
    jitter: float = 1.0

    def __post_init__(self) -> None:
        """Refuse values that can't be."""
        attempts, wait, jitter = cast("object", self.attempts), cast("object", self.wait), cast("object", self.jitter)
        if not isinstance(attempts, int) or isinstance(attempts, bool) or attempts < 1:
            raise InvalidStagesError("attempts as a whole number of 1 or more", repr(attempts), "The first try counts.")
        if not callable(wait) and not _is_seconds(wait):
            raise InvalidStagesError("a wait of 0 or more seconds, or a function", repr(wait))
        if not _is_seconds(jitter):
            raise InvalidStagesError("a jitter of 0 or more seconds", repr(jitter))
        on = cast("object", self.on)
        kinds = cast("tuple[object, ...]", on if isinstance(on, tuple) else (on,))
        if not kinds or not all(isinstance(kind, type) and issubclass(kind, Exception) for kind in kinds):
            raise InvalidStagesError("one or more types of errors", repr(self.on), "Write on=(ConnectionError,).")
        object.__setattr__(self, "on", kinds)

    def may_mend(self, error: BaseException) -> bool:
        """Return whether a second try may mend an error."""
        return any(self._may_mend(cause) for cause in causes_of(error))

    def may_replace(self, error: BaseException) -> bool:
        """Return whether a fallback may do the work after an error: any that `on` names, but no programming error."""
        return any(not isinstance(cause, ProgressError) and self._names(cause) for cause in causes_of(error))

    def _may_mend(self, error: BaseException) -> bool:
        code = status_code(error)
        if isinstance(error, ProgressError) or (code is not None and code < 500 and code not in _MENDABLE_STATUS):  # noqa: PLR2004 - HTTP's range
            return False
        return self._names(error)

    def _names(self, error: BaseException) -> bool:
        named = [kind for kind in cast("tuple[type[Exception], ...]", self.on) if isinstance(error, kind)]
        if isinstance(error, _PROGRAMMING):
            return any(issubclass(kind, _PROGRAMMING) for kind in named)
        return any(kind is RuntimeError for kind in named) if _is_programming(error) else bool(named)

    def pause(self, attempt: int, *, asked: float | None = None, chance: float = 0.0) -> float:
        """Return the pause in seconds after an attempt failed, counted from 1.

        `asked` is the pause in seconds that a server asks for; `chance` is the random number, 0–1, for the jitter.
        """
        if callable(self.wait):
            own = self.wait(attempt)
            if not _is_seconds(own):
                raise InvalidStagesError("a wait that returns 0 or more seconds", repr(own))
            pause = float(own)
        else:
            pause = min(LONGEST_PAUSE, self.wait * 2.0 ** min(attempt - 1, 60))  # a larger power helps nobody
        return max(pause, asked or 0.0) + self.jitter * chance


def is_programming_error(error: BaseException) -> bool:
    """Return whether an error, each one of a group, is one of the code itself: such an error is never hidden."""
    causes = causes_of(error)
    return bool(causes) and all(_is_programming(cause) for cause in causes)


def _is_programming(error: BaseException | None) -> bool:
    """Return whether an error is one of the code itself, or a bare `RuntimeError` that such an error caused."""
    for _ in range(_LONGEST_CHAIN):
        if isinstance(error, _PROGRAMMING):
            return True
        if type(error) is not RuntimeError:
            return False
        error = error.__cause__
    return False


def asked_pause(error: BaseException, now: datetime) -> float | None:
    """Return the pause in seconds that a server asks for with an error, or None; of a group, the longest.

    Reads `retry_after` (pydantic-ai) and the headers `Retry-After-Ms` (OpenAI) and `Retry-After` of `headers` or
    `response.headers`. The latter is seconds or an HTTP date (RFC 9110, section 10.2.3). Headers are a mapping or pairs
    of any case, of text or bytes.
    """
    asked = [pause for cause in causes_of(error) if (pause := _asked_by(cause, now)) is not None]
    return max(asked, default=None)


def _asked_by(error: BaseException, now: datetime) -> float | None:
    try:
        if (pause := _seconds(getattr(error, "retry_after", None), now)) is not None:
            return pause
        response: Any = getattr(error, "response", None)
        for holder in (error, response):
            headers: Any = getattr(holder, "headers", None)
            if headers is None and holder is response and isinstance(response, Mapping):
                headers = cast("Mapping[str, Any]", response).get("headers")
            if headers is not None and (pause := _asked_in(headers, now)) is not None:
                return pause
    except Exception:  # noqa: BLE001 - an error of any library, whose properties may be broken
        return None
    return None


def _asked_in(headers: Any, now: datetime) -> float | None:  # noqa: ANN401 - of any library
    """Return the pause that headers ask for: a mapping, or pairs."""
    pairs = headers.items() if hasattr(headers, "items") else headers
    found = {_text(name).strip().lower(): value for name, value in reversed(list(pairs))}  # the first of a name counts
    milliseconds = _seconds(found.get("retry-after-ms"), None)
    return _seconds(found.get("retry-after"), now) if milliseconds is None else milliseconds / 1000


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _seconds(value: object, now: datetime | None) -> float | None:
    """Return a number, its text, or the time until an HTTP date as seconds; None for anything else."""
    values = cast("Sequence[object]", value if isinstance(value, list | tuple) else (value,))
    value = values[0] if values else None
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if _is_seconds(value):
        return float(cast("float", value))
    if not isinstance(value, str | bytes):
        return None
    text = _text(value).strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    try:
        date = None if now is None else parsedate_to_datetime(text)
    except ValueError:
        return None
    if now is None or date is None:
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())


def _is_seconds(value: object) -> bool:
    return is_number(value) and 0 <= value < float("inf")
