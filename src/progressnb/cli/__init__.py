"""The command `progressnb`."""

from __future__ import annotations

from progressnb.cli.commands import app, main

__all__ = ["app", "main"]
