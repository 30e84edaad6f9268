"""Ended stages of one name below one stage: which of them a large run keeps, and the sums of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.folds.shapes import added, is_number
from progressnb.folds.stages import FoldedStages, StageState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["FAILED_KEPT", "SUMMED", "fold_kind", "holding", "usage_of"]

_SUMMED = ("input_tokens", "output_tokens", "cost")
"""Data of stages that add up to the usage of a run."""

SUMMED = frozenset(_SUMMED)

FAILED_KEPT = 30
"""Failed stages of a name that are kept one by one."""


def usage_of(stages: Iterable[StageState], folded: Mapping[str, FoldedStages]) -> dict[str, float]:
    """Return the tokens and the cost of stages, and of those that are folded beside and below them."""
    totals: dict[str, float] = {}
    for sums in folded.values():
        _add_usage(totals, sums.usage)
    for stage in stages:
        _add_usage_of(totals, stage)
    return totals


def _add_usage_of(totals: dict[str, float], stage: StageState) -> None:
    """Add the tokens and the cost of a stage, and those of the stages below it that are folded."""
    if not SUMMED.isdisjoint(stage.data):  # loops have data, and mostly no usage
        _add_usage(totals, stage.data)
    for sums in stage.folded.values():
        _add_usage(totals, sums.usage)


def _add_usage(totals: dict[str, float], source: Mapping[str, object]) -> None:
    for key in _SUMMED:
        if is_number(value := source.get(key)):  # a record of others may hold infinite ones
            totals[key] = added(totals.get(key, 0), value)


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
    gone = {id(stage): stage for stage in ended if id(stage) not in stays}
    if gone:
        sums = folded.setdefault(name, FoldedStages(name, ended[0].title))
        stages[:] = [stage for stage in stages if id(stage) not in gone]
        for stage in gone.values():
            _add(sums, stage)
    return [*gone.values()]


def _add(sums: FoldedStages, stage: StageState) -> None:
    """Add a stage with all below it."""
    sums.counts[stage.status] += 1
    if (item := stage.data.get("item")) is not None and item != sums.item:
        sums.items, sums.item = sums.items + 1, item
    lasted, began = stage.duration or 0.0, stage.started_elapsed
    sums.seconds = added(sums.seconds, lasted)
    sums.shortest = lasted if sums.shortest is None else min(sums.shortest, lasted)
    sums.longest = lasted if sums.longest is None else max(sums.longest, lasted)
    if began is not None:
        if sums.began is None or began < sums.began:
            sums.began, sums.started = began, stage.started
        sums.ended = max(sums.ended or 0.0, began + lasted)
    for _, each in stage.walk():
        _add_usage_of(sums.usage, each)
        sums.characters += sum(map(len, each.outputs.values()))
        sums.characters += sum(folded.characters for folded in each.folded.values())
