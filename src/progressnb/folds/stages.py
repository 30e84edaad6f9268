"""The state of one stage, and the sums of ended stages of one name that are not kept one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from progressnb.folds.silences import ENDED, is_at_work
from progressnb.wire.buffer import OutputBuffer
from progressnb.wire.events import TIME_DATA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from progressnb.wire.events import StageStatus

__all__ = ["APART", "GUESSED", "MEANT", "TOKENS", "FoldedStages", "StageState", "Step"]

TOKENS = frozenset({"input_tokens", "output_tokens"})
"""Data that count tokens."""

GUESSED = "guessed"
"""The key of data that says of a percent that it is a guess."""

APART = TIME_DATA | {GUESSED}
"""Data of a stage at work that are not kept with the others."""

MEANT = APART | TOKENS | {"cost", "done", "model"}
"""Data that say more than what they are."""

_OF_A_MODEL = frozenset({"first_token", "model", "input_tokens"})  # a call of a tool has none of them


class Step(NamedTuple):
    """The latest step of a loop: its time, in seconds since the run began, and the loop's rate then, or None."""

    time: float
    rate: float | None


@dataclass(slots=True)
class StageState:
    """The state of one stage.

    Attributes:
        name: The name.
        title: The name as people read it.
        path: The path in the run, such as `evaluation/search#2`.
        weight: The share of its parent, 0–1, or None.
        percent: The percent, 0–100; None when unknown.
        status: Pending, running, retrying, fallback, waiting, finished, failed, skipped or cancelled.
        message: What it said last, or None.
        started: When it began, aware UTC, or None before.
        started_elapsed: The same in seconds since the run began.
        duration: Seconds that it took; None until it ends.
        silence: Seconds for which it has given no sign of life, as its latest event tells; None while it does.
        error: The text of its latest error, or None.
        data: What it reported, by key.
        children: The stages below it.
        outputs: Its outputs by part: `output`, and others such as `thinking`.
        waits: When it waited for somebody, each time as begin and end in seconds since the run began; no end while it
            waits.
        wrote: When its output was written, from the first characters to the latest, in the same seconds; or None.
        step: When the count of a loop grew last, in the same seconds, and its rate then; or None.
        guess: Whether the percent of a stage at work is a guess, and none that was counted or declared.
        uncounted: Characters that a model wrote for which no request has told its tokens yet.
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
    waits: list[tuple[float, float | None]] = field(default_factory=list[tuple[float, float | None]])
    wrote: tuple[float, float] | None = None
    step: Step | None = None
    guess: bool = False
    uncounted: int = 0
    folded: dict[str, FoldedStages] = field(default_factory=dict[str, "FoldedStages"])

    def enter(self, status: StageStatus, elapsed: float) -> None:
        """Take a status on; of the status waiting the begin and the end are kept."""
        if (status == "waiting") != (self.status == "waiting"):
            if status == "waiting":
                self.waits.append((elapsed, None))
            elif self.waits:
                self.waits[-1] = self.waits[-1][0], elapsed
        self.status = status

    @property
    def is_model(self) -> bool:
        """Whether a model answers in the stage."""
        return not _OF_A_MODEL.isdisjoint(self.data)

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
        spans: When they were at work, those that overlap in one, in the same seconds; empty where nobody knows.

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
    spans: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])

    @property
    def count(self) -> int:
        """The number of all of them."""
        return self.counts.total()

    @property
    def extent(self) -> list[tuple[float, float]]:
        """The time from the first begin to the last end, in seconds since the run began; empty if none has begun."""
        return [] if self.began is None or self.ended is None else [(self.began, self.ended)]
