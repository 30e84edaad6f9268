"""The figures of one piece of work: percent points that are done, claimed and expected; `work` makes a tree of them.

A floor that is raised waits until somebody reads or changes the tree: a loop raises one a million times a second, of
which ten are read.
"""

# ruff: noqa: SLF001 - the figures of one tree know each other

from __future__ import annotations

__all__ = ["Figures"]


class Figures:
    """The figures of a piece of work, in percent points of that work. `Work` puts it into a tree and changes them."""

    __slots__ = (
        "_claimed",
        "_expected",
        "_filled",
        "_floor",
        "_gaps",
        "_is_guess",
        "_is_late",
        "_is_open_ended",
        "_known",
        "_late",
        "_output",
        "_reserved",
        "_steps",
        "_value",
        "abandoned",
        "complete",
        "given",
        "is_estimate",
        "round",
    )

    def __init__(self, parent: Figures | None = None) -> None:
        self._late: list[Figures] = parent._late if parent is not None else []  # of the tree: their floors were raised
        self._is_late = False
        self._value = 0.0
        self.complete = False
        self.abandoned = False  # it has ended and was not completed
        self._known = False
        self._floor = 0.0
        self._claimed = 0.0  # percent points that belong to parts or to the floor
        self._gaps: float = 0.0  # claimed percent points that belong to the floor alone
        self._filled = 0.0  # claimed percent points that parts have done
        self._expected = 0
        self._output = 0.0
        self._is_guess = False  # whether the share of the output is an estimate
        self._is_open_ended = False  # whether nobody declared the latest part
        self._reserved = 0.0  # the share of what is left that undeclared parts leave to the output, 0–1
        self._steps = 0  # undeclared parts since then
        self.given = 0.0  # percent points that nobody worked for
        self.is_estimate = False  # whether what is reported is another's estimate, as that of a run below this one
        self.round = 0  # how often it began anew

    @property
    def value(self) -> float:
        """The percent points that are done."""
        if self._late:
            self._catch_up()
        return self._value

    @property
    def percent(self) -> float | None:
        """The percent, or None while nothing is known."""
        if self._late:
            self._catch_up()
        return self._value if self._floor or self._known or self.complete else None

    @property
    def is_late(self) -> bool:
        """Whether a floor of the tree was raised since it was read last, so that reading it changes it."""
        return bool(self._late)

    def raise_floor(self, percent: float) -> None:
        """Raise the least percent that is done; a lower one changes nothing."""
        if percent > self._floor:
            self._floor = percent
            if not self._is_late:
                self._is_late = True
                self._late.append(self)

    def give(self, percent: float) -> None:
        """Raise the least percent that is done by what nobody worked for."""
        self._catch_up()
        self._floor = max(self._floor, percent)
        self._refresh(given=True)

    def _catch_up(self) -> None:
        for figures in self._late:
            figures._is_late = False
            figures._refresh()
        self._late.clear()

    def _refresh(self, *, given: bool = False) -> None:
        """Compute the value, and move the tree by it."""
        raise NotImplementedError

    @property
    def output(self) -> float:
        """The share of the output that is written, 0–1."""
        return self._output

    @property
    def expects_parts(self) -> bool:
        """Whether parts are to come that were declared."""
        return self._expected > 0

    def reserve(self, share: float) -> None:
        """Keep a share of what is left, 0–1, for the output: the k-th undeclared part fills the rest to k/(k + 2)."""
        self._reserved, self._steps = share, 0

    def expect(self, count: int) -> None:
        """Declare how many parts are to come; they share evenly the percent points that are left."""
        self._expected = count

    def _clear(self) -> None:
        """Begin anew with nothing done and nothing claimed."""
        self.round += 1
        self._floor = self._claimed = self._gaps = self._filled = self._output = 0.0
        self._expected = self._steps = 0
        self.complete = self._known = self._is_guess = self._is_open_ended = False
