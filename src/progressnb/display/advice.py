"""What to do when a run has failed: the next step, by the kind of error. Nothing here is certain, so it is short."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from progressnb.tracking.protocols import Watchable

__all__ = ["advice_text"]

_STATUS = re.compile(r"\b(?:status(?:_code)?|HTTP|error)\D{0,3}(4\d\d|5\d\d)\b", re.IGNORECASE)

# Errors of our own tree say the remedy themselves.
_SAYS_IT = ("InputError", "ModelError", "MissingExtraError", "InvalidProgressError", "UnknownStageError")
_BY_TYPE = {
    "TimeoutError": "Give it more time with timeout=, or see above which stage took it.",
    "ModelRequestTimeout": "The provider was silent. Try again, or give the model a longer timeout.",
    "UnexpectedModelBehavior": "The model's answer did not fit the output. Try again, or another model.",
    "UsageLimitExceeded": "Raise the usage limits that the agent was given, or ask for less.",
    "RunEndedError": "Await all work that reports before the operation returns.",
    "ConnectionError": "Check the network and the provider's base URL, then run the cell again.",
    "ModelAPIError": "Check the network and the provider's base URL, then run the cell again.",
    "ModelConnectionError": "Check the network and the provider's base URL, then run the cell again.",
}
_BY_STATUS = {
    "401": "Check the provider's key in the environment.",
    "403": "Check that the key may use this model.",
    "404": "Check the model's name.",
    "429": "The provider limits the rate: wait a little, then run the cell again.",
}
_OTHERWISE = "Await the run to see where in the code it was raised."


def advice_text(run: Watchable) -> str:
    """Say what to do about a run's failure; empty where the message says it, or an error that is about to be raised."""
    state = run.state
    # Only a run of this process that nobody awaits keeps its traceback to itself.
    otherwise = _OTHERWISE if getattr(run, "awaited", True) is False else ""
    if state.error_type in _SAYS_IT:
        return ""
    status = _STATUS.search(state.error or "")
    if status is not None:
        code = status[1]
        return _BY_STATUS.get(code, "The provider failed: run the cell again later." if code >= "500" else otherwise)
    return _BY_TYPE.get(state.error_type or "", otherwise)
