"""The checks of `by_rules`: the function that computes an output without a model, and what it returned."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from progressnb.errors import InputError
from progressnb.tracking import is_async

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["check_rules", "invalid_output", "with_output"]

_EXPECTED = "a function without arguments as by_rules"


def check_rules(by_rules: object) -> None:
    """Raise `InputError` for rules that can't be called in a thread without arguments."""
    if by_rules is None:
        return
    if inspect.iscoroutine(by_rules):
        by_rules.close()  # else Python warns that it was never awaited
        raise InputError(_EXPECTED, "a coroutine", "Pass a plain function, which runs in a thread.")
    if not callable(by_rules):
        raise InputError(_EXPECTED, repr(by_rules), "Pass the function itself, such as by_rules=lambda: rules(prompt).")
    method = getattr(by_rules, "__call__", None)  # noqa: B004 - an object whose call is an async generator
    if is_async(by_rules) or any(map(inspect.isasyncgenfunction, (by_rules, method))):
        got = f"the async function {_name(by_rules)}"
        raise InputError(_EXPECTED, got, "Pass a plain function, which runs in a thread.")
    try:
        signature = inspect.signature(by_rules)
    except (TypeError, ValueError):  # some functions in C have no signature
        return
    try:
        signature.bind()
    except TypeError as error:
        remedy = "Write by_rules=lambda: rules(prompt), or pass functools.partial(rules, prompt)."
        raise InputError(_EXPECTED, f"{_name(by_rules)}{signature}", remedy) from error


def with_output(by_rules: Callable[[], Any]) -> Callable[[], Any]:
    """Return rules that raise `InputError` where these return no output."""

    @functools.wraps(by_rules, updated=())
    def rules() -> object:
        output = by_rules()
        if output is None:
            raise InputError("an output from by_rules", "None", "Return the output from the function.")
        if inspect.iscoroutine(output):
            output.close()  # else Python warns that it was never awaited
            remedy = "Let by_rules call a plain function, which runs in a thread."
            raise InputError("an output from by_rules", "a coroutine", remedy)
        return output

    return rules


def invalid_output(error: BaseException) -> InputError:
    """Make the error for an output of rules that pydantic-ai refused: it names the fields that are wrong."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ValidationError):
        cause = cause.__cause__ or cause.__context__
    if cause is None:
        reason = str(error.__cause__ or error)
    else:
        reason = "; ".join(_problem(each["loc"], each["msg"]) for each in cause.errors(include_url=False))
    expected = "an output of the rules that validates as the output type"
    return InputError(expected, reason, "Correct what by_rules returns.")


def _problem(location: tuple[int | str, ...], message: str) -> str:
    field = ".".join(map(str, location))
    return f"{field}: {message}" if field else message


def _name(function: object) -> str:
    return getattr(function, "__name__", None) or repr(function)
