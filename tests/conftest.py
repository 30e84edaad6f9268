"""What every test shares: one event loop, no deadlines, nothing of the settings of whoever runs it, and two parts.

The integration part starts kernels, processes, servers or terminals: the folders and files of `INTEGRATION`, and
tests that are marked so. All others are the unit part, which starts none.
"""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from progressnb.tracking import session
from progressnb.tracking.earlier import earlier_texts

HERE = Path(__file__).parent
INTEGRATION = {
    "browser",
    "cli",
    "hostile",
    "js",
    "operations",
    "providers",
    "web",
    "test_architecture.py",
    "test_binder.py",
    "test_distributions.py",
    "test_environments.py",
    "test_examples.py",
    "test_packaging.py",
}
# Kernels, wheels and environments that a file makes once: its tests stay on one worker of `make integration`.
TOGETHER = {
    "test_bars_cell.py",
    "test_cell.py",
    "test_cells.py",
    "test_distributions.py",
    "test_fastapi.py",
    "test_installed.py",
    "test_jupyter_console.py",
    "test_same_dom.py",
    "test_sandbox.py",
    "test_stored.py",
    "test_suite.py",
    "test_watch_cell.py",
}

# The default model of the tests is the offline one, and each finds out by itself what can show a panel.
os.environ.pop("PROGRESSNB_MODEL", None)
os.environ.pop("PROGRESSNB_DISPLAY", None)

# Machines are shared: a slow example is no bug. A test that gives a number of examples itself has a reason for it.
settings.register_profile("quick", deadline=None, max_examples=25)
settings.register_profile("thorough", deadline=None, max_examples=300)
settings.register_profile("ci", settings.get_profile("quick"), derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("PROGRESSNB_EXAMPLES") or ("ci" if os.environ.get("CI") else "quick"))

_unit: list[str] = []  # the unit test at work
_started: list[str] = []  # the processes that it started


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    # SDKs ask `platform` once for the processor, which asks `uname`.
    if _unit and event in ("subprocess.Popen", "os.fork", "os.forkpty", "os.system") and arguments[:1] != ("uname",):
        _started.append(f"{event} {str(arguments)[:200]}")


sys.addaudithook(_audit)  # a hook can't be taken away again, so it looks only while a unit test is at work


def pytest_collection() -> None:
    """Collect no garbage while thousands of modules are imported: there is none, and looking for it takes seconds."""
    gc.disable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests of the folders and files that belong to the integration part, and those that stay together."""
    grouped = config.pluginmanager.hasplugin("xdist")
    for item in items:
        if item.path.is_relative_to(HERE) and item.path.relative_to(HERE).parts[0] in INTEGRATION:
            item.add_marker(pytest.mark.integration)
        if grouped and item.path.name in TOGETHER:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def pytest_collection_finish() -> None:
    """Leave what is there before the first test out of `gc.collect()` of tests, half a second each."""
    gc.enable()
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def left_out_of_collections(request: pytest.FixtureRequest) -> None:
    """Leave what earlier files have imported and made out of `gc.collect()` too, where a file calls it."""
    if "gc" in vars(request.module):
        pytest_collection_finish()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Look at what a test of the unit part starts, also in fixtures that it shares with others."""
    _started.clear()
    if item.config.getoption("markexpr") == "not integration":
        _unit.append(item.nodeid)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run async tests on asyncio: notebooks know no other loop."""
    return "asyncio"


@pytest.fixture(autouse=True)
def fresh_session() -> Iterator[None]:
    """Begin each test with what a process begins with, and in no notebook."""
    session._default = session.Session()
    earlier_texts.clear()
    # IPython leaves its name here when a test makes a shell in this process.
    vars(sys.modules["__main__"]).pop("get_ipython", None)
    yield
    session._default = session.Session()
    # And IPython 7 a folder with a package `tests`, in which processes that begin later would look for ours.
    sys.path[:] = [each for each in sys.path if Path(each).parts[-2:] != ("IPython", "extensions")]


@pytest.fixture(autouse=True)
def starts_no_process() -> Iterator[None]:
    """See in `make unit` that no test starts a process: one costs as much as a hundred tests."""
    yield
    _unit.clear()
    assert _started == [], "a test that starts a process needs @pytest.mark.integration"
