"""Tables as CSV whose text no spreadsheet computes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from progressnb.wire.cells import text_cell

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["csv_text"]


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
    safe = table.copy(deep=False)
    for at, kind in enumerate(table.dtypes):
        if getattr(kind, "kind", "O") not in "biufcmM":
            column: Any = table.iloc[:, at].astype(object)
            safe.isetitem(at, column.map(text_cell, na_action="ignore"))
    safe.columns = cast("Any", [text_cell(name) for name in table.columns])
    return str(safe.to_csv(index=False))
