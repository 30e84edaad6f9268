"""The names of `pnb.web`: lazy, listed, and with the install line where the extra is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

import progressnb as pnb

WITHOUT_THE_EXTRA = """
import sys
for name in ("fastapi", "httpx", "httpx_sse", "starlette", "uvicorn", "websockets"):
    sys.modules[name] = None
import progressnb as pnb
assert pnb.web.Text("x") == "x"
for name in pnb.web.__all__:
    if name != "Text":
        try:
            value = getattr(pnb.web, name)
            value("http://127.0.0.1/runs/x")
        except pnb.errors.MissingExtraError as error:
            print(name, 'pip install "progressnb[web]"' in str(error))
"""


def test_all_names_are_listed_and_there() -> None:
    """`__all__` and `dir` list the names, and each of them is there."""
    assert {*pnb.web.__all__} <= {*dir(pnb.web)}
    assert all(getattr(pnb.web, name) is not None for name in pnb.web.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = pnb.web.nothing


def test_without_the_extra() -> None:
    """Without the extra each name, or the call of `attach`, raises an error with the install line."""
    done = subprocess.run([sys.executable, "-c", WITHOUT_THE_EXTRA], capture_output=True, text=True, check=True)
    named = {"Limits", "Server", "attach", "create_app", "serve", "sse", "websocket"}
    assert {*done.stdout.splitlines()} == {f"{name} True" for name in named}
