"""The page on scripts, terminals and CI: its examples are run as written, one after the other."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.loops import WAIT

pytestmark = pytest.mark.integration

PAGE = Path(__file__).parents[2] / "docs" / "scripts.md"
CALL = """
if __name__ == "__main__":
    print("TOTAL", main())
"""


def test_the_examples_of_scripts(tmp_path: Path) -> None:
    """The examples of docs/scripts.md run in one program, and what they show is what the page says."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 6
    path = tmp_path / "program.py"
    path.write_text("\n".join(blocks) + CALL, encoding="utf-8")
    command = [sys.executable, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=2 * WAIT, check=True, cwd=tmp_path)
    assert "TOTAL 500500" in done.stdout
    assert "a.txt" in done.stdout
    for line in ("stopped at 10 of 100", "reading 100 %", "working 100 %", "counting 100 %"):
        assert line in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
