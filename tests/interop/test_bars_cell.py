"""Bars of tqdm and worker processes in a real kernel: one panel a cell, and nothing beside it."""

import pytest

from tests.kernels import outputs_of

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
    "workers": """
with pnb.workers(), ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as executor:
    list(pnb.track(executor.map(work, range(2)), "numbers", total=2))""",
}


@pytest.fixture(scope="module")
def texts() -> dict[str, list[str]]:
    """Run the cells in one kernel and return the texts of each one's outputs."""
    return {
        name: [str(output.get("data", {}).get("text/plain") or output.get("text")) for output in outputs]
        for name, outputs in outputs_of(CELLS).items()
    }


def test_bars(texts: dict[str, list[str]]) -> None:
    """The notebook's own bars are rows of the panel, and no widget of tqdm is shown."""
    (panel,) = texts["bars"]
    assert "✓ rows" in panel
    assert "2/2" in panel
    assert panel.count("✓ cells") == 2


def test_workers(texts: dict[str, list[str]]) -> None:
    """Forked workers of a kernel are rows of the panel, and none of them draws or warns."""
    (panel,) = texts["workers"]
    assert "✓ Numbers" in panel
    assert panel.count("✓ worker 1") == 1
    assert panel.count("✓ Steps") == 2
