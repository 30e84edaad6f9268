"""The choice of a screen, and what it costs to import the package of screens."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import progressnb as pnb
from progressnb.display import choose

if TYPE_CHECKING:
    import pytest


def test_importing_screens_loads_no_library_of_theirs() -> None:
    """`import progressnb.display` loads neither ipywidgets nor rich: a run without a screen needs neither."""
    script = "import sys, progressnb.display; print({'ipywidgets', 'IPython', 'rich', 'pandas'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_setting_comes_before_the_environment(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The session chooses, then the variable; a variable that names no screen costs one warning and is ignored."""
    assert choose() == "text"
    monkeypatch.setenv("PROGRESSNB_DISPLAY", "html")
    assert choose() == "html"
    with pnb.configure(display="none"):
        assert choose() == "none"
    monkeypatch.setenv("PROGRESSNB_DISPLAY", "hologram")
    with caplog.at_level(logging.WARNING, "progressnb"):
        assert [choose(), choose()] == ["text", "text"]
    (message,) = caplog.messages
    assert "hologram" in message
