"""Screens for runs: the notebook's panel, the terminal's bars, plain lines. ipywidgets and rich load at first use."""

from __future__ import annotations

from progressnb.display.screen import choose, load, prepare, present

__all__ = ["choose", "load", "prepare", "present"]
