"""The data of the operation: a model's plan and draft, and the result."""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 - pydantic reads the annotations of methods too
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_serializer
from pydantic_core import to_json

from progressnb.errors import InputError
from progressnb.frames import KINDS as PICTURES
from progressnb.frames import can_draw, csv_text, draw_picture, need_drawing
from progressnb.wire import csv_bytes, jsonable, write_atomically

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    import pandas as pd
    from pydantic_ai.models import Model

    from progressnb.execution import Run

__all__ = ["ChartDraft", "ChartPlan", "ChartResult", "check_target"]

SUFFIXES = (*PICTURES, ".json", ".csv", ".sql")
"""The suffixes of files that a result can be saved as."""

KEPT = 200
"""Rows that the run's events hold."""


SHOWN = 20
"""Rows that the panel shows."""


class ChartPlan(BaseModel):
    """The plan of a chart: what it shows, from which columns, with which mark."""

    goal: str = Field(description="What the chart is to show, in one sentence.")
    columns: list[str] = Field(description="The columns that it needs, by their exact names.")
    drawing: str = Field(description="bar, line, point or area, and why, in one sentence.")


class ChartDraft(BaseModel):
    """The query and the drawing of a chart."""

    query: str = Field(description="One SELECT for DuckDB on the given tables. Name each result column plainly.")
    spec: dict[str, Any] = Field(
        description="A Vega-Lite specification. Fields are the query's result columns, which are its data. "
        "No url, image or input."
    )
    explanation: str = Field(description="What the chart shows and how it was computed, in one or two sentences.")


class ChartResult(BaseModel):
    """A chart with the query and the rows that it is drawn from.

    It displays itself in a notebook, without a network.

    Attributes:
        chart: The chart; `chart.chart` is Altair's own object.
        query: The SQL that gave the rows.
        data: The rows as a DataFrame, at most 5,000.
        explanation: What the chart shows and how it was computed, in one or two sentences.
        model: The name of the model that wrote the query.
        note: A remark on the model, such as that fixed rules did its work; None without one.

    Example:
        ::

            result = await pnb.chart("total sales by region", sales)
            result.data.sort_values("total sales")
            result.save("sales.png")

    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    chart: Any
    query: str
    data: Any
    explanation: str
    model: str | None = None
    note: str | None = None

    _question: str = PrivateAttr(default="")
    _tables: Any = PrivateAttr(default=None)
    _reading: Any = PrivateAttr(default=None)
    _again: Any = PrivateAttr(default=None)

    def __str__(self) -> str:
        """Return the explanation."""
        return self.explanation

    def __repr__(self) -> str:
        """Return the explanation and the number of rows."""
        return f"<ChartResult: {self.explanation} {len(self.data):,} rows>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        bundle: dict[str, Any] = self.chart._repr_mimebundle_(include, exclude)
        return bundle

    def _progressnb_view_(self) -> list[dict[str, Any]]:
        shown = self.data.head(SHOWN)
        rows: list[list[Any]] = jsonable(shown.to_numpy(dtype=object).tolist())
        cells = [[cell if isinstance(cell, str | int | float | None) else str(cell) for cell in row] for row in rows]
        more = f", of which the first {SHOWN}" if len(self.data) > SHOWN else ""
        table = {"type": "table", "columns": [str(name) for name in shown], "rows": cells}
        return [
            {"type": "text", "text": self.explanation},
            {"type": "section", "title": f"Rows: {len(self.data):,}{more}", "blocks": [table]},
            {"type": "section", "title": "Query", "blocks": [{"type": "text", "text": self.query}]},
        ]

    @field_serializer("chart")
    def _plain_chart(self, chart: Any) -> Any:  # noqa: ANN401 - plain JSON data
        return {key: value for key, value in chart.to_dict().items() if key not in ("data", "datasets", "config")}

    @field_serializer("data")
    def _plain_data(self, data: Any) -> Any:  # noqa: ANN401 - plain JSON data
        return jsonable(data.head(KEPT).to_dict(orient="records"))

    def refine(self, change: str, *, model: Model | str | None = None) -> Run[ChartResult]:
        """Change the chart by words, and keep the rest of its question, query and drawing.

        Without a model, rules read conditions ("only 2024", "excluding N"), "as percent", "top 5", another aggregate,
        order or kind of chart, and groups ("coloured by region", "by month instead").

        Args:
            change: What shall be different, in words.
            model: A pydantic-ai model or its name; the default is that of `chart`.

        Returns:
            The run of a new chart; await it. This one stays as it is.

        Raises:
            InputError: The change can't be read, or the chart was not made in this session.

        Example:
            ::

                result = await pnb.chart("total revenue by region", sales)
                shares = await result.refine("as percent, excluding north")

        """
        if self._again is None:
            raise InputError("a chart that was made in this session", "one without its tables", "Ask for it again.")
        run: Run[ChartResult] = self._again(change, of=self, model=model)
        return run

    def remember(
        self,
        question: str,
        tables: Mapping[str, pd.DataFrame],
        reading: object,
        again: Callable[..., Run[ChartResult]],
    ) -> None:
        """Keep what the chart was made from, and by which operation, for `refine`."""
        self._question, self._tables, self._reading, self._again = question, tables, reading, again

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables that the chart was made from. Raises `InputError` for a chart of another session."""
        if self._tables is None:
            raise InputError("a chart that was made in this session", "one without its tables", "Ask for it again.")
        return dict(self._tables)

    def question(self) -> str:
        """Return the question that the chart answers, with its changes."""
        return self._question

    def reading(self) -> Any:  # noqa: ANN401 - the reading of rules, which are above this file
        """Return what rules read in the question; None for the chart of a model."""
        return self._reading

    def artifacts(self) -> dict[str, bytes | Callable[[], bytes]]:
        """Return the files of the chart by name: a picture, Vega-Lite, the rows, the query.

        Returns:
            Each file's bytes, or a function that makes them, which may take a second. The picture is missing where
            nothing is installed that draws.

        Example:
            ::

                Path("data.csv").write_bytes(result.artifacts()["data.csv"]())

        """
        drawn: dict[str, Callable[[], bytes]] = (
            {"chart.svg": lambda: draw_picture(self.chart.to_dict(), "svg")} if can_draw() else {}
        )
        return {
            **drawn,
            "chart.vl.json": lambda: to_json(self.chart.to_dict(), indent=2),
            "data.csv": lambda: csv_bytes(csv_text(self.data)),
            "query.sql": self.query.encode(),
        }

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the chart, its rows or its query to a file; the suffix of the path says which.

        Args:
            path: A path that ends in `.png`, `.svg`, `.html` (a page that needs no network) or `.json` (Vega-Lite
                with its data) for the chart, in `.csv` for its rows, or in `.sql` for its query.

        Returns:
            The path.

        Raises:
            InputError: The path has another suffix.
            MissingExtraError: A picture is asked for, and nothing is installed that draws.

        Example:
            ::

                result.save("revenue.png")

        """
        target = Path(path)
        check_target(target)
        match target.suffix.lower():
            case ".csv":
                write_atomically(target, csv_bytes(csv_text(self.data)))
            case ".sql":
                write_atomically(target, self.query.encode())
            case _:
                self.chart.save(target)
        return target


def check_target(path: Path) -> None:
    """Raise `InputError` for a path of no known kind, and `MissingExtraError` where nothing installed can draw it.

    So a command can refuse a path before any work is done.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"a file that ends in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}", repr(path.name))
    if suffix in PICTURES:
        need_drawing()
