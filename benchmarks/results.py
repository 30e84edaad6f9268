"""Results of earlier runs of the benchmarks: a JSON file with one result a line, for the trend."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.measures import Measure, Row

RESULTS = Path(__file__).with_name("results.json")
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- begin: python -m benchmarks --docs -->", "<!-- end -->"


def machine() -> str:
    """Name this machine: its processor, the number of its CPUs, and Python."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [text.partition(":")[2].strip() for text in lines if text.startswith("model name")]
    return f"{models[0] if models else platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}"


def commit() -> str:
    """Return the short name of the commit that is checked out, with a "+" if files were changed since."""
    command = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, check=True, text=True, cwd=RESULTS.parent)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def load(path: Path = RESULTS) -> list[dict[str, Any]]:
    """Return what was kept, the oldest first."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def before(results: list[dict[str, Any]], here: str) -> dict[str, float]:
    """Return the last ratio of each row on a machine."""
    ratios: dict[str, float] = {}
    for result in results:
        if result["machine"] == here:
            ratios |= {name: row["ratio"] for name, row in result["rows"].items()}
    return ratios


def keep(measured: dict[Row, Measure], path: Path = RESULTS, now: datetime | None = None) -> None:
    """Add what was measured to the file."""
    result = {
        "date": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": machine(),
        "rows": {row.name: _figures(row, each) for row, each in measured.items()},
    }
    lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in [*load(path), result])
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def put_into(page: Path, table: str, now: datetime | None = None) -> None:
    """Replace the table that a page has between its marks, and say when and where it was measured."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"expected the marks {BEGIN} and {END} in {page.name}, got a page without them")
    date, load = (now or datetime.now(UTC)).date(), os.getloadavg()[0]
    said = f"Measured on {date} at {commit()}: {machine()}, at a load of {load:.0f} at the end."
    page.write_text(f"{before}{BEGIN}\n\n{said}\n\n{table}\n\n{END}{after}", encoding="utf-8")


def _figures(row: Row, measured: Measure) -> dict[str, float | str | None]:
    figures: dict[str, float | str | None] = {
        name: _short(value) for name, value in measured._asdict().items() if value is not None
    }
    return figures | {"unit": row.unit, "ratio": _short(row.ratio(measured)), "target": row.target}


def _short(value: float) -> float:
    return float(f"{value:.4g}")
