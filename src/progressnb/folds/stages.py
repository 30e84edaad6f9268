"""The state of one stage, and the sums of ended stages of one name that are not kept one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from progressnb.folds.shapes import is_number
from progressnb.folds.silences import ENDED, is_at_work
from progressnb.wire.buffer import OutputBuffer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from progressnb.wire.events import StageStatus

__all__ = ["FAILED_KEPT", "FoldedStages", "StageState", "fold_kind", "holding", "usage_of"]

_SUMMED = ("input_tokens", "output_tokens", "cost")
"""Data of stages that add up to the usage of a run."""

FAILED_KEPT = 20
"""Failed stages of a name that are kept one by one."""


@dataclass(slots=True)
class StageState:
    """The state of one stage.

    Attributes:
        name: The name.
        title: The name as people read it.
        path: The path in the run, such as `evaluation/search#2`.
        weight: The share of its parent, 0–1, or None.
        percent: The percent, 0–100; None when unknown.
        status: Pending, running, retrying, fallback, finished, failed, skipped or cancelled.
        message: What it said last, or None.
        started: When it began, aware UTC, or None before.
        started_elapsed: The same in seconds since the run began.
        duration: Seconds that it took; None until it ends.
        silence: Seconds for which it has given no sign of life, as its latest event tells; None while it does.
        error: The text of its latest error, or None.
        data: What it reported, by key.
        children: The stages below it.
        outputs: Its outputs by part: `output`, and others such as `thinking`.
        folded: The ended stages below it that are not kept one by one, by name.

    """

    name: str
    title: str
    path: str
    weight: float | None = None
    percent: float | None = None
    status: StageStatus = "pending"
    message: str | None = None
    started: datetime | None = None
    started_elapsed: float | None = None
    duration: float | None = None
    silence: float | None = None
    error: str | None = None
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    children: list[StageState] = field(default_factory=list["StageState"])
    outputs: dict[str, OutputBuffer] = field(default_factory=dict[str, OutputBuffer])
    folded: dict[str, FoldedStages] = field(default_factory=dict[str, "FoldedStages"])

    @property
    def output(self) -> OutputBuffer | None:
        """The stage's output, apart from its thinking; None before anything is written."""
        return self.outputs.get("output")

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output so far as plain data, or None."""
        return self.output.value if self.output is not None else None

    @property
    def ended(self) -> bool:
        """Whether the stage has ended, well or not."""
        return self.status in ENDED

    @property
    def at_work(self) -> bool:
        """Whether the stage has begun and not ended."""
        return is_at_work(self.status)

    @property
    def is_over(self) -> bool:
        """Whether the stage and all that began below it have ended."""
        return self.ended and all(below.ended or below.status == "pending" for _, below in self.walk())

    def walk(self, depth: int = 0) -> Iterator[tuple[int, StageState]]:
        """Go through this stage and all below it, parents first, each with its depth."""
        waiting = [(depth, self)]
        while waiting:
            depth, stage = waiting.pop()
            yield depth, stage
            if stage.children:
                waiting += [(depth + 1, child) for child in reversed(stage.children)]


@dataclass(slots=True)
class FoldedStages:
    """The sums of ended stages of one name below one stage. Their examples stay stages: the first, the slowest, others.

    Attributes:
        name: The name.
        title: The title of the first.
        counts: How many there are, by status.
        items: How many items of a loop they belong to.
        started: When the first began, aware UTC.
        began: The same in seconds since the run began.
        ended: When the last ended, in seconds since the run began.
        seconds: The sum of their durations.
        shortest: The shortest duration in seconds.
        longest: The longest duration in seconds.
        usage: Tokens and cost of them all, with those of the stages below them.
        characters: Characters of output.
        item: The item of a loop that the last one belongs to, or None.

    """

    name: str
    title: str
    counts: Counter[str] = field(default_factory=Counter[str])
    items: int = 0
    started: datetime | None = None
    began: float | None = None
    ended: float | None = None
    seconds: float = 0.0
    shortest: float | None = None
    longest: float | None = None
    usage: dict[str, float] = field(default_factory=dict[str, float])
    characters: int = 0
    item: Any = None

    @property
    def count(self) -> int:
        """How many there are."""
        return self.counts.total()

    @property
    def extent(self) -> list[tuple[float, float]]:
        """When the first began and the last ended, in seconds since the run began; empty if none has begun."""
        return [] if self.began is None or self.ended is None else [(self.began, self.ended)]

    def add(self, stage: StageState) -> None:
        """Add a stage with all below it."""
        self.counts[stage.status] += 1
        if (item := stage.data.get("item")) is not None and item != self.item:
            self.items, self.item = self.items + 1, item
        lasted, began = stage.duration or 0.0, stage.started_elapsed
        self.seconds += lasted
        self.shortest = lasted if self.shortest is None else min(self.shortest, lasted)
        self.longest = lasted if self.longest is None else max(self.longest, lasted)
        if began is not None:
            if self.began is None or began < self.began:
                self.began, self.started = began, stage.started
            self.ended = max(self.ended or 0.0, began + lasted)
        for _, each in stage.walk():
            _add_usage(self.usage, each)
            self.characters += sum(map(len, each.outputs.values()))
            self.characters += sum(folded.characters for folded in each.folded.values())


def _add_usage(totals: dict[str, float], stage: StageState) -> None:
    """Add the tokens and the cost of a stage, and those of the stages below it that are folded."""
    for source in (stage.data, *(folded.usage for folded in stage.folded.values())):
        for key in _SUMMED if source else ():
            if is_number(value := source.get(key)):  # a record of others may hold infinite ones
                totals[key] = totals.get(key, 0) + value


def usage_of(stages: Iterable[StageState], folded: Mapping[str, FoldedStages]) -> dict[str, float]:
    """Return the tokens and the cost of stages, and of those that are folded beside and below them."""
    totals: dict[str, float] = {}
    for sums in folded.values():
        for key, value in sums.usage.items():
            totals[key] = totals.get(key, 0) + value
    for stage in stages:
        if stage.data or stage.folded:
            _add_usage(totals, stage)
    return totals


def holding(stages: Iterable[StageState], below: StageState | None) -> list[StageState]:
    """Return the stages that are a stage or have it below them."""
    return [] if below is None else [stage for stage in stages if f"{below.path}/".startswith(f"{stage.path}/")]


def fold_kind(
    stages: list[StageState], folded: dict[str, FoldedStages], name: str, *, keep: int, spared: Iterable[StageState]
) -> list[StageState]:
    """Take ended stages of a name out of a list of siblings and add them to the sums; return those that are gone.

    The first stays, the slowest, the latest up to `keep` in all, the first failed ones, and those that are `spared`.
    """
    ended = [stage for stage in stages if stage.name == name and stage.ended and stage.is_over]
    well = [stage for stage in ended if stage.status != "failed"]
    stays = {id(stage) for stage in spared}
    stays |= {id(stage) for stage in [stage for stage in ended if stage.status == "failed"][:FAILED_KEPT]}
    if well:
        slowest = max(well, key=lambda stage: stage.duration or 0.0)
        stays |= {id(stage) for stage in (well[0], slowest, *well[max(0, len(well) - keep + 2) :])}
    gone = [stage for stage in ended if id(stage) not in stays]
    if gone:
        sums = folded.setdefault(name, FoldedStages(name, ended[0].title))
        ids = {id(stage) for stage in gone}
        stages[:] = [stage for stage in stages if id(stage) not in ids]
        for stage in gone:
            sums.add(stage)
    return gone
