"""One draft of a model: whether it is drawn with all that is in it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.questions.sets import DATA
from progressnb.errors import QueryError
from progressnb.operations.chart.drawing import checked_spec, draw
from progressnb.operations.chart.query.database import Database
from progressnb.operations.chart.query.sql import RefusedQueryError
from progressnb.operations.chart.specs.fitting import fitted
from progressnb.operations.chart.tables import read_tables

HERE = Path(__file__).parent
SETS = {"own": (HERE / "own.jsonl", DATA), "nlv": (HERE / "nlv" / "drafts.jsonl", HERE / "nlv")}
ROWS = 5_000


def drafts(name: str) -> list[dict[str, Any]]:
    """Return the drafts of a set."""
    return [json.loads(line) for line in SETS[name][0].read_text(encoding="utf-8").splitlines()]


@cache
def database(name: str, table: str) -> Database:
    """Return a database with a table of a set, which queries call `data`."""
    (found,) = read_tables(SETS[name][1] / f"{table}.csv").values()
    return Database({"data": found})


def outcome(name: str, draft: dict[str, Any]) -> str:
    """Return why a draft is not kept whole; an empty text if it is."""
    try:
        rows = database(name, draft["table"]).run(draft["query"], ROWS)
        spec, left_out = checked_spec(draft["spec"])
        drawn = draw(fitted(spec, rows), rows, "").to_dict()
    except (QueryError, RefusedQueryError) as error:
        return str(error)
    lost = [each for each in left_out if each != "data"]
    if "layer" in drawn and "layer" not in draft["spec"]:  # labels of bars are a layer beside the drawing itself
        drawn = {
            **drawn,
            **drawn["layer"][0],
            "encoding": drawn.get("encoding", {}) | drawn["layer"][0].get("encoding", {}),
        }
    if gone := lost or missing(draft["spec"], drawn):
        return f"left out: {', '.join(gone)}"
    return ""


def missing(given: Any, drawn: Any, place: str = "") -> list[str]:  # noqa: ANN401 - any JSON
    """Return the places of a draft that its drawing lacks or has otherwise; new names of older forms are its own."""
    if place in ("$schema", "data") or place.endswith((".rangeStep", ".timeUnit")):
        return []
    if isinstance(given, dict):
        mark = {"type": given["mark"]} if isinstance(given.get("mark"), str) else given.get("mark")
        given = {**given, "mark": mark} if mark is not None else given
        parts = given.items()
        if not isinstance(drawn, dict):
            return [place]
        return [each for key, value in parts for each in missing(value, drawn.get(key), f"{place}.{key}".lstrip("."))]
    if isinstance(given, list):
        if not isinstance(drawn, list) or len(given) != len(drawn):
            return [] if given == [] and not drawn else [place]
        pairs = enumerate(zip(given, drawn, strict=True))
        return [each for at, (value, other) in pairs for each in missing(value, other, f"{place}[{at}]")]
    return [] if given == drawn else [place]
