"""Files as they come: CSV of any country, JSON, Parquet and workbooks; hostile ones are refused within bounds."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.errors import InputError
from progressnb.operations.chart.query import texts
from progressnb.operations.chart.query.reading import read_file
from progressnb.operations.chart.query.sql import RefusedQueryError
from progressnb.operations.chart.query.texts import regular_text, scanned
from progressnb.operations.chart.tables import read_tables

CSV: dict[str, tuple[bytes, dict[str, list[Any]]]] = {
    "semicolons": ("Ort;Preis\nSüd;1.234,50\nNord;2,00\n".encode(), {"Ort": ["Süd", "Nord"], "Preis": [1234.5, 2]}),
    "cp1252": ("Ort,Preis\nSüd,5 €\nNord,7 €\n".encode("cp1252"), {"Ort": ["Süd", "Nord"], "Preis": [5, 7]}),
    "a mark of bytes": (b"\xef\xbb\xbfa,b\n1,x\n2,y\n", {"a": [1, 2], "b": ["x", "y"]}),
    "UTF-16": ("a,b\n1,ä\n".encode("utf-16"), {"a": [1], "b": ["ä"]}),
    "thousands": (b'a,b\n"1,234",x\n"2,500",y\n', {"a": [1234, 2500], "b": ["x", "y"]}),
    "codes": (b"zip,n\n00501,1\n90210,2\n", {"zip": ["00501", "90210"], "n": [1, 2]}),
    "yes and no": (b"a,b\n1,True\n2,False\n", {"a": [1, 2], "b": [True, False]}),
    "empty headers": (b"a,,b,\n1,2,3,4\n", {"a": [1], "column 2": [2], "b": [3], "column 4": [4]}),
    "headers twice": (b"a,b,a,A\n1,2,3,4\n", {"a": [1], "b": [2], "a 2": [3], "A 3": [4]}),
    "empty lines": (b"a;b\n1;2\n\n4;5\r\n7;8", {"a": [1, 4, 7], "b": [2, 5, 8]}),
    "old ends of lines": (b"a,b\r1,2\r3,4\r", {"a": [1, 3], "b": [2, 4]}),
    "lines in quotes": (b'a,b\r\n"x\r\ny",1\r\n', {"a": ["x\ny"], "b": [1]}),
    "tabs": (b"a\tb\n1\tx,y\n", {"a": [1], "b": ["x,y"]}),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("case", CSV)
def test_csv(case: str, packed: bool, tmp_path: Path) -> None:
    """CSV is read by its own evidence: encoding, delimiter, ends of lines, numbers; also where it is packed."""
    content, wanted = CSV[case]
    path = tmp_path / ("t.csv.gz" if packed else "t.csv")
    path.write_bytes(gzip.compress(content) if packed else content)
    (table,) = read_tables(path).values()
    columns: Any = table.to_dict("list")
    got = {e: [v.replace("\r", "") if isinstance(v, str) else v for v in values] for e, values in columns.items()}
    assert got == wanted


JSON = {
    "records": '[{"a": 1, "b": "01/02/2024"}, {"a": 2.5, "b": null}]',
    "lines": '{"a": 1, "b": "01/02/2024"}\n{"a": 2.5, "b": null}\n',
    "columns": '{"a": [1, 2.5], "b": ["01/02/2024", null]}',
    "columns by rows": '{"a": {"0": 1, "1": 2.5}, "b": {"0": "01/02/2024", "1": null}}',
}


@pytest.mark.parametrize("case", JSON)
def test_json(case: str, tmp_path: Path) -> None:
    """Records, lines of records and columns are read, and a date of unknown order stays text."""
    path = tmp_path / "t.json"
    path.write_text(JSON[case])
    (table,) = read_tables(path).values()
    assert table["a"].tolist() == [1, 2.5]
    assert table["b"].tolist()[0] == "01/02/2024"
    assert table["b"].isna().tolist() == [False, True]


def test_parquet(tmp_path: Path) -> None:
    """Each type of Parquet becomes a number, a time, yes and no, or text."""
    path = tmp_path / "t.parquet"
    relation: Any = duckdb.sql(
        "SELECT 1::DECIMAL(9,2) AS d, DATE '2024-01-01' AS day, [1] AS l, TIMESTAMPTZ '2024-01-01 00:00:00+00' AS z, "
        "CAST(NULL AS INT) AS n, 2::HUGEINT AS h, 'a'::ENUM('a', 'b') AS e, true AS b"
    )
    relation.write_parquet(str(path))
    (table,) = read_tables(path).values()
    kinds = {label: str(kind) for label, kind in table.dtypes.items()}
    assert kinds["d"] == kinds["h"] == "float64"
    assert kinds["day"] == kinds["z"] == "datetime64[us]"
    assert (table["l"][0], table["e"][0], bool(table["b"][0]), table["n"].isna()[0]) == ("[1]", "a", True, True)


def test_workbooks(tmp_path: Path) -> None:
    """One sheet is a table by the file's name, several are tables by their own names, empty ones are left out."""
    table = pd.DataFrame({"region": ["N", "S"], "n": [1, 2], "d": pd.to_datetime(["2024-01-01", "2024-02-01"])})
    table.to_excel(tmp_path / "one.xlsx", index=False)
    with pd.ExcelWriter(tmp_path / "two.xlsx") as book:
        table.to_excel(book, sheet_name="A", index=False)
        table.to_excel(book, sheet_name="B", index=False)
        pd.DataFrame().to_excel(book, sheet_name="C")
    one = read_tables(tmp_path / "one.xlsx")
    assert one["one"].to_dict("list") == table.to_dict("list")
    assert list(read_tables(tmp_path / "two.xlsx")) == ["A", "B"]


WRONG: dict[str, tuple[bytes, str]] = {
    "mixed.csv": ("a,b\n1,ä\n".encode() + "2,ü\n".encode("cp1252"), "two encodings"),
    "mixed2.csv": ("a,b\n1,ä\n".encode("cp1252") + "2,ü\n".encode(), "two encodings"),
    "nul.csv": (b"a,b\n1,\0\n", "a NUL at byte 7"),
    "empty.csv": (b"", "an empty file"),
    "header.csv": (b"a,b\n", "rows and columns"),
    "ragged.csv": (b"a,b\n1,2\n3,4,5\n", "3 values in line 3"),
    "quote.csv": (b'a;b\n1;2\n"4;5\n7;8\n', "a quotation mark that is not closed"),
    "cut.csv.gz": (gzip.compress(b"a,b\n" + b"1,2\n" * 5_000)[:40], "ended before"),
    "not.csv.gz": (b"a,b\n1,2\n", "Not a gzipped file"),
    "bad.json": (b'{"a": [1, 2', "Malformed JSON"),
    "deep.json": (b"[" * 100_000, "Malformed JSON"),
    "bad.parquet": (b"PAR1 and nothing", "No magic bytes"),
    "bad.xlsx": (b"PK\x03\x04 and nothing", "format"),
    "wide.csv": (",".join(f"c{at}" for at in range(1_000_000)).encode() + b"\n", "at most 1,000 columns"),
    "line.csv.gz": (gzip.compress(b"0" * 20_000_000), "a line of more than"),
    "long.csv.gz": (gzip.compress(b"a,b\n1," + b"0" * 30_000_000), "a line of more than"),
    "rows.csv.gz": (gzip.compress(b"a\n" + b"1\n" * 10_500_000, 1), "at most 10,000,000 rows"),
    "unknown.dat": (b"a", "a file of .csv"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_table(name: str, tmp_path: Path) -> None:
    """A file that is broken, hostile or no table is refused with the reason, and nothing of it is guessed."""
    content, words = WRONG[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_tables(tmp_path / name)
    assert words in str(caught.value)


def test_a_file_that_changes(tmp_path: Path) -> None:
    """A file that is not the one that was looked at, or has changed since, is refused."""
    path = tmp_path / "t.csv"
    path.write_text("a\n1\n")
    status = path.stat()
    identity = status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
    assert len(read_file(str(path), ("text", False, None), identity, "t")["t"]) == 1
    path.write_text("a\n1\n2\n")
    with pytest.raises(RefusedQueryError, match="changed while it was read"):
        read_file(str(path), ("text", False, None), identity, "t")
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(RefusedQueryError, match="changed while it was read"):
        read_file(str(path), ("text", False, None), identity, "t")


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n", exclude_categories=["Cc", "Cs"]), max_size=8)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8), st.sampled_from([";", ",", "\t"]), st.booleans())
def test_a_regular_copy_has_the_same_cells(rows: list[tuple[str, str]], delimiter: str, wide: bool) -> None:
    """Whatever its cells are, the regular copy of CSV has them all."""
    import csv
    import io

    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])
    content = text.getvalue().encode("utf-16" if wide else "utf-8")
    copy = io.BytesIO()
    layout = scanned(io.BytesIO(content), is_packed=False, delimiter=delimiter)
    regular_text(io.BytesIO(content), copy, layout, is_packed=False)
    assert layout.header == ["a", "b"]
    assert [tuple(row) for row in csv.reader(io.StringIO(copy.getvalue().decode()))][1:] == rows


def test_lines_across_pieces(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where a file is cut into pieces does not matter."""
    content = 'a,b\r\n"x\r\n€",1\r\n2,3\r\n'.encode("utf-16")
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    found = set()
    for size in (4, 5, 7, 1_000):
        monkeypatch.setattr(texts, "_PIECE", size)
        status = path.stat()
        identity = status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
        found.add(json.dumps(read_file(str(path), ("text", False, None), identity, "t")["t"].to_dict("list")))
    assert len(found) == 1
