"""What a model writes for a chart, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 - pydantic reads the annotations of methods too
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, field_serializer
from pydantic_core import to_json

from progressnb.errors import InputError
from progressnb.frames import KINDS as PICTURES
from progressnb.frames import can_draw, draw_picture, need_drawing
from progressnb.wire.plain import jsonable

if TYPE_CHECKING:
    import os

__all__ = ["ChartDraft", "ChartPlan", "ChartResult", "check_target"]

SUFFIXES = (*PICTURES, ".json", ".csv", ".sql")
"""What a result can be saved as."""

KEPT = 200
"""Rows that the run's events carry."""


class ChartPlan(BaseModel):
    """What the chart is to show, before it is known how."""

    goal: str = Field(description="What the chart is to show, in one sentence.")
    columns: list[str] = Field(description="The columns that it needs, by their exact names.")
    drawing: str = Field(description="bar, line, point or area, and why, in one sentence.")


class ChartDraft(BaseModel):
    """The query and the drawing."""

    query: str = Field(description="One SELECT for DuckDB on the given tables. Name each result column plainly.")
    spec: dict[str, Any] = Field(
        description="Vega-Lite: title, mark, and encoding with field and type of each channel. "
        "Fields are the query's result columns. No data, no transforms, no expressions."
    )
    explanation: str = Field(description="What the chart shows and how it was computed, in one or two sentences.")


class ChartResult(BaseModel):
    """A chart, the query that it is drawn from, its rows, and what it shows.

    `chart` shows itself in a notebook with no network; `chart.chart` is Altair's. `data` is a DataFrame.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    chart: Any
    query: str
    data: Any
    explanation: str
    model: str | None = None
    note: str | None = None

    def __str__(self) -> str:
        """Say what it shows."""
        return self.explanation

    def __repr__(self) -> str:
        """Say what it shows, and how many rows it is drawn from."""
        return f"<ChartResult: {self.explanation} {len(self.data):,} rows>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        bundle: dict[str, Any] = self.chart._repr_mimebundle_(include, exclude)
        return bundle

    @field_serializer("chart")
    def _plain_chart(self, chart: Any) -> Any:  # noqa: ANN401 - plain JSON data
        return {key: value for key, value in chart.to_dict().items() if key not in ("data", "datasets", "config")}

    @field_serializer("data")
    def _plain_data(self, data: Any) -> Any:  # noqa: ANN401 - plain JSON data
        return jsonable(data.head(KEPT).to_dict(orient="records"))

    def artifacts(self) -> dict[str, bytes | Callable[[], bytes]]:
        """Return files by name: the chart as a picture and as Vega-Lite, its rows, its query."""
        drawn: dict[str, Callable[[], bytes]] = (
            {"chart.svg": lambda: draw_picture(self.chart.to_dict(), "svg")} if can_draw() else {}
        )
        return {
            **drawn,
            "chart.vl.json": lambda: to_json(self.chart.to_dict(), indent=2),
            "data.csv": lambda: self.data.to_csv(index=False).encode(),
            "query.sql": self.query.encode(),
        }

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the chart as `.png`, `.svg`, `.html` or `.json`, its rows as `.csv`, or its query as `.sql`.

        A page needs no network, and the JSON is Vega-Lite with its data inside.
        Raises `InputError` for another kind of file. ::

            result.save("revenue.png")
        """
        target = Path(path)
        check_target(target)
        match target.suffix.lower():
            case ".csv":
                self.data.to_csv(target, index=False)
            case ".sql":
                target.write_text(self.query, encoding="utf-8")
            case _:
                self.chart.save(target)
        return target


def check_target(path: Path) -> None:
    """Refuse a file's name that says no known kind, or one that nothing installed can draw, before any work is done.

    Raises `InputError` and `MissingExtraError`.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"a file that ends in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}", repr(path.name))
    if suffix in PICTURES:
        need_drawing()
