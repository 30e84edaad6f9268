"""The stages of a run, found by their paths. In a large run, ended stages of a name are folded into sums."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from progressnb.folds.kinds import FAILED_KEPT, fold_kind, holding
from progressnb.folds.stages import FoldedStages, StageState
from progressnb.folds.survey import Survey
from progressnb.wire.paths import encode_name, name_of, stage_title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.wire.events import StageStatus

__all__ = ["OF_A_KIND", "WHOLE", "StageForest"]

WHOLE = 1_000
"""Stages up to which a run keeps each."""

OF_A_KIND = 20
"""Ended stages of a name that are kept in a larger run, beside failed ones. Twice as many are there before a fold."""

_BELOW_ENDED = 3  # those below a stage that has ended itself


@dataclass(slots=True)
class StageForest:
    """The stages of a run.

    Attributes:
        stages: The stages at the top, each with those below it.
        last_output: The stage that wrote output last, or None. It is never folded.
        thinker: The stage that began to think last, or None.
        folds: Whether ended stages of a name are folded in a run of more than 1,000 stages.
        folded: The ended stages at the top that are not kept one by one, by name.

    """

    stages: list[StageState] = field(default_factory=list[StageState])
    last_output: StageState | None = None
    thinker: StageState | None = field(default=None, repr=False, compare=False)
    folds: bool = field(default=True, repr=False)
    folded: dict[str, FoldedStages] = field(default_factory=dict[str, FoldedStages])
    _ended: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int], repr=False)
    _by_path: dict[str, StageState] = field(default_factory=dict[str, StageState], repr=False)
    _usage: dict[str, float] | None = field(default=None, repr=False, compare=False)  # None after a change
    _survey: Survey | None = field(default=None, repr=False, compare=False)  # from when somebody asks for it

    def walk(self) -> Iterator[tuple[int, StageState]]:
        """Go through all stages, parents first, each with its depth."""
        for stage in self.stages:
            if stage.children:
                yield from stage.walk()
            else:  # nearly always, where there are many
                yield 0, stage

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output of the stage that wrote last, as plain data; None before anything is written."""
        return self.last_output.partial if self.last_output is not None else None

    def read_ahead(self) -> bool:
        """Read a slice of the latest output, where much of it is new; return whether there was one.

        A screen on an event loop calls this before it looks at the state, with a turn of the loop between two slices.
        """
        stage = self.last_output
        return stage is not None and stage.output is not None and stage.output.read_ahead()

    @property
    def current(self) -> StageState | None:
        """The innermost stage that is at work now; of several the one that began last."""
        active = [stage for _, stage in self.walk() if stage.at_work]
        return active[-1] if active else None

    def find(self, path: str) -> StageState | None:
        """Return the stage at a path, or None."""
        return self._by_path.get(path)

    def survey(self, few: int) -> Survey | None:
        """Return counts of the stages, which are kept up to date from now on; None of a run of a few."""
        if len(self._by_path) <= few:
            return None
        if self._survey is None or len(self._survey.numbers) != len(self._by_path):
            self._survey = Survey.of([stage for _, stage in self.walk()])
        return self._survey

    def reduce(self, stages: list[StageState], folded: dict[str, FoldedStages], by_path: dict[str, StageState]) -> None:
        """Have some stages alone; those by path are they and all below them."""
        self.stages, self.folded, self._by_path, self._survey = stages, folded, by_path, None
        if self.last_output is not None:
            self.last_output = by_path.get(self.last_output.path, self.last_output)

    def _declare(self, name: str, title: str, weight: float | None) -> None:
        """Add a stage at the top that was declared and has not begun."""
        path = encode_name(name)
        stage = StageState(name=name, title=title, path=path, weight=weight)
        self.stages.append(stage)
        self._by_path[path] = stage
        if self._survey is not None:
            self._survey.add(stage)

    def _turn(self, stage: StageState, status: StageStatus, elapsed: float) -> None:
        """Let a stage take a status on."""
        before = stage.status
        stage.enter(status, elapsed)
        if self._survey is not None and before != status:
            self._survey.move(stage, before)

    def _clear_stages(self) -> None:
        """Forget all stages that are kept one by one."""
        self.stages, self._by_path, self._survey, self._usage = [], {}, None, None
        self._ended.clear()

    def _count_ended(self) -> None:
        """Count the ended stages of each name, of which too many are folded."""
        for _, stage in self.walk():
            if stage.ended:
                kind = (stage.path.rpartition("/")[0], stage.name)
                self._ended[kind] = self._ended.get(kind, 0) + 1

    def _fold(self, stage: StageState) -> None:
        """Fold the ended stages that are too many of a name, beside a stage that has ended just now and below it."""
        above = self._by_path.get(stage.path.rpartition("/")[0])
        kind = (above.path if above is not None else "", stage.name)
        self._ended[kind] = self._ended.get(kind, 0) + 1
        if self._survey is not None:
            self._survey.end(stage, above)
        siblings, folded = (self.stages, self.folded) if above is None else (above.children, above.folded)
        # Once a name is folded it goes on: else there would be a thousand stages again before the next time.
        if not self.folds or (len(self._by_path) <= WHOLE and stage.name not in folded):
            return
        for name in {child.name for child in stage.children}:
            self._fold_kind(stage.children, stage.folded, (stage.path, name), _BELOW_ENDED)
            del self._ended[stage.path, name]
        if (too_many := self._ended[kind] - 2 * OF_A_KIND) > 0 and too_many > _failed(siblings, stage.name):
            self._fold_kind(siblings, folded, kind, OF_A_KIND, stage)

    def _fold_kind(
        self,
        stages: list[StageState],
        folded: dict[str, FoldedStages],
        kind: tuple[str, str],
        keep: int,
        *at: StageState,
    ) -> None:
        self._usage = None
        spared = [*at, *holding(stages, self.last_output)]
        for gone in fold_kind(stages, folded, kind[1], keep=keep, spared=spared):
            for _, each in gone.walk():
                self._by_path.pop(each.path, None)
                if self._survey is not None:
                    self._survey.drop(each)
                for child in each.children:
                    self._ended.pop((each.path, child.name), None)
        self._ended[kind] = sum(stage.name == kind[1] and stage.ended for stage in stages)

    def _close_stages(self, status: StageStatus, elapsed: float) -> None:
        # A run may end while stages of other tasks or threads are open; nothing more will come of them.
        self._survey = None
        for _, stage in self.walk():
            stage.silence = None
            if stage.at_work:
                stage.enter(status, elapsed)
                stage.duration = elapsed - (stage.started_elapsed or 0.0)

    def _stage(self, path: str) -> StageState:
        stage = self._by_path.get(path)
        return self._add(path) if stage is None else stage

    def _add(self, path: str) -> StageState:
        missing: list[str] = []  # in a loop, for trees of any depth
        while path not in self._by_path:
            missing.append(path)
            path = path.rpartition("/")[0]
            if not path:
                break
        siblings = self._by_path[path].children if path else self.stages
        for each in reversed(missing):
            name = name_of(each)
            stage = StageState(name=name, title=stage_title(name), path=each)
            siblings.append(stage)
            siblings = stage.children
            self._by_path[each] = stage
            if self._survey is not None:
                self._survey.add(stage)
        return self._by_path[missing[0]]


def _failed(stages: list[StageState], name: str) -> int:
    """Return how many failed stages of a name a fold would keep."""
    return min(FAILED_KEPT, sum(stage.name == name and stage.status == "failed" for stage in stages))
