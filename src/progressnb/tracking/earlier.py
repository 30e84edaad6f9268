"""The lengths of the texts that a stage wrote before in this session: the next one is measured by them.

It needs no history. A process that begins knows nothing, and only lengths are kept, no text.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from statistics import median
from typing import TYPE_CHECKING

from progressnb.tracking.expected import Expected, Extent

if TYPE_CHECKING:
    from progressnb.tracking.stage_work import StageWork

__all__ = ["EarlierTexts", "earlier_texts"]

_KEPT = 8  # texts of a stage
_STAGES = 500
_SPREAD = 1.3  # by which a text may be longer than the longest, or shorter than the shortest
_MOST = 2.5  # the same, relative to their median: what is farther away is no rule


class EarlierTexts:
    """The lengths of the latest texts of each kind of stage. Any thread may note one.

    Example:
        ::

            texts = EarlierTexts()
            texts.note(("report", "write"), 1_000)
            texts.extent(("report", "write"))  # Extent(low=769.2, high=1300.0)

    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lengths: OrderedDict[tuple[str, str], deque[int]] = OrderedDict()

    def note(self, kind: tuple[str, str], characters: int) -> None:
        """Take note of a text that is whole; `kind` is that of its stage."""
        with self._lock:
            self._lengths.setdefault(kind, deque(maxlen=_KEPT)).append(max(1, characters))
            self._lengths.move_to_end(kind)
            while len(self._lengths) > _STAGES:
                self._lengths.popitem(last=False)

    def extent(self, kind: tuple[str, str]) -> Extent | None:
        """Return the bounds of the next text, in characters; None where there was none."""
        with self._lock:
            lengths = [*self._lengths.get(kind, ())]
        if not lengths:
            return None
        usual = median(lengths)
        return Extent(
            max(min(lengths) / _SPREAD, usual / _MOST, 1.0), max(2.0, min(max(lengths) * _SPREAD, usual * _MOST))
        )

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._lengths.clear()

    def end(self, stage: StageWork) -> None:
        """Take note of the output of a stage that has written it to its end, where that is text."""
        output = stage.measured("output")
        if output is not None and output.kind == "text" and len(output):
            self.note(stage.kind, len(output))

    def expected(self, stage: StageWork, expected: Expected) -> Expected:
        """Return what is expected of the output of a stage: where earlier texts tell more, by them."""
        if expected.fields or expected.lists or (extent := self.extent(stage.kind)) is None:
            return expected
        return expected._replace(whole=extent.at_most(expected.whole.high))


earlier_texts = EarlierTexts()
"""Those of this process."""
