"""The refusal to be pickled, with the remedy: what reports a run lives in its process."""

from __future__ import annotations

__all__ = ["Unpicklable"]


class Unpicklable:
    """A class whose objects can't be sent to another process, nor copied."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> str:
        """Raise `TypeError` with the remedy."""
        message = (
            f"{type(self).__name__} can't be pickled or copied, for it reports from this process. Send plain values to "
            "other processes, and report here as their results arrive: `for result in pnb.track(executor.map(work, "
            "values)):`."
        )
        raise TypeError(message)
