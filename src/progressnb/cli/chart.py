"""`progressnb chart`: a chart from a question about a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

import progressnb
from progressnb.cli.exits import is_on_screen, run
from progressnb.cli.options import ModelName, Pace, checked_pace, paced
from progressnb.cli.outputs import check_out, print_text, result_text, save, say

if TYPE_CHECKING:
    from progressnb.operations.chart import ChartResult

__all__ = ["chart"]

_Out = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--out", "-o", help="Write it there: .png, .svg, .html, .json, .csv (its rows) or .sql."),
]


def chart(
    question: Annotated[str, typer.Argument(help='What the chart is to show, such as "total revenue by region".')],
    data: Annotated[Path, typer.Argument(help="The table: CSV, JSON, Parquet or Excel.")],
    *,
    out: _Out = None,
    model: ModelName = None,
    pace: Pace = None,
) -> None:
    """Draw a chart from a question. Without --out its rows go to stdout as CSV."""
    checked_pace(pace)
    if out is not None:
        from progressnb.operations.chart import check_target

        check_out(out, data, check=check_target)

    async def work() -> ChartResult:
        return await progressnb.chart(question, data, model=paced(model, pace))

    result = run(work)
    rows = result_text(result.data)
    if out is None:
        print_text(rows)
        return
    save(lambda: result.save(out), out, rows, name="the rows are")
    say(f"{result.explanation} It is in {out}.")
    if result.note and not is_on_screen():
        say(result.note)
