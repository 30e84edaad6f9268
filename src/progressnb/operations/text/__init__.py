"""`generate`: text or structured data from a prompt."""

from __future__ import annotations

from progressnb.operations.text.operation import generate

__all__ = ["generate"]
