"""Several workers of one server: how many there are, and what they need to answer for each other's runs."""

from __future__ import annotations

import multiprocessing
import os
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from progressnb.history.history import History

__all__ = ["REMEDY", "answers_for_all", "number_of_workers"]

REMEDY = (
    'Give create_app a history that all workers share and that keeps contents: history=pnb.History("runs.db", '
    "contents=True). Or serve with one worker."
)
"""The remedy where a run is in another worker."""

_OPTION = re.compile(r"(?:--workers|-w)(?:=|$)(\d*)|-w(\d+)")


def answers_for_all(history: History | None) -> bool:
    """Tell whether a worker with this history answers for the runs of all workers."""
    return history is not None and history.contents and history.elsewhere.is_shared


def number_of_workers(
    arguments: Sequence[str] | None = None, environment: Mapping[str, str] | None = None, process: object = None
) -> int:
    """Return how many processes serve this app, as far as the server that began this one tells: uvicorn or gunicorn."""
    arguments = sys.argv if arguments is None else arguments
    environment = os.environ if environment is None else environment
    # Uvicorn gives each worker its settings; a number that was given in code is told by nothing else.
    options = getattr(multiprocessing.current_process() if process is None else process, "_kwargs", {})
    known = getattr(options.get("config"), "workers", None)
    if isinstance(known, int):
        return max(1, known)
    for at, argument in enumerate(arguments):
        if found := _OPTION.fullmatch(argument):
            number = found[1] or found[2] or (arguments[at + 1] if at + 1 < len(arguments) else "")
            if number.isdecimal():
                return max(1, int(number))
    number = environment.get("WEB_CONCURRENCY", "")
    return max(1, int(number)) if number.isdecimal() else 1
