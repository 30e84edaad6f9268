"""Tables as CSV: no cell of text is a formula, and numbers are numbers."""

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from progressnb.cli import generated, outputs
from progressnb.frames import csv_text
from progressnb.frames.columns import Recorded
from progressnb.operations.chart.schemas import ChartResult

TABLE = pd.DataFrame(
    {
        "=cmd": ["=1+1", "@x", None],
        "mixed": ["-1", -1, 2.5],
        "number": [-1, 0, 1],
        "share": [-0.5, np.nan, np.inf],
        "kind": pd.Categorical(["+a", "b", "+a"]),
        "day": pd.to_datetime(pd.Series(["2026-01-01", None, "2026-01-02"])),
        "flag": [True, False, True],
        "text": ["Zürich", "\t=x", "- a point"],
    }
)
ROWS = [
    ["'=cmd", "mixed", "number", "share", "kind", "day", "flag", "text"],
    ["'=1+1", "'-1", "-1", "-0.5", "'+a", "2026-01-01", "True", "Zürich"],
    ["'@x", "-1", "0", "", "b", "", "False", "'\t=x"],
    ["", "2.5", "1", "inf", "'+a", "2026-01-02", "True", "'- a point"],
]


def rows_of(content: bytes) -> list[list[str]]:
    """Read CSV as a spreadsheet does."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_text_is_guarded() -> None:
    """Cells of text and names of columns are guarded, numbers, times and gaps stay; the table itself is not changed."""
    before = TABLE.copy(deep=True)
    assert rows_of(csv_text(TABLE).encode()) == ROWS
    pd.testing.assert_frame_equal(TABLE, before)
    twice = pd.DataFrame([["=a", -1]], columns=["x", "x"])
    assert csv_text(twice) == "x,x\n'=a,-1\n"
    assert csv_text(pd.DataFrame()) == "\n"


@pytest.mark.parametrize("way", ["save", "artifact", "command"])
def test_every_way_to_a_file(way: str, tmp_path: Path) -> None:
    """Saved by a result, downloaded from a page or written by a command: guarded, and with the mark of UTF-8."""
    path = tmp_path / "rows.csv"
    result: Any = ChartResult.model_construct(data=TABLE, chart=None, query="", explanation="", model="", note=None)
    if way == "save":
        result.save(path)
    elif way == "artifact":
        path.write_bytes(result.artifacts()["data.csv"]())
    else:
        generated._write(TABLE, path, outputs.result_text(TABLE))
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert rows_of(path.read_bytes()) == ROWS


def test_what_a_command_prints(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """What goes to stdout is guarded, and has no mark."""
    outputs.print_text(outputs.result_text(TABLE))
    printed = capfdbinary.readouterr().out
    assert not printed.startswith(b"\xef\xbb\xbf")
    assert rows_of(printed) == ROWS


HOSTILE = "=1+1 \x1b]52;c;aGVs\x07 \u202e\x00\x0b end"
INDEXES = {
    "texts": pd.Index([HOSTILE, "b"], name="stage"),
    "levels": pd.MultiIndex.from_tuples([(HOSTILE, 1), ("b", 2)], names=["stage", "n"]),
    "numbers": pd.Index([-1, 2]),
    "kinds": pd.CategoricalIndex([HOSTILE, "b"]),
}


@pytest.mark.parametrize("index", INDEXES)
def test_no_cell_of_excel_is_a_formula(tmp_path: Path, index: str) -> None:
    """What runs are called goes to Excel as text: no formula, and no sign that a file of Excel can't have."""
    openpyxl = pytest.importorskip("openpyxl")
    frame = Recorded({"a": [HOSTILE, "-1"], "n": [-1, 2], "k": pd.Categorical(["+a", "b"])}, index=INDEXES[index])
    frame.to_excel(tmp_path / "runs.xlsx")
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "runs.xlsx").active for cell in row]
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert len([text for text in texts if "end" in text and text.startswith("'=1+1 ␛]52")]) == 2 - (index == "numbers")
    assert {"'-1", "'+a", "b"} <= {*texts}
    assert -1 in [cell.value for cell in cells]
