"""Requests of the page: which panel gets them, and those about one run.

A run is stopped, told something, shown as it was, or its data are given.
"""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, TypeAlias

from progressnb.folds.facts import error_text
from progressnb.wire.plain import jsonable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from progressnb.display.entry import Entry
    from progressnb.tracking.protocols import Watchable

__all__ = ["Receive", "act", "act_on_item", "answer_for", "receiver_of", "results_of"]

_logger = logging.getLogger("progressnb")

GONE = "This run is no longer in the kernel's memory."
_ACTS = ("enough", "say", "approve", "deny")

Receive: TypeAlias = "Callable[[dict[str, Any], Callable[[dict[str, Any]], None]], None]"

REMEMBERED = 100
"""Panels that answer when somebody uses the buttons of their static HTML."""

_answering: OrderedDict[str, Receive] = OrderedDict()


def answer_for(key: str, receive: Receive) -> None:
    """Let a panel get what the page asks of its static HTML; `receive` takes a message and a function to answer it."""
    _answering[key] = receive
    while len(_answering) > REMEMBERED:
        _answering.popitem(last=False)


def receiver_of(key: str) -> Receive | None:
    """Return the function that takes the messages for a panel, or None for one of another kernel."""
    return _answering.get(key)


def act(message: dict[str, Any], entry: Entry, answer: Callable[[dict[str, Any]], None]) -> None:
    """Do what a message asks of one run, and answer it or say why not. Called on any thread, without locks."""
    kind, run = message.get("kind"), entry.run
    if run is None:
        answer({"kind": "refused", "run": entry.key, "text": GONE})
    elif kind == "stop":
        run.cancel("the Stop button")
    elif kind in _ACTS:
        _intervene(message, run, entry.key, answer)
    elif kind == "rewind":
        _rewind(message.get("at"), entry, answer)
    elif kind == "data":
        answer({"kind": "data", "run": entry.key, **_data(run)})


def act_on_item(
    message: dict[str, Any], batch: Entry, index: int, answer: Callable[[dict[str, Any]], None]
) -> Watchable | None:
    """Open or close an item of a batch, or do with it what a message asks; return the run of one that was opened."""
    opened: Watchable | None = None
    if message.get("kind") == "close":
        batch.items.close(index)
    elif isinstance(item := batch.items.open(index, batch.run), str):
        answer({"kind": "refused", "run": batch.key, "text": item})
    elif message.get("kind") == "open":
        opened = item.run
    else:
        act(message, item, answer)
    batch.refresh(ended_too=True)
    return opened


def _intervene(message: dict[str, Any], run: Watchable, key: str, answer: Callable[[dict[str, Any]], None]) -> None:
    method = getattr(run, "act", None)
    if method is None:
        text = f"This run can't be told to {message['kind']} from here."
    else:
        try:
            method({name: value for name, value in message.items() if name not in ("run", "panel")}, by="panel")
        except Exception as error:
            _logger.info("refused %s from the panel", message["kind"], exc_info=True)
            text = str(error)
        else:
            return
    answer({"kind": "refused", "run": key, "text": text})


def _rewind(at: object, entry: Entry, answer: Callable[[dict[str, Any]], None]) -> None:
    """Answer with the tree of a moment, or of now where no number is given."""
    is_moment = isinstance(at, int | float) and not isinstance(at, bool) and at >= 0
    seconds = float(at) if is_moment else None  # type: ignore[arg-type] # a number, as the line above says
    tree = entry.tree if seconds is None else entry.at(seconds)
    answer({"kind": "rewind", "run": entry.key, "at": seconds, "tree": tree})


def results_of(entries: Iterable[Entry], key: str) -> dict[str, Any]:
    """Return the answer to who wants the results of all runs of a panel: a list, in the order in which they began.

    Each has its title, its status, and its result or its error. Runs that are no longer in memory have neither.
    """
    rows: list[dict[str, Any]] = []
    name = "results"
    for entry in entries:
        header, run = entry.tree["header"], entry.run
        title = " · ".join(filter(None, [header["title"], header["subject"]]))
        row: dict[str, Any] = {"title": title, "status": entry.tree["status"]}
        if run is not None:
            with run.log.lock:
                state = run.state
                row["status"] = state.status
                row["result"] = state.result if state.status == "finished" else run.partial
                if error := error_text(state):
                    row["error"] = error
            name = run.operation
        rows.append(row)
    text = "\n\n".join(f"{row['title']}\n{_text_of(row)}" for row in rows)
    return {"kind": "data", "run": key, "name": _file_name(name), "json": _json_of(rows), "text": text, "error": ""}


def _text_of(row: Mapping[str, Any]) -> str:
    if "result" not in row:
        return GONE
    parts = [row["result"] if isinstance(row["result"], str) else _json_of(row["result"]), row.get("error", "")]
    return "\n".join(part for part in parts if part and part != "null")


def _json_of(value: object) -> str:
    return json.dumps(jsonable(value), ensure_ascii=False, indent=2)


def _file_name(operation: str) -> str:
    name = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in operation)[:60]
    return f"{name or 'run'}.json"


def _data(run: Watchable) -> dict[str, str]:
    """Return the answer of a run as JSON and as text, with the name of a file for it, and its error."""
    with run.log.lock:
        state = run.state
        value = state.result if state.status == "finished" else run.partial
        error = error_text(state)
    text = _json_of(value)
    return {
        "name": _file_name(run.operation),
        "json": text,
        "text": value if isinstance(value, str) else text,
        "error": error,
    }
