"""Questions of a second stranger to the rules, of tables that packages ship: see stranger_README.md.

The packages are vega_datasets, plotly, statsmodels and scikit-learn; without them none of these questions is asked.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.questions.sets import Question

NEEDED = ("vega_datasets", "plotly", "statsmodels", "sklearn")
FILE = Path(__file__).with_name("stranger.json")


@cache
def table(source: str) -> pd.DataFrame:
    """Return the table of an expression in our own file."""
    made: pd.DataFrame = eval(source)  # noqa: S307 - our own
    return made


def _answers(entry: dict[str, Any]) -> list[Any]:
    """List what answers a question: its rows, and the same with a share as a percent or a percent as a share."""
    if entry["answer"] == "ambiguous":
        return []
    rows = pd.DataFrame(entry["answer"]["rows"])
    last = rows.columns[-1]
    forms = [rows]
    if pd.api.types.is_float_dtype(rows[last]):
        forms += [rows.assign().assign(x=rows[last] * factor).drop(columns=last) for factor in (100, 0.01)]
    return [each.set_axis([f"c{at}" for at in range(each.shape[1])], axis="columns") for each in forms]


def questions() -> list[Question]:
    """Return the questions, none where a package is missing."""
    if any(find_spec(each) is None for each in NEEDED):
        return []
    entries: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return [_question(entry) for entry in entries]


def _question(entry: dict[str, Any]) -> Question:
    return Question(entry["table"], entry["question"], lambda _: _answers(entry), source=entry["source"])


QUESTIONS = questions()
