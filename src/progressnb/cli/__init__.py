"""The command `progressnb`: one command for each installed operation, and `serve`."""

from __future__ import annotations

from progressnb.cli.app import app, main

__all__ = ["app", "main"]
