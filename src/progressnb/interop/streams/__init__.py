"""The streams of other libraries: the answer of a model while it comes, reported and handed on unchanged."""

from __future__ import annotations

from progressnb.interop.streams.proxy import stream

__all__ = ["stream"]
