"""Questions with right answers by pandas, their tables, and the judgement of an answer."""

from __future__ import annotations

import calendar
import itertools
import math
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).with_name("data")
TIMES = {"weather": ["date"], "cars": ["Year"], "electricity": ["year"], "flights": ["time_hour"], "stocks": ["date"],
         "employment": ["month"]}  # fmt: skip
GERMAN = {"species": "Art", "island": "Insel", "bill_length_mm": "Schnabellänge", "bill_depth_mm": "Schnabeltiefe",
          "flipper_length_mm": "Flossenlänge", "body_mass_g": "Körpermasse", "sex": "Geschlecht",
          "year": "Jahr"}  # fmt: skip
DIGITS = 6
MONTHS = list(calendar.month_name)[1:]


class Question(NamedTuple):
    """A question about a table, and a function of the table that lists all right answers.

    Answers are Series or DataFrames, of which the index has the groups, or single numbers; `histogram:column` stands
    for a histogram. No answers: the question can't be answered, so that every chart would be false.
    """

    table: str
    text: str
    answers: Callable[[pd.DataFrame], list[Any]] | str
    source: str = ""
    """An expression for a table that is none of this folder."""


def none(_: pd.DataFrame) -> list[Any]:
    """List no answers."""
    return []


def best(values: pd.Series[Any], count: int, *, lowest: bool = False) -> list[Any]:
    """List what answers a question for the highest: all groups, which a chart puts in order, or the highest alone."""
    chosen = values.nsmallest(count) if lowest else values.nlargest(count)
    return [chosen, values]


@cache
def table(name: str) -> pd.DataFrame:
    """Return a table by its name."""
    if name == "pinguine":
        return table("penguins").rename(columns=GERMAN)
    if name == "bills":
        tips = table("tips")
        return pd.DataFrame(
            {
                "paid on": pd.date_range("2023-01-02", periods=len(tips)).strftime("%m/%d/%y"),
                "day": tips["day"],
                "smoker": tips["smoker"],
                "amount": tips["total_bill"].map("${:,.2f}".format),
                "tip rate": (tips["tip"] / tips["total_bill"] * 100).map("{:.1f} %".format),
            }
        )
    found = pd.read_csv(DATA / f"{name}.csv", parse_dates=TIMES.get(name, []))
    for label in TIMES.get(name, []):
        found[label] = found[label].dt.tz_localize(None)
    return found


def is_right(got: pd.DataFrame, question: Question) -> bool:
    """Tell whether the rows of a chart are one of the right answers."""
    given = pd.DataFrame() if question.source else table(question.table)
    if isinstance(question.answers, str):
        label = question.answers.partition(":")[2]
        return label in got.columns and int(got.iloc[:, -1].sum()) == int(given[label].notna().sum())
    answers = question.answers(given)
    if question.source:  # of a superlative a chart may show all groups in order
        return any(_told(form, answer) for answer in answers for form in _forms(got) if len(answer) <= len(form))
    return any(_same(got, answer) for answer in answers)


def _forms(got: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the rows of a chart in the forms that an answer may have: with years, months by number, without zeros."""
    got = got[[each for each in got.columns if not str(each).startswith("up to ")]]  # the ends of bins
    forms = [got, _with_years(got)]
    months = [label for label in got.columns if got[label].isin(MONTHS).all()]
    return forms + [got.assign(**{str(each): got[each].map(MONTHS.index) + 1}) for each in months]


def _told(got: pd.DataFrame, answer: pd.DataFrame) -> bool:
    """Tell whether rows are an answer, or begin with one row that is it where a chart shows all groups in order."""
    forms = (got, _with_times(got, lambda times: times.dt.strftime("%Y-%m-%d")),
             _with_times(got, lambda times: times.dt.strftime("%Y-%m")))  # fmt: skip
    return any(
        _equal(form, answer) or (len(answer) == 1 and len(form) > 1 and _equal(form.head(1), answer)) for form in forms
    )


def _same(got: pd.DataFrame, answer: Any) -> bool:
    if not isinstance(answer, pd.Series | pd.DataFrame):
        return got.shape == (1, 1) and _cell(got.iloc[0, 0]) == _cell(answer)
    points = (
        isinstance(answer, pd.DataFrame)
        and isinstance(answer.index, pd.RangeIndex | pd.Index)
        and answer.index.name is None
    )
    wide = answer if points else answer.reset_index() if isinstance(answer, pd.DataFrame) else _flat(answer)
    forms = [wide]
    if isinstance(answer, pd.DataFrame) and not points:
        forms.append(wide.melt(id_vars=wide.columns[0]).drop(columns="variable"))
        got = got.drop(columns="measure") if "measure" in got.columns else got
    return any(_equal(each, form) for each in (got, _with_years(got)) for form in forms)


def _with_years(got: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the first days of years as years, which answers may have as numbers."""
    return _with_times(got, lambda times: times.dt.year)


def _with_times(got: pd.DataFrame, written: Callable[[Any], Any]) -> pd.DataFrame:
    return got.assign(**{str(label): written(got[label]) for label in got.select_dtypes("datetime").columns})


def _flat(answer: pd.Series[Any]) -> pd.DataFrame:
    keys = answer.index.to_frame(index=False)
    keys.columns = pd.Index(range(keys.shape[1]))
    return keys.assign(value=answer.to_numpy())


def _equal(got: pd.DataFrame, wanted: pd.DataFrame) -> bool:
    if got.shape[1] != wanted.shape[1]:
        return False
    wanted = wanted[wanted.iloc[:, :-1].notna().all(axis=1)] if wanted.shape[1] > 1 else wanted
    if len(got) != len(wanted):
        nonzero = wanted[wanted.iloc[:, -1] != 0]  # a chart may leave out groups of none
        if len(got) != len(nonzero):
            return False
        wanted = nonzero
    rows = sorted(_rows(wanted))
    orders = itertools.permutations(range(got.shape[1]))
    return any(_near(sorted(_rows(got.iloc[:, list(order)])), rows) for order in orders)


def _near(got: list[tuple[str, ...]], wanted: list[tuple[str, ...]]) -> bool:
    """Tell whether rows are the same, but for the last digit of numbers."""
    pairs = [
        (one, other) for row, right in zip(got, wanted, strict=True) for one, other in zip(row, right, strict=True)
    ]
    return all(
        one == other or (_is_number(one) and _is_number(other) and math.isclose(float(one), float(other), rel_tol=1e-5))
        for one, other in pairs
    )


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d[\d.e+-]*", text) is not None and "-" not in text[1:].replace("e-", "")


def _rows(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    return [tuple(map(_cell, row)) for row in frame.astype(object).itertuples(index=False, name=None)]


def _cell(value: Any) -> str:
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if hasattr(value, "year") and hasattr(value, "month"):
        return pd.Timestamp(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, bool | str) or value.__class__.__name__ in ("bool_", "bool"):
        return str(value)
    number = float(value)
    return f"{number:.{DIGITS}g}"
