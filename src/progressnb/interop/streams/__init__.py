"""The streams of other libraries: the answer of a model while it comes, reported and handed on unchanged."""

from __future__ import annotations

from progressnb.interop.streams.proxy import stream
from progressnb.tracking.session import load_screen

__all__ = ["stream"]

# `pnb.stream` loads this module before a client, in the parentheses behind it, sends the request. Loaded later, the
# screen would keep a server waiting that writes already, and a loop that is left early would have read more.
load_screen()
