"""Bars of tqdm and worker processes in a real kernel: one panel a cell, and nothing beside it."""

import pytest

from tests.kernels import outputs_of

pytestmark = pytest.mark.integration

CELLS = {
    "begin": """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
import progressnb as pnb
from tqdm.auto import tqdm
def work(number):
    for _ in pnb.track(range(2), "steps"):
        pass
    return number""",
    "bars": """
with pnb.catch_tqdm():
    for _ in tqdm(range(2), desc="rows"):
        list(tqdm(range(3), desc="cells"))""",
    "error": """
with pnb.catch_tqdm():
    for row in tqdm(range(10), desc="rows"):
        if row == 3:
            raise ValueError("a bad row")""",
    "error of a bar in a bar": """
with pnb.catch_tqdm():
    for row in tqdm(range(3), desc="rows"):
        for cell in tqdm(range(10), desc="cells"):
            if cell == 4:
                raise ValueError("a bad cell")""",
    "error that is caught": """
with pnb.catch_tqdm():
    try:
        for row in tqdm(range(10), desc="rows"):
            if row == 3:
                raise ValueError("a bad row")
    except ValueError:
        pass""",
    "break": """
with pnb.catch_tqdm():
    for row in tqdm(range(100), desc="rows"):
        if row == 9:
            break""",
    "workers": """
with pnb.workers(), ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as executor:
    list(pnb.track(executor.map(work, range(2)), "numbers", total=2))""",
}


@pytest.fixture(scope="module")
def texts() -> dict[str, list[str]]:
    """Run the cells in one kernel and return the texts of each one's outputs."""
    return {
        name: [str(output.get("data", {}).get("text/plain") or output.get("text")) for output in outputs]
        for name, outputs in outputs_of(CELLS, allow_errors=True).items()
    }


def test_bars(texts: dict[str, list[str]]) -> None:
    """The notebook's own bars are rows of the panel, and no widget of tqdm is shown."""
    (panel,) = texts["bars"]
    assert "✓ rows" in panel
    assert "2/2" in panel
    assert panel.count("✓ cells") == 2


@pytest.mark.parametrize(
    ("name", "reason", "rows"), [("error", "a bad row", 1), ("error of a bar in a bar", "a bad cell", 2)]
)
def test_an_error_that_leaves_the_cell(texts: dict[str, list[str]], name: str, reason: str, rows: int) -> None:
    """An error that leaves the cell through the loop of a bar fails it, and says why."""
    panel = texts[name][0]
    assert panel.startswith("✗ rows failed")
    assert reason in panel
    assert panel.count("  ✗ ") == rows
    assert "■" not in panel


def test_what_is_no_failure(texts: dict[str, list[str]]) -> None:
    """A bar whose loop was left by a break, or by an error that the code catches, says where, and is no failure."""
    assert "stopped at 10 of 100" in texts["break"][0]
    assert "✓ rows" in texts["break"][0]
    assert "stopped at 4 of 10" in texts["error that is caught"][0]
    assert "✗" not in texts["error that is caught"][0]


def test_workers(texts: dict[str, list[str]]) -> None:
    """Forked workers of a kernel are rows of the panel, and none of them draws or warns."""
    (panel,) = texts["workers"]
    assert "✓ Numbers" in panel
    assert panel.count("✓ worker 1") == 1
    assert panel.count("✓ Steps") == 2
