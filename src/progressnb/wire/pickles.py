"""The refusal to be pickled, with the remedy: what reports a run lives in its process."""

from __future__ import annotations

__all__ = ["Unpicklable", "refusal"]


def refusal(reporter: object) -> TypeError:
    """Return the error of an object that can't be sent to another process, nor copied."""
    return TypeError(
        f"{type(reporter).__name__} can't be pickled or copied, for it reports from this process. Send plain values to "
        "other processes, and report here as their results arrive: `for result in pnb.track(executor.map(work, "
        "values)):`."
    )


class Unpicklable:
    """A class whose objects can't be sent to another process, nor copied."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> str:
        """Raise `TypeError` with the remedy."""
        raise refusal(self)
