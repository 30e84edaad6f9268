"""Names that a run does not have: the error says which name stands for them, or is like them."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["missing_attribute"]

_INSTEAD = {
    "percent": "state.overall_progress",
    "progress": "state.overall_progress",
    "percentage": "state.overall_progress",
    "stages": "state.stages",
    "tokens": "state.usage",
    "usage": "state.usage",
    "error": "exception",
    "errors": "failures",
    "value": "result",
    "output": "result",
    "duration": "elapsed",
    "events": "log",
    "title": "state.title",
    "stop": "cancel()",
    "abort": "cancel()",
    "kill": "cancel()",
    "join": "wait()",
    "finish": "enough()",
    "display": "show()",
    "df": "frame()",
    "dataframe": "frame()",
    "to_frame": "frame()",
    "to_pandas": "frame()",
}
"""Names that other libraries have, and ours for the same; of a run that has no `frame`, `timings()` is the frame."""

_FRAME_OF_RUN = "timings()"


@lru_cache(maxsize=256)
def missing_attribute(owner: type, kind: str, name: str) -> str:
    """Return the message of an `AttributeError` for a name that a class of runs, which users know by `kind`, lacks."""
    message = f"{kind!r} object has no attribute {name!r}"
    if name.startswith("_"):
        return message  # tools ask every object for such names
    instead = _INSTEAD.get(name.lower(), "")
    if instead == "frame()" and not hasattr(owner, "frame"):
        instead = _FRAME_OF_RUN
    if instead and (instead.startswith("state.") or hasattr(owner, instead.removesuffix("()"))):
        return f"{message}: it is .{instead}"
    public = [each for each in dir(owner) if not each.startswith("_")]
    from difflib import get_close_matches

    close = get_close_matches(name, public, n=3, cutoff=0.7)
    return f"{message}: did you mean {' or '.join(f'.{each}' for each in close)}?" if close else message
