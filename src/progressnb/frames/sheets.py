"""Tables for spreadsheets whose text no spreadsheet computes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from progressnb.wire.cells import text_cell

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

__all__ = ["csv_text", "safe_texts"]


def csv_text(table: pd.DataFrame) -> str:
    r"""Return a table as CSV without its index. Numbers and times stay; text that begins like a formula is quoted.

    Args:
        table: The table.

    Returns:
        The text, with its column names in the first line.

    Example:
        ::

            csv_text(pd.DataFrame({"a": ["=1+1", "b"], "n": [-1, 2]}))  # "a,n\n'=1+1,-1\nb,2\n"

    """
    return str(safe_texts(table, text_cell).to_csv(index=False))


def safe_texts(table: pd.DataFrame, made_safe: Callable[[str], object]) -> pd.DataFrame:
    """Return a table with each text in it, in its index and its columns' names made safe; other values stay."""

    def safe_cell(value: object) -> Any:  # noqa: ANN401 - of any column
        if isinstance(value, tuple):  # of an index with several levels
            return tuple(map(safe_cell, cast("tuple[object, ...]", value)))
        return made_safe(value) if isinstance(value, str) else value

    safe = table.copy(deep=False)
    for at, kind in enumerate(table.dtypes):
        if _may_have_text(kind):
            column: Any = table.iloc[:, at].astype(object)
            safe.isetitem(at, column.map(safe_cell, na_action="ignore"))
    if _may_have_text(table.index.dtype):
        safe.index = table.index.map(safe_cell)
    safe.columns = cast("Any", [safe_cell(name) for name in table.columns])
    return safe


def _may_have_text(kind: object) -> bool:
    return getattr(kind, "kind", "O") not in "biufcmM"
