"""A DataFrame of the items of a batch: one row an item that has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pandas as pd

from progressnb.frames.columns import TIME, typed_frame
from progressnb.wire.codec import open_lines
from progressnb.wire.items import ItemStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["item_events_frame"]

_ITEMS: dict[str, Any] = {
    "index": "int64",
    "status": pd.CategoricalDtype([*get_args(ItemStatus)]),
    "title": "str",
    "attempts": "Int64",
    "began": "float64",
    "duration": "float64",
    "cost": "float64",
    "input_tokens": "Int64",
    "output_tokens": "Int64",
    "reused": "boolean",
    "worker": "Int64",
    "error_type": "str",
    "error": "str",
    "error_stage": "str",
    "status_code": "Int64",
    "item_run_id": "str",
    "key": "str",
    "timestamp": TIME,
}
_ITEM = b'"item"'


def item_events_frame(lines: Iterable[bytes]) -> pd.DataFrame:
    """Return one row an item from the encoded events of a batch's run, in the order of the inputs.

    The index of an item is the index of its row. Items that never began have no row, and a run that is no batch gives
    a frame without rows. Raises `EventFormatError` for a line that is no event.
    """
    events = open_lines([line for line in lines if _ITEM in line])
    items = [event for event in events if event.get("type") == "item"]
    columns = {name: [event.get(name) for event in items] for name in _ITEMS}
    columns["reused"] = [value is True for value in columns["reused"]]
    frame = typed_frame(columns, _ITEMS).set_index("index").sort_index()
    return frame[~frame.index.duplicated()]
