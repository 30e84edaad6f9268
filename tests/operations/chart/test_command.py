"""`progressnb chart`: a chart in a terminal."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from progressnb.cli import app

TABLE = "region,units\nNorth,3\nSouth,4\nNorth,5\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Write a small table."""
    path = tmp_path / "sales.csv"
    path.write_text(TABLE)
    return path


def run(*arguments: object) -> tuple[int, str]:
    """Run the command; return its exit code and what it printed."""
    result = CliRunner().invoke(app, ["chart", *map(str, arguments), "--pace", "0", "--model", "offline"])
    return result.exit_code, result.output


def test_rows_to_stdout(table: Path) -> None:
    """Without a file the rows are printed as CSV."""
    code, output = run("total units by region", table)
    assert code == 0
    assert "region,total units\nNorth,8\nSouth,4" in output


@pytest.mark.parametrize("suffix", [".json", ".csv", ".sql", ".png"])
def test_files(table: Path, tmp_path: Path, suffix: str) -> None:
    """A chart, its rows or its query is written, and said where."""
    out = tmp_path / f"chart{suffix}"
    code, output = run("total units by region", table, "-o", out)
    assert code == 0
    assert "rules" in output
    assert out.stat().st_size > 0


def test_what_cant_be_worked_on(table: Path, tmp_path: Path) -> None:
    """A question that rules can't read, a missing file and an unknown kind of file are one line and exit code 2."""
    for arguments in (("why?", table), ("total units by region", tmp_path / "no.csv")):
        code, output = run(*arguments)
        assert code == 2
        assert "expected" in output
    assert run("total units by region", table, "-o", tmp_path / "chart.exe")[0] == 2
