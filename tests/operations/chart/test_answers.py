"""The answers of the query's process: plain data, whatever it writes."""

import io
import json
import os
import pickle
from datetime import date, time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.errors import QueryError
from progressnb.operations.chart.query.answers import plain_table, table_of
from progressnb.operations.chart.query.messages import read_answer, write_answer
from progressnb.operations.chart.query.sandbox import Sandbox

columns = st.one_of(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3).map(lambda each: pd.Series(each, dtype="int64")),
    st.lists(st.none() | st.integers(0, 9), min_size=3, max_size=3).map(lambda each: pd.Series(each, dtype="Int64")),
    st.lists(st.floats(), min_size=3, max_size=3).map(lambda each: pd.Series(each, dtype="float64")),
    st.lists(st.booleans(), min_size=3, max_size=3).map(pd.Series),
    st.lists(st.text().filter(str.isprintable), min_size=3, max_size=3).map(pd.Series),
    st.lists(st.none() | st.datetimes(), min_size=3, max_size=3).map(
        lambda each: pd.Series(each, dtype="datetime64[us]")
    ),
    st.lists(st.dates(), min_size=3, max_size=3).map(lambda each: pd.Series(each, dtype=object)),
    st.lists(st.times(), min_size=3, max_size=3).map(lambda each: pd.Series(each, dtype=object)),
)


@given(st.lists(columns, min_size=1, max_size=4))
def test_a_table_comes_as_it_was(given_columns: "list[pd.Series[Any]]") -> None:
    """Names, types and values of a table survive the way between the processes, the missing ones too."""
    table = pd.concat([column.rename(f"c{at}") for at, column in enumerate(given_columns)], axis="columns")
    pipe = io.BytesIO()
    write_answer(pipe, "done", plain_table(table))
    pipe.seek(0)
    outcome, again = read_answer(pipe)
    assert outcome == "done"
    assert isinstance(again, pd.DataFrame)
    pd.testing.assert_frame_equal(again, table)


def test_values_that_sql_knows() -> None:
    """Zones, durations, bytes, lists and structures come as times, and as what JSON has of them."""
    zoned = pd.Series(pd.to_datetime(pd.Series(["2026-01-01", None]), utc=True)).dt.tz_convert("Europe/Berlin")
    table = pd.DataFrame(
        {
            "zoned": zoned,
            "lasted": pd.to_timedelta([1, None], unit="s"),
            "bytes": [b"a\xff", None],
            "list": [[1, date(2026, 1, 1)], {"a": [time(1)]}],
        }
    )
    again = table_of(json.loads(json.dumps(plain_table(table))))
    pd.testing.assert_series_equal(again["zoned"], table["zoned"])
    pd.testing.assert_series_equal(again["lasted"], table["lasted"])
    assert again["bytes"].tolist()[0] == "61ff"
    assert again["list"].tolist() == [[1, "2026-01-01"], {"a": ["01:00:00"]}]


class _Bomb:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize(
    "body",
    [
        b"\x80\x05N.",
        b"null",
        b"[]",
        b'["done", 5]',
        b'["done", [{"name": "a", "kind": "object", "values": 5}]]',
        b'["done", [{"name": "a", "kind": "datetime64[ns]", "values": ["x"]}]]',
        b'["done", [{"name": "a", "kind": "int8", "values": [1e30]}]]',
        b'["done", [{"name": "a", "kind": "datetime64[us, ../../x]", "values": [1]}]]',
        b'["evil", null]',
        b'["refused", 5]',
        b'["refused", [5]]',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_answer(body: bytes) -> None:
    """Anything but an answer is a `ValueError`, and nothing of it is run."""
    with pytest.raises(ValueError, match=r".*"):
        read_answer(io.BytesIO(len(body).to_bytes(8) + body))


def test_a_pickle_is_not_read(tmp_path: Path) -> None:
    """A pickle in place of an answer runs no code."""
    body = pickle.dumps(("done", _Bomb(tmp_path / "made")), protocol=5)
    with pytest.raises(ValueError, match=r".*"):
        read_answer(io.BytesIO(len(body).to_bytes(8) + body))
    assert not (tmp_path / "made").exists()


def test_no_room_is_made_for_a_length(tmp_path: Path) -> None:
    """The length that an answer claims is bounded, and one that is cut is an end."""
    with pytest.raises(ValueError, match="an answer of"):
        read_answer(io.BytesIO((2**62).to_bytes(8)))
    with pytest.raises(EOFError):
        read_answer(io.BytesIO((5).to_bytes(8) + b"ab"))
    assert not list(tmp_path.iterdir())


@pytest.mark.integration
async def test_a_process_that_writes_something_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A process that was taken over answers with a pickle: it is ended, and the query fails with an error of ours."""
    program = (
        "import sys, os, pickle\n"
        "sys.stdin.buffer.read(8)\n"
        f"class Bomb:\n    def __reduce__(self):\n        return os.mkdir, ({str(tmp_path / 'made')!r},)\n"
        "body = pickle.dumps(('done', Bomb()), protocol=5)\n"
        "sys.stdout.buffer.write(len(body).to_bytes(8) + body)\nsys.stdout.buffer.flush()\nsys.stdin.buffer.read()\n"
    )
    monkeypatch.setattr("progressnb.operations.chart.query.sandbox._PROGRAM", program)
    monkeypatch.setattr("progressnb.operations.chart.query.sandbox._idle", [])
    sandbox = Sandbox()
    try:
        with pytest.raises(QueryError):
            await sandbox.load({"data": pd.DataFrame({"a": [1]})})
    finally:
        sandbox.close()
    assert not (tmp_path / "made").exists()
