"""Advice for a failed run: the next step, by the kind of error. None of it is certain, so it is short."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from progressnb.folds.state import RunState

__all__ = ["advice_text"]

# Errors whose own message names the remedy.
_WITH_REMEDY = ("InputError", "ModelError", "MissingExtraError", "InvalidProgressError", "UnknownStageError")
_BY_TYPE = {
    "TimeoutError": "Give it more time with timeout=, or see above which stage took it.",
    "ModelRequestTimeout": "The provider was silent. Try again, or give the model a longer timeout.",
    "UnexpectedModelBehavior": "Run the cell again, allow more retries, or take another model.",
    "UsageLimitExceeded": "Raise the usage limits that the agent was given, or ask for less.",
    "RunEndedError": "Await all work that reports before the operation returns.",
    "ConnectionError": "Check the network and the address that is called, then run the cell again.",
    "ModelAPIError": "Check the network and the provider's base URL, then run the cell again.",
    "ModelConnectionError": "Check the network and the provider's base URL, then run the cell again.",
}
_BY_STATUS = {
    401: "Check the provider's key in the environment.",
    403: "Check that the key may use this model.",
    404: "Check the model's name.",
    429: "The provider limits the rate: wait a little, then run the cell again.",
}
_FAULTS_OF_SERVERS = range(500, 600)
_OTHERWISE = "Await the run to see where in the code it was raised."


def advice_text(state: RunState, *, awaited: bool = True) -> str:
    """Return what to do about a run's failure; empty if the error's own message says it, and for a run without one.

    `awaited` is False for a run of this process that nobody awaits: it keeps its traceback to itself.
    """
    if state.status != "failed" or state.error_type in _WITH_REMEDY:
        return ""
    otherwise = "" if awaited else _OTHERWISE
    # The status code of a model's server is a fact of the error's event; the error's text is not searched for one.
    code = state.error_data.get("status_code")
    if isinstance(code, int):
        server = "The provider failed: run the cell again later." if code in _FAULTS_OF_SERVERS else otherwise
        return _BY_STATUS.get(code, server)
    return _BY_TYPE.get(state.error_type or "", otherwise)
