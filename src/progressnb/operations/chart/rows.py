"""The rows of a query: whether a chart can be drawn from them, and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.errors import QueryError

if TYPE_CHECKING:
    import pandas as pd

    from progressnb.operations.chart.schemas import ChartDraft

__all__ = ["check_table", "text_of"]

_TEXT_ROWS = 12


def check_table(table: pd.DataFrame) -> None:
    """Raise `QueryError` for a table without rows, or with a column twice."""
    if len(table) == 0:
        raise QueryError("a query that gives rows", "none")
    if len(set(table.columns)) < len(table.columns):
        raise QueryError("each result column's name once", ", ".join(map(str, table.columns)))


def text_of(draft: ChartDraft, table: pd.DataFrame) -> str:
    """Return an explanation with its first rows, for viewers that can't draw."""
    more = f"\n… {len(table) - _TEXT_ROWS:,} more rows" if len(table) > _TEXT_ROWS else ""
    return f"{draft.explanation}\n{table.head(_TEXT_ROWS).to_string(index=False)}{more}"
