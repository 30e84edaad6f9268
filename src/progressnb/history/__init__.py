"""Runs kept in memory or in a SQLite file, and asked with pandas."""

from __future__ import annotations

from progressnb.history.batches import BatchResults, ItemDone
from progressnb.history.history import History
from progressnb.history.inputs import KeptInput, given_again, keep_inputs
from progressnb.history.results import names_stage
from progressnb.history.session import the_history, use_history

__all__ = [
    "BatchResults",
    "History",
    "ItemDone",
    "KeptInput",
    "given_again",
    "keep_inputs",
    "names_stage",
    "the_history",
    "use_history",
]
