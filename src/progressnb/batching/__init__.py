"""Many runs of one operation as one run: few at a time, within a budget, taken up again after a stop."""

from __future__ import annotations

from progressnb.batching.begin import batch
from progressnb.batching.handle import Batch
from progressnb.batching.items import call_of
from progressnb.batching.state import BatchItem

__all__ = ["Batch", "BatchItem", "batch", "call_of"]
