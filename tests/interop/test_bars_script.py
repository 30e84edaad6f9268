"""Bars of tqdm in a program of its own, which an error or an interrupt ends."""

from pathlib import Path

import pytest

from tests.tools.loops import run_script

pytestmark = pytest.mark.integration

BEGIN = """
import asyncio, contextlib, sys, threading
from tqdm.auto import tqdm
def check(page):
    if page == 3: raise ValueError("torn page")
"""
FAILED = {
    "a loop": "for page in tqdm(range(10), 'pages'): check(page)",
    "a loop that has a name": "bar = tqdm(range(10), 'pages')\n    for page in bar: check(page)",
    "a loop in a coroutine": """async def read():
        for page in tqdm(range(10), 'pages'):
            await asyncio.sleep(0)
            check(page)
    asyncio.run(read())""",
    "a generator over a loop": """def read():
        for page in tqdm(range(10), 'pages'): yield page
    for page in read(): check(page)""",
    "a list": "[check(page) for page in tqdm(range(10), 'pages')]",
    "a block": """with tqdm(total=10, desc='pages') as bar:
        for page in range(10):
            bar.update()
            check(page)""",
    "a block that is done": """with tqdm(total=4, desc='pages') as bar:
        bar.update(4)
        check(3)""",
    "a bar that is moved by hand": """bar = tqdm(total=10, desc='pages')
    for page in range(10):
        bar.update()
        check(page)""",
    "pandas": """import pandas
    tqdm.pandas(desc='pages')
    pandas.Series(range(10)).progress_apply(check)""",
    "threads": """from tqdm.contrib.concurrent import thread_map
    thread_map(check, range(10), desc='pages')""",
    "a thread": """def read():
        for page in tqdm(range(10), 'pages'): check(page)
    thread = threading.Thread(target=read)
    thread.start()
    thread.join()""",
}
NOT_FAILED = {
    "caught": (
        "with contextlib.suppress(ValueError):\n        for page in tqdm(range(10), 'pages'): check(page)",
        ["cancelled", "stopped at 4 of 10"],
    ),
    "interrupted": (
        "for page in tqdm(range(10), 'pages'):\n        if page == 3: raise KeyboardInterrupt",
        ["cancelled", "stopped at 4 of 10"],
    ),
    "exit": (
        "for page in tqdm(range(10), 'pages'):\n        if page == 3: sys.exit(3)",
        ["cancelled", "stopped at 4 of 10"],
    ),
    "never closed": ("bar = tqdm(total=10, desc='pages')\n    bar.update(4)", ["finished", "stopped at 4 of 10"]),
    "done, and an error after it": (
        "bar = tqdm(total=4, desc='pages')\n    bar.update(4)\n    check(3)",
        ["finished", "4 of 4"],
    ),
}


@pytest.mark.parametrize("where", FAILED)
def test_an_error_that_leaves_the_script(tmp_path: Path, where: str) -> None:
    """An error that ends a script, or a thread, through what moves a bar fails it with its text."""
    (bar,), text = run_script(tmp_path, f"{BEGIN}with pnb.catch_tqdm():\n    {FAILED[where]}\n")
    assert bar == ["pages", "failed", "torn page"]
    assert text.count("ValueError: torn page") == 1  # the error is told by Python alone: nothing is shown here
    assert "could not report" not in text


@pytest.mark.parametrize("how", NOT_FAILED)
def test_what_is_no_failure_of_the_script(tmp_path: Path, how: str) -> None:
    """A caught error, an interrupt and `exit` stop a bar; what was done before an error came is done."""
    code, end = NOT_FAILED[how]
    (bar,), _ = run_script(tmp_path, f"{BEGIN}with pnb.catch_tqdm():\n    {code}\n")
    assert bar == ["pages", *end]
