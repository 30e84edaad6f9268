"""Measure how honest the bar is: mean |percent shown - 100·t/T| over a run.

    python -m benchmarks.estimates.honesty --runs 2000 --workers 2
    python -m benchmarks.estimates.honesty --held-out
    python -m benchmarks.estimates.honesty --history runs.db

Each series is an operation of its own: five past runs teach the estimator (`--past` sets how many), and the next run is
measured. `ours` is the estimator, `formula` the percent without a history (declared weights and counted fields). The
oracle knows the true median of each stage. It has two percents: the share of the medians that has passed (`oracle`; the
target is 1.25 of its error) and t/(t + the medians that are left) (`t/(t+R)`), which is mostly stricter. `ratio` is
ours by the first, `best` by the better of the two. Our percent is the one in the events: it moves with an event and
once a second, never falls and is at most 99.9, while the oracle moves all the time. `80 %` is how often the time left
lay between p10 and p90.

`--writing` measures shapes in which one long text or one long list is nearly all of the output. `best` is there the
error of the best curve over the characters written, computed for these very runs: none that only looks at the length
does better (the target is 1.25 of it in a first run, `--past 0`). `weights` is the percent of the stages that have
ended, `stands` the longest time without a move while text came, in percent of the run, and `jumps` the largest move but
at the end of an output.

`--undeclared` measures stages that nobody declared, beside the curves that could be taken instead.

With `--history` the runs of a recorded history are replayed instead, each after those that ended before it. `ours` is
compared with the percent that was shown then. Their true medians are unknown, so there is no oracle.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import fmean, median, stdev
from typing import TYPE_CHECKING, Any

from benchmarks.estimates.shapes import HELD_OUT, INFORMATIVE, SHAPES, WRITING
from benchmarks.estimates.undeclared import measure as measure_undeclared
from progressnb import History
from progressnb.agents.output import NOT_VALIDATED
from progressnb.folds.course import PastRun
from progressnb.learning import RunEstimator
from progressnb.tracking.expected import Expected
from progressnb.tracking.work import Work
from progressnb.tracking.written import OutputMeasure
from progressnb.wire.buffer import OutputBuffer
from progressnb.wire.events import ContentEvent, DoneEvent, ProgressEvent, StageDeclaration, StartedEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.estimates.shapes import Operation, StageRun
    from progressnb.wire.events import Event

GRID = 100  # times of a run at which bars are compared
TICK = 1.0
CAP = 99.9
ALLOWED = 1.25
MAX_STAND = 5.0  # percent of a run
MAX_JUMP = 10.0  # percent points
COVERAGE = (0.75, 0.85)
BINS = 400  # steps of the best curve
INTERVALS = 10  # times of a run at which the interval is looked at
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Script:
    """One run as its events, with the percents that the package itself would write."""

    def __init__(self, operation: Operation, stages: list[StageRun], *, redacted: bool = False) -> None:
        self.events: list[Event] = []
        self.ends: list[float] = []
        self._redacted = redacted
        self.written: list[tuple[float, int, bool]] = [(0.0, 0, False)]  # time, characters, whether the output ends
        root = Work()
        total = sum(operation.weights.values())
        declared = [StageDeclaration(name=name, title=name, weight=w / total) for name, w in operation.weights.items()]
        works = [root.part(stage.weight) for stage in declared]
        self._overall = 0.0
        self._root = root
        self._now = 0.0
        self._add(StartedEvent, None, stages=declared)
        for stage, work in zip(stages, works, strict=True):
            self._stage(stage, work)
            self.ends.append(self._now)
        self.duration = self._now
        self._add(DoneEvent, None, duration=self._now)

    def _add(self, event_type: Any, stage: str | None, **fields: Any) -> None:  # noqa: ANN401
        if event_type.moves:
            self._overall = max(self._overall, min(CAP, self._root.value))
            fields["overall_progress"] = self._overall
        # Built without validation: only the speed differs.
        self.events.append(
            event_type.model_construct(
                run_id="r",
                seq=len(self.events),
                timestamp=_NOW,
                elapsed=self._now,
                operation="o",
                stage=stage,
                **fields,
            )
        )

    def _stage(self, stage: StageRun, work: Work) -> None:
        if stage.skipped:
            work.finish()
            self._add(ProgressEvent, stage.name, status="skipped", stage_progress=None)
            return
        status = "running"
        for lasts in stage.failed_attempts:
            self._add(ProgressEvent, stage.name, status=status, stage_progress=work.percent)
            self._write(stage, work, until=lasts, reset=status == "retrying")
            self._now += lasts - (self._now - self._began)
            work.restart()
            status = "retrying"
        self._add(ProgressEvent, stage.name, status=status, stage_progress=work.percent)
        self._write(stage, work, until=None, reset=status == "retrying")
        self._now = self._began + stage.duration
        work.finish()
        self._add(ProgressEvent, stage.name, status="finished", stage_progress=100.0, duration=stage.total)

    def _write(self, stage: StageRun, work: Work, *, until: float | None, reset: bool) -> None:
        self._began = began = self._now
        if stage.first is None:
            return
        text, buffer, at = stage.text(), OutputBuffer(stage.kind), 0
        measure = OutputMeasure(Expected.of(stage.schema))
        for write in range(stage.writes + 1):
            share = write / stage.writes
            moment = stage.first + share * (stage.duration - stage.first)
            if until is not None and moment >= until:
                return
            end = max(at + 1, round(len(text) * stage.written(share)))
            delta, at = text[at:end], end
            buffer.append(delta)
            work.write_output(NOT_VALIDATED * measure.share(buffer, work.output / NOT_VALIDATED))
            self._now = began + moment
            self.written.append((self._now, self.written[-1][1] + len(delta), end >= len(text)))
            self._add(
                ContentEvent,
                stage.name,
                kind=stage.kind,
                part="output",
                delta=None if self._redacted else delta,
                reset=reset and not write,
                stage_progress=work.percent,
            )


@dataclass
class Bars:
    """The percent of each bar at the times of the grid, whether intervals held, and each move: time and percent."""

    ours: list[float]
    formula: list[float]
    held: list[bool]
    moves: list[tuple[float, float]]


@dataclass
class Recorded:
    """A run of a history."""

    events: list[Event]
    duration: float


def replay(script: Script | Recorded, past: list[PastRun]) -> Bars:
    """Feed a run to an estimator as the recorder does and read the bars."""
    estimator = RunEstimator(past) if past else None
    duration = script.duration
    grid = [(at + 0.5) / GRID * duration for at in range(GRID)]
    looks = [(at + 0.5) / INTERVALS * duration for at in range(INTERVALS)]
    ours: list[float] = []
    formula: list[float] = []
    held: list[bool] = []
    moves: list[tuple[float, float]] = []
    shown = declared = 0.0
    for moment, event in _moments(script, grid, looks):
        if event == "grid":
            ours.append(shown)
            formula.append(declared)
            continue
        if event == "look":
            interval = estimator.remaining(moment) if estimator is not None else None
            if interval is not None:
                held.append(interval.p10 <= duration - moment <= interval.p90)
            continue
        if event != "tick":
            declared = max(declared, getattr(event, "overall_progress", None) or 0.0)
        if event == "tick" or event.moves:
            percent = estimator.overall(moment) if estimator is not None else None
            shown = max(shown, min(CAP, declared if percent is None else percent))
            moves.append((moment, shown))
        if event != "tick" and estimator is not None:
            estimator.observe(event)
    return Bars(ours, formula, held, moves)


def _moments(script: Script | Recorded, grid: list[float], looks: list[float]) -> Iterator[tuple[float, Any]]:
    ticks = [TICK * at for at in range(1, int(script.duration / TICK) + 1)]
    merged: list[tuple[float, int, int, Any]] = [
        (event.elapsed, 0, at, event) for at, event in enumerate(script.events[:-1])
    ]
    merged += [(moment, 1, at, "tick") for at, moment in enumerate(ticks)]
    merged += [(moment, 2, at, "look") for at, moment in enumerate(looks)]
    merged += [(moment, 3, at, "grid") for at, moment in enumerate(grid)]
    for moment, _, _, event in sorted(merged, key=lambda entry: entry[:3]):
        yield moment, event


def oracles(script: Script, medians: dict[str, float]) -> tuple[list[float], list[float]]:
    """Return the percents of both oracles at the times of the grid."""
    share: list[float] = []
    ahead: list[float] = []
    known = list(medians.values())
    total = sum(known)
    best = 0.0
    for at in range(GRID):
        moment = (at + 0.5) / GRID * script.duration
        current = next(index for index, end in enumerate(script.ends) if moment < end)
        began = script.ends[current - 1] if current else 0.0
        done = sum(known[:current]) + min(moment - began, known[current])
        share.append(min(CAP, 100 * done / total))
        best = max(best, min(CAP, 100 * moment / (moment + total - done)))
        ahead.append(best)
    return share, ahead


def error(shown: list[float]) -> float:
    """Return the mean |percent - 100·t/T|."""
    return fmean(abs(percent - 100 * (at + 0.5) / GRID) for at, percent in enumerate(shown))


@dataclass
class Measured:
    """One measured run."""

    ours: float
    formula: float
    share: float
    ahead: float
    held: list[bool]
    weights: float = 0.0
    stands: float = 0.0
    jumps: float = 0.0
    points: list[tuple[int, float]] = field(default_factory=list)  # characters written and 100·t/T


def series(shape: str, seed: int, past: int, redacted: bool) -> Measured:  # noqa: FBT001 - called with map
    """Simulate past runs of one operation, then measure the next."""
    chance = random.Random(f"{shape} {seed}")  # noqa: S311 - a simulation
    operation = {**SHAPES, **HELD_OUT, **WRITING}[shape](chance)
    runs = [operation.draw(chance, 5 - past + at) for at in range(past)]
    before = [PastRun.of(Script(operation, run, redacted=redacted).events) for run in runs]
    stages = operation.draw(chance, 5)
    script = Script(operation, stages, redacted=redacted)
    bars = replay(script, before)
    if shape in WRITING:
        return Measured(
            error(bars.ours),
            error(bars.formula),
            0.0,
            0.0,
            bars.held,
            weights=error(steps(script, operation)),
            stands=stands(script, bars),
            jumps=jumps(script, bars),
            points=[(characters, 100 * (at + 0.5) / GRID) for at, characters in enumerate(lengths(script))],
        )
    share, ahead = oracles(script, operation.true_medians(5))
    return Measured(error(bars.ours), error(bars.formula), error(share), error(ahead), bars.held)


def steps(script: Script, operation: Operation) -> list[float]:
    """Return the percent of the declared weights of stages that have ended, at the times of the grid."""
    total = sum(operation.weights.values())
    weights = [100 * weight / total for weight in operation.weights.values()]
    times = [(at + 0.5) / GRID * script.duration for at in range(GRID)]
    return [sum(weight for weight, end in zip(weights, script.ends, strict=True) if end <= now) for now in times]


def lengths(script: Script) -> list[int]:
    """Return the characters written at the times of the grid."""
    times = [(at + 0.5) / GRID * script.duration for at in range(GRID)]
    return [max(characters for moment, characters, _ in script.written if moment <= now) for now in times]


def stands(script: Script, bars: Bars) -> float:
    """Return the longest time without a move while text came, in percent of the run."""
    longest, since, before = 0.0, 0.0, -1.0
    writing = {moment for moment, _, _ in script.written[1:]}
    for moment, percent in bars.moves:
        if percent > before or moment not in writing:
            since = moment
        before = max(before, percent)
        longest = max(longest, moment - since)
    return 100 * longest / script.duration


def jumps(script: Script, bars: Bars) -> float:
    """Return the largest move between two looks, but at the end of an output or of a stage."""
    ends = {moment for moment, _, last in script.written if last} | set(script.ends)
    pairs = zip(bars.moves, bars.moves[1:], strict=False)
    return max((now - before for (_, before), (moment, now) in pairs if moment not in ends), default=0.0)


def best_curve(points: list[tuple[int, float]]) -> float:
    """Return the error of the best rising curve over the characters written (isotonic regression by medians)."""
    ordered = sorted(points)
    size = max(1, len(ordered) // BINS)
    blocks: list[list[float]] = []
    for at in range(0, len(ordered), size):
        blocks.append(sorted(truth for _, truth in ordered[at : at + size]))
        while len(blocks) > 1 and median(blocks[-2]) > median(blocks[-1]):
            last = blocks.pop()
            blocks[-1] = sorted(blocks[-1] + last)
    return sum(abs(truth - median(block)) for block in blocks for truth in block) / len(ordered)


def _series(arguments: tuple[str, int, int, bool]) -> Measured:
    return series(*arguments)


def measure_history(path: str, past: int) -> None:
    """Replay the runs of a history, each after those of its operation and model that came before."""
    history = History.from_jsonl(path) if path.endswith(".jsonl") else History(path)
    began: dict[tuple[str, str | None], list[PastRun]] = {}
    found: dict[tuple[str, str | None], list[tuple[float, float, list[bool]]]] = {}
    print(f"{'operation':32}{'runs':>6}{'ours':>7}{'shown':>8}{'80 %':>7}")
    for run_id in history.runs(children=True).query("status == 'finished'")["run_id"]:
        events = history.log(run_id)
        run = PastRun.of(events)
        before = began.setdefault((events[0].operation, run.model), [])
        if before and run.elapsed > 0:
            bars = replay(Recorded(events, run.elapsed), before[-past:])
            measured = error(bars.ours), error(bars.formula), bars.held
            found.setdefault((events[0].operation, run.model), []).append(measured)
        before.append(run)
    for (operation, model), runs in found.items():
        held = [one for _, _, each in runs for one in each]
        ours, shown = fmean(one for one, _, _ in runs), fmean(one for _, one, _ in runs)
        name = f"{operation} {model or ''}"[:31]
        print(f"{name:32}{len(runs):6}{ours:7.2f}{shown:8.2f}{fmean(held) if held else float('nan'):7.1%}")


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=2000, help="measured runs a shape")
    parser.add_argument("--past", type=int, default=5, help="past runs that teach")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--held-out", action="store_true", help="measure the shapes that were kept out")
    parser.add_argument("--writing", action="store_true", help="measure the shapes of one long output")
    parser.add_argument("--undeclared", action="store_true", help="measure stages that nobody declared")
    parser.add_argument("--redacted", action="store_true", help="past runs and the measured one have no contents")
    parser.add_argument("--only", help="shapes whose name has this in it")
    parser.add_argument("--history", help="replay the runs of this file, SQLite or JSON Lines, instead")
    options = parser.parse_args()
    if options.history:
        measure_history(options.history, options.past)
        return 0
    if options.undeclared:
        measure_undeclared(options.runs)
        return 0
    shapes = WRITING if options.writing else HELD_OUT if options.held_out else SHAPES
    shapes = [name for name in shapes if not options.only or options.only in name]
    print(f"{options.runs} runs a shape, {options.past} past runs each; points of 100, the mean of |shown - 100 t/T|\n")
    if options.writing:
        columns = {"weights": 9, "best": 7, "ratio": 7, "stands": 8, "jumps": 7}
    else:
        columns = {"oracle": 8, "t/(t+R)": 9, "ratio": 7, "±": 6, "best": 6}
    columns = {"ours": 7, "formula": 9, **columns, "80 %": 7}
    print(f"{'shape':22}" + "".join(f"{name:>{width}}" for name, width in columns.items()))
    missed: list[str] = []
    began = time.perf_counter()
    with ProcessPoolExecutor(options.workers) as pool:
        for name in shapes:
            jobs = [(name, seed, options.past, options.redacted) for seed in range(options.runs)]
            found = list(pool.map(_series, jobs, chunksize=25))
            missed += _writing_row(name, found) if options.writing else _row(name, found)
    print(f"\n{time.perf_counter() - began:.0f} s; ± is two standard errors of the ratio")
    print("missed: " + "; ".join(missed) if missed else "all targets met")
    return 0


def _row(name: str, found: list[Measured]) -> list[str]:
    ours, formula = fmean(one.ours for one in found), fmean(one.formula for one in found)
    share, ahead = fmean(one.share for one in found), fmean(one.ahead for one in found)
    ratio = ours / share
    doubt = 2 * stdev(one.ours - ratio * one.share for one in found) / len(found) ** 0.5 / share
    held = [fmean(one.held) for one in found if one.held]
    covered = fmean(held) if held else float("nan")
    print(
        f"{name:22}{ours:7.2f}{formula:9.2f}{share:8.2f}{ahead:9.2f}{ratio:7.2f}{doubt:6.2f}"
        f"{ours / min(share, ahead):6.2f}{covered:7.1%}",
        flush=True,
    )
    allowed = 1.0 if name in INFORMATIVE else ALLOWED
    missed = [f"{name}: {ratio:.2f} of the oracle, not {allowed}"] if ratio > allowed and held else []
    if held and not COVERAGE[0] <= covered <= COVERAGE[1]:
        missed.append(f"{name}: {covered:.1%} in the interval")
    if ours > formula + 1e-9:
        missed.append(f"{name}: worse than the formula")
    return missed


def _writing_row(name: str, found: list[Measured]) -> list[str]:
    ours, formula, weights = (fmean(getattr(one, bar) for one in found) for bar in ("ours", "formula", "weights"))
    best = best_curve([point for one in found for point in one.points])
    held = [fmean(one.held) for one in found if one.held]
    stand, jump = max(one.stands for one in found), max(one.jumps for one in found)
    print(
        f"{name:22}{ours:7.2f}{formula:9.2f}{weights:9.2f}{best:7.2f}{ours / best:7.2f}{stand:8.1f}{jump:7.1f}"
        f"{fmean(held) if held else float('nan'):7.1%}",
        flush=True,
    )
    missed: list[str] = []
    if not held and ours > ALLOWED * best:
        missed.append(f"{name}: {ours / best:.2f} of the best curve, not {ALLOWED}")
    if not held and stand > MAX_STAND:
        missed.append(f"{name}: stands for {stand:.1f} % of a run")
    if not held and jump > MAX_JUMP:
        missed.append(f"{name}: jumps by {jump:.1f} points")
    if ours > min(formula, weights) + 1e-9:
        missed.append(f"{name}: worse than what is declared")
    return missed


if __name__ == "__main__":
    sys.exit(main())
