"""Runs kept in memory or in a SQLite file, and asked with pandas."""

from __future__ import annotations

from progressnb.history.history import History, use_history

__all__ = ["History", "use_history"]
