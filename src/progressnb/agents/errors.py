"""The errors of models, in one line for people: the model, the HTTP status, the provider's message.

Providers answer with JSON, HTML or nothing, and the errors of pydantic-ai quote all of it. The text for events has no
dumps, no line breaks and no keys. The error itself stays as it is, but for the keys of the model's client
(`progressnb.agents.keys`).
"""

from __future__ import annotations

import asyncio
import re
import traceback
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError
from pydantic_ai.exceptions import (
    ContentFilterError,
    ModelAPIError,
    ModelConnectionError,
    ModelHTTPError,
    ModelRequestTimeout,
    ModelRetry,
    ModelTimeoutError,
    UnexpectedModelBehavior,
    UserError,
)
from pydantic_ai.models import Model
from pydantic_core import from_json

from progressnb.agents.keys import hide_keys, keys_of
from progressnb.errors import ProgressError
from progressnb.tracking import word_error
from progressnb.tracking.retry import is_programming_error
from progressnb.wire.plain import one_line
from progressnb.wire.secrets import HIDDEN, without_known_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["describe_model_error", "is_model_failure", "model_error_text"]

_LIMIT = 300
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_MARKUP = re.compile(r"\s*<(?:!doctype|html|head|body|\?xml)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})</title", re.IGNORECASE)
# The errors of code that reads a broken answer. Raised by other packages, they have another cause.
_UNREAD = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
_READERS = frozenset({"anthropic", "openai", "pydantic_ai"})
_BUSY = (429, 503, 529)
_IN_TIME = "gave no answer in time."
_PHRASES = {529: "Overloaded"}


def is_model_failure(error: BaseException) -> bool:
    """Tell whether an error is a failure of a model, so that something else may do its work.

    Args:
        error: The error of `await stage.ask(…)` or of an agent's run, in the task that caught it.

    Returns:
        False for progressnb's own errors, for a wrong call of pydantic-ai (`UserError`), for programming errors such as
        `TypeError` and `NameError` (but for those that a client's own code raises over an odd answer), and while the
        task is being cancelled, which includes the time limit of the run.
        True for every other `Exception`.

    Example:
        ::

            try:
                summary = await stage.ask(str, prompt)
            except Exception as error:
                if not is_model_failure(error):
                    raise
                summary = ""

    """
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs in this thread
        task = None
    if task is not None and task.cancelling() > 0:
        return False
    if is_programming_error(error) and not _is_of_client(error):
        return False
    return isinstance(error, Exception) and not isinstance(error, ProgressError | UserError)


def _is_of_client(error: BaseException) -> bool:
    """Tell whether an installed package raised an error while it read a model's answer: its server sent nonsense."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    asks = any(str(frame.f_globals.get("__name__")).startswith("pydantic_ai.models.") for frame in frames)
    return asks and "site-packages" in Path(frames[-1].f_code.co_filename).parts


def describe_model_error(error: BaseException, model: object) -> None:
    """Give an error the text and the HTTP status that events show, where it is a model's error; hide the keys in it."""
    hide_keys(error, model)
    if (text := model_error_text(error, model)) is not None:
        word_error(error, text, status_code=_status_code(error))


def _status_code(error: BaseException) -> int | None:
    """Return the HTTP status of a model's error, or None; of a group the last one."""
    if isinstance(error, ExceptionGroup):
        codes = [_status_code(each) for each in cast("ExceptionGroup[Exception]", error).exceptions]
        return next((code for code in reversed(codes) if code is not None), None)
    return error.status_code if isinstance(error, ModelHTTPError) else None


def model_error_text(error: BaseException, model: object) -> str | None:
    """Return the failure of a model in one line; None for any other error."""
    if isinstance(error, ExceptionGroup):  # a FallbackModel, of which each model failed
        texts = [model_error_text(each, model) for each in cast("ExceptionGroup[Exception]", error).exceptions]
        return "; ".join(text for text in texts if text) or None
    if isinstance(error, ModelAPIError | UnexpectedModelBehavior):
        return _without_keys(f"{_who(error, model)} {_what(error)}", model)
    if isinstance(error, _UNREAD) and _raised_by(error) in _READERS:
        what = f"{type(error).__name__}: {_line(str(error))}".rstrip(": ")
        return _without_keys(f"{_who(error, model)} sent what can't be read ({what}).", model)
    return None


def _who(error: BaseException, model: object) -> str:
    name = error.model_name if isinstance(error, ModelAPIError) else str(getattr(model, "model_name", "the model"))
    for each in _models(model):
        # A provider may answer with a dated name of the model that was asked for.
        if name.startswith(each.model_name):
            begin = f"{each.system}:"  # which the name of a model for tests has itself
            return begin + each.model_name.removeprefix(begin)
    return _line(name)


def _raised_by(error: BaseException) -> str:
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    name = traceback.tb_frame.f_globals.get("__name__", "") if traceback is not None else ""
    return str(name).partition(".")[0]


def _models(model: object) -> Iterator[Model[Any]]:
    several = getattr(model, "models", None)
    if isinstance(several, list):
        for each in cast("list[object]", several):
            yield from _models(each)
    elif isinstance(model, Model):
        yield model


def _what(error: ModelAPIError | UnexpectedModelBehavior) -> str:
    if isinstance(error, ModelHTTPError):
        return _answered(error)
    if isinstance(error, ModelRequestTimeout | ModelTimeoutError):
        return f"gave no answer within {error.timeout:g} s." if isinstance(error, ModelRequestTimeout) else _IN_TIME
    if isinstance(error, ModelConnectionError):
        what = "could not be reached" if error.phase in ("pool", "connect") else "broke off"
        return _joined(f"{what}: ", _root(error))
    if isinstance(error, ModelAPIError):
        return _joined("failed: ", _line(error.message))
    what = "declined to answer" if isinstance(error, ContentFilterError) else "gave no usable answer"
    what = "made no usable call" if error.message.startswith("Tool ") else what
    return _joined(f"{what}: ", _line(error.message) + _complaint(error))


def _answered(error: ModelHTTPError) -> str:
    verb = "broke off with" if error.in_stream else "answered"
    status = f"{verb} {error.status_code} {_phrase(error.status_code)}".rstrip()
    message = _message(error.body)
    # Gateways and streams repeat the phrase of the status.
    text = _joined(f"{status}: ", "" if status.casefold().endswith(message.casefold().rstrip(".")) else message)
    waits = error.retry_after is not None and error.status_code in _BUSY
    wait = f" It asks to wait {error.retry_after:g} s." if waits else ""
    meant = f" Did you mean {error.suggested_model_id!r}?" if error.suggested_model_id else ""
    return f"{text}{wait}{meant}"


def _joined(start: str, text: str) -> str:
    if not text:
        return start.rstrip(": ") + "."
    return f"{start}{text}" if text.endswith((".", "!", "?", "…", '"', "'")) else f"{start}{text}."


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return _PHRASES.get(status, "")


def _message(body: object) -> str:
    """Return the message in the body of an error response; for an HTML page its title."""
    if isinstance(body, str):
        if _MARKUP.match(body):
            title = _TITLE.search(body)
            return _line(title[1]) if title else ""
        try:
            body = from_json(body)
        except ValueError:
            return _line(str(body))
    for _ in range(2):
        if isinstance(body, dict):
            fields = cast("dict[str, object]", body)
            body = fields.get("error") or fields.get("message")
    return _line(body) if isinstance(body, str) else _field(body)


def _field(body: object) -> str:
    message = cast("dict[str, object]", body).get("message") if isinstance(body, dict) else None
    return _line(message) if isinstance(message, str) else ""


def _root(error: BaseException) -> str:
    """Return the text of the innermost cause: the SDK's own error only says that the connection failed."""
    text, cause = "", error
    seen: set[int] = set()
    while id(cause) not in seen:
        seen.add(id(cause))
        text = _line(str(cause)) or text
        if cause.__cause__ is None:
            break
        cause = cause.__cause__
    return text


def _complaint(error: BaseException) -> str:
    """Return the first fault that validation, or a tool, found in the last output or call that caused the error."""
    cause = error.__cause__
    for _ in range(4):
        if cause is None:
            return ""
        if isinstance(cause, ValidationError):
            first = cause.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, first["loc"]))
            return f". The last: {_line(f'{place}: ' if place else '')} {_line(first['msg'])}"
        if isinstance(cause, ModelRetry):
            return f". The last: {_line(cause.message)}"
        cause = cause.__cause__ or cause.__context__
    return ""


def _line(text: str) -> str:
    return one_line(_CONTROL.sub(" ", text), _LIMIT)


def _without_keys(text: str, model: object) -> str:
    for key in sorted(keys_of(model), key=len, reverse=True):
        text = text.replace(key, HIDDEN)
    return without_known_keys(text)
